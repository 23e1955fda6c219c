//! Makes moves in the practice lab and writes them down.
#![allow(clippy::print_stderr)] // for whoever waits

use std::time::{Duration, Instant};

use vireo::backend::{Lever, RequestBody};
use vireo::lab::PracticeGuest;
use vireo::migration::{MigrationOptions, Tracker, Watched};
use vireo::model::{Bytes, Event, HostId, MemoryUse, MigrationPhase, Reply};

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
const PROVING: (u64, Duration) = (6, Duration::from_secs(12));
/// So long may one take that is said to finish.
const PATIENCE: Duration = Duration::from_secs(55);

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
pub fn record_all(practice: &mut Practice, mut made: impl FnMut(&Recording)) {
    let link = CutLink::carrying(LINK);
    let (mut from, mut to) = (A, B);
    for (limit, live) in TRIED {
        for guest in guests() {
            let link_mibps = Some(LINK.into());
            let case = Case { bandwidth_mibps: limit, link_mibps, live, ..case(&guest) };
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
    for _ in 0..Watched::ENOUGH {
        watched.add(measure(practice, name, at)?);
    }
    watched.memory_use()
}

/// Measures what the guest rewrites, for a second.
pub fn measure(practice: &mut Practice, name: &str, at: HostId) -> Option<MemoryUse> {
    let guest = practice.bench.guest(at, name).key;
    let job = practice.bench.submit(RequestBody::MeasureDirtyRate(guest));
    match practice.bench.finished(job) {
        Ok(Reply::MemoryUse(found)) => Some(found),
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
    loop {
        let now = begun.elapsed();
        while let Some(event) = practice.bench.told.get(next) {
            next += 1;
            match event {
                Event::MigrationStepped { job: id, step } if *id == job => {
                    tracker.apply(step, now);
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
        if !rescued && let Some(lever) = rescue(&tracker, now) {
            rescued = true;
            practice.bench.submit(RequestBody::Steer { of: job, lever });
        }
        assert!(practice.bench.collect(Instant::now() + DEADLINE), "nothing more of {case:?}");
    }
}

/// What it says would do, once it had every chance to finish by itself.
fn rescue(tracker: &Tracker, now: Duration) -> Option<Lever> {
    let MigrationPhase::Pass(pass) = tracker.phase() else { return None };
    let proved = pass >= PROVING.0 && now > PROVING.1 && tracker.never_ends();
    let needs = tracker.needed_pause().filter(|_| proved || now > PATIENCE)?;
    Some(Lever::MaxDowntime(u64::try_from(needs.as_millis()).ok()?))
}
