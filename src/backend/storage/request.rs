//! What can be asked of the backend about storage.

use std::path::PathBuf;

use crate::model::storage::BuildMode;
use crate::model::storage::{
    Pool, PoolAction, PoolDefinition, PoolKey, PoolStep, SecretDefinition, SecretUsage,
    SecretValue, Server, VolumeDefinition, VolumeKey, WipeAlgorithm,
};
use crate::model::{Bytes, HostId, JobId, SecretUuid};
use crate::storage::volume_path;

/// One wish about storage. Each is answered by `Event::Finished` under its job; what it brings besides
/// `Reply::Done` is a `Reply::Storage`. Jobs that take long tell `StorageEvent::Stepped` on the way.
/// Nothing is asked of a host's storage before the first of these.
#[derive(Clone, Debug)]
pub enum StorageRequest {
    /// Read a host's pools: `StorageEvent::PoolsListed`, then changes by themselves.
    ListPools(HostId),
    /// Read a pool's volumes: `StorageEvent::VolumesListed` and, over a slow link in pieces,
    /// `VolumesRead`; then changes by themselves until [`Self::ForgetVolumes`].
    ListVolumes(PoolKey),
    /// Nobody looks at a pool's volumes any more.
    ForgetVolumes(PoolKey),
    /// Read the disks of a host's guests: `StorageEvent::DisksListed`, once.
    ListDisks(HostId),
    /// Ask what a host can set up: `StorageReply::Offer`.
    Offer(HostId),
    /// Do a small thing to a pool.
    Act {
        /// To which.
        pool: PoolKey,
        /// What.
        action: PoolAction,
    },
    /// Do something to a pool by which all its volumes are lost. Refused like `VolumeJob::Delete` when
    /// something of it is in use; a stopped pool has no list of volumes, so their paths tell.
    Destroy {
        /// To which.
        pool: PoolKey,
        /// What.
        action: PoolAction,
        /// The hosts whose guests are looked at.
        hosts: Vec<HostId>,
    },
    /// Read a pool's XML: `StorageReply::Xml`.
    PoolXml(PoolKey),
    /// Replace a pool's XML. A running pool takes it with its next start.
    Redefine {
        /// The pool; its name and UUID in the XML must stay.
        pool: PoolKey,
        /// The text that was changed: where the pool has another by now, it keeps that
        /// (`FailureKind::Overtaken`).
        before: String,
        /// The whole text.
        xml: String,
    },
    /// Read a volume's XML: `StorageReply::Xml`.
    VolumeXml(VolumeKey),
    /// Set a pool up on several hosts: `StorageStep::Pool`, then `StorageReply::PoolCreated`, which
    /// also tells what failed. What was done stays until [`Self::Undo`], also when it is cancelled:
    /// then no further step is begun, and the one that was not is told as `FailureKind::Cancelled`.
    CreatePool(Box<PoolWish>),
    /// Take back what [`Self::CreatePool`] did, step by step from the last: `StorageReply::Undone`.
    /// Contents stay: a directory is removed only if it is empty, nothing is formatted or wiped.
    Undo(Vec<(PoolKey, Vec<PoolStep>)>),
    /// Look for sources, over one host: `StorageReply::Discovered`.
    Discover {
        /// The host that looks.
        host: HostId,
        /// What for.
        wanted: DiscoverWish,
    },
    /// Find out by a small file whether these pools, each on another host, are one storage. The
    /// first writes. `StorageStep::Proved`, `StorageEvent::Proved`, `StorageReply::Proved`.
    Prove(Vec<PoolKey>),
    /// Define a secret and set its value on these hosts: `StorageReply::SecretSet`.
    SetSecret {
        /// The hosts.
        hosts: Vec<HostId>,
        /// The secret.
        secret: SecretWish,
    },
    /// A long job with a volume.
    Volume(Box<VolumeJob>),
    /// Give a storage job up. It ends with `FailureKind::Cancelled`, and takes back what it
    /// began; see `StoragePhase::stops_at_once`.
    Cancel(JobId),
}

