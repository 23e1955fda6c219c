//! What makes things of a host recognisable on another, and what its capabilities say.

use roxmltree::{Document, Node};

use super::tree::{attribute, below, child, children, said, text};
use crate::model::{CpuModel, DeviceIdentity, HostCells, HostClock, NetworkShape, QemuUser};

/// What a virtual network is like; nothing is known of a text that is no XML.
#[must_use]
pub fn network_shape(xml: &str) -> NetworkShape {
    let Ok(document) = Document::parse(xml) else { return NetworkShape::default() };
    let root = document.root_element();
    let mode = |node| {
        let mode = attribute(node, "mode");
        if mode.is_empty() { "nat".to_owned() } else { mode }
    };
    NetworkShape {
        uuid: text(root, &["uuid"]),
        forward: child(root, "forward").map(mode).unwrap_or_default(),
        bridge: child(root, "bridge").map(|node| attribute(node, "name")).unwrap_or_default(),
        addresses: children(root, "ip").map(address).collect(),
        port_groups: children(root, "portgroup").map(|group| attribute(group, "name")).collect(),
        port_kind: child(root, "virtualport").and_then(|port| said(attribute(port, "type"))),
    }
}

fn address(node: Node<'_, '_>) -> String {
    let prefix = attribute(node, "prefix");
    let bits = if prefix.is_empty() { attribute(node, "netmask") } else { prefix };
    format!("{}/{bits}", attribute(node, "address"))
}

/// The security models a host knows, out of its capabilities.
#[must_use]
pub fn security_models(xml: &str) -> Option<Vec<String>> {
    let document = Document::parse(xml).ok()?;
    let host = child(document.root_element(), "host")?;
    Some(children(host, "secmodel").map(|model| text(model, &["model"])).collect())
}

/// The numbers of a host's nodes and processors, out of its capabilities.
#[must_use]
pub fn host_cells(xml: &str) -> Option<HostCells> {
    let document = Document::parse(xml).ok()?;
    let cells = below(document.root_element(), &["host", "topology", "cells"])?;
    let number = |node: Node<'_, '_>| node.attribute("id")?.parse().ok();
    let processors = children(cells, "cell").filter_map(|cell| child(cell, "cpus"));
    let found = HostCells {
        nodes: children(cells, "cell").filter_map(number).collect(),
        processors: processors.flat_map(|cpus| children(cpus, "cpu")).filter_map(number).collect(),
    };
    (!found.nodes.is_empty() && !found.processors.is_empty()).then_some(found)
}

/// The rate at which a host's processor counts, out of its capabilities.
#[must_use]
pub fn host_clock(xml: &str) -> Option<HostClock> {
    let document = Document::parse(xml).ok()?;
    let cpu = below(document.root_element(), &["host", "cpu"])?;
    let counter = children(cpu, "counter").find(|node| node.attribute("name") == Some("tsc"))?;
    let frequency = counter.attribute("frequency")?.parse().ok()?;
    let scaling = match counter.attribute("scaling") {
        Some("yes") => Some(true),
        Some("no") => Some(false),
        _ => None,
    };
    Some(HostClock { frequency, scaling })
}

/// Whom QEMU runs as for guests of this kind (`kvm`, `qemu`), out of a host's capabilities: the base label
/// of the model `dac`, such as `+64055:+108`.
#[must_use]
pub fn qemu_user(xml: &str, virt_type: &str) -> Option<QemuUser> {
    let document = Document::parse(xml).ok()?;
    let host = child(document.root_element(), "host")?;
    let dac = children(host, "secmodel").find(|model| text(*model, &["model"]) == "dac")?;
    let label =
        children(dac, "baselabel").find(|label| label.attribute("type") == Some(virt_type))?;
    let label = text(label, &[]);
    let (user, group) = label.split_once(':')?;
    let number = |id: &str| id.trim_start_matches('+').parse().ok();
    Some(QemuUser { user: number(user)?, group: number(group)? })
}

