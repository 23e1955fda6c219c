use std::time::Duration;

use super::*;
use crate::migration::checks::{CheckOutcome, CheckResult, StorageCheck, Value};
use crate::migration::{
    Coverage, MigrationOptions, Outcome, Place, Policy, Predicted, Residence, Transport,
};
use crate::model::{
    Bytes, CompletedStats, Failure, FailureKind, GuestState, MigrationSample, NoEnd, Presence,
    ShutOffReason, StateReason,
};

fn host(name: &str) -> HostRecord {
    HostRecord {
        name: name.into(),
        uuid: Some(format!("uuid of {name}")),
        uri: format!("qemu+ssh://root@{name}/system"),
    }
}

fn begun() -> Begun {
    let options = MigrationOptions {
        residence: Residence::Permanent,
        transport: Transport::Direct,
        bandwidth_mibps: Some(32),
        policy: Policy::PauseIfNeeded,
        destination_xml: Some("<domain><graphics passwd='secret'/></domain>".into()),
        destination_uri: Some("qemu+tcp://ann:secret@b/system".into()),
        ..MigrationOptions::default()
    };
    let strip = |uri: &str| uri.replace(":secret", "");
    Begun {
        version: VERSION,
        at: 1_700_000_000_000,
        guest: "it's \"busy\" 🐦".into(),
        uuid: "6695eb01-f6a4-8304-79aa-97f2502e193f".into(),
        memory: 1 << 30,
        source: host("a"),
        destination: Some(host("b")),
        options: Some(OptionsRecord::new(&options, strip)),
        verdict: Some("ready".into()),
        checks: vec![],
        predicted: Some(
            Predicted {
                time: (Duration::from_secs(10), Duration::from_secs(14)),
                pause: (Duration::from_millis(40), Duration::from_millis(90)),
                data: Bytes(1 << 30),
            }
            .into(),
        ),
        dirty_before: Some(5_000_000),
    }
}

fn sample(tenths: u64, pass: u64, processed: u64, remaining: u64) -> MigrationStep {
    MigrationStep::Sample(MigrationSample {
        elapsed: Duration::from_millis(tenths * 100),
        memory_total: Bytes(1000),
        memory_processed: Bytes(processed),
        memory_remaining: Bytes(remaining),
        iteration: pass,
        dirty_bps: if pass > 1 { 300 } else { 0 },
        ..MigrationSample::default()
    })
}

fn steps() -> Vec<(u64, MigrationStep)> {
    let refused = Failure::own(FailureKind::Unsupported, "no\nsuch \"lever\"");
    let mut steps = vec![
        (0, MigrationStep::Started { max_downtime: Some(Duration::from_millis(300)) }),
        (1, MigrationStep::Pass(1)),
    ];
    for tenth in 0..10 {
        steps.push((tenth * 100, sample(tenth, 1, tenth * 100, 1000 - tenth * 100)));
    }
    for tenth in 10..30 {
        let pass = 2 + (tenth - 10) / 5;
        steps.push((tenth * 100, sample(tenth, pass, tenth * 100, 200 - tenth % 5 * 40)));
    }
    steps.extend([
        (3000, MigrationStep::Stalled(Duration::from_secs(4))),
        (3000, MigrationStep::MaxDowntimeChanged(Duration::from_secs(2))),
        (3001, MigrationStep::BandwidthChanged(None)),
        (3002, MigrationStep::LeverRefused(refused)),
        (3003, MigrationStep::SourcePaused),
        (3004, MigrationStep::Postcopy),
        (3005, MigrationStep::ArrivedAtDestination),
        (3006, MigrationStep::Cancelling),
        (3007, MigrationStep::GivenUp(no_end())),
    ]);
    steps
}

fn no_end() -> NoEnd {
    NoEnd {
        pass: 11,
        allowed: Duration::from_millis(500),
        needed: Some(Duration::from_millis(2010)),
        rewritten_bps: Some(40_000_000),
        sent_bps: None,
    }
}

