//! What earlier moves tell of a guest and of a link, for the forecast of the next.

use std::time::Duration;

use super::Coverage;
use super::estimate::{QEMU_PAUSE, seconds};
use super::outlook::Expectation;
use super::past::PastMove;
use crate::model::{Bytes, GuestUuid, MemoryUse};

/// What QEMU itself occupies, besides the guest's memory: 49 MiB in all moves that were measured.
const OWN_SHARE: Bytes = Bytes(49 << 20);
/// A limited move that was this much slower than its limit met the link's own.
const SLOWER: f64 = 0.85;
/// With so much rewritten of what was sent, as QEMU told it, passes did not shrink.
const HELD: f64 = 0.85;
/// Seconds of sending in which a speed is measured well.
const LONG: f64 = 2.5;
/// Earlier measurements that count, each as much as the one now.
const MEASURED: usize = 3;
/// The share of the working set, rewritten within a second, from which nothing more is seen.
const SATED: f64 = 0.9;
/// Measurements that differ more than this are of another time.
const ANOTHER_TIME: f64 = 2.0;

/// What earlier moves tell. Nothing of it where there were none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Calibration {
    /// Earlier moves of the guest that arrived.
    pub guest_moves: usize,
    /// Earlier moves over the link that arrived, of any guest.
    pub link_moves: usize,
    /// What the link carries without a limit, bytes a second.
    pub link_bps: Option<f64>,
    /// What a move takes besides sending: preparing, switching over, tidying up.
    pub overhead: Option<Duration>,
    /// What the switch-over takes besides sending.
    pub least_pause: Option<Duration>,
    /// What is carried in the switch-over, when nothing else is going on, bytes a second.
    pub switch_bps: Option<f64>,
    /// No more than this had to be sent in all.
    pub sent: Option<Bytes>,
    /// The guest rewrites at least this over and over.
    pub seen_set: Option<Bytes>,
    /// And this is all of it, as two moves saw the same.
    pub working_set: Option<Bytes>,
    /// What the guest rewrote before its moves, bytes a second.
    pub rewritten_bps: Option<f64>,
    /// How many times more it rewrote during a move than before.
    pub grows: Option<f64>,
}

impl Calibration {
    /// Of a guest, and of the link between two hosts, in whichever direction.
    #[must_use]
    pub fn of(past: &[PastMove], guest: GuestUuid, source: &str, destination: &str) -> Self {
        let arrived = || past.iter().filter(|of| of.arrived);
        let own: Vec<&PastMove> = arrived().filter(|of| of.guest == guest).collect();
        let link: Vec<&PastMove> = arrived()
            .filter(|of| {
                let way = (of.source.as_str(), of.destination.as_str());
                way == (source, destination) || way == (destination, source)
            })
            .collect();
        let least_pause = least_pause(&link);
        Self {
            guest_moves: own.len(),
            link_moves: link.len(),
            link_bps: link_speed(&link),
            overhead: overhead(&link),
            least_pause,
            switch_bps: least_pause.and_then(|least| switch_speed(&link, least)),
            sent: own.iter().map(|of| of.sent).filter(|sent| sent.0 > 0).min(),
            seen_set: own.iter().filter_map(|of| of.working_set).max(),
            working_set: plateau(&own),
            rewritten_bps: median(
                own.iter().filter_map(|of| of.dirty_before).map(|rate| Bytes(rate).as_f64()),
            ),
            grows: own.iter().filter_map(|of| growth(of)).reduce(f64::max),
        }
    }

    /// What the guest rewrites, from a measurement and those before earlier moves: one alone wavers by
    /// a fifth, as QEMU looks at few pages.
    #[must_use]
    pub fn rewrites(&self, measured: Option<MemoryUse>) -> Option<f64> {
        let now = measured.map(|found| Bytes(found.rewritten_bps).as_f64());
        match (now, self.rewritten_bps) {
            (Some(now), Some(before))
                if now <= before * ANOTHER_TIME && before <= now * ANOTHER_TIME =>
            {
                let earlier = f64::from(u32::try_from(self.guest_moves.min(MEASURED)).unwrap_or(1));
                Some((now + before * earlier) / (1.0 + earlier))
            }
            (now, _) => now,
        }
    }

    /// Whether so much in a second is nearly the whole working set: more was not to be seen.
    #[must_use]
    pub fn is_sated(&self, rate: f64) -> bool {
        let set = self.working_set.filter(|set| set.0 > 0);
        set.is_some_and(|set| rate >= set.as_f64() * SATED)
    }

    /// Memory that really has to be sent.
    #[must_use]
    pub fn first_pass(&self, memory: Bytes, measured: Option<MemoryUse>) -> Option<Bytes> {
        let resident = measured.and_then(|found| found.resident);
        let resident = resident.map(|resident| resident.0.saturating_sub(OWN_SHARE.0));
        let sent = self.sent.map(|sent| sent.0);
        let known = [resident, sent].into_iter().flatten().min()?;
        Some(Bytes(known.min(memory.0)))
    }

