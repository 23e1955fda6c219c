//! What was measured of the guest, and the forecast made of it. Pure.

use std::time::Duration;

use super::form::Form;
use crate::migration::{Calibration, Forecast, Foreknown, Prospect, Watched};
use crate::model::{Failure, GuestState, MemoryUse};

/// Measurements, one at a time: the guest is watched second by second until it was watched well. What an older watch
/// found is shown until the next has something.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Measuring {
    under_way: bool,
    wanted: bool,
    anew: bool,
    found: Watched,
    failed: Option<Failure>,
}

impl Measuring {
    /// Nothing was measured yet, and it is wanted.
    pub(super) fn wanted() -> Self {
        Self { wanted: true, ..Self::default() }
    }

    /// It is wanted anew.
    pub(super) const fn again(&mut self) {
        self.anew = true;
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
        match found {
            Ok(found) => {
                if std::mem::take(&mut self.anew) {
                    self.found = Watched::default();
                }
                self.failed = None;
                self.found.add(found);
                self.wanted = self.found.seconds() < Watched::ENOUGH;
            }
            Err(failure) if self.found.seconds() == 0 => self.failed = Some(failure),
            Err(_) => {}
        }
    }

    /// Whether one is under way.
    pub(super) const fn under_way(&self) -> bool {
        self.under_way
    }

    /// What was found so far.
    pub(super) const fn found(&self) -> &Watched {
        &self.found
    }

    /// Why nothing was.
    pub(super) const fn failure(&self) -> Option<&Failure> {
        self.failed.as_ref()
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
        let usual = Some(Duration::from_millis(self.downtime_ms()));
        let prospect = Prospect::of(&self.options(), self.guest.memory_max, self.calibration());
        Prospect {
            measured: self.measuring.found().memory_use(),
            pause: prospect.pause.or(usual),
            cards_mbps: self.chosen.and_then(|host| self.inspections.cards_mbps(host)),
            ..prospect
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

    fn found(rewritten_bps: u64) -> Result<MemoryUse, Failure> {
        Ok(MemoryUse { rewritten_bps, resident: None })
    }

    fn shown(measuring: &Measuring) -> Option<u64> {
        measuring.found().memory_use().map(|found| found.rewritten_bps)
    }

    #[test]
    fn one_at_a_time_and_a_failure_does_not_push_a_figure_away() {
        let mut measuring = Measuring::wanted();
        assert!(measuring.take() && !measuring.take() && measuring.under_way());
        measuring.again();
        assert!(!measuring.take(), "one is under way");
        measuring.measured(Err(Failure::own(FailureKind::TimedOut, "late")));
        assert!(measuring.failure().is_some() && !measuring.take(), "nobody asked again");
        measuring.again();
        assert!(measuring.take());
        measuring.measured(found(5));
        measuring.measured(Err(Failure::own(FailureKind::Busy, "moving")));
        assert_eq!((shown(&measuring), measuring.failure()), (Some(5), None));
    }

    #[test]
    fn it_is_watched_until_enough_is_known_and_anew_when_that_is_wanted() {
        let mut measuring = Measuring::wanted();
        for rewritten in 1..=u64::from(Watched::ENOUGH) {
            assert!(measuring.take());
            measuring.measured(found(rewritten));
        }
        assert_eq!((shown(&measuring), measuring.take()), (Some(3), false));
        measuring.again();
        assert!(measuring.take());
        assert_eq!(shown(&measuring), Some(3), "until the next is there");
        measuring.measured(found(9));
        assert_eq!((shown(&measuring), measuring.take()), (Some(9), true));
    }
}
