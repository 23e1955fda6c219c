//! Every obstacle at once: the questions asked before a migration, each with the two values that
//! disagree. Sources and libvirt's words to each: `virQEMU…`/`qemuMigration…` of libvirt 11.3.
//!
//! *Blocks* is said only where libvirt refuses the move as it is wished. What would harm the guest
//! without a refusal is *warned* of; what a host did not tell is never taken for a yes or a no.

mod cpu;
mod definition;
mod devices;
mod hosts;
mod identity;
mod ids;
mod memory;
mod mend;
mod network;
mod state;
mod storage;
mod storage_access;
mod storage_copy;
mod verdict;

pub use ids::{
    Advice, CheckId, DefinitionCheck, DeviceCheck, GuestAdvice, HostAdvice, HostCheck,
    IdentityCheck, MemoryCheck, NetworkCheck, PlaceAdvice, ProcessorCheck, StateCheck,
    StorageCheck,
};
pub use mend::{Mend, MendPlace, Part};
pub use verdict::Verdict;

use serde::{Deserialize, Serialize};

use super::MigrationOptions;
use crate::model::{Bytes, GuestState, Inspection};

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CheckOutcome {
    /// libvirt would refuse the move.
    Blocks,
    /// The move would be made, and something would be worse than before.
    Warns,
    /// Nobody told; a trial would.
    CannotTell,
    /// Worth knowing.
    Note,
    /// Nothing is in the way.
    Passed,
}

/// How an amount is written down.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Bytes")]
struct Amount(u64);

/// One of the two values that are compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Value {
    /// There is nothing to say.
    None,
    /// As it stands in the guest's definition, or as the host calls it.
    Text(String),
    /// A version, as `major * 1_000_000 + minor * 1_000 + release`.
    Version(u64),
    /// An amount.
    Amount(#[serde(with = "Amount")] Bytes),
    /// A number of things.
    Count(u64),
    /// It is not there.
    Missing,
    /// It is there without these.
    Without(String),
    /// It is there, but not started.
    Inactive,
    /// It is there.
    Present,
    /// It is there, and just as it is here.
    Equal,
    /// It is there, and not as it is here.
    Different,
    /// The host did not tell.
    Unknown,
}

/// One question, answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckResult {
    /// What was asked.
    pub check: CheckId,
    /// Of what: the name of a disk, a network, a device; empty for the guest or host as a whole.
    pub about: String,
    /// The answer.
    pub outcome: CheckOutcome,
    /// What the guest has or wants, or how it is at the source.
    pub here: Value,
    /// How it is at the destination.
    pub there: Value,
    /// What can be done.
    pub advice: Advice,
    /// What this program can do itself.
    pub mend: Option<Mend>,
}

impl CheckResult {
    /// An answer of an earlier day, without what could be done about it.
    pub(super) fn recorded(
        check: CheckId,
        outcome: CheckOutcome,
        about: &str,
        here: Value,
        there: Value,
    ) -> Self {
        Self::new(check, outcome).about(about).values(here, there)
    }

    fn new(check: impl Into<CheckId>, outcome: CheckOutcome) -> Self {
        let check = check.into();
        let (here, there) = (Value::None, Value::None);
        let (about, advice) = (String::new(), Advice::Nothing);
        Self { check, about, outcome, here, there, advice, mend: None }
    }

    fn passed(check: impl Into<CheckId>) -> Self {
        Self::new(check, CheckOutcome::Passed)
    }

    fn about(self, about: impl Into<String>) -> Self {
        Self { about: about.into(), ..self }
    }

    fn values(self, here: Value, there: Value) -> Self {
        Self { here, there, ..self }
    }

    fn advice(self, advice: Advice) -> Self {
        Self { advice, ..self }
    }

    fn mend(self, mend: Mend) -> Self {
        Self { mend: Some(mend), ..self }
    }
}

impl Value {
    /// A version as hosts tell it: 0 where they do not.
    const fn version(number: u64) -> Self {
        if number == 0 { Self::Unknown } else { Self::Version(number) }
    }

    fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Unknown } else { Self::Text(text) }
    }
}

/// Asks everything that applies to this move. The gravest answers come first.
#[must_use]
pub fn ask(inspection: &Inspection, options: &MigrationOptions) -> Vec<CheckResult> {
    let case = Case { inspection, options };
    let mut results = hosts::ask(&case);
    results.extend(cpu::ask(&case));
    results.extend(memory::ask(&case));
    results.extend(state::ask(&case));
    results.extend(identity::ask(&case));
    results.extend(definition::ask(&case));
    results.extend(devices::ask(&case));
    results.extend(network::ask(&case));
    results.extend(storage::ask(&case));
    results.sort_by_key(|result| result.outcome);
    results
}

/// What is asked about.
#[derive(Clone, Copy, Debug)]
struct Case<'a> {
    inspection: &'a Inspection,
    options: &'a MigrationOptions,
}

impl Case<'_> {
    /// Whether a QEMU starts at the destination. When only the definition moves, libvirt asks
    /// nearly nothing of the destination, and what is missing shows at the guest's next start.
    fn starts_there(&self) -> bool {
        self.inspection.source.state != GuestState::ShutOff
            && self.options.coverage != super::Coverage::Definition
    }

    /// The gravity of something without which the guest does not start.
    fn refused(&self) -> CheckOutcome {
        if self.starts_there() { CheckOutcome::Blocks } else { CheckOutcome::Warns }
    }
}

#[cfg(test)]
pub(crate) mod tests;
