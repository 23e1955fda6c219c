//! The grid: which guest could go to which host, for the whole site at a glance.
#![allow(missing_docs)] // relm4's macro writes `GridPageWidgets` without any

mod cells;
mod logic;
mod messages;

pub use messages::{GridGuest, GridHost, GridInput, GridOutput};

use std::cmp::Ordering;

use relm4::adw::{self, prelude::*};
use relm4::gtk::{self, gio, glib};
use relm4::{ComponentParts, ComponentSender, SimpleComponent};

use cells::Cells;

use crate::i18n::gettext;
use crate::model::{GuestKey, HostId, Surveyed};
use crate::ui::widgets::{accessible, cells::tell_on_demand};

/// Answers older than this are asked for again while they are in sight: no event tells of networks,
/// pools and free memory.
const FRESH_S: u32 = 60;

/// The page.
pub struct GridPage {
    cells: Cells,
    store: gio::ListStore,
    table: gtk::ColumnView,
    columns: Vec<(HostId, String, gtk::ColumnViewColumn)>,
    shown: bool,
    /// It will be asked about what waits.
    asking: bool,
}

#[relm4::component(pub)]
impl SimpleComponent for GridPage {
    type Init = ();
    type Input = GridInput;
    type Output = GridOutput;

    view! {
        gtk::Stack {
            #[watch(skip_init)]
            set_visible_child_name: if model.columns.len() < 2 { "empty" } else { "table" },
            connect_map[sender] => move |_| sender.input(GridInput::Shown(true)),
            connect_unmap[input = sender.input_sender().clone()] => move |_| {
                // The page is unmapped once more when the program ends.
                let _ = input.send(GridInput::Shown(false));
            },

            add_named[Some("empty")] = &adw::StatusPage {
                set_icon_name: Some("view-grid-symbolic"),
                set_title: &gettext("No Destinations"),
                set_description: Some(&gettext("With two hosts or more, this page shows which guest could go to which host.")),
            },

            add_named[Some("table")] = &gtk::Box {
                set_orientation: gtk::Orientation::Vertical,

                gtk::ScrolledWindow {
                    set_vexpand: true,
                    set_child: Some(&model.table),
                },
                gtk::Label {
                    set_label: &gettext("Press a cell to see every check and to migrate."),
                    add_css_class: "caption",
                    add_css_class: "dim-label",
                    set_wrap: true,
                    set_margin_top: 6,
                    set_margin_bottom: 6,
                },
            },
        }
    }

    fn init((): (), root: Self::Root, sender: ComponentSender<Self>) -> ComponentParts<Self> {
        let input = sender.input_sender().clone();
        let output = sender.output_sender().clone();
        let cells = Cells::new(
            // The page outlives its cells but for the end of the program.
            move |(guest, host)| drop(input.send(GridInput::Seen(guest, host))),
            move |(guest, host)| output.emit(GridOutput::Migrate(guest, host)),
        );
        let store = gio::ListStore::new::<glib::BoxedAnyObject>();
        let table = gtk::ColumnView::builder().show_row_separators(true).build();
        table.set_model(Some(&gtk::NoSelection::new(Some(store.clone()))));
        table.add_css_class("data-table");
        accessible::set_name(&table, &gettext("Destinations of All Guests"));
        table.append_column(&name_column());
        let model = Self { cells, store, table, columns: Vec::new(), shown: false, asking: false };
        let widgets = view_output!();
        root.set_visible_child_name("empty");
        let input = sender.input_sender().clone();
        glib::timeout_add_seconds_local(FRESH_S, move || match input.send(GridInput::Refresh) {
            Ok(()) => glib::ControlFlow::Continue,
            Err(_) => glib::ControlFlow::Break,
        });
        ComponentParts { model, widgets }
    }

    fn update(&mut self, message: GridInput, sender: ComponentSender<Self>) {
        match message {
            GridInput::Site(hosts, guests) => self.site_changed(hosts, guests),
            GridInput::Outdated(host) => self.outdated(host),
            GridInput::Guests { now, gone } => self.guests_changed(now, &gone),
            GridInput::Inspected(found) => self.inspected(found),
            GridInput::Ask => return self.ask(&sender),
            GridInput::Shown(shown) => self.shown_changed(shown, &sender),
            GridInput::Seen(guest, host) => self.cells.grid.borrow_mut().seen((guest, host)),
            GridInput::Refresh => self.refresh(),
        }
        self.ask_soon(&sender);
    }
}

impl GridPage {
    /// Cells come into sight one by one: they are asked about together.
    fn ask_soon(&mut self, sender: &ComponentSender<Self>) {
        if !std::mem::replace(&mut self.asking, true) {
            let input = sender.input_sender().clone();
            // The page is gone only when the program ends.
            glib::idle_add_local_once(move || drop(input.send(GridInput::Ask)));
        }
    }

    fn ask(&mut self, sender: &ComponentSender<Self>) {
        self.asking = false;
        let next = self.cells.grid.borrow_mut().next();
        if !next.is_empty() {
            // The parent is gone only when the program ends.
            let _ = sender.output(GridOutput::Inspect(next));
        }
    }

    fn inspected(&self, found: Vec<Surveyed>) {
        for (route, found) in found {
            self.cells.grid.borrow_mut().answered(route, found);
            self.cells.show(route);
        }
    }

