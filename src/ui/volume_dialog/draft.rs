//! What is filled in so far, and the volume that comes of it: pure.

use crate::backend::SecretWish;
use crate::model::storage::{
    Backing, Encryption, Pool, PoolKind, SecretDefinition, SecretRef, SecretUsage, SecretValue,
    VolumeDefinition, VolumeFormat,
};
use crate::model::{Bytes, SecretUuid};
use crate::storage::{
    Room, RoomVerdict, VolumeFault, abilities, encryptable, path_there, room, suffix, volume_faults,
};

/// What is reserved of a qcow2 volume at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reserve {
    /// Nothing: it grows.
    #[default]
    Nothing,
    /// Its tables, which makes it faster.
    Tables,
    /// All of it.
    All,
}

impl Reserve {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Nothing, Self::Tables, Self::All];
}

/// What is wrong with the passphrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PassphraseFault {
    /// There is none.
    Missing,
    /// The two are not the same.
    Differs,
}

/// What is filled in so far.
#[derive(Clone, Debug)]
pub struct VolumeDraft {
    /// The pool.
    pub pool: Pool,
    /// Names that are taken in it.
    pub taken: Vec<String>,
    /// Its name.
    pub name: String,
    /// Its format.
    pub format: VolumeFormat,
    /// Its size.
    pub capacity: Bytes,
    /// What is reserved at once, where that is an amount.
    pub allocation: Bytes,
    /// The amount was typed; else it follows the format.
    allocation_typed: bool,
    /// What is reserved of qcow2.
    pub reserve: Reserve,
    /// Path of the image below; empty for none.
    pub backing: String,
    /// Size of a cluster; `None` for the usual one.
    pub cluster_size: Option<Bytes>,
    /// Lazy reference counts.
    pub lazy_refcounts: bool,
    /// Subclusters.
    pub extended_l2: bool,
    /// Encrypted with LUKS.
    pub encrypted: bool,
    /// The passphrase.
    pub passphrase: SecretValue,
    /// The same again.
    pub repeated: SecretValue,
    secret: SecretUuid,
}

/// The size that is offered, unless less is free.
const USUAL: Bytes = Bytes(20 << 30);

impl VolumeDraft {
    /// Nothing filled in.
    #[must_use]
    pub fn new(pool: Pool, taken: Vec<String>, secret: SecretUuid) -> Self {
        let format =
            if abilities(pool.kind()).files { VolumeFormat::Qcow2 } else { VolumeFormat::Raw };
        let whole_gib = Bytes(pool.available.0 >> 30 << 30);
        let fits = if whole_gib.0 > 0 { whole_gib } else { Bytes(pool.available.0 >> 20 << 20) };
        let capacity = if pool.available.0 > 0 { USUAL.min(fits) } else { USUAL };
        let mut draft = Self {
            pool,
            taken,
            name: String::new(),
            format,
            capacity,
            allocation: Bytes(0),
            allocation_typed: false,
            reserve: Reserve::default(),
            backing: String::new(),
            cluster_size: None,
            lazy_refcounts: false,
            extended_l2: false,
            encrypted: false,
            passphrase: SecretValue(String::new()),
            repeated: SecretValue(String::new()),
            secret,
        };
        draft.name = draft.free_name();
        draft.follow();
        draft
    }

    /// `disk`, `disk-1` … with the ending of the format.
    fn free_name(&self) -> String {
        let ending = self.ending();
        let numbered = (1..).map(|number| format!("disk-{number}{ending}"));
        let mut names = std::iter::once(format!("disk{ending}")).chain(numbered);
        names.find(|name| !self.taken.contains(name)).unwrap_or_default()
    }

    fn ending(&self) -> &str {
        if abilities(self.pool.kind()).files { suffix(&self.format) } else { "" }
    }

    /// Chooses the format; the ending of the name follows.
    pub fn choose(&mut self, format: VolumeFormat) {
        let old = self.ending().to_owned();
        self.format = format;
        if let Some(stem) = self.name.strip_suffix(&old).filter(|_| !old.is_empty()) {
            self.name = format!("{stem}{}", self.ending());
        }
        self.follow();
    }

