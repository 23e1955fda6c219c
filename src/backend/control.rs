//! The control thread of a host: connects, lists, follows events, connects again.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use super::actions::finish;
use super::host::Host;
use super::inbox::Work;
use super::libvirt::guest::{self, Depth};
use super::libvirt::{CloseWatch, Connect, EventWatch, GuestEvent, PoolWatch, host as host_facts};
use super::{migration, opener, poller, storage};
use crate::model::{
    ConnectionState, Event, Failure, FailureKind, Guest, GuestUuid, PoolUuid, Reply,
};

/// Seconds before each attempt to connect again; the last for all that follow.
const BACK_OFF: [u64; 5] = [1, 2, 5, 10, 30];

/// Everything is read again this often, whatever events said.
const RESYNC: Duration = Duration::from_secs(60);

/// Up to so many changed guests are read one by one, more in bulk.
const FEW: usize = 8;

/// A bulk reading that takes longer hangs on a frozen guest.
const BULK_LIMIT: Duration = Duration::from_secs(3);

/// Runs until the host is closed or does not open.
pub(crate) fn run(host: &Arc<Host>) {
    state_changed(host, ConnectionState::Connecting);
    let mut attempt = 0;
    let mut was_connected = false;
    loop {
        let reason = match opener::open(host, opener::LIMIT) {
            Ok(connect) => {
                (attempt, was_connected) = (0, true);
                match session(host, &connect) {
                    Some(failure) => failure,
                    None => return,
                }
            }
            Err(failure) if !was_connected || wants_the_user(&failure) => {
                state_changed(host, ConnectionState::Failed(failure));
                return;
            }
            Err(failure) => failure,
        };
        let wait_s = BACK_OFF[attempt.min(BACK_OFF.len() - 1)];
        attempt += 1;
        let number = u32::try_from(attempt).unwrap_or(u32::MAX);
        state_changed(host, ConnectionState::Reconnecting { attempt: number, wait_s, reason });
        if !host.inbox.pause(Duration::from_secs(wait_s)) {
            return;
        }
    }
}

/// Failures that no further attempt cures by itself.
fn wants_the_user(failure: &Failure) -> bool {
    matches!(
        failure.kind,
        FailureKind::Authentication
            | FailureKind::Cancelled
            | FailureKind::Denied
            | FailureKind::BadUri
            | FailureKind::ToolMissing
    )
}

fn state_changed(host: &Host, state: ConnectionState) {
    host.report(Event::ConnectionChanged { host: host.id, state });
}

/// One connection from open to lost; why it was lost, or `None` when the host was closed.
fn session(host: &Arc<Host>, connect: &Connect) -> Option<Failure> {
    host.inbox.clear();
    let inbox = Arc::clone(&host.inbox);
    let closing = CloseWatch::new(connect, move |failure| inbox.lost(failure)).ok();
    let outcome = follow(host, connect);
    host.set_link(None);
    host.storage.reset();
    host.shared.watching.wake();
    drop(closing);
    outcome
}

fn follow(host: &Arc<Host>, connect: &Connect) -> Option<Failure> {
    let sink = event_sink(host);
    let mut events = match EventWatch::lifecycle(connect, sink.clone()) {
        Ok(events) => events,
        Err(failure) => return Some(failure),
    };
    host.set_link(Some(connect.clone()));
    state_changed(host, ConnectionState::Connected);
    if let Err(failure) = list(host, connect, true) {
        return Some(failure);
    }
    describe(host);
    events.others(sink);
    let _pools = PoolWatch::new(connect, pool_sink(host));
    poller::start(host);
    migration::look_for_running(host);
    serve(host, connect)
}

/// Where the events of a connection go: to migrations at once, to the control thread as hints.
fn event_sink(host: &Arc<Host>) -> impl Fn(GuestUuid, GuestEvent) + Clone + Send + Sync + 'static {
    let (id, inbox, shared) = (host.id, Arc::clone(&host.inbox), Arc::clone(&host.shared));
    move |uuid, event| {
        let ours = shared.moves.tell(id, uuid, &event);
        match event {
            GuestEvent::Iteration(_) if !ours => migration::look_for(&shared, id, uuid),
            GuestEvent::Iteration(_) => {}
            _ => inbox.guest_changed(uuid),
        }
    }
}

/// Where the events of its pools go. The host outlives its connection, so it is held weakly.
fn pool_sink(host: &Arc<Host>) -> impl Fn(PoolUuid) + Clone + Send + Sync + 'static {
    let host = Arc::downgrade(host);
    move |pool| {
        if let Some(host) = host.upgrade() {
            storage::pool_changed(&host, pool);
        }
    }
}

