//! Settings against the schema in `data/`, kept in memory.
#![allow(clippy::unwrap_used)] // a failure ends the test

use std::process::Command;

use relm4::gtk::prelude::*;
use vireo::model::ConnectionSpec;
use vireo::settings::{Confirmation, Settings, WindowSize};

const ALONE: &str = "VIREO_TEST_ALONE";

/// GSettings reads its backend from the environment once a process, so each test runs again in a
/// process of its own, with an empty memory.
fn alone(test: &str, body: impl FnOnce(&Settings)) {
    if std::env::var_os(ALONE).is_some() {
        return body(&Settings::open().unwrap());
    }
    let output = again(test).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("1 passed"), "{said}");
}

fn again(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test]).env("GSETTINGS_BACKEND", "memory").env(ALONE, "1");
    command
}

fn spec(uri: &str, name: Option<&str>, autoconnect: bool) -> ConnectionSpec {
    ConnectionSpec { uri: uri.into(), name: name.map(Into::into), autoconnect }
}

#[test]
fn connections_come_back_in_order() {
    alone("connections_come_back_in_order", |settings| {
        assert_eq!(settings.connections(), []);
        let specs = [
            spec("qemu+ssh://root@b/system", Some("Büro ☃"), true),
            spec("qemu:///system", None, false),
        ];
        settings.set_connections(&specs).unwrap();
        assert_eq!(settings.connections(), specs);
    });
}

#[test]
fn a_password_is_never_kept() {
    alone("a_password_is_never_kept", |settings| {
        let typed = spec("qemu+tcp://ann:secret@a/system", None, false);
        settings.set_connections(&[typed]).unwrap();
        let kept = settings.as_gio().value("connections").print(false).to_string();
        assert_eq!(kept, "[('qemu+tcp://ann@a/system', '', false)]");
    });
}

#[test]
fn defaults_are_the_careful_ones() {
    alone("defaults_are_the_careful_ones", |settings| {
        let asked: Vec<_> =
            Confirmation::ALL.into_iter().filter(|&what| settings.confirms(what)).collect();
        assert_eq!(asked, [Confirmation::ForceOff, Confirmation::ForceReset]);
        assert_eq!(settings.poll_interval_s(), 3);
        let size = settings.window_size();
        assert!(size.width >= 360 && size.height >= 360 && !size.maximized, "{size:?}");
    });
}

#[test]
fn values_come_back_and_wrong_ones_are_refused() {
    alone("values_come_back_and_wrong_ones_are_refused", |settings| {
        let size = WindowSize { width: 1200, height: 700, maximized: true };
        settings.set_window_size(size).unwrap();
        assert_eq!(settings.window_size(), size);
        settings.set_poll_interval_s(1).unwrap();
        assert!(settings.set_poll_interval_s(0).is_err());
        assert_eq!(settings.poll_interval_s(), 1);
        settings.set_confirms(Confirmation::Save, true).unwrap();
        assert!(settings.confirms(Confirmation::Save));
    });
}

#[test]
fn every_key_of_the_schema_has_its_accessor() {
    alone("every_key_of_the_schema_has_its_accessor", |settings| {
        let schema = settings.as_gio().settings_schema().unwrap();
        let mut keys: Vec<String> = schema.list_keys().iter().map(ToString::to_string).collect();
        keys.sort_unstable();
        let mut known: Vec<&str> = Confirmation::ALL.iter().map(|what| what.key()).collect();
        known.extend(["connections", "poll-interval"]);
        known.extend(["window-width", "window-height", "window-maximized"]);
        known.sort_unstable();
        assert_eq!(keys, known);
    });
}

#[test]
fn a_missing_schema_is_an_error_not_an_abort() {
    if std::env::var_os(ALONE).is_some() {
        let error = Settings::open().unwrap_err().to_string();
        assert!(error.contains("schema"), "{error}");
        return;
    }
    let empty = tempfile::tempdir().unwrap();
    let output = again("a_missing_schema_is_an_error_not_an_abort")
        .env("GSETTINGS_SCHEMA_DIR", empty.path())
        .env("XDG_DATA_DIRS", empty.path())
        .env("XDG_DATA_HOME", empty.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
