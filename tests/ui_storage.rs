//! The storage tab, the pool wizard and the dialogs of volumes, driven as a user drives them.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)] // helpers outside of test functions

mod kit;

use relm4::adw::prelude::*;
use relm4::gtk;
use relm4::prelude::*;

use vireo::model::storage::{
    NetworkProtocol, NfsVersion, Pool, PoolAction, PoolDefinition, PoolKey, PoolSource, PoolState,
    Server, Volume, VolumeDetails, VolumeFormat, VolumeKey, VolumeKind,
};
use vireo::model::{Bytes, HostId, PoolUuid};
use vireo::storage::{Difference, Sharing, SharingBadge};
use vireo::ui::host::storage::{StorageInput, StorageOutput, StoragePage, VolumeChange};
use vireo::ui::views::storage::{Elsewhere, PoolView, PoolsView, UserView, VolumeView};

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
        },
        PoolView {
            pool: pool(2, "backup", PoolSource::Dir, PoolState::Inactive),
            elsewhere: Vec::new(),
        },
        PoolView {
            pool: pool(3, "local", PoolSource::Dir, PoolState::Running),
            elsewhere: vec![elsewhere(
                "lab-b",
                SharingBadge::SameNameOnly,
                vec![Difference::Disproved],
            )],
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
fn deleting_a_pool_keeps_its_contents_and_deleting_these_says_what_is_lost() {
    let tab = Tab::open(three_pools());
    tab.said();
    assert!(tab.can("delete-pool"), "backup is stopped");
    let question = dialog_over("Delete the pool backup?");
    assert!(kit::shows(&question, "What is in it stays"));
    kit::click(&question, "Delete Pool");
    assert_eq!(tab.said(), [StorageOutput::Act(key(2), PoolAction::Undefine)]);
    assert!(tab.can("delete-contents"));
    let question = dialog_over("Delete the contents of backup?");
    assert!(kit::shows(&question, "/var/lib/libvirt/backup"));
    kit::click(&question, "Delete Contents");
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
    tab.tell(StorageInput::Xml(key(2), "<pool type='dir'/>".into()));
    let window = toplevel("Save").unwrap();
    assert!(!kit::button(&window, "Save").is_sensitive(), "nothing is changed");
    let text: gtk::TextView = kit::inside(&window);
    text.buffer().set_text("<pool type='dir'></pool>");
    kit::click(&window, "Save");
    let xml = "<pool type='dir'></pool>".to_owned();
    assert_eq!(tab.said(), [StorageOutput::Redefine(key(2), xml)]);
}

#[gtk::test]
fn volumes_come_and_go_in_place() {
    let tab = Tab::open(three_pools());
    tab.tell(StorageInput::PoolChosen(1));
    tab.tell(StorageInput::Volumes(key(1), volumes()));
    tab.select(&["web2.qcow2"]);
    let mut changed = volumes();
    changed.remove(0);
    changed[0].users = vec![UserView { guest: "web2".into(), host: None, unsure: false }];
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
