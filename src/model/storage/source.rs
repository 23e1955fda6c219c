//! Where a pool's storage comes from: one variant a kind, with the fields of that kind.

use super::PoolKind;
use crate::model::SecretUuid;

/// The `<source>` of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PoolSource {
    /// Nothing but the target directory.
    Dir,
    /// A device with a file system.
    Fs {
        /// Path of the device.
        device: String,
        /// Its file system.
        format: FileSystem,
    },
    /// What a server exports.
    Netfs {
        /// The server. (libvirt takes one; a port is not used.)
        server: Server,
        /// The export: an absolute path for NFS, a volume for GlusterFS, a share for CIFS.
        export: String,
        /// How it is reached.
        protocol: NetworkProtocol,
    },
    /// An LVM volume group.
    Logical {
        /// Its name.
        group: String,
        /// Devices to build it from. libvirt compares them with LVM's own names: `/dev/sdX`, not
        /// `by-path`; none once it exists.
        devices: Vec<String>,
    },
    /// A disk.
    Disk {
        /// Path of the device.
        device: String,
        /// Its partition table.
        label: DiskLabel,
        /// Whether partitions are called `…p1`; `None` leaves it to libvirt.
        part_separator: Option<bool>,
    },
    /// An iSCSI target, logged in to by the host.
    Iscsi {
        /// The portal; port 3260 if it says none.
        portal: Server,
        /// The target's IQN.
        target: String,
        /// The host's own IQN, if not its usual one.
        initiator: Option<String>,
        /// CHAP.
        login: Option<Login>,
    },
    /// An iSCSI target, logged in to by QEMU.
    IscsiDirect {
        /// The portal.
        portal: Server,
        /// The target's IQN.
        target: String,
        /// The IQN to log in as.
        initiator: String,
        /// CHAP.
        login: Option<Login>,
    },
    /// A SCSI host.
    Scsi(Adapter),
    /// All multipath devices.
    Mpath,
    /// A Ceph pool.
    Rbd {
        /// Monitors, at least one.
        monitors: Vec<Server>,
        /// The pool's name at the cluster.
        pool: String,
        /// cephx.
        login: Option<Login>,
    },
    /// A GlusterFS volume.
    Gluster {
        /// Servers, at least one.
        servers: Vec<Server>,
        /// The volume.
        volume: String,
        /// A directory in it; `/` is all of it.
        directory: String,
    },
    /// A ZFS pool or data set.
    Zfs {
        /// `pool` or `pool/dataset`.
        name: String,
        /// Device to build it from.
        device: Option<String>,
    },
    /// A Virtuozzo cluster.
    Vstorage {
        /// Its name.
        cluster: String,
    },
    /// A kind this program does not know, by libvirt's word: shown, started and stopped, not built.
    Other(String),
}

impl PoolSource {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> PoolKind {
        match self {
            Self::Dir => PoolKind::Dir,
            Self::Fs { .. } => PoolKind::Fs,
            Self::Netfs { .. } => PoolKind::Netfs,
            Self::Logical { .. } => PoolKind::Logical,
            Self::Disk { .. } => PoolKind::Disk,
            Self::Iscsi { .. } => PoolKind::Iscsi,
            Self::IscsiDirect { .. } => PoolKind::IscsiDirect,
            Self::Scsi(_) => PoolKind::Scsi,
            Self::Mpath => PoolKind::Mpath,
            Self::Rbd { .. } => PoolKind::Rbd,
            Self::Gluster { .. } => PoolKind::Gluster,
            Self::Zfs { .. } => PoolKind::Zfs,
            Self::Vstorage { .. } => PoolKind::Vstorage,
            Self::Other(_) => PoolKind::Other,
        }
    }

    /// How it logs in, where it does.
    #[must_use]
    pub const fn login(&self) -> Option<&Login> {
        match self {
            Self::Iscsi { login, .. }
            | Self::IscsiDirect { login, .. }
            | Self::Rbd { login, .. } => login.as_ref(),
            Self::Dir
            | Self::Fs { .. }
            | Self::Netfs { .. }
            | Self::Logical { .. }
            | Self::Disk { .. }
            | Self::Scsi(_)
            | Self::Mpath
            | Self::Gluster { .. }
            | Self::Zfs { .. }
            | Self::Vstorage { .. }
            | Self::Other(_) => None,
        }
    }
}

/// A machine in the network. An IPv6 address is without brackets, as libvirt wants it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Server {
    /// Name or address.
    pub name: String,
    /// Port, where it is not the usual one.
    pub port: Option<u16>,
}

