//! Volumes made, changed, encrypted, deleted; and a guest that lives on one.

use std::os::unix::fs::MetadataExt;

use vireo::backend::{RequestBody, SecretWish, StorageRequest, VolumeJob};
use vireo::lab::PracticeGuest;
use vireo::migration::MigrationOptions;
use vireo::model::storage::{
    Backing, PoolKey, Qcow2Options, SecretDefinition, SecretUsage, SecretValue, StorageReply,
    VolumeDefinition, VolumeFormat, VolumeKey, WipeAlgorithm,
};
use vireo::model::{Bytes, Event, FailureKind, GuestAction, Reply, SecretUuid};
use vireo::storage::explain::{StorageCause, VolumeCause, explain};

use super::support::practice::{A, B, virsh};
use super::{directory, image, lab, pool};

const MIB: u64 = 1 << 20;

#[test]
fn every_format_that_can_be_made_is_what_it_says() {
    let mut practice = lab(&[]);
    let path = directory(&practice, "images");
    let key = pool(&mut practice, "images", &path, &[A])[0];
    for format in VolumeFormat::CREATABLE {
        let name = format!("it's & <{}> 🎈", format.word());
        let mut wanted = VolumeDefinition::new(&name, format.clone(), Bytes(64 * MIB));
        wanted.allocation = Some(Bytes(0));
        let made = practice.bench.create_volume(key, wanted);
        assert_eq!(made.name, name);
        let volume = practice.bench.volume(key, &name);
        let said = image(&volume.path);
        assert!(said.contains(&format!("\"format\": \"{}\"", format.word())), "{said}");
        // vpc rounds up to whole cylinders.
        assert!((64 * MIB..65 * MIB).contains(&volume.capacity.0), "{volume:?}");
        assert_eq!(volume.format, Some(format));
    }
}

#[test]
fn options_of_qcow2_and_raw_reach_the_file() {
    let mut practice = lab(&[]);
    let path = directory(&practice, "images");
    let key = pool(&mut practice, "images", &path, &[A])[0];
    let base = VolumeDefinition::new("base", VolumeFormat::Qcow2, Bytes(32 * MIB));
    practice.bench.create_volume(key, base);
    let base = practice.bench.volume(key, "base").path;
    assert!(image(&base).contains("\"compat\": \"1.1\""));
    let mut top = VolumeDefinition::new("top", VolumeFormat::Qcow2, Bytes(48 * MIB));
    top.backing = Some(Backing { path: base.clone(), format: Some(VolumeFormat::Qcow2) });
    top.qcow2 = Qcow2Options {
        cluster_size: Some(Bytes(128 << 10)),
        lazy_refcounts: true,
        extended_l2: true,
    };
    practice.bench.create_volume(key, top);
    let top = practice.bench.volume(key, "top");
    assert_eq!(top.backing.map(|below| below.path), Some(base));
    let said = image(&top.path);
    for part in ["\"cluster-size\": 131072", "\"lazy-refcounts\": true", "\"extended-l2\": true"] {
        assert!(said.contains(part), "no {part} in {said}");
    }
    let mut raw = |name: &str, allocation| {
        let mut wanted = VolumeDefinition::new(name, VolumeFormat::Raw, Bytes(16 * MIB));
        wanted.allocation = allocation;
        practice.bench.create_volume(key, wanted);
        std::fs::metadata(path.join(name)).unwrap().blocks() * 512
    };
    assert_eq!(raw("reserved", None), 16 * MIB);
    assert_eq!(raw("sparse", Some(Bytes(0))), 0);
    assert_eq!(raw("part", Some(Bytes(4 * MIB))), 4 * MIB);
    let mut reserved = VolumeDefinition::new("tables", VolumeFormat::Qcow2, Bytes(16 * MIB));
    (reserved.preallocate, reserved.allocation) = (true, Some(Bytes(16 * MIB)));
    practice.bench.create_volume(key, reserved);
    assert!(std::fs::metadata(path.join("tables")).unwrap().blocks() * 512 >= 16 * MIB);
}

