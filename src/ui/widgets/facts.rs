//! A list of facts: a title and a value a row.

use relm4::adw;
use relm4::adw::prelude::*;
use relm4::gtk;
use relm4::gtk::glib;

/// The width of a value in characters, from which on it wraps: room is left for the title.
const WIDEST: i32 = 38;

/// A row whose value is changed later with [`set`].
#[must_use]
pub fn row(group: &adw::PreferencesGroup, title: &str) -> gtk::Label {
    let row = adw::ActionRow::builder().title(glib::markup_escape_text(title).as_str()).build();
    let value = gtk::Label::builder()
        .selectable(true)
        .wrap(true)
        .wrap_mode(gtk::pango::WrapMode::WordChar)
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
        // A label that may wrap does so at every word; short values keep to one line, however wide their letters.
        let long = i32::try_from(text.chars().count()).is_ok_and(|length| length > WIDEST);
        let (width, wrap) = if long {
            (WIDEST, gtk::NaturalWrapMode::Inherit)
        } else {
            (-1, gtk::NaturalWrapMode::None)
        };
        value.set_width_chars(width);
        value.set_max_width_chars(width);
        value.set_natural_wrap_mode(wrap);
        value.set_label(text);
    }
}
