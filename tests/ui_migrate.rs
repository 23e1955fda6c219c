//! The Migrate dialog and the Migrations page, driven as a user drives them.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)] // helpers outside of test functions

mod kit;

use std::collections::HashMap;
use std::time::Duration;

use relm4::adw::{self, prelude::*};
use relm4::gtk;
use relm4::prelude::*;

use vireo::backend::Lever;
use vireo::migration::checks::Mend;
use vireo::migration::{
    Calibration, Coverage, MigrationOptions, MigrationPlan, MoveNames, Moves, Policy, Residence,
    Retry, Transport,
};
use vireo::model::{
    Bytes, CompletedStats, CpuAnswer, DestinationFacts, EmulatorAnswer, Failure, FailureKind,
    GraphicsFacts, Guest, GuestFacts, GuestKey, GuestState, GuestUuid, HostFacts, HostId,
    Inspection, InterfaceFacts, JobId, LinkSource, MemoryWatch, MigrationEnd, MigrationSample,
    MigrationStep, NetworkAnswer, NetworkShape, Presence, Route, SourceFacts, StateReason,
};
use vireo::ui::migrate::logic::{HostChoice, Unusable};
use vireo::ui::migrate::{
    ChecksInput, ForecastInput, MigrateDialog, MigrateInit, MigrateInput, MigrateOutput, XmlInput,
};
use vireo::ui::migrations::{MigrationsInput, MigrationsOutput, MigrationsPage};

fn key(host: u32) -> GuestKey {
    GuestKey { host: HostId(host), uuid: GuestUuid([7; 16]) }
}

fn guest(state: GuestState) -> Guest {
    Guest {
        key: key(1),
        name: "busy".into(),
        state,
        reason: StateReason::None,
        persistent: true,
        autostart: false,
        managed_save: false,
        memory_max: Bytes(1 << 30),
        vcpus: 1,
        migrating: false,
    }
}

fn host(id: u32, name: &str, unusable: Option<Unusable>) -> HostChoice {
    let uri = format!("qemu+unix:///session?socket=/run/{name}/libvirt-sock");
    let detail = "2.1 GiB of 4.0 GiB memory free".to_owned();
    HostChoice { host: HostId(id), name: name.into(), detail, uri, unusable }
}

fn open(state: GuestState) -> (Controller<MigrateDialog>, async_channel::Receiver<MigrateOutput>) {
    kit::init();
    let init = MigrateInit {
        guest: guest(state),
        hosts: vec![
            host(2, "rack-7", Some(Unusable::NotConnected)),
            host(3, "lab-b", None),
            host(4, "lab-c", None),
        ],
        ..init()
    };
    let (dialog, heard, _) = launch(init);
    (dialog, heard)
}

type Heard = async_channel::Receiver<MigrateOutput>;

/// A guest that runs on lab-a and may go to lab-b.
fn init() -> MigrateInit {
    MigrateInit {
        also: Vec::new(),
        known: HashMap::new(),
        guest: guest(GuestState::Running),
        source: host(1, "lab-a", None),
        hosts: vec![host(3, "lab-b", None)],
        preselected: None,
    }
}

/// The dialog, what it says, and what it asks of the hosts.
fn launch(init: MigrateInit) -> (Controller<MigrateDialog>, Heard, Heard) {
    let (said, heard) = async_channel::unbounded();
    let (asks, asked) = async_channel::unbounded();
    let dialog = MigrateDialog::builder().launch(init).connect_receiver(move |_, output| {
        let inspects = matches!(
            output,
            MigrateOutput::Inspect { .. }
                | MigrateOutput::Survey(_)
                | MigrateOutput::Measure { .. }
        );
        // A test that is over listens no more.
        let _ = if inspects { asks.try_send(output) } else { said.try_send(output) };
    });
    dialog.widget().present();
    kit::settle(dialog.widget());
    (dialog, heard, asked)
}

fn plan(heard: &async_channel::Receiver<MigrateOutput>) -> MigrationPlan {
    kit::until("an output", || !heard.is_empty());
    match heard.try_recv().unwrap() {
        MigrateOutput::Migrate(plan, _) => *plan,
        other => panic!("no plan: {other:?}"),
    }
}

fn check(dialog: &Controller<MigrateDialog>, title: &str) -> gtk::CheckButton {
    kit::inside(&kit::row(dialog.widget(), title))
}

#[gtk::test]
fn return_is_enough_for_the_usual_move() {
    let (dialog, heard) = open(GuestState::Running);
    let window: &adw::Window = dialog.widget();
    assert_eq!(window.title().as_deref(), Some("Migrate busy"));
    assert!(kit::shows(window, "busy runs on lab-a."));
    let unusable = kit::row(window, "rack-7");
    assert!(!unusable.is_sensitive() && kit::shows(&unusable, "Not connected"));
    assert!(kit::row(window, "lab-b").is_selected(), "the first that can be chosen");
    assert!(kit::shows(window, "virsh -c 'qemu+unix:///session?socket=/run/lab-a/libvirt-sock'"));
    window.emit_activate_default();
    let plan = plan(&heard);
    assert_eq!(plan.guest, key(1));
    assert_eq!(plan.destination, HostId(3));
    assert_eq!(plan.options, MigrationOptions::default());
    kit::until("closed", || !heard.is_empty());
    assert_eq!(heard.try_recv(), Ok(MigrateOutput::Closed));
    assert!(!window.is_visible());
}

#[gtk::test]
fn offline_and_permanently_to_another_host() {
    let (dialog, heard) = open(GuestState::Running);
    let window = dialog.widget();
    check(&dialog, "Offline migration").emit_activate();
    check(&dialog, "Permanently").emit_activate();
    let list: gtk::ListBox = kit::row(window, "lab-c").parent().unwrap().downcast().unwrap();
    list.select_row(Some(&kit::row(window, "lab-c")));
    kit::until("the sentence", || kit::shows(window, "it always finishes"));
    kit::click(window, "Migrate");
    let plan = plan(&heard);
    assert_eq!(plan.destination, HostId(4));
    assert_eq!(plan.options.coverage, Coverage::Stopped);
    assert_eq!(plan.options.residence, Residence::Permanent);
}

#[gtk::test]
fn the_same_by_actions() {
    let (dialog, heard) = open(GuestState::Running);
    let window = dialog.widget();
    for action in ["migrate.offline", "migrate.permanent", "migrate.unsafe"] {
        window.activate_action(action, None).unwrap();
    }
    window.activate_action("migrate.destination", Some(&"lab-c".to_variant())).unwrap();
    kit::settle(window);
    assert!(check(&dialog, "Offline migration").is_active());
    assert!(check(&dialog, "Permanently").is_active());
    window.activate_action("migrate.start", None).unwrap();
    let plan = plan(&heard);
    assert_eq!(plan.destination, HostId(4));
    assert!(plan.options.allow_unsafe);
    assert_eq!(plan.options.coverage, Coverage::Stopped);
    assert_eq!(plan.options.residence, Residence::Permanent);
}

