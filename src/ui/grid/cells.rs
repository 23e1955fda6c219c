//! The cells of the grid: made for what is in sight, brought up to date in place.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use relm4::gtk::{self, glib, prelude::*};

use super::logic::{Cell, Grid};
use super::messages::{GridGuest, GridHost};
use crate::i18n::{gettext, gettext_f};
use crate::model::{HostId, Route};
use crate::ui::labels::{checks as labels, failure};
use crate::ui::widgets::{accessible, cells::tell_on_demand};

/// What the cells of all columns share.
#[derive(Clone)]
pub(super) struct Cells {
    /// What is known.
    pub(super) grid: Rc<RefCell<Grid>>,
    /// Their buttons, and which place each is.
    bound: Rc<RefCell<HashMap<Route, (gtk::Button, String)>>>,
    seen: Rc<dyn Fn(Route)>,
    pressed: Rc<dyn Fn(Route)>,
}

impl Cells {
    pub(super) fn new(seen: impl Fn(Route) + 'static, pressed: impl Fn(Route) + 'static) -> Self {
        Self {
            grid: Rc::default(),
            bound: Rc::default(),
            seen: Rc::new(seen),
            pressed: Rc::new(pressed),
        }
    }

    /// Those that are in sight.
    pub(super) fn in_sight(&self) -> Vec<Route> {
        self.bound.borrow().keys().copied().collect()
    }

    /// Brings a cell up to date, if it is in sight.
    pub(super) fn show(&self, place: Route) {
        if let Some((button, name)) = self.bound.borrow().get(&place) {
            show(button, name, &self.grid.borrow().cell(place));
        }
    }

    /// The column of a host.
    pub(super) fn column(&self, host: &GridHost) -> gtk::ColumnViewColumn {
        let factory = gtk::SignalListItemFactory::new();
        let (id, cells) = (host.id, self.clone());
        factory.connect_setup(move |_, item| {
            if let Some(item) = item.downcast_ref() {
                cells.set_up(item, id);
            }
        });
        let (id, name, cells) = (host.id, host.name.clone(), self.clone());
        factory.connect_bind(move |_, item| {
            if let Some((button, guest)) = parts(item) {
                cells.bind(&button, &guest, id, &name);
            }
        });
        let (id, cells) = (host.id, self.clone());
        factory.connect_unbind(move |_, item| {
            if let Some((_, guest)) = parts(item) {
                cells.unbind((guest.key, id));
            }
        });
        gtk::ColumnViewColumn::builder()
            .title(&host.name)
            .factory(&factory)
            .resizable(true)
            .fixed_width(150)
            .build()
    }

    /// A button that knows by its list item which guest it stands for.
    fn set_up(&self, item: &gtk::ListItem, host: HostId) {
        let button = gtk::Button::builder().css_classes(["flat", "grid-cell"]).build();
        let content = gtk::Box::new(gtk::Orientation::Horizontal, 6);
        content.append(&gtk::Image::new());
        content.append(&gtk::Label::new(None));
        button.set_child(Some(&content));
        let of = item.downgrade();
        let place = move || {
            let (_, guest) = parts(of.upgrade()?.upcast_ref())?;
            Some((guest.key, host))
        };
        let (pressed, pressed_at) = (Rc::clone(&self.pressed), place.clone());
        button.connect_clicked(move |_| {
            if let Some(place) = pressed_at() {
                pressed(place);
            }
        });
        let grid = Rc::clone(&self.grid);
        tell_on_demand(&button, move |_| Some(told(&grid.borrow().cell(place()?))));
        item.set_child(Some(&button));
    }

    fn bind(&self, button: &gtk::Button, guest: &GridGuest, host: HostId, name: &str) {
        let place = (guest.key, host);
        let name = gettext_f("{guest} on {host}", &[("guest", &guest.name), ("host", name)]);
        show(button, &name, &self.grid.borrow().cell(place));
        self.bound.borrow_mut().insert(place, (button.clone(), name));
        (self.seen)(place);
    }

    fn unbind(&self, place: Route) {
        self.bound.borrow_mut().remove(&place);
        self.grid.borrow_mut().unseen(place);
    }
}

fn parts(item: &glib::Object) -> Option<(gtk::Button, GridGuest)> {
    let item = item.downcast_ref::<gtk::ListItem>()?;
    let button = item.child().and_downcast::<gtk::Button>()?;
    let guest = item.item().and_downcast::<glib::BoxedAnyObject>()?;
    let guest = guest.borrow::<GridGuest>().clone();
    Some((button, guest))
}

fn show(button: &gtk::Button, name: &str, cell: &Cell) {
    let judged = |verdict| (labels::verdict_icon(verdict), labels::verdict_word(verdict));
    let ((icon, class), word) = match cell {
        Cell::Here => (("go-home-symbolic", "dim-label"), gettext("Here")),
        Cell::Away => (("network-offline-symbolic", "dim-label"), gettext("Not connected")),
        Cell::Unknown => judged(None),
        Cell::Judged(verdict) => judged(Some(verdict)),
        Cell::Failed(_) => (("dialog-question-symbolic", "warning"), gettext("Not known")),
    };
    let content = button.child();
    let image = content.as_ref().and_then(gtk::Widget::first_child);
    if let Some(image) = image.and_downcast::<gtk::Image>() {
        image.set_icon_name(Some(icon));
        image.set_css_classes(&[class]);
    }
    let label = content.as_ref().and_then(gtk::Widget::last_child);
    if let Some(label) = label.and_downcast::<gtk::Label>() {
        label.set_label(&word);
    }
    button.set_sensitive(!matches!(cell, Cell::Here | Cell::Away));
    accessible::set_name(button, &format!("{name}: {}", told(cell)));
}

/// All of it, in a sentence.
fn told(cell: &Cell) -> String {
    match cell {
        Cell::Here => gettext("It is here"),
        Cell::Away => gettext("Not connected"),
        Cell::Unknown => gettext("Both hosts are being asked…"),
        Cell::Judged(verdict) => labels::verdict(verdict),
        Cell::Failed(reason) => {
            gettext_f("Could not be checked: {reason}", &[("reason", &failure::headline(reason))])
        }
    }
}
