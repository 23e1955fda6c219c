//! What each kind of pool can do: which buttons there are.

use crate::model::storage::{BuildMode, PoolAction, PoolKind, PoolSource};

/// What one kind of pool can do (libvirt 9 to 11; from its storage back ends).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abilities {
    /// Whether its sources can be looked for.
    pub discovery: Discovery,
    /// Whether it can be built.
    pub building: Building,
    /// New volumes.
    pub create: bool,
    /// A copy within the host.
    pub clone: bool,
    /// Another size.
    pub resize: bool,
    /// Data from a volume to this computer, and from this computer to a volume.
    pub transfer: bool,
    /// Overwriting.
    pub wipe: bool,
    /// Deleting volumes.
    pub delete: bool,
    /// Volumes are files with a format of their own.
    pub files: bool,
    /// Sharing can be proved by a small file.
    pub provable: bool,
    /// It has a directory on the host, which the user chooses.
    pub target: bool,
    /// What goes when what the pool is made of is deleted.
    pub contents: Contents,
}

/// What goes when what a pool is made of is deleted (`virStoragePoolDelete`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contents {
    /// libvirt has no such call for this kind.
    Stay,
    /// The directory, if it is empty.
    Directory,
    /// All volumes.
    Go,
}

/// Whether sources can be looked for (`virConnectFindStoragePoolSources`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discovery {
    /// Not for this kind.
    None,
    /// At the host itself.
    Here,
    /// At a server that is named.
    AtServer,
    /// libvirt 11.3's daemon crashes on it every time, so it is never asked.
    CrashesLibvirt,
}

/// Whether a pool can be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Building {
    /// There is nothing to build.
    None,
    /// A directory is made; what is there stays.
    Directory,
    /// A device is formatted: all on it is lost, if it is to be overwritten.
    Format,
    /// A volume group or ZFS pool is made of devices.
    Group,
}

impl Building {
    /// The ways in which it can be asked for.
    #[must_use]
    pub const fn modes(self) -> &'static [BuildMode] {
        match self {
            Self::None => &[],
            Self::Directory | Self::Group => &[BuildMode::Plain],
            Self::Format => &[BuildMode::KeepExisting, BuildMode::Overwrite],
        }
    }
}

const NOTHING: Abilities = Abilities {
    discovery: Discovery::None,
    building: Building::None,
    create: false,
    clone: false,
    resize: false,
    transfer: false,
    wipe: false,
    delete: false,
    files: false,
    provable: false,
    target: false,
    contents: Contents::Stay,
};
const FILES: Abilities = Abilities {
    discovery: Discovery::None,
    building: Building::Directory,
    create: true,
    clone: true,
    resize: true,
    transfer: true,
    wipe: true,
    delete: true,
    files: true,
    provable: true,
    target: true,
    contents: Contents::Directory,
};
const PARTS: Abilities = Abilities {
    create: true,
    clone: true,
    transfer: true,
    wipe: true,
    delete: true,
    target: true,
    ..NOTHING
};
const LUNS: Abilities = Abilities { transfer: true, wipe: true, target: true, ..NOTHING };

/// What a kind of pool can do.
#[must_use]
pub const fn abilities(kind: PoolKind) -> Abilities {
    match kind {
        PoolKind::Dir | PoolKind::Vstorage => FILES,
        PoolKind::Fs => Abilities { building: Building::Format, ..FILES },
        PoolKind::Netfs => Abilities { discovery: Discovery::AtServer, ..FILES },
        PoolKind::Disk => Abilities { building: Building::Format, ..PARTS },
        PoolKind::Logical => {
            let contents = Contents::Go;
            Abilities { discovery: Discovery::Here, building: Building::Group, contents, ..PARTS }
        }
        PoolKind::Iscsi => Abilities { discovery: Discovery::AtServer, ..LUNS },
        PoolKind::IscsiDirect => {
            Abilities { discovery: Discovery::CrashesLibvirt, wipe: true, ..NOTHING }
        }
        PoolKind::Scsi | PoolKind::Mpath => LUNS,
        PoolKind::Rbd => Abilities {
            create: true,
            clone: true,
            resize: true,
            wipe: true,
            delete: true,
            ..NOTHING
        },
        PoolKind::Gluster => {
            Abilities { discovery: Discovery::AtServer, delete: true, files: true, ..NOTHING }
        }
        PoolKind::Zfs => Abilities {
            building: Building::Group,
            contents: Contents::Go,
            create: true,
            transfer: true,
            delete: true,
            ..NOTHING
        },
        PoolKind::Other => NOTHING,
    }
}

