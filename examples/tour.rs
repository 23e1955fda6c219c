//! Walks the real program through its main way in the practice lab, and writes a picture of each
//! step to `docs/pictures/`: the pictures of the README. `make tour` runs it; names of parts (`moves`, `storage`,
//! `connections`) on the command line take these alone.
#![allow(clippy::unwrap_used, clippy::panic)] // what is not as it should be ends the tour
#![allow(dead_code, unreachable_pub)] // the tour uses a part of what tests need

#[path = "../tests/driver/mod.rs"]
mod driver;
#[path = "../tests/whole_app/stage.rs"]
mod stage;
#[path = "../tests/whole_app/storage_tab.rs"]
mod storage_tab;

use std::path::{Path, PathBuf};
use std::process::Command;

use driver::{Desktop, Node, Program, Role};
use stage::{Stage, Window};
use storage_tab::{NETWORK, Storage};

fn main() {
    build();
    std::fs::create_dir_all(pictures()).unwrap();
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let parts: [(&str, fn()); 4] = [
        ("moves", main_way),
        ("aftermath", after_moves),
        ("storage", storage),
        ("connections", connections),
    ];
    for (name, part) in parts {
        if wanted.is_empty() || wanted.iter().any(|word| word == name) {
            part();
        }
    }
}

/// The program, built as the tour itself was.
fn program() -> PathBuf {
    driver::built("vireo")
}

/// Cargo does not build the program for an example.
fn build() {
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--quiet", "--bin", "vireo"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    if program().parent().is_some_and(|profile| profile.ends_with("release")) {
        build.arg("--release");
    }
    assert!(build.status().unwrap().success(), "the program does not build");
}

fn pictures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures")
}

fn picture(program: &Program<'_>, name: &str) {
    program.still_screenshot(&pictures().join(format!("{name}.png")));
}

/// A desktop for pictures, with the font that GNOME has.
fn desktop() -> Desktop {
    let desktop = Desktop::for_pictures(1180, 900);
    let folder = desktop.directory().join("config/gtk-4.0");
    std::fs::create_dir_all(&folder).unwrap();
    let settings = "[Settings]\ngtk-font-name=Cantarell 11\ngtk-enable-animations=0\ngtk-xft-antialias=1\n\
                    gtk-xft-hinting=1\ngtk-xft-hintstyle=hintslight\n";
    std::fs::write(folder.join("settings.ini"), settings).unwrap();
    desktop
}

/// A lab with all of its guests.
fn stage() -> Stage {
    Stage::on(desktop, &["calm", "busy", "big"])
}

fn main_way() {
    let stage = stage();
    stage.remember("poll-interval=uint32 1\nwindow-width=960\nwindow-height=640\n");
    let window = stage.open();
    hosts(&window, "01-hosts");
    window.right_click(&window.select_row("busy"));
    window.wait_for(Role::MenuItem, "Migrate…");
    picture(&window, "02-context-menu");
    window.click(Role::MenuItem, "Migrate…");
    dialog(&window);
    one_move(&window);
    details(&window);
    destinations(&window);
    window.leave();
    stage.remember("poll-interval=uint32 1\nwindow-width=960\nwindow-height=860\n");
    let window = stage.open();
    without_an_end(&window);
    two_moves(&stage, &window);
    window.leave();
    styles(&stage);
}

