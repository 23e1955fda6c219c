//! What is done by itself when a live move does not finish: chosen beforehand, carried out in steps.
//!
//! The steps are those of oVirt's vdsm (`0000_config.sql` of its engine): after so many passes a longer
//! pause is allowed, and in the end something else is done.

use std::time::Duration;

use super::{Lever, MigrationOptions, Tracker};
use serde::{Deserialize, Serialize};

use crate::model::{Bytes, MigrationPhase, MigrationSample, MigrationStep, NoEnd};

/// Who decides what happens when a live move does not finish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// The user: nothing happens by itself.
    #[default]
    None,
    /// The pause is lengthened little by little, to half a second; what does not fit then, stays.
    MinimalPause,
    /// The same, but rather than stay, the guest may stand still for five seconds.
    PauseIfNeeded,
    /// Post-copy after the third pass.
    Postcopy,
    /// For guests with very much memory: longer pauses from the start.
    VeryLarge,
}

/// What is done after more than so many passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Passes over the memory that were begun and did not suffice.
    pub after: u64,
    /// What.
    pub lever: Lever,
}

const fn allow(after: u64, ms: u64) -> Step {
    Step { after, lever: Lever::MaxDowntime(ms) }
}

const fn last(after: u64, lever: Lever) -> Step {
    Step { after, lever }
}

const MINIMAL: &[Step] = &[
    allow(1, 150),
    allow(2, 200),
    allow(3, 300),
    allow(4, 400),
    allow(6, 500),
    last(10, Lever::Cancel),
];
const IF_NEEDED: &[Step] = &[
    allow(1, 150),
    allow(2, 200),
    allow(3, 300),
    allow(4, 400),
    allow(6, 500),
    allow(8, 5000),
    last(14, Lever::Cancel),
];
const POSTCOPY: &[Step] = &[allow(1, 150), allow(2, 200), last(3, Lever::Postcopy)];
const VERY_LARGE: &[Step] = &[
    allow(1, 400),
    allow(2, 500),
    allow(3, 700),
    allow(4, 1000),
    allow(6, 1500),
    allow(8, 5000),
    last(14, Lever::Cancel),
];

impl Policy {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 5] =
        [Self::None, Self::MinimalPause, Self::PauseIfNeeded, Self::Postcopy, Self::VeryLarge];

    /// The pause it begins with, ms; `None` leaves the user's or the hypervisor's.
    #[must_use]
    pub const fn initial_pause_ms(self) -> Option<u64> {
        match self {
            Self::None => None,
            Self::MinimalPause | Self::PauseIfNeeded | Self::Postcopy => Some(100),
            Self::VeryLarge => Some(300),
        }
    }

    /// What it does, in order.
    #[must_use]
    pub const fn steps(self) -> &'static [Step] {
        match self {
            Self::None => &[],
            Self::MinimalPause => MINIMAL,
            Self::PauseIfNeeded => IF_NEEDED,
            Self::Postcopy => POSTCOPY,
            Self::VeryLarge => VERY_LARGE,
        }
    }

    /// The pause it allows in a pass; `None` while it has not lengthened it.
    #[must_use]
    pub fn pause_in(self, pass: u64) -> Option<Duration> {
        self.pauses().take_while(|(after, _)| pass > *after).map(|(_, pause)| pause).last()
    }

    /// Whether a longer pause is still to come after a pass.
    #[must_use]
    pub fn lengthens_after(self, pass: u32) -> bool {
        self.pauses().any(|(after, _)| after >= u64::from(pass))
    }

    fn pauses(self) -> impl Iterator<Item = (u64, Duration)> {
        self.steps().iter().filter_map(|step| match step.lever {
            Lever::MaxDowntime(ms) => Some((step.after, Duration::from_millis(ms))),
            Lever::Bandwidth(_) | Lever::PauseGuest | Lever::Postcopy | Lever::Cancel => None,
        })
    }

    /// The longest pause it allows, and when; for the preview.
    #[must_use]
    pub fn longest_pause(self) -> Option<(u64, Duration)> {
        self.pauses().max_by_key(|(_, pause)| *pause)
    }

    /// Its last resort.
    #[must_use]
    pub fn last_resort(self) -> Option<Step> {
        self.steps().last().copied().filter(|step| !matches!(step.lever, Lever::MaxDowntime(_)))
    }
}

/// A policy at work: it reads what the move tells, and says what is to be done.
#[derive(Clone, Debug, PartialEq)]
pub struct Pilot {
    policy: Policy,
    tracker: Tracker,
    done: usize,
}

