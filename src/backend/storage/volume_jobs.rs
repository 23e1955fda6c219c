//! Long jobs with volumes that libvirt itself carries out.

use std::sync::Arc;

use super::jobs::Job;
use super::request::{SecretWish, VolumeJob};
use super::{copying, in_use, transfer, watch};
use crate::backend::host::Host;
use crate::backend::libvirt::{Connect, secrets, volumes};
use crate::backend::opener;
use crate::model::storage::{
    Encryption, PoolKey, SecretRef, StoragePhase, StorageReply, VolumeDefinition, VolumeFormat,
    VolumeKey,
};
use crate::model::{Failure, FailureKind, HostId, JobResult, Reply};

/// Does one.
pub(super) fn run(job: &Job, wish: VolumeJob) -> JobResult {
    job.go_on()?;
    match wish {
        VolumeJob::Create { pool, definition, secret } => create(job, pool, definition, secret),
        VolumeJob::Delete { volumes, hosts } => delete(job, &volumes, &hosts),
        VolumeJob::Resize { volume, capacity, allocate, shrink, hosts } => {
            may_resize(job, &volume, shrink, &hosts)?;
            job.phase(StoragePhase::Resizing);
            on_volume(job, &volume, |connect| {
                volumes::resize(connect, &volume, capacity, allocate, shrink)
            })
        }
        VolumeJob::Clone { volume, pool, definition, unless_written } => {
            let still = || in_use::refuse_written(job, &volume, unless_written.as_deref());
            clone(job, &volume, pool, &definition, &still)
        }
        VolumeJob::Copy { volume, pool, name, and_delete, secret, unless_written } => {
            let still = || in_use::refuse_written(job, &volume, unless_written.as_deref());
            let and_delete = and_delete.as_deref();
            let mut done = copying::copy(job, &volume, pool, &name, and_delete, &still)?;
            // Only now: where the copy is, there was no other volume that had one.
            if let Some((secret, hosts)) = &secret {
                done.secret_left = set_secrets(job, secret, hosts).err();
            }
            Ok(Reply::Storage(StorageReply::Transferred(done)))
        }
        VolumeJob::Download { volume, file, unless_written } => {
            let still = || in_use::refuse_written(job, &volume, unless_written.as_deref());
            copying::download(job, &volume, &file, &still)
        }
        VolumeJob::Upload { file, pool, definition } => {
            copying::upload(job, &file, pool, &definition)
        }
        VolumeJob::Wipe { volume, algorithm, hosts } => {
            job.phase(StoragePhase::Checking);
            in_use::refuse(job, std::slice::from_ref(&volume), &hosts)?;
            job.phase(StoragePhase::Wiping);
            on_volume(job, &volume, |connect| volumes::wipe(connect, &volume, algorithm))
        }
    }
}

/// A host with a connection for this job alone.
pub(super) fn open(job: &Job, host: HostId) -> Result<(Arc<Host>, Connect), Failure> {
    let host = job.shared.host(host)?;
    let connect = opener::long_connection(&host)?;
    Ok((host, connect))
}

/// A pool has other volumes now, or less room.
pub(super) fn changed(host: &Arc<Host>, pool: PoolKey) {
    // Its figures are read again, and its volumes with them.
    watch::pool_changed(host, pool.uuid);
    watch::volumes_changed(host, pool);
}

fn on_volume(
    job: &Job,
    volume: &VolumeKey,
    work: impl FnOnce(&Connect) -> Result<(), Failure>,
) -> JobResult {
    let (host, connect) = open(job, volume.pool.host)?;
    job.go_on()?;
    let done = work(&connect);
    changed(&host, volume.pool);
    done.map(|()| Reply::Done)
}

fn create(
    job: &Job,
    key: PoolKey,
    mut definition: VolumeDefinition,
    secret: Option<(SecretWish, Vec<HostId>)>,
) -> JobResult {
    let (host, connect) = open(job, key.host)?;
    let pool = transfer::active_pool(&connect, key)?;
    let mut secrets_set = Vec::new();
    if let Some((secret, hosts)) = &secret {
        let own = VolumeKey { pool: key, name: definition.name.clone() };
        if volumes::find(&connect, &own).is_ok() {
            // Its passphrase would be lost for a volume that is not made in the end.
            let message = format!("storage volume '{}' exists already", own.name);
            return Err(Failure::own(FailureKind::Exists, message));
        }
        let usage = secret.definition.usage.name().to_owned();
        definition.encryption = Some(Encryption { secret: SecretRef::Usage(usage) });
        secrets_set = set_secrets(job, secret, hosts)?;
    }
    job.phase(StoragePhase::Creating);
    let made = job.go_on().and_then(|()| volumes::create(&connect, &pool, &definition));
    let made = made.and_then(|(name, path)| match job.go_on() {
        Ok(()) => Ok((name, path)),
        Err(cancelled) => {
            job.phase(StoragePhase::Undoing);
            volumes::delete(&connect, &VolumeKey { pool: key, name })?;
            Err(cancelled)
        }
    });
    if let (Err(_), Some((secret, _))) = (&made, &secret) {
        for connect in &secrets_set {
            // What is left is a secret that nobody names; the failure that matters is the other.
            let _ = secrets::remove(connect, &secret.definition.usage);
        }
    }
    changed(&host, key);
    made.map(|(name, path)| Reply::Storage(StorageReply::VolumeCreated { name, path }))
}

