//! Everything known of all hosts: applies events, answers questions, says what changed.

use std::collections::{HashMap, VecDeque};

use super::{
    Change, ConnectionSpec, ConnectionState, Event, Guest, GuestKey, GuestSample, GuestState,
    GuestUuid, HostFacts, HostId, HostSample, Samples, ShutOffReason, StateReason,
};

/// Samples kept for a graph: two minutes at the usual tick of 3 s.
pub const HISTORY: usize = 40;

/// All hosts and their guests.
#[derive(Debug, Default)]
pub struct Inventory {
    hosts: HashMap<HostId, Host>,
    order: Vec<HostId>,
}

/// One host as far as it is known.
#[derive(Debug)]
pub struct Host {
    /// What is remembered of its connection.
    pub spec: ConnectionSpec,
    /// Where the connection stands.
    pub state: ConnectionState,
    /// What it said of itself; kept when it is lost.
    pub facts: Option<HostFacts>,
    /// Its latest figures.
    pub sample: Option<HostSample>,
    /// Its statistics hang.
    pub stalled: bool,
    guests: HashMap<GuestUuid, Record>,
}

/// One guest with its figures.
#[derive(Debug)]
pub struct Record {
    /// The guest.
    pub guest: Guest,
    /// Its latest figures; default when it is not active.
    pub sample: GuestSample,
    /// Its processor use, oldest first, 0 to 1.
    pub cpu_history: VecDeque<f32>,
}

/// Where a guest is, seen from one of the hosts that know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whereabouts {
    /// Here, and nowhere else as far as is known.
    Home,
    /// Defined here, but active on another connected host: it must not be started here.
    AwayOn(HostId),
    /// Moved out from here; on none of the connected hosts is it active. It must not be started
    /// here without a look at the host it went to.
    AwaySomewhere,
    /// Active here as a visitor; defined on that other host, where it goes back to.
    VisitingFrom(HostId),
}

impl Inventory {
    /// Adds a host that is not connected yet.
    pub fn add_host(&mut self, id: HostId, spec: ConnectionSpec) -> Change {
        self.order.push(id);
        self.hosts.insert(
            id,
            Host {
                spec,
                state: ConnectionState::Disconnected,
                facts: None,
                sample: None,
                stalled: false,
                guests: HashMap::new(),
            },
        );
        Change::HostAdded(id)
    }

    /// Forgets a host and its guests.
    pub fn remove_host(&mut self, id: HostId) -> Option<Change> {
        self.hosts.remove(&id)?;
        self.order.retain(|&other| other != id);
        Some(Change::HostRemoved(id))
    }

    /// Changes what is remembered of a connection: its name, whether it opens by itself.
    pub fn respecify(&mut self, id: HostId, spec: ConnectionSpec) -> Option<Change> {
        self.hosts.get_mut(&id)?.spec = spec;
        Some(Change::HostChanged(id))
    }

    /// The hosts, in the order in which they were added.
    pub fn hosts(&self) -> impl Iterator<Item = (HostId, &Host)> {
        self.order.iter().filter_map(|id| Some((*id, self.hosts.get(id)?)))
    }

    /// One host.
    #[must_use]
    pub fn host(&self, id: HostId) -> Option<&Host> {
        self.hosts.get(&id)
    }

    /// One guest on one host.
    #[must_use]
    pub fn guest(&self, key: GuestKey) -> Option<&Guest> {
        self.record(key).map(|record| &record.guest)
    }

    /// One guest on one host, with its figures.
    #[must_use]
    pub fn record(&self, key: GuestKey) -> Option<&Record> {
        self.hosts.get(&key.host)?.guests.get(&key.uuid)
    }

