//! A pool out of its XML, and the pools that discovery found.

use roxmltree::Node;

use super::check::{XmlProblem, parse};
use super::pool_build::{CEPH_OPTIONS, MOUNT_OPTIONS};
use super::tree::{amount, attribute, below, child, children, said, text};
use crate::model::Bytes;
use crate::model::storage::{
    Adapter, DiskLabel, FibreParent, FileSystem, Login, NetworkProtocol, NfsVersion, Permissions,
    PoolDefinition, PoolKind, PoolSource, PoolTarget, SecretRef, Server,
};

/// A pool's XML, read.
#[derive(Clone, Debug, PartialEq)]
pub struct PoolText {
    /// What it is.
    pub definition: PoolDefinition,
    /// Size, use and rest, where it says them.
    pub sizes: [Bytes; 3],
}

/// Reads a pool's XML. What is missing in it stays empty.
///
/// # Errors
///
/// When the text is no XML, or no pool.
pub fn parse_pool(xml: &str) -> Result<PoolText, XmlProblem> {
    let document = parse(xml)?;
    let root = document.root_element();
    if !root.has_tag_name("pool") {
        return Err(XmlProblem::no("pool", root.tag_name().name()));
    }
    let empty = child(root, "source");
    let size = |name| Bytes(child(root, name).and_then(|node| amount(node, 1)).unwrap_or(0));
    let vendor = |name: &str| {
        let node = empty.and_then(|source| child(source, name))?;
        node.attribute("name").map(str::to_owned)
    };
    let cow = below(root, &["features", "cow"]).and_then(|node| yes(node, "state"));
    let quick = below(root, &["refresh", "volume"]).and_then(|node| node.attribute("allocation"));
    let definition = PoolDefinition {
        name: exact(root, &["name"]),
        uuid: text(root, &["uuid"]).parse().ok(),
        source: source(&attribute(root, "type"), empty),
        target: PoolTarget {
            path: exact(root, &["target", "path"]),
            permissions: below(root, &["target", "permissions"])
                .map(permissions)
                .unwrap_or_default(),
        },
        vendor: vendor("vendor"),
        product: vendor("product"),
        copy_on_write: cow,
        quick_refresh: quick == Some("capacity"),
        mount_options: options(root, MOUNT_OPTIONS, "mount_opts")
            .map(|node| attribute(node, "name"))
            .collect(),
        ceph_options: options(root, CEPH_OPTIONS, "config_opts")
            .map(|node| (attribute(node, "name"), attribute(node, "value")))
            .collect(),
    };
    Ok(PoolText { definition, sizes: [size("capacity"), size("allocation"), size("available")] })
}

/// Reads what discovery found: `<sources><source>…</source></sources>`.
///
/// # Errors
///
/// When the text is no XML.
pub fn parse_sources(kind: PoolKind, xml: &str) -> Result<Vec<PoolSource>, XmlProblem> {
    let document = parse(xml)?;
    let root = document.root_element();
    let found = children(root, "source").map(|node| source(kind.word(), Some(node)));
    Ok(found.collect())
}

/// A text as it stands, blanks and all.
pub(super) fn exact(node: Node<'_, '_>, path: &[&str]) -> String {
    below(node, path).and_then(|node| node.text()).unwrap_or_default().to_owned()
}

fn yes(node: Node<'_, '_>, name: &str) -> Option<bool> {
    node.attribute(name).map(|word| word == "yes")
}

fn options<'a, 'input: 'a>(
    root: Node<'a, 'input>,
    namespace: &'static str,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'input>> {
    let holder = root.children().find(move |node| node.has_tag_name((namespace, name)));
    holder
        .into_iter()
        .flat_map(|holder| holder.children())
        .filter(move |node| node.has_tag_name((namespace, "option")))
}

/// Owner and mode. libvirt writes -1 for what is left to it.
pub(super) fn permissions(node: Node<'_, '_>) -> Permissions {
    let number = |name: &str| text(node, &[name]).parse().ok();
    Permissions {
        mode: u32::from_str_radix(&text(node, &["mode"]), 8).ok(),
        owner: number("owner"),
        group: number("group"),
        label: said(text(node, &["label"])),
    }
}

