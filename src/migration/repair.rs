//! What is left of a move that did not end cleanly, and the one thing that mends it.
//!
//! Nothing here may run a guest twice, or let a guest go on with memory that its disks have left
//! behind. So a repair is offered only where both hosts answered, and only when every way in which
//! this state can have come about makes it right (libvirt-rust.md §2.1, migration.md P-b and P-c).

use serde::{Deserialize, Serialize};

use crate::model::{GuestState, PauseReason, Presence, ShutOffReason, StateReason};

/// What is known besides the two hosts' answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Circumstances {
    /// The guest at the source, asked after the end.
    pub source: Presence,
    /// The guest at the destination, asked after the end.
    pub destination: Presence,
    /// libvirt said that the guest was moved.
    pub arrived: bool,
    /// It was to move for good.
    pub permanent: bool,
    /// Whether it ran at the destination meanwhile.
    pub ran_there: RanThere,
    /// The move was watched to its end, and both hosts have said the same ever since. Otherwise
    /// another move may have come in between, to a third host perhaps.
    pub fresh: bool,
}

/// Whether a guest ran at the destination before the move ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RanThere {
    /// It was seen to run there.
    Yes,
    /// The whole move was watched, and it was not.
    No,
    /// Nobody watched all of it.
    Unknown,
}

/// The one right thing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Repair {
    /// Let the guest go on at the source, where it waits for a move that is over.
    ResumeAtSource,
    /// Let the guest go on at the destination, where all of it is.
    ResumeAtDestination,
    /// Take an interrupted post-copy up again: the guest's memory is on two hosts.
    ResumePostcopy,
    /// Remove what waits at the source: the guest goes on at the destination.
    RemoveFromSource,
    /// Remove what waits at the destination: the guest goes on at the source, and never ran there.
    RemoveFromDestination,
    /// Undefine the definition at the source: the guest lives at the destination for good.
    UndefineAtSource,
    /// Undefine the definition at the destination: the guest is at home at the source.
    UndefineAtDestination,
    /// Define the guest at the destination: it was to live there, and would be gone once shut off.
    DefineAtDestination,
}

impl Repair {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::ResumeAtSource,
        Self::ResumeAtDestination,
        Self::ResumePostcopy,
        Self::RemoveFromSource,
        Self::RemoveFromDestination,
        Self::UndefineAtSource,
        Self::UndefineAtDestination,
        Self::DefineAtDestination,
    ];
}

/// How a host stands with the guest, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seat {
    Absent,
    /// Defined, not active; whether it ended here by itself, so that it ran here before.
    Off {
        ran_here: bool,
        left: bool,
    },
    /// Active, and all of it is here.
    Active {
        persistent: bool,
    },
    /// Paused in the middle of a move, before anybody decided where it goes on.
    Waiting,
    /// Its memory is on two hosts, and nothing moves any more.
    Torn,
    /// Its memory is on two hosts, or its state says nothing.
    Unclear,
}

/// Whether this libvirt (as `virConnectGetLibVersion` tells it, of the destination) crashes when an interrupted
/// post-copy is to be taken up: 11.3.0 reads through a null pointer (`fd` in `qemuProcessIncomingDefNew`), which
/// came with the sparse images of 11.2.0. Its guests survive, but the memory still to come does not come.
#[must_use]
pub const fn crashes_on_recovery(version: u64) -> bool {
    version >= 11_002_000 && version < 11_004_000
}

