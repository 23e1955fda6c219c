//! What a host tells of its devices.

use std::collections::BTreeMap;
use std::sync::Arc;

use virt::connect::Connect;
use virt_sys as sys;

use crate::model::DeviceIdentity;
use crate::xml::{card_speed, link_name, storage_device};

/// How the names of interfaces begin that libvirt makes for guests, or that carry nothing to other hosts.
const OF_GUESTS: [&str; 4] = ["net_vnet", "net_macvtap", "net_virbr", "net_lo_"];
/// So many network cards are looked at.
const CARDS: usize = 32;

/// The names of the host's network interfaces.
pub(super) fn links(connect: &Connect) -> Option<Vec<String>> {
    let devices = connect.list_all_node_devices(sys::VIR_CONNECT_LIST_NODE_DEVICES_CAP_NET).ok()?;
    let names = devices.iter().map(|device| link_name(&device.xml_desc(0).ok()?));
    names.collect::<Option<Vec<String>>>()
}

/// A host has few network cards, and an interface for each of its guests.
pub(super) fn card_mbps(connect: &Connect) -> Option<u64> {
    let devices = connect.list_all_node_devices(sys::VIR_CONNECT_LIST_NODE_DEVICES_CAP_NET).ok()?;
    let of_guests = |name: &str| OF_GUESTS.iter().any(|prefix| name.starts_with(prefix));
    let cards = devices.iter().filter(|device| device.name().is_ok_and(|name| !of_guests(&name)));
    cards.take(CARDS).filter_map(|card| card_speed(&card.xml_desc(0).ok()?)).max()
}

/// The names of all devices of the host that a guest can be given.
pub(super) fn host_devices(connect: &Connect) -> Option<Arc<[String]>> {
    let flags = sys::VIR_CONNECT_LIST_NODE_DEVICES_CAP_PCI_DEV
        | sys::VIR_CONNECT_LIST_NODE_DEVICES_CAP_MDEV;
    let devices = connect.list_all_node_devices(flags).ok()?;
    Some(devices.iter().filter_map(|device| device.name().ok()).collect())
}

/// All disks of the host by each of their names.
pub(super) fn devices(connect: &Connect) -> BTreeMap<String, DeviceIdentity> {
    let flags = sys::VIR_CONNECT_LIST_NODE_DEVICES_CAP_STORAGE;
    let disks = connect.list_all_node_devices(flags).unwrap_or_default();
    let known = disks.iter().filter_map(|disk| storage_device(&disk.xml_desc(0).ok()?));
    let named = |(names, identity): (Vec<String>, DeviceIdentity)| {
        names.into_iter().map(move |name| (name, identity.clone()))
    };
    known.flat_map(named).collect()
}
