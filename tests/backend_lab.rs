//! The backend on two real hosts: moves that go well, moves that are steered, and everything that
//! can go wrong on the way. Each test has a lab of its own.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use support::practice::{A, B, Practice, there, virsh};
use support::slow_link::slow_link;
use support::{Bench, DEADLINE};
use vireo::backend::{Lever, RequestBody};
use vireo::lab::PracticeGuest;
use vireo::migration::{
    Coverage, MigrationOptions, MigrationPlan, Policy, Residence, Retry, Transport,
};
use vireo::model::{
    ConnectionState, Event, FailureKind, GuestAction, GuestState, HostId, MigrationStep,
    PauseReason, Presence, Reply, ShutOffReason, StateReason,
};

fn by(transport: Transport) -> MigrationOptions {
    MigrationOptions { transport, ..MigrationOptions::default() }
}

/// Slow enough to be caught in the middle.
fn slow(transport: Transport) -> MigrationOptions {
    MigrationOptions { bandwidth_mibps: Some(8), ..by(transport) }
}

/// A guest whose memory takes half a minute at 8 MiB/s.
fn big(name: &str) -> PracticeGuest {
    PracticeGuest::new(name, 320).holding(256)
}

fn position(steps: &[MigrationStep], wanted: impl Fn(&MigrationStep) -> bool) -> usize {
    steps.iter().position(wanted).unwrap_or_else(|| panic!("not among {steps:?}"))
}

#[test]
fn guests_move_live_for_a_while_and_for_good() {
    let mut practice = Practice::with(&[PracticeGuest::new("calm", 32)]);
    let job = practice.begin("calm", A, by(Transport::PeerToPeer));
    practice.until(A, "calm", |guest| guest.migrating);
    let end = practice.end(job);
    assert_eq!(end.result, Ok(()));
    let away = StateReason::ShutOff(ShutOffReason::Migrated);
    let state = GuestState::ShutOff;
    assert_eq!(end.source, Presence::There { state, reason: away, persistent: true });
    let (state, reason) = (GuestState::Running, StateReason::RunningMigrated);
    assert_eq!(end.destination, Presence::There { state, reason, persistent: false });
    let stats = end.stats.unwrap();
    assert!(stats.downtime.is_some() && stats.sent.0 > 0 && !stats.total.is_zero(), "{stats:?}");
    let steps = practice.steps(job);
    let order = [
        position(&steps, |step| matches!(step, MigrationStep::Started { max_downtime: Some(_) })),
        position(&steps, |step| *step == MigrationStep::Pass(1)),
        position(&steps, |step| *step == MigrationStep::SourcePaused),
        position(&steps, |step| *step == MigrationStep::ArrivedAtDestination),
    ];
    assert!(order.is_sorted(), "{steps:?}");
    practice.until(A, "calm", |guest| !guest.migrating && guest.reason == away);
    practice.until(B, "calm", |guest| !guest.migrating && guest.state == GuestState::Running);

    let back = practice.migrate("calm", B, by(Transport::Direct));
    assert_eq!(back.result, Ok(()));
    assert_eq!(back.source, Presence::Absent);
    assert!(matches!(back.destination, Presence::There { persistent: true, .. }));
    practice.until_gone(B, "calm");
    practice.until(A, "calm", |guest| guest.state == GuestState::Running && guest.persistent);

    let for_good = MigrationOptions { residence: Residence::Permanent, ..by(Transport::Tunnelled) };
    let end = practice.migrate("calm", A, for_good);
    assert_eq!(end.result, Ok(()));
    assert_eq!(end.source, Presence::Absent);
    assert!(matches!(end.destination, Presence::There { persistent: true, .. }));
    assert!(end.stats.is_some());
    practice.until_gone(A, "calm");
    practice.until(B, "calm", |guest| guest.persistent);
    practice.assert_lives("calm");
}

