//! Volumes: listed and read, made, copied, changed, deleted. All of it blocks.

use virt::connect::Connect;
use virt::storage_pool::StoragePool;
use virt::storage_vol::StorageVol;
use virt_sys as sys;

use super::error::from_virt;
use super::ffi::VolumeStream;
use super::pools::{lookup as lookup_pool, unreadable};
use crate::model::storage::{
    Pool, PoolKey, PoolKind, Volume, VolumeDefinition, VolumeDetails, VolumeFormat, VolumeKey,
    VolumeKind, WipeAlgorithm,
};
use crate::model::{Bytes, Failure, FailureKind};
use crate::xml::{build_volume, parse_volume};

/// The volumes of a pool, as libvirt's objects with their names, sorted.
///
/// # Errors
///
/// libvirt's; [`crate::model::FailureKind::WrongState`] when the pool is not active.
pub(crate) fn all(connect: &Connect, pool: PoolKey) -> Result<Vec<(String, StorageVol)>, Failure> {
    let pool = lookup_pool(connect, pool.uuid)?;
    let volumes = pool.list_all_volumes(0).map_err(|error| from_virt(&error))?;
    let mut named: Vec<_> =
        volumes.into_iter().filter_map(|volume| Some((volume.name().ok()?, volume))).collect();
    named.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(named)
}

/// Reads a volume; without details when it is gone or unreadable.
pub(crate) fn read(name: &str, volume: &StorageVol) -> Volume {
    let nothing = || Volume { name: name.to_owned(), details: None };
    let Ok(xml) = volume.xml_desc(0) else { return nothing() };
    match parse_volume(&xml) {
        Ok(read) => Volume { name: name.to_owned(), ..read },
        Err(problem) => {
            tracing::warn!(?problem, "a volume's XML cannot be read");
            nothing()
        }
    }
}

/// Looks a volume up.
///
/// # Errors
///
/// [`crate::model::FailureKind::Storage`] when it is not there.
pub(crate) fn lookup(connect: &Connect, key: &VolumeKey) -> Result<StorageVol, Failure> {
    let pool = lookup_pool(connect, key.pool.uuid)?;
    pool.lookup_storage_vol_by_name(&key.name).map_err(|error| from_virt(&error))
}

/// Looks a volume up and reads it.
///
/// # Errors
///
/// As [`lookup`].
pub(crate) fn find(connect: &Connect, key: &VolumeKey) -> Result<(StorageVol, Volume), Failure> {
    let volume = lookup(connect, key)?;
    let xml = volume.xml_desc(0).map_err(|error| from_virt(&error))?;
    let read = parse_volume(&xml).map_err(|problem| unreadable(&problem))?;
    Ok((volume, read))
}

/// A volume's XML.
///
/// # Errors
///
/// libvirt's.
pub(crate) fn xml(connect: &Connect, key: &VolumeKey) -> Result<String, Failure> {
    lookup(connect, key)?.xml_desc(0).map_err(|error| from_virt(&error))
}

/// Looks again what a pool has; not while volumes of it are being made, for then libvirt does not, and
/// what it knows is as good.
///
/// # Errors
///
/// libvirt's.
pub(crate) fn refresh(connect: &Connect, pool: PoolKey) -> Result<(), Failure> {
    match lookup_pool(connect, pool.uuid)?.refresh(0).map_err(|error| from_virt(&error)) {
        Err(failure) if failure.kind == FailureKind::Busy => Ok(()),
        done => done,
    }
}

/// Makes a volume; its name and path.
///
/// # Errors
///
/// libvirt's.
pub(crate) fn create(
    connect: &Connect,
    pool: &Pool,
    definition: &VolumeDefinition,
) -> Result<(String, String), Failure> {
    let place = lookup_pool(connect, pool.key.uuid)?;
    let wanted = named(&place, pool, definition)?;
    let created =
        StorageVol::create_xml(&place, &build_volume(&wanted, pool.kind()), flags(&wanted));
    match created {
        Ok(volume) => name_and_path(&volume),
        Err(error) => rescued(&place, pool.kind(), &from_virt(&error)).ok_or(from_virt(&error)),
    }
}

/// Copies a volume within the host.
///
/// # Errors
///
/// libvirt's.
pub(crate) fn clone(
    connect: &Connect,
    from: &VolumeKey,
    pool: &Pool,
    definition: &VolumeDefinition,
) -> Result<(String, String), Failure> {
    let original = lookup(connect, from)?;
    let place = lookup_pool(connect, pool.key.uuid)?;
    let wanted = named(&place, pool, definition)?;
    let xml = build_volume(&wanted, pool.kind());
    let copy = StorageVol::create_xml_from(&place, &xml, &original, flags(&wanted))
        .map_err(|error| from_virt(&error))?;
    name_and_path(&copy)
}

const fn flags(volume: &VolumeDefinition) -> u32 {
    if volume.preallocate { sys::VIR_STORAGE_VOL_CREATE_PREALLOC_METADATA } else { 0 }
}

fn name_and_path(volume: &StorageVol) -> Result<(String, String), Failure> {
    let name = volume.name().map_err(|error| from_virt(&error))?;
    let path = volume.path().map_err(|error| from_virt(&error))?;
    Ok((name, path))
}

