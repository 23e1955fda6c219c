//! The end of a migration: what really was the matter, the final figures, and where the guest is.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Signal;
use super::asking;
use super::course::Course;
use crate::backend::host::Host;
use crate::backend::libvirt::job;
use crate::model::{
    CompletedStats, Failure, FailureKind, GuestState, MigrationEnd, Presence, ShutOffReason,
    Standing, StateReason,
};

/// How long the event with the final figures may come after the call returned.
const FIGURES: Duration = Duration::from_millis(500);

impl Course {
    /// Gathers all there is to say at the end.
    pub(super) fn end(&mut self, result: Result<(), Failure>) -> MigrationEnd {
        let result = result.map_err(|failure| self.cause(failure));
        let stats = self.figures(&result);
        let Standing { source, destination, .. } =
            asking::of(Some(&self.source), &self.destinations(), self.uuid);
        let result = result.map_err(|failure| seen_from_hosts(failure, source, destination));
        let result = result.and_then(|()| really_moved(self.ours, source, destination));
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

    /// Where somebody else began it, any other open host may be the destination.
    fn destinations(&self) -> Vec<Arc<Host>> {
        if let Some(host) = &self.destination {
            return vec![Arc::clone(host)];
        }
        let mut hosts = self.shared.hosts();
        hosts.retain(|host| !host.is_same_as(&self.source));
        hosts
    }
}

/// When a guest stops on the way, libvirt names whatever broke first: the channel, the monitor, the
/// job; when the destination is lost in post-copy, that "domain is not running". What the hosts say afterwards is plainer.
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
    if source.is_torn() {
        return Failure { kind: FailureKind::PostcopyFailed, ..failure };
    }
    if broke && stopped && !destination.is_active() {
        return Failure { kind: FailureKind::GuestStopped, ..failure };
    }
    failure
}

/// Of a migration that somebody else called for, the source tells of a complete copy even when
/// whoever relayed it died before the guest was let go. The hosts know better.
fn really_moved(ours: bool, source: Presence, destination: Presence) -> Result<(), Failure> {
    if !ours && source.is_active() && !destination.is_active() {
        let text = "it ended without moving the guest: whoever relayed it is gone";
        return Err(Failure::own(FailureKind::LinkLost, text));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(state: GuestState, reason: StateReason) -> Presence {
        Presence::There { state, reason, persistent: true }
    }

    #[test]
    fn a_found_move_whose_guest_stayed_has_failed() {
        let running = at(GuestState::Running, StateReason::None);
        let left = at(GuestState::ShutOff, StateReason::ShutOff(ShutOffReason::Migrated));
        let kind = |ours, source, destination| {
            really_moved(ours, source, destination).map_err(|failure| failure.kind)
        };
        assert_eq!(kind(false, running, Presence::Absent), Err(FailureKind::LinkLost));
        assert_eq!(kind(false, running, Presence::Unreachable), Err(FailureKind::LinkLost));
        assert_eq!(kind(false, left, Presence::Absent), Ok(()), "it was shut down there since");
        assert_eq!(kind(false, left, running), Ok(()));
        assert_eq!(kind(true, running, Presence::Absent), Ok(()), "libvirt itself said so");
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
