//! Where a running migration stands, from what the backend saw: phase, bar, figures.

use std::time::Duration;

use super::estimate::Estimate;
use super::forecast::Foreknown;
use super::history::{History, Point};
use super::outlook::Expectation;
use super::{Coverage, MigrationOptions};
use crate::model::{Bytes, Failure, MigrationPhase, MigrationSample, MigrationStep, NoEnd};

/// The bar's ceiling in each part of the way. It is never full before the guest arrived.
const CEILING_FIRST: f64 = 0.80;
const CEILING_COPYING: f64 = 0.90;
const CEILING_SWITCHING: f64 = 0.95;
const CEILING_FINISHING: f64 = 0.98;

/// A running migration. Fed in order; its bar never runs backwards.
#[derive(Clone, Debug, PartialEq)]
pub struct Tracker {
    coverage: Coverage,
    postcopy_allowed: bool,
    guest_memory: Bytes,
    pub(super) phase: MigrationPhase,
    fraction: f64,
    elapsed: Duration,
    sample: MigrationSample,
    sampled: bool,
    /// Passes that libvirt had counted before anything was sent: left over from an earlier,
    /// cancelled migration of the same guest.
    passes_before: u64,
    pub(super) estimate: Estimate,
    foreknown: Option<Foreknown>,
    /// Where the bar stood when the first pass was over.
    first_pass: Option<f64>,
    stalled: Option<Duration>,
    /// In which phase it was when it ended without arriving.
    lost_in: Option<MigrationPhase>,
    pub(super) max_downtime: Option<Duration>,
    bandwidth_mibps: Option<u64>,
    refused: Option<Failure>,
    given_up: Option<NoEnd>,
    history: History,
}

impl Tracker {
    /// A migration that was asked for. `guest_memory` stands in for the memory still to send while
    /// disks are copied, when libvirt does not count memory yet.
    #[must_use]
    pub fn new(options: &MigrationOptions, guest_memory: Bytes) -> Self {
        Self {
            coverage: options.coverage,
            postcopy_allowed: options.postcopy,
            guest_memory,
            phase: MigrationPhase::Waiting,
            fraction: 0.0,
            elapsed: Duration::ZERO,
            sample: MigrationSample::default(),
            sampled: false,
            passes_before: 0,
            estimate: Estimate::new(options.coverage == Coverage::Live, options.auto_converge),
            foreknown: None,
            first_pass: None,
            stalled: None,
            lost_in: None,
            max_downtime: options
                .max_downtime_ms
                .or(options.policy.initial_pause_ms())
                .map(Duration::from_millis),
            bandwidth_mibps: options.bandwidth_mibps,
            refused: None,
            given_up: None,
            history: History::default(),
        }
    }

    /// Takes in what is known of guest and link before they move.
    pub const fn expect(&mut self, expected: Expectation) {
        self.estimate.expect(expected);
    }

    /// Takes in what was foretold, and what the estimate goes by.
    pub const fn foretell(&mut self, known: Foreknown) {
        self.estimate.expect(known.expected);
        self.foreknown = Some(known);
    }

    /// Why the policy gave it up, where it did.
    #[must_use]
    pub const fn given_up(&self) -> Option<NoEnd> {
        self.given_up
    }

    /// What was foretold; `None` for a move that was found running, or without a forecast.
    #[must_use]
    pub const fn foreknown(&self) -> Option<&Foreknown> {
        self.foreknown.as_ref()
    }

    /// Takes one step in. `elapsed` is the time since it was asked for, by our own clock.
    pub fn apply(&mut self, step: &MigrationStep, elapsed: Duration) {
        self.elapsed = self.elapsed.max(elapsed);
        match step {
            MigrationStep::Started { max_downtime } => self.started(*max_downtime),
            MigrationStep::Pass(pass) => self.pass_began(*pass),
            MigrationStep::Sample(sample) => self.sample_arrived(*sample),
            MigrationStep::SourcePaused => self.source_paused(),
            MigrationStep::Postcopy => self.enter(MigrationPhase::Postcopy),
            MigrationStep::ArrivedAtDestination => self.arrived(),
            MigrationStep::Stalled(time) => self.stalled = Some(*time),
            MigrationStep::MaxDowntimeChanged(limit) => {
                self.max_downtime = Some(*limit);
                self.refused = None;
            }
            MigrationStep::BandwidthChanged(limit) => {
                self.bandwidth_mibps = *limit;
                self.refused = None;
                self.estimate.forget_speed();
            }
            MigrationStep::Cancelling => self.enter(MigrationPhase::Cancelling),
            MigrationStep::GivenUp(why) => {
                self.given_up = Some(*why);
                self.enter(MigrationPhase::Cancelling);
            }
            MigrationStep::LeverRefused(failure) => self.refused = Some(failure.clone()),
        }
        self.advance();
    }

