//! Where the volumes of a pool appear at its host.

use std::path::Path;

use crate::model::storage::PoolKind;

/// Where libvirt keeps images at a host.
const SYSTEM: &str = "/var/lib/libvirt/images";

/// Where images are kept at the host of this URI: for a session of this computer below the user's own
/// data; for one elsewhere nobody knows.
#[must_use]
pub fn images_directory(uri: &str, own_data: &str) -> String {
    let (scheme, rest) = uri.split_once("://").unwrap_or_default();
    let path = rest.split(['?', '#']).next().and_then(|rest| rest.split_once('/'));
    let is_session = path.is_some_and(|(_, path)| path == "session");
    match scheme.split_once('+') {
        None if is_session => format!("{own_data}/libvirt/images"),
        Some((_, "unix")) | None => SYSTEM.to_owned(),
        Some(_) if is_session => String::new(),
        Some(_) => SYSTEM.to_owned(),
    }
}

/// Where the volumes of a new pool usually appear, where images are kept in this directory; empty where
/// the kind has no such place, or that is not known.
#[must_use]
pub fn default_target(kind: PoolKind, images: &str, name: &str) -> String {
    match kind {
        PoolKind::Dir | PoolKind::Fs | PoolKind::Netfs | PoolKind::Vstorage => {
            if images.is_empty() {
                return String::new();
            }
            format!("{images}/{name}")
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

/// How the directory of a new pool is in the way of another one at the same host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TargetClash {
    /// It is the same.
    Same,
    /// What is mounted there would lie over that of the other, and hide its volumes.
    Hides,
}

/// Whether a new pool with this directory is in the way of another one. Below that of another it may be.
#[must_use]
pub fn target_clash(
    (kind, path): (PoolKind, &str),
    (other, taken): (PoolKind, &str),
) -> Option<TargetClash> {
    if !has_directory(kind) || !has_directory(other) || path.is_empty() || taken.is_empty() {
        return None;
    }
    let (path, taken) = (Path::new(path), Path::new(taken));
    if path == taken {
        return Some(TargetClash::Same);
    }
    (kind != PoolKind::Dir && taken.starts_with(path)).then_some(TargetClash::Hides)
}

/// Whether the target is a directory of its own; of the other kinds it is one of the system's.
const fn has_directory(kind: PoolKind) -> bool {
    matches!(kind, PoolKind::Dir | PoolKind::Fs | PoolKind::Netfs | PoolKind::Vstorage)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_keeps_images_below_the_users_data() {
        let at = |uri| images_directory(uri, "/home/me/.local/share");
        assert_eq!(at("qemu:///session"), "/home/me/.local/share/libvirt/images");
        for uri in ["qemu:///system", "qemu+ssh://root@a/system", "qemu+unix:///session?socket=/x"]
        {
            assert_eq!(at(uri), SYSTEM, "{uri}");
        }
        assert_eq!(at("qemu+ssh://me@a/session"), "");
        assert_eq!(default_target(PoolKind::Dir, "", "vm"), "");
    }

    #[test]
    fn a_mount_hides_what_is_below_it() {
        let local = (PoolKind::Dir, "/var/lib/libvirt/images");
        let clash = |kind, path| target_clash((kind, path), local);
        assert_eq!(clash(PoolKind::Netfs, "/var/lib/libvirt/images/"), Some(TargetClash::Same));
        assert_eq!(clash(PoolKind::Dir, "/var/lib//libvirt/images"), Some(TargetClash::Same));
        assert_eq!(clash(PoolKind::Netfs, "/var/lib"), Some(TargetClash::Hides));
        assert_eq!(clash(PoolKind::Dir, "/var/lib"), None);
        assert_eq!(clash(PoolKind::Netfs, "/var/lib/libvirt/images/nfs"), None);
        assert_eq!(clash(PoolKind::Netfs, "/var/lib/libvirt/images2"), None);
        assert_eq!(target_clash((PoolKind::Iscsi, "/dev"), (PoolKind::Disk, "/dev")), None);
    }
}