#[gtk::test]
fn what_excludes_each_other_cannot_be_chosen_together() {
    let (dialog, heard) = open(GuestState::Running);
    let window = dialog.widget();
    let switch = |title: &str| kit::inside::<gtk::Switch>(&kit::row(window, title));
    let transport: adw::ComboRow = kit::row(window, "Transport").downcast().unwrap();
    let compression: adw::ComboRow = kit::row(window, "Compression").downcast().unwrap();
    assert_eq!(compression.model().unwrap().n_items(), 2, "no zlib, no zstd on one connection");
    switch("Allow post-copy").set_active(true);
    kit::inside::<gtk::SpinButton>(&kit::row(window, "Parallel connections")).set_value(4.0);
    kit::until("post-copy greyed", || !kit::row(window, "Allow post-copy").is_sensitive());
    assert!(!switch("Allow post-copy").is_active());
    assert_eq!(compression.model().unwrap().n_items(), 3, "zlib and zstd, no xbzrle");
    compression.set_selected(2);
    kit::settle(window);
    transport.set_selected(2);
    kit::until("parallel greyed", || !kit::row(window, "Parallel connections").is_sensitive());
    assert_eq!(compression.selected(), 0);
    assert!(!kit::row(window, "Migration address").is_sensitive());
    kit::click(window, "Migrate");
    let plan = plan(&heard);
    assert_eq!(plan.options.transport, Transport::Tunnelled);
    assert_eq!(plan.options.conflicts(), []);
}

#[gtk::test]
fn figures_and_addresses_go_along() {
    let (dialog, heard) = open(GuestState::Running);
    let window = dialog.widget();
    let xml = "<domain/>".to_owned();
    dialog.emit(MigrateInput::Defaults { max_downtime_ms: Some(450), xml });
    let spin = |title: &str| kit::inside::<gtk::SpinButton>(&kit::row(window, title));
    kit::until("seeded", || spin("Maximum downtime").value_as_int() == 450);
    spin("Maximum downtime").set_value(900.0);
    spin("Bandwidth limit").set_value(32.0);
    let address: adw::EntryRow = kit::row(window, "Migration address").downcast().unwrap();
    address.set_text(" tcp://10.0.0.2 ");
    let xml: adw::ExpanderRow = kit::row(window, "Destination XML").downcast().unwrap();
    xml.set_enable_expansion(true);
    let text: gtk::TextView = kit::inside(&xml);
    kit::until("begun", || text.buffer().char_count() > 0);
    kit::until("checked", || kit::button(window, "Migrate").is_sensitive());
    text.buffer().set_text("<domain>");
    kit::until("found wrong", || kit::shows(window, "The destination XML cannot be read."));
    assert!(!kit::button(window, "Migrate").is_sensitive());
    text.buffer().set_text("<domain><name>x</name></domain>");
    kit::until("found right", || kit::button(window, "Migrate").is_sensitive());
    assert!(kit::shows(window, "migrate-setmaxdowntime --domain busy --downtime 900"));
    kit::click(window, "Migrate");
    let options = plan(&heard).options;
    assert_eq!(options.max_downtime_ms, Some(900));
    assert_eq!(options.bandwidth_mibps, Some(32));
    assert_eq!(options.migrate_uri.as_deref(), Some("tcp://10.0.0.2"));
    assert_eq!(options.destination_xml.as_deref(), Some("<domain><name>x</name></domain>"));
}

#[gtk::test]
fn a_guest_that_is_shut_off_moves_its_definition() {
    let (dialog, heard) = open(GuestState::ShutOff);
    let window = dialog.widget();
    assert!(check(&dialog, "Offline migration").is_active());
    assert!(!check(&dialog, "Offline migration").is_sensitive());
    assert!(!check(&dialog, "Until it is shut down").is_sensitive());
    assert!(kit::shows(window, "its definition moves"));
    kit::click(window, "Migrate");
    let options = plan(&heard).options;
    assert_eq!(options.coverage, Coverage::Definition);
    assert_eq!(options.residence, Residence::Permanent);
}

#[gtk::test]
fn hosts_and_guest_are_kept_current() {
    let (dialog, _heard) = open(GuestState::Running);
    let window = dialog.widget();
    let before = kit::row(window, "lab-b");
    let lost = |id, name| host(id, name, Some(Unusable::NotConnected));
    let hosts = vec![lost(2, "rack-7"), lost(3, "lab-b"), lost(4, "lab-c")];
    dialog.emit(MigrateInput::HostsChanged(hosts));
    kit::until("greyed", || !before.is_sensitive());
    assert!(kit::shows(window, "None of the hosts can take this guest now."));
    assert!(!kit::button(window, "Migrate").is_sensitive());
    dialog.emit(MigrateInput::HostsChanged(vec![lost(2, "rack-7"), host(4, "lab-c", None)]));
    kit::until("chosen", || kit::row(window, "lab-c").is_selected());
    assert!(kit::button(window, "Migrate").is_sensitive());
    dialog.emit(MigrateInput::HostsChanged(Vec::new()));
    kit::until("none", || kit::shows(window, "There is no other host."));
    dialog.emit(MigrateInput::HostsChanged(vec![host(4, "lab-c", None)]));
    dialog.emit(MigrateInput::GuestChanged(key(1), None));
    kit::until("gone", || kit::shows(window, "The guest is not on this host any more."));
    dialog.emit(MigrateInput::GuestChanged(key(1), Some(Box::new(guest(GuestState::Paused)))));
    kit::until("back", || kit::shows(window, "busy is paused on lab-a."));
    assert!(kit::button(window, "Migrate").is_sensitive());
}

fn facts(uuid: &str) -> HostFacts {
    HostFacts {
        hostname: uuid.into(),
        host_uuid: uuid.into(),
        driver: "QEMU".into(),
        arch: "x86_64".into(),
        cpu_model: String::new(),
        cpus: 2,
        mhz: 0,
        topology: [1, 1, 2, 1],
        memory: Bytes(1 << 34),
        libvirt_version: 11_003_000,
        hypervisor_version: 10_000_000,
        migration_transports: vec!["tcp".into()],
        uri: String::new(),
    }
}

