//! What is filled in so far, and the pool that comes of it: pure.

use std::collections::HashMap;

use crate::backend::{DiscoverWish, SecretWish};
use crate::model::storage::{
    Adapter, BuildMode, DiskLabel, FibreParent, FileSystem, Login, NetworkProtocol, NfsVersion,
    PoolDefinition, PoolKind, PoolSource, SecretDefinition, SecretRef, SecretUsage, SecretValue,
    Server,
};
use crate::model::{PoolUuid, SecretUuid};
use crate::storage::{
    Building, PoolFault, PoolField, ServerFault, abilities, default_target, pool_faults, server,
};

use super::ways::{AdapterWay, Protocol};

/// What is filled in so far.
#[derive(Clone, Debug)]
pub struct PoolDraft {
    /// Kind of the pool.
    pub kind: PoolKind,
    texts: HashMap<PoolField, String>,
    /// Where images are kept at the host.
    images: String,
    /// Password of the login; in [`PoolField::Secret`] only to be blamed.
    pub password: SecretValue,
    /// How the export is reached.
    pub protocol: Protocol,
    /// Version of NFS.
    pub nfs: Option<NfsVersion>,
    /// File system on the device.
    pub file_system: FileSystem,
    /// Partition table.
    pub label: DiskLabel,
    /// How the adapter is named.
    pub adapter: AdapterWay,
    /// `unique_id` of the adapter.
    pub unique_id: u32,
    /// RBD: sizes for uses.
    pub quick_refresh: bool,
    /// Copy on write in the target directory; `None` leaves it to libvirt.
    pub copy_on_write: Option<bool>,
    /// Build it first.
    pub build: Option<BuildMode>,
    /// Start it.
    pub start: bool,
    /// Start it with the host.
    pub autostart: bool,
    /// Its UUID on every host, as text.
    pub uuid: String,
    secret: SecretUuid,
}

impl PoolDraft {
    /// Nothing filled in. The UUIDs are new ones.
    #[must_use]
    pub fn new(pool: PoolUuid, secret: SecretUuid, images: &str) -> Self {
        let mut draft = Self {
            kind: PoolKind::Dir,
            texts: HashMap::new(),
            images: images.to_owned(),
            password: SecretValue(String::new()),
            protocol: Protocol::default(),
            nfs: None,
            file_system: FileSystem::default(),
            label: DiskLabel::Gpt,
            adapter: AdapterWay::default(),
            unique_id: 1,
            quick_refresh: true,
            copy_on_write: None,
            build: Some(BuildMode::Plain),
            start: true,
            autostart: true,
            uuid: pool.to_string(),
            secret,
        };
        draft.set(PoolField::Name, "images");
        draft.texts.insert(PoolField::Target, draft.usual_target());
        draft
    }

    /// What stands in a field.
    #[must_use]
    pub fn text(&self, field: PoolField) -> &str {
        self.texts.get(&field).map_or("", String::as_str)
    }

    /// Fills a field in. The target path follows the name as long as it is the usual one.
    pub fn set(&mut self, field: PoolField, text: &str) {
        let follows = self.text(PoolField::Target) == self.usual_target();
        self.texts.insert(field, text.to_owned());
        if follows && field != PoolField::Target {
            self.texts.insert(PoolField::Target, self.usual_target());
        }
    }

    /// Chooses the kind, and what is usual for it.
    pub fn choose(&mut self, kind: PoolKind) {
        if kind == self.kind {
            return;
        }
        self.kind = kind;
        self.texts.insert(PoolField::Target, self.usual_target());
        self.build = usual_build(kind);
        if kind == PoolKind::Gluster && self.text(PoolField::Directory).is_empty() {
            self.set(PoolField::Directory, "/");
        }
    }

    /// libvirt chooses for volume groups: `/dev/` and their name.
    fn usual_target(&self) -> String {
        match self.kind {
            PoolKind::Logical => String::new(),
            kind => default_target(kind, &self.images, self.text(PoolField::Name).trim()),
        }
    }

