//! Holds the lines of the house: who may know whom, what lives where, how large things grow. Every
//! rule is shown to bite; then all of `src/` is read, and a broken line is told with file and line.
#![allow(clippy::unwrap_used, clippy::panic)] // a failure ends the test

#[path = "architecture/rules.rs"]
mod rules;
#[path = "architecture/source.rs"]
mod source;

use std::path::Path;

use source::Source;

#[test]
fn the_house_stands() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let sources = source::read_all(&root);
    assert!(sources.len() > 10, "no sources below {}", root.display());
    let broken: Vec<_> = sources.iter().flat_map(rules::broken_in).collect();
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

/// What is said against a file of this path and text.
fn against(path: &str, text: &str) -> String {
    rules::broken_in(&Source::parse(path, text)).join("\n")
}

#[test]
fn layers_know_only_those_below() {
    for (path, text) in [
        ("model/guest.rs", "use crate::backend::Backend;"),
        ("model/guest.rs", "use super::super::ui;"),
        ("migration/mod.rs", "fn f(a: crate::ui::App) {}"),
        ("xml/pool.rs", "use crate::{model::Guest, backend};"),
        ("backend/worker.rs", "mod a { use crate::ui::labels; }"),
        ("backend/worker.rs", "use crate::i18n::gettext;"),
        ("ui/manager/mod.rs", "use crate::lab::Lab;"),
        ("ui/manager/mod.rs", "fn f() { view! { gtk::Box { crate::lab::start() } } }"),
    ] {
        assert!(against(path, text).contains("must not know"), "{path}: {text}");
    }
    for (path, text) in [
        ("backend/worker.rs", "use crate::{migration, model::Guest, xml};"),
        ("ui/app/mod.rs", "use crate::{backend::Backend, i18n::gettext, settings};"),
        ("model/guest.rs", "use super::Bytes; mod tests { use super::super::*; }"),
        ("ui/app/mod.rs", "use crate::lab::Lab;"),
        ("lib.rs", "pub mod ui; fn f() { ui::app::run() }"),
    ] {
        assert_eq!(against(path, text), "", "{path}: {text}");
    }
}

#[test]
fn crates_stay_where_they_belong() {
    for (path, text) in [
        ("backend/worker.rs", "use virt::connect::Connect;"),
        ("ui/app/mod.rs", "fn f() { virt_sys::virInitialize(); }"),
        ("ui/app/mod.rs", "use roxmltree::Document;"),
        ("model/guest.rs", "use uuid::Uuid;"),
        ("model/guest.rs", "use std::time::Instant;"),
        ("migration/queue.rs", "fn f() { std::fs::read(p); }"),
        ("storage/server.rs", "use std::net::{Ipv6Addr, TcpStream};"),
        ("migration/queue.rs", "use relm4::gtk;"),
        ("backend/worker.rs", "use gtk::glib;"),
        ("lab/mod.rs", "use relm4::gtk::gio;"),
    ] {
        assert!(against(path, text).contains("has no place"), "{path}: {text}");
    }
    assert_eq!(against("backend/libvirt/guest.rs", "use virt::domain::Domain;"), "");
    assert_eq!(against("xml/tree.rs", "use roxmltree::Document;"), "");
    assert_eq!(against("storage/server.rs", "use std::net::Ipv6Addr;"), "");
    let tested = "#[cfg(test)]\nmod tests { use roxmltree::Document; use crate::model; }";
    assert_eq!(against("lab/guest.rs", tested), "");
}

#[test]
fn windows_do_not_know_each_other() {
    for (path, text) in [
        ("ui/manager/mod.rs", "use crate::ui::migrate::MigrateDialog;"),
        ("ui/manager/mod.rs", "use super::migrate::MigrateDialog;"),
        ("ui/widgets/sparkline.rs", "use crate::ui::manager::Row;"),
        ("ui/connect.rs", "use super::app::App;"),
    ] {
        assert!(against(path, text).contains("another window"), "{path}: {text}");
    }
    for (path, text) in [
        ("ui/app/mod.rs", "use crate::ui::{manager::ManagerWindow, migrate};"),
        ("ui/manager/mod.rs", "use crate::ui::{labels, widgets}; use super::labels::x;"),
        ("ui/manager/pages/list.rs", "use crate::ui::manager::logic; use super::super::menu;"),
    ] {
        assert_eq!(against(path, text), "", "{path}: {text}");
    }
}

#[test]
fn unsafe_has_its_two_places() {
    let text = "fn f() { unsafe { g() } }";
    assert!(against("backend/libvirt/guest.rs", text).contains("unsafe"));
    assert!(against("lab/mod.rs", "unsafe extern \"C\" { fn f(); }").contains("unsafe"));
    assert_eq!(against("backend/libvirt/ffi/stats.rs", text), "");
    assert_eq!(against("ui/widgets/accessible.rs", text), "");
    assert_eq!(against("ui/app/mod.rs", "// unsafe\nfn f() { \"unsafe\"; }"), "");
}

#[test]
fn things_stay_small() {
    let lines = |count: usize| "// line\n".repeat(count);
    assert!(against("lab/mod.rs", &(lines(400) + "fn f() {}")).contains("401 lines"));
    let tested = format!("{}#[cfg(test)]\nmod tests {{\n{}}}\n", lines(399), lines(300));
    assert_eq!(against("lab/mod.rs", &tested), "");
    let long = format!("fn f() {{\n{}}}", lines(59));
    assert!(against("lab/mod.rs", &long).contains("61 lines"), "{}", against("lab/mod.rs", &long));
    let variants: String = (0..13).map(|index| format!("V{index},")).collect();
    let input = format!("enum FooInput {{ {variants} }}");
    assert!(against("ui/foo.rs", &input).contains("13 variants"));
    assert_eq!(against("ui/foo.rs", &format!("enum Foo {{ {variants} }}")), "");
    let arm =
        "impl C for A { fn update(&mut self, m: M) { match m { M::A => {\n1;\n2;\n3;\n4;\n} } } }";
    assert!(against("ui/foo.rs", arm).contains("6 lines"), "{}", against("ui/foo.rs", arm));
}

#[test]
fn words_are_the_houses_own() {
    for (path, text) in [
        ("ui/utils.rs", ""),
        ("backend/helpers/mod.rs", ""),
        ("lab/mod.rs", "mod common;"),
        ("lab/mod.rs", "fn handle_click() {}"),
        ("lab/mod.rs", "impl A { fn process_event(&self) {} }"),
        ("lab/mod.rs", "fn do_it() {}"),
        ("model/guest.rs", "struct DomainState;"),
        ("ui/app/mod.rs", "fn f() { gettext(\"The domain is gone\"); }"),
    ] {
        assert!(against(path, text).contains("word"), "{path}: {text}");
    }
    assert_eq!(against("ui/connect.rs", "fn f() { url::Host::Domain(x); }"), "");
    assert_eq!(against("xml/guest_parse.rs", "struct DomainXml;"), "");
    assert_eq!(against("model/guest.rs", "/// libvirt's `virDomainState`.\nstruct State;"), "");
    assert!(against("lab/mod.rs", "fn f() { println!(\"x\"); }").contains("log"));
}