    /// It is over; `arrived` when the guest was moved.
    pub fn end(&mut self, arrived: bool, elapsed: Duration) {
        self.elapsed = self.elapsed.max(elapsed);
        self.lost_in = Some(self.phase).filter(|_| !arrived);
        self.phase = MigrationPhase::Done;
        self.stalled = None;
        if arrived {
            self.fraction = 1.0;
        }
    }

    /// It was not over: it had gone out of sight.
    pub(super) fn go_on(&mut self) {
        if let Some(phase) = self.lost_in.take() {
            self.phase = phase;
        }
    }

    fn started(&mut self, max_downtime: Option<Duration>) {
        self.max_downtime = max_downtime.or(self.max_downtime);
        self.enter(MigrationPhase::Preparing);
    }

    fn pass_began(&mut self, pass: u64) {
        let pass = pass.saturating_sub(self.passes_before);
        if pass >= 2 && self.coverage != Coverage::Live {
            return; // a guest that stands still rewrites nothing: these are QEMU's closing looks
        }
        let phase = if pass >= 2 { MigrationPhase::Pass(pass) } else { MigrationPhase::FirstPass };
        if pass >= 2 && phase != self.phase && self.is_copying() {
            self.history.mark(self.elapsed);
            self.first_pass.get_or_insert(self.fraction);
        }
        self.estimate.begin(pass.max(1), self.elapsed);
        self.enter(phase);
    }

    fn sample_arrived(&mut self, sample: MigrationSample) {
        let moved = data(&sample);
        if !self.sampled && moved == 0 {
            self.passes_before = sample.iteration.saturating_sub(1);
        }
        if (1..=self.passes_before).contains(&sample.iteration) {
            self.passes_before = 0; // it counts from one after all
        }
        let before = data(&self.sample);
        if moved > before {
            self.stalled = None;
        }
        let begun = moved > 0 || sample.memory_total.0 > 0 || sample.disk_total.0 > 0;
        self.sampled = true;
        self.sample = sample;
        self.elapsed = self.elapsed.max(sample.elapsed);
        if begun && matches!(self.phase, MigrationPhase::Waiting | MigrationPhase::Preparing) {
            self.enter(MigrationPhase::FirstPass);
        }
        if sample.iteration > self.passes_before {
            self.pass_began(sample.iteration);
        }
        let pass = if let MigrationPhase::Pass(pass) = self.phase { pass } else { 1 };
        self.estimate.read(
            &sample,
            self.left(),
            Bytes(moved),
            pass,
            self.elapsed,
            self.allowed_pause(),
        );
        if let Some(speed) = self.speed() {
            let rewritten = Bytes(sample.dirty_bps).as_f64();
            self.history.push(Point { at: self.elapsed, left: self.left(), speed, rewritten });
        }
    }

    fn source_paused(&mut self) {
        if self.coverage == Coverage::Live {
            self.enter(MigrationPhase::SwitchingOver);
        }
    }

    /// In post-copy the guest runs there long before its memory is there.
    fn arrived(&mut self) {
        if self.phase != MigrationPhase::Postcopy || self.left().0 == 0 {
            self.enter(MigrationPhase::Finishing);
        }
    }

    /// A phase further along the way; going back is for [`Self::enter`] to refuse.
    fn enter(&mut self, phase: MigrationPhase) {
        if rank(phase) >= rank(self.phase) {
            self.phase = phase;
        }
    }

    pub(super) const fn is_copying(&self) -> bool {
        matches!(self.phase, MigrationPhase::FirstPass | MigrationPhase::Pass(_))
    }

