//! Which cells are asked about, and what each shows. Pure.

use std::collections::{HashMap, HashSet};

use super::messages::{GridGuest, GridHost};
use crate::migration::checks::{Verdict, ask};
use crate::migration::{Coverage, MigrationOptions};
use crate::model::{Failure, GuestKey, HostId, Inspection, Route};

/// Surveys at the same time: as many as the backend makes at once. What comes into sight meanwhile is
/// asked in one piece afterwards.
const AT_ONCE: usize = 2;

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
    known: HashMap<Route, Result<Verdict, Failure>>,
    /// What is known of these is old.
    outdated: HashSet<Route>,
    waiting: HashSet<Route>,
    /// What is being asked, by survey.
    asked: Vec<HashSet<Route>>,
}

/// What is different after some guests changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Turn {
    /// Cells that show something else.
    pub(super) cells: Vec<Route>,
    /// Rows that go.
    pub(super) gone: Vec<GridGuest>,
    /// Rows that come.
    pub(super) new: Vec<GridGuest>,
}

impl Grid {
    /// Takes all hosts and guests in; the cells that show something else now.
    pub(super) fn set_site(&mut self, hosts: Vec<GridHost>, guests: &[GridGuest]) -> Vec<Route> {
        let connected =
            |all: &[GridHost], id| all.iter().any(|host| host.id == id && host.connected);
        let turned: HashSet<HostId> = hosts
            .iter()
            .map(|host| host.id)
            .filter(|&id| connected(&self.hosts, id) != connected(&hosts, id))
            .collect();
        self.hosts = hosts;
        let differs = |guest: &&GridGuest| {
            self.guests.get(&guest.key).is_none_or(|old| old.state != guest.state)
        };
        let changed: HashSet<GuestKey> =
            guests.iter().filter(differs).map(|guest| guest.key).collect();
        self.guests = guests.iter().map(|guest| (guest.key, guest.clone())).collect();
        let there: HashSet<HostId> = self.hosts.iter().map(|host| host.id).collect();
        let there = |route: &Route| self.guests.contains_key(&route.0) && there.contains(&route.1);
        self.known.retain(|route, _| there(route));
        self.waiting.retain(there);
        let old = |route: &Route| changed.contains(&route.0) || turned.contains(&route.1);
        self.outdated.retain(there);
        self.outdated.extend(self.known.keys().filter(|route| old(route)));
        let routes =
            self.guests.keys().flat_map(|guest| self.hosts.iter().map(|host| (*guest, host.id)));
        routes.filter(|route| old(route)).collect()
    }

    /// Takes some guests in, and leaves the others alone.
    pub(super) fn set_guests(&mut self, now: Vec<GridGuest>, gone: &[GuestKey]) -> Turn {
        let mut turn = Turn::default();
        for key in gone {
            let Some(guest) = self.guests.remove(key) else { continue };
            for route in self.routes(guest.key) {
                self.known.remove(&route);
                self.outdated.remove(&route);
                self.waiting.remove(&route);
            }
            turn.gone.push(guest);
        }
        for guest in now {
            let old = self.guests.insert(guest.key, guest.clone());
            if old.as_ref().is_none_or(|old| old.state != guest.state) {
                let routes = self.routes(guest.key);
                let known = routes.iter().filter(|route| self.known.contains_key(route));
                self.outdated.extend(known);
                turn.cells.extend(routes);
            }
            if old.as_ref().is_none_or(|old| old.name != guest.name) {
                turn.gone.extend(old);
                turn.new.push(guest);
            }
        }
        turn
    }

    fn routes(&self, guest: GuestKey) -> Vec<Route> {
        self.hosts.iter().map(|host| (guest, host.id)).collect()
    }

