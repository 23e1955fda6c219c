//! Storage from outside: a pool is set up on two hosts and proved shared, volumes are made, transferred and kept
//! from harm, and what goes wrong says what to do.

use std::path::PathBuf;

use crate::driver::Role;
use crate::stage::Stage;
use crate::storage_tab::{NETWORK, Storage};

fn place(stage: &Stage, name: &str) -> PathBuf {
    stage.lab.shared_directory().join(name)
}

#[test]
fn a_pool_on_two_hosts_is_proved_and_its_volumes_come_and_go() {
    let stage = Stage::with(&[]);
    let window = stage.open();
    let tab = Storage::open(&window, "lab-a");
    let images = place(&stage, "images");
    tab.add_shared_pool("images", &images);
    tab.press("Done");
    tab.choose_pool("images");
    window.wait_text("● lab-b: Proved shared");
    for host in stage.lab.hosts() {
        let said = stage.virsh(host, &["pool-info", "images"]);
        assert!(said.contains("running"), "{}: {said}", host.name);
    }
    let uuid = |host| stage.virsh(host, &["pool-uuid", "images"]);
    assert_eq!(uuid(stage.source()), uuid(stage.destination()));

    tab.press("New Volume…");
    let dialog = tab.dialog("New Volume");
    tab.fill(&dialog, "Name", "disk one.qcow2");
    tab.press("Create");
    tab.volume("disk one.qcow2");
    assert!(stage.virsh(stage.source(), &["vol-list", "images"]).contains("disk one.qcow2"));

    let file = stage.desktop.directory().join("up.img");
    let bytes: Vec<u8> = (0..3_000_000_u32).flat_map(u32::to_le_bytes).collect();
    std::fs::write(&file, &bytes).unwrap();
    window.action("storage.upload");
    tab.choose_file("Upload a File", "Choose", &file);
    let dialog = tab.dialog("Upload a Volume");
    tab.wait_text(&dialog, "11.4 MiB, raw");
    tab.press("Upload");
    tab.volume("up.img");
    window.show_page("Migrations");
    window.wait_card("Upload of up.img", &["11.4\u{a0}MiB went over, and arrived the same"]);
    assert_eq!(std::fs::read(images.join("up.img")).unwrap(), bytes);

    tab.volume_menu("up.img", "Download…");
    let down = stage.desktop.directory().join("down.img");
    tab.choose_file("Download up.img", "Download", &down);
    window.wait_card("Download of up.img", &["arrived the same"]);
    assert_eq!(std::fs::read(&down).unwrap(), bytes);

    tab.volume_menu("up.img", "Delete…");
    let question = tab.dialog("Delete 1 volume?");
    tab.answer(&question, "Delete");
    window.wait_until("it to go", || tab.find_volume("up.img").is_none());
    assert!(!images.join("up.img").exists());
    window.leave();
}

#[test]
fn what_guests_use_is_not_deleted() {
    let stage = Stage::with(&["calm"]);
    let window = stage.open();
    // The guests are at home on lab-a; lab-b sees the same directory.
    let tab = Storage::open(&window, "lab-b");
    let disk = stage.virsh(stage.source(), &["domblklist", "calm"]);
    let disk = disk.lines().find_map(|line| line.split_whitespace().nth(1)).unwrap().to_owned();
    let name = disk.rsplit('/').next().unwrap();
    tab.choose_pool("shared");
    tab.press("Prove It Is Shared");
    window.wait_text("● lab-a: Proved shared");
    tab.volume(name);
    window.wait_text("calm (lab-a)");
    tab.volume_menu(name, "Delete…");
    let refusal = tab.dialog("Guests use this storage");
    tab.wait_text(&refusal, &format!("{name}: calm (lab-a)"));
    tab.answer(&refusal, "Close");
    assert!(place(&stage, name).exists());
    window.leave();
}

#[test]
fn a_pool_that_fails_says_why_and_is_taken_back() {
    let stage = Stage::with(&[]);
    let window = stage.open();
    let tab = Storage::open(&window, "lab-a");
    let wizard = tab.directory_wizard("shared", &place(&stage, "other"));
    tab.wait_text(&wizard, "Has a pool named shared already");
    window.wait_until("nothing to be offered to create", || {
        wizard.find(Role::Button, "Create").is_some_and(|create| !create.is_sensitive())
    });
    tab.press("Back");
    tab.wait_text(&wizard, "Step 2 of 4");
    tab.press("Back");
    tab.wait_text(&wizard, "Step 1 of 4");
    tab.name_it(&wizard, "lost");
    tab.fill(&wizard, "Target path", "relative");
    tab.press("Next");
    tab.wait_text(&wizard, "“relative” must be a full path");
    tab.fill(&wizard, "Target path", place(&stage, "no/such").to_str().unwrap());
    let make = "Make the directory if it is missing";
    window.wait(make, || wizard.find(Role::CheckBox, make)).act("toggle");
    tab.press("Next");
    tab.wait_text(&wizard, "Step 3 of 4");
    tab.press("Create");
    tab.wait_text(&wizard, "lost could not be set up everywhere");
    tab.wait_text(&wizard, "✗ Start: ");
    tab.press("Undo");
    tab.wait_text(&wizard, "lost was taken back");
    assert!(!stage.virsh(stage.source(), &["pool-list", "--all"]).contains("lost"));
    window.leave();
}

