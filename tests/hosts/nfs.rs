//! An NFS pool on two hosts, and a guest on it.

use vireo::backend::{DiscoverWish, StorageRequest, VolumeJob};
use vireo::migration::{Coverage, DiskCopy, MigrationOptions, Residence};
use vireo::model::storage::{
    NetworkProtocol, NfsVersion, PoolKey, PoolKind, PoolSource, ProofAnswer, Server, StorageReply,
    VolumeDefinition, VolumeFormat,
};
use vireo::model::{Bytes, FailureKind, GuestAction, GuestState, HostId};
use vireo::storage::explain::{ServerCause, StorageCause, explain};
use vireo::storage::{SharingBadge, sharing};

use super::{A, B, Hosts, wish};

const POOL: &str = "/var/lib/libvirt/images/nfs";
const MIB: u64 = 1 << 20;

fn server() -> Server {
    Server { name: "server".into(), port: None }
}

fn exported(export: &str, version: Option<NfsVersion>) -> PoolSource {
    PoolSource::Netfs {
        server: server(),
        export: export.into(),
        protocol: NetworkProtocol::Nfs(version),
    }
}

/// The same with GlusterFS, where it is installed.
pub(crate) fn gluster(hosts: &mut Hosts) {
    let (volumes, _) = hosts.server.try_to("gluster --mode=script volume list");
    if !volumes.contains("gv0") {
        hosts.say("SKIPPED: no GlusterFS here (glusterfs-server, from backports on Debian 12)");
        return;
    }
    let source = PoolSource::Netfs {
        server: server(),
        export: "gv0".into(),
        protocol: NetworkProtocol::Gluster,
    };
    let wanted = DiscoverWish::Exports(server());
    let found = hosts.bench.storage_reply(StorageRequest::Discover { host: A, wanted });
    let StorageReply::Discovered(found) = found else { panic!("{found:?}") };
    assert!(found.contains(&source), "{found:?}");
    let path = "/var/lib/libvirt/images/gluster";
    let keys = hosts.pool(wish("gluster", source, path, &[A, B]));
    assert!(hosts.b.run(&format!("grep ' {path} ' /proc/mounts")).contains("fuse.glusterfs"));
    let proof = hosts.prove(&keys);
    assert_eq!(proof.answers, [(keys[1], ProofAnswer::Same)]);
    let definition = VolumeDefinition::new("disk.qcow2", VolumeFormat::Qcow2, Bytes(64 * MIB));
    hosts.bench.create_volume(keys[0], definition);
    let disk = hosts.bench.volume(keys[0], "disk.qcow2").path;
    hosts.moves_on("gluster", &disk);
    hosts.say("GlusterFS: volume discovered, proved shared, a guest on it moved with no unsafe");
}

pub(crate) fn tutorial(hosts: &mut Hosts) {
    discovery(hosts);
    errors(hosts);
    let keys = set_up(hosts);
    let disk = volume(hosts, &keys);
    moves(hosts, &disk);
    in_use(hosts, &keys);
    private_disk(hosts);
    take_back(hosts, &keys);
}

pub(crate) fn connecting_changes_nothing(hosts: &mut Hosts) {
    for host in [A, B] {
        assert_eq!(hosts.bench.inventory().pools(host).count(), 0);
        let StorageReply::Offer(offer) = hosts.bench.storage_reply(StorageRequest::Offer(host))
        else {
            panic!()
        };
        assert!(offer.told && offer.supports(PoolKind::Netfs) && offer.supports(PoolKind::Dir));
    }
}

fn discovery(hosts: &mut Hosts) {
    let wanted = DiscoverWish::Exports(server());
    let found = hosts.bench.storage_reply(StorageRequest::Discover { host: A, wanted });
    let StorageReply::Discovered(found) = found else { panic!("{found:?}") };
    assert!(found.contains(&exported("/srv/nfs/images", None)), "{found:?}");
    hosts.say("export discovered");
}

