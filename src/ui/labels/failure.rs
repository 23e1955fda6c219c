//! What a failure means, where it comes from, what to do.

use crate::i18n::{gettext, gettext_f, ngettext_f};
use crate::migration::explain::{Cause, Remedy, explain};
use crate::model::{Failure, FailureKind};

/// One line that says what went wrong.
#[must_use]
pub fn headline(failure: &Failure) -> String {
    match failure.kind {
        FailureKind::Other => failure.message.lines().next().unwrap_or_default().to_owned(),
        kind => class(kind),
    }
}

/// What went wrong, why as far as it is known, what can be done, and libvirt's own words: for a
/// place with room.
#[must_use]
pub fn paragraph(failure: &Failure) -> String {
    let explanation = explain(failure);
    let cause = match explanation.cause {
        Cause::Class(kind) => class(kind),
        ref known => cause(known),
    };
    let remedy = match explanation.remedy {
        Remedy::ReadDetails => None,
        known => remedy(known),
    };
    let parts = [Some(cause), remedy, Some(failure.message.clone())];
    let parts: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    parts.join("\n")
}

/// libvirt's own words. Where it joined those of both hosts, the destination's come first: they
/// normally hold the cause.
#[must_use]
pub fn words(failure: &Failure, source: &str, destination: &str) -> String {
    let explanation = explain(failure);
    let Some(here) = explanation.source_text else { return failure.message.clone() };
    let half = |host: &str, text: &str| {
        gettext_f("From {host}: {text}", &[("host", host), ("text", text)])
    };
    format!("{}\n{}", half(destination, &explanation.text), half(source, &here))
}

/// Why a connection did not open, what can be done, and libvirt's own words.
#[must_use]
pub fn connection(failure: &Failure) -> String {
    let parts =
        [Some(headline(failure)), reconnecting(failure.kind), Some(failure.message.clone())];
    let parts: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    parts.join("\n")
}

/// What can be done so that a connection opens.
fn reconnecting(kind: FailureKind) -> Option<String> {
    Some(match kind {
        FailureKind::UnknownHost => gettext("Check the spelling, or give the host's IP address."),
        FailureKind::Refused => {
            gettext("Check the address, and whether the libvirt daemon runs there.")
        }
        FailureKind::LinkLost | FailureKind::TimedOut => {
            gettext("Check whether the host is up, and whether a firewall is in between.")
        }
        FailureKind::ToolMissing => {
            gettext("Install it: ssh on this computer, or netcat and libvirt at the host.")
        }
        FailureKind::Authentication => {
            gettext("Check user name, key or certificate, or log in once by hand.")
        }
        FailureKind::Denied => {
            gettext("Connect as a user who may use libvirt there (group “libvirt”, or root).")
        }
        FailureKind::BadUri => gettext("Check its form, such as qemu+ssh://root@host/system."),
        FailureKind::Unsupported => {
            gettext("Install libvirt's QEMU driver there, or choose another hypervisor.")
        }
        FailureKind::Cancelled
        | FailureKind::Gone
        | FailureKind::Exists
        | FailureKind::WrongState
        | FailureKind::Busy
        | FailureKind::Cpu
        | FailureKind::Memory
        | FailureKind::Storage
        | FailureKind::NoSpace
        | FailureKind::Network
        | FailureKind::Unsafe
        | FailureKind::SameHost
        | FailureKind::MigrationAddress
        | FailureKind::GuestStopped
        | FailureKind::ChannelBroken
        | FailureKind::PostcopyFailed
        | FailureKind::Unwitnessed
        | FailureKind::Other => return None,
    })
}

/// A class of failure, in a few words.
#[must_use]
pub fn class(kind: FailureKind) -> String {
    match kind {
        FailureKind::Cancelled => gettext("It was cancelled"),
        FailureKind::LinkLost => gettext("The connection to the host broke"),
        FailureKind::TimedOut => gettext("The host did not answer in time"),
        FailureKind::UnknownHost => gettext("The host's name is not known"),
        FailureKind::Refused => gettext("Nothing answers there"),
        FailureKind::ToolMissing => gettext("A program that the connection needs is missing"),
        FailureKind::Authentication => gettext("The login was not accepted"),
        FailureKind::Denied => gettext("It is not allowed"),
        FailureKind::BadUri => gettext("The address cannot be read"),
        FailureKind::Gone => gettext("The guest is not there any more"),
        FailureKind::Exists => gettext("Something of that name is there already"),
        FailureKind::WrongState => gettext("The guest's state does not allow it"),
        FailureKind::Busy => gettext("Another operation holds the guest"),
        FailureKind::Unsupported => gettext("The host cannot do this"),
        FailureKind::Cpu => gettext("The destination's processor lacks what the guest uses"),
        FailureKind::Memory => gettext("Not enough memory at the destination"),
        FailureKind::Storage => gettext("A disk or other file cannot be opened there"),
        FailureKind::NoSpace => gettext("No space is left"),
        FailureKind::Network => gettext("A virtual network or bridge is missing there"),
        FailureKind::Unsafe => gettext("The guest's disks are not on shared storage"),
        FailureKind::SameHost => gettext("Source and destination are the same host"),
        FailureKind::MigrationAddress => {
            gettext("The source cannot reach the destination by the address given")
        }
        FailureKind::GuestStopped => gettext("The guest stopped meanwhile"),
        FailureKind::ChannelBroken => gettext("The channel between the hosts broke"),
        FailureKind::PostcopyFailed => {
            gettext("Post-copy was interrupted: the guest's memory is on two hosts")
        }
        FailureKind::Unwitnessed => gettext("It ended while Vireo was not there"),
        FailureKind::Other => gettext("libvirt reported an error that Vireo does not know"),
    }
}

