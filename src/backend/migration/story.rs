//! What is told of a migration, from what is heard of it. Pure; the clock is passed in.

use std::time::{Duration, Instant};

use crate::backend::libvirt::job::completed_stats;
use crate::backend::libvirt::{GuestEvent, Turn};
use crate::model::{CompletedStats, MigrationSample, MigrationStep};

/// Without a byte moved for so long, a migration is stalled. (`memory_bps` stays frozen at its last
/// value meanwhile, so that only the amounts tell.)
const STALL: Duration = Duration::from_secs(3);

/// The story of one migration.
#[derive(Debug, Default)]
pub(super) struct Story {
    pass: u64,
    source_paused: bool,
    postcopy: bool,
    arrived: bool,
    moved: Option<(Amounts, Instant)>,
    completed: Option<CompletedStats>,
}

/// What grows while anything moves: passes, memory, disks, pages fetched in post-copy.
type Amounts = [u64; 4];

impl Story {
    /// libvirt told something of the guest.
    pub(super) fn told(&mut self, at_source: bool, event: &GuestEvent) -> Option<MigrationStep> {
        match event {
            GuestEvent::Turned(turn) if at_source => self.turned_at_source(*turn),
            GuestEvent::Turned(turn) => self.turned_at_destination(*turn),
            GuestEvent::Iteration(pass) => (*pass > self.pass).then(|| {
                self.pass = *pass;
                MigrationStep::Pass(*pass)
            }),
            GuestEvent::JobCompleted(numbers) => {
                self.completed = Some(completed_stats(numbers));
                None
            }
            GuestEvent::Changed => None,
        }
    }

    fn turned_at_source(&mut self, turn: Turn) -> Option<MigrationStep> {
        match turn {
            Turn::PausedForMigration => once(&mut self.source_paused, MigrationStep::SourcePaused),
            Turn::PausedForPostcopy => once(&mut self.postcopy, MigrationStep::Postcopy),
            Turn::Paused | Turn::Torn | Turn::ResumedInPostcopy | Turn::Resumed | Turn::Other => {
                None
            }
        }
    }

    /// A guest that was paused before arrives paused, and is told as paused.
    fn turned_at_destination(&mut self, turn: Turn) -> Option<MigrationStep> {
        match turn {
            Turn::ResumedInPostcopy => once(&mut self.postcopy, MigrationStep::Postcopy),
            Turn::Resumed | Turn::Paused => {
                once(&mut self.arrived, MigrationStep::ArrivedAtDestination)
            }
            Turn::PausedForMigration | Turn::PausedForPostcopy | Turn::Torn | Turn::Other => None,
        }
    }

    /// The job was read.
    pub(super) fn read(&mut self, sample: MigrationSample, now: Instant) -> Vec<MigrationStep> {
        let mut steps = vec![MigrationStep::Sample(sample)];
        steps.extend(self.stalled(&sample, now).map(MigrationStep::Stalled));
        steps
    }

    /// How long nothing moved, once that is long. While libvirt prepares, and once the guest is
    /// there, nothing is meant to move.
    fn stalled(&mut self, sample: &MigrationSample, now: Instant) -> Option<Duration> {
        let amounts = [
            sample.iteration,
            sample.memory_processed.0,
            sample.disk_processed.0,
            sample.postcopy_requests,
        ];
        if amounts[1..].iter().all(|&amount| amount == 0) || self.arrived {
            self.moved = None;
            return None;
        }
        match self.moved {
            Some((before, since)) if before == amounts => {
                let still = now.saturating_duration_since(since);
                (still >= STALL).then_some(still)
            }
            _ => {
                self.moved = Some((amounts, now));
                None
            }
        }
    }

    /// Figures of the finished job, as the event told them.
    pub(super) const fn completed(&self) -> Option<CompletedStats> {
        self.completed
    }
}

fn once(told: &mut bool, step: MigrationStep) -> Option<MigrationStep> {
    (!std::mem::replace(told, true)).then_some(step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Bytes;

    #[test]
    fn a_good_run_is_told_in_order_and_once() {
        let mut story = Story::default();
        let heard = [
            (false, GuestEvent::Turned(Turn::Other)),
            (true, GuestEvent::Iteration(1)),
            (true, GuestEvent::Iteration(2)),
            (true, GuestEvent::Iteration(2)),
            (true, GuestEvent::Turned(Turn::PausedForMigration)),
            (true, GuestEvent::Turned(Turn::PausedForMigration)),
            (false, GuestEvent::Turned(Turn::Resumed)),
            (true, GuestEvent::JobCompleted(vec![("downtime".into(), 79)])),
        ];
        let steps: Vec<_> =
            heard.iter().filter_map(|(source, event)| story.told(*source, event)).collect();
        assert_eq!(
            steps,
            [
                MigrationStep::Pass(1),
                MigrationStep::Pass(2),
                MigrationStep::SourcePaused,
                MigrationStep::ArrivedAtDestination,
            ]
        );
        assert_eq!(story.completed().unwrap().downtime, Some(Duration::from_millis(79)));
    }

    #[test]
    fn post_copy_is_told_before_the_arrival() {
        let mut story = Story::default();
        let heard = [
            (true, Turn::PausedForMigration),
            (true, Turn::PausedForPostcopy),
            (false, Turn::ResumedInPostcopy),
            (false, Turn::Resumed),
        ];
        let steps: Vec<_> = heard
            .iter()
            .filter_map(|&(source, turn)| story.told(source, &GuestEvent::Turned(turn)))
            .collect();
        assert_eq!(
            steps,
            [
                MigrationStep::SourcePaused,
                MigrationStep::Postcopy,
                MigrationStep::ArrivedAtDestination
            ]
        );
    }

    #[test]
    fn a_guest_torn_in_post_copy_has_not_arrived() {
        let mut story = Story::default();
        assert_eq!(
            story.told(false, &GuestEvent::Turned(Turn::ResumedInPostcopy)),
            Some(MigrationStep::Postcopy)
        );
        for at_source in [true, false] {
            assert_eq!(story.told(at_source, &GuestEvent::Turned(Turn::Torn)), None);
        }
        let resumed = story.told(false, &GuestEvent::Turned(Turn::Resumed));
        assert_eq!(resumed, Some(MigrationStep::ArrivedAtDestination), "once it is mended");
    }

    #[test]
    fn a_user_s_pause_at_the_source_is_no_switch_over() {
        let mut story = Story::default();
        assert_eq!(story.told(true, &GuestEvent::Turned(Turn::Paused)), None);
    }

    #[test]
    fn standing_still_is_told_after_a_while() {
        let mut story = Story::default();
        let begin = Instant::now();
        let at = |seconds| begin + Duration::from_secs(seconds);
        let sample = |processed| MigrationSample {
            memory_processed: Bytes(processed),
            ..MigrationSample::default()
        };
        let mut stalled = |processed, seconds| {
            story.read(sample(processed), at(seconds)).into_iter().find_map(|step| match step {
                MigrationStep::Stalled(time) => Some(time.as_secs()),
                _ => None,
            })
        };
        assert_eq!(stalled(0, 0), None);
        assert_eq!(stalled(0, 9), None, "libvirt prepares");
        assert_eq!(stalled(5, 10), None);
        assert_eq!(stalled(5, 12), None);
        assert_eq!(stalled(5, 14), Some(4));
        assert_eq!(stalled(6, 15), None);
    }
}