/// A pool on two hosts, proved; a volume; a transfer.
fn storage() {
    let stage = stage();
    stage.remember("poll-interval=uint32 1\nwindow-width=960\nwindow-height=640\n");
    let window = stage.open();
    let tab = Storage::open(&window, "lab-a");
    let wizard = tab.wizard();
    window.rest_pointer();
    picture(&window, "19-pool-type");
    nfs_fields(&window, &tab, &wizard);
    wizard.act("window.close");
    window.wait("it to close", || window.window("Add a New Storage Pool").is_none().then_some(()));
    let wizard = tab.directory_wizard("images", &stage.lab.shared_directory().join("images"));
    tab.tick(&wizard, "lab-b");
    window.rest_pointer();
    picture(&window, "21-pool-hosts");
    tab.press("Create");
    tab.wait_text(&wizard, "images is set up and proved shared");
    window.rest_pointer();
    picture(&window, "22-pool-proved");
    tab.press("Done");
    tab.choose_pool("shared");
    tab.press("Prove It Is Shared");
    tab.wait_text(&tab.dialog("lab-a"), "lab-b: Proved shared");
    tab.volume("calm.raw");
    window.rest_pointer();
    picture(&window, "23-storage");
    tab.press("New Volume…");
    tab.dialog("New Volume");
    window.rest_pointer();
    picture(&window, "24-new-volume");
    tab.press("Cancel");
    window.wait("it to close", || window.window("New Volume").is_none().then_some(()));
    tab.volume_menu("calm.raw", "Download…");
    let question = tab.dialog("Copy calm.raw while it is written to?");
    tab.answer(&question, "Copy All the Same");
    tab.choose_file("Download calm.raw", "Download", &stage.desktop.directory().join("calm.raw"));
    window.show_page("Migrations");
    window.wait_card("Download of calm.raw", &["arrived the same"]);
    tab.dialog("lab-a").act("window.close");
    window.wait("it to close", || window.window("lab-a").is_none().then_some(()));
    window.rest_pointer();
    picture(&window, "25-transfer");
    window.leave();
}

/// The fields of an NFS pool, and what discovery says where nothing answers.
fn nfs_fields(window: &Window<'_>, tab: &Storage<'_, '_>, wizard: &Node) {
    tab.choose_kind(wizard, NETWORK);
    tab.press("Next");
    tab.wait_text(wizard, "Step 2 of 4");
    tab.fill(wizard, "Server", "127.0.0.1");
    tab.press("Discover");
    tab.wait_text(wizard, "told of nothing");
    window.rest_pointer();
    picture(window, "20-pool-fields");
}

/// Whether a row shows processor use.
fn has_figures(window: &Window<'_>, name: &str) -> bool {
    window.said(name).contains('%')
}

fn hosts(window: &Window<'_>, name: &str) {
    window.left_click(&window.select_row("busy"));
    let guests = ["calm", "busy", "big"];
    window.wait_until("figures", || guests.iter().all(|name| has_figures(window, name)));
    window.rest_pointer();
    picture(window, name);
}

/// Which guest could go where.
fn destinations(window: &Window<'_>) {
    window.show_page("Destinations");
    for guest in ["calm", "busy", "big"] {
        window.wait_for(Role::Button, &format!("{guest} on lab-b: Ready"));
    }
    window.rest_pointer();
    picture(window, "18-destinations");
    window.show_page("Hosts and Guests");
}

fn dialog(window: &Window<'_>) {
    let dialog = window.dialog("Migrate busy");
    window.wait("the destination", || dialog.find(Role::ListItem, "lab-b"));
    window.rest_pointer();
    picture(window, "03-migrate-dialog");
    window.open_advanced(&dialog);
    window.rest_pointer();
    picture(window, "07-advanced");
    window.limit(&dialog, 30.0);
    window.start_move(&dialog);
}

fn one_move(window: &Window<'_>) {
    window.wait_card("busy: lab-a → lab-b", &["sending again what the guest rewrote"]);
    window.rest_pointer();
    picture(window, "04-migrating");
    lever(window, "Allowed pause, ms", 4000.0, "Apply allowed pause to busy");
    window.wait_card("busy: lab-a → lab-b", &["Arrived at lab-b"]);
    window.rest_pointer();
    picture(window, "05-arrived");
    window.show_page("Hosts and Guests");
    window.wait_says_on("lab-a", "busy", "Away on lab-b");
    window.wait_until("figures", || {
        window.row_on("lab-b", "busy").is_some_and(|row| row.texts().join(" ").contains('%'))
    });
    window.left_click(&window.row_on("lab-a", "busy").unwrap());
    window.rest_pointer();
    picture(window, "06-away");
    window.action("win.guest.bring-back");
    window.wait_says_on("lab-a", "busy", "Running");
    window.show_page("Migrations");
    window.wait_card("busy: lab-b → lab-a", &["Arrived at lab-a"]);
    window.show_page("Hosts and Guests");
}