/// What goes wrong on the way says what it is, and goes again.
fn errors(hosts: &mut Hosts) {
    for (export, expected) in [
        ("/srv/nfs/private", ServerCause::AccessDenied("server:/srv/nfs/private".into())),
        ("/srv/nfs/nothing", ServerCause::ExportMissing("server:/srv/nfs/nothing".into())),
    ] {
        let source = exported(export, Some(NfsVersion::V4_2));
        let outcome = hosts.outcomes(wish("wrong", source, POOL, &[A])).remove(0);
        let (_, failure) = outcome.failed.clone().unwrap();
        let cause = explain(&failure).cause;
        // NFS 4 shows a client that is not let in no more than one that asks for nothing.
        let either = [expected, ServerCause::ExportMissing(format!("server:{export}"))];
        let told = either.map(StorageCause::Server);
        assert!(told.contains(&cause), "{cause:?}: {failure:?}");
        undo(hosts, &[(outcome.pool.unwrap(), outcome.done)]);
    }
    let left = hosts.a.run(&format!("ls -d {POOL} 2>/dev/null; virsh -q pool-list --all"));
    assert_eq!(left.trim(), "");
    hosts.say("errors explained and taken back");
}

fn undo(hosts: &mut Hosts, done: &[(PoolKey, Vec<vireo::model::storage::PoolStep>)]) {
    let reply = hosts.bench.storage_reply(StorageRequest::Undo(done.to_vec()));
    let StorageReply::Undone(undone) = reply else { panic!("{reply:?}") };
    assert!(undone.iter().all(|undone| undone.left.is_empty()), "{undone:?}");
}

fn set_up(hosts: &mut Hosts) -> Vec<PoolKey> {
    let source = exported("/srv/nfs/images", Some(NfsVersion::V4_2));
    let keys = hosts.pool(wish("nfs", source, POOL, &[A, B]));
    for host in [A, B] {
        let mounted = hosts.host(host).run(&format!("grep ' {POOL} ' /proc/mounts"));
        assert!(mounted.contains("nfs4") && mounted.contains("vers=4.2"), "{mounted}");
    }
    let badge = |hosts: &mut Hosts| {
        let here = hosts.bench.pool(A, "nfs");
        let inventory = hosts.bench.inventory();
        let there: Vec<_> = inventory.pools(B).map(|record| &record.pool).collect();
        sharing(&here, B, there, |one, other| inventory.proof(one, other)).badge
    };
    assert_eq!(badge(hosts), SharingBadge::SameSource);
    let proof = hosts.prove(&keys);
    assert_eq!(proof.answers, [(keys[1], ProofAnswer::Same)]);
    assert_eq!(badge(hosts), SharingBadge::Proved);
    assert_eq!(hosts.server.run("ls -A /export/srv/nfs/images").trim(), "");
    hosts.say("pool on both hosts, proved shared");
    keys
}

fn volume(hosts: &mut Hosts, keys: &[PoolKey]) -> String {
    let definition = VolumeDefinition::new("disk.qcow2", VolumeFormat::Qcow2, Bytes(64 * MIB));
    hosts.bench.create_volume(keys[0], definition);
    let here = hosts.bench.volume(keys[0], "disk.qcow2");
    let refresh = vireo::model::storage::PoolAction::Refresh;
    hosts.bench.done_with_storage(StorageRequest::Act { pool: keys[1], action: refresh });
    let there = hosts.bench.volume(keys[1], "disk.qcow2");
    assert_eq!((&here.path, here.capacity), (&there.path, there.capacity));
    hosts.say("volume made, seen by both");
    here.path
}

