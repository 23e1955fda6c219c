//! Where all events wait until the user interface takes them.
//!
//! Putting in never waits: libvirt's event loop does so too, and must answer keepalive. It is
//! bounded all the same, because what comes often is merged: of figures the latest stay, changed
//! guests of a host are one event, and everything else answers a request, of which there are few.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use crate::model::storage::{StorageEvent, StorageStep};
use crate::model::{Event, Guest, GuestUuid, HostId, JobId, MigrationStep, Samples};

/// The one mailbox of a backend.
#[derive(Debug)]
pub(crate) struct Mailbox {
    waiting: Mutex<Waiting>,
    bell: async_channel::Sender<()>,
}

/// Events in order, with gaps where merged ones stand.
#[derive(Debug, Default)]
struct Waiting {
    slots: Vec<Slot>,
    changes: HashMap<HostId, usize>,
    samples: HashMap<HostId, usize>,
    progress: HashMap<JobId, usize>,
}

#[derive(Debug)]
enum Slot {
    Plain(Event),
    Changes { host: HostId, changed: HashMap<GuestUuid, Guest>, removed: HashSet<GuestUuid> },
    Samples(Samples),
}

impl Mailbox {
    /// A mailbox and the bell that rings when something is put into it.
    pub(crate) fn new() -> (Self, async_channel::Receiver<()>) {
        let (bell, rung) = async_channel::bounded(1);
        (Self { waiting: Mutex::default(), bell }, rung)
    }

    /// Puts an event in.
    pub(crate) fn put(&self, event: Event) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).add(event);
        // A full bell has rung already; a closed one has nobody who listens.
        let _ = self.bell.try_send(());
    }

    /// Takes everything out, in order.
    pub(crate) fn take(&self) -> Vec<Event> {
        let waiting =
            std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        waiting.slots.into_iter().map(Slot::into_event).collect()
    }

    /// Lets the listener know that nothing more comes.
    pub(crate) fn close(&self) {
        self.bell.close();
    }
}

impl Waiting {
    fn add(&mut self, event: Event) {
        match event {
            Event::GuestsChanged { host, changed, removed } => self.merge(host, changed, removed),
            Event::Sampled(samples) => self.replace_samples(samples),
            Event::MigrationStepped { job, step: MigrationStep::Sample(_) }
            | Event::Storage(StorageEvent::Stepped { job, step: StorageStep::Progress(_) }) => {
                self.replace_progress(job, event);
            }
            other => self.append(other),
        }
    }

    /// Appends an event that no earlier one may overtake.
    fn append(&mut self, event: Event) {
        match &event {
            Event::ConnectionChanged { host, .. } | Event::GuestsListed { host, .. } => {
                self.changes.remove(host);
                self.samples.remove(host);
            }
            Event::MigrationStepped { job, .. }
            | Event::MigrationEnded { job, .. }
            | Event::Storage(StorageEvent::Stepped { job, .. }) => {
                self.progress.remove(job);
            }
            _ => {}
        }
        self.slots.push(Slot::Plain(event));
    }

    fn merge(&mut self, host: HostId, guests: Vec<Guest>, gone: Vec<GuestUuid>) {
        let index = *self.changes.entry(host).or_insert_with(|| {
            self.slots.push(Slot::Changes {
                host,
                changed: HashMap::new(),
                removed: HashSet::new(),
            });
            self.slots.len() - 1
        });
        let Some(Slot::Changes { changed, removed, .. }) = self.slots.get_mut(index) else {
            return;
        };
        for uuid in gone {
            changed.remove(&uuid);
            removed.insert(uuid);
        }
        for guest in guests {
            removed.remove(&guest.key.uuid);
            changed.insert(guest.key.uuid, guest);
        }
    }

    fn replace_samples(&mut self, samples: Samples) {
        let host = samples.host;
        match self.samples.get(&host).and_then(|&index| self.slots.get_mut(index)) {
            Some(slot) => *slot = Slot::Samples(samples),
            None => {
                self.samples.insert(host, self.slots.len());
                self.slots.push(Slot::Samples(samples));
            }
        }
    }

