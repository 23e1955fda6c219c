//! The storage tab, the pool wizard and the dialogs of volumes, driven as a user drives them.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)] // helpers outside of test functions

mod kit;

use std::path::PathBuf;

use relm4::adw::prelude::*;
use relm4::gtk;
use relm4::prelude::*;

use vireo::backend::{DiscoverWish, PoolWish, VolumeJob};
use vireo::model::storage::{
    Backing, BuildMode, FileSystem, HostOutcome, NetworkProtocol, NfsVersion, Pool, PoolAction,
    PoolDefinition, PoolKey, PoolKind, PoolOffer, PoolSource, PoolState, PoolStep, Proof,
    ProofAnswer, SecretUsage, Server, StoragePhase, StorageProgress, Transferred, Volume,
    VolumeDetails, VolumeFormat, VolumeKey, VolumeKind,
};
use vireo::model::{Bytes, Failure, FailureKind, HostId, JobId, PoolUuid, SecretUuid};
use vireo::storage::{
    Difference, PoolField, Sharing, SharingBadge, TaskKind, TaskNames, TaskResult, Tasks,
};
use vireo::ui::copy_dialog::draft::CopyDraft;
use vireo::ui::copy_dialog::{CopyDialog, CopyOutput};
use vireo::ui::host::storage::{
    StorageInput, StorageOutput, StoragePage, VolumeChange, XmlChange, XmlNews,
};
use vireo::ui::migrations::{MigrationsInput, MigrationsOutput, MigrationsPage};
use vireo::ui::pool_wizard::{
    Edit, PoolWizard, Setting, Twin, WizardInit, WizardInput, WizardOutput,
};
use vireo::ui::views::storage::{
    Elsewhere, HostOffer, PoolChoice, PoolHost, PoolThere, PoolView, PoolsView, UserView,
    VolumeView,
};
use vireo::ui::volume_dialog::base::Base;
use vireo::ui::volume_dialog::{VolumeDialog, VolumeInit, VolumeOutput};
use vireo::ui::widgets::{SpinRow, Stays, SwitchRow, toast_for};

const GIB: u64 = 1 << 30;

fn key(number: u8) -> PoolKey {
    PoolKey { host: HostId(1), uuid: PoolUuid([number; 16]) }
}

fn pool(number: u8, name: &str, source: PoolSource, state: PoolState) -> Pool {
    let active = u64::from(state.is_active());
    Pool {
        key: key(number),
        definition: PoolDefinition::new(name, source, format!("/var/lib/libvirt/{name}")),
        state,
        persistent: true,
        autostart: true,
        capacity: Bytes(100 * GIB * active),
        allocation: Bytes(64 * GIB * active),
        available: Bytes(36 * GIB * active),
    }
}

fn nfs() -> PoolSource {
    PoolSource::Netfs {
        server: Server { name: "nas.example.org".into(), port: None },
        export: "/srv/nfs/images".into(),
        protocol: NetworkProtocol::Nfs(Some(NfsVersion::V4_2)),
    }
}

fn elsewhere(name: &str, badge: SharingBadge, differences: Vec<Difference>) -> Elsewhere {
    let pool = Some(PoolKey { host: HostId(2), uuid: PoolUuid([1; 16]) });
    let pool = pool.filter(|_| badge != SharingBadge::Missing);
    Elsewhere { name: name.into(), sharing: Sharing { host: HostId(2), badge, pool, differences } }
}

fn three_pools() -> PoolsView {
    let other = Difference::Path("/var/lib/libvirt/images".into(), "/srv/images".into());
    PoolsView::Listed(vec![
        PoolView {
            pool: pool(1, "images", nfs(), PoolState::Running),
            elsewhere: vec![
                elsewhere("lab-b", SharingBadge::Proved, Vec::new()),
                elsewhere("lab-c", SharingBadge::SameSource, vec![other]),
                elsewhere("lab-d", SharingBadge::Missing, Vec::new()),
            ],
            users_unread: Vec::new(),
            last: Default::default(),
        },
        PoolView {
            pool: pool(2, "backup", PoolSource::Dir, PoolState::Inactive),
            elsewhere: Vec::new(),
            users_unread: Vec::new(),
            last: Default::default(),
        },
        PoolView {
            pool: pool(3, "local", PoolSource::Dir, PoolState::Running),
            elsewhere: vec![elsewhere(
                "lab-b",
                SharingBadge::SameNameOnly,
                vec![Difference::Disproved],
            )],
            users_unread: Vec::new(),
            last: Default::default(),
        },
    ])
}

fn volume(name: &str, format: VolumeFormat, users: &[(&str, Option<&str>)]) -> VolumeView {
    let details = VolumeDetails {
        kind: VolumeKind::File,
        path: format!("/var/lib/libvirt/images/{name}"),
        capacity: Bytes(20 * GIB),
        allocation: Bytes(GIB * name.len() as u64 / 7),
        format: Some(format),
        backing: None,
        encryption: None,
        permissions: Default::default(),
    };
    let user = |(guest, host): &(&str, Option<&str>)| UserView {
        guest: (*guest).into(),
        host: host.map(Into::into),
        unsure: false,
        writes: false,
    };
    let volume = Volume { name: name.into(), details: Some(Box::new(details)) };
    VolumeView { volume, users: users.iter().map(user).collect() }
}

fn volumes() -> Vec<VolumeView> {
    let unread = Volume { name: "unread.img".into(), details: None };
    vec![
        volume("web10.qcow2", VolumeFormat::Qcow2, &[("web10", None), ("web10", Some("lab-b"))]),
        volume("web2.qcow2", VolumeFormat::Qcow2, &[]),
        volume("debian-12.iso", VolumeFormat::Iso, &[]),
        volume("ümläut and spaces 🦜.img", VolumeFormat::Raw, &[("db", None)]),
        VolumeView { volume: unread, users: Vec::new() },
    ]
}

struct Tab {
    page: Controller<StoragePage>,
    window: gtk::Window,
    heard: async_channel::Receiver<StorageOutput>,
}

impl Tab {
    fn open(pools: PoolsView) -> Self {
        kit::init();
        let (said, heard) = async_channel::unbounded();
        let page = StoragePage::builder().launch(()).connect_receiver(move |_, output| {
            let _ = said.try_send(output); // a test that is over listens no more
        });
        let window = gtk::Window::builder()
            .default_width(960)
            .default_height(640)
            .child(page.widget())
            .build();
        window.present();
        let tab = Self { page, window, heard };
        tab.tell(StorageInput::Pools(pools));
        tab
    }

    fn tell(&self, input: StorageInput) {
        self.page.emit(input);
        kit::settle(&self.window);
    }

    /// All that was said since.
    fn said(&self) -> Vec<StorageOutput> {
        kit::settle(&self.window);
        std::iter::from_fn(|| self.heard.try_recv().ok()).collect()
    }

    fn can(&self, action: &str) -> bool {
        // The group is asked as a menu asks it.
        let muxer = self.page.widget().activate_action(&format!("storage.{action}"), None);
        muxer.is_ok()
    }

    fn select(&self, wanted: &[&str]) {
        let table: gtk::ColumnView = kit::inside(&self.window);
        let model: gtk::MultiSelection = table.model().unwrap().downcast().unwrap();
        model.unselect_all();
        let names = self.names();
        for name in wanted {
            let place = names.iter().position(|shown| shown == name).unwrap();
            model.select_item(u32::try_from(place).unwrap(), false);
        }
        kit::settle(&self.window);
    }

    /// The names of the volumes, from top to bottom.
    fn names(&self) -> Vec<String> {
        let table: gtk::ColumnView = kit::inside(&self.window);
        let rows = kit::all(&table).into_iter().filter(|widget| widget.css_name() == "row");
        let first = |row: gtk::Widget| kit::inside::<gtk::Inscription>(&row).text();
        rows.filter(|row| row.is_mapped()).filter_map(first).map(String::from).collect()
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        self.window.destroy();
    }
}

