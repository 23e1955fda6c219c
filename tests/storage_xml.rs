//! The XML of pools, volumes and secrets: what is written holds against libvirt's own schema and is read
//! back the same; what is hostile is refused without a panic or a hang.
#![allow(clippy::unwrap_used, clippy::panic)] // a failure ends the test

#[path = "storage_xml/uses.rs"]
mod uses;

use std::process::Command;
use std::time::{Duration, Instant};

use vireo::model::storage::{
    Adapter, Backing, DiskLabel, Encryption, FibreParent, FileSystem, Login, NetworkProtocol,
    NfsVersion, Permissions, PoolDefinition, PoolKind, PoolSource, PoolTarget, Qcow2Options,
    SecretDefinition, SecretRef, SecretUsage, Server, VolumeDefinition, VolumeFormat,
};
use vireo::model::{Bytes, PoolUuid, SecretUuid};
use vireo::storage::{PoolField, pool_faults};
use vireo::ui::pool_wizard::draft::PoolDraft;
use vireo::xml::{
    build_discovery, build_pool, build_secret, build_volume, parse_pool, parse_pool_offer,
    parse_sources, parse_volume, pool_without_sizes,
};

const WWN: &str = "20000000c9831b4b";

fn server(name: &str, port: Option<u16>) -> Server {
    Server { name: name.into(), port }
}

fn login(usage: &str) -> Option<Login> {
    Some(Login { user: "alice & <bob>".into(), secret: SecretRef::Usage(usage.into()) })
}

fn by_uuid() -> Option<Login> {
    Some(Login { user: "admin".into(), secret: SecretRef::Uuid(SecretUuid([0xab; 16])) })
}

fn network_file_systems() -> Vec<PoolSource> {
    let mut protocols = vec![NetworkProtocol::Auto, NetworkProtocol::Nfs(None)];
    protocols.extend(NfsVersion::ALL.iter().map(|&version| NetworkProtocol::Nfs(Some(version))));
    let mut sources: Vec<PoolSource> = protocols
        .into_iter()
        .map(|protocol| PoolSource::Netfs {
            server: server("nas.example.org", None),
            export: "/srv/nfs/it's & <images>".into(),
            protocol,
        })
        .collect();
    for (export, protocol) in [("gv0", NetworkProtocol::Gluster), ("share", NetworkProtocol::Cifs)]
    {
        sources.push(PoolSource::Netfs {
            server: server("fd00::1", None),
            export: export.into(),
            protocol,
        });
    }
    sources
}

fn iscsi() -> Vec<PoolSource> {
    let target = || "iqn.2026-01.org.example:disks".to_owned();
    let portal = || server("fd00::1:2", Some(3261));
    let initiator = || "iqn.2026-01.org.example:host-1".to_owned();
    let mut sources = Vec::new();
    for login in [None, login("chap"), by_uuid()] {
        for named in [None, Some(initiator())] {
            sources.push(PoolSource::Iscsi {
                portal: portal(),
                target: target(),
                initiator: named,
                login: login.clone(),
            });
        }
        sources.push(PoolSource::IscsiDirect {
            portal: server("10.0.0.1", None),
            target: target(),
            initiator: initiator(),
            login,
        });
    }
    sources
}

fn adapters() -> Vec<PoolSource> {
    let wwn = || WWN.to_owned();
    let fibre =
        |parent, managed| Adapter::FibreChannel { wwnn: wwn(), wwpn: wwn(), parent, managed };
    [
        Adapter::Host("scsi_host2".into()),
        Adapter::HostAt { address: "0000:00:1f.2".into(), unique_id: 1 },
        fibre(FibreParent::Any, None),
        fibre(FibreParent::Name("scsi_host5".into()), Some(true)),
        fibre(FibreParent::Wwn { wwnn: wwn(), wwpn: wwn() }, Some(false)),
        fibre(FibreParent::Fabric(wwn()), Some(true)),
    ]
    .map(PoolSource::Scsi)
    .to_vec()
}

