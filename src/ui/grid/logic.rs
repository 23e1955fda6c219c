//! Which cells are asked about, in which order, and what each shows. Pure.

use std::collections::{HashMap, HashSet, VecDeque};

use super::messages::{GridGuest, GridHost};
use crate::migration::checks::{Verdict, ask};
use crate::migration::{Coverage, MigrationOptions};
use crate::model::{Failure, GuestKey, HostId, Inspection};

/// Cells that are asked about at the same time: as many as the backend inspects at once.
const AT_ONCE: usize = 4;

/// A guest and a host it could go to.
pub(super) type Place = (GuestKey, HostId);

/// What a cell shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    /// The guest is on this host.
    Here,
    /// The host is not connected.
    Away,
    /// Both hosts are asked, or will be when the cell comes into sight.
    Unknown,
    /// They answered.
    Judged(Verdict),
    /// They did not.
    Failed(Failure),
}

/// The site and what is known of it.
#[derive(Debug, Default)]
pub(super) struct Grid {
    hosts: Vec<GridHost>,
    guests: HashMap<GuestKey, GridGuest>,
    known: HashMap<Place, Result<Verdict, Failure>>,
    /// What is known of these is old.
    outdated: HashSet<Place>,
    waiting: VecDeque<Place>,
    asked: HashSet<Place>,
}

impl Grid {
    /// Takes hosts and guests in; the cells that show something else now.
    pub(super) fn set_site(&mut self, hosts: Vec<GridHost>, guests: &[GridGuest]) -> Vec<Place> {
        let connected =
            |all: &[GridHost], id| all.iter().any(|host| host.id == id && host.connected);
        let turned: Vec<HostId> = hosts
            .iter()
            .map(|host| host.id)
            .filter(|&id| connected(&self.hosts, id) != connected(&hosts, id))
            .collect();
        self.hosts = hosts;
        let mut changed: Vec<GuestKey> = Vec::new();
        for guest in guests {
            if self.guests.get(&guest.key).is_none_or(|old| old.state != guest.state) {
                changed.push(guest.key);
            }
        }
        self.guests = guests.iter().map(|guest| (guest.key, guest.clone())).collect();
        let there = |place: &Place| {
            self.guests.contains_key(&place.0) && self.hosts.iter().any(|host| host.id == place.1)
        };
        self.known.retain(|place, _| there(place));
        self.waiting.retain(there);
        let old = |place: &Place| changed.contains(&place.0) || turned.contains(&place.1);
        let outdated: Vec<Place> = self.known.keys().filter(|place| old(place)).copied().collect();
        self.outdated.extend(outdated);
        let mut shown = Vec::new();
        for guest in self.guests.keys() {
            for host in &self.hosts {
                if changed.contains(guest) || turned.contains(&host.id) {
                    shown.push((*guest, host.id));
                }
            }
        }
        shown
    }

    /// What a cell shows.
    pub(super) fn cell(&self, (guest, host): Place) -> Cell {
        if guest.host == host {
            return Cell::Here;
        }
        let connected = |id| self.hosts.iter().any(|host| host.id == id && host.connected);
        if !connected(host) || !connected(guest.host) {
            return Cell::Away;
        }
        match self.known.get(&(guest, host)) {
            None => Cell::Unknown,
            Some(Ok(verdict)) => Cell::Judged(verdict.clone()),
            Some(Err(failure)) => Cell::Failed(failure.clone()),
        }
    }

    /// A cell is in sight: it is asked about unless that is known. What came into sight last is
    /// asked first, because it is what is looked at.
    pub(super) fn seen(&mut self, place: Place) {
        let wanted = match self.cell(place) {
            Cell::Here | Cell::Away => false,
            Cell::Unknown => true,
            Cell::Judged(_) | Cell::Failed(_) => self.outdated.contains(&place),
        };
        if wanted && !self.waiting.contains(&place) {
            self.waiting.push_front(place);
        }
    }

    /// A cell is out of sight: there is no need to ask any more.
    pub(super) fn unseen(&mut self, place: Place) {
        self.waiting.retain(|waiting| *waiting != place);
    }

    /// All that is known of these cells is old.
    pub(super) fn outdate(&mut self, old: impl Fn(&Place) -> bool) {
        self.outdated.extend(self.known.keys().filter(|place| old(place)).copied());
    }

