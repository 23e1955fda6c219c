//! Migrations that this program did not begin, or began in an earlier life.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::channel;
use std::time::Duration;

use super::course::Course;
use super::steering::Steering;
use super::story::Story;
use crate::backend::host::Host;
use crate::backend::libvirt::Connect;
use crate::backend::libvirt::guest::is_migrating;
use crate::backend::libvirt::moving::{self, Moving};
use crate::backend::shared::Shared;
use crate::model::{Event, Failure, Guest, GuestKey, GuestUuid, HostId, MigrationStep};

/// When a host is connected, the jobs of so many active guests are read one by one, after all else.
/// On larger hosts a running migration is found by its events and at its destination.
const FEW: usize = 64;

/// Looks whether a guest has a migration under way that this program did not begin.
pub(crate) fn look_for(shared: &Arc<Shared>, host: HostId, uuid: GuestUuid) {
    let Ok(host) = shared.host(host) else { return };
    let looking = Arc::clone(&host);
    host.short.run(Some(uuid), move || look(&looking, uuid));
}

/// Looks for migrations that run already when a host is connected.
pub(crate) fn look_for_running(host: &Arc<Host>) {
    if host.is_in_process() {
        return;
    }
    let active: Vec<_> = host
        .known()
        .values()
        .filter(|guest| guest.state.is_active())
        .map(|guest| (guest.key.uuid, guest.migrating))
        .collect();
    let few = active.len() <= FEW;
    let looking = Arc::clone(host);
    host.short.run(None, move || {
        for (uuid, migrating) in active {
            if few || migrating {
                look(&looking, uuid);
            }
        }
    });
    let known: Vec<_> = host.known().values().cloned().collect();
    look_for_incoming(host, &known);
}

/// Looks for migrations whose guest just stopped at its source, or appeared at its destination:
/// then every other host that has it active may be the source.
pub(crate) fn look_for_incoming(host: &Arc<Host>, changed: &[Guest]) {
    for guest in changed.iter().filter(|guest| is_migrating(guest.reason)) {
        let uuid = guest.key.uuid;
        for other in host.shared.hosts() {
            let has = other.known().get(&uuid).is_some_and(|guest| guest.state.is_active());
            if has && !other.shared.moves.involves(other.id, uuid) {
                look_for(&host.shared, other.id, uuid);
            }
        }
    }
}

fn look(host: &Arc<Host>, uuid: GuestUuid) {
    if host.is_closed() || host.shared.moves.involves(host.id, uuid) {
        return;
    }
    let Ok(connect) = host.connect() else { return };
    let (_, moving) = moving::seen_on(&connect, uuid);
    if moving && let Err(failure) = take_up(host, &connect, uuid) {
        tracing::warn!(?failure, "a running migration was not taken up");
    }
}

/// What is set for a move that somebody began, as far as the hypervisor tells.
fn settings(connect: &Connect, uuid: GuestUuid) -> Vec<MigrationStep> {
    let Ok(moving) = Moving::find(connect, uuid) else { return Vec::new() };
    let max_downtime = moving.max_downtime().ok().map(Duration::from_millis);
    let limit = moving.bandwidth().ok().flatten();
    let mut steps = vec![MigrationStep::Started { max_downtime }];
    steps.extend(limit.map(|limit| MigrationStep::BandwidthChanged(Some(limit))));
    steps
}

/// Follows a running migration from here on as if it were our own.
fn take_up(source: &Arc<Host>, connect: &Connect, uuid: GuestUuid) -> Result<(), Failure> {
    let shared = &source.shared;
    let job = shared.next_job();
    let (signals, heard) = channel();
    shared.moves.add(job, GuestKey { host: source.id, uuid }, None, signals.clone())?;
    let (orders, ordered) = channel();
    let steering = Steering {
        source: Arc::clone(source),
        uuid,
        max_downtime_ms: None,
        pilot: None,
        orders: ordered,
        signals,
    };
    let course = Course {
        shared: Arc::clone(shared),
        job,
        uuid,
        source: Arc::clone(source),
        destination: None,
        ours: false,
        signals: heard,
        orders,
        cancelled: Arc::new(AtomicBool::new(false)),
        story: Story::default(),
        pulling: Vec::new(),
        accepted: false,
        given_up: None,
    };
    shared.mailbox.put(Event::MigrationFound { job, guest: course.guest() });
    for step in settings(connect, uuid) {
        course.step(step);
    }
    let begun = crate::backend::spawn("vireo-course", move || course.run(Some(steering)));
    if begun.is_err() {
        shared.moves.remove(job);
    }
    begun
}
