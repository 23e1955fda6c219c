//! What a failure means, where it comes from, what to do.

use super::causes;
use crate::i18n::{gettext, gettext_f};
use crate::migration::explain::{Cause, HostRemedy, Remedy, explain};
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
        | FailureKind::InUse
        | FailureKind::Corrupted
        | FailureKind::Overtaken
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
        FailureKind::InUse => gettext("Guests or other volumes use it"),
        FailureKind::Corrupted => gettext("What arrived is not what was sent"),
        FailureKind::Overtaken => gettext("Somebody else changed it meanwhile"),
    }
}

/// Why it failed, with the names that libvirt gave.
#[must_use]
pub fn cause(cause: &Cause) -> String {
    match cause {
        Cause::Class(kind) => class(*kind),
        Cause::Guest(cause) => causes::guest(cause),
        Cause::Disk(cause) => causes::disk(cause),
        Cause::Network(cause) => causes::network(cause),
        Cause::Host(cause) => causes::host(cause),
        Cause::Wish(cause) => causes::wish(cause),
    }
}

/// What the user can do.
#[must_use]
pub fn remedy(remedy: Remedy) -> Option<String> {
    Some(match remedy {
        Remedy::Nothing => return None,
        Remedy::TryAgain => gettext("Look at both hosts, then try again."),
        Remedy::GiveAddress => gettext(
            "Under Advanced, give a migration address by which the source reaches the destination, such as its IP address.",
        ),
        Remedy::Rename => gettext("Give it another name at the destination, under Advanced."),
        Remedy::ShareOrCopyDisks => gettext(
            "Put the disks on storage that both hosts see under the same path, or copy them along, under Advanced.",
        ),
        Remedy::OtherDisks => {
            gettext("Leave that disk out, or create its target at the destination by hand.")
        }
        Remedy::DeleteSnapshots => gettext("Delete or merge its snapshots first."),
        Remedy::RemoveDevice => {
            gettext("Remove the device first, or move the guest while it is shut off.")
        }
        Remedy::UseDirect => gettext(
            "Choose the transport Direct, or let the source's daemon log in at the destination.",
        ),
        Remedy::SwitchTlsOn => gettext("Switch encryption on, under Advanced."),
        Remedy::WithoutPostcopy => gettext("Migrate without post-copy."),
        Remedy::MendXml => gettext(
            "Change only what belongs to the host: disk paths, networks, listen addresses, pinning.",
        ),
        Remedy::MendOptions => gettext("Choose other options, under Advanced."),
        Remedy::ResumeIt => gettext("Look where the guest is paused, and resume it there."),
        Remedy::Wait => gettext("Wait until the other operation is over, then try again."),
        Remedy::KeepBoth => {
            gettext("Stop neither side: mend the network first, then recover the migration.")
        }
        Remedy::StartAgain => gettext("Start the guest again, then migrate it."),
        Remedy::ReadDetails => gettext("The details below hold libvirt's own words."),
        Remedy::Host(there) => host_remedy(there),
    })
}

fn host_remedy(remedy: HostRemedy) -> String {
    match remedy {
        HostRemedy::CheckLink => {
            gettext("Look whether both hosts and their libvirt daemons are up, then try again.")
        }
        HostRemedy::OpenPorts => {
            gettext("Open the TCP ports 49152 to 49215 in the destination's firewall.")
        }
        HostRemedy::OtherHostOrCpu => gettext(
            "Choose another destination, or give the guest a processor model that both hosts have.",
        ),
        HostRemedy::OtherHostOrMemory => {
            gettext("Choose another destination, or free memory there.")
        }
        HostRemedy::ReplaceImage => gettext(
            "Delete the image at the destination if it is a leftover, or give it the same size.",
        ),
        HostRemedy::CopySecret => gettext("Define the same secret at the destination."),
        HostRemedy::GrantAccess => {
            gettext("Let the user that QEMU runs as at the destination open the file.")
        }
        HostRemedy::MakeRoom => gettext("Make room there, then try again."),
        HostRemedy::PrepareNetwork => gettext(
            "Create and start the network at the destination, or name another one in the destination XML.",
        ),
        HostRemedy::SetUpTls => {
            gettext("Install certificates for QEMU on both hosts, or switch encryption off.")
        }
        HostRemedy::Install => {
            gettext("Install what is missing there, or choose another destination.")
        }
        HostRemedy::SameLockDriver => {
            gettext("Set the same lock_manager in qemu.conf on both hosts.")
        }
        HostRemedy::Update => {
            gettext("Install the same or a newer libvirt and QEMU there, or leave the option out.")
        }
        HostRemedy::UpdateAndRecover => {
            gettext("Update libvirt there, then do this again. The guest waits meanwhile.")
        }
        HostRemedy::DifferentHosts => gettext(
            "If these are two machines, give each its own host_uuid in the libvirt daemon's configuration.",
        ),
        HostRemedy::GetRights => gettext("Connect as a user who may do this."),
        HostRemedy::DefineThere => {
            gettext("Define the guest at its new host before you shut it down.")
        }
    }
}