#[test]
fn guests_that_stand_still_move_too() {
    let idle = PracticeGuest::new("idle", 32);
    let mut practice = Practice::with(&[PracticeGuest::new("calm", 32), idle]);
    let stopped = MigrationOptions { coverage: Coverage::Stopped, ..Default::default() };
    let job = practice.begin("calm", A, stopped.clone());
    let end = practice.end(job);
    assert_eq!(end.result, Ok(()));
    assert!(there(end.destination, GuestState::Running), "{end:?}");
    assert!(practice.steps(job).contains(&MigrationStep::ArrivedAtDestination));
    practice.assert_lives("calm");

    let guest = practice.bench.guest(A, "idle").key;
    let pause = practice.bench.submit(RequestBody::Act { guest, action: GuestAction::Pause });
    assert_eq!(practice.bench.finished(pause), Ok(Reply::Done));
    let job = practice.begin("idle", A, stopped);
    let end = practice.end(job);
    assert_eq!(end.result, Ok(()));
    let user = StateReason::Paused(PauseReason::User);
    let (state, reason) = (GuestState::Paused, user);
    assert_eq!(end.destination, Presence::There { state, reason, persistent: false });
    assert!(practice.steps(job).contains(&MigrationStep::ArrivedAtDestination));
    let end = practice.migrate("idle", B, by(Transport::PeerToPeer));
    assert_eq!(end.result, Ok(()));
    assert!(there(end.destination, GuestState::Paused), "{end:?}");

    let guest = practice.until(A, "idle", |guest| guest.state == GuestState::Paused);
    let off = practice.bench.submit(RequestBody::Act { guest, action: GuestAction::ForceOff });
    assert_eq!(practice.bench.finished(off), Ok(Reply::Done));
    let definition = MigrationOptions {
        coverage: Coverage::Definition,
        residence: Residence::Permanent,
        ..Default::default()
    };
    let end = practice.migrate("idle", A, definition);
    assert_eq!((end.result, end.source), (Ok(()), Presence::Absent));
    assert!(there(end.destination, GuestState::ShutOff));
    practice.until_gone(A, "idle");
    practice.until(B, "idle", |guest| guest.state == GuestState::ShutOff && guest.persistent);
}

#[test]
fn moves_can_be_cancelled_and_steered() {
    let busy = PracticeGuest::new("busy", 64).rewriting(48, 40);
    let mut practice = Practice::with(&[busy, PracticeGuest::new("calm", 32)]);
    let narrow = MigrationOptions { bandwidth_mibps: Some(20), ..Default::default() };
    let job = practice.begin("busy", A, narrow.clone());
    practice.moving(job);
    practice.steer(job, Lever::Cancel);
    let end = practice.end(job);
    assert_eq!(end.result.unwrap_err().kind, FailureKind::Cancelled);
    assert!(practice.steps(job).contains(&MigrationStep::Cancelling));
    assert!(there(end.source, GuestState::Running) && end.destination == Presence::Absent);
    practice.until(A, "busy", |guest| !guest.migrating);
    practice.assert_lives("busy");

    let job = practice.begin("busy", A, MigrationOptions { max_downtime_ms: Some(50), ..narrow });
    // The second moves meanwhile.
    let other = practice.migrate("calm", A, by(Transport::Direct));
    assert_eq!(other.result, Ok(()));
    practice.reading(job, |sample| sample.iteration >= 3);
    let again = practice.begin("busy", A, MigrationOptions::default());
    assert_eq!(practice.end(again).result.unwrap_err().kind, FailureKind::Busy);
    practice.steer(job, Lever::MaxDowntime(4000));
    let end = practice.end(job);
    assert_eq!(end.result, Ok(()));
    let raised = MigrationStep::MaxDowntimeChanged(std::time::Duration::from_secs(4));
    assert!(practice.steps(job).contains(&raised));
    let late = practice.bench.submit(RequestBody::Steer { of: job, lever: Lever::Cancel });
    assert_eq!(practice.bench.finished(late).unwrap_err().kind, FailureKind::Gone);

    let job = practice.begin("busy", B, slow(Transport::PeerToPeer));
    practice.moving(job);
    practice.steer(job, Lever::Bandwidth(Some(9)));
    practice.steer(job, Lever::PauseGuest);
    practice.steer(job, Lever::Bandwidth(None));
    assert_eq!(practice.end(job).result, Ok(()));
    let steps = practice.steps(job);
    let lifted = position(&steps, |step| *step == MigrationStep::BandwidthChanged(None));
    assert!(position(&steps, |step| *step == MigrationStep::BandwidthChanged(Some(9))) < lifted);
}