fn dialog_over(title: &str) -> gtk::Window {
    kit::until(title, || toplevel(title).is_some());
    toplevel(title).unwrap()
}

fn toplevel(title: &str) -> Option<gtk::Window> {
    let windows = gtk::Window::list_toplevels().into_iter();
    let mut windows = windows.filter_map(|window| window.downcast::<gtk::Window>().ok());
    windows.find(|window| window.is_mapped() && kit::shows(window, title))
}

#[gtk::test]
fn the_first_pool_is_shown_with_its_volumes_in_the_order_of_a_file_manager() {
    let tab = Tab::open(three_pools());
    assert_eq!(tab.said(), [StorageOutput::Look, StorageOutput::ShowPool(None)]);
    tab.tell(StorageInput::PoolChosen(1));
    assert_eq!(tab.said(), [StorageOutput::ShowPool(Some(key(1)))], "backup, images, local");
    tab.tell(StorageInput::Volumes(key(1), volumes()));
    assert_eq!(
        tab.names(),
        ["debian-12.iso", "unread.img", "web2.qcow2", "web10.qcow2", "ümläut and spaces 🦜.img"]
    );
    for text in ["web10, web10 (lab-b)", "20.0 GiB", "qcow2", "● lab-b: Proved shared", "…"] {
        assert!(kit::shows(&tab.window, text), "{text}: {:?}", kit::texts(&tab.window));
    }
    tab.tell(StorageInput::Volumes(key(3), Vec::new()));
    assert_eq!(tab.names().len(), 5, "those of another pool are not for now");
    tab.tell(StorageInput::Search("WEB".into()));
    assert_eq!(tab.names(), ["web2.qcow2", "web10.qcow2"]);
}

#[gtk::test]
fn a_volume_in_use_is_not_deleted_and_the_guests_are_named() {
    let tab = Tab::open(three_pools());
    tab.tell(StorageInput::PoolChosen(1));
    tab.tell(StorageInput::Volumes(key(1), volumes()));
    tab.said();
    tab.select(&["web2.qcow2", "web10.qcow2"]);
    assert!(tab.can("delete"));
    let refusal = dialog_over("Guests use this storage");
    assert!(kit::shows(&refusal, "web10.qcow2: web10, web10 (lab-b)"));
    refusal.close();
    tab.select(&["web2.qcow2"]);
    assert!(tab.can("delete"));
    let question = dialog_over("Delete 1 volume?");
    kit::click(&question, "Delete");
    let volume = VolumeKey { pool: key(1), name: "web2.qcow2".into() };
    assert_eq!(tab.said(), [StorageOutput::Change(vec![volume], VolumeChange::Delete)]);
}

#[gtk::test]
fn deleting_a_volume_group_names_the_volumes_that_are_lost() {
    let group = PoolSource::Logical { group: "vg".into(), devices: Vec::new() };
    let last = ["web", "db"].map(|name| volume(name, VolumeFormat::Raw, &[]).volume);
    let pool = pool(2, "fast", group, PoolState::Inactive);
    let view = PoolView {
        pool,
        elsewhere: Vec::new(),
        users_unread: Vec::new(),
        last: last.to_vec().into(),
    };
    let tab = Tab::open(PoolsView::Listed(vec![view]));
    tab.said();
    assert!(tab.can("delete-contents"));
    let question = dialog_over("Delete fast and all volumes in it?");
    assert!(kit::shows(&question, "web, 20.0 GiB\ndb, 20.0 GiB"), "{:?}", kit::texts(&question));
    kit::click(&question, "Delete All");
    assert_eq!(tab.said(), [StorageOutput::Act(key(2), PoolAction::DeleteContents)]);
}

#[gtk::test]
fn deleting_a_pool_keeps_its_contents_and_deleting_these_says_what_is_lost() {
    let tab = Tab::open(three_pools());
    tab.said();
    assert!(tab.can("delete-pool"), "backup is stopped");
    let question = dialog_over("Delete the pool backup?");
    assert!(kit::shows(&question, "What is in it stays"));
    kit::click(&question, "Delete Pool");
    assert_eq!(tab.said(), [StorageOutput::Act(key(2), PoolAction::Undefine)]);
    assert!(tab.can("delete-contents"));
    let question = dialog_over("Delete the directory of backup?");
    assert!(kit::shows(&question, "/var/lib/libvirt/backup"));
    kit::click(&question, "Delete Directory");
    assert_eq!(tab.said(), [StorageOutput::Act(key(2), PoolAction::DeleteContents)]);
    tab.tell(StorageInput::PoolChosen(1));
    tab.said();
    tab.can("delete-pool");
    assert_eq!(tab.said(), [], "a pool that runs is not deleted");
}

#[gtk::test]
fn the_text_of_a_pool_is_edited() {
    let tab = Tab::open(three_pools());
    tab.said();
    assert!(tab.can("xml"));
    assert_eq!(tab.said(), [StorageOutput::ReadXml(key(2))]);
    let before = "<pool type='dir'/>".to_owned();
    tab.tell(StorageInput::Xml(key(2), XmlNews::Read(before.clone())));
    let window = toplevel("Save").unwrap();
    assert!(!kit::button(&window, "Save").is_sensitive(), "nothing is changed");
    let text: gtk::TextView = kit::inside(&window);
    text.buffer().set_text("<pool type='dir'></pool>");
    kit::click(&window, "Save");
    let after = "<pool type='dir'></pool>".to_owned();
    let change = XmlChange { before, after };
    assert_eq!(tab.said(), [StorageOutput::Redefine(key(2), change.clone())]);
    assert!(!kit::button(&window, "Save").is_sensitive(), "it is under way");
    let failure = Failure::own(FailureKind::Overtaken, "not what it was");
    tab.tell(StorageInput::Xml(key(2), XmlNews::Refused(failure)));
    assert!(kit::shows(&window, "Somebody else changed it meanwhile"));
    assert!(text.is_editable());
    kit::click(&window, "Save");
    assert_eq!(tab.said(), [StorageOutput::Redefine(key(2), change)]);
    tab.tell(StorageInput::Xml(key(2), XmlNews::Taken));
    kit::until("the window is gone", || toplevel("Save").is_none());
    kit::until("it is told", || kit::shows(&tab.window, "was changed"));
}

#[gtk::test]
fn names_that_look_like_markup_are_read_in_toasts_and_reasons() {
    let tab = Tab::open(three_pools());
    tab.tell(StorageInput::Told("R&D <x> was started".into(), Stays::Briefly));
    kit::until("the toast", || kit::shows(&tab.window, "R&D <x> was started"));
    let told = std::time::Instant::now();
    tab.tell(StorageInput::Told("R&D <x> is shared".into(), Stays::Briefly));
    kit::until("what is told later", || kit::shows(&tab.window, "R&D <x> is shared"));
    // Toasts stay for 5 s.
    assert!(told.elapsed() < std::time::Duration::from_secs(4), "it waited for the one before");
    assert_eq!(toast_for("what was left half made", Stays::UntilClosed).timeout(), 0);
    tab.tell(StorageInput::Failed("R&D <x> was not stopped".into(), refused()));
    kit::until("the failure", || kit::shows(&tab.window, "R&D <x> was not stopped"));

    let rows = gtk::Box::new(gtk::Orientation::Vertical, 0);
    let switch = SwitchRow::new("On", "for R&D <x>", |_| {});
    let spin = SpinRow::new("Number", "of R&D <x>", (9, 1), |_| {});
    rows.append(switch.widget());
    rows.append(spin.widget());
    tab.window.set_child(Some(&rows));
    kit::settle(&tab.window);
    assert!(kit::shows(&rows, "for R&D <x>") && kit::shows(&rows, "of R&D <x>"));
    switch.show(true, Some("not with R&D <x>"));
    spin.show(3, Some("R&D <x> says no"));
    assert!(kit::shows(&rows, "not with R&D <x>") && kit::shows(&rows, "R&D <x> says no"));
}

