//! A list of facts: a title and a value a row.

use relm4::adw;
use relm4::adw::prelude::*;
use relm4::gtk;
use relm4::gtk::glib;

/// A row whose value is changed later with [`set`].
#[must_use]
pub fn row(group: &adw::PreferencesGroup, title: &str) -> gtk::Label {
    let row = adw::ActionRow::builder().title(glib::markup_escape_text(title).as_str()).build();
    let value = gtk::Label::builder()
        .selectable(true)
        .wrap(true)
        .wrap_mode(gtk::pango::WrapMode::WordChar)
        .natural_wrap_mode(gtk::NaturalWrapMode::None)
        .max_width_chars(38)
        .xalign(1.0)
        .css_classes(["dim-label", "figure"])
        .build();
    row.add_suffix(&value);
    group.add(&row);
    value
}

/// Shows a value, when it is another.
pub fn set(value: &gtk::Label, text: &str) {
    if value.label() != text {
        value.set_label(text);
    }
}