#[test]
fn what_a_guest_rewrites_is_measured_but_not_while_it_moves() {
    let busy = PracticeGuest::new("busy", 160).rewriting(96, 40);
    let mut practice = Practice::with(&[busy, PracticeGuest::new("calm", 32)]);
    let measure = |practice: &mut Practice, name: &str| {
        let guest = practice.bench.guest(A, name).key;
        let job = practice.bench.submit(RequestBody::WatchMemory { guest, seconds: 2 });
        practice.bench.finished(job)
    };
    let Ok(Reply::MemoryWatch(found)) = measure(&mut practice, "busy") else {
        panic!("not measured")
    };
    let mib = found.written.0 >> 20;
    assert!(
        (10..=180).contains(&mib),
        "{mib} MiB in {} s of 40 a second, as far as the computer had the time",
        found.seconds
    );
    assert!(found.resident.is_some_and(|resident| resident.0 > 96 << 20), "{found:?}");
    // One that somebody began before is waited for.
    virsh(practice.host(A), &["domdirtyrate-calc", "busy", "--seconds", "3"]);
    match measure(&mut practice, "busy") {
        Ok(Reply::MemoryWatch(found)) => assert_eq!(found.seconds, 3, "{found:?}"),
        other => panic!("{other:?}"),
    }
    // With KVM QEMU watches every page of so small a guest; without, it cannot.
    match measure(&mut practice, "calm") {
        Ok(Reply::MemoryWatch(found)) => assert!(found.written.0 >> 20 < 10, "{found:?}"),
        other => assert_eq!(other.unwrap_err().kind, FailureKind::Unsupported),
    }
    let job = practice.begin("busy", A, slow(Transport::PeerToPeer));
    practice.moving(job);
    assert_eq!(measure(&mut practice, "busy").unwrap_err().kind, FailureKind::Busy);
    practice.steer(job, Lever::Cancel);
    assert_eq!(practice.end(job).result.unwrap_err().kind, FailureKind::Cancelled);
    practice.assert_lives("busy");
}

#[test]
fn a_policy_lengthens_the_pause_pass_by_pass_and_gives_up_when_no_end_is_in_sight() {
    let busy = PracticeGuest::new("busy", 160).rewriting(32, 40);
    let mut practice = Practice::with(&[busy]);
    let options = MigrationOptions {
        bandwidth_mibps: Some(16),
        policy: Policy::MinimalPause,
        ..MigrationOptions::default()
    };
    let job = practice.begin("busy", A, options.clone());
    let end = practice.end(job);
    assert_eq!(end.result.unwrap_err().kind, FailureKind::Cancelled, "half a second is too little");
    assert!(there(end.source, GuestState::Running) && end.destination == Presence::Absent);
    let steps = practice.steps(job);
    let raised: Vec<u128> = steps
        .iter()
        .filter_map(|step| match step {
            MigrationStep::MaxDowntimeChanged(limit) => Some(limit.as_millis()),
            _ => None,
        })
        .collect();
    assert!(raised.is_sorted() && raised.last() == Some(&500), "{raised:?}");
    let why = steps.iter().find_map(|step| match step {
        MigrationStep::GivenUp(why) => Some(*why),
        _ => None,
    });
    let why = why.expect("it says that the policy gave it up, and why");
    assert!(why.pass > 10 && why.allowed.as_millis() == 500, "{why:?}");
    assert!(why.needed.is_some_and(|needed| needed > why.allowed), "{why:?}");
    assert!(why.rewritten_bps.is_some_and(|rate| rate >> 20 >= 8), "{why:?}");
    assert!(why.sent_bps.is_some_and(|rate| (8..=24).contains(&(rate >> 20))), "{why:?}");
    assert!(!steps.contains(&MigrationStep::Cancelling), "the user did not");
    practice.assert_lives("busy");

    // What it offers does bring the guest over, under the same policy.
    let pause = Retry::after(&why, &options)[0];
    assert!(matches!(pause, Retry::Allowing(ms) if ms > 500), "{pause:?}");
    let end = practice.migrate("busy", A, pause.options(&options).unwrap());
    assert_eq!(end.result, Ok(()), "{pause:?}");
    practice.assert_lives("busy");
}