    /// What is to be asked now.
    pub(super) fn next(&mut self) -> Vec<Place> {
        let mut next = Vec::new();
        while self.asked.len() < AT_ONCE {
            let free = self.waiting.iter().position(|place| !self.asked.contains(place));
            let Some(place) = free.and_then(|index| self.waiting.remove(index)) else { break };
            self.outdated.remove(&place);
            self.asked.insert(place);
            next.push(place);
        }
        next
    }

    /// Takes an answer in.
    pub(super) fn answered(&mut self, place: Place, found: Result<Box<Inspection>, Failure>) {
        self.asked.remove(&place);
        if self.guests.contains_key(&place.0) {
            self.known.insert(place, found.map(|found| judged(&found)));
        }
    }
}

/// The verdict on the usual move.
fn judged(inspection: &Inspection) -> Verdict {
    let coverage =
        if inspection.source.state.is_active() { Coverage::Live } else { Coverage::Definition };
    let options = MigrationOptions { coverage, ..MigrationOptions::default() };
    Verdict::of(&ask(inspection, &options.settled()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FailureKind, GuestState, GuestUuid};

    fn key(host: u32, guest: u8) -> GuestKey {
        GuestKey { host: HostId(host), uuid: GuestUuid([guest; 16]) }
    }

    fn host(id: u32, connected: bool) -> GridHost {
        GridHost { id: HostId(id), name: format!("h{id}"), connected }
    }

    fn guest(key: GuestKey, state: GuestState) -> GridGuest {
        GridGuest { key, name: "web".into(), state }
    }

    fn failure() -> Result<Box<Inspection>, Failure> {
        Err(Failure::own(FailureKind::TimedOut, "late"))
    }

    #[test]
    fn what_came_into_sight_last_is_asked_first_and_few_at_once() {
        let mut grid = Grid::default();
        let guests: Vec<GridGuest> =
            (0..9).map(|id| guest(key(1, id), GuestState::Running)).collect();
        grid.set_site(vec![host(1, true), host(2, true)], &guests);
        for known in &guests {
            grid.seen((known.key, HostId(1)));
            grid.seen((known.key, HostId(2)));
            grid.seen((known.key, HostId(2)));
        }
        let place = |id| (key(1, id), HostId(2));
        assert_eq!(grid.next(), [place(8), place(7), place(6), place(5)]);
        assert_eq!(grid.next(), []);
        grid.unseen(place(4));
        grid.answered(place(7), failure());
        assert_eq!(grid.next(), [place(3)]);
        assert!(matches!(grid.cell(place(7)), Cell::Failed(_)));
        assert_eq!(grid.cell(place(0)), Cell::Unknown);
        assert_eq!(grid.cell((key(1, 0), HostId(1))), Cell::Here);
    }

    #[test]
    fn what_changed_is_asked_again_when_it_is_in_sight() {
        let mut grid = Grid::default();
        let hosts = || vec![host(1, true), host(2, true)];
        let place = (key(1, 1), HostId(2));
        grid.set_site(hosts(), &[guest(key(1, 1), GuestState::Running)]);
        grid.seen(place);
        assert_eq!(grid.next(), [place]);
        grid.answered(place, Ok(Box::new(crate::migration::checks::tests::fine())));
        assert_eq!(grid.cell(place), Cell::Judged(Verdict::Ready));
        grid.seen(place);
        assert_eq!(grid.next(), [], "it is known");
        let changed = grid.set_site(hosts(), &[guest(key(1, 1), GuestState::Paused)]);
        assert!(changed.contains(&place));
        assert_eq!(grid.cell(place), Cell::Judged(Verdict::Ready), "until the next answer");
        grid.seen(place);
        assert_eq!(grid.next(), [place]);
        grid.answered(place, failure());
        grid.outdate(|(_, host)| *host == HostId(2));
        grid.seen(place);
        assert_eq!(grid.next(), [place]);
    }

    #[test]
    fn a_host_that_goes_takes_its_cells_along() {
        let mut grid = Grid::default();
        let guests = [guest(key(1, 1), GuestState::Running)];
        let place = (key(1, 1), HostId(2));
        grid.set_site(vec![host(1, true), host(2, false)], &guests);
        grid.seen(place);
        assert_eq!((grid.cell(place), grid.next()), (Cell::Away, vec![]));
        let changed = grid.set_site(vec![host(1, true), host(2, true)], &guests);
        assert_eq!(changed, [place]);
        grid.seen(place);
        assert_eq!(grid.next(), [place]);
        grid.set_site(vec![host(1, true)], &[]);
        grid.answered(place, failure());
        assert!(grid.known.is_empty());
    }
}
