//! What a guest's XML asks of the host it runs on.

use std::collections::BTreeSet;

use roxmltree::{Document, Node};

use super::pool_parse::servers;
use super::tree::{amount, attribute, below, child, children, said, text, unit};
use super::{XmlProblem, guest_devices, problem};
use crate::model::storage::SecretUsage;
use crate::model::{Bytes, CpuFacts, DiskFacts, DiskSource, GuestFacts, Reservations, SecretNeed};

/// Reads what matters to a host out of a guest's XML.
///
/// # Errors
///
/// When the text is no XML. What is missing in it stays empty.
pub fn parse_guest(xml: &str) -> Result<GuestFacts, XmlProblem> {
    let document = Document::parse(xml).map_err(|error| problem(&error))?;
    let root = document.root_element();
    let devices = child(root, "devices");
    let mut facts = GuestFacts {
        name: text(root, &["name"]),
        uuid: text(root, &["uuid"]).parse().ok(),
        virt_type: attribute(root, "type"),
        memory: memory(root),
        cells: below(root, &["cpu", "numa"]).is_some(),
        vcpus: text(root, &["vcpu"]).parse().unwrap_or(0),
        cpu: cpu(root),
        huge_pages: huge_pages(root),
        pinned_cpus: pinned_cpus(root),
        pinned_nodes: pinned_nodes(root),
        launch_security: child(root, "launchSecurity").map(|node| attribute(node, "type")),
        boot: ["kernel", "initrd", "dtb"]
            .into_iter()
            .filter_map(|name| said(text(root, &["os", name])))
            .collect(),
        firmware: said(text(root, &["os", "loader"])),
        nvram: nvram(root),
        hard_limit: below(root, &["memtune", "hard_limit"]).is_some(),
        security_models: children(root, "seclabel")
            .filter(|label| label.attribute("type") == Some("static"))
            .filter_map(|label| said(attribute(label, "model")))
            .collect(),
        ..GuestFacts::default()
    };
    if let Some(kind) = below(root, &["os", "type"]) {
        facts.arch = attribute(kind, "arch");
        facts.machine = attribute(kind, "machine");
    }
    if let Some(devices) = devices {
        facts.emulator = text(devices, &["emulator"]);
        facts.disks = children(devices, "disk").map(disk).collect();
        facts.interfaces = children(devices, "interface").map(guest_devices::interface).collect();
        facts.graphics = children(devices, "graphics").map(guest_devices::graphics).collect();
        facts.tpm_secret = tpm_secret(devices);
        facts.loose_modules = devices.children().any(guest_devices::is_loose_module);
        facts.devices = devices.children().filter_map(guest_devices::special).collect();
    }
    Ok(facts)
}

/// The processor of a guest as libvirt compares it with a host's; `None` where none is given.
#[must_use]
pub fn guest_cpu(xml: &str) -> Option<String> {
    let document = Document::parse(xml).ok()?;
    let cpu = child(document.root_element(), "cpu")?;
    child(cpu, "model")?;
    xml.get(cpu.range()).map(str::to_owned)
}

/// A plain path, or (libvirt 8.5) a source as disks have it.
fn nvram(root: Node<'_, '_>) -> Option<String> {
    let source = below(root, &["os", "nvram", "source"]);
    let path = source.and_then(|node| node.attribute("file").or_else(|| node.attribute("dev")));
    path.map(str::to_owned).or_else(|| said(text(root, &["os", "nvram"])))
}

/// What QEMU takes from the beginning, modules included; `maxMemory` is only how far that can be raised.
fn memory(root: Node<'_, '_>) -> Bytes {
    Bytes(child(root, "memory").and_then(|node| amount(node, 1 << 10)).unwrap_or(0))
}

fn cpu(root: Node<'_, '_>) -> CpuFacts {
    let timers = child(root, "clock").into_iter().flat_map(|clock| children(clock, "timer"));
    let tsc = |node: &Node<'_, '_>| node.attribute("name") == Some("tsc");
    let frequency = |node: Node<'_, '_>| node.attribute("frequency")?.parse().ok();
    let tsc_frequency = timers.filter(tsc).find_map(frequency).filter(|&hertz| hertz > 0);
    let Some(cpu) = child(root, "cpu") else {
        return CpuFacts { tsc_frequency, ..CpuFacts::default() };
    };
    let wants = |node: Node<'_, '_>| {
        !matches!(node.attribute("policy"), Some("disable" | "forbid" | "optional"))
    };
    CpuFacts {
        mode: attribute(cpu, "mode"),
        model: text(cpu, &["model"]),
        enforced: !matches!(cpu.attribute("check"), None | Some("none")),
        invariant_tsc: children(cpu, "feature")
            .any(|node| node.attribute("name") == Some("invtsc") && wants(node)),
        tsc_frequency,
        vmx: children(cpu, "feature")
            .any(|node| node.attribute("name") == Some("vmx") && wants(node)),
        without_some_vmx: children(cpu, "feature").any(|node| {
            let nested = node.attribute("name").is_some_and(|name| name.starts_with("vmx-"));
            nested && node.attribute("policy") == Some("disable")
        }),
    }
}

