//! The whole of a failure: what it means, what to do, and libvirt's own words to copy.

use relm4::adw::prelude::*;
use relm4::{adw, gtk};

use crate::i18n::gettext;
use crate::model::Failure;
use crate::ui::labels;

/// Opens the dialog over its parent.
pub fn present(parent: &impl IsA<gtk::Window>, title: &str, failure: &Failure) {
    let label = gettext("Message from libvirt");
    show(parent, title, &labels::failure::paragraph(failure), &label, &failure.message);
}

/// Opens it for something that is not libvirt's: what it means, and the raw text below.
pub fn show(parent: &impl IsA<gtk::Window>, title: &str, body: &str, label: &str, text: &str) {
    let dialog = adw::MessageDialog::new(Some(parent), Some(title), Some(body));
    let raw = gtk::Label::builder()
        .label(text)
        .wrap(true)
        .wrap_mode(gtk::pango::WrapMode::WordChar)
        .selectable(true)
        .xalign(0.0)
        .max_width_chars(60)
        .css_classes(["command"])
        .build();
    let expander = gtk::Expander::new(Some(label));
    expander.set_child(Some(&raw));
    dialog.set_extra_child(Some(&expander));
    dialog.add_response("copy", &gettext("Copy"));
    dialog.add_response("close", &gettext("Close"));
    dialog.set_default_response(Some("close"));
    dialog.set_close_response("close");
    let text = text.to_owned();
    dialog.connect_response(Some("copy"), move |dialog, _| dialog.clipboard().set_text(&text));
    dialog.present();
}