#[gtk::test]
fn a_host_whose_guests_could_not_be_asked_is_named() {
    let PoolsView::Listed(mut pools) = three_pools() else { panic!("listed") };
    let text = "Which guests of lab-b use these volumes is not known.";
    let tab = Tab::open(PoolsView::Listed(pools.clone()));
    assert!(!kit::shows(&tab.window, text));
    for pool in &mut pools {
        pool.users_unread = vec!["lab-b".into()];
    }
    tab.tell(StorageInput::Pools(PoolsView::Listed(pools)));
    assert!(kit::shows(&tab.window, text));
}

#[gtk::test]
fn volumes_come_and_go_in_place() {
    let tab = Tab::open(three_pools());
    tab.tell(StorageInput::PoolChosen(1));
    tab.tell(StorageInput::Volumes(key(1), volumes()));
    tab.select(&["web2.qcow2"]);
    let mut changed = volumes();
    changed.remove(0);
    changed[0].users =
        vec![UserView { guest: "web2".into(), host: None, unsure: false, writes: false }];
    changed.push(volume("a-new-one", VolumeFormat::Raw, &[]));
    tab.tell(StorageInput::Volumes(key(1), changed));
    assert_eq!(
        tab.names(),
        ["a-new-one", "debian-12.iso", "unread.img", "web2.qcow2", "ümläut and spaces 🦜.img"]
    );
    assert!(tab.can("delete"), "it is still selected");
    let refusal = dialog_over("Guests use this storage");
    assert!(kit::shows(&refusal, "web2.qcow2: web2"));
    refusal.close();
}

#[gtk::test]
fn a_search_finds_users_that_come_later() {
    let tab = Tab::open(three_pools());
    tab.tell(StorageInput::PoolChosen(1));
    tab.tell(StorageInput::Volumes(key(1), volumes()));
    tab.tell(StorageInput::Search("mail".into()));
    assert!(tab.names().is_empty());
    let mut used = volumes();
    used[1] = volume("web2.qcow2", VolumeFormat::Qcow2, &[("mail", None)]);
    tab.tell(StorageInput::Volumes(key(1), used));
    assert_eq!(tab.names(), ["web2.qcow2"]);
}

#[gtk::test]
fn a_thousand_volumes_come_in_slices() {
    let tab = Tab::open(three_pools());
    tab.tell(StorageInput::PoolChosen(1));
    let many = (0..1000).map(|n| volume(&format!("v{n}"), VolumeFormat::Raw, &[])).collect();
    tab.page.emit(StorageInput::Volumes(key(1), many));
    let table: gtk::ColumnView = kit::inside(&tab.window);
    let model = table.model().unwrap();
    kit::until("all of them", || model.n_items() == 1000);
    assert_eq!(tab.names()[..3], ["v0", "v1", "v2"]);
}

#[gtk::test]
fn a_size_is_asked_for_and_a_smaller_one_only_on_purpose() {
    let tab = Tab::open(three_pools());
    tab.tell(StorageInput::PoolChosen(1));
    tab.tell(StorageInput::Volumes(key(1), volumes()));
    tab.select(&["web2.qcow2"]);
    tab.said();
    assert!(tab.can("resize"));
    let form = dialog_over("Resize web2.qcow2");
    let spin: gtk::SpinButton = kit::inside(&kit::row(&form, "New Size"));
    assert_eq!(spin.value(), 20.0);
    spin.set_value(10.0);
    assert!(!kit::button(&form, "Resize").is_sensitive());
    kit::inside::<gtk::Switch>(&kit::row(&form, "Allow a smaller size")).set_active(true);
    kit::click(&form, "Resize");
    let change = VolumeChange::Resize { capacity: Bytes(10 * GIB), allocate: false, shrink: true };
    let volume = VolumeKey { pool: key(1), name: "web2.qcow2".into() };
    assert_eq!(tab.said(), [StorageOutput::Change(vec![volume], change)]);
}

#[gtk::test]
fn pictures_of_the_tab() {
    for (name, width, dark) in [("light", 960, false), ("dark", 960, true), ("narrow", 360, false)]
    {
        let tab = Tab::open(three_pools());
        kit::dark(dark);
        tab.window.set_default_size(width, 640);
        kit::settle(&tab.window);
        assert!(tab.window.width() <= width, "{} is wider than {width}", tab.window.width());
        kit::picture(&tab.window, &format!("storage-{name}-pools"));
        tab.tell(StorageInput::PoolChosen(1));
        tab.tell(StorageInput::Volumes(key(1), volumes()));
        let row: gtk::Widget = kit::row(&tab.window, "On Other Hosts").upcast();
        row.downcast::<relm4::adw::ExpanderRow>().unwrap().set_expanded(name == "dark");
        let picture = kit::picture(&tab.window, &format!("storage-{name}"));
        assert!(picture.metadata().unwrap().len() > 5000);
    }
    kit::dark(false);
    let tab = Tab::open(PoolsView::Listed(Vec::new()));
    kit::picture(&tab.window, "storage-empty");
}

// ---- the wizard ----

fn pool_host(number: u32, name: &str, connected: bool, pools: &[&str]) -> PoolHost {
    PoolHost {
        host: HostId(number),
        name: name.into(),
        connected,
        same_machine: None,
        offer: match connected {
            true => HostOffer::Told(PoolOffer::default().into()),
            false => HostOffer::Awaited,
        },
        pools: pools
            .iter()
            .map(|&name| PoolThere {
                name: name.into(),
                kind: PoolKind::Dir,
                path: format!("/pools/{name}"),
            })
            .collect(),
    }
}

struct Wizard {
    wizard: Controller<PoolWizard>,
    heard: async_channel::Receiver<WizardOutput>,
}

impl Wizard {
    fn open() -> Self {
        Self::open_for(None)
    }

    fn open_for(twin: Option<Twin>) -> Self {
        kit::init();
        let hosts = vec![
            pool_host(1, "lab-a", true, &["default"]),
            pool_host(2, "lab-b", true, &[]),
            pool_host(3, "rack-7", false, &[]),
            pool_host(4, "lab-c", true, &["images"]),
        ];
        let (said, heard) = async_channel::unbounded();
        let init = WizardInit {
            hosts,
            pool: [7; 16],
            secret: [8; 16],
            images: "/var/lib/libvirt/images".into(),
            twin,
        };
        let wizard = PoolWizard::builder().launch(init).connect_receiver(move |_, output| {
            let _ = said.try_send(output); // a test that is over listens no more
        });
        wizard.widget().present();
        kit::settle(wizard.widget());
        Self { wizard, heard }
    }

    fn tell(&self, input: WizardInput) {
        self.wizard.emit(input);
        kit::settle(self.wizard.widget());
    }

    fn edit(&self, field: PoolField, text: &str) {
        self.tell(WizardInput::Edited(Edit::Text(field, text.into())));
    }

    fn go(&self, action: &str) {
        self.wizard.widget().activate_action(&format!("wizard.{action}"), None).unwrap();
        kit::settle(self.wizard.widget());
    }

    fn shows(&self, text: &str) -> bool {
        kit::shows(self.wizard.widget(), text)
    }

    fn picture(&self, name: &str) {
        let picture = kit::picture(self.wizard.widget(), name);
        assert!(picture.metadata().unwrap().len() > 5000);
    }

