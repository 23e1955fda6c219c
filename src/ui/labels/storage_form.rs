//! What is wrong with a pool or volume as it was filled in, and what should be thought over.

use crate::i18n::{gettext, gettext_f, ngettext_f};
use crate::storage::{
    Difference, PoolFault, PoolField, PoolWarning, Room, RoomVerdict, ServerFault, VolumeFault,
};

use super::bytes;

/// The name of a field of the pool wizard.
#[must_use]
pub fn field(field: PoolField) -> String {
    match field {
        PoolField::Name => gettext("Name"),
        PoolField::Target => gettext("Target path"),
        PoolField::Server => gettext("Server"),
        PoolField::Device => gettext("Device"),
        PoolField::Export => gettext("Export"),
        PoolField::Directory => gettext("Directory"),
        PoolField::SourceName => gettext("Source name"),
        PoolField::Iqn => gettext("Target IQN"),
        PoolField::Initiator => gettext("Initiator IQN"),
        PoolField::Adapter => gettext("Adapter"),
        PoolField::Wwnn => gettext("Node name (WWNN)"),
        PoolField::Wwpn => gettext("Port name (WWPN)"),
        PoolField::Parent => gettext("Parent adapter"),
        PoolField::User => gettext("User name"),
        PoolField::Secret => gettext("Secret"),
        PoolField::MountOptions => gettext("Mount options"),
        PoolField::CephOptions => gettext("Ceph options"),
        PoolField::Mode => gettext("Mode of the directory, such as 0711"),
        PoolField::Owner => gettext("Owner (user ID)"),
        PoolField::Group => gettext("Group (group ID)"),
        PoolField::Label => gettext("SELinux label"),
    }
}

/// Which field a fault is about.
#[must_use]
pub const fn field_of(fault: &PoolFault) -> PoolField {
    match fault {
        PoolFault::Missing(field)
        | PoolFault::Relative(field, _)
        | PoolFault::Iqn(field, _)
        | PoolFault::Wwn(field, _)
        | PoolFault::Character(field, _)
        | PoolFault::Id(field, _) => *field,
        PoolFault::NameCharacter(_) => PoolField::Name,
        PoolFault::Server(_) | PoolFault::PortIgnored(_) => PoolField::Server,
        PoolFault::PciAddress(_) | PoolFault::UniqueId => PoolField::Adapter,
        PoolFault::MountOption(_) => PoolField::MountOptions,
        PoolFault::CephOption(_) => PoolField::CephOptions,
        PoolFault::Mode(_) => PoolField::Mode,
        PoolFault::CopyOnWrite => PoolField::Target,
    }
}

/// What is wrong with a pool, and what would be right.
#[must_use]
pub fn pool_fault(fault: &PoolFault) -> String {
    match fault {
        PoolFault::Missing(which) => {
            gettext_f("“{field}” must be filled in.", &[("field", &field(*which))])
        }
        PoolFault::NameCharacter('/') => gettext("A name cannot contain “/”."),
        PoolFault::NameCharacter(_) => {
            gettext("A name cannot contain line breaks or other control characters.")
        }
        PoolFault::Relative(_, path) => {
            gettext_f("“{path}” must be a full path that begins with “/”.", &[("path", path)])
        }
        PoolFault::Server(fault) => server_fault(fault),
        PoolFault::PortIgnored(option) => gettext_f(
            "libvirt does not pass the port on: take it out here, and add the mount option {option} under Advanced.",
            &[("option", option)],
        ),
        PoolFault::Iqn(_, text) => gettext_f(
            "“{text}” is no IQN. One looks like iqn.2026-01.org.example:disks.",
            &[("text", text)],
        ),
        PoolFault::Wwn(_, text) => {
            gettext_f("“{text}” is no WWN: that has 16 hexadecimal digits.", &[("text", text)])
        }
        PoolFault::PciAddress(text) => {
            gettext_f("“{text}” is no PCI address. One looks like 0000:00:1f.2.", &[("text", text)])
        }
        PoolFault::UniqueId => gettext("The adapter's number begins with 1."),
        PoolFault::Character(_, character) => {
            let character = character.to_string();
            gettext_f("The name cannot contain “{character}”.", &[("character", &character)])
        }
        PoolFault::MountOption(option) => gettext_f(
            "“{option}” must be one option: give several one by one, without commas or spaces.",
            &[("option", option)],
        ),
        PoolFault::Mode(text) => gettext_f(
            "“{text}” is no mode: that is an octal number up to 0777, such as 0711.",
            &[("text", text)],
        ),
        PoolFault::Id(_, text) => {
            gettext_f("“{text}” is no ID: give the number, such as 107.", &[("text", text)])
        }
        PoolFault::CephOption(text) => gettext_f(
            "“{text}” is no option: one looks like client_mount_timeout=60.",
            &[("text", text)],
        ),
        PoolFault::CopyOnWrite => {
            gettext("libvirt sets copy on write for directories and file systems only.")
        }
    }
}

