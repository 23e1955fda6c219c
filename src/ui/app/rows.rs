//! From changes of the inventory to updates of the tree: pure.

use std::sync::Arc;

use crate::model::{Change, GuestKey, HostId, Inventory, Samples, Whereabouts};
use crate::ui::labels::Place;
use crate::ui::manager::{Figures, RowUpdate};
use crate::ui::views::{GuestView, HostView};

/// How far a guest's migration is, if one runs.
pub(super) type Progress<'a> = &'a dyn Fn(GuestKey) -> Option<f64>;

/// What the tree must change. `Sampled` changes carry no figures: those come with [`figures`].
pub(super) fn updates(
    inventory: &Inventory,
    progress: Progress<'_>,
    changes: &[Change],
) -> Vec<RowUpdate> {
    let mut updates = Vec::new();
    for change in changes {
        match change {
            Change::HostAdded(id) => updates.extend(host(inventory, *id).map(RowUpdate::HostAdded)),
            Change::HostChanged(id) => updates.extend(changed(inventory, *id)),
            Change::HostRemoved(id) => updates.push(RowUpdate::HostRemoved(*id)),
            Change::GuestsAdded(id, keys) => {
                updates.push(RowUpdate::GuestsAdded(*id, guests(inventory, progress, keys)));
                updates.extend(changed(inventory, *id));
            }
            Change::GuestsChanged(_, keys) => {
                updates.push(RowUpdate::GuestsChanged(guests(inventory, progress, keys)));
            }
            Change::GuestsRemoved(id, keys) => {
                let uuids = keys.iter().map(|key| key.uuid).collect();
                updates.push(RowUpdate::GuestsRemoved(*id, uuids));
                updates.extend(changed(inventory, *id));
            }
            Change::Sampled(_) => {}
        }
    }
    updates
}

fn changed(inventory: &Inventory, id: HostId) -> Option<RowUpdate> {
    host(inventory, id).map(RowUpdate::HostChanged)
}

/// One host as the windows show it.
pub(super) fn host(inventory: &Inventory, id: HostId) -> Option<HostView> {
    let host = inventory.host(id)?;
    Some(HostView {
        id,
        name: host.name().to_owned(),
        state: host.state.clone(),
        facts: host.facts.clone(),
        guests: host.guest_count(),
        stalled: host.stalled,
    })
}

fn guests(inventory: &Inventory, progress: Progress<'_>, keys: &[GuestKey]) -> Vec<GuestView> {
    let Some(host) = keys.first().and_then(|key| inventory.host(key.host)) else {
        return Vec::new();
    };
    let host_name: Arc<str> = host.name().into();
    keys.iter().filter_map(|&key| view(inventory, progress, key, &host_name)).collect()
}

fn view(
    inventory: &Inventory,
    progress: Progress<'_>,
    key: GuestKey,
    host_name: &Arc<str>,
) -> Option<GuestView> {
    Some(GuestView {
        guest: inventory.guest(key)?.clone(),
        place: place(inventory, key),
        fresh: inventory.host(key.host).is_some_and(|host| host.state.is_connected()),
        host_name: Arc::clone(host_name),
        progress: progress(key),
    })
}

/// One guest as the windows show it.
pub(super) fn guest(
    inventory: &Inventory,
    progress: Progress<'_>,
    key: GuestKey,
) -> Option<GuestView> {
    let host_name: Arc<str> = inventory.host(key.host)?.name().into();
    view(inventory, progress, key, &host_name)
}

/// Where a guest is, with the other host's name.
pub(super) fn place(inventory: &Inventory, key: GuestKey) -> Place {
    let name = |id| inventory.host(id).map(|host| host.name().to_owned()).unwrap_or_default();
    match inventory.whereabouts(key) {
        Whereabouts::Home => Place::Home,
        Whereabouts::AwayOn(id) => Place::Away(name(id)),
        Whereabouts::AwaySomewhere => Place::AwaySomewhere,
        Whereabouts::VisitingFrom(id) => Place::Visiting(name(id)),
    }
}

/// The figures of one tick, for the tree.
pub(super) fn figures(inventory: &Inventory, samples: &Samples) -> Figures {
    let facts = inventory.host(samples.host).and_then(|host| host.facts.as_ref());
    Figures {
        host: samples.host,
        own: samples.host_sample.zip(facts.map(|facts| facts.memory.0)),
        guests: samples.guests.clone(),
    }
}