    fn wish(&self) -> PoolWish {
        kit::until("an output", || !self.heard.is_empty());
        match self.heard.try_recv().unwrap() {
            WizardOutput::Create(wish) => *wish,
            other => panic!("no wish: {other:?}"),
        }
    }

    /// An NFS pool, up to the list of hosts.
    fn nfs(&self) {
        self.tell(WizardInput::Edited(Edit::Kind(PoolKind::Netfs)));
        self.go("next");
        self.edit(PoolField::Server, "nas.example.org");
        self.edit(PoolField::Export, "/srv/nfs/images");
        self.go("next");
    }
}

impl Drop for Wizard {
    fn drop(&mut self) {
        self.wizard.widget().destroy();
    }
}

fn created(host: u32, failed: Option<Failure>) -> HostOutcome {
    let done = match failed {
        None => vec![PoolStep::Define, PoolStep::Build, PoolStep::Start, PoolStep::Autostart],
        Some(_) => vec![PoolStep::Define, PoolStep::Build],
    };
    let pool = Some(PoolKey { host: HostId(host), uuid: PoolUuid([7; 16]) });
    let failed = failed.map(|failure| (PoolStep::Start, failure));
    HostOutcome { host: HostId(host), pool, done, failed }
}

fn refused() -> Failure {
    let text = "internal error: Child process (/usr/bin/mount -o nodev,nosuid,noexec -t nfs nas.example.org:/srv/nfs/images /var/lib/libvirt/images/images) unexpected exit status 32: mount.nfs: access denied by server while mounting nas.example.org:/srv/nfs/images\n";
    Failure::own(FailureKind::Other, text)
}

#[gtk::test]
fn an_nfs_pool_is_set_up_on_two_hosts_and_proved_by_itself() {
    let wizard = Wizard::open();
    assert!(wizard.shows("Step 1 of 4"));
    assert!(wizard.shows("What a server exports. Every host that mounts it sees the same files."));
    wizard.picture("wizard-1-kind");
    wizard.nfs();
    assert!(wizard.shows("Step 3 of 4"), "{:?}", kit::texts(wizard.wizard.widget()));
    let (b, c) = (HostId(2), HostId(4));
    for text in ["Not connected", "Has a pool named images already"] {
        assert!(wizard.shows(text), "{text}");
    }
    let row = kit::row(wizard.wizard.widget(), "rack-7");
    assert!(row.is_sensitive(), "the keyboard comes to its reason");
    assert!(!kit::inside::<gtk::CheckButton>(&row).is_sensitive());
    wizard.tell(WizardInput::Edited(Edit::Host(b, true)));
    wizard.tell(WizardInput::Edited(Edit::Host(c, true)));
    wizard.picture("wizard-3-hosts");
    wizard.go("next");
    let wish = wizard.wish();
    assert_eq!(wish.hosts, [HostId(1), b], "lab-c cannot have it");
    assert_eq!(wish.definition.uuid, Some(PoolUuid([7; 16])));
    assert_eq!(wish.definition.target.path, "/var/lib/libvirt/images/images");
    assert!(wish.start && wish.autostart && wish.build.is_some());
    let stepped = Setting::Stepped(HostId(1), PoolStep::Define, Ok(()));
    wizard.tell(WizardInput::Happened(stepped));
    assert!(wizard.shows("✓ Define"));
    let outcomes = Ok(vec![created(1, None), created(2, None)]);
    wizard.tell(WizardInput::Happened(Setting::Created(outcomes)));
    let pools = match wizard.heard.try_recv() {
        Ok(WizardOutput::Prove(pools)) => pools,
        other => panic!("no proof: {other:?}"),
    };
    assert_eq!(pools.len(), 2);
    let proof =
        Proof { writer: pools[0], answers: vec![(pools[1], ProofAnswer::Same)], left: None };
    wizard.tell(WizardInput::Happened(Setting::Proved(Ok(proof))));
    assert!(wizard.shows("images is set up and proved shared"));
    assert!(wizard.shows("Proof: Read the same file: the storage is shared"));
    wizard.picture("wizard-4-proved");
}

#[gtk::test]
fn what_is_missing_is_said_below_its_field_and_not_before_it_is_tried() {
    let wizard = Wizard::open();
    wizard.edit(PoolField::Name, "a/b");
    wizard.go("next");
    assert!(wizard.shows("A name cannot contain “/”.") && wizard.shows("Step 1 of 4"));
    wizard.edit(PoolField::Name, "images");
    wizard.tell(WizardInput::Edited(Edit::Kind(PoolKind::Iscsi)));
    wizard.go("next");
    assert!(wizard.shows("Step 2 of 4") && !wizard.shows("must be filled in"));
    wizard.edit(PoolField::Server, "nas:99999");
    wizard.go("next");
    assert!(wizard.shows("is no port") && wizard.shows("“Target IQN” must be filled in."));
    wizard.picture("wizard-2-faults");
    wizard.go("back");
    assert!(wizard.shows("Step 1 of 4"));
}

#[gtk::test]
fn options_are_blamed_where_they_stand_and_go_into_the_pool() {
    let wizard = Wizard::open();
    wizard.go("next");
    assert!(!wizard.shows("no mode"));
    for (field, text) in [(PoolField::Mode, "0789"), (PoolField::Owner, "root")] {
        wizard.edit(field, text);
    }
    wizard.go("next");
    // They were folded away.
    for text in ["“0789” is no mode", "“root” is no ID", "Step 2 of 4"] {
        assert!(wizard.shows(text), "{text}: {:?}", kit::texts(wizard.wizard.widget()));
    }
    wizard.picture("wizard-2-options");
    let focus = GtkWindowExt::focus(wizard.wizard.widget()).unwrap();
    let row = focus.ancestor(relm4::adw::EntryRow::static_type()).unwrap();
    let title = row.downcast::<relm4::adw::EntryRow>().unwrap().title();
    assert!(title.starts_with("Mode"), "the keyboard is where something is wrong: {title}");
    let entry = |title: &str| {
        kit::row(wizard.wizard.widget(), title).downcast::<relm4::adw::EntryRow>().unwrap()
    };
    entry("Mode of the directory, such as 0711").set_text("0750");
    entry("Owner (user ID)").set_text("107");
    let cow: relm4::adw::ComboRow =
        kit::row(wizard.wizard.widget(), "Copy on write").downcast().unwrap();
    cow.set_selected(2);
    kit::settle(wizard.wizard.widget());
    assert!(wizard.shows("libvirt gives these to the directory when it makes it"));
    wizard.go("next");
    assert!(wizard.shows("Step 3 of 4"), "{:?}", kit::texts(wizard.wizard.widget()));
    wizard.go("next");
    let definition = wizard.wish().definition;
    let permissions = definition.target.permissions;
    assert_eq!((permissions.mode, permissions.owner), (Some(0o750), Some(107)));
    assert_eq!((permissions.group, definition.copy_on_write), (None, Some(false)));
}

#[gtk::test]
fn what_a_server_exports_is_found_and_chosen() {
    let wizard = Wizard::open();
    wizard.tell(WizardInput::Edited(Edit::Kind(PoolKind::Netfs)));
    wizard.go("next");
    wizard.go("discover");
    assert!(wizard.shows("The server's name is missing."));
    wizard.edit(PoolField::Server, "nas");
    wizard.go("discover");
    let server = Server { name: "nas".into(), port: None };
    match wizard.heard.try_recv() {
        Ok(WizardOutput::Discover(HostId(1), DiscoverWish::Exports(asked))) => {
            assert_eq!(asked, server);
        }
        other => panic!("{other:?}"),
    }
    let text = "operation failed: no storage pools were found on host 'nas'";
    let nothing = Err(Failure::own(FailureKind::Other, text));
    wizard.tell(WizardInput::Discovered(nothing));
    wizard.picture("wizard-2-nothing-found");
    let export = |path: &str| PoolSource::Netfs {
        server: server.clone(),
        export: path.into(),
        protocol: NetworkProtocol::Nfs(None),
    };
    wizard.tell(WizardInput::Discovered(Ok(vec![export("/srv/a"), export("/srv/b")])));
    assert!(wizard.shows("nas:/srv/b"));
    wizard.tell(WizardInput::SourceChosen(1));
    wizard.picture("wizard-2-found");
    wizard.go("next");
    assert!(wizard.shows("Step 3 of 4"));
}

