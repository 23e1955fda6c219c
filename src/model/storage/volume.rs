//! A volume of a pool.

use super::{Backing, Permissions, PoolKey};
use crate::model::Bytes;

/// A volume on one host.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VolumeKey {
    /// The pool.
    pub pool: PoolKey,
    /// Its name in the pool.
    pub name: String,
}

/// A volume. Its name comes with the list of its pool; the rest takes a call each, so over a slow
/// link it follows in pieces.
#[derive(Clone, Debug, PartialEq)]
pub struct Volume {
    /// Its name in the pool.
    pub name: String,
    /// All else, once it was read.
    pub details: Option<Box<VolumeDetails>>,
}

/// All of a volume but its name.
#[derive(Clone, Debug, PartialEq)]
pub struct VolumeDetails {
    /// What it is at the host.
    pub kind: VolumeKind,
    /// Path or URI by which guests use it.
    pub path: String,
    /// Its size as a guest sees it.
    pub capacity: Bytes,
    /// What it takes of the pool.
    pub allocation: Bytes,
    /// Its format; `None` where it has none (devices).
    pub format: Option<VolumeFormat>,
    /// The image it builds on.
    pub backing: Option<Backing>,
    /// libvirt's word for its encryption, such as `luks`. (After a refresh libvirt forgets the secret.)
    pub encryption: Option<String>,
    /// Owner and mode.
    pub permissions: Permissions,
}

/// What a volume is at the host (`virStorageVolType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VolumeKind {
    /// A file.
    File,
    /// A block device.
    Block,
    /// A directory.
    Directory,
    /// Something at a server.
    Network,
    /// A directory at a server.
    NetworkDirectory,
    /// A Virtuozzo image.
    Ploop,
    /// Something newer than this program.
    Other,
}

/// A format of volumes. Of what a device pool calls a format (the use of a partition) the word is kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum VolumeFormat {
    /// Nothing but the data.
    Raw,
    /// QEMU's own.
    Qcow2,
    /// Its forerunner.
    Qcow,
    /// VMware's.
    Vmdk,
    /// `VirtualBox`'s.
    Vdi,
    /// Microsoft's Virtual PC.
    Vpc,
    /// QEMU Enhanced Disk.
    Qed,
    /// A CD image.
    Iso,
    /// A directory.
    Dir,
    /// Bochs'.
    Bochs,
    /// Compressed loop.
    Cloop,
    /// User-mode Linux' copy on write.
    Cow,
    /// Apple's.
    Dmg,
    /// Something else, by libvirt's word.
    Other(String),
}

impl VolumeFormat {
    /// Those with a name of their own.
    pub const KNOWN: [Self; 13] = [
        Self::Raw,
        Self::Qcow2,
        Self::Qcow,
        Self::Vmdk,
        Self::Vdi,
        Self::Vpc,
        Self::Qed,
        Self::Iso,
        Self::Dir,
        Self::Bochs,
        Self::Cloop,
        Self::Cow,
        Self::Dmg,
    ];

    /// Those that QEMU can make, so that they are offered for new volumes (with `Raw`, `Qcow2` first).
    pub const CREATABLE: [Self; 7] =
        [Self::Qcow2, Self::Raw, Self::Qcow, Self::Vmdk, Self::Vdi, Self::Vpc, Self::Qed];

    /// libvirt's word.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Raw => "raw",
            Self::Qcow2 => "qcow2",
            Self::Qcow => "qcow",
            Self::Vmdk => "vmdk",
            Self::Vdi => "vdi",
            Self::Vpc => "vpc",
            Self::Qed => "qed",
            Self::Iso => "iso",
            Self::Dir => "dir",
            Self::Bochs => "bochs",
            Self::Cloop => "cloop",
            Self::Cow => "cow",
            Self::Dmg => "dmg",
            Self::Other(word) => word,
        }
    }

    /// By libvirt's word.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        Self::KNOWN
            .into_iter()
            .find(|format| format.word() == word)
            .unwrap_or_else(|| Self::Other(word.to_owned()))
    }
}

/// How a volume is overwritten (`virStorageVolWipeAlgorithm`). All but zeros need `scrub` at the host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum WipeAlgorithm {
    /// Zeros, once.
    #[default]
    Zero,
    /// NNSA, 4 passes.
    Nnsa,
    /// DoD 5220.22-M, 4 passes.
    Dod,
    /// German BSI, 9 passes.
    Bsi,
    /// Gutmann, 35 passes.
    Gutmann,
    /// Schneier, 7 passes.
    Schneier,
    /// Pfitzner, 7 passes.
    Pfitzner7,
    /// Pfitzner, 33 passes.
    Pfitzner33,
    /// Random, once.
    Random,
}