#[test]
fn a_volume_is_resized_cloned_and_wiped() {
    let mut practice = lab(&[]);
    let path = directory(&practice, "images");
    let pool_key = pool(&mut practice, "images", &path, &[A])[0];
    let mut wanted = VolumeDefinition::new("v", VolumeFormat::Raw, Bytes(8 * MIB));
    wanted.allocation = Some(Bytes(0));
    let volume = practice.bench.create_volume(pool_key, wanted);
    let resize = |mib: u64, shrink| VolumeJob::Resize {
        volume: volume.clone(),
        capacity: Bytes(mib * MIB),
        allocate: false,
        shrink,
        hosts: Vec::new(),
    };
    assert_eq!(practice.bench.volume_job(resize(12, false)), Ok(Reply::Done));
    let refused = practice.bench.volume_job(resize(4, false)).unwrap_err();
    assert_eq!(explain(&refused).cause, StorageCause::Volume(VolumeCause::WouldShrink));
    assert_eq!(practice.bench.volume_job(resize(4, true)), Ok(Reply::Done));
    assert_eq!(std::fs::metadata(path.join("v")).unwrap().len(), 4 * MIB);
    std::fs::write(path.join("v"), vec![7; 4 << 20]).unwrap();
    let definition = VolumeDefinition::new("copy", VolumeFormat::Qcow2, Bytes(4 * MIB));
    let clone = VolumeJob::Clone {
        volume: volume.clone(),
        pool: pool_key,
        definition,
        unless_written: None,
    };
    assert!(matches!(
        practice.bench.volume_job(clone),
        Ok(Reply::Storage(StorageReply::VolumeCreated { name, .. })) if name == "copy"
    ));
    let copy = practice.bench.volume(pool_key, "copy");
    assert_eq!(copy.format, Some(VolumeFormat::Qcow2));
    let same = std::process::Command::new("qemu-img")
        .args(["compare", "-U", &copy.path, path.join("v").to_str().unwrap()])
        .status()
        .unwrap();
    assert!(same.success());
    let algorithm = WipeAlgorithm::Zero;
    let wipe = VolumeJob::Wipe { volume, algorithm, hosts: Vec::new() };
    assert_eq!(practice.bench.volume_job(wipe), Ok(Reply::Done));
    assert!(std::fs::read(path.join("v")).unwrap().iter().all(|&byte| byte == 0));
}