fn devices() -> Vec<PoolSource> {
    let mut sources = vec![PoolSource::Dir, PoolSource::Mpath];
    sources.extend(
        FileSystem::ALL
            .iter()
            .map(|&format| PoolSource::Fs { device: "/dev/disk/by-id/wwn-0x5000".into(), format }),
    );
    for part_separator in [None, Some(true), Some(false)] {
        sources.extend(DiskLabel::ALL.iter().map(|&label| PoolSource::Disk {
            device: "/dev/sdb".into(),
            label,
            part_separator,
        }));
    }
    for devices in [vec![], vec!["/dev/sdb".to_owned(), "/dev/sdc".to_owned()]] {
        sources.push(PoolSource::Logical { group: "vg0".into(), devices });
    }
    for device in [None, Some("/dev/sdd".to_owned())] {
        sources.push(PoolSource::Zfs { name: "tank/vm".into(), device });
    }
    sources
}

fn clusters() -> Vec<PoolSource> {
    let monitors = vec![server("mon1", Some(6789)), server("mon2", None), server("fd00::3", None)];
    let mut sources = vec![PoolSource::Vstorage { cluster: "one".into() }];
    for login in [None, login("client.libvirt secret"), by_uuid()] {
        sources.push(PoolSource::Rbd { monitors: monitors.clone(), pool: "vm".into(), login });
    }
    for directory in ["/", "/images"] {
        sources.push(PoolSource::Gluster {
            servers: vec![server("g1", None)],
            volume: "gv0".into(),
            directory: directory.into(),
        });
    }
    sources
}

fn target(kind: PoolKind) -> PoolTarget {
    let none = matches!(kind, PoolKind::IscsiDirect | PoolKind::Rbd | PoolKind::Gluster);
    if none {
        return PoolTarget::default();
    }
    let permissions = Permissions {
        mode: Some(0o750),
        owner: Some(0),
        group: Some(107),
        label: Some("virt_image_t".into()),
    };
    PoolTarget { path: "/srv/ü \"x\" & <y>".into(), permissions }
}

/// Every kind with every option.
fn pools() -> Vec<PoolDefinition> {
    let mut pools = Vec::new();
    let sources = [network_file_systems(), iscsi(), adapters(), devices(), clusters()].concat();
    for source in sources {
        let kind = source.kind();
        let mut pool = PoolDefinition::new("it's 🎈 & <pool>", source, "");
        pool.target = target(kind);
        pools.push(pool.clone());
        pool.uuid = Some(PoolUuid([0x4b; 16]));
        if matches!(kind, PoolKind::Dir | PoolKind::Fs) {
            pool.copy_on_write = Some(false);
        }
        pool.quick_refresh = kind == PoolKind::Rbd;
        if matches!(kind, PoolKind::Fs | PoolKind::Netfs) {
            pool.mount_options = vec!["noatime".into(), "timeo=600".into()];
        }
        if kind == PoolKind::Rbd {
            pool.ceph_options = vec![("client_mount_timeout".into(), "60".into())];
        }
        if matches!(kind, PoolKind::Fs | PoolKind::Iscsi | PoolKind::Scsi) {
            pool.vendor = Some("ACME".into());
            pool.product = Some("disk & co".into());
        }
        pools.push(pool);
    }
    pools
}

/// What libvirt's own schema says against a document.
fn validate(schema: &str, xml: &str) -> Result<(), String> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), xml).unwrap();
    let output = Command::new("virt-xml-validate")
        .args([file.path().to_str().unwrap(), schema])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(()) } else { Err(format!("{said}\n{xml}")) }
}

fn all_valid(schema: &str, documents: &[String]) {
    let half = documents.len() / 2;
    let (one, two) = documents.split_at(half);
    std::thread::scope(|scope| {
        for part in [one, two] {
            scope.spawn(move || {
                for xml in part {
                    validate(schema, xml).unwrap_or_else(|said| panic!("{said}"));
                }
            });
        }
    });
}

#[test]
fn every_pool_holds_against_libvirts_schema() {
    let documents: Vec<String> = pools().iter().map(build_pool).collect();
    assert!(documents.len() > 120, "{}", documents.len());
    all_valid("storagepool", &documents);
}

