//! What all hosts share.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use super::host::Host;
use super::lane::Lane;
use super::mailbox::Mailbox;
use super::migration::Moves;
use super::opener::Opening;
use super::questions::Questions;
use super::storage::Jobs;
use super::watching::Watching;
use crate::model::{Failure, FailureKind, HostId, JobId};

/// Inspections at the same time; each has a connection of its own to both of its hosts.
const INSPECTIONS: usize = 4;

/// Surveys at the same time, so that one with a host that hangs does not hold up the next.
const SURVEYS: usize = 2;

/// What all hosts share.
#[derive(Debug)]
pub(crate) struct Shared {
    /// The way out.
    pub(crate) mailbox: Arc<Mailbox>,
    /// Questions that wait for the user.
    pub(crate) questions: Questions,
    /// Whether and how often figures are wanted.
    pub(crate) watching: Watching,
    /// Migrations under way.
    pub(crate) moves: Moves,
    /// Connections that are being opened.
    pub(crate) opening: Opening,
    /// Inspections before migrations.
    pub(crate) inspections: Lane,
    /// Inspections of many guests.
    pub(crate) surveys: Lane,
    /// Long jobs with storage.
    pub(crate) storage_jobs: Jobs,
    leftover: Mutex<Option<PathBuf>>,
    hosts: RwLock<HashMap<HostId, Arc<Host>>>,
    next: Arc<AtomicU64>,
}

impl Shared {
    /// Nothing is open yet. `next` numbers requests and questions alike.
    pub(crate) fn new(mailbox: Arc<Mailbox>, next: Arc<AtomicU64>) -> Self {
        Self {
            mailbox,
            questions: Questions::default(),
            watching: Watching::default(),
            moves: Moves::default(),
            opening: Opening::default(),
            inspections: Lane::new(INSPECTIONS),
            surveys: Lane::new(SURVEYS),
            storage_jobs: Jobs::default(),
            leftover: Mutex::new(None),
            hosts: RwLock::default(),
            next,
        }
    }

    /// A name for a job that the backend begins by itself.
    pub(crate) fn next_job(&self) -> JobId {
        JobId(self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// A host that is open.
    ///
    /// # Errors
    ///
    /// [`FailureKind::LinkLost`] when it is not.
    pub(crate) fn host(&self, id: HostId) -> Result<Arc<Host>, Failure> {
        let hosts = self.hosts.read().unwrap_or_else(PoisonError::into_inner);
        hosts
            .get(&id)
            .cloned()
            .ok_or_else(|| Failure::own(FailureKind::LinkLost, "the host is not open"))
    }

    /// All hosts that are open.
    pub(crate) fn hosts(&self) -> Vec<Arc<Host>> {
        self.hosts.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Makes a host known; the one that had its name until now.
    pub(crate) fn insert(&self, host: Arc<Host>) -> Option<Arc<Host>> {
        self.hosts.write().unwrap_or_else(PoisonError::into_inner).insert(host.id, host)
    }

    /// Forgets a host.
    pub(crate) fn remove(&self, id: HostId) -> Option<Arc<Host>> {
        self.hosts.write().unwrap_or_else(PoisonError::into_inner).remove(&id)
    }
}

/// The longest [`Shared::stop`] waits for connections to be closed.
const STOP_LIMIT: Duration = Duration::from_secs(3);

/// The longest it waits before that for storage jobs to take back what they began.
pub(super) const TAKING_BACK: Duration = Duration::from_secs(10);

impl Shared {
    /// Lets storage jobs take back what they began, for which they need their hosts; then closes all
    /// hosts and waits a little for their control threads.
    pub(crate) fn stop(&self) {
        self.storage_jobs.stop(Instant::now() + TAKING_BACK);
        let hosts: Vec<_> = {
            let mut hosts = self.hosts.write().unwrap_or_else(PoisonError::into_inner);
            hosts.drain().map(|(_, host)| host).collect()
        };
        let until = Instant::now() + STOP_LIMIT;
        for host in &hosts {
            host.close(None);
        }
        self.watching.wake();
        for host in &hosts {
            host.inbox.wait_ended(until);
        }
        self.mailbox.close();
        let leftover = self.leftover.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(directory) = leftover
            && let Err(error) = std::fs::remove_dir_all(&directory)
        {
            tracing::debug!(%error, "a private directory is left");
        }
    }

    /// A directory that is removed when the backend stops.
    pub(crate) fn keep_until_stopped(&self, directory: PathBuf) {
        *self.leftover.lock().unwrap_or_else(PoisonError::into_inner) = Some(directory);
    }
}