#[gtk::test]
fn what_half_succeeded_is_kept_or_taken_back() {
    let wizard = Wizard::open();
    wizard.nfs();
    wizard.tell(WizardInput::Edited(Edit::Host(HostId(2), true)));
    wizard.go("next");
    wizard.wish();
    let outcomes = Ok(vec![created(1, None), created(2, Some(refused()))]);
    wizard.tell(WizardInput::Happened(Setting::Created(outcomes)));
    assert!(wizard.shows("images could not be set up everywhere"));
    assert!(wizard.shows("✗ Start:"), "{:?}", kit::texts(wizard.wizard.widget()));
    assert!(kit::button(wizard.wizard.widget(), "Keep").is_sensitive());
    wizard.picture("wizard-4-half");
    wizard.go("undo");
    match wizard.heard.try_recv() {
        Ok(WizardOutput::Undo(steps)) => assert_eq!(steps.len(), 2),
        other => panic!("{other:?}"),
    }
    let undone =
        [1, 2].map(|host| vireo::model::storage::Undone { host: HostId(host), left: Vec::new() });
    wizard.tell(WizardInput::Happened(Setting::Undone(Ok(undone.to_vec()))));
    assert!(wizard.shows("images was taken back"));
    wizard.go("back");
    assert!(wizard.shows("Step 2 of 4"), "it can be changed and tried again");
}

#[gtk::test]
fn closing_while_hosts_are_at_work_asks_and_stops_them() {
    let wizard = Wizard::open();
    wizard.nfs();
    wizard.tell(WizardInput::Edited(Edit::Host(HostId(2), true)));
    wizard.go("next");
    wizard.wish();
    let stepped = Setting::Stepped(HostId(1), PoolStep::Define, Ok(()));
    wizard.tell(WizardInput::Happened(stepped));
    wizard.go("cancel");
    let question = dialog_over("Stop setting up images?");
    kit::picture(&question, "wizard-4-stop");
    kit::click(&question, "Keep Waiting");
    kit::settle(wizard.wizard.widget());
    assert!(wizard.heard.is_empty() && wizard.shows("Setting up images…"));
    wizard.wizard.widget().close();
    kit::click(&dialog_over("Stop setting up images?"), "Stop");
    kit::until("the wish", || matches!(wizard.heard.try_recv(), Ok(WizardOutput::Stop)));
    kit::settle(wizard.wizard.widget());
    assert!(wizard.shows("Stopping…") && wizard.wizard.widget().is_visible());
    wizard.picture("wizard-4-stopping");
    let cancelled = || Failure::own(FailureKind::Cancelled, "cancelled by the user");
    let begun =
        HostOutcome { failed: Some((PoolStep::Start, cancelled())), ..created(1, Some(refused())) };
    let not_begun = HostOutcome {
        host: HostId(2),
        pool: None,
        done: Vec::new(),
        failed: Some((PoolStep::Define, cancelled())),
    };
    wizard.tell(WizardInput::Happened(Setting::Created(Ok(vec![begun, not_begun]))));
    for text in ["Setting up images was stopped", "Stopped before: Start", "Stopped before: Define"]
    {
        assert!(wizard.shows(text), "{text}: {:?}", kit::texts(wizard.wizard.widget()));
    }
    assert!(kit::button(wizard.wizard.widget(), "Keep").is_sensitive());
    wizard.picture("wizard-4-stopped");
    wizard.go("undo");
    match wizard.heard.try_recv() {
        Ok(WizardOutput::Undo(steps)) => assert_eq!(steps.len(), 1, "one host had begun"),
        other => panic!("{other:?}"),
    }
    wizard.wizard.widget().close();
    let closed = || matches!(wizard.heard.try_recv(), Ok(WizardOutput::Closed));
    kit::until("the end: what is taken back goes on without the window", closed);
    assert!(!wizard.wizard.widget().is_visible());
}

#[gtk::test]
fn a_step_that_hangs_does_not_hold_the_window() {
    let wizard = Wizard::open();
    wizard.go("next");
    wizard.go("next");
    wizard.go("next");
    wizard.wish();
    wizard.go("cancel");
    kit::click(&dialog_over("Stop setting up images?"), "Stop");
    kit::until("the wish", || matches!(wizard.heard.try_recv(), Ok(WizardOutput::Stop)));
    wizard.wizard.widget().close();
    kit::until("the end", || matches!(wizard.heard.try_recv(), Ok(WizardOutput::Closed)));
}

#[gtk::test]
fn a_host_that_does_not_say_what_it_can_do_says_why() {
    let wizard = Wizard::open();
    let mut host = pool_host(1, "lab-a", true, &[]);
    host.offer = HostOffer::Awaited;
    wizard.tell(WizardInput::HostsChanged(vec![host.clone()]));
    assert!(wizard.shows("Asking the host what it can set up"));
    host.offer = HostOffer::Failed(Failure::own(FailureKind::Denied, "no"));
    wizard.tell(WizardInput::HostsChanged(vec![host.clone()]));
    assert!(wizard.shows("Did not say what it can do: It is not allowed"));
    host.offer = HostOffer::Told(PoolOffer::default().into());
    wizard.tell(WizardInput::HostsChanged(vec![host]));
    assert!(!wizard.shows("Did not say what it can do"));
}

#[gtk::test]
fn a_pool_that_another_host_has_is_set_up_as_it_is() {
    let tab = Tab::open(three_pools());
    tab.tell(StorageInput::PoolChosen(1));
    kit::inside::<relm4::adw::ExpanderRow>(&tab.window).set_expanded(true);
    kit::settle(&tab.window);
    tab.said();
    kit::click(&tab.window, "Set Up There…");
    assert_eq!(tab.said(), [StorageOutput::AddPool(Some((key(1), HostId(2))))]);

    let definition = PoolDefinition {
        uuid: Some(PoolUuid([5; 16])),
        ..PoolDefinition::new("tutorial", nfs(), "/srv/tutorial")
    };
    let original = Pool {
        key: key(2),
        definition: definition.clone(),
        autostart: true,
        ..pool(5, "tutorial", nfs(), PoolState::Running)
    };
    let wizard = Wizard::open_for(Some(Twin::new(&original)));
    let create = || kit::button(wizard.wizard.widget(), "Create");
    assert!(wizard.shows("tutorial gets the same name") && !create().is_sensitive());
    let mut hosts = vec![pool_host(1, "lab-a", true, &[]), pool_host(2, "lab-b", true, &[])];
    let there =
        PoolThere { name: "tutorial".into(), kind: PoolKind::Netfs, path: "/srv/tutorial".into() };
    hosts[1].pools.push(there);
    wizard.tell(WizardInput::HostsChanged(hosts));
    assert!(wizard.shows("lab-a") && !wizard.shows("lab-b"), "it has the pool");
    wizard.tell(WizardInput::XmlRead(Err(Failure::own(FailureKind::Denied, "no"))));
    assert!(wizard.shows("Its XML could not be read") && !create().is_sensitive());
    let xml = "<pool type='netfs'><!-- by hand --></pool>".to_owned();
    wizard.tell(WizardInput::XmlRead(Ok(xml.clone())));
    wizard.go("next");
    let wish = wizard.wish();
    assert_eq!((wish.definition, wish.xml), (definition, Some(xml)));
    assert_eq!((wish.hosts, wish.build), (vec![HostId(1)], Some(BuildMode::Plain)));
    assert!(wish.start && wish.autostart);

    let outcome = created(1, None);
    let new = outcome.pool.unwrap();
    wizard.tell(WizardInput::Happened(Setting::Created(Ok(vec![outcome]))));
    assert!(wizard.shows("Proving that it is the same storage…"));
    let asked = wizard.heard.try_recv().unwrap();
    assert!(matches!(&asked, WizardOutput::Prove(pools) if *pools == [key(2), new]), "{asked:?}");
    let proof = Proof { writer: key(2), answers: vec![(new, ProofAnswer::Same)], left: None };
    wizard.tell(WizardInput::Happened(Setting::Proved(Ok(proof))));
    assert!(wizard.shows("tutorial is set up and proved shared"));
}

