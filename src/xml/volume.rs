//! A volume's XML, as libvirt's `storagevol.rng` asks for it.

use roxmltree::Node;

use super::check::{XmlProblem, parse};
use super::pool_build;
use super::pool_parse::{exact, permissions};
use super::pool_source::secret;
use super::tree::{amount, attribute, below, child};
use super::write::Element;
use crate::model::Bytes;
use crate::model::storage::{
    Backing, PoolKind, Volume, VolumeDefinition, VolumeDetails, VolumeFormat, VolumeKind,
};

/// A volume's XML, for a pool of this kind. qcow2 is always of version 1.1: libvirt 9.0's own choice is 0.10.
#[must_use]
pub fn build_volume(volume: &VolumeDefinition, kind: PoolKind) -> String {
    let bytes = |name: &'static str, size: Bytes| {
        Element::new(name).with("unit", "bytes").text(size.0.to_string())
    };
    Element::new("volume")
        .child(Element::new("name").text(volume.name.as_str()))
        .child(bytes("capacity", volume.capacity))
        .children(volume.allocation.map(|size| bytes("allocation", size)))
        .child(target(volume, kind)) // the schema wants one, even if empty
        .children(volume.backing.as_ref().map(backing))
        .into_xml()
}

fn target(volume: &VolumeDefinition, kind: PoolKind) -> Element {
    let formats =
        !matches!(kind, PoolKind::Logical | PoolKind::Disk | PoolKind::Zfs | PoolKind::Rbd);
    let is_qcow2 = formats && volume.format == VolumeFormat::Qcow2;
    let mut target = Element::new("target");
    if formats {
        target = target.child(Element::new("format").with("type", volume.format.word()));
    }
    target = target.children(pool_build::permissions(&volume.permissions));
    if let Some(encryption) = &volume.encryption {
        let passphrase = secret(&encryption.secret).with("type", "passphrase");
        target = target.child(Element::new("encryption").with("format", "luks").child(passphrase));
    }
    if is_qcow2 {
        let options = volume.qcow2;
        let mut features = Element::new("features");
        if options.lazy_refcounts {
            features = features.child(Element::new("lazy_refcounts"));
        }
        if options.extended_l2 {
            features = features.child(Element::new("extended_l2"));
        }
        target =
            target
                .child(Element::new("compat").text("1.1"))
                .children(options.cluster_size.map(|size| {
                    Element::new("clusterSize").with("unit", "B").text(size.0.to_string())
                }))
                .children((!features.is_empty()).then_some(features));
    }
    target
}

fn backing(backing: &Backing) -> Element {
    let format = backing.format.as_ref();
    Element::new("backingStore")
        .child(Element::new("path").text(backing.path.as_str()))
        .children(format.map(|format| Element::new("format").with("type", format.word())))
}

/// Reads a volume's XML. What is missing in it stays empty.
///
/// # Errors
///
/// When the text is no XML, or no volume.
pub fn parse_volume(xml: &str) -> Result<Volume, XmlProblem> {
    let document = parse(xml)?;
    let root = document.root_element();
    if !root.has_tag_name("volume") {
        return Err(XmlProblem::no("volume", root.tag_name().name()));
    }
    let size = |name| Bytes(child(root, name).and_then(|node| amount(node, 1)).unwrap_or(0));
    let encryption = below(root, &["target", "encryption"]);
    let details = VolumeDetails {
        kind: kind(root.attribute("type").unwrap_or_default()),
        path: exact(root, &["target", "path"]),
        capacity: size("capacity"),
        allocation: size("allocation"),
        format: child(root, "target").and_then(format),
        backing: child(root, "backingStore").and_then(|node| {
            let path = exact(node, &["path"]);
            (!path.is_empty()).then(|| Backing { path, format: format(node) })
        }),
        encryption: encryption.map(|node| attribute(node, "format")),
        permissions: below(root, &["target", "permissions"]).map(permissions).unwrap_or_default(),
    };
    Ok(Volume { name: exact(root, &["name"]), details: Some(Box::new(details)) })
}

fn format(node: Node<'_, '_>) -> Option<VolumeFormat> {
    child(node, "format")?.attribute("type").map(VolumeFormat::from_word)
}

fn kind(word: &str) -> VolumeKind {
    match word {
        "file" => VolumeKind::File,
        "block" => VolumeKind::Block,
        "dir" => VolumeKind::Directory,
        "network" => VolumeKind::Network,
        "netdir" => VolumeKind::NetworkDirectory,
        "ploop" => VolumeKind::Ploop,
        _ => VolumeKind::Other,
    }
}
