//! Everything that can go wrong with a move on two real hosts, one after another (migration.md P-f).
//! Each fault ends with the guest in exactly one place, which the report names; each is explained; and
//! each refusal was foreseen by a check, or says here why it cannot be.
//!
//! Those that stand in `backend_lab.rs` (kill of either daemon or either QEMU, in both transports, a frozen destination, a guest
//! that powers itself off, post-copy without userfaultfd) and in `checks_lab.rs` (snapshots, devices, networks, machine type,
//! emulator) are not repeated.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::time::{Duration, Instant};

use support::DEADLINE;
use support::cut_link::CutLink;
use support::disk_writer;
use support::practice::{A, B, Practice, there, virsh};
use vireo::backend::{Inspect, Lever, RepairWish, RequestBody};
use vireo::lab::PracticeGuest;
use vireo::migration::checks::{
    CheckId, CheckOutcome, DefinitionCheck, IdentityCheck, MemoryCheck, NetworkCheck, StateCheck,
    StorageCheck, ask,
};
use vireo::migration::explain::{Cause, GuestCause, explain};
use vireo::migration::repair::{Circumstances, RanThere, Repair};
use vireo::migration::{
    DiskCopy, Life, MigrationOptions, Outcome, Place, Report, Residence, Transport,
};
use vireo::model::{
    Event, FailureKind, GuestAction, GuestState, HostId, MigrationEnd, MigrationStep, PauseReason,
    Presence, Reply, Standing, StateReason,
};

const RUNS_HERE: Place = Place::Source(Life::Running);
const RUNS_THERE: Place = Place::Destination(Life::Running);

fn by(transport: Transport) -> MigrationOptions {
    MigrationOptions { transport, ..MigrationOptions::default() }
}

/// Slow enough to be caught in the middle.
fn slow(transport: Transport) -> MigrationOptions {
    MigrationOptions { bandwidth_mibps: Some(8), ..by(transport) }
}

fn big(name: &str) -> PracticeGuest {
    PracticeGuest::new(name, 320).holding(256)
}

fn act(practice: &mut Practice, name: &str, action: GuestAction) {
    let guest = practice.bench.guest(A, name).key;
    let job = practice.bench.submit(RequestBody::Act { guest, action });
    assert_eq!(practice.bench.finished(job), Ok(Reply::Done));
}

/// Active on these hosts, as libvirt says.
fn active(practice: &Practice, name: &str) -> Vec<HostId> {
    let runs = |host: &HostId| {
        virsh(practice.host(*host), &["list", "--name"]).lines().any(|line| line.trim() == name)
    };
    [A, B].into_iter().filter(runs).collect()
}

/// It ended; the report names the one place where the guest is, and says why.
#[track_caller]
fn ends_at(practice: &Practice, name: &str, end: &MigrationEnd, place: Place) {
    let report = Report::of(end, std::time::Duration::from_secs(1));
    assert_eq!(report.place, place, "{end:?}");
    let expected = match place {
        Place::Source(Life::ShutOff) => vec![],
        Place::Source(_) => vec![A],
        _ => vec![B],
    };
    assert_eq!(active(practice, name), expected, "{end:?}");
    if let Outcome::Failed(explanation) = &report.outcome {
        assert!(!explanation.is_unknown(), "{:?}", end.result);
    }
}

