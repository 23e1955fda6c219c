//! What a storage job tells on its way, and what it ends with.

use super::PoolKey;
use crate::model::{Bytes, Failure, HostId};

/// A step of a storage job.
#[derive(Clone, Debug, PartialEq)]
pub enum StorageStep {
    /// What it does now, and how far it is. Merged: of several only the last may be told.
    Progress(StorageProgress),
    /// A step of setting a pool up on one host is over.
    Pool {
        /// The host.
        host: HostId,
        /// Which step.
        step: PoolStep,
        /// How.
        result: Result<(), Failure>,
    },
    /// What one host sees of a proof of sharing.
    Proved {
        /// The host.
        host: HostId,
        /// What it sees.
        answer: ProofAnswer,
    },
}

/// What a storage job does now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StorageProgress {
    /// What it does.
    pub phase: StoragePhase,
    /// Bytes done in this phase.
    pub done: Bytes,
    /// Of how many; `None` where libvirt does not tell.
    pub total: Option<Bytes>,
}

/// The phases of a storage job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StoragePhase {
    /// It waits for another job of the host.
    Waiting,
    /// It looks whether what is asked for is possible.
    Checking,
    /// libvirt makes the volume.
    Creating,
    /// libvirt copies at the host.
    Cloning,
    /// Data comes and goes through this computer.
    Transferring,
    /// What arrived is read again and compared.
    Verifying,
    /// libvirt overwrites the volume.
    Wiping,
    /// libvirt changes the size.
    Resizing,
    /// The volume is deleted.
    Deleting,
    /// What was begun is taken back.
    Undoing,
}

impl StoragePhase {
    /// Whether a cancelled job ends at once in this phase. In the others libvirt is at work, which
    /// cannot be interrupted: the job ends, and takes back what it did, when libvirt returns.
    #[must_use]
    pub const fn stops_at_once(self) -> bool {
        matches!(self, Self::Waiting | Self::Checking | Self::Transferring | Self::Verifying)
    }
}

/// The steps of setting a pool up on one host, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PoolStep {
    /// The secret is defined and set.
    Secret,
    /// The pool is defined.
    Define,
    /// Directory, file system, label or volume group is made.
    Build,
    /// It is started.
    Start,
    /// It will be started with the host.
    Autostart,
}

/// How setting a pool up ended on one host.
#[derive(Clone, Debug, PartialEq)]
pub struct HostOutcome {
    /// The host.
    pub host: HostId,
    /// The pool, as soon as it was defined.
    pub pool: Option<PoolKey>,
    /// The steps that were done, in order; these can be taken back.
    pub done: Vec<PoolStep>,
    /// The step that failed, and why; no further one was tried then.
    pub failed: Option<(PoolStep, Failure)>,
}

/// How taking a pool back went on one host.
#[derive(Clone, Debug, PartialEq)]
pub struct Undone {
    /// The host.
    pub host: HostId,
    /// What stayed, and why.
    pub left: Vec<(PoolStep, Failure)>,
}

/// What a proof of sharing showed.
#[derive(Clone, Debug, PartialEq)]
pub struct Proof {
    /// The pool through which the file was written.
    pub writer: PoolKey,
    /// What each other host saw.
    pub answers: Vec<(PoolKey, ProofAnswer)>,
    /// The file that stayed behind because it could not be deleted, and why.
    pub left: Option<(String, Failure)>,
}

impl Proof {
    /// Whether every host saw the same, and nothing was left behind.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.left.is_none() && self.answers.iter().all(|(_, answer)| answer.agrees())
    }
}

/// What one host saw of a file that another one wrote.
#[derive(Clone, Debug, PartialEq)]
pub enum ProofAnswer {
    /// It wrote it.
    Wrote,
    /// The file, with the same contents: the storage is shared.
    Same,
    /// No such file: this is other storage.
    NotThere,
    /// A file of that name with other contents: this is other storage.
    Different,
    /// It could not be asked.
    Failed(Failure),
}

impl ProofAnswer {
    /// It wrote the file, or saw it as it was written.
    #[must_use]
    pub const fn agrees(&self) -> bool {
        matches!(self, Self::Wrote | Self::Same)
    }
}

/// How a transfer ended: checked, or it would be a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transferred {
    /// Bytes that went over.
    pub bytes: Bytes,
    /// SHA-256 of them, in hexadecimal digits: of what was sent, and of what was read again
    /// from where it arrived.
    pub sha256: String,
    /// Where it is now: the path of the file, or the volume's path at its host.
    pub path: String,
    /// What was asked for besides and failed: the source of a move could not be deleted.
    pub source_left: Option<Failure>,
    /// Why its passphrase is not set, if it was to be.
    pub secret_left: Option<Failure>,
}
