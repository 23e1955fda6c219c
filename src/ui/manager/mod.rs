//! The main window's first page: hosts, and their guests below.
#![allow(missing_docs)] // relm4's macro writes `ManagerPageWidgets` without any

mod columns;
mod drag;
mod menu;
mod messages;
mod name_column;
mod row;
mod tree;

pub use messages::{Figures, ManagerInput, ManagerOutput, RowUpdate};
pub use row::RowId;

use relm4::adw::prelude::*;

use relm4::{ComponentParts, ComponentSender, SimpleComponent, adw, gtk};

use crate::i18n::gettext;

use crate::ui::TIMING;
use crate::ui::widgets::{accessible, context_menu};

use columns::Columns;
use row::Row;
use tree::{Touched, Tree};

/// The page of hosts and guests.
pub struct ManagerPage {
    tree: Tree,
    table: gtk::ColumnView,
    place: adw::Bin,
    selection: gtk::MultiSelection,
    sorted: gtk::SortListModel,
    columns: Columns,
    popover: gtk::PopoverMenu,
    selected: Vec<RowId>,
}

#[relm4::component(pub)]
impl SimpleComponent for ManagerPage {
    type Init = ();
    type Input = ManagerInput;
    type Output = ManagerOutput;

    view! {
        gtk::Stack {
            #[watch(skip_init)]
            set_visible_child_name: if model.tree.is_empty() { "empty" } else { "table" },

            add_named: (&model.place, Some("table")),
            add_named[Some("empty")] = &adw::StatusPage {
                set_icon_name: Some("network-server-symbolic"),
                set_title: &gettext("No Hypervisor Yet"),
                set_description: Some(&gettext("Neither a system nor a session libvirt daemon answered on this computer. Connect to a host that runs KVM guests, or practise first: the practice lab starts two real hosts with small guests on this computer and leaves nothing behind.")),

                gtk::Box {
                    set_orientation: gtk::Orientation::Vertical,
                    set_spacing: 12,
                    set_halign: gtk::Align::Center,

                    gtk::Button {
                        set_label: &gettext("Open the Practice Lab"),
                        add_css_class: "suggested-action",
                        add_css_class: "pill",
                        connect_clicked[sender] => move |_| {
                            let _ = sender.output(ManagerOutput::OpenLab);
                        },
                    },
                    gtk::Button {
                        set_label: &gettext("Add Connection…"),
                        add_css_class: "pill",
                        connect_clicked[sender] => move |_| {
                            let _ = sender.output(ManagerOutput::AddConnection);
                        },
                    },
                },
            },
        }
    }

    fn init((): (), root: Self::Root, sender: ComponentSender<Self>) -> ComponentParts<Self> {
        let model = Self::build(&sender);
        model.wire(&sender);
        let widgets = view_output!();
        root.set_visible_child_name("empty");
        ComponentParts { model, widgets }
    }

    fn update(&mut self, message: ManagerInput, sender: ComponentSender<Self>) {
        match message {
            ManagerInput::Update(updates) => self.apply(updates, &sender),
            ManagerInput::Search(text) => self.tree.search(&text),
            ManagerInput::Group(grouped) => self.group(grouped),
            ManagerInput::Select(name) => self.select(&name),
            ManagerInput::SelectionChanged => self.selection_changed(&sender),
            ManagerInput::Activated(position) => self.activated(position, &sender),
            ManagerInput::MenuRequested(place) => self.open_menu(place, &sender),
            ManagerInput::Dropped(guest, host) => {
                let _ = sender.output(ManagerOutput::MigrateTo(guest, host));
            }
        }
    }

    fn shutdown(&mut self, _: &mut Self::Widgets, _: relm4::Sender<ManagerOutput>) {
        self.popover.unparent();
    }
}

impl ManagerPage {
    fn build(sender: &ComponentSender<Self>) -> Self {
        let tree = Tree::new();
        let table = gtk::ColumnView::builder().show_row_separators(false).build();
        table.add_css_class("data-table");
        accessible::set_name(&table, &gettext("Hosts and Guests"));
        let columns = columns::add_to(&table, &name_column::factory());
        let input = sender.input_sender().clone();
        drag::wire(&table, move |guest, host| input.emit(ManagerInput::Dropped(guest, host)));
        let sorted =
            gtk::SortListModel::new(gtk::gio::ListModel::NONE.cloned(), gtk::Sorter::NONE.cloned());
        let selection = gtk::MultiSelection::new(Some(sorted.clone()));
        let scrolled = gtk::ScrolledWindow::builder().vexpand(true).child(&table).build();
        let place = adw::Bin::builder().child(&scrolled).build();
        let popover = context_menu::popover(&place, &table);
        Self { tree, table, place, selection, sorted, columns, popover, selected: Vec::new() }
    }

