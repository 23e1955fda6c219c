use super::*;
use crate::migration::{Coverage, DiskCopy, Residence};
use crate::model::storage::{Permissions, SecretUsage};
use crate::model::{
    CpuAnswer, CpuFacts, CpuModel, DestinationFacts, DeviceIdentity, DiskFacts, DiskSource,
    EmulatorAnswer, FileAnswer, GraphicsFacts, GuestFacts, GuestUuid, HostCells, HostClock,
    HostFacts, InterfaceFacts, LinkSource, NetworkAnswer, NetworkShape, PauseReason, PoolIdentity,
    PoolUuid, PortProfile, QemuUser, Reservations, SecretNeed, SourceFacts, SpecialDevice,
    StateReason, Twin,
};
use CheckOutcome::{Blocks, CannotTell, Note, Passed, Warns};

const GIB: u64 = 1 << 30;

fn host(uuid: &str) -> HostFacts {
    HostFacts {
        hostname: format!("host-{uuid}"),
        host_uuid: uuid.into(),
        driver: "QEMU".into(),
        arch: "x86_64".into(),
        cpu_model: "EPYC-Rome".into(),
        cpus: 8,
        mhz: 0,
        topology: [1, 1, 8, 1],
        memory: Bytes(16 * GIB),
        libvirt_version: 11_003_000,
        hypervisor_version: 10_000_000,
        migration_transports: vec!["tcp".into()],
        uri: String::new(),
    }
}

fn pool(origin: &str) -> PoolIdentity {
    let kind = if origin.is_empty() { "dir" } else { "netfs" };
    PoolIdentity {
        name: "vm".into(),
        kind: kind.into(),
        origin: origin.into(),
        directory: "/vm".into(),
        available: Bytes(10 * GIB),
        uuid: Some(POOL),
        provable: true,
    }
}

const POOL: PoolUuid = PoolUuid([7; 16]);

fn owned(owner: u32, mode: u32) -> Permissions {
    let (owner, group) = (Some(owner), Some(107));
    Permissions { mode: Some(mode), owner, group, label: None }
}

fn found(origin: &str, gib: u64) -> FileAnswer {
    let capacity = Bytes(gib * GIB);
    let permissions = owned(107, 0o600);
    FileAnswer::Found { pool: pool(origin), capacity, allocation: capacity, permissions }
}

fn disk(target: &str, path: &str) -> DiskFacts {
    DiskFacts {
        target: target.into(),
        removable: false,
        source: DiskSource::File(path.into()),
        read_only: false,
        shareable: false,
        transient: false,
        cache: String::new(),
        optional: false,
        backing: Vec::new(),
        secrets: Vec::new(),
        reservations: None,
    }
}

fn secret(uuid: &str) -> SecretNeed {
    SecretNeed::Uuid(uuid.into())
}

fn interface(link: LinkSource) -> InterfaceFacts {
    let mac = "52:54:00:00:00:01".into();
    InterfaceFacts {
        mac,
        link,
        port_group: None,
        port: None,
        filter: None,
        unplugged_for_migration: false,
    }
}

fn guest() -> GuestFacts {
    GuestFacts {
        name: "web".into(),
        uuid: Some(GuestUuid([1; 16])),
        virt_type: "kvm".into(),
        arch: "x86_64".into(),
        machine: "pc-q35-10.0".into(),
        emulator: "/usr/bin/qemu-system-x86_64".into(),
        memory: Bytes(2 * GIB),
        vcpus: 2,
        cpu: CpuFacts {
            mode: "custom".into(),
            model: "EPYC".into(),
            enforced: true,
            ..CpuFacts::default()
        },
        disks: vec![disk("vda", "/vm/web.qcow2")],
        interfaces: vec![interface(LinkSource::Network("lan".into()))],
        ..GuestFacts::default()
    }
}

fn bridged() -> NetworkShape {
    NetworkShape { forward: "bridge".into(), bridge: "br0".into(), ..NetworkShape::default() }
}

/// A guest and two hosts between which nothing is in the way.
pub(crate) fn fine() -> Inspection {
    let networks = [("lan".to_owned(), NetworkAnswer::Active(bridged()))];
    let files = [("/vm/web.qcow2".to_owned(), found("nas:/vm", 8))];
    Inspection {
        guest: guest(),
        edited: None,
        name_there: "web".into(),
        source: SourceFacts {
            card_mbps: None,
            host: host("a"),
            state: GuestState::Running,
            reason: StateReason::None,
            persistent: Some(true),
            definition: Some("<web/>".into()),
            autostart: Some(false),
            managed_save: Some(false),
            snapshots: Some(0),
            checkpoints: Some(0),
            job: Some(false),
            block_jobs: Some(Vec::new()),
            security_models: Some(Vec::new()),
            networks: networks.clone().into(),
            files: files.clone().into(),
            devices: [].into(),
        },
        proofs: Vec::new(),
        destination: DestinationFacts {
            host: host("b"),
            memory_free: Some(Bytes(8 * GIB)),
            cells: Some(HostCells { nodes: [0, 8].into(), processors: [0, 4, 64].into() }),
            clock: Some(HostClock { frequency: 2_400_000_000, scaling: Some(false) }),
            huge_pages_free: None,
            emulator: EmulatorAnswer::Takes { vcpus: Some(255), firmware: vec!["/fw/CODE".into()] },
            cpu: CpuAnswer::Fits,
            model: Some(CpuModel {
                name: "EPYC".into(),
                usable: Some(true),
                ..CpuModel::default()
            }),
            twin: Some(None),
            namesake: Some(None),
            addresses_taken: Some(Vec::new()),
            security_models: Some(Vec::new()),
            runs_as: Some(QemuUser { user: 107, group: 107 }),
            networks: networks.into(),
            filters: [].into(),
            secrets: [].into(),
            links: None,
            card_mbps: None,
            files: files.into(),
            devices: [].into(),
            host_devices: [].into(),
        },
    }
}

type Change = fn(&mut Inspection, &mut MigrationOptions);

/// What is answered to a check when something is changed in [`fine`]; the gravest of several.
fn answer(check: impl Into<CheckId>, change: Change) -> Option<CheckResult> {
    let (mut inspection, mut options) = (fine(), MigrationOptions::default());
    change(&mut inspection, &mut options);
    let check = check.into();
    ask(&inspection, &options).into_iter().find(|result| result.check == check)
}

fn off(inspection: &mut Inspection, options: &mut MigrationOptions) {
    inspection.source.state = GuestState::ShutOff;
    options.coverage = Coverage::Definition;
}