/// User name and secret for CHAP (iSCSI) or cephx (RBD); the kind of pool says which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// User name.
    pub user: String,
    /// Where the host finds the password.
    pub secret: SecretRef,
}

/// How XML names a libvirt secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretRef {
    /// By its UUID.
    Uuid(SecretUuid),
    /// By what it is for.
    Usage(String),
}

macro_rules! words {
    ($(#[$meta:meta])* $name:ident, $usual:ident { $($(#[$doc:meta])* $variant:ident => $word:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$doc])* $variant,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// libvirt's word.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// By libvirt's word; the usual one where there is none such.
            #[must_use]
            pub fn from_word(word: &str) -> Self {
                Self::ALL.iter().copied().find(|one| one.word() == word).unwrap_or(Self::$usual)
            }
        }
    };
}

words! {
    /// A file system on a device.
    FileSystem, Auto {
        /// Found out when it is mounted.
        #[default]
        Auto => "auto",
        /// ext2.
        Ext2 => "ext2",
        /// ext3.
        Ext3 => "ext3",
        /// ext4.
        Ext4 => "ext4",
        /// XFS.
        Xfs => "xfs",
        /// GFS, a cluster file system, superseded by GFS2.
        Gfs => "gfs",
        /// GFS2, a cluster file system.
        Gfs2 => "gfs2",
        /// OCFS2, a cluster file system.
        Ocfs2 => "ocfs2",
        /// VFAT.
        Vfat => "vfat",
        /// UFS.
        Ufs => "ufs",
        /// HFS+.
        HfsPlus => "hfs+",
        /// ISO 9660.
        Iso9660 => "iso9660",
        /// UDF.
        Udf => "udf",
        /// VMFS, a cluster file system.
        Vmfs => "vmfs",
    }
}

impl FileSystem {
    /// Whether several hosts may mount it at the same time. Any other is destroyed by that.
    #[must_use]
    pub const fn is_clustered(self) -> bool {
        matches!(self, Self::Gfs | Self::Gfs2 | Self::Ocfs2 | Self::Vmfs)
    }
}

words! {
    /// A partition table. (`Unknown` is libvirt's word for what it finds there.)
    DiskLabel, Unknown {
        /// Whatever is there.
        #[default]
        Unknown => "unknown",
        /// GPT.
        Gpt => "gpt",
        /// MBR.
        Dos => "dos",
        /// DVH (SGI).
        Dvh => "dvh",
        /// Apple.
        Mac => "mac",
        /// BSD.
        Bsd => "bsd",
        /// PC-98.
        Pc98 => "pc98",
        /// Sun.
        Sun => "sun",
        /// LVM2 physical volume.
        Lvm2 => "lvm2",
    }
}

words! {
    /// A version of NFS.
    NfsVersion, V4 {
        /// 3.
        V3 => "3",
        /// 4.
        #[default]
        V4 => "4",
        /// 4.1.
        V4_1 => "4.1",
        /// 4.2.
        V4_2 => "4.2",
    }
}

/// How the export of a server is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NetworkProtocol {
    /// Left to mount.
    Auto,
    /// NFS; the version is left to server and host without one.
    Nfs(Option<NfsVersion>),
    /// GlusterFS through FUSE.
    Gluster,
    /// CIFS. libvirt mounts it as guest, without a password.
    Cifs,
}

/// A SCSI host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Adapter {
    /// By its name, such as `scsi_host2`, which may be another one after the next boot.
    Host(String),
    /// By its PCI address, such as `0000:00:1f.2`, and the number there.
    HostAt {
        /// PCI address.
        address: String,
        /// `unique_id` in sysfs.
        unique_id: u32,
    },
    /// A Fibre Channel adapter, or a virtual one (vHBA) that is made on it.
    FibreChannel {
        /// Node name, 16 hexadecimal digits.
        wwnn: String,
        /// Port name, 16 hexadecimal digits.
        wwpn: String,
        /// The adapter that carries it.
        parent: FibreParent,
        /// libvirt makes and removes the vHBA; `None` leaves that to libvirt.
        managed: Option<bool>,
    },
}

/// Which adapter carries a vHBA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FibreParent {
    /// libvirt looks for one that can.
    Any,
    /// By its name, such as `scsi_host5`.
    Name(String),
    /// By its own WWNs.
    Wwn {
        /// Node name.
        wwnn: String,
        /// Port name.
        wwpn: String,
    },
    /// Any on this fabric.
    Fabric(String),
}