#[test]
fn an_encrypted_volume_has_its_secret_on_both_hosts_and_tells_it_nobody() {
    let mut practice = lab(&[]);
    let path = directory(&practice, "images");
    let key = pool(&mut practice, "images", &path, &[A, B])[0];
    let usage = path.join("safe").to_str().unwrap().to_owned();
    let secret = SecretWish {
        definition: SecretDefinition {
            uuid: SecretUuid(vireo::backend::new_uuid()),
            usage: SecretUsage::Volume(usage.clone()),
            description: "passphrase of safe".into(),
        },
        value: SecretValue("korrekt pferd".into()),
    };
    assert!(!format!("{secret:?}").contains("pferd"));
    let uuid = secret.definition.uuid.to_string();
    let definition = VolumeDefinition::new("safe", VolumeFormat::Raw, Bytes(8 * MIB));
    let job =
        VolumeJob::Create { pool: key, definition, secret: Some((secret.clone(), vec![A, B])) };
    practice.bench.volume_job(job).unwrap();
    let volume = practice.bench.volume(key, "safe");
    assert_eq!(volume.encryption.as_deref(), Some("luks"));
    assert!(image(&volume.path).contains("\"format\": \"luks\""));
    let original = VolumeKey { pool: key, name: "safe".into() };
    let clone = VolumeJob::Clone {
        volume: original.clone(),
        pool: key,
        definition: VolumeDefinition::new("open", VolumeFormat::Raw, Bytes(8 * MIB)),
        unless_written: None,
    };
    let failure = practice.bench.volume_job(clone).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unsupported, "{failure:?}");
    assert!(!path.join("open").exists());
    let pool = practice.bench.inventory().pool(key).unwrap().pool.clone();
    let of_copy = |name: &str| {
        let uuid = SecretUuid(vireo::backend::new_uuid());
        SecretWish::of_volume(uuid, &pool, name, SecretValue("korrekt pferd".into()))
    };
    let copy = |name: &str| VolumeJob::Copy {
        volume: original.clone(),
        pool: key,
        name: name.into(),
        and_delete: None,
        secret: Some((of_copy(name), vec![A, B])),
        unless_written: None,
    };
    let done = practice.bench.volume_job(copy("again")).unwrap();
    assert!(
        matches!(&done, Reply::Storage(StorageReply::Transferred(done)) if done.secret_left.is_none()),
        "{done:?}"
    );
    let before = virsh(practice.host(B), &["secret-list"]);
    let taken = VolumeDefinition::new("again", VolumeFormat::Raw, Bytes(8 * MIB));
    let taken = VolumeJob::Create {
        pool: key,
        definition: taken,
        secret: Some((of_copy("again"), vec![A, B])),
    };
    assert_eq!(practice.bench.volume_job(taken).unwrap_err().kind, FailureKind::Exists);
    assert_eq!(virsh(practice.host(B), &["secret-list"]), before, "its passphrase stays");
    let failure = practice.bench.volume_job(copy("no/name")).unwrap_err();
    assert!(!failure.message.is_empty());
    let bytes = |name| std::fs::read(path.join(name)).unwrap();
    assert_eq!(bytes("again"), bytes("safe"));
    for host in [A, B] {
        let listed = virsh(practice.host(host), &["secret-list"]);
        assert!(listed.contains(&uuid) && listed.contains(&usage), "{listed}");
        let is_of = |name: &str| listed.contains(path.join(name).to_str().unwrap());
        assert!(is_of("again") && !is_of("no/name"), "{listed}");
    }
    // Set once more under another UUID: a host keeps the one it has, and takes the value.
    let mut other = secret;
    other.definition.uuid = SecretUuid(vireo::backend::new_uuid());
    let wish = StorageRequest::SetSecret { hosts: vec![A, B], secret: other };
    let StorageReply::SecretSet(set) = practice.bench.storage_reply(wish) else { panic!() };
    assert!(set.iter().all(|(_, set)| set.as_ref().unwrap().to_string() == uuid), "{set:?}");
}

#[test]
fn a_secret_that_fails_on_one_host_stays_on_none() {
    let mut practice = lab(&[]);
    let path = directory(&practice, "images");
    let key = pool(&mut practice, "images", &path, &[A])[0];
    practice.host(B).kill_daemon().unwrap();
    let secret = SecretWish {
        definition: SecretDefinition {
            uuid: SecretUuid(vireo::backend::new_uuid()),
            usage: SecretUsage::Volume(path.join("safe").to_str().unwrap().to_owned()),
            description: String::new(),
        },
        value: SecretValue("x".into()),
    };
    let definition = VolumeDefinition::new("safe", VolumeFormat::Raw, Bytes(8 * MIB));
    let job = VolumeJob::Create { pool: key, definition, secret: Some((secret, vec![A, B])) };
    assert!(practice.bench.volume_job(job).is_err());
    assert!(!path.join("safe").exists());
    assert_eq!(virsh(practice.host(A), &["secret-list"]), "");
}

/// A guest's disk as the hosts' pool `shared` has it.
fn disk_of(practice: &mut super::Practice, host: vireo::model::HostId, name: &str) -> VolumeKey {
    let pool: PoolKey = practice.bench.pool(host, "shared").key;
    practice.bench.done_with_storage(StorageRequest::ListVolumes(pool));
    VolumeKey { pool, name: format!("{name}.raw") }
}

