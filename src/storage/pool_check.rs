//! Whether a pool can be set up as it is described: what libvirt would refuse late or, worse, take.

use super::abilities::abilities;
use super::pool_options::HIGHEST_MODE;
use super::server::{self, ServerFault};
use crate::model::storage::{
    Adapter, FibreParent, FileSystem, Login, NetworkProtocol, PoolDefinition, PoolKind, PoolSource,
    SecretRef, Server,
};

/// What is wrong with a description. Each names the field it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PoolFault {
    /// Nothing in a field that must be filled in.
    Missing(PoolField),
    /// A `/`, or a control character such as a line break, in the name.
    NameCharacter(char),
    /// A path that does not begin with `/`. (libvirt takes such a target, and puts it below
    /// its daemon's own directory.)
    Relative(PoolField, String),
    /// No machine.
    Server(ServerFault),
    /// Not of the form `iqn.2026-01.org.example:name`.
    Iqn(PoolField, String),
    /// Not 16 hexadecimal digits.
    Wwn(PoolField, String),
    /// Not of the form `0000:00:1f.2`.
    PciAddress(String),
    /// `unique_id` 0, which libvirt's schema does not allow.
    UniqueId,
    /// A character that this name cannot have.
    Character(PoolField, char),
    /// A mount option with a comma or space: one option each.
    MountOption(String),
    /// A mode that is not octal, or more than libvirt takes.
    Mode(String),
    /// No number of a user or group.
    Id(PoolField, String),
    /// An option of the Ceph client without a name or a value.
    CephOption(String),
    /// A port of a server that is mounted: libvirt does not pass it on. What does is this mount option.
    PortIgnored(String),
    /// Copy on write where libvirt does not know it.
    CopyOnWrite,
}

/// A field of a pool's description.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PoolField {
    /// Name of the pool.
    Name,
    /// Target directory.
    Target,
    /// Server, portal or monitors.
    Server,
    /// Path of a device.
    Device,
    /// What the server exports: path, GlusterFS volume or share.
    Export,
    /// A directory in a GlusterFS volume.
    Directory,
    /// Name at the source: volume group, Ceph pool, ZFS pool, cluster.
    SourceName,
    /// iSCSI target.
    Iqn,
    /// The host's own IQN.
    Initiator,
    /// SCSI host.
    Adapter,
    /// Node name.
    Wwnn,
    /// Port name.
    Wwpn,
    /// The adapter that carries a vHBA.
    Parent,
    /// User name.
    User,
    /// Secret.
    Secret,
    /// Mount options.
    MountOptions,
    /// Options of the Ceph client.
    CephOptions,
    /// Mode of the target directory.
    Mode,
    /// Its user.
    Owner,
    /// Its group.
    Group,
    /// Its security label.
    Label,
}

/// What is allowed and should be thought over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PoolWarning {
    /// Several hosts are to mount a file system that only one may: it would be destroyed.
    NotClustered(FileSystem),
    /// Mount or Ceph options: libvirt calls the pool tainted.
    Tainted,
    /// libvirt logs in to CIFS as guest only.
    CifsGuest,
    /// A name such as `scsi_host2` may be another adapter after the next boot.
    AdapterName,
    /// LVM devices by a link: libvirt finds them only by LVM's own name.
    LvmDeviceLink,
    /// The directory is the host's own: pools of several hosts will not be one storage.
    LocalOnEachHost,
    /// A volume group on several hosts without cluster locking: no volume may be made or deleted
    /// from two hosts at a time.
    SharedVolumeGroup,
}

/// Everything that is wrong with a description.
#[must_use]
pub fn pool_faults(pool: &PoolDefinition) -> Vec<PoolFault> {
    let mut found = Found(Vec::new());
    found.name(&pool.name);
    if abilities(pool.source.kind()).target {
        let optional = pool.source.kind() == PoolKind::Logical;
        if !(optional && pool.target.path.is_empty()) {
            found.absolute(PoolField::Target, &pool.target.path);
        }
    }
    found.source(&pool.source);
    if let Some(login) = pool.source.login() {
        found.login(login);
    }
    for option in &pool.mount_options {
        if option.is_empty() || option.contains([',', ' ', '\n']) {
            found.0.push(PoolFault::MountOption(option.clone()));
        }
    }
    found.options(pool);
    found.0
}

struct Found(Vec<PoolFault>);

impl Found {
    fn present(&mut self, field: PoolField, text: &str) -> bool {
        let there = !text.trim().is_empty();
        if !there {
            self.0.push(PoolFault::Missing(field));
        }
        there
    }

