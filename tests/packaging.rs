//! What belongs to the program besides its binary: valid, complete, and found by its own id.
#![allow(clippy::unwrap_used)] // a failure ends the test

use std::path::{Path, PathBuf};
use std::process::Command;

use vireo::config::{APP_ID, APP_PATH};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(relative: &str) -> String {
    std::fs::read_to_string(root().join(relative)).unwrap()
}

#[test]
fn the_desktops_tools_find_no_fault() {
    let output = Command::new(root().join("scripts/check-data")).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn everything_goes_by_the_applications_id() {
    for file in ["desktop.in", "metainfo.xml.in", "gschema.xml", "service.in"] {
        let text = read(&format!("data/{APP_ID}.{file}"));
        assert!(text.contains(APP_ID), "{file}");
    }
    assert!(read(&format!("data/{APP_ID}.gschema.xml")).contains(&format!("path=\"{APP_PATH}/\"")));
    assert!(read("resources/vireo.gresource.xml").contains(&format!("prefix=\"{APP_PATH}\"")));
    for icon in ["scalable/apps/{}.svg", "symbolic/apps/{}-symbolic.svg"] {
        let path = format!("data/icons/hicolor/{}", icon.replace("{}", APP_ID));
        assert!(roxmltree::Document::parse(&read(&path)).is_ok(), "{path}");
    }
}

#[test]
fn own_icons_go_into_the_binary() {
    let resources = read("resources/vireo.gresource.xml");
    for icon in own_icons() {
        assert!(resources.contains(&icon), "{icon} is not in resources/vireo.gresource.xml");
    }
}

#[test]
fn icons_named_in_sources_exist() {
    let mut known: Vec<String> = own_icons();
    known.extend(files(Path::new("/usr/share/icons/Adwaita")));
    for (file, name) in icon_names(&root().join("src")) {
        let exists = known.iter().any(|icon| icon.starts_with(&format!("{name}.")));
        assert!(
            exists,
            "{file}: no icon {name} here or in the stock of GNOME (package adwaita-icon-theme)"
        );
    }
}

fn own_icons() -> Vec<String> {
    files(&root().join("resources/icons"))
}

/// The names of all files below a folder.
fn files(folder: &Path) -> Vec<String> {
    paths(folder).iter().map(|path| path.file_name().unwrap().to_string_lossy().into()).collect()
}

fn paths(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(paths(&path)) } else { found.push(path) }
    }
    found
}

/// Literals that name a symbolic icon, with their files.
fn icon_names(folder: &Path) -> Vec<(String, String)> {
    let mut names = Vec::new();
    for path in paths(folder).iter().filter(|path| path.extension().is_some_and(|e| e == "rs")) {
        let text = std::fs::read_to_string(path).unwrap();
        let literals = text.split('"').filter(|part| part.ends_with("-symbolic"));
        let plain =
            literals.filter(|name| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'));
        names.extend(plain.map(|name| (path.display().to_string(), name.to_owned())));
    }
    names
}
