//! What each way to move a guest would take, before it moves: time, pause, data, and whether it ends.
//!
//! The passes of [`super::estimate`] are played through with what was measured. The guest may rewrite
//! two to three times as much during the move as measured before (KubeVirt's VEP 248), so the most is
//! reckoned with that, until earlier moves of this guest tell better.

mod passes;

use std::time::Duration;

use super::calibration::Calibration;
use super::estimate::{AT_LEAST, QEMU_PAUSE, seconds};
use super::outlook::Expectation;
use super::past::Predicted;
use super::{Coverage, MigrationOptions, Policy};
use crate::model::{Bytes, MemoryUse};
use passes::{Course, Figures};

/// What 1 Gbit Ethernet carries of a move, bytes a second.
const ASSUMED_LINK: f64 = 117_000_000.0;
/// What each Mbit/s of a network card carries of a move, bytes a second: the share of TCP's payload in a frame of 1,538
/// bytes.
const OF_A_CARD: f64 = 1e6 / 8.0 * 1448.0 / 1538.0;
/// One thread of QEMU, which sends all where there are no parallel connections, hardly fills more than this, Mbit/s.
const ONE_THREAD: u64 = 10_000;
/// A link that is only assumed may be so many times slower or faster.
const ASSUMED_SPREAD: f64 = 3.0;
/// Known speeds waver by this.
const SPREAD: f64 = 1.15;
/// How many times more a guest may rewrite during the move, while no earlier one tells.
const GROWS: f64 = 2.5;
/// What a move takes besides sending, where nothing better is known.
const OVERHEAD: Duration = Duration::from_millis(2000);
/// What the switch-over takes besides sending: devices and their state.
const LEAST_PAUSE: Duration = Duration::from_millis(60);
/// A pause that users of most services do not notice.
const UNNOTICED: Duration = Duration::from_secs(2);

/// A way to move a guest that is active.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// Live.
    Live,
    /// Live, and QEMU slows the guest down when it does not converge.
    LiveSlowed,
    /// Live, and after the first pass the guest fetches the rest from the destination.
    Postcopy,
    /// It stands still meanwhile.
    Stopped,
}

impl Way {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::Live, Self::LiveSlowed, Self::Postcopy, Self::Stopped];

    /// The way that is taken with these choices; `None` for a definition. Post-copy is only allowed by
    /// them, and taken when somebody switches to it.
    #[must_use]
    pub const fn of(options: &MigrationOptions) -> Option<Self> {
        match options.coverage {
            Coverage::Live if options.auto_converge => Some(Self::LiveSlowed),
            Coverage::Live => Some(Self::Live),
            Coverage::Stopped => Some(Self::Stopped),
            Coverage::Definition => None,
        }
    }
}

/// What a forecast stands on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prospect {
    /// The guest's memory in all.
    pub memory: Bytes,
    /// What was measured; `None` when it could not be.
    pub measured: Option<MemoryUse>,
    /// What earlier moves tell.
    pub known: Calibration,
    /// How fast the network cards of both hosts could be, Mbit/s. It need not be them that carry the move.
    pub cards_mbps: Option<u64>,
    /// The limit it would move with, MiB/s.
    pub bandwidth_mibps: Option<u64>,
    /// The longest pause it would begin with.
    pub pause: Option<Duration>,
    /// What would lengthen it.
    pub policy: Policy,
}

/// A span of time, with the likeliest in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// At least.
    pub least: Duration,
    /// Likely.
    pub likely: Duration,
    /// At most.
    pub most: Duration,
}

/// Whether a way ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// It does.
    Surely,
    /// If the guest does not rewrite more during the move than before.
    Likely,
    /// It does not, unless a pause of this length is allowed.
    Never(Duration),
}

/// What is foretold of one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Foretold {
    /// Which way.
    pub way: Way,
    /// Whether it ends.
    pub ends: Ends,
    /// From the request to the end; for a way that never ends, if it were allowed the pause it needs.
    pub time: Span,
    /// How long the guest stands still.
    pub pause: Span,
    /// What is sent, what is sent twice counted twice.
    pub data: Bytes,
}

/// What is best.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Live, as it is.
    Live,
    /// Live, with this pause allowed.
    LiveWithPause(Duration),
    /// Live, slowed down: a pause long enough would be noticed.
    Slowed,
}

/// What a speed is assumed from that nothing told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assumed {
    /// The network cards of both hosts.
    Cards,
    /// What is usual.
    Usual,
}

/// All ways side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    /// One a way, in the order of [`Way::ALL`].
    pub ways: Vec<Foretold>,
    /// What is best.
    pub advice: Advice,
    /// The speed it reckons with, bytes a second.
    pub speed: f64,
    /// What the speed is assumed from, where no earlier move over this link and no limit told it.
    pub assumed: Option<Assumed>,
    /// What the guest rewrites, bytes a second.
    pub rewritten: f64,
}

