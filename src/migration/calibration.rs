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
/// Moves that left more or less than this share of the most, in the switch-over, tell what carrying it takes.
const APART: f64 = 0.2;
/// From so many of such pairs on.
const LINES: usize = 6;
/// A pause is no longer than sending what was left takes in the passes, this many times, and so many seconds.
const LONGER: (f64, f64) = (1.25, 0.15);
/// Faster than this is no time at all, bytes a second.
const INSTANT: f64 = 10e9;
/// So many times what was seen, rewritten in the first pass: it was all. (Rate and time waver.)
const MORE: f64 = 1.6;
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
    /// What the guest rewrote during its moves, else before them, bytes a second.
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
        let link_bps = link_speed(&link);
        let switch_over = switch_over(&link, link_bps);
        let sent = own.iter().map(|of| of.sent).filter(|sent| sent.0 > 0).min();
        Self {
            guest_moves: own.len(),
            link_moves: link.len(),
            link_bps,
            overhead: overhead(&link),
            least_pause: switch_over.map(|known| known.least),
            switch_bps: switch_over.map(|known| known.bps),
            sent,
            seen_set: own.iter().filter_map(|of| of.working_set).max(),
            working_set: plateau(&own, sent),
            rewritten_bps: median(own.iter().filter_map(|of| rewrote(of))),
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

    /// What the guest rewrites over and over, from what was seen now and in earlier moves. These counted every page,
    /// but may have been of another time.
    #[must_use]
    pub fn set(&self, measured: Option<MemoryUse>) -> Option<Bytes> {
        let now = measured.and_then(|found| found.working_set).filter(|set| set.0 > 0);
        let before = self.working_set.filter(|set| set.0 > 0);
        let agrees = |now: Bytes, before: Bytes| {
            let ratio = now.as_f64() / before.as_f64();
            (1.0 / ANOTHER_TIME..=ANOTHER_TIME).contains(&ratio)
        };
        match (now, before) {
            (Some(now), Some(before)) if agrees(now, before) => Some(before),
            (now, before) => now.or(before),
        }
    }

    /// Whether what is rewritten in a second is nearly the whole working set: more was not to be seen.
    #[must_use]
    pub fn is_sated(&self, measured: Option<MemoryUse>) -> bool {
        let known = self.rewrites(measured).zip(self.set(measured));
        known.is_some_and(|(rate, set)| rate >= set.as_f64() * SATED)
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
            sated: self.is_sated(measured),
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

/// What a switch-over takes: what it takes by itself, and the speed of what is carried in it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct SwitchOver {
    least: Duration,
    bps: f64,
}

/// A line through the pauses of live moves over what was left in them, by the median of the slopes between any two
/// (Theil and Sen): one pause that a busy computer drew out bends it little. Nothing is carried slower than in the
/// passes before, and nothing took less than no time.
fn switch_over(link: &[&PastMove], carries: Option<f64>) -> Option<SwitchOver> {
    let live = link.iter().filter(|of| of.coverage == Coverage::Live);
    let known = live.filter_map(|of| {
        let (left, pause) = (left_at_the_end(of), of.downtime?.as_secs_f64());
        let sending = left / Bytes(of.speed?.max(1)).as_f64();
        // Longer than QEMU's pause: more was allowed, and more was left than is known.
        (pause <= sending * LONGER.0 + LONGER.1).then_some((left, pause))
    });
    let known: Vec<(f64, f64)> = known.collect();
    let most = known.iter().map(|(left, _)| *left).fold(0.0, f64::max);
    let pairs = known.iter().enumerate().flat_map(|(at, one)| {
        known[at + 1..].iter().map(move |other| (other.0 - one.0, other.1 - one.1))
    });
    let apart = pairs.filter(|(left, _)| left.abs() > most * APART);
    let slopes: Vec<f64> = apart.map(|(left, pause)| pause / left).collect();
    let slowest = carries.map(|bps| 1.0 / bps);
    // All alike: what is carried takes the link as long as it does in the passes, unless that is longer than the pauses
    // were; then no more than a half of them was carrying, as far as is known.
    let alike = || {
        let all = median(known.iter().map(|(left, pause)| pause / left))?;
        Some(if slowest.is_some_and(|slowest| all >= slowest) { all } else { all / 2.0 })
    };
    let slope = if slopes.len() >= LINES {
        median(slopes.into_iter())
    } else {
        slowest.and_then(|slowest| Some(alike()?.min(slowest)))
    };
    let slope = slope.unwrap_or(0.0).min(slowest.unwrap_or(f64::INFINITY)).max(1.0 / INSTANT);
    let least = median(known.iter().map(|(left, pause)| pause - left * slope))?.max(0.0);
    Some(SwitchOver { least: seconds(least)?, bps: 1.0 / slope })
}

/// What a move saw that sent all its time what was rewritten meanwhile; else what one saw whose first pass was long
/// enough for more, had there been more; else the most that two agree on.
fn plateau(own: &[&PastMove], sent: Option<Bytes>) -> Option<Bytes> {
    let held = own.iter().filter(|of| held(of));
    if let Some(all) = held.filter_map(|of| of.working_set).max() {
        return Some(all);
    }
    let seen_all = own.iter().filter_map(|of| seen_all(of, sent?));
    if let Some(all) = seen_all.max() {
        return Some(all);
    }
    let mut sets: Vec<Bytes> = own.iter().filter_map(|of| of.working_set).collect();
    sets.sort_unstable_by(|one, other| other.cmp(one));
    let agree = sets.windows(2).find(|pair| pair[1].as_f64() >= pair[0].as_f64() * 0.85);
    agree.map(|pair| pair[0])
}

/// Whether it sent all its time what was rewritten meanwhile.
fn held(of: &PastMove) -> bool {
    let rates = of.dirty_during.zip(of.speed);
    rates.is_some_and(|(rate, speed)| Bytes(rate).as_f64() >= Bytes(speed).as_f64() * HELD)
}

/// What the second pass began with, where the guest would have rewritten much more in the first, which sent so much, if
/// it had not rewritten the same again. What the first left unsent counts as part of it: it may have been, and so much
/// is not known apart.
fn seen_all(of: &PastMove, first: Bytes) -> Option<Bytes> {
    let (set, speed) = (of.working_set?.as_f64(), Bytes(of.speed?.max(1)).as_f64());
    let unsent = speed * QEMU_PAUSE.as_secs_f64();
    let rate = of.dirty_before.into_iter().chain(of.dirty_during).max()?;
    let rewrote = Bytes(rate).as_f64() * (first.as_f64() - set) / speed;
    let all = of.coverage == Coverage::Live && set >= unsent * 2.0 && rewrote >= set * MORE;
    all.then(|| Bytes::from_f64(set + unsent))
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

/// During a move QEMU counts every page, before one it looks at a few.
/// Of a guest that outran its move QEMU told no more than was sent.
fn rewrote(of: &PastMove) -> Option<f64> {
    let (before, during) = (of.dirty_before, of.dirty_during);
    let rate = if held(of) { before.max(during) } else { during.or(before) };
    Some(Bytes(rate?).as_f64())
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
            let resident = Some(Bytes(250 * MIB));
            let found = MemoryUse { rewritten_bps: mib * MIB, working_set: None, resident };
            known.rewrites(Some(found)).unwrap() / Bytes(MIB).as_f64()
        };
        assert!((measured(40) - 45.0).abs() < 1e-9, "it rewrote 50 then");
        assert!((measured(101) - 101.0).abs() < 1e-9, "it does something else now");
        assert_eq!(known.rewrites(None), None, "what it did then is not what it does now");
        assert!(known.grows.is_some_and(|grows| (grows - 1.25).abs() < 1e-9));
    }

    #[test]
    fn what_outran_a_move_is_known_from_before_it() {
        let limited = PastMove {
            dirty_before: Some(40 * MIB),
            dirty_during: Some(16 * MIB),
            ..past(400, Some(16), 16, 30.0)
        };
        assert_eq!(
            of(std::slice::from_ref(&limited)).rewritten_bps,
            Some(Bytes(40 * MIB).as_f64())
        );
        let faster = PastMove { speed: Some(100 * MIB), ..limited };
        assert_eq!(of(&[faster]).rewritten_bps, Some(Bytes(16 * MIB).as_f64()));
    }

    #[test]
    fn no_more_is_sent_than_the_guest_occupies_has_or_took_before() {
        let resident = Some(Bytes(249 * MIB));
        let resident = Some(MemoryUse { resident, ..MemoryUse::default() });
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

    #[test]
    fn a_working_set_is_known_when_the_first_pass_was_long_enough_to_see_more() {
        let with = |speed: u64, rate: u64, set: u64, coverage| PastMove {
            working_set: Some(Bytes(set * MIB)),
            coverage,
            dirty_before: None,
            dirty_during: Some(rate * MIB),
            ..past(400, None, speed, 6.0)
        };
        let set = |of_one: PastMove| of(&[of_one]).working_set.map(|set| set.0 / MIB);
        assert_eq!(set(with(20, 12, 48, Coverage::Live)), Some(54), "211 else; 6 were left unsent");
        assert_eq!(set(with(100, 50, 120, Coverage::Live)), None, "140 were to be expected");
        assert_eq!(set(with(100, 80, 48, Coverage::Live)), None, "30 of it may have been unsent");
        assert_eq!(set(with(20, 12, 48, Coverage::Stopped)), None, "nothing was rewritten");
    }

    /// A live move at a speed, MiB/s, that made a pause of so many ms.
    fn live(speed_mib: u64, limit: Option<u64>, pause: u64) -> PastMove {
        PastMove {
            coverage: Coverage::Live,
            downtime: Some(Duration::from_millis(pause)),
            ..past(900, limit, speed_mib, 30.0)
        }
    }

    #[test]
    fn what_a_switch_over_takes_is_told_apart_from_what_is_carried_in_it() {
        let known = |moves: &[PastMove]| {
            let known = of(moves);
            let mib = known.switch_bps.unwrap() / Bytes(MIB).as_f64();
            (known.least_pause.unwrap().as_millis(), mib.round())
        };
        // A link of 50 MiB/s: what was left went at its speed, whatever the limit before.
        let narrow: Vec<_> = [(10, 90), (20, 150), (30, 211), (40, 270)]
            .map(|(speed, pause)| live(speed, Some(speed), pause))
            .into();
        assert_eq!(known(&narrow), (30, 50.0));
        // One that a busy computer drew out changes little.
        let drawn_out = [&narrow[..], &[live(30, Some(30), 400)]].concat();
        let (least, mib) = known(&drawn_out);
        assert!((25..=40).contains(&least) && (45.0..=55.0).contains(&mib), "{least} {mib}");
        // Between two programs of one computer the limit does not matter: all of it is the switch-over's own.
        let wide: Vec<_> = [(16, 25), (24, 27), (64, 24), (100, 26)]
            .map(|(speed, pause)| live(speed, Some(speed), pause))
            .into();
        let (least, mib) = known(&wide);
        assert!((22..=27).contains(&least) && mib > 1_000.0, "{least} {mib}");
        // One move does not tell them apart: a link carries as in the passes.
        assert_eq!(known(&[live(50, None, 380)]), (80, 50.0));
        // Where it cannot have, half and half.
        assert_eq!(known(&[live(50, None, 200)]), (100, 150.0));
    }

    #[test]
    fn a_pause_that_was_allowed_to_be_long_tells_nothing_of_the_switch_over() {
        let rescued = live(16, Some(16), 1_100);
        assert_eq!(of(&[rescued]).least_pause, None);
    }
}
