//! Mending what a move left behind. Both hosts are asked again right before: a repair that was right
//! a minute ago may be wrong now, and a wrong one could run a guest twice.

use std::sync::Arc;

use super::asking;
use crate::backend::actions::finish;
use crate::backend::host::Host;
use crate::backend::libvirt::host::version;
use crate::backend::libvirt::moving::{Moving, Way};
use crate::backend::libvirt::{guest, repairing};
use crate::backend::opener::long_connection;
use crate::backend::request::RepairWish;
use crate::backend::shared::Shared;
use crate::migration::Transport;
use crate::migration::repair::{Repair, crashes_on_recovery, repair};
use crate::model::{Failure, FailureKind, GuestAction, GuestUuid, JobId, Reply, Standing};

/// Carries a repair out; answered by where both hosts stand afterwards.
pub(crate) fn begin(shared: &Arc<Shared>, job: JobId, wish: RepairWish) {
    let working = Arc::clone(shared);
    let spawned = crate::backend::spawn("vireo-repair", move || {
        let result = mend(&working, &wish);
        finish(&working, job, result.map(Reply::Standing));
    });
    if let Err(failure) = spawned {
        finish(shared, job, Err(failure));
    }
}

fn mend(shared: &Arc<Shared>, wish: &RepairWish) -> Result<Standing, Failure> {
    let uuid = wish.guest.uuid;
    let source = shared.host(wish.guest.host)?;
    let destination = shared.host(wish.destination)?;
    let standing = asking::of(Some(&source), std::slice::from_ref(&destination), uuid);
    if standing.moving || shared.moves.involves(source.id, uuid) {
        return Err(Failure::own(FailureKind::Busy, "a migration of this guest is under way"));
    }
    let offered = (wish.case.source, wish.case.destination);
    if (standing.source, standing.destination) != offered || repair(&wish.case) != Some(wish.repair)
    {
        return Err(Failure::own(
            FailureKind::WrongState,
            format!(
                "not done: at the source it is {:?}, at the destination {:?}; it was offered for {offered:?}",
                standing.source, standing.destination
            ),
        ));
    }
    if let Some(third) = active_elsewhere(shared, [&source, &destination], uuid) {
        let text = format!("not done: the guest is active at {}, too", third.uri);
        return Err(Failure::own(FailureKind::WrongState, text));
    }
    let done = act(&source, &destination, wish);
    for host in [&source, &destination] {
        host.inbox.guest_changed(uuid);
    }
    done.map(|()| asking::of(Some(&source), std::slice::from_ref(&destination), uuid))
}

/// A third host that has the guest active.
fn active_elsewhere(shared: &Shared, both: [&Arc<Host>; 2], uuid: GuestUuid) -> Option<Arc<Host>> {
    shared.hosts().into_iter().find(|host| {
        both.iter().all(|own| !own.is_same_as(host))
            && host.known().get(&uuid).is_some_and(|guest| guest.state.is_active())
    })
}

fn act(source: &Arc<Host>, destination: &Arc<Host>, wish: &RepairWish) -> Result<(), Failure> {
    let uuid = wish.guest.uuid;
    match wish.repair {
        Repair::ResumeAtSource => guest::act(&source.connect()?, uuid, GuestAction::Resume),
        Repair::ResumeAtDestination => {
            guest::act(&destination.connect()?, uuid, GuestAction::Resume)
        }
        Repair::RemoveFromSource => repairing::remove(&source.connect()?, uuid),
        Repair::RemoveFromDestination => repairing::remove(&destination.connect()?, uuid),
        Repair::UndefineAtSource => repairing::undefine(&source.connect()?, uuid),
        Repair::UndefineAtDestination => repairing::undefine(&destination.connect()?, uuid),
        Repair::DefineAtDestination => {
            // An edited definition was meant for there: that one runs there.
            let pattern = source.connect().ok().filter(|_| wish.options.destination_xml.is_none());
            repairing::define(&destination.connect()?, pattern.as_ref(), uuid)
        }
        Repair::ResumePostcopy => resume_postcopy(source, destination, wish),
    }
}

fn resume_postcopy(
    source: &Arc<Host>,
    destination: &Arc<Host>,
    wish: &RepairWish,
) -> Result<(), Failure> {
    let way = if wish.options.transport == Transport::Direct {
        Way::Direct(long_connection(destination)?)
    } else {
        let uri = wish.options.destination_uri.clone();
        Way::PeerToPeer(uri.unwrap_or_else(|| destination.uri.clone()))
    };
    let version = version(&destination.connect()?);
    if crashes_on_recovery(version) {
        let text = "qemuProcessIncomingDefNew at the destination would read through a null pointer \
                    when post-copy is taken up";
        return Err(Failure::own(FailureKind::Unsupported, text));
    }
    let connect = long_connection(source)?;
    Moving::find(&connect, wish.guest.uuid)?.resume_postcopy(&way, &wish.options)
}