    /// Moves the bar: elapsed / (elapsed + time still needed), never back, never full before the
    /// end. While the guest rewrites its memory as fast as it is sent, no end is in sight and the
    /// bar stands.
    fn advance(&mut self) {
        let (goal, ceiling) = match self.phase {
            MigrationPhase::FirstPass if self.coverage == Coverage::Live => {
                (self.share_of_time(), CEILING_FIRST)
            }
            MigrationPhase::FirstPass | MigrationPhase::Pass(_) => {
                (self.share_of_time(), CEILING_COPYING)
            }
            MigrationPhase::SwitchingOver => (Some(CEILING_COPYING), CEILING_SWITCHING),
            MigrationPhase::Postcopy => (self.share_of_memory(), CEILING_SWITCHING),
            MigrationPhase::Finishing => (Some(CEILING_SWITCHING), CEILING_FINISHING),
            MigrationPhase::Waiting
            | MigrationPhase::Preparing
            | MigrationPhase::Cancelling
            | MigrationPhase::Done => (None, 1.0),
        };
        if let Some(goal) = goal {
            self.fraction = self.fraction.max(goal.min(ceiling));
        }
    }

    fn share_of_time(&self) -> Option<f64> {
        let elapsed = self.elapsed.as_secs_f64();
        let (least, most) = self.time_left()?;
        let left = least.as_secs_f64().midpoint(most.as_secs_f64());
        (elapsed > 0.0).then(|| elapsed / (elapsed + left))
    }

    fn share_of_memory(&self) -> Option<f64> {
        let total = Bytes(self.sample.memory_total.0.max(1));
        Some(1.0 - self.sample.memory_remaining.as_f64() / total.as_f64())
    }

    /// What it is doing.
    #[must_use]
    pub const fn phase(&self) -> MigrationPhase {
        self.phase
    }

    /// The bar, 0 to 1; 1 only when the guest has arrived.
    #[must_use]
    pub const fn fraction(&self) -> f64 {
        self.fraction
    }

    /// The share of the bar that stands for the first pass; the rest is sent again.
    #[must_use]
    pub fn first_pass_share(&self) -> f64 {
        self.first_pass.unwrap_or(self.fraction).min(self.fraction)
    }

    /// Since it was asked for.
    #[must_use]
    pub const fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// Sent so far, memory and disks; what was sent twice counts twice.
    #[must_use]
    pub const fn moved(&self) -> Bytes {
        Bytes(data(&self.sample))
    }

    /// Still to send in this pass, memory and disks.
    #[must_use]
    pub const fn left(&self) -> Bytes {
        let sample = &self.sample;
        let memory =
            if sample.memory_total.0 == 0 { self.guest_memory } else { sample.memory_remaining };
        Bytes(memory.0.saturating_add(sample.disk_remaining.0))
    }

    /// Bytes a second, smoothed; `None` before two readings.
    #[must_use]
    pub fn speed(&self) -> Option<f64> {
        self.estimate.carries()
    }

    /// Memory the guest rewrites, bytes a second; `None` until QEMU measured it.
    #[must_use]
    pub fn dirty_bps(&self) -> Option<u64> {
        Some(self.sample.dirty_bps).filter(|&rate| rate > 0)
    }

    /// Longest pause allowed; `None` where the hypervisor does not tell.
    #[must_use]
    pub const fn max_downtime(&self) -> Option<Duration> {
        self.max_downtime
    }

    /// Limit in MiB/s; `None` is unlimited.
    #[must_use]
    pub const fn bandwidth_mibps(&self) -> Option<u64> {
        self.bandwidth_mibps
    }

    /// How much auto-converge slows the guest, percent.
    #[must_use]
    pub const fn throttle_percent(&self) -> u32 {
        self.sample.throttle_percent
    }

    /// No byte moved for this long.
    #[must_use]
    pub const fn stalled(&self) -> Option<Duration> {
        self.stalled
    }

    /// The latest change that was refused, until one is accepted.
    #[must_use]
    pub const fn refused(&self) -> Option<&Failure> {
        self.refused.as_ref()
    }

    /// Whether it can be switched to post-copy now.
    #[must_use]
    pub const fn can_switch_to_postcopy(&self) -> bool {
        self.postcopy_allowed && self.is_copying()
    }

    /// Whether the guest can be paused, or its allowed pause changed, so that it finishes.
    #[must_use]
    pub const fn can_shorten(&self) -> bool {
        matches!(self.coverage, Coverage::Live) && self.is_copying()
    }

