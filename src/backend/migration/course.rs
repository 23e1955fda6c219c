//! The course of one migration: hears the call, the readings and libvirt's events, tells the steps
//! in order, and the end when both hosts were asked where the guest is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use super::Signal;
use super::call::Call;
use super::steering::{Order, Steering};
use super::story::Story;
use crate::backend::actions::finish;
use crate::backend::host::Host;
use crate::backend::libvirt::job::{self, JobState};
use crate::backend::libvirt::{GuestEvent, Turn};
use crate::backend::shared::Shared;
use crate::migration::{Coverage, Lever, MigrationPlan, Pilot};
use crate::model::{
    Event, Failure, FailureKind, GuestKey, GuestUuid, JobId, MigrationEnd, MigrationStep, NoEnd,
    Presence, Reply,
};

/// How long a call may take to return after we gave a migration up.
const GIVING_UP: Duration = Duration::from_secs(60);

/// One migration under way.
pub(super) struct Course {
    pub(super) shared: Arc<Shared>,
    pub(super) job: JobId,
    pub(super) uuid: GuestUuid,
    pub(super) source: Arc<Host>,
    /// Unknown where somebody else began it.
    pub(super) destination: Option<Arc<Host>>,
    /// Ours: a call will return. Else it is over when no job is read any more.
    pub(super) ours: bool,
    pub(super) signals: Receiver<Signal>,
    pub(super) orders: Sender<Order>,
    pub(super) cancelled: Arc<AtomicBool>,
    pub(super) story: Story,
    pub(super) pulling: Vec<JobId>,
    pub(super) accepted: bool,
    pub(super) given_up: Option<(Failure, Instant)>,
}

/// Begins a migration; answered by its steps and its end.
pub(crate) fn begin(shared: &Arc<Shared>, job: JobId, plan: MigrationPlan) {
    let (guest, destination) = (plan.guest, plan.destination);
    if let Err(failure) = try_begin(shared, job, plan) {
        let as_known = |host| known_presence(shared, GuestKey { host, uuid: guest.uuid });
        let end = MigrationEnd {
            result: Err(failure),
            stats: None,
            source: as_known(guest.host),
            destination: as_known(destination),
        };
        shared.mailbox.put(Event::MigrationEnded { job, end });
    }
}

/// Where a host stands with a guest as far as its events told; for a migration that never began.
fn known_presence(shared: &Shared, guest: GuestKey) -> Presence {
    let Ok(host) = shared.host(guest.host) else { return Presence::Unreachable };
    if host.connect().is_err() {
        return Presence::Unreachable;
    }
    host.known().get(&guest.uuid).map_or(Presence::Absent, |guest| Presence::There {
        state: guest.state,
        reason: guest.reason,
        persistent: guest.persistent,
    })
}

fn try_begin(shared: &Arc<Shared>, job: JobId, plan: MigrationPlan) -> Result<(), Failure> {
    let MigrationPlan { guest, destination, options } = plan;
    let source = shared.host(guest.host)?;
    let destination = shared.host(destination)?;
    if source.id == destination.id {
        return Err(Failure::own(FailureKind::SameHost, "source and destination are the same"));
    }
    let (signals, heard) = channel();
    shared.moves.add(job, guest, Some(destination.id), signals.clone())?;
    let (orders, ordered) = channel();
    let cancelled = Arc::new(AtomicBool::new(false));
    let steering = (options.coverage != Coverage::Definition).then(|| Steering {
        source: Arc::clone(&source),
        uuid: guest.uuid,
        max_downtime_ms: options.max_downtime_ms.or(options.policy.initial_pause_ms()),
        pilot: Pilot::new(&options),
        orders: ordered,
        signals: signals.clone(),
    });
    let call = Call {
        source: Arc::clone(&source),
        destination: Arc::clone(&destination),
        uuid: guest.uuid,
        options,
        cancelled: Arc::clone(&cancelled),
        signals,
    };
    let course = Course {
        shared: Arc::clone(shared),
        job,
        uuid: guest.uuid,
        source,
        destination: Some(destination),
        ours: true,
        signals: heard,
        orders,
        cancelled,
        story: Story::default(),
        pulling: Vec::new(),
        accepted: false,
        given_up: None,
    };
    let begun = crate::backend::spawn("vireo-course", move || course.run(steering))
        .and_then(|()| crate::backend::spawn("vireo-move", move || call.run()));
    if begun.is_err() {
        shared.moves.remove(job);
    }
    begun
}

impl Course {
    /// Follows the migration to its end.
    pub(super) fn run(mut self, steering: Option<Steering>) {
        self.hosts(|host, uuid| host.inbox.guest_changed(uuid));
        let mut steering = steering;
        if !self.ours {
            self.start_steering(steering.take());
        }
        let result = self.follow(&mut steering);
        let end = self.end(result);
        self.shared.moves.remove(self.job);
        for job in std::mem::take(&mut self.pulling) {
            let over = Failure::own(FailureKind::Gone, "the migration is over");
            finish(&self.shared, job, Err(over));
        }
        self.shared.mailbox.put(Event::MigrationEnded { job: self.job, end });
        self.hosts(|host, _| host.inbox.everything_changed());
    }

    fn hosts(&self, tell: impl Fn(&Host, GuestUuid)) {
        tell(&self.source, self.uuid);
        if let Some(destination) = &self.destination {
            tell(destination, self.uuid);
            return;
        }
        // Where somebody else began it, any other host may have taken the guest for one on the move.
        for other in self.shared.hosts().iter().filter(|other| other.id != self.source.id) {
            other.inbox.guest_changed(self.uuid);
        }
    }

