//! What a volume is called at the server that has it, as guests say that reach it without the host.

use super::identity::{is_local, server_name};
use crate::model::DiskSource;
use crate::model::storage::{NetworkProtocol, PoolSource, Server};

/// A name at a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtServer {
    /// libvirt's word, such as `rbd`.
    pub(super) protocol: String,
    /// The name, the same for all who spell it otherwise.
    pub(super) name: String,
    servers: Vec<Server>,
}

impl AtServer {
    /// Of a volume; `None` where its pool is at no server, or by a protocol that QEMU has not.
    #[must_use]
    pub fn of_volume(pool: &PoolSource, volume: &str) -> Option<Self> {
        Some(match pool {
            PoolSource::Iscsi { portal, target, .. }
            | PoolSource::IscsiDirect { portal, target, .. } => {
                // `unit:0:0:1`: bus, target and LUN.
                let (_, lun) = volume.strip_prefix("unit:")?.rsplit_once(':')?;
                Self::new("iscsi", &format!("{target}/{lun}"), std::slice::from_ref(portal))
            }
            PoolSource::Rbd { monitors, pool, .. } => {
                Self::new("rbd", &format!("{pool}/{volume}"), monitors)
            }
            PoolSource::Gluster { servers, volume: place, directory } => {
                Self::new("gluster", &format!("{place}/{directory}/{volume}"), servers)
            }
            PoolSource::Netfs { server, export, protocol } => {
                let protocol = match protocol {
                    NetworkProtocol::Auto | NetworkProtocol::Nfs(_) => "nfs",
                    NetworkProtocol::Gluster => "gluster",
                    NetworkProtocol::Cifs => return None,
                };
                Self::new(protocol, &format!("{export}/{volume}"), std::slice::from_ref(server))
            }
            PoolSource::Other(kind) => Self::new(kind, volume, &[]),
            PoolSource::Dir
            | PoolSource::Fs { .. }
            | PoolSource::Logical { .. }
            | PoolSource::Disk { .. }
            | PoolSource::Scsi(_)
            | PoolSource::Mpath
            | PoolSource::Zfs { .. }
            | PoolSource::Vstorage { .. } => return None,
        })
    }

    /// Of a guest's disk; `None` where it names no server's.
    #[must_use]
    pub fn of_disk(disk: &DiskSource) -> Option<Self> {
        let DiskSource::Network { protocol, name, servers } = disk else { return None };
        // Without a LUN it is the first.
        let lun = if protocol == "iscsi" && !name.contains('/') { "/0" } else { "" };
        (!name.is_empty()).then(|| Self::new(protocol, &format!("{name}{lun}"), servers))
    }

    fn new(protocol: &str, name: &str, servers: &[Server]) -> Self {
        let (port, any_case) = match protocol {
            "iscsi" => (3260, true),
            "gluster" => (24007, false),
            "nfs" => (2049, false),
            "rbd" => (6789, false),
            _ => (0, false),
        };
        let parts: Vec<&str> = name.split('/').filter(|part| !part.is_empty()).collect();
        let name = parts.join("/");
        let servers = servers.iter().filter(|server| !server.name.is_empty());
        let servers = servers.map(|server| Server {
            name: server_name(server),
            port: Some(server.port.unwrap_or(port)),
        });
        Self {
            protocol: protocol.to_owned(),
            name: if any_case { name.to_lowercase() } else { name },
            servers: servers.collect(),
        }
    }

    /// As it is said on another host, where `localhost` is another machine.
    #[must_use]
    pub fn elsewhere(mut self) -> Self {
        self.servers.retain(|server| !is_local(server));
        self
    }

    /// Whether it is called the same, at whichever server.
    #[must_use]
    pub fn has_name_of(&self, other: &Self) -> bool {
        (&self.protocol, &self.name) == (&other.protocol, &other.name)
    }

    /// Whether two of the same name are at the same server as far as is known: one server may have
    /// several names.
    pub(super) fn shares_server(&self, other: &Self) -> bool {
        self.servers.iter().any(|server| other.servers.contains(server))
    }
}
