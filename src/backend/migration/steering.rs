//! The thread that reads a migration's statistics and pulls its levers, beside the long call and
//! on a connection of its own.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use super::Signal;
use crate::backend::host::Host;
use crate::backend::libvirt::job::JobState;
use crate::backend::libvirt::moving::Moving;
use crate::backend::opener::long_connection;
use crate::migration::{Lever, Pilot};
use crate::model::{Failure, FailureKind, GuestUuid, JobId};

/// The time between two readings: 4 a second are plenty, and libvirt holds the guest's lock for
/// 1 to 2 s at the end anyhow.
const TICK: Duration = Duration::from_millis(250);

/// How long a lost connection to the source is tried again.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the thread is told to do.
#[derive(Debug)]
pub(super) enum Order {
    /// The user's wish, to be answered under `job`.
    Pull {
        /// What to answer under.
        job: JobId,
        /// Which lever.
        lever: Lever,
    },
    /// Its policy from here on.
    Fly(Option<Box<Pilot>>),
    /// Our own: the destination is gone.
    GiveUp,
}

/// What the thread needs.
pub(super) struct Steering {
    /// Where the guest is.
    pub(super) source: Arc<Host>,
    /// Which.
    pub(super) uuid: GuestUuid,
    /// To be allowed as soon as the job runs, ms: libvirt does not take it earlier.
    pub(super) max_downtime_ms: Option<u64>,
    /// What is to be done by itself.
    pub(super) pilot: Option<Pilot>,
    /// What to do.
    pub(super) orders: Receiver<Order>,
    /// Whom to tell.
    pub(super) signals: Sender<Signal>,
}

impl Steering {
    /// Runs until nobody gives orders any more.
    pub(super) fn run(mut self) {
        let mut lost_since: Option<Instant> = None;
        // Under which jobs a cancellation is to be answered that libvirt has not taken yet.
        let mut cancelling: Vec<Option<JobId>> = Vec::new();
        loop {
            let failure = match long_connection(&self.source).and_then(|connect| {
                let moving = Moving::find(&connect, self.uuid)?;
                lost_since = None;
                Ok(moving)
            }) {
                Ok(moving) => match self.steer(&moving, &mut cancelling) {
                    Some(failure) => failure,
                    None => return,
                },
                Err(failure) => failure,
            };
            let since = *lost_since.get_or_insert_with(Instant::now);
            let gone = failure.kind == FailureKind::Gone;
            if gone || self.source.is_closed() || since.elapsed() > PATIENCE {
                let _ = self.signals.send(Signal::SourceLost(failure));
                return;
            }
            match self.orders.recv_timeout(TICK) {
                Ok(order) => self.note(order, &mut cancelling),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// What needs no connection is done, of the rest only a cancellation is remembered.
    fn note(&mut self, order: Order, cancelling: &mut Vec<Option<JobId>>) {
        match order {
            Order::Fly(pilot) => self.pilot = pilot.map(|pilot| *pilot),
            Order::GiveUp => cancelling.push(None),
            Order::Pull { job, lever: Lever::Cancel } => cancelling.push(Some(job)),
            Order::Pull { job, lever } => {
                let lost = Failure::own(FailureKind::LinkLost, "the source cannot be reached");
                self.pulled(job, lever, Err(lost));
            }
        }
    }

    /// Reads and steers on one connection; why it ended, or `None` when nobody gives orders any more.
    fn steer(&mut self, moving: &Moving, cancelling: &mut Vec<Option<JobId>>) -> Option<Failure> {
        let mut tick = Instant::now();
        loop {
            match self.orders.recv_timeout(tick.saturating_duration_since(Instant::now())) {
                Ok(Order::Pull { job, lever }) if lever != Lever::Cancel => {
                    let result = pull(moving, lever);
                    if let (Ok(()), Some(pilot)) = (&result, &mut self.pilot) {
                        pilot.told(lever);
                    }
                    self.pulled(job, lever, result);
                    continue;
                }
                Ok(order) => self.note(order, cancelling),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return None,
            }
            self.cancel(moving, cancelling);
            match moving.job() {
                Ok(state) => {
                    self.allow_pause(moving, &state);
                    self.follow_policy(moving, &state);
                    let _ = self.signals.send(Signal::Read(state));
                }
                Err(failure)
                    if matches!(failure.kind, FailureKind::LinkLost | FailureKind::Gone) =>
                {
                    return Some(failure);
                }
                // The guest is shut off here: it went, or it stopped.
                Err(failure) if failure.kind == FailureKind::WrongState => {
                    let _ = self.signals.send(Signal::Read(JobState::Idle));
                }
                Err(failure) => tracing::debug!(?failure, "no job statistics"),
            }
            tick = Instant::now() + TICK;
        }
    }

    /// Cancels, again and again until libvirt has a job that it can cancel.
    fn cancel(&self, moving: &Moving, cancelling: &mut Vec<Option<JobId>>) {
        if cancelling.is_empty() {
            return;
        }
        let result = moving.abort();
        if let Err(failure) = &result {
            let too_early =
                failure.kind == FailureKind::WrongState && !failure.message.contains("post-copy");
            if too_early || failure.kind == FailureKind::LinkLost {
                return;
            }
        }
        for job in cancelling.drain(..).flatten() {
            self.pulled(job, Lever::Cancel, result.clone());
        }
    }

    fn allow_pause(&mut self, moving: &Moving, state: &JobState) {
        let Some(ms) = self.max_downtime_ms else { return };
        if !matches!(state, JobState::MigratingOut(_)) {
            return;
        }
        match moving.set_max_downtime(ms) {
            Ok(()) => self.max_downtime_ms = None,
            Err(failure) => tracing::debug!(?failure, "the longest pause is not taken yet"),
        }
    }

    /// Does what the policy wants done. Here, beside the call, so that it is done whether a window looks
    /// or not. What is refused is told, and the policy goes on with its next step.
    fn follow_policy(&mut self, moving: &Moving, state: &JobState) {
        let (Some(pilot), JobState::MigratingOut(sample)) = (&mut self.pilot, state) else {
            return;
        };
        if let Some(lever) = pilot.look(sample) {
            tracing::info!(?lever, "the policy");
            let no_end = pilot.no_end();
            let result = pull(moving, lever);
            let _ = self.signals.send(Signal::PolicyPulled { lever, no_end, result });
        }
    }

    fn pulled(&self, job: JobId, lever: Lever, result: Result<(), Failure>) {
        let _ = self.signals.send(Signal::Pulled { job, lever, result });
    }
}

fn pull(moving: &Moving, lever: Lever) -> Result<(), Failure> {
    match lever {
        Lever::MaxDowntime(ms) => moving.set_max_downtime(ms),
        Lever::Bandwidth(mibps) => moving.set_bandwidth(mibps),
        Lever::PauseGuest => moving.pause(),
        Lever::Postcopy => moving.start_postcopy(),
        Lever::Cancel => moving.abort(),
    }
}
