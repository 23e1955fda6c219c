//! Where two hosts stand with a guest, asked of both at once.

use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use super::found;
use crate::backend::actions::finish;
use crate::backend::host::Host;
use crate::backend::libvirt::guest;
use crate::backend::libvirt::job::JobState;
use crate::backend::libvirt::moving::Moving;
use crate::backend::opener;
use crate::backend::shared::Shared;
use crate::model::{GuestKey, GuestUuid, HostId, JobId, Presence, Reply, Standing};

/// How long a host may take to say where it stands with the guest.
const ASKING: Duration = Duration::from_secs(5);

/// Asks both hosts of a move; answered by `Reply::Standing`. A host that is not open is unreachable.
pub(crate) fn where_is(shared: &Arc<Shared>, job: JobId, guest: GuestKey, destination: HostId) {
    let asking = Arc::clone(shared);
    let spawned = crate::backend::spawn("vireo-where", move || {
        let (source, destination) = (asking.host(guest.host).ok(), asking.host(destination).ok());
        let standing = both(source.as_ref(), destination.as_ref(), guest.uuid);
        if standing.moving {
            // Whoever asks believed that it was over.
            found::look_for(&asking, guest.host, guest.uuid);
        }
        finish(&asking, job, Ok(Reply::Standing(standing)));
    });
    if let Err(failure) = spawned {
        finish(shared, job, Err(failure));
    }
}

/// Asks both hosts at once. A host that is not told is unreachable.
pub(super) fn both(
    source: Option<&Arc<Host>>,
    destination: Option<&Arc<Host>>,
    uuid: GuestUuid,
) -> Standing {
    let (here, there) = (asked(source, uuid), asked(destination, uuid));
    let ((source, moving), (destination, _)) = (here(), there());
    Standing { source, destination, moving }
}

/// Asks a host where it stands with a guest, on a thread that may be left behind; the function
/// returned waits for its answer.
fn asked(host: Option<&Arc<Host>>, uuid: GuestUuid) -> impl FnOnce() -> (Presence, bool) + use<> {
    let (sender, told) = sync_channel(1);
    if let Some(host) = host {
        let host = Arc::clone(host);
        let spawned = crate::backend::spawn("vireo-where", move || {
            let _ = sender.send(presence(&host, uuid));
        });
        if let Err(failure) = spawned {
            tracing::error!(?failure, "a host cannot be asked");
        }
    }
    move || told.recv_timeout(ASKING).unwrap_or((Presence::Unreachable, false))
}

/// Asks over the host's own connection, and when that is broken over a new one: where it stands,
/// and whether a move out of it runs.
fn presence(host: &Arc<Host>, uuid: GuestUuid) -> (Presence, bool) {
    let ask = |connect| {
        let moving = || Moving::find(&connect, uuid).and_then(|moving| moving.job());
        let presence = guest::presence(&connect, uuid);
        let active = matches!(presence, Presence::There { state, .. } if state.is_active());
        (presence, active && matches!(moving(), Ok(JobState::MigratingOut(_))))
    };
    match host.connect().map(ask) {
        Ok((presence, moving)) if presence != Presence::Unreachable => (presence, moving),
        _ if host.is_in_process() => (Presence::Unreachable, false),
        _ => opener::open(host, ASKING).map_or((Presence::Unreachable, false), ask),
    }
}