#[test]
fn a_volume_that_a_guest_of_any_host_uses_is_neither_deleted_nor_wiped() {
    let mut practice = lab(&[PracticeGuest::new("calm", 32)]);
    let disk = disk_of(&mut practice, B, "calm");
    let delete =
        |hosts: &[_]| VolumeJob::Delete { volumes: vec![disk.clone()], hosts: hosts.to_vec() };
    for job in [
        delete(&[A, B]),
        VolumeJob::Wipe { volume: disk.clone(), algorithm: WipeAlgorithm::Zero, hosts: vec![A] },
    ] {
        let failure = practice.bench.volume_job(job).unwrap_err();
        assert_eq!(failure.kind, FailureKind::InUse, "{failure:?}");
        assert!(failure.message.contains("calm"), "{failure:?}");
    }
    practice.assert_lives("calm");
    // Nobody knows what a host that does not answer uses.
    practice.host(A).kill_daemon().unwrap();
    let failure = practice.bench.volume_job(delete(&[A])).unwrap_err();
    assert_eq!(failure.kind, FailureKind::LinkLost, "{failure:?}");
    assert!(practice.lab.shared_directory().join("calm.raw").exists());
}

#[test]
fn what_the_image_of_a_guest_that_is_off_builds_on_is_in_use() {
    let mut practice = lab(&[]);
    let path = directory(&practice, "images");
    let key = pool(&mut practice, "images", &path, &[A])[0];
    let base = practice
        .bench
        .create_volume(key, VolumeDefinition::new("base", VolumeFormat::Qcow2, Bytes(8 * MIB)));
    // Made beside libvirt, as a snapshot is.
    let top = path.join("top");
    let made = std::process::Command::new("qemu-img")
        .args(["create", "-f", "qcow2", "-F", "qcow2", "-b", "base"])
        .arg(&top)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let guest = PracticeGuest::new("layered", 32);
    let own = practice.lab.shared_directory().join("layered.raw");
    let xml = practice.lab.guest_xml(&guest).unwrap();
    let xml = xml.replace(own.to_str().unwrap(), top.to_str().unwrap());
    let file = practice.lab.directory().join("layered.xml");
    std::fs::write(&file, xml).unwrap();
    virsh(practice.host(A), &["define", file.to_str().unwrap()]);
    for job in [
        VolumeJob::Delete { volumes: vec![base.clone()], hosts: Vec::new() },
        VolumeJob::Wipe { volume: base, algorithm: WipeAlgorithm::Zero, hosts: Vec::new() },
    ] {
        let failure = practice.bench.volume_job(job).unwrap_err();
        assert_eq!(failure.kind, FailureKind::InUse, "{failure:?}");
        for user in ["layered (", top.to_str().unwrap()] {
            assert!(failure.message.contains(user), "no {user} in {failure:?}");
        }
    }
    assert!(path.join("base").exists());
}

