//! What both hosts say before a migration. `None` everywhere means that the host did not tell: a
//! check must not take it for a no.

use std::collections::{BTreeMap, BTreeSet};

use super::storage::Permissions;
use super::{
    Bytes, GuestFacts, GuestState, GuestUuid, HostFacts, PoolUuid, SecretNeed, StateReason,
};

/// Everything the checks of one migration stand on.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspection {
    /// The guest as it is at the source.
    pub guest: GuestFacts,
    /// The guest as it is to be at the destination, where that was given.
    pub edited: Option<GuestFacts>,
    /// Its name at the destination.
    pub name_there: String,
    /// What the source says.
    pub source: SourceFacts,
    /// What the destination says.
    pub destination: DestinationFacts,
    /// Which pools of the two, the source's first, were proved to be one storage, or not to be.
    pub proofs: Vec<(PoolUuid, PoolUuid, bool)>,
}

impl Inspection {
    /// The guest as the destination gets it.
    #[must_use]
    pub fn arriving(&self) -> &GuestFacts {
        self.edited.as_ref().unwrap_or(&self.guest)
    }

    /// How fast the network cards of both hosts could be, Mbit/s.
    #[must_use]
    pub fn cards_mbps(&self) -> Option<u64> {
        Some(self.source.card_mbps?.min(self.destination.card_mbps?))
    }

    /// Whether a pool of the source and one of the destination are one storage, as far as that is known: by a proof, else
    /// by what they are in the network.
    #[must_use]
    pub fn are_one(&self, here: &PoolIdentity, there: &PoolIdentity) -> Option<bool> {
        let proof = self
            .proofs
            .iter()
            .find(|(one, other, _)| (Some(*one), Some(*other)) == (here.uuid, there.uuid));
        proof.map(|(_, _, same)| *same).or_else(|| here.is_one_with(there).then_some(true))
    }

    /// The pools of both sides in which the guest has something.
    pub fn pools(&self) -> impl Iterator<Item = (PoolUuid, PoolUuid)> {
        fn uuid(answer: &FileAnswer) -> Option<PoolUuid> {
            match answer {
                FileAnswer::Found { pool, .. } => pool.uuid,
                _ => None,
            }
        }
        let here: BTreeSet<_> = self.source.files.values().filter_map(uuid).collect();
        let there: BTreeSet<_> = self.destination.files.values().filter_map(uuid).collect();
        here.into_iter()
            .flat_map(move |one| there.clone().into_iter().map(move |other| (one, other)))
    }
}

/// What the source says of itself and the guest.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceFacts {
    /// The host.
    pub host: HostFacts,
    /// How fast its fastest network card that is connected is, Mbit/s; not asked where there are many guests.
    pub card_mbps: Option<u64>,
    /// What the guest is doing.
    pub state: GuestState,
    /// And why.
    pub reason: StateReason,
    /// Defined at the source.
    pub persistent: Option<bool>,
    /// Its definition at the source, as libvirt writes it; not asked where there are many guests.
    pub definition: Option<String>,
    /// Started with the host.
    pub autostart: Option<bool>,
    /// A saved state exists.
    pub managed_save: Option<bool>,
    /// Number of snapshots.
    pub snapshots: Option<u32>,
    /// Number of checkpoints.
    pub checkpoints: Option<u32>,
    /// Another long operation of the guest is under way.
    pub job: Option<bool>,
    /// Disks that are being copied or merged.
    pub block_jobs: Option<Vec<String>>,
    /// The security models it knows.
    pub security_models: Option<Vec<String>>,
    /// The networks it uses.
    pub networks: BTreeMap<String, NetworkAnswer>,
    /// The files it uses.
    pub files: BTreeMap<String, FileAnswer>,
    /// The block devices it uses, those that the host can describe.
    pub devices: BTreeMap<String, DeviceIdentity>,
}