#[test]
fn a_policy_is_carried_out_for_a_move_that_runs_already() {
    let mut practice = Practice::with(&[PracticeGuest::new("busy", 160).rewriting(32, 40)]);
    let options = MigrationOptions { policy: Policy::MinimalPause, ..slow(Transport::PeerToPeer) };
    let asked = MigrationOptions { policy: Policy::None, ..options.clone() };
    let job = practice.begin("busy", A, MigrationOptions { bandwidth_mibps: Some(16), ..asked });
    practice.moving(job);
    let follow = |of| RequestBody::FollowPolicy { of, options: Box::new(options.clone()) };
    let taken = practice.bench.submit(follow(job));
    assert_eq!(practice.bench.finished(taken), Ok(Reply::Done));
    practice.bench.wait("a longer pause", |event| match event {
        Event::MigrationStepped { job: of, step: MigrationStep::MaxDowntimeChanged(_) }
            if *of == job =>
        {
            Some(())
        }
        _ => None,
    });
    practice.steer(job, Lever::Cancel);
    assert_eq!(practice.end(job).result.unwrap_err().kind, FailureKind::Cancelled);
    let late = practice.bench.submit(follow(job));
    assert_eq!(practice.bench.finished(late).unwrap_err().kind, FailureKind::Gone);
}

#[test]
fn a_destination_that_dies_leaves_the_guest_at_home() {
    let mut practice = Practice::with(&[big("big")]);
    for transport in [Transport::PeerToPeer, Transport::Direct] {
        let job = practice.begin("big", A, slow(transport));
        practice.moving(job);
        practice.host(B).kill_daemon().unwrap();
        let end = practice.end(job);
        assert_eq!(end.result.unwrap_err().kind, FailureKind::LinkLost, "{transport:?}");
        assert!(there(end.source, GuestState::Running), "{:?}", end.source);
        assert_eq!(end.destination, Presence::Unreachable);
        practice.assert_lives("big");
        let from = practice.bench.told.len();
        practice.host(B).restart_daemon().unwrap();
        // The guest that was on its way in is listed first, and gone when the daemon has tidied up.
        practice.bench.wait_from(from, "list after the restart", |event| match event {
            Event::GuestsListed { host: B, .. } => Some(()),
            _ => None,
        });
        practice.until_gone(B, "big");
    }
    let job = practice.begin("big", A, slow(Transport::PeerToPeer));
    practice.moving(job);
    kill(practice.host(B).qemu_pid("big").unwrap());
    let end = practice.end(job);
    assert_eq!(end.result.unwrap_err().kind, FailureKind::ChannelBroken);
    assert!(there(end.source, GuestState::Running) && end.destination == Presence::Absent);
    practice.assert_lives("big");
}

fn kill(pid: i32) {
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}

