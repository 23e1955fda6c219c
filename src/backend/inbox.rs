//! What waits for a host's control thread. Bounded by nature: a set of guests and a few flags.

use std::collections::HashSet;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::model::{Failure, GuestUuid, JobId};

/// Events that come sooner than this after the last reading are collected, so that a storm of
/// them costs few calls; the first one after a calm is read at once.
const COLLECT: Duration = Duration::from_millis(50);

/// What the control thread is to do next.
#[derive(Debug, PartialEq)]
pub(crate) enum Work {
    /// End: the host was closed.
    Stop,
    /// The connection broke.
    Lost(Failure),
    /// Read these guests again.
    Read(Vec<GuestUuid>),
    /// Read everything again.
    ReadAll,
}

/// The inbox of one host's control thread.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    stop: bool,
    serving: bool,
    lost: Option<Failure>,
    all: bool,
    retry: bool,
    dirty: HashSet<GuestUuid>,
    waiting: Vec<JobId>,
}

impl Inbox {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.changed.notify_all();
    }

    /// The host was closed.
    pub(crate) fn stop(&self) {
        self.change(|state| state.stop = true);
    }

    /// Its connection broke.
    pub(crate) fn lost(&self, failure: Failure) {
        self.change(|state| state.lost = state.lost.take().or(Some(failure)));
    }

    /// A guest is not what it was.
    pub(crate) fn guest_changed(&self, uuid: GuestUuid) {
        self.change(|state| {
            state.dirty.insert(uuid);
        });
    }

    /// Everything is to be read again; a wait between two attempts to connect ends.
    pub(crate) fn everything_changed(&self) {
        self.change(|state| (state.all, state.retry) = (true, true));
    }

    /// Everything is to be read again, and the job told when it was; `false` when there is no
    /// control thread to do it.
    pub(crate) fn refresh(&self, job: JobId) -> bool {
        let mut state = self.state();
        if !state.serving {
            return false;
        }
        (state.all, state.retry) = (true, true);
        state.waiting.push(job);
        drop(state);
        self.changed.notify_all();
        true
    }

    /// The jobs that wait for everything to be read again.
    pub(crate) fn take_waiting(&self) -> Vec<JobId> {
        std::mem::take(&mut self.state().waiting)
    }

    /// Forgets what concerned an earlier connection.
    pub(crate) fn clear(&self) {
        self.change(|state| {
            (state.lost, state.all) = (None, false);
            state.dirty.clear();
        });
    }

    /// The control thread begins or ends.
    pub(crate) fn set_serving(&self, serving: bool) {
        self.change(|state| state.serving = serving);
    }

    /// Waits until the control thread has ended, but not past `until`.
    pub(crate) fn wait_ended(&self, until: Instant) {
        let mut state = self.state();
        while state.serving {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            state =
                self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits for work: until `resync_at` at most, when everything is due again. `read_at` is when
    /// the last reading was over.
    pub(crate) fn next(&self, read_at: Instant, resync_at: Instant) -> Work {
        let mut state = self.state();
        loop {
            if state.stop {
                return Work::Stop;
            }
            if let Some(failure) = state.lost.take() {
                return Work::Lost(failure);
            }
            let now = Instant::now();
            let dirty = state.all || !state.dirty.is_empty();
            let due = if dirty { resync_at.min(read_at + COLLECT) } else { resync_at };
            if now >= due {
                let dirty = std::mem::take(&mut state.dirty);
                let all = std::mem::take(&mut state.all) || now >= resync_at;
                return if all { Work::ReadAll } else { Work::Read(dirty.into_iter().collect()) };
            }
            state = self
                .changed
                .wait_timeout(state, due - now)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// Waits between two attempts to connect; `false` when the host was closed meanwhile.
    pub(crate) fn pause(&self, time: Duration) -> bool {
        let until = Instant::now() + time;
        let mut state = self.state();
        state.retry = false;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if state.stop || state.retry || left.is_zero() {
                return !state.stop;
            }
            state =
                self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FailureKind;

    const GUEST: GuestUuid = GuestUuid([1; 16]);

    #[test]
    fn the_first_change_after_a_calm_is_read_at_once() {
        let inbox = Inbox::default();
        inbox.guest_changed(GUEST);
        inbox.guest_changed(GUEST);
        let now = Instant::now();
        let calm = now.checked_sub(COLLECT).unwrap();
        assert_eq!(inbox.next(calm, now + Duration::from_secs(60)), Work::Read(vec![GUEST]));
        assert!(now.elapsed() < COLLECT);
    }

    #[test]
    fn changes_right_after_a_reading_are_collected() {
        let inbox = Inbox::default();
        let now = Instant::now();
        inbox.guest_changed(GUEST);
        assert_eq!(inbox.next(now, now + Duration::from_secs(60)), Work::Read(vec![GUEST]));
        assert!(now.elapsed() >= COLLECT);
    }

    #[test]
    fn all_is_due_after_a_while_and_the_end_comes_first() {
        let inbox = Inbox::default();
        let now = Instant::now();
        assert_eq!(inbox.next(now, now), Work::ReadAll);
        let failure = Failure::own(FailureKind::LinkLost, "x");
        inbox.lost(failure.clone());
        inbox.lost(Failure::own(FailureKind::LinkLost, "later"));
        assert_eq!(inbox.next(now, now), Work::Lost(failure));
        inbox.stop();
        assert_eq!(inbox.next(now, now), Work::Stop);
        assert!(!inbox.pause(Duration::from_secs(60)));
    }
}