/// How a refusal could be known beforehand.
enum Foreseen {
    By(CheckId),
    /// It is warned of: the move may go well all the same.
    Warned(CheckId),
    /// No host tells enough on this computer; elsewhere it blocks.
    Untold(CheckId),
    Not(&'static str),
}

fn by_check(check: impl Into<CheckId>) -> Foreseen {
    Foreseen::By(check.into())
}

/// What the checks found.
fn found(
    practice: &mut Practice,
    name: &str,
    options: &MigrationOptions,
) -> Vec<(CheckOutcome, CheckId)> {
    let wish = Inspect {
        guest: practice.bench.guest(A, name).key,
        destination: B,
        new_name: options.new_name.clone(),
        destination_xml: options.destination_xml.clone(),
        again: None,
    };
    let job = practice.bench.submit(RequestBody::Inspect(Box::new(wish)));
    let Ok(Reply::Inspected(found)) = practice.bench.finished(job) else { panic!("not inspected") };
    ask(&found, options).into_iter().map(|result| (result.outcome, result.check)).collect()
}

/// What the checks say blocks.
fn blocking(practice: &mut Practice, name: &str, options: &MigrationOptions) -> Vec<CheckId> {
    let found = found(practice, name, options).into_iter();
    found.filter(|(outcome, _)| *outcome == CheckOutcome::Blocks).map(|(_, check)| check).collect()
}

/// libvirt refuses, in these words; the guest runs on at home; the check said so, or could not.
#[track_caller]
fn refused(
    practice: &mut Practice,
    name: &str,
    options: MigrationOptions,
    foreseen: &Foreseen,
    words: &str,
) {
    let said = found(practice, name, &options);
    match foreseen {
        Foreseen::By(check) => {
            assert!(said.contains(&(CheckOutcome::Blocks, *check)), "{words}: {said:?}");
        }
        Foreseen::Warned(check) => {
            assert!(said.contains(&(CheckOutcome::Warns, *check)), "{words}: {said:?}");
        }
        Foreseen::Untold(check) => {
            let told = |outcome| said.contains(&(outcome, *check));
            let any = told(CheckOutcome::CannotTell) || told(CheckOutcome::Blocks);
            assert!(any, "{words}: {said:?}");
        }
        Foreseen::Not(reason) => {
            let blocks = said.iter().any(|(outcome, _)| *outcome == CheckOutcome::Blocks);
            assert!(!blocks, "{words}: {said:?}, though {reason}");
        }
    }
    let end = practice.migrate(name, A, options);
    let Err(failure) = end.result.clone() else { panic!("{words}: it moved") };
    assert!(failure.message.contains(words), "{words}: {failure:?}");
    ends_at(practice, name, &end, RUNS_HERE);
}

#[test]
fn what_is_refused_leaves_the_guest_at_home_and_was_foreseen() {
    let mut practice = Practice::with(&[PracticeGuest::new("calm", 32)]);
    let xml = virsh(practice.host(A), &["dumpxml", "--migratable", "calm"]);
    let uuid = practice.bench.guest(A, "calm").key.uuid.to_string();
    let edited = |from: &str, to: &str| {
        let changed = xml.replacen(from, to, 1);
        assert_ne!(changed, xml, "{from}");
        MigrationOptions { destination_xml: Some(changed), ..MigrationOptions::default() }
    };
    let address = |uri: &str| MigrationOptions {
        migrate_uri: Some(uri.into()),
        ..MigrationOptions::default()
    };
    let daemon = |uri: &str| MigrationOptions {
        destination_uri: Some(uri.into()),
        ..MigrationOptions::default()
    };
    // Taken for IPv4 and IPv6: QEMU makes do with the one that is left.
    let any = std::net::TcpListener::bind("[::]:0");
    let listener = any.or_else(|_| std::net::TcpListener::bind("0.0.0.0:0")).unwrap();
    let taken = format!("tcp://127.0.0.2:{}", listener.local_addr().unwrap().port());
    let only_a_trial = |why| Foreseen::Not(why);
    let table: Vec<(MigrationOptions, Foreseen, &str)> = vec![
        (edited("calm.raw", "absent.raw"), by_check(StorageCheck::There), "absent.raw"),
        (
            edited(
                "</devices>",
                "<interface type='network'><source network='absent'/></interface></devices>",
            ),
            by_check(NetworkCheck::There),
            "does not match source",
        ),
        (
            edited("</memory>", "</memory><memoryBacking><hugepages/></memoryBacking>"),
            Foreseen::Untold(MemoryCheck::HugePages.into()),
            "huge",
        ),
        (
            edited(&uuid, "00000000-0000-4000-8000-000000000009"),
            by_check(DefinitionCheck::Uuid),
            "does not match source",
        ),
        (
            edited("<memory unit='KiB'>32768<", "<memory unit='KiB'>65536<"),
            by_check(DefinitionCheck::Memory),
            "does not match source",
        ),
        (
            edited(
                "</devices>",
                "<disk type='file' device='cdrom'><target dev='sdz' bus='sata'/><readonly/></disk></devices>",
            ),
            by_check(DefinitionCheck::Disks),
            "does not match source",
        ),
        (
            edited("</devices>", "<interface type='user'/></devices>"),
            by_check(DefinitionCheck::Interfaces),
            "does not match source",
        ),
        (edited("1</vcpu>", "2</vcpu>"), by_check(DefinitionCheck::Processors), "does not match"),
        (
            address("tcp://no-such-host.invalid"),
            only_a_trial("only the source can resolve what it is given"),
            "no-such-host.invalid",
        ),
        (
            address("nonsense://127.0.0.2"),
            only_a_trial("the destination alone knows its transports"),
            "unsupported scheme",
        ),
        (
            address(&taken),
            only_a_trial("no host tells which of its ports are taken"),
            "Address already in use",
        ),
        (
            daemon("qemu+tcp://no-such-host.invalid/system"),
            only_a_trial("only the source can resolve what it is given"),
            "no-such-host.invalid",
        ),
        (
            daemon("qemu+unix:///session?socket=/nowhere/libvirt-sock"),
            only_a_trial("only the source can try whether somebody answers there"),
            "/nowhere/libvirt-sock",
        ),
        (
            MigrationOptions { tls: true, ..MigrationOptions::default() },
            only_a_trial("no host tells whether it has certificates"),
            "Unable to access credentials",
        ),
    ];
    for (options, foreseen, words) in table {
        refused(&mut practice, "calm", options, &foreseen, words);
    }
    practice.assert_lives("calm");
}

#[test]
fn names_that_are_taken_leave_the_guest_at_home() {
    let mut practice = Practice::with(&[PracticeGuest::new("calm", 32)]);
    let uuid = practice.bench.guest(A, "calm").key.uuid.to_string();
    let xml = virsh(practice.host(A), &["dumpxml", "calm"]);
    let other = xml.replace(&uuid, "00000000-0000-4000-8000-000000000001");
    let renamed = xml.replace("<name>calm</name>", "<name>other</name>");
    for (definition, name, check, words) in [
        (other, "calm", IdentityCheck::NameFree, "already exists with uuid"),
        (renamed, "other", IdentityCheck::SameGuestThere, "already defined with uuid"),
    ] {
        let file = practice.lab.directory().join("taken.xml");
        std::fs::write(&file, definition).unwrap();
        virsh(practice.host(B), &["define", file.to_str().unwrap()]);
        for transport in [Transport::PeerToPeer, Transport::Direct] {
            refused(&mut practice, "calm", by(transport), &by_check(check), words);
        }
        virsh(practice.host(B), &["undefine", name]);
    }
    practice.assert_lives("calm");
}

#[test]
fn disks_that_cannot_be_copied_leave_the_guest_at_home() {
    let mut practice = Practice::with(&[PracticeGuest::new("calm", 32)]);
    let disk = practice.lab.shared_directory().join("calm.raw");
    let place = practice.lab.directory().join("copies");
    std::fs::create_dir(&place).unwrap();
    let owner = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(&disk).unwrap());
    std::os::unix::fs::chown(&place, Some(owner), None).unwrap();
    let target = place.join("calm.raw");
    let xml = virsh(practice.host(A), &["dumpxml", "--migratable", "calm"]);
    let xml = xml.replace(disk.to_str().unwrap(), target.to_str().unwrap());
    let copying = MigrationOptions {
        disks: DiskCopy::Full,
        destination_xml: Some(xml),
        ..MigrationOptions::default()
    };
    let no_pool = Foreseen::Warned(StorageCheck::CopyPlace.into());
    refused(&mut practice, "calm", copying.clone(), &no_pool, "no storage pool with matching");

