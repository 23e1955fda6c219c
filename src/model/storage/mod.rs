//! Storage pools, their volumes, and what is done with them. libvirt's facts behind it are in its
//! `formatstorage` and `formatsecret` pages.

mod definition;
mod event;
mod inventory;
mod job;
mod pool;
mod secret;
mod source;
mod uses;
mod volume;

pub use definition::{
    Backing, Encryption, Permissions, PoolDefinition, PoolTarget, Qcow2Options, VolumeDefinition,
};
pub use event::{StorageChange, StorageEvent, StorageReply};
pub use inventory::{PoolRecord, StorageInventory};
pub use job::{
    HostOutcome, PoolStep, Proof, ProofAnswer, StoragePhase, StorageProgress, StorageStep,
    Transferred, Undone,
};
pub use pool::{
    BuildMode, Pool, PoolAction, PoolKey, PoolKind, PoolKindOffer, PoolOffer, PoolState,
};
pub use secret::{SecretDefinition, SecretUsage, SecretValue};
pub use source::{
    Adapter, DiskLabel, FibreParent, FileSystem, Login, NetworkProtocol, NfsVersion, PoolSource,
    SecretRef, Server,
};
pub use uses::GuestDisks;
pub use volume::{Volume, VolumeDetails, VolumeFormat, VolumeKey, VolumeKind, WipeAlgorithm};
