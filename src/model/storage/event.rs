//! What the backend reports of storage.

use super::{
    GuestDisks, HostOutcome, Pool, PoolKey, PoolOffer, PoolSource, Proof, StorageStep, Transferred,
    Undone, Volume,
};
use crate::model::{Failure, HostId, JobId, PoolUuid, SecretUuid};

/// Something happened to storage.
#[derive(Clone, Debug, PartialEq)]
pub enum StorageEvent {
    /// A host's pools were read, all of them: what is not in the list is gone. Only after
    /// somebody asked for them; from then on changes are told by themselves.
    PoolsListed {
        /// The host.
        host: HostId,
        /// Its pools.
        pools: Vec<Pool>,
    },
    /// Some pools of a host changed, appeared or went.
    PoolsChanged {
        /// The host.
        host: HostId,
        /// The pools as they are now.
        changed: Vec<Pool>,
        /// Pools that are gone.
        removed: Vec<PoolUuid>,
    },
    /// A pool's volumes were listed, all of them: what is not in the list is gone. Those that
    /// were not read yet have no details; [`Self::VolumesRead`] follows. Only after somebody asked
    /// for them; from then on they are listed again whenever the pool was refreshed or changed.
    VolumesListed {
        /// The pool.
        pool: PoolKey,
        /// Its volumes, sorted by name.
        volumes: Vec<Volume>,
    },
    /// Details of some volumes arrived.
    VolumesRead {
        /// The pool.
        pool: PoolKey,
        /// The volumes.
        volumes: Vec<Volume>,
    },
    /// The disks of a host's guests were read, all of them.
    DisksListed {
        /// The host.
        host: HostId,
        /// Each guest's disks.
        guests: Vec<GuestDisks>,
    },
    /// A proof of sharing is over; kept until one of the pools is stopped or its host goes.
    Proved(Proof),
    /// A step of a storage job. Its end is `Event::Finished`.
    Stepped {
        /// The job.
        job: JobId,
        /// What happened.
        step: StorageStep,
    },
}

/// What a successful storage request brings besides `Reply::Done`.
#[derive(Clone, Debug, PartialEq)]
pub enum StorageReply {
    /// What a host can set up.
    Offer(Box<PoolOffer>),
    /// The XML of a pool or volume.
    Xml(String),
    /// What was found; each can be taken as a definition's source.
    Discovered(Vec<PoolSource>),
    /// A pool was set up, or tried, on each of these hosts; some may have failed.
    PoolCreated(Vec<HostOutcome>),
    /// A pool was taken back.
    Undone(Vec<Undone>),
    /// What a proof showed.
    Proved(Proof),
    /// A volume was made; its name (which in disk pools is not the wanted one) and path.
    VolumeCreated {
        /// Its name.
        name: String,
        /// Its path.
        path: String,
    },
    /// Data went over and was checked.
    Transferred(Transferred),
    /// Secrets were set, or not, on these hosts. Where a host had a secret of this usage already, its
    /// UUID stays, and the value is replaced.
    SecretSet(Vec<(HostId, Result<SecretUuid, Failure>)>),
}

/// What changed in a [`StorageInventory`](super::StorageInventory).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorageChange {
    /// Pools of this host appeared, changed or went; or it was asked for the first time.
    Pools(HostId),
    /// The list of this pool's volumes, or any of their details.
    Volumes(PoolKey),
    /// Which guests use what on this host.
    Uses(HostId),
    /// What is proved.
    Proofs,
}
