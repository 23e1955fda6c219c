//! How figures and steps stand in a journal.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::FailureRecord;
use super::plan::millis;
use crate::model::{Bytes, CompletedStats, MigrationSample, MigrationStep, NoEnd};

/// libvirt's figures at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // each is the field of `CompletedStats` of the same name
pub struct StatsRecord {
    pub total_ms: u64,
    pub downtime_ms: Option<u64>,
    pub sent: u64,
    pub iterations: u64,
}

impl From<CompletedStats> for StatsRecord {
    fn from(stats: CompletedStats) -> Self {
        Self {
            total_ms: millis(stats.total),
            downtime_ms: stats.downtime.map(millis),
            sent: stats.sent.0,
            iterations: stats.iterations,
        }
    }
}

impl StatsRecord {
    pub(super) fn stats(self) -> CompletedStats {
        CompletedStats {
            total: Duration::from_millis(self.total_ms),
            downtime: self.downtime_ms.map(Duration::from_millis),
            sent: Bytes(self.sent),
            iterations: self.iterations,
        }
    }
}

/// A reading of the figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)] // each but `ms` is the field of `MigrationSample` of the same name
pub struct SampleRecord {
    /// Since the move was asked for, ms.
    pub ms: u64,
    pub elapsed_ms: u64,
    pub memory_total: u64,
    pub memory_processed: u64,
    pub memory_remaining: u64,
    pub memory_bps: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub disk_total: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub disk_processed: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub disk_remaining: u64,
    pub dirty_bps: u64,
    pub iteration: u64,
    pub expected_downtime_ms: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub throttle_percent: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub postcopy_requests: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the form that serde asks for
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl SampleRecord {
    pub(super) fn new(ms: u64, sample: &MigrationSample) -> Self {
        Self {
            ms,
            elapsed_ms: millis(sample.elapsed),
            memory_total: sample.memory_total.0,
            memory_processed: sample.memory_processed.0,
            memory_remaining: sample.memory_remaining.0,
            memory_bps: sample.memory_bps,
            disk_total: sample.disk_total.0,
            disk_processed: sample.disk_processed.0,
            disk_remaining: sample.disk_remaining.0,
            dirty_bps: sample.dirty_bps,
            iteration: sample.iteration,
            expected_downtime_ms: millis(sample.expected_downtime),
            throttle_percent: sample.throttle_percent.into(),
            postcopy_requests: sample.postcopy_requests,
        }
    }

    pub(super) fn sample(&self) -> MigrationSample {
        MigrationSample {
            elapsed: Duration::from_millis(self.elapsed_ms),
            memory_total: Bytes(self.memory_total),
            memory_processed: Bytes(self.memory_processed),
            memory_remaining: Bytes(self.memory_remaining),
            memory_bps: self.memory_bps,
            disk_total: Bytes(self.disk_total),
            disk_processed: Bytes(self.disk_processed),
            disk_remaining: Bytes(self.disk_remaining),
            dirty_bps: self.dirty_bps,
            iteration: self.iteration,
            expected_downtime: Duration::from_millis(self.expected_downtime_ms),
            throttle_percent: u32::try_from(self.throttle_percent).unwrap_or(u32::MAX),
            postcopy_requests: self.postcopy_requests,
        }
    }
}

/// Why no end was in sight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)] // each is the field of `NoEnd` of the same name
pub struct NoEndRecord {
    pub pass: u64,
    pub allowed_ms: u64,
    pub needed_ms: Option<u64>,
    pub rewritten_bps: Option<u64>,
    pub sent_bps: Option<u64>,
}

impl From<NoEnd> for NoEndRecord {
    fn from(why: NoEnd) -> Self {
        Self {
            pass: why.pass,
            allowed_ms: millis(why.allowed),
            needed_ms: why.needed.map(millis),
            rewritten_bps: why.rewritten_bps,
            sent_bps: why.sent_bps,
        }
    }
}

impl NoEndRecord {
    pub(super) fn no_end(self) -> NoEnd {
        NoEnd {
            pass: self.pass,
            allowed: Duration::from_millis(self.allowed_ms),
            needed: self.needed_ms.map(Duration::from_millis),
            rewritten_bps: self.rewritten_bps,
            sent_bps: self.sent_bps,
        }
    }
}

/// What a user can do to a running move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeverRecord {
    /// Allow a pause of so many ms.
    MaxDowntimeMs(u64),
    /// Limit to so many MiB/s; nothing lifts the limit.
    BandwidthMibps(Option<u64>),
    /// Pause the guest, so that it finishes now.
    PauseGuest,
    /// Switch to post-copy.
    Postcopy,
    /// Give up.
    Cancel,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRecord {
    /// Since the move was asked for, ms.
    pub ms: u64,
    /// What.
    what: WhatRecord,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum WhatRecord {
    Started { max_downtime_ms: Option<u64> },
    Pass(u64),
    SourcePaused,
    Postcopy,
    ArrivedAtDestination,
    StalledMs(u64),
    MaxDowntimeMs(u64),
    BandwidthMibps(Option<u64>),
    Cancelling,
    GivenUp(NoEndRecord),
    LeverRefused(FailureRecord),
    Sample(SampleRecord),
}

impl StepRecord {
    pub(super) fn new(ms: u64, step: &MigrationStep) -> Self {
        let what = match step {
            MigrationStep::Started { max_downtime } => {
                WhatRecord::Started { max_downtime_ms: max_downtime.map(millis) }
            }
            MigrationStep::Pass(pass) => WhatRecord::Pass(*pass),
            MigrationStep::Sample(sample) => WhatRecord::Sample(SampleRecord::new(ms, sample)),
            MigrationStep::SourcePaused => WhatRecord::SourcePaused,
            MigrationStep::Postcopy => WhatRecord::Postcopy,
            MigrationStep::ArrivedAtDestination => WhatRecord::ArrivedAtDestination,
            MigrationStep::Stalled(time) => WhatRecord::StalledMs(millis(*time)),
            MigrationStep::MaxDowntimeChanged(limit) => WhatRecord::MaxDowntimeMs(millis(*limit)),
            MigrationStep::BandwidthChanged(limit) => WhatRecord::BandwidthMibps(*limit),
            MigrationStep::Cancelling => WhatRecord::Cancelling,
            MigrationStep::GivenUp(why) => WhatRecord::GivenUp((*why).into()),
            MigrationStep::LeverRefused(failure) => WhatRecord::LeverRefused(failure.into()),
        };
        Self { ms, what }
    }

    /// What happened.
    #[must_use]
    pub fn step(&self) -> MigrationStep {
        match &self.what {
            WhatRecord::Started { max_downtime_ms } => {
                MigrationStep::Started { max_downtime: max_downtime_ms.map(Duration::from_millis) }
            }
            WhatRecord::Pass(pass) => MigrationStep::Pass(*pass),
            WhatRecord::SourcePaused => MigrationStep::SourcePaused,
            WhatRecord::Postcopy => MigrationStep::Postcopy,
            WhatRecord::ArrivedAtDestination => MigrationStep::ArrivedAtDestination,
            WhatRecord::StalledMs(ms) => MigrationStep::Stalled(Duration::from_millis(*ms)),
            WhatRecord::MaxDowntimeMs(ms) => {
                MigrationStep::MaxDowntimeChanged(Duration::from_millis(*ms))
            }
            WhatRecord::BandwidthMibps(limit) => MigrationStep::BandwidthChanged(*limit),
            WhatRecord::Cancelling => MigrationStep::Cancelling,
            WhatRecord::GivenUp(why) => MigrationStep::GivenUp(why.no_end()),
            WhatRecord::LeverRefused(failure) => MigrationStep::LeverRefused(failure.failure()),
            WhatRecord::Sample(sample) => MigrationStep::Sample(sample.sample()),
        }
    }
}
