//! Data on its way through this computer: from where it comes, where it goes, how far it is, and
//! whether what arrived is what was sent.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::jobs::Job;
use crate::backend::libvirt::{Connect, Received, VolumeStream, pools, volumes};
use crate::model::storage::{Pool, PoolKey, StoragePhase, Transferred};
use crate::model::{Bytes, Failure, FailureKind};

/// What libvirt sends in one message at most (256 KiB), so that one part is one message.
const PART: usize = 256 << 10;

/// How often progress is told.
const TELL: Duration = Duration::from_millis(200);

/// A part of the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// Bytes.
    Data(&'a [u8]),
    /// So many zeros.
    Hole(u64),
}

impl Part<'_> {
    const fn length(self) -> u64 {
        match self {
            Self::Data(data) => data.len() as u64,
            Self::Hole(length) => length,
        }
    }

    /// At most so much of it.
    fn cut(self, most: u64) -> Self {
        match self {
            Self::Data(data) => {
                let most = usize::try_from(most).unwrap_or(usize::MAX);
                Self::Data(data.get(..most).unwrap_or(data))
            }
            Self::Hole(length) => Self::Hole(length.min(most)),
        }
    }

    /// Appends it to what is already there, up to so many bytes in all.
    pub(super) fn append_to(self, found: &mut Vec<u8>, most: u64) -> Result<(), Failure> {
        if found.len() as u64 + self.length() > most {
            return Err(Failure::own(
                FailureKind::Corrupted,
                "the file is longer than was written",
            ));
        }
        match self {
            Self::Data(data) => found.extend_from_slice(data),
            Self::Hole(length) => {
                found.resize(found.len() + usize::try_from(length).unwrap_or(0), 0);
            }
        }
        Ok(())
    }
}

/// Where data comes from.
pub(super) trait Pipe {
    /// The next part; `None` at the end.
    fn next<'a>(&mut self, buffer: &'a mut [u8]) -> Result<Option<Part<'a>>, Failure>;
}

impl Pipe for VolumeStream {
    fn next<'a>(&mut self, buffer: &'a mut [u8]) -> Result<Option<Part<'a>>, Failure> {
        Ok(match self.receive(buffer)? {
            Received::Data(count) => Some(Part::Data(buffer.get(..count).unwrap_or_default())),
            Received::Hole(length) => Some(Part::Hole(length)),
            Received::End => None,
        })
    }
}

/// A file of this computer.
#[derive(Debug)]
pub(super) struct LocalFile<'a> {
    file: File,
    path: &'a Path,
}

impl<'a> LocalFile<'a> {
    /// Opens a file to be read; its length.
    pub(super) fn open(path: &'a Path) -> Result<(Self, u64), Failure> {
        let file = File::open(path).map_err(|error| failed(path, &error))?;
        let metadata = file.metadata().map_err(|error| failed(path, &error))?;
        if !metadata.is_file() {
            let message = format!("{}: not a file", path.display());
            return Err(Failure::own(FailureKind::Other, message));
        }
        Ok((Self { file, path }, metadata.len()))
    }

    /// How much of it is stored: what is not is no data on the way either.
    pub(super) fn data(&self, length: u64) -> Bytes {
        use std::os::unix::fs::MetadataExt as _;
        let stored = self.file.metadata().map_or(length, |metadata| metadata.blocks() * 512);
        Bytes(stored.min(length))
    }

    /// Waits until the disk has it.
    pub(super) fn keep(&self) -> Result<(), Failure> {
        self.file.sync_all().map_err(|error| failed(self.path, &error))
    }

    /// Makes a file that is not there yet.
    pub(super) fn create(path: &'a Path) -> Result<Self, Failure> {
        let file = File::create_new(path).map_err(|error| failed(path, &error))?;
        Ok(Self { file, path })
    }
}

/// What the operating system said of a file.
pub(super) fn failed(path: &Path, error: &std::io::Error) -> Failure {
    let kind = match error.kind() {
        std::io::ErrorKind::StorageFull => FailureKind::NoSpace,
        std::io::ErrorKind::AlreadyExists => FailureKind::Exists,
        std::io::ErrorKind::PermissionDenied => FailureKind::Denied,
        _ => FailureKind::Other,
    };
    Failure::own(kind, format!("{}: {error}", path.display()))
}

impl Pipe for LocalFile<'_> {
    fn next<'a>(&mut self, buffer: &'a mut [u8]) -> Result<Option<Part<'a>>, Failure> {
        let mut filled = 0;
        while filled < buffer.len() {
            let room = buffer.get_mut(filled..).unwrap_or_default();
            match self.file.read(room) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(failed(self.path, &error)),
            }
        }
        let data = buffer.get(..filled).unwrap_or_default();
        Ok(match data {
            [] => None,
            data if data.iter().all(|&byte| byte == 0) => Some(Part::Hole(data.len() as u64)),
            data => Some(Part::Data(data)),
        })
    }
}