#[test]
fn a_guest_that_stops_on_the_way_is_told_so() {
    let mortal = big("mortal").off_at(12);
    let mut practice = Practice::with(&[mortal, big("big")]);
    let doomed = practice.begin("mortal", A, slow(Transport::PeerToPeer));
    let job = practice.begin("big", A, slow(Transport::Direct));
    practice.moving(job);
    kill(practice.host(A).qemu_pid("big").unwrap());
    let end = practice.end(job);
    assert_eq!(end.result.unwrap_err().kind, FailureKind::GuestStopped);
    let reason = StateReason::ShutOff(ShutOffReason::Crashed);
    let state = GuestState::ShutOff;
    assert_eq!(end.source, Presence::There { state, reason, persistent: true });
    assert_eq!(end.destination, Presence::Absent);

    let end = practice.end(doomed);
    assert_eq!(end.result.unwrap_err().kind, FailureKind::GuestStopped);
    assert!(there(end.source, GuestState::ShutOff) && end.destination == Presence::Absent);
}

#[test]
fn what_the_destination_refuses_is_told_with_its_class() {
    let mut practice = Practice::with(&[PracticeGuest::new("calm", 32)]);
    let xml = virsh(practice.host(A), &["dumpxml", "calm"]);
    let home = practice.lab.directory().to_owned();
    let kind = |end: vireo::model::MigrationEnd| end.result.unwrap_err().kind;

    let other = practice.bench.guest(A, "calm").key.uuid.to_string();
    let taken = home.join("taken.xml");
    std::fs::write(&taken, xml.replace(&other, "00000000-0000-4000-8000-000000000001")).unwrap();
    virsh(practice.host(B), &["define", taken.to_str().unwrap()]);
    for transport in [Transport::PeerToPeer, Transport::Direct] {
        assert_eq!(kind(practice.migrate("calm", A, by(transport))), FailureKind::Exists);
    }
    virsh(practice.host(B), &["undefine", "calm"]);

    let disk = practice.lab.shared_directory().join("calm.raw");
    let elsewhere = home.join("absent.raw");
    let guest = practice.bench.guest(A, "calm").key;
    let defaults = practice.bench.submit(RequestBody::MigrationDefaults(guest));
    let Ok(Reply::MigrationDefaults { max_downtime_ms: Some(300), xml: movable }) =
        practice.bench.finished(defaults)
    else {
        panic!("no defaults")
    };
    let destination_xml = movable.replace(disk.to_str().unwrap(), elsewhere.to_str().unwrap());
    let missing = MigrationOptions { destination_xml: Some(destination_xml), ..Default::default() };
    assert_eq!(kind(practice.migrate("calm", A, missing)), FailureKind::Storage);

    let same = MigrationOptions {
        destination_uri: Some(practice.host(A).uri.clone()),
        ..Default::default()
    };
    assert_eq!(kind(practice.migrate("calm", A, same)), FailureKind::SameHost);
    let plan = MigrationPlan { guest, destination: A, options: MigrationOptions::default() };
    let job = practice.bench.submit(RequestBody::Migrate(Box::new(plan)));
    let end = practice.end(job);
    assert!(there(end.source, GuestState::Running));
    assert_eq!(kind(end), FailureKind::SameHost);

    let nowhere = MigrationOptions {
        destination_uri: Some("qemu+tcp://no-such-host.invalid/system".into()),
        ..Default::default()
    };
    assert_eq!(kind(practice.migrate("calm", A, nowhere)), FailureKind::UnknownHost);
    let address = MigrationOptions {
        migrate_uri: Some("tcp://no-such-host.invalid".into()),
        ..Default::default()
    };
    assert_eq!(kind(practice.migrate("calm", A, address)), FailureKind::MigrationAddress);

    let private = home.join("private.raw");
    std::fs::copy(&disk, &private).unwrap();
    std::os::unix::fs::chown(&private, uid_of(&disk), None).unwrap();
    let local = xml
        .replace(&other, "00000000-0000-4000-8000-000000000002")
        .replace("<name>calm</name>", "<name>local</name>")
        .replace("/calm.log", "/local.log")
        .replace(disk.to_str().unwrap(), private.to_str().unwrap());
    let file = home.join("local.xml");
    std::fs::write(&file, local).unwrap();
    virsh(practice.host(A), &["create", file.to_str().unwrap()]);
    assert_eq!(kind(practice.migrate("local", A, Default::default())), FailureKind::Unsafe);
    let anyway = MigrationOptions { allow_unsafe: true, ..Default::default() };
    assert_eq!(practice.migrate("local", A, anyway).result, Ok(()));
    practice.assert_lives("calm");
}

