//! The answer to all checks.

use super::{CheckOutcome, CheckResult};

/// The answer to all checks of one destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing is in the way, as far as can be told.
    Ready,
    /// It goes, with care; the first thing to be careful of.
    WithCare(Box<CheckResult>),
    /// libvirt would refuse; the first reason.
    Blocked(Box<CheckResult>),
}

impl Verdict {
    /// Judges by what was found.
    #[must_use]
    pub fn of(results: &[CheckResult]) -> Self {
        let first = |outcome| results.iter().find(|result| result.outcome == outcome).cloned();
        if let Some(reason) = first(CheckOutcome::Blocks) {
            return Self::Blocked(Box::new(reason));
        }
        first(CheckOutcome::Warns).map_or(Self::Ready, |reason| Self::WithCare(Box::new(reason)))
    }
}