/// All processor models of an emulator, out of the host's capabilities for it.
#[must_use]
pub fn cpu_models(xml: &str) -> Vec<CpuModel> {
    let Ok(document) = Document::parse(xml) else { return Vec::new() };
    let Some(cpu) = child(document.root_element(), "cpu") else { return Vec::new() };
    let custom = children(cpu, "mode").find(|mode| mode.attribute("name") == Some("custom"));
    let Some(custom) = custom else { return Vec::new() };
    let blockers = |name: &str| {
        let of = children(custom, "blockers").find(|node| node.attribute("model") == Some(name));
        let features = of.into_iter().flat_map(|node| children(node, "feature"));
        features.map(|feature| attribute(feature, "name")).collect()
    };
    let models = children(custom, "model").map(|node| {
        let name = text(node, &[]);
        let usable = match node.attribute("usable") {
            Some("yes") => Some(true),
            Some("no") => Some(false),
            _ => None,
        };
        let deprecated = node.attribute("deprecated") == Some("yes");
        CpuModel { usable, blockers: blockers(&name), deprecated, name }
    });
    models.collect()
}

/// The processor that a host gives its guests by default (`host-model`), as libvirt takes it for a
/// comparison, out of the host's capabilities for one emulator.
#[must_use]
pub fn host_model(xml: &str) -> Option<String> {
    let document = Document::parse(xml).ok()?;
    let modes = children(child(document.root_element(), "cpu")?, "mode");
    let mode = modes.into_iter().find(|mode| mode.attribute("name") == Some("host-model"))?;
    child(mode, "model")?;
    let first = mode.first_child()?.range().start;
    let last = mode.last_child()?.range().end;
    Some(format!("<cpu>{}</cpu>", xml.get(first..last)?))
}

/// How many processors a guest may have, out of a host's capabilities for one emulator.
#[must_use]
pub fn most_processors(xml: &str) -> Option<u32> {
    let document = Document::parse(xml).ok()?;
    child(document.root_element(), "vcpu")?.attribute("max")?.parse().ok()
}

/// The firmware a host has for its guests, out of its capabilities for one emulator.
#[must_use]
pub fn firmware(xml: &str) -> Vec<String> {
    let Ok(document) = Document::parse(xml) else { return Vec::new() };
    let loader = below(document.root_element(), &["os", "loader"]);
    let values = loader.into_iter().flat_map(|loader| children(loader, "value"));
    values.map(|value| text(value, &[])).collect()
}

/// The name of a network interface, out of a host's description of a device.
#[must_use]
pub fn link_name(xml: &str) -> Option<String> {
    let document = Document::parse(xml).ok()?;
    let capability = child(document.root_element(), "capability")?;
    said(text(capability, &["interface"]))
}

/// The speed of a network card that is connected, in Mbit/s, out of a host's description of a device. Bridges, taps and
/// the like have none that means something.
#[must_use]
pub fn card_speed(xml: &str) -> Option<u64> {
    let document = Document::parse(xml).ok()?;
    let device = document.root_element();
    let link = below(device, &["capability", "link"])?;
    let up = link.attribute("state") == Some("up") && text(device, &["parent"]) != "computer";
    // One that does not know its speed says -1, which libvirt writes as the largest number of 32 bits.
    let known = |speed: &u64| (1..u32::MAX.into()).contains(speed);
    link.attribute("speed").filter(|_| up)?.parse().ok().filter(known)
}

