//! Pools of devices, on two disks that both hosts see and at an iSCSI server.

use vireo::backend::{DiscoverWish, PoolWish, SecretWish, StorageRequest, VolumeJob};
use vireo::model::storage::{
    Adapter, BuildMode, DiskLabel, FileSystem, HostOutcome, Login, PoolAction, PoolKey, PoolKind,
    PoolSource, PoolState, PoolStep, SecretDefinition, SecretRef, SecretUsage, SecretValue, Server,
    StorageReply, VolumeDefinition, VolumeFormat, VolumeKey, WipeAlgorithm,
};
use vireo::model::{Bytes, Failure, FailureKind, HostId, SecretUuid};
use vireo::storage::explain::{PoolCause, ServerCause, StorageCause, VolumeCause, explain};
use vireo::storage::{RoomVerdict, SharingBadge, room, sharing};

use super::{A, B, Hosts, gfs2, multipath, wish};

const MIB: u64 = 1 << 20;

type Test = fn(&mut Hosts);

pub(crate) fn of_all_kinds(hosts: &mut Hosts) {
    let StorageReply::Offer(offer) = hosts.bench.storage_reply(StorageRequest::Offer(A)) else {
        panic!()
    };
    let tests: [(PoolKind, Test); 7] = [
        (PoolKind::Disk, disk),
        (PoolKind::Fs, file_system),
        (PoolKind::Fs, gfs2::file_system),
        (PoolKind::Logical, group),
        (PoolKind::Iscsi, iscsi),
        (PoolKind::IscsiDirect, iscsi_direct),
        (PoolKind::Mpath, multipath::devices),
    ];
    for (kind, test) in tests {
        if offer.supports(kind) {
            test(hosts);
        } else {
            hosts.say(&format!("SKIPPED: libvirt has no {} here", kind.word()));
        }
    }
}

fn failure(outcome: &HostOutcome) -> (PoolStep, StorageCause, Failure) {
    let (step, failure) = outcome.failed.clone().unwrap();
    (step, explain(&failure).cause, failure)
}

fn raw(name: &str, mib: u64) -> VolumeDefinition {
    VolumeDefinition::new(name, VolumeFormat::Raw, Bytes(mib * MIB))
}

fn undo(hosts: &mut Hosts, outcomes: &[HostOutcome]) {
    let done =
        outcomes.iter().filter_map(|outcome| Some((outcome.pool?, outcome.done.clone()))).collect();
    let reply = hosts.bench.storage_reply(StorageRequest::Undo(done));
    let StorageReply::Undone(undone) = reply else { panic!("{reply:?}") };
    assert!(undone.iter().all(|undone| undone.left.is_empty()), "{undone:?}");
}

/// Stops and undefines pools.
pub(crate) fn remove(hosts: &mut Hosts, keys: &[PoolKey]) {
    for &pool in keys {
        for action in [PoolAction::Stop, PoolAction::Undefine] {
            hosts.bench.done_with_storage(StorageRequest::Act { pool, action });
        }
    }
}

/// Partitions: named by us, since libvirt makes a wrongly named one and fails.
fn disk(hosts: &mut Hosts) {
    let source = PoolSource::Disk {
        device: "/dev/ubdb".into(),
        label: DiskLabel::Gpt,
        part_separator: None,
    };
    let pool = |build| PoolWish { build, ..wish("disk", source.clone(), "/dev", &[A]) };
    let outcome = hosts.outcomes(pool(None)).remove(0);
    let (step, cause, said) = failure(&outcome);
    assert_eq!(
        (step, cause),
        (PoolStep::Start, StorageCause::Pool(PoolCause::NeedsBuild)),
        "{said:?}"
    );
    undo(hosts, &[outcome]);
    let keys = hosts.pool(pool(Some(BuildMode::KeepExisting)));
    let mut names = Vec::new();
    for _ in 0..2 {
        names.push(hosts.bench.create_volume(keys[0], raw("whatever", 32)).name);
    }
    assert_eq!(names, ["ubdb1", "ubdb2"]);
    hosts.bench.volume(keys[0], "ubdb2");
    let volumes = vec![VolumeKey { pool: keys[0], name: "ubdb1".into() }];
    hosts.bench.volume_job(VolumeJob::Delete { volumes, hosts: vec![] }).unwrap();
    // The free number is taken again.
    assert_eq!(hosts.bench.create_volume(keys[0], raw("x", 16)).name, "ubdb1");
    remove(hosts, &keys);
    let outcome = hosts.outcomes(pool(Some(BuildMode::KeepExisting))).remove(0);
    let (step, cause, said) = failure(&outcome);
    let occupied = StorageCause::Pool(PoolCause::AlreadyFormatted("/dev/ubdb".into()));
    assert_eq!((step, cause), (PoolStep::Build, occupied), "{said:?}");
    undo(hosts, &[outcome]);
    hosts.say("disk: partitions made, deleted, and what is there is kept");
}

