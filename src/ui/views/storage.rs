//! Pools and volumes as the windows show them: with what other hosts know of them.

use std::sync::Arc;

use crate::model::storage::{Pool, PoolKey, PoolKind, PoolOffer, Volume};
use crate::model::{Failure, HostId};
use crate::storage::Sharing;

/// The pools of a host, as far as they are known.
#[derive(Clone, Debug, PartialEq)]
pub enum PoolsView {
    /// The host is not connected.
    NotConnected,
    /// They are being read.
    Reading,
    /// They could not be read.
    Failed(Failure),
    /// They are known.
    Listed(Vec<PoolView>),
}

/// A pool, and what it is on the other hosts.
#[derive(Clone, Debug, PartialEq)]
pub struct PoolView {
    /// The pool.
    pub pool: Pool,
    /// Each other connected host, by name.
    pub elsewhere: Vec<Elsewhere>,
    /// Hosts whose guests may use its volumes, and could not be asked.
    pub users_unread: Vec<String>,
    /// What it had when it was stopped, as far as that is known.
    pub last: Arc<[Volume]>,
}

/// What a pool is on another host.
#[derive(Clone, Debug, PartialEq)]
pub struct Elsewhere {
    /// The host's name.
    pub name: String,
    /// How surely it is the same storage there.
    pub sharing: Sharing,
}

/// A volume, and who uses it.
#[derive(Clone, Debug, PartialEq)]
pub struct VolumeView {
    /// The volume.
    pub volume: Volume,
    /// The guests that use it, on all connected hosts.
    pub users: Vec<UserView>,
}

/// A guest that uses a volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserView {
    /// Its name.
    pub guest: Arc<str>,
    /// Its host, if that is another one than the volume's.
    pub host: Option<Arc<str>>,
    /// Whether it is the same storage is not known: only path or name are the same.
    pub unsure: bool,
    /// It runs, and writes to it.
    pub writes: bool,
}

impl VolumeView {
    /// The names of the guests that run and write to it, in one text; empty where none does.
    #[must_use]
    pub fn writers(&self) -> String {
        let writers = self.users.iter().filter(|user| user.writes);
        let mut names: Vec<&str> = writers.map(|user| &*user.guest).collect();
        names.dedup();
        names.join(", ")
    }
}

/// A pool that a host has, as far as it may be in the way of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolThere {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: PoolKind,
    /// Its target.
    pub path: String,
}

/// What a host can set up, as far as it told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostOffer {
    /// It has not told yet.
    Awaited,
    /// It told.
    Told(Arc<PoolOffer>),
    /// It did not tell.
    Failed(Failure),
}

impl HostOffer {
    /// What it told.
    #[must_use]
    pub fn told(&self) -> Option<&PoolOffer> {
        match self {
            Self::Told(offer) => Some(offer),
            Self::Awaited | Self::Failed(_) => None,
        }
    }
}

/// A host on which a pool could be set up.
#[derive(Clone, Debug, PartialEq)]
pub struct PoolHost {
    /// The host.
    pub host: HostId,
    /// Its name.
    pub name: String,
    /// It can be asked now.
    pub connected: bool,
    /// An earlier one in the list is the same machine: its name.
    pub same_machine: Option<String>,
    /// What it can set up.
    pub offer: HostOffer,
    /// Its pools.
    pub pools: Vec<PoolThere>,
}

/// A pool into which a volume could go.
#[derive(Clone, Debug, PartialEq)]
pub struct PoolChoice {
    /// The pool.
    pub key: PoolKey,
    /// The name of its host.
    pub host: String,
    /// The pool.
    pub pool: Pool,
    /// The names of its volumes, as far as they are known.
    pub taken: Vec<String>,
    /// The hosts that have it, its own among them, which need the passphrase of what is encrypted.
    pub shared_with: Vec<HostId>,
}