fn end() -> MigrationEnd {
    let left = StateReason::ShutOff(ShutOffReason::Migrated);
    let there = |state, reason| Presence::There { state, reason, persistent: true };
    MigrationEnd {
        result: Ok(()),
        stats: Some(CompletedStats {
            total: Duration::from_millis(3100),
            downtime: Some(Duration::from_millis(45)),
            sent: Bytes(2900),
            iterations: 5,
        }),
        source: there(GuestState::ShutOff, left),
        destination: there(GuestState::Running, StateReason::RunningMigrated),
    }
}

fn journal() -> String {
    let mut text = Record::Begun(Box::new(begun())).encode();
    for (ms, step) in steps() {
        text.push_str(&Record::of_step(ms, &step).encode());
    }
    let chronicle = Chronicle::read(&text).unwrap();
    let mut ended = Ended::new(1_700_000_003_100, 3100, &end());
    ended.learned = Some(chronicle.learned());
    text + &Record::Ended(Box::new(ended)).encode()
}

#[test]
fn a_journal_says_again_what_was_written() {
    let text = journal();
    assert!(text.lines().all(|line| Record::decode(line).is_some()), "{text}");
    let chronicle = Chronicle::read(&text).unwrap();
    let written: Vec<_> =
        steps().into_iter().map(|(ms, step)| (Duration::from_millis(ms), step)).collect();
    assert_eq!(chronicle.steps, written);
    assert_eq!(chronicle.summary.begun, begun());
    assert_eq!(chronicle.summary.end(), Some(end()));
    assert!(chronicle.ran_there() && !chronicle.gap);
    let report = chronicle.summary.report().unwrap();
    assert!(report.arrived());
    assert!((chronicle.tracker().fraction() - 1.0).abs() < f64::EPSILON);
}

#[test]
fn no_secret_is_written() {
    assert!(!journal().contains("secret"));
    let options = begun().options.unwrap();
    assert!(options.edited_xml, "but that there was one");
    assert_eq!(options.options().bandwidth_mibps, Some(32));
}

#[test]
fn a_torn_or_unknown_line_loses_nothing_else() {
    let text = journal();
    let whole = Chronicle::read(&text).unwrap();
    let (before, after) = text.split_at(text.len() / 2);
    let later = "{\"record\":\"weather\",\"rain\":true}\n\u{fffd}\n\n{\"record\":\"sample\"";
    let mended = format!("{before}\n{later}\n{}", &after[after.find('\n').unwrap() + 1..]);
    let read = Chronicle::read(&mended).unwrap();
    assert_eq!(read.summary, whole.summary);
    assert!(read.steps.len() >= whole.steps.len() - 2);
    // A field of a later version.
    let text = text.replace("\"verdict\":", "\"mood\":\"fine\",\"verdict\":");
    assert_eq!(Chronicle::read(&text).unwrap(), whole);
    // The last line was being written when the lights went out.
    let cut = &text[..text.len() - 30];
    assert_eq!(Chronicle::read(cut).unwrap().summary.ended, None);
    assert_eq!(Chronicle::read("\n{\"record\":"), None);
}

