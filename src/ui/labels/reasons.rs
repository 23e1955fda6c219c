//! Why what a check found matters.

use crate::i18n::gettext;
use crate::migration::checks::{
    CheckId, DeviceCheck, HostCheck, IdentityCheck, MemoryCheck, NetworkCheck, ProcessorCheck,
    StateCheck, StorageCheck,
};

/// Why an answer that is not *passed* matters.
#[must_use]
pub(super) fn why(check: CheckId) -> String {
    match check {
        CheckId::Host(check) => host(check),
        CheckId::Processor(check) => processor(check),
        CheckId::Memory(check) => memory(check),
        CheckId::State(check) => state(check),
        CheckId::Identity(check) => identity(check),
        CheckId::Definition(_) => gettext(
            "A guest that moves stays what it is: libvirt takes changes of what lies at the host, such as paths and networks.",
        ),
        CheckId::Device(check) => device(check),
        CheckId::Network(check) => network(check),
        CheckId::Storage(check) => storage(check),
    }
}

fn host(check: HostCheck) -> String {
    match check {
        HostCheck::DifferentHosts => {
            gettext("libvirt tells hosts apart by their UUID; a guest cannot move to its own host.")
        }
        HostCheck::Hypervisor => gettext("Guests move only between hypervisors of one kind."),
        HostCheck::TransportOffered => gettext("Its hypervisor offers no way for guests to come."),
        HostCheck::LibvirtVersion | HostCheck::QemuVersion => gettext(
            "Moves to an older version often work, but nobody promises it: the guest may arrive or be refused.",
        ),
        HostCheck::NameOfDestination => gettext(
            "The source sends the memory to this name. Whether it finds the host by it, only the move shows.",
        ),
        HostCheck::LogIn => gettext(
            "The source's daemon logs in at the destination with its own keys, not with yours.",
        ),
        HostCheck::Ports => {
            gettext("The memory, and disks that are copied, go through one of these ports.")
        }
        HostCheck::Encryption => gettext(
            "QEMU encrypts only with certificates on both hosts, and a host may be set to move guests only encrypted.",
        ),
        HostCheck::LockManager => {
            gettext("libvirt refuses a move between hosts that lock disks in different ways.")
        }
        HostCheck::Clocks => gettext(
            "If they differ, the guest's clock jumps with the move, and what libvirt says of its times is wrong.",
        ),
        HostCheck::SecurityModel => {
            gettext("The guest's label is of a security model that the destination does not use.")
        }
    }
}

fn processor(check: ProcessorCheck) -> String {
    match check {
        ProcessorCheck::VirtType => {
            gettext("The destination does not run guests in this way: KVM may be missing or off.")
        }
        ProcessorCheck::Architecture => gettext("It needs an emulator for this architecture."),
        ProcessorCheck::Emulator => gettext("The guest's definition names this program."),
        ProcessorCheck::MachineType => {
            gettext("Its emulator must know the machine that the guest runs on.")
        }
        ProcessorCheck::Fits => gettext("The guest uses features that the destination must have."),
        ProcessorCheck::ModelRuns => gettext(
            "The destination does not have all of this model. What the guest leaves out of it, it does not need.",
        ),
        ProcessorCheck::ModelKept => gettext(
            "The destination's QEMU has this model today and will drop it. The guest would not start with such a version.",
        ),
        ProcessorCheck::NestedVersions => gettext(
            "libvirt 9.10 to 10.1 tell others wrongly what the guest has for guests of its own (vmx-…), and some versions before 10.5 what it has not: the destination may refuse it for “extra features”, if its distribution has not mended that.",
        ),
        ProcessorCheck::PassedThrough => gettext(
            "The guest sees the host's own processor. On another one it may crash, even later.",
        ),
        ProcessorCheck::Count => gettext("The destination's machine takes no more processors."),
        ProcessorCheck::ClockRate => {
            gettext("The guest relies on a clock rate, which must be written down and kept there.")
        }
    }
}

fn memory(check: MemoryCheck) -> String {
    match check {
        MemoryCheck::Free => gettext(
            "With less memory than the guest may use, the destination swaps or stops guests later.",
        ),
        MemoryCheck::HugePages => {
            gettext("Huge pages are taken when the guest arrives; it does not start with fewer.")
        }
        MemoryCheck::Pinning => gettext(
            "The guest is bound to numbered processors or nodes, which the destination may not have.",
        ),
        MemoryCheck::Encrypted => {
            gettext("The memory is encrypted with a key of this host's processor.")
        }
        MemoryCheck::Modules => {
            gettext("libvirt moves a memory module only when its place is written down.")
        }
        MemoryCheck::Postcopy => gettext(
            "Post-copy needs userfaultfd, which the destination may deny to QEMU. libvirt tells nobody beforehand.",
        ),
        MemoryCheck::Recovery => gettext(
            "When the link breaks in post-copy, the guest waits with its memory on both hosts. libvirt 11.2 and 11.3 at the destination crash when the rest is to be fetched.",
        ),
        MemoryCheck::Locked => gettext(
            "With RDMA all of the guest's memory is locked, and libvirt wants to know how much that may be.",
        ),
    }
}

