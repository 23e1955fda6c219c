//! What the checks say, against what libvirt does: in a practice lab each obstacle is made, the
//! checks must name it, and libvirt must refuse exactly those moves.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use support::Bench;
use support::practice::{A, B, Practice, virsh};
use support::slow_link::slow_link;
use vireo::backend::{Inspect, RequestBody};
use vireo::lab::PracticeGuest;
use vireo::migration::checks::{
    CheckId, CheckOutcome, CheckResult, DefinitionCheck, DeviceCheck, HostCheck, IdentityCheck,
    MemoryCheck, Mend, NetworkCheck, Part, ProcessorCheck, StateCheck, StorageCheck, Verdict, ask,
};
use vireo::migration::{Coverage, DiskCopy, MigrationOptions, MigrationPlan, Residence};
use vireo::model::{
    Event, FailureKind, GuestAction, GuestState, HostId, Inspection, JobId, Reply, Route, Surveyed,
};

/// The longest an inspection of two hosts on this computer may take, alone on a loaded machine.
const SOON: Duration = Duration::from_secs(5);

fn ask_for(practice: &mut Practice, name: &str, to: HostId, options: &MigrationOptions) -> JobId {
    let wish = Inspect {
        guest: practice.bench.guest(A, name).key,
        destination: to,
        new_name: options.new_name.clone(),
        destination_xml: options.destination_xml.clone(),
        again: None,
    };
    practice.bench.submit(RequestBody::Inspect(Box::new(wish)))
}

fn inspect(
    practice: &mut Practice,
    name: &str,
    to: HostId,
    options: &MigrationOptions,
) -> Box<Inspection> {
    let began = Instant::now();
    let job = ask_for(practice, name, to, options);
    let result = practice.bench.finished(job);
    assert!(began.elapsed() < SOON);
    match result {
        Ok(Reply::Inspected(inspection)) => inspection,
        other => panic!("{other:?}"),
    }
}

fn results(practice: &mut Practice, name: &str, options: &MigrationOptions) -> Vec<CheckResult> {
    ask(&inspect(practice, name, B, options), options)
}

fn blocking(results: &[CheckResult]) -> Vec<CheckId> {
    let blocks = results.iter().filter(|result| result.outcome == CheckOutcome::Blocks);
    blocks.map(|result| result.check).collect()
}

/// The check says it blocks, nothing else does, and libvirt refuses for this very reason: by `words`
/// of its message, because a refusal for any other reason would prove nothing.
#[track_caller]
fn refused(
    practice: &mut Practice,
    name: &str,
    options: MigrationOptions,
    check: impl Into<CheckId>,
    words: &str,
) {
    let check = check.into();
    let results = results(practice, name, &options);
    assert_eq!(blocking(&results), [check], "{results:#?}");
    assert!(matches!(Verdict::of(&results), Verdict::Blocked(_)));
    let failure = practice.migrate(name, A, options).result.unwrap_err();
    assert!(failure.message.contains(words), "{check:?}: {failure:?}");
}

/// A guest whose definition is edited before it is started.
fn start(practice: &mut Practice, name: &str, edit: impl FnOnce(String) -> String) -> String {
    let definition = practice.lab.guest_xml(&PracticeGuest::new(name, 32)).unwrap();
    let file = practice.lab.directory().join(format!("{name}.xml"));
    std::fs::write(&file, edit(definition)).unwrap();
    virsh(practice.host(A), &["define", file.to_str().unwrap()]);
    virsh(practice.host(A), &["start", name]);
    practice.until(A, name, |guest| guest.state == GuestState::Running);
    virsh(practice.host(A), &["dumpxml", "--migratable", name])
}

fn with_xml(xml: String) -> MigrationOptions {
    MigrationOptions { destination_xml: Some(xml), ..MigrationOptions::default() }
}