/// What two hosts say of a guest that nothing blocks, on a network that is not the same one.
fn inspection() -> Box<Inspection> {
    let link = LinkSource::Network("default".into());
    let mac = "52:54:00:00:00:01".into();
    let interface = InterfaceFacts {
        mac,
        link,
        port_group: None,
        port: None,
        filter: None,
        unplugged_for_migration: false,
    };
    let nat = NetworkShape { forward: "nat".into(), ..NetworkShape::default() };
    let networks = [("default".to_owned(), NetworkAnswer::Active(nat))];
    let memory = Bytes(1 << 30);
    let interfaces = vec![interface];
    Box::new(Inspection {
        guest: GuestFacts { name: "busy".into(), memory, interfaces, ..GuestFacts::default() },
        edited: None,
        name_there: "busy".into(),
        source: SourceFacts {
            card_mbps: None,
            host: facts("a"),
            state: GuestState::Running,
            reason: StateReason::None,
            persistent: Some(true),
            definition: None,
            autostart: Some(false),
            managed_save: Some(false),
            snapshots: Some(0),
            checkpoints: Some(0),
            job: Some(false),
            block_jobs: Some(Vec::new()),
            security_models: None,
            networks: networks.clone().into(),
            files: [].into(),
            devices: [].into(),
        },
        proofs: Vec::new(),
        destination: DestinationFacts {
            host: facts("b"),
            memory_free: Some(Bytes(1 << 33)),
            cells: None,
            clock: None,
            huge_pages_free: None,
            emulator: EmulatorAnswer::Takes { vcpus: Some(255), firmware: Vec::new() },
            cpu: CpuAnswer::Fits,
            model: None,
            twin: Some(None),
            namesake: Some(None),
            addresses_taken: Some(Vec::new()),
            security_models: None,
            runs_as: None,
            networks: networks.into(),
            filters: [].into(),
            secrets: [].into(),
            links: None,
            card_mbps: None,
            files: [].into(),
            devices: [].into(),
            host_devices: [].into(),
        },
    })
}

