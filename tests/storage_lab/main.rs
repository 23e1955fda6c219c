//! Storage on the two real hosts of the practice lab: pools set up, proved shared or not, volumes made, moved
//! about and checked, and what can go wrong.
#![allow(clippy::unwrap_used, clippy::panic)] // a failure ends the test

#[path = "../support/mod.rs"]
mod support;

mod limits;
mod pools;
mod transfers;
mod volumes;

use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use support::practice::{A, B, Practice};
use vireo::backend::{PoolWish, StorageRequest};
use vireo::lab::PracticeGuest;
use vireo::model::storage::{
    BuildMode, HostOutcome, PoolDefinition, PoolKey, PoolSource, StorageReply,
};
use vireo::model::{HostId, PoolUuid};

/// A lab whose hosts' storage is looked at.
fn lab(guests: &[PracticeGuest]) -> Practice {
    let mut practice = Practice::with(guests);
    for host in [A, B] {
        practice.bench.done_with_storage(StorageRequest::ListPools(host));
    }
    practice
}

/// A new directory that the lab's daemons may write to.
fn directory(practice: &Practice, name: &str) -> PathBuf {
    let path = practice.lab.directory().join(name);
    std::fs::create_dir_all(&path).unwrap();
    hand_over(practice, &path);
    path
}

/// Gives a file to whom the lab's daemons run as.
fn hand_over(practice: &Practice, path: &Path) {
    let owner = std::fs::metadata(practice.lab.shared_directory()).unwrap();
    chown(path, Some(owner.uid()), Some(owner.gid())).unwrap();
}

fn wish(name: &str, path: &Path, hosts: &[HostId]) -> PoolWish {
    let mut definition = PoolDefinition::new(name, PoolSource::Dir, path.to_str().unwrap());
    definition.uuid = Some(PoolUuid(vireo::backend::new_uuid()));
    PoolWish {
        definition,
        xml: None,
        hosts: hosts.to_vec(),
        build: Some(BuildMode::Plain),
        start: true,
        autostart: false,
        secret: None,
    }
}

#[track_caller]
fn outcomes(practice: &mut Practice, wish: PoolWish) -> Vec<HostOutcome> {
    match practice.bench.storage_reply(StorageRequest::CreatePool(Box::new(wish))) {
        StorageReply::PoolCreated(outcomes) => outcomes,
        other => panic!("{other:?}"),
    }
}

/// A directory pool on these hosts, with its volumes listed.
#[track_caller]
fn pool(practice: &mut Practice, name: &str, path: &Path, hosts: &[HostId]) -> Vec<PoolKey> {
    let mut keys = Vec::new();
    for outcome in outcomes(practice, wish(name, path, hosts)) {
        assert_eq!(outcome.failed, None);
        let key = outcome.pool.unwrap();
        practice.bench.until_storage(name, |inventory| {
            inventory.pool(key).is_some_and(|record| record.pool.state.is_active())
        });
        practice.bench.done_with_storage(StorageRequest::ListVolumes(key));
        keys.push(key);
    }
    keys
}

/// What `qemu-img` says of an image.
#[track_caller]
fn image(path: &str) -> String {
    let output =
        Command::new("qemu-img").args(["info", "--output=json", "-U", path]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn refresh() -> vireo::model::storage::PoolAction {
    vireo::model::storage::PoolAction::Refresh
}
