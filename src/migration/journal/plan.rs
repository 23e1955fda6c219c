//! How a plan and its forecast stand in a journal: in plain words and whole units, apart from the
//! model, so that a journal of today is read tomorrow.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};

use crate::migration::checks::{CheckId, CheckOutcome, CheckResult, Value};
use crate::migration::{
    Compression, Coverage, DiskCopy, MigrationOptions, Policy, Predicted, Residence, Transport,
};
use crate::model::Bytes;

/// Milliseconds since the epoch.
pub type BegunAt = u64;

/// A host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostRecord {
    /// Its name, as it was shown.
    pub name: String,
    /// The UUID it tells itself apart by; unknown before it described itself.
    pub uuid: Option<String>,
    /// Its connection, without a password.
    pub uri: String,
}

/// How a move was asked for. Of an edited definition only that there was one: it may hold secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)] // each is the field of `MigrationOptions` of the same name
pub struct OptionsRecord {
    pub coverage: Coverage,
    pub residence: Residence,
    pub transport: Transport,
    pub disks: DiskCopy,
    pub max_downtime_ms: Option<u64>,
    pub bandwidth_mibps: Option<u64>,
    pub postcopy: bool,
    pub postcopy_bandwidth_mibps: Option<u64>,
    pub auto_converge: bool,
    pub compression: Compression,
    pub parallel: Option<u32>,
    pub allow_unsafe: bool,
    pub tls: bool,
    pub abort_on_error: bool,
    pub policy: Policy,
    pub new_name: Option<String>,
    pub destination_uri: Option<String>,
    pub migrate_uri: Option<String>,
    pub listen_address: Option<String>,
    pub edited_xml: bool,
}

impl OptionsRecord {
    /// The record of these options; `strip` takes passwords out of an address.
    #[must_use]
    pub fn new(options: &MigrationOptions, strip: impl Fn(&str) -> String) -> Self {
        Self {
            coverage: options.coverage,
            residence: options.residence,
            transport: options.transport,
            disks: options.disks,
            max_downtime_ms: options.max_downtime_ms,
            bandwidth_mibps: options.bandwidth_mibps,
            postcopy: options.postcopy,
            postcopy_bandwidth_mibps: options.postcopy_bandwidth_mibps,
            auto_converge: options.auto_converge,
            compression: options.compression,
            parallel: options.parallel,
            allow_unsafe: options.allow_unsafe,
            tls: options.tls,
            abort_on_error: options.abort_on_error,
            policy: options.policy,
            new_name: options.new_name.clone(),
            destination_uri: options.destination_uri.as_deref().map(&strip),
            migrate_uri: options.migrate_uri.as_deref().map(&strip),
            listen_address: options.listen_address.clone(),
            edited_xml: options.destination_xml.is_some(),
        }
    }

    /// The options, without the definition.
    #[must_use]
    pub fn options(&self) -> MigrationOptions {
        MigrationOptions {
            coverage: self.coverage,
            residence: self.residence,
            transport: self.transport,
            disks: self.disks,
            max_downtime_ms: self.max_downtime_ms,
            bandwidth_mibps: self.bandwidth_mibps,
            postcopy: self.postcopy,
            postcopy_bandwidth_mibps: self.postcopy_bandwidth_mibps,
            auto_converge: self.auto_converge,
            compression: self.compression,
            parallel: self.parallel,
            allow_unsafe: self.allow_unsafe,
            tls: self.tls,
            abort_on_error: self.abort_on_error,
            policy: self.policy,
            new_name: self.new_name.clone(),
            destination_uri: self.destination_uri.clone(),
            migrate_uri: self.migrate_uri.clone(),
            listen_address: self.listen_address.clone(),
            destination_xml: None,
        }
    }
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckRecord {
    /// What was asked.
    pub check: String,
    /// Of what.
    pub about: String,
    /// `blocks`, `warns`, `cannot tell`, `note`.
    pub outcome: String,
    /// The same as this version asks it, with what the hosts said; nothing of what another version asked.
    #[serde(
        default,
        deserialize_with = "as_far_as_known",
        skip_serializing_if = "Option::is_none"
    )]
    pub asked: Option<AskedRecord>,
}

/// A question, and the two values that were compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedRecord {
    check: CheckId,
    here: Value,
    there: Value,
}

/// What is not understood is as good as not there: the rest of the record still is.
fn as_far_as_known<'de, D: Deserializer<'de>>(from: D) -> Result<Option<AskedRecord>, D::Error> {
    let value = serde_json::Value::deserialize(from)?;
    Ok(serde_json::from_value(value).ok())
}

impl CheckRecord {
    /// The record of an answer; nothing where all is as it should be.
    #[must_use]
    pub fn of(result: &CheckResult) -> Option<Self> {
        let outcome = match result.outcome {
            CheckOutcome::Blocks => "blocks",
            CheckOutcome::Warns => "warns",
            CheckOutcome::CannotTell => "cannot tell",
            CheckOutcome::Note => "note",
            CheckOutcome::Passed => return None,
        };
        Some(Self {
            check: format!("{:?}", result.check),
            about: result.about.clone(),
            outcome: outcome.into(),
            asked: Some(AskedRecord {
                check: result.check,
                here: result.here.clone(),
                there: result.there.clone(),
            }),
        })
    }

    /// The answer as it was; nothing where this version knows no such question.
    #[must_use]
    pub fn result(&self) -> Option<CheckResult> {
        let AskedRecord { check, here, there } = self.asked.clone()?;
        let outcome = match self.outcome.as_str() {
            "blocks" => CheckOutcome::Blocks,
            "warns" => CheckOutcome::Warns,
            "note" => CheckOutcome::Note,
            _ => CheckOutcome::CannotTell,
        };
        Some(CheckResult::recorded(check, outcome, &self.about, here, there))
    }
}

/// What was foretold, least and most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PredictedRecord {
    /// From the request to the end, ms.
    pub time_ms: (u64, u64),
    /// How long the guest stands still, ms.
    pub pause_ms: (u64, u64),
    /// Memory to be sent, bytes.
    pub data: u64,
}

impl From<Predicted> for PredictedRecord {
    fn from(predicted: Predicted) -> Self {
        let ms = |(least, most)| (millis(least), millis(most));
        Self { time_ms: ms(predicted.time), pause_ms: ms(predicted.pause), data: predicted.data.0 }
    }
}

impl PredictedRecord {
    /// What was foretold.
    #[must_use]
    pub const fn predicted(self) -> Predicted {
        let ((time, long), (pause, longest)) = (self.time_ms, self.pause_ms);
        Predicted {
            time: (Duration::from_millis(time), Duration::from_millis(long)),
            pause: (Duration::from_millis(pause), Duration::from_millis(longest)),
            data: Bytes(self.data),
        }
    }
}

/// What the samples of a move tell about later ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LearnedRecord {
    /// Bytes a second while it copied, the median of the smoothed speed.
    pub speed: Option<u64>,
    /// What the guest rewrote, bytes a second, the median of what QEMU told.
    pub dirty_during: Option<u64>,
    /// What it rewrites over and over, bytes.
    pub working_set: Option<u64>,
}

/// In whole milliseconds.
pub(super) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
