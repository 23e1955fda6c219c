//! Pools on both hosts: one storage or not.

use std::os::unix::fs::MetadataExt;
use std::time::{Duration, Instant};

use vireo::backend::{PoolWish, RequestBody, StorageRequest};
use vireo::model::storage::{
    Permissions, PoolAction, PoolStep, Proof, ProofAnswer, StorageEvent, StorageReply, StorageStep,
};
use vireo::model::{ConnectionSpec, Event, FailureKind, HostId, Reply};
use vireo::storage::explain::{PoolCause, StorageCause, explain};
use vireo::storage::{Difference, Sharing, SharingBadge, sharing};

use super::support::practice::{A, B, Practice, virsh};
use super::support::slow_link::slow_link;
use super::{directory, lab, outcomes, pool, wish};

fn prove(practice: &mut Practice, keys: &[super::PoolKey]) -> Proof {
    match practice.bench.storage_reply(StorageRequest::Prove(keys.to_vec())) {
        StorageReply::Proved(proof) => proof,
        other => panic!("{other:?}"),
    }
}

/// The host A once more, over a link with this round trip.
fn far_away(practice: &mut Practice, round_trip: Duration) -> HostId {
    let home = practice.lab.directory().to_owned();
    let link = home.join("slow");
    slow_link(&link, &home.join("a/run/libvirt/libvirt-sock"), round_trip);
    let far = HostId(9);
    let spec = ConnectionSpec {
        uri: format!("qemu+unix:///session?socket={}", link.display()),
        name: None,
        autoconnect: false,
    };
    practice.bench.submit(RequestBody::Open { host: far, spec });
    practice.bench.listed(far);
    far
}

/// What the pool on A is on B.
fn seen_from_a(practice: &mut Practice, name: &str) -> Sharing {
    let here = practice.bench.pool(A, name);
    let inventory = practice.bench.inventory();
    let there: Vec<_> = inventory.pools(B).map(|record| &record.pool).collect();
    sharing(&here, B, there, |one, other| inventory.proof(one, other))
}

#[test]
fn one_directory_on_both_hosts_is_proved_shared() {
    let mut practice = lab(&[]);
    let path = directory(&practice, "it's <shared> & 🎈");
    let keys = pool(&mut practice, "images", &path, &[A, B]);
    assert_eq!(keys[0].uuid, keys[1].uuid);
    assert_eq!(seen_from_a(&mut practice, "images").badge, SharingBadge::SameNameOnly);
    let proof = prove(&mut practice, &keys);
    assert_eq!(proof.answers, [(keys[1], ProofAnswer::Same)]);
    assert_eq!(proof.left, None);
    assert_eq!(std::fs::read_dir(&path).unwrap().count(), 0, "something stayed");
    let seen = seen_from_a(&mut practice, "images");
    assert_eq!((seen.badge, seen.differences.as_slice()), (SharingBadge::Proved, [].as_slice()));
    // It holds until one of them is stopped.
    let from = practice.bench.told.len();
    let stop = StorageRequest::Act { pool: keys[1], action: PoolAction::Stop };
    practice.bench.done_with_storage(stop);
    practice.bench.wait_from(from, "stop", |event| match event {
        Event::Storage(StorageEvent::PoolsChanged { changed, .. }) => {
            changed.iter().any(|pool| pool.key == keys[1] && !pool.state.is_active()).then_some(())
        }
        _ => None,
    });
    assert_eq!(seen_from_a(&mut practice, "images").badge, SharingBadge::SameNameOnly);
}

#[test]
fn two_directories_of_one_pool_name_are_told_apart() {
    let mut practice = lab(&[]);
    let (one, other) = (directory(&practice, "one"), directory(&practice, "other"));
    let a = pool(&mut practice, "images", &one, &[A]);
    let b = pool(&mut practice, "images", &other, &[B]);
    let proof = prove(&mut practice, &[a[0], b[0]]);
    assert_eq!(proof.answers, [(b[0], ProofAnswer::NotThere)]);
    let seen = seen_from_a(&mut practice, "images");
    assert_eq!(seen.badge, SharingBadge::SameNameOnly);
    assert_eq!(seen.differences[0], Difference::Disproved);
    let paths = [&one, &other].map(|path| path.to_str().unwrap().to_owned());
    let [one, other] = paths;
    assert!(seen.differences.contains(&Difference::Path(one, other)), "{seen:?}");
}