#[test]
fn what_nothing_blocks_is_moved() {
    let mut practice = Practice::with(&[PracticeGuest::new("calm", 32)]);
    let options = MigrationOptions::default();
    let results = results(&mut practice, "calm", &options);
    assert_eq!(blocking(&results), [], "{results:#?}");
    let of = |check: CheckId| results.iter().find(|result| result.check == check).unwrap();
    for check in [
        HostCheck::DifferentHosts.into(),
        ProcessorCheck::MachineType.into(),
        ProcessorCheck::Fits.into(),
        ProcessorCheck::ModelRuns.into(),
        MemoryCheck::Free.into(),
        StateCheck::Snapshots.into(),
        StateCheck::OtherOperation.into(),
        StateCheck::DiskOperation.into(),
        IdentityCheck::NameFree.into(),
        IdentityCheck::SameGuestThere.into(),
        StorageCheck::There.into(),
        StorageCheck::Growth.into(),
    ] {
        assert_eq!(of(check).outcome, CheckOutcome::Passed, "{:?}", of(check));
    }
    // Two pools of one directory on one computer: whether that is one disk, no client can tell.
    assert_eq!(of(StorageCheck::Shared.into()).outcome, CheckOutcome::CannotTell);
    assert_eq!(practice.migrate("calm", A, options).result, Ok(()));
    practice.assert_lives("calm");
}

#[test]
fn identity_and_state_that_block_are_refused() {
    let mut practice = Practice::with(&[PracticeGuest::new("calm", 32)]);
    let uuid = practice.bench.guest(A, "calm").key.uuid.to_string();
    let shared = practice.lab.shared_directory();

    let xml = virsh(practice.host(A), &["dumpxml", "calm"]);
    let taken = practice.lab.directory().join("taken.xml");
    std::fs::write(&taken, xml.replace(&uuid, "00000000-0000-4000-8000-000000000001")).unwrap();
    virsh(practice.host(B), &["define", taken.to_str().unwrap()]);
    let usual = MigrationOptions::default;
    let words = "domain 'calm' already exists with uuid";
    refused(&mut practice, "calm", usual(), IdentityCheck::NameFree, words);
    virsh(practice.host(B), &["undefine", "calm"]);

    let renamed = practice.lab.directory().join("renamed.xml");
    std::fs::write(&renamed, xml.replace("<name>calm</name>", "<name>other</name>")).unwrap();
    virsh(practice.host(B), &["define", renamed.to_str().unwrap()]);
    let words = "domain 'other' is already defined with uuid";
    refused(&mut practice, "calm", usual(), IdentityCheck::SameGuestThere, words);
    virsh(practice.host(B), &["undefine", "other"]);

    let copy = shared.join("copy.raw");
    let arguments =
        ["blockcopy", "calm", "vda", copy.to_str().unwrap(), "--format", "raw", "--transient-job"];
    virsh(practice.host(A), &arguments);
    let words = "domain has active block job";
    refused(&mut practice, "calm", usual(), StateCheck::DiskOperation, words);
    virsh(practice.host(A), &["blockjob", "calm", "vda", "--abort"]);

    virsh(practice.host(A), &["snapshot-create-as", "calm", "s1", "--disk-only"]);
    let found = results(&mut practice, "calm", &usual());
    let chain = found.iter().filter(|result| result.check == StorageCheck::There.into());
    assert_eq!(chain.clone().count(), 2, "the overlay and what is below it: {found:#?}");
    assert!(chain.clone().all(|result| result.outcome == CheckOutcome::Passed), "{found:#?}");
    let words = "cannot migrate domain with 1 snapshots";
    refused(&mut practice, "calm", usual(), StateCheck::Snapshots, words);
    virsh(practice.host(A), &["snapshot-delete", "calm", "s1", "--metadata"]);

    assert_eq!(practice.migrate("calm", A, usual()).result, Ok(()), "nothing is left of it");
    practice.assert_lives("calm");
}

#[test]
fn a_definition_that_the_move_replaces_is_compared() {
    let mut practice = Practice::with(&[PracticeGuest::new("calm", 32)]);
    let options =
        MigrationOptions { residence: Residence::Permanent, ..MigrationOptions::default() };
    let xml = virsh(practice.host(A), &["dumpxml", "--inactive", "calm"]);
    let old = xml.replace("</name>", "</name><title>as it was</title>");
    assert_ne!(old, xml);
    let file = practice.lab.directory().join("there.xml");
    for (definition, outcome) in [(xml, CheckOutcome::Note), (old, CheckOutcome::Warns)] {
        std::fs::write(&file, definition).unwrap();
        virsh(practice.host(B), &["define", file.to_str().unwrap()]);
        let found = results(&mut practice, "calm", &options);
        let check = IdentityCheck::SameGuestThere.into();
        let twin = found.iter().find(|result| result.check == check).unwrap();
        assert_eq!(twin.outcome, outcome, "{twin:?}");
    }
    assert_eq!(practice.migrate("calm", A, options).result, Ok(()));
    let now = virsh(practice.host(B), &["dumpxml", "--inactive", "calm"]);
    assert!(!now.contains("as it was"), "libvirt wrote over it");
}

