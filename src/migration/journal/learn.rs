//! What the samples of a move tell about later ones.

use super::LearnedRecord;
use crate::migration::Tracker;
use crate::model::{Bytes, MigrationPhase, MigrationSample};

/// Gathers while a journal is read.
#[derive(Debug, Default)]
pub(super) struct Learning {
    speeds: Vec<u64>,
    dirty: Vec<u64>,
    working_set: Option<Bytes>,
}

impl Learning {
    /// A sample that the tracker just took in.
    pub(super) fn sample(&mut self, sample: &MigrationSample, tracker: &Tracker) {
        let copying =
            matches!(tracker.phase(), MigrationPhase::FirstPass | MigrationPhase::Pass(_));
        if let Some(speed) = tracker.speed().filter(|&speed| copying && speed >= 1.0) {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // casts saturate
            self.speeds.push(speed.round() as u64);
        }
        if matches!(tracker.phase(), MigrationPhase::Pass(_)) && sample.dirty_bps > 0 {
            self.dirty.push(sample.dirty_bps);
        }
        self.working_set = tracker.working_set().or(self.working_set);
    }

    pub(super) fn learned(mut self) -> LearnedRecord {
        LearnedRecord {
            speed: median(&mut self.speeds),
            dirty_during: median(&mut self.dirty),
            working_set: self.working_set.map(|set| set.0),
        }
    }
}

fn median(numbers: &mut [u64]) -> Option<u64> {
    numbers.sort_unstable();
    numbers.get(numbers.len() / 2).copied()
}