fn state(check: StateCheck) -> String {
    match check {
        StateCheck::Snapshots => gettext("libvirt moves no guest that has snapshots."),
        StateCheck::Checkpoints => {
            gettext("Checkpoints do not move: the next backup has to be a full one.")
        }
        StateCheck::OtherOperation => {
            gettext("Another operation of this guest is under way, and a move waits only briefly.")
        }
        StateCheck::DiskOperation => gettext("libvirt moves no guest while its disks are copied."),
        StateCheck::DiskError => {
            gettext("The guest was paused because a disk failed. The broken disk goes along.")
        }
        StateCheck::Paused => gettext("It arrives paused, and goes on when it is resumed there."),
        StateCheck::SavedState => {
            gettext("The saved memory stays behind: the guest would start afresh.")
        }
        StateCheck::Autostart => {
            gettext("That the guest starts with the host is not moved with its definition.")
        }
    }
}

fn identity(check: IdentityCheck) -> String {
    match check {
        IdentityCheck::NameFree => gettext("Another guest has this name there."),
        IdentityCheck::SameGuestThere => gettext("The destination knows this guest already."),
        IdentityCheck::HardwareAddress => {
            gettext("Two guests with one hardware address disturb each other in one network.")
        }
    }
}

fn device(check: DeviceCheck) -> String {
    match check {
        DeviceCheck::HostDevice => gettext(
            "The device stays with its host. QEMU refuses to move a guest that uses most kinds of them.",
        ),
        DeviceCheck::HostDeviceThere => gettext(
            "The guest starts there with the device of this address or UUID, or not at all. What kind it is there is not compared.",
        ),
        DeviceCheck::SharedFolder => {
            gettext("A shared folder has a state that mostly cannot be moved while it is in use.")
        }
        DeviceCheck::SharedMemory => {
            gettext("Only the guest that owns the shared memory can take it along.")
        }
        DeviceCheck::Tpm => {
            gettext("A running TPM moves with the memory; one that is off stays behind.")
        }
        DeviceCheck::Firmware => {
            gettext("The guest starts with this file, which must be there under the same path.")
        }
        DeviceCheck::TpmSecret => {
            gettext("Without its secret the state of the TPM cannot be read there.")
        }
        DeviceCheck::FirmwareVariables => {
            gettext("The file with the firmware's settings is not copied when the guest is off.")
        }
        DeviceCheck::UsbRedirection => gettext("Redirected devices are disconnected by the move."),
        DeviceCheck::HostFile => {
            gettext("The same path must be usable there. libvirt tells nobody beforehand.")
        }
        DeviceCheck::SocketNumber => {
            gettext("The number is fixed, and another guest there may have it.")
        }
        DeviceCheck::ConsolePort => {
            gettext("The port is fixed, and may be in use there. libvirt tells nobody beforehand.")
        }
        DeviceCheck::ConsoleAddress => {
            gettext("The destination must have this address for the console to listen on.")
        }
    }
}

fn network(check: NetworkCheck) -> String {
    match check {
        NetworkCheck::There => gettext("The guest is connected to this network."),
        NetworkCheck::Alike => gettext(
            "Networks of one name on two hosts can be different ones: the guest may lose its connections.",
        ),
        NetworkCheck::HostLink => gettext("The guest is connected through it."),
        NetworkCheck::OwnProgram => gettext(
            "The guest is connected through passt or slirp. Its connections are cut by the move, and libvirt refuses some of these programs.",
        ),
        NetworkCheck::PortGroup => {
            gettext("The network there lacks this group, so that the guest may be in another VLAN.")
        }
        NetworkCheck::PortKind => gettext(
            "The guest's port must be of the same kind there, and the switch must know its profile. libvirt tells nobody beforehand what a switch knows.",
        ),
        NetworkCheck::Filter => gettext("The guest's interface uses this filter."),
    }
}

fn storage(check: StorageCheck) -> String {
    match check {
        StorageCheck::There => gettext("The guest's disk must be there under the same path."),
        StorageCheck::Shared => gettext(
            "Files of one name on two hosts can be different ones, and data would be lost. libvirt looks at the file system only when the move begins.",
        ),
        StorageCheck::Access => gettext(
            "QEMU must be allowed to open the file there. libvirt gives it over to QEMU where its configuration and the storage allow that, which it tells nobody beforehand.",
        ),
        StorageCheck::Growth => gettext(
            "The disk takes less than its size so far. When it grows and the storage is full, the guest is paused.",
        ),
        StorageCheck::Cache => gettext("With this emulator and cache mode, data may be lost."),
        StorageCheck::Transient => gettext("libvirt moves no guest with a transient disk."),
        StorageCheck::Medium => gettext("The image in the drive must be there as well."),
        StorageCheck::Secret => gettext("Without its secret the disk cannot be opened there."),
        StorageCheck::Reservations => gettext(
            "The disk reserves its device through a helper, which must run there too. libvirt tells nobody beforehand.",
        ),
        StorageCheck::CopyPlace => gettext(
            "libvirt makes the copy in an active pool with the same directory. What is there already is overwritten, and must have the same size.",
        ),
        StorageCheck::CopySpace => {
            gettext("All copies in this pool may not fit when the disks are full.")
        }
    }
}