    std::fs::write(&target, vec![0_u8; 4096]).unwrap();
    std::os::unix::fs::chown(&target, Some(owner), None).unwrap();
    let end = practice.migrate("calm", A, copying.clone());
    let failure = end.result.clone().unwrap_err();
    assert!(failure.message.contains("image have different sizes"), "{failure:?}");
    ends_at(&practice, "calm", &end, RUNS_HERE);

    let larger = std::fs::metadata(&disk).unwrap().len() + (1 << 20);
    std::fs::File::options().write(true).open(&target).unwrap().set_len(larger).unwrap();
    let place = place.to_str().unwrap();
    virsh(practice.host(B), &["pool-create-as", "copies", "dir", "--target", place]);
    let sizes = "image have different sizes";
    refused(&mut practice, "calm", copying, &by_check(StorageCheck::CopyPlace), sizes);
    practice.assert_lives("calm");
}

#[test]
fn a_sparse_disk_stays_sparse_when_it_is_copied() {
    use std::os::unix::fs::MetadataExt;
    let mut practice = Practice::with(&[PracticeGuest::new("calm", 32)]);
    let disk = practice.lab.shared_directory().join("calm.raw");
    let place = practice.lab.directory().join("copies");
    std::fs::create_dir(&place).unwrap();
    let own = std::fs::metadata(&disk).unwrap();
    std::os::unix::fs::chown(&place, Some(own.uid()), None).unwrap();
    let path = place.to_str().unwrap();
    virsh(practice.host(B), &["pool-create-as", "copies", "dir", "--target", path]);
    let target = place.join("calm.raw");
    let xml = virsh(practice.host(A), &["dumpxml", "--migratable", "calm"]);
    // QEMU may leave zeroes out only where the disk lets go of what its guest discards.
    let driver = "<driver name='qemu' type='raw'";
    let xml = xml.replace(driver, &format!("{driver} discard='unmap'"));
    let copying = MigrationOptions {
        disks: DiskCopy::Full,
        destination_xml: Some(xml.replace(disk.to_str().unwrap(), target.to_str().unwrap())),
        ..MigrationOptions::default()
    };
    assert_eq!(practice.migrate("calm", A, copying).result, Ok(()));
    let copy = std::fs::metadata(&target).unwrap();
    assert_eq!(copy.len(), own.len());
    let taken = copy.blocks() * 512;
    assert!(taken <= own.blocks() * 512 + (1 << 20), "{taken} of {} bytes", own.len());
    practice.assert_lives("calm");
}