    /// Fills the size in.
    pub fn set_capacity(&mut self, capacity: Bytes) {
        self.capacity = capacity;
        self.follow();
    }

    /// Fills in what is reserved.
    pub fn set_allocation(&mut self, allocation: Bytes) {
        self.allocation = allocation;
        self.allocation_typed = true;
    }

    /// What was not typed is as usual: devices are reserved in full, files grow.
    fn follow(&mut self) {
        if !self.allocation_typed {
            let devices = matches!(self.pool.kind(), PoolKind::Logical | PoolKind::Zfs);
            self.allocation = if devices { self.capacity } else { Bytes(0) };
        }
    }

    /// Whether an amount can be reserved: raw files, and devices that may grow.
    #[must_use]
    pub fn takes_allocation(&self) -> bool {
        match self.pool.kind() {
            PoolKind::Logical | PoolKind::Zfs => true,
            kind => abilities(kind).files && self.format == VolumeFormat::Raw && !self.encrypts(),
        }
    }

    /// Whether tables or all can be reserved: qcow2 that builds on nothing.
    #[must_use]
    pub fn takes_reserve(&self) -> bool {
        self.format == VolumeFormat::Qcow2 && self.backing.trim().is_empty() && !self.encrypts()
    }

    /// Whether it can build on another image.
    #[must_use]
    pub fn takes_backing(&self) -> bool {
        let growing = matches!(
            self.format,
            VolumeFormat::Qcow2 | VolumeFormat::Qcow | VolumeFormat::Qed | VolumeFormat::Vmdk
        );
        self.pool.kind() == PoolKind::Logical || (growing && abilities(self.pool.kind()).files)
    }

    /// Whether it can be encrypted.
    #[must_use]
    pub fn takes_encryption(&self) -> bool {
        encryptable(&self.format, self.pool.kind())
    }

    fn encrypts(&self) -> bool {
        self.encrypted && self.takes_encryption()
    }

    /// Its path at its host, which is what its secret is for.
    fn path(&self) -> String {
        let target = &self.pool.definition.target.path;
        path_there(self.pool.kind(), target, self.name.trim())
            .unwrap_or_else(|| format!("{}/{}", self.pool.name(), self.name.trim()))
    }

    /// The passphrase, to be set on each host.
    #[must_use]
    pub fn secret(&self) -> Option<SecretWish> {
        self.encrypts().then(|| SecretWish {
            definition: SecretDefinition {
                uuid: self.secret,
                usage: SecretUsage::Volume(self.path()),
                description: format!("Vireo: {}", self.name.trim()),
            },
            value: self.passphrase.clone(),
        })
    }

    /// The volume that comes of it.
    #[must_use]
    pub fn definition(&self) -> VolumeDefinition {
        let mut volume =
            VolumeDefinition::new(self.name.trim(), self.format.clone(), self.capacity);
        if self.takes_allocation() {
            volume.allocation = Some(self.allocation);
        }
        if self.takes_reserve() && self.reserve != Reserve::Nothing {
            volume.preallocate = true;
            let all = self.reserve == Reserve::All;
            volume.allocation = Some(if all { self.capacity } else { Bytes(0) });
        }
        let path = self.backing.trim();
        if self.takes_backing() && !path.is_empty() {
            volume.backing = Some(Backing { path: path.to_owned(), format: None });
        }
        if self.format == VolumeFormat::Qcow2 {
            volume.qcow2.cluster_size = self.cluster_size;
            volume.qcow2.lazy_refcounts = self.lazy_refcounts;
            volume.qcow2.extended_l2 = self.extended_l2;
        }
        if self.encrypts() {
            volume.encryption = Some(Encryption { secret: SecretRef::Usage(self.path()) });
        }
        volume
    }