#[test]
fn what_fails_on_one_host_is_told_and_can_be_taken_back() {
    let mut practice = lab(&[]);
    let path = directory(&practice, "shared/images");
    pool(&mut practice, "occupied", &path, &[B]);
    let built = practice.lab.directory().join("shared").join("built");
    let found = outcomes(&mut practice, wish("new", &built, &[A]));
    assert_eq!(found[0].failed, None);
    assert!(built.is_dir());
    let both = PoolWish { hosts: vec![A, B], ..wish("images", &path, &[]) };
    let found = outcomes(&mut practice, both);
    assert_eq!(found[0].failed, None, "{found:?}");
    let (step, failure) = found[1].failed.clone().unwrap();
    assert_eq!(step, PoolStep::Define);
    let cause = explain(&failure).cause;
    assert_eq!(cause, StorageCause::Pool(PoolCause::UsedByPool("occupied".into())));
    let undo = vec![(found[0].pool.unwrap(), found[0].done.clone())];
    let StorageReply::Undone(undone) = practice.bench.storage_reply(StorageRequest::Undo(undo))
    else {
        panic!()
    };
    assert!(undone[0].left.is_empty(), "{undone:?}");
    practice.bench.until_storage("the pool's end", |inventory| {
        inventory.is_listed(A) && inventory.pools(A).all(|record| record.pool.name() != "images")
    });
    // Building had only made what was empty; B's pool in the same directory is gone with it, as a pool
    // notices when it is refreshed.
    assert!(!path.exists());
    let missing = practice.bench.pool(B, "occupied").key;
    let act = StorageRequest::Act { pool: missing, action: PoolAction::Refresh };
    let failure = practice.bench.ask_storage(act).unwrap_err();
    let cause = explain(&failure).cause;
    assert!(
        matches!(&cause, StorageCause::Pool(PoolCause::DirectoryMissing(at)) if *at == path.to_str().unwrap()),
        "{cause:?}: {failure:?}"
    );
}

#[test]
fn what_is_cancelled_between_two_steps_is_told_and_can_be_taken_back() {
    let mut practice = lab(&[]);
    // Each step takes a round trip, so that the wish arrives before the next one.
    let far = far_away(&mut practice, Duration::from_millis(400));
    let path = directory(&practice, "shared").join("images");
    let wish = PoolWish { autostart: true, ..wish("images", &path, &[far]) };
    let from = practice.bench.told.len();
    let job = practice.bench.storage(StorageRequest::CreatePool(Box::new(wish)));
    practice.bench.wait_from(from, "the first step", |event| match event {
        Event::Storage(StorageEvent::Stepped {
            step: StorageStep::Pool { step, result, .. },
            ..
        }) => {
            assert_eq!((step, result), (&PoolStep::Define, &Ok(())));
            Some(())
        }
        _ => None,
    });
    practice.bench.done_with_storage(StorageRequest::Cancel(job));
    let Reply::Storage(StorageReply::PoolCreated(found)) = practice.bench.finished(job).unwrap()
    else {
        panic!()
    };
    let (step, failure) = found[0].failed.clone().unwrap();
    assert_eq!(failure.kind, FailureKind::Cancelled, "{failure:?}");
    assert_eq!(found[0].done.first(), Some(&PoolStep::Define));
    assert!(found[0].done.iter().all(|done| *done < step), "{found:?}");
    assert!(step < PoolStep::Autostart, "it was not stopped in time: {found:?}");
    let undo = vec![(found[0].pool.unwrap(), found[0].done.clone())];
    let StorageReply::Undone(undone) = practice.bench.storage_reply(StorageRequest::Undo(undo))
    else {
        panic!()
    };
    assert!(undone[0].left.is_empty(), "{undone:?}");
    assert!(!path.exists());
    let pools = virsh(practice.host(A), &["pool-list", "--all", "--name"]);
    assert!(!pools.contains("images"), "{pools}");
}