/// A pool to be set up.
#[derive(Clone, Debug)]
pub struct PoolWish {
    /// What it is to be; give it a UUID where there are several hosts.
    pub definition: PoolDefinition,
    /// The XML of a pool that is there already, to be defined instead: what this program does not know
    /// survives. Name, UUID and all else are what it says.
    pub xml: Option<String>,
    /// Where.
    pub hosts: Vec<HostId>,
    /// Build it first, in this way. Of several hosts only the first formats a device (`fs`, `disk`,
    /// `logical`, `zfs`) that is not local; directories are made on each.
    pub build: Option<BuildMode>,
    /// Start it.
    pub start: bool,
    /// Start it with the host.
    pub autostart: bool,
    /// The password of its login, set on each host before it is defined. The login then names it by
    /// its usage.
    pub secret: Option<SecretWish>,
}

/// A secret to be set.
#[derive(Clone, Debug)]
pub struct SecretWish {
    /// What it is.
    pub definition: SecretDefinition,
    /// Its value.
    pub value: SecretValue,
}

impl SecretWish {
    /// The passphrase of a volume that is to be in this pool.
    #[must_use]
    pub fn of_volume(uuid: SecretUuid, pool: &Pool, volume: &str, value: SecretValue) -> Self {
        let definition = SecretDefinition {
            uuid,
            usage: SecretUsage::Volume(volume_path(pool, volume)),
            description: format!("Vireo: {volume}"),
        };
        Self { definition, value }
    }
}

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiscoverWish {
    /// Exports of a server: NFS by `showmount`, which a server of NFS 4 alone does not answer, and
    /// GlusterFS volumes if the host has the tools.
    Exports(Server),
    /// GlusterFS volumes, for QEMU's own access.
    GlusterVolumes(Server),
    /// iSCSI targets.
    IscsiTargets {
        /// The portal.
        portal: Server,
        /// The IQN to ask as.
        initiator: Option<String>,
    },
    /// The host's LVM volume groups.
    VolumeGroups,
}

/// A long job with a volume. All but `Create` and `Upload` want a volume that is there.
#[derive(Clone, Debug)]
pub enum VolumeJob {
    /// Make one: `StorageReply::VolumeCreated`.
    Create {
        /// Where.
        pool: PoolKey,
        /// What.
        definition: VolumeDefinition,
        /// The passphrase, set before on these hosts (its own is among them).
        secret: Option<(SecretWish, Vec<HostId>)>,
    },
    /// Delete some. Refused (`FailureKind::InUse`, the message names them) when a guest of one of
    /// these hosts uses one; nothing is deleted then.
    Delete {
        /// Which, all on one host.
        volumes: Vec<VolumeKey>,
        /// The hosts whose guests are looked at.
        hosts: Vec<HostId>,
    },
    /// Change the size.
    Resize {
        /// Which.
        volume: VolumeKey,
        /// The new size.
        capacity: Bytes,
        /// Reserve it at once.
        allocate: bool,
        /// Allow a smaller one: what is behind the new end is lost. Refused like `Delete` when in use;
        /// without this only an image (not raw) that a running guest writes to is refused.
        shrink: bool,
        /// The hosts whose guests are looked at.
        hosts: Vec<HostId>,
    },
    /// Copy on the same host, by libvirt itself, into the same pool or another, also in another
    /// format: `StorageReply::VolumeCreated`. Refused (`FailureKind::Unsupported`) when the original is
    /// encrypted and the copy would not be.
    Clone {
        /// What.
        volume: VolumeKey,
        /// Where to, on the same host.
        pool: PoolKey,
        /// What the copy is to be; not smaller than the original.
        definition: VolumeDefinition,
        /// Refuse like `Delete`, and take the copy back, when a guest of one of these hosts or the
        /// volume's own runs and writes to it. `None`: the copy may be torn.
        unless_written: Option<Vec<HostId>>,
    },
    /// Copy byte by byte through this computer, to any pool, also on another host, and compare
    /// what arrived: `StorageReply::Transferred`.
    Copy {
        /// What.
        volume: VolumeKey,
        /// Where to.
        pool: PoolKey,
        /// Its name there.
        name: String,
        /// Delete the original once the copy was found to be the same: a move, or (in its own
        /// pool) a rename, which libvirt does not have. Refused like `Delete` when in use.
        and_delete: Option<Vec<HostId>>,
        /// The passphrase that an encrypted volume keeps, set on these hosts once it is there.
        secret: Option<(SecretWish, Vec<HostId>)>,
        /// As for `Clone`; a move is refused anyway.
        unless_written: Option<Vec<HostId>>,
    },
    /// Write a volume into a file of this computer, and compare. One that is there is replaced when the
    /// new one is whole.
    Download {
        /// What.
        volume: VolumeKey,
        /// Where to.
        file: PathBuf,
        /// As for `Clone`.
        unless_written: Option<Vec<HostId>>,
    },
    /// Make a volume of a file of this computer, and compare. Its format must be the file's.
    Upload {
        /// The file.
        file: PathBuf,
        /// Where to.
        pool: PoolKey,
        /// What the volume is to be; its size is not below the file's (raw).
        definition: VolumeDefinition,
    },
    /// Overwrite. Refused like `Delete` when in use.
    Wipe {
        /// Which.
        volume: VolumeKey,
        /// How.
        algorithm: WipeAlgorithm,
        /// The hosts whose guests are looked at.
        hosts: Vec<HostId>,
    },
}

