//! Proving that pools of several hosts are one storage: a small file written through one is looked
//! for through the others.

use std::time::Duration;

use super::jobs::Job;
use super::transfer::{self, Pipe};
use super::watch;
use crate::backend::libvirt::{Connect, volumes};
use crate::backend::opener;
use crate::model::storage::{
    PoolKey, Proof, ProofAnswer, StorageEvent, StorageReply, StorageStep, VolumeKey,
};
use crate::model::{Bytes, Event, Failure, FailureKind, JobResult, Reply};

/// Size of the file: one block.
const SIZE: u64 = 4096;

/// How often a host that does not see the file looks again, and after how long: a server's
/// directory may be remembered for a moment.
const LOOKS: u32 = 4;
const PAUSE: Duration = Duration::from_millis(500);

/// Proves it, or that it is not so.
pub(super) fn prove(job: &Job, pools: &[PoolKey]) -> JobResult {
    let (&writer, readers) = pools
        .split_first()
        .filter(|(_, readers)| !readers.is_empty())
        .ok_or_else(|| Failure::own(FailureKind::Other, "a proof needs two pools"))?;
    let connect = opener::long_connection(&job.shared.host(writer.host)?)?;
    let name = format!(".vireo-proof-{}", uuid::Uuid::new_v4().simple());
    let file = VolumeKey { pool: writer, name };
    let contents = contents();
    let written = write(job, &connect, &file, &contents);
    let mut proof = Proof { writer, answers: Vec::new(), left: None };
    let outcome = match written {
        Ok(()) => {
            tell(job, writer, &ProofAnswer::Wrote);
            for &reader in readers {
                if job.go_on().is_err() {
                    break;
                }
                let answer = answer(job, reader, &file.name, &contents);
                tell(job, reader, &answer);
                proof.answers.push((reader, answer));
            }
            Ok(())
        }
        Err(failure) => Err(failure),
    };
    clean_up(job, &connect, &file, readers, &mut proof);
    outcome?;
    job.go_on()?;
    job.shared.mailbox.put(Event::Storage(StorageEvent::Proved(proof.clone())));
    Ok(Reply::Storage(StorageReply::Proved(proof)))
}

fn tell(job: &Job, pool: PoolKey, answer: &ProofAnswer) {
    job.tell(StorageStep::Proved { host: pool.host, answer: answer.clone() });
}

/// Something that no other file holds.
fn contents() -> Vec<u8> {
    let mut contents = Vec::new();
    while contents.len() < usize::try_from(SIZE).unwrap_or(0) {
        contents.extend_from_slice(uuid::Uuid::new_v4().as_bytes());
    }
    contents
}

fn write(job: &Job, connect: &Connect, file: &VolumeKey, contents: &[u8]) -> Result<(), Failure> {
    let pool = transfer::active_pool(connect, file.pool)?;
    if pool.available.0 < SIZE {
        return Err(transfer::no_space(Bytes(SIZE), pool.available));
    }
    let mut wanted = volumes::vessel(&file.name, Bytes(SIZE));
    wanted.allocation = None;
    volumes::create(connect, &pool, &wanted)?;
    let mut stream = volumes::upload(connect, file, SIZE)?;
    stream.send(contents)?;
    stream.finish()?;
    job.go_on()
}

/// What a host sees of the file.
fn answer(job: &Job, pool: PoolKey, name: &str, contents: &[u8]) -> ProofAnswer {
    let looked = job.shared.host(pool.host).and_then(|host| opener::long_connection(&host));
    let connect = match looked {
        Ok(connect) => connect,
        Err(failure) => return ProofAnswer::Failed(failure),
    };
    let file = VolumeKey { pool, name: name.to_owned() };
    for look in 1.. {
        match seen(&connect, &file) {
            Ok(found) if found == contents => return ProofAnswer::Same,
            Ok(_) => return ProofAnswer::Different,
            Err(failure) if failure.kind == FailureKind::Storage => {}
            Err(failure) => return ProofAnswer::Failed(failure),
        }
        if look == LOOKS {
            break;
        }
        if let Err(failure) = job.go_on() {
            return ProofAnswer::Failed(failure);
        }
        std::thread::sleep(PAUSE);
    }
    ProofAnswer::NotThere
}

fn seen(connect: &Connect, file: &VolumeKey) -> Result<Vec<u8>, Failure> {
    transfer::active_pool(connect, file.pool)?;
    volumes::refresh(connect, file.pool)?;
    let mut stream = volumes::download(connect, file)?;
    let mut found = Vec::new();
    let mut buffer = [0; 4096];
    while let Some(part) = Pipe::next(&mut stream, &mut buffer)? {
        part.append_to(&mut found, SIZE)?;
    }
    Ok(found)
}

/// Deletes the file, and lets all forget it.
fn clean_up(
    job: &Job,
    connect: &Connect,
    file: &VolumeKey,
    readers: &[PoolKey],
    proof: &mut Proof,
) {
    match volumes::delete(connect, file) {
        Ok(()) => {}
        Err(failure) if failure.kind == FailureKind::Storage => {}
        Err(failure) => proof.left = Some((file.name.clone(), failure)),
    }
    for &pool in std::iter::once(&file.pool).chain(readers) {
        let Ok(host) = job.shared.host(pool.host) else { continue };
        let refreshed =
            watch::connection(&host).and_then(|connect| volumes::refresh(&connect, pool));
        if let Err(failure) = refreshed {
            tracing::debug!(?failure, "a pool is not refreshed after a proof");
        }
    }
}
