use super::*;
use crate::model::storage::Server;
use crate::model::{GraphicsFacts, LinkSource, PortProfile, SpecialDevice};

/// As a lab host tells of a running guest.
const CALM: &str = include_str!("../../tests/data/guests/lab-calm.xml");
/// As a lab host tells of a guest defined with all kinds of devices.
const EVERYTHING: &str = include_str!("../../tests/data/guests/lab-everything.xml");

#[test]
fn a_running_guest_as_libvirt_tells_it() {
    let guest = parse_guest(CALM).unwrap();
    assert_eq!((guest.name.as_str(), guest.virt_type.as_str()), ("calm", "qemu"));
    assert_eq!(guest.uuid, "8cb5bceb-653c-41db-8ec2-536537990e36".parse().ok());
    assert_eq!((guest.arch.as_str(), guest.machine.as_str()), ("x86_64", "pc-q35-10.0"));
    assert_eq!((guest.memory, guest.vcpus), (Bytes(32 << 20), 1));
    assert_eq!(guest.emulator, "/usr/bin/qemu-system-x86_64");
    assert!(guest.cpu.enforced && guest.cpu.mode == "custom" && guest.cpu.model == "qemu64");
    assert!(guest.huge_pages.is_none() && guest.pinned_cpus.is_empty());
    assert!(guest.pinned_nodes.is_empty());
    let [disk] = guest.disks.as_slice() else { panic!("{:?}", guest.disks) };
    assert_eq!(disk.source, DiskSource::File("/srv/lab/shared/calm.raw".into()));
    assert!(!disk.read_only && !disk.removable && disk.backing.is_empty());
    let vnc = GraphicsFacts { kind: "vnc".into(), fixed_port: None, listen: "127.0.0.1".into() };
    assert_eq!(guest.graphics, [vnc]);
    let log = SpecialDevice::HostFile("/srv/lab/console/calm.log".into());
    assert_eq!(guest.devices, [log]);
}

#[test]
fn what_a_guest_starts_from_is_found() {
    let booted = |os: &str| parse_guest(&format!("<domain><os>{os}</os></domain>")).unwrap();
    let direct = booted("<kernel>/p/vmlinuz</kernel><initrd>/p/initrd</initrd><dtb>/p/a.dtb</dtb>");
    assert_eq!(direct.boot, ["/p/vmlinuz", "/p/initrd", "/p/a.dtb"]);
    for nvram in [
        "<nvram template='/t'> /p/vars </nvram>",
        "<nvram type='file'><source file='/p/vars'/></nvram>",
        "<nvram type='block'><source dev='/p/vars'/></nvram>",
    ] {
        assert_eq!(booted(nvram).nvram.as_deref(), Some("/p/vars"), "{nvram}");
    }
}

#[test]
fn everything_that_needs_a_look_is_found() {
    let guest = parse_guest(EVERYTHING).unwrap();
    assert_eq!(guest.huge_pages, Some(Bytes(2 << 20)));
    assert!(guest.pinned_cpus.iter().any(|set| set.contains(&7)), "{:?}", guest.pinned_cpus);
    assert!(guest.pinned_nodes.contains(&1), "{:?}", guest.pinned_nodes);
    assert!(guest.cpu.invariant_tsc && guest.cpu.tsc_frequency.is_some() && guest.cpu.enforced);
    assert_eq!(guest.nvram.as_deref(), Some("/srv/nvram/rich_VARS.fd"));
    let sources: Vec<_> = guest.disks.iter().map(|disk| disk.source.clone()).collect();
    let (pool, volume) = ("images".into(), "rich-data".into());
    let expected = [
        DiskSource::File("/srv/vm/rich.qcow2".into()),
        DiskSource::Block("/dev/mapper/lun1".into()),
        DiskSource::Network {
            protocol: "rbd".into(),
            name: "pool/rich".into(),
            servers: vec![Server { name: "mon1".into(), port: None }],
        },
        DiskSource::Volume { pool, volume },
        DiskSource::File("/srv/iso/debian.iso".into()),
        DiskSource::Empty,
    ];
    assert_eq!(sources, expected);
    let secret = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
    assert_eq!(guest.disks[0].secrets, [SecretNeed::Uuid(secret.into())]);
    assert_eq!((guest.disks[0].cache.as_str(), guest.disks[1].shareable), ("writeback", true));
    assert!(guest.disks[4].removable && guest.disks[4].optional && guest.disks[4].read_only);
    let links: Vec<_> = guest.interfaces.iter().map(|interface| &interface.link).collect();
    let expected = [
        LinkSource::Network("default".into()),
        LinkSource::Bridge("br0".into()),
        LinkSource::Direct("eth0".into()),
        LinkSource::HostDevice(Some("pci_0000_06_02_0".into())),
        LinkSource::Vdpa,
    ];
    assert_eq!(links, expected.iter().collect::<Vec<_>>());
    assert_eq!(guest.interfaces[0].mac, "52:54:00:aa:bb:01");
    assert_eq!(guest.interfaces[0].filter.as_deref(), Some("clean-traffic"));
    assert!(guest.interfaces[3].unplugged_for_migration);
    let folder = |driver: &str, tag: &str| SpecialDevice::SharedFolder {
        driver: driver.into(),
        tag: tag.into(),
        external: false,
    };
    for device in [
        SpecialDevice::Host { kind: "pci".into(), node: Some("pci_0000_07_00_0".into()) },
        SpecialDevice::Host { kind: "usb".into(), node: None },
        folder("virtiofs", "share"),
        folder("path", "old"),
        SpecialDevice::SharedMemory { name: "ring".into(), master: false },
        SpecialDevice::HostFile("/srv/log/rich.log".into()),
    ] {
        assert!(guest.devices.contains(&device), "{device:?} not in {:?}", guest.devices);
    }
    assert_eq!(guest.devices.len(), 6, "{:?}", guest.devices);
    assert_eq!(guest.graphics[0].fixed_port, Some(5907));
}

