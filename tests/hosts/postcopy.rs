//! Post-copy for real, which takes a kernel with `userfaultfd`: a guest that rewrites more than the link carries is
//! switched over, and one whose link breaks in the middle is brought to its end.

use std::time::Duration;

use vireo::backend::{Lever, RepairWish, RequestBody};
use vireo::migration::explain::{GuestCause, HostCause, Remedy, explain};
use vireo::migration::repair::{Circumstances, RanThere, Repair, repair};
use vireo::migration::{Life, MigrationOptions, Outcome, Place, Report, place};
use vireo::model::{
    Event, FailureKind, GuestAction, GuestState, HostId, JobId, MigrationEnd, MigrationStep,
    PauseReason, Presence, Reply, StateReason,
};

use super::{A, B, Hosts};

const GUEST: &str = "restless";

/// Slower than the guest rewrites its memory: by itself it would never finish.
fn options() -> MigrationOptions {
    MigrationOptions { postcopy: true, bandwidth_mibps: Some(6), ..MigrationOptions::default() }
}

pub(crate) fn tutorial(hosts: &mut Hosts) {
    hosts.define_restless(A, GUEST);
    hosts.act(A, GUEST, GuestAction::Run);
    hosts.until(A, GUEST, GuestState::Running);
    let beats = hosts.lives(A, GUEST);
    let job = begin(hosts, A, options());
    switch(hosts, job);
    let end = hosts.bench.migration_ended(job);
    assert_eq!(end.result, Ok(()));
    let switched = position(hosts, job, |step| *step == MigrationStep::Postcopy);
    let arrived = position(hosts, job, |step| *step == MigrationStep::ArrivedAtDestination);
    assert!(switched.is_some() && switched < arrived, "{switched:?} {arrived:?}");
    let now = hosts.lives(B, GUEST);
    assert!(now > beats, "it began anew: {beats}, {now}");
    hosts.say("post-copy: a guest that would never have finished arrived");
    broken_and_mended(hosts, now);
}

/// The link breaks while its memory is on two hosts; it is taken up where it stood.
fn broken_and_mended(hosts: &mut Hosts, beats: u64) {
    // Else the rest goes in a moment: the other limit is one of the passes before.
    let job = begin(hosts, B, MigrationOptions { postcopy_bandwidth_mibps: Some(1), ..options() });
    switch(hosts, job);
    // Before it runs there, what breaks is the beginning.
    hosts.until(A, GUEST, GuestState::Running);
    hosts.b.run(&format!("virsh -q qemu-monitor-command {GUEST} --hmp migrate_pause"));
    let end = hosts.bench.migration_ended(job);
    let torn = StateReason::Paused(PauseReason::PostcopyFailed);
    assert!(
        matches!(end.source, Presence::There { reason, .. } if reason == torn),
        "{:?}",
        end.source
    );
    let case = interrupted(&end);
    assert_eq!(repair(&case), Some(Repair::ResumePostcopy), "{end:?}");
    let guest = hosts.bench.guest(B, GUEST).key;
    let wish = RepairWish {
        guest,
        destination: A,
        repair: Repair::ResumePostcopy,
        case,
        options: options(),
    };
    let job = hosts.bench.submit(RequestBody::Repair(Box::new(wish)));
    match hosts.bench.finished(job) {
        Ok(Reply::Standing(standing)) => {
            let runs =
                |at: Presence| matches!(at, Presence::There { state: GuestState::Running, .. });
            assert!(runs(standing.destination) && !runs(standing.source), "{standing:?}");
            let now = hosts.lives(A, GUEST);
            assert!(now > beats, "it began anew: {beats}, {now}");
            hosts.say("post-copy: a link that broke in the middle, and the rest fetched");
        }
        Err(failure) => {
            let cause = explain(&failure).cause;
            assert_eq!(cause, HostCause::CrashesOnRecovery.into(), "{failure:?}");
            hosts.a.run("virsh -q domstate restless");
            hosts.say("post-copy: a link that broke in the middle; this libvirt would crash over the rest");
        }
        other => panic!("{other:?}"),
    }
    for host in [A, B] {
        hosts.host(host).try_to(&format!("virsh -q destroy {GUEST}"));
    }
    hosts.until(A, GUEST, GuestState::ShutOff);
    lost_for_good(hosts);
    hosts.a.run(&format!("virsh -q undefine {GUEST}"));
}

/// The destination's QEMU ends while part of the memory is only there: it is told that only a new start helps.
fn lost_for_good(hosts: &mut Hosts) {
    hosts.act(A, GUEST, GuestAction::Run);
    hosts.until(A, GUEST, GuestState::Running);
    let job = begin(hosts, A, MigrationOptions { postcopy_bandwidth_mibps: Some(1), ..options() });
    switch(hosts, job);
    hosts.until(B, GUEST, GuestState::Running);
    hosts.b.run(&format!("pkill -9 -f 'qemu-system.*guest={GUEST}'"));
    let end = hosts.bench.migration_ended(job);
    assert_eq!(place(&end), Place::Source(Life::Torn), "{end:?}");
    let case = interrupted(&end);
    assert_eq!(repair(&case), None, "nothing brings it back");
    let report = Report::of(&end, Duration::from_secs(9));
    let Outcome::Failed(why) = &report.outcome else { panic!("{report:?}") };
    assert_eq!((&why.cause, why.remedy), (&GuestCause::MemoryLost.into(), Remedy::StartAgain));
    hosts.act(A, GUEST, GuestAction::ForceOff);
    hosts.until(A, GUEST, GuestState::ShutOff);
    hosts.act(A, GUEST, GuestAction::Run);
    hosts.lives(A, GUEST);
    hosts.say(
        "post-copy: a destination that was lost in the middle, and the guest started anew at home",
    );
    hosts.act(A, GUEST, GuestAction::ForceOff);
    hosts.until(A, GUEST, GuestState::ShutOff);
}

/// What is known after a post-copy that was interrupted when the guest ran at the destination.
fn interrupted(end: &MigrationEnd) -> Circumstances {
    let kind = end.result.as_ref().unwrap_err().kind;
    assert_eq!(kind, FailureKind::PostcopyFailed, "{end:?}");
    Circumstances {
        source: end.source,
        destination: end.destination,
        arrived: false,
        permanent: false,
        ran_there: RanThere::Yes,
        fresh: true,
    }
}

/// Begins a move and waits until it sends again what the guest rewrote.
fn begin(hosts: &mut Hosts, from: HostId, options: MigrationOptions) -> JobId {
    let job = hosts.begin(GUEST, from, options);
    hosts.bench.wait("the second pass", |event| match event {
        Event::MigrationStepped { job: id, step: MigrationStep::Pass(2), .. } if *id == job => {
            Some(())
        }
        Event::MigrationEnded { job: id, end } if *id == job => panic!("{end:?}"),
        _ => None,
    });
    job
}

/// Switches to post-copy and waits until the guest runs at the destination.
fn switch(hosts: &mut Hosts, of: JobId) {
    let job = hosts.bench.submit(RequestBody::Steer { of, lever: Lever::Postcopy });
    hosts.bench.finished(job).unwrap();
    hosts.bench.wait("post-copy", |event| match event {
        Event::MigrationStepped { job: id, step: MigrationStep::Postcopy, .. } if *id == of => {
            Some(())
        }
        _ => None,
    });
}

fn position(hosts: &Hosts, job: JobId, wanted: impl Fn(&MigrationStep) -> bool) -> Option<usize> {
    hosts.bench.told.iter().position(|event| {
        matches!(event, Event::MigrationStepped { job: id, step } if *id == job && wanted(step))
    })
}