#[test]
fn another_connection_to_the_same_host_is_seen_through() {
    let mut practice = Practice::with(&[PracticeGuest::new("calm", 32)]);
    let again = HostId(3);
    let uri = practice.host(A).uri.clone();
    practice.bench.open(again, &uri);
    practice.bench.listed(again);
    let options = MigrationOptions::default();
    let results = ask(&inspect(&mut practice, "calm", again, &options), &options);
    let blocks = blocking(&results);
    assert!(blocks.contains(&HostCheck::DifferentHosts.into()), "{blocks:?}");
    let guest = practice.bench.guest(A, "calm").key;
    let plan = MigrationPlan { guest, destination: again, options };
    let job = practice.bench.submit(RequestBody::Migrate(Box::new(plan)));
    assert_eq!(practice.end(job).result.unwrap_err().kind, FailureKind::SameHost);
}

#[test]
fn a_guest_on_its_way_is_not_moved_twice() {
    let big = PracticeGuest::new("big", 320).holding(256);
    let mut practice = Practice::with(&[big]);
    let slow = MigrationOptions { bandwidth_mibps: Some(8), ..MigrationOptions::default() };
    let job = practice.begin("big", A, slow);
    practice.moving(job);
    let blocks = blocking(&results(&mut practice, "big", &MigrationOptions::default()));
    assert!(blocks.contains(&StateCheck::OtherOperation.into()), "{blocks:?}");
    let second = practice.begin("big", A, MigrationOptions::default());
    assert_eq!(practice.end(second).result.unwrap_err().kind, FailureKind::Busy);
    practice.steer(job, vireo::backend::Lever::Bandwidth(None));
    assert_eq!(practice.end(job).result, Ok(()));
}

#[test]
fn what_the_destination_lacks_is_refused() {
    let mut practice = Practice::with(&[]);
    let iso = practice.lab.shared_directory().join("tools.iso");
    std::fs::write(&iso, vec![0_u8; 1 << 20]).unwrap();
    let drive = format!(
        "<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='{}'/>\
         <target dev='sda' bus='sata'/><readonly/></disk>\
         <interface type='user'><mac address='52:54:00:00:00:01'/><model type='virtio'/></interface>",
        iso.display()
    );
    let xml =
        start(&mut practice, "web", |xml| xml.replace("</devices>", &format!("{drive}</devices>")));
    let uplink = |source: &str, kind: &str| {
        let with = format!("<interface type='{kind}'><source {source}/>");
        let edited = xml.replace("<interface type='user'>", &with);
        assert_ne!(edited, xml);
        with_xml(edited)
    };

    let network = practice.lab.directory().join("idle-net.xml");
    let text = "<network><name>idle</name><forward mode='bridge'/><bridge name='br0'/></network>";
    std::fs::write(&network, text).unwrap();
    virsh(practice.host(B), &["net-define", network.to_str().unwrap()]);
    for (source, kind, check, words) in [
        (
            "network='absent'",
            "network",
            NetworkCheck::There,
            "no network with matching name 'absent'",
        ),
        ("network='idle'", "network", NetworkCheck::There, "network 'idle' is not active"),
        // (A bridge proves nothing here: without privileges QEMU's helper refuses every one.)
        ("dev='no-link'", "direct", NetworkCheck::HostLink, "interface no-link: No such device"),
    ] {
        refused(&mut practice, "web", uplink(source, kind), check, words);
    }
    let machine = xml.split("machine='").nth(1).unwrap().split('\'').next().unwrap();
    let emulator = "/usr/bin/qemu-system-x86_64";
    let changes: [(&str, &str, CheckId, &str); 4] = [
        ("web.raw", "absent.raw", StorageCheck::There.into(), "absent.raw': No such file"),
        ("tools.iso", "absent.iso", StorageCheck::Medium.into(), "absent.iso': No such file"),
        (
            emulator,
            "/usr/bin/no-emulator",
            ProcessorCheck::Emulator.into(),
            "Cannot check QEMU binary /usr/bin/no-emulator",
        ),
        (
            "52:54:00:00:00:01",
            "52:54:00:00:00:02",
            DefinitionCheck::HardwareAddress.into(),
            "does not match source",
        ),
    ];
    for (from, to, check, words) in changes {
        refused(&mut practice, "web", with_xml(xml.replace(from, to)), check, words);
    }

    // One that the destination has would be refused as well: a guest keeps its machine.
    let other_machine = with_xml(xml.replace(machine, "pc-q35-99.0"));
    let found = results(&mut practice, "web", &other_machine);
    let both = [ProcessorCheck::MachineType.into(), DefinitionCheck::Machine.into()];
    assert_eq!(blocking(&found), both, "{found:#?}");
    let failure = practice.migrate("web", A, other_machine).result.unwrap_err();
    assert!(failure.message.contains("does not support machine type 'pc-q35-99.0'"), "{failure:?}");

    let incremental = MigrationOptions {
        disks: DiskCopy::Incremental,
        ..with_xml(xml.replace("web.raw", "absent.raw"))
    };
    let words = "pre-creation of storage target for incremental storage migration of disk 'vda'";
    refused(&mut practice, "web", incremental, StorageCheck::CopyPlace, words);
    let rdma = MigrationOptions {
        migrate_uri: Some("rdma://127.0.0.1".into()),
        ..MigrationOptions::default()
    };
    let words = "cannot start RDMA migration with no memory hard limit set";
    refused(&mut practice, "web", rdma, MemoryCheck::Locked, words);

    assert_eq!(practice.migrate("web", A, MigrationOptions::default()).result, Ok(()));
}