impl Pilot {
    /// Of a move with these choices; `None` where nothing is to be done by itself.
    #[must_use]
    pub fn new(options: &MigrationOptions) -> Option<Self> {
        let pause = options.max_downtime_ms.or(options.policy.initial_pause_ms());
        let options = MigrationOptions { max_downtime_ms: pause, ..options.clone() };
        let tracker = Tracker::new(&options, Bytes(0));
        (options.policy != Policy::None).then_some(Self {
            policy: options.policy,
            tracker,
            done: 0,
        })
    }

    /// Why it does not finish, while that is so.
    #[must_use]
    pub fn no_end(&self) -> Option<NoEnd> {
        self.tracker.no_end()
    }

    /// Takes in what the user did. Nobody who ends the move himself is overruled.
    pub fn told(&mut self, lever: Lever) {
        let now = self.tracker.elapsed();
        match lever {
            Lever::MaxDowntime(ms) => {
                let pause = Duration::from_millis(ms);
                self.tracker.apply(&MigrationStep::MaxDowntimeChanged(pause), now);
            }
            Lever::Bandwidth(limit) => {
                self.tracker.apply(&MigrationStep::BandwidthChanged(limit), now);
            }
            Lever::PauseGuest | Lever::Postcopy | Lever::Cancel => {
                self.done = self.policy.steps().len();
            }
        }
    }

