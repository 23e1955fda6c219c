//! Requests about one guest, each answered by `Finished` after libvirt returned.

use std::sync::Arc;

use super::host::Host;
use super::libvirt::mending::Sides;
use super::libvirt::{Connect, dirty_rate, guest, host as host_facts, job, mending};
use super::opener;
use super::shared::Shared;
use crate::migration::checks::{Mend, MendPlace};
use crate::model::{Event, Failure, GuestAction, GuestKey, HostId, JobId, JobResult, Reply};

/// Tells the outcome of a request. It is told even when the host was closed meanwhile.
pub(crate) fn finish(shared: &Shared, job: JobId, result: JobResult) {
    tracing::debug!(job = job.0, failure = ?result.as_ref().err(), "answered");
    shared.mailbox.put(Event::Finished { job, result });
}

/// Does a small thing to a guest.
pub(crate) fn act(shared: &Arc<Shared>, job: JobId, key: GuestKey, action: GuestAction) {
    call(shared, job, key, line(action), move |connect, host| {
        let done = guest::act(connect, key.uuid, action);
        // Some changes have no event: autostart, a saved state thrown away.
        host.inbox.guest_changed(key.uuid);
        done.map(|()| Reply::Done)
    });
}

/// Saving writes the guest's whole memory; restoring reads it again.
const fn line(action: GuestAction) -> Line {
    if matches!(action, GuestAction::Save) { Line::Long } else { Line::Short }
}

/// Reads a guest's XML.
pub(crate) fn guest_xml(shared: &Arc<Shared>, job: JobId, key: GuestKey) {
    call(shared, job, key, Line::Short, move |connect, _| {
        guest::xml(connect, key.uuid).map(Reply::GuestXml)
    });
}

/// Reads what a migration dialog starts from.
pub(crate) fn migration_defaults(shared: &Arc<Shared>, job: JobId, key: GuestKey) {
    call(shared, job, key, Line::Short, move |connect, _| {
        let xml =
            guest::migratable_xml(connect, key.uuid).or_else(|_| guest::xml(connect, key.uuid))?;
        let max_downtime_ms = job::max_downtime(connect, key.uuid).ok();
        Ok(Reply::MigrationDefaults { max_downtime_ms, xml })
    });
}

/// Watches what a guest rewrites. Beside a move it would slow both down, and tell the wrong number.
pub(crate) fn watch_memory(shared: &Arc<Shared>, job: JobId, key: GuestKey, seconds: u32) {
    call(shared, job, key, Line::Watch, move |connect, host| {
        let stop = || host.is_closed() || host.shared.moves.involves(key.host, key.uuid);
        dirty_rate::watch(connect, key.uuid, seconds, &stop).map(Reply::MemoryWatch)
    });
}

/// Removes an obstacle, with the connections of both hosts.
pub(crate) fn mend(
    shared: &Arc<Shared>,
    job: JobId,
    key: GuestKey,
    destination: HostId,
    mend: Mend,
) {
    let (at, other) = match mend.place() {
        MendPlace::Destination | MendPlace::Choice => (destination, key.host),
        MendPlace::Source => (key.host, destination),
    };
    let other = match shared.host(other) {
        Ok(other) => other,
        Err(failure) => return finish(shared, job, Err(failure)),
    };
    call(shared, job, GuestKey { host: at, ..key }, Line::Short, move |connect, _| {
        let other = other.connect()?;
        let sides = match mend.place() {
            MendPlace::Source => Sides { source: connect, destination: &other },
            MendPlace::Destination | MendPlace::Choice => {
                Sides { source: &other, destination: connect }
            }
        };
        mending::mend(sides, key.uuid, &mend).map(|()| Reply::Done)
    });
}

/// Where a request waits in line, and on which connection it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    /// With other small calls, on the host's connection.
    Short,
    /// With others that may take minutes, on a connection of its own.
    Long,
    /// With others that watch for seconds, on a connection of its own.
    Watch,
}

fn call(
    shared: &Arc<Shared>,
    job: JobId,
    key: GuestKey,
    line: Line,
    work: impl FnOnce(&Connect, &Host) -> JobResult + Send + 'static,
) {
    let host = match shared.host(key.host) {
        Ok(host) => host,
        Err(failure) => return finish(shared, job, Err(failure)),
    };
    let lane = match line {
        Line::Short => &host.short,
        Line::Long => &host.long,
        Line::Watch => &host.watches,
    };
    lane.clone().run(Some(key.uuid), move || {
        let own = line != Line::Short;
        let connect = if own { opener::long_connection(&host) } else { host.connect() };
        let result = connect.and_then(|connect| work(&connect, &host));
        finish(&host.shared, job, result);
    });
}

/// Opens a connection only to see whether it works.
pub(crate) fn test(shared: &Arc<Shared>, job: JobId, id: HostId, uri: String) {
    let host = Arc::new(Host::new(id, uri, Arc::clone(shared)));
    let shared = Arc::clone(shared);
    let spawned = super::spawn("vireo-test", {
        let shared = Arc::clone(&shared);
        move || finish(&shared, job, try_out(&host))
    });
    if let Err(failure) = spawned {
        finish(&shared, job, Err(failure));
    }
}

fn try_out(host: &Arc<Host>) -> Result<Reply, Failure> {
    let connect = opener::open(host, opener::LIMIT)?;
    let facts = host_facts::describe(&connect)?;
    Ok(Reply::Tested(Box::new(facts)))
}