    fn name(&mut self, name: &str) {
        if self.present(PoolField::Name, name)
            && let Some(character) =
                name.chars().find(|character| *character == '/' || character.is_control())
        {
            self.0.push(PoolFault::NameCharacter(character));
        }
    }

    fn absolute(&mut self, field: PoolField, path: &str) {
        if self.present(field, path) && !path.starts_with('/') {
            self.0.push(PoolFault::Relative(field, path.to_owned()));
        }
    }

    fn server(&mut self, server: &Server) {
        if let Err(fault) = server::name(&server.name) {
            self.0.push(match fault {
                ServerFault::Empty => PoolFault::Missing(PoolField::Server),
                fault => PoolFault::Server(fault),
            });
        }
    }

    fn servers(&mut self, servers: &[Server]) {
        if servers.is_empty() {
            self.0.push(PoolFault::Missing(PoolField::Server));
        }
        for server in servers {
            self.server(server);
        }
    }

    fn iqn(&mut self, field: PoolField, iqn: &str) {
        if self.present(field, iqn) && !is_iqn(iqn) {
            self.0.push(PoolFault::Iqn(field, iqn.to_owned()));
        }
    }

    fn wwn(&mut self, field: PoolField, wwn: &str) {
        let hexadecimal = wwn.chars().all(|character| character.is_ascii_hexdigit());
        if self.present(field, wwn) && !(wwn.len() == 16 && hexadecimal) {
            self.0.push(PoolFault::Wwn(field, wwn.to_owned()));
        }
    }

    fn login(&mut self, login: &Login) {
        self.present(PoolField::User, &login.user);
        if let SecretRef::Usage(usage) = &login.secret {
            self.present(PoolField::Secret, usage);
        }
    }

    fn source(&mut self, source: &PoolSource) {
        match source {
            PoolSource::Dir | PoolSource::Mpath | PoolSource::Other(_) => {}
            PoolSource::Fs { device, .. } | PoolSource::Disk { device, .. } => {
                self.absolute(PoolField::Device, device);
            }
            PoolSource::Netfs { server, export, protocol } => {
                self.mounted(server, export, *protocol);
            }
            PoolSource::Logical { group, devices } => {
                self.group(group);
                for device in devices {
                    self.absolute(PoolField::Device, device);
                }
            }
            PoolSource::Iscsi { portal, target, initiator, .. } => {
                self.server(portal);
                self.iqn(PoolField::Iqn, target);
                if let Some(initiator) = initiator {
                    self.iqn(PoolField::Initiator, initiator);
                }
            }
            PoolSource::IscsiDirect { portal, target, initiator, .. } => {
                self.server(portal);
                self.iqn(PoolField::Iqn, target);
                self.iqn(PoolField::Initiator, initiator);
            }
            PoolSource::Scsi(adapter) => self.adapter(adapter),
            PoolSource::Rbd { monitors, pool, .. } => {
                self.servers(monitors);
                self.present(PoolField::SourceName, pool);
            }
            PoolSource::Gluster { servers, volume, directory } => {
                self.servers(servers);
                self.present(PoolField::SourceName, volume);
                self.absolute(PoolField::Directory, directory);
            }
            PoolSource::Zfs { name, device } => {
                self.present(PoolField::SourceName, name);
                if let Some(device) = device {
                    self.absolute(PoolField::Device, device);
                }
            }
            PoolSource::Vstorage { cluster } => {
                self.present(PoolField::SourceName, cluster);
            }
        }
    }

    fn mounted(&mut self, server: &Server, export: &str, protocol: NetworkProtocol) {
        self.server(server);
        if let Some(port) = server.port {
            let gluster = protocol == NetworkProtocol::Gluster;
            let option = if gluster { "server-port" } else { "port" };
            self.0.push(PoolFault::PortIgnored(format!("{option}={port}")));
        }
        match protocol {
            NetworkProtocol::Auto | NetworkProtocol::Nfs(_) => {
                self.absolute(PoolField::Export, export);
            }
            NetworkProtocol::Gluster | NetworkProtocol::Cifs => {
                self.present(PoolField::Export, export);
            }
        }
    }