impl Forecast {
    /// Reckons; `None` while it is not known how much the guest rewrites or occupies.
    #[must_use]
    pub fn of(prospect: &Prospect) -> Option<Self> {
        let known = &prospect.known;
        let measured = known.rewrites(prospect.measured)?;
        let rate = measured * if known.is_sated(prospect.measured) { AT_LEAST } else { 1.0 };
        let first = known.first_pass(prospect.memory, prospect.measured);
        let cards =
            prospect.cards_mbps.map(|mbps| Bytes(mbps.min(ONE_THREAD)).as_f64() * OF_A_CARD);
        let link = known.link_bps.or(cards).unwrap_or(ASSUMED_LINK);
        let limit = prospect.bandwidth_mibps.map(|limit| Bytes(limit << 20).as_f64());
        let slowest_known = limit.filter(|&limit| limit <= ASSUMED_LINK / ASSUMED_SPREAD);
        let assumed = match (known.link_bps, slowest_known, cards) {
            (Some(_), ..) | (_, Some(_), _) => None,
            (None, None, Some(_)) => Some(Assumed::Cards),
            (None, None, None) => Some(Assumed::Usual),
        };
        let speed = limit.map_or(link, |limit| limit.min(link));
        let whole_set = known.set(prospect.measured);
        let set = whole_set.or(first).unwrap_or(prospect.memory);
        let likely = Figures {
            first: first.unwrap_or(prospect.memory).as_f64(),
            rate,
            set: set.as_f64(),
            speed,
            switch: known.switch_bps.unwrap_or(link).max(speed),
            pause: prospect.pause.unwrap_or(QEMU_PAUSE).as_secs_f64(),
            policy: prospect.policy,
            overhead: known.overhead.unwrap_or(OVERHEAD).as_secs_f64(),
            least_pause: known.least_pause.unwrap_or(LEAST_PAUSE).as_secs_f64(),
        };
        let spread = if assumed.is_some() { ASSUMED_SPREAD } else { SPREAD };
        // A network carries no more than its cards.
        let faster = if assumed == Some(Assumed::Cards) { SPREAD } else { spread };
        let grows = known.grows.map_or(GROWS, |grows| grows.clamp(1.0, GROWS) * 1.3);
        let good = Figures {
            first: likely.first * if first.is_some() { 0.9 } else { 0.25 },
            rate: rate * 0.75,
            speed: limit.unwrap_or(f64::INFINITY).min(link * faster),
            set: known.seen_set.unwrap_or(set).min(set).as_f64(),
            switch: likely.switch * faster,
            overhead: likely.overhead * 0.5,
            least_pause: likely.least_pause * 0.5,
            ..likely
        };
        let bad = Figures {
            first: (likely.first * 1.1).min(prospect.memory.as_f64()),
            rate: rate * grows,
            speed: limit.unwrap_or(f64::INFINITY).min(link / spread),
            set: whole_set.map_or(f64::INFINITY, |set| set.as_f64() * 1.5),
            switch: likely.switch / spread,
            overhead: likely.overhead * 1.5,
            least_pause: likely.least_pause * 2.0,
            ..likely
        };
        let ways: Vec<_> =
            Way::ALL.iter().filter_map(|&way| foretell(way, &good, &likely, &bad)).collect();
        let advice = advise(&ways)?;
        Some(Self { ways, advice, speed, assumed, rewritten: measured })
    }

    /// What is foretold of one way.
    #[must_use]
    pub fn way(&self, way: Way) -> Option<&Foretold> {
        self.ways.iter().find(|foretold| foretold.way == way)
    }
}

/// What was known of a move when it began: for the estimate while it runs, and to be held against what
/// came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Foreknown {
    /// What was foretold of the way that was taken.
    pub predicted: Option<Predicted>,
    /// What was measured.
    pub measured: Option<MemoryUse>,
    /// What the estimate goes by.
    pub expected: Expectation,
}

impl Prospect {
    /// Of a move with these choices, of a guest that was not measured.
    #[must_use]
    pub fn of(options: &MigrationOptions, memory: Bytes, known: Calibration) -> Self {
        let pause = options.max_downtime_ms.or(options.policy.initial_pause_ms());
        Self {
            memory,
            measured: None,
            known,
            cards_mbps: None,
            bandwidth_mibps: options.bandwidth_mibps,
            pause: pause.map(Duration::from_millis),
            policy: options.policy,
        }
    }

