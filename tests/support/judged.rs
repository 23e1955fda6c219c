//! What was foretold of recorded moves, and said on the way, held against what came of them.

use std::time::Duration;

use vireo::migration::{
    Calibration, Coverage, Ends, Expectation, Forecast, Foretold, PastMove, Policy, Prospect,
    Tracker, Way,
};
use vireo::model::{Bytes, GuestUuid, MigrationPhase, MigrationStep};

use super::recorded::Recording;

/// What came of a move's estimates.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// When it was said first that it will not finish, and in which pass.
    pub never_said: Option<(Duration, u64)>,
    /// The same of: it takes long.
    pub long_said: Option<(Duration, u64)>,
    /// Whether one of the two was before, or with, the first reading of the third pass.
    pub told_with_third: bool,
    /// When something was done so that it could finish.
    pub rescued: Option<Duration>,
    /// Passes begun before that.
    pub passes: u64,
    /// Of how many readings with a time left the truth lay within it.
    pub within: usize,
    /// How many readings told a time left.
    pub told: usize,
    /// The pause that was to be expected in the last reading before the switch-over.
    pub pause_told: Option<(Duration, Duration)>,
    /// Whether the bar ran backwards, or was full before the end.
    pub bar_wrong: bool,
    /// Median of the smoothed speed, bytes a second.
    pub speed: Option<u64>,
    /// Median of what the guest rewrote, bytes a second.
    pub rewritten: Option<u64>,
    /// What it rewrote over and over.
    pub working_set: Option<Bytes>,
}

/// Plays a recording through the estimator.
pub fn judge(of: &Recording, expected: Expectation) -> Judgement {
    let mut tracker = Tracker::new(&of.case.options(), Bytes(of.case.memory_mib << 20));
    tracker.expect(expected);
    let (mut judged, mut last) = (Judgement::default(), 0.0);
    let mut third_seen = false;
    let (mut speeds, mut rates) = (Vec::new(), Vec::new());
    for (at, step) in &of.steps {
        tracker.apply(step, *at);
        judged.bar_wrong |= tracker.fraction() < last || tracker.fraction() > 0.985;
        last = tracker.fraction();
        if matches!(step, MigrationStep::MaxDowntimeChanged(_) | MigrationStep::BandwidthChanged(_))
            && tracker.trend().is_some()
            && judged.never_said.is_some()
        {
            judged.rescued.get_or_insert(*at);
            // What was said before could not foresee it.
            (judged.within, judged.told) = (0, 0);
        }
        if let MigrationPhase::Pass(pass) = tracker.phase()
            && judged.rescued.is_none()
        {
            judged.passes = pass;
        }
        if judged.rescued.is_none() {
            let (never, long) = (tracker.never_ends(), tracker.takes_long());
            let now = (*at, judged.passes);
            judged.told_with_third |= (never || long) && (judged.passes < 3 || !third_seen);
            judged.never_said = judged.never_said.or(never.then_some(now));
            judged.long_said = judged.long_said.or(long.then_some(now));
        }
        let MigrationStep::Sample(sample) = step else { continue };
        third_seen |= judged.passes >= 3;
        speeds.extend(tracker.speed().map(|speed| Bytes::from_f64(speed).0));
        if sample.dirty_bps > 0 && tracker.trend().is_some() {
            rates.push(sample.dirty_bps);
        }
        judged.working_set = tracker.working_set().or(judged.working_set);
        judged.pause_told = tracker.pause_if_finished_now().or(judged.pause_told);
        if let Some((least, most)) = tracker.time_left() {
            let truth = of.total.saturating_sub(*at);
            judged.told += 1;
            judged.within += usize::from(least <= truth && truth <= most);
        }
    }
    Judgement { speed: median(speeds), rewritten: median(rates), ..judged }
}

impl Default for Judgement {
    fn default() -> Self {
        Self {
            never_said: None,
            long_said: None,
            told_with_third: false,
            rescued: None,
            passes: 1,
            within: 0,
            told: 0,
            pause_told: None,
            bar_wrong: false,
            speed: None,
            rewritten: None,
            working_set: None,
        }
    }
}

fn median(mut numbers: Vec<u64>) -> Option<u64> {
    numbers.sort_unstable();
    numbers.get(numbers.len() / 2).copied()
}

/// A name for the guest of a recording.
pub fn uuid(of: &Recording) -> GuestUuid {
    let mut bytes = [0; 16];
    for (byte, letter) in bytes.iter_mut().zip(of.case.guest.bytes()) {
        *byte = letter;
    }
    GuestUuid(bytes)
}

/// A name for the host that a recorded move went to: another link is another host.
fn destination(of: &Recording) -> String {
    of.case.link_mibps.map_or("b".to_owned(), |mibps| format!("b over {mibps} MiB/s"))
}

/// What is remembered of a recorded move.
pub fn past(of: &Recording) -> PastMove {
    let judged = judge(of, Expectation::default());
    PastMove {
        guest: uuid(of),
        source: "a".into(),
        destination: destination(of),
        coverage: if of.case.live { Coverage::Live } else { Coverage::Stopped },
        bandwidth_mibps: of.case.bandwidth_mibps,
        predicted: None,
        arrived: of.arrived,
        total: of.total,
        downtime: of.downtime,
        sent: of.sent,
        speed: judged.speed,
        dirty_before: of.before.map(|before| before.rewritten_bps),
        dirty_during: judged.rewritten,
        working_set: judged.working_set,
    }
}

/// What is known from these moves before another one.
pub fn known(before: &[PastMove], of: &Recording) -> Calibration {
    Calibration::of(before, uuid(of), "a", &destination(of))
}

/// What was foretold of the way that was taken.
pub fn foretell(known: Calibration, of: &Recording) -> Option<(Forecast, Foretold)> {
    let forecast = Forecast::of(&Prospect {
        memory: Bytes(of.case.memory_mib << 20),
        measured: of.before,
        known,
        cards_mbps: None,
        bandwidth_mibps: of.case.bandwidth_mibps,
        pause: Some(Duration::from_millis(of.case.pause_ms)),
        policy: Policy::None,
    })?;
    let way = if of.case.live { Way::Live } else { Way::Stopped };
    let foretold = *forecast.way(way)?;
    Some((forecast, foretold))
}

/// Whether it did not finish by itself.
pub fn never_ended(judged: &Judgement) -> bool {
    judged.rescued.is_some()
}

/// Whether the forecast said so.
pub fn never_foretold(foretold: &Foretold) -> bool {
    matches!(foretold.ends, Ends::Never(_))
}
