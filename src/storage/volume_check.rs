//! Whether a volume can be made as it is described, and whether there is room for it.

use super::abilities::abilities;
use crate::model::Bytes;
use crate::model::storage::{Pool, PoolKind, VolumeDefinition, VolumeFormat};

/// What is wrong with the description of a volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VolumeFault {
    /// No name.
    NameMissing,
    /// A `/` in the name, which libvirt refuses, or a control character, which XML cannot hold or loses.
    NameCharacter(char),
    /// `.` or `..`.
    NameOfDirectory,
    /// More bytes than a file system takes (255): this many.
    NameTooLong(usize),
    /// A volume of this name is there.
    NameTaken,
    /// A character that LVM does not take.
    DeviceNameCharacter(char),
    /// A size of 0.
    NoCapacity,
    /// QEMU cannot make this format.
    NotCreatable(VolumeFormat),
    /// A pool of devices has no formats.
    NoFormats,
    /// This format cannot build on another image.
    NoBacking(VolumeFormat),
    /// The backing image's path is not absolute.
    BackingRelative(String),
    /// Reserved tables with a backing image.
    PreallocatedBacking,
    /// Only qcow2 has tables to reserve.
    PreallocatedFormat(VolumeFormat),
    /// Only raw and qcow2 volumes of files, and raw logical volumes, are encrypted by libvirt.
    NotEncryptable,
    /// Not a power of two from 512 B to 2 MiB.
    ClusterSize(Bytes),
    /// Options of qcow2 with another format.
    Qcow2Options,
}

/// Everything that is wrong with the description of a volume for a pool of this kind. `taken`
/// says whether a name is used.
#[must_use]
pub fn volume_faults(
    volume: &VolumeDefinition,
    kind: PoolKind,
    taken: impl Fn(&str) -> bool,
) -> Vec<VolumeFault> {
    let mut faults = Vec::new();
    if kind != PoolKind::Disk {
        faults.extend(name_fault(&volume.name, kind, taken));
    }
    if volume.capacity.0 == 0 && volume.backing.is_none() {
        faults.push(VolumeFault::NoCapacity);
    }
    if abilities(kind).files {
        if !VolumeFormat::CREATABLE.contains(&volume.format) {
            faults.push(VolumeFault::NotCreatable(volume.format.clone()));
        }
    } else if volume.format != VolumeFormat::Raw {
        faults.push(VolumeFault::NoFormats);
    }
    faults.extend(backing_faults(volume, kind));
    faults.extend(qcow2_faults(volume));
    if volume.encryption.is_some() && !encryptable(&volume.format, kind) {
        faults.push(VolumeFault::NotEncryptable);
    }
    faults
}

/// The largest name of a file, in bytes, on every file system of Linux.
const NAME_BYTES: usize = 255;

fn name_fault(name: &str, kind: PoolKind, taken: impl Fn(&str) -> bool) -> Option<VolumeFault> {
    if name.trim().is_empty() {
        return Some(VolumeFault::NameMissing);
    }
    if let Some(character) =
        name.chars().find(|character| *character == '/' || character.is_control())
    {
        return Some(VolumeFault::NameCharacter(character));
    }
    if matches!(name, "." | "..") {
        return Some(VolumeFault::NameOfDirectory);
    }
    let in_lvm = |character: char| character.is_ascii_alphanumeric() || "+_.-".contains(character);
    if kind == PoolKind::Logical
        && let Some(character) = name.chars().find(|&character| !in_lvm(character))
    {
        return Some(VolumeFault::DeviceNameCharacter(character));
    }
    if name.len() > NAME_BYTES {
        return Some(VolumeFault::NameTooLong(name.len()));
    }
    taken(name).then_some(VolumeFault::NameTaken)
}

fn backing_faults(volume: &VolumeDefinition, kind: PoolKind) -> Vec<VolumeFault> {
    let Some(backing) = &volume.backing else { return Vec::new() };
    let mut faults = Vec::new();
    let takes = match kind {
        PoolKind::Logical => true, // a snapshot
        _ => matches!(
            volume.format,
            VolumeFormat::Qcow2 | VolumeFormat::Qcow | VolumeFormat::Qed | VolumeFormat::Vmdk
        ),
    };
    if !takes {
        faults.push(VolumeFault::NoBacking(volume.format.clone()));
    }
    if !backing.path.starts_with('/') {
        faults.push(VolumeFault::BackingRelative(backing.path.clone()));
    }
    if volume.preallocate {
        faults.push(VolumeFault::PreallocatedBacking);
    }
    faults
}