    fn replace_progress(&mut self, job: JobId, event: Event) {
        match self.progress.get(&job).and_then(|&index| self.slots.get_mut(index)) {
            Some(slot) => *slot = Slot::Plain(event),
            None => {
                self.progress.insert(job, self.slots.len());
                self.slots.push(Slot::Plain(event));
            }
        }
    }
}

impl Slot {
    fn into_event(self) -> Event {
        match self {
            Self::Plain(event) => event,
            Self::Changes { host, changed, removed } => Event::GuestsChanged {
                host,
                changed: changed.into_values().collect(),
                removed: removed.into_iter().collect(),
            },
            Self::Samples(samples) => Event::Sampled(samples),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::{
        Bytes, ConnectionState, GuestKey, GuestState, MigrationSample, StateReason,
    };

    const HOST: HostId = HostId(1);

    fn guest(number: u16, vcpus: u32) -> Guest {
        let mut bytes = [0; 16];
        bytes[..2].copy_from_slice(&number.to_be_bytes());
        Guest {
            key: GuestKey { host: HOST, uuid: GuestUuid(bytes) },
            name: "g".into(),
            state: GuestState::Running,
            reason: StateReason::None,
            persistent: true,
            autostart: false,
            managed_save: false,
            memory_max: Bytes(0),
            vcpus,
            migrating: false,
        }
    }

    fn changed(guest: Guest) -> Event {
        Event::GuestsChanged { host: HOST, changed: vec![guest], removed: Vec::new() }
    }

    #[test]
    fn a_thousand_changes_are_one_event() {
        let (mailbox, _bell) = Mailbox::new();
        for number in 0..1000 {
            mailbox.put(changed(guest(number, 1)));
            mailbox.put(changed(guest(number, 2)));
        }
        let taken = mailbox.take();
        let [Event::GuestsChanged { changed, removed, .. }] = taken.as_slice() else {
            panic!("{} events", taken.len());
        };
        assert_eq!(changed.len(), 1000);
        assert!(changed.iter().all(|guest| guest.vcpus == 2) && removed.is_empty());
        assert!(mailbox.take().is_empty());
    }

    #[test]
    fn what_is_gone_does_not_come_back_by_merging() {
        let (mailbox, _bell) = Mailbox::new();
        let one = guest(1, 1);
        mailbox.put(changed(one.clone()));
        let gone =
            Event::GuestsChanged { host: HOST, changed: Vec::new(), removed: vec![one.key.uuid] };
        mailbox.put(gone.clone());
        assert_eq!(mailbox.take(), [gone]);
    }

    #[test]
    fn changes_are_not_merged_across_a_lost_connection() {
        let (mailbox, _bell) = Mailbox::new();
        let lost = Event::ConnectionChanged { host: HOST, state: ConnectionState::Disconnected };
        for event in [changed(guest(1, 1)), lost.clone(), changed(guest(1, 2))] {
            mailbox.put(event);
        }
        assert_eq!(mailbox.take(), [changed(guest(1, 1)), lost, changed(guest(1, 2))]);
    }

    #[test]
    fn of_figures_the_latest_stay() {
        let (mailbox, _bell) = Mailbox::new();
        let samples = |seconds| {
            Event::Sampled(Samples {
                host: HOST,
                interval: Duration::from_secs(seconds),
                host_sample: None,
                guests: Vec::new(),
            })
        };
        let progress = |iteration| Event::MigrationStepped {
            job: JobId(7),
            step: MigrationStep::Sample(MigrationSample { iteration, ..Default::default() }),
        };
        let paused = Event::MigrationStepped { job: JobId(7), step: MigrationStep::SourcePaused };
        for event in [samples(1), progress(1), samples(2), progress(2), paused.clone(), progress(3)]
        {
            mailbox.put(event);
        }
        assert_eq!(mailbox.take(), [samples(2), progress(2), paused, progress(3)]);
    }
}