fn uid_of(file: &std::path::Path) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    Some(std::fs::metadata(file).unwrap().uid())
}

#[test]
fn a_migration_of_somebody_else_is_found_and_followed() {
    let mut practice = Practice::with(&[big("big")]);
    let (from, to) = (practice.host(A).uri.clone(), practice.host(B).uri.clone());
    let mut somebody = std::process::Command::new("virsh")
        .args(["-q", "-c", &from, "migrate", "--live", "--p2p", "--bandwidth", "12", "big", &to])
        .spawn()
        .unwrap();
    let (job, guest) = practice.bench.wait("migration", |event| match event {
        Event::MigrationFound { job, guest } => Some((*job, *guest)),
        _ => None,
    });
    assert_eq!(guest, practice.bench.guest(A, "big").key);
    practice.moving(job);
    // A backend that starts in the middle finds it as well, and what is set for it by then.
    for setting in [["migrate-setmaxdowntime", "big", "2000"], ["migrate-setspeed", "big", "13"]] {
        virsh(practice.host(A), &setting);
    }
    let mut late = Bench::new();
    late.open(HostId(7), &from);
    let (late_job, late_guest) = late.wait("migration", |event| match event {
        Event::MigrationFound { job, guest } => Some((*job, *guest)),
        _ => None,
    });
    assert_eq!(late_guest.uuid, guest.uuid);
    let set = [
        MigrationStep::Started { max_downtime: Some(std::time::Duration::from_secs(2)) },
        MigrationStep::BandwidthChanged(Some(13)),
    ];
    for wanted in set {
        late.wait("what is set", |event| match event {
            Event::MigrationStepped { job, step } if *job == late_job && *step == wanted => {
                Some(())
            }
            _ => None,
        });
    }
    practice.steer(job, Lever::Bandwidth(None));
    let end = practice.end(job);
    assert_eq!(end.result, Ok(()));
    assert!(there(end.source, GuestState::ShutOff) && there(end.destination, GuestState::Running));
    let late_end = late.wait("end", |event| match event {
        Event::MigrationEnded { job, end } if *job == late_job => Some(end.clone()),
        _ => None,
    });
    assert_eq!(late_end.result, Ok(()));
    assert!(somebody.wait().unwrap().success());
    assert!(practice.steps(job).contains(&MigrationStep::ArrivedAtDestination));
    // Both hosts say so at once, not at the next look at everything.
    let ended = std::time::Instant::now();
    practice.until(B, "big", |guest| guest.state == GuestState::Running && !guest.migrating);
    assert!(ended.elapsed() < std::time::Duration::from_secs(10), "{:?}", ended.elapsed());
    practice.assert_lives("big");
}