    /// Where a guest is, seen from the host in `key`.
    #[must_use]
    pub fn whereabouts(&self, key: GuestKey) -> Whereabouts {
        let Some(here) = self.guest(key) else { return Whereabouts::Home };
        let mut others =
            self.hosts().filter(|&(id, host)| id != key.host && !self.same_host(key.host, host));
        if here.state.is_active() {
            let home = others.find(|(_, host)| {
                host.guests.get(&key.uuid).is_some_and(|record| {
                    record.guest.persistent && record.guest.state == GuestState::ShutOff
                })
            });
            return match home {
                Some((id, _)) if !here.persistent => Whereabouts::VisitingFrom(id),
                _ => Whereabouts::Home,
            };
        }
        let there = others.find(|(_, host)| {
            host.state.is_connected()
                && host.guests.get(&key.uuid).is_some_and(|record| record.guest.state.is_active())
        });
        match there {
            Some((id, _)) => Whereabouts::AwayOn(id),
            None if here.reason == StateReason::ShutOff(ShutOffReason::Migrated)
                && !self.all_connected() =>
            {
                Whereabouts::AwaySomewhere
            }
            None => Whereabouts::Home,
        }
    }

    fn all_connected(&self) -> bool {
        self.hosts.values().all(|host| host.state.is_connected())
    }

    /// Two connections may lead to one host: the host's own UUID tells.
    fn same_host(&self, id: HostId, other: &Host) -> bool {
        let own = self.hosts.get(&id).and_then(|host| host.facts.as_ref());
        matches!((own, &other.facts), (Some(a), Some(b)) if a.host_uuid == b.host_uuid)
    }

    /// Applies one event and says what changed.
    pub fn apply(&mut self, event: Event) -> Vec<Change> {
        match event {
            Event::ConnectionChanged { host, state } => self.connection_changed(host, state),
            Event::HostDescribed { host, facts } => {
                self.host_changed(host, |entry| entry.facts = Some(*facts))
            }
            Event::StatisticsStalled { host, stalled } => {
                self.host_changed(host, |entry| entry.stalled = stalled)
            }
            Event::GuestsListed { host, guests } => self.guests_listed(host, guests),
            Event::GuestsChanged { host, changed, removed } => {
                self.guests_changed(host, changed, &removed)
            }
            Event::Sampled(samples) => self.sampled(samples),
            Event::Asked { .. }
            | Event::MigrationStepped { .. }
            | Event::MigrationFound { .. }
            | Event::MigrationEnded { .. }
            | Event::Surveyed(_)
            | Event::Storage(_)
            | Event::Finished { .. } => Vec::new(),
        }
    }

    fn host_changed(&mut self, host: HostId, change: impl FnOnce(&mut Host)) -> Vec<Change> {
        let Some(entry) = self.hosts.get_mut(&host) else { return Vec::new() };
        change(entry);
        vec![Change::HostChanged(host)]
    }

    fn connection_changed(&mut self, host: HostId, state: ConnectionState) -> Vec<Change> {
        let forget = matches!(state, ConnectionState::Disconnected | ConnectionState::Failed(_));
        let was_connected = self.hosts.get(&host).is_some_and(|entry| entry.state.is_connected());
        let is_connected = state.is_connected();
        let mut changes = self.host_changed(host, |entry| {
            entry.state = state;
            if !entry.state.is_connected() {
                entry.sample = None;
                entry.stalled = false;
            }
        });
        if forget && !changes.is_empty() {
            changes.extend(self.guests_listed(host, Vec::new()));
        } else if was_connected != is_connected {
            changes.extend(self.all_guests_changed(host));
        }
        changes
    }

    /// What is known of the guests is old now, or fresh again.
    fn all_guests_changed(&self, host: HostId) -> Option<Change> {
        let guests = &self.hosts.get(&host)?.guests;
        let keys: Vec<_> = guests.keys().map(|&uuid| GuestKey { host, uuid }).collect();
        (!keys.is_empty()).then_some(Change::GuestsChanged(host, keys))
    }