    fn guests_changed(&self, now: Vec<GridGuest>, gone: &[GuestKey]) {
        let turn = self.cells.grid.borrow_mut().set_guests(now, gone);
        for guest in &turn.gone {
            if let Ok(index) = self.row(guest) {
                self.store.remove(index);
            }
        }
        for guest in turn.new {
            if let Err(index) = self.row(&guest) {
                self.store.insert(index, &glib::BoxedAnyObject::new(guest));
            }
        }
        for route in turn.cells {
            self.cells.show(route);
        }
        self.ask_for_what_is_in_sight();
    }

    /// Where a guest's row is, or would be.
    fn row(&self, guest: &GridGuest) -> Result<u32, u32> {
        let wanted = order(guest);
        let (mut from, mut to) = (0, self.store.n_items());
        while from < to {
            let middle = from + (to - from) / 2;
            let object = self.store.item(middle).and_downcast::<glib::BoxedAnyObject>();
            match object.map(|object| order(&object.borrow::<GridGuest>()).cmp(&wanted)) {
                Some(Ordering::Equal) => return Ok(middle),
                Some(Ordering::Less) => from = middle + 1,
                Some(Ordering::Greater) | None => to = middle,
            }
        }
        Err(from)
    }

    fn site_changed(&mut self, hosts: Vec<GridHost>, guests: Vec<GridGuest>) {
        let changed = self.cells.grid.borrow_mut().set_site(hosts.clone(), &guests);
        self.set_columns(&hosts);
        self.set_rows(guests);
        for place in changed {
            self.cells.show(place);
        }
        self.ask_for_what_is_in_sight();
    }

    fn set_columns(&mut self, hosts: &[GridHost]) {
        let same = self.columns.len() == hosts.len()
            && self
                .columns
                .iter()
                .zip(hosts)
                .all(|((id, name, _), host)| *id == host.id && *name == host.name);
        if same {
            return;
        }
        for (_, _, column) in self.columns.drain(..) {
            self.table.remove_column(&column);
        }
        for host in hosts {
            let column = self.cells.column(host);
            self.table.append_column(&column);
            self.columns.push((host.id, host.name.clone(), column));
        }
    }

    /// Rows come and go one by one, in the order of their names, so that what is looked at stays.
    fn set_rows(&self, guests: Vec<GridGuest>) {
        let at = |index: u32| {
            let object = self.store.item(index).and_downcast::<glib::BoxedAnyObject>();
            object.map(|object| object.borrow::<GridGuest>().clone())
        };
        if self.store.n_items() == 0 {
            let rows: Vec<_> = guests.into_iter().map(glib::BoxedAnyObject::new).collect();
            return self.store.splice(0, 0, &rows);
        }
        let mut index = 0;
        for guest in guests {
            while let Some(old) = at(index)
                && order(&old) < order(&guest)
            {
                self.store.remove(index);
            }
            if at(index).is_none_or(|old| old.key != guest.key) {
                self.store.insert(index, &glib::BoxedAnyObject::new(guest));
            }
            index += 1;
        }
        self.store.splice(index, self.store.n_items() - index, &[] as &[glib::Object]);
    }

    fn outdated(&self, changed: HostId) {
        self.cells.grid.borrow_mut().outdate(|(_, host)| *host == changed);
        self.ask_for_what_is_in_sight();
    }

    fn shown_changed(&mut self, shown: bool, sender: &ComponentSender<Self>) {
        self.shown = shown;
        // The parent is gone only when the program ends.
        let _ = sender.output(GridOutput::Watch(shown));
        // What came to pass while nobody looked was not told.
        self.refresh();
    }

    fn refresh(&self) {
        if !self.shown {
            return;
        }
        self.cells.grid.borrow_mut().outdate(|_| true);
        self.ask_for_what_is_in_sight();
    }

    fn ask_for_what_is_in_sight(&self) {
        let mut grid = self.cells.grid.borrow_mut();
        for place in self.cells.in_sight() {
            grid.seen(place);
        }
    }
}

/// By name, then by host, so that the order of rows is one.
fn order(guest: &GridGuest) -> (String, crate::model::GuestKey) {
    (guest.name.to_lowercase(), guest.key)
}

/// The guests in the order of the rows.
pub fn sort(guests: &mut [GridGuest]) {
    guests.sort_by_cached_key(order);
}

fn name_column() -> gtk::ColumnViewColumn {
    let factory = gtk::SignalListItemFactory::new();
    factory.connect_setup(|_, item| {
        if let Some(item) = item.downcast_ref::<gtk::ListItem>() {
            let text = gtk::Inscription::builder().min_chars(12).nat_chars(20).build();
            tell_on_demand(&text, |text| text.text().map(String::from));
            item.set_child(Some(&text));
        }
    });
    factory.connect_bind(|_, item| {
        let item = item.downcast_ref::<gtk::ListItem>();
        let text = item.and_then(|item| item.child().and_downcast::<gtk::Inscription>());
        let guest = item.and_then(|item| item.item().and_downcast::<glib::BoxedAnyObject>());
        if let (Some(text), Some(guest)) = (text, guest) {
            text.set_text(Some(&guest.borrow::<GridGuest>().name));
        }
    });
    gtk::ColumnViewColumn::builder()
        .title(gettext("Guest"))
        .factory(&factory)
        .fixed_width(220)
        .resizable(true)
        .build()
}
