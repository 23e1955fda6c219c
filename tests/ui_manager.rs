//! The tree of hosts and guests, and the whole program with a scripted backend.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)] // helpers outside of test functions

mod kit;

use relm4::adw::prelude::*;
use relm4::gtk;
use relm4::gtk::glib;
use relm4::prelude::*;

use vireo::model::{
    Bytes, ConnectionState, Failure, FailureKind, Guest, GuestKey, GuestSample, GuestState,
    GuestUuid, HostId, StateReason,
};
use vireo::ui::labels::Place;
use vireo::ui::manager::{Figures, ManagerInput, ManagerOutput, ManagerPage, RowId, RowUpdate};
use vireo::ui::views::{GuestView, HostView};

const A: HostId = HostId(1);
const B: HostId = HostId(2);

fn host(id: HostId, name: &str, state: ConnectionState) -> HostView {
    HostView { id, name: name.into(), state, facts: None, guests: 0, stalled: false }
}

fn guest(host: HostId, number: u16, name: &str, state: GuestState) -> GuestView {
    let mut uuid = [0; 16];
    uuid[..2].copy_from_slice(&number.to_be_bytes());
    let guest = Guest {
        key: GuestKey { host, uuid: GuestUuid(uuid) },
        name: name.into(),
        state,
        reason: StateReason::None,
        persistent: true,
        autostart: false,
        managed_save: false,
        memory_max: Bytes(1 << 29),
        vcpus: 1,
        migrating: false,
    };
    GuestView { guest, place: Place::Home, host_name: "a".into(), fresh: true, progress: None }
}

struct Page {
    page: Controller<ManagerPage>,
    window: gtk::Window,
    heard: async_channel::Receiver<ManagerOutput>,
}

impl Page {
    fn open(updates: Vec<RowUpdate>) -> Self {
        kit::init();
        let (said, heard) = async_channel::unbounded();
        let page = ManagerPage::builder().launch(()).connect_receiver(move |_, output| {
            let _ = said.try_send(output); // a test that is over listens no more
        });
        let window = gtk::Window::builder()
            .default_width(900)
            .default_height(700)
            .child(page.widget())
            .build();
        window.present();
        page.emit(ManagerInput::Update(updates));
        kit::settle(&window);
        Self { page, window, heard }
    }

    fn tell(&self, input: ManagerInput) {
        self.page.emit(input);
        kit::settle(&self.window);
    }

    fn table(&self) -> gtk::ColumnView {
        let found = kit::all(&self.window).into_iter().find_map(|widget| widget.downcast().ok());
        found.unwrap()
    }

    /// The names in the first column, from top to bottom.
    fn names(&self) -> Vec<String> {
        let rows =
            kit::all(&self.window).into_iter().filter(|widget| widget.has_css_class("row-name"));
        let text = |widget: gtk::Widget| widget.downcast::<gtk::Inscription>().ok()?.text();
        rows.filter(|widget| widget.is_mapped()).filter_map(text).map(String::from).collect()
    }

    fn selected(&self) -> Vec<RowId> {
        let mut selected = Vec::new();
        while let Ok(output) = self.heard.try_recv() {
            if let ManagerOutput::Selected(rows) = output {
                selected = rows;
            }
        }
        selected
    }

    /// A right click at the middle of the row of this name.
    fn right_click(&self, name: &str) {
        let table = self.table();
        let cell = kit::all(&self.window)
            .into_iter()
            .filter_map(|widget| widget.downcast::<gtk::Inscription>().ok())
            .find(|cell| cell.text().as_deref() == Some(name))
            .unwrap();
        let (x, y) = cell.translate_coordinates(&table, 10.0, 5.0).unwrap();
        let controllers = table.observe_controllers();
        let click = (0..controllers.n_items())
            .filter_map(|position| controllers.item(position).and_downcast::<gtk::GestureClick>())
            .find(|click| click.button() == gtk::gdk::BUTTON_SECONDARY)
            .unwrap();
        click.emit_by_name::<()>("pressed", &[&1_i32, &x, &y]);
        kit::settle(&self.window);
    }

    fn menu(&self) -> Vec<String> {
        let popover = kit::all(&self.window)
            .into_iter()
            .find_map(|widget| widget.downcast::<gtk::PopoverMenu>().ok())
            .unwrap();
        assert!(popover.is_visible(), "the menu is open");
        let model = popover.menu_model().unwrap();
        items(&model)
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.window.destroy();
    }
}