    /// What is known of a move with these choices, as it begins.
    #[must_use]
    pub fn foreknown(&self, options: &MigrationOptions) -> Foreknown {
        let way = Way::of(options);
        let foretold = way.and_then(|way| Forecast::of(self)?.way(way).copied());
        Foreknown {
            predicted: foretold.map(|foretold| foretold.predicted()),
            measured: self.measured,
            expected: self.known.expectation(self.memory, self.measured),
        }
    }
}

impl Foretold {
    /// As it is kept with the move.
    #[must_use]
    pub const fn predicted(&self) -> Predicted {
        let Self { time, pause, data, .. } = self;
        Predicted { time: (time.least, time.most), pause: (pause.least, pause.most), data: *data }
    }
}

fn foretell(way: Way, good: &Figures, likely: &Figures, bad: &Figures) -> Option<Foretold> {
    let mut pause = likely.pause;
    let mut middle = likely.play(way, pause);
    let mut ends = Ends::Surely;
    if !middle.ends {
        pause = enough(middle.plateau / likely.speed);
        ends = Ends::Never(seconds(pause)?);
        middle = likely.play(way, pause.max(likely.pause));
    } else if !bad.play(way, pause).ends {
        ends = Ends::Likely;
    }
    let pause = pause.max(likely.pause);
    let (best, worst) = (good.play(way, pause), bad.play(way, pause));
    let span = |of: fn(&Course) -> f64| {
        let three = [of(&best), of(&middle), of(&worst)];
        let least = three.iter().copied().fold(f64::INFINITY, f64::min);
        let most = three.iter().copied().fold(0.0, f64::max);
        Some(Span { least: seconds(least)?, likely: seconds(three[1])?, most: seconds(most)? })
    };
    Some(Foretold {
        way,
        ends,
        time: span(|course| course.time)?,
        pause: span(|course| course.pause)?,
        data: Bytes::from_f64(middle.sent),
    })
}

/// A pause, in seconds, that carries so many seconds of sending; a round number a little above.
fn enough(sending: f64) -> f64 {
    let wanted = sending * 1.2;
    let step = if wanted < 3.0 { 0.1 } else { 0.5 };
    (wanted / step).ceil() * step
}