fn source(word: &str, node: Option<Node<'_, '_>>) -> PoolSource {
    let path = |name: &str| {
        let found = node.and_then(|node| child(node, name));
        found.map(|node| attribute(node, "path")).unwrap_or_default()
    };
    let format = node.and_then(|node| child(node, "format")).map(|node| attribute(node, "type"));
    let format = format.unwrap_or_default();
    let name = || node.map(|node| exact(node, &["name"])).unwrap_or_default();
    let first = || servers(node).into_iter().next().unwrap_or_default();
    match PoolKind::from_word(word) {
        PoolKind::Dir => PoolSource::Dir,
        PoolKind::Fs => {
            PoolSource::Fs { device: path("device"), format: FileSystem::from_word(&format) }
        }
        PoolKind::Netfs => PoolSource::Netfs {
            server: first(),
            export: path("dir"),
            protocol: protocol(&format, node),
        },
        PoolKind::Logical => PoolSource::Logical { group: name(), devices: devices(node) },
        PoolKind::Disk => PoolSource::Disk {
            device: path("device"),
            label: DiskLabel::from_word(&format),
            part_separator: node
                .and_then(|node| child(node, "device"))
                .and_then(|node| yes(node, "part_separator")),
        },
        PoolKind::Iscsi => PoolSource::Iscsi {
            portal: first(),
            target: path("device"),
            initiator: initiator(node),
            login: login(node),
        },
        PoolKind::IscsiDirect => PoolSource::IscsiDirect {
            portal: first(),
            target: path("device"),
            initiator: initiator(node).unwrap_or_default(),
            login: login(node),
        },
        PoolKind::Scsi => {
            let adapter = node.and_then(|node| child(node, "adapter"));
            PoolSource::Scsi(adapter.map_or_else(|| Adapter::Host(String::new()), adapter_of))
        }
        PoolKind::Mpath => PoolSource::Mpath,
        PoolKind::Rbd => {
            PoolSource::Rbd { monitors: servers(node), pool: name(), login: login(node) }
        }
        PoolKind::Gluster => PoolSource::Gluster {
            servers: servers(node),
            volume: name(),
            directory: said(path("dir")).unwrap_or_else(|| "/".to_owned()),
        },
        PoolKind::Zfs => PoolSource::Zfs { name: name(), device: devices(node).into_iter().next() },
        PoolKind::Vstorage => PoolSource::Vstorage { cluster: name() },
        PoolKind::Other => PoolSource::Other(word.to_owned()),
    }
}

fn initiator(source: Option<Node<'_, '_>>) -> Option<String> {
    below(source?, &["initiator", "iqn"])?.attribute("name").map(str::to_owned)
}

fn protocol(format: &str, source: Option<Node<'_, '_>>) -> NetworkProtocol {
    let version = source.and_then(|source| child(source, "protocol"));
    let version = version.and_then(|node| node.attribute("ver")).map(NfsVersion::from_word);
    match format {
        "nfs" => NetworkProtocol::Nfs(version),
        "glusterfs" => NetworkProtocol::Gluster,
        "cifs" => NetworkProtocol::Cifs,
        _ => NetworkProtocol::Auto,
    }
}

/// The `<host>`s of a source.
pub(super) fn servers(source: Option<Node<'_, '_>>) -> Vec<Server> {
    let hosts = source.into_iter().flat_map(|source| children(source, "host"));
    hosts
        .map(|host| Server {
            name: bare(attribute(host, "name")),
            port: attribute(host, "port").parse().ok().filter(|&port| port > 0),
        })
        .collect()
}

/// An IPv6 address without the brackets in which NFS has it.
fn bare(name: String) -> String {
    let inner = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    inner.map_or(name.clone(), str::to_owned)
}

fn devices(source: Option<Node<'_, '_>>) -> Vec<String> {
    let devices = source.into_iter().flat_map(|source| children(source, "device"));
    devices.map(|device| attribute(device, "path")).collect()
}

fn login(source: Option<Node<'_, '_>>) -> Option<Login> {
    let auth = child(source?, "auth")?;
    let secret = child(auth, "secret").and_then(secret)?;
    Some(Login { user: attribute(auth, "username"), secret })
}

/// How a `<secret>` is named.
pub(super) fn secret(node: Node<'_, '_>) -> Option<SecretRef> {
    match node.attribute("uuid").and_then(|uuid| uuid.parse().ok()) {
        Some(uuid) => Some(SecretRef::Uuid(uuid)),
        None => node.attribute("usage").map(|usage| SecretRef::Usage(usage.to_owned())),
    }
}

fn adapter_of(node: Node<'_, '_>) -> Adapter {
    let given = |name: &str| node.attribute(name).map(str::to_owned);
    if node.attribute("type") == Some("fc_host") {
        let parent = match (given("parent"), given("parent_wwnn"), given("parent_wwpn")) {
            (Some(name), ..) => FibreParent::Name(name),
            (None, Some(wwnn), Some(wwpn)) => FibreParent::Wwn { wwnn, wwpn },
            _ => given("parent_fabric_wwn").map_or(FibreParent::Any, FibreParent::Fabric),
        };
        return Adapter::FibreChannel {
            wwnn: attribute(node, "wwnn"),
            wwpn: attribute(node, "wwpn"),
            parent,
            managed: yes(node, "managed"),
        };
    }
    match child(node, "parentaddr") {
        Some(parent) => Adapter::HostAt {
            address: child(parent, "address").map(pci).unwrap_or_default(),
            unique_id: attribute(parent, "unique_id").parse().unwrap_or(0),
        },
        None => Adapter::Host(attribute(node, "name")),
    }
}

/// Four attributes as `0000:00:1f.2`.
fn pci(node: Node<'_, '_>) -> String {
    let number = |name: &str| {
        let text = attribute(node, name);
        u32::from_str_radix(text.trim_start_matches("0x"), 16).unwrap_or(0)
    };
    let (domain, bus) = (number("domain"), number("bus"));
    format!("{domain:04x}:{bus:02x}:{:02x}.{:x}", number("slot"), number("function"))
}