/// Sets a secret on all hosts or on none; where it is new.
fn set_secrets(job: &Job, secret: &SecretWish, hosts: &[HostId]) -> Result<Vec<Connect>, Failure> {
    job.phase(StoragePhase::Checking);
    let mut new = Vec::new();
    for &id in hosts {
        let set = open(job, id).and_then(|(_, connect)| {
            let set = secrets::set(&connect, &secret.definition, &secret.value)?;
            Ok((set, connect))
        });
        match set {
            Ok((set, connect)) if set.new => new.push(connect),
            Ok(_) => {}
            Err(failure) => {
                for connect in &new {
                    let _ = secrets::remove(connect, &secret.definition.usage);
                }
                return Err(failure);
            }
        }
    }
    Ok(new)
}

fn delete(job: &Job, keys: &[VolumeKey], hosts: &[HostId]) -> JobResult {
    let Some(first) = keys.first() else { return Ok(Reply::Done) };
    job.phase(StoragePhase::Checking);
    in_use::refuse(job, keys, hosts)?;
    let (host, connect) = open(job, first.pool.host)?;
    let mut outcome = Ok(Reply::Done);
    job.phase(StoragePhase::Deleting);
    for key in keys {
        let deleted = job.go_on().and_then(|()| volumes::delete(&connect, key));
        if let Err(failure) = deleted {
            let message = format!("{}: {}", key.name, failure.message);
            outcome = Err(Failure { message, ..failure });
            break;
        }
    }
    let mut pools: Vec<PoolKey> = keys.iter().map(|key| key.pool).collect();
    pools.dedup();
    for pool in pools {
        changed(&host, pool);
    }
    outcome
}

/// Looks whether a guest would lose by another size.
fn may_resize(job: &Job, key: &VolumeKey, shrink: bool, hosts: &[HostId]) -> Result<(), Failure> {
    job.phase(StoragePhase::Checking);
    if shrink {
        // What is behind the new end would be lost to the guest that uses it.
        return in_use::refuse(job, std::slice::from_ref(key), hosts);
    }
    let (_, connect) = open(job, key.pool.host)?;
    let (_, volume) = volumes::find(&connect, key)?;
    let format = volume.details.and_then(|details| details.format);
    // An image has tables, which two must not write at the same time.
    let plain = format.is_none_or(|format| format == VolumeFormat::Raw);
    if plain { Ok(()) } else { in_use::refuse_written(job, key, Some(hosts)) }
}

fn clone(
    job: &Job,
    original: &VolumeKey,
    key: PoolKey,
    definition: &VolumeDefinition,
    still: &dyn Fn() -> Result<(), Failure>,
) -> JobResult {
    job.phase(StoragePhase::Checking);
    let (host, connect) = open(job, key.host)?;
    let pool = transfer::active_pool(&connect, key)?;
    stays_encrypted(&connect, original, definition)?;
    still()?;
    job.go_on()?;
    job.phase(StoragePhase::Cloning);
    let copied = volumes::clone(&connect, original, &pool, definition);
    let copied = copied.and_then(|(name, path)| match job.go_on().and_then(|()| still()) {
        Ok(()) => Ok((name, path)),
        Err(failure) => {
            job.phase(StoragePhase::Undoing);
            volumes::delete(&connect, &VolumeKey { pool: key, name })?;
            Err(failure)
        }
    });
    changed(&host, key);
    copied.map(|(name, path)| Reply::Storage(StorageReply::VolumeCreated { name, path }))
}

/// libvirt reads an encrypted volume with its secret, and would write a copy that anybody can read.
fn stays_encrypted(
    connect: &Connect,
    original: &VolumeKey,
    definition: &VolumeDefinition,
) -> Result<(), Failure> {
    let (_, volume) = volumes::find(connect, original)?;
    let encrypted = volume.details.is_some_and(|details| details.encryption.is_some());
    if encrypted && definition.encryption.is_none() {
        let message = "the volume is encrypted, and its copy would not be";
        return Err(Failure::own(FailureKind::Unsupported, message));
    }
    Ok(())
}
