//! Whether and how often figures are wanted.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The usual time between two readings.
const TICK: Duration = Duration::from_secs(3);

/// Whether and how often figures are wanted; pollers wait on it.
#[derive(Debug)]
pub(crate) struct Watching {
    wish: Mutex<Wish>,
    changed: Condvar,
}

#[derive(Clone, Copy, Debug)]
struct Wish {
    on: bool,
    interval: Duration,
}

impl Default for Watching {
    fn default() -> Self {
        let wish = Wish { on: true, interval: TICK };
        Self { wish: Mutex::new(wish), changed: Condvar::new() }
    }
}

impl Watching {
    /// Figures are wanted, or not any more.
    pub(crate) fn set_on(&self, on: bool) {
        self.change(|wish| wish.on = on);
    }

    /// Figures are wanted this often.
    pub(crate) fn set_interval(&self, interval: Duration) {
        self.change(|wish| wish.interval = interval);
    }

    /// Wakes all pollers, to look whether they are still needed.
    pub(crate) fn wake(&self) {
        self.change(|_| {});
    }

    fn change(&self, change: impl FnOnce(&mut Wish)) {
        change(&mut self.wish.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
    }

    /// Waits until figures are wanted and an interval has passed since `last`; `false` as soon as
    /// `needed` says no.
    pub(crate) fn wait(&self, last: Option<Instant>, needed: impl Fn() -> bool) -> bool {
        let mut wish = self.wish.lock().unwrap_or_else(PoisonError::into_inner);
        while needed() {
            let left = last.map_or(Duration::ZERO, |last| {
                (last + wish.interval).saturating_duration_since(Instant::now())
            });
            if wish.on && left.is_zero() {
                return true;
            }
            wish = if wish.on {
                self.changed.wait_timeout(wish, left).unwrap_or_else(PoisonError::into_inner).0
            } else {
                self.changed.wait(wish).unwrap_or_else(PoisonError::into_inner)
            };
        }
        false
    }
}