#[test]
fn what_a_running_guest_of_any_host_writes_is_copied_only_on_purpose() {
    let mut practice = lab(&[PracticeGuest::new("calm", 32)]);
    let disk = disk_of(&mut practice, B, "calm");
    let refresh = StorageRequest::Act { pool: disk.pool, action: super::refresh() };
    practice.bench.done_with_storage(refresh);
    let path = directory(&practice, "copies");
    let copies = pool(&mut practice, "copies", &path, &[B])[0];
    let files = tempfile::tempdir().unwrap();
    let copy = |name: &str, unless_written, and_delete| VolumeJob::Copy {
        volume: disk.clone(),
        pool: copies,
        name: name.into(),
        and_delete,
        secret: None,
        unless_written,
    };
    let (both, capacity) =
        (Some(vec![A, B]), practice.bench.volume(disk.pool, &disk.name).capacity);
    let definition = VolumeDefinition::new("clone", VolumeFormat::Raw, capacity);
    let download = VolumeJob::Download {
        volume: disk.clone(),
        file: files.path().join("down"),
        unless_written: both.clone(),
    };
    let refused = [
        copy("copy", both.clone(), None),
        copy("move", None, both.clone()),
        download.clone(),
        VolumeJob::Clone {
            volume: disk.clone(),
            pool: copies,
            definition,
            unless_written: both.clone(),
        },
        VolumeJob::Resize {
            volume: disk.clone(),
            capacity: Bytes(MIB),
            allocate: false,
            shrink: true,
            hosts: vec![A, B],
        },
    ];
    for job in refused {
        let failure = practice.bench.volume_job(job.clone()).unwrap_err();
        assert_eq!(failure.kind, FailureKind::InUse, "{job:?}: {failure:?}");
        assert!(failure.message.contains("calm"), "{failure:?}");
    }
    assert_eq!(std::fs::read_dir(&path).unwrap().count(), 0);
    assert_eq!(std::fs::read_dir(files.path()).unwrap().count(), 0);
    practice.assert_lives("calm");
    practice.bench.volume_job(copy("torn", None, None)).unwrap();
    let guest = practice.bench.guest(A, "calm").key;
    let off = RequestBody::Act { guest, action: GuestAction::ForceOff };
    let job = practice.bench.submit(off);
    practice.bench.finished(job).unwrap();
    practice.bench.volume_job(copy("copy", both.clone(), None)).unwrap();
    practice.bench.volume_job(download).unwrap();
    let failure = practice.bench.volume_job(copy("move", None, both)).unwrap_err();
    assert_eq!(failure.kind, FailureKind::InUse, "it is the guest's still: {failure:?}");
}

#[test]
fn a_guest_that_is_defined_with_another_disk_is_told() {
    let mut practice = lab(&[]);
    let guest = PracticeGuest::new("calm", 32);
    practice.define(&guest);
    practice.until(A, "calm", |_| true);
    practice.bench.done_with_storage(StorageRequest::ListDisks(A));
    let xml = practice.lab.guest_xml(&guest).unwrap();
    let own = practice.lab.shared_directory().join("calm.raw");
    let file = practice.lab.directory().join("calm.xml");
    std::fs::write(&file, xml.replace(own.to_str().unwrap(), "/other.raw")).unwrap();
    let from = practice.bench.told.len();
    virsh(practice.host(A), &["define", file.to_str().unwrap()]);
    practice.bench.wait_from(from, "news of the guest", |event| match event {
        Event::GuestsChanged { changed, .. } => {
            changed.iter().find(|guest| &*guest.name == "calm").map(drop)
        }
        _ => None,
    });
}

#[test]
fn a_guest_on_a_volume_of_a_shared_pool_moves_safely_both_ways() {
    let mut practice = lab(&[]);
    let path = directory(&practice, "shared/pool");
    let keys = pool(&mut practice, "tutorial", &path, &[A, B]);
    let definition = VolumeDefinition::new("disk.raw", VolumeFormat::Raw, Bytes(64 * MIB));
    practice.bench.create_volume(keys[0], definition);
    let volume = practice.bench.volume(keys[0], "disk.raw");
    let guest = PracticeGuest::new("calm", 32);
    let xml = practice.lab.guest_xml(&guest).unwrap();
    let own = practice.lab.shared_directory().join("calm.raw");
    let file = practice.lab.directory().join("calm.xml");
    std::fs::write(&file, xml.replace(own.to_str().unwrap(), &volume.path)).unwrap();
    virsh(practice.host(A), &["define", file.to_str().unwrap()]);
    virsh(practice.host(A), &["start", "calm"]);
    practice.until(A, "calm", |guest| guest.state == vireo::model::GuestState::Running);
    for (from, to) in [(A, B), (B, A)] {
        let options = MigrationOptions::default();
        assert_eq!(practice.migrate("calm", from, options).result, Ok(()));
        practice.until(to, "calm", |guest| guest.state == vireo::model::GuestState::Running);
    }
    practice.assert_lives("calm");
}
