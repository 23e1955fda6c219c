//! The finished program, driven from outside its process, on the practice lab.
#![allow(clippy::unwrap_used, clippy::panic)] // a failure ends the test

mod driver;

use std::path::Path;

use driver::{Desktop, Node, Program, Role};

fn start(desktop: &Desktop) -> Program<'_> {
    let lab = desktop.directory().join("lab");
    let arguments = ["--lab".as_ref(), "--lab-directory".as_ref(), lab.as_os_str()];
    let program = Program::start(desktop, Path::new(env!("CARGO_BIN_EXE_vireo")), arguments);
    for row in ["lab-a", "lab-b", "calm", "busy", "big"] {
        program.wait(&format!("the row {row}"), || program.row(row));
    }
    program
}

/// What a row says of its guest: state, figures.
fn said(program: &Program<'_>, row: &str) -> String {
    program.row(row).map(|row| row.texts().join(" · ")).unwrap_or_default()
}

/// Command lines of daemons and emulators that the program has started.
fn lab_processes(desktop: &Desktop) -> Vec<String> {
    let command = |pid: i32| std::fs::read_to_string(format!("/proc/{pid}/cmdline")).ok();
    let lab = |line: &String| line.contains("libvirt") || line.contains("qemu-system");
    let lines = desktop.processes().into_iter().filter_map(command);
    lines.map(|line| line.replace('\0', " ")).filter(lab).collect()
}

#[test]
fn a_guest_is_paused_and_resumed_by_mouse_keyboard_and_bus() {
    let desktop = Desktop::start();
    let mut program = start(&desktop);
    assert!(program.find(Role::TreeTable, "Hosts and Guests").is_some(), "{}", program.dump());
    program.wait_until("it runs", || said(&program, "calm").contains("Running"));

    program.right_click(&program.select_row("calm"));
    let item = program.wait_for(Role::MenuItem, "Migrate…");
    assert!(item.is_sensitive());
    let resume = program.wait_for(Role::MenuItem, "Resume");
    assert!(!resume.is_sensitive(), "a running guest cannot be resumed");
    program.click(Role::MenuItem, "Pause");
    program.wait_until("it is paused", || said(&program, "calm").contains("Paused"));

    program.key("Menu");
    program.wait("the menu by the keyboard", || {
        program.find(Role::MenuItem, "Resume").filter(Node::is_sensitive)
    });
    program.key("Escape");
    program.wait_gone(Role::MenuItem, "Resume");
    program.action("win.guest.resume");
    program.wait_until("it runs again", || said(&program, "calm").contains("Running"));

    let window = format!("{}/window/1", vireo::config::APP_PATH);
    let actions = program.bus_actions(&window);
    assert!(actions.iter().any(|action| action == "guest.migrate"), "{actions:?}");
    program.bus_action(&window, "guest.pause", None);
    program.wait_until("it is paused", || said(&program, "calm").contains("Paused"));

    assert_eq!(lab_processes(&desktop).len(), 2 + 3, "two daemons and three guests");
    program.close_window("Vireo");
    assert!(program.wait_exit().success(), "{}", program.log());
    let left = lab_processes(&desktop);
    assert!(left.is_empty(), "{left:?}");
}