fn qcow2_faults(volume: &VolumeDefinition) -> Vec<VolumeFault> {
    let mut faults = Vec::new();
    let is_qcow2 = volume.format == VolumeFormat::Qcow2;
    if volume.preallocate && !is_qcow2 {
        faults.push(VolumeFault::PreallocatedFormat(volume.format.clone()));
    }
    let options = volume.qcow2;
    if !is_qcow2 && options != Default::default() {
        faults.push(VolumeFault::Qcow2Options);
    }
    if let Some(size) = options.cluster_size
        && !(size.0.is_power_of_two() && (512..=2 << 20).contains(&size.0))
    {
        faults.push(VolumeFault::ClusterSize(size));
    }
    faults
}

/// Whether libvirt makes an encrypted volume of this format in a pool of this kind.
#[must_use]
pub fn encryptable(format: &VolumeFormat, kind: PoolKind) -> bool {
    match kind {
        PoolKind::Logical => *format == VolumeFormat::Raw,
        _ if abilities(kind).files => matches!(format, VolumeFormat::Raw | VolumeFormat::Qcow2),
        _ => false,
    }
}

/// The usual ending of a file's name, by its format.
#[must_use]
pub fn suffix(format: &VolumeFormat) -> &str {
    match format {
        VolumeFormat::Raw => ".img",
        VolumeFormat::Qcow2 => ".qcow2",
        VolumeFormat::Qcow => ".qcow",
        VolumeFormat::Vmdk => ".vmdk",
        VolumeFormat::Vdi => ".vdi",
        VolumeFormat::Vpc => ".vpc",
        VolumeFormat::Qed => ".qed",
        VolumeFormat::Iso => ".iso",
        VolumeFormat::Dmg => ".dmg",
        VolumeFormat::Dir
        | VolumeFormat::Bochs
        | VolumeFormat::Cloop
        | VolumeFormat::Cow
        | VolumeFormat::Other(_) => "",
    }
}

/// Whether a volume has room in its pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// What it takes at once.
    pub now: Bytes,
    /// What it takes when it is full.
    pub full: Bytes,
    /// Free in the pool afterwards.
    pub free_after: Bytes,
    /// What comes of it.
    pub verdict: RoomVerdict,
}

/// What comes of a volume in its pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RoomVerdict {
    /// All of it is reserved, and fits.
    Reserved,
    /// It grows, and fits also when it is full (if nothing else grows).
    Grows,
    /// It can grow beyond what is free: libvirt makes it without a word; a guest that fills it is
    /// paused.
    GrowsBeyond,
    /// LVM: a snapshot volume that does not grow by itself. What is written beyond is lost.
    Snapshot,
    /// libvirt refuses it: not so much is free.
    Refused,
    /// The pool does not say what is free.
    Unknown,
}

/// Whether a volume has room, as libvirt would see it (storage.md S-c, 5a, 5c).
#[must_use]
pub fn room(pool: &Pool, volume: &VolumeDefinition) -> Room {
    let full = volume.capacity;
    let available = pool.available;
    let now = reserved(pool.kind(), volume);
    let free_after = Bytes(available.0.saturating_sub(now.0));
    let verdict = if !pool.state.is_active() || pool.kind() == PoolKind::Other {
        RoomVerdict::Unknown
    } else if now > available {
        RoomVerdict::Refused
    } else if now >= full {
        RoomVerdict::Reserved
    } else if pool.kind() == PoolKind::Logical {
        RoomVerdict::Snapshot
    } else if full > available {
        RoomVerdict::GrowsBeyond
    } else {
        RoomVerdict::Grows
    };
    Room { now, full: full.max(now), free_after, verdict }
}

