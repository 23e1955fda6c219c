//! What the samples of a move tell about later ones.

use super::LearnedRecord;
use crate::migration::Tracker;
use crate::model::{MigrationPhase, MigrationSample};

/// Passes that are looked at for the working set: the last ones, when what is rewritten over and
/// over is all that is left.
const LAST_PASSES: usize = 8;

/// Gathers while a journal is read.
#[derive(Debug, Default)]
pub(super) struct Learning {
    speeds: Vec<u64>,
    dirty: Vec<u64>,
    /// Most that was left in each pass after the first.
    passes: Vec<(u64, u64)>,
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
        let MigrationPhase::Pass(pass) = tracker.phase() else { return };
        if sample.dirty_bps > 0 {
            self.dirty.push(sample.dirty_bps);
        }
        let left = sample.memory_remaining.0;
        match self.passes.last_mut() {
            Some((last, most)) if *last == pass => *most = (*most).max(left),
            _ => self.passes.push((pass, left)),
        }
    }

    pub(super) fn learned(mut self) -> LearnedRecord {
        let last = self.passes.len().saturating_sub(LAST_PASSES);
        let mut passes: Vec<u64> =
            self.passes.split_off(last).into_iter().map(|(_, left)| left).collect();
        LearnedRecord {
            speed: median(&mut self.speeds),
            dirty_during: median(&mut self.dirty),
            working_set: median(&mut passes).filter(|&bytes| bytes > 0),
        }
    }
}

fn median(numbers: &mut [u64]) -> Option<u64> {
    numbers.sort_unstable();
    numbers.get(numbers.len() / 2).copied()
}
