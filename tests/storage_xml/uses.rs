//! Which guests use a volume at a server: from guests as libvirt's documentation has them.

use vireo::model::storage::{GuestDisks, Login, NetworkProtocol, PoolSource, SecretRef};
use vireo::model::{GuestKey, GuestUuid, HostId};
use vireo::storage::{AtServer, DiskUser, UseIndex, VolumePlace};
use vireo::xml::parse_guest;

use super::server;

/// A guest of libvirt's documentation (formatdomain.html, "Hard drives, floppy disks, CDROMs").
fn documented(host: u32, disk: &str) -> GuestDisks {
    let text = format!("<domain><devices><disk type='network'>{disk}</disk></devices></domain>");
    let facts = parse_guest(&text).unwrap();
    let guest = GuestKey { host: HostId(host), uuid: GuestUuid([1; 16]) };
    let (disks, next, files) = (facts.disks, Vec::new(), Vec::new());
    GuestDisks { guest, name: "web".into(), disks, next, files }
}

const ISCSI: &str = "<driver name='qemu' type='raw'/>\
<source protocol='iscsi' name='iqn.2013-07.com.example:iscsi-nopool/2'>\
<host name='example.com' port='3260'/><auth username='myuser'>\
<secret type='iscsi' usage='libvirtiscsi'/></auth></source><target dev='vda' bus='virtio'/>";
const RBD: &str = "<driver name='qemu' type='raw'/><source protocol='rbd' name='pool/image'>\
<host name='mon1.example.org' port='6321'/><host name='mon2.example.org'/>\
<snapshot name='snapname'/></source><target dev='vdb' bus='virtio'/>";
const GLUSTER: &str = "<source protocol='gluster' name='volume/dir/image.qcow2'>\
<host name='mon1.example.org' transport='tcp' port='24007'/>\
<host transport='unix' socket='/path'/></source><target dev='vdc' bus='virtio'/>";
const NFS: &str = "<source protocol='nfs' name='/srv/vm/a.img'><host name='example.org'/>\
<identity user='USER' group='GROUP'/></source><target dev='vdd' bus='virtio'/>";

fn iscsi(portal: &str, port: Option<u16>, direct: bool) -> PoolSource {
    let target = "iqn.2013-07.com.example:iscsi-nopool".to_owned();
    let login = Some(Login { user: "u".into(), secret: SecretRef::Usage("x".into()) });
    let portal = server(portal, port);
    if direct {
        PoolSource::IscsiDirect { portal, target, initiator: "iqn.me".into(), login }
    } else {
        PoolSource::Iscsi { portal, target, initiator: None, login }
    }
}

fn is_sure(user: &DiskUser) -> bool {
    !user.unsure
}

/// How a guest on the host of a pool uses a volume of it: not, perhaps (false) or surely (true).
fn use_of(disk: &str, source: &PoolSource, volume: &str) -> Option<bool> {
    let at_server = AtServer::of_volume(source, volume);
    let place = at_server.map(|name| VolumePlace::only_at_server(HostId(1), name));
    UseIndex::new([&documented(1, disk)]).users(place.as_slice()).first().map(is_sure)
}

#[test]
fn a_lun_is_used_by_its_target_and_number() {
    for direct in [false, true] {
        let used = |portal, port, volume| use_of(ISCSI, &iscsi(portal, port, direct), volume);
        assert_eq!(used("example.com", None, "unit:0:0:2"), Some(true));
        assert_eq!(used("Example.com.", Some(3260), "unit:0:0:2"), Some(true));
        assert_eq!(
            used("10.0.0.1", None, "unit:0:0:2"),
            Some(false),
            "a name of the same, perhaps"
        );
        assert_eq!(used("example.com", Some(3261), "unit:0:0:2"), Some(false));
        assert_eq!(used("example.com", None, "unit:0:0:1"), None);
        assert_eq!(used("example.com", None, "unit:0:0:12"), None);
    }
    let first = ISCSI.replace("nopool/2", "nopool").replace("com.example", "COM.Example");
    assert_eq!(use_of(&first, &iscsi("example.com", None, true), "unit:0:0:0"), Some(true));
    let other = ISCSI.replace("nopool/2", "other/2");
    assert_eq!(use_of(&other, &iscsi("example.com", None, true), "unit:0:0:2"), None);
}

#[test]
fn images_at_servers_are_used_by_pool_and_name() {
    let rbd = |monitor: &str, pool: &str| PoolSource::Rbd {
        monitors: vec![server("mon9", None), server(monitor, None)],
        pool: pool.into(),
        login: None,
    };
    assert_eq!(use_of(RBD, &rbd("mon2.example.org", "pool"), "image"), Some(true));
    assert_eq!(use_of(RBD, &rbd("mon2.example.org", "other"), "image"), None);
    assert_eq!(use_of(RBD, &rbd("mon3.example.org", "pool"), "image"), Some(false));
    let configured = "<source protocol='rbd' name='pool/image'/><target dev='vda'/>";
    assert_eq!(use_of(configured, &rbd("mon1", "pool"), "image"), Some(false));
    let gluster = |directory: &str| PoolSource::Gluster {
        servers: vec![server("mon1.example.org", None)],
        volume: "volume".into(),
        directory: directory.into(),
    };
    assert_eq!(use_of(GLUSTER, &gluster("/dir"), "image.qcow2"), Some(true));
    assert_eq!(use_of(GLUSTER, &gluster("/"), "dir/image.qcow2"), Some(true));
    assert_eq!(use_of(GLUSTER, &gluster("/"), "image.qcow2"), None);
    let netfs = |server_name: &str, export: &str, protocol| PoolSource::Netfs {
        server: server(server_name, None),
        export: export.into(),
        protocol,
    };
    let nfs = NetworkProtocol::Nfs(None);
    assert_eq!(use_of(NFS, &netfs("example.org", "/srv/vm/", nfs), "a.img"), Some(true));
    assert_eq!(use_of(NFS, &netfs("example.org", "/srv", nfs), "a.img"), None);
    let fuse = netfs("mon1.example.org", "volume/dir", NetworkProtocol::Gluster);
    assert_eq!(use_of(GLUSTER, &fuse, "image.qcow2"), Some(true));
    let cifs = netfs("example.org", "/srv/vm", NetworkProtocol::Cifs);
    assert_eq!(use_of(NFS, &cifs, "a.img"), None);
    assert_eq!(use_of(NFS, &PoolSource::Dir, "a.img"), None);
}

#[test]
fn a_guest_of_another_host_needs_no_pool_and_its_localhost_is_another() {
    let used = |portal: &str, disk: &str| {
        let name = AtServer::of_volume(&iscsi(portal, None, true), "unit:0:0:2").unwrap();
        let place = VolumePlace::only_at_server(HostId(2), name.elsewhere());
        UseIndex::new([&documented(2, disk)]).users(&[place]).first().map(is_sure)
    };
    assert_eq!(used("example.com", ISCSI), Some(true));
    assert_eq!(used("localhost", &ISCSI.replace("'example.com'", "'localhost'")), Some(false));
}