fn serve(host: &Arc<Host>, connect: &Connect) -> Option<Failure> {
    let mut read_at = Instant::now();
    let mut resync_at = read_at + RESYNC;
    loop {
        let done = match host.inbox.next(read_at, resync_at) {
            Work::Stop => return None,
            Work::Lost(failure) => return Some(failure),
            Work::Read(dirty) if dirty.len() <= FEW => read_each(host, connect, &dirty),
            Work::Read(_) => list(host, connect, false),
            Work::ReadAll => {
                resync_at = Instant::now() + RESYNC;
                list(host, connect, false)
            }
        };
        read_at = Instant::now();
        match done {
            Err(failure) if failure.kind == FailureKind::LinkLost => return Some(failure),
            Err(failure) => tracing::warn!(host = host.id.0, ?failure, "reading guests failed"),
            Ok(()) => {}
        }
    }
}

/// Lists all guests; the first time as a list, later as what changed.
fn list(host: &Arc<Host>, connect: &Connect, first: bool) -> Result<(), Failure> {
    let waiting = host.inbox.take_waiting();
    let listed = list_and_report(host, connect, first);
    for job in waiting {
        finish(&host.shared, job, listed.clone().map(|()| Reply::Done));
    }
    listed
}

fn list_and_report(host: &Arc<Host>, connect: &Connect, first: bool) -> Result<(), Failure> {
    let mut guests = list_within_limit(host, connect)?;
    for guest in &mut guests {
        guest.migrating |= host.shared.moves.involves(host.id, guest.key.uuid);
    }
    let known: HashMap<_, _> = guests.iter().map(|guest| (guest.key.uuid, guest.clone())).collect();
    let before = std::mem::replace(&mut *host.known(), known);
    if first {
        host.report(Event::GuestsListed { host: host.id, guests });
        return Ok(());
    }
    let removed = before.keys().filter(|uuid| !host.known().contains_key(uuid)).copied().collect();
    let changed =
        guests.into_iter().filter(|guest| before.get(&guest.key.uuid) != Some(guest)).collect();
    report_changes(host, changed, removed);
    Ok(())
}

/// A full listing asks each running guest's QEMU, and one frozen QEMU hangs the whole call for
/// ever (libvirt-rust.md §3). So it runs on a thread of its own; when it hangs, a listing that asks
/// no QEMU follows.
fn list_within_limit(host: &Arc<Host>, connect: &Connect) -> Result<Vec<Guest>, Failure> {
    if host.is_in_process() {
        return guest::list(connect, host.id, Depth::Full);
    }
    if !host.set_bulk_hangs(true) {
        let (sender, listed) = sync_channel(1);
        let (lister, link) = (Arc::clone(host), connect.clone());
        super::spawn("vireo-list", move || {
            let result = guest::list(&link, lister.id, Depth::Full);
            lister.set_bulk_hangs(false);
            let _ = sender.send(result);
        })?;
        if let Ok(result) = listed.recv_timeout(BULK_LIMIT) {
            return result;
        }
    }
    guest::list(connect, host.id, Depth::Careful)
}

fn read_each(host: &Arc<Host>, connect: &Connect, dirty: &[GuestUuid]) -> Result<(), Failure> {
    let (mut changed, mut removed) = (Vec::new(), Vec::new());
    // A guest has disks that [`Guest`] does not tell of.
    let all = host.storage.watches_disks();
    for &uuid in dirty {
        match guest::read(connect, host.id, uuid)? {
            Some(mut guest) => {
                guest.migrating |= host.shared.moves.involves(host.id, uuid);
                let old = host.known().insert(uuid, guest.clone());
                if all || old.as_ref() != Some(&guest) {
                    changed.push(guest);
                }
            }
            None => {
                if host.known().remove(&uuid).is_some() {
                    removed.push(uuid);
                }
            }
        }
    }
    report_changes(host, changed, removed);
    Ok(())
}

fn report_changes(host: &Arc<Host>, changed: Vec<Guest>, removed: Vec<GuestUuid>) {
    migration::look_for_incoming(host, &changed);
    if !changed.is_empty() || !removed.is_empty() {
        host.report(Event::GuestsChanged { host: host.id, changed, removed });
    }
}

/// Capabilities can take seconds the first time, so they are asked beside the control thread.
fn describe(host: &Arc<Host>) {
    let asked = Arc::clone(host);
    host.short.run(None, move || {
        let facts = asked.connect().and_then(|connect| host_facts::describe(&connect));
        match facts {
            Ok(facts) => {
                if !facts.host_uuid.is_empty() {
                    let _ = asked.host_uuid.set(facts.host_uuid.clone());
                }
                let facts = Box::new(facts);
                asked.report(Event::HostDescribed { host: asked.id, facts });
            }
            Err(failure) => tracing::warn!(?failure, "a host does not describe itself"),
        }
    });
}