fn huge_pages(root: Node<'_, '_>) -> Option<Bytes> {
    let wanted = below(root, &["memoryBacking", "hugepages"])?;
    let size = child(wanted, "page").and_then(|page| {
        let size: u64 = page.attribute("size")?.parse().ok()?;
        Some(size.saturating_mul(unit(page.attribute("unit")).unwrap_or(1 << 10)))
    });
    Some(Bytes(size.unwrap_or(0)))
}

/// The highest number that libvirt takes in such a set (`VIR_DOMAIN_CPUMASK_LEN`).
const HIGHEST: u32 = 16383;

/// The numbers in a set such as `0-3,^2,8`.
fn numbers(set: &str) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    for part in set.split(',').map(str::trim) {
        if let Some(but) = part.strip_prefix('^') {
            but.parse().ok().map(|but: u32| found.remove(&but));
            continue;
        }
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        if let (Ok(first), Ok(last)) = (first.parse::<u32>(), last.parse::<u32>()) {
            found.extend(first..=last.min(HIGHEST));
        }
    }
    found
}

fn pinned_cpus(root: Node<'_, '_>) -> Vec<BTreeSet<u32>> {
    let tuned = child(root, "cputune").into_iter().flat_map(|tune| tune.children());
    let pins = tuned.chain(child(root, "vcpu")).filter_map(|pin| pin.attribute("cpuset"));
    pins.map(numbers).filter(|set| !set.is_empty()).collect()
}

fn pinned_nodes(root: Node<'_, '_>) -> BTreeSet<u32> {
    let tuned = child(root, "numatune").into_iter().flat_map(|tune| tune.children());
    tuned.filter_map(|node| node.attribute("nodeset")).flat_map(numbers).collect()
}

fn disk(node: Node<'_, '_>) -> DiskFacts {
    let source = child(node, "source");
    let driver = child(node, "driver");
    DiskFacts {
        target: child(node, "target").map(|target| attribute(target, "dev")).unwrap_or_default(),
        removable: matches!(node.attribute("device"), Some("cdrom" | "floppy")),
        source: source.map_or(DiskSource::Empty, |source| {
            disk_source(node.attribute("type").unwrap_or_default(), source)
        }),
        read_only: child(node, "readonly").is_some(),
        shareable: child(node, "shareable").is_some(),
        transient: child(node, "transient").is_some(),
        cache: driver.map(|driver| attribute(driver, "cache")).unwrap_or_default(),
        optional: source.and_then(|source| source.attribute("startupPolicy")) == Some("optional"),
        backing: backing(node),
        secrets: node
            .descendants()
            .filter(|node| node.has_tag_name("secret"))
            .filter_map(secret)
            .collect(),
        reservations: source.and_then(reservations),
    }
}

/// How a disk names a secret. Without a UUID it is by its usage, of which an encrypted image has one kind, and
/// a login as many as there are servers.
fn secret(node: Node<'_, '_>) -> Option<SecretNeed> {
    if let Some(uuid) = node.attribute("uuid") {
        return Some(SecretNeed::Uuid(uuid.to_owned()));
    }
    let name = node.attribute("usage")?.to_owned();
    let usage = match node.attribute("type")? {
        "passphrase" => SecretUsage::Volume(name),
        "ceph" => SecretUsage::Ceph(name),
        "iscsi" => SecretUsage::Iscsi(name),
        _ => return None,
    };
    Some(SecretNeed::Usage(usage))
}

fn tpm_secret(devices: Node<'_, '_>) -> Option<SecretNeed> {
    let encryption = below(devices, &["tpm", "backend", "encryption"])?;
    said(attribute(encryption, "secret")).map(SecretNeed::Uuid)
}

fn reservations(source: Node<'_, '_>) -> Option<Reservations> {
    let node = child(source, "reservations")?;
    let socket = child(node, "source").and_then(|socket| socket.attribute("path"));
    Some(match (node.attribute("managed"), socket) {
        (Some("no"), Some(socket)) => Reservations::Socket(socket.to_owned()),
        _ => Reservations::Managed,
    })
}

fn disk_source(kind: &str, source: Node<'_, '_>) -> DiskSource {
    match kind {
        "file" => match source.attribute("file") {
            Some(file) => DiskSource::File(file.to_owned()),
            None => DiskSource::Empty,
        },
        "block" => match source.attribute("dev") {
            Some(device) => DiskSource::Block(device.to_owned()),
            None => DiskSource::Empty,
        },
        "volume" => DiskSource::Volume {
            pool: attribute(source, "pool"),
            volume: attribute(source, "volume"),
        },
        "network" => DiskSource::Network {
            protocol: attribute(source, "protocol"),
            name: attribute(source, "name"),
            servers: servers(Some(source)),
        },
        other => DiskSource::Other(other.to_owned()),
    }
}

/// The chain below an image, as a running guest's XML lists it.
fn backing(disk: Node<'_, '_>) -> Vec<DiskSource> {
    let mut chain = Vec::new();
    let mut at = child(disk, "backingStore");
    while let Some(store) = at {
        let kind = store.attribute("type").unwrap_or_default();
        chain.extend(child(store, "source").map(|source| disk_source(kind, source)));
        at = child(store, "backingStore");
    }
    chain
}

#[cfg(test)]
#[path = "guest_parse_tests.rs"]
mod tests;