/// A partition must have the name that it will get: with another one libvirt makes it and then
/// fails (storage.md, bug 3).
fn named(
    place: &StoragePool,
    pool: &Pool,
    definition: &VolumeDefinition,
) -> Result<VolumeDefinition, Failure> {
    let mut wanted = definition.clone();
    if let Some(device) = super::partitions::device(&pool.definition.source) {
        let volumes = place.list_all_volumes(0).map_err(|error| from_virt(&error))?;
        let taken: Vec<String> = volumes.iter().filter_map(|volume| volume.name().ok()).collect();
        wanted.name = super::partitions::next_name(&device, &taken);
    }
    Ok(wanted)
}

/// The partition that libvirt made under another name than was expected.
fn rescued(place: &StoragePool, kind: PoolKind, failure: &Failure) -> Option<(String, String)> {
    if kind != PoolKind::Disk {
        return None;
    }
    let (_, rest) = failure.message.split_once("invalid partition name")?;
    let (_, expected) = rest.split_once("expected '")?;
    let (name, _) = expected.split_once('\'')?;
    place.refresh(0).ok()?;
    name_and_path(&place.lookup_storage_vol_by_name(name).ok()?).ok()
}

/// Deletes a volume.
///
/// # Errors
///
/// libvirt's.
pub(crate) fn delete(connect: &Connect, key: &VolumeKey) -> Result<(), Failure> {
    let volume = lookup(connect, key)?;
    volume.delete(sys::VIR_STORAGE_VOL_DELETE_NORMAL).map_err(|error| from_virt(&error))
}

/// Changes a volume's size.
///
/// # Errors
///
/// libvirt's.
pub(crate) fn resize(
    connect: &Connect,
    key: &VolumeKey,
    capacity: Bytes,
    allocate: bool,
    shrink: bool,
) -> Result<(), Failure> {
    let mut flags = 0;
    if allocate {
        flags |= sys::VIR_STORAGE_VOL_RESIZE_ALLOCATE;
    }
    if shrink {
        flags |= sys::VIR_STORAGE_VOL_RESIZE_SHRINK;
    }
    lookup(connect, key)?.resize(capacity.0, flags).map_err(|error| from_virt(&error))
}

/// Overwrites a volume.
///
/// # Errors
///
/// libvirt's.
pub(crate) fn wipe(
    connect: &Connect,
    key: &VolumeKey,
    algorithm: WipeAlgorithm,
) -> Result<(), Failure> {
    let algorithm = match algorithm {
        WipeAlgorithm::Zero => sys::VIR_STORAGE_VOL_WIPE_ALG_ZERO,
        WipeAlgorithm::Nnsa => sys::VIR_STORAGE_VOL_WIPE_ALG_NNSA,
        WipeAlgorithm::Dod => sys::VIR_STORAGE_VOL_WIPE_ALG_DOD,
        WipeAlgorithm::Bsi => sys::VIR_STORAGE_VOL_WIPE_ALG_BSI,
        WipeAlgorithm::Gutmann => sys::VIR_STORAGE_VOL_WIPE_ALG_GUTMANN,
        WipeAlgorithm::Schneier => sys::VIR_STORAGE_VOL_WIPE_ALG_SCHNEIER,
        WipeAlgorithm::Pfitzner7 => sys::VIR_STORAGE_VOL_WIPE_ALG_PFITZNER7,
        WipeAlgorithm::Pfitzner33 => sys::VIR_STORAGE_VOL_WIPE_ALG_PFITZNER33,
        WipeAlgorithm::Random => sys::VIR_STORAGE_VOL_WIPE_ALG_RANDOM,
    };
    lookup(connect, key)?.wipe_pattern(algorithm, 0).map_err(|error| from_virt(&error))
}

/// How many bytes come out of a volume: of a file its length, of a device its size. Of an encrypted
/// one the size may be without the header, which its length is not.
///
/// # Errors
///
/// libvirt's.
pub(crate) fn length(volume: &StorageVol, details: &VolumeDetails) -> Result<Bytes, Failure> {
    let is_file = details.kind == VolumeKind::File;
    if !is_file && details.encryption.is_none() {
        return Ok(details.capacity);
    }
    // With this flag the length stands in the place of the allocation.
    let info =
        volume.info_flags(sys::VIR_STORAGE_VOL_GET_PHYSICAL).map_err(|error| from_virt(&error))?;
    let length = Bytes(info.allocation);
    Ok(if is_file { length } else { length.max(details.capacity) })
}

/// Opens a volume to be read.
///
/// # Errors
///
/// libvirt's.
pub(crate) fn download(connect: &Connect, key: &VolumeKey) -> Result<VolumeStream, Failure> {
    VolumeStream::download(connect, &lookup(connect, key)?)
}

/// Opens a volume to be written.
///
/// # Errors
///
/// libvirt's.
pub(crate) fn upload(
    connect: &Connect,
    key: &VolumeKey,
    length: u64,
) -> Result<VolumeStream, Failure> {
    VolumeStream::upload(connect, &lookup(connect, key)?, length)
}

/// A volume to be filled with so many bytes as they are: raw, and not reserved. What format they
/// have libvirt sees when the pool is refreshed.
pub(crate) fn vessel(name: &str, length: Bytes) -> VolumeDefinition {
    let mut vessel = VolumeDefinition::new(name, VolumeFormat::Raw, length);
    vessel.allocation = Some(Bytes(0));
    vessel
}
