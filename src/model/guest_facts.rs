//! What a guest's definition asks of the host it runs on: all that a check compares.

use std::collections::BTreeSet;

use super::storage::{SecretUsage, Server};
use super::{Bytes, GuestUuid};

/// A guest as its XML describes it, as far as a host must have something for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GuestFacts {
    /// Its name.
    pub name: String,
    /// Its UUID.
    pub uuid: Option<GuestUuid>,
    /// How its instructions run: `kvm`, `qemu` …
    pub virt_type: String,
    /// Architecture, such as `x86_64`.
    pub arch: String,
    /// Machine type, such as `pc-q35-10.0`.
    pub machine: String,
    /// Path of the emulator; empty where the host chooses.
    pub emulator: String,
    /// Memory, with the modules that are plugged in.
    pub memory: Bytes,
    /// Its memory is divided into cells of its own (`numa`).
    pub cells: bool,
    /// Processors at most.
    pub vcpus: u32,
    /// Its processor.
    pub cpu: CpuFacts,
    /// Size of the huge pages it wants; `Some(Bytes(0))` is the host's usual size.
    pub huge_pages: Option<Bytes>,
    /// The processors of the host that its own are pinned to, a set each.
    pub pinned_cpus: Vec<BTreeSet<u32>>,
    /// The NUMA nodes of the host that its memory is pinned to.
    pub pinned_nodes: BTreeSet<u32>,
    /// Encrypted memory, by libvirt's name (`sev`, `tdx` …).
    pub launch_security: Option<String>,
    /// Paths of what it starts from without a boot loader: kernel, initial RAM disk, device tree.
    pub boot: Vec<String>,
    /// Path of its firmware.
    pub firmware: Option<String>,
    /// Path of its firmware's variables.
    pub nvram: Option<String>,
    /// Disks, CD and floppy drives.
    pub disks: Vec<DiskFacts>,
    /// Network interfaces.
    pub interfaces: Vec<InterfaceFacts>,
    /// Security models that its fixed labels are of (`selinux`, `dac` …).
    pub security_models: Vec<String>,
    /// What it may take of the host's memory is limited (`hard_limit`).
    pub hard_limit: bool,
    /// It has a memory module whose slot or address is not written down.
    pub loose_modules: bool,
    /// The secret that its TPM's state is encrypted with.
    pub tpm_secret: Option<SecretNeed>,
    /// Consoles that listen.
    pub graphics: Vec<GraphicsFacts>,
    /// Devices that do not simply come along.
    pub devices: Vec<SpecialDevice>,
}

impl GuestFacts {
    /// The host's devices that it has, interfaces among them, by the names that [`SpecialDevice::Host`] gives them.
    pub fn host_devices(&self) -> impl Iterator<Item = &str> {
        let devices = self.devices.iter().filter_map(|device| match device {
            SpecialDevice::Host { node, .. } => node.as_deref(),
            _ => None,
        });
        let interfaces = self.interfaces.iter().filter_map(|interface| match &interface.link {
            LinkSource::HostDevice(node) => node.as_deref(),
            _ => None,
        });
        devices.chain(interfaces)
    }
}

/// A guest's processor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CpuFacts {
    /// How it is chosen: `custom`, `host-model`, `host-passthrough`, `maximum`; empty where nothing is said.
    pub mode: String,
    /// Its model; empty where it follows from the mode.
    pub model: String,
    /// libvirt makes sure that the guest gets exactly this processor (`check` is not `none`).
    pub enforced: bool,
    /// The guest relies on a clock rate that never changes.
    pub invariant_tsc: bool,
    /// The clock rate that is written down, in Hz.
    pub tsc_frequency: Option<u64>,
    /// It can run guests of its own on an Intel processor (`vmx`).
    pub vmx: bool,
    /// Some of what belongs to that (`vmx-…`) is switched off.
    pub without_some_vmx: bool,
}

/// A disk or drive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskFacts {
    /// Its name in the guest, such as `vda`.
    pub target: String,
    /// A CD or floppy drive.
    pub removable: bool,
    /// Where its data is.
    pub source: DiskSource,
    /// Not written to.
    pub read_only: bool,
    /// Other guests write to it as well.
    pub shareable: bool,
    /// What is written is thrown away at the end.
    pub transient: bool,
    /// Cache mode; empty is the hypervisor's own.
    pub cache: String,
    /// The guest starts without the medium where that is missing.
    pub optional: bool,
    /// What the image builds on, nearest first.
    pub backing: Vec<DiskSource>,
    /// The secrets it needs.
    pub secrets: Vec<SecretNeed>,
    /// It reserves its device for itself (`reservations`), through a helper.
    pub reservations: Option<Reservations>,
}

