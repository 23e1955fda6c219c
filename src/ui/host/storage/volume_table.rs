//! The table of a pool's volumes: rows are made once, found by their name, changed in place.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet, VecDeque};
use std::rc::Rc;

use relm4::gtk::prelude::*;
use relm4::gtk::{gio, glib};
use relm4::{adw, gtk};

use crate::i18n::gettext;
use crate::model::storage::PoolKey;
use crate::ui::TIMING;
use crate::ui::views::storage::VolumeView;
use crate::ui::widgets::{accessible, context_menu};

use super::columns;
use super::volume_row::VolumeRow;

/// Rows that come into the table at once: GTK makes their cells in one go, which takes a few ms.
const SLICE: usize = 12;
/// GTK makes cells for about so many rows, seen or not; what comes after them is only counted.
const REALIZED: usize = 240;

/// The table.
pub(super) struct VolumeTable {
    place: adw::Bin,
    table: gtk::ColumnView,
    selection: gtk::MultiSelection,
    store: gio::ListStore,
    rows: HashMap<String, VolumeRow>,
    coming: Rc<RefCell<VecDeque<VolumeRow>>>,
    filter: gtk::CustomFilter,
    searching: bool,
    sorter: Option<gtk::Sorter>,
    popover: gtk::PopoverMenu,
    pool: Option<PoolKey>,
}

impl VolumeTable {
    pub(super) fn new() -> Self {
        let table = gtk::ColumnView::builder().show_row_separators(false).build();
        table.add_css_class("data-table");
        accessible::set_name(&table, &gettext("Volumes"));
        let names = columns::add_to(&table);
        let store = gio::ListStore::new::<VolumeRow>();
        let filter = gtk::CustomFilter::new(|_| true);
        let found = gtk::FilterListModel::new(Some(store.clone()), Some(filter.clone()));
        let sorted = gtk::SortListModel::new(Some(found), table.sorter());
        let selection = gtk::MultiSelection::new(Some(sorted));
        table.sort_by_column(Some(&names), gtk::SortType::Ascending);
        table.set_model(Some(&selection));
        let scrolled = gtk::ScrolledWindow::builder().vexpand(true).child(&table).build();
        let place = adw::Bin::builder().child(&scrolled).build();
        let popover = context_menu::popover(&place, &table);
        let sorter = table.sorter();
        Self {
            place,
            table,
            selection,
            store,
            rows: HashMap::new(),
            coming: Rc::default(),
            filter,
            searching: false,
            sorter,
            popover,
            pool: None,
        }
    }

    pub(super) const fn widget(&self) -> &adw::Bin {
        &self.place
    }