fn advise(ways: &[Foretold]) -> Option<Advice> {
    let live = ways.iter().find(|foretold| foretold.way == Way::Live)?;
    let slowed = ways.iter().find(|foretold| foretold.way == Way::LiveSlowed)?;
    Some(match live.ends {
        Ends::Surely | Ends::Likely => Advice::Live,
        Ends::Never(pause) if live.pause.likely <= UNNOTICED => Advice::LiveWithPause(pause),
        Ends::Never(_) if !matches!(slowed.ends, Ends::Never(_)) => Advice::Slowed,
        Ends::Never(pause) => Advice::LiveWithPause(pause),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    /// 8 GiB over 1 Gbit Ethernet with QEMU's pause, as in the table of the model's numerical check.
    fn prospect(rewritten_mbps: u64, set_mib: Option<u64>) -> Prospect {
        let known = Calibration {
            link_moves: 1,
            link_bps: Some(117e6),
            overhead: Some(Duration::ZERO),
            least_pause: Some(Duration::ZERO),
            grows: Some(1.0),
            working_set: set_mib.map(|mib| Bytes(mib * MIB)),
            ..Calibration::default()
        };
        let rewritten_bps = rewritten_mbps * 1_000_000;
        Prospect {
            memory: Bytes(8192 * MIB),
            measured: Some(MemoryUse { rewritten_bps, working_set: None, resident: None }),
            known,
            cards_mbps: None,
            bandwidth_mibps: None,
            pause: None,
            policy: Policy::None,
        }
    }

    fn live(prospect: &Prospect) -> Foretold {
        *Forecast::of(prospect).unwrap().way(Way::Live).unwrap()
    }

    #[test]
    fn times_are_those_of_the_numerical_check() {
        for (rate, set, seconds) in [
            (10, None, 80.0),
            (40, None, 112.0),
            (80, None, 232.0),
            (10, Some(512), 78.0),
            (40, Some(512), 80.0),
            (80, Some(512), 87.0),
            (40, Some(100), 75.0),
            (80, Some(100), 76.0),
        ] {
            let likely = live(&prospect(rate, set)).time.likely.as_secs_f64();
            let ratio = likely / seconds;
            assert!((0.9..1.1).contains(&ratio), "{rate} {set:?}: {likely} not {seconds}");
        }
    }

    #[test]
    fn what_never_ends_is_told_with_the_pause_that_would_do() {
        for (rate, set, least, most) in [(130, 512, 4.6, 6.0), (200, 100, 0.9, 1.3)] {
            let foretold = live(&prospect(rate, Some(set)));
            let Ends::Never(pause) = foretold.ends else { panic!("{foretold:?}") };
            assert!((least..=most).contains(&pause.as_secs_f64()), "{set}: {pause:?}");
            assert!(foretold.pause.likely <= pause, "{foretold:?}");
        }
        let short = Forecast::of(&prospect(200, Some(100))).unwrap();
        assert!(matches!(short.advice, Advice::LiveWithPause(_)), "nobody notices a second");
        let long = Forecast::of(&prospect(130, Some(512))).unwrap();
        assert_eq!(long.advice, Advice::Slowed);
        let slowed = long.way(Way::LiveSlowed).unwrap();
        assert!(!matches!(slowed.ends, Ends::Never(_)), "{slowed:?}");
    }

    #[test]
    fn a_policy_that_allows_what_is_needed_or_switches_brings_it_to_an_end() {
        let with = |policy, set| {
            let pause = Policy::initial_pause_ms(policy).map(Duration::from_millis);
            live(&Prospect { policy, pause, ..prospect(200, Some(set)) })
        };
        let Ends::Never(needed) = with(Policy::MinimalPause, 100).ends else { panic!("it fits") };
        assert!(needed > Duration::from_millis(500), "{needed:?}");
        let paused = with(Policy::PauseIfNeeded, 100);
        assert_ne!(paused.ends, Ends::Never(needed), "{paused:?}");
        assert!(paused.pause.likely > Duration::from_millis(500), "{paused:?}");
        let switched = with(Policy::Postcopy, 512);
        assert!(!matches!(switched.ends, Ends::Never(_)), "{switched:?}");
        assert!(switched.pause.likely < Duration::from_secs(1), "{switched:?}");
        let short = with(Policy::MinimalPause, 16);
        assert!(short.pause.most < Duration::from_millis(500), "{short:?}");
    }

    #[test]
    fn a_small_working_set_ends_though_it_is_rewritten_faster_than_it_is_sent() {
        let tiny = live(&prospect(500, Some(16)));
        assert_eq!(tiny.ends, Ends::Surely);
        assert!(tiny.time.likely < Duration::from_secs(80));
    }

    #[test]
    fn a_guest_that_stands_still_pauses_for_all_of_it() {
        let forecast = Forecast::of(&prospect(130, None)).unwrap();
        let stopped = forecast.way(Way::Stopped).unwrap();
        assert_eq!((stopped.ends, stopped.data), (Ends::Surely, Bytes(8192 * MIB)));
        assert_eq!(stopped.pause.likely, stopped.time.likely);
        let postcopy = forecast.way(Way::Postcopy).unwrap();
        assert!(postcopy.pause.most < Duration::from_secs(1) && postcopy.ends == Ends::Surely);
    }

    #[test]
    fn what_is_assumed_is_wide_and_said() {
        let mut of = prospect(10, None);
        of.known = Calibration::default();
        let forecast = Forecast::of(&of).unwrap();
        let time = forecast.way(Way::Live).unwrap().time;
        assert!(time.most > time.least * 4, "{time:?}");
        assert_eq!(forecast.assumed, Some(Assumed::Usual));
        let faster = Forecast::of(&Prospect { cards_mbps: Some(10_000), ..of }).unwrap();
        assert_eq!(faster.assumed, Some(Assumed::Cards));
        assert!(faster.speed > 1.17e9 && faster.speed < 1.25e9, "{}", faster.speed);
        of.cards_mbps = Some(10_000);
        of.known.link_bps = Some(4e7);
        let known = Forecast::of(&of).unwrap();
        assert_eq!((known.assumed, known.speed), (None, 4e7), "what was seen is true");
        of.known.link_bps = None;
        of.bandwidth_mibps = Some(10);
        let limited = Forecast::of(&of).unwrap();
        assert_eq!(limited.assumed, None, "any link carries as little as that");
        of.measured = None;
        assert_eq!(Forecast::of(&of), None, "what it rewrites is not known");
    }

    #[test]
    fn the_way_is_read_from_the_choices() {
        let options = MigrationOptions::default();
        assert_eq!(Way::of(&options), Some(Way::Live));
        let slowed = MigrationOptions { auto_converge: true, ..options.clone() };
        assert_eq!(Way::of(&slowed), Some(Way::LiveSlowed));
        let definition = MigrationOptions { coverage: Coverage::Definition, ..options };
        assert_eq!(Way::of(&definition), None);
        let foreknown = prospect(10, Some(512)).foreknown(&slowed);
        let predicted = foreknown.predicted.unwrap();
        assert!(predicted.time.0 <= predicted.time.1 && predicted.data.0 > 8192 * MIB);
    }
}