/// A file system of a few MiB; gone when dropped.
struct Tiny(std::path::PathBuf);

impl Tiny {
    /// Nothing where mounting is not allowed: only root may.
    fn mount(at: std::path::PathBuf, mib: u32) -> Option<Self> {
        std::fs::create_dir(&at).unwrap();
        let mut mount = std::process::Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={mib}m,mode=777"), "tiny"]).arg(&at);
        mount.status().is_ok_and(|status| status.success()).then_some(Self(at))
    }
}

impl Drop for Tiny {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").args(["--lazy"]).arg(&self.0).status();
    }
}

#[test]
fn a_disk_that_fills_up_there_leaves_the_guest_at_home() {
    let mut practice = Practice::with(&[]);
    let Some(tiny) = Tiny::mount(practice.lab.directory().join("tiny"), 1) else {
        println!("not tried: only root may mount a small file system");
        return;
    };
    let guest = PracticeGuest::new("calm", 32);
    let xml = practice.lab.guest_xml(&guest).unwrap();
    let disk = practice.lab.shared_directory().join("calm.raw");
    // More data than there is room for, and not only zeros.
    let mut data = std::fs::read(&disk).unwrap();
    data.resize(data.len().max(8 << 20), 0xaa);
    std::fs::write(&disk, data).unwrap();
    let file = practice.lab.directory().join("calm.xml");
    std::fs::write(&file, &xml).unwrap();
    virsh(practice.host(A), &["define", file.to_str().unwrap()]);
    virsh(practice.host(A), &["start", "calm"]);
    practice.until(A, "calm", |guest| guest.state == GuestState::Running);
    let place = tiny.0.to_str().unwrap();
    virsh(practice.host(B), &["pool-create-as", "tiny", "dir", "--target", place]);
    let xml = virsh(practice.host(A), &["dumpxml", "--migratable", "calm"]);
    let target = tiny.0.join("calm.raw");
    let copying = MigrationOptions {
        disks: DiskCopy::Full,
        destination_xml: Some(xml.replace(disk.to_str().unwrap(), target.to_str().unwrap())),
        ..MigrationOptions::default()
    };
    let full = Foreseen::Warned(StorageCheck::CopySpace.into());
    refused(&mut practice, "calm", copying, &full, "No space left on device");
    practice.assert_lives("calm");
}

