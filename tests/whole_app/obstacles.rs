//! What stands in the way of a move, and what breaks under way: said in the window, with the remedy.

use vireo::lab::PracticeGuest;

use crate::cut_link::CutLink;
use crate::driver::{Node, Role};
use crate::stage::{Stage, Window};

const CARD: &str = "big: lab-a → lab-b";

fn says(dialog: &Node, part: &str) -> bool {
    dialog.texts().iter().any(|text| text.contains(part))
}

/// Writes into a field of the dialog, shown or not.
fn write(window: &Window<'_>, dialog: &Node, field: &str, text: &str) {
    let is = |node: &Node| node.name() == field && matches!(node.role(), Role::Text | Role::Entry);
    window.wait(field, || dialog.walk().find(is)).set_text(text);
}

#[test]
fn an_address_that_leads_nowhere_is_told_with_its_remedy() {
    let stage = Stage::with(&["big"]);
    let window = stage.open();
    let dialog = window.migrate_dialog("big");
    write(&window, &dialog, "Migration address", "tcp://no-such-host.invalid");
    window.wait_until("the address to be taken", || says(&dialog, "no-such-host.invalid"));
    window.start_move(&dialog);
    let remedy = "give a migration address by which the source reaches the destination";
    window.wait_card(CARD, &["Failed: ", "big runs on lab-a.", remedy]);
    stage.assert_lives("big");
}

#[test]
fn one_host_under_two_connections_is_no_destination_for_its_own_guests() {
    let stage = Stage::with(&["big"]);
    let socket = stage.lab.directory().join("a/run/libvirt/libvirt-sock");
    let other = stage.desktop.directory().join("same");
    std::os::unix::fs::symlink(&socket, &other).unwrap();
    let window = stage.open();
    window.action("win.add-connection");
    let connect = window.dialog("Add Connection");
    let way = |node: &Node| node.name() == "Hypervisor" && node.is_shown();
    window.left_click(&window.wait("the choice", || connect.walk().find(way)));
    window.key("End");
    window.key("Return");
    let uri = format!("qemu+unix:///session?socket={}", other.display());
    write(&window, &connect, "Custom URI", &uri);
    window.wait_until("the URI", || says(&connect, &uri));
    window.click(Role::Button, "Connect");
    window.wait_until("its guests", || {
        let big = |node: &Node| node.role() == Role::TableRow && node.name() == "big";
        window.application().walk().filter(big).count() == 2
    });
    let dialog = window.migrate_dialog("big");
    let reason = "This is the host the guest is on";
    let refused =
        |node: &Node| node.role() == Role::ListItem && !node.is_sensitive() && says(node, reason);
    window.wait("the same host, greyed", || dialog.walk().find(refused));
    let usable = window.wait("lab-b", || dialog.find(Role::ListItem, "lab-b"));
    window.wait_until("it to be usable", || usable.is_sensitive());
}

#[test]
fn a_link_that_is_cut_stalls_the_move_and_it_goes_on_when_mended() {
    let stage = Stage::with(&["big"]);
    let window = stage.open();
    let link = CutLink::new();
    let dialog = window.migrate_dialog("big");
    write(&window, &dialog, "Migration address", &link.migrate_uri());
    write(&window, &dialog, "Listen address", &link.listen_address());
    window.limit(&dialog, 4.0);
    window.start_move(&dialog);
    window.wait_moving("big");
    link.hold(true);
    window.wait_card(CARD, &["Nothing has moved for"]);
    assert!(stage.runs_on("big", stage.source()), "the guest goes on meanwhile");
    link.hold(false);
    window.wait_until("it to go on", || !window.card(CARD).contains("Nothing has moved for"));
    link.hold(true);
    window.wait_card(CARD, &["Nothing has moved for"]);
    window.click(Role::Button, "Cancel Migration of big");
    window.wait_card(CARD, &["Cancelled", "big runs on lab-a."]);
    stage.assert_lives("big");
}

#[test]
fn quitting_aborts_a_direct_move_and_says_so_before() {
    let stage = Stage::with(&["big"]);
    let mut window = stage.open();
    let dialog = window.migrate_dialog("big");
    window.limit(&dialog, 2.0);
    window.choose_direct(&dialog);
    window.start_move(&dialog);
    window.wait_moving("big");
    window.close_window("Vireo");
    let question = window.dialog("Quit while guests are on the move?");
    window.wait_said(&question, "is aborted. Its guest stays where it is.");
    let quit = |node: &Node| node.role() == Role::Button && node.name().starts_with("Quit");
    window.press("Quit", || question.walk().find(quit));
    assert!(window.0.wait_exit().success());
    drop(window);
    assert!(stage.runs_on("big", stage.source()));
    stage.assert_lives("big");
    let window = stage.open();
    window.wait_says_on("lab-a", "big", "Running");
}

/// The text of the destination XML, switched on.
fn destination_xml(window: &Window<'_>, dialog: &Node) -> Node {
    window.toggle(dialog, "Destination XML");
    let text = |node: &Node| node.name() == "Destination XML" && node.role() == Role::Text;
    window.wait("the XML", || dialog.walk().find(text).filter(|text| !text.text().is_empty()))
}

#[test]
fn what_the_destination_lacks_is_said_before_the_move() {
    let stage = Stage::with(&["big"]);
    let window = stage.open();
    let dialog = window.migrate_dialog("big");
    let xml = destination_xml(&window, &dialog);
    let original = xml.text();
    let migrate = window.wait("Migrate", || dialog.find(Role::Button, "Migrate"));
    let (before, rest) = original.split_once("<cpu").unwrap();
    let (cpu, after) = rest.split_once("</cpu>").unwrap();
    let feature = "<feature policy='require' name='avx512f'/>";
    // This guest takes a processor with less; whoever insists on it (`check='full'`) is refused.
    let lacking = "1 thing to be careful of.";
    let absent = "1 obstacle: libvirt would refuse this move.";
    for (edited, told, reason) in [
        (original.replace("big.raw", "absent.raw"), absent, "absent.raw"),
        (format!("{before}<cpu{cpu}{feature}</cpu>{after}"), lacking, "without avx512f"),
    ] {
        assert_ne!(edited, original);
        xml.set_text(&edited);
        window.wait_until(reason, || says(&dialog, told) && says(&dialog, reason));
        let free = told == lacking;
        window.wait_until("the button as it is told", || migrate.is_sensitive() == free);
    }
    xml.set_text(&original);
    window.wait_until("nothing in the way", || migrate.is_sensitive());
    window.click(Role::Button, "Cancel");

    let memory = std::fs::read_to_string("/proc/meminfo").unwrap();
    let total: u64 = memory.split_whitespace().nth(1).unwrap().parse().unwrap();
    let most = u32::try_from(total / 1024 - 256).unwrap();
    stage.start_guest(&PracticeGuest::new("huge", most));
    window.wait_says_on("lab-a", "huge", "Running");
    let dialog = window.migrate_dialog("huge");
    window.wait_until("too little memory", || {
        says(&dialog, "With care: ") && says(&dialog, "Free memory")
    });
    let migrate = window.wait("Migrate", || dialog.find(Role::Button, "Migrate"));
    window.wait_until("libvirt to be free to try", || migrate.is_sensitive());
}
