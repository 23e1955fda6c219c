//! Storage on libvirt's own test driver: pools and volumes listed, changed, followed by events; what
//! does not work told with its class; many volumes.
#![allow(clippy::unwrap_used, clippy::panic)] // a failure ends the test

mod support;

use std::io::Write;
use std::time::{Duration, Instant};

use support::Bench;
use vireo::backend::{DiscoverWish, PoolWish, StorageRequest, VolumeJob};
use vireo::model::storage::{
    Backing, BuildMode, HostOutcome, PoolAction, PoolDefinition, PoolKey, PoolKind, PoolSource,
    PoolState, PoolStep, Server, StorageEvent, StorageReply, StorageStep, VolumeDefinition,
    VolumeFormat, VolumeKey,
};
use vireo::model::{Bytes, Event, FailureKind, HostId, JobId, PoolUuid, Reply};

const HOST: HostId = HostId(1);

/// A test driver host with so many pools of so many volumes, and a guest on the first of them.
fn host_with(pools: usize, volumes: usize) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::with_suffix(".xml").unwrap();
    writeln!(file, "<node><cpu><mhz>2000</mhz><model>i686</model><active>4</active></cpu>")
        .unwrap();
    writeln!(
        file,
        "<domain type='test'><name>web</name><uuid>00000000-0000-4000-8000-000000000001</uuid>\
         <memory>262144</memory><vcpu>2</vcpu><os><type>hvm</type></os><devices>\
         <disk type='file' device='disk'><source file='/p0/v0.img'/><target dev='vda'/></disk>\
         </devices></domain>"
    )
    .unwrap();
    for pool in 0..pools {
        writeln!(
            file,
            "<pool type='dir'><name>p{pool}</name><uuid>00000000-0000-4000-9000-{pool:012x}</uuid>\
             <source/><target><path>/p{pool}</path></target>"
        )
        .unwrap();
        for volume in 0..volumes {
            writeln!(
                file,
                "<volume type='file'><name>v{volume}.img</name><capacity unit='bytes'>1048576</capacity>\
                 <allocation unit='bytes'>4096</allocation><target><path>/p{pool}/v{volume}.img</path>\
                 <format type='raw'/></target></volume>"
            )
            .unwrap();
        }
        writeln!(file, "</pool>").unwrap();
    }
    writeln!(file, "</node>").unwrap();
    file
}

fn open(file: &tempfile::NamedTempFile) -> Bench {
    let mut bench = Bench::new();
    bench.open(HOST, &format!("test://{}", file.path().display()));
    bench.listed(HOST);
    bench
}

fn with_pools(pools: usize, volumes: usize) -> (tempfile::NamedTempFile, Bench) {
    let file = host_with(pools, volumes);
    let mut bench = open(&file);
    bench.done_with_storage(StorageRequest::ListPools(HOST));
    (file, bench)
}

#[test]
fn nothing_is_asked_of_storage_before_somebody_looks() {
    let file = host_with(2, 2);
    let mut bench = open(&file);
    let guest = bench.guest(HOST, "web").key;
    let job = bench.submit(vireo::backend::RequestBody::GuestXml(guest));
    bench.finished(job).unwrap();
    assert!(!bench.told.iter().any(|event| matches!(event, Event::Storage(_))));
    assert!(!bench.inventory().is_listed(HOST));
}

#[test]
fn pools_and_volumes_are_listed() {
    let (_file, mut bench) = with_pools(2, 3);
    let pool = bench.pool(HOST, "p1");
    assert_eq!(
        (pool.kind(), pool.state, pool.persistent),
        (PoolKind::Dir, PoolState::Running, true)
    );
    assert_eq!(pool.definition.target.path, "/p1");
    assert!(pool.capacity.0 > 0 && pool.available.0 > 0);
    bench.done_with_storage(StorageRequest::ListVolumes(pool.key));
    let volume = bench.volume(pool.key, "v2.img");
    assert_eq!((volume.path.as_str(), volume.capacity), ("/p1/v2.img", Bytes(1 << 20)));
    assert_eq!((volume.allocation, volume.format), (Bytes(4096), Some(VolumeFormat::Raw)));
    assert_eq!(bench.volume_names(pool.key), ["v0.img", "v1.img", "v2.img"]);
}