    fn start_steering(&self, steering: Option<Steering>) {
        let Some(steering) = steering else { return };
        if let Err(failure) = crate::backend::spawn("vireo-steering", move || steering.run()) {
            tracing::error!(?failure, "a migration cannot be followed");
        }
    }

    pub(super) fn step(&self, step: MigrationStep) {
        self.shared.mailbox.put(Event::MigrationStepped { job: self.job, step });
    }

    /// Hears until it is over.
    fn follow(&mut self, steering: &mut Option<Steering>) -> Result<(), Failure> {
        loop {
            let signal = match &self.given_up {
                None => self.signals.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some((_, since)) => {
                    let left = (*since + GIVING_UP).saturating_duration_since(Instant::now());
                    self.signals.recv_timeout(left)
                }
            };
            let Ok(signal) = signal else { return Err(self.reason_for_giving_up()) };
            match signal {
                Signal::Returned(result) => return result,
                Signal::Calling(ms) => {
                    self.step(MigrationStep::Started {
                        max_downtime: ms.map(Duration::from_millis),
                    });
                    self.start_steering(steering.take());
                }
                // Nothing else ends a move that somebody else called for.
                Signal::Told { event: GuestEvent::Turned(Turn::Torn), .. } if !self.ours => {
                    return Err(Failure::own(
                        FailureKind::PostcopyFailed,
                        "interrupted in the post-copy phase",
                    ));
                }
                Signal::Told { at_source, event } => {
                    if let Some(step) = self.story.told(at_source, &event) {
                        self.step(step);
                    }
                }
                Signal::Read(JobState::MigratingOut(sample)) => {
                    for step in self.story.read(sample, Instant::now()) {
                        self.step(step);
                    }
                }
                Signal::Read(JobState::Idle) | Signal::SourceLost(_) if self.ours => {}
                Signal::Read(JobState::Idle) => return self.outcome_elsewhere(),
                Signal::SourceLost(failure) if failure.kind == FailureKind::Gone => {
                    return self.outcome_elsewhere();
                }
                Signal::SourceLost(failure) => return Err(failure),
                Signal::DestinationLost(failure) => self.give_up(failure),
                Signal::Steered { job, lever } => self.steer(job, lever),
                Signal::Flown(pilot) => _ = self.orders.send(Order::Fly(pilot)),
                Signal::Pulled { job, lever, result } => self.pulled(job, lever, result),
                Signal::PolicyPulled {
                    lever: Lever::Cancel,
                    no_end: Some(why),
                    result: Ok(()),
                } => {
                    self.gave_up(why);
                }
                Signal::PolicyPulled { lever, result, .. } => self.told_of(lever, &result),
            }
        }
    }

    fn reason_for_giving_up(&self) -> Failure {
        self.given_up.as_ref().map_or_else(
            || Failure::own(FailureKind::Other, "the migration was lost sight of"),
            |(failure, _)| failure.clone(),
        )
    }

    /// The destination of a direct migration is gone: libvirt would go on until the copy is
    /// complete, so we abort at the source, where the guest goes on.
    fn give_up(&mut self, failure: Failure) {
        tracing::warn!(job = self.job.0, ?failure, "the destination is gone");
        if self.given_up.is_none() {
            self.given_up = Some((failure, Instant::now()));
            let _ = self.orders.send(Order::GiveUp);
        }
    }

    fn steer(&mut self, job: JobId, lever: Lever) {
        if lever == Lever::Cancel {
            self.cancelled.store(true, Ordering::SeqCst);
        }
        self.pulling.push(job);
        // Without a steering thread (a definition moves at once) it is answered at the end.
        let _ = self.orders.send(Order::Pull { job, lever });
    }

    fn pulled(&mut self, job: JobId, lever: Lever, result: Result<(), Failure>) {
        self.told_of(lever, &result);
        self.pulling.retain(|&pulling| pulling != job);
        finish(&self.shared, job, result.map(|()| Reply::Done));
    }

    /// The policy cancelled it; unless the user did so before, that is why it ends.
    fn gave_up(&mut self, why: NoEnd) {
        if !std::mem::replace(&mut self.accepted, true) {
            self.step(MigrationStep::GivenUp(why));
        }
    }

    fn told_of(&mut self, lever: Lever, result: &Result<(), Failure>) {
        match result {
            Ok(()) => self.lever_taken(lever),
            Err(failure) => self.step(MigrationStep::LeverRefused(failure.clone())),
        }
    }

    fn lever_taken(&mut self, lever: Lever) {
        let step = match lever {
            Lever::MaxDowntime(ms) => {
                Some(MigrationStep::MaxDowntimeChanged(Duration::from_millis(ms)))
            }
            Lever::Bandwidth(mibps) => Some(MigrationStep::BandwidthChanged(mibps)),
            Lever::Cancel => {
                self.accepted = true;
                Some(MigrationStep::Cancelling)
            }
            // Their events tell.
            Lever::PauseGuest | Lever::Postcopy => None,
        };
        if let Some(step) = step {
            self.step(step);
        }
    }

    /// How a migration ended that somebody else called for.
    fn outcome_elsewhere(&self) -> Result<(), Failure> {
        let source = self.source.connect();
        match source.and_then(|connect| job::completed(&connect, self.uuid)) {
            Ok((result, _)) => result,
            // The source has no guest, and so no figures, any more: it went.
            Err(failure) if failure.kind == FailureKind::Gone => Ok(()),
            Err(failure) => Err(failure),
        }
    }
}

impl Course {
    /// The guest at its source.
    pub(super) fn guest(&self) -> GuestKey {
        GuestKey { host: self.source.id, uuid: self.uuid }
    }
}