fn file_system(hosts: &mut Hosts) {
    let source = PoolSource::Fs { device: "/dev/ubdc".into(), format: FileSystem::Ext4 };
    let pool = PoolWish {
        build: Some(BuildMode::KeepExisting),
        ..wish("fs", source, "/var/lib/libvirt/images/fs", &[A])
    };
    let keys = hosts.pool(pool);
    assert!(hosts.a.run("grep /images/fs /proc/mounts").contains("ext4"));
    hosts.bench.create_volume(keys[0], raw("v.img", 16));
    let known = hosts.bench.pool(A, "fs");
    let large = raw("large", 1024);
    assert_eq!(room(&known, &large).verdict, RoomVerdict::Refused);
    let create = VolumeJob::Create { pool: keys[0], definition: large, secret: None };
    let refused = hosts.bench.volume_job(create).unwrap_err();
    assert_eq!(explain(&refused).cause, StorageCause::Volume(VolumeCause::NoSpace), "{refused:?}");
    remove(hosts, &keys);
    hosts.a.run("wipefs -qa /dev/ubdc");
    hosts.say("fs: formatted, mounted, full");
}

fn group(hosts: &mut Hosts) {
    let made = |devices: Vec<String>| PoolSource::Logical { group: "vg0".into(), devices };
    let on_a = PoolWish {
        build: Some(BuildMode::Plain),
        ..wish("vg0", made(vec!["/dev/ubdc".into()]), "/dev/vg0", &[A])
    };
    let keys = hosts.pool(on_a);
    let volume = hosts.bench.create_volume(keys[0], raw("lv1", 32));
    assert_eq!(hosts.bench.volume(keys[0], "lv1").path, "/dev/vg0/lv1");
    let refused = VolumeJob::Create { pool: keys[0], definition: raw("big", 4096), secret: None };
    let refused = hosts.bench.volume_job(refused).unwrap_err();
    assert_eq!(explain(&refused).cause, StorageCause::Volume(VolumeCause::NoSpace), "{refused:?}");
    let mut thin = raw("thin", 64);
    thin.allocation = Some(Bytes(16 * MIB));
    let known = hosts.bench.pool(A, "vg0");
    assert_eq!(room(&known, &thin).verdict, RoomVerdict::Snapshot);
    let wanted = DiscoverWish::VolumeGroups;
    let found = hosts.bench.storage_reply(StorageRequest::Discover { host: A, wanted });
    let StorageReply::Discovered(found) = found else { panic!("{found:?}") };
    let is_it =
        |source: &PoolSource| matches!(source, PoolSource::Logical { group, .. } if group == "vg0");
    assert!(found.iter().any(is_it), "{found:?}");
    // The other host sees the same disk, and so the same group.
    let on_b = PoolWish { build: None, ..wish("vg0", made(Vec::new()), "/dev/vg0", &[B]) };
    let there = hosts.pool(on_b);
    hosts.bench.volume(there[0], "lv1");
    transfer(hosts, &volume);
    // The name of the device mapper, not the one that the pool shows.
    let source = "<source dev='/dev/mapper/vg0-lv1'/>";
    hosts.define_on(B, "on-lvm", "block", "raw", source);
    kept_for(hosts, &volume, &[A, B], "on-lvm (host-b)");
    hosts.b.run("virsh -q undefine on-lvm");
    remove(hosts, &there);
    let delete = VolumeJob::Delete { volumes: vec![volume], hosts: vec![] };
    hosts.bench.volume_job(delete).unwrap();
    remove(hosts, &keys);
    hosts.say("LVM: group built, discovered, seen by both, volumes made and filled");
}