#[test]
fn an_action_is_told_as_done_and_as_a_change() {
    let (_file, mut bench) = with_pools(1, 1);
    let pool = bench.pool(HOST, "p0").key;
    let state = |state: PoolState| {
        move |inventory: &vireo::model::storage::StorageInventory| {
            inventory.pool(pool).is_some_and(|record| record.pool.state == state)
        }
    };
    let act = |action| StorageRequest::Act { pool, action };
    bench.done_with_storage(act(PoolAction::SetAutostart(true)));
    bench.until_storage("autostart", |inventory| {
        inventory.pool(pool).is_some_and(|record| record.pool.autostart)
    });
    bench.done_with_storage(act(PoolAction::Refresh));
    bench.done_with_storage(act(PoolAction::Stop));
    bench.until_storage("stop", state(PoolState::Inactive));
    let failure = bench.ask_storage(StorageRequest::ListVolumes(pool)).unwrap_err();
    assert_eq!(failure.kind, FailureKind::WrongState, "{failure:?}");
    bench.done_with_storage(act(PoolAction::Start));
    let from = bench.told.len();
    bench.done_with_storage(act(PoolAction::Stop));
    bench.done_with_storage(act(PoolAction::Undefine));
    bench.wait_from(from, "end of the pool", |event| match event {
        Event::Storage(StorageEvent::PoolsChanged { removed, .. }) if !removed.is_empty() => {
            Some(())
        }
        _ => None,
    });
    assert!(bench.inventory().pool(pool).is_none());
    let failure = bench.ask_storage(act(PoolAction::Start)).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Storage, "{failure:?}");
}

#[test]
fn xml_is_read_and_replaced_but_only_of_the_same_pool() {
    let (_file, mut bench) = with_pools(1, 1);
    let pool = bench.pool(HOST, "p0").key;
    let StorageReply::Xml(xml) = bench.storage_reply(StorageRequest::PoolXml(pool)) else {
        panic!("no XML")
    };
    assert!(xml.contains("<path>/p0</path>"), "{xml}");
    bench.done_with_storage(StorageRequest::Act { pool, action: PoolAction::Stop });
    let moved = xml.replace("<path>/p0</path>", "<path>/elsewhere</path>");
    let redefine = |before: &str, text: &str| StorageRequest::Redefine {
        pool,
        before: before.to_owned(),
        xml: text.to_owned(),
    };
    let grown = xml.replace(">4096</allocation>", ">8192</allocation>");
    bench.done_with_storage(redefine(&grown, &moved));
    bench.until_storage("another target", |inventory| {
        inventory
            .pool(pool)
            .is_some_and(|record| record.pool.definition.target.path == "/elsewhere")
    });
    let renamed = moved.replace("<name>p0</name>", "<name>other</name>");
    for (before, text, kind) in [
        (&moved, &*renamed, FailureKind::Exists),
        (&moved, "<pool", FailureKind::Other),
        (&xml, &xml, FailureKind::Overtaken),
    ] {
        let failure = bench.ask_storage(redefine(before, text)).unwrap_err();
        assert_eq!(failure.kind, kind, "{failure:?}");
    }
    let volume = VolumeKey { pool, name: "v0.img".into() };
    bench.done_with_storage(StorageRequest::Act { pool, action: PoolAction::Start });
    let reply = bench.storage_reply(StorageRequest::VolumeXml(volume));
    assert!(matches!(reply, StorageReply::Xml(xml) if xml.contains("v0.img")));
}

fn wish(name: &str, path: &str) -> PoolWish {
    PoolWish {
        definition: PoolDefinition {
            uuid: Some(PoolUuid([0x4b; 16])),
            ..PoolDefinition::new(name, PoolSource::Dir, path)
        },
        xml: None,
        hosts: vec![HOST],
        build: Some(BuildMode::Plain),
        start: true,
        autostart: true,
        secret: None,
    }
}

