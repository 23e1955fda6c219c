//! What decides whether a guest can move, asked of both hosts. Every answer that does not come is
//! left open; only a host that does not even describe itself is a failure.

use std::collections::BTreeMap;

use virt::connect::Connect;
use virt::domain::Domain;
use virt_sys as sys;

use super::convert::guest_state;
use super::error::from_virt;
use super::ffi::{self, Platform};
use super::guest::lookup;
use super::{files, host};
use crate::migration::checks::Part;
use crate::model::{
    Bytes, CpuAnswer, DestinationFacts, DiskSource, EmulatorAnswer, Failure, FailureKind,
    GuestFacts, GuestUuid, Inspection, LinkSource, NetworkAnswer, SourceFacts, Twin,
};
use crate::xml::{
    guest_cpu, link_name, most_processors, network_shape, parse_guest, security_models,
};

/// Guests at the destination that are read, one call each, to compare hardware addresses.
const MOST_READ: usize = 64;

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
pub(crate) fn guest(connect: &Connect, uuid: GuestUuid) -> Result<GuestTexts, Failure> {
    let domain = lookup(connect, uuid)?;
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
    connect: &Connect,
    uuid: GuestUuid,
    guest: &GuestFacts,
) -> Result<SourceFacts, Failure> {
    let domain = lookup(connect, uuid)?;
    let (state, reason) = ffi::state(&domain)?;
    let (state, reason) = guest_state(state, reason);
    Ok(SourceFacts {
        host: host::describe(connect)?,
        state,
        reason,
        persistent: domain.is_persistent().ok(),
        autostart: domain.autostart().ok(),
        managed_save: domain.has_managed_save(0).ok(),
        snapshots: ffi::snapshot_count(&domain).ok(),
        checkpoints: ffi::checkpoint_count(&domain).ok(),
        job: ffi::has_job(&domain).ok(),
        block_jobs: block_jobs(&domain, guest),
        security_models: known_security_models(connect),
        networks: networks(connect, guest),
        files: files::ask(connect, &files_of(guest)),
    })
}

/// Asks the destination about a guest that is to arrive.
///
/// # Errors
///
/// libvirt's, when the host does not describe itself.
pub(crate) fn destination(
    connect: &Connect,
    uuid: GuestUuid,
    name: &str,
    guest: &GuestTexts,
) -> Result<DestinationFacts, Failure> {
    let wanted = &guest.facts;
    let host = host::describe(connect)?;
    let [nodes, ..] = host.topology;
    Ok(DestinationFacts {
        memory_free: ffi::memory(connect).map(|memory| memory.free).ok(),
        huge_pages_free: wanted.huge_pages.and_then(|size| huge_pages(connect, size, nodes)),
        emulator: emulator(connect, wanted),
        cpu: cpu(connect, guest),
        twin: twin(connect, uuid),
        namesake: namesake(connect, name),
        security_models: known_security_models(connect),
        networks: networks(connect, wanted),
        filters: filters(connect, wanted),
        secrets: secrets(connect, wanted),
        links: links(connect, wanted),
        files: files::ask(connect, &files_of(wanted)),
        addresses_taken: addresses_taken(connect, uuid, wanted),
        host,
    })
}

/// Asks again for a part of what was answered before.
///
/// # Errors
///
/// libvirt's, when the guest is not there any more.
pub(crate) fn renew(
    source: &Connect,
    destination: &Connect,
    inspection: &mut Inspection,
    part: Part,
) -> Result<(), Failure> {
    let wanted = inspection.arriving().clone();
    match part {
        Part::Networks => {
            inspection.source.networks = networks(source, &inspection.guest);
            inspection.destination.networks = networks(destination, &wanted);
            inspection.destination.filters = filters(destination, &wanted);
        }
        Part::Files => {
            inspection.source.files = files::ask(source, &files_of(&inspection.guest));
            inspection.destination.files = files::ask(destination, &files_of(&wanted));
        }
        Part::Secrets => inspection.destination.secrets = secrets(destination, &wanted),
        Part::Guest => {
            let uuid = inspection.guest.uuid.unwrap_or(GuestUuid([0; 16]));
            inspection.guest = guest(source, uuid)?.facts;
            let files = files_of(inspection.arriving());
            inspection.source.files = files::ask(source, &files_of(&inspection.guest));
            inspection.destination.files = files::ask(destination, &files);
        }
        Part::Nothing => {}
    }
    Ok(())
}

