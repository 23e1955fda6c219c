//! Guests are dragged from their row, wherever it is taken, to the row of a host or of one of its guests.

use std::cell::RefCell;
use std::rc::Rc;

use relm4::gtk;
use relm4::gtk::gdk;
use relm4::gtk::glib::prelude::*;
use relm4::gtk::prelude::*;

use crate::model::{GuestKey, HostId};
use crate::ui::widgets::context_menu::row_widget_at;

use super::menu::list_row;
use super::row::{Row, RowId};

/// Style class of the row that takes what is dragged over it.
const TAKES: &str = "takes-guest";

/// Lets guests be dragged in the table. `dropped` is told when the user drops one on another host.
pub(super) fn wire(view: &gtk::ColumnView, dropped: impl Fn(GuestKey, HostId) + 'static) {
    view.add_controller(source(view));
    view.add_controller(target(view, dropped));
}

fn source(view: &gtk::ColumnView) -> gtk::DragSource {
    let source = gtk::DragSource::builder().actions(gdk::DragAction::MOVE).build();
    let view = view.downgrade();
    source.connect_prepare(move |source, x, y| {
        let widget = row_widget_at(&view.upgrade()?, x, y)?;
        let row = row_of(&widget)?;
        let name = widget.first_child()?;
        source.set_icon(Some(&gtk::WidgetPaintable::new(Some(&name))), 0, 0);
        let guest = matches!(row.id(), Some(RowId::Guest(_)));
        guest.then(|| gdk::ContentProvider::for_value(&row.to_value()))
    });
    source
}

fn target(view: &gtk::ColumnView, dropped: impl Fn(GuestKey, HostId) + 'static) -> gtk::DropTarget {
    let target = gtk::DropTarget::new(Row::static_type(), gdk::DragAction::MOVE);
    target.set_preload(true);
    let marked: Rc<RefCell<Option<gtk::Widget>>> = Rc::default();
    let (table, mark) = (view.downgrade(), Rc::clone(&marked));
    target.connect_motion(move |target, x, y| {
        let widget = table.upgrade().and_then(|view| row_widget_at(&view, x, y));
        let guest = target.value();
        let taken = widget
            .filter(|widget| guest.as_ref().is_none_or(|guest| wish(guest, widget).is_some()));
        let action = if taken.is_some() { gdk::DragAction::MOVE } else { gdk::DragAction::empty() };
        show(&mark, taken);
        action
    });
    let mark = Rc::clone(&marked);
    target.connect_leave(move |_| show(&mark, None));
    let table = view.downgrade();
    target.connect_drop(move |_, guest, x, y| {
        show(&marked, None);
        let widget = table.upgrade().and_then(|view| row_widget_at(&view, x, y));
        let Some((guest, host)) = widget.and_then(|widget| wish(guest, &widget)) else {
            return false;
        };
        dropped(guest, host);
        true
    });
    target
}

fn row_of(widget: &gtk::Widget) -> Option<Row> {
    list_row(widget)?.item().and_downcast()
}

/// Which guest would go where; nothing where it is there already.
fn wish(dragged: &gtk::glib::Value, onto: &gtk::Widget) -> Option<(GuestKey, HostId)> {
    let Some(RowId::Guest(key)) = dragged.get::<Row>().ok()?.id() else { return None };
    let host = row_of(onto)?.host_id()?;
    (key.host != host).then_some((key, host))
}

fn show(marked: &RefCell<Option<gtk::Widget>>, now: Option<gtk::Widget>) {
    let before = marked.replace(now.clone());
    if before != now {
        if let Some(widget) = before {
            widget.remove_css_class(TAKES);
        }
        if let Some(widget) = now {
            widget.add_css_class(TAKES);
        }
    }
}
