//! A journal that was read: the whole of it, or its beginning and its end.

use std::time::Duration;

use super::learn::learned;
use super::{Begun, Ended, LearnedRecord, LeverRecord, NoEndRecord, PresenceRecord, Record};
use crate::migration::repair::Repair;
use crate::migration::{Coverage, MigrationOptions, PastMove, Report, Tracker};
use crate::model::{Bytes, GuestUuid, MigrationEnd, MigrationStep};

/// All that a journal holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Chronicle {
    /// Beginning and end.
    pub summary: Summary,
    /// Steps and samples in order, with the time since it was asked for.
    pub steps: Vec<(Duration, MigrationStep)>,
    /// Levers that the user pulled, with the time since it was asked for.
    pub pulled: Vec<(Duration, LeverRecord)>,
    /// The program was away for a part of it.
    pub gap: bool,
}

/// Beginning and end of a journal.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// The beginning.
    pub begun: Begun,
    /// The end; nothing while it runs, or where nobody saw it.
    pub ended: Option<Ended>,
    /// What was mended afterwards.
    pub repaired: Vec<Repair>,
    /// Where both hosts stood when they were asked last.
    pub stands: Option<(PresenceRecord, PresenceRecord)>,
}

impl Chronicle {
    /// Reads a journal; nothing where it has no beginning.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines().filter_map(Record::decode);
        let begun = lines.by_ref().find_map(|record| match record {
            Record::Begun(begun) => Some(*begun),
            _ => None,
        })?;
        let summary = Summary { begun, ended: None, repaired: Vec::new(), stands: None };
        let mut chronicle = Self { summary, steps: Vec::new(), pulled: Vec::new(), gap: false };
        for record in lines {
            let at = |ms| Duration::from_millis(ms);
            match record {
                Record::Sample(sample) => {
                    chronicle.steps.push((at(sample.ms), MigrationStep::Sample(sample.sample())))
                }
                Record::Step(step) => chronicle.steps.push((at(step.ms), step.step())),
                Record::Pulled { ms, lever } => chronicle.pulled.push((at(ms), lever)),
                later => {
                    chronicle.gap |= matches!(later, Record::Resumed { .. });
                    chronicle.summary.take(later);
                }
            }
        }
        Some(chronicle)
    }

    /// How it was asked for; the usual where that is not known.
    #[must_use]
    pub fn options(&self) -> MigrationOptions {
        self.summary.options()
    }

    /// Where it stood after the last step: the move as if it had been followed.
    #[must_use]
    pub fn tracker(&self) -> Tracker {
        let mut tracker = Tracker::new(&self.options(), Bytes(self.summary.begun.memory));
        for (at, step) in &self.steps {
            tracker.apply(step, *at);
        }
        if let Some(ended) = &self.summary.ended {
            tracker.end(ended.failure.is_none(), Duration::from_millis(ended.ms));
        }
        tracker
    }

    /// What its samples tell about later moves.
    #[must_use]
    pub fn learned(&self) -> LearnedRecord {
        learned(&self.tracker())
    }

    /// The time of the last record.
    #[must_use]
    pub fn last(&self) -> Duration {
        self.steps.last().map_or(Duration::ZERO, |(at, _)| *at)
    }

    /// The guest was seen to run at the destination.
    #[must_use]
    pub fn ran_there(&self) -> bool {
        self.steps.iter().any(|(_, step)| {
            matches!(step, MigrationStep::ArrivedAtDestination | MigrationStep::Postcopy)
        })
    }
}

impl Summary {
    /// Reads beginning and end alone: the first lines of a journal and the last ones, which may be
    /// the same. Nothing where it has no beginning.
    #[must_use]
    pub fn read(head: &str, tail: &str) -> Option<Self> {
        let begun = head.lines().find_map(|line| match Record::decode(line)? {
            Record::Begun(begun) => Some(*begun),
            _ => None,
        })?;
        let mut summary = Self { begun, ended: None, repaired: Vec::new(), stands: None };
        // Nearly all of the last lines are samples: not worth a look.
        let many = ["{\"record\":\"sample\"", "{\"record\":\"step\""];
        for line in tail.lines().filter(|line| !many.iter().any(|begin| line.starts_with(begin))) {
            if let Some(record) = Record::decode(line) {
                summary.take(record);
            }
        }
        Some(summary)
    }

    fn take(&mut self, record: Record) {
        match record {
            Record::Ended(ended) => self.ended = Some(*ended),
            Record::Destination(host) => {
                self.begun.destination.get_or_insert(host);
            }
            Record::Stands { repaired, source, destination, .. } => {
                self.repaired.extend(repaired);
                self.stands = Some((source, destination));
            }
            // What was taken for its end was none.
            Record::Resumed { .. } => self.ended = None,
            Record::Begun(_) | Record::Sample(_) | Record::Step(_) | Record::Pulled { .. } => {}
        }
    }

    /// How it was asked for; the usual where that is not known.
    #[must_use]
    pub fn options(&self) -> MigrationOptions {
        self.begun.options.as_ref().map(super::OptionsRecord::options).unwrap_or_default()
    }

    /// The guest; nothing where its UUID is damaged.
    #[must_use]
    pub fn guest(&self) -> Option<GuestUuid> {
        self.begun.uuid.parse().ok()
    }

    /// How it ended, with what the hosts said when they were asked last.
    #[must_use]
    pub fn end(&self) -> Option<MigrationEnd> {
        let end = self.ended.as_ref()?.end();
        let Some((source, destination)) = self.stands else { return Some(end) };
        Some(MigrationEnd { source: source.presence(), destination: destination.presence(), ..end })
    }

    /// How it ended, ready to be shown.
    #[must_use]
    pub fn report(&self) -> Option<Report> {
        let ended = self.ended.as_ref()?;
        let report = Report::of(&self.end()?, Duration::from_millis(ended.ms));
        let why = ended.given_up.map(NoEndRecord::no_end);
        Some(report.given_up_by(self.options().policy, why))
    }

    /// What it tells about later moves; nothing while it is not over, where a host is not known, or
    /// where nobody saw how it ended.
    #[must_use]
    pub fn past(&self) -> Option<PastMove> {
        let ended = self.ended.as_ref().filter(|ended| !ended.unwitnessed)?;
        let options = self.begun.options.as_ref();
        let report = self.report()?;
        let learned = ended.learned.unwrap_or_default();
        Some(PastMove {
            guest: self.guest()?,
            source: self.begun.source.uuid.clone()?,
            destination: self.begun.destination.as_ref()?.uuid.clone()?,
            coverage: options.map_or(Coverage::Live, |options| options.coverage),
            bandwidth_mibps: options.and_then(|options| options.bandwidth_mibps),
            predicted: self.begun.predicted.map(super::PredictedRecord::predicted),
            arrived: report.arrived(),
            total: report.total,
            downtime: report.downtime,
            sent: report.sent.unwrap_or(Bytes(0)),
            speed: learned.speed,
            dirty_before: self.begun.dirty_before,
            dirty_during: learned.dirty_during,
            working_set: learned.working_set.map(Bytes),
        })
    }
}
