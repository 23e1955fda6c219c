//! Context menus over a table: by the right button and by the keyboard.

use relm4::gtk::prelude::*;
use relm4::gtk::{gdk, gio};
use relm4::{adw, gtk};

/// The widget of the row under a point, which shows one row now and another one later.
#[must_use]
pub fn row_widget_at(view: &gtk::ColumnView, x: f64, y: f64) -> Option<gtk::Widget> {
    let mut widget = view.pick(x, y, gtk::PickFlags::DEFAULT)?;
    while widget.css_name() != "row" {
        widget = widget.parent()?;
    }
    Some(widget)
}

/// A menu over the table. It hangs on a widget with a layout manager: only these give a popover that wants another
/// size, as one with a new menu does, another one; on the table itself it would be cut off.
#[must_use]
pub fn popover(place: &adw::Bin, view: &gtk::ColumnView) -> gtk::PopoverMenu {
    let popover = gtk::PopoverMenu::from_model(None::<&gio::MenuModel>);
    popover.set_parent(place);
    popover.set_has_arrow(false);
    popover.set_halign(gtk::Align::Start);
    // The keyboard goes back to where it came from.
    let view = view.downgrade();
    popover.connect_closed(move |_| {
        if let Some(view) = view.upgrade() {
            view.grab_focus();
        }
    });
    popover
}

/// Opens the menu at a point of the table.
pub fn open(
    popover: &gtk::PopoverMenu,
    menu: &gio::Menu,
    view: &gtk::ColumnView,
    (x, y): (f64, f64),
) {
    let place = popover.parent().and_then(|place| view.translate_coordinates(&place, x, y));
    let Some((x, y)) = place else { return };
    popover.set_menu_model(Some(menu));
    popover.set_pointing_to(Some(&gdk::Rectangle::new(x as i32, y as i32, 1, 1)));
    popover.popup();
}

/// Tells when a menu is asked for: with the place of the pointer, or without one by the keyboard.
pub fn wire(view: &gtk::ColumnView, requested: impl Fn(Option<(f64, f64)>) + Clone + 'static) {
    let click = gtk::GestureClick::builder()
        .button(gdk::BUTTON_SECONDARY)
        .propagation_phase(gtk::PropagationPhase::Capture)
        .build();
    let by_pointer = requested.clone();
    click.connect_pressed(move |gesture, _, x, y| {
        gesture.set_state(gtk::EventSequenceState::Claimed);
        by_pointer(Some((x, y)));
    });
    view.add_controller(click);
    let keys = gtk::ShortcutController::new();
    keys.add_shortcut(gtk::Shortcut::new(
        gtk::ShortcutTrigger::parse_string("Menu|<Shift>F10"),
        Some(gtk::CallbackAction::new(move |_, _| {
            requested(None);
            gtk::glib::Propagation::Stop
        })),
    ));
    view.add_controller(keys);
}