#[test]
fn what_the_policy_gave_up_is_told_and_older_journals_know_nothing_of_it() {
    let mut text = journal();
    let cancelled = MigrationEnd {
        result: Err(Failure::own(FailureKind::Cancelled, "canceled by client")),
        ..end()
    };
    let mut ended = Ended::new(2, 3000, &cancelled);
    let older = Record::Ended(Box::new(ended.clone())).encode();
    assert!(!older.contains("given_up"), "{older}");
    let outcome = |line: &str| {
        let text = format!("{text}{line}");
        let summary = Summary::read(text.lines().next().unwrap(), line).unwrap();
        assert_eq!(summary.report(), Chronicle::read(&text).unwrap().summary.report());
        summary.report().unwrap().outcome
    };
    assert_eq!(outcome(&older), Outcome::Cancelled);
    ended.given_up = Some(no_end().into());
    let line = Record::Ended(Box::new(ended)).encode();
    assert_eq!(outcome(&line), Outcome::GivenUp(Policy::PauseIfNeeded, no_end()));
    // A field of it that an older or newer version does not write.
    let partly = line.replace("\"sent_bps\":null,", "").replace("\"pass\":11", "\"deeds\":7");
    let Outcome::GivenUp(_, why) = outcome(&partly) else { panic!("{partly}") };
    assert_eq!((why.pass, why.needed), (0, no_end().needed));
    text.push_str(&line);
    assert_eq!(Chronicle::read(&text).unwrap().tracker().given_up(), Some(no_end()));
}

#[test]
fn a_kind_of_a_later_version_is_a_failure_without_a_name() {
    let mut ended = Ended::new(1, 1, &end());
    ended.failure = Some((&Failure::own(FailureKind::NoSpace, "full")).into());
    let line = Record::Ended(Box::new(ended)).encode();
    assert!(line.contains("\"kind\":\"no-space\""), "{line}");
    let Some(Record::Ended(read)) = Record::decode(&line.replace("no-space", "too-hot")) else {
        panic!("{line}")
    };
    assert_eq!(read.end().result.unwrap_err(), Failure::own(FailureKind::Other, "full"));
}

#[test]
fn head_and_tail_are_enough_for_the_list() {
    let mut text = journal();
    let failed = MigrationEnd {
        result: Err(Failure::own(FailureKind::LinkLost, "gone")),
        destination: Presence::Unreachable,
        ..end()
    };
    text.push_str(&Record::Ended(Box::new(Ended::new(2, 3000, &failed))).encode());
    let stands = Record::Stands {
        at: 3,
        repaired: Some(Repair::UndefineAtSource),
        source: Presence::Absent.into(),
        destination: end().destination.into(),
    };
    text.push_str(&stands.encode());
    let head = text.lines().next().unwrap();
    let tail = &text[text.len() - 1500..];
    let summary = Summary::read(head, tail).unwrap();
    assert_eq!(summary, Chronicle::read(&text).unwrap().summary);
    let report = summary.report().unwrap();
    assert!(matches!(report.outcome, Outcome::Failed(_)));
    assert!(matches!(report.place, Place::Destination(_)), "as they stood last: {report:?}");
    assert_eq!(summary.repaired, [Repair::UndefineAtSource]);
    assert!(!summary.ended.unwrap().unwitnessed);
}

#[test]
fn later_moves_learn_from_it() {
    let past = Chronicle::read(&journal()).unwrap().summary.past().unwrap();
    assert_eq!((past.source.as_str(), past.destination.as_str()), ("uuid of a", "uuid of b"));
    assert_eq!(past.guest.to_string(), begun().uuid);
    assert!(past.arrived);
    assert_eq!(past.coverage, Coverage::Live);
    assert_eq!((past.bandwidth_mibps, past.dirty_before), (Some(32), Some(5_000_000)));
    assert_eq!(past.total, Duration::from_millis(3100));
    assert_eq!(past.downtime, Some(Duration::from_millis(45)));
    // 100 bytes each tenth of a second; each later pass began with 200 left.
    let near = |found: Option<u64>, wanted: u64| {
        found.is_some_and(|found| found.abs_diff(wanted) <= wanted / 100)
    };
    assert!(near(past.speed, 1000), "{:?}", past.speed);
    assert!(near(past.dirty_during, 300), "{:?}", past.dirty_during);
    assert!(near(past.working_set.map(|bytes| bytes.0), 200), "{:?}", past.working_set);
    assert_eq!(past.predicted.map(|said| said.time.1), Some(Duration::from_secs(14)));
}