    fn options(&mut self, pool: &PoolDefinition) {
        if let Some(mode) = pool.target.permissions.mode.filter(|&mode| mode > HIGHEST_MODE) {
            self.0.push(PoolFault::Mode(format!("{mode:o}")));
        }
        for (name, value) in &pool.ceph_options {
            if name.is_empty() || value.is_empty() {
                self.0.push(PoolFault::CephOption(format!("{name}={value}")));
            }
        }
        // libvirt refuses it for any other kind.
        let known = matches!(pool.source.kind(), PoolKind::Dir | PoolKind::Fs);
        if pool.copy_on_write.is_some() && !known {
            self.0.push(PoolFault::CopyOnWrite);
        }
    }

    /// LVM's own rule for names.
    fn group(&mut self, group: &str) {
        let fits =
            |character: char| character.is_ascii_alphanumeric() || "+_.-".contains(character);
        if self.present(PoolField::SourceName, group)
            && let Some(character) = group.chars().find(|&character| !fits(character))
        {
            self.0.push(PoolFault::Character(PoolField::SourceName, character));
        }
    }

    fn adapter(&mut self, adapter: &Adapter) {
        match adapter {
            Adapter::Host(name) => {
                self.present(PoolField::Adapter, name);
            }
            Adapter::HostAt { address, unique_id } => {
                if *unique_id == 0 {
                    self.0.push(PoolFault::UniqueId);
                }
                if !is_pci_address(address) {
                    self.0.push(PoolFault::PciAddress(address.clone()));
                }
            }
            Adapter::FibreChannel { wwnn, wwpn, parent, .. } => {
                self.wwn(PoolField::Wwnn, wwnn);
                self.wwn(PoolField::Wwpn, wwpn);
                match parent {
                    FibreParent::Any => {}
                    FibreParent::Name(name) => {
                        self.present(PoolField::Parent, name);
                    }
                    FibreParent::Wwn { wwnn, wwpn } => {
                        self.wwn(PoolField::Parent, wwnn);
                        self.wwn(PoolField::Parent, wwpn);
                    }
                    FibreParent::Fabric(wwn) => self.wwn(PoolField::Parent, wwn),
                }
            }
        }
    }
}

/// libvirt's schema: `iqn.YYYY-MM.reversed.name[:anything]`.
fn is_iqn(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("iqn.") else { return false };
    let (authority, own) = rest.split_once(':').map_or((rest, None), |(a, own)| (a, Some(own)));
    let Some((date, name)) = authority.split_once('.') else { return false };
    let Some((year, month)) = date.split_once('-') else { return false };
    let digits = |text: &str| text.chars().all(|character| character.is_ascii_digit());
    let in_name = |character: char| character.is_ascii_alphanumeric() || ".-".contains(character);
    year.len() == 4
        && digits(year)
        && month.len() == 2
        && digits(month)
        && matches!(month.parse(), Ok(1..=12))
        && !name.is_empty()
        && name.chars().all(in_name)
        && own != Some("")
}

/// `domain:bus:slot.function`, such as `0000:00:1f.2`.
fn is_pci_address(text: &str) -> bool {
    let parts: Vec<&str> = text.split([':', '.']).collect();
    let [domain, bus, slot, function] = parts.as_slice() else { return false };
    let hexadecimal = |part: &str, most: usize| {
        (1..=most).contains(&part.len()) && part.chars().all(|digit| digit.is_ascii_hexdigit())
    };
    text.matches('.').count() == 1
        && hexadecimal(domain, 4)
        && hexadecimal(bus, 2)
        && hexadecimal(slot, 2)
        && hexadecimal(function, 1)
}