/// Why it failed, with the names that libvirt gave.
#[must_use]
pub fn cause(cause: &Cause) -> String {
    match cause {
        Cause::Class(kind) => class(*kind),
        Cause::NameTaken(name) => {
            gettext_f("another guest named {name} is there already", &[("name", name)])
        }
        Cause::ActiveThere(name) => gettext_f("{name} runs there already", &[("name", name)]),
        Cause::Snapshots(count) => snapshots(*count),
        Cause::FileMissing(path) => {
            gettext_f("{path} does not exist at the destination", &[("path", path)])
        }
        Cause::FileDenied(path) => {
            gettext_f("QEMU may not open {path} at the destination", &[("path", path)])
        }
        Cause::ImageInUse => gettext("another QEMU writes to a disk image of the guest"),
        Cause::PoolMissing(path) => {
            gettext_f("no active storage pool at the destination has {path}", &[("path", path)])
        }
        Cause::SizesDiffer => gettext("an image of another size is at the destination already"),
        Cause::DiskNotCopyable(what) => {
            gettext_f("a disk cannot be copied along: {what}", &[("what", what)])
        }
        Cause::DiskCopyFailed(what) => {
            gettext_f("copying a disk failed: {what}", &[("what", what)])
        }
        Cause::SecretMissing(what) => {
            gettext_f("a disk's secret is missing at the destination: {what}", &[("what", what)])
        }
        Cause::NetworkMissing(name) => {
            gettext_f("the network {name} is missing at the destination", &[("name", name)])
        }
        Cause::NetworkInactive(name) => {
            gettext_f("the network {name} is not started at the destination", &[("name", name)])
        }
        Cause::BridgeMissing(name) => {
            gettext_f("the bridge {name} is missing at the destination", &[("name", name)])
        }
        Cause::FilterMissing(name) => {
            gettext_f("the network filter {name} is missing at the destination", &[("name", name)])
        }
        Cause::SwitchPort(name) => gettext_f(
            "the switch at the destination did not take the guest's port {name}",
            &[("name", name)],
        ),
        Cause::NameUnknown(name) => {
            gettext_f("the name {name} cannot be resolved", &[("name", name)])
        }
        Cause::NamedLocalhost => gettext("the destination calls itself localhost"),
        Cause::AddressUnreachable(address) => {
            gettext_f("{address} cannot be reached from the source", &[("address", address)])
        }
        Cause::AddressMalformed(what) => {
            gettext_f("an address cannot be used: {what}", &[("what", what)])
        }
        Cause::PortsTaken => gettext("no port for the memory is free at the destination"),
        Cause::HostKeyUnknown => {
            gettext("the source's daemon does not know the destination's ssh host key")
        }
        Cause::NoPeerToPeer => gettext("the two daemons cannot move guests peer to peer"),
        Cause::NoHostUuid => gettext("a host has no UUID of its own"),
        Cause::CpuFeatures(features) => {
            gettext_f("the destination's processor lacks {features}", &[("features", features)])
        }
        Cause::CpuDiffers(what) => {
            gettext_f("the destination's processor is another one: {what}", &[("what", what)])
        }
        Cause::MachineType(name) => {
            gettext_f("the destination does not know the machine type {name}", &[("name", name)])
        }
        Cause::EmulatorMissing(path) => {
            gettext_f("the emulator {path} is missing at the destination", &[("path", path)])
        }
        Cause::NoVirtualisation => gettext(
            "the destination cannot run this kind of guest (is virtualisation switched on?)",
        ),
        Cause::FirmwareMissing => gettext("the guest's firmware is missing at the destination"),
        Cause::Blocked(what) => gettext_f("the guest cannot be moved: {what}", &[("what", what)]),
        Cause::PostcopyForbidden => {
            gettext("the destination does not allow post-copy (userfaultfd)")
        }
        Cause::PostcopyNoWayBack => gettext("post-copy has no way back"),
        Cause::RecoveryRefused(what) => {
            gettext_f("post-copy cannot be taken up again now: {what}", &[("what", what)])
        }
        Cause::TlsUnusable => gettext("the certificates for encryption are missing or wrong"),
        Cause::TlsRequired => gettext("the host moves guests only encrypted"),
        Cause::XmlIncompatible(what) => {
            gettext_f("the destination XML does not fit the guest: {what}", &[("what", what)])
        }
        Cause::OptionsWrong(what) => {
            gettext_f("the options do not go together: {what}", &[("what", what)])
        }
        Cause::OptionUnknown(what) => {
            gettext_f("a host does not know one of the options: {what}", &[("what", what)])
        }
        Cause::VersionsDiffer => gettext("the two libvirt daemons do not understand each other"),
        Cause::LockDrivers => gettext("the two hosts guard disks by different lock managers"),
        Cause::JobRunning => gettext("another operation of this guest is under way"),
        Cause::IoError => gettext("a disk of the guest failed"),
        Cause::NotResumed => gettext("the guest could not be let go on"),
        Cause::NotMadePersistent => gettext("it arrived, but is not defined there"),
    }
}

