//! A host as it describes itself.

use super::Bytes;

/// What a host says of itself when it is connected: from the node, not summed from guests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostFacts {
    /// The host's own name (`virConnectGetHostname`).
    pub hostname: String,
    /// The UUID libvirt tells hosts apart by (capabilities `<host><uuid>`).
    pub host_uuid: String,
    /// libvirt's driver, such as `QEMU`.
    pub driver: String,
    /// Processor architecture, such as `x86_64`.
    pub arch: String,
    /// Processor model as libvirt names it, such as `EPYC-Rome`.
    pub cpu_model: String,
    /// Logical processors in use.
    pub cpus: u32,
    /// Clock rate in MHz, 0 where unknown.
    pub mhz: u32,
    /// NUMA nodes, sockets, cores a socket, threads a core.
    pub topology: [u32; 4],
    /// Memory installed.
    pub memory: Bytes,
    /// libvirt at the host, as `major * 1_000_000 + minor * 1_000 + release`.
    pub libvirt_version: u64,
    /// The hypervisor at the host, counted alike; 0 where it does not tell.
    pub hypervisor_version: u64,
    /// URI schemes over which guests can be moved, such as `tcp` and `rdma`.
    pub migration_transports: Vec<String>,
    /// The URI as the host itself gives it (`virConnectGetURI`).
    pub uri: String,
}