/// What mends this state; `None` where nothing needs to be mended, or nothing is surely right.
#[must_use]
pub fn repair(case: &Circumstances) -> Option<Repair> {
    let (here, there) = (seat(case.source)?, seat(case.destination)?);
    match (here, there) {
        (Seat::Unclear, _) | (_, Seat::Unclear) => None,
        (Seat::Torn, Seat::Torn) => Some(Repair::ResumePostcopy),
        (Seat::Torn, _) | (_, Seat::Torn) => None,

        // It waits at home. If it ran there, its disks are ahead of the memory it has here.
        (Seat::Waiting, Seat::Absent | Seat::Off { ran_here: false, .. }) => {
            (case.fresh && case.ran_there == RanThere::No).then_some(Repair::ResumeAtSource)
        }
        (Seat::Waiting, Seat::Off { ran_here: true, .. } | Seat::Waiting) => None,
        (Seat::Waiting, Seat::Active { .. }) => Some(Repair::RemoveFromSource),

        // It waits there. Only a source that has let go has sent everything.
        (Seat::Absent, Seat::Waiting) => {
            (case.fresh && case.arrived).then_some(Repair::ResumeAtDestination)
        }
        (Seat::Off { left, .. }, Seat::Waiting) => {
            (case.fresh && left).then_some(Repair::ResumeAtDestination)
        }
        (Seat::Active { .. }, Seat::Waiting) => Some(Repair::RemoveFromDestination),

        // It goes on there.
        (Seat::Absent | Seat::Off { .. }, Seat::Active { persistent: false }) => {
            case.permanent.then_some(Repair::DefineAtDestination)
        }
        (Seat::Off { .. }, Seat::Active { persistent: true }) => {
            case.permanent.then_some(Repair::UndefineAtSource)
        }
        (Seat::Off { .. }, Seat::Off { .. }) => {
            (case.permanent && case.arrived).then_some(Repair::UndefineAtSource)
        }

        // It goes on here, at home: two definitions are one too many. A guest that is only
        // visiting here has its home there.
        (Seat::Active { persistent: true }, Seat::Off { .. }) => {
            Some(Repair::UndefineAtDestination)
        }
        (Seat::Active { .. }, Seat::Absent | Seat::Off { .. } | Seat::Active { .. })
        | (Seat::Absent, Seat::Absent | Seat::Off { .. } | Seat::Active { persistent: true })
        | (Seat::Off { .. }, Seat::Absent) => None,
    }
}

/// `None` where the host could not be asked.
const fn seat(presence: Presence) -> Option<Seat> {
    let (state, reason, persistent) = match presence {
        Presence::Unreachable => return None,
        Presence::Absent => return Some(Seat::Absent),
        Presence::There { state, reason, persistent } => (state, reason, persistent),
    };
    let paused = matches!(state, GuestState::Paused);
    Some(match (state, reason) {
        (GuestState::ShutOff, reason) => off(reason),
        (GuestState::Unknown | GuestState::Crashed, _) => Seat::Unclear,
        (_, reason) if reason.is_torn() => Seat::Torn,
        (_, StateReason::RunningPostcopy) | (_, StateReason::Paused(PauseReason::Postcopy)) => {
            Seat::Unclear
        }
        (_, StateReason::Paused(PauseReason::Migration)) if paused => Seat::Waiting,
        (
            GuestState::Running
            | GuestState::Blocked
            | GuestState::Paused
            | GuestState::ShuttingDown
            | GuestState::Suspended,
            _,
        ) => Seat::Active { persistent },
    })
}