    fn wire(&self, sender: &ComponentSender<Self>) {
        self.sorted.set_model(Some(&self.tree.grouped()));
        self.sorted.set_sorter(Some(&gtk::TreeListRowSorter::new(self.table.sorter())));
        self.table.sort_by_column(Some(&self.columns.name), gtk::SortType::Ascending);
        self.table.set_model(Some(&self.selection));
        let input = sender.input_sender().clone();
        self.selection.connect_selection_changed(move |_, _, _| {
            input.emit(ManagerInput::SelectionChanged);
        });
        let input = sender.input_sender().clone();
        self.table.connect_activate(move |_, position| {
            input.emit(ManagerInput::Activated(position));
        });
        let input = sender.input_sender().clone();
        context_menu::wire(&self.table, move |place| {
            input.emit(ManagerInput::MenuRequested(place));
        });
    }

    fn apply(&mut self, updates: Vec<RowUpdate>, sender: &ComponentSender<Self>) {
        let touched = self.tree.apply(updates);
        self.sort(touched);
        if touched.guests {
            tracing::info!(target: TIMING, guests = self.tree.guest_count(), "listed");
        }
        if touched.faces {
            tracing::info!(target: TIMING, "changed");
        }
        self.selection_changed(sender);
    }

    /// Tells the sorters once what may be in another order; a sorter that is not used ignores it.
    fn sort(&self, touched: Touched) {
        if touched.names {
            self.columns.by_name.changed(gtk::SorterChange::Different);
        }
        if touched.figures {
            for sorter in &self.columns.by_figures {
                sorter.changed(gtk::SorterChange::Different);
            }
        }
    }

    fn group(&self, grouped: bool) {
        let model = if grouped { self.tree.grouped() } else { self.tree.flat() };
        self.columns.host.set_visible(!grouped);
        self.sorted.set_model(Some(&model));
    }

    fn row(&self, position: u32) -> Option<Row> {
        let item = self.selection.item(position).and_downcast::<gtk::TreeListRow>()?;
        item.item().and_downcast()
    }

    fn position(&self, wanted: impl Fn(&gtk::TreeListRow) -> bool) -> Option<u32> {
        (0..self.selection.n_items()).find(|&position| {
            let item = self.selection.item(position).and_downcast::<gtk::TreeListRow>();
            item.is_some_and(|item| wanted(&item))
        })
    }

    fn select(&self, name: &str) {
        let position = self.position(|item| {
            let row = item.item().and_downcast::<Row>();
            row.is_some_and(|row| row.with_face(|face| &*face.name == name))
        });
        if let Some(position) = position {
            self.selection.select_item(position, true);
        }
    }

    fn selection_changed(&mut self, sender: &ComponentSender<Self>) {
        let bits = self.selection.selection();
        let chosen = (0..bits.size())
            .filter_map(|nth| self.row(bits.nth(u32::try_from(nth).unwrap_or(u32::MAX)))?.id());
        let selected: Vec<RowId> = chosen.collect();
        if selected != self.selected {
            self.selected.clone_from(&selected);
            let _ = sender.output(ManagerOutput::Selected(selected));
        }
    }

    fn activated(&self, position: u32, sender: &ComponentSender<Self>) {
        if let Some(id) = self.row(position).and_then(|row| row.id()) {
            let _ = sender.output(ManagerOutput::Open(id));
        }
    }

    fn open_menu(&mut self, place: Option<(f64, f64)>, sender: &ComponentSender<Self>) {
        let target = match place {
            Some((x, y)) => menu::row_at(&self.table, x, y),
            None => self.first_selected(),
        };
        let Some(item) = target else { return };
        let position = self.position(|other| *other == item);
        if let Some(position) = position.filter(|&position| !self.selection.is_selected(position)) {
            self.selection.select_item(position, true);
        }
        self.selection_changed(sender);
        let place = place.or_else(|| menu::place_of(&self.table, &item)).unwrap_or((24.0, 24.0));
        let row = item.item().and_downcast::<Row>();
        let model = match row.as_ref().and_then(Row::id) {
            Some(RowId::Guest(_)) => menu::guest_menu(row.is_some_and(|row| row.restores())),
            Some(RowId::Host(_)) => menu::host_menu(),
            None => return,
        };
        context_menu::open(&self.popover, &model, &self.table, place);
    }

    fn first_selected(&self) -> Option<gtk::TreeListRow> {
        let bits = self.selection.selection();
        let first = (bits.size() > 0).then(|| bits.nth(0))?;
        self.selection.item(first).and_downcast()
    }
}