/// Why a text names no machine.
#[must_use]
pub fn server_fault(fault: &ServerFault) -> String {
    match fault {
        ServerFault::Empty => gettext("The server's name is missing."),
        ServerFault::Character(character) => {
            let character = character.to_string();
            gettext_f("A server's name cannot contain “{character}”.", &[("character", &character)])
        }
        ServerFault::Port(text) => {
            gettext_f("“{text}” is no port: that is a number from 1 to 65535.", &[("text", text)])
        }
        ServerFault::Bracket => gettext("An IPv6 address stands in brackets: [fd00::1]:3260."),
        ServerFault::Ipv6(text) => gettext_f("“{text}” is no IPv6 address.", &[("text", text)]),
        ServerFault::Path(machine, path) => gettext_f(
            "Only the server belongs here: “{machine}”. The path “{path}” has a field of its own.",
            &[("machine", machine), ("path", path)],
        ),
    }
}

/// What should be thought over before a pool is set up.
#[must_use]
pub fn pool_warning(warning: PoolWarning) -> String {
    match warning {
        PoolWarning::NotClustered(format) => gettext_f(
            "Several hosts must not mount {format} at the same time: it would be destroyed. Choose one host, or GFS2 or OCFS2.",
            &[("format", format.word())],
        ),
        PoolWarning::Tainted => gettext(
            "libvirt does not support pools with options of your own, and marks them as tainted.",
        ),
        PoolWarning::CifsGuest => {
            gettext("libvirt mounts CIFS without a password: the share must be open to guests.")
        }
        PoolWarning::AdapterName => {
            gettext("After the next boot another adapter may have this name. A PCI address stays.")
        }
        PoolWarning::LvmDeviceLink => gettext(
            "LVM finds its devices only by their own names, such as /dev/sdb: the pool would be built and not start.",
        ),
        PoolWarning::LocalOnEachHost => gettext(
            "A directory is each host's own. It is the same storage only if something else is mounted there.",
        ),
        PoolWarning::SharedVolumeGroup => gettext(
            "Make and delete volumes of a shared volume group from one host only, unless LVM's cluster locking is set up.",
        ),
    }
}

