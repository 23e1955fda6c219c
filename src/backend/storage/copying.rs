//! Copies of volumes byte by byte through this computer: between pools and hosts, from and to
//! files. Each is read again where it arrived and compared before it is called done; one that
//! fails leaves nothing behind.

use std::path::Path;
use std::time::Duration;

use super::in_use;
use super::jobs::Job;
use super::landing::Landing;
use super::transfer::{self, LocalFile, Nowhere, Pipe, Sent};
use super::volume_jobs::{changed, open};
use crate::backend::libvirt::{Connect, volumes};
use crate::model::storage::{
    Pool, PoolKey, StoragePhase, StorageReply, Transferred, VolumeDefinition, VolumeFormat,
    VolumeKey,
};
use crate::model::{Bytes, Failure, FailureKind, HostId, JobResult, Reply};
use crate::storage::abilities;

/// How long after each failure of the link it is tried again to delete what is not finished.
const AGAIN: [Duration; 5] = [
    Duration::ZERO,
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
];

/// Copies a volume to a pool of any host. `still` says whether it still may be read.
pub(super) fn copy(
    job: &Job,
    volume: &VolumeKey,
    to: PoolKey,
    name: &str,
    and_delete: Option<&[HostId]>,
    still: &dyn Fn() -> Result<(), Failure>,
) -> Result<Transferred, Failure> {
    job.phase(StoragePhase::Checking);
    let (source_host, source) = open(job, volume.pool.host)?;
    let (target_host, target) = open(job, to.host)?;
    if let Some(hosts) = and_delete {
        in_use::refuse(job, std::slice::from_ref(volume), hosts)?;
    } else {
        still()?;
    }
    let origin = Origin::of(&source, volume)?;
    let place = transfer::room(&target, to, origin.data)?;
    origin.fits(&place)?;
    let mut from = volumes::download(&source, volume)?;
    let wanted = vessel(&place, name, origin.length);
    let arrived = arrive(job, &target, &place, wanted, &mut from, origin.length.0, still);
    drop(from);
    changed(&target_host, to);
    let mut done = arrived?;
    if let Some(hosts) = and_delete {
        // Asked again: a guest may have been given it meanwhile.
        let deleted = in_use::refuse(job, std::slice::from_ref(volume), hosts).and_then(|()| {
            job.phase(StoragePhase::Deleting);
            volumes::delete(&source, volume)
        });
        done.source_left = deleted.err();
        changed(&source_host, volume.pool);
    }
    Ok(done)
}

/// What is known of a volume that is to be read.
struct Origin {
    /// Bytes that will come.
    length: Bytes,
    /// Bytes of these that are not zeros for want of anything.
    data: Bytes,
    /// Its format.
    format: Option<VolumeFormat>,
}

impl Origin {
    fn of(connect: &Connect, key: &VolumeKey) -> Result<Self, Failure> {
        let (handle, volume) = volumes::find(connect, key)?;
        let details = volume
            .details
            .ok_or_else(|| Failure::own(FailureKind::Storage, "the volume cannot be read"))?;
        let length = volumes::length(&handle, &details)?;
        let data = Bytes(details.allocation.0.min(length.0));
        Ok(Self { length, data, format: details.format })
    }

    /// An image written to a device as it is would be an image in a device.
    fn fits(&self, place: &Pool) -> Result<(), Failure> {
        let plain = self.format.as_ref().is_none_or(|format| *format == VolumeFormat::Raw);
        if plain || abilities(place.kind()).files {
            return Ok(());
        }
        let message = "the volume is an image with a format of its own, and the pool has devices";
        Err(Failure::own(FailureKind::Unsupported, message))
    }
}

/// A volume for so many bytes. Where room is scarce it is reserved at once: else somebody else could
/// take it meanwhile, and libvirt's daemon dies of an upload that fills its file system. Devices have
/// all their room from the start: of what is not reserved LVM makes a snapshot that breaks when full.
fn vessel(place: &Pool, name: &str, length: Bytes) -> VolumeDefinition {
    let mut vessel = volumes::vessel(name, length);
    let scarce = place.available.0 < length.0.saturating_mul(2);
    if !abilities(place.kind()).files || (scarce && length <= place.available) {
        vessel.allocation = None;
    }
    vessel
}

/// Makes a volume, fills it, reads it again, and takes it back when anything goes wrong.
fn arrive(
    job: &Job,
    connect: &Connect,
    pool: &Pool,
    wanted: VolumeDefinition,
    from: &mut dyn Pipe,
    length: u64,
    still: &dyn Fn() -> Result<(), Failure>,
) -> Result<Transferred, Failure> {
    let can = abilities(pool.kind());
    if !can.create || !can.transfer {
        let message = "storage pool does not support volume creation and upload";
        return Err(Failure::own(FailureKind::Unsupported, message));
    }
    job.phase(StoragePhase::Creating);
    let (name, path) = volumes::create(connect, pool, &wanted)?;
    let key = VolumeKey { pool: pool.key, name };
    let filled = fill(job, connect, &key, from, length);
    match filled.and_then(|sent| still().map(|()| sent)) {
        Ok(sent) => Ok(sent.arrived(path)),
        Err(failure) => {
            job.phase(StoragePhase::Undoing);
            match take_back(job, connect, &key) {
                Ok(()) => Err(failure),
                Err(left) => {
                    let message = format!(
                        "{} (the unfinished volume '{}' could not be deleted: {})",
                        failure.message, key.name, left.message
                    );
                    Err(Failure { message, ..failure })
                }
            }
        }
    }
}

