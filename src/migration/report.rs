//! How a migration ended: where the guest is, what it took.

use std::time::Duration;

use super::Policy;
use super::explain::{Explanation, GuestCause, explain};
use crate::model::{
    Bytes, FailureKind, GuestState, MigrationEnd, NoEnd, PauseReason, Presence, ShutOffReason,
    StateReason,
};

/// The end of a migration, ready to be shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// What became of the wish.
    pub outcome: Outcome,
    /// Where the guest is.
    pub place: Place,
    /// From the call to the end, by libvirt where it told, else by our own clock.
    pub total: Duration,
    /// How long the guest stood still.
    pub downtime: Option<Duration>,
    /// Sent, memory and disks.
    pub sent: Option<Bytes>,
    /// Passes over the memory.
    pub passes: Option<u64>,
}

/// What became of the wish.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The guest was moved.
    Arrived,
    /// The user, or somebody else, cancelled it: no error.
    Cancelled,
    /// The policy gave it up, because no end was in sight.
    GivenUp(Policy, NoEnd),
    /// It failed, and why.
    Failed(Box<Explanation>),
}

/// Where the guest is: asked of both hosts after the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// At the source.
    Source(Life),
    /// At the destination.
    Destination(Life),
    /// Active on both hosts: somebody must decide which one goes on.
    Both,
    /// Neither host knows it.
    Nowhere,
    /// Not to be told without these hosts, which could not be asked.
    Unknown(Unseen),
}

/// Whether it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Life {
    /// It runs.
    Running,
    /// It is paused; its memory is kept.
    Paused,
    /// It is shut off.
    ShutOff,
    /// It crashed.
    Crashed,
    /// It cannot go on: part of its memory was on the other host, which has lost it.
    Torn,
    /// libvirt said that it is there, but the host could not be asked afterwards.
    Unseen,
}

/// Which hosts could not be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unseen {
    /// The source.
    Source,
    /// The destination.
    Destination,
    /// Both.
    Both,
}

impl Report {
    /// Reads the end of a migration. `elapsed` is our own clock's time since it was asked for.
    #[must_use]
    pub fn of(end: &MigrationEnd, elapsed: Duration) -> Self {
        let place = place(end);
        let outcome = match &end.result {
            Ok(()) => Outcome::Arrived,
            Err(failure) if failure.kind == FailureKind::Cancelled => Outcome::Cancelled,
            Err(failure) => {
                let why = explain(failure);
                let lost =
                    matches!(place, Place::Source(Life::Torn) | Place::Destination(Life::Torn));
                let why = if lost { why.because(GuestCause::MemoryLost) } else { why };
                Outcome::Failed(Box::new(why))
            }
        };
        Self {
            outcome,
            place,
            total: end.stats.map(|stats| stats.total).filter(|t| !t.is_zero()).unwrap_or(elapsed),
            downtime: end.stats.and_then(|stats| stats.downtime),
            sent: end.stats.map(|stats| stats.sent).filter(|sent| sent.0 > 0),
            passes: end.stats.map(|stats| stats.iterations).filter(|&passes| passes > 0),
        }
    }

    /// The same, of a move that its policy may have given up: what a cancellation was then.
    #[must_use]
    pub fn given_up_by(mut self, policy: Policy, why: Option<NoEnd>) -> Self {
        if let (Outcome::Cancelled, Some(why)) = (&self.outcome, why) {
            self.outcome = Outcome::GivenUp(policy, why);
        }
        self
    }

    /// Whether the guest was moved.
    #[must_use]
    pub const fn arrived(&self) -> bool {
        matches!(self.outcome, Outcome::Arrived)
    }
}