#[test]
fn between_two_hosts_that_fit_nothing_is_in_the_way() {
    let results = ask(&fine(), &MigrationOptions::default());
    let open: Vec<_> = results.iter().filter(|result| result.outcome != Passed).collect();
    // What lies between the two hosts is seen by nobody: name, keys, ports, what a host insists on, the wire behind the bridge.
    let unseen = [
        HostCheck::NameOfDestination.into(),
        HostCheck::LogIn.into(),
        HostCheck::Ports.into(),
        HostCheck::Encryption.into(),
        HostCheck::LockManager.into(),
        HostCheck::Clocks.into(),
        CheckId::Network(NetworkCheck::Alike),
    ];
    assert_eq!(open.iter().map(|result| result.check).collect::<Vec<_>>(), unseen);
    assert!(open.iter().all(|result| result.outcome == CannotTell), "{open:?}");
    assert_eq!(Verdict::of(&results), Verdict::Ready);
}

#[test]
fn what_is_wrong_is_found() {
    let table: Vec<(CheckId, CheckOutcome, Change)> = vec![
        (HostCheck::DifferentHosts.into(), Blocks, |i, _| {
            i.destination.host.host_uuid = "a".into()
        }),
        (HostCheck::DifferentHosts.into(), CannotTell, |i, _| i.source.host.host_uuid.clear()),
        (HostCheck::Hypervisor.into(), Blocks, |i, _| i.destination.host.driver = "Xen".into()),
        (HostCheck::TransportOffered.into(), Blocks, |i, _| {
            i.destination.host.migration_transports.clear()
        }),
        (HostCheck::LibvirtVersion.into(), Warns, |i, _| {
            i.destination.host.libvirt_version = 9_000_000
        }),
        (HostCheck::LibvirtVersion.into(), Passed, |i, _| {
            i.destination.host.libvirt_version = 12_000_000
        }),
        (HostCheck::QemuVersion.into(), Warns, |i, _| {
            i.destination.host.hypervisor_version = 7_002_000
        }),
        (HostCheck::QemuVersion.into(), CannotTell, |i, _| {
            i.destination.host.hypervisor_version = 0
        }),
        (HostCheck::NameOfDestination.into(), Warns, |i, _| {
            i.destination.host.hostname = "localhost".into()
        }),
        (HostCheck::NameOfDestination.into(), Passed, |_, o| {
            o.migrate_uri = Some("tcp://10.0.0.2".into())
        }),
        (HostCheck::Encryption.into(), CannotTell, |_, o| o.tls = true),
        (HostCheck::SecurityModel.into(), Warns, |i, _| {
            i.guest.security_models.push("selinux".into());
        }),
        (HostCheck::SecurityModel.into(), Passed, |i, _| {
            i.guest.security_models.push("selinux".into());
            i.destination.security_models = Some(vec!["selinux".into(), "dac".into()]);
        }),
        (HostCheck::SecurityModel.into(), CannotTell, |i, _| {
            i.guest.security_models.push("selinux".into());
            i.destination.security_models = None;
        }),
        (MemoryCheck::Modules.into(), Blocks, |i, _| i.guest.loose_modules = true),
        (MemoryCheck::Postcopy.into(), CannotTell, |_, o| o.postcopy = true),
        (MemoryCheck::Recovery.into(), Warns, |_, o| o.postcopy = true),
        (MemoryCheck::Recovery.into(), Passed, |i, o| {
            i.destination.host.libvirt_version = 10_010_000;
            o.postcopy = true;
        }),
        (MemoryCheck::Recovery.into(), CannotTell, |i, o| {
            i.destination.host.libvirt_version = 0;
            o.postcopy = true;
        }),
        (MemoryCheck::Locked.into(), Blocks, |_, o| o.migrate_uri = Some("rdma://b".into())),
        (MemoryCheck::Locked.into(), Passed, |i, o| {
            i.guest.hard_limit = true;
            o.migrate_uri = Some("rdma://b".into());
        }),
        (NetworkCheck::PortGroup.into(), Warns, |i, _| {
            i.guest.interfaces[0].port_group = Some("vlan7".into());
        }),
        (DeviceCheck::SocketNumber.into(), CannotTell, |i, _| {
            i.guest.devices.push(SpecialDevice::Socket(7));
        }),
        (ProcessorCheck::MachineType.into(), Blocks, |i, _| {
            i.destination.emulator = EmulatorAnswer::NoMachine
        }),
        (ProcessorCheck::Architecture.into(), CannotTell, |i, _| {
            i.destination.emulator = EmulatorAnswer::NoMachine
        }),
        (ProcessorCheck::Architecture.into(), Blocks, |i, _| {
            i.destination.emulator = EmulatorAnswer::NoArch
        }),
        (ProcessorCheck::VirtType.into(), Blocks, |i, _| {
            i.destination.emulator = EmulatorAnswer::NoVirtType
        }),
        (ProcessorCheck::Emulator.into(), Blocks, |i, _| {
            i.destination.emulator = EmulatorAnswer::NoEmulator
        }),
        (ProcessorCheck::Emulator.into(), CannotTell, |i, _| {
            i.destination.emulator = EmulatorAnswer::Unknown(String::new())
        }),
        (ProcessorCheck::Fits.into(), Blocks, |i, _| {
            i.destination.cpu = CpuAnswer::Lacks("vmx".into())
        }),
        (ProcessorCheck::Fits.into(), Blocks, |i, _| {
            i.destination.cpu = CpuAnswer::UnknownModel("X".into())
        }),
        (ProcessorCheck::Fits.into(), CannotTell, |i, _| {
            i.destination.cpu = CpuAnswer::Unknown(String::new())
        }),
        (ProcessorCheck::Fits.into(), Warns, |i, _| {
            i.guest.cpu.enforced = false;
            i.destination.cpu = CpuAnswer::Lacks("vmx".into());
        }),
        (ProcessorCheck::PassedThrough.into(), Note, |i, _| {
            i.guest.cpu.mode = "host-passthrough".into()
        }),
        (ProcessorCheck::PassedThrough.into(), Warns, |i, _| {
            i.guest.cpu.mode = "host-passthrough".into();
            i.destination.host.cpu_model = "Skylake".into();
        }),
        (ProcessorCheck::Count.into(), Blocks, |i, _| i.guest.vcpus = 300),
        (ProcessorCheck::ClockRate.into(), Blocks, |i, _| i.guest.cpu.invariant_tsc = true),
        (MemoryCheck::Free.into(), Warns, |i, _| i.guest.memory = Bytes(9 * GIB)),
        (MemoryCheck::Free.into(), CannotTell, |i, _| i.destination.memory_free = None),
        (MemoryCheck::HugePages.into(), CannotTell, |i, _| i.guest.huge_pages = Some(Bytes(0))),
        (MemoryCheck::HugePages.into(), Blocks, |i, _| {
            (i.guest.huge_pages, i.destination.huge_pages_free) =
                (Some(Bytes(2 << 20)), Some(1023));
        }),
        (MemoryCheck::HugePages.into(), Passed, |i, _| {
            (i.guest.huge_pages, i.destination.huge_pages_free) =
                (Some(Bytes(2 << 20)), Some(1024));
        }),
        (MemoryCheck::Encrypted.into(), Blocks, |i, _| {
            i.guest.launch_security = Some("sev".into())
        }),
        (MemoryCheck::Encrypted.into(), CannotTell, |i, _| {
            i.guest.launch_security = Some("s390-pv".into())
        }),
    ];
    assert_all(table);
}