#[test]
fn a_disk_that_fails_on_the_way_stops_the_guest_and_it_goes_on_where_it_is() {
    let mut practice = Practice::with(&[]);
    let Some(tiny) = Tiny::mount(practice.lab.directory().join("tiny"), 32) else {
        println!("not tried: only root may mount a small file system");
        return;
    };
    let guest = PracticeGuest::new("writer", 32);
    let definition = practice.lab.guest_xml(&guest).unwrap();
    let (old, disk) =
        (practice.lab.shared_directory().join("writer.raw"), tiny.0.join("writer.raw"));
    disk_writer::image(&disk, 256);
    let owner = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(&old).unwrap());
    std::os::unix::fs::chown(&disk, Some(owner), None).unwrap();
    let file = practice.lab.directory().join("writer.xml");
    std::fs::write(&file, disk_writer::booting(&definition, &old, &disk)).unwrap();
    virsh(practice.host(A), &["define", file.to_str().unwrap()]);
    virsh(practice.host(A), &["start", "writer"]);
    practice.until(A, "writer", |guest| guest.state == GuestState::Running);
    // A quarter of a second of pause is too little for half a MiB at one MiB a second.
    let never = |abort_on_error| MigrationOptions {
        bandwidth_mibps: Some(1),
        max_downtime_ms: Some(1),
        allow_unsafe: true,
        abort_on_error,
        ..MigrationOptions::default()
    };
    let filler = tiny.0.join("filler");
    let fails_on_the_way = |practice: &mut Practice, abort_on_error| {
        let job = practice.begin("writer", A, never(abort_on_error));
        practice.reading(job, |sample| sample.iteration >= 3);
        // Until it is full: the next page that the guest writes to has no room.
        let full = std::fs::write(&filler, vec![0xaa_u8; 64 << 20]).unwrap_err();
        assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);
        let end = practice.end(job);
        std::fs::remove_file(&filler).unwrap();
        end
    };
    let written = || std::os::unix::fs::MetadataExt::blocks(&std::fs::metadata(&disk).unwrap());
    let goes_on = |practice: &mut Practice, host: HostId| {
        let before = written();
        virsh(practice.host(host), &["resume", "writer"]);
        practice.until(host, "writer", |guest| guest.state == GuestState::Running);
        let until = Instant::now() + DEADLINE;
        while written() <= before {
            assert!(Instant::now() < until, "it writes nothing more");
            practice.bench.collect(Instant::now() + Duration::from_millis(100));
        }
    };

    // It is to stop at such an error: libvirt gives the move up, and the guest waits at home.
    let end = fails_on_the_way(&mut practice, true);
    ends_at(&practice, "writer", &end, Place::Source(Life::Paused));
    let failed = StateReason::Paused(PauseReason::IoError);
    assert!(matches!(end.source, Presence::There { reason, .. } if reason == failed), "{end:?}");
    let why = explain(end.result.as_ref().unwrap_err());
    assert_eq!(why.cause, Cause::Guest(GuestCause::IoError), "{why:?}");
    let first_asked = found(&mut practice, "writer", &never(true));
    assert!(first_asked.contains(&(CheckOutcome::Blocks, StateCheck::DiskError.into())));
    goes_on(&mut practice, A);

    // Else it moves with its broken disk, and waits there.
    let end = fails_on_the_way(&mut practice, false);
    assert_eq!(end.result, Ok(()));
    ends_at(&practice, "writer", &end, Place::Destination(Life::Paused));
    goes_on(&mut practice, B);
}