#[test]
fn devices_that_block_are_refused() {
    let mut practice = Practice::with(&[]);
    let name = format!("vireo-{}", std::process::id());
    let shmem = format!(
        "<shmem name='{name}' role='peer'><model type='ivshmem-plain'/><size unit='M'>4</size></shmem>"
    );
    start(&mut practice, "ring", |xml| xml.replace("</devices>", &format!("{shmem}</devices>")));
    // QEMU's own words, which libvirt passes on before it would come to its own.
    let words = "feature 'peer mode' in device 'ivshmem'";
    refused(&mut practice, "ring", MigrationOptions::default(), DeviceCheck::SharedMemory, words);
    let memory = std::path::Path::new("/dev/shm").join(&name);
    if memory.exists() {
        std::fs::remove_file(memory).unwrap();
    }
}

#[test]
fn what_blocks_is_removed_and_the_move_succeeds() {
    let mut practice = Practice::with(&[]);
    let iso = practice.lab.shared_directory().join("tools.iso");
    std::fs::write(&iso, vec![0_u8; 1 << 20]).unwrap();
    let drive = format!(
        "<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='{}'/>\
         <target dev='sda' bus='sata'/><readonly/></disk></devices>",
        iso.display()
    );
    start(&mut practice, "web", |xml| xml.replace("</devices>", &drive));
    let options = MigrationOptions::default();

    virsh(practice.host(B), &["pool-destroy", "shared"]);
    let found = results(&mut practice, "web", &options);
    let disk = found.iter().find(|result| result.check == StorageCheck::There.into()).unwrap();
    assert_eq!(disk.outcome, CheckOutcome::CannotTell, "{disk:?}");
    mend(&mut practice, "web", disk);
    let found = results(&mut practice, "web", &options);
    let disk = found.iter().find(|result| result.check == StorageCheck::There.into()).unwrap();
    assert_eq!(disk.outcome, CheckOutcome::Passed, "{disk:?}");

    std::fs::remove_file(&iso).unwrap();
    let words = "tools.iso': No such file";
    refused(&mut practice, "web", options.clone(), StorageCheck::Medium, words);
    let found = results(&mut practice, "web", &options);
    let medium = found.iter().find(|result| result.check == StorageCheck::Medium.into()).unwrap();
    mend(&mut practice, "web", medium);
    assert_eq!(blocking(&results(&mut practice, "web", &options)), []);
    assert_eq!(practice.migrate("web", A, options).result, Ok(()));
}

