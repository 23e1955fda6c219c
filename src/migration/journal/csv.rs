//! The figures of a move as a table, for a spreadsheet.

use std::fmt::Write;

use super::{Chronicle, SampleRecord};
use crate::model::MigrationStep;

/// The samples as comma-separated values (RFC 4180), with a first line of names. All are whole
/// numbers: bytes, bytes a second, milliseconds, percent.
#[must_use]
pub fn samples_as_csv(chronicle: &Chronicle) -> String {
    let mut text = String::from(
        "ms,elapsed_ms,memory_total,memory_processed,memory_remaining,memory_bps,disk_total,\
         disk_processed,disk_remaining,dirty_bps,iteration,expected_downtime_ms,throttle_percent,\
         postcopy_requests\r\n",
    );
    for (at, step) in &chronicle.steps {
        let MigrationStep::Sample(sample) = step else { continue };
        let of = SampleRecord::new(super::plan::millis(*at), sample);
        let numbers = [
            of.ms,
            of.elapsed_ms,
            of.memory_total,
            of.memory_processed,
            of.memory_remaining,
            of.memory_bps,
            of.disk_total,
            of.disk_processed,
            of.disk_remaining,
            of.dirty_bps,
            of.iteration,
            of.expected_downtime_ms,
            of.throttle_percent,
            of.postcopy_requests,
        ];
        for (index, number) in numbers.into_iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            // Writing to a text does not fail.
            let _ = write!(text, "{comma}{number}");
        }
        text.push_str("\r\n");
    }
    text
}