fn asked(hears: &Heard) -> Vec<(u64, HostId)> {
    let mut asked = Vec::new();
    while let Ok(output) = hears.try_recv() {
        match output {
            MigrateOutput::Inspect { revision, wish } => asked.push((revision, wish.destination)),
            MigrateOutput::Measure { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    asked
}

fn tell(
    dialog: &Controller<MigrateDialog>,
    (revision, host): (u64, HostId),
    found: Result<Box<Inspection>, Failure>,
) {
    let input = ChecksInput::Inspected { guest: key(1), host, revision, found };
    dialog.emit(MigrateInput::Checks(input));
}

#[gtk::test]
fn every_obstacle_is_shown_with_its_values() {
    let (dialog, _heard, hears) = launch(MigrateInit {
        hosts: vec![host(3, "lab-b", None), host(4, "lab-c", None)],
        ..init()
    });
    let window = dialog.widget();
    window.set_default_size(520, 2000);
    let questions = asked(&hears);
    assert_eq!(questions, [(1, HostId(3)), (1, HostId(4))], "all hosts are asked at once");
    assert!(kit::shows(window, "Both hosts are being asked…"));
    assert!(kit::button(window, "Migrate").is_sensitive());

    tell(&dialog, questions[0], Ok(inspection()));
    kit::until("judged", || kit::shows(window, "1 thing to be careful of."));
    let row = kit::row(window, "Same network on both hosts: default");
    assert!(kit::shows(&row, "Here: nat · Destination: nat"), "{:?}", kit::texts(&row));
    assert!(kit::shows(&kit::row(window, "lab-b"), "With care: Same network on both hosts"));
    assert!(kit::button(window, "Migrate").is_sensitive());

    let mut taken = inspection();
    taken.source.snapshots = Some(2);
    taken.destination.networks.insert("default".into(), NetworkAnswer::Missing);
    tell(&dialog, questions[1], Ok(taken));
    kit::until("judged", || kit::shows(&kit::row(window, "lab-c"), "Blocked: Snapshots"));
    window.activate_action("migrate.destination", Some(&"lab-c".to_variant())).unwrap();
    kit::until("blocked", || kit::shows(window, "2 obstacles: libvirt would refuse this move."));
    assert!(!kit::button(window, "Migrate").is_sensitive());
    assert!(kit::shows(window, "Blocked: Snapshots. libvirt moves no guest that has snapshots."));
    assert!(kit::shows(&kit::row(window, "Virtual network: default"), "Destination: missing"));
    let picture = kit::picture(window, "migrate-checks");
    assert!(picture.metadata().unwrap().len() > 5000);

    kit::click(window, "Check Again");
    kit::until("asked again", || !hears.is_empty());
    kit::settle(window);
    let questions = asked(&hears);
    assert_eq!(questions, [(1, HostId(3)), (1, HostId(4))]);
    tell(&dialog, questions[1], Ok(inspection()));
    kit::until("mended", || kit::button(window, "Migrate").is_sensitive());
    let late = Failure::own(FailureKind::TimedOut, "no answer within 15 s");
    tell(&dialog, questions[0], Err(late));
    let row = kit::row(window, "lab-b");
    kit::until("told", || kit::shows(&row, "Could not be checked"));
}

#[gtk::test]
fn what_passed_has_rows_when_it_is_opened_and_follows_what_is_told_then() {
    let (dialog, _heard, hears) = launch(init());
    let window = dialog.widget();
    tell(&dialog, asked(&hears)[0], Ok(inspection()));
    let passed = || {
        let texts = kit::texts(window);
        let title = texts.into_iter().find(|text| text.ends_with(" checks passed"))?;
        title.split(' ').next()?.parse::<usize>().ok()
    };
    kit::until("judged", || passed().is_some());
    let count = passed().unwrap();
    let fold: adw::ExpanderRow =
        kit::row(window, &format!("{count} checks passed")).downcast().unwrap();
    let rows = || kit::all(&fold).iter().filter(|widget| widget.is::<adw::ActionRow>()).count();
    let closed = rows();
    assert!(!kit::shows(&fold, "Snapshots"));
    fold.set_expanded(true);
    assert_eq!(rows(), closed + count);
    assert!(kit::shows(&fold, "Snapshots"));

    kit::click(window, "Check Again");
    kit::until("asked again", || !hears.is_empty());
    let mut taken = inspection();
    taken.source.snapshots = Some(2);
    tell(&dialog, asked(&hears)[0], Ok(taken));
    kit::until("one less", || passed() == Some(count - 1));
    assert_eq!(rows(), closed + count - 1);
    assert!(!kit::shows(&fold, "Snapshots"));
    assert!(kit::shows(window, "Snapshots"), "it is in sight now");
}

#[gtk::test]
fn an_obstacle_is_removed_by_its_button() {
    let (dialog, heard, hears) = launch(init());
    let window = dialog.widget();
    window.set_default_size(520, 2000);
    let mut idle = inspection();
    let off = NetworkAnswer::Inactive(NetworkShape::default());
    idle.destination.networks.insert("default".into(), off);
    tell(&dialog, asked(&hears)[0], Ok(idle.clone()));
    kit::until("blocked", || kit::shows(window, "Destination: not started"));
    kit::click(window, "Start");
    kit::until("asked for", || !heard.is_empty());
    let mend = Mend::StartNetwork("default".into());
    let destination = HostId(3);
    assert_eq!(heard.try_recv(), Ok(MigrateOutput::Mend { destination, mend }));
    kit::settle(window);
    assert!(!kit::button(window, "Start").is_sensitive(), "one at a time");
    let failure = Failure::own(FailureKind::Denied, "Operation not permitted");
    dialog.emit(MigrateInput::Checks(ChecksInput::Mended(Err(failure))));
    kit::until("told", || kit::shows(window, "That did not work: Operation not permitted"));
    kit::until("asked again", || !hears.is_empty());
    tell(&dialog, asked(&hears)[0], Ok(idle));
    kit::until("again", || kit::button(window, "Start").is_sensitive());
    kit::click(window, "Start");
    dialog.emit(MigrateInput::Checks(ChecksInput::Mended(Ok(()))));
    kit::until("asked again", || !hears.is_empty());
    tell(&dialog, asked(&hears)[0], Ok(inspection()));
    kit::until("mended", || kit::button(window, "Migrate").is_sensitive());
}

#[gtk::test]
fn what_is_ejected_leaves_the_destination_xml_too() {
    let (dialog, heard, hears) = launch(init());
    let xml = "<domain><devices><disk type='file' device='cdrom'><source file='/iso'/>\
        <target dev='sda'/></disk></devices></domain>";
    tell(&dialog, asked(&hears)[0], Ok(inspection()));
    dialog.emit(MigrateInput::Defaults { max_downtime_ms: None, xml: xml.into() });
    dialog.emit(MigrateInput::Xml(XmlInput::Switched(true)));
    kit::until("asked with the XML", || !hears.is_empty());
    tell(&dialog, asked(&hears)[0], Ok(inspection()));
    dialog.emit(MigrateInput::Checks(ChecksInput::Mend(Mend::Eject("sda".into()))));
    kit::until("asked for", || !heard.is_empty());
    dialog.emit(MigrateInput::Checks(ChecksInput::Mended(Ok(()))));
    let empty = xml.replace("<source file='/iso'/>", "");
    kit::until("asked with the new XML", || {
        std::iter::from_fn(|| hears.try_recv().ok()).any(|output| match output {
            MigrateOutput::Inspect { revision, wish } => {
                tell(&dialog, (revision, wish.destination), Ok(inspection()));
                wish.destination_xml.as_ref() == Some(&empty)
            }
            _ => false,
        })
    });
}

/// Which question is asked about the first guest, and which ways of others.
fn asked_about(hears: &Heard) -> (Option<u64>, Vec<Route>) {
    let (mut first, mut others) = (None, Vec::new());
    while let Ok(output) = hears.try_recv() {
        match output {
            MigrateOutput::Inspect { revision, .. } => first = Some(revision),
            MigrateOutput::Survey(routes) => others.extend(routes),
            MigrateOutput::Measure { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    (first, others)
}

#[gtk::test]
fn guests_that_go_along_are_checked_too() {
    let web = Guest { key: key(7), name: "web".into(), ..guest(GuestState::Running) };
    let off = Guest { key: key(8), name: "db".into(), ..guest(GuestState::ShutOff) };
    let (dialog, heard, hears) = launch(MigrateInit { also: vec![web, off], ..init() });
    let window = dialog.widget();
    window.set_default_size(520, 2000);
    let (first, others) = asked_about(&hears);
    assert_eq!((first, others), (Some(1), [7, 8].map(|id| (key(id), HostId(3))).to_vec()));
    assert!(kit::shows(&kit::row(window, "web"), "Both hosts are being asked…"));
    let mut taken = inspection();
    taken.source.snapshots = Some(2);
    let say = |revision: u64, of_first: Box<Inspection>| {
        let (guest, host, found) = (key(1), HostId(3), Ok(of_first));
        let input = ChecksInput::Inspected { guest, host, revision, found };
        dialog.emit(MigrateInput::Checks(input));
        let others = [(key(7), taken.clone()), (key(8), inspection())];
        let others = others.map(|(guest, found)| ((guest, host), Ok(found))).to_vec();
        dialog.emit(MigrateInput::Checks(ChecksInput::Surveyed(others)));
    };
    say(1, inspection());
    kit::until("judged", || kit::shows(&kit::row(window, "web"), "Blocked: Snapshots"));
    assert!(kit::shows(&kit::row(window, "db"), "With care: "), "{:?}", kit::texts(window));
    kit::picture(window, "migrate-several");
    let mut stuck = inspection();
    stuck.source.snapshots = Some(1);
    let again = |of_first: Box<Inspection>| {
        dialog.emit(MigrateInput::Checks(ChecksInput::Again(Some(HostId(3)))));
        kit::until("asked again", || hears.len() == 2);
        let (revision, others) = asked_about(&hears);
        assert_eq!(others.len(), 2, "the others at once");
        say(revision.unwrap(), of_first);
    };
    again(stuck);
    kit::until("the first to stay", || kit::shows(window, "stays here; the others go."));
    assert!(kit::button(window, "Migrate").is_sensitive());
    again(inspection());
    kit::until("all to go", || !kit::shows(window, "stays here; the others go."));
    kit::click(window, "Migrate");
    kit::until("both moves", || heard.len() >= 3);
    let mut plans = Vec::new();
    while let Ok(output) = heard.try_recv() {
        match output {
            MigrateOutput::Migrate(plan, _) => plans.push((plan.guest, plan.options.coverage)),
            MigrateOutput::Closed => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(plans, [(key(1), Coverage::Live), (key(8), Coverage::Definition)]);
}

#[gtk::test]
fn what_is_chosen_for_a_move_removes_an_obstacle_too() {
    let (dialog, heard, hears) = launch(init());
    let window = dialog.widget();
    window.set_default_size(520, 2400);
    let console =
        "<domain><devices><graphics type='vnc' port='5901' autoport='no'/></devices></domain>";
    dialog.emit(MigrateInput::Defaults { max_downtime_ms: None, xml: console.into() });
    let mut found = inspection();
    found.guest.graphics.push(GraphicsFacts {
        kind: "vnc".into(),
        fixed_port: Some(5901),
        listen: String::new(),
    });
    tell(&dialog, asked(&hears)[0], Ok(found));
    kit::until("judged", || kit::shows(window, "Port of the console: vnc"));
    kit::click(window, "Free Port");
    kit::until("asked again", || !hears.is_empty());
    let Ok(MigrateOutput::Inspect { revision, wish }) = hears.try_recv() else { panic!() };
    let xml = wish.destination_xml.unwrap();
    assert_eq!(xml, console.replace("5901", "-1").replace("autoport='no'", "autoport='yes'"));
    tell(&dialog, (revision, HostId(3)), Ok(inspection()));
    kit::until("ready", || kit::button(window, "Migrate").is_sensitive());
    kit::click(window, "Migrate");
    kit::until("asked for", || !heard.is_empty());
    match heard.try_recv() {
        Ok(MigrateOutput::Migrate(plan, _)) => {
            assert_eq!(plan.options.destination_xml.as_deref(), Some(xml.as_str()));
        }
        other => panic!("{other:?}"),
    }
}

#[gtk::test]
fn what_changes_is_asked_again_and_older_answers_do_not_count() {
    let (dialog, _heard, hears) = launch(init());
    let window = dialog.widget();
    let questions = asked(&hears);
    let paused = Box::new(guest(GuestState::Paused));
    dialog.emit(MigrateInput::GuestChanged(key(1), Some(paused)));
    kit::settle(window);
    assert_eq!(asked(&hears), [], "one question is under way");
    tell(&dialog, questions[0], Ok(inspection()));
    kit::until("asked again", || !hears.is_empty());
    assert!(!kit::shows(window, "1 thing to be careful of."), "that was about the running guest");
    let questions = asked(&hears);
    assert_eq!(questions, [(2, HostId(3))]);
    tell(&dialog, questions[0], Ok(inspection()));
    kit::until("judged", || kit::shows(window, "1 thing to be careful of."));
    dialog.emit(MigrateInput::GuestChanged(key(1), Some(Box::new(guest(GuestState::Paused)))));
    kit::settle(window);
    assert_eq!(asked(&hears), [], "nothing changed");
}

#[gtk::test]
fn cancelling_asks_for_nothing() {
    let (dialog, heard) = open(GuestState::Running);
    kit::click(dialog.widget(), "Cancel");
    kit::until("closed", || !heard.is_empty());
    assert_eq!(heard.try_recv(), Ok(MigrateOutput::Closed));
    assert!(heard.is_empty());
}

#[gtk::test]
fn pictures_of_the_dialog() {
    for (name, width, dark) in [("light", 520, false), ("dark", 520, true), ("narrow", 360, false)]
    {
        let (dialog, _heard) = open(GuestState::Running);
        kit::dark(dark);
        let window = dialog.widget();
        window.set_default_size(width, 900);
        kit::settle(window);
        assert!(window.width() <= width, "{} is wider than {width}", window.width());
        let picture = kit::picture(window, &format!("migrate-{name}"));
        assert!(picture.metadata().unwrap().len() > 5000);
        let group: adw::ExpanderRow = kit::row(window, "Advanced").downcast().unwrap();
        group.set_expanded(true);
        window.set_default_size(width, 2000);
        let xml = "<domain type='kvm'>\n  <name>busy</nam>\n</domain>".to_owned();
        dialog.emit(MigrateInput::Defaults { max_downtime_ms: Some(300), xml });
        let xml: adw::ExpanderRow = kit::row(window, "Destination XML").downcast().unwrap();
        kit::until("it can be switched on", || xml.is_sensitive());
        xml.set_enable_expansion(true);
        xml.set_expanded(true);
        kit::until("found wrong", || kit::shows(window, "Line 2, column"));
        kit::picture(window, &format!("migrate-{name}-advanced"));
        window.close();
    }
    kit::dark(false);
}

// ---- the forecast ----

#[gtk::test]
fn the_forecast_tells_what_each_way_takes_and_what_is_best() {
    let known = Calibration {
        guest_moves: 1,
        link_moves: 3,
        link_bps: Some(100.0 * 1024.0 * 1024.0),
        overhead: Some(Duration::from_secs(2)),
        ..Calibration::default()
    };
    let init = MigrateInit { known: HashMap::from([(HostId(3), known)]), ..init() };
    let (dialog, heard, hears) = launch(init);
    let window = dialog.widget();
    let measures = || {
        let asked = std::iter::from_fn(|| hears.try_recv().ok());
        let times = asked.filter_map(|asked| match asked {
            MigrateOutput::Measure { seconds } => Some(seconds),
            _ => None,
        });
        times.collect::<Vec<u32>>()
    };
    assert_eq!(measures(), [1]);
    assert!(kit::shows(window, "Watching what the guest rewrites…"));
    let found = |seconds: u32, mib: u64| {
        let resident = Some(Bytes(500 << 20));
        let found = MemoryWatch { seconds, written: Bytes(mib << 20), resident };
        MigrateInput::Forecast(ForecastInput::Measured(Ok(found)))
    };
    dialog.emit(found(1, 5));
    kit::until("watched for longer", || !hears.is_empty());
    assert!(kit::shows(window, "busy rewrites 5.0 MiB/s"), "{:?}", kit::texts(window));
    for (seconds, mib) in [(2, 20), (4, 45), (8, 80)] {
        dialog.emit(found(seconds, mib));
    }
    let calm = "Move it live: busy rewrites 10.0 MiB/s, and 100.0 MiB/s can be sent.";
    kit::until("the advice", || kit::shows(window, calm));
    let grounds = "Watched for 15 seconds. Reckoned with what 3 earlier moves over this link took.";
    assert!(kit::shows(window, grounds), "{:?}", kit::texts(window));
    kit::settle(window);
    assert_eq!(measures(), [2, 4, 8], "then it was watched well");
    kit::click(window, "Measure Again");
    kit::until("asked again", || !hears.is_empty());
    assert_eq!(measures(), [1]);
    dialog.emit(found(1, 130));
    kit::until("other advice", || kit::shows(window, "busy rewrites 130.0 MiB/s"));
    assert!(kit::shows(window, "needs a pause of"), "{:?}", kit::texts(window));
    let late = Failure::own(FailureKind::TimedOut, "late");
    dialog.emit(MigrateInput::Forecast(ForecastInput::Measured(Err(late))));
    kit::settle(window);
    assert!(kit::shows(window, "busy rewrites 130.0 MiB/s"), "what was found stays");
    kit::picture(window, "migrate-forecast");
    kit::click(window, "Migrate");
    kit::until("an output", || !heard.is_empty());
    match heard.try_recv().unwrap() {
        MigrateOutput::Migrate(_, Some(known)) => {
            let predicted = known.predicted.unwrap();
            assert!(predicted.time.0 <= predicted.time.1 && predicted.data.0 > 0);
            assert_eq!(known.measured.unwrap().rewritten_bps, 130 << 20);
        }
        other => panic!("no plan: {other:?}"),
    }
}

#[gtk::test]
fn a_forecast_that_cannot_be_had_says_why_and_stands_in_nobodys_way() {
    let (dialog, heard) = open(GuestState::Running);
    let window = dialog.widget();
    let small = Failure::own(FailureKind::Unsupported, "less than 128 MiB");
    dialog.emit(MigrateInput::Forecast(ForecastInput::Measured(Err(small))));
    kit::until("the reason", || kit::shows(window, "Cannot tell: "));
    kit::click(window, "Migrate");
    assert_eq!(plan(&heard).options, MigrationOptions::default());
    let (dialog, _heard) = open(GuestState::ShutOff);
    assert!(!kit::shows(dialog.widget(), "Forecast"), "it has no memory to send");
}

#[gtk::test]
fn a_policy_says_beforehand_what_it_will_do() {
    let (dialog, heard) = open(GuestState::Running);
    let window = dialog.widget();
    let policy: adw::ComboRow = kit::row(window, "When it does not finish").downcast().unwrap();
    policy.set_selected(3);
    kit::until("the preview", || {
        policy.subtitle().is_some_and(|text| text.contains("switches to post-copy"))
    });
    let postcopy = kit::inside::<gtk::Switch>(&kit::row(window, "Allow post-copy"));
    assert!(postcopy.is_active(), "it is needed");
    kit::click(window, "Migrate");
    let options = plan(&heard).options;
    assert_eq!((options.policy, options.postcopy), (Policy::Postcopy, true));
    assert_eq!(options.conflicts(), []);
}

/// GTK moves a switch before it is on: whatever the dialog shows meanwhile must not stop that.
#[gtk::test]
fn a_switch_that_is_turning_is_not_stopped_by_what_comes_in() {
    let (dialog, _heard) = open(GuestState::Running);
    let window = dialog.widget();
    gtk::Settings::default().unwrap().set_gtk_enable_animations(true);
    let row = kit::row(window, "Allow post-copy");
    for expander in
        kit::all(window).into_iter().filter_map(|it| it.downcast::<adw::ExpanderRow>().ok())
    {
        expander.set_expanded(true);
    }
    let switch = kit::inside::<gtk::Switch>(&row);
    kit::until("the switch to be in sight", || switch.is_mapped());
    switch.emit_activate();
    let small = Failure::own(FailureKind::Unsupported, "less than 128 MiB");
    dialog.emit(MigrateInput::Forecast(ForecastInput::Measured(Err(small))));
    kit::until("the switch to be on", || switch.is_active());
    gtk::Settings::default().unwrap().set_gtk_enable_animations(false);
}

// ---- the Migrations page ----

const MIB: u64 = 1 << 20;

fn begin(moves: &mut Moves, job: u64, name: &str, options: MigrationOptions) {
    let (plan, names) = asked_for(name, options);
    moves.start(JobId(job), plan, names, Bytes(1 << 30), Duration::ZERO);
}

fn asked_for(name: &str, options: MigrationOptions) -> (Box<MigrationPlan>, MoveNames) {
    let plan = MigrationPlan { guest: key(1), destination: HostId(3), options };
    let names =
        MoveNames { guest: name.into(), source: "lab-a".into(), destination: Some("lab-b".into()) };
    (Box::new(plan), names)
}

fn sample(at: u64, processed: u64, remaining: u64, pass: u64, dirty: u64) -> MigrationStep {
    MigrationStep::Sample(MigrationSample {
        elapsed: Duration::from_millis(at),
        memory_total: Bytes(1024 * MIB),
        memory_processed: Bytes(processed * MIB),
        memory_remaining: Bytes(remaining * MIB),
        dirty_bps: dirty * MIB,
        iteration: pass,
        expected_downtime: Duration::from_millis(700),
        ..MigrationSample::default()
    })
}

fn ended(result: Result<(), Failure>) -> MigrationEnd {
    let runs =
        Presence::There { state: GuestState::Running, reason: StateReason::None, persistent: true };
    let arrived = result.is_ok();
    MigrationEnd {
        stats: arrived.then_some(CompletedStats {
            total: Duration::from_millis(12_300),
            downtime: Some(Duration::from_millis(41)),
            sent: Bytes(1300 * MIB),
            iterations: 4,
        }),
        result,
        source: if arrived { Presence::Absent } else { runs },
        destination: if arrived { runs } else { Presence::Absent },
    }
}

struct Page {
    page: Controller<MigrationsPage>,
    heard: async_channel::Receiver<MigrationsOutput>,
    window: adw::Window,
    moves: Moves,
}

fn page() -> Page {
    kit::init();
    let (said, heard) = async_channel::unbounded();
    let page = MigrationsPage::builder().launch(()).connect_receiver(move |_, output| {
        let _ = said.try_send(output); // a test that is over listens no more
    });
    let window = adw::Window::builder()
        .content(page.widget())
        .default_width(720)
        .default_height(900)
        .build();
    window.present();
    kit::settle(&window);
    Page { page, heard, window, moves: Moves::default() }
}

impl Page {
    fn tell(&self, job: u64) {
        let of = Box::new(self.moves.get(JobId(job)).unwrap().clone());
        self.page.emit(MigrationsInput::Updated(of));
    }

    fn step(&mut self, job: u64, at: u64, step: &MigrationStep) {
        self.moves.step(JobId(job), step, Duration::from_millis(at)).unwrap();
        self.tell(job);
    }

    /// A guest that rewrites 90 MiB/s over a link of 100 MiB/s, 20 s into its migration.
    fn run(&mut self, job: u64, name: &str, postcopy: bool) {
        begin(&mut self.moves, job, name, MigrationOptions { postcopy, ..Default::default() });
        let limit = Some(Duration::from_millis(300));
        self.step(job, 0, &MigrationStep::Started { max_downtime: limit });
        let (mut left, mut pass) = (1024_u64, 1);
        for turn in 0..80_u64 {
            self.step(
                job,
                turn * 250,
                &sample(turn * 250, turn * 25, left, pass, (pass > 1).into()),
            );
            left = left.saturating_sub(25);
            if left == 0 {
                (left, pass) = (300 + turn % 3 * 40, pass + 1);
                self.step(job, turn * 250, &MigrationStep::Pass(pass));
            }
        }
    }
}

#[gtk::test]
fn a_move_is_followed_and_steered() {
    let mut on = page();
    assert!(kit::shows(&on.window, "No Migrations"));
    on.run(5, "busy", true);
    kit::until("the card", || kit::shows(&on.window, "busy: lab-a → lab-b"));
    kit::settle(&on.window);
    let bar: gtk::ProgressBar = kit::inside(&on.window);
    let expected = on.moves.get(JobId(5)).unwrap().tracker.fraction();
    assert!((bar.fraction() - expected).abs() < 1e-9 && expected > 0.2, "{expected}");
    let (least, most) = on.moves.get(JobId(5)).unwrap().tracker.pause_if_finished_now().unwrap();
    assert!(least <= most && most < Duration::from_secs(4), "{most:?}");
    let pause = vireo::ui::labels::forecast::range(least, most);
    for figure in ["100.0 MiB/s", "19.8 s", "1.0 MiB/s", &pause, "300 ms"] {
        assert!(kit::shows(&on.window, figure), "{figure}: {:?}", kit::texts(&on.window));
    }
    let spins: Vec<gtk::SpinButton> =
        kit::all(&on.window).into_iter().filter_map(|widget| widget.downcast().ok()).collect();
    assert_eq!(spins[0].value_as_int(), 300);
    spins[0].set_value(900.0);
    on.step(5, 21_000, &sample(21_000, 2100, 100, 4, 90));
    kit::settle(&on.window);
    assert_eq!(spins[0].value_as_int(), 900, "what is being typed is not overwritten");
    kit::click(&on.window, "Apply");
    kit::click(&on.window, "Finish Now (Pause Guest)");
    kit::click(&on.window, "Switch to Post-Copy");
    kit::click(&on.window, "Cancel");
    let steered = |lever| Ok(MigrationsOutput::Steer { job: JobId(5), lever });
    kit::until("four levers", || on.heard.len() == 4);
    assert_eq!(on.heard.try_recv(), steered(Lever::MaxDowntime(900)));
    assert_eq!(on.heard.try_recv(), steered(Lever::PauseGuest));
    assert_eq!(on.heard.try_recv(), steered(Lever::Postcopy));
    assert_eq!(on.heard.try_recv(), steered(Lever::Cancel));
    let no = Failure::own(FailureKind::WrongState, "domain is not being migrated");
    on.step(5, 22_000, &MigrationStep::LeverRefused(no));
    kit::until("refused", || kit::shows(&on.window, "domain is not being migrated"));
    on.step(5, 23_000, &MigrationStep::Stalled(Duration::from_secs(4)));
    kit::until("stalled", || kit::shows(&on.window, "Nothing has moved for 4.0 s."));
}

/// A guest that rewrites 30 MiB at 20 MiB/s over a link of 20 MiB/s: passes of 1.5 s without an end.
fn run_in_circles(on: &mut Page, job: u64, options: MigrationOptions) {
    run_in_spirals(on, job, options, (20, 0));
}

/// The same at this many MiB/s, where each pass leaves so many MiB less.
fn run_in_spirals(
    on: &mut Page,
    job: u64,
    options: MigrationOptions,
    (rewritten, less): (u64, u64),
) {
    begin(&mut on.moves, job, "busy", options);
    let limit = Some(Duration::from_millis(300));
    on.step(job, 0, &MigrationStep::Started { max_downtime: limit });
    on.step(job, 0, &MigrationStep::Pass(1));
    let (mut left, mut pass) = (60_u64, 1);
    for turn in 0..40_u64 {
        // QEMU counts anew when a pass is over.
        let dirty = if pass > 2 { rewritten } else { rewritten.min(pass * 10 - 10) };
        on.step(job, turn * 250, &sample(turn * 250, turn * 5, left, pass, dirty));
        left = left.saturating_sub(5);
        if left <= 5 {
            (left, pass) = (30 + less - less * pass, pass + 1);
            on.step(job, turn * 250, &MigrationStep::Pass(pass));
        }
    }
}

#[gtk::test]
fn a_move_that_takes_long_is_told_from_one_without_an_end() {
    let mut on = page();
    let options = MigrationOptions { bandwidth_mibps: Some(20), ..Default::default() };
    run_in_spirals(&mut on, 7, options, (19, 1));
    on.step(7, 10_000, &sample(10_000, 200, 20, 8, 19));
    kit::until("the card", || kit::shows(&on.window, "busy: lab-a → lab-b"));
    kit::settle(&on.window);
    for text in [
        "It takes long: busy rewrites 19.0 MiB/s, and hardly more are sent, 20.0 MiB/s. With a pause of",
        " left · Each pass leaves a little less.",
        "It finishes with this pass, and the guest stands still for",
        "As fast as the link carries; 28.5 MiB/s would do.",
    ] {
        assert!(kit::shows(&on.window, text), "{text}: {:?}", kit::texts(&on.window));
    }
    assert!(!kit::shows(&on.window, "it will not finish"), "{:?}", kit::texts(&on.window));
    kit::picture(&on.window, "migrations-takes-long");
}

#[gtk::test]
fn a_move_that_waits_for_its_turn_says_so_and_begins_at_once_when_that_is_wanted() {
    let mut on = page();
    let (plan, names) = asked_for("two", MigrationOptions::default());
    on.moves.queue(JobId(2), plan, names, Bytes(1 << 30));
    on.tell(2);
    kit::until("the card", || kit::shows(&on.window, "two: lab-a → lab-b"));
    kit::settle(&on.window);
    let why = "Waits for its turn: 2 migrations of a host go on at a time";
    assert!(kit::shows(&on.window, why), "{:?}", kit::texts(&on.window));
    kit::picture(&on.window, "migrations-waiting");
    kit::click(&on.window, "Start Now");
    kit::click(&on.window, "Cancel");
    kit::until("both", || on.heard.len() == 2);
    assert_eq!(on.heard.try_recv(), Ok(MigrationsOutput::Begin(JobId(2))));
    let cancel = MigrationsOutput::Steer { job: JobId(2), lever: Lever::Cancel };
    assert_eq!(on.heard.try_recv(), Ok(cancel));
    on.moves.begins(JobId(2), Duration::from_secs(9)).unwrap();
    on.tell(2);
    kit::until("its beginning", || !kit::shows(&on.window, "Waits for its turn"));
    kit::until("its levers", || kit::shows(&on.window, "Waiting to begin"));
}

#[gtk::test]
fn a_move_that_was_refused_for_want_of_a_choice_is_begun_anew_with_it() {
    let mut on = page();
    on.run(1, "one", false);
    let text = "Cannot recv data: Host key verification failed.: Connection reset by peer";
    let failed = Err(Failure::own(FailureKind::LinkLost, text));
    on.moves.end(JobId(1), ended(failed), Duration::from_secs(3)).unwrap();
    on.tell(1);
    kit::until("the way", || kit::shows(&on.window, "Start Again Directly"));
    let effect = "This computer relays what the hosts say to each other";
    assert!(kit::shows(&on.window, effect), "{:?}", kit::texts(&on.window));
    kit::picture(&on.window, "migrations-refused");
    kit::click(&on.window, "Start Again Directly");
    kit::until("asked", || on.heard.len() == 1);
    let retry = MigrationsOutput::Retry { job: JobId(1), retry: Retry::Direct };
    assert_eq!(on.heard.try_recv(), Ok(retry));
}

#[gtk::test]
fn a_move_without_an_end_is_told_as_such_and_every_way_out_says_what_it_does() {
    let mut on = page();
    let options = MigrationOptions { bandwidth_mibps: Some(20), ..Default::default() };
    run_in_circles(&mut on, 7, options);
    kit::until("the card", || kit::shows(&on.window, "busy: lab-a → lab-b"));
    kit::settle(&on.window);
    for text in [
        "At this rate it will not finish: busy rewrites 20.0 MiB/s, and 20.0 MiB/s are sent. A pause of 2.1 s would do.",
        "Each pass leaves as much as it began with.",
        "It finishes with this pass, and the guest stands still for",
        "It was not allowed when the move began.",
        "Cancels this move and begins anew. QEMU slows the guest down",
    ] {
        assert!(kit::shows(&on.window, text), "{text}: {:?}", kit::texts(&on.window));
    }
    for name in ["Allow a Pause of 2.1 s", "Lift the Limit", "Start Again Slowed"] {
        kit::click(&on.window, name);
    }
    kit::until("three", || on.heard.len() == 3);
    let steer = |lever| Ok(MigrationsOutput::Steer { job: JobId(7), lever });
    assert_eq!(on.heard.try_recv(), steer(Lever::MaxDowntime(2100)));
    assert_eq!(on.heard.try_recv(), steer(Lever::Bandwidth(None)));
    let retry = MigrationsOutput::Retry { job: JobId(7), retry: Retry::Slowed };
    assert_eq!(on.heard.try_recv(), Ok(retry));
    on.step(7, 10_100, &MigrationStep::MaxDowntimeChanged(Duration::from_millis(2100)));
    kit::until("an end in sight", || kit::shows(&on.window, "it comes to an end"));
    assert!(!kit::shows(&on.window, "it will not finish"), "{:?}", kit::texts(&on.window));
}

/// Ends as the policy ends a move, in the middle of `run_in_circles`.
fn give_up(on: &mut Page, job: u64) {
    let why = on.moves.get(JobId(job)).unwrap().tracker.no_end().unwrap();
    on.step(job, 10_100, &MigrationStep::GivenUp(why));
    let cancelled = Err(Failure::own(FailureKind::Cancelled, "canceled by client"));
    on.moves.end(JobId(job), ended(cancelled), Duration::from_secs(11)).unwrap();
    on.tell(job);
}

#[gtk::test]
fn a_move_that_its_policy_gave_up_says_so_and_offers_what_would_end() {
    let mut on = page();
    let options = MigrationOptions {
        bandwidth_mibps: Some(20),
        policy: Policy::MinimalPause,
        ..Default::default()
    };
    run_in_circles(&mut on, 7, options);
    give_up(&mut on, 7);
    kit::until("the end", || kit::shows(&on.window, "Given up by the policy “Minimal pause”"));
    kit::settle(&on.window);
    for text in [
        "busy rewrote 20.0 MiB/s, and 20.0 MiB/s were sent. 300 ms of pause were allowed; 2.1 s would have done.",
        "busy runs on lab-a.",
        "The guest may stand still for 2.1 s",
        "Start Again Without a Limit",
        "Start Again with Post-Copy",
        "Start Again Slowed",
        "Start Again Compressed",
    ] {
        assert!(kit::shows(&on.window, text), "{text}: {:?}", kit::texts(&on.window));
    }
    assert!(!kit::shows(&on.window, "Cancels this move"), "it is over");
    kit::picture(&on.window, "migrations-given-up");
    kit::click(&on.window, "Start Again Offline");
    kit::until("asked", || on.heard.len() == 1);
    let retry = MigrationsOutput::Retry { job: JobId(7), retry: Retry::Stopped };
    assert_eq!(on.heard.try_recv(), Ok(retry));
    on.tell(7);
    kit::settle(&on.window);
    assert!(!kit::shows(&on.window, "Start Again Offline"), "once is enough");
}

#[gtk::test]
fn what_is_over_says_where_the_guest_is() {
    let mut on = page();
    on.run(1, "one", false);
    on.run(2, "two", false);
    on.run(3, "three", false);
    kit::until("three", || kit::shows(&on.window, "three: lab-a → lab-b"));
    assert!(!kit::button(&on.window, "Switch to Post-Copy").is_sensitive(), "not allowed before");
    let text = "operation failed: domain 'one' already exists with uuid 1234";
    let failed = Err(Failure::own(FailureKind::Exists, text));
    on.moves.end(JobId(1), ended(failed), Duration::from_secs(30)).unwrap();
    on.tell(1);
    on.moves.end(JobId(2), ended(Ok(())), Duration::from_secs(31)).unwrap();
    on.tell(2);
    kit::until("arrived", || kit::shows(&on.window, "Arrived at lab-b"));
    kit::settle(&on.window);
    for text in [
        "two runs on lab-b.",
        "Real downtime 41 ms",
        "Data sent 1.3 GiB",
        "Total time 12.3 s",
        "Failed: another guest named one is there already",
        "one runs on lab-a.",
        "Give it another name at the destination",
    ] {
        assert!(kit::shows(&on.window, text), "{text}: {:?}", kit::texts(&on.window));
    }
    let texts = kit::texts(&on.window);
    let place = |name: &str| texts.iter().position(|text| text.starts_with(name)).unwrap();
    assert!(place("three:") < place("two:") && place("two:") < place("one:"), "{texts:?}");
    kit::click(&on.window, "Clear Finished");
    kit::until("asked", || on.heard.len() == 1);
    assert_eq!(on.heard.try_recv(), Ok(MigrationsOutput::Clear));
    let forgotten = on.moves.clear_finished();
    on.page.emit(MigrationsInput::Forgotten(forgotten));
    kit::until("cleared", || !kit::shows(&on.window, "two: lab-a"));
    assert!(kit::shows(&on.window, "three: lab-a → lab-b"));
}

#[gtk::test]
fn pictures_of_the_page() {
    for (name, width, dark) in [("light", 720, false), ("dark", 720, true), ("narrow", 360, false)]
    {
        let mut on = page();
        kit::dark(dark);
        on.window.set_default_size(width, 1500);
        kit::picture(&on.window, &format!("migrations-{name}-empty"));
        on.run(1, "busy", true);
        on.run(2, "calm", true);
        on.run(3, "big", true);
        on.moves.end(JobId(2), ended(Ok(())), Duration::from_secs(30)).unwrap();
        on.tell(2);
        let text = "Cannot access storage file '/srv/x.qcow2' (as uid:0, gid:0): No such file";
        let failed = Err(Failure::own(FailureKind::Storage, text));
        on.moves.end(JobId(3), ended(failed), Duration::from_secs(31)).unwrap();
        on.tell(3);
        let policy = MigrationOptions { policy: Policy::MinimalPause, ..Default::default() };
        run_in_circles(&mut on, 4, policy);
        give_up(&mut on, 4);
        kit::settle(&on.window);
        assert!(on.window.width() <= width, "{} is wider than {width}", on.window.width());
        let picture = kit::picture(&on.window, &format!("migrations-{name}"));
        assert!(picture.metadata().unwrap().len() > 5000);
        on.window.close();
    }
    kit::dark(false);
}
