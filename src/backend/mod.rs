//! Threads and channels around libvirt: requests in, events out. Nothing is acknowledged before
//! libvirt returned, and no caller ever waits for libvirt.
//!
//! One thread runs libvirt's event loop, one takes requests. Each open [`host`](host::Host) has a
//! control thread and two for figures; a migration has three. A libvirt call cannot be cancelled,
//! so each is made on a thread that may be left behind.

mod actions;
pub mod askpass;
mod control;
mod host;
mod inbox;
mod inspection;
mod lane;
mod libvirt;
mod mailbox;
mod migration;
mod opener;
mod poller;
mod questions;
mod rates;
mod request;
mod shared;
mod storage;
mod survey;
mod watching;
mod worker;

pub use request::{Answer, Inspect, Lever, RepairWish, Request, RequestBody};
pub use storage::{DiscoverWish, PoolWish, SecretWish, StorageRequest, VolumeJob};

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::model::{Event, Failure, FailureKind, JobId};
use mailbox::Mailbox;
use shared::Shared;

/// Requests that may wait; more mean that the backend is stuck.
const WAITING_REQUESTS: usize = 1024;

/// The way in. Cheap to clone; all clones lead to the same threads.
#[derive(Clone, Debug)]
pub struct Backend {
    requests: async_channel::Sender<Request>,
    next: Arc<AtomicU64>,
    shared: Option<Arc<Shared>>,
}

/// The way out.
#[derive(Debug)]
pub struct Events {
    source: Source,
}

#[derive(Debug)]
enum Source {
    Mailbox { mailbox: Arc<Mailbox>, bell: async_channel::Receiver<()> },
    Scripted(async_channel::Receiver<Event>),
}

/// The queue of requests is full: the host is busy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy;

impl Backend {
    /// Starts the threads. libvirt's event loop is started once for the process.
    ///
    /// # Errors
    ///
    /// When libvirt does not initialise or there is no thread.
    pub fn start() -> Result<(Self, Events), Failure> {
        worker::start_event_loop()?;
        let (mailbox, bell) = Mailbox::new();
        let mailbox = Arc::new(mailbox);
        let next = Arc::new(AtomicU64::new(1));
        let shared = Arc::new(Shared::new(Arc::clone(&mailbox), Arc::clone(&next)));
        let (requests, asked) = async_channel::bounded(WAITING_REQUESTS);
        let served = Arc::clone(&shared);
        askpass::serve(&shared);
        spawn("vireo-requests", move || worker::serve(&served, &asked))?;
        let events = Events { source: Source::Mailbox { mailbox, bell } };
        Ok((Self { requests, next, shared: Some(shared) }, events))
    }

    /// A name for the next request.
    #[must_use]
    pub fn next_job(&self) -> JobId {
        JobId(self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// Hands a request in. Never waits.
    ///
    /// # Errors
    ///
    /// [`Busy`] when too many requests wait already.
    pub fn submit(&self, request: Request) -> Result<(), Busy> {
        self.requests.try_send(request).map_err(|_| Busy)
    }

    /// Sets the time between two readings of figures; 3 s without this.
    pub fn set_interval(&self, interval: Duration) {
        if let Some(shared) = &self.shared {
            shared.watching.set_interval(interval);
        }
    }

    /// How long [`Self::stop`] waits for storage jobs to take back what they began.
    pub const TAKING_BACK: Duration = shared::TAKING_BACK;

    /// Ends: no request is taken and no event told any more. Storage jobs are cancelled and take back
    /// what they began, within [`Self::TAKING_BACK`]; then connections are closed, within 3 s. What
    /// hangs is left to the end of the process. A direct migration under way is aborted by libvirt,
    /// one from peer to peer goes on.
    pub fn stop(&self) {
        self.requests.close();
        if let Some(shared) = &self.shared {
            shared.stop();
        }
    }

    /// A backend whose other end is held by a test.
    #[must_use]
    pub fn scripted()
    -> (Self, async_channel::Receiver<Request>, async_channel::Sender<Event>, Events) {
        let (requests, asked) = async_channel::bounded(64);
        let (speak, events) = async_channel::bounded(1024);
        (
            Self { requests, next: Arc::new(AtomicU64::new(1)), shared: None },
            asked,
            speak,
            Events { source: Source::Scripted(events) },
        )
    }
}

impl Events {
    /// Waits for something to happen, then takes all that has happened. `None` when the backend is gone.
    pub async fn batch(&self) -> Option<Vec<Event>> {
        match &self.source {
            Source::Mailbox { mailbox, bell } => loop {
                bell.recv().await.ok()?;
                let batch = mailbox.take();
                if !batch.is_empty() {
                    return Some(batch);
                }
            },
            Source::Scripted(events) => {
                let mut batch = vec![events.recv().await.ok()?];
                while let Ok(event) = events.try_recv() {
                    batch.push(event);
                }
                Some(batch)
            }
        }
    }
}

/// A UUID that nothing else has, for a pool or secret that several hosts are to get.
#[must_use]
pub fn new_uuid() -> [u8; 16] {
    uuid::Uuid::new_v4().into_bytes()
}

/// Starts a thread that nobody joins.
fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), Failure> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map(drop)
        .map_err(|error| Failure::own(FailureKind::Other, format!("no thread: {error}")))
}