    /// The fields of the kind, as far as what is chosen wants them.
    #[must_use]
    pub fn fields(&self) -> Vec<PoolField> {
        use PoolField as Field;
        let mut fields = match self.kind {
            PoolKind::Dir | PoolKind::Mpath | PoolKind::Other => Vec::new(),
            PoolKind::Fs | PoolKind::Disk => vec![Field::Device],
            PoolKind::Netfs => vec![Field::Server, Field::Export],
            PoolKind::Logical | PoolKind::Zfs => vec![Field::SourceName, Field::Device],
            PoolKind::Iscsi | PoolKind::IscsiDirect => {
                vec![Field::Server, Field::Iqn, Field::Initiator, Field::User, Field::Secret]
            }
            PoolKind::Scsi => match self.adapter {
                AdapterWay::Name | AdapterWay::Address => vec![Field::Adapter],
                AdapterWay::FibreChannel => vec![Field::Wwnn, Field::Wwpn, Field::Parent],
            },
            PoolKind::Rbd => vec![Field::Server, Field::SourceName, Field::User, Field::Secret],
            PoolKind::Gluster => vec![Field::Server, Field::SourceName, Field::Directory],
            PoolKind::Vstorage => vec![Field::SourceName],
        };
        if abilities(self.kind).target && self.kind != PoolKind::Logical {
            fields.push(Field::Target);
        }
        fields.extend(self.advanced_fields());
        fields
    }

    pub(super) fn trimmed(&self, field: PoolField) -> String {
        self.text(field).trim().to_owned()
    }

    pub(super) fn optional(&self, field: PoolField) -> Option<String> {
        Some(self.trimmed(field)).filter(|text| !text.is_empty())
    }

    /// Several things in one field, with spaces or commas between them.
    pub(super) fn several(&self, field: PoolField) -> Vec<String> {
        let parts = self.text(field).split([' ', ',', '\t']).filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect()
    }

    fn servers(&self) -> Result<Vec<Server>, ServerFault> {
        let servers: Vec<Server> = self
            .several(PoolField::Server)
            .iter()
            .map(|text| server(text))
            .collect::<Result<_, _>>()?;
        if servers.is_empty() { Err(ServerFault::Empty) } else { Ok(servers) }
    }

    /// The one machine that is named.
    ///
    /// # Errors
    ///
    /// What is wrong with the text.
    pub fn server(&self) -> Result<Server, ServerFault> {
        server(self.text(PoolField::Server))
    }

    fn has_login(&self) -> bool {
        let can = self.fields().contains(&PoolField::User);
        can && (self.optional(PoolField::User).is_some() || !self.password.0.is_empty())
    }

    fn usage(&self) -> SecretUsage {
        let name = format!("vireo-{}", self.trimmed(PoolField::Name));
        match self.kind {
            PoolKind::Rbd => SecretUsage::Ceph(name),
            _ => SecretUsage::Iscsi(name),
        }
    }

    fn login(&self) -> Option<Login> {
        self.has_login().then(|| Login {
            user: self.trimmed(PoolField::User),
            secret: SecretRef::Usage(self.usage().name().to_owned()),
        })
    }

    /// The password, to be set on each host.
    #[must_use]
    pub fn secret(&self) -> Option<SecretWish> {
        let description = format!("Vireo: {}", self.trimmed(PoolField::Name));
        self.has_login().then(|| SecretWish {
            definition: SecretDefinition { uuid: self.secret, usage: self.usage(), description },
            value: self.password.clone(),
        })
    }

    /// The pool that comes of it. A machine that cannot be read is left out: see [`Self::faults`].
    #[must_use]
    pub fn definition(&self) -> PoolDefinition {
        let name = self.trimmed(PoolField::Name);
        let target = if self.fields().contains(&PoolField::Target) {
            self.trimmed(PoolField::Target)
        } else {
            String::new()
        };
        let mut definition = PoolDefinition::new(name, self.source(), target);
        definition.uuid = self.uuid.trim().parse().ok();
        definition.quick_refresh = self.kind == PoolKind::Rbd && self.quick_refresh;
        self.add_options(&mut definition);
        definition
    }

    fn source(&self) -> PoolSource {
        let server = self.server().unwrap_or_default();
        let device = self.trimmed(PoolField::Device);
        let source_name = self.trimmed(PoolField::SourceName);
        let target = self.trimmed(PoolField::Iqn);
        match self.kind {
            PoolKind::Dir => PoolSource::Dir,
            PoolKind::Fs => PoolSource::Fs { device, format: self.file_system },
            PoolKind::Netfs => PoolSource::Netfs {
                server,
                export: self.trimmed(PoolField::Export),
                protocol: self.network_protocol(),
            },
            PoolKind::Logical => {
                PoolSource::Logical { group: source_name, devices: self.several(PoolField::Device) }
            }
            PoolKind::Disk => PoolSource::Disk { device, label: self.label, part_separator: None },
            PoolKind::Iscsi => PoolSource::Iscsi {
                portal: server,
                target,
                initiator: self.optional(PoolField::Initiator),
                login: self.login(),
            },
            PoolKind::IscsiDirect => PoolSource::IscsiDirect {
                portal: server,
                target,
                initiator: self.trimmed(PoolField::Initiator),
                login: self.login(),
            },
            PoolKind::Scsi => PoolSource::Scsi(self.scsi_adapter()),
            PoolKind::Mpath => PoolSource::Mpath,
            PoolKind::Rbd => PoolSource::Rbd {
                monitors: self.servers().unwrap_or_default(),
                pool: source_name,
                login: self.login(),
            },
            PoolKind::Gluster => PoolSource::Gluster {
                servers: self.servers().unwrap_or_default(),
                volume: source_name,
                directory: self.trimmed(PoolField::Directory),
            },
            PoolKind::Zfs => {
                PoolSource::Zfs { name: source_name, device: self.optional(PoolField::Device) }
            }
            PoolKind::Vstorage => PoolSource::Vstorage { cluster: source_name },
            PoolKind::Other => PoolSource::Other(String::new()),
        }
    }

