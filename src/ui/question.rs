//! What libvirt wants to know before it opens a connection.

use relm4::adw::prelude::*;
use relm4::{adw, gtk};

use crate::backend::Answer;
use crate::i18n::gettext;
use crate::model::Question;

/// Asks for a user name, a password or whatever libvirt wants; closing gives up.
pub fn ask(
    parent: &impl IsA<gtk::Window>,
    host: &str,
    question: &Question,
    answered: impl Fn(Answer) + 'static,
) {
    let dialog = adw::MessageDialog::new(
        Some(parent),
        Some(&gettext("Authentication Required")),
        Some(host),
    );
    let group = adw::PreferencesGroup::new();
    let rows: Vec<adw::EntryRow> = question.fields.iter().map(entry).collect();
    for row in &rows {
        group.add(row);
    }
    dialog.set_extra_child(Some(&group));
    dialog.add_response("cancel", &gettext("Cancel"));
    dialog.add_response("answer", &gettext("Log In"));
    dialog.set_response_appearance("answer", adw::ResponseAppearance::Suggested);
    dialog.set_default_response(Some("answer"));
    dialog.set_close_response("cancel");
    dialog.connect_response(None, move |_, response| {
        let given = response == "answer";
        let texts = || rows.iter().map(|row| row.text().to_string()).collect();
        answered(Answer(given.then(texts)));
    });
    dialog.present();
}

fn entry(field: &crate::model::QuestionField) -> adw::EntryRow {
    let title = field.prompt.trim_end_matches([':', ' ']);
    let row: adw::EntryRow =
        if field.secret { adw::PasswordEntryRow::new().upcast() } else { adw::EntryRow::new() };
    row.set_title(&gtk::glib::markup_escape_text(title));
    row.set_activates_default(true);
    if let Some(default) = &field.default {
        row.set_text(default);
    }
    row
}
