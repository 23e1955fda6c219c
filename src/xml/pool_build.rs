//! A pool's XML, as libvirt's `storagepool.rng` asks for it.

use super::pool_source::{host, source};
use super::write::Element;
use crate::model::storage::{Permissions, PoolDefinition, PoolKind, PoolSource};

/// Namespace of mount options.
pub(super) const MOUNT_OPTIONS: &str = "http://libvirt.org/schemas/storagepool/fs/1.0";
/// Namespace of options for the Ceph client.
pub(super) const CEPH_OPTIONS: &str = "http://libvirt.org/schemas/storagepool/rbd/1.0";

/// A pool's XML.
#[must_use]
pub fn build_pool(pool: &PoolDefinition) -> String {
    let kind = pool.source.kind();
    let word = match &pool.source {
        PoolSource::Other(word) => word.as_str(),
        _ => kind.word(),
    };
    let mounts = matches!(kind, PoolKind::Fs | PoolKind::Netfs) && !pool.mount_options.is_empty();
    let ceph = kind == PoolKind::Rbd && !pool.ceph_options.is_empty();
    let mut root = Element::new("pool").with("type", word);
    if mounts {
        root = root.with("xmlns:fs", MOUNT_OPTIONS);
    }
    if ceph {
        root = root.with("xmlns:rbd", CEPH_OPTIONS);
    }
    root = root
        .child(Element::new("name").text(pool.name.as_str()))
        .child_text("uuid", pool.uuid.map(|uuid| uuid.to_string()));
    if let Some(on) = pool.copy_on_write {
        root =
            root.child(Element::new("features").child(Element::new("cow").with("state", yes(on))));
    }
    root = root.children(source(pool));
    root = root.children(target(pool, kind));
    if pool.quick_refresh && kind == PoolKind::Rbd {
        let volume = Element::new("volume").with("allocation", "capacity");
        root = root.child(Element::new("refresh").child(volume));
    }
    if mounts {
        root = root.child(
            Element::new("fs:mount_opts").children(
                pool.mount_options
                    .iter()
                    .map(|name| Element::new("fs:option").with("name", name.as_str())),
            ),
        );
    }
    if ceph {
        root = root.child(Element::new("rbd:config_opts").children(pool.ceph_options.iter().map(
            |(name, value)| {
                Element::new("rbd:option").with("name", name.as_str()).with("value", value.as_str())
            },
        )));
    }
    root.into_xml()
}

/// The `<source>` that discovery starts from: a server, or nothing.
#[must_use]
pub fn build_discovery(pool: &PoolDefinition) -> String {
    let source = match &pool.source {
        // `showmount` takes an address without the brackets that `mount` wants.
        PoolSource::Netfs { server, .. } => Some(Element::new("source").child(host(server))),
        _ => source(pool),
    };
    source.unwrap_or_else(|| Element::new("source")).into_xml()
}

/// libvirt wants no `<target>` where the kind has none, and one of volume groups though it may be empty.
fn target(pool: &PoolDefinition, kind: PoolKind) -> Option<Element> {
    if matches!(kind, PoolKind::IscsiDirect | PoolKind::Rbd | PoolKind::Gluster) {
        return None;
    }
    let path = &pool.target.path;
    let target =
        Element::new("target").child_text("path", (!path.is_empty()).then_some(path.as_str()));
    let target = target.children(permissions(&pool.target.permissions));
    (kind == PoolKind::Logical || !target.is_empty()).then_some(target)
}

/// Owner and mode; nothing where nothing is wanted.
pub(super) fn permissions(wanted: &Permissions) -> Option<Element> {
    let element = Element::new("permissions")
        .child_text("mode", wanted.mode.map(|mode| format!("0{mode:o}")))
        .child_text("owner", wanted.owner.map(|owner| owner.to_string()))
        .child_text("group", wanted.group.map(|group| group.to_string()))
        .child_text("label", wanted.label.clone());
    (!element.is_empty()).then_some(element)
}

pub(super) const fn yes(on: bool) -> &'static str {
    if on { "yes" } else { "no" }
}