    const fn network_protocol(&self) -> NetworkProtocol {
        match self.protocol {
            Protocol::Nfs => NetworkProtocol::Nfs(self.nfs),
            Protocol::Gluster => NetworkProtocol::Gluster,
            Protocol::Cifs => NetworkProtocol::Cifs,
            Protocol::Auto => NetworkProtocol::Auto,
        }
    }

    fn scsi_adapter(&self) -> Adapter {
        let parent = self.optional(PoolField::Parent);
        match self.adapter {
            AdapterWay::Name => Adapter::Host(self.trimmed(PoolField::Adapter)),
            AdapterWay::Address => Adapter::HostAt {
                address: self.trimmed(PoolField::Adapter),
                unique_id: self.unique_id,
            },
            AdapterWay::FibreChannel => Adapter::FibreChannel {
                wwnn: self.trimmed(PoolField::Wwnn),
                wwpn: self.trimmed(PoolField::Wwpn),
                managed: parent.is_some().then_some(true),
                parent: parent.map_or(FibreParent::Any, FibreParent::Name),
            },
        }
    }

    /// Everything that is wrong with it.
    #[must_use]
    pub fn faults(&self) -> Vec<PoolFault> {
        let mut faults = pool_faults(&self.definition());
        if self.fields().contains(&PoolField::Server) {
            let several = matches!(self.kind, PoolKind::Rbd | PoolKind::Gluster);
            let read = if several { self.servers().map(drop) } else { self.server().map(drop) };
            if let Err(fault) = read
                && fault != ServerFault::Empty
            {
                // What is left of such a text is no machine either: one fault is enough.
                faults.retain(|fault| *fault != PoolFault::Missing(PoolField::Server));
                faults.push(PoolFault::Server(fault));
            }
        }
        if self.has_login() && self.password.0.is_empty() {
            faults.push(PoolFault::Missing(PoolField::Secret));
        }
        faults.extend(self.option_faults());
        faults
    }

    /// What can be looked for with what is filled in.
    ///
    /// # Errors
    ///
    /// What is wrong with the name of the server.
    pub fn discovery(&self) -> Result<DiscoverWish, ServerFault> {
        Ok(match self.kind {
            PoolKind::Gluster => DiscoverWish::GlusterVolumes(self.server()?),
            PoolKind::Iscsi => DiscoverWish::IscsiTargets {
                portal: self.server()?,
                initiator: self.optional(PoolField::Initiator),
            },
            PoolKind::Logical => DiscoverWish::VolumeGroups,
            _ => DiscoverWish::Exports(self.server()?),
        })
    }

    /// Fills in what was found.
    pub fn take(&mut self, found: &PoolSource) {
        match found {
            PoolSource::Netfs { export, protocol, .. } => {
                self.set(PoolField::Export, export);
                match protocol {
                    NetworkProtocol::Gluster => self.protocol = Protocol::Gluster,
                    NetworkProtocol::Cifs => self.protocol = Protocol::Cifs,
                    NetworkProtocol::Nfs(_) | NetworkProtocol::Auto => {
                        self.protocol = Protocol::Nfs;
                    }
                }
            }
            PoolSource::Gluster { volume, directory, .. } => {
                self.set(PoolField::SourceName, volume);
                self.set(PoolField::Directory, directory);
            }
            PoolSource::Iscsi { target, .. } => self.set(PoolField::Iqn, target),
            PoolSource::Logical { group, .. } => self.set(PoolField::SourceName, group),
            _ => {}
        }
    }
}

