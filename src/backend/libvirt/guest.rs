//! Guests: listed in bulk, read one by one, and the small things done to them.

use std::collections::HashSet;

use uuid::Uuid;
use virt::connect::Connect;
use virt::domain::Domain;
use virt_sys as sys;

use super::convert::guest_state;
use super::error::from_virt;
use super::ffi::{self, Scope};
use crate::model::{
    Bytes, Failure, FailureKind, Guest, GuestAction, GuestKey, GuestState, GuestUuid, HostId,
    PauseReason, Presence, StateReason,
};

/// How much a listing asks of each guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    /// Everything in one call, which a frozen guest may hang.
    Full,
    /// The state only; memory and processors are asked one by one.
    Careful,
}

/// Lists all guests of a host with a constant number of calls: one for states and sizes, one for
/// each flag. Only a driver that gives no sizes in bulk is asked guest by guest.
///
/// # Errors
///
/// libvirt's.
pub(crate) fn list(connect: &Connect, host: HostId, depth: Depth) -> Result<Vec<Guest>, Failure> {
    let scope = if depth == Depth::Full { Scope::Inventory } else { Scope::State };
    let mut guests = Vec::new();
    ffi::all_stats(connect, scope, &mut |record| {
        let Some(uuid) = record.uuid() else { return };
        let (mut state, mut reason, mut memory, mut vcpus) = (u64::MAX, 0, None, None);
        record.visit(&mut |name, value| match name {
            "state.state" => state = value.number(),
            "state.reason" => reason = value.number(),
            "balloon.maximum" => memory = Some(value.number()),
            "vcpu.current" => vcpus = u32::try_from(value.number()).ok(),
            _ => {}
        });
        let (state, reason) = guest_state(state, reason);
        if memory.is_none() || vcpus.is_none() {
            let info = record.info();
            memory = memory.or(info.map(|info| info.memory_max_kib));
            vcpus = vcpus.or(info.map(|info| info.vcpus));
        }
        guests.push(Guest {
            key: GuestKey { host, uuid },
            name: record.name().into(),
            state,
            reason,
            persistent: false,
            autostart: false,
            managed_save: false,
            memory_max: Bytes::from_kib(memory.unwrap_or(0)),
            vcpus: vcpus.unwrap_or(0),
            migrating: is_migrating(reason),
        });
    })?;
    let persistent = flagged(connect, sys::VIR_CONNECT_LIST_DOMAINS_PERSISTENT)?;
    let autostart = flagged(connect, sys::VIR_CONNECT_LIST_DOMAINS_AUTOSTART)?;
    let saved = flagged(connect, sys::VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE)?;
    for guest in &mut guests {
        guest.persistent = persistent.contains(&guest.key.uuid);
        guest.autostart = autostart.contains(&guest.key.uuid);
        guest.managed_save = saved.contains(&guest.key.uuid);
    }
    Ok(guests)
}

/// The guests that a filter lets through. A driver that does not know the filter lets none through.
fn flagged(
    connect: &Connect,
    flag: sys::virConnectListAllDomainsFlags,
) -> Result<HashSet<GuestUuid>, Failure> {
    match connect.list_all_domains(flag) {
        Ok(domains) => Ok(domains.iter().filter_map(uuid_of).collect()),
        Err(error) => {
            let failure = from_virt(&error);
            if failure.kind == FailureKind::LinkLost { Err(failure) } else { Ok(HashSet::new()) }
        }
    }
}

fn uuid_of(domain: &Domain) -> Option<GuestUuid> {
    domain.uuid().ok().map(|uuid| GuestUuid(uuid.into_bytes()))
}

/// Whether a state's reason alone says that the guest is on the move.
pub(crate) const fn is_migrating(reason: StateReason) -> bool {
    matches!(
        reason,
        StateReason::Paused(PauseReason::Migration | PauseReason::Postcopy)
            | StateReason::RunningPostcopy
    )
}

