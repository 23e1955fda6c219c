//! What holds whatever the guest, the link, and libvirt do: tried with made-up moves of every kind.

use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::{
    Calibration, Compression, Coverage, DiskCopy, Expectation, Forecast, Lever, MigrationOptions,
    Pilot, Policy, Prospect, Residence, Retry, Tracker, Transport, Way, Wish,
};
use crate::model::{Bytes, MemoryUse, MigrationSample, MigrationStep, NoEnd};

fn amount() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), 1..1_000_000_u64, 1..(1_u64 << 44), Just(u64::MAX)]
}

fn time() -> impl Strategy<Value = Duration> {
    prop_oneof![
        Just(Duration::ZERO),
        (0..100_000_u64).prop_map(Duration::from_millis),
        Just(Duration::from_secs(u64::MAX / 2)),
    ]
}

fn sample() -> impl Strategy<Value = MigrationSample> {
    let memory = (amount(), amount(), amount());
    let rest = (time(), amount(), 0..80_u64, time(), 0..100_u32, amount(), amount());
    (memory, rest).prop_map(
        |(
            (memory_total, memory_processed, memory_remaining),
            (elapsed, dirty_bps, iteration, expected_downtime, throttle_percent, disk, requests),
        )| MigrationSample {
            elapsed,
            memory_total: Bytes(memory_total),
            memory_processed: Bytes(memory_processed),
            memory_remaining: Bytes(memory_remaining),
            disk_total: Bytes(disk),
            disk_remaining: Bytes(disk / 2),
            disk_processed: Bytes(disk / 3),
            dirty_bps,
            iteration,
            expected_downtime,
            throttle_percent,
            postcopy_requests: requests,
            memory_bps: dirty_bps,
        },
    )
}

fn step() -> impl Strategy<Value = MigrationStep> {
    prop_oneof![
        12 => sample().prop_map(MigrationStep::Sample),
        4 => (0..80_u64).prop_map(MigrationStep::Pass),
        1 => proptest::option::of(time())
            .prop_map(|max_downtime| MigrationStep::Started { max_downtime }),
        1 => Just(MigrationStep::SourcePaused),
        1 => Just(MigrationStep::Postcopy),
        1 => Just(MigrationStep::ArrivedAtDestination),
        1 => time().prop_map(MigrationStep::Stalled),
        1 => time().prop_map(MigrationStep::MaxDowntimeChanged),
        1 => proptest::option::of(0..100_000_u64).prop_map(MigrationStep::BandwidthChanged),
        1 => Just(MigrationStep::Cancelling),
    ]
}

/// A plausible reading after the one before: most of what is wrong with real ones is small.
fn plausible() -> impl Strategy<Value = Vec<MigrationStep>> {
    let pass = (1..40_u64, 1..60_u64, 0..200_u64);
    proptest::collection::vec(pass, 1..30).prop_map(|passes| {
        let mut steps = vec![MigrationStep::Started { max_downtime: None }];
        let (mut at, mut sent) = (0, 0);
        for (number, (readings, speed, dirty)) in (1..).zip(passes) {
            steps.push(MigrationStep::Pass(number));
            for left in (0..readings).rev() {
                at += 250;
                sent += speed;
                steps.push(MigrationStep::Sample(MigrationSample {
                    elapsed: Duration::from_millis(at),
                    memory_total: Bytes(1 << 30),
                    memory_processed: Bytes(sent << 20),
                    memory_remaining: Bytes((left * speed) << 20),
                    dirty_bps: dirty << 20,
                    iteration: number,
                    ..MigrationSample::default()
                }));
            }
        }
        steps.push(MigrationStep::SourcePaused);
        steps
    })
}

fn steps() -> impl Strategy<Value = Vec<MigrationStep>> {
    prop_oneof![proptest::collection::vec(step(), 0..60), plausible()]
}

fn expectation() -> impl Strategy<Value = Expectation> {
    let rate = || proptest::option::of(0.0..1e12_f64);
    let first = proptest::option::of(amount().prop_map(Bytes));
    (rate(), first, rate(), proptest::option::of(time())).prop_map(
        |(rewritten_bps, first_pass, link_bps, tidying)| Expectation {
            rewritten_bps,
            sated: false,
            first_pass,
            link_bps,
            tidying,
        },
    )
}

fn coverage() -> impl Strategy<Value = Coverage> {
    prop_oneof![Just(Coverage::Live), Just(Coverage::Stopped), Just(Coverage::Definition)]
}

fn policy() -> impl Strategy<Value = Policy> {
    proptest::sample::select(Policy::ALL.to_vec())
}

fn wish() -> impl Strategy<Value = Wish> {
    prop_oneof![
        coverage().prop_map(Wish::Coverage),
        policy().prop_map(Wish::Policy),
        any::<bool>().prop_map(Wish::Postcopy),
        any::<bool>().prop_map(Wish::AutoConverge),
        any::<bool>().prop_map(Wish::Tls),
        proptest::option::of(0..300_u32).prop_map(Wish::Parallel),
        proptest::option::of(0..3_000_000_u64).prop_map(Wish::MaxDowntime),
        proptest::option::of(0..1000_u64).prop_map(Wish::Bandwidth),
        prop_oneof![
            Just(Transport::PeerToPeer),
            Just(Transport::Direct),
            Just(Transport::Tunnelled)
        ]
        .prop_map(Wish::Transport),
        prop_oneof![Just(Residence::UntilShutDown), Just(Residence::Permanent)]
            .prop_map(Wish::Residence),
        prop_oneof![Just(DiskCopy::None), Just(DiskCopy::Full), Just(DiskCopy::Incremental)]
            .prop_map(Wish::Disks),
        prop_oneof![
            Just(Compression::None),
            Just(Compression::Xbzrle),
            Just(Compression::Zlib),
            Just(Compression::Zstd)
        ]
        .prop_map(Wish::Compression),
    ]
}