#[test]
fn what_is_missing_is_copied_from_the_source() {
    let mut practice = Practice::with(&[]);
    let network = practice.lab.directory().join("lan.xml");
    let text = "<network><name>lan</name><forward mode='bridge'/><bridge name='br0'/></network>";
    std::fs::write(&network, text).unwrap();
    virsh(practice.host(A), &["net-define", network.to_str().unwrap()]);
    virsh(practice.host(A), &["net-start", "lan"]);
    let secret = practice.lab.directory().join("secret.xml");
    let uuid = "11111111-2222-4333-8444-555555555555";
    let text = format!(
        "<secret ephemeral='no' private='no'><uuid>{uuid}</uuid><usage type='volume'>\
         <volume>/nowhere</volume></usage></secret>"
    );
    std::fs::write(&secret, text).unwrap();
    virsh(practice.host(A), &["secret-define", secret.to_str().unwrap()]);
    virsh(practice.host(A), &["secret-set-value", uuid, "c2VzYW1l"]);
    let name = virsh(practice.host(B), &["pool-dumpxml", "shared"]);
    assert!(name.contains("<name>shared</name>"));
    virsh(practice.host(B), &["pool-destroy", "shared"]);
    virsh(practice.host(B), &["pool-undefine", "shared"]);
    start(&mut practice, "web", |xml| xml);
    let options = MigrationOptions::default();
    let found = results(&mut practice, "web", &options);
    let disk = found.iter().find(|result| result.check == StorageCheck::There.into()).unwrap();
    assert_eq!(disk.mend, Some(Mend::CopyPool("shared".into())), "{disk:?}");
    for (mend, there) in [
        (Mend::CopyPool("shared".into()), ["pool-info", "shared"]),
        (Mend::CopyNetwork("lan".into()), ["net-info", "lan"]),
        (Mend::CopySecret(uuid.into()), ["secret-get-value", uuid]),
    ] {
        press(&mut practice, "web", mend);
        let copied = virsh(practice.host(B), &there);
        let works = ["running", "Active:         yes", "c2VzYW1l"];
        assert!(works.iter().any(|word| copied.contains(word)), "{there:?}: {copied}");
    }
    let found = results(&mut practice, "web", &options);
    let disk = found.iter().find(|result| result.check == StorageCheck::There.into()).unwrap();
    assert_eq!(disk.outcome, CheckOutcome::Passed, "{disk:?}");

    // What has no counterpart at the source is told, and leaves nothing half made.
    let guest = practice.bench.guest(A, "web").key;
    let mend = Mend::CopyNetwork("absent".into());
    let job = practice.bench.submit(RequestBody::Mend { guest, destination: B, mend });
    assert_eq!(practice.bench.finished(job).unwrap_err().kind, FailureKind::Network);
}

#[test]
fn a_part_is_asked_again_and_the_rest_is_kept() {
    let mut practice = Practice::with(&[PracticeGuest::new("calm", 32)]);
    let options = MigrationOptions::default();
    let before = inspect(&mut practice, "calm", B, &options);
    virsh(practice.host(B), &["pool-destroy", "shared"]);
    let wish = Inspect {
        guest: practice.bench.guest(A, "calm").key,
        destination: B,
        new_name: None,
        destination_xml: None,
        again: Some(Box::new(((*before).clone(), Part::Secrets))),
    };
    let mut ask_again = |part| {
        let mut wish = wish.clone();
        wish.again = Some(Box::new(((*before).clone(), part)));
        let job = practice.bench.submit(RequestBody::Inspect(Box::new(wish)));
        match practice.bench.finished(job) {
            Ok(Reply::Inspected(found)) => found,
            other => panic!("{other:?}"),
        }
    };
    for part in [Part::Secrets, Part::Networks, Part::Nothing] {
        assert_eq!(ask_again(part), before, "{part:?}: the pool is not looked at");
    }
    for part in [Part::Files, Part::Guest] {
        let after = ask_again(part);
        assert_ne!(after.destination.files, before.destination.files, "{part:?}");
        assert_eq!(after.destination.host, before.destination.host);
    }
}

#[test]
fn a_common_processor_is_written_for_the_next_start() {
    let mut practice = Practice::with(&[PracticeGuest::new("calm", 32)]);
    press(&mut practice, "calm", Mend::CommonProcessor);
    let xml = virsh(practice.host(A), &["dumpxml", "--inactive", "calm"]);
    let cpu = xml.split_once("<cpu").unwrap().1.split_once("</cpu>").unwrap().0;
    assert!(cpu.contains("mode='custom'") && cpu.contains("<model"), "{cpu}");
    practice.assert_lives("calm");
    // With it, it starts and moves.
    let guest = practice.bench.guest(A, "calm").key;
    for (action, state) in
        [(GuestAction::ForceOff, GuestState::ShutOff), (GuestAction::Run, GuestState::Running)]
    {
        let job = practice.bench.submit(RequestBody::Act { guest, action });
        assert_eq!(practice.bench.finished(job), Ok(Reply::Done));
        practice.until(A, "calm", |guest| guest.state == state);
    }
    let options = MigrationOptions::default();
    assert_eq!(blocking(&results(&mut practice, "calm", &options)), []);
    assert_eq!(practice.migrate("calm", A, options).result, Ok(()));
}

