//! Migrations: one guest each, on threads and connections of their own.

mod moves;

pub(crate) use moves::Moves;

use std::sync::Arc;

use super::host::Host;
use super::libvirt::GuestEvent;
use super::request::Lever;
use super::shared::Shared;
use crate::migration::MigrationPlan;
use crate::model::{
    Event, Failure, FailureKind, Guest, GuestUuid, HostId, JobId, MigrationEnd, Presence,
};

/// News of a migration.
#[derive(Debug)]
pub(crate) enum Signal {
    /// libvirt told something of the guest at one of the two hosts.
    Told {
        /// At the source, not at the destination.
        at_source: bool,
        /// What.
        event: GuestEvent,
    },
    /// The user wants something done to it.
    Steered {
        /// What to answer under.
        job: JobId,
        /// What.
        lever: Lever,
    },
}

/// Begins a migration.
pub(crate) fn begin(shared: &Arc<Shared>, job: JobId, _plan: MigrationPlan) {
    let failure = Failure::own(FailureKind::Unsupported, "migrations are not built yet");
    let end = MigrationEnd {
        result: Err(failure),
        stats: None,
        source: Presence::Unreachable,
        destination: Presence::Unreachable,
    };
    shared.mailbox.put(Event::MigrationEnded { job, end });
}

/// Looks whether a guest has a migration under way that this program did not start.
pub(crate) fn look_for(_shared: &Arc<Shared>, _host: HostId, _uuid: GuestUuid) {}

/// Looks for migrations that run already when a host is connected.
pub(crate) fn look_for_running(_host: &Arc<Host>) {}

/// Looks for migrations whose guest just appeared at their destination.
pub(crate) fn look_for_incoming(_host: &Arc<Host>, _changed: &[Guest]) {}
