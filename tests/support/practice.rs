//! Two practice hosts, both open in a backend, and guests that move between them.

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use vireo::backend::{Lever, RequestBody};
use vireo::lab::{Lab, LabConfig, LabHost, PracticeGuest};
use vireo::migration::{MigrationOptions, MigrationPlan};
use vireo::model::{
    Event, Guest, GuestKey, GuestState, HostId, JobId, MigrationEnd, MigrationSample,
    MigrationStep, Presence,
};

use super::{Bench, DEADLINE};

/// `lab-a`, where all guests begin.
pub const A: HostId = HostId(1);
/// `lab-b`.
pub const B: HostId = HostId(2);

/// A lab and a backend that has both of its hosts open.
pub struct Practice {
    // Stopped before the lab it is connected to.
    pub bench: Bench,
    pub lab: Lab,
}

fn place() -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    PathBuf::from(format!("/tmp/vb-{}-{number}", std::process::id()))
}

pub fn virsh(host: &LabHost, arguments: &[&str]) -> String {
    let output = Command::new("virsh")
        .env("LC_ALL", "C.UTF-8")
        .args(["-q", "-c", &host.uri])
        .args(arguments)
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "virsh {arguments:?} on {}: {error}", host.name);
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

impl Practice {
    /// Guests are defined on `lab-a`, and run.
    pub fn with(guests: &[PracticeGuest]) -> Self {
        let config = LabConfig { hosts: 2, guests: Vec::new(), directory: Some(place()) };
        let lab = Lab::start(config).unwrap();
        let mut practice = Self { bench: Bench::new(), lab };
        for guest in guests {
            practice.define(guest);
            virsh(practice.host(A), &["start", &guest.name]);
            practice.lab.wait_for_heartbeat(&guest.name, 0, DEADLINE).unwrap();
        }
        practice.bench.backend.set_interval(Duration::from_secs(1));
        for id in [A, B] {
            let uri = practice.host(id).uri.clone();
            practice.bench.open(id, &uri);
        }
        for id in [A, B] {
            practice.bench.listed(id);
        }
        practice
    }

    pub fn define(&self, guest: &PracticeGuest) {
        let file = self.lab.directory().join(format!("{}.xml", guest.name));
        std::fs::write(&file, self.lab.guest_xml(guest).unwrap()).unwrap();
        virsh(self.host(A), &["define", file.to_str().unwrap()]);
    }

    pub fn host(&self, id: HostId) -> &LabHost {
        &self.lab.hosts()[usize::try_from(id.0 - 1).unwrap()]
    }

    /// Begins a move of a guest that is at `from` to the other host.
    #[track_caller]
    pub fn begin(&mut self, name: &str, from: HostId, options: MigrationOptions) -> JobId {
        let guest = self.bench.guest(from, name).key;
        let destination = if from == A { B } else { A };
        let plan = MigrationPlan { guest, destination, options };
        self.bench.submit(RequestBody::Migrate(Box::new(plan)))
    }

    /// Moves a guest and returns how it ended.
    #[track_caller]
    pub fn migrate(&mut self, name: &str, from: HostId, options: MigrationOptions) -> MigrationEnd {
        let job = self.begin(name, from, options);
        self.end(job)
    }

    #[track_caller]
    pub fn end(&mut self, job: JobId) -> MigrationEnd {
        self.bench.migration_ended(job)
    }

    /// Waits for a reading of a migration that `wanted` likes.
    #[track_caller]
    pub fn reading(&mut self, job: JobId, wanted: impl Fn(&MigrationSample) -> bool) {
        self.bench.wait("reading", |event| match event {
            Event::MigrationStepped { job: id, step: MigrationStep::Sample(sample) }
                if *id == job && wanted(sample) =>
            {
                Some(())
            }
            Event::MigrationEnded { job: id, end } if *id == job => panic!("ended: {end:?}"),
            _ => None,
        });
    }

    /// Waits until memory is on its way.
    #[track_caller]
    pub fn moving(&mut self, job: JobId) {
        self.reading(job, |sample| sample.memory_processed.0 > 0);
    }

    /// The steps told so far, readings left out.
    pub fn steps(&self, job: JobId) -> Vec<MigrationStep> {
        self.bench
            .told
            .iter()
            .filter_map(|event| match event {
                Event::MigrationStepped { step: MigrationStep::Sample(_), .. } => None,
                Event::MigrationStepped { job: id, step } if *id == job => Some(step.clone()),
                _ => None,
            })
            .collect()
    }

    #[track_caller]
    pub fn steer(&mut self, of: JobId, lever: Lever) {
        let job = self.bench.submit(RequestBody::Steer { of, lever });
        self.bench.finished(job).unwrap();
    }

    /// The guest has counted every second once, and goes on: it was never restarted, and never in
    /// two places.
    #[track_caller]
    pub fn assert_lives(&self, name: &str) {
        let now = self.lab.heartbeats(name).last().copied().unwrap_or(0);
        self.lab.wait_for_heartbeat(name, now + 1, DEADLINE).unwrap();
        let beats = self.lab.heartbeats(name);
        assert_eq!(beats, (0..).take(beats.len()).collect::<Vec<u64>>(), "{name}");
    }

    /// Waits until events say that a guest on a host is as `wanted`.
    #[track_caller]
    pub fn until(&mut self, host: HostId, name: &str, wanted: impl Fn(&Guest) -> bool) -> GuestKey {
        let is = |guest: &Guest| guest.key.host == host && &*guest.name == name && wanted(guest);
        self.bench.wait_guests(&format!("{name} on {host:?}"), |guests| guests.values().any(is));
        self.bench.guest(host, name).key
    }

    /// Waits until events say that a host does not know a guest any more.
    #[track_caller]
    pub fn until_gone(&mut self, host: HostId, name: &str) {
        self.bench.wait_guests(&format!("{name} gone from {host:?}"), |guests| {
            !guests.values().any(|guest| guest.key.host == host && &*guest.name == name)
        });
    }
}

/// Whether a guest is there, in that state.
pub fn there(presence: Presence, wanted: GuestState) -> bool {
    matches!(presence, Presence::There { state, .. } if state == wanted)
}
