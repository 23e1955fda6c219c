//! The grid of destinations: told of the site while it is in sight.

use relm4::{ComponentController, ComponentSender};

use crate::backend::{Inspect, RequestBody};
use crate::model::{Change, Failure, GuestKey, HostId, Inspection, Whereabouts};
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
            GridOutput::Inspect(guest, destination) => {
                let wish = Inspect {
                    guest,
                    destination,
                    new_name: None,
                    destination_xml: None,
                    again: None,
                };
                let pending = Pending::Cell(guest, destination);
                self.ask_for(pending, RequestBody::Inspect(Box::new(wish)));
            }
            GridOutput::Migrate(guest, host) => self.open_migrate(&[guest], Some(host), sender),
        }
    }

    /// Tells the grid what is different, while it is in sight.
    pub(super) fn tell_grid(&self, changes: &[Change]) {
        let matters = |change: &Change| !matches!(change, Change::Sampled(_));
        if !self.grid_watched || !changes.iter().any(matters) {
            return;
        }
        self.tell_site();
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
        // Of a guest that is away only the running one can move.
        let away = |key| {
            matches!(
                self.inventory.whereabouts(key),
                Whereabouts::AwayOn(_) | Whereabouts::AwaySomewhere
            )
        };
        let records = self.inventory.hosts().flat_map(|(_, host)| host.guests());
        let mut guests: Vec<GridGuest> = records
            .map(|record| &record.guest)
            .filter(|guest| !away(guest.key))
            .map(|guest| GridGuest {
                key: guest.key,
                name: guest.name.to_string(),
                state: guest.state,
            })
            .collect();
        grid::sort(&mut guests);
        self.grid.emit(GridInput::Site(hosts, guests));
    }

    /// What both hosts said about a cell.
    pub(super) fn cell_answered(
        &self,
        guest: GuestKey,
        host: HostId,
        found: Result<Box<Inspection>, Failure>,
    ) {
        self.grid.emit(GridInput::Inspected { guest, host, found });
    }
}
