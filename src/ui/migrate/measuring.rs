//! What was measured of the guest, and the forecast made of it. Pure.

use std::time::Duration;

use super::form::Form;
use crate::migration::{Calibration, Forecast, Foreknown, Prospect, Watched};
use crate::model::{Failure, GuestState, MemoryWatch};

/// Measurements, one at a time: the guest is watched for longer and longer until it was watched well. What an older
/// watch found is shown until the next has something.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Measuring {
    under_way: bool,
    wanted: bool,
    anew: bool,
    /// What is under way was asked for before that.
    old: bool,
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
        (self.anew, self.old) = (true, self.under_way);
        self.wanted = !self.under_way;
    }

    /// For how many seconds to watch now, if at all; it is under way then.
    pub(super) fn take(&mut self) -> Option<u32> {
        if !self.wanted || self.under_way {
            return None;
        }
        (self.wanted, self.under_way) = (false, true);
        if self.anew { Watched::default().next() } else { self.found.next() }
    }

    /// It is there, or cannot be had. What was found before is worth more than a failure.
    pub(super) fn measured(&mut self, found: Result<MemoryWatch, Failure>) {
        self.under_way = false;
        if std::mem::take(&mut self.old) {
            self.wanted = true;
            return;
        }
        match found {
            Ok(found) => {
                if std::mem::take(&mut self.anew) {
                    self.found = Watched::default();
                }
                self.failed = None;
                self.found.add(found);
                self.wanted = self.found.next().is_some();
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
    /// For how many seconds the guest is to be watched now, if at all. One that does not run rewrites nothing.
    pub(super) fn wants_measurement(&mut self) -> Option<u32> {
        if self.has_forecast() { self.measuring.take() } else { None }
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
    use crate::model::{Bytes, FailureKind};

    fn found(seconds: u32, rewritten_bps: u64) -> Result<MemoryWatch, Failure> {
        let written = Bytes(rewritten_bps * u64::from(seconds));
        Ok(MemoryWatch { seconds, written, resident: None })
    }

    fn shown(measuring: &Measuring) -> Option<u64> {
        measuring.found().memory_use().map(|found| found.rewritten_bps)
    }

    #[test]
    fn one_at_a_time_and_a_failure_does_not_push_a_figure_away() {
        let mut measuring = Measuring::wanted();
        assert_eq!((measuring.take(), measuring.take()), (Some(1), None));
        assert!(measuring.under_way());
        measuring.measured(Err(Failure::own(FailureKind::TimedOut, "late")));
        assert!(measuring.failure().is_some());
        assert_eq!(measuring.take(), None, "nobody asked again");
        measuring.again();
        assert_eq!(measuring.take(), Some(1));
        measuring.again();
        assert_eq!(measuring.take(), None, "one is under way");
        measuring.measured(found(1, 900));
        assert_eq!((measuring.take(), shown(&measuring)), (Some(1), None), "that was the old one");
        measuring.measured(found(1, 5));
        measuring.measured(Err(Failure::own(FailureKind::Busy, "moving")));
        assert_eq!((shown(&measuring), measuring.failure()), (Some(5), None));
    }

    #[test]
    fn it_is_watched_until_enough_is_known_and_anew_when_that_is_wanted() {
        let mut measuring = Measuring::wanted();
        let mut seconds = 0;
        while let Some(longer) = measuring.take() {
            assert!(longer > seconds, "{longer}");
            seconds = longer;
            measuring.measured(found(seconds, 3));
        }
        assert_eq!((shown(&measuring), measuring.found().seconds()), (Some(3), 15));
        measuring.again();
        assert_eq!(measuring.take(), Some(1));
        assert_eq!(shown(&measuring), Some(3), "until the next is there");
        measuring.measured(found(1, 9));
        assert_eq!((shown(&measuring), measuring.take()), (Some(9), Some(2)));
    }
}
