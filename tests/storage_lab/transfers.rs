//! Data between files, volumes and hosts: what arrives is what was sent, or nothing is left.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use vireo::backend::{StorageRequest, VolumeJob};
use vireo::model::storage::{
    PoolKey, StorageEvent, StoragePhase, StorageProgress, StorageReply, StorageStep, Transferred,
    VolumeDefinition, VolumeFormat, VolumeKey,
};
use vireo::model::{Bytes, Event, Failure, FailureKind, JobId, Reply};

use super::support::practice::{A, B, Practice};
use super::{directory, image, lab, pool};

const MIB: usize = 1 << 20;

/// Data, a long hole, data, a hole at the end.
fn contents() -> Vec<u8> {
    let mut contents = vec![0; 24 * MIB + 512];
    for (index, byte) in contents.iter_mut().enumerate() {
        if index < MIB || (16 * MIB..17 * MIB).contains(&index) {
            *byte = u8::try_from(index * 31 % 251).unwrap();
        }
    }
    contents
}

fn sha256(data: &[u8]) -> String {
    Sha256::digest(data).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[track_caller]
fn transferred(result: Result<Reply, Failure>) -> Transferred {
    match result {
        Ok(Reply::Storage(StorageReply::Transferred(done))) => done,
        other => panic!("{other:?}"),
    }
}

fn upload(file: &Path, pool: PoolKey, name: &str, format: VolumeFormat) -> VolumeJob {
    let definition = VolumeDefinition {
        allocation: Some(Bytes(0)),
        ..VolumeDefinition::new(name, format, Bytes(0))
    };
    VolumeJob::Upload { file: file.to_owned(), pool, definition }
}

/// Two pools of their own on two hosts.
fn two_pools(practice: &mut Practice) -> ([PathBuf; 2], [PoolKey; 2]) {
    let paths = [directory(practice, "one"), directory(practice, "two")];
    let one = pool(practice, "one", &paths[0], &[A])[0];
    let two = pool(practice, "two", &paths[1], &[B])[0];
    (paths, [one, two])
}

/// Waits until some of a job's data arrived.
fn on_its_way(practice: &mut Practice, job: JobId) {
    practice.bench.wait("data on its way", |event| match event {
        Event::Storage(StorageEvent::Stepped {
            job: id,
            step: StorageStep::Progress(StorageProgress { done: Bytes(1..), .. }),
        }) if *id == job => Some(()),
        _ => None,
    });
}

#[test]
fn up_across_and_down_again_it_is_the_same() {
    let mut practice = lab(&[]);
    let ([one, two], [a, b]) = two_pools(&mut practice);
    let (data, files) = (contents(), tempfile::tempdir().unwrap());
    let original = files.path().join("original");
    std::fs::write(&original, &data).unwrap();
    let name = "it's & <v> 🎈";
    let done =
        transferred(practice.bench.volume_job(upload(&original, a, name, VolumeFormat::Raw)));
    assert_eq!((done.bytes.0, done.sha256.clone()), (data.len() as u64, sha256(&data)));
    assert_eq!(std::fs::read(one.join(name)).unwrap(), data);
    let volume = VolumeKey { pool: a, name: name.into() };
    let copy = VolumeJob::Copy {
        volume: volume.clone(),
        pool: b,
        name: "copied".into(),
        and_delete: None,
        secret: None,
        unless_written: None,
    };
    let done = transferred(practice.bench.volume_job(copy));
    assert_eq!((done.sha256, done.source_left), (sha256(&data), None));
    assert_eq!(std::fs::read(two.join("copied")).unwrap(), data);
    assert!(one.join(name).exists());
    let file = files.path().join("down");
    let volume = VolumeKey { pool: b, name: "copied".into() };
    let down = VolumeJob::Download {
        volume: volume.clone(),
        file: file.clone(),
        unless_written: Some(vec![A, B]),
    };
    assert_eq!(transferred(practice.bench.volume_job(down.clone())).sha256, sha256(&data));
    assert_eq!(std::fs::read(&file).unwrap(), data);
    // What was a hole is one still.
    use std::os::unix::fs::MetadataExt;
    for path in [one.join(name), two.join("copied"), file.clone()] {
        let stored = std::fs::metadata(&path).unwrap().blocks() * 512;
        assert!(stored <= 4 * MIB as u64, "{} has {stored}", path.display());
    }
    std::fs::write(&file, "another, to be replaced").unwrap();
    transferred(practice.bench.volume_job(down));
    assert_eq!(std::fs::read(&file).unwrap(), data);
}

#[test]
fn a_volume_moves_and_is_renamed_and_stays_an_image() {
    let mut practice = lab(&[]);
    let ([one, two], [a, b]) = two_pools(&mut practice);
    let definition = VolumeDefinition::new("v.qcow2", VolumeFormat::Qcow2, Bytes(32 << 20));
    let volume = practice.bench.create_volume(a, definition);
    let moved = VolumeJob::Copy {
        volume,
        pool: b,
        name: "v.qcow2".into(),
        and_delete: Some(vec![A, B]),
        secret: None,
        unless_written: None,
    };
    let done = transferred(practice.bench.volume_job(moved));
    assert_eq!(done.source_left, None);
    assert!(!one.join("v.qcow2").exists());
    let there = practice.bench.volume_that(b, "v.qcow2", |details| {
        details.format == Some(VolumeFormat::Qcow2) && details.capacity == Bytes(32 << 20)
    });
    assert!(image(&there.path).contains("\"format\": \"qcow2\""));
    let renamed = VolumeJob::Copy {
        volume: VolumeKey { pool: b, name: "v.qcow2".into() },
        pool: b,
        name: "other name".into(),
        and_delete: Some(vec![B]),
        secret: None,
        unless_written: None,
    };
    transferred(practice.bench.volume_job(renamed));
    practice.bench.volume(b, "other name");
    let names: Vec<_> =
        std::fs::read_dir(&two).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(names, ["other name"]);
}

#[test]
fn several_at_a_time_do_not_get_in_each_others_way() {
    let mut practice = lab(&[]);
    let ([one, _], [a, b]) = two_pools(&mut practice);
    let (data, files) = (contents(), tempfile::tempdir().unwrap());
    let original = files.path().join("original");
    std::fs::write(&original, &data).unwrap();
    let jobs: Vec<_> = (0..6)
        .map(|number| {
            let to = if number % 3 == 0 { b } else { a };
            let wish = if number % 2 == 0 {
                upload(&original, to, &format!("v{number}"), VolumeFormat::Raw)
            } else {
                let name = format!("v{number}");
                let definition = VolumeDefinition::new(name, VolumeFormat::Raw, Bytes(50 << 20));
                VolumeJob::Create { pool: to, definition, secret: None }
            };
            practice.bench.storage(StorageRequest::Volume(Box::new(wish)))
        })
        .collect();
    for job in jobs {
        practice.bench.finished(job).unwrap();
    }
    for name in ["v2", "v4"] {
        assert_eq!(std::fs::read(one.join(name)).unwrap(), data);
    }
}

#[test]
fn a_cancelled_transfer_leaves_nothing_behind() {
    let mut practice = lab(&[]);
    let ([one, _], [a, _]) = two_pools(&mut practice);
    let files = tempfile::tempdir().unwrap();
    let original = files.path().join("original");
    std::fs::write(&original, vec![0x5a; 400 * MIB]).unwrap();
    let wish = upload(&original, a, "big", VolumeFormat::Raw);
    let job = practice.bench.storage(StorageRequest::Volume(Box::new(wish)));
    practice.bench.wait("data on its way", |event| match event {
        Event::Storage(StorageEvent::Stepped {
            job: id,
            step:
                StorageStep::Progress(StorageProgress {
                    phase: StoragePhase::Transferring,
                    done: Bytes(1..),
                    total: Some(_),
                }),
        }) if *id == job => Some(()),
        Event::Finished { job: id, result } if *id == job => panic!("over: {result:?}"),
        _ => None,
    });
    practice.bench.done_with_storage(StorageRequest::Cancel(job));
    assert_eq!(practice.bench.finished(job).unwrap_err().kind, FailureKind::Cancelled);
    assert_eq!(std::fs::read_dir(&one).unwrap().count(), 0);
}

#[test]
fn the_end_of_the_program_leaves_nothing_half_made_behind() {
    let mut practice = lab(&[]);
    let ([one, _], [a, _]) = two_pools(&mut practice);
    let files = tempfile::tempdir().unwrap();
    let original = files.path().join("original");
    std::fs::write(&original, vec![0x5a; 400 * MIB]).unwrap();
    let wish = upload(&original, a, "big", VolumeFormat::Raw);
    let job = practice.bench.storage(StorageRequest::Volume(Box::new(wish)));
    on_its_way(&mut practice, job);
    practice.bench.backend.stop();
    assert_eq!(std::fs::read_dir(&one).unwrap().count(), 0);
}

#[test]
fn a_host_that_vanishes_ends_a_transfer_and_the_file_is_not_half_there() {
    let mut practice = lab(&[]);
    let ([one, _], [a, _]) = two_pools(&mut practice);
    std::fs::write(one.join("big"), vec![0x5a; 400 * MIB]).unwrap();
    super::hand_over(&practice, &one.join("big"));
    practice.bench.done_with_storage(StorageRequest::Act { pool: a, action: super::refresh() });
    let files = tempfile::tempdir().unwrap();
    let file = files.path().join("down");
    let wish = VolumeJob::Download {
        volume: VolumeKey { pool: a, name: "big".into() },
        file: file.clone(),
        unless_written: None,
    };
    let job = practice.bench.storage(StorageRequest::Volume(Box::new(wish)));
    on_its_way(&mut practice, job);
    practice.host(A).kill_daemon().unwrap();
    let failure = practice.bench.finished(job).unwrap_err();
    assert_eq!(failure.kind, FailureKind::LinkLost, "{failure:?}");
    assert_eq!(std::fs::read_dir(files.path()).unwrap().count(), 0);
}

#[test]
fn what_is_half_made_goes_when_its_host_is_back() {
    let mut practice = lab(&[]);
    let ([one, _], [a, _]) = two_pools(&mut practice);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), vec![0x5a; 400 * MIB]).unwrap();
    let wish = upload(file.path(), a, "big", VolumeFormat::Raw);
    let job = practice.bench.storage(StorageRequest::Volume(Box::new(wish)));
    on_its_way(&mut practice, job);
    practice.host(A).restart_daemon().unwrap();
    let failure = practice.bench.finished(job).unwrap_err();
    assert_eq!(failure.kind, FailureKind::LinkLost, "{failure:?}");
    assert_eq!(std::fs::read_dir(&one).unwrap().count(), 0, "{failure:?}");
}

#[test]
fn a_file_that_is_none_is_told() {
    let mut practice = lab(&[]);
    let (_, [a, _]) = two_pools(&mut practice);
    for (path, kind) in [("/nonexistent/x", FailureKind::Other), ("/proc", FailureKind::Other)] {
        let wish = upload(Path::new(path), a, "v", VolumeFormat::Raw);
        let failure = practice.bench.volume_job(wish).unwrap_err();
        assert_eq!(failure.kind, kind);
        assert!(failure.message.starts_with(path), "{failure:?}");
    }
    assert_eq!(practice.bench.volume_names(a), Vec::<String>::new());
}
