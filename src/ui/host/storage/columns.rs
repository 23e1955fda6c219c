//! The columns of the table of volumes.

use relm4::gtk;
use relm4::gtk::glib::prelude::*;
use relm4::gtk::prelude::*;

use crate::i18n::gettext;
use crate::ui::widgets::accessible;
use crate::ui::widgets::cells::{Bindings, inscription, sorter, tell_on_demand};

use super::volume_row::{CHANGED, Face, VolumeRow};

/// Longer texts may be cut, and are told whole.
const MAY_BE_CUT: usize = 12;

/// What a cell shows of a row.
type Text = fn(&Face) -> &str;

/// Puts all columns into the table, and says which one holds the names.
pub(super) fn add_to(view: &gtk::ColumnView) -> gtk::ColumnViewColumn {
    let name = column(&gettext("Name"), 24, |face| &face.name, true);
    name.set_expand(true);
    name.set_sorter(Some(&sorter(VolumeRow::compare_names)));
    view.append_column(&name);
    let capacity = column(&gettext("Capacity"), 9, |face| &face.capacity, false);
    capacity.set_sorter(Some(&sorter(|a: &VolumeRow, b: &VolumeRow| {
        let size = |row: &VolumeRow| row.number(|details| details.capacity.0);
        size(a).cmp(&size(b))
    })));
    view.append_column(&capacity);
    let allocation = column(&gettext("Allocation"), 9, |face| &face.allocation, false);
    allocation.set_sorter(Some(&sorter(|a: &VolumeRow, b: &VolumeRow| {
        let size = |row: &VolumeRow| row.number(|details| details.allocation.0);
        size(a).cmp(&size(b))
    })));
    view.append_column(&allocation);
    let texts: [(String, u32, Text); 3] = [
        (gettext("Format"), 7, |face| &face.format),
        (gettext("Used By"), 14, |face| &face.users),
        (gettext("Backing File"), 10, |face| &face.backing),
    ];
    for (title, width, text) in texts {
        let column = column(&title, width, text, false);
        column.set_sorter(Some(&sorter(move |a: &VolumeRow, b: &VolumeRow| {
            a.with_face(|a| b.with_face(|b| text(a).cmp(text(b))))
        })));
        view.append_column(&column);
    }
    name
}

fn column(title: &str, width: u32, text: Text, names_row: bool) -> gtk::ColumnViewColumn {
    let factory = gtk::SignalListItemFactory::new();
    factory.connect_setup(move |_, item| {
        if let Some(item) = item.downcast_ref::<gtk::ListItem>() {
            let cell = inscription(width);
            if names_row {
                cell.set_min_chars(18);
            }
            cell.add_css_class("numeric");
            cell.set_margin_top(4);
            cell.set_margin_bottom(4);
            tell_on_demand(&cell, |cell| {
                let text = cell.text().map(String::from);
                text.filter(|text| text.chars().count() > MAY_BE_CUT)
            });
            item.set_child(Some(&cell));
        }
    });
    let bindings = Bindings::default();
    let unbindings = bindings.clone();
    factory.connect_bind(move |_, item| {
        let Some(item) = item.downcast_ref::<gtk::ListItem>() else { return };
        let cell = item.child().and_downcast::<gtk::Inscription>();
        let row = item.item().and_downcast::<VolumeRow>();
        if let (Some(row), Some(cell)) = (row, cell) {
            bindings.follow(item, &row, CHANGED, move |row| {
                row.with_face(|face| show(&cell, face, text, names_row));
            });
        }
    });
    factory.connect_unbind(move |_, item| {
        if let Some(item) = item.downcast_ref() {
            unbindings.end(item);
        }
    });
    let column = gtk::ColumnViewColumn::new(Some(title), Some(factory));
    column.set_resizable(true);
    column
}

fn show(cell: &gtk::Inscription, face: &Face, text: Text, names_row: bool) {
    let shown = text(face);
    if cell.text().as_deref().unwrap_or_default() != shown {
        cell.set_text(Some(shown));
    }
    if names_row && let Some(row) = cell.parent().and_then(|cell| cell.parent()) {
        accessible::set_name(&row, &face.name);
        accessible::set_description(&row, &format!("{}, {}", face.capacity, face.format));
    }
}