/// All that can be asked of a tracker; each answer is in order.
fn ask(tracker: &Tracker) -> Result<(), TestCaseError> {
    let allowed = tracker.allowed_pause();
    let spans =
        [tracker.time_left(), tracker.pause_if_finished_now(), tracker.pause_if_allowed(allowed)];
    for (least, most) in spans.into_iter().flatten() {
        prop_assert!(least <= most, "{least:?} {most:?}");
    }
    if tracker.never_ends() {
        prop_assert_eq!(tracker.time_left(), None, "no time is told for what never ends");
        prop_assert!(tracker.needed_pause().is_none_or(|pause| pause > allowed));
    }
    let rates = [tracker.speed(), tracker.rewrites(), tracker.needed_speed()];
    prop_assert!(rates.into_iter().flatten().all(|rate| rate.is_finite() && rate >= 0.0));
    let _ = (tracker.trend(), tracker.working_set(), tracker.foreknown());
    Ok(())
}

proptest! {
    // The same ones every time: a test that fails now and then tells nothing.
    #![proptest_config(ProptestConfig {
        cases: 256,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20_260_101),
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_bar_never_runs_back_and_every_answer_is_in_order(
        steps in steps(),
        coverage in coverage(),
        auto_converge in any::<bool>(),
        expected in expectation(),
    ) {
        let options = MigrationOptions { coverage, auto_converge, ..MigrationOptions::default() };
        let mut tracker = Tracker::new(&options, Bytes(1 << 30));
        tracker.expect(expected);
        let mut last = 0.0;
        for (second, step) in (0..).zip(&steps) {
            tracker.apply(step, Duration::from_millis(second * 100));
            let now = tracker.fraction();
            prop_assert!((last..1.0).contains(&now), "{last} to {now} at {step:?}");
            prop_assert!(tracker.first_pass_share() <= now);
            last = now;
            ask(&tracker)?;
        }
        tracker.end(true, Duration::from_secs(60));
        prop_assert!((tracker.fraction() - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn a_forecast_is_in_order_for_any_guest_and_link(
        memory in amount(),
        rewritten_bps in amount(),
        resident in proptest::option::of(amount().prop_map(Bytes)),
        bandwidth_mibps in proptest::option::of(1..1_000_000_u64),
        pause in proptest::option::of((1..2_000_000_u64).prop_map(Duration::from_millis)),
        link_bps in proptest::option::of(1.0..1e12_f64),
        set in proptest::option::of(amount().prop_map(Bytes)),
        grows in proptest::option::of(0.0..50.0_f64),
        seen in proptest::option::of(amount()),
        policy in proptest::sample::select(Policy::ALL.to_vec()),
    ) {
        let known = Calibration {
            link_bps,
            working_set: set,
            seen_set: set,
            grows,
            ..Calibration::default()
        };
        let measured = Some(MemoryUse { rewritten_bps, working_set: seen.map(Bytes), resident });
        let memory = Bytes(memory);
        let cards_mbps = link_bps.map(|_| bandwidth_mibps.unwrap_or(u64::MAX));
        let prospect = Prospect { memory, measured, known, cards_mbps, bandwidth_mibps, pause, policy };
        let Some(forecast) = Forecast::of(&prospect) else { return Ok(()) };
        prop_assert_eq!(forecast.ways.len(), Way::ALL.len());
        for foretold in &forecast.ways {
            for span in [foretold.time, foretold.pause] {
                prop_assert!(span.least <= span.likely && span.likely <= span.most, "{foretold:?}");
            }
            prop_assert!(foretold.pause.likely <= foretold.time.likely, "{foretold:?}");
        }
    }

    #[test]
    fn whatever_is_wished_nothing_contradictory_comes_of_it(
        wishes in proptest::collection::vec(wish(), 0..12),
    ) {
        let mut options = MigrationOptions::default();
        for wish in wishes {
            if options.ruled_out(&wish).is_none() {
                wish.apply(&mut options);
            }
        }
        let settled = options.settled();
        prop_assert_eq!(settled.conflicts(), []);
        let why = NoEnd {
            pass: 5,
            allowed: Duration::from_secs(1),
            needed: Some(Duration::from_secs(3)),
            rewritten_bps: None,
            sent_bps: None,
        };
        for retry in Retry::after(&why, &settled) {
            if let Some(again) = retry.options(&settled) {
                prop_assert_eq!(again.conflicts(), []);
                prop_assert_ne!(&again, &settled);
            }
        }
    }

    #[test]
    fn a_policy_only_ever_lengthens_the_pause_and_ends_once(
        steps in steps(),
        policy in policy(),
    ) {
        let options = MigrationOptions { policy, ..MigrationOptions::default() };
        let Some(mut pilot) = Pilot::new(&options) else { return Ok(()) };
        let (mut pause, mut last) = (0, 0);
        for step in &steps {
            let MigrationStep::Sample(sample) = step else { continue };
            match pilot.look(sample) {
                Some(Lever::MaxDowntime(ms)) => {
                    prop_assert!(ms > pause && last == 0);
                    pause = ms;
                }
                Some(_) => last += 1,
                None => {}
            }
        }
        prop_assert!(last <= 1);
    }
}