    /// Tells when other volumes are selected, and when the menu is asked for.
    pub(super) fn wire(
        &self,
        selected: impl Fn() + 'static,
        menu: impl Fn(Option<(f64, f64)>) + Clone + 'static,
    ) {
        self.selection.connect_selection_changed(move |_, _, _| selected());
        context_menu::wire(&self.table, menu);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Shows nothing, until the volumes of this pool come.
    pub(super) fn clear(&mut self, pool: Option<PoolKey>) {
        self.pool = pool;
        self.rows.clear();
        self.coming.borrow_mut().clear();
        self.store.remove_all();
    }

    /// Shows the volumes of the pool; those of another are not for now.
    pub(super) fn show(&mut self, pool: PoolKey, views: Vec<VolumeView>) {
        if self.pool != Some(pool) {
            return;
        }
        let names: HashSet<&str> = views.iter().map(|view| view.volume.name.as_str()).collect();
        self.remove(&names.into_iter().map(str::to_owned).collect());
        let (mut added, mut changed) = (Vec::new(), false);
        for view in views {
            match self.rows.get(&view.volume.name) {
                Some(row) => changed |= row.show(view),
                None => {
                    let name = view.volume.name.clone();
                    let row = VolumeRow::new(view);
                    self.rows.insert(name, row.clone());
                    added.push(row);
                }
            }
        }
        if changed && let Some(sorter) = &self.sorter {
            sorter.changed(gtk::SorterChange::Different);
        }
        if changed && self.searching {
            self.filter.changed(gtk::FilterChange::Different);
        }
        // As they are sorted at first: cells that are made stay where they are.
        added.sort_by(VolumeRow::compare_names);
        self.add(added);
    }

    fn remove(&mut self, keep: &HashSet<String>) {
        let gone: Vec<String> =
            self.rows.keys().filter(|name| !keep.contains(*name)).cloned().collect();
        if gone.is_empty() {
            return;
        }
        let rows: HashSet<VolumeRow> =
            gone.iter().filter_map(|name| self.rows.remove(name)).collect();
        self.coming.borrow_mut().retain(|row| !rows.contains(row));
        self.store
            .retain(|item| item.downcast_ref::<VolumeRow>().is_none_or(|row| !rows.contains(row)));
    }

    /// Rows come in slices, so that frames are drawn in between.
    fn add(&self, rows: Vec<VolumeRow>) {
        let waiting = !self.coming.borrow().is_empty();
        self.coming.borrow_mut().extend(rows);
        if waiting || !take_slice(&self.store, &self.coming) {
            return;
        }
        let (store, coming) = (self.store.clone(), Rc::clone(&self.coming));
        let mut in_sight = store.n_items();
        glib::idle_add_local(move || {
            // Frames come before idle work: what was there is drawn.
            if in_sight > 0 {
                tracing::info!(target: TIMING, in_sight, "listed");
                in_sight = 0;
            }
            if take_slice(&store, &coming) {
                glib::ControlFlow::Continue
            } else {
                glib::ControlFlow::Break
            }
        });
    }

    /// Shows only volumes whose name or user contains the text, in any case.
    pub(super) fn search(&mut self, text: &str) {
        self.searching = !text.is_empty();
        if text.is_empty() {
            self.filter.unset_filter_func();
            return;
        }
        let needle = text.to_lowercase();
        self.filter.set_filter_func(move |item| {
            item.downcast_ref::<VolumeRow>().is_none_or(|row| row.matches(&needle))
        });
    }

    /// The selected volumes, in the order of the table.
    pub(super) fn selected(&self) -> Vec<VolumeView> {
        let bits = self.selection.selection();
        (0..bits.size())
            .filter_map(|nth| {
                let position = bits.nth(u32::try_from(nth).ok()?);
                self.selection.item(position).and_downcast::<VolumeRow>()?.view()
            })
            .collect()
    }

    /// Opens a menu at a point, whose row becomes selected, or below what is selected.
    pub(super) fn open_menu(&self, menu: &gio::Menu, place: Option<(f64, f64)>) {
        if let Some((x, y)) = place {
            let Some(widget) = context_menu::row_widget_at(&self.table, x, y) else { return };
            self.select(&widget);
        }
        context_menu::open(&self.popover, menu, &self.table, place.unwrap_or((48.0, 48.0)));
    }

    /// The row that a widget shows becomes the selected one, unless it is among them.
    fn select(&self, widget: &gtk::Widget) {
        let cell = widget.first_child().and_then(|cell| cell.first_child());
        let name = cell.and_downcast::<gtk::Inscription>().and_then(|cell| cell.text());
        let Some(row) = name.and_then(|name| self.rows.get(name.as_str())) else { return };
        let position = (0..self.selection.n_items())
            .find(|&position| self.selection.item(position).as_ref() == Some(row.upcast_ref()));
        if let Some(position) = position.filter(|&position| !self.selection.is_selected(position)) {
            self.selection.select_item(position, true);
        }
    }

    pub(super) fn shut_down(&self) {
        self.coming.borrow_mut().clear();
        self.popover.unparent();
    }
}

/// Moves the next rows into the table; whether more are coming.
fn take_slice(store: &gio::ListStore, coming: &RefCell<VecDeque<VolumeRow>>) -> bool {
    let rows: Vec<VolumeRow> = {
        let mut coming = coming.borrow_mut();
        let all = store.n_items() as usize >= REALIZED;
        let count = if all { coming.len() } else { SLICE.min(coming.len()) };
        coming.drain(..count).collect()
    };
    if !rows.is_empty() {
        store.extend_from_slice(&rows);
    }
    let more = !coming.borrow().is_empty();
    if !more {
        tracing::info!(target: TIMING, volumes = store.n_items(), "listed");
    }
    more
}