    /// Takes a reading in. Of several steps that are due the latest is done; a shorter pause than is
    /// allowed already is none, and nothing is given up that comes to an end by itself.
    pub fn look(&mut self, sample: &MigrationSample) -> Option<Lever> {
        self.tracker.apply(&MigrationStep::Sample(*sample), sample.elapsed);
        let MigrationPhase::Pass(pass) = self.tracker.phase() else { return None };
        let steps = self.policy.steps();
        let due = steps.iter().take_while(|step| pass > step.after).count();
        let step = steps.get(due.checked_sub(1)?).filter(|_| due > self.done)?;
        match step.lever {
            Lever::MaxDowntime(ms) => {
                self.done = due;
                let pause = Duration::from_millis(ms);
                if pause <= self.tracker.allowed_pause() && self.tracker.max_downtime().is_some() {
                    return None;
                }
                self.tracker.apply(&MigrationStep::MaxDowntimeChanged(pause), sample.elapsed);
            }
            Lever::Postcopy | Lever::PauseGuest | Lever::Cancel => {
                // What takes long is switched over too, but not given up.
                let hastened = step.lever == Lever::Postcopy && self.tracker.takes_long();
                if !self.tracker.never_ends() && !hastened {
                    return None;
                }
                self.done = due;
            }
            Lever::Bandwidth(_) => self.done = due,
        }
        Some(step.lever)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    fn options(policy: Policy) -> MigrationOptions {
        MigrationOptions { policy, ..MigrationOptions::default() }
    }

    #[test]
    fn what_takes_long_is_switched_over_and_not_given_up() {
        let flown = |policy| {
            let mut pilot = Pilot::new(&options(policy)).unwrap();
            let mut pulled = Vec::new();
            let (mut at, mut sent) = (0, 0);
            for pass in 1..20_u64 {
                // Each pass leaves one of 60 MiB less: nineteen twentieths are rewritten.
                for quarter in 0..12_u64 {
                    let sample = MigrationSample {
                        elapsed: Duration::from_millis(at),
                        memory_total: Bytes(100 * MIB),
                        memory_processed: Bytes(sent * MIB),
                        memory_remaining: Bytes((62 - pass - quarter * 5) * MIB),
                        dirty_bps: if pass > 1 { 19 * MIB + pass } else { 0 },
                        iteration: pass,
                        ..MigrationSample::default()
                    };
                    (at, sent) = (at + 250, sent + 5);
                    pulled.extend(pilot.look(&sample).map(|lever| (pass, lever)));
                    if 62 - pass < (quarter + 1) * 5 + 6 {
                        break;
                    }
                }
            }
            pulled
        };
        assert_eq!(flown(Policy::Postcopy).last(), Some(&(4, Lever::Postcopy)));
        let patient = flown(Policy::VeryLarge);
        assert!(!patient.iter().any(|(_, lever)| *lever == Lever::Cancel), "{patient:?}");
    }

    /// Passes of a second over 20 MiB that the guest rewrites as fast as it is sent.
    fn flown(policy: Policy, first: u64, passes: u64) -> Vec<(u64, Lever)> {
        flown_beside(policy, first, passes, None)
    }

    /// The same, and in the middle of a pass the user does something, too.
    fn flown_beside(
        policy: Policy,
        first: u64,
        passes: u64,
        user: Option<(u64, Lever)>,
    ) -> Vec<(u64, Lever)> {
        let mut pilot = Pilot::new(&options(policy)).unwrap();
        let mut done = Vec::new();
        for quarter in 0..passes * 4 {
            let pass = first + quarter / 4;
            let lever = pilot.look(&MigrationSample {
                elapsed: Duration::from_millis(quarter * 250),
                memory_total: Bytes(64 * MIB),
                memory_processed: Bytes(quarter * 5 * MIB),
                memory_remaining: Bytes((20 - quarter % 4 * 5) * MIB),
                dirty_bps: if quarter >= 4 { 20 * MIB } else { 0 },
                iteration: pass,
                ..MigrationSample::default()
            });
            done.extend(lever.map(|lever| (pass + 1 - first, lever)));
            if let Some((_, lever)) = user.filter(|(at, _)| quarter == at * 4 - 2) {
                pilot.told(lever);
            }
        }
        done
    }

    const fn pause(pass: u64, ms: u64) -> (u64, Lever) {
        (pass, Lever::MaxDowntime(ms))
    }

    #[test]
    fn pauses_grow_with_the_passes_and_each_step_is_done_once() {
        let growing = [pause(2, 150), pause(3, 200), pause(4, 300), pause(5, 400), pause(7, 500)];
        let mut minimal = growing.to_vec();
        minimal.push((11, Lever::Cancel));
        assert_eq!(flown(Policy::MinimalPause, 1, 14), minimal);
        let mut if_needed = growing.to_vec();
        if_needed.push(pause(9, 5000));
        assert_eq!(
            flown(Policy::PauseIfNeeded, 1, 20),
            if_needed,
            "it fits now, and is not given up"
        );
    }

    #[test]
    fn passes_left_over_from_a_cancelled_move_do_not_count() {
        let done = [pause(2, 150), pause(3, 200), (4, Lever::Postcopy)];
        assert_eq!(flown(Policy::Postcopy, 1, 6), done);
        assert_eq!(flown(Policy::Postcopy, 9, 6), done);
    }

    #[test]
    fn a_longer_pause_of_the_user_is_not_taken_back() {
        let chosen =
            MigrationOptions { max_downtime_ms: Some(350), ..options(Policy::MinimalPause) };
        let mut pilot = Pilot::new(&chosen).unwrap();
        let mut look = |iteration, moved| {
            pilot.look(&MigrationSample {
                iteration,
                memory_processed: Bytes(moved),
                ..MigrationSample::default()
            })
        };
        assert_eq!([look(0, 0), look(1, 5), look(4, 9)], [None, None, None]);
        assert_eq!(look(5, 12), Some(Lever::MaxDowntime(400)));
    }

    #[test]
    fn what_the_user_does_meanwhile_is_not_undone() {
        let user = |pass, lever| flown_beside(Policy::MinimalPause, 1, 14, Some((pass, lever)));
        let cancelled = (11, Lever::Cancel);
        assert_eq!(
            user(3, Lever::MaxDowntime(450)),
            [pause(2, 150), pause(3, 200), pause(7, 500), cancelled]
        );
        let begun = [pause(2, 150), pause(3, 200)];
        assert_eq!(user(3, Lever::MaxDowntime(1200)), begun, "it fits, and is not given up");
        for own_end in [Lever::PauseGuest, Lever::Postcopy, Lever::Cancel] {
            assert_eq!(user(3, own_end), begun, "{own_end:?}");
        }
        let late = user(10, Lever::PauseGuest);
        assert!(!late.contains(&cancelled), "{late:?}");
    }

    #[test]
    fn without_a_policy_nothing_happens() {
        assert_eq!(Pilot::new(&MigrationOptions::default()), None);
    }

    #[test]
    fn steps_are_in_order_and_every_policy_but_none_ends() {
        for policy in Policy::ALL {
            let steps = policy.steps();
            assert!(steps.windows(2).all(|pair| pair[0].after < pair[1].after), "{policy:?}");
            assert_eq!(policy.last_resort().is_some(), policy != Policy::None, "{policy:?}");
            assert_eq!(policy.longest_pause().is_some(), policy != Policy::None, "{policy:?}");
        }
    }
}