    /// The same for the estimate while the move runs.
    #[must_use]
    pub fn expectation(&self, memory: Bytes, measured: Option<MemoryUse>) -> Expectation {
        Expectation {
            rewritten_bps: self.rewrites(measured),
            sated: self.rewrites(measured).is_some_and(|rate| self.is_sated(rate)),
            first_pass: self.first_pass(memory, measured),
            link_bps: self.switch_bps.or(self.link_bps),
            tidying: self.overhead,
        }
    }
}

/// What moves were sent with that no limit held back; the long ones count more. No less than any
/// limit that was reached.
fn link_speed(link: &[&PastMove]) -> Option<f64> {
    let speed = |of: &PastMove| of.speed.map(|speed| Bytes(speed).as_f64());
    let reached =
        link.iter().filter(|of| reached_limit(of)).filter_map(|of| speed(of)).fold(0.0, f64::max);
    let free = link.iter().filter(|of| !reached_limit(of));
    let all: Vec<&&PastMove> = free.collect();
    let long: Vec<&&PastMove> =
        all.iter().copied().filter(|of| sending(of).is_some_and(|time| time >= LONG)).collect();
    // Of moves that took a moment, the fastest was disturbed least.
    let middle = median(long.iter().filter_map(|of| speed(of)));
    let unlimited = all.iter().filter(|of| of.bandwidth_mibps.is_none());
    let fastest = || unlimited.filter_map(|of| speed(of)).reduce(f64::max);
    Some(middle.or_else(fastest)?.max(reached))
}

fn reached_limit(of: &PastMove) -> bool {
    let limit = of.bandwidth_mibps.map(|limit| Bytes(limit << 20).as_f64());
    let speed = of.speed.map(|speed| Bytes(speed).as_f64());
    limit.zip(speed).is_some_and(|(limit, speed)| speed >= limit * SLOWER)
}

/// The pauses of live moves that left next to nothing: the lower quarter.
fn least_pause(link: &[&PastMove]) -> Option<Duration> {
    let live = link.iter().filter(|of| of.coverage == Coverage::Live);
    let mut pauses: Vec<Duration> = live.filter_map(|of| of.downtime).collect();
    pauses.sort_unstable();
    pauses.get(pauses.len().checked_sub(1)? / 4).copied()
}

/// What was left when the guest was stopped went in what the pause took besides its least.
fn switch_speed(link: &[&PastMove], least: Duration) -> Option<f64> {
    let live = link.iter().filter(|of| of.coverage == Coverage::Live);
    let mut known: Vec<(f64, f64)> = live
        .filter_map(|of| {
            let left = left_at_the_end(of);
            let time = of.downtime?.as_secs_f64() - least.as_secs_f64() * 0.75;
            (left > 0.0 && time > 0.0).then(|| (left, left / time))
        })
        .collect();
    known.sort_by(|one, other| other.0.total_cmp(&one.0));
    let larger = known.len().div_ceil(2);
    let mut speeds: Vec<f64> = known.into_iter().take(larger).map(|(_, speed)| speed).collect();
    speeds.sort_by(f64::total_cmp);
    // Where a longer pause was allowed more was left: those look slower than they were.
    speeds.get(speeds.len().checked_sub(1)? * 3 / 4).copied()
}

/// What a move saw that sent all its time what was rewritten meanwhile; else the most that two agree on.
fn plateau(own: &[&PastMove]) -> Option<Bytes> {
    let held = own.iter().filter(|of| {
        let rates = of.dirty_during.zip(of.speed);
        rates.is_some_and(|(rate, speed)| Bytes(rate).as_f64() >= Bytes(speed).as_f64() * HELD)
    });
    if let Some(all) = held.filter_map(|of| of.working_set).max() {
        return Some(all);
    }
    let mut sets: Vec<Bytes> = own.iter().filter_map(|of| of.working_set).collect();
    sets.sort_unstable_by(|one, other| other.cmp(one));
    let agree = sets.windows(2).find(|pair| pair[1].as_f64() >= pair[0].as_f64() * 0.85);
    agree.map(|pair| pair[0])
}

/// What is left of the time of moves besides sending, where the speed is known well. In long ones its
/// error is larger than that: the shorter half tells.
fn overhead(link: &[&PastMove]) -> Option<Duration> {
    let mut known: Vec<(f64, f64)> = link
        .iter()
        .filter_map(|of| {
            let sending = sending(of)?;
            (reached_limit(of) || sending >= LONG).then_some(())?;
            Some((sending, (of.total.as_secs_f64() - sending).max(0.0)))
        })
        .collect();
    known.sort_by(|one, other| one.0.total_cmp(&other.0));
    let shorter = known.len().div_ceil(2);
    median(known.into_iter().take(shorter).map(|(_, rest)| rest)).and_then(seconds)
}

/// Seconds that were spent on sending, the switch-over left out.
fn sending(of: &PastMove) -> Option<f64> {
    let speed = Bytes(of.speed.filter(|&speed| speed > 0)?).as_f64();
    Some((of.sent.as_f64() - left_at_the_end(of)) / speed)
}