#[test]
fn one_host_that_fails_does_not_touch_the_other() {
    let mut practice = Practice::with(&[PracticeGuest::new("calm", 32)]);
    practice.bench.wait("figures of the second", |event| match event {
        Event::Sampled(samples) if samples.host == B => Some(()),
        _ => None,
    });
    practice.host(B).stop_daemon().unwrap();
    let guest = practice.bench.guest(A, "calm").key;
    for (action, state) in
        [(GuestAction::Pause, GuestState::Paused), (GuestAction::Resume, GuestState::Running)]
    {
        let job = practice.bench.submit(RequestBody::Act { guest, action });
        assert_eq!(practice.bench.finished(job), Ok(Reply::Done));
        practice.until(A, "calm", |guest| guest.state == state);
    }
    practice.bench.wait("stalled statistics", |event| match event {
        Event::StatisticsStalled { host: B, stalled: true } => Some(()),
        _ => None,
    });
    practice.bench.submit(RequestBody::Close(B));
    let closing = std::time::Instant::now();
    practice.bench.wait("end", |event| match event {
        Event::ConnectionChanged { host: B, state: ConnectionState::Disconnected } => Some(()),
        _ => None,
    });
    assert!(closing.elapsed() < std::time::Duration::from_secs(2));
    practice.host(B).continue_daemon().unwrap();

    let from = practice.bench.told.len();
    practice.host(A).restart_daemon().unwrap();
    practice.bench.wait_from(from, "reconnection", |event| match event {
        Event::ConnectionChanged {
            host: A,
            state: ConnectionState::Reconnecting { attempt: 1, .. },
        } => Some(()),
        _ => None,
    });
    practice.bench.wait_from(from, "list", |event| match event {
        Event::GuestsListed { host: A, guests } => (guests.len() == 1).then_some(()),
        _ => None,
    });
    practice.assert_lives("calm");
    assert!(DEADLINE > closing.elapsed());
}

#[test]
fn many_guests_over_a_slow_link_cost_no_call_each() {
    const GUESTS: usize = 220;
    let practice = Practice::with(&[PracticeGuest::new("calm", 32)]);
    let home = practice.lab.directory().to_owned();
    let mut commands = String::new();
    for number in 1..GUESTS {
        let file = home.join(format!("idle-{number}.xml"));
        let xml = format!(
            "<domain type='qemu'><name>idle-{number}</name><memory unit='MiB'>64</memory>\
             <vcpu>2</vcpu><os><type arch='x86_64'>hvm</type></os></domain>"
        );
        std::fs::write(&file, xml).unwrap();
        commands.push_str(&format!("define {};", file.display()));
    }
    virsh(practice.host(A), &[&commands]);
    let round_trip = std::time::Duration::from_millis(20);
    let link = home.join("slow");
    slow_link(&link, &home.join("a/run/libvirt/libvirt-sock"), round_trip);
    let mut bench = Bench::new();
    let far = HostId(9);
    let began = std::time::Instant::now();
    bench.open(far, &format!("qemu+unix:///session?socket={}", link.display()));
    bench.connected(far);
    let opened = began.elapsed();
    let guests = bench.listed(far);
    let listed = began.elapsed();
    println!("{GUESTS} guests at {round_trip:?}: open {opened:?}, listed {listed:?}");
    assert_eq!(guests.len(), GUESTS);
    let idle = guests.iter().find(|guest| &*guest.name == "idle-7").unwrap();
    assert_eq!((idle.vcpus, idle.memory_max.0, idle.persistent), (2, 64 << 20, true));
    let trips = (listed - opened).as_millis() / round_trip.as_millis();
    assert!(trips < 50, "listing took {trips} round trips");
}

#[test]
fn a_destination_that_hangs_is_given_up() {
    let mut practice = Practice::with(&[big("big")]);
    let narrow = MigrationOptions { bandwidth_mibps: Some(3), ..by(Transport::Direct) };
    let job = practice.begin("big", A, narrow);
    practice.moving(job);
    practice.host(B).stop_daemon().unwrap();
    let end = practice.end(job);
    assert_eq!(end.result.unwrap_err().kind, FailureKind::LinkLost);
    assert!(there(end.source, GuestState::Running), "{:?}", end.source);
    assert_eq!(end.destination, Presence::Unreachable);
    practice.host(B).continue_daemon().unwrap();
    practice.bench.wait("reconnection", |event| match event {
        Event::ConnectionChanged { host: B, state: ConnectionState::Reconnecting { .. } } => {
            Some(())
        }
        _ => None,
    });
    practice.until_gone(B, "big");
    practice.assert_lives("big");
}