fn moves(hosts: &mut Hosts, disk: &str) {
    hosts.define(A, "web", disk, "qcow2");
    hosts.act(A, "web", GuestAction::Run);
    hosts.until(A, "web", GuestState::Running);
    let mut beats = hosts.lives(A, "web");
    hosts.say("a guest lives on it");
    let stopped = |coverage| MigrationOptions { coverage, ..MigrationOptions::default() };
    for (coverage, what) in [(Coverage::Live, "live"), (Coverage::Stopped, "offline")] {
        for (from, to) in [(A, B), (B, A)] {
            let end = hosts.migrate("web", from, stopped(coverage));
            assert_eq!(end.result, Ok(()), "{what} from {from:?}");
            hosts.until(to, "web", GuestState::Running);
            let now = hosts.lives(to, "web");
            assert!(now > beats, "it began anew: {beats}, {now}");
            beats = now;
        }
        hosts.say(&format!("moved {what}, there and back, with no unsafe"));
    }
}

fn in_use(hosts: &mut Hosts, keys: &[PoolKey]) {
    let volume = vireo::model::storage::VolumeKey { pool: keys[1], name: "disk.qcow2".into() };
    let delete = VolumeJob::Delete { volumes: vec![volume], hosts: vec![A, B] };
    let failure = hosts.bench.volume_job(delete).unwrap_err();
    assert_eq!(failure.kind, FailureKind::InUse, "{failure:?}");
    assert_eq!(failure.message, "web (host-a)");
    hosts.act(A, "web", GuestAction::ForceOff);
    hosts.until(A, "web", GuestState::ShutOff);
    let definition = MigrationOptions {
        coverage: Coverage::Definition,
        residence: Residence::Permanent,
        ..MigrationOptions::default()
    };
    assert_eq!(hosts.migrate("web", A, definition).result, Ok(()));
    hosts.until(B, "web", GuestState::ShutOff);
    hosts.b.run("virsh -q undefine web");
    hosts.say("refused to delete what is used; moved it shut off");
}

/// A disk that only one host has: the move is refused, and succeeds when the disk goes along.
fn private_disk(hosts: &mut Hosts) {
    let path = "/var/lib/libvirt/images/private";
    let each: Vec<PoolKey> = [A, B]
        .into_iter()
        .flat_map(|host: HostId| hosts.pool(wish("private", PoolSource::Dir, path, &[host])))
        .collect();
    let proof = hosts.prove(&each);
    assert_eq!(proof.answers, [(each[1], ProofAnswer::NotThere)]);
    let definition = VolumeDefinition::new("own.raw", VolumeFormat::Raw, Bytes(16 * MIB));
    hosts.bench.create_volume(each[0], definition);
    let disk = hosts.bench.volume(each[0], "own.raw").path;
    hosts.define(A, "own", &disk, "raw");
    hosts.act(A, "own", GuestAction::Run);
    hosts.until(A, "own", GuestState::Running);
    hosts.lives(A, "own");
    let failure = hosts.migrate("own", A, MigrationOptions::default()).result.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unsafe, "{failure:?}");
    let with_disks = MigrationOptions { disks: DiskCopy::Full, ..MigrationOptions::default() };
    assert_eq!(hosts.migrate("own", A, with_disks).result, Ok(()));
    hosts.until(B, "own", GuestState::Running);
    hosts.lives(B, "own");
    hosts.act(B, "own", GuestAction::ForceOff);
    hosts.a.run("virsh -q undefine own");
    hosts.say("a private disk refused, and rescued by copying it");
}

fn take_back(hosts: &mut Hosts, keys: &[PoolKey]) {
    let volume = vireo::model::storage::VolumeKey { pool: keys[0], name: "disk.qcow2".into() };
    let delete = VolumeJob::Delete { volumes: vec![volume], hosts: vec![A, B] };
    hosts.bench.volume_job(delete).unwrap();
    use vireo::model::storage::PoolStep;
    let steps = vec![PoolStep::Define, PoolStep::Build, PoolStep::Start, PoolStep::Autostart];
    let done: Vec<_> = keys.iter().map(|&key| (key, steps.clone())).collect();
    undo(hosts, &done);
    for host in [A, B] {
        let left = hosts.host(host).run(&format!("grep {POOL} /proc/mounts; ls -d {POOL}; true"));
        assert!(!left.contains("nfs4") && left.contains("No such file"), "{left}");
    }
    hosts.say("all of it taken back");
}