#[test]
fn the_clock_rate_is_kept_there() {
    fn rates(i: &mut Inspection, wanted: u64, scaling: Option<bool>) {
        i.guest.cpu.tsc_frequency = Some(wanted);
        i.destination.clock = Some(HostClock { frequency: 2_400_000_000, scaling });
    }
    let check = ProcessorCheck::ClockRate;
    assert_all(vec![
        (check.into(), Passed, |i, _| rates(i, 2_400_600_000, Some(false))),
        (check.into(), Blocks, |i, _| rates(i, 2_400_600_001, Some(false))),
        (check.into(), Passed, |i, _| rates(i, 3_000_000_000, Some(true))),
        (check.into(), CannotTell, |i, _| rates(i, 3_000_000_000, None)),
        (check.into(), CannotTell, |i, _| {
            rates(i, 2_400_000_000, None);
            i.destination.clock = None;
        }),
        (check.into(), Warns, |i, o| {
            off(i, o);
            rates(i, 3_000_000_000, Some(false));
        }),
    ]);
    assert_eq!(answer(check, |_, _| {}), None);
}

#[test]
fn the_ports_that_are_used_are_named() {
    fn ports(uri: Option<&str>, disks: DiskCopy) -> Value {
        let migrate_uri = uri.map(str::to_owned);
        let options = MigrationOptions { migrate_uri, disks, ..MigrationOptions::default() };
        let mut results = ask(&fine(), &options).into_iter();
        results.find(|result| result.check == HostCheck::Ports.into()).unwrap().there
    }
    for (uri, disks, expected) in [
        (None, DiskCopy::None, "TCP 49152–49215"),
        (Some("tcp://10.0.0.2"), DiskCopy::None, "TCP 49152–49215"),
        (Some("tcp://[fd00::2]"), DiskCopy::None, "TCP 49152–49215"),
        (Some("tcp://10.0.0.2:49300"), DiskCopy::None, "TCP 49300"),
        (Some("tcp://[fd00::2]:49300"), DiskCopy::Full, "TCP 49300, 49152–49215"),
    ] {
        assert_eq!(ports(uri, disks), Value::Text(expected.into()), "{uri:?}");
    }
}

#[test]
fn pinning_goes_by_the_numbers_that_the_destination_has() {
    let check = MemoryCheck::Pinning;
    assert_all(vec![
        (check.into(), Passed, |i, _| i.guest.pinned_cpus.push([4, 64].into())),
        (check.into(), Blocks, |i, _| i.guest.pinned_cpus.push([1].into())),
        (check.into(), Warns, |i, _| i.guest.pinned_cpus.push([0, 1].into())),
        (check.into(), Passed, |i, _| i.guest.pinned_nodes = [8].into()),
        (check.into(), Blocks, |i, _| i.guest.pinned_nodes = [0, 1].into()),
        (check.into(), CannotTell, |i, _| {
            (i.guest.pinned_nodes, i.destination.cells) = ([0].into(), None);
        }),
    ]);
    let told = answer(check, |i, _| i.guest.pinned_cpus.push([1, 2, 3, 9].into())).unwrap();
    assert_eq!(told.here, Value::Text("1-3,9".into()));
    assert_eq!(told.there, Value::Text("0,4,64".into()));
}

#[test]
fn the_processor_model_is_looked_up_in_the_emulators_list() {
    fn model(i: &mut Inspection, change: impl FnOnce(&mut CpuModel)) {
        change(i.destination.model.as_mut().unwrap());
    }
    let runs = ProcessorCheck::ModelRuns;
    assert_all(vec![
        (runs.into(), Passed, |_, _| {}),
        (runs.into(), CannotTell, |i, _| model(i, |model| model.usable = None)),
        // The features that the guest has were compared, and are there.
        (runs.into(), Note, |i, _| model(i, |model| model.usable = Some(false))),
        (runs.into(), Warns, |i, _| {
            model(i, |model| model.usable = Some(false));
            i.destination.cpu = CpuAnswer::Unknown("new words".into());
        }),
        (ProcessorCheck::ModelKept.into(), Note, |i, _| model(i, |model| model.deprecated = true)),
    ]);
    assert_eq!(answer(ProcessorCheck::ModelKept, |_, _| {}), None);
    assert_eq!(answer(runs, |i, _| i.destination.model = None), None);
    // That features are missing is said already.
    let lacks = |i: &mut Inspection, _: &mut MigrationOptions| {
        model(i, |model| model.usable = Some(false));
        i.destination.cpu = CpuAnswer::Lacks("svm".into());
    };
    assert_eq!(answer(runs, lacks), None);
    let blocked = |i: &mut Inspection, _: &mut MigrationOptions| {
        model(i, |model| {
            (model.usable, model.blockers) = (Some(false), vec!["svm".into(), "sse4a".into()]);
        });
    };
    assert_eq!(answer(runs, blocked).unwrap().there, Value::Without("svm, sse4a".into()));
}

#[test]
fn versions_that_refuse_each_others_nested_guests_are_known() {
    fn between(here: u64, there: u64, disabled: bool) -> Option<CheckOutcome> {
        let (mut i, options) = (fine(), MigrationOptions::default());
        (i.guest.cpu.vmx, i.guest.cpu.without_some_vmx) = (true, disabled);
        i.source.host.libvirt_version = here;
        i.destination.host.libvirt_version = there;
        let mut results = ask(&i, &options).into_iter();
        let found = results.find(|one| one.check == ProcessorCheck::NestedVersions.into());
        found.map(|found| found.outcome)
    }
    let (v9_9, v9_10, v10_1) = (9_009_000, 9_010_000, 10_001_000);
    let (v10_2, v10_5, v11_3) = (10_002_000, 10_005_000, 11_003_000);
    for (here, there, disabled, expected) in [
        (v9_9, v9_10, false, Warns),
        (v9_9, v10_1, false, Warns),
        (v10_1, v9_9, false, Warns),
        (v10_2, v10_1, false, Warns),
        (v9_10, v10_1, false, Passed),
        (v10_1, v10_2, false, Passed),
        (v9_9, v10_2, false, Passed),
        (v11_3, v9_9, false, Passed),
        (v10_2, v10_2, true, Warns),
        (v10_2, v10_5, true, Passed),
        (0, v10_1, false, CannotTell),
    ] {
        assert_eq!(between(here, there, disabled), Some(expected), "{here} to {there}");
    }
    assert_eq!(answer(ProcessorCheck::NestedVersions, |_, _| {}), None, "no vmx");
}