/// What should be thought over when a pool is set up on so many hosts.
#[must_use]
pub fn pool_warnings(pool: &PoolDefinition, hosts: usize) -> Vec<PoolWarning> {
    let mut warnings = Vec::new();
    let several = hosts > 1;
    match &pool.source {
        PoolSource::Fs { format, .. } if several && !format.is_clustered() => {
            warnings.push(PoolWarning::NotClustered(*format));
        }
        PoolSource::Dir if several => warnings.push(PoolWarning::LocalOnEachHost),
        PoolSource::Netfs { protocol: NetworkProtocol::Cifs, .. } => {
            warnings.push(PoolWarning::CifsGuest);
        }
        PoolSource::Scsi(Adapter::Host(_)) => warnings.push(PoolWarning::AdapterName),
        PoolSource::Logical { devices, .. } => {
            if devices.iter().any(|device| device.starts_with("/dev/disk/")) {
                warnings.push(PoolWarning::LvmDeviceLink);
            }
            if several {
                warnings.push(PoolWarning::SharedVolumeGroup);
            }
        }
        _ => {}
    }
    if !pool.mount_options.is_empty() || !pool.ceph_options.is_empty() {
        warnings.push(PoolWarning::Tainted);
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::storage::NfsVersion;

    fn nfs(server: &str, export: &str) -> PoolSource {
        PoolSource::Netfs {
            server: Server { name: server.into(), port: None },
            export: export.into(),
            protocol: NetworkProtocol::Nfs(Some(NfsVersion::V4_2)),
        }
    }

    fn faults(source: PoolSource, path: &str) -> Vec<PoolFault> {
        pool_faults(&PoolDefinition::new("p", source, path))
    }

    #[test]
    fn a_good_description_has_no_fault() {
        assert_eq!(faults(PoolSource::Dir, "/srv/üäö images"), []);
        assert_eq!(faults(nfs("nas", "/srv/nfs"), "/mnt"), []);
        assert_eq!(faults(nfs("fd00::1", "/srv"), "/mnt"), []);
        let group = PoolSource::Logical { group: "vg0".into(), devices: vec!["/dev/sdb".into()] };
        assert_eq!(faults(group, ""), []);
    }

    #[test]
    fn a_port_that_libvirt_does_not_pass_on_is_an_option() {
        let port = |protocol| PoolSource::Netfs {
            server: Server { name: "nas".into(), port: Some(2050) },
            export: "/srv".into(),
            protocol,
        };
        let option = |option: &str| [PoolFault::PortIgnored(option.into())];
        assert_eq!(faults(port(NetworkProtocol::Nfs(None)), "/mnt"), option("port=2050"));
        assert_eq!(faults(port(NetworkProtocol::Gluster), "/mnt"), option("server-port=2050"));
    }

    #[test]
    fn each_fault_names_its_field() {
        let named = |name: &str| pool_faults(&PoolDefinition::new(name, PoolSource::Dir, "/p"));
        assert_eq!(named(" "), [PoolFault::Missing(PoolField::Name)]);
        assert_eq!(named("a/b"), [PoolFault::NameCharacter('/')]);
        assert_eq!(
            faults(PoolSource::Dir, "images"),
            [PoolFault::Relative(PoolField::Target, "images".into())]
        );
        assert_eq!(
            faults(nfs("", "export"), ""),
            [
                PoolFault::Missing(PoolField::Target),
                PoolFault::Missing(PoolField::Server),
                PoolFault::Relative(PoolField::Export, "export".into())
            ]
        );
        let fibre = PoolSource::Scsi(Adapter::FibreChannel {
            wwnn: "20000000c9831b4".into(),
            wwpn: "10000000c9831b4b".into(),
            parent: FibreParent::Any,
            managed: None,
        });
        assert_eq!(
            faults(fibre, "/dev/disk/by-path"),
            [PoolFault::Wwn(PoolField::Wwnn, "20000000c9831b4".into())]
        );
        let ceph = PoolSource::Rbd { monitors: Vec::new(), pool: "rbd".into(), login: None };
        assert_eq!(faults(ceph, ""), [PoolFault::Missing(PoolField::Server)]);
    }

    #[test]
    fn names_of_targets_and_adapters() {
        for good in ["iqn.2026-01.org.example:disks", "iqn.1991-05.com.microsoft"] {
            assert!(is_iqn(good), "{good}");
        }
        for bad in [
            "",
            "disks",
            "iqn.2026.org:x",
            "iqn.2026-13.org:x",
            "iqn.2026-01.:x",
            "iqn.2026-01.org:",
        ] {
            assert!(!is_iqn(bad), "{bad}");
        }
        assert!(is_pci_address("0000:00:1f.2") && is_pci_address("0:0:1.0"));
        for bad in ["", "00:1f.2", "0000:00:1f:2", "0000:00:1f.22", "g000:00:1f.2"] {
            assert!(!is_pci_address(bad), "{bad}");
        }
    }

    #[test]
    fn what_would_destroy_a_file_system_is_warned_of() {
        let on_device = |format| {
            let source = PoolSource::Fs { device: "/dev/sdb".into(), format };
            PoolDefinition::new("p", source, "/p")
        };
        assert_eq!(
            pool_warnings(&on_device(FileSystem::Xfs), 2),
            [PoolWarning::NotClustered(FileSystem::Xfs)]
        );
        assert_eq!(pool_warnings(&on_device(FileSystem::Xfs), 1), []);
        assert_eq!(pool_warnings(&on_device(FileSystem::Gfs2), 2), []);
    }
}