/// What is taken at once. Raw without an allocation is reserved in full, with one larger than its
/// size it becomes that large; qcow2 only with its tables; an encrypted one never.
fn reserved(kind: PoolKind, volume: &VolumeDefinition) -> Bytes {
    let wanted = volume.allocation.unwrap_or(volume.capacity);
    match kind {
        PoolKind::Rbd => Bytes(0),
        PoolKind::Disk => volume.capacity,
        PoolKind::Logical | PoolKind::Zfs => wanted.min(volume.capacity),
        _ if volume.format == VolumeFormat::Raw && volume.encryption.is_none() => wanted,
        _ if volume.format == VolumeFormat::Qcow2
            && volume.preallocate
            && wanted >= volume.capacity =>
        {
            volume.capacity
        }
        _ => Bytes(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::storage::{
        Backing, Encryption, PoolDefinition, PoolKey, PoolSource, Qcow2Options, SecretRef,
    };
    use crate::model::{HostId, PoolUuid};

    const MIB: u64 = 1 << 20;

    fn volume(format: VolumeFormat, mib: u64) -> VolumeDefinition {
        VolumeDefinition::new("v", format, Bytes(mib * MIB))
    }

    fn faults(volume: &VolumeDefinition) -> Vec<VolumeFault> {
        volume_faults(volume, PoolKind::Dir, |name| name == "taken")
    }

    #[test]
    fn names() {
        let named = |name: &str| {
            faults(&VolumeDefinition { name: name.into(), ..volume(VolumeFormat::Raw, 1) })
        };
        for good in ["a", " a&ü'\"<🎈", ".hidden", "-dash", &"x".repeat(255)] {
            assert_eq!(named(good), [], "{good}");
        }
        assert_eq!(named(""), [VolumeFault::NameMissing]);
        assert_eq!(named("a/b"), [VolumeFault::NameCharacter('/')]);
        assert_eq!(named("a\nb"), [VolumeFault::NameCharacter('\n')]);
        assert_eq!(named(&"ä".repeat(128)), [VolumeFault::NameTooLong(256)]);
        assert_eq!(named(".."), [VolumeFault::NameOfDirectory]);
        assert_eq!(named("taken"), [VolumeFault::NameTaken]);
        let spaced = VolumeDefinition { name: "a b".into(), ..volume(VolumeFormat::Raw, 1) };
        let fault = volume_faults(&spaced, PoolKind::Logical, |_| false);
        assert_eq!(fault, [VolumeFault::DeviceNameCharacter(' ')]);
    }

    #[test]
    fn what_does_not_go_together() {
        assert_eq!(faults(&volume(VolumeFormat::Raw, 0)), [VolumeFault::NoCapacity]);
        assert_eq!(
            faults(&volume(VolumeFormat::Cloop, 1)),
            [VolumeFault::NotCreatable(VolumeFormat::Cloop)]
        );
        let backing = Some(Backing { path: "base".into(), format: None });
        let raw = VolumeDefinition { backing: backing.clone(), ..volume(VolumeFormat::Raw, 1) };
        assert_eq!(
            faults(&raw),
            [
                VolumeFault::NoBacking(VolumeFormat::Raw),
                VolumeFault::BackingRelative("base".into())
            ]
        );
        let tables =
            VolumeDefinition { backing, preallocate: true, ..volume(VolumeFormat::Qcow2, 0) };
        assert_eq!(
            faults(&tables),
            [VolumeFault::BackingRelative("base".into()), VolumeFault::PreallocatedBacking]
        );
        let clusters = Qcow2Options { cluster_size: Some(Bytes(1000)), ..Default::default() };
        let odd = VolumeDefinition { qcow2: clusters, ..volume(VolumeFormat::Vdi, 1) };
        assert_eq!(
            faults(&odd),
            [VolumeFault::Qcow2Options, VolumeFault::ClusterSize(Bytes(1000))]
        );
        let secret = Some(Encryption { secret: SecretRef::Usage("x".into()) });
        let encrypted = VolumeDefinition { encryption: secret, ..volume(VolumeFormat::Vmdk, 1) };
        assert_eq!(faults(&encrypted), [VolumeFault::NotEncryptable]);
    }

    #[test]
    fn room_as_libvirt_sees_it() {
        let pool = |source: PoolSource| Pool {
            capacity: Bytes(200 * MIB),
            allocation: Bytes(100 * MIB),
            available: Bytes(100 * MIB),
            ..Pool::running(
                PoolKey { host: HostId(1), uuid: PoolUuid([0; 16]) },
                PoolDefinition::new("p", source, "/p"),
            )
        };
        let dir = pool(PoolSource::Dir);
        let group = pool(PoolSource::Logical { group: "g".into(), devices: Vec::new() });
        let with = |volume: VolumeDefinition, mib: u64| VolumeDefinition {
            allocation: Some(Bytes(mib * MIB)),
            ..volume
        };
        let raw = |mib| volume(VolumeFormat::Raw, mib);
        let qcow2 = |mib| volume(VolumeFormat::Qcow2, mib);
        for (pool, volume, verdict, free) in [
            (&dir, raw(60), RoomVerdict::Reserved, 40),
            (&dir, raw(101), RoomVerdict::Refused, 0),
            (&dir, with(raw(60), 0), RoomVerdict::Grows, 100),
            (&dir, with(raw(101), 10), RoomVerdict::GrowsBeyond, 90),
            (&dir, with(raw(60), 101), RoomVerdict::Refused, 0),
            (&dir, qcow2(60), RoomVerdict::Grows, 100),
            (&dir, qcow2(101), RoomVerdict::GrowsBeyond, 100),
            (&dir, VolumeDefinition { preallocate: true, ..qcow2(101) }, RoomVerdict::Refused, 0),
            (&group, raw(60), RoomVerdict::Reserved, 40),
            (&group, with(raw(60), 10), RoomVerdict::Snapshot, 90),
        ] {
            let room = room(pool, &volume);
            assert_eq!((room.verdict, room.free_after.0 / MIB), (verdict, free), "{volume:?}");
        }
    }
}