#[test]
fn the_port_of_an_interface_is_of_one_kind() {
    fn kinds(i: &mut Inspection, own: Option<&str>, here: Option<&str>, there: Option<&str>) {
        let of = |kind: Option<&str>| {
            let port_kind = kind.map(str::to_owned);
            NetworkAnswer::Active(NetworkShape { port_kind, ..bridged() })
        };
        i.source.networks.insert("lan".into(), of(here));
        i.destination.networks.insert("lan".into(), of(there));
        let port = own.map(|own| PortProfile { kind: own.into(), profile: None });
        i.guest.interfaces[0].port = port;
    }
    let ovs = Some("openvswitch");
    let check = NetworkCheck::PortKind;
    for (own, here, there, expected) in [
        (None, None, None, None),
        (None, ovs, ovs, Some(Passed)),
        (ovs, ovs, ovs, Some(Passed)),
        (ovs, None, None, Some(Passed)),
        (None, ovs, None, Some(Warns)),
        (None, None, ovs, Some(Warns)),
        (ovs, ovs, Some("802.1Qbg"), Some(Blocks)),
    ] {
        let mut i = fine();
        kinds(&mut i, own, here, there);
        let results = ask(&i, &MigrationOptions::default());
        let found = results.iter().find(|result| result.check == check.into());
        assert_eq!(found.map(|found| found.outcome), expected, "{own:?} {here:?} {there:?}");
    }
    assert_all(vec![
        // What the switch knows, and what a bridge is, nobody tells.
        (check.into(), CannotTell, |i, _| {
            kinds(i, Some("802.1Qbh"), None, None);
            i.guest.interfaces[0].port.as_mut().unwrap().profile = Some("finance".into());
        }),
        (check.into(), CannotTell, |i, _| {
            kinds(i, Some("openvswitch"), None, None);
            i.guest.interfaces[0].link = LinkSource::Bridge("br0".into());
        }),
        (check.into(), CannotTell, |i, _| {
            kinds(i, None, None, Some("openvswitch"));
            i.source.networks.clear();
        }),
    ]);
}

#[test]
fn whether_qemu_may_open_a_disk_is_held_against_whom_it_runs_as() {
    fn seen(i: &mut Inspection, path: &str, permissions: Permissions) {
        let there = i.destination.files.get_mut(path);
        let Some(FileAnswer::Found { permissions: own, .. }) = there else { panic!("{path}") };
        *own = permissions;
    }
    const PATH: &str = "/vm/web.qcow2";
    let check = StorageCheck::Access;
    assert_all(vec![
        (check.into(), Passed, |_, _| {}),
        (check.into(), Passed, |i, _| seen(i, PATH, owned(0, 0o660))),
        (check.into(), CannotTell, |i, _| i.destination.runs_as = None),
        (check.into(), CannotTell, |i, _| seen(i, PATH, Permissions::default())),
        // The same owner as at the source: libvirt may give it over.
        (check.into(), CannotTell, |i, _| seen(i, PATH, owned(107, 0o400))),
        // A server that takes everybody for nobody.
        (check.into(), Warns, |i, _| seen(i, PATH, owned(65534, 0o600))),
        (check.into(), Passed, |i, _| {
            seen(i, PATH, owned(107, 0o400));
            i.guest.disks[0].read_only = true;
        }),
        (check.into(), CannotTell, |i, _| {
            i.destination.runs_as = Some(QemuUser { user: 0, group: 0 });
        }),
        (check.into(), Passed, |i, _| {
            i.destination.runs_as = Some(QemuUser { user: 0, group: 0 });
            i.destination.files.insert(PATH.into(), found("", 8));
        }),
    ]);
    let told = answer(check, |i, _| seen(i, PATH, owned(65534, 0o600))).unwrap();
    assert_eq!(told.here, Value::Text("107:107 0600".into()));
    assert_eq!(told.there, Value::Text("65534:107 0600 (QEMU 107:107)".into()));
    assert_eq!(answer(check, |_, o| o.disks = DiskCopy::Full), None, "libvirt makes the copy");
}

#[test]
fn a_sparse_disk_needs_room_to_grow() {
    fn takes(i: &mut Inspection, taken: u64, size: u64) {
        let answer = FileAnswer::Found {
            pool: pool("nas:/vm"),
            capacity: Bytes(size * GIB),
            allocation: Bytes(taken * GIB),
            permissions: owned(107, 0o600),
        };
        i.destination.files.insert("/vm/web.qcow2".into(), answer);
    }
    let check = StorageCheck::Growth;
    assert_all(vec![
        (check.into(), Passed, |_, _| {}),
        // An image can take more than its size.
        (check.into(), Passed, |i, _| takes(i, 9, 8)),
        (check.into(), Passed, |i, _| takes(i, 10, 20)),
        // It is as it was before the move.
        (check.into(), Note, |i, _| takes(i, 9, 20)),
        (check.into(), Warns, |i, o| {
            takes(i, 9, 20);
            o.disks = DiskCopy::Full;
        }),
    ]);
    let told = answer(check, |i, _| takes(i, 9, 20)).unwrap();
    assert_eq!(
        (told.here, told.there),
        (Value::Amount(Bytes(11 * GIB)), Value::Amount(Bytes(10 * GIB)))
    );
}

fn twin(name: &str, active: bool) -> Twin {
    Twin { name: name.into(), active, definition: None }
}

#[test]
fn a_definition_that_is_replaced_is_compared() {
    fn old(i: &mut Inspection, o: &mut MigrationOptions, definition: Option<&str>) {
        o.residence = Residence::Permanent;
        let definition = definition.map(str::to_owned);
        i.destination.twin = Some(Some(Twin { definition, ..twin("web", false) }));
    }
    let check = IdentityCheck::SameGuestThere;
    for (definition, outcome, there) in [
        (Some("<web/>"), Note, Value::Equal),
        (Some("<web>old</web>"), Warns, Value::Different),
        (None, Warns, Value::Unknown),
    ] {
        let (mut inspection, mut options) = (fine(), MigrationOptions::default());
        old(&mut inspection, &mut options, definition);
        let mut results = ask(&inspection, &options).into_iter();
        let found = results.find(|result| result.check == check.into()).unwrap();
        assert_eq!((found.outcome, found.there), (outcome, there), "{definition:?}");
    }
}