/// It is neither deleted nor wiped, and the guest is named.
#[track_caller]
pub(crate) fn kept_for(hosts: &mut Hosts, volume: &VolumeKey, asked: &[HostId], by: &str) {
    let (volumes, asked) = (vec![volume.clone()], asked.to_vec());
    let algorithm = WipeAlgorithm::Zero;
    for job in [
        VolumeJob::Delete { volumes, hosts: asked.clone() },
        VolumeJob::Wipe { volume: volume.clone(), algorithm, hosts: asked },
    ] {
        let failure = hosts.bench.volume_job(job).unwrap_err();
        assert_eq!((failure.kind, failure.message.as_str()), (FailureKind::InUse, by));
    }
}

/// A guest of B that logs in by itself uses the LUN of a pool of A.
fn used_without_the_pool(hosts: &mut Hosts, pool: PoolKey) {
    let source = "<source protocol='iscsi' name='iqn.2026-01.org.example:disk1/1'>\
                  <host name='10.98.0.20' port='3260'/></source>";
    hosts.define_on(B, "on-lun", "network", "raw", source);
    let volume = VolumeKey { pool, name: "unit:0:0:1".into() };
    kept_for(hosts, &volume, &[A], "on-lun (host-b)");
    hosts.b.run("virsh -q undefine on-lun");
    let delete = VolumeJob::Delete { volumes: vec![volume], hosts: vec![A] };
    let failure = hosts.bench.volume_job(delete).unwrap_err();
    assert_ne!(failure.kind, FailureKind::InUse, "libvirt itself deletes no LUN: {failure:?}");
}

/// Data into a device and out of it.
fn transfer(hosts: &mut Hosts, volume: &VolumeKey) {
    let files = tempfile::tempdir().unwrap();
    let (up, down) = (files.path().join("up"), files.path().join("down"));
    let data: Vec<u8> = (0..8 * MIB).map(|at| u8::try_from(at * 31 % 251).unwrap()).collect();
    std::fs::write(&up, &data).unwrap();
    let definition = raw("filled", 8);
    let upload = VolumeJob::Upload { file: up, pool: volume.pool, definition };
    hosts.bench.volume_job(upload).unwrap();
    let filled = VolumeKey { pool: volume.pool, name: "filled".into() };
    let download =
        VolumeJob::Download { volume: filled.clone(), file: down.clone(), unless_written: None };
    hosts.bench.volume_job(download).unwrap();
    assert!(std::fs::read(&down).unwrap().starts_with(&data));
    let delete = VolumeJob::Delete { volumes: vec![filled], hosts: vec![] };
    hosts.bench.volume_job(delete).unwrap();
}

fn portal() -> Server {
    Server { name: "10.98.0.20".into(), port: None }
}

fn target(number: u32, login: Option<Login>) -> PoolSource {
    PoolSource::Iscsi {
        portal: portal(),
        target: format!("iqn.2026-01.org.example:disk{number}"),
        initiator: None,
        login,
    }
}

fn iscsi(hosts: &mut Hosts) {
    let wanted = DiscoverWish::IscsiTargets { portal: portal(), initiator: None };
    let found = hosts.bench.storage_reply(StorageRequest::Discover { host: A, wanted });
    let StorageReply::Discovered(found) = found else { panic!("{found:?}") };
    let named = |source: &PoolSource| matches!(source, PoolSource::Iscsi { target, .. } if target.ends_with(":disk1"));
    assert!(found.iter().any(named), "{found:?}");
    let path = "/dev/disk/by-path";
    let open = PoolWish { build: None, ..wish("san", target(1, None), path, &[A, B]) };
    let keys = hosts.pool(open);
    let paths: Vec<String> = keys.iter().map(|&key| lun(hosts, key)).collect();
    assert_eq!(paths[0], paths[1]);
    let here = hosts.bench.pool(A, "san");
    let inventory = hosts.bench.inventory();
    let there: Vec<_> = inventory.pools(B).map(|record| &record.pool).collect();
    assert_eq!(sharing(&here, B, there, |_, _| None).badge, SharingBadge::SameSource);
    used_without_the_pool(hosts, keys[0]);
    hosts
        .say("iSCSI: target discovered, its disk on both hosts, not deleted while a guest uses it");
    if let StorageReply::Offer(offer) = hosts.bench.storage_reply(StorageRequest::Offer(A))
        && offer.supports(PoolKind::Scsi)
    {
        adapter(hosts, &paths[0]);
    }
    remove(hosts, &keys);
    with_password(hosts, path);
}