/// Where the guest is, from what both hosts said.
#[must_use]
pub fn place(end: &MigrationEnd) -> Place {
    let moved = end.result.is_ok();
    match (end.source, end.destination) {
        (Presence::Unreachable, Presence::Unreachable) => Place::Unknown(Unseen::Both),
        (Presence::Absent, Presence::Absent) => Place::Nowhere,
        (Presence::Unreachable, there) => match life(there) {
            Some(life) if decided(there) && (moved || there.is_active()) => {
                Place::Destination(life)
            }
            _ => Place::Unknown(Unseen::Source),
        },
        (here, Presence::Unreachable) => match life(here) {
            Some(life) if here.is_active() && decided(here) => Place::Source(life),
            _ if moved => Place::Destination(Life::Unseen),
            Some(life) if stopped_by_itself(here) => Place::Source(life),
            _ => Place::Unknown(Unseen::Destination),
        },
        (here, there) => match (life(here), life(there)) {
            (Some(_), Some(_)) if here.is_active() && there.is_active() => Place::Both,
            (Some(_), _) if here.is_torn() => Place::Source(Life::Torn),
            (_, Some(_)) if there.is_torn() => Place::Destination(Life::Torn),
            (Some(life), _) if here.is_active() => Place::Source(life),
            (_, Some(life)) if there.is_active() || moved => Place::Destination(life),
            (Some(life), _) => Place::Source(life),
            (None, Some(life)) => Place::Destination(life),
            (None, None) => Place::Nowhere,
        },
    }
}

const fn life(presence: Presence) -> Option<Life> {
    match presence {
        Presence::Absent | Presence::Unreachable => None,
        Presence::There { state, .. } => Some(match state {
            GuestState::Running
            | GuestState::Blocked
            | GuestState::ShuttingDown
            | GuestState::Unknown => Life::Running,
            GuestState::Paused | GuestState::Suspended => Life::Paused,
            GuestState::ShutOff => Life::ShutOff,
            GuestState::Crashed => Life::Crashed,
        }),
    }
}

/// Paused in the middle of a migration, a guest waits for the word of the other host.
fn decided(presence: Presence) -> bool {
    !matches!(
        presence,
        Presence::There {
            reason: StateReason::Paused(
                PauseReason::Migration | PauseReason::Postcopy | PauseReason::PostcopyFailed
            ) | StateReason::RunningPostcopyFailed,
            ..
        }
    )
}

