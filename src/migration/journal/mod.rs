//! The journal of a move: one record a line (NDJSON), written as it happens, read again by
//! *History* and after a restart. Pure: text in, values out.
//!
//! A journal begins with [`Begun`], goes on with steps and samples, and ends with [`Ended`]; repairs
//! come after that. A reader passes over what it does not know: a record of a later version, a
//! field it has no name for, a line that was torn by a crash or a full disk. No record holds a
//! secret: no XML, and addresses without passwords.

mod chronicle;
mod csv;
mod figures;
mod learn;
mod plan;
mod seen;
mod states;

pub use chronicle::{Chronicle, Summary};
pub use csv::samples_as_csv;
pub use figures::{LeverRecord, NoEndRecord, SampleRecord, StatsRecord, StepRecord};
pub use plan::{BegunAt, CheckRecord, HostRecord, LearnedRecord, OptionsRecord, PredictedRecord};
pub use seen::Seen;
pub use states::{FailureRecord, PresenceRecord};

use serde::{Deserialize, Serialize};

use super::repair::Repair;
use crate::model::{MigrationEnd, MigrationStep};

/// The version that is written. A later one may add records and fields.
pub const VERSION: u32 = 1;

/// One line of a journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "kebab-case")]
pub enum Record {
    /// A move was asked for, or found.
    Begun(Box<Begun>),
    /// A reading of its figures.
    Sample(SampleRecord),
    /// Something happened.
    Step(StepRecord),
    /// The destination became known: of a move that was found only later.
    Destination(HostRecord),
    /// The user pulled a lever; what came of it is a step.
    Pulled {
        /// Since the move was asked for, ms.
        ms: u64,
        /// Which.
        lever: LeverRecord,
    },
    /// The program was away, and is back: what happened between is not in the journal.
    Resumed {
        /// Milliseconds since the epoch.
        at: u64,
    },
    /// It is over.
    Ended(Box<Ended>),
    /// What it left behind was mended, or both hosts were asked again.
    Stands {
        /// Milliseconds since the epoch.
        at: u64,
        /// What was done, if anything.
        repaired: Option<Repair>,
        /// The guest at the source.
        source: PresenceRecord,
        /// The guest at the destination.
        destination: PresenceRecord,
    },
}

/// The beginning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Begun {
    /// The version of the writer.
    pub version: u32,
    /// When, in milliseconds since the epoch.
    pub at: BegunAt,
    /// The guest's name.
    pub guest: String,
    /// The guest's UUID.
    pub uuid: String,
    /// Its memory, bytes.
    pub memory: u64,
    /// Where it was.
    pub source: HostRecord,
    /// Where it goes; unknown for a move that was found.
    pub destination: Option<HostRecord>,
    /// How it was asked for; unknown for a move that was found.
    pub options: Option<OptionsRecord>,
    /// `ready`, `with care`, `blocked`; nothing where nobody asked.
    #[serde(default)]
    pub verdict: Option<String>,
    /// What the checks found that is not simply as it should be.
    #[serde(default)]
    pub checks: Vec<CheckRecord>,
    /// What was foretold of this way.
    #[serde(default)]
    pub predicted: Option<PredictedRecord>,
    /// What the guest rewrote before, bytes a second.
    #[serde(default)]
    pub dirty_before: Option<u64>,
}

/// The end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ended {
    /// When, in milliseconds since the epoch.
    pub at: u64,
    /// Since it was asked for, ms.
    pub ms: u64,
    /// Why it failed; nothing where the guest was moved.
    pub failure: Option<FailureRecord>,
    /// libvirt's figures.
    pub stats: Option<StatsRecord>,
    /// The guest at the source, asked afterwards.
    pub source: PresenceRecord,
    /// The guest at the destination, asked afterwards.
    pub destination: PresenceRecord,
    /// What its samples tell about later moves.
    #[serde(default)]
    pub learned: Option<LearnedRecord>,
    /// Nobody saw it end: the hosts were asked later, and the time is that of the last reading.
    #[serde(default)]
    pub unwitnessed: bool,
    /// Why the policy gave it up, where it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_up: Option<NoEndRecord>,
}

impl Record {
    /// The record of a step.
    #[must_use]
    pub fn of_step(ms: u64, step: &MigrationStep) -> Self {
        match step {
            MigrationStep::Sample(sample) => Self::Sample(SampleRecord::new(ms, sample)),
            step => Self::Step(StepRecord::new(ms, step)),
        }
    }

    /// As it stands in the file, with the end of the line.
    #[must_use]
    pub fn encode(&self) -> String {
        // Nothing of ours fails to be written as JSON: no map has keys that are no text.
        let mut line = serde_json::to_string(self).unwrap_or_default();
        line.push('\n');
        line
    }

    /// Reads a line; nothing where it is torn, or of a kind that this version does not know.
    #[must_use]
    pub fn decode(line: &str) -> Option<Self> {
        serde_json::from_str(line.trim()).ok()
    }
}

impl Ended {
    /// The record of an end, so long after the beginning.
    #[must_use]
    pub fn new(at: u64, ms: u64, end: &MigrationEnd) -> Self {
        Self {
            at,
            ms,
            failure: end.result.as_ref().err().map(FailureRecord::from),
            stats: end.stats.map(StatsRecord::from),
            source: end.source.into(),
            destination: end.destination.into(),
            learned: None,
            unwitnessed: false,
            given_up: None,
        }
    }

    /// What it was told from.
    #[must_use]
    pub fn end(&self) -> MigrationEnd {
        MigrationEnd {
            result: self.failure.as_ref().map_or(Ok(()), |failure| Err(failure.failure())),
            stats: self.stats.map(StatsRecord::stats),
            source: self.source.presence(),
            destination: self.destination.presence(),
        }
    }
}

#[cfg(test)]
mod tests;