#[test]
fn a_host_that_did_not_begin_when_it_was_cancelled_is_left_alone() {
    let mut practice = lab(&[]);
    let path = directory(&practice, "images");
    practice.host(B).stop_daemon().unwrap();
    let wish = wish("images", &path, &[A, B]);
    let from = practice.bench.told.len();
    let job = practice.bench.storage(StorageRequest::CreatePool(Box::new(wish)));
    practice.bench.wait_from(from, "A's last step", |event| match event {
        Event::Storage(StorageEvent::Stepped {
            step: StorageStep::Pool { host, step, .. },
            ..
        }) => (*host == A && *step == PoolStep::Start).then_some(()),
        _ => None,
    });
    practice.bench.done_with_storage(StorageRequest::Cancel(job));
    practice.host(B).continue_daemon().unwrap();
    let Reply::Storage(StorageReply::PoolCreated(found)) = practice.bench.finished(job).unwrap()
    else {
        panic!()
    };
    assert_eq!(found[0].failed, None);
    let (step, failure) = found[1].failed.clone().unwrap();
    assert_eq!((step, failure.kind), (PoolStep::Define, FailureKind::Cancelled));
    assert!(found[1].done.is_empty() && found[1].pool.is_none());
    let pools = virsh(practice.host(B), &["pool-list", "--all", "--name"]);
    assert!(!pools.contains("images"), "{pools}");
}

#[test]
fn a_proof_that_is_cancelled_says_nothing_of_what_it_did_not_see() {
    let mut practice = lab(&[]);
    let (one, other) = (directory(&practice, "one"), directory(&practice, "other"));
    let a = pool(&mut practice, "images", &one, &[A]);
    let b = pool(&mut practice, "images", &other, &[B]);
    let from = practice.bench.told.len();
    let job = practice.bench.storage(StorageRequest::Prove(vec![a[0], b[0]]));
    let proved = |event: &Event| match event {
        Event::Storage(StorageEvent::Stepped {
            step: StorageStep::Proved { host, answer },
            ..
        }) => Some((*host, answer.clone())),
        _ => None,
    };
    let wrote = practice.bench.wait_from(from, "the file", proved);
    assert_eq!(wrote, (A, ProofAnswer::Wrote));
    // B looks several times before it says that there is no file.
    practice.bench.done_with_storage(StorageRequest::Cancel(job));
    let failure = practice.bench.finished(job).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Cancelled);
    let answers: Vec<_> = practice.bench.told[from..].iter().filter_map(proved).collect();
    assert!(!answers.contains(&(B, ProofAnswer::NotThere)), "{answers:?}");
    assert_eq!(std::fs::read_dir(&one).unwrap().count(), 0, "the file stayed");
}

#[test]
fn a_directory_gets_the_mode_and_group_that_are_wanted() {
    let mut practice = lab(&[]);
    let path = directory(&practice, "shared").join("images");
    let group = std::fs::metadata(path.parent().unwrap()).unwrap().gid();
    let mut wanted = wish("images", &path, &[A, B]);
    wanted.definition.target.permissions =
        Permissions { mode: Some(0o750), group: Some(group), ..Permissions::default() };
    let found = outcomes(&mut practice, wanted);
    assert!(found.iter().all(|outcome| outcome.failed.is_none()), "{found:?}");
    let about = std::fs::metadata(&path).unwrap();
    assert_eq!((about.mode() & 0o7777, about.gid()), (0o750, group));
    let read = practice.bench.pool(B, "images").definition.target.permissions;
    assert_eq!((read.mode, read.group), (Some(0o750), Some(group)), "read back");
}

