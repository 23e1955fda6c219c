//! Real moves of the practice lab, recorded once, against the estimator: whatever it said on the way
//! is held against what came of it.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::time::Duration;

use support::judged::{foretell, judge, known, past};
use support::practice::Practice;
use support::recorded::{Recording, folder, kept};
use support::recorder::{guests, record_all, record_each};
use vireo::lab::PracticeGuest;
use vireo::migration::{Expectation, PastMove};
use vireo::model::Bytes;

/// Makes the recordings anew.
#[test]
#[ignore = "makes the recordings, which takes minutes"]
fn moves_are_recorded() {
    let mut practice = Practice::with(&guests());
    record_all(&mut practice, |made| {
        std::fs::write(folder().join(made.case.file()), made.text()).unwrap();
    });
}

/// Guests that rewrite nearly as much as is sent, or a little more.
#[test]
#[ignore = "makes the recordings, which takes minutes"]
fn moves_at_the_edge_are_recorded() {
    let guest = |name: &str, rate| PracticeGuest::new(name, 192).rewriting(64, rate).holding(48);
    let guests = [guest("near", 16), guest("nearer", 18), guest("nearest", 19), guest("over", 22)];
    let mut practice = Practice::with(&guests);
    record_each(&mut practice, &guests, &[(Some(20), true)], |made| {
        std::fs::write(folder().join(made.case.file()), made.text()).unwrap();
    });
}

#[test]
fn a_recording_survives_being_written() {
    for (name, recording) in kept() {
        assert_eq!(Recording::read(&recording.text()), recording, "{name}");
        assert_eq!(format!("{name}.ndjson"), recording.case.file());
    }
}

/// With what the other moves tell, and without.
fn expectations(all: &[(String, Recording)], of: usize) -> [Expectation; 2] {
    let (_, recording) = &all[of];
    let others = all.iter().enumerate().filter(|(other, _)| *other != of);
    let others: Vec<PastMove> = others.map(|(_, (_, recording))| past(recording)).collect();
    let memory = Bytes(recording.case.memory_mib << 20);
    [Expectation::default(), known(&others, recording).expectation(memory, recording.before)]
}

#[test]
fn a_move_that_does_not_finish_is_told_at_once_and_none_that_does() {
    let all = kept();
    let mut stuck = 0;
    for (number, (name, recording)) in all.iter().enumerate() {
        for expected in expectations(&all, number) {
            let judged = judge(recording, expected);
            assert!(recording.arrived, "{name}: what was said to be enough was");
            match (judged.rescued, judged.never_said) {
                (Some(_), Some(said)) => {
                    stuck += 1;
                    // One at the edge takes long before it will not finish.
                    assert!(judged.told_with_third, "{name}: said {said:?}");
                }
                (None, None) => {}
                (rescued, said) => panic!("{name}: {rescued:?} but said {said:?}"),
            }
        }
    }
    assert!(stuck >= 10, "{stuck} of {}", all.len());
}

#[test]
fn the_time_left_holds_and_the_bar_never_runs_back() {
    let all = kept();
    assert!(all.len() >= 20, "{}", all.len());
    let (mut within, mut told) = (0, 0);
    for (number, (name, recording)) in all.iter().enumerate() {
        for expected in expectations(&all, number) {
            let judged = judge(recording, expected);
            assert!(!judged.bar_wrong, "{name}");
            within += judged.within;
            told += judged.told;
        }
    }
    assert!(told > 500, "{told}");
    assert!(within * 100 >= told * 80, "{within} of {told}");
}

#[test]
fn forecasts_of_moves_that_others_tell_about_come_true() {
    let all = kept();
    let (mut times, mut pauses, mut count) = (0, 0, 0);
    for (number, (name, recording)) in all.iter().enumerate() {
        let others = all.iter().enumerate().filter(|(other, _)| *other != number);
        let others: Vec<PastMove> = others.map(|(_, (_, recording))| past(recording)).collect();
        let calibration = known(&others, recording);
        let Some((_, foretold)) = foretell(calibration, recording) else { panic!("{name}") };
        for span in [foretold.time, foretold.pause] {
            assert!(span.least <= span.likely && span.likely <= span.most, "{name}: {span:?}");
        }
        let judged = judge(recording, calibration.expectation(Bytes(0), recording.before));
        if judged.rescued.is_some() || recording.case.bandwidth_mibps.is_none() {
            continue; // no time of its own; a link that the whole computer shares
        }
        let ratio = |likely: Duration, real: Duration| likely.as_secs_f64() / real.as_secs_f64();
        count += 1;
        times += usize::from((0.75..=1.25).contains(&ratio(foretold.time.likely, recording.total)));
        let pause = ratio(foretold.pause.likely, recording.downtime.unwrap());
        pauses += usize::from((0.5..=2.0).contains(&pause));
    }
    assert!(times * 100 >= count * 80, "{times} of {count}");
    assert!(pauses * 100 >= count * 80, "{pauses} of {count}");
}