#[gtk::test]
fn a_device_is_formatted_only_after_a_question() {
    let wizard = Wizard::open();
    wizard.tell(WizardInput::Edited(Edit::Kind(PoolKind::Fs)));
    wizard.go("next");
    wizard.edit(PoolField::Device, "/dev/sdb");
    wizard.tell(WizardInput::Edited(Edit::FileSystem(FileSystem::Ext4)));
    wizard.tell(WizardInput::Edited(Edit::Build(Some(BuildMode::Overwrite))));
    wizard.go("next");
    wizard.tell(WizardInput::Edited(Edit::Host(HostId(2), true)));
    wizard.go("next");
    let question = toplevel("Format").unwrap();
    assert!(kit::shows(&question, "All that is on the device is lost"));
    assert!(kit::shows(&question, "Several hosts must not mount ext4"));
    assert!(wizard.heard.is_empty());
    kit::click(&question, "Format");
    kit::settle(wizard.wizard.widget());
    assert_eq!(wizard.wish().build, Some(BuildMode::Overwrite));
    let outcomes = Ok(vec![created(1, None), created(2, None)]);
    wizard.tell(WizardInput::Happened(Setting::Created(outcomes)));
    assert!(wizard.heard.is_empty(), "such a pool is not written to through two hosts");
}

#[gtk::test]
fn same_names_over_different_storage_are_an_alarm() {
    let wizard = Wizard::open();
    wizard.go("next");
    wizard.go("next");
    wizard.tell(WizardInput::Edited(Edit::Host(HostId(2), true)));
    let texts = kit::texts(wizard.wizard.widget());
    assert!(wizard.shows("A directory is each host's own."), "{texts:?}");
    wizard.go("next");
    wizard.wish();
    let outcomes = Ok(vec![created(1, None), created(2, None)]);
    wizard.tell(WizardInput::Happened(Setting::Created(outcomes)));
    let key = |host| PoolKey { host: HostId(host), uuid: PoolUuid([7; 16]) };
    let answers = vec![(key(2), ProofAnswer::NotThere)];
    let proof = Proof { writer: key(1), answers, left: None };
    wizard.tell(WizardInput::Happened(Setting::Proved(Ok(proof))));
    assert!(wizard.shows("images is not the same storage on all hosts"));
    wizard.picture("wizard-4-alarm");
}

#[gtk::test]
fn every_kind_fits_into_a_narrow_window() {
    for kind in PoolKind::ALL {
        let wizard = Wizard::open();
        let window = wizard.wizard.widget();
        window.set_default_size(360, 640);
        wizard.tell(WizardInput::Edited(Edit::Kind(kind)));
        wizard.go("next");
        assert!(window.width() <= 360, "{kind:?}: {}", window.width());
        wizard.picture(&format!("wizard-2-{}", kind.word()));
    }
}

// ---- volumes ----

fn base(view: &VolumeView) -> Option<Base> {
    Base::of(&view.volume, view.users.iter().map(|user| user.guest.to_string()).collect())
}

struct NewVolume {
    dialog: Controller<VolumeDialog>,
    heard: async_channel::Receiver<VolumeOutput>,
}

impl NewVolume {
    fn open(file: Option<PathBuf>) -> Self {
        Self::open_in(nfs(), file)
    }

    fn open_in(source: PoolSource, file: Option<PathBuf>) -> Self {
        kit::init();
        let (said, heard) = async_channel::unbounded();
        let init = VolumeInit {
            pool: pool(1, "images", source, PoolState::Running),
            host: "lab-a".into(),
            taken: vec!["disk.qcow2".into()],
            bases: volumes().iter().filter_map(base).collect(),
            shared_with: vec![(HostId(1), "lab-a".into()), (HostId(2), "lab-b".into())],
            formats: ["raw", "qcow2", "vmdk", "iso"].map(str::to_owned).to_vec(),
            secret: [8; 16],
            file,
        };
        let dialog = VolumeDialog::builder().launch(init).connect_receiver(move |_, output| {
            let _ = said.try_send(output); // a test that is over listens no more
        });
        dialog.widget().present();
        kit::settle(dialog.widget());
        Self { dialog, heard }
    }

    fn window(&self) -> &relm4::adw::Window {
        self.dialog.widget()
    }

    fn entry(&self, title: &str) -> relm4::adw::EntryRow {
        kit::row(self.window(), title).downcast().unwrap()
    }

    fn switch(&self, title: &str) {
        kit::inside::<gtk::Switch>(&kit::row(self.window(), title)).set_active(true);
        kit::settle(self.window());
    }

    fn job(&self) -> VolumeJob {
        kit::until("an output", || !self.heard.is_empty());
        match self.heard.try_recv().unwrap() {
            VolumeOutput::Make(job) => *job,
            VolumeOutput::Closed => panic!("closed"),
        }
    }
}

impl Drop for NewVolume {
    fn drop(&mut self) {
        self.window().destroy();
    }
}

#[gtk::test]
fn return_is_enough_for_a_usual_volume() {
    let dialog = NewVolume::open(None);
    assert_eq!(dialog.entry("Name").text(), "disk-1.qcow2");
    assert!(kit::shows(dialog.window(), "Sparse: it takes"));
    kit::picture(dialog.window(), "volume-new");
    dialog.window().emit_activate_default();
    let VolumeJob::Create { definition, secret, .. } = dialog.job() else { panic!("no volume") };
    assert_eq!((definition.name.as_str(), definition.capacity.0 / GIB), ("disk-1.qcow2", 20));
    assert!(secret.is_none() && definition.format == VolumeFormat::Qcow2);
}

#[gtk::test]
fn more_than_fits_is_refused_or_warned_about() {
    let dialog = NewVolume::open(None);
    let size: gtk::SpinButton = kit::inside(&kit::row(dialog.window(), "Max Capacity"));
    size.set_value(50.0);
    kit::until("a warning", || {
        kit::shows(dialog.window(), "A guest that fills the pool is paused")
    });
    let format: relm4::adw::ComboRow = kit::row(dialog.window(), "Format").downcast().unwrap();
    format.set_selected(1);
    kit::until("the ending", || dialog.entry("Name").text() == "disk-1.img");
    let rows = kit::all(dialog.window()).into_iter();
    let mut rows = rows.filter_map(|row| row.downcast::<relm4::adw::ActionRow>().ok());
    let row = rows.find(|row| row.title() == "Allocation" && row.is_mapped()).unwrap();
    kit::inside::<gtk::SpinButton>(&row).set_value(50.0);
    kit::until("a refusal", || kit::shows(dialog.window(), "the pool has not so much"));
    kit::picture(dialog.window(), "volume-refused");
    kit::click(dialog.window(), "Create");
    kit::settle(dialog.window());
    assert!(dialog.heard.is_empty(), "it is not made");
}

