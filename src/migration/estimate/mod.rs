//! The model of a live move: passes over the memory, what each leaves, and whether they come to an end.
//!
//! QEMU sends until what is left fits into *speed × allowed pause* (its threshold), and only then looks
//! what the guest rewrote meanwhile. When that fits too, the guest is switched over; else it is the next
//! pass. What is left above the threshold shrinks from pass to pass by ρ = rewritten ÷ sent; with ρ near
//! 1 it stays, and the move never ends. A guest rewrites no more than its working set, so that what
//! passes begin with rises to a plateau, and a pause that carries this plateau always does.
//! (QEMU `migration_iteration_run`; Clark et al., NSDI 2005; Akoush et al., MASCOTS 2010.)

mod ratio;
mod remaining;

use std::collections::VecDeque;
use std::time::Duration;

use super::outlook::{Expectation, Trend};
use crate::model::{Bytes, MigrationSample};

/// Passes remembered: enough to tell a plateau from a slope.
const REMEMBERED: usize = 16;
/// From this ρ on the end is far, or there is none: the speed itself wavers by a tenth.
pub(super) const HOLDS: f64 = 0.9;
/// Below this ρ, counted by QEMU over a second or more, there is one all the same: it counts every page, and of real
/// moves that never ended it told at least 0.97, of those that only took long 0.93.
const STANDS: f64 = 0.965;
/// A guest that rewrote nearly its whole working set within the second that was watched would have
/// rewritten it again in the next half: so many times more it is at least.
pub(super) const AT_LEAST: f64 = 2.0;
/// Before the second look at the memory, only what was measured beforehand can tell; it wavers more.
const HOLDS_BEFOREHAND: f64 = 1.25;
/// So near the threshold, by the wavering of the speed, what is left may fit at any moment.
const WAVERS: f64 = 1.25;
/// The same in the second pass of a guest of which nothing was measured beforehand: it began with what the
/// guest rewrote in all of the first pass, which was the longest, and with what that had not sent yet.
const WAVERS_UNKNOWN: f64 = 2.0;
/// So long it has to be so before what took long is said not to finish.
const PROVEN: Duration = Duration::from_secs(5);
/// A speed is held against what is rewritten as the mean of so long.
const STEADY: Duration = Duration::from_secs(8);
/// QEMU reckons what is rewritten anew after a second at the earliest.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);
/// How much more than the plateau a pause must carry to be sure, as the speed of 100 ms decides.
const MARGIN: f64 = 1.2;
/// QEMU's own limit of the pause (`DEFAULT_MIGRATE_SET_DOWNTIME`), where libvirt does not tell.
pub(super) const QEMU_PAUSE: Duration = Duration::from_millis(300);
/// Readings closer together than this, in seconds, say nothing of the speed.
const SHORTEST: f64 = 0.05;
/// The weight of a reading in the speed the model stands on, a second.
const FOLLOWS: f64 = 0.4;

/// A pass over the memory.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Pass {
    number: u64,
    began: Duration,
    /// What it began with.
    left: f64,
}

impl Pass {
    /// How long it took until the next one.
    fn lasted(&self, next: &Self) -> Duration {
        next.began.saturating_sub(self.began)
    }

    /// What it began with of memory that was rewritten: the second one began with what the first had not
    /// sent yet, too.
    fn rewritten(&self, threshold: f64) -> f64 {
        self.left - if self.number == 2 { threshold } else { 0.0 }
    }
}

/// The passes of a move and what follows from them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Estimate {
    live: bool,
    slows_guest: bool,
    expected: Expectation,
    passes: Vec<Pass>,
    speed: Option<f64>,
    /// The source's clock and what was sent by then, of the latest readings.
    readings: VecDeque<(Duration, f64)>,
    /// Seconds that went into the speed.
    timed: f64,
    left: f64,
    moved: f64,
    memory_moved: f64,
    disk_left: f64,
    rewritten: f64,
    /// That was counted in passes after the first.
    counted: bool,
    /// It was told to take long.
    crawled: bool,
    /// Since when ρ has been too high for that.
    held: Option<Duration>,
    throttle: u32,
    /// The most that a pass after the first began with.
    widest: f64,
    /// Memory of the guest, as far as it counts already.
    memory: f64,
    /// The source's clock at the latest reading.
    clock: Duration,
    at: Duration,
}

