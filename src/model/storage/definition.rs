//! Pools and volumes as they are to be: what a wizard fills in, what is written as XML.

use super::{PoolSource, SecretRef, VolumeFormat};
use crate::model::{Bytes, PoolUuid};

/// A pool as it is to be, or as its XML says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolDefinition {
    /// Its name.
    pub name: String,
    /// Its UUID; libvirt chooses one without it. Give one where several hosts get the pool.
    pub uuid: Option<PoolUuid>,
    /// Where its storage comes from.
    pub source: PoolSource,
    /// Where its volumes appear on the host.
    pub target: PoolTarget,
    /// Vendor of the device, which libvirt only keeps.
    pub vendor: Option<String>,
    /// Product name of the device, which libvirt only keeps.
    pub product: Option<String>,
    /// Copy-on-write of the file system for its volumes (btrfs); `None` leaves it as it is.
    pub copy_on_write: Option<bool>,
    /// RBD: take a volume's size for its use, which makes a refresh fast (libvirt 5.2).
    pub quick_refresh: bool,
    /// Options for mount (`fs`, `netfs`). libvirt calls their use unsupported and marks the pool as tainted.
    pub mount_options: Vec<String>,
    /// RBD: options for the Ceph client, name and value. Marked as tainted, too.
    pub ceph_options: Vec<(String, String)>,
}

impl PoolDefinition {
    /// A pool of this name and source with nothing special.
    #[must_use]
    pub fn new(name: impl Into<String>, source: PoolSource, path: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            uuid: None,
            source,
            target: PoolTarget { path: path.into(), permissions: Permissions::default() },
            vendor: None,
            product: None,
            copy_on_write: None,
            quick_refresh: false,
            mount_options: Vec::new(),
            ceph_options: Vec::new(),
        }
    }
}

/// Where the volumes of a pool appear on the host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoolTarget {
    /// The directory; empty where the kind has none (`iscsi-direct`, `rbd`, `gluster`) or libvirt chooses.
    pub path: String,
    /// Of the directory when it is made.
    pub permissions: Permissions,
}

/// Owner and mode of a directory or file; `None` leaves it to libvirt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    /// Mode, such as `0o711`.
    pub mode: Option<u32>,
    /// User id.
    pub owner: Option<u32>,
    /// Group id.
    pub group: Option<u32>,
    /// Security label.
    pub label: Option<String>,
}

/// A volume as it is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumeDefinition {
    /// Its name; in disk pools the backend puts the right partition name in its place.
    pub name: String,
    /// Its format; pools of devices (`logical`, `disk`, `zfs`, `rbd`) take none, so `Raw`.
    pub format: VolumeFormat,
    /// Its size as a guest sees it.
    pub capacity: Bytes,
    /// What is reserved at once. `None`: all for raw; libvirt ignores it for qcow2 without `preallocate`.
    pub allocation: Option<Bytes>,
    /// qcow2: write the tables at once; with `allocation` of the whole size reserve all.
    pub preallocate: bool,
    /// The image it builds on.
    pub backing: Option<Backing>,
    /// Encrypted with LUKS.
    pub encryption: Option<Encryption>,
    /// Options of qcow2.
    pub qcow2: Qcow2Options,
    /// Owner and mode of the file.
    pub permissions: Permissions,
}

impl VolumeDefinition {
    /// A volume with nothing special.
    #[must_use]
    pub fn new(name: impl Into<String>, format: VolumeFormat, capacity: Bytes) -> Self {
        Self {
            name: name.into(),
            format,
            capacity,
            allocation: None,
            preallocate: false,
            backing: None,
            encryption: None,
            qcow2: Qcow2Options::default(),
            permissions: Permissions::default(),
        }
    }
}

/// The image below an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backing {
    /// Its path (or URI).
    pub path: String,
    /// Its format.
    pub format: Option<VolumeFormat>,
}

/// Encryption with LUKS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encryption {
    /// The passphrase's secret, on every host that uses the volume.
    pub secret: SecretRef,
}

/// Options of qcow2; `compat` is always 1.1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Qcow2Options {
    /// Size of a cluster, a power of two from 512 B to 2 MiB.
    pub cluster_size: Option<Bytes>,
    /// Faster metadata, a longer check after a crash.
    pub lazy_refcounts: bool,
    /// Subclusters.
    pub extended_l2: bool,
}
