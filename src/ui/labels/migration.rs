//! Phases, choices and outcomes of migrations, and the figures that go with them.

use std::time::Duration;

use crate::i18n::{gettext, gettext_f};
use crate::migration::explain::Cause;
use crate::migration::{
    Compression, Conflict, DiskCopy, Life, Outcome, Place, Reach, Transport, Unseen,
};
use crate::model::{FailureKind, MigrationPhase};

pub use super::bytes;

/// Bytes a second with their unit.
#[must_use]
pub fn rate(per_second: f64) -> String {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // float casts saturate
    let whole = per_second.round() as u64;
    super::rate(whole)
}

/// A length of time: `40 ms`, `1.5 s`, `2 min 5 s`, `1 h 3 min`.
#[must_use]
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds >= 3600 {
        let (hours, minutes) = ((seconds / 3600).to_string(), (seconds % 3600 / 60).to_string());
        gettext_f("{hours} h {minutes} min", &[("hours", &hours), ("minutes", &minutes)])
    } else if seconds >= 60 {
        let (minutes, rest) = ((seconds / 60).to_string(), (seconds % 60).to_string());
        gettext_f("{minutes} min {seconds} s", &[("minutes", &minutes), ("seconds", &rest)])
    } else if seconds >= 1 {
        gettext_f("{seconds} s", &[("seconds", &format!("{:.1}", time.as_secs_f64()))])
    } else {
        gettext_f("{milliseconds} ms", &[("milliseconds", &time.as_millis().to_string())])
    }
}

/// What a migration is doing.
#[must_use]
pub fn phase(phase: MigrationPhase) -> String {
    match phase {
        MigrationPhase::Waiting => gettext("Waiting to begin"),
        MigrationPhase::Preparing => gettext("Preparing both hosts"),
        MigrationPhase::FirstPass => gettext("First pass: sending all memory"),
        MigrationPhase::Pass(pass) => {
            let pass = pass.to_string();
            gettext_f("Pass {pass}: sending again what the guest rewrote", &[("pass", &pass)])
        }
        MigrationPhase::SwitchingOver => gettext("Switching over: the guest stands still"),
        MigrationPhase::Postcopy => {
            gettext("Post-copy: the guest runs at the destination and fetches its memory")
        }
        MigrationPhase::Finishing => {
            gettext("Finishing: the guest is at the destination, the source is tidied up")
        }
        MigrationPhase::Cancelling => gettext("Cancelling: the guest stays at the source"),
        MigrationPhase::Done => gettext("Done"),
    }
}

/// A way of carrying the memory.
#[must_use]
pub fn transport(transport: Transport) -> String {
    match transport {
        Transport::PeerToPeer => gettext("Peer to peer"),
        Transport::Direct => gettext("Direct"),
        Transport::Tunnelled => gettext("Tunnelled"),
    }
}

/// What a way of carrying the memory means.
#[must_use]
pub fn transport_sentence(transport: Transport) -> String {
    match transport {
        Transport::PeerToPeer => gettext(
            "The two hosts talk to each other. It goes on even when this computer is switched off.",
        ),
        Transport::Direct => gettext(
            "This computer relays between the hosts. It must stay awake until the guest has arrived.",
        ),
        Transport::Tunnelled => gettext(
            "The memory goes inside the connection between the two libvirt daemons: slower, but needs no further port.",
        ),
    }
}

/// Why a way of carrying the memory was chosen.
#[must_use]
pub fn reach(reach: Reach) -> String {
    match reach {
        Reach::SameComputer => {
            gettext("Chosen because both hosts are on one computer and reach each other.")
        }
        Reach::Network => {
            gettext("Chosen because the destination's address can be reached from other computers.")
        }
        Reach::OnlyFromHere => {
            gettext("Chosen because the destination's address is valid on this computer only.")
        }
        Reach::OwnCredentials => gettext(
            "Chosen because the connection uses a key or program that only this computer has.",
        ),
        Reach::Unreadable => {
            gettext("Chosen because the source cannot be told how to reach the destination.")
        }
    }
}

/// A kind of compression.
#[must_use]
pub fn compression(compression: Compression) -> String {
    match compression {
        Compression::None => gettext("None"),
        Compression::Xbzrle => gettext("Differences only (XBZRLE)"),
        Compression::Zlib => gettext("zlib"),
        Compression::Zstd => gettext("Zstandard"),
    }
}

/// Whether disks are copied.
#[must_use]
pub fn disks(disks: DiskCopy) -> String {
    match disks {
        DiskCopy::None => gettext("No, both hosts see them"),
        DiskCopy::Full => gettext("Whole disks"),
        DiskCopy::Incremental => gettext("Changes to a base image that is there"),
    }
}