    /// What a cell shows.
    pub(super) fn cell(&self, (guest, host): Route) -> Cell {
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

    /// A cell is in sight: it is asked about unless that is known.
    pub(super) fn seen(&mut self, route: Route) {
        let wanted = match self.cell(route) {
            Cell::Here | Cell::Away => false,
            Cell::Unknown => true,
            Cell::Judged(_) | Cell::Failed(_) => self.outdated.contains(&route),
        };
        if wanted {
            self.waiting.insert(route);
        }
    }

    /// A cell is out of sight: there is no need to ask any more.
    pub(super) fn unseen(&mut self, route: Route) {
        self.waiting.remove(&route);
    }

    /// All that is known of these cells is old.
    pub(super) fn outdate(&mut self, old: impl Fn(&Route) -> bool) {
        self.outdated.extend(self.known.keys().filter(|place| old(place)).copied());
    }

    /// What is to be asked now, all in one survey.
    pub(super) fn next(&mut self) -> Vec<Route> {
        if self.asked.len() >= AT_ONCE {
            return Vec::new();
        }
        let free = |route: &Route| !self.asked.iter().any(|asked| asked.contains(route));
        let next: HashSet<Route> = self.waiting.iter().copied().filter(free).collect();
        if next.is_empty() {
            return Vec::new();
        }
        for route in &next {
            self.waiting.remove(route);
            self.outdated.remove(route);
        }
        self.asked.push(next.clone());
        next.into_iter().collect()
    }

    /// Takes an answer in.
    pub(super) fn answered(&mut self, route: Route, found: Result<Box<Inspection>, Failure>) {
        for asked in &mut self.asked {
            asked.remove(&route);
        }
        self.asked.retain(|asked| !asked.is_empty());
        if self.guests.contains_key(&route.0) {
            self.known.insert(route, found.map(|found| judged(&found)));
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

    fn asked(grid: &mut Grid) -> Vec<Route> {
        let mut next = grid.next();
        next.sort_unstable();
        next
    }

    #[test]
    fn what_is_in_sight_is_asked_in_one_piece_and_few_pieces_at_once() {
        let mut grid = Grid::default();
        let guests: Vec<GridGuest> =
            (0..9).map(|id| guest(key(1, id), GuestState::Running)).collect();
        grid.set_site(vec![host(1, true), host(2, true)], &guests);
        let place = |id| (key(1, id), HostId(2));
        let see = |grid: &mut Grid, ids: std::ops::Range<u8>| {
            for id in ids {
                grid.seen((key(1, id), HostId(1)));
                grid.seen(place(id));
                grid.seen(place(id));
            }
        };
        see(&mut grid, 0..3);
        assert_eq!(asked(&mut grid), [place(0), place(1), place(2)]);
        see(&mut grid, 2..5);
        assert_eq!(asked(&mut grid), [place(3), place(4)], "that one is being asked");
        see(&mut grid, 5..9);
        grid.unseen(place(7));
        assert_eq!(asked(&mut grid), []);
        grid.answered(place(3), failure());
        assert_eq!(asked(&mut grid), [], "the survey is not over");
        grid.answered(place(4), failure());
        assert_eq!(asked(&mut grid), [place(5), place(6), place(8)]);
        assert!(matches!(grid.cell(place(3)), Cell::Failed(_)));
        assert_eq!(grid.cell(place(0)), Cell::Unknown);
        assert_eq!(grid.cell((key(1, 0), HostId(1))), Cell::Here);
    }

    /// Guests that are all different, by their number.
    fn many(count: u32, state: GuestState) -> Vec<GridGuest> {
        let key = |number: u32| {
            let mut uuid = [0; 16];
            uuid[..4].copy_from_slice(&number.to_be_bytes());
            GuestKey { host: HostId(number % 10), uuid: GuestUuid(uuid) }
        };
        (0..count).map(|number| guest(key(number), state)).collect()
    }

    #[test]
    fn ten_thousand_guests_are_taken_in_at_once_and_one_alone() {
        let mut grid = Grid::default();
        let hosts: Vec<GridHost> = (0..10).map(|id| host(id, true)).collect();
        let guests = many(10_000, GuestState::Running);
        let began = std::time::Instant::now();
        assert_eq!(grid.set_site(hosts.clone(), &guests).len(), 100_000);
        let paused = many(10_000, GuestState::Paused);
        assert_eq!(grid.set_site(hosts, &paused).len(), 100_000);
        // Without optimisation, on a loaded machine; a look through all for each takes minutes.
        assert!(began.elapsed() < std::time::Duration::from_secs(5), "{:?}", began.elapsed());
        let turn = grid.set_guests(vec![guests[77].clone()], &[guests[5].key]);
        assert_eq!(turn.cells.len(), 10, "its own cells and no others");
        assert_eq!((turn.gone.len(), turn.new.len()), (1, 0));
        let renamed = GridGuest { name: "other".into(), ..guests[78].clone() };
        let turn = grid.set_guests(vec![renamed.clone()], &[]);
        assert_eq!(turn.gone[0].name, "web");
        assert_eq!(turn.new, [renamed]);
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
        grid.set_guests(Vec::new(), &[place.0]);
        grid.answered(place, failure());
        assert!(grid.known.is_empty());
    }
}