#[gtk::test]
fn the_secret_of_an_encrypted_volume_goes_to_every_host_of_the_pool() {
    let dialog = NewVolume::open(None);
    dialog.switch("Encrypt With LUKS");
    assert!(kit::shows(dialog.window(), "kept as a secret on lab-a, lab-b"));
    dialog.entry("Passphrase").set_text("one");
    kit::click(dialog.window(), "Create");
    kit::until("a fault", || kit::shows(dialog.window(), "The two are not the same."));
    kit::picture(dialog.window(), "volume-encrypted");
    dialog.entry("Passphrase Again").set_text("one");
    kit::settle(dialog.window());
    kit::click(dialog.window(), "Create");
    let VolumeJob::Create { secret, .. } = dialog.job() else { panic!("no volume") };
    assert_eq!(secret.unwrap().1, [HostId(1), HostId(2)]);
}

#[gtk::test]
fn a_volume_builds_on_another_one_or_on_a_file() {
    let dialog = NewVolume::open(None);
    let advanced: relm4::adw::ExpanderRow =
        kit::row(dialog.window(), "Advanced").downcast().unwrap();
    advanced.set_expanded(true);
    kit::settle(dialog.window());
    let combo = |title: &str| -> relm4::adw::ComboRow {
        kit::row(dialog.window(), title).downcast().unwrap()
    };
    let names = |title: &str| -> Vec<String> {
        let model = combo(title).model().unwrap().downcast::<gtk::StringList>().unwrap();
        (0..model.n_items()).map(|place| model.string(place).unwrap().into()).collect()
    };
    assert_eq!(
        names("Builds On"),
        [
            "Nothing",
            "web10.qcow2",
            "web2.qcow2",
            "debian-12.iso",
            "ümläut and spaces 🦜.img",
            "Another file"
        ],
        "what is not read yet is no choice"
    );
    combo("Builds On").set_selected(1);
    kit::until("what it is", || kit::shows(dialog.window(), "qcow2, 20.0 GiB"));
    assert!(kit::shows(dialog.window(), "Used by web10: what builds on it breaks when"));
    kit::picture(dialog.window(), "volume-backing");
    combo("Builds On").set_selected(5);
    kit::until("a path", || dialog.entry("Backing File").is_mapped());
    dialog.entry("Backing File").set_text("base.qcow2");
    let guessed = || combo("Format of the Backing File").selected() == 0;
    kit::until("qcow2 by its name", guessed);
    kit::click(dialog.window(), "Create");
    kit::until("a fault", || kit::shows(dialog.window(), "must be a full path"));
    kit::picture(dialog.window(), "volume-backing-file");
    dialog.entry("Backing File").set_text("/srv/base");
    kit::settle(dialog.window());
    combo("Format of the Backing File").set_selected(3);
    kit::settle(dialog.window());
    kit::click(dialog.window(), "Create");
    let VolumeJob::Create { definition, .. } = dialog.job() else { panic!("no volume") };
    let file = Backing { path: "/srv/base".into(), format: Some(VolumeFormat::Vmdk) };
    assert_eq!(definition.backing, Some(file));
    let dialog = NewVolume::open(None);
    let combo: relm4::adw::ComboRow = kit::row(dialog.window(), "Builds On").downcast().unwrap();
    combo.set_selected(2);
    kit::settle(dialog.window());
    kit::click(dialog.window(), "Create");
    let VolumeJob::Create { definition, .. } = dialog.job() else { panic!("no volume") };
    let path = "/var/lib/libvirt/images/web2.qcow2".to_owned();
    assert_eq!(definition.backing, Some(Backing { path, format: Some(VolumeFormat::Qcow2) }));
}

#[gtk::test]
fn a_name_that_is_taken_is_told_below_it() {
    let dialog = NewVolume::open(None);
    dialog.entry("Name").set_text("disk.qcow2");
    kit::settle(dialog.window());
    kit::click(dialog.window(), "Create");
    kit::until("a fault", || kit::shows(dialog.window(), "There is a volume of this name."));
}

#[gtk::test]
fn a_file_is_looked_at_before_it_is_uploaded() {
    let file = tempfile::NamedTempFile::with_suffix(".iso").unwrap();
    std::fs::write(file.path(), vec![7; 4096]).unwrap();
    let dialog = NewVolume::open(Some(file.path().to_owned()));
    kit::until("its size", || kit::shows(dialog.window(), "4.0 KiB, iso"));
    kit::settle(dialog.window());
    kit::picture(dialog.window(), "volume-upload");
    kit::click(dialog.window(), "Upload");
    let VolumeJob::Upload { definition, .. } = dialog.job() else { panic!("no upload") };
    assert_eq!((definition.format, definition.capacity), (VolumeFormat::Raw, Bytes(4096)));
    let missing = NewVolume::open(Some("/no/such/file".into()));
    kit::until("why not", || kit::shows(missing.window(), "cannot be read"));
    assert!(!kit::button(missing.window(), "Upload").is_sensitive());
}

#[gtk::test]
fn an_image_that_a_pool_of_devices_cannot_hold_is_refused_with_the_reason() {
    let file = tempfile::NamedTempFile::with_suffix(".vmdk").unwrap();
    std::fs::write(file.path(), b"KDMV and more").unwrap();
    let group = PoolSource::Logical { group: "vg0".into(), devices: Vec::new() };
    let dialog = NewVolume::open_in(group, Some(file.path().to_owned()));
    kit::until("its format", || kit::shows(dialog.window(), "vmdk"));
    let capacity = kit::row(dialog.window(), "Max Capacity");
    assert!(!capacity.is_visible(), "an image brings its own");
    kit::click(dialog.window(), "Upload");
    kit::until("why not", || kit::shows(dialog.window(), "Only raw images can be uploaded"));
    assert!(dialog.heard.is_empty());
}

/// The dialog that copies, on its own.
struct Copying {
    dialog: Controller<CopyDialog>,
    heard: async_channel::Receiver<CopyOutput>,
}

impl Copying {
    fn open(draft: CopyDraft) -> Self {
        let (said, heard) = async_channel::unbounded();
        let dialog = CopyDialog::builder().launch(draft).connect_receiver(move |_, output| {
            let _ = said.try_send(output); // a test that is over listens no more
        });
        dialog.widget().present();
        kit::settle(dialog.widget());
        Self { dialog, heard }
    }

    /// The job that the dialog asked for.
    fn job(&self) -> VolumeJob {
        kit::until("an output", || !self.heard.is_empty());
        let CopyOutput::Copy(job) = self.heard.try_recv().unwrap() else { panic!("closed") };
        *job
    }
}

#[gtk::test]
fn a_volume_is_copied_to_another_host() {
    kit::init();
    let choice = |host: u32, name: &str, number: u8| {
        let mut pool = pool(number, name, PoolSource::Dir, PoolState::Running);
        pool.key.host = HostId(host);
        let host = format!("lab-{}", ["", "a", "b"][host as usize]);
        let shared_with = vec![pool.key.host];
        PoolChoice { key: pool.key, host, pool, taken: Vec::new(), shared_with }
    };
    let view = volume("web2.qcow2", VolumeFormat::Qcow2, &[]);
    let original = VolumeKey { pool: key(1), name: "web2.qcow2".into() };
    let choices = vec![choice(1, "images", 1), choice(1, "local", 3), choice(2, "images", 1)];
    let draft = CopyDraft::new(
        original,
        *view.volume.details.unwrap(),
        vec!["web2".into()],
        vec![HostId(1)],
        choices,
        SecretUuid([1; 16]),
    );
    let copying = Copying::open(draft);
    let window = copying.dialog.widget();
    assert!(kit::shows(window, "The host copies it by itself."));
    assert!(kit::shows(window, "Guests use it: web2"), "it cannot be moved");
    let place: relm4::adw::ComboRow = kit::row(window, "Destination").downcast().unwrap();
    place.set_selected(2);
    kit::until("the way", || kit::shows(window, "byte by byte through this computer"));
    kit::picture(window, "volume-copy");
    kit::click(window, "Copy");
    match copying.job() {
        VolumeJob::Copy { pool, name, and_delete: None, .. } => {
            assert_eq!((pool.host, name.as_str()), (HostId(2), "web2.qcow2"));
        }
        other => panic!("{other:?}"),
    }
}

