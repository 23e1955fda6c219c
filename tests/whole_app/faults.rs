//! Moves that fail: each says why, where the guest is, and what can be done.

use rustix::process::{Pid, Signal, kill_process};

use crate::driver::Role;
use crate::stage::Stage;

const CARD: &str = "big: lab-a → lab-b";

#[test]
fn a_destination_that_dies_leaves_the_guest_at_home() {
    let stage = Stage::with(&["big"]);
    let window = stage.open();
    window.start_slow_move("big", 2.0);
    stage.destination().kill_daemon().unwrap();
    let remedy = "Look whether both hosts and their libvirt daemons are up";
    window.wait_card(CARD, &["Failed: ", "big runs on lab-a.", remedy]);
    assert!(stage.runs_on("big", stage.source()));
    window.show_page("Hosts and Guests");
    window.wait_says("lab-b", "Connection lost");
    window.wait_says_on("lab-a", "big", "Running");
    stage.destination().restart_daemon().unwrap();
    window.wait_says("lab-b", "guests");
    window.show_page("Migrations");
    window.click(None, "Clear Finished");

    window.start_slow_move("big", 2.0);
    let emulator = stage.destination().qemu_pid("big").unwrap();
    kill_process(Pid::from_raw(emulator).unwrap(), Signal::KILL).unwrap();
    window.wait_card(CARD, &["Failed: ", "channel between the hosts", "big runs on lab-a."]);
    stage.assert_lives("big");
}

#[test]
fn a_name_that_is_taken_at_the_destination_blocks_the_move_until_it_is_free() {
    let stage = Stage::with(&["calm"]);
    let xml = stage.virsh(stage.source(), &["dumpxml", "--inactive", "calm"]);
    let (before, rest) = xml.split_once("<uuid>").unwrap();
    let (_, after) = rest.split_once("</uuid>").unwrap();
    let other = format!("{before}<uuid>00000000-0000-4000-8000-000000000001</uuid>{after}");
    let file = stage.lab.directory().join("taken.xml");
    std::fs::write(&file, other).unwrap();
    stage.virsh(stage.destination(), &["define", file.to_str().unwrap()]);
    let window = stage.open();
    window.wait_says("lab-b", "1 guest");
    let dialog = window.migrate_dialog("calm");
    let reason = "Blocked: Name free at the destination. Another guest has this name there.";
    let remedy = "Give it another name at the destination, under Advanced.";
    window.wait_said(&dialog, reason);
    window.wait_said(&dialog, remedy);
    let migrate = window.wait("Migrate", || dialog.find(Role::Button, "Migrate"));
    window.wait_until("a move that libvirt would refuse not to be offered", || {
        !migrate.is_sensitive()
    });
    stage.virsh(stage.destination(), &["undefine", "calm"]);
    window.wait_until("the name to be free", || migrate.is_sensitive());
    window.start_move(&dialog);
    window.wait_card("calm: lab-a → lab-b", &["Arrived at lab-b", "calm runs on lab-b."]);
    stage.assert_lives("calm");
}

#[test]
fn a_source_whose_emulator_dies_is_told() {
    let stage = Stage::with(&["big"]);
    let window = stage.open();
    window.start_slow_move("big", 2.0);
    let emulator = stage.source().qemu_pid("big").unwrap();
    kill_process(Pid::from_raw(emulator).unwrap(), Signal::KILL).unwrap();
    let cause = "The guest stopped meanwhile";
    window.wait_card(CARD, &[cause, "big is on lab-a, shut off.", "Start the guest again"]);
    window.show_page("Hosts and Guests");
    window.wait_says_on("lab-a", "big", "Shut off after a crash");
}
