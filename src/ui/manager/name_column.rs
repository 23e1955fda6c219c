//! The first column: expander, icon, name, state, and the bar of a guest on the move.

use relm4::gtk;
use relm4::gtk::glib::prelude::*;
use relm4::gtk::prelude::*;

use crate::ui::widgets::accessible;
use crate::ui::widgets::cells::{Bindings, inscription};

use super::columns::row_of;
use super::row::{FACE_CHANGED, Face};

/// The widgets of one cell, found again by their place.
struct Cell {
    expander: gtk::TreeExpander,
    icon: gtk::Image,
    name: gtk::Inscription,
    state: gtk::Inscription,
    bar: gtk::ProgressBar,
}

impl Cell {
    fn new() -> Self {
        let cell = Self {
            expander: gtk::TreeExpander::new(),
            icon: gtk::Image::new(),
            name: inscription(24),
            state: inscription(24),
            bar: gtk::ProgressBar::new(),
        };
        cell.name.add_css_class("row-name");
        cell.state.add_css_class("caption");
        cell.state.add_css_class("dim-label");
        cell.bar.add_css_class("row-progress");
        cell.bar.set_visible(false);
        let texts = gtk::Box::new(gtk::Orientation::Vertical, 1);
        texts.set_valign(gtk::Align::Center);
        texts.set_hexpand(true);
        texts.append(&cell.name);
        texts.append(&cell.state);
        texts.append(&cell.bar);
        let content = gtk::Box::new(gtk::Orientation::Horizontal, 8);
        content.append(&cell.icon);
        content.append(&texts);
        cell.expander.set_child(Some(&content));
        cell
    }

    fn of(item: &gtk::ListItem) -> Option<Self> {
        let expander = item.child().and_downcast::<gtk::TreeExpander>()?;
        let icon = expander.child()?.first_child().and_downcast::<gtk::Image>()?;
        let name = icon.next_sibling()?.first_child().and_downcast::<gtk::Inscription>()?;
        let state = name.next_sibling().and_downcast::<gtk::Inscription>()?;
        let bar = state.next_sibling().and_downcast::<gtk::ProgressBar>()?;
        Some(Self { expander, icon, name, state, bar })
    }

    fn show(&self, face: &Face) {
        self.name.set_text(Some(&face.name));
        self.state.set_text(Some(&face.state));
        self.icon.set_icon_name(Some(face.icon));
        self.icon.set_css_classes(&[face.style]);
        self.bar.set_visible(face.progress.is_some());
        self.bar.set_fraction(face.progress.unwrap_or_default());
        if let Some(row) = self.expander.parent().and_then(|cell| cell.parent()) {
            accessible::set_name(&row, &face.name);
            accessible::set_description(&row, &face.state);
        }
    }
}

/// Makes and shows the cells.
pub(super) fn factory() -> gtk::SignalListItemFactory {
    let factory = gtk::SignalListItemFactory::new();
    factory.connect_setup(|_, item| {
        if let Some(item) = item.downcast_ref::<gtk::ListItem>() {
            item.set_child(Some(&Cell::new().expander));
        }
    });
    let bindings = Bindings::default();
    let unbindings = bindings.clone();
    factory.connect_bind(move |_, item| {
        let Some(item) = item.downcast_ref::<gtk::ListItem>() else { return };
        if let (Some(row), Some(cell)) = (row_of(item), Cell::of(item)) {
            cell.expander.set_list_row(item.item().and_downcast_ref::<gtk::TreeListRow>());
            bindings.follow(item, &row, FACE_CHANGED, move |row| {
                row.with_face(|face| cell.show(face));
            });
        }
    });
    factory.connect_unbind(move |_, item| {
        let Some(item) = item.downcast_ref::<gtk::ListItem>() else { return };
        unbindings.end(item);
        if let Some(cell) = Cell::of(item) {
            cell.expander.set_list_row(None);
        }
    });
    factory
}