/// A move that is foretold not to finish, told so while it runs, and brought to its end.
fn without_an_end(window: &Window<'_>) {
    let dialog = window.migrate_dialog("busy");
    window.limit(&dialog, 12.0);
    let says = |text: &str| dialog.texts().iter().any(|said| said.contains(text));
    window.wait_until("the forecast", || says("needs a pause of "));
    let grounds = |node: &Node| node.is_shown() && node.name() == "Measure Again";
    window.wait("the section", || dialog.walk().find(grounds));
    window.scroll_to_end(&window.wait("lab-b", || dialog.find(Role::ListItem, "lab-b")));
    window.rest_pointer();
    picture(window, "29-forecast");
    window.start_move(&dialog);
    let card = "busy: lab-a → lab-b";
    window.wait_card(card, &["At this rate it will not finish", "Pass 4"]);
    window.rest_pointer();
    picture(window, "30-will-not-finish");
    let allow = |node: &Node| node.name().starts_with("Allow a Pause of ") && node.is_shown();
    window.wait("the button", || window.application().walk().find(allow)).click();
    window.wait_card(card, &["Arrived at lab-b"]);
    window.rest_pointer();
    picture(window, "31-rescued");
    window.show_page("Hosts and Guests");
    window.wait_says_on("lab-a", "busy", "Away on lab-b");
    window.left_click(&window.row_on("lab-a", "busy").unwrap());
    window.action("win.guest.bring-back");
    window.wait_says_on("lab-a", "busy", "Running");
    window.show_page("Migrations");
    window.wait_card("busy: lab-b → lab-a", &["Arrived at lab-a"]);
    window.click(Role::Button, "Clear Finished");
}

fn two_moves(stage: &Stage, window: &Window<'_>) {
    window.start_slow_move("big", 8.0);
    window.start_slow_move("busy", 10.0);
    // The message about the start is gone before the first pass is over.
    window.wait_card("busy: lab-a → lab-b", &["Pass 2"]);
    window.rest_pointer();
    picture(window, "08-two-moves");
    window.click(Role::Button, "Cancel Migration of busy");
    window.wait_card("busy: lab-a → lab-b", &["Cancelled"]);
    let emulator = stage.destination().qemu_pid("big").unwrap();
    let emulator = rustix::process::Pid::from_raw(emulator).unwrap();
    rustix::process::kill_process(emulator, rustix::process::Signal::KILL).unwrap();
    window.wait_card("big: lab-a → lab-b", &["Failed"]);
    window.rest_pointer();
    picture(window, "09-cancelled-and-failed");
}

/// What comes after moves, in a lab of its own.
fn after_moves() {
    let stage = stage();
    stage.remember("poll-interval=uint32 1\nwindow-width=960\nwindow-height=760\n");
    let window = stage.open();
    aftermath(&stage, &window);
    window.leave();
}

