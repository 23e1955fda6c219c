//! What is done every day besides moving guests, in a lab that the program itself starts and stops.

use std::path::{Path, PathBuf};

use crate::driver::{Desktop, Node, Program, Role};
use crate::program;
use crate::stage::{Window, place};

fn start<'a>(desktop: &'a Desktop, lab: &Path) -> Window<'a> {
    let arguments = ["--lab".as_ref(), "--lab-directory".as_ref(), lab.as_os_str()];
    let window = Window(Program::start(desktop, &program(), arguments));
    for row in ["lab-a", "lab-b", "calm", "busy", "big"] {
        window.wait(&format!("the row {row}"), || window.row(row));
    }
    window
}

/// Command lines of daemons and emulators of a lab.
fn processes(lab: &Path) -> Vec<String> {
    let lab = lab.to_str().unwrap();
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let lines = entries.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    let lines = lines.map(|line| String::from_utf8_lossy(&line).replace('\0', " "));
    let daemon = |line: &String| line.contains("libvirt") || line.contains("qemu-system");
    let own = program();
    let others = |line: &String| !line.starts_with(own.to_str().unwrap());
    lines.filter(|line| line.contains(lab) && daemon(line) && others(line)).collect()
}

#[test]
fn a_guest_is_paused_and_resumed_by_mouse_keyboard_and_bus() {
    let desktop = Desktop::start();
    let lab: PathBuf = place();
    let window = start(&desktop, &lab);
    window.wait_for(Role::TreeTable, "Hosts and Guests");
    window.wait_says("calm", "Running");

    window.menu_item("Migrate…", || window.select_row("calm"));
    let resume = window.wait_for(Role::MenuItem, "Resume");
    assert!(!resume.is_sensitive(), "a running guest cannot be resumed");
    window.click(Role::MenuItem, "Pause");
    window.wait_says("calm", "Paused");

    window.key("Menu");
    window.wait("the menu by the keyboard", || {
        window.find(Role::MenuItem, "Resume").filter(Node::is_sensitive)
    });
    window.key("Escape");
    window.wait_gone(Role::MenuItem, "Resume");
    window.action("win.guest.resume");
    window.wait_says("calm", "Running");

    let path = format!("{}/window/1", vireo::config::APP_PATH);
    let actions = window.bus_actions(&path);
    assert!(actions.iter().any(|action| action == "guest.migrate"), "{actions:?}");
    window.bus_action(&path, "guest.pause", None);
    window.wait_says("calm", "Paused");

    assert_eq!(processes(&lab).len(), 2 + 3, "two daemons and three guests");
    window.leave();
    let left = processes(&lab);
    assert!(left.is_empty() && !lab.exists(), "{left:?}");
}
