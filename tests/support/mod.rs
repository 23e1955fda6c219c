//! A backend under test: requests in, events collected until a deadline.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::panic)]

pub mod cut_link;
pub mod disk_writer;
pub mod judged;
pub mod listening;
pub mod practice;
pub mod recorded;
pub mod recorder;
pub mod slow_link;
pub mod storage;

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use relm4::gtk::glib;
use vireo::backend::{Backend, Events, Request, RequestBody};
use vireo::model::{
    ConnectionSpec, ConnectionState, Event, Failure, Guest, GuestKey, HostId, JobId, JobResult,
    MigrationEnd,
};

/// Long enough for a loaded machine; nothing waits this long when all is well.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// A backend with all it has told.
pub struct Bench {
    pub backend: Backend,
    pub told: Vec<Event>,
    pub guests: HashMap<GuestKey, Guest>,
    batches: Receiver<Vec<Event>>,
}

impl Bench {
    pub fn new() -> Self {
        let (backend, events) = Backend::start().unwrap();
        Self { backend, told: Vec::new(), guests: HashMap::new(), batches: listen(events) }
    }

    pub fn submit(&self, body: RequestBody) -> JobId {
        let job = self.backend.next_job();
        self.backend.submit(Request { job, body }).unwrap();
        job
    }

    pub fn open(&self, host: HostId, uri: &str) {
        let spec = ConnectionSpec { uri: uri.into(), name: None, autoconnect: false };
        self.submit(RequestBody::Open { host, spec });
    }

    /// Waits for the first event that `pick` takes, those told before included.
    #[track_caller]
    pub fn wait<T>(&mut self, what: &str, pick: impl FnMut(&Event) -> Option<T>) -> T {
        self.wait_from(0, what, pick)
    }

    /// Waits for the first event from number `from` on that `pick` takes.
    #[track_caller]
    pub fn wait_from<T>(
        &mut self,
        from: usize,
        what: &str,
        mut pick: impl FnMut(&Event) -> Option<T>,
    ) -> T {
        let until = Instant::now() + DEADLINE;
        let mut seen = from;
        loop {
            while seen < self.told.len() {
                if let Some(found) = pick(&self.told[seen]) {
                    return found;
                }
                seen += 1;
            }
            assert!(self.collect(until), "no {what} within {DEADLINE:?}; told: {:#?}", self.tail());
        }
    }

    /// Waits until the guests known from events satisfy `done`.
    #[track_caller]
    pub fn wait_guests(&mut self, what: &str, done: impl Fn(&HashMap<GuestKey, Guest>) -> bool) {
        let until = Instant::now() + DEADLINE;
        while !done(&self.guests) {
            assert!(self.collect(until), "no {what}; guests: {:#?}", self.guests.values());
        }
    }

    /// Takes one batch; `false` when the deadline passed.
    pub fn collect(&mut self, until: Instant) -> bool {
        let left = until.saturating_duration_since(Instant::now());
        match self.batches.recv_timeout(left) {
            Ok(batch) => {
                for event in &batch {
                    self.apply(event);
                }
                self.told.extend(batch);
                true
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => false,
        }
    }

    fn apply(&mut self, event: &Event) {
        match event {
            Event::GuestsListed { host, guests } => {
                self.guests.retain(|key, _| key.host != *host);
                self.guests.extend(guests.iter().map(|guest| (guest.key, guest.clone())));
            }
            Event::GuestsChanged { host, changed, removed } => {
                for uuid in removed {
                    self.guests.remove(&GuestKey { host: *host, uuid: *uuid });
                }
                self.guests.extend(changed.iter().map(|guest| (guest.key, guest.clone())));
            }
            _ => {}
        }
    }

    #[track_caller]
    pub fn connected(&mut self, host: HostId) {
        self.wait("connection", |event| match event {
            Event::ConnectionChanged { host: id, state: ConnectionState::Connected }
                if *id == host =>
            {
                Some(())
            }
            Event::ConnectionChanged { host: id, state: ConnectionState::Failed(failure) }
                if *id == host =>
            {
                panic!("{failure:?}")
            }
            _ => None,
        });
    }

    #[track_caller]
    pub fn failed(&mut self, host: HostId) -> Failure {
        self.wait("failed connection", |event| match event {
            Event::ConnectionChanged { host: id, state: ConnectionState::Failed(failure) }
                if *id == host =>
            {
                Some(failure.clone())
            }
            _ => None,
        })
    }

    #[track_caller]
    pub fn listed(&mut self, host: HostId) -> Vec<Guest> {
        self.wait("list of guests", |event| match event {
            Event::GuestsListed { host: id, guests } if *id == host => Some(guests.clone()),
            _ => None,
        })
    }

    #[track_caller]
    pub fn finished(&mut self, job: JobId) -> JobResult {
        self.wait("outcome", |event| match event {
            Event::Finished { job: id, result } if *id == job => Some(result.clone()),
            _ => None,
        })
    }

    #[track_caller]
    pub fn migration_ended(&mut self, job: JobId) -> MigrationEnd {
        self.wait("end of the migration", |event| match event {
            Event::MigrationEnded { job: id, end } if *id == job => Some(end.clone()),
            _ => None,
        })
    }

    #[track_caller]
    pub fn guest(&mut self, host: HostId, name: &str) -> Guest {
        let find = |guests: &HashMap<GuestKey, Guest>| {
            guests.values().find(|guest| guest.key.host == host && &*guest.name == name).cloned()
        };
        self.wait_guests(name, |guests| find(guests).is_some());
        find(&self.guests).unwrap()
    }

    /// Waits until a guest is as `wanted` says.
    #[track_caller]
    pub fn until(&mut self, key: GuestKey, what: &str, wanted: impl Fn(&Guest) -> bool) -> Guest {
        self.wait_guests(what, |guests| guests.get(&key).is_some_and(&wanted));
        self.guests[&key].clone()
    }

    fn tail(&self) -> &[Event] {
        &self.told[self.told.len().saturating_sub(30)..]
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.backend.stop();
    }
}

fn listen(events: Events) -> Receiver<Vec<Event>> {
    let (sender, batches) = channel();
    std::thread::spawn(move || {
        let context = glib::MainContext::new();
        while let Some(batch) = context.block_on(events.batch()) {
            if sender.send(batch).is_err() {
                return;
            }
        }
    });
    batches
}
