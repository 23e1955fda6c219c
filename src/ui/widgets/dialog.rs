//! What all dialogs do alike.

use relm4::gtk;
use relm4::gtk::prelude::*;

/// Escape closes the window.
pub fn close_on_escape(window: &impl IsA<gtk::Window>) {
    let keys = gtk::ShortcutController::new();
    keys.add_shortcut(gtk::Shortcut::new(
        gtk::ShortcutTrigger::parse_string("Escape"),
        Some(gtk::NamedAction::new("window.close")),
    ));
    window.as_ref().add_controller(keys);
}