/// An explained failure with libvirt's words, a repair, and what the history says of all of it.
fn aftermath(stage: &Stage, window: &Window<'_>) {
    window.start_slow_move("big", 8.0);
    let emulator = stage.destination().qemu_pid("big").unwrap();
    let emulator = rustix::process::Pid::from_raw(emulator).unwrap();
    rustix::process::kill_process(emulator, rustix::process::Signal::KILL).unwrap();
    window.wait_card("big: lab-a → lab-b", &["Failed"]);
    window.left_click(&window.wait_for(Role::Button, "Details"));
    window.wait_text("operation failed");
    window.rest_pointer();
    picture(window, "32-explained");
    let xml = stage.virsh(stage.source(), &["dumpxml", "--inactive", "big"]);
    let file = stage.lab.directory().join("stale.xml");
    std::fs::write(&file, xml).unwrap();
    stage.virsh(stage.destination(), &["define", file.to_str().unwrap()]);
    window.click(None, "Clear Finished");
    window.start_slow_move("big", 1.0);
    window.click(Role::Button, "Cancel Migration of big");
    window.wait_for(Role::Button, "Undefine on lab-b");
    window.rest_pointer();
    picture(window, "26-repair");
    window.show_page("History");
    let past = window.wait("the past move", || {
        let list = window.find(Role::List, "Past Migrations")?;
        list.walk().find(|node| node.name() == "big: lab-a → lab-b" && node.is_shown())
    });
    window.rest_pointer();
    picture(window, "27-history");
    window.left_click(&past);
    window.wait_text("What It Took");
    window.rest_pointer();
    picture(window, "28-past-move");
}

fn lever(window: &Window<'_>, what: &str, value: f64, apply: &str) {
    window.wait_for(Role::SpinButton, what).set_value(value);
    window.click(Role::Button, apply);
}

/// The window of a row; a double click that came to nothing is made again.
fn open(window: &Window<'_>, row: &str) -> Node {
    window.wait(row, || {
        window.double_click(&window.select_row(row));
        window.soon(|| window.window(row).filter(Node::is_shown))
    })
}

fn details(window: &Window<'_>) {
    let guest = open(window, "calm");
    window.wait("its figures", || guest.texts().into_iter().find(|text| text.contains('%')));
    window.rest_pointer();
    picture(window, "10-guest");
    guest.act("window.close");
    window.wait("it to close", || window.window("calm").is_none().then_some(()));
    let host = open(window, "lab-b");
    window.wait("its facts", || host.texts().into_iter().find(|text| text.contains("QEMU")));
    window.rest_pointer();
    picture(window, "11-host");
    host.act("window.close");
    window.wait("it to close", || window.window("lab-b").is_none().then_some(()));
}

/// Dark, and in a narrow column.
fn styles(stage: &Stage) {
    let dark = [("ADW_DEBUG_COLOR_SCHEME", "prefer-dark")];
    let window = stage.open_with(&dark);
    hosts(&window, "12-dark");
    window.leave();
    stage.remember("poll-interval=uint32 1\nwindow-width=360\nwindow-height=640\n");
    let window = stage.open();
    hosts(&window, "13-narrow");
    window.leave();
}

fn connections() {
    let desktop = desktop();
    let none: [&str; 0] = [];
    let window = Window(Program::start(&desktop, &program(), none));
    window.rest_pointer();
    picture(&window, "14-first-start");
    window.action("win.add-connection");
    let dialog = window.dialog("Add Connection");
    let way = |node: &Node| node.name() == "Hypervisor" && node.is_shown();
    let row = window.wait("the choice", || dialog.walk().find(way));
    window.left_click(&row);
    window.key("End");
    window.key("Return");
    let uri = window.wait("the field", || {
        dialog.walk().find(|node| {
            node.name() == "Custom URI" && node.is_shown() && node.role() != Role::Label
        })
    });
    for (address, said, name) in [
        ("qemu+ssh://root@no-such-host.invalid/system", "not known", "15-test-failed"),
        ("test:///default", "It works: ", "16-test-works"),
    ] {
        uri.set_text(address);
        window.click(Role::Button, "Test");
        window.wait_text(said);
        window.rest_pointer();
        picture(&window, name);
    }
    dialog.act("window.close");
    window.action("win.preferences");
    window.wait("the preferences", || (window.titles().len() > 1).then_some(()));
    window.wait_text("Seconds between readings");
    picture(&window, "17-preferences");
}