fn items(menu: &gtk::gio::MenuModel) -> Vec<String> {
    let mut labels = Vec::new();
    for position in 0..menu.n_items() {
        let label = menu.item_attribute_value(position, "label", Some(glib::VariantTy::STRING));
        labels.extend(label.and_then(|label| label.get::<String>()));
        if let Some(section) = menu.item_link(position, "section") {
            labels.extend(items(&section));
        }
    }
    labels
}

fn two_hosts() -> Vec<RowUpdate> {
    vec![
        RowUpdate::HostAdded(host(A, "a", ConnectionState::Connected)),
        RowUpdate::HostAdded(host(B, "b", ConnectionState::Connecting)),
        RowUpdate::GuestsAdded(
            A,
            vec![
                guest(A, 1, "web10", GuestState::Running),
                guest(A, 2, "web2", GuestState::ShutOff),
                guest(A, 3, "db", GuestState::Paused),
            ],
        ),
    ]
}

#[gtk::test]
fn hosts_stand_over_their_guests_in_the_order_of_a_file_manager() {
    let page = Page::open(two_hosts());
    assert_eq!(page.names(), ["a", "db", "web2", "web10", "b"]);
    for state in ["Running", "Shut off", "Paused", "Connecting…"] {
        assert!(kit::shows(&page.window, state), "{state}");
    }
}

#[gtk::test]
fn nothing_yet_offers_the_lab() {
    let page = Page::open(Vec::new());
    assert!(kit::shows(&page.window, "No Hypervisor Yet"));
    kit::click(&page.window, "Open the Practice Lab");
    kit::until("an output", || !page.heard.is_empty());
    assert_eq!(page.heard.try_recv(), Ok(ManagerOutput::OpenLab));
}

#[gtk::test]
fn rows_change_in_place_and_keep_their_selection() {
    let page = Page::open(two_hosts());
    page.tell(ManagerInput::Select("web2".into()));
    let web2 = guest(A, 2, "web2", GuestState::Running);
    assert_eq!(page.selected(), [RowId::Guest(web2.guest.key)]);
    let new = guest(A, 4, "aaa", GuestState::Running);
    page.tell(ManagerInput::Update(vec![
        RowUpdate::GuestsChanged(vec![web2.clone()]),
        RowUpdate::GuestsAdded(A, vec![new]),
        RowUpdate::GuestsRemoved(A, vec![guest(A, 3, "db", GuestState::Paused).guest.key.uuid]),
    ]));
    assert_eq!(page.names(), ["a", "aaa", "web2", "web10", "b"]);
    assert_eq!(page.selected(), [], "no other selection was told");
    assert!(!kit::shows(&page.window, "Shut off"));
}

#[gtk::test]
fn a_renamed_guest_finds_its_place() {
    let page = Page::open(two_hosts());
    let renamed = guest(A, 1, "a first one", GuestState::Running);
    page.tell(ManagerInput::Update(vec![RowUpdate::GuestsChanged(vec![renamed])]));
    assert_eq!(page.names(), ["a", "a first one", "db", "web2", "b"]);
}

#[gtk::test]
fn search_leaves_what_matches() {
    let page = Page::open(two_hosts());
    page.tell(ManagerInput::Search("WEB1".into()));
    assert_eq!(page.names(), ["a", "web10", "b"]);
    page.tell(ManagerInput::Search(String::new()));
    assert_eq!(page.names().len(), 5);
}

#[gtk::test]
fn one_flat_list_names_the_host_of_each_guest() {
    let page = Page::open(two_hosts());
    page.tell(ManagerInput::Group(false));
    assert_eq!(page.names(), ["db", "web2", "web10"]);
    page.tell(ManagerInput::Group(true));
    assert_eq!(page.names(), ["a", "db", "web2", "web10", "b"]);
}

#[gtk::test]
fn a_right_click_selects_the_row_and_opens_its_menu() {
    let page = Page::open(two_hosts());
    page.right_click("web10");
    let web10 = guest(A, 1, "web10", GuestState::Running).guest.key;
    assert_eq!(page.selected(), [RowId::Guest(web10)]);
    let menu = page.menu();
    for item in ["Open", "Run", "Pause", "Resume", "Shut Down", "Migrate…", "Bring Back"] {
        assert!(menu.contains(&item.to_owned()), "{item} in {menu:?}");
    }
    page.right_click("b");
    assert_eq!(page.selected(), [RowId::Host(B)]);
    assert!(page.menu().contains(&"Connect".to_owned()));
}

