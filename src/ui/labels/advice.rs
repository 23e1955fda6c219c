//! What can be done about what a check found.

use crate::i18n::gettext;
use crate::migration::checks::{Advice, GuestAdvice, HostAdvice, PlaceAdvice};

/// What can be done, where something can.
#[must_use]
pub(super) fn advice(advice: Advice) -> Option<String> {
    Some(match advice {
        Advice::Nothing => return None,
        Advice::Host(advice) => host(advice),
        Advice::Guest(advice) => guest(advice),
        Advice::Place(advice) => place(advice),
    })
}

fn host(advice: HostAdvice) -> String {
    match advice {
        HostAdvice::OtherDestination => gettext("Choose another destination."),
        HostAdvice::GiveHostUuid => gettext(
            "If these are two machines, give each its own host_uuid in the libvirt daemon's configuration.",
        ),
        HostAdvice::UpdateDestination => gettext("Update the destination first."),
        HostAdvice::GiveMigrationAddress => {
            gettext("If the move fails to connect, give a migration address under Advanced.")
        }
        HostAdvice::LogInOrDirect => {
            gettext("If the source is not let in, choose the direct transport under Advanced.")
        }
        HostAdvice::OpenPorts => gettext(
            "Open these ports in the destination's firewall, such as with firewall-cmd --permanent --add-port=49152-49215/tcp and firewall-cmd --reload.",
        ),
        HostAdvice::Certificates => {
            gettext("Put QEMU's certificates on both hosts, by default in /etc/pki/qemu.")
        }
        HostAdvice::EncryptIfRefused => gettext(
            "A host that insists on it (migrate_tls_force in its qemu.conf) refuses at once; the move can be started again encrypted then.",
        ),
        HostAdvice::SameLockManager => {
            gettext("Compare lock_manager in qemu.conf of both hosts, and set the same.")
        }
        HostAdvice::SynchroniseClocks => gettext(
            "Compare the time on both hosts, and let both follow the same time servers (NTP).",
        ),
        HostAdvice::SameSecurityModel => {
            gettext("Use the same security model on both hosts, or a label that libvirt chooses.")
        }
        HostAdvice::PlaceModules => gettext(
            "Write slot and address of each module into the definition, and start the guest anew.",
        ),
        HostAdvice::AllowPostcopy => gettext(
            "If post-copy is refused, set vm.unprivileged_userfaultfd to 1 at the destination, or leave it out.",
        ),
        HostAdvice::LimitMemory => {
            gettext("Give the guest a hard limit of memory, or a migration address without rdma:.")
        }
        HostAdvice::CommonProcessor => gettext(
            "Choose another destination, or give the guest a processor model that both hosts have.",
        ),
        HostAdvice::SameProcessor => {
            gettext("Move it only between equal processors, or use the mode host-model.")
        }
        HostAdvice::FreeMemory => gettext("Choose another destination, or free memory there."),
        HostAdvice::AllocateHugePages => gettext("Set more huge pages aside at the destination."),
        HostAdvice::EditPinning => gettext("Leave the pinning out in the destination XML."),
        HostAdvice::WriteClockRate => {
            gettext("Write the clock rate into the definition, and start the guest anew.")
        }
        HostAdvice::NewName => gettext("Give it another name at the destination, under Advanced."),
        HostAdvice::SaveDefinition => gettext(
            "Its definition there is replaced by the one from here: save it first, if it differs.",
        ),
        HostAdvice::ShutDownThere => gettext("It must not run twice: shut it down there first."),
    }
}

fn guest(advice: GuestAdvice) -> String {
    match advice {
        GuestAdvice::DeleteSnapshots => gettext("Delete or merge its snapshots first."),
        GuestAdvice::WaitOrCancel => gettext("Wait until the other operation is over."),
        GuestAdvice::MendDisk => gettext("Mend the disk and let the guest go on first."),
        GuestAdvice::DiscardSavedState => {
            gettext("Run the guest and move it live, or discard its saved state.")
        }
        GuestAdvice::SetAutostart => gettext("Set it at the destination afterwards."),
        GuestAdvice::ChangeAddress => gettext("Give one of the two another hardware address."),
        GuestAdvice::UnplugDevice => gettext("Remove the device before the move."),
        GuestAdvice::MakeHostDevice => gettext(
            "Choose another destination, make the device there, or name another one in the destination XML.",
        ),
        GuestAdvice::UnmountFolder => {
            gettext("Unmount the folder in the guest and remove the device before the move.")
        }
        GuestAdvice::CopyByHand => gettext("Move the guest while it runs, or copy the files."),
        GuestAdvice::InstallFirmware => gettext(
            "Install the same firmware at the destination (ovmf, edk2 …), or give its path there in the destination XML.",
        ),
        GuestAdvice::EditPath => {
            gettext("Prepare the path there, or give another one in the destination XML.")
        }
        GuestAdvice::EditDefinition => {
            gettext("Write it into the destination XML as the guest has it.")
        }
        GuestAdvice::EditConsole => gettext("Give another port or address in the destination XML."),
    }
}

fn place(advice: PlaceAdvice) -> String {
    match advice {
        PlaceAdvice::PrepareNetwork => gettext(
            "Create and start the network at the destination, or name another one in the destination XML.",
        ),
        PlaceAdvice::StartNetwork => gettext("Start the network at the destination."),
        PlaceAdvice::EditNetwork => {
            gettext("Name the right network or bridge in the destination XML.")
        }
        PlaceAdvice::CopyFilter => gettext("Define the filter at the destination."),
        PlaceAdvice::ShareOrCopyDisks => gettext(
            "Put the disks on storage that both hosts see under the same path, or copy them along, under Advanced.",
        ),
        PlaceAdvice::ProveShared => {
            gettext("Prove it: a small file that one host writes is looked for by the other.")
        }
        PlaceAdvice::AddPool => {
            gettext("Add a storage pool for its directory there, so that it can be checked.")
        }
        PlaceAdvice::StartPool => gettext("Start the storage pool at the destination."),
        PlaceAdvice::RemoveTransient => gettext("Start the guest without the transient disk."),
        PlaceAdvice::EjectMedium => gettext("Eject the medium, or put it there as well."),
        PlaceAdvice::CopySecret => gettext("Define the secret with its value at the destination."),
        PlaceAdvice::MakeRoom => gettext("Look at what is there first, and make room."),
        PlaceAdvice::MakeImage => gettext(
            "Make the image there beforehand, with its base image below it, or copy whole disks.",
        ),
        PlaceAdvice::CompareDevices => gettext(
            "Compare what lsblk -o NAME,SERIAL,WWN says of it on both hosts, or name it by its link in /dev/disk/by-id.",
        ),
        PlaceAdvice::InstallHelper => gettext(
            "Install qemu-pr-helper at the destination, or start the helper of this socket.",
        ),
        PlaceAdvice::GiveAccess => gettext(
            "Let the user that QEMU runs as there read and write the file, with the same user and group ids on both hosts.",
        ),
        PlaceAdvice::SamePort => {
            gettext("Give the network there the same kind of port, and the switch the profile.")
        }
        PlaceAdvice::GrowRoom => gettext("Make room before the disk grows."),
        PlaceAdvice::CacheNone => {
            gettext("Use the cache mode none, or allow the unsafe migration under Advanced.")
        }
    }
}