/// Presses a button.
#[track_caller]
fn press(practice: &mut Practice, name: &str, mend: Mend) {
    let guest = practice.bench.guest(A, name).key;
    let job = practice.bench.submit(RequestBody::Mend { guest, destination: B, mend });
    assert_eq!(practice.bench.finished(job), Ok(Reply::Done));
}

/// Presses the button of a check.
#[track_caller]
fn mend(practice: &mut Practice, name: &str, result: &CheckResult) {
    press(practice, name, result.mend.clone().unwrap());
}

/// What libvirt refuses and no check can foresee: it judges by the file system below a file, which
/// it tells nobody. The check says that it cannot tell, and not that all is well.
#[test]
fn a_device_of_the_host_is_looked_for_at_the_destination() {
    let mut practice = Practice::with(&[]);
    let listed = virsh(practice.host(B), &["nodedev-list", "--cap", "pci"]);
    let there = listed.lines().next().expect("a computer has PCI devices").trim().to_owned();
    let [_, _, bus, slot, function] = there.split('_').collect::<Vec<_>>()[..] else {
        panic!("{there}")
    };
    let device = |bus: &str, slot: &str, function: &str| {
        format!(
            "<hostdev mode='subsystem' type='pci' managed='no'><source><address domain='0x0000' \
             bus='0x{bus}' slot='0x{slot}' function='0x{function}'/></source></hostdev>"
        )
    };
    let mediated = "<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address \
                    uuid='4b20d080-1b54-4048-85b3-a6a62d165c01'/></source></hostdev>";
    let devices = device(bus, slot, function) + &device("fe", "1f", "7") + mediated;
    let xml = practice.lab.guest_xml(&PracticeGuest::new("local", 32)).unwrap();
    let file = practice.lab.directory().join("local.xml");
    std::fs::write(&file, xml.replace("</devices>", &format!("{devices}</devices>"))).unwrap();
    virsh(practice.host(A), &["define", file.to_str().unwrap()]);
    practice.until(A, "local", |guest| guest.state == GuestState::ShutOff);
    let options = MigrationOptions {
        coverage: Coverage::Definition,
        residence: Residence::Permanent,
        ..MigrationOptions::default()
    };
    let found = results(&mut practice, "local", &options);
    let outcome = |about: &str| {
        let is = |result: &&CheckResult| {
            result.check == DeviceCheck::HostDeviceThere.into() && result.about == about
        };
        found.iter().find(is).map(|result| result.outcome)
    };
    assert_eq!(outcome(&there), Some(CheckOutcome::Passed), "{found:#?}");
    assert_eq!(outcome("pci_0000_fe_1f_7"), Some(CheckOutcome::Warns));
    let mediated = "mdev_4b20d080_1b54_4048_85b3_a6a62d165c01";
    assert_eq!(outcome(mediated), Some(CheckOutcome::Warns));
}

#[test]
fn what_cannot_be_told_is_not_claimed() {
    let mut practice = Practice::with(&[]);
    let private = practice.lab.directory().join("private.raw");
    let path = private.to_str().unwrap().to_owned();
    let shared = practice.lab.shared_directory().join("local.raw");
    let xml = practice.lab.guest_xml(&PracticeGuest::new("local", 32)).unwrap();
    std::fs::copy(&shared, &private).unwrap();
    let owner = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(&shared).unwrap());
    std::os::unix::fs::chown(&private, Some(owner), None).unwrap();
    let file = practice.lab.directory().join("local.xml");
    std::fs::write(&file, xml.replace(shared.to_str().unwrap(), &path)).unwrap();
    virsh(practice.host(A), &["define", file.to_str().unwrap()]);
    virsh(practice.host(A), &["start", "local"]);
    practice.until(A, "local", |guest| guest.state == GuestState::Running);
    let options = MigrationOptions::default();
    let found = results(&mut practice, "local", &options);
    assert_eq!(blocking(&found), [], "{found:#?}");
    for check in [StorageCheck::There, StorageCheck::Shared] {
        let result = found.iter().find(|result| result.check == check.into()).unwrap();
        assert_eq!(result.outcome, CheckOutcome::CannotTell, "{result:?}");
    }
    let failure = practice.migrate("local", A, options).result.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unsafe);
}