const fn off(reason: StateReason) -> Seat {
    use ShutOffReason::{Crashed, Destroyed, Failed, Migrated, Other, Saved, ShutDown};
    match reason {
        StateReason::ShutOff(Migrated) => Seat::Off { ran_here: true, left: true },
        StateReason::ShutOff(ShutDown | Destroyed | Crashed | Saved) => {
            Seat::Off { ran_here: true, left: false }
        }
        StateReason::ShutOff(Failed | Other)
        | StateReason::None
        | StateReason::Paused(_)
        | StateReason::RunningMigrated
        | StateReason::RunningMigrationCancelled
        | StateReason::RunningPostcopy
        | StateReason::RunningPostcopyFailed => Seat::Off { ran_here: false, left: false },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(state: GuestState, reason: StateReason, persistent: bool) -> Presence {
        Presence::There { state, reason, persistent }
    }

    const fn off(reason: ShutOffReason) -> Presence {
        at(GuestState::ShutOff, StateReason::ShutOff(reason), true)
    }

    const fn paused(reason: PauseReason) -> Presence {
        at(GuestState::Paused, StateReason::Paused(reason), true)
    }

    const RUNS: Presence = at(GuestState::Running, StateReason::None, true);
    const VISITS: Presence = at(GuestState::Running, StateReason::RunningMigrated, false);
    const SETTLED: Presence = at(GuestState::Running, StateReason::RunningMigrated, true);
    const WAITS: Presence = paused(PauseReason::Migration);
    const TORN: Presence = paused(PauseReason::PostcopyFailed);
    const TORN_THERE: Presence = at(GuestState::Running, StateReason::RunningPostcopyFailed, false);
    const LEFT: Presence = off(ShutOffReason::Migrated);
    const NEVER_RAN: Presence = off(ShutOffReason::Other);

    fn case(source: Presence, destination: Presence) -> Circumstances {
        Circumstances {
            source,
            destination,
            arrived: false,
            permanent: false,
            ran_there: RanThere::No,
            fresh: true,
        }
    }

    #[test]
    fn each_leftover_has_its_repair() {
        let permanent = |case| Circumstances { permanent: true, ..case };
        let arrived = |case| Circumstances { arrived: true, ..case };
        let stale = |case| Circumstances { fresh: false, ..case };
        let ran = |ran_there, case| Circumstances { ran_there, ..case };
        let table = [
            (case(WAITS, Presence::Absent), Some(Repair::ResumeAtSource)),
            (case(WAITS, NEVER_RAN), Some(Repair::ResumeAtSource)),
            (ran(RanThere::Yes, case(WAITS, Presence::Absent)), None),
            (ran(RanThere::Unknown, case(WAITS, Presence::Absent)), None),
            (stale(case(WAITS, Presence::Absent)), None),
            (stale(case(LEFT, WAITS)), None),
            (stale(case(WAITS, VISITS)), Some(Repair::RemoveFromSource)),
            (case(WAITS, off(ShutOffReason::ShutDown)), None),
            (case(WAITS, VISITS), Some(Repair::RemoveFromSource)),
            (case(WAITS, paused(PauseReason::User)), Some(Repair::RemoveFromSource)),
            (case(WAITS, WAITS), None),
            (case(RUNS, WAITS), Some(Repair::RemoveFromDestination)),
            (case(LEFT, WAITS), Some(Repair::ResumeAtDestination)),
            (case(off(ShutOffReason::Crashed), WAITS), None),
            (case(Presence::Absent, WAITS), None),
            (arrived(case(Presence::Absent, WAITS)), Some(Repair::ResumeAtDestination)),
            (case(TORN, TORN_THERE), Some(Repair::ResumePostcopy)),
            (case(TORN, TORN), Some(Repair::ResumePostcopy)),
            (case(TORN, VISITS), None),
            (case(TORN, Presence::Absent), None),
            (arrived(permanent(case(LEFT, SETTLED))), Some(Repair::UndefineAtSource)),
            (arrived(permanent(case(LEFT, VISITS))), Some(Repair::DefineAtDestination)),
            (permanent(case(Presence::Absent, VISITS)), Some(Repair::DefineAtDestination)),
            (arrived(permanent(case(NEVER_RAN, NEVER_RAN))), Some(Repair::UndefineAtSource)),
            (permanent(case(NEVER_RAN, NEVER_RAN)), None),
            (case(RUNS, NEVER_RAN), Some(Repair::UndefineAtDestination)),
            // A visitor that did not get home: its definition is at home.
            (case(VISITS, LEFT), None),
        ];
        for (case, expected) in table {
            assert_eq!(repair(&case), expected, "{case:?}");
        }
    }

    #[test]
    fn what_is_as_it_should_be_needs_nothing() {
        let settled = Circumstances { arrived: true, ..case(LEFT, VISITS) };
        assert_eq!(repair(&settled), None, "away, until it is shut down");
        let for_good = Circumstances { permanent: true, ..case(Presence::Absent, SETTLED) };
        assert_eq!(repair(&Circumstances { arrived: true, ..for_good }), None);
        assert_eq!(repair(&case(RUNS, Presence::Absent)), None);
        assert_eq!(repair(&case(paused(PauseReason::User), Presence::Absent)), None);
    }

    fn presences() -> Vec<Presence> {
        use GuestState as State;
        let states = [
            State::Running,
            State::Blocked,
            State::Paused,
            State::ShuttingDown,
            State::ShutOff,
            State::Crashed,
            State::Suspended,
            State::Unknown,
        ];
        let pauses = [
            PauseReason::User,
            PauseReason::Migration,
            PauseReason::Save,
            PauseReason::IoError,
            PauseReason::Watchdog,
            PauseReason::Starting,
            PauseReason::Crashed,
            PauseReason::Postcopy,
            PauseReason::PostcopyFailed,
            PauseReason::Other,
        ]
        .map(StateReason::Paused);
        let offs = [
            ShutOffReason::ShutDown,
            ShutOffReason::Destroyed,
            ShutOffReason::Crashed,
            ShutOffReason::Migrated,
            ShutOffReason::Saved,
            ShutOffReason::Failed,
            ShutOffReason::Other,
        ]
        .map(StateReason::ShutOff);
        let others = [
            StateReason::None,
            StateReason::RunningMigrated,
            StateReason::RunningMigrationCancelled,
            StateReason::RunningPostcopy,
            StateReason::RunningPostcopyFailed,
        ];
        let reasons: Vec<_> = pauses.into_iter().chain(offs).chain(others).collect();
        let mut all = vec![Presence::Absent, Presence::Unreachable];
        for state in states {
            for &reason in &reasons {
                all.extend([true, false].map(|persistent| at(state, reason, persistent)));
            }
        }
        all
    }

    /// Every state of both hosts, with everything that can be known besides.
    #[test]
    fn no_repair_could_run_a_guest_twice_or_lose_it() {
        let all = presences();
        let mut offered = std::collections::BTreeSet::new();
        for (&source, &destination) in
            all.iter().flat_map(|source| all.iter().map(move |destination| (source, destination)))
        {
            for number in 0..24 {
                let ran_there = [RanThere::Yes, RanThere::No, RanThere::Unknown][number % 3];
                let (arrived, permanent) = (number / 3 % 2 == 1, number / 6 % 2 == 1);
                let fresh = number / 12 == 1;
                let case =
                    Circumstances { source, destination, arrived, permanent, ran_there, fresh };
                let Some(repair) = repair(&case) else { continue };
                offered.insert(repair);
                assert!(
                    ![source, destination].contains(&Presence::Unreachable),
                    "unseen: {case:?}"
                );
                let is = |presence, state| matches!(presence, Presence::There { state: now, .. } if now == state);
                match repair {
                    Repair::ResumeAtSource => {
                        assert!(!destination.is_active() && ran_there == RanThere::No, "{case:?}");
                        assert!(fresh, "{case:?}");
                        assert!(is(source, GuestState::Paused), "{case:?}");
                    }
                    Repair::ResumeAtDestination => {
                        assert!(
                            !source.is_active() && is(destination, GuestState::Paused),
                            "{case:?}"
                        );
                        assert!(fresh, "{case:?}");
                    }
                    Repair::ResumePostcopy => {
                        assert!(source.is_active() || is(source, GuestState::Paused), "{case:?}");
                    }
                    // What is removed never is the only one, and never the one that runs.
                    Repair::RemoveFromSource => {
                        assert!(
                            destination.is_active() && is(source, GuestState::Paused),
                            "{case:?}"
                        );
                    }
                    Repair::RemoveFromDestination => {
                        assert!(
                            source.is_active() && is(destination, GuestState::Paused),
                            "{case:?}"
                        );
                    }
                    Repair::UndefineAtSource => {
                        let kept = matches!(destination, Presence::There { persistent: true, .. })
                            || is(destination, GuestState::ShutOff);
                        assert!(kept && is(source, GuestState::ShutOff), "{case:?}");
                    }
                    Repair::UndefineAtDestination => {
                        let kept = matches!(source, Presence::There { persistent: true, .. });
                        assert!(kept && is(destination, GuestState::ShutOff), "{case:?}");
                    }
                    Repair::DefineAtDestination => {
                        assert!(destination.is_active() && !source.is_active(), "{case:?}");
                    }
                }
            }
        }
        assert_eq!(offered.into_iter().collect::<Vec<_>>(), Repair::ALL, "each can be had");
    }
}