    /// Whether it can be cancelled: not once the guest runs at the destination.
    #[must_use]
    pub const fn can_cancel(&self) -> bool {
        rank(self.phase) < rank(MigrationPhase::Postcopy)
    }

    /// For the graph.
    #[must_use]
    pub const fn history(&self) -> &History {
        &self.history
    }
}

/// How far along the way a phase is.
const fn rank(phase: MigrationPhase) -> u64 {
    match phase {
        MigrationPhase::Waiting => 0,
        MigrationPhase::Preparing => 1,
        MigrationPhase::FirstPass => 2,
        MigrationPhase::Pass(pass) => 1 + if pass < 1_000_000 { pass } else { 1_000_000 },
        MigrationPhase::SwitchingOver => 2_000_000,
        MigrationPhase::Postcopy => 2_000_001,
        MigrationPhase::Finishing => 2_000_002,
        MigrationPhase::Cancelling => 2_000_003,
        MigrationPhase::Done => 2_000_004,
    }
}

const fn data(sample: &MigrationSample) -> u64 {
    sample.memory_processed.0.saturating_add(sample.disk_processed.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migration::Trend;
    use crate::model::FailureKind;

    const MIB: u64 = 1 << 20;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn sample(at: u64, processed: u64, remaining: u64, pass: u64, dirty: u64) -> MigrationStep {
        MigrationStep::Sample(MigrationSample {
            elapsed: ms(at),
            memory_total: Bytes(1024 * MIB),
            memory_processed: Bytes(processed * MIB),
            memory_remaining: Bytes(remaining * MIB),
            dirty_bps: dirty * MIB,
            iteration: pass,
            expected_downtime: ms(300),
            ..MigrationSample::default()
        })
    }

    /// A move of 1 GiB at 100 MiB/s by a guest that rewrites 20 MiB/s; the steps with their times.
    fn converging() -> Vec<(u64, MigrationStep)> {
        let mut steps = vec![(0, MigrationStep::Started { max_downtime: Some(ms(300)) })];
        let (mut at, mut sent, mut left, mut pass) = (0, 0, 1024_u64, 1);
        steps.push((0, MigrationStep::Pass(1)));
        loop {
            steps.push((at, sample(at, sent, left, pass, if pass > 1 { 20 } else { 0 })));
            if left == 0 {
                let dirtied = if pass == 1 {
                    204
                } else if pass == 2 {
                    40
                } else {
                    8
                };
                if dirtied == 8 {
                    break;
                }
                pass += 1;
                left = dirtied;
                steps.push((at, MigrationStep::Pass(pass)));
                continue;
            }
            let step = left.min(25);
            (at, sent, left) = (at + 250, sent + step, left - step);
        }
        steps.extend([(at, MigrationStep::SourcePaused)]);
        steps.push((at + 80, MigrationStep::ArrivedAtDestination));
        steps
    }

    #[test]
    fn the_bar_never_runs_back_and_is_full_only_at_the_end() {
        let mut tracker = Tracker::new(&MigrationOptions::default(), Bytes(1024 * MIB));
        let mut last = 0.0;
        for (at, step) in converging() {
            tracker.apply(&step, ms(at));
            assert!(tracker.fraction() >= last, "{last} to {} at {at}", tracker.fraction());
            assert!(tracker.fraction() < 0.99, "{step:?}");
            last = tracker.fraction();
        }
        assert!(last > 0.9, "{last}");
        tracker.end(true, ms(15_000));
        assert!((tracker.fraction() - 1.0).abs() < f64::EPSILON);
        assert_eq!(tracker.phase(), MigrationPhase::Done);
    }

    #[test]
    fn the_bar_tells_the_time() {
        let mut tracker = Tracker::new(&MigrationOptions::default(), Bytes(1024 * MIB));
        for (at, step) in converging().into_iter().take_while(|(at, _)| *at <= 5000) {
            tracker.apply(&step, ms(at));
        }
        assert!((0.4..0.6).contains(&tracker.fraction()), "{}", tracker.fraction());
        let speed = tracker.speed().unwrap_or_default();
        let mib = 1_048_576.0;
        assert!((speed / mib - 100.0).abs() < 1.0, "{speed}");
    }

    #[test]
    fn phases_go_one_way() {
        let mut tracker = Tracker::new(&MigrationOptions::default(), Bytes(1024 * MIB));
        assert_eq!(tracker.phase(), MigrationPhase::Waiting);
        let mut phases = Vec::new();
        for (at, step) in converging() {
            tracker.apply(&step, ms(at));
            phases.push(tracker.phase());
        }
        phases.dedup();
        assert_eq!(
            phases,
            [
                MigrationPhase::Preparing,
                MigrationPhase::FirstPass,
                MigrationPhase::Pass(2),
                MigrationPhase::Pass(3),
                MigrationPhase::SwitchingOver,
                MigrationPhase::Finishing,
            ]
        );
        assert_eq!(tracker.history().passes().len(), 2);
        tracker.apply(&MigrationStep::Pass(4), ms(20_000));
        tracker.apply(&sample(20_000, 2000, 0, 4, 0), ms(20_000));
        assert_eq!(tracker.phase(), MigrationPhase::Finishing, "a late reading changes nothing");
    }

    #[test]
    fn without_an_end_in_sight_the_bar_stands() {
        let mut tracker = Tracker::new(&MigrationOptions::default(), Bytes(1024 * MIB));
        tracker.apply(&sample(0, 0, 1024, 1, 0), ms(0));
        for turn in 1..400_u64 {
            let left = 1024_u64.saturating_sub(turn * 25).max(25 + (turn % 8) * 25);
            let dirty = if turn > 40 { 130 } else { 0 };
            tracker
                .apply(&sample(turn * 250, turn * 25, left, 1 + turn / 40, dirty), ms(turn * 250));
        }
        assert!(tracker.fraction() <= CEILING_COPYING);
        assert!(tracker.never_ends());
        assert_eq!(tracker.time_left(), None);
        let (least, most) = tracker.pause_if_finished_now().unwrap_or_default();
        assert!(least <= most && most < Duration::from_secs(4), "{most:?}");
        let before = tracker.fraction();
        tracker.apply(&sample(101_000, 11_000, 25, 11, 130), ms(101_000));
        assert!((tracker.fraction() - before).abs() < f64::EPSILON);
    }

    /// As recorded in the practice lab: a guest that rewrites 48 MiB at 20 MiB/s over a link of 20 MiB/s.
    #[test]
    fn a_hot_guest_needs_a_pause_and_the_bar_does_not_creep() {
        let mut tracker = Tracker::new(&MigrationOptions::default(), Bytes(256 * MIB));
        tracker.apply(&MigrationStep::Started { max_downtime: Some(ms(300)) }, ms(0));
        let (mut at, mut sent, mut in_first_pass) = (250, 0, 0.0);
        tracker.apply(&sample(at, sent, 130, 1, 0), ms(at));
        for pass in 1..=8 {
            tracker.apply(&MigrationStep::Pass(pass), ms(at));
            let first = if pass == 1 { 130 } else { 48 };
            for left in (0..first).rev().step_by(5) {
                (at, sent) = (at + if left % 2 == 0 { 230 } else { 270 }, sent + 5);
                tracker.apply(&sample(at, sent, left, pass, if pass > 1 { 19 } else { 0 }), ms(at));
            }
            if pass == 1 {
                in_first_pass = tracker.fraction();
            }
            if pass >= 3 {
                assert_eq!(tracker.time_left(), None, "pass {pass}");
                assert_eq!(tracker.trend(), Some(Trend::Holding), "pass {pass}");
            }
        }
        assert!((tracker.fraction() - in_first_pass).abs() < 0.05, "{}", tracker.fraction());
        let needs = tracker.needed_pause().unwrap_or_default();
        assert!((ms(2400)..ms(3200)).contains(&needs), "{needs:?}");
        tracker.apply(&MigrationStep::MaxDowntimeChanged(ms(5000)), ms(at));
        assert!(!tracker.never_ends());
        assert!(tracker.time_left().is_some_and(|(_, most)| most < ms(6000)), "it fits now");
    }

    #[test]
    fn passes_left_over_from_a_cancelled_move_do_not_count() {
        let mut tracker = Tracker::new(&MigrationOptions::default(), Bytes(1024 * MIB));
        tracker.apply(&sample(10, 0, 1024, 7, 0), ms(10));
        assert_eq!(tracker.phase(), MigrationPhase::FirstPass);
        tracker.apply(&sample(500, 50, 974, 7, 0), ms(500));
        assert_eq!(tracker.phase(), MigrationPhase::FirstPass);
        tracker.apply(&sample(900, 90, 200, 8, 10), ms(900));
        assert_eq!(tracker.phase(), MigrationPhase::Pass(2));
    }

    #[test]
    fn disks_count_and_memory_to_come_is_known_before_libvirt_counts_it() {
        let mut tracker = Tracker::new(&MigrationOptions::default(), Bytes(512 * MIB));
        let disk = |at: u64, done: u64, memory: u64| {
            MigrationStep::Sample(MigrationSample {
                elapsed: ms(at),
                disk_total: Bytes(1000 * MIB),
                disk_processed: Bytes(done * MIB),
                disk_remaining: Bytes((1000 - done) * MIB),
                memory_total: Bytes(memory * MIB),
                memory_remaining: Bytes(memory * MIB),
                ..MigrationSample::default()
            })
        };
        tracker.apply(&disk(0, 0, 0), ms(0));
        assert_eq!(tracker.left(), Bytes(1512 * MIB));
        let mut last = 0.0;
        for turn in 1..=40 {
            let memory = if turn > 38 { 512 } else { 0 };
            tracker.apply(&disk(turn * 250, turn * 25, memory), ms(turn * 250));
            assert!(tracker.fraction() >= last);
            last = tracker.fraction();
        }
        assert!((0.6..0.7).contains(&last), "1000 of 1512 MiB: {last}");
    }

    #[test]
    fn a_stall_ends_with_the_next_byte_and_a_refusal_with_the_next_yes() {
        let mut tracker = Tracker::new(&MigrationOptions::default(), Bytes(1024 * MIB));
        tracker.apply(&sample(250, 25, 999, 1, 0), ms(250));
        tracker.apply(&MigrationStep::Stalled(ms(3000)), ms(3250));
        assert_eq!(tracker.stalled(), Some(ms(3000)));
        tracker.apply(&sample(3500, 25, 999, 1, 0), ms(3500));
        assert_eq!(tracker.stalled(), Some(ms(3000)));
        tracker.apply(&sample(3750, 50, 974, 1, 0), ms(3750));
        assert_eq!(tracker.stalled(), None);
        let no = Failure::own(FailureKind::WrongState, "no");
        tracker.apply(&MigrationStep::LeverRefused(no.clone()), ms(4000));
        assert_eq!(tracker.refused(), Some(&no));
        tracker.apply(&MigrationStep::MaxDowntimeChanged(ms(900)), ms(4100));
        assert_eq!((tracker.refused(), tracker.max_downtime()), (None, Some(ms(900))));
    }

    #[test]
    fn levers_only_where_they_work() {
        let allowed = MigrationOptions { postcopy: true, ..MigrationOptions::default() };
        let mut tracker = Tracker::new(&allowed, Bytes(1024 * MIB));
        assert!(!tracker.can_switch_to_postcopy(), "too early");
        tracker.apply(&sample(250, 25, 999, 1, 0), ms(250));
        assert!(tracker.can_switch_to_postcopy() && tracker.can_shorten() && tracker.can_cancel());
        tracker.apply(&MigrationStep::SourcePaused, ms(300));
        tracker.apply(&MigrationStep::Postcopy, ms(350));
        tracker.apply(&MigrationStep::ArrivedAtDestination, ms(360));
        assert_eq!(tracker.phase(), MigrationPhase::Postcopy, "its memory is still at the source");
        assert!(!tracker.can_switch_to_postcopy() && !tracker.can_shorten());
        assert!(!tracker.can_cancel(), "libvirt cannot abort post-copy");
        let stopped =
            MigrationOptions { coverage: Coverage::Stopped, ..MigrationOptions::default() };
        let mut tracker = Tracker::new(&stopped, Bytes(1024 * MIB));
        tracker.apply(&MigrationStep::SourcePaused, ms(0));
        tracker.apply(&sample(250, 25, 999, 1, 0), ms(250));
        assert_eq!(tracker.phase(), MigrationPhase::FirstPass);
        tracker.apply(&MigrationStep::Pass(2), ms(300));
        assert_eq!(tracker.phase(), MigrationPhase::FirstPass, "nothing was rewritten");
        assert!(!tracker.can_shorten());
    }
}
