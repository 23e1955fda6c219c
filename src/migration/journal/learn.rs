//! What the samples of a move tell about later ones.

use super::LearnedRecord;
use crate::migration::Tracker;
use crate::migration::calibration::median;
use crate::model::Bytes;

/// What is to be remembered of a move that is over, or as far as it was followed.
pub(super) fn learned(tracker: &Tracker) -> LearnedRecord {
    let points = tracker.history().points();
    let rewritten = points.iter().map(|point| point.rewritten).filter(|&rate| rate > 0.0);
    let whole = |number: f64| Bytes::from_f64(number).0;
    LearnedRecord {
        speed: median(points.iter().map(|point| point.speed)).map(whole),
        dirty_during: median(rewritten).map(whole),
        working_set: tracker.working_set().map(|bytes| bytes.0),
    }
}
