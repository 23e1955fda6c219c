//! What was measured of the guest for the forecast. Pure.

use crate::model::{Failure, MemoryUse};

/// A measurement: at most one is under way, and an older one is shown until the next is there.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Measuring {
    under_way: bool,
    wanted: bool,
    found: Option<Result<MemoryUse, Failure>>,
}

impl Measuring {
    /// Nothing was measured yet, and it is wanted.
    pub(super) fn wanted() -> Self {
        Self { wanted: true, ..Self::default() }
    }

    /// It is wanted anew.
    pub(super) const fn again(&mut self) {
        self.wanted = !self.under_way;
    }

    /// Whether to ask for one now; it is under way then.
    pub(super) const fn take(&mut self) -> bool {
        let ask = self.wanted && !self.under_way;
        if ask {
            (self.wanted, self.under_way) = (false, true);
        }
        ask
    }

    /// It is there, or cannot be had. What was found before is worth more than a failure.
    pub(super) fn measured(&mut self, found: Result<MemoryUse, Failure>) {
        self.under_way = false;
        if found.is_ok() || self.memory_use().is_none() {
            self.found = Some(found);
        }
    }

    /// Whether one is under way.
    pub(super) const fn under_way(&self) -> bool {
        self.under_way
    }

    /// What was found.
    pub(super) fn memory_use(&self) -> Option<MemoryUse> {
        self.found.as_ref()?.as_ref().ok().copied()
    }

    /// Why nothing was.
    pub(super) fn failure(&self) -> Option<&Failure> {
        self.found.as_ref()?.as_ref().err()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FailureKind;

    #[test]
    fn one_at_a_time_and_a_failure_does_not_push_a_figure_away() {
        let mut measuring = Measuring::wanted();
        assert!(measuring.take() && !measuring.take() && measuring.under_way());
        measuring.again();
        assert!(!measuring.take(), "one is under way");
        measuring.measured(Err(Failure::own(FailureKind::TimedOut, "late")));
        assert!(measuring.failure().is_some());
        measuring.again();
        assert!(measuring.take());
        let found = MemoryUse { rewritten_bps: 5, resident: None };
        measuring.measured(Ok(found));
        measuring.measured(Err(Failure::own(FailureKind::Busy, "moving")));
        assert_eq!((measuring.memory_use(), measuring.failure()), (Some(found), None));
    }
}
