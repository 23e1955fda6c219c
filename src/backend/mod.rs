//! Threads and channels around libvirt: requests in, events out. Nothing is acknowledged before
//! libvirt returned, and no caller ever waits for libvirt.

mod request;

pub use request::{Answer, Lever, Request, RequestBody};

use std::sync::atomic::{AtomicU64, Ordering};

use crate::model::{Event, JobId};

/// The way in. Cheap to clone; all clones lead to the same threads.
#[derive(Clone, Debug)]
pub struct Backend {
    requests: async_channel::Sender<Request>,
    next: std::sync::Arc<AtomicU64>,
}

/// The way out.
#[derive(Debug)]
pub struct Events {
    events: async_channel::Receiver<Event>,
}

/// The queue of requests is full: the host is busy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy;

impl Backend {
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

    /// A backend whose other end is held by a test.
    #[must_use]
    pub fn scripted()
    -> (Self, async_channel::Receiver<Request>, async_channel::Sender<Event>, Events) {
        let (requests, asked) = async_channel::bounded(64);
        let (speak, events) = async_channel::bounded(1024);
        (
            Self { requests, next: std::sync::Arc::new(AtomicU64::new(1)) },
            asked,
            speak,
            Events { events },
        )
    }
}

impl Events {
    /// Waits for something to happen, then takes all that has happened. `None` when the backend is gone.
    pub async fn batch(&self) -> Option<Vec<Event>> {
        let mut batch = vec![self.events.recv().await.ok()?];
        while let Ok(event) = self.events.try_recv() {
            batch.push(event);
        }
        Some(batch)
    }
}
