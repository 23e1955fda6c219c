//! Removing an obstacle that an inspection found.

use virt::connect::Connect;
use virt::network::Network;
use virt::storage_pool::StoragePool;
use virt_sys as sys;

use super::error::from_virt;
use super::ffi::{self, Platform};
use super::guest::lookup;
use crate::migration::checks::Mend;
use crate::model::{Failure, FailureKind, GuestUuid};
use crate::xml::{drive_without_medium, host_model, parse_guest, with_cpu};

/// Both hosts of a move.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sides<'a> {
    /// Where the guest is.
    pub(crate) source: &'a Connect,
    /// Where it is to go.
    pub(crate) destination: &'a Connect,
}

/// Removes an obstacle. What is so already is no failure.
///
/// # Errors
///
/// libvirt's; [`FailureKind::Gone`] when what is to be copied is not there.
pub(crate) fn mend(sides: Sides<'_>, uuid: GuestUuid, mend: &Mend) -> Result<(), Failure> {
    let Sides { source, destination } = sides;
    match mend {
        Mend::StartNetwork(name) => start_network(&network(destination, name)?),
        Mend::StartPool(name) => start_pool(&pool(destination, name)?),
        Mend::Eject(drive) => eject(source, uuid, drive),
        Mend::CopyNetwork(name) => copy_network(sides, name),
        Mend::CopyFilter(name) => copy_filter(sides, name),
        Mend::CopyPool(name) => copy_pool(sides, name),
        Mend::CopySecret(uuid) => copy_secret(sides, uuid),
        Mend::CommonProcessor => common_processor(sides, uuid),
        Mend::Prove(..) | Mend::CopyDisks | Mend::FreePort | Mend::ListenEverywhere => {
            Err(Failure::own(FailureKind::Other, "this is chosen, or asked for as a proof"))
        }
    }
}

fn network(connect: &Connect, name: &str) -> Result<Network, Failure> {
    connect.lookup_network_by_name(name).map_err(|error| from_virt(&error))
}

fn pool(connect: &Connect, name: &str) -> Result<StoragePool, Failure> {
    connect.lookup_storage_pool_by_name(name).map_err(|error| from_virt(&error))
}

fn start_network(network: &Network) -> Result<(), Failure> {
    if network.is_active().unwrap_or(false) {
        return Ok(());
    }
    network.create().map_err(|error| from_virt(&error))
}

fn start_pool(pool: &StoragePool) -> Result<(), Failure> {
    if pool.is_active().unwrap_or(false) {
        return Ok(());
    }
    pool.create(0).map_err(|error| from_virt(&error))
}

/// The same definition, UUID included, started and set to start with the host where the source's is.
/// What does not start is not left behind half made.
fn copy_network(sides: Sides<'_>, name: &str) -> Result<(), Failure> {
    let own = network(sides.source, name)?;
    let xml = own
        .xml_desc(sys::VIR_NETWORK_XML_INACTIVE)
        .or_else(|_| own.xml_desc(0))
        .map_err(|error| from_virt(&error))?;
    let made = sides.destination.define_network_xml(&xml).map_err(|error| from_virt(&error))?;
    if let Err(failure) = start_network(&made) {
        let _ = made.undefine();
        return Err(failure);
    }
    if own.autostart().unwrap_or(false) {
        made.set_autostart(true).map_err(|error| from_virt(&error))?;
    }
    Ok(())
}

fn copy_filter(sides: Sides<'_>, name: &str) -> Result<(), Failure> {
    let own = sides.source.lookup_nwfilter_by_name(name).map_err(|error| from_virt(&error))?;
    let xml = own.xml_desc(0).map_err(|error| from_virt(&error))?;
    sides.destination.define_nwfilter_xml(&xml).map(drop).map_err(|error| from_virt(&error))
}