impl Estimate {
    /// Of a guest that runs meanwhile (`live`), or stands still; QEMU may slow it down.
    pub(super) const fn new(live: bool, slows_guest: bool) -> Self {
        Self {
            live,
            slows_guest,
            expected: Expectation {
                rewritten_bps: None,
                sated: false,
                first_pass: None,
                link_bps: None,
                tidying: None,
            },
            passes: Vec::new(),
            speed: None,
            readings: VecDeque::new(),
            timed: 0.0,
            left: 0.0,
            moved: 0.0,
            memory_moved: 0.0,
            disk_left: 0.0,
            rewritten: 0.0,
            counted: false,
            crawled: false,
            held: None,
            throttle: 0,
            widest: 0.0,
            memory: 0.0,
            clock: Duration::ZERO,
            at: Duration::ZERO,
        }
    }

    /// Takes in what is known beforehand.
    pub(super) const fn expect(&mut self, expected: Expectation) {
        self.expected = expected;
    }

    /// What was known beforehand.
    pub(super) const fn expected(&self) -> &Expectation {
        &self.expected
    }

    /// The speed is about to be another: the old one says nothing of the new.
    pub(super) fn forget_speed(&mut self) {
        self.speed = None;
        self.readings.clear();
        self.timed = 0.0;
    }

    /// Takes a reading in: `left` in all, `moved` in all, in pass `number`, with this allowed pause.
    pub(super) fn read(
        &mut self,
        sample: &MigrationSample,
        left: Bytes,
        moved: Bytes,
        number: u64,
        at: Duration,
        pause: Duration,
    ) {
        let (left, moved) = (left.as_f64(), moved.as_f64());
        let seconds = sample.elapsed.saturating_sub(self.clock).as_secs_f64();
        self.clock = self.clock.max(sample.elapsed);
        // Before the first byte both hosts are prepared: that is no speed.
        let began = self.passes.first().map_or(at, |pass| pass.began);
        let since = at.saturating_sub(began).as_secs_f64();
        let first = self.moved == 0.0 && moved > 0.0;
        let seconds = if first && since + SHORTEST < seconds { since } else { seconds };
        if seconds >= SHORTEST && moved > 0.0 {
            let now = (moved - self.moved).max(0.0) / seconds;
            // The plain mean at first: a beginning would be heard for long.
            self.timed += seconds;
            let weight = (1.0 - (1.0 - FOLLOWS).powf(seconds)).max(seconds / self.timed);
            self.speed = Some(self.speed.map_or(now, |speed| speed + weight * (now - speed)));
        }
        (self.left, self.moved, self.at) = (left, moved, at);
        self.readings.push_back((self.clock, moved));
        while self.readings.front().is_some_and(|first| first.0 + STEADY < self.clock) {
            self.readings.pop_front();
        }
        self.memory_moved = sample.memory_processed.as_f64();
        self.disk_left = sample.disk_remaining.as_f64();
        let rewritten = Bytes(sample.dirty_bps).as_f64();
        // QEMU counts anew once a second, when a pass begins: the first time after the first pass.
        self.counted |= number > 2 && rewritten.to_bits() != self.rewritten.to_bits();
        self.rewritten = rewritten;
        self.throttle = sample.throttle_percent;
        self.memory = sample.memory_total.as_f64();
        self.begin(number, at);
        let sent_since =
            |pass: &Pass| self.speed.unwrap_or(0.0) * at.saturating_sub(pass.began).as_secs_f64();
        let first_look = self.passes.last().is_some_and(|pass| pass.left == 0.0);
        let missed =
            self.passes.last().map_or(0.0, |pass| if first_look { sent_since(pass) } else { 0.0 });
        let threshold = self.threshold(pause);
        if let Some(pass) = self.passes.last_mut() {
            pass.left = pass.left.max(left + missed);
            if pass.number >= 2 {
                self.widest = self.widest.max(pass.rewritten(threshold));
            }
        }
        self.look_at_ratio(pause);
    }

    /// What takes long is not called endless before that has been so for a while: ρ wavers by a hundredth.
    fn look_at_ratio(&mut self, pause: Duration) {
        let ratio = self.ratio(pause).unwrap_or(0.0);
        self.crawled |= self.counted && (HOLDS..STANDS).contains(&ratio);
        self.held = if ratio < STANDS { None } else { self.held.or(Some(self.at)) };
    }

