//! A file system that is too small. Mounting one takes root.

use std::path::{Path, PathBuf};
use std::process::Command;

use vireo::backend::{StorageRequest, VolumeJob};
use vireo::model::storage::{VolumeDefinition, VolumeFormat, VolumeKey};
use vireo::model::{Bytes, FailureKind};
use vireo::storage::explain::{StorageCause, VolumeCause, explain};
use vireo::storage::{RoomVerdict, room};

use super::support::practice::A;
use super::{directory, hand_over, lab, pool};

const MIB: u64 = 1 << 20;

/// A file system in memory, unmounted at the end.
struct Small(PathBuf);

impl Small {
    fn mount(path: &Path, mib: u64) -> Option<Self> {
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={mib}M"), "small"])
            .arg(path)
            .status()
            .is_ok_and(|status| status.success());
        mounted.then(|| Self(path.to_owned()))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn what_does_not_fit_is_refused_and_leaves_nothing_behind() {
    let mut practice = lab(&[]);
    let path = directory(&practice, "small");
    let Some(_mounted) = Small::mount(&path, 40) else {
        eprintln!("SKIPPED: no tmpfs can be mounted here (that takes root)");
        return;
    };
    hand_over(&practice, &path);
    let key = pool(&mut practice, "small", &path, &[A])[0];
    let volume =
        |name: &str, format, mib: u64| VolumeDefinition::new(name, format, Bytes(mib * MIB));
    let too_large = volume("big", VolumeFormat::Raw, 100);
    let known = practice.bench.pool(A, "small");
    assert_eq!(room(&known, &too_large).verdict, RoomVerdict::Refused);
    let create = |definition| VolumeJob::Create { pool: key, definition, secret: None };
    let failure = practice.bench.volume_job(create(too_large)).unwrap_err();
    assert_eq!(explain(&failure).cause, StorageCause::Volume(VolumeCause::NoSpace), "{failure:?}");
    // libvirt makes a sparse one without a word; it was warned of.
    let sparse = volume("sparse", VolumeFormat::Qcow2, 100);
    assert_eq!(room(&known, &sparse).verdict, RoomVerdict::GrowsBeyond);
    practice.bench.volume_job(create(sparse)).unwrap();
    let full = practice.bench.create_volume(key, volume("full", VolumeFormat::Raw, 30));
    let clone = VolumeJob::Clone {
        volume: full.clone(),
        pool: key,
        definition: volume("clone", VolumeFormat::Raw, 30),
        unless_written: Some(vec![A]),
    };
    let failure = practice.bench.volume_job(clone).unwrap_err();
    assert_eq!(explain(&failure).cause, StorageCause::Volume(VolumeCause::NoSpace), "{failure:?}");
    let grow = VolumeJob::Resize {
        volume: full.clone(),
        capacity: Bytes(60 * MIB),
        allocate: true,
        shrink: false,
        hosts: Vec::new(),
    };
    let failure = practice.bench.volume_job(grow).unwrap_err();
    assert_eq!(explain(&failure).cause, StorageCause::Volume(VolumeCause::NoSpace), "{failure:?}");
    let mut names: Vec<_> =
        std::fs::read_dir(&path).unwrap().map(|file| file.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["full", "sparse"]);
}

/// libvirt 11.3's daemon dies of an upload that fills its file system.
#[test]
fn no_upload_is_begun_that_does_not_fit() {
    let mut practice = lab(&[]);
    let path = directory(&practice, "small");
    let Some(_mounted) = Small::mount(&path, 40) else {
        eprintln!("SKIPPED: no tmpfs can be mounted here (that takes root)");
        return;
    };
    hand_over(&practice, &path);
    let key = pool(&mut practice, "small", &path, &[A])[0];
    let large = directory(&practice, "large");
    let from = pool(&mut practice, "large", &large, &[A])[0];
    let file = large.join("file");
    std::fs::write(&file, vec![7; 60 << 20]).unwrap();
    hand_over(&practice, &file);
    let refresh = StorageRequest::Act { pool: from, action: super::refresh() };
    practice.bench.done_with_storage(refresh);
    let definition = VolumeDefinition::new("v", VolumeFormat::Raw, Bytes(60 * MIB));
    for job in [
        VolumeJob::Upload { file: file.clone(), pool: key, definition },
        VolumeJob::Copy {
            volume: VolumeKey { pool: from, name: "file".into() },
            pool: key,
            name: "v".into(),
            and_delete: None,
            secret: None,
            unless_written: None,
        },
    ] {
        let failure = practice.bench.volume_job(job).unwrap_err();
        assert_eq!(failure.kind, FailureKind::NoSpace, "{failure:?}");
    }
    assert_eq!(std::fs::read_dir(&path).unwrap().count(), 0);
    practice.bench.done_with_storage(StorageRequest::ListPools(A));
}