#[gtk::test]
fn the_passphrase_of_an_encrypted_volume_goes_with_its_copy() {
    kit::init();
    let mut details = *volume("safe", VolumeFormat::Raw, &[]).volume.details.unwrap();
    details.encryption = Some("luks".into());
    let pool = pool(1, "images", nfs(), PoolState::Running);
    let (host, shared_with) = ("lab-a".to_owned(), vec![HostId(1), HostId(2)]);
    let choice = PoolChoice { key: key(1), host, pool, taken: vec!["safe".into()], shared_with };
    let original = VolumeKey { pool: key(1), name: "safe".into() };
    let (hosts, secret) = (vec![HostId(1)], SecretUuid([1; 16]));
    let draft = CopyDraft::new(original, details, Vec::new(), hosts, vec![choice], secret);
    let copying = Copying::open(draft);
    let window = copying.dialog.widget();
    assert!(kit::shows(window, "which libvirt does not give away"));
    let row: relm4::adw::PasswordEntryRow = kit::row(window, "Passphrase").downcast().unwrap();
    row.set_text("sesame");
    kit::settle(window);
    kit::picture(window, "volume-copy-encrypted");
    kit::click(window, "Copy");
    let job = copying.job();
    let VolumeJob::Copy { secret: Some((secret, hosts)), .. } = job else { panic!("{job:?}") };
    assert_eq!((secret.value.0.as_str(), hosts), ("sesame", vec![HostId(1), HostId(2)]));
    let path = "/var/lib/libvirt/images/safe-copy".to_owned();
    assert_eq!(secret.definition.usage, SecretUsage::Volume(path));
}

#[gtk::test]
fn what_running_guests_write_to_is_copied_or_downloaded_after_a_question() {
    kit::init();
    let written = || {
        let mut view = volume("web2.qcow2", VolumeFormat::Qcow2, &[("web2", None)]);
        view.users[0].writes = true;
        view
    };
    let original = VolumeKey { pool: key(1), name: "web2.qcow2".into() };
    let PoolsView::Listed(pools) = three_pools() else { panic!("listed") };
    let pool = pools.into_iter().find(|view| view.pool.key == key(1)).unwrap().pool;
    let (host, shared_with) = ("lab-a".to_owned(), vec![HostId(1)]);
    let choice = PoolChoice { key: key(1), host, pool, taken: Vec::new(), shared_with };
    let (users, hosts) = (vec!["web2".into()], vec![HostId(1)]);
    let details = *written().volume.details.unwrap();
    let draft = CopyDraft::new(original, details, users, hosts, vec![choice], SecretUuid([1; 16]));
    let draft = CopyDraft { writers: written().writers(), ..draft };
    let copying = Copying::open(draft);
    let window = copying.dialog.widget();
    let title = "Copy web2.qcow2 while it is written to?";
    kit::click(window, "Copy");
    let question = dialog_over(title);
    kit::picture(&question, "volume-torn");
    assert!(kit::shows(&question, "Running, and writing to it: web2"));
    assert!(copying.heard.is_empty());
    kit::click(&question, "Copy All the Same");
    let job = copying.job();
    assert!(matches!(job, VolumeJob::Clone { unless_written: None, .. }), "{job:?}");

    let tab = Tab::open(three_pools());
    tab.tell(StorageInput::PoolChosen(1));
    tab.tell(StorageInput::Volumes(key(1), vec![written()]));
    tab.select(&["web2.qcow2"]);
    assert!(tab.can("download"));
    let question = dialog_over(title);
    question.close();
}

// ---- jobs ----

#[gtk::test]
fn jobs_have_cards_among_the_migrations() {
    kit::init();
    let (said, heard) = async_channel::unbounded();
    let page = MigrationsPage::builder().launch(()).connect_receiver(move |_, output| {
        let _ = said.try_send(output); // a test that is over listens no more
    });
    let window =
        gtk::Window::builder().default_width(700).default_height(640).child(page.widget()).build();
    window.present();
    let mut tasks = Tasks::default();
    let seconds = std::time::Duration::from_secs;
    let names = |volume: &str, to: &str| TaskNames {
        volume: volume.into(),
        others: 0,
        from: "images on lab-a".into(),
        to: Some(to.into()),
    };
    let jobs = [1, 2, 3].map(JobId);
    tasks.start(jobs[0], TaskKind::Download, names("web2.qcow2", "/home/me/web2"), seconds(0));
    tasks.start(jobs[1], TaskKind::Copy, names("db.img", "db.img in images on lab-b"), seconds(1));
    tasks.start(jobs[2], TaskKind::Move, names("old.img", "old.img in slow on lab-b"), seconds(2));
    let progress = |done: u64| StorageProgress {
        phase: StoragePhase::Transferring,
        done: Bytes(done << 20),
        total: Some(Bytes(4 << 30)),
    };
    tasks.step(jobs[0], progress(0), seconds(2));
    tasks.step(jobs[0], progress(1600), seconds(12));
    let done = Transferred {
        bytes: Bytes(4 << 30),
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
        path: "/var/lib/libvirt/images/db.img".into(),
        source_left: None,
        secret_left: Some(Failure::own(FailureKind::LinkLost, "gone")),
    };
    tasks.end(jobs[1], Ok(TaskResult::Transferred(done)), seconds(61));
    let text = "cannot allocate 104857600 bytes in file '/slow/old.img': No space left on device";
    tasks.end(jobs[2], Err(Failure::own(FailureKind::NoSpace, text)), seconds(9));
    for job in jobs {
        page.emit(MigrationsInput::Task(Box::new(tasks.get(job).unwrap().clone())));
    }
    kit::settle(&window);
    for text in [
        "Download of web2.qcow2",
        "1.6 GiB of 4.0 GiB",
        "160.0 MiB/s",
        "arrived the same",
        "Its passphrase could not be set as a secret",
        "Failed: No space is left",
    ] {
        assert!(kit::shows(&window, text), "{text}: {:?}", kit::texts(&window));
    }
    kit::picture(&window, "jobs");
    let creating = JobId(4);
    tasks.start(creating, TaskKind::Create, names("new.img", ""), seconds(3));
    let phase = StoragePhase::Creating;
    tasks.step(creating, StorageProgress { phase, done: Bytes(0), total: None }, seconds(4));
    page.emit(MigrationsInput::Task(Box::new(tasks.get(creating).unwrap().clone())));
    kit::settle(&window);
    let bars = || kit::all(&window).into_iter().filter(|widget| widget.css_name() == "progress");
    let places = || bars().map(|bar| bar.allocation().x()).collect::<Vec<_>>();
    let before = places();
    kit::until("a bar that moves by itself", || places() != before);
    tasks.end(creating, Ok(TaskResult::Done), seconds(5));
    page.emit(MigrationsInput::Task(Box::new(tasks.get(creating).unwrap().clone())));
    kit::settle(&window);
    kit::click(&window, "Cancel");
    kit::until("an output", || !heard.is_empty());
    assert_eq!(heard.try_recv(), Ok(MigrationsOutput::CancelTask(jobs[0])));
    window.destroy();
}