    /// A pass begins now, unless it did already.
    pub(super) fn begin(&mut self, number: u64, at: Duration) {
        if self.passes.last().is_some_and(|pass| pass.number >= number) {
            return;
        }
        if self.passes.len() == REMEMBERED {
            self.passes.remove(0);
        }
        self.passes.push(Pass { number, began: at, left: 0.0 });
    }

    /// The speed the model stands on, bytes a second.
    pub(super) fn carries(&self) -> Option<f64> {
        self.speed.filter(|&speed| speed >= 1.0)
    }

    /// The mean of it over some seconds, to be held against what QEMU counted: a single reading is off by what is sent
    /// in a tenth of a second, after which QEMU looks at its limit.
    fn carries_steadily(&self) -> Option<f64> {
        let (first, last) = (self.readings.front()?, self.readings.back()?);
        let seconds = last.0.saturating_sub(first.0).as_secs_f64();
        if seconds < BETWEEN_LOOKS.as_secs_f64() {
            return self.carries();
        }
        Some((last.1 - first.1) / seconds).filter(|&speed| speed >= 1.0)
    }

    fn number(&self) -> u64 {
        self.passes.last().map_or(0, |pass| pass.number)
    }

    fn is_first(&self) -> bool {
        self.number() <= 1
    }

    /// What is left when a pass ends.
    fn threshold(&self, pause: Duration) -> f64 {
        self.carries().unwrap_or(0.0) * pause.as_secs_f64()
    }

    /// The most that a pass after the first began with: the guest's working set, if it had the time.
    pub(super) fn widest(&self) -> Option<Bytes> {
        (self.widest > 0.0).then(|| Bytes::from_f64(self.widest))
    }

    /// What passes after the first begin with: the most of the latest three.
    pub(super) fn plateau(&self) -> Option<Bytes> {
        let again = self.passes.iter().rev().filter(|pass| pass.number >= 2 && pass.left > 0.0);
        let most = again.take(3).map(|pass| pass.left).fold(0.0, f64::max);
        (most > 0.0).then(|| Bytes::from_f64(most))
    }

    /// The passes of which a reading is known, the latest first.
    fn seen(&self) -> impl Iterator<Item = &Pass> {
        self.passes.iter().rev().filter(|pass| pass.left > 0.0)
    }

    /// Where it is heading.
    pub(super) fn trend(&self, pause: Duration) -> Trend {
        let mut seen = self.seen().filter(|pass| pass.number >= 2);
        let (Some(ratio), Some(last)) = (self.ratio(pause), seen.next()) else {
            return Trend::FirstPass;
        };
        let holds = ratio >= HOLDS || self.ratio_beforehand() >= HOLDS_BEFOREHAND;
        let threshold = self.threshold(pause);
        let unknown = self.expected.rewritten_bps.is_none() && last.number == 2;
        let wavers = if unknown { WAVERS_UNKNOWN } else { WAVERS };
        if !holds || last.left <= threshold * wavers && !self.stands_above(threshold) {
            return Trend::Converging;
        }
        if self.crawls(ratio) {
            return Trend::Crawling;
        }
        match seen.next() {
            Some(before) if last.left > before.left * 1.1 => Trend::Diverging,
            _ => Trend::Holding,
        }
    }

    /// Whether three passes in a row began with the same, a little more than the threshold.
    fn stands_above(&self, threshold: f64) -> bool {
        let lefts: Vec<f64> = self.seen().take(3).map(|pass| pass.left).collect();
        let least = lefts.iter().copied().fold(f64::INFINITY, f64::min);
        let most = lefts.iter().copied().fold(0.0, f64::max);
        lefts.len() == 3 && least > threshold && most < least * 1.1
    }

    /// Whether it will not finish with this allowed pause, at this speed.
    pub(super) fn never_ends(&self, pause: Duration) -> bool {
        self.goes_its_way() && matches!(self.trend(pause), Trend::Holding | Trend::Diverging)
    }

    /// Whether it takes many more passes until it will finish.
    pub(super) fn takes_long(&self, pause: Duration) -> bool {
        self.goes_its_way() && self.trend(pause) == Trend::Crawling
    }

    /// Whether the guest runs, and is not slowed down any more.
    const fn goes_its_way(&self) -> bool {
        let slows = self.slows_guest || self.throttle > 0;
        self.live && !(slows && self.throttle < 99)
    }

