//! The disks of a host's guests.

use virt::connect::Connect;
use virt::domain::Domain;

use super::error::from_virt;
use crate::model::storage::GuestDisks;
use crate::model::{Failure, GuestFacts, GuestKey, GuestUuid, HostId};
use crate::xml::parse_guest;

/// The guests of a host, as libvirt's objects.
///
/// # Errors
///
/// libvirt's.
pub(crate) fn guests(connect: &Connect) -> Result<Vec<Domain>, Failure> {
    connect.list_all_domains(0).map_err(|error| from_virt(&error))
}

/// Reads a guest's disks and files, as they are and as they will be at its next start; `None` when it is gone.
pub(crate) fn read(host: HostId, guest: &Domain) -> Option<GuestDisks> {
    let uuid = GuestUuid(guest.uuid().ok()?.into_bytes());
    let facts = parse_guest(&guest.xml_desc(0).ok()?).ok()?;
    let defined = guest.xml_desc(virt_sys::VIR_DOMAIN_XML_INACTIVE).ok();
    let defined = defined.and_then(|xml| parse_guest(&xml).ok()).unwrap_or_default();
    let files = files(&facts).chain(files(&defined)).collect();
    let (disks, mut next) = (facts.disks, defined.disks);
    next.retain(|disk| !disks.iter().any(|known| known.source == disk.source));
    Some(GuestDisks { guest: GuestKey { host, uuid }, name: facts.name.into(), disks, next, files })
}

fn files(guest: &GuestFacts) -> impl Iterator<Item = String> {
    guest.boot.iter().chain(&guest.firmware).chain(&guest.nvram).cloned()
}

/// Whether a guest runs; it does as long as nobody can tell.
pub(crate) fn runs(guest: &Domain) -> bool {
    guest.is_active().unwrap_or(true)
}
