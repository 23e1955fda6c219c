//! What decides whether a guest can move, asked of both hosts. Every answer that does not come is
//! left open; only a host that does not even describe itself is a failure.

use virt::domain::Domain;
use virt_sys as sys;

use super::asker::Asker;
use super::error::from_virt;
use super::ffi;
use crate::migration::checks::Part;
use crate::model::{
    DestinationFacts, DiskSource, Failure, FailureKind, GuestFacts, GuestUuid, Inspection,
    SourceFacts,
};
use crate::xml::{guest_cpu, parse_guest};

/// The guest in both its forms.
#[derive(Clone, Debug)]
pub(crate) struct GuestTexts {
    /// As it is.
    pub(crate) facts: GuestFacts,
    /// Its processor as the destination has to provide it.
    pub(crate) cpu: Option<String>,
}

/// Reads a guest at its source.
///
/// # Errors
///
/// libvirt's.
pub(crate) fn guest(asker: &Asker, uuid: GuestUuid) -> Result<GuestTexts, Failure> {
    let domain = asker.guest(uuid)?;
    let xml = domain.xml_desc(0).map_err(|error| from_virt(&error))?;
    let flags = sys::VIR_DOMAIN_XML_MIGRATABLE | sys::VIR_DOMAIN_XML_UPDATE_CPU;
    let expanded = domain.xml_desc(flags).ok();
    let cpu = guest_cpu(expanded.as_deref().unwrap_or(&xml));
    Ok(GuestTexts { facts: parse(&xml)?, cpu })
}

/// Reads a text that the user wrote.
///
/// # Errors
///
/// When it is no XML.
pub(crate) fn parse(xml: &str) -> Result<GuestFacts, Failure> {
    parse_guest(xml).map_err(|problem| Failure::own(FailureKind::Other, problem.detail))
}

/// Asks the source.
///
/// # Errors
///
/// libvirt's, when the guest or the host is not there.
pub(crate) fn source(
    asker: &Asker,
    uuid: GuestUuid,
    guest: &GuestFacts,
) -> Result<SourceFacts, Failure> {
    let domain = asker.guest(uuid)?;
    let own = asker.standing(&domain, uuid)?;
    Ok(SourceFacts {
        host: asker.describe()?,
        card_mbps: asker.card_mbps(),
        state: own.state,
        reason: own.reason,
        persistent: own.persistent,
        definition: asker.definition(&domain),
        autostart: own.autostart,
        managed_save: own.managed_save,
        snapshots: asker.snapshots(&domain, uuid),
        checkpoints: asker.checkpoints(&domain, uuid),
        job: ffi::has_job(&domain).ok(),
        block_jobs: block_jobs(&domain, guest),
        security_models: asker.known_security_models(),
        networks: asker.networks(guest),
        files: asker.files(&files_of(guest), None),
        devices: asker.devices(guest),
    })
}

/// Asks the destination about a guest that is to arrive.
///
/// # Errors
///
/// libvirt's, when the host does not describe itself.
pub(crate) fn destination(
    asker: &Asker,
    uuid: GuestUuid,
    name: &str,
    guest: &GuestTexts,
    at_source: Option<&SourceFacts>,
) -> Result<DestinationFacts, Failure> {
    let wanted = &guest.facts;
    let host = asker.describe()?;
    let (emulator, model) = asker.emulator(wanted);
    Ok(DestinationFacts {
        card_mbps: asker.card_mbps(),
        memory_free: asker.memory_free(),
        cells: asker.cells(),
        clock: asker.clock(),
        huge_pages_free: wanted.huge_pages.and_then(|size| asker.huge_pages(size)),
        emulator,
        cpu: asker.cpu(guest),
        model,
        twin: asker.twin(uuid),
        namesake: asker.namesake(name),
        security_models: asker.known_security_models(),
        runs_as: asker.runs_as(&wanted.virt_type),
        networks: asker.networks(wanted),
        filters: asker.filters(wanted),
        secrets: asker.secrets(wanted),
        links: asker.links(wanted),
        files: asker.files(&files_of(wanted), at_source.map(|source| &source.files)),
        devices: asker.devices(wanted),
        host_devices: asker.host_devices(wanted),
        addresses_taken: asker.addresses_taken(uuid, wanted),
        host,
    })
}

/// Asks again for a part of what was answered before.
///
/// # Errors
///
/// libvirt's, when the guest is not there any more.
pub(crate) fn renew(
    source: &Asker,
    destination: &Asker,
    inspection: &mut Inspection,
    part: Part,
) -> Result<(), Failure> {
    let wanted = inspection.arriving().clone();
    match part {
        Part::Networks => {
            inspection.source.networks = source.networks(&inspection.guest);
            inspection.destination.networks = destination.networks(&wanted);
            inspection.destination.filters = destination.filters(&wanted);
        }
        Part::Files => {
            inspection.source.files = source.files(&files_of(&inspection.guest), None);
            inspection.destination.files = destination.files(&files_of(&wanted), None);
        }
        Part::Secrets => inspection.destination.secrets = destination.secrets(&wanted),
        Part::Guest => {
            let uuid = inspection.guest.uuid.unwrap_or(GuestUuid([0; 16]));
            inspection.guest = guest(source, uuid)?.facts;
            let files = files_of(inspection.arriving());
            inspection.source.files = source.files(&files_of(&inspection.guest), None);
            inspection.destination.files = destination.files(&files, None);
        }
        Part::Nothing => {}
    }
    Ok(())
}

fn block_jobs(domain: &Domain, guest: &GuestFacts) -> Option<Vec<String>> {
    let mut busy = Vec::new();
    for disk in &guest.disks {
        if disk.source != DiskSource::Empty && ffi::has_block_job(domain, &disk.target).ok()? {
            busy.push(disk.target.clone());
        }
    }
    Some(busy)
}

/// All paths and volumes of a guest's disks, and what they build on.
fn files_of(guest: &GuestFacts) -> Vec<String> {
    let mut files = Vec::new();
    for disk in &guest.disks {
        for source in std::iter::once(&disk.source).chain(&disk.backing) {
            match source {
                DiskSource::File(path) | DiskSource::Block(path) => files.push(path.clone()),
                DiskSource::Volume { pool, volume } => files.push(format!("{pool}/{volume}")),
                DiskSource::Empty | DiskSource::Network { .. } | DiskSource::Other(_) => {}
            }
        }
    }
    files.sort();
    files.dedup();
    files
}