#[test]
fn every_pool_is_read_back_the_same_and_has_no_fault() {
    let kinds: std::collections::BTreeSet<_> =
        pools().iter().map(|pool| pool.source.kind()).collect();
    assert_eq!(kinds.into_iter().collect::<Vec<_>>().len(), PoolKind::ALL.len());
    for pool in pools() {
        let read = parse_pool(&build_pool(&pool)).unwrap().definition;
        assert_eq!(read, pool);
        assert_eq!(pool_faults(&pool), [], "{pool:?}");
    }
}

/// What the wizard makes of every field filled in, for every kind.
fn filled_in() -> Vec<PoolDefinition> {
    let fill = |kind| {
        let mut draft =
            PoolDraft::new(PoolUuid([1; 16]), SecretUuid([2; 16]), "/var/lib/libvirt/images");
        draft.choose(kind);
        for (field, text) in [
            (PoolField::Server, "nas.example.org"),
            (PoolField::Export, "/srv/nfs/images"),
            (PoolField::Device, "/dev/sdb"),
            (PoolField::SourceName, "vm"),
            (PoolField::Iqn, "iqn.2026-01.org.example:disks"),
            (PoolField::Initiator, "iqn.2026-01.org.example:host-1"),
            (PoolField::Adapter, "scsi_host2"),
            (PoolField::Directory, "/"),
            (PoolField::MountOptions, "noatime, timeo=600"),
            (PoolField::CephOptions, "client_mount_timeout=60 mon_host=a,b"),
            (PoolField::Mode, "0750"),
            (PoolField::Owner, "0"),
            (PoolField::Group, "107"),
            (PoolField::Label, "system_u:object_r:virt_image_t:s0 & <x>"),
        ] {
            draft.set(field, text);
        }
        draft.copy_on_write = Some(false);
        assert_eq!(draft.faults(), [], "{kind:?}");
        draft.definition()
    };
    PoolKind::ALL.map(fill).to_vec()
}

#[test]
fn what_the_wizard_makes_holds_against_libvirts_schema_and_is_read_back_the_same() {
    let filled = filled_in();
    let documents: Vec<String> = filled.iter().map(build_pool).collect();
    all_valid("storagepool", &documents);
    for (pool, xml) in filled.iter().zip(&documents) {
        assert_eq!(parse_pool(xml).unwrap().definition, *pool, "{xml}");
    }
    let all = documents.concat();
    for part in [
        "<mode>0750</mode>",
        "<label>system_u:object_r:virt_image_t:s0 &amp; &lt;x&gt;</label>",
        "<cow state='no'/>",
        "<rbd:option name='client_mount_timeout' value='60'/>",
        "<fs:option name='timeo=600'/>",
    ] {
        assert!(all.contains(part), "{part}: {all}");
    }
}

fn volumes() -> Vec<(VolumeDefinition, PoolKind)> {
    let mut volumes = Vec::new();
    for format in VolumeFormat::KNOWN {
        let mut volume = VolumeDefinition::new("it's 🎈 & <v>", format, Bytes(1 << 40));
        volumes.push((volume.clone(), PoolKind::Dir));
        volume.allocation = Some(Bytes(0));
        volume.permissions.mode = Some(0o600);
        volumes.push((volume, PoolKind::Netfs));
    }
    let mut qcow2 = VolumeDefinition::new("a.qcow2", VolumeFormat::Qcow2, Bytes(1 << 30));
    qcow2.qcow2 = Qcow2Options {
        cluster_size: Some(Bytes(128 << 10)),
        lazy_refcounts: true,
        extended_l2: true,
    };
    for format in [None, Some(VolumeFormat::Qcow2), Some(VolumeFormat::Raw)] {
        qcow2.backing = Some(Backing { path: "/srv/it's & <base>".into(), format });
        volumes.push((qcow2.clone(), PoolKind::Dir));
    }
    for secret in [SecretRef::Usage("/srv/a.img".into()), SecretRef::Uuid(SecretUuid([7; 16]))] {
        let mut raw = VolumeDefinition::new("a.img", VolumeFormat::Raw, Bytes(1 << 30));
        raw.encryption = Some(Encryption { secret });
        volumes.push((raw.clone(), PoolKind::Dir));
        volumes.push((raw, PoolKind::Logical));
    }
    for kind in [PoolKind::Disk, PoolKind::Zfs, PoolKind::Rbd, PoolKind::Logical] {
        volumes.push((VolumeDefinition::new("lv1", VolumeFormat::Raw, Bytes(5)), kind));
    }
    volumes
}

