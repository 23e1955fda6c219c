//! Where two hosts stand with a guest, asked of both at once.

use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use super::found;
use crate::backend::actions::finish;
use crate::backend::host::Host;
use crate::backend::libvirt::moving;
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
        let standing = of(source.as_ref(), destination.as_slice(), guest.uuid);
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

/// Asks the source, and every host that may be the destination, at once. A host that is not told is
/// unreachable.
pub(super) fn of(
    source: Option<&Arc<Host>>,
    destinations: &[Arc<Host>],
    uuid: GuestUuid,
) -> Standing {
    let here = asked(source, uuid);
    let there: Vec<_> = destinations.iter().map(|host| asked(Some(host), uuid)).collect();
    let (source, moving) = here();
    let destination = plainest(there.into_iter().map(|presence| presence().0));
    Standing { source, destination, moving }
}

/// Of what several hosts say, what settles where the guest is: the host that runs it, else one that
/// has it; it is absent only where every one of them said so.
fn plainest(said: impl Iterator<Item = Presence>) -> Presence {
    let weight = |presence: &Presence| match presence {
        Presence::There { state, .. } if state.is_active() => 3,
        Presence::There { .. } => 2,
        Presence::Unreachable => 1,
        Presence::Absent => 0,
    };
    said.max_by_key(weight).unwrap_or(Presence::Unreachable)
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
    let ask = |connect| moving::seen_on(&connect, uuid);
    match host.connect().map(ask) {
        Ok((presence, moving)) if presence != Presence::Unreachable => (presence, moving),
        _ if host.is_in_process() => (Presence::Unreachable, false),
        _ => opener::open(host, ASKING).map_or((Presence::Unreachable, false), ask),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{GuestState, StateReason};

    #[test]
    fn of_several_hosts_the_one_that_runs_the_guest_counts() {
        let there = |state| Presence::There { state, reason: StateReason::None, persistent: true };
        let (runs, off) = (there(GuestState::Running), there(GuestState::ShutOff));
        let (absent, unreachable) = (Presence::Absent, Presence::Unreachable);
        let of = |said: &[Presence]| plainest(said.iter().copied());
        assert_eq!(of(&[absent, off, runs, unreachable]), runs);
        assert_eq!(of(&[absent, unreachable, off]), off);
        assert_eq!(of(&[absent, unreachable]), unreachable, "it may be there");
        assert_eq!(of(&[absent, absent]), absent);
        assert_eq!(of(&[]), unreachable);
    }
}
