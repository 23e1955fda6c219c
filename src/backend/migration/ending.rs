//! The end of a migration: what really was the matter, the final figures, and where the guest is.

use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use super::Signal;
use super::course::Course;
use crate::backend::host::Host;
use crate::backend::libvirt::{guest, job};
use crate::backend::opener;
use crate::model::{
    CompletedStats, Failure, FailureKind, GuestState, GuestUuid, MigrationEnd, Presence,
    ShutOffReason, StateReason,
};

/// How long the event with the final figures may come after the call returned.
const FIGURES: Duration = Duration::from_millis(500);

/// How long a host may take to say where it stands with the guest.
const ASKING: Duration = Duration::from_secs(5);

impl Course {
    /// Gathers all there is to say at the end.
    pub(super) fn end(&mut self, result: Result<(), Failure>) -> MigrationEnd {
        let result = result.map_err(|failure| self.cause(failure));
        let stats = self.figures(&result);
        let destination = self.destination.clone().or_else(|| self.host_it_went_to());
        let (source, destination) =
            (asked(Some(&self.source), self.uuid), asked(destination.as_ref(), self.uuid));
        let (source, destination) = (source(), destination());
        let result = result.map_err(|failure| seen_from_hosts(failure, source, destination));
        MigrationEnd { result, stats, source, destination }
    }

    /// What really was the matter: our own abort because the destination was gone is no
    /// cancellation, and what follows from the user's is one.
    fn cause(&self, failure: Failure) -> Failure {
        if let Some((cause, _)) = &self.given_up
            && matches!(failure.kind, FailureKind::Cancelled | FailureKind::LinkLost)
        {
            return Failure { kind: FailureKind::LinkLost, ..cause.clone() };
        }
        if self.accepted && failure.kind != FailureKind::PostcopyFailed {
            return Failure { kind: FailureKind::Cancelled, ..failure };
        }
        failure
    }

    /// The final figures: from the event (the only source of them when the guest is undefined at
    /// its source), else from the destination.
    fn figures(&mut self, result: &Result<(), Failure>) -> Option<CompletedStats> {
        if result.is_err() {
            let stats = self.story.completed()?;
            return Some(CompletedStats { downtime: None, ..stats });
        }
        let until = Instant::now() + FIGURES;
        while self.story.completed().is_none() {
            let left = until.saturating_duration_since(Instant::now());
            match self.signals.recv_timeout(left) {
                Ok(Signal::Told { at_source, event }) => {
                    if let Some(step) = self.story.told(at_source, &event) {
                        self.step(step);
                    }
                }
                Ok(_) => {}
                Err(_) => break,
            }
        }
        self.story.completed().or_else(|| {
            let connect = self.destination.as_ref()?.connect().ok()?;
            Some(job::completed(&connect, self.uuid).ok()?.1)
        })
    }

    /// Of the other open hosts, the one that has the guest now.
    fn host_it_went_to(&self) -> Option<Arc<Host>> {
        self.shared.hosts().into_iter().find(|host| {
            host.id != self.source.id
                && host.known().get(&self.uuid).is_some_and(|guest| guest.state.is_active())
        })
    }
}

/// When a guest stops on the way, libvirt names whatever broke first: the channel, the monitor, the
/// job. What the hosts say afterwards is plainer.
fn seen_from_hosts(failure: Failure, source: Presence, destination: Presence) -> Failure {
    let broke = matches!(
        failure.kind,
        FailureKind::ChannelBroken | FailureKind::Other | FailureKind::WrongState
    );
    let stopped = matches!(
        source,
        Presence::There {
            state: GuestState::ShutOff,
            reason: StateReason::ShutOff(
                ShutOffReason::ShutDown | ShutOffReason::Crashed | ShutOffReason::Destroyed
            ),
            ..
        }
    );
    let elsewhere = matches!(destination, Presence::There { state, .. } if state.is_active());
    if broke && stopped && !elsewhere {
        return Failure { kind: FailureKind::GuestStopped, ..failure };
    }
    failure
}

/// Asks a host where it stands with a guest, on a thread that may be left behind; the function
/// returned waits for its answer.
fn asked(host: Option<&Arc<Host>>, uuid: GuestUuid) -> impl FnOnce() -> Presence + use<> {
    let (sender, told) = sync_channel(1);
    if let Some(host) = host {
        let host = Arc::clone(host);
        let spawned = crate::backend::spawn("vireo-where", move || {
            let _ = sender.send(presence(&host, uuid));
        });
        if let Err(failure) = spawned {
            tracing::error!(?failure, "a host cannot be asked");
        }
    }
    move || told.recv_timeout(ASKING).unwrap_or(Presence::Unreachable)
}

/// Asks over the host's own connection, and when that is broken over a new one.
fn presence(host: &Arc<Host>, uuid: GuestUuid) -> Presence {
    let known = host.connect().map(|connect| guest::presence(&connect, uuid));
    match known {
        Ok(presence) if presence != Presence::Unreachable => presence,
        _ if host.is_in_process() => Presence::Unreachable,
        _ => opener::open(host, ASKING)
            .map_or(Presence::Unreachable, |connect| guest::presence(&connect, uuid)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(state: GuestState, reason: StateReason) -> Presence {
        Presence::There { state, reason, persistent: true }
    }

    #[test]
    fn a_guest_that_stopped_is_told_as_stopped() {
        let off = |reason| at(GuestState::ShutOff, StateReason::ShutOff(reason));
        let running = at(GuestState::Running, StateReason::None);
        let broke = Failure::own(FailureKind::ChannelBroken, "Channel error");
        let kind = |source, destination| seen_from_hosts(broke.clone(), source, destination).kind;
        assert_eq!(kind(off(ShutOffReason::Crashed), Presence::Absent), FailureKind::GuestStopped);
        assert_eq!(kind(off(ShutOffReason::Migrated), running), FailureKind::ChannelBroken);
        assert_eq!(kind(off(ShutOffReason::Crashed), running), FailureKind::ChannelBroken);
        assert_eq!(kind(running, Presence::Absent), FailureKind::ChannelBroken);
        assert_eq!(kind(Presence::Unreachable, Presence::Absent), FailureKind::ChannelBroken);
    }
}
