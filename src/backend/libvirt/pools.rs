//! Pools: listed with a constant number of calls and two for each, and the small things done to them.

use std::collections::HashSet;

use uuid::Uuid;
use virt::connect::Connect;
use virt::storage_pool::StoragePool;
use virt_sys as sys;

use super::error::from_virt;
use super::ffi;
use crate::model::storage::{
    BuildMode, Pool, PoolAction, PoolDefinition, PoolKey, PoolKind, PoolOffer, PoolSource,
    PoolState,
};
use crate::model::{Bytes, Failure, FailureKind, HostId, PoolUuid};
use crate::xml::{
    XmlProblem, build_discovery, parse_pool, parse_pool_offer, parse_sources, pool_without_sizes,
};

/// Lists all pools of a host, without refreshing any.
///
/// # Errors
///
/// libvirt's.
pub(crate) fn list(connect: &Connect, host: HostId) -> Result<Vec<Pool>, Failure> {
    let pools = all(connect, 0)?;
    let persistent = flagged(connect, sys::VIR_CONNECT_LIST_STORAGE_POOLS_PERSISTENT)?;
    let autostart = flagged(connect, sys::VIR_CONNECT_LIST_STORAGE_POOLS_AUTOSTART)?;
    let mut listed = Vec::new();
    for pool in pools {
        let Some(uuid) = uuid_of(&pool) else { continue };
        match described(&pool, PoolKey { host, uuid }) {
            Ok(mut pool) => {
                pool.persistent = persistent.contains(&uuid);
                pool.autostart = autostart.contains(&uuid);
                listed.push(pool);
            }
            // It went away meanwhile.
            Err(failure) if failure.kind == FailureKind::Storage => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(listed)
}

/// Reads one pool; `None` when the host does not know it (any more).
///
/// # Errors
///
/// libvirt's.
pub(crate) fn read(connect: &Connect, key: PoolKey) -> Result<Option<Pool>, Failure> {
    let read = lookup(connect, key.uuid).and_then(|pool| {
        let mut read = described(&pool, key)?;
        read.persistent = pool.is_persistent().map_err(|error| from_virt(&error))?;
        read.autostart = pool.autostart().unwrap_or(false);
        Ok(read)
    });
    match read {
        Ok(pool) => Ok(Some(pool)),
        Err(failure) if failure.kind == FailureKind::Storage => Ok(None),
        Err(failure) => Err(failure),
    }
}

fn all(connect: &Connect, flags: u32) -> Result<Vec<StoragePool>, Failure> {
    connect.list_all_storage_pools(flags).map_err(|error| from_virt(&error))
}

fn flagged(connect: &Connect, flag: u32) -> Result<HashSet<PoolUuid>, Failure> {
    Ok(all(connect, flag)?.iter().filter_map(uuid_of).collect())
}

fn uuid_of(pool: &StoragePool) -> Option<PoolUuid> {
    pool.uuid().ok().map(|uuid| PoolUuid(uuid.into_bytes()))
}

fn described(pool: &StoragePool, key: PoolKey) -> Result<Pool, Failure> {
    let xml = pool.xml_desc(0).map_err(|error| from_virt(&error))?;
    let info = pool.info().map_err(|error| from_virt(&error))?;
    let definition = match parse_pool(&xml) {
        Ok(text) => text.definition,
        Err(problem) => {
            tracing::warn!(?problem, "a pool's XML cannot be read");
            let name = pool.name().unwrap_or_default();
            PoolDefinition::new(name, PoolSource::Other(String::new()), "")
        }
    };
    Ok(Pool {
        key,
        definition,
        state: state(info.state),
        persistent: false,
        autostart: false,
        capacity: Bytes(info.capacity),
        allocation: Bytes(info.allocation),
        available: Bytes(info.available),
    })
}

const fn state(number: sys::virStoragePoolState) -> PoolState {
    match number {
        sys::VIR_STORAGE_POOL_INACTIVE => PoolState::Inactive,
        sys::VIR_STORAGE_POOL_BUILDING => PoolState::Building,
        sys::VIR_STORAGE_POOL_RUNNING => PoolState::Running,
        sys::VIR_STORAGE_POOL_DEGRADED => PoolState::Degraded,
        sys::VIR_STORAGE_POOL_INACCESSIBLE => PoolState::Inaccessible,
        _ => PoolState::Unknown,
    }
}

/// Looks a pool up.
///
/// # Errors
///
/// [`FailureKind::Storage`] when the host does not know it.
pub(crate) fn lookup(connect: &Connect, uuid: PoolUuid) -> Result<StoragePool, Failure> {
    connect.lookup_storage_pool_by_uuid(Uuid::from_bytes(uuid.0)).map_err(|error| from_virt(&error))
}

/// Does a small thing to a pool. Returns when libvirt returned.
///
/// # Errors
///
/// libvirt's.
pub(crate) fn act(connect: &Connect, uuid: PoolUuid, action: PoolAction) -> Result<(), Failure> {
    let pool = lookup(connect, uuid)?;
    let done = match action {
        PoolAction::Start => pool.create(sys::VIR_STORAGE_POOL_CREATE_NORMAL),
        PoolAction::Stop => pool.destroy(),
        PoolAction::SetAutostart(on) => pool.set_autostart(on),
        PoolAction::Refresh => pool.refresh(0),
        PoolAction::Build(mode) => build(&pool, mode),
        PoolAction::Undefine => pool.undefine(),
        PoolAction::DeleteContents => pool.delete(sys::VIR_STORAGE_POOL_DELETE_NORMAL),
    };
    done.map_err(|error| from_virt(&error))
}

/// Two hosts may make one shared directory at the same time: whoever comes second is told that it
/// exists (libvirt looks first and makes it then), and finds it there when it looks once more.
fn build(pool: &StoragePool, mode: BuildMode) -> Result<(), virt::error::Error> {
    let flags = build_flags(mode);
    match pool.build(flags) {
        Err(error) if error.message().contains("failed to create directory") => pool.build(flags),
        built => built,
    }
}

const fn build_flags(mode: BuildMode) -> u32 {
    match mode {
        BuildMode::Plain => sys::VIR_STORAGE_POOL_BUILD_NEW,
        BuildMode::KeepExisting => sys::VIR_STORAGE_POOL_BUILD_NO_OVERWRITE,
        BuildMode::Overwrite => sys::VIR_STORAGE_POOL_BUILD_OVERWRITE,
    }
}

/// A pool's XML as it is defined.
///
/// # Errors
///
/// libvirt's.
pub(crate) fn xml(connect: &Connect, uuid: PoolUuid) -> Result<String, Failure> {
    let pool = lookup(connect, uuid)?;
    let defined = pool.xml_desc(sys::VIR_STORAGE_XML_INACTIVE);
    defined.or_else(|_| pool.xml_desc(0)).map_err(|error| from_virt(&error))
}

/// Defines a pool.
///
/// # Errors
///
/// libvirt's.
pub(crate) fn define(connect: &Connect, xml: &str) -> Result<PoolUuid, Failure> {
    let pool = connect.define_storage_pool_xml(xml, 0).map_err(|error| from_virt(&error))?;
    let uuid = pool.uuid().map_err(|error| from_virt(&error))?;
    Ok(PoolUuid(uuid.into_bytes()))
}

/// Replaces a pool's XML, where it is still about that pool and nobody else changed that since it
/// was `before`.
///
/// # Errors
///
/// That it is no XML, about another pool, or overtaken; libvirt's.
pub(crate) fn redefine(
    connect: &Connect,
    uuid: PoolUuid,
    before: &str,
    text: &str,
) -> Result<(), Failure> {
    let wanted = parse_pool(text).map_err(|problem| unreadable(&problem))?.definition;
    let name = lookup(connect, uuid)?.name().map_err(|error| from_virt(&error))?;
    if wanted.name != name || wanted.uuid.is_some_and(|other| other != uuid) {
        let message = format!("name and UUID must stay '{name}' and {uuid}");
        return Err(Failure::own(FailureKind::Exists, message));
    }
    // Sizes change by themselves.
    if pool_without_sizes(&xml(connect, uuid)?) != pool_without_sizes(before) {
        let message = format!("the XML of '{name}' is not what it was when it was read");
        return Err(Failure::own(FailureKind::Overtaken, message));
    }
    define(connect, text).map(drop)
}

/// What a host can set up. A driver that does not tell leaves all to be tried.
///
/// # Errors
///
/// libvirt's.
pub(crate) fn offer(connect: &Connect) -> Result<PoolOffer, Failure> {
    match ffi::pool_capabilities(connect) {
        Ok(xml) => parse_pool_offer(&xml).map_err(|problem| unreadable(&problem)),
        Err(failure) if failure.kind == FailureKind::Unsupported => Ok(PoolOffer::default()),
        Err(failure) => Err(failure),
    }
}

/// Looks for sources. Never for `iscsi-direct`: libvirt 11.3's daemon crashes on it.
///
/// # Errors
///
/// libvirt's.
pub(crate) fn discover(
    connect: &Connect,
    kind: PoolKind,
    from: Option<PoolSource>,
) -> Result<Vec<PoolSource>, Failure> {
    if kind == PoolKind::IscsiDirect {
        let message = "the libvirt daemon crashes when it looks for iscsi-direct sources";
        return Err(Failure::own(FailureKind::Unsupported, message));
    }
    let spec = from.map(|source| build_discovery(&PoolDefinition::new("", source, "")));
    let found = connect
        .find_storage_pool_sources(kind.word(), spec.as_deref(), 0)
        .map_err(|error| from_virt(&error))?;
    parse_sources(kind, &found).map_err(|problem| unreadable(&problem))
}

/// A text that cannot be read, with the place.
pub(crate) fn unreadable(problem: &XmlProblem) -> Failure {
    Failure::own(FailureKind::Other, problem.detail.clone())
}
