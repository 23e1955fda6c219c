//! The thread that makes the one long call of a migration.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;

use super::Signal;
use crate::backend::host::Host;
use crate::backend::libvirt::CloseWatch;
use crate::backend::libvirt::host::version;
use crate::backend::libvirt::moving::{Moving, Way};
use crate::backend::opener::long_connection;
use crate::migration::{MigrationOptions, Transport};
use crate::model::{Failure, FailureKind, GuestUuid};

/// What the thread needs.
pub(super) struct Call {
    /// Where the guest is.
    pub(super) source: Arc<Host>,
    /// Where it goes.
    pub(super) destination: Arc<Host>,
    /// Which.
    pub(super) uuid: GuestUuid,
    /// How.
    pub(super) options: MigrationOptions,
    /// Set when the user cancels; looked at once more right before the call.
    pub(super) cancelled: Arc<AtomicBool>,
    /// Whom to tell.
    pub(super) signals: Sender<Signal>,
}

impl Call {
    /// Makes the call, and tells when libvirt returned.
    pub(super) fn run(&self) {
        let result = self.make();
        // Nobody listens any more after the migration was given up.
        let _ = self.signals.send(Signal::Returned(result));
    }

    fn make(&self) -> Result<(), Failure> {
        let source = long_connection(&self.source)?;
        let (way, _watch) = self.way()?;
        let moving = Moving::find(&source, self.uuid)?;
        let pause = self.options.max_downtime_ms.or_else(|| moving.max_downtime().ok());
        let _ = self.signals.send(Signal::Calling(pause));
        if self.cancelled.load(Ordering::SeqCst) {
            return Err(Failure::own(FailureKind::Cancelled, "cancelled before it began"));
        }
        let there = self.destination.connect().map_or(0, |connect| version(&connect));
        moving.migrate(&way, &self.options, version(&source).min(there))
    }

    /// For a direct migration, a connection to the destination that is watched: libvirt itself
    /// would notice its end only when the copy is complete (libvirt-rust.md §2.1).
    fn way(&self) -> Result<(Way, Option<CloseWatch>), Failure> {
        if self.options.transport != Transport::Direct {
            let uri = self.options.destination_uri.clone();
            return Ok((
                Way::PeerToPeer(uri.unwrap_or_else(|| self.destination.uri.clone())),
                None,
            ));
        }
        let destination = long_connection(&self.destination)?;
        let signals = self.signals.clone();
        let watch = CloseWatch::new(&destination, move |failure| {
            let _ = signals.send(Signal::DestinationLost(failure));
        });
        if let Err(failure) = &watch {
            tracing::warn!(?failure, "the destination is not watched");
        }
        Ok((Way::Direct(destination), watch.ok()))
    }
}