#[test]
fn the_guests_own_state_is_looked_at() {
    assert_all(vec![
        (StateCheck::Snapshots.into(), Blocks, |i, _| i.source.snapshots = Some(2)),
        (StateCheck::Snapshots.into(), CannotTell, |i, _| i.source.snapshots = None),
        (StateCheck::Checkpoints.into(), Warns, |i, _| i.source.checkpoints = Some(1)),
        (StateCheck::OtherOperation.into(), Blocks, |i, _| i.source.job = Some(true)),
        (StateCheck::OtherOperation.into(), CannotTell, |i, _| i.source.job = None),
        (StateCheck::DiskOperation.into(), Blocks, |i, _| {
            i.source.block_jobs = Some(vec!["vda".into()])
        }),
        (StateCheck::DiskOperation.into(), CannotTell, |i, _| i.source.block_jobs = None),
        (StateCheck::Paused.into(), Note, |i, _| i.source.state = GuestState::Paused),
        (StateCheck::DiskError.into(), Warns, |i, _| {
            i.source.reason = StateReason::Paused(PauseReason::IoError);
        }),
        (StateCheck::DiskError.into(), Blocks, |i, o| {
            i.source.reason = StateReason::Paused(PauseReason::IoError);
            o.abort_on_error = true;
        }),
        (StateCheck::SavedState.into(), Warns, |i, o| {
            off(i, o);
            i.source.managed_save = Some(true);
        }),
        (StateCheck::Autostart.into(), Note, |i, o| {
            (i.source.autostart, o.residence) = (Some(true), Residence::Permanent);
        }),
        (IdentityCheck::NameFree.into(), Blocks, |i, _| {
            i.destination.namesake = Some(Some(GuestUuid([2; 16])));
        }),
        (IdentityCheck::NameFree.into(), Passed, |i, _| {
            i.destination.namesake = Some(Some(GuestUuid([1; 16])));
        }),
        (IdentityCheck::NameFree.into(), CannotTell, |i, _| i.destination.namesake = None),
        (IdentityCheck::SameGuestThere.into(), Note, |i, _| {
            i.destination.twin = Some(Some(twin("web", false)));
        }),
        (IdentityCheck::SameGuestThere.into(), Warns, |i, o| {
            o.residence = Residence::Permanent;
            i.destination.twin = Some(Some(twin("web", false)));
        }),
        (IdentityCheck::SameGuestThere.into(), Warns, |i, o| {
            off(i, o);
            i.destination.twin = Some(Some(twin("web", false)));
        }),
        (IdentityCheck::SameGuestThere.into(), Blocks, |i, _| {
            i.destination.twin = Some(Some(twin("web", true)));
        }),
        (IdentityCheck::SameGuestThere.into(), Blocks, |i, _| {
            i.destination.twin = Some(Some(twin("old", false)));
        }),
        (IdentityCheck::SameGuestThere.into(), CannotTell, |i, _| i.destination.twin = None),
        (IdentityCheck::HardwareAddress.into(), Warns, |i, _| {
            i.destination.addresses_taken = Some(vec![("52:54:00:00:00:01".into(), "db".into())]);
        }),
        (IdentityCheck::HardwareAddress.into(), CannotTell, |i, _| {
            i.destination.addresses_taken = None
        }),
    ]);
}

#[test]
fn devices_that_do_not_come_along_are_named() {
    fn with(i: &mut Inspection, device: SpecialDevice) {
        i.guest.devices.push(device);
    }
    fn host(kind: &str, node: Option<&str>) -> SpecialDevice {
        SpecialDevice::Host { kind: kind.into(), node: node.map(str::to_owned) }
    }
    fn folder(driver: &str, external: bool) -> SpecialDevice {
        SpecialDevice::SharedFolder { driver: driver.into(), tag: "share".into(), external }
    }
    assert_all(vec![
        (DeviceCheck::HostDevice.into(), CannotTell, |i, _| {
            with(i, host("pci", Some("pci_0000_03_00_0")))
        }),
        (DeviceCheck::HostDevice.into(), Warns, |i, _| with(i, host("usb", None))),
        (DeviceCheck::HostDeviceThere.into(), CannotTell, |i, _| {
            with(i, host("pci", Some("pci_0000_03_00_0")))
        }),
        (DeviceCheck::HostDeviceThere.into(), Warns, |i, _| {
            let node = "pci_0000_07_00_0".to_owned();
            i.guest.interfaces.push(interface(LinkSource::HostDevice(Some(node.clone()))));
            i.destination.host_devices.insert(node, Some(false));
        }),
        (DeviceCheck::HostDeviceThere.into(), Passed, |i, _| {
            with(i, host("mdev", Some("mdev_4b20")));
            i.destination.host_devices.insert("mdev_4b20".into(), Some(true));
        }),
        (DeviceCheck::HostDeviceThere.into(), Warns, |i, _| {
            with(i, host("mdev", Some("mdev_4b20")));
            i.destination.host_devices.insert("mdev_4b20".into(), Some(false));
        }),
        (DeviceCheck::HostDevice.into(), CannotTell, |i, _| {
            i.guest.interfaces.push(interface(LinkSource::Vdpa))
        }),
        (DeviceCheck::HostDevice.into(), Blocks, |i, _| {
            i.source.host.hypervisor_version = 5_002_000;
            i.guest.interfaces.push(interface(LinkSource::Vdpa));
        }),
        (DeviceCheck::HostDevice.into(), CannotTell, |i, _| {
            i.guest.interfaces.push(interface(LinkSource::HostDevice(None)))
        }),
        (DeviceCheck::SharedFolder.into(), Blocks, |i, _| with(i, folder("virtiofs", false))),
        (DeviceCheck::SharedFolder.into(), CannotTell, |i, _| with(i, folder("virtiofs", true))),
        (DeviceCheck::SharedFolder.into(), CannotTell, |i, _| with(i, folder("path", false))),
        (DeviceCheck::SharedMemory.into(), Blocks, |i, _| {
            with(i, SpecialDevice::SharedMemory { name: "ring".into(), master: false });
        }),
        (DeviceCheck::SharedMemory.into(), Passed, |i, _| {
            with(i, SpecialDevice::SharedMemory { name: "ring".into(), master: true });
        }),
        (DeviceCheck::Tpm.into(), Note, |i, _| with(i, SpecialDevice::Tpm("emulator".into()))),
        (DeviceCheck::Tpm.into(), CannotTell, |i, _| {
            with(i, SpecialDevice::Tpm("passthrough".into()))
        }),
        (DeviceCheck::Tpm.into(), Warns, |i, o| {
            off(i, o);
            with(i, SpecialDevice::Tpm("emulator".into()));
        }),
        (DeviceCheck::TpmSecret.into(), Blocks, |i, _| {
            i.guest.tpm_secret = Some(secret("u"));
            i.destination.secrets.insert(secret("u"), Some(false));
        }),
        (DeviceCheck::Firmware.into(), Passed, |i, _| i.guest.firmware = Some("/fw/CODE".into())),
        (DeviceCheck::Firmware.into(), CannotTell, |i, _| i.guest.firmware = Some("/own".into())),
        (DeviceCheck::Firmware.into(), CannotTell, |i, _| {
            i.guest.firmware = Some("/fw/CODE".into());
            i.destination.emulator = EmulatorAnswer::Unknown("new words".into());
        }),
        (DeviceCheck::FirmwareVariables.into(), Passed, |i, _| i.guest.nvram = Some("/n".into())),
        (DeviceCheck::FirmwareVariables.into(), Warns, |i, o| {
            off(i, o);
            i.guest.nvram = Some("/n".into());
        }),
        (DeviceCheck::UsbRedirection.into(), Note, |i, _| with(i, SpecialDevice::UsbRedirection)),
        (DeviceCheck::HostFile.into(), CannotTell, |i, _| {
            with(i, SpecialDevice::HostFile("/log".into()))
        }),
        (DeviceCheck::ConsolePort.into(), CannotTell, |i, _| {
            let fixed_port = Some(5907);
            i.guest.graphics.push(GraphicsFacts {
                kind: "vnc".into(),
                fixed_port,
                listen: String::new(),
            });
        }),
        (DeviceCheck::ConsoleAddress.into(), CannotTell, |i, _| {
            let listen = "10.0.0.1".into();
            i.guest.graphics.push(GraphicsFacts { kind: "vnc".into(), fixed_port: None, listen });
        }),
    ]);
    let unplugged = answer(DeviceCheck::HostDevice, |i, _| {
        let link = LinkSource::HostDevice(None);
        i.guest
            .interfaces
            .push(InterfaceFacts { unplugged_for_migration: true, ..interface(link) });
    });
    assert_eq!(unplugged, None);
}