#[test]
fn the_chain_below_an_image_is_followed() {
    let xml = "<domain><devices><disk type='file'><source file='/a.s2'/>\
        <backingStore type='file'><source file='/a.s1'/><backingStore type='block'>\
        <source dev='/dev/a'/><backingStore/></backingStore></backingStore>\
        <target dev='vda'/></disk><tpm><backend type='emulator'/></tpm><redirdev bus='usb'/>\
        </devices></domain>";
    let guest = parse_guest(xml).unwrap();
    let below = [DiskSource::File("/a.s1".into()), DiskSource::Block("/dev/a".into())];
    assert_eq!(guest.disks[0].backing, below);
    assert_eq!(
        guest.devices,
        [SpecialDevice::Tpm("emulator".into()), SpecialDevice::UsbRedirection]
    );
}

#[test]
fn the_processor_is_cut_out_as_it_stands() {
    let cpu = guest_cpu(CALM).unwrap();
    assert!(cpu.starts_with("<cpu mode='custom'") && cpu.ends_with("</cpu>"), "{cpu}");
    assert_eq!(guest_cpu("<domain><cpu mode='host-passthrough'/></domain>"), None);
    assert_eq!(guest_cpu("<domain/>"), None);
}

#[test]
fn pinning_is_read_number_by_number() {
    let xml = "<domain><vcpu cpuset='0-3,^2'>2</vcpu><cputune><vcpupin vcpu='0' cpuset='64'/></cputune>\
        <numatune><memory mode='strict' nodeset='0,8'/></numatune></domain>";
    let guest = parse_guest(xml).unwrap();
    assert_eq!(guest.pinned_cpus, [[64].into(), [0, 1, 3].into()]);
    assert_eq!(guest.pinned_nodes, [0, 8].into());
}

#[test]
fn secrets_are_named_by_uuid_or_by_what_they_are_for() {
    let xml = "<domain><devices><disk type='network'><auth username='u'><secret type='ceph' usage='key'/>\
        </auth><source protocol='rbd' name='p/v'><encryption format='luks'>\
        <secret type='passphrase' usage='/srv/v'/></encryption></source></disk>\
        <tpm model='tpm-crb'><backend type='emulator'><encryption secret='u-1'/></backend></tpm>\
        </devices></domain>";
    let guest = parse_guest(xml).unwrap();
    let usages = [SecretUsage::Ceph("key".into()), SecretUsage::Volume("/srv/v".into())];
    assert_eq!(guest.disks[0].secrets, usages.map(SecretNeed::Usage));
    assert_eq!(guest.tpm_secret, Some(SecretNeed::Uuid("u-1".into())));
}

#[test]
fn memory_that_could_be_plugged_in_is_not_taken() {
    let xml =
        "<domain><maxMemory slots='16' unit='GiB'>64</maxMemory><memory>2097152</memory></domain>";
    assert_eq!(parse_guest(xml).unwrap().memory, Bytes(2 << 30));
}

#[test]
fn what_is_no_xml_is_told() {
    assert_eq!(parse_guest("<domain>").unwrap_err().line, 1);
    assert_eq!(parse_guest("<domain/>").unwrap(), GuestFacts::default());
}

#[test]
fn the_port_of_an_interface_and_what_it_has_for_guests_of_its_own_are_found() {
    let xml = "<domain><cpu mode='custom'><model>Skylake-Client</model>\
         <feature policy='require' name='vmx'/><feature policy='disable' name='vmx-apicv-vid'/></cpu>\
         <devices><interface type='direct'><source dev='eth0'/>\
         <virtualport type='802.1Qbh'><parameters profileid='finance'/></virtualport></interface>\
         <interface type='network'><virtualport><parameters interfaceid='x'/></virtualport></interface>\
         </devices></domain>";
    let guest = parse_guest(xml).unwrap();
    assert!(guest.cpu.vmx && guest.cpu.without_some_vmx);
    let ports: Vec<_> = guest.interfaces.into_iter().map(|one| one.port.unwrap()).collect();
    let port = |kind: &str, profile: Option<&str>| PortProfile {
        kind: kind.into(),
        profile: profile.map(str::to_owned),
    };
    assert_eq!(ports, [port("802.1Qbh", Some("finance")), port("", None)]);
    let plain = parse_guest(CALM).unwrap();
    assert!(!plain.cpu.vmx && plain.interfaces.iter().all(|one| one.port.is_none()));
}
