//! What fields are called in a kind of pool, and why a host cannot have it.

use crate::i18n::{gettext, gettext_f};
use crate::model::Failure;
use crate::model::storage::{DiskLabel, FileSystem, NfsVersion, PoolKind, PoolSource};
use crate::storage::PoolField;
use crate::ui::labels::{storage_failure, storage_form};

use super::hosts::Unusable;
use super::ways::{AdapterWay, Protocol};

/// The name of a field in a kind of pool.
pub(super) fn field(kind: PoolKind, field: PoolField) -> String {
    match (kind, field) {
        (PoolKind::Logical, PoolField::SourceName) => gettext("Volume group"),
        (PoolKind::Logical | PoolKind::Zfs, PoolField::Device) => {
            gettext("Devices, if it is to be built")
        }
        (PoolKind::Rbd, PoolField::SourceName) => gettext("Ceph pool"),
        (PoolKind::Rbd, PoolField::Server) => gettext("Monitors"),
        (PoolKind::Gluster, PoolField::SourceName) => gettext("GlusterFS volume"),
        (PoolKind::Zfs, PoolField::SourceName) => gettext("ZFS pool or data set"),
        (PoolKind::Vstorage, PoolField::SourceName) => gettext("Cluster"),
        (PoolKind::Netfs, PoolField::Export) => gettext("Export (path, volume or share)"),
        (PoolKind::Iscsi, PoolField::Initiator) => gettext("Initiator IQN, if not the host's own"),
        (PoolKind::Iscsi | PoolKind::IscsiDirect, PoolField::Server) => gettext("Portal"),
        (PoolKind::Rbd, PoolField::Secret) => gettext("Key"),
        (_, PoolField::Secret) => gettext("Password"),
        (PoolKind::Scsi, PoolField::Adapter) => gettext("Adapter, by name or PCI address"),
        (PoolKind::Scsi, PoolField::Parent) => gettext("Parent adapter, if not any"),
        (_, other) => storage_form::field(other),
    }
}

pub(super) fn protocol(protocol: Protocol) -> String {
    match protocol {
        Protocol::Nfs => "NFS".to_owned(),
        Protocol::Gluster => "GlusterFS".to_owned(),
        Protocol::Cifs => "CIFS".to_owned(),
        Protocol::Auto => gettext("Whatever mount finds"),
    }
}

pub(super) fn nfs(version: Option<NfsVersion>) -> String {
    match version {
        None => gettext("Automatic"),
        Some(version) => version.word().to_owned(),
    }
}

pub(super) fn file_system(format: FileSystem) -> String {
    match format {
        FileSystem::Auto => gettext("Automatic"),
        known if known.is_clustered() => {
            gettext_f("{name} (for several hosts)", &[("name", known.word())])
        }
        known => known.word().to_owned(),
    }
}

pub(super) fn disk_label(label: DiskLabel) -> String {
    match label {
        DiskLabel::Unknown => gettext("Whatever is there"),
        known => known.word().to_owned(),
    }
}

pub(super) fn adapter(way: AdapterWay) -> String {
    match way {
        AdapterWay::Name => gettext("By its name"),
        AdapterWay::Address => gettext("By its PCI address"),
        AdapterWay::FibreChannel => gettext("By WWNs"),
    }
}

/// Something that was found, in one line.
pub(super) fn found(source: &PoolSource) -> String {
    match source {
        PoolSource::Netfs { server, export, .. } => format!("{}:{export}", server.name),
        PoolSource::Gluster { volume, directory, .. } => format!("{volume}{directory}"),
        PoolSource::Iscsi { target, .. } => target.clone(),
        PoolSource::Logical { group, .. } => group.clone(),
        other => other.kind().word().to_owned(),
    }
}

/// A host that did not say what it can do, and why not.
pub(super) fn not_told(failure: &Failure) -> String {
    let why = storage_failure::headline(failure);
    gettext_f("Did not say what it can do: {why}", &[("why", &why)])
}

pub(super) fn unusable(why: &Unusable) -> String {
    match why {
        Unusable::NotConnected => gettext("Not connected: connect it in the main window first"),
        Unusable::SameMachine(name) => gettext_f("The same machine as {host}", &[("host", name)]),
        Unusable::NotAsked => gettext("Has not said yet what it can do"),
        Unusable::NotTold(failure) => not_told(failure),
        Unusable::NotSupported => gettext(
            "Its libvirt cannot do this kind: a package is missing, or it was built without",
        ),
        Unusable::NameTaken(name) => {
            gettext_f("Has a pool named {name} already: choose another name", &[("name", name)])
        }
        Unusable::PathTaken(name) => gettext_f(
            "Its pool {name} has the same target path: choose another path",
            &[("name", name)],
        ),
        Unusable::HidesPool(name) => gettext_f(
            "Would be mounted over its pool {name} and hide the volumes in it: choose another path",
            &[("name", name)],
        ),
    }
}
