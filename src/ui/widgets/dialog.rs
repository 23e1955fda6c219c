//! What all dialogs do alike.

use relm4::adw::{self, prelude::*};
use relm4::gtk;

use crate::i18n::gettext;
use crate::ui::labels::Confirm;

/// Escape closes the window.
pub fn close_on_escape(window: &impl IsA<gtk::Window>) {
    let keys = gtk::ShortcutController::new();
    keys.add_shortcut(gtk::Shortcut::new(
        gtk::ShortcutTrigger::parse_string("Escape"),
        Some(gtk::NamedAction::new("window.close")),
    ));
    window.as_ref().add_controller(keys);
}

/// Asks, and calls back only when the user agrees.
pub fn confirm(parent: &impl IsA<gtk::Window>, text: &Confirm, agreed: impl Fn() + 'static) {
    confirm_or(parent, text, &gettext("Cancel"), agreed);
}

/// The same where “Cancel” could be taken for the wrong thing; `otherwise` is what the button says that changes nothing.
pub fn confirm_or(
    parent: &impl IsA<gtk::Window>,
    text: &Confirm,
    otherwise: &str,
    agreed: impl Fn() + 'static,
) {
    let dialog = adw::MessageDialog::new(Some(parent), Some(&text.heading), Some(&text.body));
    dialog.add_response("cancel", otherwise);
    dialog.add_response("agree", &text.action);
    dialog.set_response_appearance("agree", adw::ResponseAppearance::Destructive);
    dialog.set_default_response(Some("cancel"));
    dialog.set_close_response("cancel");
    dialog.connect_response(Some("agree"), move |_, _| agreed());
    dialog.present();
}