/// As [`copy_network`] does. Nothing is built: where the directory or server is missing, it is told.
fn copy_pool(sides: Sides<'_>, name: &str) -> Result<(), Failure> {
    let own = pool(sides.source, name)?;
    let xml = own
        .xml_desc(sys::VIR_STORAGE_XML_INACTIVE)
        .or_else(|_| own.xml_desc(0))
        .map_err(|error| from_virt(&error))?;
    let made =
        sides.destination.define_storage_pool_xml(&xml, 0).map_err(|error| from_virt(&error))?;
    if let Err(failure) = start_pool(&made) {
        let _ = made.undefine();
        return Err(failure);
    }
    if own.autostart().unwrap_or(false) {
        made.set_autostart(true).map_err(|error| from_virt(&error))?;
    }
    Ok(())
}

/// A secret that must not be read (`private`) cannot be copied, which libvirt says.
fn copy_secret(sides: Sides<'_>, uuid: &str) -> Result<(), Failure> {
    let own = sides.source.lookup_secret_by_uuid_string(uuid).map_err(|error| from_virt(&error))?;
    let xml = own.xml_desc(0).map_err(|error| from_virt(&error))?;
    let value = own.value(0).map_err(|error| from_virt(&error))?;
    let made = sides.destination.define_secret_xml(&xml, 0).map_err(|error| from_virt(&error))?;
    made.set_value(&value, 0).map_err(|error| {
        let failure = from_virt(&error);
        let _ = made.undefine();
        failure
    })
}

/// What both hosts give their guests by default, reduced to what both have, goes into the guest's
/// definition. It runs on as it is until it is shut down and started again.
fn common_processor(sides: Sides<'_>, uuid: GuestUuid) -> Result<(), Failure> {
    let domain = lookup(sides.source, uuid)?;
    let flags = sys::VIR_DOMAIN_XML_INACTIVE | sys::VIR_DOMAIN_XML_SECURE;
    let xml = domain.xml_desc(flags).map_err(|error| from_virt(&error))?;
    let guest =
        parse_guest(&xml).map_err(|problem| Failure::own(FailureKind::Other, problem.detail))?;
    let platform = Platform {
        emulator: &guest.emulator,
        arch: &guest.arch,
        machine: &guest.machine,
        virt_type: &guest.virt_type,
    };
    let mut models = Vec::new();
    for side in [sides.source, sides.destination] {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let capabilities = side
            .domain_capabilities(
                given(platform.emulator).as_deref(),
                given(platform.arch).as_deref(),
                given(platform.machine).as_deref(),
                given(platform.virt_type).as_deref(),
                0,
            )
            .map_err(|error| from_virt(&error))?;
        let model = host_model(&capabilities).ok_or_else(|| {
            Failure::own(FailureKind::Unsupported, "the host does not tell its processor")
        })?;
        models.push(model);
    }
    let cpu = ffi::baseline_cpu(sides.source, platform, &models)?;
    let changed = with_cpu(&xml, &cpu)
        .ok_or_else(|| Failure::own(FailureKind::Other, "the guest's XML has no devices"))?;
    sides.source.define_domain_xml_flags(&changed, 0).map(drop).map_err(|error| from_virt(&error))
}

/// Takes the medium out of a drive, now and for the next start.
fn eject(connect: &Connect, uuid: GuestUuid, drive: &str) -> Result<(), Failure> {
    let domain = lookup(connect, uuid)?;
    let xml = domain.xml_desc(0).map_err(|error| from_virt(&error))?;
    let empty = drive_without_medium(&xml, drive)
        .ok_or_else(|| Failure::own(FailureKind::Gone, format!("no drive {drive}")))?;
    let mut flags = 0;
    if domain.is_active().map_err(|error| from_virt(&error))? {
        flags |= sys::VIR_DOMAIN_AFFECT_LIVE;
    }
    if domain.is_persistent().map_err(|error| from_virt(&error))? {
        flags |= sys::VIR_DOMAIN_AFFECT_CONFIG;
    }
    domain.update_device_flags(&empty, flags).map_err(|error| from_virt(&error))
}
