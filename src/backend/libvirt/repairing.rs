//! Mending what a move left behind, one host at a time.

use virt::connect::Connect;
use virt::domain::Domain;
use virt_sys as sys;

use super::error::from_virt;
use super::guest::lookup;
use crate::model::{Failure, GuestUuid};

/// Cuts the power of a copy that waits; its disks are untouched, and its definition stays.
///
/// # Errors
///
/// libvirt's.
pub(crate) fn remove(connect: &Connect, uuid: GuestUuid) -> Result<(), Failure> {
    lookup(connect, uuid)?.destroy().map_err(|error| from_virt(&error))
}

/// Forgets the definition of a guest that is not active here. What belongs to the guest and not to
/// the definition, such as its firmware's memory, is kept.
///
/// # Errors
///
/// libvirt's.
pub(crate) fn undefine(connect: &Connect, uuid: GuestUuid) -> Result<(), Failure> {
    let flags = sys::VIR_DOMAIN_UNDEFINE_KEEP_NVRAM | sys::VIR_DOMAIN_UNDEFINE_KEEP_TPM;
    lookup(connect, uuid)?.undefine_flags(flags).map_err(|error| from_virt(&error))
}

/// Defines a guest as it is defined elsewhere, or else as it runs here.
///
/// # Errors
///
/// libvirt's.
pub(crate) fn define(
    connect: &Connect,
    elsewhere: Option<&Connect>,
    uuid: GuestUuid,
) -> Result<(), Failure> {
    let here = lookup(connect, uuid)?;
    let name = |domain: &Domain| domain.name().ok();
    let pattern = elsewhere
        .and_then(|connect| lookup(connect, uuid).ok())
        .filter(|there| name(there) == name(&here))
        .unwrap_or(here);
    let flags = sys::VIR_DOMAIN_XML_INACTIVE | sys::VIR_DOMAIN_XML_SECURE;
    let xml = pattern.xml_desc(flags).map_err(|error| from_virt(&error))?;
    connect.define_domain_xml(&xml).map(drop).map_err(|error| from_virt(&error))
}