/// Looks a guest up.
///
/// # Errors
///
/// [`FailureKind::Gone`] when the host does not know it.
pub(crate) fn lookup(connect: &Connect, uuid: GuestUuid) -> Result<Domain, Failure> {
    connect.lookup_domain_by_uuid(Uuid::from_bytes(uuid.0)).map_err(|error| from_virt(&error))
}

/// Reads one guest; `None` when the host does not know it (any more).
///
/// # Errors
///
/// libvirt's.
pub(crate) fn read(
    connect: &Connect,
    host: HostId,
    uuid: GuestUuid,
) -> Result<Option<Guest>, Failure> {
    match read_known(connect, host, uuid) {
        Ok(guest) => Ok(Some(guest)),
        Err(failure) if failure.kind == FailureKind::Gone => Ok(None),
        Err(failure) => Err(failure),
    }
}

fn read_known(connect: &Connect, host: HostId, uuid: GuestUuid) -> Result<Guest, Failure> {
    let domain = lookup(connect, uuid)?;
    let (state, reason) = ffi::state(&domain)?;
    let (state, reason) = guest_state(state, reason);
    let info = domain.info().map_err(|error| from_virt(&error))?;
    Ok(Guest {
        key: GuestKey { host, uuid },
        name: domain.name().map_err(|error| from_virt(&error))?.into(),
        state,
        reason,
        persistent: domain.is_persistent().map_err(|error| from_virt(&error))?,
        autostart: domain.autostart().unwrap_or(false),
        managed_save: domain.has_managed_save(0).unwrap_or(false),
        memory_max: Bytes::from_kib(info.max_mem),
        vcpus: info.nr_virt_cpu,
        migrating: is_migrating(reason),
    })
}

/// Where a host stands with a guest; for the end of a migration.
pub(crate) fn presence(connect: &Connect, uuid: GuestUuid) -> Presence {
    let asked = lookup(connect, uuid).and_then(|domain| {
        let (state, reason) = ffi::state(&domain)?;
        Ok((state, reason, domain.is_persistent().map_err(|error| from_virt(&error))?))
    });
    match asked {
        Ok((state, reason, persistent)) => {
            let (state, reason): (GuestState, StateReason) = guest_state(state, reason);
            Presence::There { state, reason, persistent }
        }
        Err(failure) if failure.kind == FailureKind::Gone => Presence::Absent,
        Err(_) => Presence::Unreachable,
    }
}

/// Does a small thing to a guest. Returns when libvirt returned.
///
/// # Errors
///
/// libvirt's.
pub(crate) fn act(connect: &Connect, uuid: GuestUuid, action: GuestAction) -> Result<(), Failure> {
    let domain = lookup(connect, uuid)?;
    let done = match action {
        GuestAction::Run => domain.create(),
        GuestAction::Pause => domain.suspend(),
        GuestAction::Resume => domain.resume(),
        GuestAction::ShutDown => domain.shutdown(),
        GuestAction::Reboot => domain.reboot(sys::VIR_DOMAIN_REBOOT_DEFAULT),
        GuestAction::ForceReset => domain.reset(),
        GuestAction::ForceOff => domain.destroy(),
        GuestAction::Save => domain.managed_save(0),
        GuestAction::DiscardSaved => domain.managed_save_remove(0),
        GuestAction::SetAutostart(on) => domain.set_autostart(on),
    };
    done.map_err(|error| from_virt(&error))
}

/// A guest's XML as it is now.
///
/// # Errors
///
/// libvirt's.
pub(crate) fn xml(connect: &Connect, uuid: GuestUuid) -> Result<String, Failure> {
    lookup(connect, uuid)?.xml_desc(0).map_err(|error| from_virt(&error))
}

/// A guest's XML as it may be given to a destination. Without secrets, which need write access.
///
/// # Errors
///
/// libvirt's.
pub(crate) fn migratable_xml(connect: &Connect, uuid: GuestUuid) -> Result<String, Failure> {
    lookup(connect, uuid)?
        .xml_desc(sys::VIR_DOMAIN_XML_MIGRATABLE)
        .map_err(|error| from_virt(&error))
}