#[test]
fn networks_are_compared() {
    fn there(i: &mut Inspection, answer: NetworkAnswer) {
        i.destination.networks.insert("lan".into(), answer);
    }
    fn nat() -> NetworkShape {
        NetworkShape { forward: "nat".into(), ..NetworkShape::default() }
    }
    fn on_bridge(i: &mut Inspection, links: Option<Vec<String>>) {
        i.guest.interfaces.push(interface(LinkSource::Bridge("br1".into())));
        i.destination.links = links;
    }
    assert_all(vec![
        (NetworkCheck::There.into(), Blocks, |i, _| there(i, NetworkAnswer::Missing)),
        (NetworkCheck::There.into(), Blocks, |i, _| there(i, NetworkAnswer::Inactive(bridged()))),
        (NetworkCheck::There.into(), CannotTell, |i, _| there(i, NetworkAnswer::Unknown)),
        (NetworkCheck::There.into(), Warns, |i, o| {
            off(i, o);
            there(i, NetworkAnswer::Missing);
        }),
        (NetworkCheck::Alike.into(), Warns, |i, _| there(i, NetworkAnswer::Active(nat()))),
        (NetworkCheck::Alike.into(), Warns, |i, _| {
            i.source.networks.insert("lan".into(), NetworkAnswer::Active(nat()));
            there(i, NetworkAnswer::Active(nat()));
        }),
        (NetworkCheck::HostLink.into(), Blocks, |i, _| on_bridge(i, Some(vec!["eth0".into()]))),
        (NetworkCheck::HostLink.into(), Passed, |i, _| on_bridge(i, Some(vec!["br1".into()]))),
        (NetworkCheck::HostLink.into(), CannotTell, |i, _| on_bridge(i, None)),
        (NetworkCheck::OwnProgram.into(), CannotTell, |i, _| {
            i.guest.interfaces.push(interface(LinkSource::Other("user".into())));
        }),
        (NetworkCheck::Filter.into(), Blocks, |i, _| {
            i.destination.filters.insert("clean-traffic".into(), Some(false));
        }),
        (NetworkCheck::Filter.into(), CannotTell, |i, _| {
            i.destination.filters.insert("clean-traffic".into(), None);
        }),
    ]);
}