#[test]
fn whatever_is_done_to_a_guest_on_its_way_it_is_in_one_place() {
    let mut practice = Practice::with(&[big("big"), big("reset"), big("paused"), big("off")]);
    // Cancelled before anything moved.
    let job = practice.begin("big", A, slow(Transport::PeerToPeer));
    let cancel = practice.bench.submit(RequestBody::Steer { of: job, lever: Lever::Cancel });
    let end = practice.end(job);
    assert_eq!(end.result.as_ref().unwrap_err().kind, FailureKind::Cancelled);
    // It may be over before libvirt has a job that it could cancel.
    let answer = practice.bench.finished(cancel);
    assert!(answer.is_ok_and(|reply| reply == Reply::Done) || active(&practice, "big") == [A]);
    ends_at(&practice, "big", &end, RUNS_HERE);

    // Cancelled late, while its user has it paused: it goes on.
    let job = practice.begin("big", A, slow(Transport::Direct));
    practice.reading(job, |sample| sample.memory_processed.0 > 24 << 20);
    practice.steer(job, Lever::PauseGuest);
    practice.steer(job, Lever::Cancel);
    let end = practice.end(job);
    assert_eq!(end.result.as_ref().unwrap_err().kind, FailureKind::Cancelled);
    ends_at(&practice, "big", &end, RUNS_HERE);

    // A second time, while the first is under way.
    let job = practice.begin("big", A, slow(Transport::PeerToPeer));
    practice.moving(job);
    let blocks = blocking(&mut practice, "big", &MigrationOptions::default());
    assert!(blocks.contains(&StateCheck::OtherOperation.into()), "{blocks:?}");
    let second = practice.begin("big", A, by(Transport::Direct));
    assert_eq!(practice.end(second).result.unwrap_err().kind, FailureKind::Busy);
    practice.steer(job, Lever::Bandwidth(None));
    let end = practice.end(job);
    ends_at(&practice, "big", &end, RUNS_THERE);
    practice.assert_lives("big");

    // Reset: libvirt lets nobody until it has arrived, and says so after half a minute.
    let narrow = MigrationOptions { bandwidth_mibps: Some(3), ..by(Transport::PeerToPeer) };
    let job = practice.begin("reset", A, narrow);
    practice.moving(job);
    let guest = practice.bench.guest(A, "reset").key;
    let reset = RequestBody::Act { guest, action: GuestAction::ForceReset };
    let reset = practice.bench.submit(reset);
    assert_eq!(practice.bench.finished(reset).unwrap_err().kind, FailureKind::Busy);
    practice.steer(job, Lever::Bandwidth(None));
    let end = practice.end(job);
    ends_at(&practice, "reset", &end, RUNS_THERE);

    // Paused: it arrives paused, or at least is in one place.
    let job = practice.begin("paused", A, slow(Transport::Direct));
    practice.moving(job);
    act(&mut practice, "paused", GuestAction::Pause);
    practice.steer(job, Lever::Bandwidth(None));
    let end = practice.end(job);
    assert_eq!(end.result, Ok(()));
    assert!(
        there(end.destination, GuestState::Running) || there(end.destination, GuestState::Paused)
    );
    assert_eq!(active(&practice, "paused"), [B]);

    // Its power is cut.
    let job = practice.begin("off", A, slow(Transport::PeerToPeer));
    practice.moving(job);
    act(&mut practice, "off", GuestAction::ForceOff);
    let end = practice.end(job);
    assert_eq!(end.result.as_ref().unwrap_err().kind, FailureKind::GuestStopped, "{end:?}");
    ends_at(&practice, "off", &end, Place::Source(Life::ShutOff));
}

