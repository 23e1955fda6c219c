//! A host that is asked for the sake of guests that are to move. What is the same for many guests is
//! asked once, however many of them there are.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use virt::connect::Connect;
use virt_sys as sys;

use super::error::from_virt;
use super::ffi::{self, Platform};
use super::files::Files;
use super::inspect::GuestTexts;
use super::{host, node_devices, roster::Roster, secrets};
use crate::model::{
    Bytes, CpuAnswer, CpuModel, DeviceIdentity, DiskSource, EmulatorAnswer, Failure, FailureKind,
    FileAnswer, GuestFacts, GuestUuid, HostCells, HostClock, HostFacts, InterfaceFacts, LinkSource,
    NetworkAnswer, QemuUser, SecretNeed,
};
use crate::xml::{
    cpu_models, firmware, host_cells, host_clock, most_processors, network_shape, parse_guest,
    qemu_user, security_models,
};

/// Guests at the destination that are read, one call each, to compare hardware addresses.
const MOST_READ: usize = 64;

/// Answers that were given already.
struct Memo<K, V>(Mutex<HashMap<K, V>>);

impl<K, V> Default for Memo<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V: Clone> Memo<K, V> {
    /// The answer, asked for once. Nobody else waits while a host is asked.
    fn get(&self, key: K, ask: impl FnOnce() -> V) -> V {
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(&key) {
            return known.clone();
        }
        let answer = ask();
        lock().insert(key, answer.clone());
        answer
    }
}

/// A guest there, with its interfaces.
type Neighbour = (Option<GuestUuid>, String, Vec<InterfaceFacts>);

/// A host, and what it answered.
pub(crate) struct Asker {
    pub(super) connect: Connect,
    /// Its guests, where many are asked about.
    pub(super) roster: Option<Roster>,
    pub(super) files: Files,
    described: Memo<(), Result<HostFacts, Failure>>,
    memory: Memo<(), Option<Bytes>>,
    capabilities: Memo<(), Option<Arc<str>>>,
    runs_as: Memo<String, Option<QemuUser>>,
    links: Memo<(), Option<Vec<String>>>,
    devices: Memo<(), BTreeMap<String, DeviceIdentity>>,
    host_devices: Memo<(), Option<Arc<[String]>>>,
    neighbours: Memo<(), Option<Vec<Neighbour>>>,
    huge_pages: Memo<u32, Option<u64>>,
    networks: Memo<String, NetworkAnswer>,
    filters: Memo<String, Option<bool>>,
    secrets: Memo<SecretNeed, Option<bool>>,
    emulators: Memo<[String; 4], (EmulatorAnswer, Arc<[CpuModel]>)>,
    processors: Memo<([String; 4], String), CpuAnswer>,
}

impl std::fmt::Debug for Asker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asker").finish_non_exhaustive()
    }
}

impl Asker {
    /// A host that is asked about one guest.
    pub(crate) fn new(connect: Connect) -> Self {
        Self::with(connect, None)
    }

    /// A host that is asked about many guests; its own are known.
    pub(crate) fn of_many(connect: Connect, roster: Roster) -> Self {
        Self::with(connect, Some(roster))
    }

    fn with(connect: Connect, roster: Option<Roster>) -> Self {
        Self {
            files: Files::new(roster.is_some()),
            connect,
            roster,
            described: Memo::default(),
            memory: Memo::default(),
            capabilities: Memo::default(),
            runs_as: Memo::default(),
            links: Memo::default(),
            devices: Memo::default(),
            host_devices: Memo::default(),
            neighbours: Memo::default(),
            huge_pages: Memo::default(),
            networks: Memo::default(),
            filters: Memo::default(),
            secrets: Memo::default(),
            emulators: Memo::default(),
            processors: Memo::default(),
        }
    }

    /// What the host says of itself.
    pub(super) fn describe(&self) -> Result<HostFacts, Failure> {
        self.described.get((), || host::describe(&self.connect))
    }

    pub(super) fn memory_free(&self) -> Option<Bytes> {
        self.memory.get((), || ffi::memory(&self.connect).map(|memory| memory.free).ok())
    }

