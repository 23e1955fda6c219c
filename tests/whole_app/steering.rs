//! Moves that take a while: cancelled, hurried, several at once, and what becomes of them when the
//! program goes.

use rustix::process::Signal;
use vireo::lab::PracticeGuest;

use crate::driver::{Node, Role};
use crate::stage::{Stage, Window};

const BIG: &str = "big: lab-a → lab-b";
const LIMIT: &str = "Bandwidth limit, MiB/s (0: none)";

/// Sets a lever on the page *Migrations*, in every card, and applies it in one.
fn lever(window: &Window<'_>, what: &str, value: f64, apply: &str) {
    window.wait_for(Role::Button, apply);
    let levers = window.wait(what, || {
        let spins = window.application().walk_shown();
        let spins = spins.filter(|node| node.role() == Role::SpinButton && node.is_shown());
        let levers: Vec<Node> = spins.filter(|spin| spin.name() == what).collect();
        (!levers.is_empty()).then_some(levers)
    });
    levers.iter().for_each(|spin| spin.set_value(value));
    window.click(Role::Button, apply);
}

#[test]
fn a_slow_move_is_cancelled_and_a_second_one_hurried() {
    let stage = Stage::with(&["big"]);
    let window = stage.open();
    window.start_slow_move("big", 1.0);
    window.click(Role::Button, "Cancel Migration of big");
    window.wait_card(BIG, &["Cancelled", "big runs on lab-a."]);
    assert!(stage.runs_on("big", stage.source()));
    window.click(Role::Button, "Clear Finished");

    window.start_slow_move("big", 1.0);
    window.close_window("Vireo");
    let question = window.dialog("Quit while guests are on the move?");
    window.wait_said(&question, "goes on without Vireo");
    window.key("Escape");
    window.wait_closed("Quit while guests are on the move?");
    let value = window.wait("the bar", || window.bar("big")?.value());
    assert!(value < 0.5, "{value}");
    lever(&window, LIMIT, 0.0, "Apply bandwidth limit to big");
    window.wait_card(BIG, &["Arrived at lab-b", "big runs on lab-b."]);
    stage.assert_lives("big");
    window.leave();
}

#[test]
fn a_busy_guest_arrives_when_it_may_pause_longer_while_another_one_moves() {
    let stage = Stage::with(&["busy", "big"]);
    let window = stage.open();
    window.start_slow_move("busy", 20.0);
    window.start_slow_move("big", 1.0);
    window.wait_until("both bars", || window.bar("busy").is_some() && window.bar("big").is_some());
    window.wait_card("busy: lab-a → lab-b", &["sending again what the guest rewrote"]);
    window.show_page("Hosts and Guests");
    let bars = |window: &Window<'_>| {
        let rows = ["busy", "big"].into_iter().filter_map(|guest| window.row_on("lab-a", guest));
        let bar = |row: Node| row.walk().any(|node| node.role() == Role::ProgressBar);
        rows.filter(|row| bar(row.clone())).count()
    };
    window.wait_until("bars in both rows", || bars(&window) == 2);
    window.show_page("Migrations");
    lever(&window, "Allowed pause, ms", 4000.0, "Apply allowed pause to busy");
    window.wait_card("busy: lab-a → lab-b", &["Arrived at lab-b", "busy runs on lab-b."]);
    lever(&window, LIMIT, 0.0, "Apply bandwidth limit to big");
    window.wait_card(BIG, &["Arrived at lab-b", "big runs on lab-b."]);
    stage.assert_lives("busy");
    stage.assert_lives("big");
}

#[test]
fn a_third_move_waits_for_its_turn_unless_it_is_begun_by_hand() {
    const CALM: &str = "calm: lab-a → lab-b";
    const WAITS: &str = "Waits for its turn";
    let stage = Stage::with(&["busy", "big", "calm"]);
    let window = stage.open();
    window.start_slow_move("busy", 1.0);
    window.start_slow_move("big", 1.0);
    let ask = || {
        window.show_page("Hosts and Guests");
        let dialog = window.migrate_dialog("calm");
        window.start_move(&dialog);
        window.wait_card(CALM, &[WAITS]);
    };
    ask();
    assert!(stage.runs_on("calm", stage.source()), "it has not begun");
    window.click(Role::Button, "Cancel Migration of calm");
    window.wait_until("no card", || window.card(CALM).is_empty());
    ask();
    window.click(Role::Button, "Start Migration of calm Now");
    window.wait_card(CALM, &["Arrived at lab-b", "calm runs on lab-b."]);
    window.click(Role::Button, "Clear Finished");
    // The way home waits, too, and begins by itself when one of the others is over.
    window.show_page("Hosts and Guests");
    window.wait_says_on("lab-a", "calm", "Away on lab-b");
    let away = || window.wait("the row at home", || window.row_on("lab-a", "calm"));
    window.menu_item("Bring Back", away).click();
    window.show_page("Migrations");
    let home = "calm: lab-b → lab-a";
    window.wait_card(home, &[WAITS]);
    window.close_window("Vireo");
    let question = window.dialog("Quit while guests are on the move?");
    window.wait_said(&question, "1 migration waits for its turn and does not begin.");
    window.key("Escape");
    window.wait_closed("Quit while guests are on the move?");
    window.click(Role::Button, "Cancel Migration of big");
    window.wait_card(home, &["Arrived at lab-a", "calm runs on lab-a."]);
    stage.assert_lives("calm");
}

#[test]
fn a_move_outlives_the_program_and_is_found_again() {
    let stage = Stage::with(&["big"]);
    let window = stage.open();
    window.start_slow_move("big", 4.0);
    window.signal(Signal::KILL);
    drop(window);
    let window = stage.open();
    window.show_page("Migrations");
    window.wait_moving("big");
    assert!(stage.runs_on("big", stage.source()));
    lever(&window, LIMIT, 0.0, "Apply bandwidth limit to big");
    window.wait_text("big runs on lab-b.");
    window.show_page("Hosts and Guests");
    window.wait_says_on("lab-a", "big", "Away on lab-b");
    assert!(stage.runs_on("big", stage.destination()));
    stage.assert_lives("big");
}

#[test]
fn a_guest_that_switches_itself_off_on_the_way_is_at_home() {
    let stage = Stage::with(&[]);
    stage.start_guest(&PracticeGuest::new("mortal", 320).holding(256).off_at(30));
    let window = stage.open();
    window.start_slow_move("mortal", 2.0);
    let card = "mortal: lab-a → lab-b";
    window.wait_card(card, &["The guest stopped meanwhile", "mortal is on lab-a, shut off."]);
    assert!(!stage.runs_on("mortal", stage.destination()));
    window.show_page("Hosts and Guests");
    window.wait_says_on("lab-a", "mortal", "Shut off");
}