/// What was left when the guest was stopped: it fitted into QEMU's pause, as far as is known.
fn left_at_the_end(of: &PastMove) -> f64 {
    if of.coverage != Coverage::Live {
        return 0.0;
    }
    let fits = of.speed.map_or(0.0, |speed| Bytes(speed).as_f64() * QEMU_PAUSE.as_secs_f64());
    of.working_set.map_or(fits, |set| set.as_f64().min(fits))
}

fn growth(of: &PastMove) -> Option<f64> {
    let before = of.dirty_before.filter(|&before| before > 0)?;
    Some(Bytes(of.dirty_during?).as_f64() / Bytes(before).as_f64())
}

/// The one in the middle.
pub(super) fn median(numbers: impl Iterator<Item = f64>) -> Option<f64> {
    let mut numbers: Vec<f64> = numbers.filter(|number| number.is_finite()).collect();
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len().checked_sub(1)? / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    fn past(sent_mib: u64, limit: Option<u64>, speed_mib: u64, seconds: f64) -> PastMove {
        PastMove {
            guest: GuestUuid([1; 16]),
            source: "a".into(),
            destination: "b".into(),
            coverage: Coverage::Stopped,
            bandwidth_mibps: limit,
            predicted: None,
            arrived: true,
            total: Duration::from_secs_f64(seconds),
            downtime: Some(Duration::from_millis(30)),
            sent: Bytes(sent_mib * MIB),
            speed: Some(speed_mib * MIB),
            dirty_before: Some(40 * MIB),
            dirty_during: Some(50 * MIB),
            working_set: None,
        }
    }

    fn of(past: &[PastMove]) -> Calibration {
        Calibration::of(past, GuestUuid([1; 16]), "b", "a")
    }

    #[test]
    fn a_link_is_known_from_moves_in_either_direction_and_only_from_those_that_arrived() {
        assert_eq!(of(&[]), Calibration::default());
        let mut failed = past(900, None, 300, 5.0);
        failed.arrived = false;
        let mut elsewhere = past(900, None, 500, 5.0);
        elsewhere.destination = "c".into();
        let known = of(&[past(400, None, 100, 6.0), failed, elsewhere]);
        assert_eq!((known.link_moves, known.guest_moves), (1, 2));
        assert_eq!(known.link_bps, Some(Bytes(100 * MIB).as_f64()));
        assert_eq!(known.overhead, Some(Duration::from_secs(2)));
    }

    #[test]
    fn a_limit_that_was_reached_tells_nothing_of_the_link_but_how_much_it_carries_at_least() {
        let limited = past(400, Some(40), 39, 12.0);
        assert_eq!(of(std::slice::from_ref(&limited)).link_bps, None);
        let slow = past(400, Some(500), 100, 6.0);
        assert_eq!(of(&[limited, slow]).link_bps, Some(Bytes(100 * MIB).as_f64()));
        let moment = past(30, None, 20, 2.0);
        let reached = past(400, Some(80), 80, 7.0);
        assert_eq!(of(&[moment, reached]).link_bps, Some(Bytes(80 * MIB).as_f64()));
    }

    #[test]
    fn one_measurement_wavers_and_two_waver_less() {
        let known = of(&[past(400, None, 100, 6.0)]);
        let measured = |mib: u64| {
            let found = MemoryUse { rewritten_bps: mib * MIB, resident: Some(Bytes(250 * MIB)) };
            known.rewrites(Some(found)).unwrap() / Bytes(MIB).as_f64()
        };
        assert!((measured(50) - 45.0).abs() < 1e-9);
        assert!((measured(100) - 100.0).abs() < 1e-9, "it does something else now");
        assert_eq!(known.rewrites(None), None, "what it did then is not what it does now");
        assert!(known.grows.is_some_and(|grows| (grows - 1.25).abs() < 1e-9));
    }

    #[test]
    fn no_more_is_sent_than_the_guest_occupies_has_or_took_before() {
        let resident = Some(MemoryUse { rewritten_bps: 0, resident: Some(Bytes(249 * MIB)) });
        let first = |known: &Calibration, memory| known.first_pass(Bytes(memory), resident);
        let fresh = Calibration::default();
        assert_eq!(
            first(&fresh, 512 * MIB),
            Some(Bytes(200 * MIB)),
            "QEMU's own share is not sent"
        );
        assert_eq!(first(&fresh, 128 * MIB), Some(Bytes(128 * MIB)));
        let known = of(&[past(150, None, 100, 4.0)]);
        assert_eq!(first(&known, 512 * MIB), Some(Bytes(150 * MIB)));
        assert_eq!(fresh.first_pass(Bytes(512), None), None);
    }

    #[test]
    fn a_working_set_is_known_when_two_moves_saw_the_same() {
        let with = |set: u64| PastMove {
            working_set: Some(Bytes(set * MIB)),
            ..past(400, None, 100, 6.0)
        };
        let unsure = of(&[with(20), with(48)]);
        assert_eq!((unsure.working_set, unsure.seen_set), (None, Some(Bytes(48 * MIB))));
        assert_eq!(of(&[with(20), with(48), with(46)]).working_set, Some(Bytes(48 * MIB)));
    }
}