#[test]
fn a_set_up_that_is_closed_over_is_stopped_and_told_in_the_hosts_window() {
    let stage = Stage::with(&[]);
    let window = stage.open();
    let tab = Storage::open(&window, "lab-a");
    let wizard = tab.set_up_and_hang("images", &place(&stage, "images"), &stage);
    // Soon: a daemon that says nothing for 20 s is taken for gone.
    tab.answer(&wizard, "Stop…");
    let question = tab.dialog("Stop setting up images?");
    tab.answer(&question, "Stop");
    tab.wait_text(&wizard, "Stopping…");
    tab.answer(&wizard, "Close");
    window.wait_closed("Add a New Storage Pool");
    stage.destination().continue_daemon().unwrap();
    window.wait_text("images was not set up everywhere. It stays: lab-a: Define");
    tab.pool("images");
    assert!(!stage.virsh(stage.destination(), &["pool-list", "--all"]).contains("images"));
    window.leave();
}

#[test]
fn a_server_without_nfs_is_told_with_what_to_do() {
    let stage = Stage::with(&[]);
    let window = stage.open();
    let tab = Storage::open(&window, "lab-a");
    let wizard = tab.wizard();
    tab.choose_kind(&wizard, NETWORK);
    tab.press("Next");
    tab.wait_text(&wizard, "Step 2 of 4");
    tab.fill(&wizard, "Server", "127.0.0.1");
    tab.press("Discover");
    tab.wait_text(&wizard, "127.0.0.1 told of nothing, or does not answer");
    tab.wait_text(&wizard, "type the path by hand");
    window.leave();
}

#[test]
fn the_way_to_a_pool_and_a_volume_by_keyboard_alone() {
    let stage = Stage::with(&[]);
    let window = stage.open();
    let keys = stage.virsh(stage.source(), &["pool-list", "--name"]);
    assert_eq!(keys.trim(), "shared");
    window.activate("Vireo");
    window.select_row("lab-a");
    window.key("ctrl+s");
    let tab = Storage::of(&window, "lab-a");
    window.activate("lab-a");
    window.key("ctrl+n");
    let wizard = tab.dialog("Add a New Storage Pool");
    window.wait("the types", || wizard.find(Role::List, "Type"));
    window.activate("Add a New Storage Pool");
    window.key("ctrl+a");
    window.type_text("typed");
    window.key("Return");
    tab.wait_text(&wizard, "Step 2 of 4");
    window.key("ctrl+a");
    window.type_text(place(&stage, "typed").to_str().unwrap());
    window.key("Return");
    tab.wait_text(&wizard, "Step 3 of 4");
    window.key("Return");
    tab.wait_text(&wizard, "typed is set up");
    window.key("Return");
    tab.pool("typed");
    assert!(stage.virsh(stage.source(), &["pool-list", "--name"]).contains("typed"));
    window.leave();
}

#[test]
fn quitting_says_what_becomes_of_storage_jobs_takes_back_what_they_made_and_does_not_hang() {
    let stage = Stage::with(&[]);
    let mut window = stage.open();
    let tab = Storage::open(&window, "lab-a");
    tab.choose_pool("shared");
    let file = stage.desktop.directory().join("up.img");
    std::fs::write(&file, vec![0x5a; 400 << 20]).unwrap();
    tab.press("New Volume…");
    tab.answer(&tab.dialog("New Volume"), "Cancel");
    window.action("storage.upload");
    tab.choose_file("Upload a File", "Choose", &file);
    let dialog = tab.dialog("Upload a Volume");
    tab.wait_text(&dialog, "400.0 MiB, raw");
    tab.press("Upload");
    stage.until("the volume", || place(&stage, "up.img").exists());
    stage.source().stop_daemon().unwrap();
    window.action("win.quit");
    let question = tab.dialog("Quit while storage is being worked on?");
    tab.wait_text(&question, "• Upload of up.img");
    stage.source().continue_daemon().unwrap();
    tab.answer(&question, "Quit");
    assert!(window.0.wait_exit().success());
    assert!(!place(&stage, "up.img").exists(), "what was half made stays");
    drop(window);

    let mut window = stage.open();
    let tab = Storage::open(&window, "lab-a");
    tab.set_up_and_hang("images", &place(&stage, "images"), &stage);
    window.action("win.quit");
    let question = tab.dialog("Quit while storage is being worked on?");
    tab.wait_text(&question, "• Setting up images");
    tab.answer(&question, "Quit");
    assert!(window.0.wait_exit().success());
    stage.destination().continue_daemon().unwrap();
    assert!(stage.virsh(stage.source(), &["pool-list", "--all"]).contains("images"));
}
