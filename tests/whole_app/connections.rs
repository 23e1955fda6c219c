//! The first start, and how hosts are added.

use std::path::Path;

use crate::driver::{Desktop, Node, Program, Role};
use crate::listening::{Listening, PASSWORD, USER};
use crate::program;
use crate::stage::{Window, place};

/// The program as it is started for the first time.
fn first_start<'a>(desktop: &'a Desktop, arguments: &[&str]) -> Window<'a> {
    Window(Program::start(desktop, &program(), arguments))
}

fn entry(dialog: &Node, name: &str) -> Option<Node> {
    let text = |node: &Node| matches!(node.role(), Role::Text | Role::Entry | Role::PasswordText);
    dialog.walk().find(|node| node.name() == name && text(node) && node.is_shown())
}

#[test]
fn a_connection_is_tested_before_it_is_added() {
    let desktop = Desktop::start();
    let window = first_start(&desktop, &[]);
    window.action("win.add-connection");
    let dialog = window.dialog("Add Connection");
    let way = |node: &Node| node.name() == "Hypervisor" && node.is_shown();
    let row = window.wait("the choice", || dialog.walk().find(way));
    window.left_click(&row);
    window.key("End");
    window.key("Return");
    let uri = window.wait("the field", || entry(&dialog, "Custom URI"));
    let absent = "qemu+unix:///session?socket=/tmp/absent";
    uri.set_text(absent);
    window.wait_until("the URI", || dialog.texts().iter().any(|text| text == absent));
    window.click(Role::Button, "Test");
    window.wait_text("Nothing answers there");
    window.wait_said(&dialog, "Failed to connect socket to '/tmp/absent'");

    uri.set_text("test:///default");
    window.click(Role::Button, "Test");
    window.wait_text("It works: ");
    window.click(Role::Button, "Connect");
    window.wait("the test driver's guest", || window.row("test"));
    window.leave();

    let window = first_start(&desktop, &[]);
    window.wait("the remembered host's guest", || window.row("test"));
}

#[test]
fn the_first_start_offers_the_practice_lab() {
    let desktop = Desktop::start();
    let lab = place();
    let window = first_start(&desktop, &["--lab-directory", lab.to_str().unwrap()]);
    let here = ["libvirt-sock", "virtqemud-sock"];
    if here.iter().any(|socket| Path::new("/run/libvirt").join(socket).exists()) {
        // This computer has a libvirt of its own: there is something to show already.
        window.action("win.start-lab");
    } else {
        window.wait_text("No Hypervisor Yet");
        window.click(Role::Button, "Open the Practice Lab");
    }
    window.wait("busy", || window.row("busy"));
    assert!(lab.exists());
    window.action("win.stop-lab");
    window.wait_gone(None, "busy");
    window.wait("the lab to stop", || (!lab.exists()).then_some(()));
    window.leave();
}

#[test]
fn a_password_is_asked_for_in_a_dialog() {
    let daemon = Listening::on_tcp();
    let desktop = Desktop::start();
    let uri = format!("qemu+tcp://127.0.0.1:{}/session", daemon.port);
    let window = first_start(&desktop, &["--connect", &uri]);
    let dialog = window.dialog("Authentication Required");
    let fields = |node: &Node| {
        matches!(node.role(), Role::Text | Role::Entry | Role::PasswordText) && node.is_shown()
    };
    let fields = window.wait("a name and a password to be asked for", || {
        let found: Vec<Node> = dialog.walk().filter(fields).collect();
        (found.len() == 2).then_some(found)
    });
    fields[0].set_text(USER);
    fields[1].set_text(PASSWORD);
    window.key("Return");
    window.wait_text("0 guests"); // in the row of the host, which has this computer's name
    assert!(!window.log().contains(PASSWORD));
}