    pub(super) fn known_security_models(&self) -> Option<Vec<String>> {
        security_models(&self.capabilities()?)
    }

    /// Whom its QEMU runs as for guests of this kind.
    pub(super) fn runs_as(&self, virt_type: &str) -> Option<QemuUser> {
        let ask = || qemu_user(&self.capabilities()?, virt_type);
        self.runs_as.get(virt_type.to_owned(), ask)
    }

    fn capabilities(&self) -> Option<Arc<str>> {
        self.capabilities.get((), || Some(self.connect.capabilities().ok()?.into()))
    }

    pub(super) fn networks(&self, guest: &GuestFacts) -> BTreeMap<String, NetworkAnswer> {
        let named = guest.interfaces.iter().filter_map(|interface| match &interface.link {
            LinkSource::Network(name) => Some(name),
            LinkSource::Bridge(_)
            | LinkSource::Direct(_)
            | LinkSource::HostDevice(_)
            | LinkSource::Vdpa
            | LinkSource::Other(_) => None,
        });
        let answer = |name: &String| {
            let answer = self.networks.get(name.clone(), || network(&self.connect, name));
            (name.clone(), answer)
        };
        named.map(answer).collect()
    }

    pub(super) fn filters(&self, guest: &GuestFacts) -> BTreeMap<String, Option<bool>> {
        let names = guest.interfaces.iter().filter_map(|interface| interface.filter.clone());
        let ask = |name: &str| {
            is_there(self.connect.lookup_nwfilter_by_name(name), sys::VIR_ERR_NO_NWFILTER)
        };
        names.map(|name| (name.clone(), self.filters.get(name.clone(), || ask(&name)))).collect()
    }

    pub(super) fn secrets(&self, guest: &GuestFacts) -> BTreeMap<SecretNeed, Option<bool>> {
        let needs = guest.disks.iter().flat_map(|disk| &disk.secrets).chain(&guest.tpm_secret);
        let ask = |need: &SecretNeed| match need {
            SecretNeed::Uuid(uuid) => {
                is_there(self.connect.lookup_secret_by_uuid_string(uuid), sys::VIR_ERR_NO_SECRET)
            }
            SecretNeed::Usage(usage) => {
                secrets::find(&self.connect, usage).ok().map(|found| found.is_some())
            }
        };
        needs.map(|need| (need.clone(), self.secrets.get(need.clone(), || ask(need)))).collect()
    }

    /// The names of the host's interfaces, when the guest is connected to one of them.
    pub(super) fn links(&self, guest: &GuestFacts) -> Option<Vec<String>> {
        let uses =
            |link: &LinkSource| matches!(link, LinkSource::Bridge(_) | LinkSource::Direct(_));
        if !guest.interfaces.iter().any(|interface| uses(&interface.link)) {
            return None;
        }
        self.links.get((), || node_devices::links(&self.connect))
    }

    /// The speed of the fastest network card that is connected, Mbit/s; not asked where there are many guests, of which
    /// nothing is foretold.
    pub(super) fn card_mbps(&self) -> Option<u64> {
        self.roster.is_none().then(|| node_devices::card_mbps(&self.connect))?
    }

    /// The guest's block devices, as far as the host describes its disks.
    pub(super) fn devices(&self, guest: &GuestFacts) -> BTreeMap<String, DeviceIdentity> {
        let own = guest.disks.iter().filter_map(|disk| match &disk.source {
            DiskSource::Block(path) => Some(path),
            _ => None,
        });
        let own: Vec<&String> = own.collect();
        if own.is_empty() {
            return BTreeMap::new();
        }
        let known = self.devices.get((), || node_devices::devices(&self.connect));
        known.into_iter().filter(|(name, _)| own.contains(&name)).collect()
    }

    /// The devices of a host that the guest uses, and whether it has them.
    pub(super) fn host_devices(&self, guest: &GuestFacts) -> BTreeMap<String, Option<bool>> {
        // The name of a mediated device ends with its parent, which may be another one there.
        let has = |wanted: &str| {
            let known = self.host_devices.get((), || node_devices::host_devices(&self.connect))?;
            Some(known.iter().any(|name| name.starts_with(wanted)))
        };
        guest.host_devices().map(|name| (name.to_owned(), has(name))).collect()
    }