#[test]
fn a_link_that_is_cut_leaves_the_guest_at_home_and_one_that_stalls_is_told() {
    let mut practice = Practice::with(&[big("big")]);
    let through = |link: &CutLink, transport| MigrationOptions {
        migrate_uri: Some(link.migrate_uri()),
        listen_address: Some(link.listen_address()),
        ..slow(transport)
    };
    for transport in [Transport::PeerToPeer, Transport::Direct] {
        let link = CutLink::new();
        let job = practice.begin("big", A, through(&link, transport));
        practice.moving(job);
        link.cut();
        let end = practice.end(job);
        let failure = end.result.clone().unwrap_err();
        assert_eq!(failure.kind, FailureKind::ChannelBroken, "{failure:?}");
        ends_at(&practice, "big", &end, RUNS_HERE);
    }
    let link = CutLink::new();
    let job = practice.begin("big", A, through(&link, Transport::PeerToPeer));
    practice.moving(job);
    link.hold(true);
    practice.bench.wait("word of the stall", |event| match event {
        Event::MigrationStepped { job: of, step: MigrationStep::Stalled(_) } if *of == job => {
            Some(())
        }
        _ => None,
    });
    practice.steer(job, Lever::Cancel);
    let end = practice.end(job);
    assert_eq!(end.result.as_ref().unwrap_err().kind, FailureKind::Cancelled);
    ends_at(&practice, "big", &end, RUNS_HERE);
    practice.assert_lives("big");
}

#[test]
fn a_client_that_dies_takes_only_what_it_relays_along() {
    let mut practice = Practice::with(&[big("direct"), big("peers")]);
    let (from, to) = (practice.host(A).uri.clone(), practice.host(B).uri.clone());
    let begin = |name: &str, transport: &[&str]| {
        let mut virsh = std::process::Command::new("virsh");
        virsh.args(["-q", "-c", &from, "migrate", "--live", "--bandwidth", "8"]);
        virsh.args(transport).args([name, &to]).spawn().unwrap()
    };
    let clients = [begin("direct", &[]), begin("peers", &["--p2p"])];
    let [direct, peers] = ["direct", "peers"].map(|name| {
        let guest = practice.bench.guest(A, name).key;
        let job = practice.bench.wait("the move of somebody else", |event| match event {
            Event::MigrationFound { job, guest: of } if *of == guest => Some(*job),
            _ => None,
        });
        practice.moving(job);
        job
    });
    for mut client in clients {
        client.kill().unwrap();
        client.wait().unwrap();
    }
    let end = practice.end(direct);
    assert!(end.result.is_err(), "{end:?}");
    practice.until(A, "direct", |guest| guest.state == GuestState::Running && !guest.migrating);
    assert_eq!(active(&practice, "direct"), [A]);
    practice.steer(peers, Lever::Bandwidth(None));
    assert_eq!(practice.end(peers).result, Ok(()));
    assert_eq!(active(&practice, "peers"), [B]);
    practice.assert_lives("direct");
    practice.assert_lives("peers");
}

#[test]
fn a_destination_that_freezes_between_two_daemons_leaves_the_guest_at_home() {
    let mut practice = Practice::with(&[big("big")]);
    let narrow = MigrationOptions { bandwidth_mibps: Some(3), ..by(Transport::PeerToPeer) };
    let job = practice.begin("big", A, narrow);
    practice.moving(job);
    practice.host(B).stop_daemon().unwrap();
    let end = practice.end(job);
    assert!(!explain(end.result.as_ref().unwrap_err()).is_unknown(), "{end:?}");
    assert!(there(end.source, GuestState::Running), "{end:?}");
    assert_eq!(end.destination, Presence::Unreachable);
    let report = Report::of(&end, std::time::Duration::ZERO);
    assert_eq!(report.place, RUNS_HERE);
    practice.host(B).continue_daemon().unwrap();
    practice.until_gone(B, "big");
    assert_eq!(active(&practice, "big"), [A]);
    practice.assert_lives("big");
}

