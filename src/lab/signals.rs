//! Ctrl-C and its relatives: a lab is stopped before the program goes.

use std::sync::mpsc::{Receiver, channel};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::Lab;
use super::error::LabError;

/// The wish of a terminal or of the system that the program ends.
///
/// Made before the lab is started, so that no moment is left in which a signal would end the program and leave the lab.
pub struct Interruption {
    first: Receiver<()>,
}

impl Interruption {
    /// From now on SIGINT, SIGTERM and SIGHUP do not end the program. A second one does: who asks twice is in a hurry,
    /// and the next start of a lab removes what is left.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn subscribe() -> Result<Self, LabError> {
        let (sender, first) = channel();
        Self::call(move || {
            // Nobody waits any more: the program is on its way out already.
            let _ = sender.send(());
        })?;
        Ok(Self { first })
    }

    /// As [`Self::subscribe`], for programs with a main loop: calls `ask_to_quit` once, on a thread of its own.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn call(ask_to_quit: impl FnOnce() + Send + 'static) -> Result<(), LabError> {
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])
            .map_err(|source| LabError::Signals { source })?;
        std::thread::spawn(move || {
            let mut arrived = signals.forever();
            if arrived.next().is_some() {
                ask_to_quit();
            }
            if let Some(signal) = arrived.next()
                && let Err(error) = signal_hook::low_level::emulate_default_handler(signal)
            {
                tracing::error!(%error, signal, "signal without effect");
            }
        });
        Ok(())
    }

    /// Waits for it.
    pub fn wait(&self) {
        // An error means that the other end is gone, and with it every further signal.
        let _ = self.first.recv();
    }
}

/// Keeps the lab running until the program is asked to end, then stops it.
///
/// # Errors
///
/// When it does not stop completely.
pub fn run_until_signalled(lab: Lab, interruption: &Interruption) -> Result<(), LabError> {
    interruption.wait();
    lab.stop()
}
