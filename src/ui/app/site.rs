//! The grid of destinations: told of the site while it is in sight.

use relm4::{ComponentController, ComponentSender};

use crate::backend::RequestBody;
use crate::model::{Change, GuestKey, Inventory, Route, Surveyed, Whereabouts};
use crate::ui::grid::{self, GridGuest, GridHost, GridInput, GridOutput};

use super::App;
use super::failures::Pending;

impl App {
    pub(super) fn grid_said(&mut self, output: GridOutput, sender: &ComponentSender<Self>) {
        match output {
            GridOutput::Watch(watched) => {
                self.grid_watched = watched;
                self.tell_site();
            }
            GridOutput::Inspect(routes) => self.survey(routes),
            GridOutput::Migrate(guest, host) => self.open_migrate(&[guest], Some(host), sender),
        }
    }

    /// Tells the grid what is different, while it is in sight: of guests only those that are.
    pub(super) fn tell_grid(&self, changes: &[Change]) {
        if !self.grid_watched {
            return;
        }
        let of_hosts = |change: &Change| {
            matches!(change, Change::HostAdded(_) | Change::HostChanged(_) | Change::HostRemoved(_))
        };
        if changes.iter().any(of_hosts) {
            self.tell_site();
        } else if let Some((now, gone)) = different(&self.inventory, changes) {
            self.grid.emit(GridInput::Guests { now, gone });
        }
        for change in changes {
            if let Change::GuestsAdded(host, _) | Change::GuestsRemoved(host, _) = change {
                self.grid.emit(GridInput::Outdated(*host));
            }
        }
    }

    fn tell_site(&self) {
        if !self.grid_watched {
            return;
        }
        let hosts: Vec<GridHost> = self
            .inventory
            .hosts()
            .map(|(id, host)| GridHost {
                id,
                name: host.name().to_owned(),
                connected: host.state.is_connected() && host.facts.is_some(),
            })
            .collect();
        let records = self.inventory.hosts().flat_map(|(_, host)| host.guests());
        let keys = records.map(|record| record.guest.key);
        let mut guests: Vec<GridGuest> = keys.filter_map(|key| row(&self.inventory, key)).collect();
        grid::sort(&mut guests);
        self.grid.emit(GridInput::Site(hosts, guests));
    }

    /// Asks about many ways at once, for the grid or the guests that go along.
    pub(super) fn survey(&mut self, routes: Vec<Route>) {
        self.ask_for(Pending::Survey(routes.clone()), RequestBody::Survey(routes));
    }

    /// What both hosts said about some ways: for the grid, and for the guests that go along in the open dialog.
    pub(super) fn surveyed(&mut self, mut found: Vec<Surveyed>) {
        for ((guest, host), found) in &mut found {
            if let Ok(found) = found {
                found.proofs = self.proofs(found, guest.host, *host);
            }
        }
        self.along_surveyed(&found);
        self.grid.emit(GridInput::Inspected(found));
    }
}

/// A guest as a row; none where it is away, for then only the running one can move.
fn row(inventory: &Inventory, key: GuestKey) -> Option<GridGuest> {
    let guest = inventory.guest(key)?;
    let away =
        matches!(inventory.whereabouts(key), Whereabouts::AwayOn(_) | Whereabouts::AwaySomewhere);
    (!away).then(|| GridGuest { key, name: guest.name.to_string(), state: guest.state })
}

/// The rows that these changes of guests make, and those they take away; nothing where they make none.
fn different(inventory: &Inventory, changes: &[Change]) -> Option<(Vec<GridGuest>, Vec<GuestKey>)> {
    let (mut now, mut gone) = (Vec::new(), Vec::new());
    for change in changes {
        let (Change::GuestsAdded(_, keys)
        | Change::GuestsChanged(_, keys)
        | Change::GuestsRemoved(_, keys)) = change
        else {
            continue;
        };
        for &key in keys {
            match row(inventory, key) {
                Some(guest) => now.push(guest),
                None => gone.push(key),
            }
        }
    }
    (!now.is_empty() || !gone.is_empty()).then_some((now, gone))
}