/// Why a choice cannot be made.
#[must_use]
pub fn conflict(conflict: Conflict) -> String {
    match conflict {
        Conflict::PostcopyNotLive => {
            gettext("Post-copy needs a running guest and a live migration.")
        }
        Conflict::PostcopyTunnelled => gettext("Post-copy cannot be tunnelled."),
        Conflict::PostcopyLimitAlone => gettext("Allow post-copy first."),
        Conflict::PostcopyParallel => gettext("Post-copy does not go with parallel connections."),
        Conflict::DefinitionTunnelled => gettext("A definition alone cannot be tunnelled."),
        Conflict::DefinitionWithDisks => gettext("A guest that is shut off takes no disks along."),
        Conflict::DefinitionTemporary => gettext("A guest that is shut off moves for good."),
        Conflict::TunnelledParallel => gettext("A tunnel takes one connection only."),
        Conflict::TunnelledDisks => gettext("Disks cannot be copied through a tunnel."),
        Conflict::TunnelledAddress => gettext("A tunnel has no address of its own."),
        Conflict::TunnelledTls => gettext("A tunnel is as encrypted as the daemons' connection."),
        Conflict::CompressionNeedsParallel => {
            gettext("zlib and Zstandard need parallel connections.")
        }
        Conflict::XbzrleParallel => gettext("XBZRLE does not go with parallel connections."),
        Conflict::AutoConvergeNotLive => {
            gettext("Slowing down is of use in a live migration only.")
        }
        Conflict::PolicyNotLive => gettext("Only a live migration may not finish."),
        Conflict::PolicyNeedsPostcopy => gettext("This policy needs post-copy."),
        Conflict::ZeroDowntime => gettext("A pause of zero can never be kept."),
        Conflict::DowntimeTooLong => gettext("QEMU takes 2,000 seconds at most."),
        Conflict::DowntimeNotLive => gettext("Only a live migration has a pause to limit."),
        Conflict::NothingToSend => gettext("A guest that is shut off has no memory to send."),
        Conflict::DestinationUriDirect => {
            gettext("In a direct migration this computer's own connection is used.")
        }
        Conflict::ZeroBandwidth => gettext("A limit of zero would send nothing."),
        Conflict::ParallelOutOfRange => gettext("Between 1 and 255 connections."),
        Conflict::SameHost => gettext("Source and destination are the same host."),
    }
}

/// What became of a migration, as a headline.
#[must_use]
pub fn outcome(outcome: &Outcome, destination: &str) -> String {
    match outcome {
        Outcome::Arrived => gettext_f("Arrived at {host}", &[("host", destination)]),
        Outcome::Cancelled => gettext("Cancelled"),
        Outcome::GivenUp(policy, _) => {
            let policy = super::forecast::policy(*policy);
            gettext_f(
                "Given up by the policy “{policy}”: no end was in sight",
                &[("policy", &policy)],
            )
        }
        Outcome::Failed(explanation)
            if explanation.cause == Cause::Class(FailureKind::Unwitnessed) =>
        {
            super::failure::class(FailureKind::Unwitnessed)
        }
        Outcome::Failed(explanation) => {
            let cause = super::failure::cause(&explanation.cause);
            gettext_f("Failed: {cause}", &[("cause", &cause)])
        }
    }
}

/// Where a guest is after its migration.
#[must_use]
pub fn place(place: Place, guest: &str, source: &str, destination: &str) -> String {
    match place {
        Place::Source(life) => at(life, guest, source),
        Place::Destination(Life::Torn) => gettext_f(
            "{guest} is on {host} and cannot go on: part of its memory was on the other host, which has lost it. Save its XML where no host keeps its definition, force it off and start it anew; its disks are as they were at that moment.",
            &[("guest", guest), ("host", destination)],
        ),
        Place::Destination(life) => at(life, guest, destination),
        Place::Both => gettext_f(
            "{guest} is on {source} and on {destination} at once. Start or resume neither before you looked at both.",
            &[("guest", guest), ("source", source), ("destination", destination)],
        ),
        Place::Nowhere => gettext_f("Neither host knows {guest} any more.", &[("guest", guest)]),
        Place::Unknown(unseen) => unknown(unseen, guest, source, destination),
    }
}

fn at(life: Life, guest: &str, host: &str) -> String {
    let values = [("guest", guest), ("host", host)];
    match life {
        Life::Running => gettext_f("{guest} runs on {host}.", &values),
        Life::Paused => gettext_f("{guest} is on {host}, paused.", &values),
        Life::ShutOff => gettext_f("{guest} is on {host}, shut off.", &values),
        Life::Crashed => gettext_f("{guest} is on {host}, crashed.", &values),
        Life::Torn => gettext_f(
            "{guest} is on {host} and cannot go on: part of its memory was on the other host, which has lost it. Force it off and start it there; its disks are as they were at that moment.",
            &values,
        ),
        Life::Unseen => gettext_f("{guest} arrived on {host}, which cannot be asked now.", &values),
    }
}

fn unknown(unseen: Unseen, guest: &str, source: &str, destination: &str) -> String {
    match unseen {
        Unseen::Source => gettext_f(
            "Where {guest} is cannot be told before {host} answers. Do not start it meanwhile.",
            &[("guest", guest), ("host", source)],
        ),
        Unseen::Destination => gettext_f(
            "Where {guest} is cannot be told before {host} answers. Do not start it meanwhile.",
            &[("guest", guest), ("host", destination)],
        ),
        Unseen::Both => gettext_f(
            "Where {guest} is cannot be told before {source} or {destination} answers. Do not start it meanwhile.",
            &[("guest", guest), ("source", source), ("destination", destination)],
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_carry_their_unit() {
        for (milliseconds, text) in [
            (0, "0 ms"),
            (999, "999 ms"),
            (1500, "1.5 s"),
            (125_000, "2 min 5 s"),
            (3_780_000, "1 h 3 min"),
        ] {
            assert_eq!(duration(Duration::from_millis(milliseconds)), text);
        }
    }
}