/// libvirt mounts what the XML says, and `mount.nfs` takes `[fd00::1]:/srv` alone. The schema has no
/// brackets; libvirt takes them, as nobody asks it to look.
#[test]
fn an_ipv6_address_stands_in_brackets_where_nfs_is_mounted() {
    let nfs = |protocol| PoolSource::Netfs {
        server: server("fd00::1", None),
        export: "/srv".into(),
        protocol,
    };
    for protocol in [NetworkProtocol::Auto, NetworkProtocol::Nfs(None)] {
        let pool = PoolDefinition::new("p", nfs(protocol), "/mnt");
        let xml = build_pool(&pool);
        assert!(xml.contains("'[fd00::1]'"), "{xml}");
        assert_eq!(parse_pool(&xml).unwrap().definition.source, pool.source);
        let discovery = build_discovery(&pool);
        assert!(discovery.contains("'fd00::1'"), "{discovery}");
    }
    let bare = build_pool(&PoolDefinition::new("p", nfs(NetworkProtocol::Gluster), "/mnt"));
    assert!(bare.contains("'fd00::1'"), "{bare}");
}

#[test]
fn every_volume_holds_against_libvirts_schema_and_is_read_back() {
    let documents: Vec<String> =
        volumes().iter().map(|(volume, kind)| build_volume(volume, *kind)).collect();
    all_valid("storagevol", &documents);
    for ((volume, kind), xml) in volumes().iter().zip(&documents) {
        let read = parse_volume(xml).unwrap();
        let details = read.details.unwrap();
        assert_eq!((&read.name, details.capacity), (&volume.name, volume.capacity));
        assert_eq!(details.allocation, volume.allocation.unwrap_or_default());
        assert_eq!(details.backing, volume.backing);
        assert_eq!(details.permissions, volume.permissions);
        assert_eq!(details.encryption.as_deref(), volume.encryption.as_ref().map(|_| "luks"));
        let files = matches!(kind, PoolKind::Dir | PoolKind::Netfs);
        assert_eq!(details.format, files.then(|| volume.format.clone()));
        let qcow2 = volume.format == VolumeFormat::Qcow2;
        assert_eq!(xml.contains("<compat>1.1</compat>"), qcow2, "{xml}");
    }
}

#[test]
fn every_secret_holds_against_libvirts_schema() {
    let usages = [
        SecretUsage::Volume("/srv/it's & <a>.img".into()),
        SecretUsage::Ceph("client & co".into()),
        SecretUsage::Iscsi("chap".into()),
    ];
    let documents = usages.map(|usage| {
        let description = "ü & <x>".to_owned();
        build_secret(&SecretDefinition { uuid: SecretUuid([9; 16]), usage, description })
    });
    all_valid("secret", &documents);
}

#[test]
fn what_discovery_found_can_be_taken_as_it_is() {
    let xml = "<sources>\n  <source>\n    <host name='10.98.0.20'/>\n    <dir path='/srv/nfs/images'/>\n    \
               <format type='nfs'/>\n  </source>\n  <source>\n    <host name='10.98.0.20'/>\n    \
               <dir path='gv0'/>\n    <format type='glusterfs'/>\n  </source>\n</sources>\n";
    let found = parse_sources(PoolKind::Netfs, xml).unwrap();
    let from = |export: &str, protocol| PoolSource::Netfs {
        server: server("10.98.0.20", None),
        export: export.into(),
        protocol,
    };
    assert_eq!(
        found,
        [
            from("/srv/nfs/images", NetworkProtocol::Nfs(None)),
            from("gv0", NetworkProtocol::Gluster)
        ]
    );
    let groups = "<sources><source><device path='/dev/sda'/><name>vg0</name><format type='lvm2'/></source></sources>";
    let group = PoolSource::Logical { group: "vg0".into(), devices: vec!["/dev/sda".into()] };
    assert_eq!(parse_sources(PoolKind::Logical, groups).unwrap(), [group]);
    assert!(parse_sources(PoolKind::Netfs, "").is_err());
    let wish = PoolDefinition::new("", from("", NetworkProtocol::Auto), "");
    assert!(build_discovery(&wish).contains("<host name='10.98.0.20'/>"));
}

