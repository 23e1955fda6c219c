//! A storage pool as one host knows it.

use std::collections::BTreeMap;

use super::PoolDefinition;
use crate::model::{Bytes, HostId, PoolUuid};

/// A pool on one host. Set up together on several hosts it has one UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PoolKey {
    /// The host.
    pub host: HostId,
    /// The pool.
    pub uuid: PoolUuid,
}

/// A pool on one host.
#[derive(Clone, Debug, PartialEq)]
pub struct Pool {
    /// Which.
    pub key: PoolKey,
    /// Its name, source and target, as its XML says.
    pub definition: PoolDefinition,
    /// What it is doing.
    pub state: PoolState,
    /// Defined, not only started for now.
    pub persistent: bool,
    /// Started with the host.
    pub autostart: bool,
    /// Its size; 0 while it is not active.
    pub capacity: Bytes,
    /// What its volumes take.
    pub allocation: Bytes,
    /// What is free in it.
    pub available: Bytes,
}

impl Pool {
    /// Its name, by which guests' disks and other pools' messages call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.definition.name
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> PoolKind {
        self.definition.source.kind()
    }

    /// One to test with: it runs, and nothing is in it.
    #[cfg(test)]
    pub(crate) const fn running(key: PoolKey, definition: PoolDefinition) -> Self {
        Self {
            key,
            definition,
            state: PoolState::Running,
            persistent: true,
            autostart: false,
            capacity: Bytes(0),
            allocation: Bytes(0),
            available: Bytes(0),
        }
    }
}

/// What a pool is doing (`virStoragePoolState`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PoolState {
    /// Not started.
    Inactive,
    /// Being built or started.
    Building,
    /// Started.
    Running,
    /// Started, but a part of it failed.
    Degraded,
    /// Started, but not to be reached.
    Inaccessible,
    /// Something newer than this program.
    Unknown,
}

impl PoolState {
    /// Whether its volumes can be listed.
    #[must_use]
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Running | Self::Degraded)
    }
}

/// The kinds of pools of libvirt 9 to 11.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PoolKind {
    /// A directory of the host.
    Dir,
    /// A file system on a device that the host mounts.
    Fs,
    /// A file system of a server: NFS, GlusterFS or CIFS.
    Netfs,
    /// An LVM volume group.
    Logical,
    /// A disk whose partitions are the volumes.
    Disk,
    /// The LUNs of an iSCSI target, as devices of the host.
    Iscsi,
    /// The LUNs of an iSCSI target, reached by QEMU itself.
    IscsiDirect,
    /// The LUNs of a SCSI host: Fibre Channel, SAS, SRP.
    Scsi,
    /// The host's multipath devices.
    Mpath,
    /// A Ceph pool of block devices.
    Rbd,
    /// A GlusterFS volume, reached by QEMU itself.
    Gluster,
    /// A ZFS pool.
    Zfs,
    /// Virtuozzo storage.
    Vstorage,
    /// A kind this program does not know.
    Other,
}

impl PoolKind {
    /// All that can be set up, in the order in which they are offered.
    pub const ALL: [Self; 13] = [
        Self::Dir,
        Self::Netfs,
        Self::Fs,
        Self::Logical,
        Self::Disk,
        Self::Iscsi,
        Self::IscsiDirect,
        Self::Scsi,
        Self::Mpath,
        Self::Rbd,
        Self::Gluster,
        Self::Zfs,
        Self::Vstorage,
    ];

    /// libvirt's word; empty for [`Self::Other`].
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Dir => "dir",
            Self::Fs => "fs",
            Self::Netfs => "netfs",
            Self::Logical => "logical",
            Self::Disk => "disk",
            Self::Iscsi => "iscsi",
            Self::IscsiDirect => "iscsi-direct",
            Self::Scsi => "scsi",
            Self::Mpath => "mpath",
            Self::Rbd => "rbd",
            Self::Gluster => "gluster",
            Self::Zfs => "zfs",
            Self::Vstorage => "vstorage",
            Self::Other => "",
        }
    }

    /// By libvirt's word.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        Self::ALL.into_iter().find(|kind| kind.word() == word).unwrap_or(Self::Other)
    }
}

/// What a host can set up (`virConnectGetStoragePoolCapabilities`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoolOffer {
    /// The host told (libvirt 5.2 and newer, but not its test driver); else all is tried.
    pub told: bool,
    /// Each kind the host told of; what is missing it does not know.
    pub kinds: BTreeMap<PoolKind, PoolKindOffer>,
}

impl PoolOffer {
    /// Whether pools of this kind can be set up.
    #[must_use]
    pub fn supports(&self, kind: PoolKind) -> bool {
        !self.told || self.kinds.get(&kind).is_some_and(|offer| offer.supported)
    }
}

/// What a host can do with one kind of pool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoolKindOffer {
    /// The back end is there. (Its tools may still be missing: libvirt starts a ZFS pool without ZFS.)
    pub supported: bool,
    /// Formats of the source (file systems, disk labels), by libvirt's words.
    pub source_formats: Vec<String>,
    /// Formats of volumes, by libvirt's words; also those that can only be read.
    pub volume_formats: Vec<String>,
    /// The usual one of these.
    pub default_volume_format: Option<String>,
}

/// What can be done to a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PoolAction {
    /// Start it.
    Start,
    /// Stop it. Its contents stay.
    Stop,
    /// Start it with the host, or not.
    SetAutostart(bool),
    /// Look again which volumes it has.
    Refresh,
    /// Make the directory, file system, label or volume group it needs.
    Build(BuildMode),
    /// Forget it (it must be stopped). Its contents stay.
    Undefine,
    /// Delete what it is made of (it must be stopped): the directory if it is empty, the volume
    /// group. libvirt refuses this for some kinds.
    DeleteContents,
}

/// What becomes of what is there already when a pool is built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum BuildMode {
    /// What the kind does by itself; for kinds that know no other (directories, volume groups).
    #[default]
    Plain,
    /// Refuse if the device carries something.
    KeepExisting,
    /// Format whatever it carries.
    Overwrite,
}
