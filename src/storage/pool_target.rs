//! Where the volumes of a pool appear at its host.

use crate::model::storage::PoolKind;

/// Where the volumes of a new pool usually appear; empty where the kind has no such place.
#[must_use]
pub fn default_target(kind: PoolKind, name: &str) -> String {
    match kind {
        PoolKind::Dir | PoolKind::Fs | PoolKind::Netfs | PoolKind::Vstorage => {
            format!("/var/lib/libvirt/images/{name}")
        }
        PoolKind::Logical => format!("/dev/{name}"),
        PoolKind::Disk => "/dev".to_owned(),
        PoolKind::Iscsi | PoolKind::Scsi => "/dev/disk/by-path".to_owned(),
        PoolKind::Mpath => "/dev/mapper".to_owned(),
        PoolKind::IscsiDirect
        | PoolKind::Rbd
        | PoolKind::Gluster
        | PoolKind::Zfs
        | PoolKind::Other => String::new(),
    }
}