#[test]
fn a_source_that_dies_keeps_its_guest() {
    let mut practice = Practice::with(&[big("big")]);
    for transport in [Transport::PeerToPeer, Transport::Direct] {
        let job = practice.begin("big", A, slow(transport));
        practice.moving(job);
        practice.host(A).kill_daemon().unwrap();
        let end = practice.end(job);
        assert_eq!(end.result.unwrap_err().kind, FailureKind::LinkLost);
        assert_eq!(end.source, Presence::Unreachable);
        let from = practice.bench.told.len();
        practice.host(A).restart_daemon().unwrap();
        practice.bench.wait_from(from, "list", |event| match event {
            Event::GuestsListed { host: A, .. } => Some(()),
            _ => None,
        });
        practice.until(A, "big", |guest| guest.state == GuestState::Running && !guest.migrating);
        practice.until_gone(B, "big");
        practice.assert_lives("big");
    }
}

/// Whether a user's QEMU may fetch memory on demand on this machine.
fn has_userfaultfd() -> bool {
    std::fs::read_to_string("/proc/sys/vm/unprivileged_userfaultfd")
        .is_ok_and(|value| value.trim() == "1")
}

#[test]
fn post_copy_is_switched_to_or_refused_before_anything_moves() {
    let mut practice = Practice::with(&[big("big")]);
    let options = MigrationOptions { postcopy: true, ..slow(Transport::PeerToPeer) };
    let job = practice.begin("big", A, options);
    if has_userfaultfd() {
        practice.moving(job);
        practice.steer(job, Lever::Postcopy);
        assert_eq!(practice.end(job).result, Ok(()));
        let steps = practice.steps(job);
        let switched = position(&steps, |step| *step == MigrationStep::Postcopy);
        assert!(switched < position(&steps, |step| *step == MigrationStep::ArrivedAtDestination));
    } else {
        let end = practice.end(job);
        let failure = end.result.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Unsupported, "{failure:?}");
        assert!(there(end.source, GuestState::Running) && end.destination == Presence::Absent);
    }
    practice.assert_lives("big");
}

#[test]
fn a_guest_that_hangs_holds_up_nothing_else() {
    let guests = [PracticeGuest::new("hung", 32), PracticeGuest::new("calm", 32)];
    let mut practice = Practice::with(&guests);
    let qemu = practice.host(A).qemu_pid("hung").unwrap();
    let signal = |signal| {
        let pid = rustix::process::Pid::from_raw(qemu).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
    };
    signal(rustix::process::Signal::STOP);
    practice.bench.wait("stalled statistics", |event| match event {
        Event::StatisticsStalled { host: A, stalled: true } => Some(()),
        _ => None,
    });
    let hung = practice.bench.guest(A, "hung").key;
    for _ in 0..3 {
        practice.bench.submit(RequestBody::Act { guest: hung, action: GuestAction::Pause });
    }
    let guest = practice.bench.guest(A, "calm").key;
    for (action, state) in
        [(GuestAction::Pause, GuestState::Paused), (GuestAction::Resume, GuestState::Running)]
    {
        let job = practice.bench.submit(RequestBody::Act { guest, action });
        assert_eq!(practice.bench.finished(job), Ok(Reply::Done));
        practice.until(A, "calm", |guest| guest.state == state);
    }
    let refresh = practice.bench.submit(RequestBody::Refresh(A));
    assert_eq!(practice.bench.finished(refresh), Ok(Reply::Done));
    // One who comes now is shown all guests, too.
    let mut late = Bench::new();
    late.open(HostId(7), &practice.host(A).uri);
    let listed = late.listed(HostId(7));
    assert_eq!(listed.len(), 2);
    assert!(listed.iter().all(|guest| guest.memory_max.0 == 32 << 20 && guest.vcpus == 1));
    signal(rustix::process::Signal::CONT);
    practice.bench.wait("statistics", |event| match event {
        Event::StatisticsStalled { host: A, stalled: false } => Some(()),
        _ => None,
    });
}