/// Whether a pool can be proved to be the same on several hosts. A file system that only one host may
/// mount is not written to through two.
#[must_use]
pub fn provable(source: &PoolSource) -> bool {
    let alone = matches!(source, PoolSource::Fs { format, .. } if !format.is_clustered());
    abilities(source.kind()).provable && !alone
}

/// Whether all volumes of a pool of this kind are lost when this is done to it.
#[must_use]
pub const fn loses_volumes(kind: PoolKind, action: PoolAction) -> bool {
    match action {
        PoolAction::DeleteContents => matches!(abilities(kind).contents, Contents::Go),
        PoolAction::Build(BuildMode::Overwrite) => true,
        PoolAction::Start
        | PoolAction::Stop
        | PoolAction::SetAutostart(_)
        | PoolAction::Refresh
        | PoolAction::Build(BuildMode::Plain | BuildMode::KeepExisting)
        | PoolAction::Undefine => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::storage::FileSystem;

    #[test]
    fn contents_are_deleted_only_where_libvirt_can() {
        let with = |contents| {
            let kinds = PoolKind::ALL.into_iter();
            kinds.filter(|&kind| abilities(kind).contents == contents).collect::<Vec<_>>()
        };
        use PoolKind::{Dir, Fs, Logical, Netfs, Vstorage, Zfs};
        assert_eq!(with(Contents::Directory), [Dir, Netfs, Fs, Vstorage]);
        assert_eq!(with(Contents::Go), [Logical, Zfs]);
    }

    #[test]
    fn discovery_is_never_asked_where_it_crashes_the_daemon() {
        let crashing: Vec<_> = PoolKind::ALL
            .into_iter()
            .filter(|&kind| abilities(kind).discovery == Discovery::CrashesLibvirt)
            .collect();
        assert_eq!(crashing, [PoolKind::IscsiDirect]);
    }

    /// storage.md S-b: create, clone, resize, transfer, wipe, delete.
    #[test]
    fn each_kind_can_do_what_its_back_end_can() {
        for (kind, expected) in [
            (PoolKind::Dir, "yyyyyy"),
            (PoolKind::Fs, "yyyyyy"),
            (PoolKind::Netfs, "yyyyyy"),
            (PoolKind::Disk, "yy-yyy"),
            (PoolKind::Logical, "yy-yyy"),
            (PoolKind::Iscsi, "---yy-"),
            (PoolKind::IscsiDirect, "----y-"),
            (PoolKind::Scsi, "---yy-"),
            (PoolKind::Mpath, "---yy-"),
            (PoolKind::Rbd, "yyy-yy"),
            (PoolKind::Gluster, "-----y"),
            (PoolKind::Zfs, "y--y-y"),
            (PoolKind::Vstorage, "yyyyyy"),
            (PoolKind::Other, "------"),
        ] {
            let can = abilities(kind);
            let said = [can.create, can.clone, can.resize, can.transfer, can.wipe, can.delete];
            let said: String = said.iter().map(|&can| if can { 'y' } else { '-' }).collect();
            assert_eq!(said, expected, "{kind:?}");
        }
    }

    #[test]
    fn what_only_one_host_may_mount_is_not_written_to_through_two() {
        let on = |format| PoolSource::Fs { device: "/dev/sdb".into(), format };
        assert!(!provable(&on(FileSystem::Xfs)));
        assert!(provable(&on(FileSystem::Gfs2)) && provable(&PoolSource::Dir));
        assert!(!provable(&PoolSource::Mpath));
    }
}