    fn guests_listed(&mut self, host: HostId, guests: Vec<Guest>) -> Vec<Change> {
        let Some(entry) = self.hosts.get(&host) else { return Vec::new() };
        let listed: std::collections::HashSet<_> =
            guests.iter().map(|guest| guest.key.uuid).collect();
        let removed: Vec<_> =
            entry.guests.keys().filter(|uuid| !listed.contains(uuid)).copied().collect();
        self.guests_changed(host, guests, &removed)
    }

    fn guests_changed(
        &mut self,
        host: HostId,
        guests: Vec<Guest>,
        removed: &[GuestUuid],
    ) -> Vec<Change> {
        let Some(entry) = self.hosts.get_mut(&host) else { return Vec::new() };
        let (mut added, mut changed, mut gone) = (Vec::new(), Vec::new(), Vec::new());
        for uuid in removed {
            if entry.guests.remove(uuid).is_some() {
                gone.push(GuestKey { host, uuid: *uuid });
            }
        }
        for guest in guests {
            let key = guest.key;
            match entry.guests.get_mut(&key.uuid) {
                Some(record) if record.guest == guest => {}
                Some(record) => {
                    if !guest.state.is_active() {
                        record.sample = GuestSample::default();
                    }
                    record.guest = guest;
                    changed.push(key);
                }
                None => {
                    let record = Record {
                        guest,
                        sample: GuestSample::default(),
                        cpu_history: VecDeque::new(),
                    };
                    entry.guests.insert(key.uuid, record);
                    added.push(key);
                }
            }
        }
        let touched: Vec<_> =
            gone.iter().chain(&added).chain(&changed).map(|key| key.uuid).collect();
        let mut changes = Vec::new();
        if !gone.is_empty() {
            changes.push(Change::GuestsRemoved(host, gone));
        }
        if !added.is_empty() {
            changes.push(Change::GuestsAdded(host, added));
        }
        if !changed.is_empty() {
            changes.push(Change::GuestsChanged(host, changed));
        }
        changes.extend(self.twins_changed(host, &touched));
        changes
    }

    /// The same guests on other hosts: where they are said to be may be different now.
    fn twins_changed(&self, host: HostId, touched: &[GuestUuid]) -> Vec<Change> {
        self.hosts()
            .filter(|&(id, _)| id != host)
            .filter_map(|(id, other)| {
                let keys: Vec<_> = touched
                    .iter()
                    .filter(|uuid| other.guests.contains_key(uuid))
                    .map(|&uuid| GuestKey { host: id, uuid })
                    .collect();
                (!keys.is_empty()).then_some(Change::GuestsChanged(id, keys))
            })
            .collect()
    }

    fn sampled(&mut self, samples: Samples) -> Vec<Change> {
        let Some(entry) = self.hosts.get_mut(&samples.host) else { return Vec::new() };
        entry.sample = samples.host_sample.or(entry.sample);
        for (uuid, sample) in samples.guests {
            if let Some(record) = entry.guests.get_mut(&uuid) {
                remember(&mut record.cpu_history, sample.cpu);
                record.sample = sample;
            }
        }
        vec![Change::Sampled(samples.host)]
    }
}

impl Host {
    /// Its guests, in no order.
    pub fn guests(&self) -> impl Iterator<Item = &Record> {
        self.guests.values()
    }

    /// How many guests it knows.
    #[must_use]
    pub fn guest_count(&self) -> usize {
        self.guests.len()
    }

    /// The user's name for it, else the host's own, else the URI.
    #[must_use]
    pub fn name(&self) -> &str {
        let own = self.facts.as_ref().map(|facts| facts.hostname.as_str());
        self.spec.name.as_deref().or(own).unwrap_or(&self.spec.uri)
    }
}

/// Adds a sample to a graph's history, which keeps the last [`HISTORY`].
pub fn remember(history: &mut VecDeque<f32>, value: f32) {
    if history.len() == HISTORY {
        history.pop_front();
    }
    history.push_back(value);
}

#[cfg(test)]
mod tests;