#[test]
fn what_a_host_offers_is_read() {
    let xml = "<storagepoolCapabilities><pool type='dir' supported='yes'><volOptions>\
               <defaultFormat type='raw'/><enum name='targetFormatType'><value>raw</value>\
               <value>qcow2</value></enum></volOptions></pool><pool type='rbd' supported='no'/>\
               <pool type='fs' supported='yes'><poolOptions><defaultFormat type='auto'/>\
               <enum name='sourceFormatType'><value>auto</value><value>xfs</value></enum>\
               </poolOptions></pool><pool type='sheepdog' supported='no'/></storagepoolCapabilities>";
    let offer = parse_pool_offer(xml).unwrap();
    assert!(offer.supports(PoolKind::Dir) && offer.supports(PoolKind::Fs));
    assert!(!offer.supports(PoolKind::Rbd) && !offer.supports(PoolKind::Zfs));
    assert_eq!(offer.kinds[&PoolKind::Dir].volume_formats, ["raw", "qcow2"]);
    assert_eq!(offer.kinds[&PoolKind::Fs].source_formats, ["auto", "xfs"]);
}

#[test]
fn unknown_elements_survive_an_edit() {
    let pool = PoolDefinition::new("p", PoolSource::Dir, "/p");
    let odd = "<metadata><mine:x xmlns:mine='urn:mine'>kept</mine:x></metadata>\n  <!-- note -->";
    let sized = "<capacity unit='bytes'>9</capacity>\n  <available unit='bytes'>9</available>";
    let xml = build_pool(&pool).replace("<target>", &format!("{sized}\n  {odd}\n  <target>"));
    let edited = pool_without_sizes(&xml).unwrap();
    assert_eq!(edited, build_pool(&pool).replace("<target>", &format!("{odd}\n  <target>")));
    assert_eq!(parse_pool(&edited).unwrap().definition, pool);
}

#[test]
fn what_is_hostile_is_refused_without_panic_or_hang() {
    let begun = Instant::now();
    let deep = |count: usize| "<a>".repeat(count) + &"</a>".repeat(count);
    let laughs =
        "<!DOCTYPE pool [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'>]><pool><name>&b;</name></pool>";
    let outside =
        "<!DOCTYPE pool [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><pool><name>&a;</name></pool>";
    let huge = format!("<pool type='{}'/>", "x".repeat(8 << 20));
    let many = format!("<pool {}/>", (0..20_000).map(|n| format!("a{n}='' ")).collect::<String>());
    for text in [
        String::new(),
        "<pool".into(),
        "no xml".into(),
        "<volume2/>".into(),
        "<pool></volume>".into(),
        "<pool type='dir'><name>&#0;</name></pool>".into(),
        "\u{feff}".into(),
        deep(100_000),
        format!("<pool>{}</pool>", "<a>".repeat(500_000)),
        laughs.into(),
        outside.into(),
        huge,
    ] {
        let shown: String = text.chars().take(60).collect();
        assert!(parse_pool(&text).is_err(), "{shown}");
        assert!(parse_volume(&text).is_err(), "{shown}");
        assert!(pool_without_sizes(&text).is_err(), "{shown}");
    }
    for text in [many, format!("<pool>{}</pool>", deep(50_000))] {
        // Odd, but XML: whatever comes of it, it comes soon.
        let _ = (parse_pool(&text), parse_volume(&text));
    }
    let empty = parse_pool("<pool><name/><source><host/><adapter/></source></pool>").unwrap();
    assert_eq!(empty.definition.source, PoolSource::Other(String::new()));
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}