#[test]
fn disks_are_looked_for_and_compared() {
    const PATH: &str = "/vm/web.qcow2";
    fn there(i: &mut Inspection, answer: FileAnswer) {
        i.destination.files.insert(PATH.into(), answer);
    }
    /// Found at the destination under this path, in the same storage mounted there.
    fn named_there(i: &mut Inspection, path: &str, directory: &str) {
        let mut edited = guest();
        edited.disks[0].source = DiskSource::File(path.into());
        i.edited = Some(edited);
        let mut answer = found("nas:/vm", 8);
        let FileAnswer::Found { pool, .. } = &mut answer else { unreachable!() };
        pool.directory = directory.into();
        i.destination.files.insert(path.into(), answer);
    }
    fn drive(i: &mut Inspection, optional: bool, answer: FileAnswer) {
        let (removable, read_only) = (true, true);
        i.guest.disks.push(DiskFacts { removable, read_only, optional, ..disk("sda", "/iso") });
        i.destination.files.insert("/iso".into(), answer);
    }
    fn copying(o: &mut MigrationOptions) {
        o.disks = DiskCopy::Full;
    }
    /// A block device that both hosts describe, by WWN and serial number.
    fn devices(i: &mut Inspection, here: (&str, &str), there: (&str, &str)) {
        let identity =
            |(wwn, serial): (&str, &str)| DeviceIdentity { wwn: wwn.into(), serial: serial.into() };
        i.guest.disks[0].source = DiskSource::Block("/dev/sdb".into());
        i.source.devices.insert("/dev/sdb".into(), identity(here));
        i.destination.devices.insert("/dev/sdb".into(), identity(there));
    }
    /// The copy is wanted under another path, in a pool with 10 GiB.
    fn copied_elsewhere(i: &mut Inspection, o: &mut MigrationOptions, gib: u64) {
        copying(o);
        let mut edited = guest();
        edited.disks[0].source = DiskSource::File("/big/web.qcow2".into());
        i.edited = Some(edited);
        i.source.files.insert(PATH.into(), found("", gib));
        i.destination.files.insert("/big/web.qcow2".into(), FileAnswer::Missing(pool("")));
    }
    assert_all(vec![
        (StorageCheck::There.into(), Blocks, |i, _| there(i, FileAnswer::Missing(pool("")))),
        (StorageCheck::There.into(), CannotTell, |i, _| there(i, FileAnswer::NoPool)),
        (StorageCheck::There.into(), CannotTell, |i, _| {
            there(i, FileAnswer::PoolInactive("vm".into()))
        }),
        (StorageCheck::There.into(), Warns, |i, o| {
            off(i, o);
            there(i, FileAnswer::Missing(pool("")));
        }),
        (StorageCheck::There.into(), Blocks, |i, _| {
            i.guest.disks[0].backing.push(DiskSource::File("/vm/base".into()));
            i.destination.files.insert("/vm/base".into(), FileAnswer::Missing(pool("")));
        }),
        (StorageCheck::Shared.into(), Passed, |_, _| {}),
        (StorageCheck::Shared.into(), CannotTell, |i, _| there(i, found("other:/vm", 8))),
        (StorageCheck::Shared.into(), CannotTell, |i, _| {
            i.source.files.insert(PATH.into(), found("", 8));
            there(i, found("", 8));
        }),
        (StorageCheck::Shared.into(), Warns, |i, _| there(i, found("nas:/vm", 9))),
        // What a file showed that one host wrote counts more than names.
        (StorageCheck::Shared.into(), Passed, |i, _| {
            i.source.files.insert(PATH.into(), found("", 8));
            there(i, found("", 8));
            i.proofs.push((POOL, POOL, true));
        }),
        (StorageCheck::Shared.into(), Warns, |i, _| i.proofs.push((POOL, POOL, false))),
        // The same storage and size, and another image.
        (StorageCheck::Shared.into(), Warns, |i, _| named_there(i, "/vm/db.qcow2", "/vm")),
        // The same image, where the storage has another directory.
        (StorageCheck::Shared.into(), Passed, |i, _| named_there(i, "/srv/web.qcow2", "/srv")),
        (StorageCheck::Shared.into(), CannotTell, |i, _| named_there(i, "/dev/sdb", "/srv")),
        (StorageCheck::Shared.into(), Passed, |i, _| devices(i, ("w1", "s1"), ("w1", "s2"))),
        (StorageCheck::Shared.into(), Warns, |i, _| devices(i, ("w1", "s1"), ("w2", "s1"))),
        (StorageCheck::Shared.into(), Passed, |i, _| devices(i, ("w1", "s1"), ("", "s1"))),
        (StorageCheck::Shared.into(), Warns, |i, _| devices(i, ("", "s1"), ("", "s2"))),
        (StorageCheck::Shared.into(), CannotTell, |i, _| devices(i, ("w1", ""), ("", "s1"))),
        (StorageCheck::Shared.into(), Blocks, |i, _| {
            i.guest.disks[0].source = DiskSource::Other("nvme".into());
        }),
        (StorageCheck::Shared.into(), Warns, |i, o| {
            o.allow_unsafe = true;
            i.guest.disks[0].source = DiskSource::Other("nvme".into());
        }),
        (StorageCheck::Reservations.into(), CannotTell, |i, _| {
            i.guest.disks[0].reservations = Some(Reservations::Managed);
        }),
        (StorageCheck::Cache.into(), Passed, |_, _| {}),
        (StorageCheck::Cache.into(), Blocks, |i, _| i.source.host.hypervisor_version = 3_001_000),
        (StorageCheck::Cache.into(), Warns, |i, o| {
            (i.source.host.hypervisor_version, o.allow_unsafe) = (3_001_000, true);
        }),
        (StorageCheck::Transient.into(), Blocks, |i, _| i.guest.disks[0].transient = true),
        (StorageCheck::Medium.into(), Blocks, |i, _| {
            drive(i, false, FileAnswer::Missing(pool("")))
        }),
        (StorageCheck::Medium.into(), Note, |i, _| drive(i, true, FileAnswer::Missing(pool("")))),
        (StorageCheck::Medium.into(), CannotTell, |i, _| drive(i, false, FileAnswer::NoPool)),
        (StorageCheck::Secret.into(), Blocks, |i, _| {
            i.guest.disks[0].secrets.push(secret("u"));
            i.destination.secrets.insert(secret("u"), Some(false));
        }),
        (StorageCheck::Secret.into(), CannotTell, |i, _| {
            i.guest.disks[0].secrets.push(secret("u"))
        }),
        (StorageCheck::Secret.into(), Blocks, |i, _| {
            let need = SecretNeed::Usage(SecretUsage::Ceph("key".into()));
            i.guest.disks[0].secrets.push(need.clone());
            i.destination.secrets.insert(need, Some(false));
        }),
        (StorageCheck::CopyPlace.into(), Passed, |i, o| {
            copying(o);
            there(i, FileAnswer::Missing(pool("")));
        }),
        (StorageCheck::CopyPlace.into(), Warns, |i, o| {
            copying(o);
            there(i, FileAnswer::NoPool);
        }),
        (StorageCheck::CopyPlace.into(), Warns, |i, o| {
            copying(o);
            there(i, found("", 8));
        }),
        (StorageCheck::CopyPlace.into(), Blocks, |i, o| {
            copying(o);
            there(i, found("", 7));
        }),
        (StorageCheck::CopyPlace.into(), Blocks, |i, o| {
            copying(o);
            there(i, found("", 9));
        }),
        (StorageCheck::CopyPlace.into(), Warns, |i, o| {
            copying(o);
            i.guest.disks[0].source = DiskSource::Block(PATH.into());
            there(i, found("", 9));
        }),
        (StorageCheck::CopyPlace.into(), Blocks, |i, o| {
            o.disks = DiskCopy::Incremental;
            there(i, FileAnswer::Missing(pool("")));
        }),
        (StorageCheck::CopyPlace.into(), Warns, |i, o| {
            o.disks = DiskCopy::Incremental;
            there(i, found("", 8));
        }),
        (StorageCheck::There.into(), Blocks, |i, o| {
            o.disks = DiskCopy::Incremental;
            i.guest.disks[0].backing.push(DiskSource::File("/vm/base".into()));
            i.destination.files.insert("/vm/base".into(), FileAnswer::Missing(pool("")));
        }),
        (StorageCheck::CopySpace.into(), Warns, |i, o| copied_elsewhere(i, o, 11)),
        (StorageCheck::CopySpace.into(), Passed, |i, o| copied_elsewhere(i, o, 10)),
        // Each has room there, but not both.
        (StorageCheck::CopySpace.into(), Warns, |i, o| {
            copying(o);
            for (target, path) in [("vda", PATH), ("vdb", "/vm/data.qcow2")] {
                i.source.files.insert(path.into(), found("", 6));
                i.destination.files.insert(path.into(), FileAnswer::Missing(pool("")));
                i.guest.disks.retain(|disk| disk.target != target);
                i.guest.disks.push(disk(target, path));
            }
        }),
        (StorageCheck::CopySpace.into(), Warns, |i, o| {
            copying(o);
            i.source.files.insert(PATH.into(), found("", 11));
            there(i, FileAnswer::Missing(pool("")));
        }),
    ]);
}

fn assert_all(table: Vec<(CheckId, CheckOutcome, Change)>) {
    for (number, (check, outcome, change)) in table.into_iter().enumerate() {
        let result = answer(check, change);
        let said = result.as_ref().map(|result| result.outcome);
        assert_eq!(said, Some(outcome), "row {number}: {check:?} {result:?}");
    }
}

#[test]
fn the_destination_xml_is_what_counts_there() {
    let changed = answer(NetworkCheck::There, |i, _| {
        let mut edited = guest();
        edited.interfaces = vec![interface(LinkSource::Network("dmz".into()))];
        i.edited = Some(edited);
        i.destination.networks.insert("dmz".into(), NetworkAnswer::Missing);
    });
    let changed = changed.unwrap();
    assert_eq!((changed.about.as_str(), changed.outcome), ("dmz", Blocks));
}