/// Deletes an unfinished volume. Where the link is what broke, over new connections for a while: the
/// host may be back soon.
fn take_back(job: &Job, connect: &Connect, key: &VolumeKey) -> Result<(), Failure> {
    let mut deleted = volumes::delete(connect, key);
    for pause in AGAIN {
        match &deleted {
            Err(failure) if is_link(failure.kind) => {}
            _ => return deleted,
        }
        std::thread::sleep(pause);
        deleted = open(job, key.pool.host).and_then(|(_, connect)| delete_anew(&connect, key));
    }
    deleted
}

/// Deletes a volume over a new connection, to a daemon that may be a new one as well.
fn delete_anew(connect: &Connect, key: &VolumeKey) -> Result<(), Failure> {
    volumes::refresh(connect, key.pool)?;
    match volumes::delete(connect, key) {
        // It went with the old one.
        Err(failure) if failure.kind == FailureKind::Storage => Ok(()),
        deleted => deleted,
    }
}

const fn is_link(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::LinkLost
            | FailureKind::TimedOut
            | FailureKind::UnknownHost
            | FailureKind::Refused
    )
}

fn fill(
    job: &Job,
    connect: &Connect,
    key: &VolumeKey,
    from: &mut dyn Pipe,
    length: u64,
) -> Result<Sent, Failure> {
    let mut into = volumes::upload(connect, key, length)?;
    let sent = transfer::pump(job, StoragePhase::Transferring, length, from, &mut into)?;
    into.finish()?;
    if sent.bytes != length {
        let message = format!("{length} bytes were announced, {} came", sent.bytes);
        return Err(Failure::own(FailureKind::Corrupted, message));
    }
    let arrived = read_again(job, connect, key, length)?;
    transfer::compare(&sent, &arrived)?;
    // Only now libvirt looks which format the bytes have.
    volumes::refresh(connect, key.pool)?;
    Ok(sent)
}

fn read_again(job: &Job, connect: &Connect, key: &VolumeKey, length: u64) -> Result<Sent, Failure> {
    let mut again = volumes::download(connect, key)?;
    transfer::pump(job, StoragePhase::Verifying, length, &mut again, &mut Nowhere)
}

/// Writes a volume into a file, which replaces one that is there only when it is whole. `still` says whether it still may be read.
pub(super) fn download(
    job: &Job,
    volume: &VolumeKey,
    path: &Path,
    still: &dyn Fn() -> Result<(), Failure>,
) -> JobResult {
    job.phase(StoragePhase::Checking);
    still()?;
    let (_, connect) = open(job, volume.pool.host)?;
    let origin = Origin::of(&connect, volume)?;
    let mut from = volumes::download(&connect, volume)?;
    let landing = Landing::at(path, job.id)?;
    let mut file = LocalFile::create(landing.growing())?;
    let written =
        transfer::pump(job, StoragePhase::Transferring, origin.length.0, &mut from, &mut file)
            .and_then(|sent| {
                file.keep()?;
                let (mut again, length) = LocalFile::open(landing.growing())?;
                let arrived =
                    transfer::pump(job, StoragePhase::Verifying, length, &mut again, &mut Nowhere)?;
                transfer::compare(&sent, &arrived)?;
                still()?;
                landing.land().map(|()| sent)
            });
    match written {
        Ok(sent) => {
            let done = sent.arrived(path.display().to_string());
            Ok(Reply::Storage(StorageReply::Transferred(done)))
        }
        Err(failure) => {
            job.phase(StoragePhase::Undoing);
            Err(landing.give_up(failure))
        }
    }
}

/// Makes a volume of a file.
pub(super) fn upload(
    job: &Job,
    path: &Path,
    to: PoolKey,
    definition: &VolumeDefinition,
) -> JobResult {
    job.phase(StoragePhase::Checking);
    let (mut file, length) = LocalFile::open(path)?;
    let (host, connect) = open(job, to.host)?;
    let place = transfer::room(&connect, to, file.data(length))?;
    let mut wanted = vessel(&place, &definition.name, Bytes(length));
    if definition.format == VolumeFormat::Raw {
        // A raw volume may be larger than the file, and reserved.
        wanted = definition.clone();
        wanted.capacity = Bytes(definition.capacity.0.max(length));
    }
    let arrived = arrive(job, &connect, &place, wanted, &mut file, length, &|| Ok(()));
    changed(&host, to);
    arrived.map(|done| Reply::Storage(StorageReply::Transferred(done)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PoolUuid;
    use crate::model::storage::{PoolDefinition, PoolSource};

    #[test]
    fn devices_are_whole_and_files_where_room_is_scarce() {
        let allocation = |source: PoolSource, available: u64| {
            let pool = Pool {
                capacity: Bytes(100),
                available: Bytes(available),
                ..Pool::running(
                    PoolKey { host: HostId(1), uuid: PoolUuid([1; 16]) },
                    PoolDefinition::new("p", source, "/p"),
                )
            };
            vessel(&pool, "v", Bytes(10)).allocation
        };
        let group = || PoolSource::Logical { group: "vg".into(), devices: Vec::new() };
        assert_eq!((allocation(group(), 100), allocation(group(), 5)), (None, None));
        assert_eq!(allocation(PoolSource::Dir, 100), Some(Bytes(0)));
        assert_eq!(allocation(PoolSource::Dir, 15), None);
    }
}