    /// An allowed pause that is enough, known from the second pass on.
    pub(super) fn enough_pause(&self) -> Option<Duration> {
        let speed = self.carries()?;
        seconds(self.plateau()?.as_f64() * MARGIN / speed)
    }

    /// A speed that is enough for this allowed pause, bytes a second: the guest is outrun, or the whole
    /// plateau fits into the pause.
    pub(super) fn enough_speed(&self, pause: Duration) -> Option<f64> {
        let plateau = self.plateau()?.as_f64();
        let fits = plateau * MARGIN / pause.as_secs_f64().max(0.001);
        // What is told of a full pass is the speed it was sent with; only the measurement knows more.
        let counted = (self.trend(pause) == Trend::Crawling).then_some(self.rewritten);
        let known = counted.or(self.expected.rewritten_bps).filter(|&rate| rate > 0.0);
        let outruns = known.map_or(f64::INFINITY, |rate| rate.max(self.rewritten) * 1.5);
        Some(fits.min(outruns)).filter(|speed| speed.is_finite())
    }

    /// How long the guest would stand still if so many bytes were left: at the present speed at most,
    /// and at the link's at least, as a limit does not hold in the switch-over.
    pub(super) fn pause_for(&self, bytes: f64) -> Option<(Duration, Duration)> {
        let speed = self.carries()?;
        let link = self.expected.link_bps.unwrap_or(speed).max(speed);
        Some((seconds(bytes / link)?, seconds(bytes / speed)?))
    }
}