#[test]
fn copy_on_write_is_set_where_it_can_be_or_libvirt_says_why_not() {
    let mut practice = lab(&[]);
    let path = directory(&practice, "shared").join("images");
    let btrfs = rustix::fs::statfs(path.parent().unwrap()).unwrap().f_type == 0x9123_683e;
    let mut wanted = wish("images", &path, &[A]);
    wanted.definition.copy_on_write = Some(false);
    let found = outcomes(&mut practice, wanted);
    let read = practice.bench.pool(A, "images").definition.copy_on_write;
    assert_eq!(read, Some(false), "libvirt keeps it");
    let Some((step, failure)) = found[0].failed.clone() else {
        return assert!(btrfs, "{found:?}");
    };
    assert_eq!((step, btrfs), (PoolStep::Build, false), "{failure:?}");
    let cause = explain(&failure).cause;
    let at = path.to_str().unwrap().to_owned();
    assert_eq!(cause, StorageCause::Pool(PoolCause::NotBtrfs(at)), "{failure:?}");
}

#[test]
fn a_pool_goes_to_another_host_with_all_that_its_xml_says() {
    let mut practice = lab(&[]);
    let path = directory(&practice, "images");
    let keys = pool(&mut practice, "images", &path, &[A]);
    let StorageReply::Xml(xml) = practice.bench.storage_reply(StorageRequest::PoolXml(keys[0]))
    else {
        panic!()
    };
    let odd = xml.replace("</source>", "<vendor name='kept'/></source>");
    let copy = PoolWish { xml: Some(odd.clone()), build: None, ..wish("", &path, &[B]) };
    let found = outcomes(&mut practice, copy);
    assert_eq!((found[0].failed.clone(), found[0].pool.unwrap().uuid), (None, keys[0].uuid));
    let there = practice.bench.pool(B, "images");
    assert_eq!(there.definition.vendor.as_deref(), Some("kept"), "{odd}");
}

#[test]
fn a_host_far_away_is_usable_at_once_and_its_volumes_follow() {
    const VOLUMES: usize = 200;
    let mut practice = lab(&[]);
    let path = directory(&practice, "many");
    for number in 0..VOLUMES {
        std::fs::write(path.join(format!("v{number:03}.img")), [0; 512]).unwrap();
    }
    let near = pool(&mut practice, "many", &path, &[A])[0];
    let round_trip = Duration::from_millis(20);
    let far = far_away(&mut practice, round_trip);
    let begun = Instant::now();
    let job = practice.bench.storage(StorageRequest::ListPools(far));
    let key = practice.bench.pool(far, "many").key;
    practice.bench.finished(job).unwrap();
    let listed = begun.elapsed();
    let job = practice.bench.storage(StorageRequest::ListVolumes(key));
    practice.bench.until_storage("names", |inventory| {
        let volumes = inventory.pool(key).and_then(|record| record.volumes.as_ref());
        volumes.is_some_and(|volumes| volumes.len() == VOLUMES)
    });
    let named = begun.elapsed();
    assert!(listed < Duration::from_secs(2), "pools after {listed:?}");
    assert!(named < Duration::from_secs(3), "names after {named:?}");
    practice.bench.finished(job).unwrap();
    let all = begun.elapsed();
    println!("at {round_trip:?}: pools {listed:?}, {VOLUMES} names {named:?}, details {all:?}");
    let inventory = practice.bench.inventory();
    let volumes = inventory.pool(key).unwrap().volumes.as_ref().unwrap();
    assert!(volumes.values().all(|volume| volume.details.is_some()));
    assert_eq!(key.uuid, near.uuid);
}

#[test]
fn what_others_do_is_seen() {
    let mut practice = lab(&[]);
    let path = directory(&practice, "images");
    let key = pool(&mut practice, "images", &path, &[A])[0];
    std::fs::write(path.join("from outside"), b"x").unwrap();
    virsh(practice.host(A), &["pool-refresh", "images"]);
    practice.bench.volume(key, "from outside");
    virsh(practice.host(A), &["pool-destroy", "images"]);
    practice.bench.until_storage("stop", |inventory| {
        inventory
            .pool(key)
            .is_some_and(|record| !record.pool.state.is_active() && record.volumes.is_none())
    });
    practice.host(B).kill_daemon().unwrap();
    let failure = practice.bench.ask_storage(StorageRequest::ListPools(B)).unwrap_err();
    assert_eq!(failure.kind, FailureKind::LinkLost, "{failure:?}");
}