#[test]
fn of_a_move_that_somebody_else_began_is_told_what_was_seen() {
    let found = Begun { options: None, ..begun() };
    let mut text = Record::Begun(Box::new(found)).encode();
    assert_eq!(Chronicle::read(&text).unwrap().seen(), Seen::default(), "nothing was seen");
    for (ms, step) in steps() {
        text += &Record::of_step(ms, &step).encode();
    }
    let slowed = MigrationSample {
        throttle_percent: 30,
        disk_total: Bytes(7),
        ..MigrationSample::default()
    };
    text += &Record::of_step(3100, &MigrationStep::Sample(slowed)).encode();
    let seen = Chronicle::read(&text).unwrap().seen();
    let expected = Seen {
        ran_before: Some(Duration::ZERO),
        live: true,
        disks: true,
        postcopy: true,
        throttle_percent: 30,
        residence: None,
    };
    assert_eq!(seen, expected);
    let residence = |end: MigrationEnd| {
        let ended = Record::Ended(Box::new(Ended::new(1, 1, &end))).encode();
        Chronicle::read(&format!("{text}{ended}")).unwrap().seen().residence
    };
    assert_eq!(residence(end()), Some(Residence::UntilShutDown), "its definition stayed");
    let moved = MigrationEnd { source: Presence::Absent, ..end() };
    assert_eq!(residence(moved), Some(Residence::Permanent));
    let failed = Err(Failure::own(FailureKind::Cancelled, "canceled by client"));
    assert_eq!(residence(MigrationEnd { result: failed, ..end() }), None);
}

#[test]
fn a_destination_and_levers_become_known_on_the_way() {
    let found = Begun { destination: None, options: None, ..begun() };
    let mut text = Record::Begun(Box::new(found)).encode();
    text += &Record::Pulled { ms: 7, lever: LeverRecord::PauseGuest }.encode();
    text += &Record::Destination(host("b")).encode();
    let chronicle = Chronicle::read(&text).unwrap();
    assert_eq!(chronicle.pulled, [(Duration::from_millis(7), LeverRecord::PauseGuest)]);
    assert_eq!(chronicle.summary.begun.destination, Some(host("b")));
    let summary = Summary::read(&text, &text).unwrap();
    assert_eq!(summary, chronicle.summary);
}

#[test]
fn what_nobody_saw_end_teaches_nothing() {
    let mut summary = Chronicle::read(&journal()).unwrap().summary;
    summary.ended.as_mut().unwrap().unwitnessed = true;
    assert_eq!(summary.past(), None);
    summary.ended = None;
    assert_eq!(summary.past(), None);
}

#[test]
fn samples_are_a_table() {
    let table = samples_as_csv(&Chronicle::read(&journal()).unwrap());
    let lines: Vec<_> = table.split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 31, "{table}");
    assert!(lines.iter().all(|line| line.split(',').count() == 14), "{table}");
    assert_eq!(lines[2], "100,100,1000,100,900,0,0,0,0,0,1,0,0,0");
}

#[test]
fn what_a_later_version_asked_leaves_the_rest_readable() {
    let result = CheckResult::recorded(
        StorageCheck::Shared.into(),
        CheckOutcome::Warns,
        "vda",
        Value::Amount(Bytes(5)),
        Value::Missing,
    );
    let own = CheckRecord::of(&result).unwrap();
    assert_eq!(own.result(), Some(result));
    let text = serde_json::to_string(&own).unwrap();
    let later = text.replace("Shared", "Quantum");
    assert_ne!(later, text);
    let later: CheckRecord = serde_json::from_str(&later).unwrap();
    assert_eq!((later.about.as_str(), later.result()), ("vda", None));
    let older = r#"{"check":"Storage(Shared)","about":"vda","outcome":"warns"}"#;
    assert_eq!(serde_json::from_str::<CheckRecord>(older).unwrap().result(), None);
}
