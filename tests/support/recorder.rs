//! Makes moves in the practice lab and writes them down.
#![allow(clippy::print_stderr)] // for whoever waits

use std::time::{Duration, Instant};

use vireo::backend::{Lever, RequestBody};
use vireo::lab::PracticeGuest;
use vireo::migration::{MigrationOptions, Tracker, Watched};
use vireo::model::{Bytes, Event, HostId, MemoryUse, MemoryWatch, MigrationPhase, Reply};

use super::DEADLINE;
use super::cut_link::CutLink;
use super::practice::{A, B, Practice};
use super::recorded::{Case, Recording};

/// A move of this guest, live and without a limit.
pub fn case(guest: &PracticeGuest) -> Case {
    Case {
        guest: guest.name.clone(),
        memory_mib: guest.memory_mib.into(),
        rewritten_mib: guest.rewritten_mib.into(),
        rate_mibps: guest.rate_mibps.into(),
        bandwidth_mibps: None,
        link_mibps: None,
        pause_ms: 300,
        live: true,
    }
}

/// Passes in which a move that is said not to finish may prove the contrary, and the time.
const PROVING: (usize, Duration) = (6, Duration::from_secs(12));
/// It does when passes begin with less than this share of what they began with so many passes ago.
const LESS: f64 = 0.95;
/// So long may any move take.
const PATIENCE: Duration = Duration::from_secs(180);

/// Guests of several sizes that rewrite more or less of their memory, faster or slower.
pub fn guests() -> Vec<PracticeGuest> {
    vec![
        PracticeGuest::new("small", 160).rewriting(16, 8).holding(64),
        PracticeGuest::new("busy", 160).rewriting(48, 40),
        PracticeGuest::new("wide", 384).rewriting(128, 24).holding(64),
        PracticeGuest::new("hot", 256).rewriting(24, 80).holding(128),
        PracticeGuest::new("large", 512).rewriting(64, 16).holding(320),
    ]
}

/// What the link carries over which moves are judged, MiB/s: not what two programs of one computer pass on to each
/// other, which is whatever its processors have left.
pub const LINK: u32 = 40;

/// Limits, MiB/s, each tried with every guest; one of them with the guest standing still.
const TRIED: [(Option<u64>, bool); 7] = [
    (None, true),
    (Some(30), false),
    (Some(12), true),
    (Some(16), true),
    (Some(24), true),
    (Some(32), true),
    (None, true),
];

/// Moves every guest with every limit, one after the other.
pub fn record_all(practice: &mut Practice, made: impl FnMut(&Recording)) {
    record_each(practice, &guests(), &TRIED, made);
}

/// Moves these guests with these limits.
pub fn record_each(
    practice: &mut Practice,
    guests: &[PracticeGuest],
    tried: &[(Option<u64>, bool)],
    mut made: impl FnMut(&Recording),
) {
    let link = CutLink::carrying(LINK);
    let (mut from, mut to) = (A, B);
    for &(limit, live) in tried {
        for guest in guests {
            let link_mibps = Some(LINK.into());
            let case = Case { bandwidth_mibps: limit, link_mibps, live, ..case(guest) };
            let before = watch(practice, &guest.name, from);
            let recording = record(practice, from, &case, before, &link);
            eprintln!("{}: {:?}", case.file(), recording.total);
            made(&recording);
            practice.until(to, &guest.name, |guest| !guest.migrating && guest.state.is_active());
        }
        (from, to) = (to, from);
    }
}

/// Watches what the guest rewrites as the dialog does that is open for a while.
fn watch(practice: &mut Practice, name: &str, at: HostId) -> Option<MemoryUse> {
    let mut watched = Watched::default();
    while let Some(seconds) = watched.next() {
        watched.add(look(practice, name, at, seconds)?);
    }
    watched.memory_use()
}

fn look(practice: &mut Practice, name: &str, at: HostId, seconds: u32) -> Option<MemoryWatch> {
    let guest = practice.bench.guest(at, name).key;
    let job = practice.bench.submit(RequestBody::WatchMemory { guest, seconds });
    match practice.bench.finished(job) {
        Ok(Reply::MemoryWatch(found)) => Some(found),
        _ => None,
    }
}

/// Makes a move and writes it down.
pub fn record(
    practice: &mut Practice,
    from: HostId,
    case: &Case,
    before: Option<MemoryUse>,
    link: &CutLink,
) -> Recording {
    let options = MigrationOptions {
        migrate_uri: Some(link.migrate_uri()),
        listen_address: Some(link.listen_address()),
        ..case.options()
    };
    let memory = Bytes(case.memory_mib << 20);
    let mut tracker = Tracker::new(&case.options(), memory);
    let seen = practice.bench.told.len();
    let begun = Instant::now();
    let job = practice.begin(&case.guest, from, options);
    let (mut steps, mut next, mut rescued) = (Vec::new(), seen, false);
    let mut began = Began::default();
    loop {
        let now = begun.elapsed();
        while let Some(event) = practice.bench.told.get(next) {
            next += 1;
            match event {
                Event::MigrationStepped { job: id, step } if *id == job => {
                    tracker.apply(step, now);
                    began.look(&tracker);
                    steps.push((now, step.clone()));
                }
                Event::MigrationEnded { job: id, end } if *id == job => {
                    return Recording {
                        case: case.clone(),
                        before,
                        steps,
                        arrived: end.result.is_ok(),
                        total: now,
                        downtime: end.stats.and_then(|stats| stats.downtime),
                        sent: end.stats.map(|stats| stats.sent).unwrap_or_default(),
                    };
                }
                _ => {}
            }
        }
        if !rescued && let Some(lever) = rescue(&tracker, &began, now) {
            rescued = true;
            practice.bench.submit(RequestBody::Steer { of: job, lever });
        }
        assert!(practice.bench.collect(Instant::now() + DEADLINE), "nothing more of {case:?}");
    }
}

/// What passes after the first began with, bytes.
#[derive(Default)]
struct Began {
    pass: u64,
    left: Vec<f64>,
}

impl Began {
    fn look(&mut self, tracker: &Tracker) {
        let MigrationPhase::Pass(pass) = tracker.phase() else { return };
        let left = tracker.left().as_f64();
        if pass > self.pass {
            self.pass = pass;
            self.left.push(left);
        } else if let Some(most) = self.left.last_mut() {
            // The first look into a pass may come late.
            *most = most.max(left);
        }
    }

    /// Whether six passes brought it no nearer to its end.
    fn gets_nowhere(&self) -> bool {
        let Some(earlier) = self.left.len().checked_sub(PROVING.0) else { return false };
        let most = |of: &[f64]| of.iter().copied().fold(0.0, f64::max);
        let (before, now) = self.left[earlier..].split_at(PROVING.0 / 2);
        most(now) >= most(before) * LESS
    }
}

/// What it says would do, once it had every chance to finish by itself.
fn rescue(tracker: &Tracker, began: &Began, now: Duration) -> Option<Lever> {
    let proved = now > PROVING.1 && tracker.never_ends() && began.gets_nowhere();
    let needs = tracker.needed_pause().filter(|_| proved || now > PATIENCE)?;
    Some(Lever::MaxDowntime(u64::try_from(needs.as_millis()).ok()?))
}