/// The path of the one disk of an iSCSI pool.
pub(crate) fn lun(hosts: &mut Hosts, key: PoolKey) -> String {
    hosts.bench.until_storage("a disk", |inventory| {
        let volumes = inventory.pool(key).and_then(|record| record.volumes.as_ref());
        volumes.is_some_and(|volumes| volumes.values().any(|volume| volume.details.is_some()))
    });
    let inventory = hosts.bench.inventory();
    let volumes = inventory.pool(key).unwrap().volumes.as_ref().unwrap();
    volumes.values().next().unwrap().details.as_ref().unwrap().path.clone()
}

fn with_password(hosts: &mut Hosts, path: &str) {
    let login = Login { user: "alice".into(), secret: SecretRef::Usage("chap of san".into()) };
    let secret = |password: &str| SecretWish {
        definition: SecretDefinition {
            uuid: SecretUuid(vireo::backend::new_uuid()),
            usage: SecretUsage::Iscsi("chap of san".into()),
            description: String::new(),
        },
        value: SecretValue(password.into()),
    };
    let pool = |password: &str, on: &[HostId]| PoolWish {
        build: None,
        secret: Some(secret(password)),
        ..wish("safe", target(2, Some(login.clone())), path, on)
    };
    let outcome = hosts.outcomes(pool("wrong", &[A])).remove(0);
    let (step, cause, said) = failure(&outcome);
    let login_failed = StorageCause::Server(ServerCause::LoginFailed);
    assert_eq!((step, cause), (PoolStep::Start, login_failed), "{said:?}");
    undo(hosts, &[outcome]);
    assert_eq!(
        hosts.a.run("virsh -q secret-list; virsh -q pool-list --all | grep safe; true").trim(),
        ""
    );
    let keys = hosts.pool(pool("pass word 12", &[A, B]));
    for &key in &keys {
        lun(hosts, key);
        assert_eq!(hosts.bench.pool(key.host, "safe").state, PoolState::Running);
    }
    remove(hosts, &keys);
    hosts.say("iSCSI with a password: refused with a wrong one, its secret on both hosts");
}

/// The session of an iSCSI pool is a SCSI host as any other; its disks are the same.
fn adapter(hosts: &mut Hosts, disk: &str) {
    let named = hosts.a.run("basename -a /sys/class/scsi_host/host*");
    let host = named.trim().lines().next_back().unwrap_or_default();
    let source = PoolSource::Scsi(Adapter::Host(format!("scsi_{host}")));
    let keys =
        hosts.pool(PoolWish { build: None, ..wish("adapter", source, "/dev/disk/by-path", &[A]) });
    assert_eq!(lun(hosts, keys[0]), disk);
    remove(hosts, &keys);
    hosts.say("SCSI: the adapter's disk");
}

/// QEMU logs in by itself. Nobody is asked for targets: libvirt's daemon would crash.
fn iscsi_direct(hosts: &mut Hosts) {
    let direct = |number: u32, login: Option<Login>| PoolSource::IscsiDirect {
        portal: portal(),
        target: format!("iqn.2026-01.org.example:disk{number}"),
        initiator: "iqn.2026-01.org.example:direct".into(),
        login,
    };
    let pool = |number, login| PoolWish {
        build: None,
        ..wish("direct", direct(number, login), "", &[A, B])
    };
    let outcomes = hosts.outcomes(pool(2, None));
    for outcome in &outcomes {
        let (step, cause, said) = failure(outcome);
        let login_failed = StorageCause::Server(ServerCause::LoginFailed);
        assert_eq!((step, cause), (PoolStep::Start, login_failed), "{said:?}");
    }
    undo(hosts, &outcomes);
    let outcomes = hosts.outcomes(pool(7, None));
    let (_, cause, said) = failure(&outcomes[0]);
    assert_eq!(cause, StorageCause::Server(ServerCause::TargetMissing), "{said:?}");
    undo(hosts, &outcomes);
    let keys = hosts.pool(pool(1, None));
    for &key in &keys {
        hosts.bench.until_storage("the disk", |inventory| {
            let volumes = inventory.pool(key).and_then(|record| record.volumes.as_ref());
            volumes.is_some_and(|volumes| {
                volumes.values().any(|volume| {
                    volume.details.as_ref().is_some_and(|details| details.capacity.0 > 60 * MIB)
                })
            })
        });
    }
    used_without_the_pool(hosts, keys[0]);
    remove(hosts, &keys);
    hosts.say("iSCSI by QEMU: refused without a password, its disk on both hosts, seen to be used");
}
