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
    fill(&gettext(text), values)
}

/// A translated text that depends on a count, with `{n}` and other placeholders filled in.
#[must_use]
pub fn ngettext_f(one: &str, many: &str, count: usize, values: &[(&str, &str)]) -> String {
    let number = u32::try_from(count).unwrap_or(u32::MAX);
    let digits = count.to_string();
    let values: Vec<(&str, &str)> = values.iter().copied().chain([("n", &*digits)]).collect();
    fill(&ngettext(one, many, number), &values)
}

/// One pass from left to right, so that a guest named `{host}` stays what it is.
fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let (before, placeholder) = rest.split_at(start);
        filled.push_str(before);
        let value = placeholder.find('}').and_then(|end| {
            let name = placeholder.get(1..end)?;
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((*value, end + 1))
        });
        let (shown, length) = value.unwrap_or(("{", 1));
        filled.push_str(shown);
        rest = &placeholder[length..];
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_once() {
        let values = [("guest", "{host}"), ("host", "b")];
        assert_eq!(fill("{guest} is on {host}", &values), "{host} is on b");
    }

    #[test]
    fn other_braces_stay() {
        assert_eq!(fill("{ {x} } {", &[("guest", "a")]), "{ {x} } {");
        assert_eq!(fill("“{guest}” ümläut", &[("guest", "é{")]), "“é{” ümläut");
    }
}