fn standing(practice: &mut Practice, name: &str) -> Standing {
    let guest = practice.bench.guest(A, name).key;
    let job = practice.bench.submit(RequestBody::WhereIs { guest, destination: B });
    match practice.bench.finished(job) {
        Ok(Reply::Standing(standing)) => standing,
        other => panic!("{other:?}"),
    }
}

fn mend(
    practice: &mut Practice,
    name: &str,
    repair: Repair,
    case: Circumstances,
) -> Result<Standing, vireo::model::Failure> {
    let guest = practice.bench.guest(A, name).key;
    let options = MigrationOptions::default();
    let wish = RepairWish { guest, destination: B, repair, case, options };
    let job = practice.bench.submit(RequestBody::Repair(Box::new(wish)));
    practice.bench.finished(job).map(|reply| match reply {
        Reply::Standing(standing) => standing,
        other => panic!("{other:?}"),
    })
}

#[test]
fn a_repair_is_made_where_it_is_right_and_refused_where_it_is_not_any_more() {
    let mut practice = Practice::with(&[big("big")]);
    let xml = virsh(practice.host(A), &["dumpxml", "--inactive", "big"]);
    let file = practice.lab.directory().join("stale.xml");
    std::fs::write(&file, xml).unwrap();
    virsh(practice.host(B), &["define", file.to_str().unwrap()]);
    let case = |standing: Standing, arrived, permanent| Circumstances {
        source: standing.source,
        destination: standing.destination,
        arrived,
        permanent,
        ran_there: RanThere::No,
        fresh: true,
    };
    let stale = case(standing(&mut practice, "big"), false, false);

    // While it moves, nothing is mended.
    let job = practice.begin("big", A, slow(Transport::PeerToPeer));
    practice.moving(job);
    assert!(standing(&mut practice, "big").moving);
    let failure = mend(&mut practice, "big", Repair::UndefineAtDestination, stale).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Busy);
    practice.steer(job, Lever::Cancel);
    practice.end(job);

    // What was not offered for this state is not done.
    let now = case(standing(&mut practice, "big"), false, false);
    let wrong = mend(&mut practice, "big", Repair::RemoveFromSource, now).unwrap_err();
    assert_eq!(wrong.kind, FailureKind::WrongState);
    // The state is another one by now: somebody paused it.
    act(&mut practice, "big", GuestAction::Pause);
    let late = mend(&mut practice, "big", Repair::UndefineAtDestination, now).unwrap_err();
    assert_eq!(late.kind, FailureKind::WrongState);
    assert!(virsh(practice.host(B), &["list", "--all", "--name"]).contains("big"), "untouched");
    act(&mut practice, "big", GuestAction::Resume);

    let now = case(standing(&mut practice, "big"), false, false);
    let mended = mend(&mut practice, "big", Repair::UndefineAtDestination, now).unwrap();
    assert_eq!(mended.destination, Presence::Absent);
    assert!(there(mended.source, GuestState::Running));

    // It moved for a while, but was meant to move for good: defined there, then undefined here.
    assert_eq!(practice.migrate("big", A, by(Transport::PeerToPeer)).result, Ok(()));
    let moved = standing(&mut practice, "big");
    let visiting = StateReason::RunningMigrated;
    assert!(matches!(
        moved.destination,
        Presence::There { persistent: false, reason, .. } if reason == visiting
    ));
    let case_now = case(moved, true, true);
    let defined = mend(&mut practice, "big", Repair::DefineAtDestination, case_now).unwrap();
    assert!(matches!(defined.destination, Presence::There { persistent: true, .. }));
    let case_now = case(defined, true, true);
    let settled = mend(&mut practice, "big", Repair::UndefineAtSource, case_now).unwrap();
    assert_eq!(settled.source, Presence::Absent);
    assert!(there(settled.destination, GuestState::Running));
    practice.assert_lives("big");
    let for_good = MigrationOptions { residence: Residence::Permanent, ..by(Transport::Direct) };
    assert_eq!(practice.migrate("big", B, for_good).result, Ok(()), "and home it goes");
}
