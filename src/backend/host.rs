//! One host from the moment it is opened until it is closed. Opening it again makes a new one, so
//! that a thread left behind in a hung call can change nothing any more.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::inbox::Inbox;
use super::lane::Lane;
use super::libvirt::Connect;
use super::opener::Credentials;
use super::shared::Shared;
use super::storage::StorageWatch;
use crate::model::{Event, Failure, FailureKind, Guest, GuestUuid, HostId};

/// Guests of a host that are watched at the same time, on connections of their own.
const WATCHES: usize = 2;
/// Short calls that may wait at the same time on a host's connection. With the control thread's own
/// and its bulk listing, that is four: the fifth would stop the connection (libvirt-rust.md §3).
const SHORT_CALLS: usize = 2;

/// One host while it is open.
#[derive(Debug)]
pub(crate) struct Host {
    /// Its name in requests and events.
    pub(crate) id: HostId,
    /// Where it is.
    pub(crate) uri: String,
    /// What all hosts share.
    pub(crate) shared: Arc<Shared>,
    /// What waits for its control thread.
    pub(crate) inbox: Arc<Inbox>,
    /// Answers that opened it, for its further connections.
    pub(crate) credentials: Credentials,
    /// Small calls.
    pub(crate) short: Lane,
    /// Calls that may take minutes, on connections of their own.
    pub(crate) long: Lane,
    /// Set while a bulk reading hangs: no second one is tried then.
    pub(crate) bulk_hangs: AtomicBool,
    /// What its guests write is watched, for seconds each.
    pub(crate) watches: Lane,
    /// What of its storage is looked at.
    pub(crate) storage: StorageWatch,
    /// Its UUID, once it described itself.
    pub(crate) host_uuid: OnceLock<String>,
    known: Mutex<HashMap<GuestUuid, Guest>>,
    link: Mutex<Option<Connect>>,
    link_number: AtomicU64,
    closed: Mutex<bool>,
}

impl Host {
    /// A host that is not connected yet.
    pub(crate) fn new(id: HostId, uri: String, shared: Arc<Shared>) -> Self {
        Self {
            id,
            uri,
            shared,
            inbox: Arc::default(),
            credentials: Credentials::default(),
            short: Lane::new(SHORT_CALLS),
            long: Lane::new(1),
            watches: Lane::new(WATCHES),
            bulk_hangs: AtomicBool::new(false),
            storage: StorageWatch::default(),
            host_uuid: OnceLock::new(),
            known: Mutex::default(),
            link: Mutex::new(None),
            link_number: AtomicU64::new(0),
            closed: Mutex::new(false),
        }
    }

    /// Reports something of this host; nothing any more once it is closed.
    pub(crate) fn report(&self, event: Event) {
        let closed = lock(&self.closed);
        if !*closed {
            self.shared.mailbox.put(event);
        }
    }

    /// Closes it, with a last event. Never waits for libvirt.
    pub(crate) fn close(&self, last: Option<Event>) {
        let mut closed = lock(&self.closed);
        if let Some(event) = last.filter(|_| !*closed) {
            self.shared.mailbox.put(event);
        }
        *closed = true;
        drop(closed);
        self.inbox.stop();
    }

    /// Whether it was closed.
    pub(crate) fn is_closed(&self) -> bool {
        *lock(&self.closed)
    }

    /// Its connection.
    ///
    /// # Errors
    ///
    /// [`FailureKind::LinkLost`] while there is none.
    pub(crate) fn connect(&self) -> Result<Connect, Failure> {
        lock(&self.link)
            .clone()
            .ok_or_else(|| Failure::own(FailureKind::LinkLost, "the host is not connected"))
    }

    /// Sets or takes away its connection.
    pub(crate) fn set_link(&self, connect: Option<Connect>) {
        let old = std::mem::replace(&mut *lock(&self.link), connect);
        self.link_number.fetch_add(1, Ordering::SeqCst);
        // Closing may talk to the daemon: not while others wait for the lock.
        drop(old);
    }

    /// A number that is another one after each [`Self::set_link`].
    pub(crate) fn link_number(&self) -> u64 {
        self.link_number.load(Ordering::SeqCst)
    }

    /// Whether its driver lives in this process (libvirt's test driver): then each connection is a
    /// world of its own, and calls take no round trip.
    pub(crate) fn is_in_process(&self) -> bool {
        self.uri.starts_with("test:")
    }

    /// Whether both are connections to one host, as far as that is known yet.
    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        let uuid = self.host_uuid.get();
        self.id == other.id || uuid.is_some() && uuid == other.host_uuid.get()
    }

    /// The guests it is known to have.
    pub(crate) fn known(&self) -> MutexGuard<'_, HashMap<GuestUuid, Guest>> {
        lock(&self.known)
    }

    /// Marks that a bulk reading hangs, or does not any more; what it was before.
    pub(crate) fn set_bulk_hangs(&self, hangs: bool) -> bool {
        self.bulk_hangs.swap(hangs, Ordering::SeqCst)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
