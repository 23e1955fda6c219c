//! Every text that is meant to be translated can be, and every translation fits its text.
#![allow(clippy::unwrap_used, clippy::panic)] // a failure ends the test

#[path = "translations/catalogue.rs"]
mod catalogue;
#[path = "translations/texts.rs"]
mod texts;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use catalogue::Entry;
use texts::Text;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(relative: &str) -> String {
    let path = root().join(relative);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn sources() -> Vec<(String, Vec<Text>)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
                if name != "src/i18n.rs" {
                    let texts = texts::texts(&std::fs::read_to_string(&path).unwrap());
                    found.push((name, texts));
                }
            }
        }
    }
    found
}

fn languages() -> Vec<String> {
    let listed = read("po/LINGUAS");
    let lines = listed.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(str::to_owned).collect()
}

#[test]
fn texts_are_plain_literals() {
    let mut wrong = Vec::new();
    for (file, texts) in sources() {
        for text in texts {
            if let Err(why) = &text.parts {
                wrong.push(format!("{file}:{}: {why}", text.line));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn what_is_no_plain_literal_is_noticed() {
    for wrong in [
        "gettext(label)",
        "gettext(&format!(\"x\"))",
        "gettext(r\"raw\")",
        "gettext(\"a\\u{2026}\")",
        "gettext(\"two\nlines\")",
        "gettext(\"con\\\n  tinued\")",
        "ngettext_f(\"one\", MANY, 2, &[])",
        "view! { set_label: &gettext(X) }",
        "gettext(\"\")",
    ] {
        let found = texts::texts(wrong);
        assert!(found.len() == 1 && found[0].parts.is_err(), "{wrong}: {found:?}");
    }
    let found =
        texts::texts("view! { set_label: &ngettext_f(\"{n} \\\"host\\\"\", \"b\", n, &[]) }");
    let parts = Ok(vec!["{n} \"host\"".to_owned(), "b".to_owned()]);
    assert_eq!(found, [Text { context: None, parts, line: 1 }]);
}

#[test]
fn files_with_texts_are_listed() {
    let listed = read("po/POTFILES.in");
    let listed: BTreeSet<_> = listed.lines().filter(|line| !line.starts_with('#')).collect();
    for (file, texts) in sources() {
        let (is, should) = (listed.contains(file.as_str()), !texts.is_empty());
        assert!(!should || is, "{file} is not in po/POTFILES.in: run scripts/pot");
    }
    let gone: Vec<_> = listed.iter().filter(|file| !root().join(file).exists()).collect();
    assert!(gone.is_empty(), "po/POTFILES.in lists {gone:?}, which are gone: run scripts/pot");
}

#[test]
fn the_template_is_up_to_date() {
    let template = catalogue::parse(&read("po/vireo.pot"));
    let known: BTreeSet<_> = template.iter().map(Entry::key).collect();
    let mut used = BTreeSet::new();
    for (file, texts) in sources() {
        for text in texts {
            let key = text.key();
            let line = text.line;
            assert!(
                known.contains(&key),
                "{file}:{line}: {key:?} is not in po/vireo.pot: run scripts/pot"
            );
            used.insert(key);
        }
    }
    let stale: Vec<_> = template
        .iter()
        .filter(|entry| entry.only_in_sources() && !used.contains(&entry.key()))
        .map(|entry| &entry.id)
        .collect();
    assert!(stale.is_empty(), "po/vireo.pot still has {stale:?}: run scripts/pot");
}

#[test]
fn texts_that_depend_on_a_count_show_it() {
    let without: Vec<_> = catalogue::parse(&read("po/vireo.pot"))
        .into_iter()
        .filter(|entry| entry.plural.as_ref().is_some_and(|plural| !plural.contains("{n}")))
        .map(|entry| entry.id)
        .collect();
    assert!(without.is_empty(), "the plural shows no {{n}}: {without:?}");
}

#[test]
fn translations_keep_the_placeholders() {
    let mut wrong = Vec::new();
    for language in languages() {
        for entry in catalogue::parse(&read(&format!("po/{language}.po"))) {
            wrong.extend(catalogue::misfits(&entry).map(|why| format!("{language}: {why}")));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_lost_placeholder_is_noticed() {
    let po = |text: &str| catalogue::parse(text).iter().flat_map(catalogue::misfits).count();
    assert_eq!(po("msgid \"{a} on {b}\"\nmsgstr \"{b}: {a}\"\n"), 0);
    assert_eq!(po("msgid \"{a} on {b}\"\nmsgstr \"{b}\"\n"), 1);
    assert_eq!(po("msgid \"\"\n\"{a}\"\nmsgstr \"\"\n\"{c}\"\n"), 1);
    assert_eq!(po("msgid \"{a}\"\nmsgstr \"\"\n"), 0, "not translated yet");
    let plural = "msgid \"{n} host\"\nmsgid_plural \"{n} hosts\"\n";
    assert_eq!(po(&format!("{plural}msgstr[0] \"ein Host\"\nmsgstr[1] \"{{n}} Hosts\"\n")), 0);
    assert_eq!(po(&format!("{plural}msgstr[0] \"ein Host\"\nmsgstr[1] \"Hosts\"\n")), 1);
}

#[test]
fn translations_compile() {
    let directory = tempfile::tempdir().unwrap();
    let mut files: Vec<PathBuf> =
        languages().iter().map(|language| root().join(format!("po/{language}.po"))).collect();
    files.push(root().join("po/vireo.pot"));
    for file in files {
        let output = Command::new("msgfmt")
            .args(["--check-format", "--check-domain", "-o"])
            .arg(directory.path().join("vireo.mo"))
            .arg(&file)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {said}", file.display());
    }
}