fn create(bench: &mut Bench, wish: PoolWish) -> (JobId, HostOutcome) {
    let job = bench.storage(StorageRequest::CreatePool(Box::new(wish)));
    match bench.finished(job) {
        Ok(Reply::Storage(StorageReply::PoolCreated(mut outcomes))) => (job, outcomes.remove(0)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_pool_is_set_up_step_by_step_and_taken_back() {
    let (_file, mut bench) = with_pools(1, 1);
    let (job, outcome) = create(&mut bench, wish("it's <new> & 🎈", "/new"));
    let steps = [PoolStep::Define, PoolStep::Build, PoolStep::Start, PoolStep::Autostart];
    assert_eq!((outcome.done.as_slice(), &outcome.failed), (steps.as_slice(), &None));
    let told: Vec<_> = bench.storage_steps(job);
    let expected = steps.map(|step| StorageStep::Pool { host: HOST, step, result: Ok(()) });
    assert_eq!(told, expected);
    let pool = bench.pool(HOST, "it's <new> & 🎈");
    assert_eq!(pool.key, PoolKey { host: HOST, uuid: PoolUuid([0x4b; 16]) });
    assert_eq!(Some(pool.key), outcome.pool);
    bench.until_storage("start with the host", |inventory| {
        inventory
            .pool(pool.key)
            .is_some_and(|record| record.pool.state == PoolState::Running && record.pool.autostart)
    });
    let undone = bench.storage_reply(StorageRequest::Undo(vec![(
        pool.key,
        // The test driver deletes what is built only with its volumes' files; the rest goes back.
        vec![PoolStep::Define, PoolStep::Start, PoolStep::Autostart],
    )]));
    let StorageReply::Undone(undone) = undone else { panic!("{undone:?}") };
    assert!(undone[0].left.is_empty(), "{undone:?}");
    let job = bench.storage(StorageRequest::ListPools(HOST));
    bench.finished(job).unwrap();
    assert!(bench.inventory().pool(pool.key).is_none());
}

#[test]
fn what_failed_is_told_and_nothing_after_it_is_tried() {
    let (_file, mut bench) = with_pools(1, 1);
    let (_, outcome) = create(&mut bench, wish("p0", "/other"));
    let (step, failure) = outcome.failed.unwrap();
    assert_eq!((step, outcome.done.as_slice()), (PoolStep::Define, [].as_slice()));
    assert!(failure.message.contains("p0"), "{failure:?}");
    let closed = PoolWish { hosts: vec![HostId(9)], ..wish("p9", "/p9") };
    let (_, outcome) = create(&mut bench, closed);
    assert_eq!(outcome.failed.unwrap().1.kind, FailureKind::LinkLost);
}

#[test]
fn sources_are_discovered_where_libvirt_can() {
    let (_file, mut bench) = with_pools(1, 1);
    let server = Server { name: "nas.example.org".into(), port: None };
    let wanted = DiscoverWish::Exports(server.clone());
    let reply = bench.storage_reply(StorageRequest::Discover { host: HOST, wanted });
    let StorageReply::Discovered(found) = reply else { panic!("{reply:?}") };
    assert!(!found.is_empty());
    for source in &found {
        let PoolSource::Netfs { server: at, export, .. } = source else { panic!("{source:?}") };
        assert!(*at == server && export.starts_with('/'), "{source:?}");
    }
    let wanted = DiscoverWish::VolumeGroups;
    let reply = bench.storage_reply(StorageRequest::Discover { host: HOST, wanted });
    assert!(matches!(reply, StorageReply::Discovered(found) if !found.is_empty()));
    let reply = bench.storage_reply(StorageRequest::Offer(HOST));
    let StorageReply::Offer(offer) = reply else { panic!("{reply:?}") };
    // The test driver does not tell, so all may be tried.
    assert!(!offer.told && offer.supports(PoolKind::Rbd));
}

#[test]
fn volumes_are_made_cloned_and_deleted() {
    let (_file, mut bench) = with_pools(1, 1);
    let pool = bench.pool(HOST, "p0").key;
    bench.done_with_storage(StorageRequest::ListVolumes(pool));
    let name = "it's & <v> 🎈";
    let volume = bench
        .create_volume(pool, VolumeDefinition::new(name, VolumeFormat::Qcow2, Bytes(10 << 20)));
    assert_eq!(bench.volume(pool, name).capacity, Bytes(10 << 20));
    let definition = VolumeDefinition::new("copy", VolumeFormat::Raw, Bytes(10 << 20));
    let job = VolumeJob::Clone { volume: volume.clone(), pool, definition, unless_written: None };
    let reply = bench.volume_job(job).unwrap();
    let created = StorageReply::VolumeCreated { name: "copy".into(), path: "/p0/copy".into() };
    assert_eq!(reply, Reply::Storage(created));
    bench.volume(pool, "copy");
    let job = VolumeJob::Delete { volumes: vec![volume], hosts: vec![HOST] };
    assert_eq!(bench.volume_job(job), Ok(Reply::Done));
    bench.until_storage("one volume less", |inventory| {
        let volumes = inventory.pool(pool).and_then(|record| record.volumes.as_ref());
        volumes.is_some_and(|volumes| !volumes.contains_key(name) && volumes.contains_key("copy"))
    });
}

#[test]
fn a_volume_that_a_guest_uses_is_not_deleted() {
    let (_file, mut bench) = with_pools(1, 2);
    let pool = bench.pool(HOST, "p0").key;
    let volume = |name: &str| VolumeKey { pool, name: name.into() };
    let volumes = vec![volume("v1.img"), volume("v0.img")];
    let failure = bench.volume_job(VolumeJob::Delete { volumes, hosts: Vec::new() }).unwrap_err();
    assert_eq!(failure.kind, FailureKind::InUse);
    assert!(failure.message.starts_with("web ("), "{failure:?}");
    bench.done_with_storage(StorageRequest::ListVolumes(pool));
    assert_eq!(bench.volume_names(pool), ["v0.img", "v1.img"]);
    bench.done_with_storage(StorageRequest::ListDisks(HOST));
    let inventory = bench.inventory();
    let disks = inventory.uses(HOST).unwrap();
    assert_eq!((disks.len(), &*disks[0].name), (1, "web"));
}

#[test]
fn a_pool_is_not_formatted_while_a_guest_has_a_disk_in_it() {
    let (_file, mut bench) = with_pools(2, 1);
    let mut format = |name: &str| {
        let pool = bench.pool(HOST, name).key;
        let action = PoolAction::Build(BuildMode::Overwrite);
        bench.ask_storage(StorageRequest::Destroy { pool, action, hosts: vec![HOST] }).unwrap_err()
    };
    let failure = format("p0");
    assert_eq!(failure.kind, FailureKind::InUse, "{failure:?}");
    assert!(failure.message.starts_with("web ("), "{failure:?}");
    assert_ne!(format("p1").kind, FailureKind::InUse, "it is only not stopped");
}

#[test]
fn what_another_volume_builds_on_goes_only_with_it() {
    let (_file, mut bench) = with_pools(1, 2);
    let pool = bench.pool(HOST, "p0").key;
    bench.done_with_storage(StorageRequest::ListVolumes(pool));
    let mut wanted = VolumeDefinition::new("top", VolumeFormat::Qcow2, Bytes(1 << 20));
    wanted.backing = Some(Backing { path: "/p0/v1.img".into(), format: None });
    let top = bench.create_volume(pool, wanted);
    let base = VolumeKey { pool, name: "v1.img".into() };
    let delete = |volumes| VolumeJob::Delete { volumes, hosts: vec![HOST] };
    let failure = bench.volume_job(delete(vec![base.clone()])).unwrap_err();
    assert_eq!(failure.kind, FailureKind::InUse);
    assert!(failure.message.starts_with("/p0/top ("), "{failure:?}");
    assert_eq!(bench.volume_job(delete(vec![base, top])), Ok(Reply::Done));
}

#[test]
fn what_the_driver_cannot_do_is_told() {
    let (_file, mut bench) = with_pools(1, 1);
    let pool = bench.pool(HOST, "p0").key;
    let volume = VolumeKey { pool, name: "v0.img".into() };
    let file = tempfile::tempdir().unwrap().path().join("x");
    let job =
        VolumeJob::Download { volume: volume.clone(), file: file.clone(), unless_written: None };
    let failure = bench.volume_job(job).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unsupported, "{failure:?}");
    assert!(!file.exists());
    let job = VolumeJob::Resize {
        volume,
        capacity: Bytes(1),
        allocate: false,
        shrink: false,
        hosts: Vec::new(),
    };
    assert_eq!(bench.volume_job(job).unwrap_err().kind, FailureKind::Unsupported);
    let gone = bench.ask_storage(StorageRequest::Cancel(JobId(999_999))).unwrap_err();
    assert_eq!(gone.kind, FailureKind::Gone);
}

#[test]
fn ten_thousand_volumes_are_listed_soon() {
    let (_file, mut bench) = with_pools(10, 1000);
    let begun = Instant::now();
    let pools: Vec<PoolKey> = bench.inventory().pools(HOST).map(|record| record.pool.key).collect();
    assert_eq!(pools.len(), 10);
    let jobs: Vec<JobId> =
        pools.iter().map(|&pool| bench.storage(StorageRequest::ListVolumes(pool))).collect();
    for job in jobs {
        bench.finished(job).unwrap();
    }
    let took = begun.elapsed();
    let inventory = bench.inventory();
    for pool in pools {
        let volumes = inventory.pool(pool).unwrap().volumes.as_ref().unwrap();
        assert!(volumes.len() == 1000 && volumes.values().all(|volume| volume.details.is_some()));
    }
    println!("10 pools of 1,000 volumes: {took:?}");
    // Raw libvirt takes 22 ms; a loaded machine and a debug build get their share.
    assert!(took < Duration::from_secs(3), "{took:?}");
}
