//! Takes requests and hands each to the thread that carries it out. Never calls libvirt itself.

use std::sync::Arc;

use super::actions::{self, finish};
use super::host::Host;
use super::libvirt;
use super::request::{Request, RequestBody};
use super::shared::Shared;
use super::{control, inspection, migration, storage, survey};
use crate::migration::Pilot;
use crate::model::{ConnectionState, Event, Failure, FailureKind, HostId, JobId, Reply};

/// Starts libvirt's event loop, for the life of the process. Must come before any connection.
///
/// # Errors
///
/// libvirt's, or that there is no thread.
pub(crate) fn start_event_loop() -> Result<(), Failure> {
    use std::sync::OnceLock;
    static STARTED: OnceLock<Result<(), Failure>> = OnceLock::new();
    STARTED
        .get_or_init(|| {
            libvirt::silence_default_errors();
            libvirt::register_event_loop()?;
            super::spawn("vireo-events", || {
                loop {
                    if let Err(failure) = libvirt::run_event_loop_once() {
                        tracing::error!(?failure, "libvirt's event loop");
                        return;
                    }
                }
            })
        })
        .clone()
}

/// Takes requests until their channel is closed.
pub(crate) fn serve(shared: &Arc<Shared>, requests: &async_channel::Receiver<Request>) {
    while let Ok(Request { job, body }) = requests.recv_blocking() {
        tracing::debug!(job = job.0, "request");
        route(shared, job, body);
    }
}

fn route(shared: &Arc<Shared>, job: JobId, body: RequestBody) {
    match body {
        RequestBody::Open { host, spec } => open(shared, host, spec.uri),
        RequestBody::Close(host) => close(shared, host),
        RequestBody::Test { host, uri } => actions::test(shared, job, host, uri),
        RequestBody::Answer(answer) => {
            if !shared.questions.answer(job, answer) {
                tracing::debug!(job = job.0, "an answer came too late");
            }
        }
        RequestBody::Refresh(host) => refresh(shared, job, host),
        RequestBody::Act { guest, action } => actions::act(shared, job, guest, action),
        RequestBody::MigrationDefaults(guest) => actions::migration_defaults(shared, job, guest),
        RequestBody::Inspect(wish) => inspection::begin(shared, job, *wish),
        RequestBody::Survey(routes) => survey::begin(shared, job, routes),
        RequestBody::Mend { guest, destination, mend } => {
            actions::mend(shared, job, guest, destination, mend);
        }
        RequestBody::WatchMemory { guest, seconds } => {
            actions::watch_memory(shared, job, guest, seconds);
        }
        RequestBody::GuestXml(guest) => actions::guest_xml(shared, job, guest),
        RequestBody::Migrate(plan) => migration::begin(shared, job, *plan),
        RequestBody::Steer { of, lever } => {
            if let Err(failure) = shared.moves.steer(of, job, lever) {
                finish(shared, job, Err(failure));
            }
        }
        RequestBody::FollowPolicy { of, options } => {
            let taken = shared.moves.follow_policy(of, Pilot::new(&options));
            finish(shared, job, taken.map(|()| Reply::Done));
        }
        RequestBody::WhereIs { guest, destination } => {
            migration::where_is(shared, job, guest, destination);
        }
        RequestBody::Repair(wish) => migration::repair(shared, job, *wish),
        RequestBody::Storage(wish) => storage::begin(shared, job, wish),
        RequestBody::Watch(on) => shared.watching.set_on(on),
    }
}

fn open(shared: &Arc<Shared>, id: HostId, uri: String) {
    let host = Arc::new(Host::new(id, uri, Arc::clone(shared)));
    if let Some(earlier) = shared.insert(Arc::clone(&host)) {
        earlier.close(None);
    }
    let runner = Arc::clone(&host);
    host.inbox.set_serving(true);
    let run = move || {
        control::run(&runner);
        runner.inbox.set_serving(false);
        for job in runner.inbox.take_waiting() {
            finish(&runner.shared, job, Err(not_open()));
        }
    };
    if let Err(failure) = super::spawn("vireo-host", run) {
        host.inbox.set_serving(false);
        let state = ConnectionState::Failed(failure);
        host.report(Event::ConnectionChanged { host: id, state });
    }
}

fn close(shared: &Arc<Shared>, id: HostId) {
    let last = Event::ConnectionChanged { host: id, state: ConnectionState::Disconnected };
    match shared.remove(id) {
        Some(host) => host.close(Some(last)),
        None => shared.mailbox.put(last),
    }
    shared.watching.wake();
}

fn refresh(shared: &Arc<Shared>, job: JobId, id: HostId) {
    let taken = shared.host(id).is_ok_and(|host| host.inbox.refresh(job));
    if !taken {
        finish(shared, job, Err(not_open()));
    }
}

fn not_open() -> Failure {
    Failure::own(FailureKind::LinkLost, "the host is not connected")
}