    /// Everything that is wrong with it.
    #[must_use]
    pub fn faults(&self) -> Vec<VolumeFault> {
        let taken = |name: &str| self.taken.iter().any(|taken| taken == name);
        volume_faults(&self.definition(), self.pool.kind(), taken)
    }

    /// What is wrong with the passphrase.
    #[must_use]
    pub fn passphrase_fault(&self) -> Option<PassphraseFault> {
        if !self.encrypts() {
            None
        } else if self.passphrase.0.is_empty() {
            Some(PassphraseFault::Missing)
        } else {
            (self.passphrase != self.repeated).then_some(PassphraseFault::Differs)
        }
    }

    /// What it takes of the pool.
    #[must_use]
    pub fn room(&self) -> Room {
        room(&self.pool, &self.definition())
    }

    /// Whether libvirt would make it.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.faults().is_empty()
            && self.passphrase_fault().is_none()
            && self.room().verdict != RoomVerdict::Refused
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::storage::{PoolDefinition, PoolKey, PoolSource, PoolState};
    use crate::model::{HostId, PoolUuid};

    const GIB: u64 = 1 << 30;

    fn draft(source: PoolSource) -> VolumeDraft {
        let pool = Pool {
            key: PoolKey { host: HostId(1), uuid: PoolUuid([1; 16]) },
            definition: PoolDefinition::new("p", source, "/p"),
            state: PoolState::Running,
            persistent: true,
            autostart: false,
            capacity: Bytes(100 * GIB),
            allocation: Bytes(50 * GIB),
            available: Bytes(50 * GIB),
        };
        VolumeDraft::new(pool, vec!["disk.qcow2".into()], SecretUuid([2; 16]))
    }

    #[test]
    fn the_ending_follows_the_format_and_the_name_is_free() {
        let mut draft = draft(PoolSource::Dir);
        assert_eq!(draft.name, "disk-1.qcow2");
        draft.choose(VolumeFormat::Raw);
        assert_eq!(draft.name, "disk-1.img");
        draft.name = "mine.bin".into();
        draft.choose(VolumeFormat::Vdi);
        assert_eq!(draft.name, "mine.bin");
    }

    #[test]
    fn what_is_reserved_depends_on_pool_and_format() {
        let mut files = draft(PoolSource::Dir);
        assert_eq!(files.definition().allocation, None);
        assert_eq!(files.room().verdict, RoomVerdict::Grows);
        files.reserve = Reserve::All;
        let volume = files.definition();
        assert!(volume.preallocate && volume.allocation == Some(Bytes(20 * GIB)));
        files.choose(VolumeFormat::Raw);
        files.set_allocation(Bytes(20 * GIB));
        assert_eq!(files.room().verdict, RoomVerdict::Reserved);
        files.set_capacity(Bytes(60 * GIB));
        files.set_allocation(Bytes(60 * GIB));
        assert!(files.room().verdict == RoomVerdict::Refused && !files.is_whole());

        let group = PoolSource::Logical { group: "vg".into(), devices: Vec::new() };
        let devices = draft(group);
        assert_eq!((devices.format.clone(), devices.name.as_str()), (VolumeFormat::Raw, "disk"));
        assert_eq!(devices.room().verdict, RoomVerdict::Reserved);
    }

    #[test]
    fn a_passphrase_is_typed_twice() {
        let mut draft = draft(PoolSource::Dir);
        draft.encrypted = true;
        assert_eq!(draft.passphrase_fault(), Some(PassphraseFault::Missing));
        draft.passphrase.0 = "a".into();
        assert_eq!(draft.passphrase_fault(), Some(PassphraseFault::Differs));
        draft.repeated.0 = "a".into();
        assert!(draft.is_whole());
        let secret = draft.secret().unwrap();
        assert_eq!(secret.definition.usage, SecretUsage::Volume("/p/disk-1.qcow2".into()));
        draft.choose(VolumeFormat::Vmdk);
        assert!(draft.secret().is_none() && draft.definition().encryption.is_none());
    }
}