#[test]
fn a_definition_moves_where_a_guest_would_not_start() {
    let mut practice = Practice::with(&[PracticeGuest::new("calm", 32)]);
    let guest = practice.bench.guest(A, "calm").key;
    let off = practice.bench.submit(RequestBody::Act { guest, action: GuestAction::ForceOff });
    assert_eq!(practice.bench.finished(off), Ok(Reply::Done));
    practice.until(A, "calm", |guest| guest.state == GuestState::ShutOff);
    std::fs::remove_file(practice.lab.shared_directory().join("calm.raw")).unwrap();
    let options = MigrationOptions {
        coverage: Coverage::Definition,
        residence: Residence::Permanent,
        ..MigrationOptions::default()
    };
    let found = results(&mut practice, "calm", &options);
    assert_eq!(blocking(&found), [], "{found:#?}");
    let disk = found.iter().find(|result| result.check == StorageCheck::There.into()).unwrap();
    assert_eq!(disk.outcome, CheckOutcome::Warns, "{disk:?}");
    assert_eq!(practice.migrate("calm", A, options).result, Ok(()));
}

/// Guests that are off, each with a disk of its own and a network card.
fn define_many(practice: &Practice, count: usize) {
    let shared = practice.lab.shared_directory();
    let mut commands = String::new();
    for number in 0..count {
        let image = shared.join(format!("idle-{number}.raw"));
        std::fs::File::create(&image).unwrap().set_len(1 << 20).unwrap();
        let file = practice.lab.directory().join(format!("idle-{number}.xml"));
        let xml = format!(
            "<domain type='qemu'><name>idle-{number}</name><memory unit='MiB'>64</memory>\
             <vcpu>2</vcpu><os><type arch='x86_64'>hvm</type></os><devices>\
             <disk type='file' device='disk'><driver name='qemu' type='raw'/>\
             <source file='{}'/><target dev='vda' bus='virtio'/></disk>\
             <interface type='user'/></devices></domain>",
            image.display()
        );
        std::fs::write(&file, xml).unwrap();
        commands.push_str(&format!("define {};", file.display()));
    }
    virsh(practice.host(A), &[&commands]);
}

/// Everything a survey answered until it was over.
fn surveyed(bench: &mut Bench, routes: Vec<Route>) -> HashMap<Route, Surveyed> {
    let from = bench.told.len();
    let job = bench.submit(RequestBody::Survey(routes));
    assert_eq!(bench.finished(job), Ok(Reply::Done));
    let told = bench.told[from..].iter().filter_map(|event| match event {
        Event::Surveyed(found) => Some(found.clone()),
        _ => None,
    });
    told.flatten().map(|surveyed| (surveyed.0, surveyed)).collect()
}

#[test]
fn fifty_guests_over_a_slow_link_are_asked_about_in_a_few_seconds() {
    const GUESTS: usize = 50;
    let round_trip = Duration::from_millis(20);
    let practice = Practice::with(&[PracticeGuest::new("calm", 32)]);
    define_many(&practice, GUESTS - 1);
    let home = practice.lab.directory().to_owned();
    let mut bench = Bench::new();
    for (id, host) in [(A, "a"), (B, "b")] {
        let link = home.join(format!("slow-{host}"));
        slow_link(&link, &home.join(host).join("run/libvirt/libvirt-sock"), round_trip);
        bench.open(id, &format!("qemu+unix:///session?socket={}", link.display()));
        bench.connected(id);
        bench.listed(id);
    }
    bench.wait_guests("all guests", |guests| guests.len() == GUESTS);
    let routes: Vec<Route> = bench.guests.keys().map(|guest| (*guest, B)).collect();
    let began = Instant::now();
    let found = surveyed(&mut bench, routes);
    let took = began.elapsed();
    println!("{GUESTS} guests, 2 hosts, {round_trip:?} a call: {took:?}");
    assert_eq!(found.len(), GUESTS);
    assert!(took < Duration::from_secs(8), "{took:?}");

    // What is asked in bulk is what is asked one by one.
    let options = MigrationOptions::default();
    let answers = |inspection: &Inspection| {
        let mut answers: Vec<_> = ask(inspection, &options)
            .into_iter()
            .map(|result| format!("{:?} {} {:?}", result.check, result.about, result.outcome))
            .collect();
        answers.sort();
        answers
    };
    for name in ["calm", "idle-7"] {
        let guest = bench.guest(A, name).key;
        let wish =
            Inspect { guest, destination: B, new_name: None, destination_xml: None, again: None };
        let job = bench.submit(RequestBody::Inspect(Box::new(wish)));
        let Ok(Reply::Inspected(alone)) = bench.finished(job) else { panic!("{name}") };
        let together = found[&(guest, B)].1.as_ref().unwrap();
        assert_eq!(answers(together), answers(&alone), "{name}");
        assert_eq!(together.guest, alone.guest);
        assert_eq!(together.source.state, alone.source.state);
        let files = |inspection: &Inspection| {
            inspection.destination.files.keys().cloned().collect::<Vec<_>>()
        };
        assert_eq!(files(together), files(&alone));
    }
    // Two pools of one directory: that the image is there is seen in both ways.
    let guest = bench.guest(A, "idle-7").key;
    let image = practice.lab.shared_directory().join("idle-7.raw");
    std::fs::remove_file(image).unwrap();
    let found = surveyed(&mut bench, vec![(guest, B)]);
    let results = ask(found[&(guest, B)].1.as_ref().unwrap(), &options);
    let disk = results.iter().find(|result| result.check == StorageCheck::There.into()).unwrap();
    assert_eq!(disk.outcome, CheckOutcome::Warns, "it is gone: {disk:?}");
}