/// How a pool of this kind is built where nothing else is said: a directory is made, no device formatted.
pub(super) const fn usual_build(kind: PoolKind) -> Option<BuildMode> {
    match abilities(kind).building {
        Building::Directory => Some(BuildMode::Plain),
        // Where the file system is mounted.
        Building::Format if matches!(kind, PoolKind::Fs) => Some(BuildMode::Plain),
        Building::None | Building::Format | Building::Group => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(kind: PoolKind, texts: &[(PoolField, &str)]) -> PoolDraft {
        let mut draft =
            PoolDraft::new(PoolUuid([1; 16]), SecretUuid([2; 16]), "/var/lib/libvirt/images");
        draft.choose(kind);
        for (field, text) in texts {
            draft.set(*field, text);
        }
        draft
    }

    #[test]
    fn the_target_follows_the_name_until_it_is_typed() {
        let new = PoolDraft::new(PoolUuid([1; 16]), SecretUuid([2; 16]), "/var/lib/libvirt/images");
        assert_eq!(new.text(PoolField::Target), "/var/lib/libvirt/images/images");
        let mut draft = draft(PoolKind::Netfs, &[(PoolField::Name, "vm")]);
        assert_eq!(draft.text(PoolField::Target), "/var/lib/libvirt/images/vm");
        draft.set(PoolField::Target, "/srv/vm");
        draft.set(PoolField::Name, "other");
        assert_eq!(draft.text(PoolField::Target), "/srv/vm");
    }

    #[test]
    fn an_nfs_pool_comes_of_its_fields() {
        let mut draft = draft(
            PoolKind::Netfs,
            &[
                (PoolField::Name, " images "),
                (PoolField::Server, "[fd00::1]"),
                (PoolField::Export, "/srv/nfs"),
                (PoolField::MountOptions, "hard, rsize=1024"),
            ],
        );
        draft.nfs = Some(NfsVersion::V4_2);
        let definition = draft.definition();
        assert_eq!(draft.faults(), []);
        assert_eq!(definition.name, "images");
        assert_eq!(definition.uuid, Some(PoolUuid([1; 16])));
        assert_eq!(definition.mount_options, ["hard", "rsize=1024"]);
        assert_eq!(
            definition.source,
            PoolSource::Netfs {
                server: Server { name: "fd00::1".into(), port: None },
                export: "/srv/nfs".into(),
                protocol: NetworkProtocol::Nfs(Some(NfsVersion::V4_2)),
            }
        );
    }

    #[test]
    fn a_path_behind_the_server_is_told_once() {
        let draft =
            draft(PoolKind::Netfs, &[(PoolField::Server, "nas:/srv"), (PoolField::Export, "/srv")]);
        let path = ServerFault::Path("nas".into(), "/srv".into());
        assert_eq!(draft.faults(), [PoolFault::Server(path.clone())]);
        assert_eq!(draft.discovery(), Err(path));
    }

    #[test]
    fn a_login_is_whole_or_not_there() {
        let fields =
            [(PoolField::Server, "nas:3260"), (PoolField::Iqn, "iqn.2026-01.org.example:disks")];
        let mut draft = draft(PoolKind::Iscsi, &fields);
        assert!(draft.faults().is_empty() && draft.secret().is_none());
        draft.set(PoolField::User, "alice");
        assert_eq!(draft.faults(), [PoolFault::Missing(PoolField::Secret)]);
        draft.password = SecretValue("s".into());
        assert_eq!(draft.faults(), []);
        let secret = draft.secret().unwrap();
        let login = draft.definition().source.login().cloned().unwrap();
        assert_eq!(login.secret, SecretRef::Usage(secret.definition.usage.name().into()));
        draft.set(PoolField::User, "");
        assert_eq!(draft.faults(), [PoolFault::Missing(PoolField::User)]);
    }

    #[test]
    fn several_monitors_stand_in_one_field() {
        let fields =
            [(PoolField::Server, "a, b:6789 [fd00::1]:6789"), (PoolField::SourceName, "vm")];
        let draft = draft(PoolKind::Rbd, &fields);
        assert_eq!(draft.faults(), []);
        let PoolSource::Rbd { monitors, .. } = draft.definition().source else {
            panic!("a Ceph pool");
        };
        assert_eq!(monitors.len(), 3);
        assert_eq!(monitors[2], Server { name: "fd00::1".into(), port: Some(6789) });
    }

    #[test]
    fn every_kind_is_blamed_for_what_is_missing_and_for_nothing_it_does_not_show() {
        for kind in PoolKind::ALL {
            let mut draft = draft(kind, &[]);
            for way in AdapterWay::ALL {
                draft.adapter = way;
                let fields = draft.fields();
                for fault in draft.faults() {
                    let field = crate::ui::labels::storage_form::field_of(&fault);
                    assert!(fields.contains(&field), "{kind:?} {fault:?}");
                }
            }
        }
    }
}