/// What is wrong with a volume, and what would be right.
#[must_use]
pub fn volume_fault(fault: &VolumeFault) -> String {
    match fault {
        VolumeFault::NameMissing => gettext("The volume needs a name."),
        VolumeFault::NameCharacter('/') => gettext("A name cannot contain “/”."),
        VolumeFault::NameCharacter(_) => {
            gettext("A name cannot contain line breaks or other control characters.")
        }
        VolumeFault::NameOfDirectory => gettext("“.” and “..” are directories."),
        VolumeFault::NameTooLong(count) => ngettext_f(
            "The name has {n} byte; at most 255 are possible.",
            "The name has {n} bytes; at most 255 are possible.",
            *count,
            &[],
        ),
        VolumeFault::NameTaken => gettext("There is a volume of this name."),
        VolumeFault::DeviceNameCharacter(character) => {
            let character = character.to_string();
            gettext_f(
                "The name of a logical volume cannot contain “{character}”.",
                &[("character", &character)],
            )
        }
        VolumeFault::NoCapacity => gettext("The volume needs a size."),
        VolumeFault::NotCreatable(format) => {
            gettext_f("QEMU can read {format}, but not make it.", &[("format", format.word())])
        }
        VolumeFault::NoFormats => gettext(
            "Volumes of this pool are devices, without a format. Only raw images can be uploaded.",
        ),
        VolumeFault::NoBacking(format) => gettext_f(
            "{format} cannot build on another image; qcow2 can.",
            &[("format", format.word())],
        ),
        VolumeFault::BackingRelative(path) => {
            gettext_f("“{path}” must be a full path that begins with “/”.", &[("path", path)])
        }
        VolumeFault::PreallocatedBacking => {
            gettext("Space can be reserved only for an image that builds on no other.")
        }
        VolumeFault::PreallocatedFormat(format) => gettext_f(
            "{format} has no metadata to reserve; only qcow2 has.",
            &[("format", format.word())],
        ),
        VolumeFault::NotEncryptable => {
            gettext("libvirt encrypts raw and qcow2 files and logical volumes only.")
        }
        VolumeFault::ClusterSize(size) => gettext_f(
            "{size} is no cluster size: that is a power of two from 512 bytes to 2 MiB.",
            &[("size", &bytes(*size))],
        ),
        VolumeFault::Qcow2Options => gettext("These options belong to qcow2."),
    }
}

/// What a volume takes now and later, and what comes of it.
#[must_use]
pub fn room(room: &Room) -> String {
    let (now, full) = (bytes(room.now), bytes(room.full));
    let free = bytes(room.free_after);
    let values = [("now", &*now), ("full", &*full), ("free", &*free)];
    match room.verdict {
        RoomVerdict::Reserved => {
            gettext_f("Static: {now} are reserved at once, {free} stay free.", &values)
        }
        RoomVerdict::Grows => gettext_f(
            "Sparse: it takes {now} now and grows up to {full}; {free} stay free at first.",
            &values,
        ),
        RoomVerdict::GrowsBeyond => gettext_f(
            "Sparse: it takes {now} now and can grow up to {full}, more than the {free} that are free. A guest that fills the pool is paused.",
            &values,
        ),
        RoomVerdict::Snapshot => gettext_f(
            "Only {now} of {full} are reserved, and LVM does not add to it by itself: when they are full, the volume breaks.",
            &values,
        ),
        RoomVerdict::Refused => {
            gettext_f("{now} would be reserved at once, and the pool has not so much.", &values)
        }
        RoomVerdict::Unknown => gettext("The pool does not say how much is free."),
    }
}

/// What comes of a copy of an encrypted volume.
#[must_use]
pub fn copied_encrypted() -> String {
    gettext(
        "It is encrypted and stays so, by the same passphrase, which libvirt does not give away. Entered here, it is kept as a secret on the hosts that have the copy; without that, guests can use the copy only once it is set there.",
    )
}

/// What comes of another name for an encrypted volume.
#[must_use]
pub fn stays_encrypted() -> String {
    gettext(
        "It is encrypted and stays so, with its passphrase. For the new path no secret is set: a guest can use the copy once the passphrase is set as a secret at its host.",
    )
}

/// What differs between two pools, and what comes of it.
#[must_use]
pub fn difference(difference: &Difference) -> String {
    match difference {
        Difference::Disproved => {
            gettext("It is other storage: a file written here was not seen there.")
        }
        Difference::Inactive => gettext("The pool is not started there."),
        Difference::Path(here, there) => gettext_f(
            "The path is {here} here and {there} there: a guest that names its disks by path does not find them.",
            &[("here", here), ("there", there)],
        ),
        Difference::Size(here, there) => gettext_f(
            "The size was {here} here and {there} there when each was last read: refresh both pools to compare.",
            &[("here", &bytes(*here)), ("there", &bytes(*there))],
        ),
        Difference::Name(here, there) => gettext_f(
            "It is called {here} here and {there} there.",
            &[("here", here), ("there", there)],
        ),
        Difference::MountOptions => gettext("NFS version or mount options differ."),
        Difference::Source(here, there) => gettext_f(
            "The source is spelled {here} here and {there} there.",
            &[("here", here), ("there", there)],
        ),
    }
}
