//! Removing an obstacle that an inspection found.

use virt::connect::Connect;
use virt_sys as sys;

use super::error::from_virt;
use super::guest::lookup;
use crate::migration::checks::Mend;
use crate::model::{Failure, FailureKind, GuestUuid};
use crate::xml::drive_without_medium;

/// Removes an obstacle. What is so already is no failure.
///
/// # Errors
///
/// libvirt's; [`FailureKind::Gone`] when the guest has no such drive.
pub(crate) fn mend(connect: &Connect, uuid: GuestUuid, mend: &Mend) -> Result<(), Failure> {
    match mend {
        Mend::StartNetwork(name) => {
            let network =
                connect.lookup_network_by_name(name).map_err(|error| from_virt(&error))?;
            if network.is_active().unwrap_or(false) {
                return Ok(());
            }
            network.create().map_err(|error| from_virt(&error))
        }
        Mend::StartPool(name) => {
            let pool =
                connect.lookup_storage_pool_by_name(name).map_err(|error| from_virt(&error))?;
            if pool.is_active().unwrap_or(false) {
                return Ok(());
            }
            pool.create(0).map_err(|error| from_virt(&error))
        }
        Mend::Eject(drive) => eject(connect, uuid, drive),
    }
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