#[test]
fn an_edited_definition_must_be_of_this_guest() {
    fn edited(i: &mut Inspection, edit: impl FnOnce(&mut GuestFacts)) {
        let mut edited = guest();
        edit(&mut edited);
        i.edited = Some(edited);
    }
    assert_eq!(answer(DefinitionCheck::SameGuest, |_, _| {}), None);
    assert_all(vec![
        (DefinitionCheck::SameGuest.into(), Passed, |i, _| {
            edited(i, |guest| guest.disks[0].source = DiskSource::File("/big/web".into()));
        }),
        (DefinitionCheck::Uuid.into(), Blocks, |i, _| {
            edited(i, |guest| guest.uuid = Some(GuestUuid([9; 16])));
        }),
        (DefinitionCheck::Machine.into(), Blocks, |i, _| {
            edited(i, |guest| guest.machine = "pc-q35-9.2".into());
        }),
        // It stands for the host's newest, which may be the very one.
        (DefinitionCheck::SameGuest.into(), Passed, |i, _| {
            edited(i, |guest| guest.machine = "q35".into());
        }),
        (DefinitionCheck::Memory.into(), Blocks, |i, _| {
            edited(i, |guest| guest.memory = Bytes(4 * GIB));
        }),
        (DefinitionCheck::SameGuest.into(), Passed, |i, _| {
            edited(i, |guest| (guest.memory, guest.cells) = (Bytes(4 * GIB), true));
        }),
        (DefinitionCheck::Processors.into(), Blocks, |i, _| edited(i, |guest| guest.vcpus = 4)),
        (DefinitionCheck::Disks.into(), Blocks, |i, _| edited(i, |guest| guest.disks.clear())),
        (DefinitionCheck::Interfaces.into(), Blocks, |i, _| {
            edited(i, |guest| guest.interfaces.clear());
        }),
        (DefinitionCheck::HardwareAddress.into(), Blocks, |i, _| {
            edited(i, |guest| guest.interfaces[0].mac = "52:54:00:00:00:02".into());
        }),
        (DefinitionCheck::Uuid.into(), Warns, |i, o| {
            off(i, o);
            edited(i, |guest| guest.uuid = Some(GuestUuid([9; 16])));
        }),
    ]);
}

#[test]
fn the_two_values_are_told() {
    let free = answer(MemoryCheck::Free, |i, _| i.guest.memory = Bytes(9 * GIB)).unwrap();
    let amounts = (Value::Amount(Bytes(9 * GIB)), Value::Amount(Bytes(8 * GIB)));
    assert_eq!((free.here, free.there), amounts);
    let cpu = answer(ProcessorCheck::Fits, |i, _| {
        i.destination.cpu = CpuAnswer::Lacks("pcid, vme".into());
    });
    assert_eq!(cpu.unwrap().there, Value::Without("pcid, vme".into()));
}

#[test]
fn the_verdict_names_the_gravest_first() {
    let (mut inspection, options) = (fine(), MigrationOptions::default());
    inspection.destination.host.libvirt_version = 9_000_000;
    let with_care = Verdict::of(&ask(&inspection, &options));
    let Verdict::WithCare(reason) = with_care else { panic!("{with_care:?}") };
    assert_eq!(reason.check, HostCheck::LibvirtVersion.into());
    inspection.source.snapshots = Some(1);
    let blocked = Verdict::of(&ask(&inspection, &options));
    let Verdict::Blocked(reason) = blocked else { panic!("{blocked:?}") };
    assert_eq!(reason.check, StateCheck::Snapshots.into());
}

#[test]
fn what_can_be_mended_has_a_button() {
    fn mend_of(check: impl Into<CheckId>, change: Change) -> Option<Mend> {
        answer(check, change).unwrap().mend
    }
    assert_eq!(
        mend_of(NetworkCheck::There, |i, _| {
            i.destination.networks.insert("lan".into(), NetworkAnswer::Missing);
        }),
        Some(Mend::CopyNetwork("lan".into()))
    );
    assert_eq!(
        mend_of(NetworkCheck::There, |i, _| {
            i.source.networks.clear();
            i.destination.networks.insert("lan".into(), NetworkAnswer::Missing);
        }),
        None,
        "there is nothing to copy"
    );
    assert_eq!(
        mend_of(NetworkCheck::Filter, |i, _| {
            i.destination.filters.insert("clean".into(), Some(false));
        }),
        Some(Mend::CopyFilter("clean".into()))
    );
    assert_eq!(
        mend_of(StorageCheck::There, |i, _| {
            i.destination.files.insert("/vm/web.qcow2".into(), FileAnswer::NoPool);
        }),
        Some(Mend::CopyPool("vm".into()))
    );
    let absent: Change = |i, _| {
        i.destination.files.insert("/vm/web.qcow2".into(), FileAnswer::Missing(pool("")));
    };
    assert_eq!(mend_of(StorageCheck::There, absent), Some(Mend::CopyDisks));
    assert_eq!(
        mend_of(StorageCheck::There, |i, _| {
            i.guest.disks[0].backing.push(DiskSource::File("/vm/base.qcow2".into()));
            i.destination.files.insert("/vm/web.qcow2".into(), FileAnswer::Missing(pool("")));
        }),
        None,
        "what it builds on would be missing"
    );
    let other_server: Change = |i, _| {
        i.destination.files.insert("/vm/web.qcow2".into(), found("other:/vm", 8));
    };
    assert_eq!(mend_of(StorageCheck::Shared, other_server), Some(Mend::Prove(POOL, POOL)));
    let proved: Change = |i, _| {
        i.destination.files.insert("/vm/web.qcow2".into(), found("other:/vm", 8));
        i.proofs.push((POOL, POOL, false));
    };
    assert_eq!(mend_of(StorageCheck::Shared, proved), None, "it is known");
    assert_eq!(
        mend_of(StorageCheck::Secret, |i, _| {
            i.guest.disks[0].secrets.push(secret("s"));
            i.destination.secrets.insert(secret("s"), Some(false));
        }),
        Some(Mend::CopySecret("s".into()))
    );
    let lacking: Change = |i, _| i.destination.cpu = CpuAnswer::Lacks("vmx".into());
    assert_eq!(mend_of(ProcessorCheck::Fits, lacking), Some(Mend::CommonProcessor));
    let console = |fixed_port, listen: &str| GraphicsFacts {
        kind: "vnc".into(),
        fixed_port,
        listen: listen.into(),
    };
    let mut inspection = fine();
    inspection.guest.graphics = vec![console(Some(5901), "10.0.0.7")];
    let results = ask(&inspection, &MigrationOptions::default());
    let mends: Vec<_> = results.iter().filter_map(|result| result.mend.clone()).collect();
    assert_eq!(mends, [Mend::FreePort, Mend::ListenEverywhere]);
}
