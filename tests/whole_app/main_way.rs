//! The main way: a guest goes to the other host, and comes home.

use crate::driver::{Node, Role};
use crate::stage::{Stage, Window};

const TITLE: &str = "busy: lab-a → lab-b";

#[test]
fn a_guest_is_moved_with_the_mouse_and_brought_back() {
    let stage = Stage::with(&["busy"]);
    let window = stage.open();
    window.menu_item("Migrate…", || window.select_row("busy")).click();
    let dialog = window.dialog("Migrate busy");
    let destination = window.wait("the destination", || {
        dialog.find(Role::List, "Destination")?.walk().find(|node| node.name() == "lab-b")
    });
    window.left_click(&destination);
    window.wait("until it is shut down", || ticked(&dialog, "Until it is shut down"));
    window.wait_until("a live move", || {
        dialog.find(Role::CheckBox, "Offline migration").is_some_and(|box_| !box_.is_checked())
    });
    window.start_move(&dialog);
    window.wait_card(TITLE, &["Arrived at lab-b", "busy runs on lab-b.", "Real downtime"]);
    window.wait_until("the bar to go, as the move is over", || window.bar("busy").is_none());

    window.show_page("Hosts and Guests");
    window.wait_says_on("lab-a", "busy", "Away on lab-b");
    window.wait_says_on("lab-b", "busy", "Running, at home on lab-a");
    let away = || window.wait("the row at home", || window.row_on("lab-a", "busy"));
    let back = window.menu_item("Bring Back", away);
    let run = window.wait_for(Role::MenuItem, "Run");
    assert!(!run.is_sensitive(), "a guest that is away cannot be started at home");
    assert!(!window.wait_for(Role::MenuItem, "Migrate…").is_sensitive());
    back.click();
    window.wait_says_on("lab-a", "busy", "Running");
    window.wait("the visitor to go", || window.row_on("lab-b", "busy").is_none().then_some(()));
    assert!(stage.runs_on("busy", stage.source()));
    stage.assert_lives("busy");
    window.leave();
    assert!(stage.runs_on("busy", stage.source()), "the lab is not the program's: it stays");
}

fn ticked(dialog: &Node, name: &str) -> Option<()> {
    dialog.find(Role::CheckBox, name).filter(Node::is_checked).map(|_| ())
}

#[test]
fn a_guest_goes_offline_and_for_good() {
    let stage = Stage::with(&["busy"]);
    let window = stage.open();
    let dialog = window.migrate_dialog("busy");
    for name in ["Offline migration", "Permanently"] {
        window.tick(&dialog, name);
    }
    window.wait("the command", || {
        let said = |text: &String| text.contains("virsh") && text.contains("--undefinesource");
        dialog.texts().into_iter().find(|text| said(text) && !text.contains("--live"))
    });
    window.start_move(&dialog);
    window.wait_card(TITLE, &["Arrived at lab-b", "busy runs on lab-b."]);
    window.show_page("Hosts and Guests");
    window.wait_says_on("lab-b", "busy", "Running");
    window.wait("it to be forgotten at home", || {
        window.row_on("lab-a", "busy").is_none().then_some(())
    });
    assert!(!stage.virsh(stage.source(), &["list", "--all", "--name"]).contains("busy"));
    stage.assert_lives("busy");
}

#[test]
fn the_same_over_the_session_bus() {
    let stage = Stage::with(&["calm"]);
    let window = stage.open();
    let main = format!("{}/window/1", vireo::config::APP_PATH);
    let dialog = format!("{}/migrate", vireo::config::APP_PATH);
    window.bus_action(&main, "select", Some("calm".into()));
    wait_enabled(&window, "guest.migrate");
    window.bus_action(&main, "guest.migrate", None);
    window.dialog("Migrate calm");
    let actions = window.bus_actions(&dialog);
    for action in ["destination", "offline", "permanent", "unsafe", "start", "cancel"] {
        assert!(actions.iter().any(|offered| offered == action), "{action}: {actions:?}");
    }
    window.bus_action(&dialog, "destination", Some("lab-b".into()));
    window.bus_action(&dialog, "offline", None);
    window.bus_action(&dialog, "start", None);
    window.wait_says_on("lab-a", "calm", "Away on lab-b");
    wait_enabled(&window, "guest.bring-back");
    window.bus_action(&main, "guest.bring-back", None);
    window.wait_says_on("lab-a", "calm", "Running");
    stage.assert_lives("calm");
    wait_enabled(&window, "guest.migrate");
    window.bus_action(&main, "guest.migrate", None);
    window.dialog("Migrate calm");
    window.bus_action(&dialog, "cancel", None);
    window.wait_closed("Migrate calm");
    assert!(stage.runs_on("calm", stage.source()));
}

fn wait_enabled(window: &Window<'_>, action: &str) {
    let name = format!("win.{action}");
    window.wait_until(&name, || {
        let windows = window.application().children();
        windows.iter().any(|window| window.actions().contains(&name))
    });
}

#[test]
fn a_guest_dropped_on_a_host_asks_for_that_host() {
    let stage = Stage::with(&["big"]);
    let window = stage.open();
    let to = window.wait("the row lab-b", || window.row("lab-b"));
    window.drag(&window.select_row("big"), &to);
    let dialog = window.dialog("Migrate big");
    let chosen = window.wait("a chosen destination", || {
        let rows = dialog.find(Role::List, "Destination")?;
        rows.children().into_iter().find(Node::is_selected)
    });
    assert_eq!(chosen.name(), "lab-b");
    window.start_move(&dialog);
    window.wait_card("big: lab-a → lab-b", &["Arrived at lab-b", "big runs on lab-b."]);
    stage.assert_lives("big");
}
