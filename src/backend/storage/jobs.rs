//! Long jobs with storage: in line, under way, cancelled, over.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::backend::actions::finish;
use crate::backend::lane::Lane;
use crate::backend::shared::Shared;
use crate::model::storage::{StorageEvent, StoragePhase, StorageProgress, StorageStep};
use crate::model::{Bytes, Event, Failure, FailureKind, JobId, JobResult, Reply};

/// Jobs at the same time; each has connections of its own. Many, for one that hangs at a host must not
/// hold up those of others.
const JOBS: usize = 32;

/// The storage jobs that are not over.
#[derive(Debug)]
pub(crate) struct Jobs {
    lane: Lane,
    known: Mutex<HashMap<JobId, Arc<Flags>>>,
    /// One of them is over.
    over: Condvar,
}

#[derive(Debug, Default)]
struct Flags {
    /// It leaves nothing half made, so that nobody waits for it at the end.
    one_call: bool,
    begun: AtomicBool,
    cancelled: AtomicBool,
}

impl Default for Jobs {
    fn default() -> Self {
        Self { lane: Lane::new(JOBS), known: Mutex::default(), over: Condvar::new() }
    }
}

impl Jobs {
    fn known(&self) -> MutexGuard<'_, HashMap<JobId, Arc<Flags>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives all of them up, and waits until they have taken back what they began, but not past
    /// `until`.
    pub(crate) fn stop(&self, until: Instant) {
        let mut known = self.known();
        known.retain(|_, flags| flags.begun.load(Ordering::SeqCst) && !flags.one_call);
        for flags in known.values() {
            flags.cancelled.store(true, Ordering::SeqCst);
        }
        while !known.is_empty() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                tracing::warn!(
                    jobs = known.len(),
                    "left at their hosts, which do not answer in time"
                );
                return;
            }
            known = self.over.wait_timeout(known, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// A job is over.
    fn end(&self, id: JobId) {
        self.known().remove(&id);
        self.over.notify_all();
    }

    /// Takes a job out of the line; `None` when it was cancelled there.
    fn take(&self, id: JobId) -> Option<Arc<Flags>> {
        let flags = self.known().get(&id).cloned()?;
        flags.begun.store(true, Ordering::SeqCst);
        Some(flags)
    }
}

/// A job under way.
#[derive(Debug)]
pub(super) struct Job {
    /// Its name.
    pub(super) id: JobId,
    /// What all hosts share.
    pub(super) shared: Arc<Shared>,
    flags: Arc<Flags>,
}

impl Job {
    /// Tells a step.
    pub(super) fn tell(&self, step: StorageStep) {
        self.shared.mailbox.put(Event::Storage(StorageEvent::Stepped { job: self.id, step }));
    }

    /// Tells what it does now.
    pub(super) fn phase(&self, phase: StoragePhase) {
        self.progress(phase, 0, None);
    }

    /// Tells how far it is.
    pub(super) fn progress(&self, phase: StoragePhase, done: u64, total: Option<u64>) {
        let total = total.map(Bytes);
        self.tell(StorageStep::Progress(StorageProgress { phase, done: Bytes(done), total }));
    }

    /// Goes on unless it was cancelled.
    pub(super) fn go_on(&self) -> Result<(), Failure> {
        if self.flags.cancelled.load(Ordering::SeqCst) {
            return Err(cancelled());
        }
        Ok(())
    }
}

fn cancelled() -> Failure {
    Failure::own(FailureKind::Cancelled, "cancelled by the user")
}

/// Puts a job in line.
pub(super) fn begin(
    shared: &Arc<Shared>,
    id: JobId,
    work: impl FnOnce(&Job) -> JobResult + Send + 'static,
) {
    put_in_line(shared, id, Flags::default(), work);
}

/// Puts a job in line that is one call, with nothing to take back.
pub(super) fn begin_call(
    shared: &Arc<Shared>,
    id: JobId,
    work: impl FnOnce(&Job) -> JobResult + Send + 'static,
) {
    put_in_line(shared, id, Flags { one_call: true, ..Flags::default() }, work);
}

fn put_in_line(
    shared: &Arc<Shared>,
    id: JobId,
    flags: Flags,
    work: impl FnOnce(&Job) -> JobResult + Send + 'static,
) {
    shared.storage_jobs.known().insert(id, Arc::new(flags));
    let shared = Arc::clone(shared);
    let lane = shared.storage_jobs.lane.clone();
    lane.run(None, move || {
        let Some(flags) = shared.storage_jobs.take(id) else { return };
        let job = Job { id, shared, flags };
        let result = work(&job);
        job.shared.storage_jobs.end(id);
        finish(&job.shared, id, result);
    });
}

/// Gives a job up: at once where it is in line, else as soon as it can be.
pub(super) fn cancel(shared: &Arc<Shared>, id: JobId, of: JobId) {
    let mut known = shared.storage_jobs.known();
    let Some(flags) = known.get(&of).cloned() else {
        drop(known);
        let gone = Failure::own(FailureKind::Gone, "the job is over");
        return finish(shared, id, Err(gone));
    };
    flags.cancelled.store(true, Ordering::SeqCst);
    if !flags.begun.load(Ordering::SeqCst) {
        known.remove(&of);
        drop(known);
        finish(shared, of, Err(cancelled()));
    }
    finish(shared, id, Ok(Reply::Done));
}