/// The names a disk of the host goes by, and by what it can be recognised on another, out of the host's
/// description of a device.
#[must_use]
pub fn storage_device(xml: &str) -> Option<(Vec<String>, DeviceIdentity)> {
    let document = Document::parse(xml).ok()?;
    let root = document.root_element();
    let storage = children(root, "capability")
        .find(|capability| capability.attribute("type") == Some("storage"))?;
    let nodes = children(root, "devnode").map(|node| text(node, &[]));
    let mut names: Vec<String> = nodes.filter(|name| !name.is_empty()).collect();
    names.extend(said(text(storage, &["block"])));
    let wwn = names.iter().find_map(|name| {
        let id = name.strip_prefix("/dev/disk/by-id/")?;
        let eui = id.strip_prefix("nvme-").filter(|id| id.starts_with("eui."));
        id.strip_prefix("wwn-").or(eui).map(str::to_owned)
    });
    let serial = text(storage, &["serial"]);
    Some((names, DeviceIdentity { wwn: wwn.unwrap_or_default(), serial }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_networks_of_one_name_are_told_apart() {
        let nat = network_shape(
            "<network><name>default</name><uuid>u</uuid><forward mode='nat'/>\
             <bridge name='virbr0'/><ip address='192.168.122.1' netmask='255.255.255.0'/></network>",
        );
        assert_eq!((nat.forward.as_str(), nat.bridge.as_str()), ("nat", "virbr0"));
        assert_eq!(nat.addresses, ["192.168.122.1/255.255.255.0"]);
        assert_eq!(network_shape("<network><forward/></network>").forward, "nat");
        assert_eq!(network_shape("<network/>").forward, "");
        let ovs = network_shape("<network><virtualport type='openvswitch'/></network>");
        assert_eq!((ovs.port_kind.as_deref(), nat.port_kind), (Some("openvswitch"), None));
        assert_eq!(network_shape("no xml"), NetworkShape::default());
    }

    #[test]
    fn small_things_are_found() {
        let xml = "<domainCapabilities><arch>x86_64</arch><vcpu max='4096'/></domainCapabilities>";
        assert_eq!(most_processors(xml), Some(4096));
        assert_eq!(most_processors("<domainCapabilities/>"), None);
        let xml = "<domainCapabilities><os supported='yes'><enum name='firmware'><value>efi</value></enum>\
             <loader supported='yes'><value>/usr/share/OVMF/OVMF_CODE_4M.fd</value>\
             <enum name='type'><value>rom</value></enum></loader></os></domainCapabilities>";
        assert_eq!(firmware(xml), ["/usr/share/OVMF/OVMF_CODE_4M.fd"]);
        assert!(firmware("<domainCapabilities/>").is_empty());
        let xml = "<device><name>net_br0_x</name><capability type='net'>\
             <interface>br0</interface></capability></device>";
        assert_eq!(link_name(xml).as_deref(), Some("br0"));
        assert_eq!(link_name("<device/>"), None);
    }

    #[test]
    fn a_card_that_is_connected_has_a_speed() {
        let card = |parent: &str, link: &str| {
            card_speed(&format!(
                "<device><name>net_eth0_x</name><parent>{parent}</parent><capability type='net'>\
                 <interface>eth0</interface>{link}<capability type='80203'/></capability></device>"
            ))
        };
        assert_eq!(card("pci_0000_00_03_0", "<link speed='25000' state='up'/>"), Some(25_000));
        assert_eq!(card("computer", "<link speed='10' state='up'/>"), None, "a tap");
        assert_eq!(card("pci_0000_00_03_0", "<link speed='1000' state='down'/>"), None);
        assert_eq!(card("pci_0000_00_03_0", "<link state='up'/>"), None);
        assert_eq!(card("pci_0000_00_03_0", "<link speed='4294967295' state='up'/>"), None);
        assert_eq!(card("pci_0000_00_03_0", ""), None);
        assert_eq!(card_speed("<device>"), None);
    }

    #[test]
    fn an_emulator_tells_of_its_processor_models() {
        let xml = "<domainCapabilities><cpu><mode name='host-model' supported='yes'><model>Skylake</model></mode>\
             <mode name='custom' supported='yes'>\
             <model usable='no' deprecated='yes' vendor='AMD'>Opteron_G1</model>\
             <blockers model='Opteron_G1'><feature name='sse4a'/><feature name='svm'/></blockers>\
             <model usable='yes' vendor='unknown'>qemu64</model>\
             <model usable='unknown'>new</model></mode></cpu></domainCapabilities>";
        let models = cpu_models(xml);
        let [opteron, qemu64, new] = models.as_slice() else { panic!("{models:?}") };
        assert_eq!((opteron.usable, opteron.deprecated), (Some(false), true));
        assert_eq!(opteron.blockers, ["sse4a", "svm"]);
        assert_eq!((qemu64.usable, qemu64.deprecated), (Some(true), false));
        assert_eq!((new.name.as_str(), new.usable), ("new", None));
        assert_eq!(cpu_models("<domainCapabilities/>"), []);
    }

    #[test]
    fn nodes_and_processors_have_numbers_of_their_own() {
        let xml = "<capabilities><host><topology><cells num='2'>\
             <cell id='0'><cpus num='2'><cpu id='0' socket_id='0'/><cpu id='4'/></cpus></cell>\
             <cell id='8'><cpus num='1'><cpu id='64'/></cpus></cell></cells></topology></host></capabilities>";
        let cells = host_cells(xml).unwrap();
        assert_eq!((cells.nodes, cells.processors), ([0, 8].into(), [0, 4, 64].into()));
        let untold =
            "<capabilities><host><topology><cells num='0'/></topology></host></capabilities>";
        assert_eq!(host_cells(untold), None);
        assert_eq!(host_cells("<capabilities><host/></capabilities>"), None);
    }

    #[test]
    fn a_host_tells_how_fast_it_counts() {
        let counting = |scaling: &str| {
            host_clock(&format!(
                "<capabilities><host><cpu><counter name='tsc' frequency='2400000000'{scaling}/>\
                 </cpu></host></capabilities>"
            ))
        };
        for (text, scaling) in
            [(" scaling='yes'", Some(true)), (" scaling='no'", Some(false)), ("", None)]
        {
            assert_eq!(counting(text), Some(HostClock { frequency: 2_400_000_000, scaling }));
        }
        assert_eq!(host_clock("<capabilities><host><cpu/></host></capabilities>"), None);
    }

    #[test]
    fn a_host_tells_whom_qemu_runs_as() {
        let xml = "<capabilities><host><secmodel><model>apparmor</model></secmodel>\
             <secmodel><model>dac</model><doi>0</doi><baselabel type='kvm'>+64055:+108</baselabel>\
             <baselabel type='qemu'>+64055:+109</baselabel></secmodel></host></capabilities>";
        assert_eq!(qemu_user(xml, "kvm"), Some(QemuUser { user: 64055, group: 108 }));
        assert_eq!(qemu_user(xml, "qemu"), Some(QemuUser { user: 64055, group: 109 }));
        assert_eq!(qemu_user(xml, "hvf"), None);
        assert_eq!(qemu_user("<capabilities><host/></capabilities>", "kvm"), None);
    }

    #[test]
    fn a_disk_of_the_host_is_recognised_by_what_the_whole_world_knows_it_by() {
        let xml = |links: &str, serial: &str| {
            format!(
                "<device><name>block_sda_1</name><devnode type='dev'>/dev/sda</devnode>{links}\
                 <capability type='storage'><block>/dev/sda</block><bus>scsi</bus>{serial}</capability></device>"
            )
        };
        let link = |id: &str| format!("<devnode type='link'>/dev/disk/by-id/{id}</devnode>");
        let links = link("scsi-3600a0b8000") + &link("wwn-0x600a0b8000");
        let (names, identity) = storage_device(&xml(&links, "<serial>ab12</serial>")).unwrap();
        assert!(names.iter().any(|name| name == "/dev/disk/by-id/scsi-3600a0b8000"), "{names:?}");
        assert!(names.iter().any(|name| name == "/dev/sda"), "{names:?}");
        assert_eq!((identity.wwn.as_str(), identity.serial.as_str()), ("0x600a0b8000", "ab12"));
        let nvme = link("nvme-Fast_Disk_S1") + &link("nvme-eui.0025385b");
        assert_eq!(storage_device(&xml(&nvme, "")).unwrap().1.wwn, "eui.0025385b");
        let (_, silent) = storage_device(&xml("", "")).unwrap();
        assert_eq!(silent, DeviceIdentity::default());
        assert_eq!(storage_device("<device><capability type='net'/></device>"), None);
    }
}