/// What the destination says of itself and of what the guest needs.
#[derive(Clone, Debug, PartialEq)]
pub struct DestinationFacts {
    /// The host.
    pub host: HostFacts,
    /// How fast its fastest network card that is connected is, Mbit/s; not asked where there are many guests.
    pub card_mbps: Option<u64>,
    /// Memory that is free or can be freed.
    pub memory_free: Option<Bytes>,
    /// By which numbers it knows its NUMA nodes and processors.
    pub cells: Option<HostCells>,
    /// Free huge pages of the wanted size.
    pub huge_pages_free: Option<u64>,
    /// Whether its emulator takes the guest.
    pub emulator: EmulatorAnswer,
    /// Whether its processor carries the guest.
    pub cpu: CpuAnswer,
    /// The clock rate of its processor, where it tells.
    pub clock: Option<HostClock>,
    /// What its emulator says of the guest's processor model, where it lists it.
    pub model: Option<CpuModel>,
    /// The same guest there, if it is.
    pub twin: Option<Option<Twin>>,
    /// The UUID of the guest of that name there, if there is one.
    pub namesake: Option<Option<GuestUuid>>,
    /// Hardware addresses of this guest that another guest there has, and that guest's name.
    pub addresses_taken: Option<Vec<(String, String)>>,
    /// The security models it knows.
    pub security_models: Option<Vec<String>>,
    /// Whom its QEMU runs as, where it tells.
    pub runs_as: Option<QemuUser>,
    /// The networks the guest needs.
    pub networks: BTreeMap<String, NetworkAnswer>,
    /// The network filters it needs, and whether they are there.
    pub filters: BTreeMap<String, Option<bool>>,
    /// The secrets it needs, and whether they are there.
    pub secrets: BTreeMap<SecretNeed, Option<bool>>,
    /// The host's own network interfaces.
    pub links: Option<Vec<String>>,
    /// The files the guest needs.
    pub files: BTreeMap<String, FileAnswer>,
    /// The block devices the guest needs, those that the host can describe.
    pub devices: BTreeMap<String, DeviceIdentity>,
    /// The host's devices that the guest uses, by [`SpecialDevice::Host`]'s names, and whether the host has
    /// them.
    ///
    /// [`SpecialDevice::Host`]: super::SpecialDevice::Host
    pub host_devices: BTreeMap<String, Option<bool>>,
}

/// The numbers of a host's NUMA nodes and of the processors in them. They need not begin at 0, nor follow
/// one another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostCells {
    /// Nodes.
    pub nodes: BTreeSet<u32>,
    /// Processors that are on.
    pub processors: BTreeSet<u32>,
}

/// The rate at which a host's processor counts (TSC).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostClock {
    /// In Hz.
    pub frequency: u64,
    /// Whether it can count at another rate for a guest.
    pub scaling: Option<bool>,
}

/// The same guest at the destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Twin {
    /// Its name there.
    pub name: String,
    /// Whether it is active there.
    pub active: bool,
    /// Its definition there, as libvirt writes it; not asked where there are many guests.
    pub definition: Option<String>,
}

/// A virtual network at a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NetworkAnswer {
    /// There is none of that name.
    Missing,
    /// It is there, but not started.
    Inactive(NetworkShape),
    /// It is there and works.
    Active(NetworkShape),
    /// The host did not tell.
    Unknown,
}

impl NetworkAnswer {
    /// What it is like, where it is there.
    #[must_use]
    pub const fn shape(&self) -> Option<&NetworkShape> {
        match self {
            Self::Inactive(shape) | Self::Active(shape) => Some(shape),
            Self::Missing | Self::Unknown => None,
        }
    }
}

/// What a virtual network is like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkShape {
    /// Its UUID.
    pub uuid: String,
    /// `nat`, `route`, `bridge` …; empty is isolated.
    pub forward: String,
    /// The bridge behind it.
    pub bridge: String,
    /// Its addresses, such as `192.168.122.1/24`.
    pub addresses: Vec<String>,
    /// Its groups of ports.
    pub port_groups: Vec<String>,
    /// The kind of port it gives (`openvswitch`, `802.1Qbg` …), where it says so.
    pub port_kind: Option<String>,
}