#[test]
fn in_a_survey_a_host_that_hangs_is_given_up_and_the_others_answer_at_once() {
    let mut practice = Practice::with(&[PracticeGuest::new("calm", 32)]);
    let guest = practice.bench.guest(A, "calm").key;
    // The same host by another way: it answers, and that it is the same host is found.
    let again = HostId(9);
    let uri = practice.host(A).uri.clone();
    practice.bench.open(again, &uri);
    practice.bench.connected(again);
    practice.host(B).stop_daemon().unwrap();
    let from = practice.bench.told.len();
    let began = Instant::now();
    let job = practice.bench.submit(RequestBody::Survey(vec![(guest, B), (guest, again)]));
    let first = practice.bench.wait_from(from, "an answer", |event| match event {
        Event::Surveyed(found) => Some(found.clone()),
        _ => None,
    });
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    let [((_, host), Ok(found))] = &first[..] else { panic!("{first:?}") };
    assert_eq!(*host, again);
    let results = ask(found, &MigrationOptions::default());
    assert!(blocking(&results).contains(&HostCheck::DifferentHosts.into()), "{results:#?}");
    assert_eq!(practice.bench.finished(job), Ok(Reply::Done));
    let late = practice.bench.told[from..].iter().find_map(|event| match event {
        Event::Surveyed(found) => found.iter().find(|((_, host), _)| *host == B).cloned(),
        _ => None,
    });
    assert_eq!(late.unwrap().1.unwrap_err().kind, FailureKind::TimedOut);
    practice.host(B).continue_daemon().unwrap();
}

#[test]
fn hosts_that_do_not_answer_hold_up_nothing() {
    let mut practice = Practice::with(&[PracticeGuest::new("calm", 32)]);
    let uris = [A, B].map(|host| practice.host(host).uri.clone());
    // One that answers, and more that do not than are asked at the same time.
    let well = HostId(10);
    let hanging = [11, 12, 13, 14, 15].map(HostId);
    practice.bench.open(well, &uris[0]);
    practice.bench.connected(well);
    for host in hanging {
        practice.bench.open(host, &uris[1]);
        practice.bench.connected(host);
    }
    practice.host(B).stop_daemon().unwrap();
    let options = MigrationOptions::default();
    let hung = hanging.map(|host| ask_for(&mut practice, "calm", host, &options))[0];
    let began = Instant::now();
    let job = ask_for(&mut practice, "calm", well, &options);
    assert!(matches!(practice.bench.finished(job), Ok(Reply::Inspected(_))));
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    let guest = practice.bench.guest(A, "calm").key;
    for action in [GuestAction::Pause, GuestAction::Resume] {
        let job = practice.bench.submit(RequestBody::Act { guest, action });
        assert_eq!(practice.bench.finished(job), Ok(Reply::Done));
    }
    let failure = practice.bench.finished(hung).unwrap_err();
    assert_eq!(failure.kind, FailureKind::TimedOut, "{failure:?}");
    practice.host(B).continue_daemon().unwrap();
}