pub(super) fn seconds(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;
    const PAUSE: Duration = Duration::from_millis(300);

    /// Passes at 20 MiB/s that begin with so many MiB, read four times a second.
    struct Flight {
        estimate: Estimate,
        at: u64,
        sent: u64,
        number: u64,
    }

    impl Flight {
        fn new(expected: Expectation) -> Self {
            let mut estimate = Estimate::new(true, false);
            estimate.expect(expected);
            Self { estimate, at: 0, sent: 0, number: 0 }
        }

        /// Sends a pass down to the threshold of 6 MiB.
        fn pass(mut self, mib: u64, rewritten_mib: u64) -> Self {
            self.number += 1;
            self.estimate.begin(self.number, Duration::from_millis(self.at));
            let mut left = mib;
            loop {
                let sample = MigrationSample {
                    elapsed: Duration::from_millis(self.at),
                    memory_total: Bytes(100 * MIB),
                    memory_processed: Bytes(self.sent * MIB),
                    dirty_bps: rewritten_mib * MIB,
                    ..MigrationSample::default()
                };
                let (left_now, sent) = (Bytes(left * MIB), Bytes(self.sent * MIB));
                let at = Duration::from_millis(self.at);
                self.estimate.read(&sample, left_now, sent, self.number, at, PAUSE);
                if left <= 6 {
                    return self;
                }
                (left, self.sent, self.at) = (left - left.min(5), self.sent + 5, self.at + 250);
            }
        }

        fn trend(&self) -> Trend {
            self.estimate.trend(PAUSE)
        }
    }

    #[test]
    fn a_second_pass_a_little_above_the_threshold_needs_a_third_where_nothing_was_measured() {
        let known =
            Expectation { rewritten_bps: Some(Bytes(20 * MIB).as_f64()), ..Expectation::default() };
        let second = |expected| Flight::new(expected).pass(100, 20).pass(10, 20);
        assert_eq!(second(known).trend(), Trend::Holding);
        let unknown = second(Expectation::default());
        assert_eq!(unknown.trend(), Trend::Converging);
        assert_eq!(unknown.pass(10, 20).trend(), Trend::Holding);
    }

    #[test]
    fn each_trend_is_told_from_what_passes_begin_with() {
        let first = Flight::new(Expectation::default()).pass(100, 0);
        assert_eq!(first.trend(), Trend::FirstPass);
        let second = first.pass(41, 8);
        assert_eq!(second.trend(), Trend::Converging);
        assert_eq!(second.pass(20, 8).trend(), Trend::Converging);
        let flight = || Flight::new(Expectation::default()).pass(100, 0).pass(41, 8);
        assert_eq!(flight().pass(41, 20).trend(), Trend::Holding);
        assert_eq!(flight().pass(61, 25).trend(), Trend::Diverging);
        let stuck = flight().pass(41, 20).estimate;
        assert!(stuck.never_ends(PAUSE) && stuck.time_left(PAUSE).is_none());
        let enough = stuck.enough_pause().unwrap();
        assert!(!stuck.never_ends(enough) && stuck.time_left(enough).is_some(), "{enough:?}");
    }

    #[test]
    fn what_takes_long_is_told_from_what_never_ends() {
        let flight = |rewritten| {
            let first = Flight::new(Expectation::default()).pass(100, 0).pass(41, 12);
            first.pass(39, rewritten).pass(37, rewritten - 1)
        };
        let crawls = flight(19);
        assert_eq!(crawls.trend(), Trend::Crawling);
        assert!(crawls.estimate.takes_long(PAUSE) && !crawls.estimate.never_ends(PAUSE));
        let (least, most) = crawls.estimate.time_left(PAUSE).unwrap();
        // 31 MiB above the threshold when the pass began, and 2 MiB/s fewer with each second.
        let truth = Duration::from_millis(31_000 / 2 - 1_550);
        assert!(least < truth && truth < most, "{least:?} {truth:?} {most:?}");
        assert!(most < truth * 3, "{most:?}");
        let speed = crawls.estimate.enough_speed(PAUSE).unwrap() / Bytes(MIB).as_f64();
        assert!((27.0..28.0).contains(&speed), "one that outruns it by half: {speed}");
        let wavers = flight(19).pass(37, 20);
        assert_eq!(wavers.trend(), Trend::Crawling, "not for a moment's sake");
        let endless = wavers.pass(37, 21).pass(37, 20).pass(37, 21);
        assert_eq!(endless.trend(), Trend::Holding, "for more than five seconds");
        let stands = flight(21);
        assert_eq!(stands.trend(), Trend::Holding);
        assert!(stands.estimate.never_ends(PAUSE));
        let mut slowed = flight(19);
        slowed.estimate.throttle = 20;
        assert!(!slowed.estimate.takes_long(PAUSE), "it is being slowed down");
    }

    #[test]
    fn what_was_measured_before_tells_in_the_second_pass_already() {
        let known = Expectation { rewritten_bps: Some(40e6), ..Expectation::default() };
        let flight = Flight::new(known).pass(100, 0).pass(41, 8);
        assert!(flight.estimate.never_ends(PAUSE), "the first pass hid how fast it is");
        let speed = flight.estimate.enough_speed(PAUSE).unwrap();
        assert!((55e6..65e6).contains(&speed), "one that outruns it: {speed}");
        let calmer = flight.pass(20, 8);
        assert!(!calmer.estimate.never_ends(PAUSE), "from the third pass on QEMU knows better");
    }

    #[test]
    fn what_the_first_pass_left_unsent_is_not_taken_for_rewritten_again() {
        let second = |mib: u64| {
            let rewritten_bps = Some(Bytes(mib * MIB).as_f64());
            let known = Expectation { rewritten_bps, ..Expectation::default() };
            Flight::new(known).pass(100, 0).pass(13, 5)
        };
        assert_eq!(second(8).pass(8, 5).trend(), Trend::Converging, "4 MiB in half a second");
        assert_eq!(second(40).pass(13, 5).trend(), Trend::Holding, "all of it, over and over");
    }

    #[test]
    fn a_guest_that_is_slowed_down_is_given_the_time() {
        let mut flight = Flight::new(Expectation::default()).pass(100, 0).pass(41, 20).pass(41, 20);
        assert!(flight.estimate.never_ends(PAUSE));
        flight.estimate.slows_guest = true;
        assert!(!flight.estimate.never_ends(PAUSE));
        (flight.estimate.slows_guest, flight.estimate.throttle) = (false, 20);
        assert!(!flight.estimate.never_ends(PAUSE), "it is slowed down, whoever asked for that");
        flight.estimate.throttle = 99;
        assert!(flight.estimate.never_ends(PAUSE), "it cannot be slowed down any more");
    }

    #[test]
    fn no_more_than_what_a_guest_occupies_counts_as_left() {
        let known = Expectation {
            first_pass: Some(Bytes(60 * MIB)),
            rewritten_bps: Some(0.0),
            ..Expectation::default()
        };
        let time = |expected| Flight::new(expected).pass(100, 0).estimate.first_left();
        assert!(time(known).1 < 7.0 * 1_048_576.0);
        assert!((time(Expectation::default()).1 - 5.0 * 1_048_576.0).abs() < 1e7);
    }
}