fn known_security_models(connect: &Connect) -> Option<Vec<String>> {
    security_models(&connect.capabilities().ok()?)
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

fn networks(connect: &Connect, guest: &GuestFacts) -> BTreeMap<String, NetworkAnswer> {
    let named = guest.interfaces.iter().filter_map(|interface| match &interface.link {
        LinkSource::Network(name) => Some(name),
        LinkSource::Bridge(_)
        | LinkSource::Direct(_)
        | LinkSource::HostDevice
        | LinkSource::Vdpa
        | LinkSource::Other(_) => None,
    });
    named.map(|name| (name.clone(), network(connect, name))).collect()
}

fn network(connect: &Connect, name: &str) -> NetworkAnswer {
    let network = match connect.lookup_network_by_name(name) {
        Ok(network) => network,
        Err(error) if from_virt(&error).kind == FailureKind::Network => {
            return NetworkAnswer::Missing;
        }
        Err(_) => return NetworkAnswer::Unknown,
    };
    match (network.is_active(), network.xml_desc(0)) {
        (Ok(true), Ok(xml)) => NetworkAnswer::Active(network_shape(&xml)),
        (Ok(false), Ok(xml)) => NetworkAnswer::Inactive(network_shape(&xml)),
        _ => NetworkAnswer::Unknown,
    }
}

/// Whether something is there: `None` when libvirt says neither yes nor this code for no.
fn is_there<T>(looked_up: Result<T, virt::error::Error>, no: u32) -> Option<bool> {
    match looked_up {
        Ok(_) => Some(true),
        Err(error) => (error.code().to_raw() == no).then_some(false),
    }
}

fn filters(connect: &Connect, guest: &GuestFacts) -> BTreeMap<String, Option<bool>> {
    let names = guest.interfaces.iter().filter_map(|interface| interface.filter.clone());
    let answer = |name: String| {
        let there = is_there(connect.lookup_nwfilter_by_name(&name), sys::VIR_ERR_NO_NWFILTER);
        (name, there)
    };
    names.map(answer).collect()
}

fn secrets(connect: &Connect, guest: &GuestFacts) -> BTreeMap<String, Option<bool>> {
    let uuids = guest.disks.iter().flat_map(|disk| disk.secrets.iter().cloned());
    let answer = |uuid: String| {
        let there = is_there(connect.lookup_secret_by_uuid_string(&uuid), sys::VIR_ERR_NO_SECRET);
        (uuid, there)
    };
    uuids.map(answer).collect()
}

/// The names of the host's interfaces, when the guest is connected to one of them.
fn links(connect: &Connect, guest: &GuestFacts) -> Option<Vec<String>> {
    let uses = |link: &LinkSource| matches!(link, LinkSource::Bridge(_) | LinkSource::Direct(_));
    if !guest.interfaces.iter().any(|interface| uses(&interface.link)) {
        return None;
    }
    let devices = connect.list_all_node_devices(sys::VIR_CONNECT_LIST_NODE_DEVICES_CAP_NET).ok()?;
    let names = devices.iter().map(|device| link_name(&device.xml_desc(0).ok()?));
    names.collect::<Option<Vec<String>>>()
}

fn huge_pages(connect: &Connect, size: Bytes, nodes: u32) -> Option<u64> {
    let size = u32::try_from(size.0 >> 10).ok().filter(|&size| size > 0)?;
    connect.free_pages(&[size], 0, nodes.max(1), 0).ok().map(|counts| counts.iter().sum())
}

fn emulator(connect: &Connect, guest: &GuestFacts) -> EmulatorAnswer {
    let given = |text: &'_ str| (!text.is_empty()).then(|| text.to_owned());
    let (emulator, arch) = (given(&guest.emulator), given(&guest.arch));
    let (machine, virt_type) = (given(&guest.machine), given(&guest.virt_type));
    let asked = connect.domain_capabilities(
        emulator.as_deref(),
        arch.as_deref(),
        machine.as_deref(),
        virt_type.as_deref(),
        0,
    );
    match asked {
        Ok(xml) => EmulatorAnswer::Takes { vcpus: most_processors(&xml) },
        Err(error) => emulator_refusal(&from_virt(&error).message),
    }
}

/// Texts of libvirt's `virQEMUCapsCacheLookupDefault` and `virQEMUCapsGet…`, 9.0 to 11.3.
fn emulator_refusal(message: &str) -> EmulatorAnswer {
    let says = |text: &str| message.contains(text);
    if says("the machine '") && says("is not supported by emulator") {
        EmulatorAnswer::NoMachine
    } else if says("the accel '") || says("unable to find any emulator to serve") {
        EmulatorAnswer::NoVirtType
    } else if says("Cannot check QEMU binary") {
        EmulatorAnswer::NoEmulator
    } else if says("architecture from emulator") || says("unknown architecture") {
        EmulatorAnswer::NoArch
    } else {
        EmulatorAnswer::Unknown(message.to_owned())
    }
}

fn cpu(connect: &Connect, guest: &GuestTexts) -> CpuAnswer {
    let Some(cpu) = &guest.cpu else { return CpuAnswer::NotAsked };
    let GuestFacts { emulator, arch, machine, virt_type, .. } = &guest.facts;
    let platform = Platform { emulator, arch, machine, virt_type };
    match ffi::compare_cpu(connect, platform, cpu) {
        Ok(()) => CpuAnswer::Fits,
        Err(failure) => cpu_refusal(failure),
    }
}

/// "the CPU is incompatible with host CPU: Host CPU does not provide required features: pcid, vme",
/// "internal error: Unknown CPU model X".
fn cpu_refusal(failure: Failure) -> CpuAnswer {
    let Failure { kind, message, .. } = failure;
    if kind == FailureKind::Cpu {
        let features = message.rsplit_once("features: ").map(|(_, features)| features.trim());
        return CpuAnswer::Lacks(features.unwrap_or(&message).to_owned());
    }
    match message.rsplit_once("Unknown CPU model ") {
        Some((_, model)) => CpuAnswer::UnknownModel(model.trim().to_owned()),
        None => CpuAnswer::Unknown(message),
    }
}

fn twin(connect: &Connect, uuid: GuestUuid) -> Option<Option<Twin>> {
    match lookup(connect, uuid) {
        Ok(domain) => {
            Some(Some(Twin { name: domain.name().ok()?, active: domain.is_active().ok()? }))
        }
        Err(failure) => (failure.kind == FailureKind::Gone).then_some(None),
    }
}

fn namesake(connect: &Connect, name: &str) -> Option<Option<GuestUuid>> {
    match connect.lookup_domain_by_name(name) {
        Ok(domain) => Some(Some(GuestUuid(domain.uuid().ok()?.into_bytes()))),
        Err(error) => (from_virt(&error).kind == FailureKind::Gone).then_some(None),
    }
}

/// This guest's hardware addresses that active guests there have; not asked where they are many.
fn addresses_taken(
    connect: &Connect,
    uuid: GuestUuid,
    guest: &GuestFacts,
) -> Option<Vec<(String, String)>> {
    if guest.interfaces.is_empty() {
        return Some(Vec::new());
    }
    let others = connect.list_all_domains(sys::VIR_CONNECT_LIST_DOMAINS_ACTIVE).ok()?;
    if others.len() > MOST_READ {
        return None;
    }
    let mut taken = Vec::new();
    for other in others {
        let Some(other) = other.xml_desc(0).ok().and_then(|xml| parse_guest(&xml).ok()) else {
            continue; // it went away meanwhile
        };
        if other.uuid == Some(uuid) {
            continue;
        }
        let own = |mac: &str| guest.interfaces.iter().any(|interface| interface.mac == mac);
        for interface in other.interfaces.into_iter().filter(|interface| own(&interface.mac)) {
            taken.push((interface.mac, other.name.clone()));
        }
    }
    Some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As libvirt 11.3 says it in the practice lab.
    #[test]
    fn refusals_are_told_apart() {
        for (message, expected) in [
            (
                "invalid argument: the machine 'pc-q35-99' is not supported by emulator '/usr/bin/qemu-system-x86_64'",
                EmulatorAnswer::NoMachine,
            ),
            (
                "invalid argument: the accel 'kvm' is not supported by '/usr/bin/qemu-system-x86_64' on this host",
                EmulatorAnswer::NoVirtType,
            ),
            (
                "Cannot check QEMU binary /nonesuch: No such file or directory",
                EmulatorAnswer::NoEmulator,
            ),
            ("new words", EmulatorAnswer::Unknown("new words".into())),
        ] {
            assert_eq!(emulator_refusal(message), expected);
        }
        let lacks = "the CPU is incompatible with host CPU: Host CPU does not provide required features: pcid, vme";
        let unknown = "internal error: Unknown CPU model NoSuch";
        for (kind, message, expected) in [
            (FailureKind::Cpu, lacks, CpuAnswer::Lacks("pcid, vme".into())),
            (FailureKind::Other, unknown, CpuAnswer::UnknownModel("NoSuch".into())),
            (FailureKind::Other, "new words", CpuAnswer::Unknown("new words".into())),
        ] {
            assert_eq!(cpu_refusal(Failure::own(kind, message)), expected);
        }
    }
}
