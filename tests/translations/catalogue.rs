//! gettext's catalogues, as far as the tests look at them.

use std::collections::BTreeSet;

/// One text of a catalogue.
#[derive(Debug, Default)]
pub(crate) struct Entry {
    /// The files that use it.
    references: Vec<String>,
    context: Option<String>,
    /// The text.
    pub(crate) id: String,
    /// Its plural.
    pub(crate) plural: Option<String>,
    translations: Vec<String>,
}

impl Entry {
    /// What it is known by.
    pub(crate) fn key(&self) -> (Option<String>, String) {
        (self.context.clone(), self.id.clone())
    }

    /// Whether only Rust uses it.
    pub(crate) fn only_in_sources(&self) -> bool {
        !self.references.is_empty() && self.references.iter().all(|file| file.starts_with("src/"))
    }
}

/// Reads a catalogue; the heading and texts no longer used are left out.
pub(crate) fn parse(text: &str) -> Vec<Entry> {
    text.split("\n\n").map(entry).filter(|entry| !entry.id.is_empty()).collect()
}

fn entry(block: &str) -> Entry {
    let mut entry = Entry::default();
    let mut field = "";
    for line in block.lines() {
        if let Some(files) = line.strip_prefix("#: ") {
            entry.references.extend(files.split(' ').map(str::to_owned));
        }
        let continued = line.starts_with('"');
        let (name, value) =
            if continued { (field, line) } else { line.split_once(' ').unwrap_or((line, "")) };
        let Ok(value) = syn::parse_str::<syn::LitStr>(value) else { continue };
        field = name;
        let value = value.value();
        match name {
            "msgctxt" => entry.context.get_or_insert_default().push_str(&value),
            "msgid" => entry.id.push_str(&value),
            "msgid_plural" => entry.plural.get_or_insert_default().push_str(&value),
            _ if name.starts_with("msgstr") => {
                if !continued {
                    entry.translations.push(String::new());
                }
                entry.translations.last_mut().unwrap().push_str(&value);
            }
            _ => {}
        }
    }
    entry
}

/// Translations whose placeholders are not those of the text. The first of several plural forms
/// may do without the number (“one host”).
pub(crate) fn misfits(entry: &Entry) -> impl Iterator<Item = String> + use<'_> {
    let wanted = placeholders(entry.plural.as_ref().unwrap_or(&entry.id));
    entry.translations.iter().enumerate().filter_map(move |(form, translation)| {
        let mut has = placeholders(translation);
        if form == 0 && entry.plural.is_some() && wanted.contains("n") {
            has.insert("n");
        }
        let fits = translation.is_empty() || has == wanted;
        (!fits).then(|| format!("'{}' became '{translation}'", entry.id))
    })
}

fn placeholders(text: &str) -> BTreeSet<&str> {
    let after = text.split('{').skip(1);
    after.filter_map(|part| Some(part.split_once('}')?.0)).collect()
}
