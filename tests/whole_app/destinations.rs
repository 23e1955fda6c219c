//! The page *Destinations*: verdicts for the whole site, kept current; and an obstacle that is removed by
//! the button beside it.

use crate::driver::{Node, Role};
use crate::stage::{Stage, Window};

fn wait_cell(window: &Window<'_>, name: &str) -> Node {
    window.wait_for(Role::Button, name)
}

/// Another guest at the destination that has this guest's name.
fn take_name(stage: &Stage, guest: &str) {
    let xml = stage.virsh(stage.source(), &["dumpxml", "--inactive", guest]);
    let (before, rest) = xml.split_once("<uuid>").unwrap();
    let (_, after) = rest.split_once("</uuid>").unwrap();
    let other = format!("{before}<uuid>00000000-0000-4000-8000-000000000001</uuid>{after}");
    let file = stage.lab.directory().join("taken.xml");
    std::fs::write(&file, other).unwrap();
    stage.virsh(stage.destination(), &["define", file.to_str().unwrap()]);
}

#[test]
fn the_grid_shows_who_could_go_where_and_stays_current() {
    let stage = Stage::with(&["calm", "busy", "big"]);
    let window = stage.open();
    window.show_page("Destinations");
    for guest in ["calm", "busy", "big"] {
        wait_cell(&window, &format!("{guest} on lab-b: Ready"));
        let home = wait_cell(&window, &format!("{guest} on lab-a: It is here"));
        window.wait_until("it to be no choice", || !home.is_sensitive());
    }
    take_name(&stage, "calm");
    wait_cell(&window, "calm on lab-b: Blocked: Name free at the destination");
    window.click(None, "big on lab-b: Ready");
    let dialog = window.dialog("Migrate big");
    window.press("the button Migrate", || dialog.find(Role::Button, "Migrate"));
    wait_cell(&window, "big on lab-b: It is here");
    assert!(stage.runs_on("big", stage.destination()));
    stage.virsh(stage.destination(), &["undefine", "calm"]);
    wait_cell(&window, "calm on lab-b: Ready");
    stage.destination().kill_daemon().unwrap();
    wait_cell(&window, "busy on lab-b: Not connected");
}

#[test]
fn an_obstacle_is_removed_by_its_button_and_the_move_succeeds() {
    let stage = Stage::with(&["calm"]);
    let iso = stage.lab.shared_directory().join("tools.iso");
    std::fs::write(&iso, vec![0_u8; 1 << 20]).unwrap();
    let xml = stage.virsh(stage.source(), &["dumpxml", "--inactive", "calm"]);
    let drive = format!(
        "<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='{}'/>\
         <target dev='sda' bus='sata'/><readonly/></disk></devices>",
        iso.display()
    );
    let file = stage.lab.directory().join("drive.xml");
    std::fs::write(&file, xml.replace("</devices>", &drive)).unwrap();
    stage.virsh(stage.source(), &["destroy", "calm"]);
    stage.virsh(stage.source(), &["define", file.to_str().unwrap()]);
    stage.virsh(stage.source(), &["start", "calm"]);
    std::fs::remove_file(&iso).unwrap();
    let window = stage.open();
    window.wait_says_on("lab-a", "calm", "Running");
    let dialog = window.migrate_dialog("calm");
    window.wait_said(&dialog, "Blocked: Medium in the drive: sda.");
    let migrate = window.wait("Migrate", || dialog.find(Role::Button, "Migrate"));
    window.wait_until("a move that libvirt would refuse not to be offered", || {
        !migrate.is_sensitive()
    });
    // What cannot be told of its disk is tried.
    let prove = "Try with a small file whether the pools of both hosts are one storage";
    window.click(Role::Button, prove);
    window.wait_until("the proof", || dialog.find(Role::Button, prove).is_none());
    window.click(Role::Button, "Eject the medium in sda");
    window.wait_until("the way to be free", || migrate.is_sensitive());
    window.start_move(&dialog);
    window.wait_card("calm: lab-a → lab-b", &["Arrived at lab-b", "calm runs on lab-b."]);
    assert!(stage.runs_on("calm", stage.destination()));
}