/// A file or device as a host's storage pools know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileAnswer {
    /// A volume of this pool.
    Found {
        /// The pool.
        pool: PoolIdentity,
        /// Its size as the guest sees it.
        capacity: Bytes,
        /// What it takes of the pool now.
        allocation: Bytes,
        /// Owner and mode as this host sees them; all unknown where that was not asked.
        permissions: Permissions,
    },
    /// Not among the volumes of the active pool that has its directory, just read again.
    Missing(PoolIdentity),
    /// The pool that has its directory is not active.
    PoolInactive(String),
    /// No pool has its directory, so that libvirt does not tell.
    NoPool,
    /// The host did not tell.
    Unknown,
}

/// By what a pool can be recognised on another host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoolIdentity {
    /// Its name.
    pub name: String,
    /// `dir`, `netfs`, `logical`, `rbd` …
    pub kind: String,
    /// The server and what it exports, as far as it has one; empty for what is local.
    pub origin: String,
    /// The directory its volumes are in, without a slash at its end; empty where it has none.
    pub directory: String,
    /// What is free in it.
    pub available: Bytes,
    /// Its UUID on its host.
    pub uuid: Option<PoolUuid>,
    /// Whether a file in it can prove what it is one with.
    pub provable: bool,
}

impl PoolIdentity {
    /// The same server and export. (The same name or path proves nothing.)
    #[must_use]
    pub fn is_one_with(&self, other: &Self) -> bool {
        !self.origin.is_empty() && self.origin == other.origin && self.kind == other.kind
    }

    /// What a file, given by its path or as `pool/volume`, is called inside this pool.
    #[must_use]
    pub fn name_inside<'a>(&self, file: &'a str) -> Option<&'a str> {
        let outside = if file.starts_with('/') { &self.directory } else { &self.name };
        file.strip_prefix(outside.as_str())?.strip_prefix('/')
    }
}

/// By what a block device can be recognised on another host; empty where the device tells nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceIdentity {
    /// Its number in the whole world (WWN, EUI-64), as its link in `/dev/disk/by-id` has it.
    pub wwn: String,
    /// Its serial number.
    pub serial: String,
}

/// Whether a host's emulator takes a guest (`virConnectGetDomainCapabilities`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EmulatorAnswer {
    /// It does.
    Takes {
        /// Processors a guest may have.
        vcpus: Option<u32>,
        /// The firmware that it has; not all of what lies there is listed.
        firmware: Vec<String>,
    },
    /// This host does not have this machine type.
    NoMachine,
    /// The host cannot run guests in this way (no KVM, say).
    NoVirtType,
    /// The host has no emulator for this architecture.
    NoArch,
    /// The emulator's path is missing there.
    NoEmulator,
    /// The host did not tell; its words.
    Unknown(String),
}

/// Whether a host's processor carries a guest (`virConnectCompareHypervisorCPU`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CpuAnswer {
    /// It has all that the guest's has.
    Fits,
    /// These features are missing.
    Lacks(String),
    /// The model is not known there.
    UnknownModel(String),
    /// There was nothing to compare: the guest takes what it gets.
    NotAsked,
    /// The host did not tell; its words.
    Unknown(String),
}

/// A processor model as a host's emulator tells of it (`virConnectGetDomainCapabilities`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CpuModel {
    /// Its name.
    pub name: String,
    /// Whether a guest can have all of it there; `None` where that is not known.
    pub usable: Option<bool>,
    /// The features for want of which it cannot; libvirt tells them since 10.9.
    pub blockers: Vec<String>,
    /// The emulator is going to drop it.
    pub deprecated: bool,
}

/// Whom a host's QEMU runs as, if a guest's definition says nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QemuUser {
    /// User id.
    pub user: u32,
    /// Group id.
    pub group: u32,
}