    /// By which numbers it knows its NUMA nodes and processors.
    pub(super) fn cells(&self) -> Option<HostCells> {
        host_cells(&self.capabilities()?)
    }

    /// How fast its processor counts.
    pub(super) fn clock(&self) -> Option<HostClock> {
        host_clock(&self.capabilities()?)
    }

    /// Free huge pages of this size, on all nodes.
    pub(super) fn huge_pages(&self, size: Bytes) -> Option<u64> {
        let size = u32::try_from(size.0 >> 10).ok().filter(|&size| size > 0)?;
        self.huge_pages.get(size, || {
            let of = |node| Some(self.connect.free_pages(&[size], node, 1, 0).ok()?.iter().sum());
            let free: Option<Vec<u64>> = self.cells()?.nodes.into_iter().map(of).collect();
            Some(free?.into_iter().sum())
        })
    }

    /// Whether its emulator takes the guest, and what it says of the guest's processor model.
    pub(super) fn emulator(&self, guest: &GuestFacts) -> (EmulatorAnswer, Option<CpuModel>) {
        let ask = || emulator(&self.connect, guest);
        let (answer, models) = self.emulators.get(platform(guest), ask);
        (answer, models.iter().find(|model| model.name == guest.cpu.model).cloned())
    }

    pub(super) fn cpu(&self, guest: &GuestTexts) -> CpuAnswer {
        let Some(cpu) = &guest.cpu else { return CpuAnswer::NotAsked };
        let key = (platform(&guest.facts), cpu.clone());
        self.processors.get(key, || processor(&self.connect, &guest.facts, cpu))
    }

    /// What the pools know of these files; `like` are a source's answers.
    pub(super) fn files(
        &self,
        files: &[String],
        like: Option<&BTreeMap<String, FileAnswer>>,
    ) -> BTreeMap<String, FileAnswer> {
        self.files.ask(&self.connect, files, like)
    }

    /// This guest's hardware addresses that active guests there have; not asked where they are many.
    pub(super) fn addresses_taken(
        &self,
        uuid: GuestUuid,
        guest: &GuestFacts,
    ) -> Option<Vec<(String, String)>> {
        if guest.interfaces.is_empty() {
            return Some(Vec::new());
        }
        let mut taken = Vec::new();
        for (other, name, interfaces) in self.neighbours.get((), || neighbours(&self.connect))? {
            if other == Some(uuid) {
                continue;
            }
            let own = |mac: &str| guest.interfaces.iter().any(|interface| interface.mac == mac);
            let shared = interfaces.into_iter().filter(|interface| own(&interface.mac));
            taken.extend(shared.map(|interface| (interface.mac, name.clone())));
        }
        Some(taken)
    }
}

fn platform(guest: &GuestFacts) -> [String; 4] {
    let GuestFacts { emulator, arch, machine, virt_type, .. } = guest;
    [emulator, arch, machine, virt_type].map(Clone::clone)
}

fn neighbours(connect: &Connect) -> Option<Vec<Neighbour>> {
    let others = connect.list_all_domains(sys::VIR_CONNECT_LIST_DOMAINS_ACTIVE).ok()?;
    if others.len() > MOST_READ {
        return None;
    }
    // One that cannot be read went away meanwhile.
    let read = others.iter().filter_map(|other| parse_guest(&other.xml_desc(0).ok()?).ok());
    Some(read.map(|guest| (guest.uuid, guest.name, guest.interfaces)).collect())
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

fn emulator(connect: &Connect, guest: &GuestFacts) -> (EmulatorAnswer, Arc<[CpuModel]>) {
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
        Ok(xml) => {
            let (vcpus, firmware) = (most_processors(&xml), firmware(&xml));
            (EmulatorAnswer::Takes { vcpus, firmware }, cpu_models(&xml).into())
        }
        Err(error) => (emulator_refusal(&from_virt(&error).message), Arc::default()),
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

fn processor(connect: &Connect, guest: &GuestFacts, cpu: &str) -> CpuAnswer {
    let GuestFacts { emulator, arch, machine, virt_type, .. } = guest;
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