#[gtk::test]
fn a_guest_with_a_saved_state_is_restored() {
    let page = Page::open(two_hosts());
    let mut saved = guest(A, 2, "web2", GuestState::ShutOff);
    saved.guest.managed_save = true;
    page.tell(ManagerInput::Update(vec![RowUpdate::GuestsChanged(vec![saved])]));
    assert!(kit::shows(&page.window, "Saved"));
    page.right_click("web2");
    assert!(page.menu().contains(&"Restore".to_owned()));
}

#[gtk::test]
fn a_guest_that_is_away_says_where() {
    let page = Page::open(two_hosts());
    let mut away = guest(A, 2, "web2", GuestState::ShutOff);
    away.place = Place::Away("b".into());
    page.tell(ManagerInput::Update(vec![RowUpdate::GuestsChanged(vec![away])]));
    assert!(kit::shows(&page.window, "Away on b"));
}

#[gtk::test]
fn a_guest_on_the_move_has_a_bar() {
    let page = Page::open(two_hosts());
    let key = guest(A, 1, "web10", GuestState::Running).guest.key;
    let bars = || {
        let bars = kit::all(&page.window).into_iter();
        let bars = bars.filter_map(|widget| widget.downcast::<gtk::ProgressBar>().ok());
        bars.filter(gtk::ProgressBar::is_visible).map(|bar| bar.fraction()).collect::<Vec<_>>()
    };
    assert_eq!(bars(), [] as [f64; 0]);
    page.tell(ManagerInput::Update(vec![RowUpdate::Progress(key, Some(0.25))]));
    assert_eq!(bars(), [0.25]);
    page.tell(ManagerInput::Update(vec![RowUpdate::Progress(key, None)]));
    assert_eq!(bars(), [] as [f64; 0]);
}

#[gtk::test]
fn a_host_that_failed_says_why() {
    let page = Page::open(two_hosts());
    let reason = Failure::own(FailureKind::Refused, "raw text");
    let failed = host(B, "b", ConnectionState::Failed(reason));
    page.tell(ManagerInput::Update(vec![RowUpdate::HostChanged(failed)]));
    assert!(kit::shows(&page.window, "Could not connect:"));
    assert!(!kit::shows(&page.window, "raw text"));
}

#[gtk::test]
fn odd_names_are_shown_as_they_are() {
    let odd = ["<b>&amp; \"quotes\"</b>", "  spaces  ", "🦜 emoji", "{host}"];
    let views = odd.iter().zip(10..).map(|(name, n)| guest(A, n, name, GuestState::Running));
    let page = Page::open(vec![
        RowUpdate::HostAdded(host(A, "a", ConnectionState::Connected)),
        RowUpdate::GuestsAdded(
            A,
            views.chain([guest(A, 99, &"n".repeat(200), GuestState::Running)]).collect(),
        ),
    ]);
    let names = page.names();
    for name in odd {
        assert!(names.contains(&name.to_owned()), "{name} in {names:?}");
    }
    assert!(page.window.width() <= 900, "a name of 200 characters does not widen the window");
}

#[gtk::test]
fn figures_of_five_thousand_guests_are_taken_in_one_frame() {
    let states = [GuestState::Running, GuestState::ShutOff];
    let name = |n: u16| format!("guest-{n}");
    let views: Vec<_> =
        (0..5_000).map(|n| guest(A, n, &name(n), states[usize::from(n % 2)])).collect();
    let guests: Vec<_> = views.iter().map(|view| view.guest.key.uuid).collect();
    let page = Page::open(vec![
        RowUpdate::HostAdded(host(A, "a", ConnectionState::Connected)),
        RowUpdate::GuestsAdded(A, views),
    ]);
    let sample = GuestSample { cpu: 0.5, ..GuestSample::default() };
    let figures =
        Figures { host: A, own: None, guests: guests.iter().map(|&uuid| (uuid, sample)).collect() };
    let before = std::time::Instant::now();
    page.tell(ManagerInput::Update(vec![RowUpdate::Sampled(figures)]));
    assert!(before.elapsed() < std::time::Duration::from_secs(5), "{:?}", before.elapsed());
    assert!(kit::shows(&page.window, "50 %"));
}