fn snapshots(count: u64) -> String {
    ngettext_f(
        "the guest has {n} snapshot, and libvirt moves none",
        "the guest has {n} snapshots, and libvirt moves none",
        usize::try_from(count).unwrap_or(usize::MAX),
        &[],
    )
}

/// What the user can do.
#[must_use]
pub fn remedy(remedy: Remedy) -> Option<String> {
    Some(match remedy {
        Remedy::Nothing => return None,
        Remedy::TryAgain => gettext("Look at both hosts, then try again."),
        Remedy::CheckLink => {
            gettext("Look whether both hosts and their libvirt daemons are up, then try again.")
        }
        Remedy::GiveAddress => gettext(
            "Under Advanced, give a migration address by which the source reaches the destination, such as its IP address.",
        ),
        Remedy::OpenPorts => {
            gettext("Open the TCP ports 49152 to 49215 in the destination's firewall.")
        }
        Remedy::Rename => gettext("Give it another name at the destination, under Advanced."),
        Remedy::OtherHostOrCpu => gettext(
            "Choose another destination, or give the guest a processor model that both hosts have.",
        ),
        Remedy::OtherHostOrMemory => gettext("Choose another destination, or free memory there."),
        Remedy::ShareOrCopyDisks => gettext(
            "Put the disks on storage that both hosts see under the same path, or copy them along, under Advanced.",
        ),
        Remedy::OtherDisks => {
            gettext("Leave that disk out, or create its target at the destination by hand.")
        }
        Remedy::ReplaceImage => gettext(
            "Delete the image at the destination if it is a leftover, or give it the same size.",
        ),
        Remedy::CopySecret => gettext("Define the same secret at the destination."),
        Remedy::GrantAccess => {
            gettext("Let the user that QEMU runs as at the destination open the file.")
        }
        Remedy::MakeRoom => gettext("Make room there, then try again."),
        Remedy::PrepareNetwork => gettext(
            "Create and start the network at the destination, or name another one in the destination XML.",
        ),
        Remedy::DeleteSnapshots => gettext("Delete or merge its snapshots first."),
        Remedy::RemoveDevice => {
            gettext("Remove the device first, or move the guest while it is shut off.")
        }
        Remedy::UseDirect => gettext(
            "Choose the transport Direct, or let the source's daemon log in at the destination.",
        ),
        Remedy::SetUpTls => {
            gettext("Install certificates for QEMU on both hosts, or switch encryption off.")
        }
        Remedy::SwitchTlsOn => gettext("Switch encryption on, under Advanced."),
        Remedy::WithoutPostcopy => gettext("Migrate without post-copy."),
        Remedy::MendXml => gettext(
            "Change only what belongs to the host: disk paths, networks, listen addresses, pinning.",
        ),
        Remedy::MendOptions => gettext("Choose other options, under Advanced."),
        Remedy::Install => gettext("Install what is missing there, or choose another destination."),
        Remedy::SameLockDriver => gettext("Set the same lock_manager in qemu.conf on both hosts."),
        Remedy::ResumeIt => gettext("Look where the guest is paused, and resume it there."),
        Remedy::Wait => gettext("Wait until the other operation is over, then try again."),
        Remedy::Update => {
            gettext("Install the same or a newer libvirt and QEMU there, or leave the option out.")
        }
        Remedy::DifferentHosts => gettext(
            "If these are two machines, give each its own host_uuid in the libvirt daemon's configuration.",
        ),
        Remedy::GetRights => gettext("Connect as a user who may do this."),
        Remedy::KeepBoth => {
            gettext("Stop neither side: mend the network first, then recover the migration.")
        }
        Remedy::DefineThere => gettext("Define the guest at its new host before you shut it down."),
        Remedy::StartAgain => gettext("Start the guest again, then migrate it."),
        Remedy::ReadDetails => gettext("The details below hold libvirt's own words."),
    })
}