/// Where data goes.
pub(super) trait Drain {
    /// Takes a part.
    fn put(&mut self, part: Part<'_>) -> Result<(), Failure>;
}

impl Drain for VolumeStream {
    fn put(&mut self, part: Part<'_>) -> Result<(), Failure> {
        static ZEROS: [u8; PART] = [0; PART];
        match part {
            Part::Data(data) => self.send(data),
            Part::Hole(length) if self.is_sparse() => self.send_hole(length),
            Part::Hole(mut length) => {
                while length > 0 {
                    let Part::Data(zeros) = Part::Data(&ZEROS).cut(length) else { break };
                    self.send(zeros)?;
                    length -= zeros.len() as u64;
                }
                Ok(())
            }
        }
    }
}

impl Drain for LocalFile<'_> {
    fn put(&mut self, part: Part<'_>) -> Result<(), Failure> {
        let done = match part {
            Part::Data(data) => self.file.write_all(data),
            Part::Hole(length) => {
                let ahead = i64::try_from(length).unwrap_or(i64::MAX);
                self.file
                    .seek(SeekFrom::Current(ahead))
                    .and_then(|position| self.file.set_len(position))
            }
        };
        done.map_err(|error| failed(self.path, &error))
    }
}

/// Nowhere: what is only read to be compared.
pub(super) struct Nowhere;

impl Drain for Nowhere {
    fn put(&mut self, _: Part<'_>) -> Result<(), Failure> {
        Ok(())
    }
}

/// What went through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    /// How many bytes.
    pub(super) bytes: u64,
    /// Their SHA-256.
    pub(super) sha256: String,
}

impl Sent {
    /// It arrived there, and nothing was left undone.
    pub(super) fn arrived(self, path: String) -> Transferred {
        Transferred {
            bytes: Bytes(self.bytes),
            sha256: self.sha256,
            path,
            source_left: None,
            secret_left: None,
        }
    }
}

/// Lets data through until it ends, or `most` bytes went through, or the job is cancelled.
pub(super) fn pump(
    job: &Job,
    phase: StoragePhase,
    most: u64,
    from: &mut dyn Pipe,
    to: &mut dyn Drain,
) -> Result<Sent, Failure> {
    let mut buffer = vec![0; PART];
    let mut sum = Sum(Sha256::new());
    let (mut bytes, mut told) = (0, Instant::now());
    job.progress(phase, 0, Some(most));
    while bytes < most {
        job.go_on()?;
        let Some(part) = from.next(&mut buffer)? else { break };
        let part = part.cut(most - bytes);
        sum.add(part);
        to.put(part)?;
        bytes += part.length();
        if told.elapsed() >= TELL {
            job.progress(phase, bytes, Some(most));
            told = Instant::now();
        }
    }
    job.progress(phase, bytes, Some(most));
    Ok(Sent { bytes, sha256: sum.text() })
}

struct Sum(Sha256);

impl Sum {
    fn add(&mut self, part: Part<'_>) {
        static ZEROS: [u8; 4096] = [0; 4096];
        match part {
            Part::Data(data) => self.0.update(data),
            Part::Hole(mut length) => {
                while length > 0 {
                    let Part::Data(zeros) = Part::Data(&ZEROS).cut(length) else { break };
                    self.0.update(zeros);
                    length -= zeros.len() as u64;
                }
            }
        }
    }

    fn text(self) -> String {
        self.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Holds what arrived against what was sent.
pub(super) fn compare(sent: &Sent, arrived: &Sent) -> Result<(), Failure> {
    if sent == arrived {
        return Ok(());
    }
    let message = format!(
        "{} bytes of SHA-256 {} were sent, {} bytes of {} arrived",
        sent.bytes, sent.sha256, arrived.bytes, arrived.sha256
    );
    Err(Failure::own(FailureKind::Corrupted, message))
}

/// A pool that is started, as it is now.
pub(super) fn active_pool(connect: &Connect, key: PoolKey) -> Result<Pool, Failure> {
    let pool = pools::read(connect, key)?
        .ok_or_else(|| Failure::own(FailureKind::Storage, "the pool is not there any more"))?;
    if !pool.state.is_active() {
        let message = format!("storage pool '{}' is not active", pool.name());
        return Err(Failure::own(FailureKind::WrongState, message));
    }
    Ok(pool)
}

/// Looks whether so much can be written. libvirt 11.3's daemon dies when an upload fills its file
/// system, so that nothing is sent that does not fit.
pub(super) fn room(connect: &Connect, key: PoolKey, needed: Bytes) -> Result<Pool, Failure> {
    volumes::refresh(connect, key)?;
    let pool = active_pool(connect, key)?;
    if needed > pool.available { Err(no_space(needed, pool.available)) } else { Ok(pool) }
}

/// So much is needed, and so much is free.
pub(super) fn no_space(needed: Bytes, free: Bytes) -> Failure {
    let message = format!("{} bytes are needed, {} are free in the pool", needed.0, free.0);
    Failure::own(FailureKind::NoSpace, message)
}