/// It ended at the source, not by being moved: it cannot run elsewhere.
const fn stopped_by_itself(presence: Presence) -> bool {
    matches!(
        presence,
        Presence::There {
            reason: StateReason::ShutOff(
                ShutOffReason::ShutDown | ShutOffReason::Destroyed | ShutOffReason::Crashed
            ),
            ..
        }
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CompletedStats, Failure};

    fn there(state: GuestState, reason: StateReason) -> Presence {
        Presence::There { state, reason, persistent: true }
    }

    fn end(ok: bool, source: Presence, destination: Presence) -> MigrationEnd {
        let failed = Failure::own(FailureKind::ChannelBroken, "broken");
        MigrationEnd {
            result: if ok { Ok(()) } else { Err(failed) },
            stats: None,
            source,
            destination,
        }
    }

    #[test]
    fn where_the_guest_is() {
        let gone = Presence::Absent;
        let lost = Presence::Unreachable;
        let runs = there(GuestState::Running, StateReason::None);
        let paused = there(GuestState::Paused, StateReason::Paused(PauseReason::User));
        let torn = there(GuestState::Paused, StateReason::Paused(PauseReason::PostcopyFailed));
        let waits = there(GuestState::Paused, StateReason::Paused(PauseReason::Migration));
        let arrived = there(GuestState::Running, StateReason::RunningMigrated);
        let left = there(GuestState::ShutOff, StateReason::ShutOff(ShutOffReason::Migrated));
        let off = there(GuestState::ShutOff, StateReason::ShutOff(ShutOffReason::Other));
        let crashed = there(GuestState::ShutOff, StateReason::ShutOff(ShutOffReason::Crashed));
        let table = [
            // moved: until it is shut down, permanently, paused, a definition
            (true, left, arrived, Place::Destination(Life::Running)),
            (true, gone, arrived, Place::Destination(Life::Running)),
            (true, gone, paused, Place::Destination(Life::Paused)),
            (true, gone, off, Place::Destination(Life::ShutOff)),
            (true, off, off, Place::Destination(Life::ShutOff)),
            // moved, and shut down there at once: it came home
            (true, left, gone, Place::Source(Life::ShutOff)),
            // failed, cancelled: still at home
            (false, runs, gone, Place::Source(Life::Running)),
            (false, paused, gone, Place::Source(Life::Paused)),
            (false, runs, off, Place::Source(Life::Running)),
            (false, crashed, gone, Place::Source(Life::ShutOff)),
            // said to have failed, but it is there
            (false, left, arrived, Place::Destination(Life::Running)),
            // the answer got lost between switching over and finishing
            (false, waits, arrived, Place::Both),
            (false, runs, runs, Place::Both),
            (false, torn, gone, Place::Source(Life::Torn)),
            (false, torn, off, Place::Source(Life::Torn)),
            (false, gone, torn, Place::Destination(Life::Torn)),
            (false, torn, torn, Place::Both),
            (false, torn, lost, Place::Unknown(Unseen::Destination)),
            (false, gone, gone, Place::Nowhere),
            // hosts that cannot be asked
            (false, lost, lost, Place::Unknown(Unseen::Both)),
            (true, lost, lost, Place::Unknown(Unseen::Both)),
            (false, runs, lost, Place::Source(Life::Running)),
            (false, waits, lost, Place::Unknown(Unseen::Destination)),
            (false, left, lost, Place::Unknown(Unseen::Destination)),
            (false, crashed, lost, Place::Source(Life::ShutOff)),
            (true, left, lost, Place::Destination(Life::Unseen)),
            (true, gone, lost, Place::Destination(Life::Unseen)),
            (false, lost, arrived, Place::Destination(Life::Running)),
            (false, lost, waits, Place::Unknown(Unseen::Source)),
            (false, lost, gone, Place::Unknown(Unseen::Source)),
            (false, lost, off, Place::Unknown(Unseen::Source)),
        ];
        for (ok, source, destination, expected) in table {
            let told = place(&end(ok, source, destination));
            assert_eq!(told, expected, "{ok} {source:?} {destination:?}");
        }
    }

    #[test]
    fn a_cancelled_move_is_no_failure_and_figures_are_libvirts() {
        let mut ended = end(false, there(GuestState::Running, StateReason::None), Presence::Absent);
        ended.result = Err(Failure::own(FailureKind::Cancelled, "canceled by client"));
        let report = Report::of(&ended, Duration::from_secs(7));
        assert_eq!(report.outcome, Outcome::Cancelled);
        assert_eq!((report.total, report.sent), (Duration::from_secs(7), None));
        ended.stats = Some(CompletedStats {
            total: Duration::from_millis(6500),
            downtime: Some(Duration::from_millis(40)),
            sent: Bytes(1000),
            iterations: 3,
        });
        let report = Report::of(&ended, Duration::from_secs(7));
        assert_eq!(report.total, Duration::from_millis(6500));
        assert_eq!(report.downtime, Some(Duration::from_millis(40)));
        assert_eq!((report.sent, report.passes), (Some(Bytes(1000)), Some(3)));
        assert!(!report.arrived());

        let why = NoEnd {
            pass: 11,
            allowed: Duration::from_millis(500),
            needed: None,
            rewritten_bps: None,
            sent_bps: None,
        };
        let policy = Policy::MinimalPause;
        assert_eq!(report.clone().given_up_by(policy, None), report);
        let given_up = report.given_up_by(policy, Some(why));
        assert_eq!(given_up.outcome, Outcome::GivenUp(policy, why));
        ended.result = Err(Failure::own(FailureKind::LinkLost, "the destination died meanwhile"));
        let failed = Report::of(&ended, Duration::from_secs(7)).given_up_by(policy, Some(why));
        assert!(matches!(failed.outcome, Outcome::Failed(_)), "{failed:?}");
    }
}
