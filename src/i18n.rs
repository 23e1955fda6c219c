//! The user's language.

use crate::config;

pub use gettextrs::{gettext, ngettext, pgettext};

/// Opens the catalogue. The locale itself is set by GTK when it starts.
pub fn init() {
    let opened = gettextrs::bindtextdomain(config::GETTEXT_DOMAIN, config::LOCALEDIR)
        .and_then(|_| gettextrs::bind_textdomain_codeset(config::GETTEXT_DOMAIN, "UTF-8"))
        .and_then(|_| gettextrs::textdomain(config::GETTEXT_DOMAIN));
    if let Err(error) = opened {
        tracing::warn!(%error, "no translations");
    }
}

/// A translated text with `{name}` placeholders filled in.
#[must_use]
pub fn gettext_f(text: &str, values: &[(&str, &str)]) -> String {
    fill(gettext(text), values)
}

/// A translated text that depends on a count, with `{n}` and other placeholders filled in.
#[must_use]
pub fn ngettext_f(one: &str, many: &str, count: usize, values: &[(&str, &str)]) -> String {
    let number = u32::try_from(count).unwrap_or(u32::MAX);
    let text = fill(ngettext(one, many, number), values);
    text.replace("{n}", &count.to_string())
}

fn fill(mut text: String, values: &[(&str, &str)]) -> String {
    for (name, value) in values {
        text = text.replace(&format!("{{{name}}}"), value);
    }
    text
}
