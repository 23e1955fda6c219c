//! The `<source>` of a pool.

use super::pool_build::yes;
use super::write::Element;
use crate::model::storage::{
    Adapter, DiskLabel, FibreParent, Login, NetworkProtocol, PoolDefinition, PoolSource, SecretRef,
    Server,
};

/// The `<source>`; `None` where there is nothing to say.
pub(super) fn source(pool: &PoolDefinition) -> Option<Element> {
    let element = Element::new("source");
    let filled = match &pool.source {
        PoolSource::Dir | PoolSource::Mpath | PoolSource::Other(_) => element,
        PoolSource::Fs { device, format } => {
            element.child(device_at(device)).child(typed("format", format.word()))
        }
        PoolSource::Netfs { server, export, protocol } => netfs(element, server, export, *protocol),
        PoolSource::Logical { group, devices } => element
            .children(devices.iter().map(|device| device_at(device)))
            .child_text("name", (!group.is_empty()).then_some(group.as_str()))
            .child(typed("format", "lvm2")),
        PoolSource::Disk { device, label, part_separator } => element
            .child(device_at(device).with_some("part_separator", part_separator.map(yes)))
            .children((*label != DiskLabel::Unknown).then(|| typed("format", label.word()))),
        PoolSource::Iscsi { portal, target, initiator, login } => element
            .child(host(portal))
            .child(device_at(target))
            .children(initiator.as_deref().map(initiator_of))
            .children(login.as_ref().map(|login| auth("chap", login))),
        PoolSource::IscsiDirect { portal, target, initiator, login } => element
            .child(host(portal))
            .child(device_at(target))
            .child(initiator_of(initiator))
            .children(login.as_ref().map(|login| auth("chap", login))),
        PoolSource::Scsi(adapter) => element.child(adapter_of(adapter)),
        PoolSource::Rbd { monitors, pool, login } => element
            .children(monitors.iter().map(host))
            .child(Element::new("name").text(pool.as_str()))
            .children(login.as_ref().map(|login| auth("ceph", login))),
        PoolSource::Gluster { servers, volume, directory } => element
            .children(servers.iter().map(host))
            .children((!directory.is_empty()).then(|| path_of("dir", directory)))
            .child(Element::new("name").text(volume.as_str())),
        PoolSource::Zfs { name, device } => element
            .child(Element::new("name").text(name.as_str()))
            .children(device.as_deref().map(device_at)),
        PoolSource::Vstorage { cluster } => {
            element.child(Element::new("name").text(cluster.as_str()))
        }
    };
    let named = |name: &'static str, value: &Option<String>| {
        value.as_deref().map(|value| Element::new(name).with("name", value))
    };
    let filled =
        filled.children(named("vendor", &pool.vendor)).children(named("product", &pool.product));
    (!filled.is_empty()).then_some(filled)
}

/// libvirt mounts `host:path` as it stands here, and `mount.nfs` takes an IPv6 address only in brackets.
/// (libvirt's schema, which nobody asks, has no brackets; `mount.glusterfs` takes none.)
fn netfs(element: Element, server: &Server, export: &str, protocol: NetworkProtocol) -> Element {
    let nfs = matches!(protocol, NetworkProtocol::Auto | NetworkProtocol::Nfs(_));
    let name = match server.name.contains(':') && nfs {
        true => format!("[{}]", server.name),
        false => server.name.clone(),
    };
    let (format, version) = match protocol {
        NetworkProtocol::Auto => ("auto", None),
        NetworkProtocol::Nfs(version) => ("nfs", version),
        NetworkProtocol::Gluster => ("glusterfs", None),
        NetworkProtocol::Cifs => ("cifs", None),
    };
    element
        .child(host(&Server { name, port: server.port }))
        .child(path_of("dir", export))
        .child(typed("format", format))
        .children(version.map(|version| Element::new("protocol").with("ver", version.word())))
}

pub(super) fn host(server: &Server) -> Element {
    let port = server.port.map(|port| port.to_string());
    Element::new("host").with("name", server.name.as_str()).with_some("port", port)
}

fn device_at(path: &str) -> Element {
    path_of("device", path)
}

fn path_of(name: &'static str, path: &str) -> Element {
    Element::new(name).with("path", path)
}

fn typed(name: &'static str, word: &str) -> Element {
    Element::new(name).with("type", word)
}

fn initiator_of(iqn: &str) -> Element {
    Element::new("initiator").child(Element::new("iqn").with("name", iqn))
}

fn auth(kind: &str, login: &Login) -> Element {
    Element::new("auth")
        .with("type", kind)
        .with("username", login.user.as_str())
        .child(secret(&login.secret))
}

/// A `<secret>` without its type.
pub(super) fn secret(secret: &SecretRef) -> Element {
    match secret {
        SecretRef::Uuid(uuid) => Element::new("secret").with("uuid", uuid.to_string()),
        SecretRef::Usage(usage) => Element::new("secret").with("usage", usage.as_str()),
    }
}

fn adapter_of(adapter: &Adapter) -> Element {
    let element = Element::new("adapter");
    match adapter {
        Adapter::Host(name) => element.with("type", "scsi_host").with("name", name.as_str()),
        Adapter::HostAt { address, unique_id } => element.with("type", "scsi_host").child(
            Element::new("parentaddr").with("unique_id", unique_id.to_string()).child(pci(address)),
        ),
        Adapter::FibreChannel { wwnn, wwpn, parent, managed } => {
            let element = element.with("type", "fc_host");
            let element = match parent {
                FibreParent::Any => element,
                FibreParent::Name(name) => element.with("parent", name.as_str()),
                FibreParent::Wwn { wwnn, wwpn } => {
                    element.with("parent_wwnn", wwnn.as_str()).with("parent_wwpn", wwpn.as_str())
                }
                FibreParent::Fabric(wwn) => element.with("parent_fabric_wwn", wwn.as_str()),
            };
            element
                .with_some("managed", managed.map(yes))
                .with("wwnn", wwnn.as_str())
                .with("wwpn", wwpn.as_str())
        }
    }
}

/// `0000:00:1f.2` as libvirt's four attributes.
fn pci(address: &str) -> Element {
    let mut parts = address.split([':', '.']).map(|part| format!("0x{part}"));
    let mut element = Element::new("address");
    for name in ["domain", "bus", "slot", "function"] {
        element = element.with_some(name, parts.next());
    }
    element
}
