//! A guest's interfaces, consoles, and the devices that do not simply come along.

use roxmltree::Node;

use super::tree::{attribute, child, said};
use crate::model::{GraphicsFacts, InterfaceFacts, LinkSource, PortProfile, SpecialDevice};

pub(super) fn interface(node: Node<'_, '_>) -> InterfaceFacts {
    let source = child(node, "source");
    let named = |name: &str| source.map(|source| attribute(source, name)).unwrap_or_default();
    let link = match node.attribute("type").unwrap_or_default() {
        "network" => LinkSource::Network(named("network")),
        "bridge" => LinkSource::Bridge(named("bridge")),
        "direct" => LinkSource::Direct(named("dev")),
        "hostdev" => {
            let address = source.and_then(|source| child(source, "address"));
            LinkSource::HostDevice(address.and_then(|address| node_name("pci", address)))
        }
        "vdpa" => LinkSource::Vdpa,
        other => LinkSource::Other(other.to_owned()),
    };
    let mac = child(node, "mac").map(|mac| attribute(mac, "address")).unwrap_or_default();
    InterfaceFacts {
        mac: mac.to_lowercase(),
        link,
        port_group: source.and_then(|source| said(attribute(source, "portgroup"))),
        port: child(node, "virtualport").map(port),
        filter: child(node, "filterref").and_then(|filter| said(attribute(filter, "filter"))),
        unplugged_for_migration: is_transient(node),
    }
}

fn port(node: Node<'_, '_>) -> PortProfile {
    let profile = child(node, "parameters").map(|node| attribute(node, "profileid"));
    PortProfile { kind: attribute(node, "type"), profile: profile.and_then(said) }
}

fn is_transient(node: Node<'_, '_>) -> bool {
    child(node, "teaming").and_then(|teaming| teaming.attribute("type")) == Some("transient")
}

pub(super) fn graphics(node: Node<'_, '_>) -> GraphicsFacts {
    let chosen_by_host = node.attribute("autoport") == Some("yes");
    let port = node.attribute("port").and_then(|port| port.parse().ok());
    GraphicsFacts {
        kind: attribute(node, "type"),
        fixed_port: port.filter(|&port| !chosen_by_host && port > 0),
        listen: attribute(node, "listen"),
    }
}

fn host_device(node: Node<'_, '_>) -> SpecialDevice {
    let kind = attribute(node, "type");
    let address = child(node, "source").and_then(|source| child(source, "address"));
    let name = address.and_then(|address| node_name(&kind, address));
    SpecialDevice::Host { kind, node: name }
}

/// What its host calls a device at this address.
fn node_name(kind: &str, address: Node<'_, '_>) -> Option<String> {
    match kind {
        "mdev" => Some(format!("mdev_{}", address.attribute("uuid")?.replace('-', "_"))),
        "pci" => {
            let part = |name| match address.attribute(name) {
                Some(text) => match text.strip_prefix("0x") {
                    Some(digits) => u32::from_str_radix(digits, 16).ok(),
                    None => text.parse().ok(),
                },
                None => Some(0_u32),
            };
            let (domain, bus) = (part("domain")?, part("bus")?);
            let (slot, function) = (part("slot")?, part("function")?);
            Some(format!("pci_{domain:04x}_{bus:02x}_{slot:02x}_{function:x}"))
        }
        _ => None,
    }
}

/// A device of one of the kinds that need a look; the others come along by themselves.
pub(super) fn special(node: Node<'_, '_>) -> Option<SpecialDevice> {
    match node.tag_name().name() {
        "hostdev" if is_transient(node) => None,
        "hostdev" => Some(host_device(node)),
        "filesystem" => {
            let driver = child(node, "driver").map(|driver| attribute(driver, "type"));
            Some(SpecialDevice::SharedFolder {
                driver: driver.and_then(said).unwrap_or_else(|| "path".to_owned()),
                tag: child(node, "target").map(|tag| attribute(tag, "dir")).unwrap_or_default(),
                external: child(node, "source").is_some_and(|node| node.has_attribute("socket")),
            })
        }
        "shmem" => Some(SpecialDevice::SharedMemory {
            name: attribute(node, "name"),
            master: node.attribute("role") == Some("master"),
        }),
        "tpm" => child(node, "backend").map(|tpm| SpecialDevice::Tpm(attribute(tpm, "type"))),
        "redirdev" => Some(SpecialDevice::UsbRedirection),
        "serial" | "parallel" | "channel" => {
            let local = matches!(node.attribute("type"), Some("file" | "dev" | "pipe"));
            let path = child(node, "source").map(|source| attribute(source, "path"));
            path.filter(|_| local).and_then(said).map(SpecialDevice::HostFile)
        }
        "rng" | "input" => {
            let path = match node.tag_name().name() {
                "rng" => child(node, "backend").and_then(|backend| backend.text()),
                _ => child(node, "source").and_then(|source| source.attribute("dev")),
            };
            // Every Linux host has this one.
            let path =
                path.map(str::trim).filter(|path| !path.is_empty() && *path != "/dev/urandom");
            path.map(|path| SpecialDevice::HostFile(path.to_owned()))
        }
        "vsock" => {
            let cid = child(node, "cid").filter(|cid| cid.attribute("auto") != Some("yes"))?;
            cid.attribute("address")?.parse().ok().map(SpecialDevice::Socket)
        }
        _ => None,
    }
}

/// A memory module without the slot and address that libvirt wants to be written down.
pub(super) fn is_loose_module(node: Node<'_, '_>) -> bool {
    let dimm = node.has_tag_name("memory") && node.attribute("model") == Some("dimm");
    let place = child(node, "address");
    dimm && !place.is_some_and(|place| place.has_attribute("slot") && place.has_attribute("base"))
}
