//! The migrations under way: which guests they concern, and where their news go.

use std::sync::mpsc::Sender;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Signal;
use crate::backend::libvirt::GuestEvent;
use crate::backend::request::Lever;
use crate::migration::Pilot;
use crate::model::{Failure, FailureKind, GuestKey, GuestUuid, HostId, JobId};

/// The migrations under way.
#[derive(Debug, Default)]
pub(crate) struct Moves {
    entries: Mutex<Vec<Entry>>,
}

#[derive(Debug)]
struct Entry {
    job: JobId,
    guest: GuestKey,
    destination: Option<HostId>,
    signals: Sender<Signal>,
}

impl Entry {
    fn concerns(&self, host: HostId, uuid: GuestUuid) -> bool {
        // Where somebody else began it, any other host may be the destination.
        let destination = self.destination.is_none_or(|destination| destination == host);
        self.guest.uuid == uuid && (self.guest.host == host || destination)
    }
}

impl Moves {
    fn entries(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a migration.
    ///
    /// # Errors
    ///
    /// [`FailureKind::Busy`] when the guest is on the move already.
    pub(crate) fn add(
        &self,
        job: JobId,
        guest: GuestKey,
        destination: Option<HostId>,
        signals: Sender<Signal>,
    ) -> Result<(), Failure> {
        let mut entries = self.entries();
        if entries.iter().any(|entry| entry.concerns(guest.host, guest.uuid)) {
            let message = "this guest is on the move already";
            return Err(Failure::own(FailureKind::Busy, message));
        }
        entries.push(Entry { job, guest, destination, signals });
        Ok(())
    }

    /// Forgets a migration that is over.
    pub(crate) fn remove(&self, job: JobId) {
        self.entries().retain(|entry| entry.job != job);
    }

    /// Whether a guest on a host is on the move.
    pub(crate) fn involves(&self, host: HostId, uuid: GuestUuid) -> bool {
        self.entries().iter().any(|entry| entry.concerns(host, uuid))
    }

    /// Tells the migration of a guest what libvirt told; whether there is one.
    pub(crate) fn tell(&self, host: HostId, uuid: GuestUuid, event: &GuestEvent) -> bool {
        let entries = self.entries();
        let Some(entry) = entries.iter().find(|entry| entry.concerns(host, uuid)) else {
            return false;
        };
        let at_source = entry.guest.host == host;
        // A migration that does not listen any more is over.
        let _ = entry.signals.send(Signal::Told { at_source, event: event.clone() });
        true
    }

    /// Hands a lever to a migration, to be answered under `job`.
    ///
    /// # Errors
    ///
    /// [`FailureKind::Gone`] when it is over.
    pub(crate) fn steer(&self, of: JobId, job: JobId, lever: Lever) -> Result<(), Failure> {
        self.signal(of, Signal::Steered { job, lever })
    }

    /// Has a migration carry out a policy from here on, or none.
    ///
    /// # Errors
    ///
    /// [`FailureKind::Gone`] when it is over.
    pub(crate) fn follow_policy(&self, of: JobId, pilot: Option<Pilot>) -> Result<(), Failure> {
        self.signal(of, Signal::Flown(pilot.map(Box::new)))
    }

    fn signal(&self, of: JobId, signal: Signal) -> Result<(), Failure> {
        let entries = self.entries();
        entries
            .iter()
            .find(|entry| entry.job == of)
            .and_then(|entry| entry.signals.send(signal).ok())
            .ok_or_else(|| Failure::own(FailureKind::Gone, "this migration is over"))
    }
}
