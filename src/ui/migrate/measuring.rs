//! What was measured of the guest, and the forecast made of it. Pure.

use std::time::Duration;

use super::form::Form;
use crate::migration::{Calibration, Forecast, Foreknown, Prospect};
use crate::model::{Failure, GuestState, MemoryUse};

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

impl Form {
    /// Whether the guest is to be measured now. One that does not run rewrites nothing.
    pub(super) fn wants_measurement(&mut self) -> bool {
        self.has_forecast() && self.measuring.take()
    }

    /// Whether there is something to foretell.
    #[must_use]
    pub(super) fn has_forecast(&self) -> bool {
        let runs = matches!(self.guest.state, GuestState::Running | GuestState::Blocked);
        runs && !self.gone && !self.guest.migrating && self.chosen.is_some()
    }

    /// What earlier moves tell of the guest and the link to the chosen host.
    #[must_use]
    pub(super) fn calibration(&self) -> Calibration {
        self.chosen.and_then(|host| self.known.get(&host)).copied().unwrap_or_default()
    }

    fn prospect(&self) -> Prospect {
        let options = self.options();
        Prospect {
            memory: self.guest.memory_max,
            measured: self.measuring.memory_use(),
            known: self.calibration(),
            bandwidth_mibps: options.bandwidth_mibps,
            pause: Some(Duration::from_millis(self.downtime_ms())),
        }
    }

    /// What each way would take; `None` while that cannot be told.
    #[must_use]
    pub(super) fn forecast(&self) -> Option<Forecast> {
        Forecast::of(&self.prospect())
    }

    /// What is known of the move as it begins.
    #[must_use]
    pub(super) fn foreknown(&self) -> Foreknown {
        self.prospect().foreknown(&self.options())
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
