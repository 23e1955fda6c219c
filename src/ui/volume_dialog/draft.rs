//! What is filled in so far, and the volume that comes of it: pure.

use crate::backend::SecretWish;
use crate::model::storage::{
    Backing, Encryption, Pool, PoolKind, SecretRef, SecretValue, VolumeDefinition, VolumeFormat,
};
use crate::model::{Bytes, SecretUuid};
use crate::storage::{
    Room, RoomVerdict, VolumeFault, abilities, encryptable, room, suffix, volume_faults,
    volume_path,
};

use super::base::{Base, Below, guess};

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
    /// The size was typed; else it follows the image below.
    capacity_typed: bool,
    /// What is reserved of qcow2.
    pub reserve: Reserve,
    /// The volumes of the pool on which it can build.
    pub bases: Vec<Base>,
    /// On what it builds.
    pub below: Below,
    /// Path of the file below, where that is typed.
    pub backing: String,
    /// Its format, where that was chosen; else it follows the path.
    pub backing_format: Option<VolumeFormat>,
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
            capacity_typed: false,
            reserve: Reserve::default(),
            bases: Vec::new(),
            below: Below::default(),
            backing: String::new(),
            backing_format: None,
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
        if let Below::Volume(_) = self.below
            && self.base().is_none_or(|base| !base.carries(&self.format))
        {
            self.below = Below::Nothing;
        }
        if let Some(stem) = self.name.strip_suffix(&old).filter(|_| !old.is_empty()) {
            self.name = format!("{stem}{}", self.ending());
        }
        self.follow();
    }

    /// Fills the size in.
    pub fn set_capacity(&mut self, capacity: Bytes) {
        self.capacity = capacity;
        self.capacity_typed = true;
        self.follow();
    }

    /// Chooses on what it builds. What is smaller than that would cut it off.
    pub fn build_on(&mut self, below: Below) {
        self.below = below;
        if let Some(base) = self.base()
            && (!self.capacity_typed || self.capacity < base.capacity)
        {
            self.capacity = base.capacity;
            self.follow();
        }
    }

    /// The volume on which it builds: chosen, or by its path.
    #[must_use]
    pub fn base(&self) -> Option<&Base> {
        match self.below {
            Below::Nothing => None,
            Below::Volume(place) => self.bases.get(place),
            Below::File => self.bases.iter().find(|base| base.path == self.backing.trim()),
        }
    }

    /// The format of what is below: that of the volume, else the chosen one, else what the name tells. Without it libvirt
    /// takes the file for raw, and a guest would see the inside of an image.
    #[must_use]
    pub fn backing_format(&self) -> Option<VolumeFormat> {
        if !abilities(self.pool.kind()).files {
            return None;
        }
        let known = self.base().and_then(|base| base.format.clone());
        let chosen = || self.backing_format.clone();
        known.or_else(chosen).or_else(|| Some(guess(self.backing.trim())))
    }

    fn backing(&self) -> Option<Backing> {
        let path = match self.below {
            Below::Nothing => return None,
            Below::Volume(_) => self.base()?.path.clone(),
            Below::File => self.backing.trim().to_owned(),
        };
        self.takes_backing().then(|| Backing { path, format: self.backing_format() })
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
        self.format == VolumeFormat::Qcow2 && self.below == Below::Nothing && !self.encrypts()
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
        volume_path(&self.pool, self.name.trim())
    }

    /// The passphrase, to be set on each host.
    #[must_use]
    pub fn secret(&self) -> Option<SecretWish> {
        self.encrypts().then(|| {
            SecretWish::of_volume(
                self.secret,
                &self.pool,
                self.name.trim(),
                self.passphrase.clone(),
            )
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
        volume.backing = self.backing();
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
    use crate::model::storage::{PoolDefinition, PoolKey, PoolSource, SecretUsage};
    use crate::model::{HostId, PoolUuid};

    const GIB: u64 = 1 << 30;

    fn draft(source: PoolSource) -> VolumeDraft {
        let pool = Pool {
            capacity: Bytes(100 * GIB),
            allocation: Bytes(50 * GIB),
            available: Bytes(50 * GIB),
            ..Pool::running(
                PoolKey { host: HostId(1), uuid: PoolUuid([1; 16]) },
                PoolDefinition::new("p", source, "/p"),
            )
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
    fn what_is_below_brings_its_format_and_size() {
        let mut draft = draft(PoolSource::Dir);
        let base = |name: &str, format| Base {
            name: name.into(),
            path: format!("/p/{name}"),
            format: Some(format),
            capacity: Bytes(30 * GIB),
            users: Vec::new(),
        };
        draft.bases = vec![base("a", VolumeFormat::Qcow2), base("b.vmdk", VolumeFormat::Vmdk)];
        draft.build_on(Below::Volume(0));
        let below = |path: &str, format| Some(Backing { path: path.into(), format: Some(format) });
        assert_eq!(draft.definition().backing, below("/p/a", VolumeFormat::Qcow2));
        assert_eq!(draft.capacity, Bytes(30 * GIB));
        draft.set_capacity(Bytes(40 * GIB));
        draft.build_on(Below::Volume(1));
        assert_eq!(draft.capacity, Bytes(40 * GIB), "a larger one stays");
        draft.choose(VolumeFormat::Vmdk);
        assert_eq!(draft.definition().backing, below("/p/b.vmdk", VolumeFormat::Vmdk));
        draft.build_on(Below::Volume(0));
        draft.choose(VolumeFormat::Qcow2);
        draft.build_on(Below::File);
        assert_eq!(draft.faults(), [VolumeFault::BackingRelative(String::new())]);
        draft.backing = "/p/a".into();
        assert_eq!(draft.definition().backing, below("/p/a", VolumeFormat::Qcow2), "by its path");
        draft.backing = "/srv/base.img".into();
        assert_eq!(draft.definition().backing, below("/srv/base.img", VolumeFormat::Raw));
        draft.backing_format = Some(VolumeFormat::Qcow2);
        assert_eq!(draft.definition().backing, below("/srv/base.img", VolumeFormat::Qcow2));
        draft.choose(VolumeFormat::Raw);
        assert_eq!(draft.definition().backing, None);
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