impl VolumeJob {
    /// The pools that have other volumes, or others of another size, when it is over.
    #[must_use]
    pub fn changes(&self) -> Vec<PoolKey> {
        let mut pools = match self {
            Self::Create { pool, .. } | Self::Clone { pool, .. } | Self::Upload { pool, .. } => {
                vec![*pool]
            }
            Self::Copy { volume, pool, and_delete, .. } => {
                let left = and_delete.is_some().then_some(volume.pool);
                left.into_iter().chain([*pool]).collect()
            }
            Self::Delete { volumes, .. } => volumes.iter().map(|volume| volume.pool).collect(),
            Self::Resize { volume, .. } | Self::Wipe { volume, .. } => vec![volume.pool],
            Self::Download { .. } => Vec::new(),
        };
        pools.sort();
        pools.dedup();
        pools
    }

    /// The host that makes or changes a volume, or reads it; `None` where there is nothing to do.
    #[must_use]
    pub fn host(&self) -> Option<HostId> {
        Some(match self {
            Self::Create { pool, .. }
            | Self::Clone { pool, .. }
            | Self::Copy { pool, .. }
            | Self::Upload { pool, .. } => pool.host,
            Self::Delete { volumes, .. } => volumes.first()?.pool.host,
            Self::Resize { volume, .. }
            | Self::Download { volume, .. }
            | Self::Wipe { volume, .. } => volume.pool.host,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PoolUuid;

    #[test]
    fn a_job_changes_where_something_comes_or_goes() {
        let key = |number| PoolKey { host: HostId(1), uuid: PoolUuid([number; 16]) };
        let volume = VolumeKey { pool: key(1), name: "v".into() };
        let copy = |and_delete| VolumeJob::Copy {
            volume: volume.clone(),
            pool: key(2),
            name: "w".into(),
            and_delete,
            secret: None,
            unless_written: None,
        };
        assert_eq!(copy(None).changes(), [key(2)]);
        assert_eq!(copy(Some(Vec::new())).changes(), [key(1), key(2)]);
        let volumes = vec![volume.clone(), volume.clone()];
        assert_eq!(VolumeJob::Delete { volumes, hosts: Vec::new() }.changes(), [key(1)]);
        let file = PathBuf::from("/tmp/v");
        let download = VolumeJob::Download { volume, file, unless_written: None };
        assert_eq!(download.changes(), []);
    }
}