/// A secret that a guest needs, as its definition names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SecretNeed {
    /// By its UUID.
    Uuid(String),
    /// By what it is for.
    Usage(SecretUsage),
}

impl SecretNeed {
    /// The name that it is called by.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Uuid(uuid) => uuid,
            Self::Usage(usage) => usage.name(),
        }
    }
}

/// Who carries out the reservations of a disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reservations {
    /// `qemu-pr-helper`, which libvirt starts.
    Managed,
    /// A helper that listens on this socket of the host.
    Socket(String),
}

/// Where a disk's data is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiskSource {
    /// Nowhere: an empty drive.
    Empty,
    /// In a file.
    File(String),
    /// On a block device.
    Block(String),
    /// In a volume of a pool.
    Volume {
        /// The pool's name.
        pool: String,
        /// The volume's name.
        volume: String,
    },
    /// At a server, by protocol and name.
    Network {
        /// `rbd`, `iscsi`, `nbd` …
        protocol: String,
        /// The name there.
        name: String,
        /// The servers; none where the host's own configuration says which.
        servers: Vec<Server>,
    },
    /// Something else, by libvirt's word.
    Other(String),
}

impl DiskSource {
    /// The path on the host, where it is one.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::File(path) | Self::Block(path) => Some(path),
            Self::Empty | Self::Volume { .. } | Self::Network { .. } | Self::Other(_) => None,
        }
    }
}

/// A network interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterfaceFacts {
    /// Its hardware address, lower case.
    pub mac: String,
    /// What it is connected to.
    pub link: LinkSource,
    /// The group of ports of that network that it uses.
    pub port_group: Option<String>,
    /// What kind of port it wants (`virtualport`), and the profile of it that the switch is to know.
    pub port: Option<PortProfile>,
    /// The network filter it uses.
    pub filter: Option<String>,
    /// It is unplugged for a migration by the guest's own driver (`teaming`).
    pub unplugged_for_migration: bool,
}

/// The port of a switch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortProfile {
    /// `openvswitch`, `802.1Qbg`, `802.1Qbh`, `midonet`; empty where its network says.
    pub kind: String,
    /// The profile.
    pub profile: Option<String>,
}

/// What a network interface is connected to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkSource {
    /// A virtual network of libvirt.
    Network(String),
    /// A bridge of the host.
    Bridge(String),
    /// An interface of the host (macvtap).
    Direct(String),
    /// A device of the host; by the name that [`SpecialDevice::Host`] gives it, where the guest says which it is.
    HostDevice(Option<String>),
    /// A vDPA device of the host.
    Vdpa,
    /// Something that needs nothing of the host, by libvirt's word.
    Other(String),
}

/// A console that listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphicsFacts {
    /// `vnc`, `spice` …
    pub kind: String,
    /// The port, when it is not chosen by the host.
    pub fixed_port: Option<u16>,
    /// The address it listens on; empty is the host's own.
    pub listen: String,
}

/// A device that does not simply come along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpecialDevice {
    /// A device of the host.
    Host {
        /// `pci`, `usb`, `mdev` …
        kind: String,
        /// How the name begins that its host gives it as a node device, where the guest says which it is:
        /// `pci_0000_03_00_0`, `mdev_4b20d080_1b54_4048_85b3_a6a62d165c01`.
        node: Option<String>,
    },
    /// A folder shared with the host, by driver (`virtiofs`, `path` is 9p) and tag.
    SharedFolder {
        /// `virtiofs` or `path`.
        driver: String,
        /// Its name in the guest.
        tag: String,
        /// Its daemon is not libvirt's own.
        external: bool,
    },
    /// Memory shared with other guests.
    SharedMemory {
        /// Its name.
        name: String,
        /// Whether this guest owns it: only then it can move.
        master: bool,
    },
    /// A TPM, by backend (`emulator`, `passthrough` …).
    Tpm(String),
    /// USB redirected from a viewer.
    UsbRedirection,
    /// A serial port, channel, console or other device that is a file or device of the host.
    HostFile(String),
    /// A socket to the host whose number is fixed.
    Socket(u32),
}
