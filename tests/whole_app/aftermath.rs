//! What is left of moves: repaired by a button, remembered across lives of the program, looked up in
//! the history.

use rustix::process::Signal;

use crate::driver::{Node, Role};
use crate::stage::{Stage, Window};

const BIG: &str = "big: lab-a → lab-b";
const LIMIT: &str = "Bandwidth limit, MiB/s (0: none)";

/// A definition of the guest at the destination, as an earlier move may have left it.
fn leave_definition(stage: &Stage, guest: &str) {
    let xml = stage.virsh(stage.source(), &["dumpxml", "--inactive", guest]);
    let file = stage.lab.directory().join("stale.xml");
    std::fs::write(&file, xml).unwrap();
    stage.virsh(stage.destination(), &["define", file.to_str().unwrap()]);
}

/// The row of a move in *History*, when it tells this end.
fn history_row(window: &Window<'_>, title: &str, end: &str) -> Node {
    window.wait(&format!("{title}, {end}, in the history"), || {
        let list = window.find(Role::List, "Past Migrations")?;
        let row = list.walk().find(|node| node.name() == title && node.is_shown())?;
        row.description().contains(end).then_some(row)
    })
}

#[test]
fn a_stale_definition_is_undefined_by_its_button_and_the_history_tells() {
    let stage = Stage::with(&["big"]);
    leave_definition(&stage, "big");
    let window = stage.open();
    window.start_slow_move("big", 1.0);
    window.click(Role::Button, "Cancel Migration of big");
    let reason = "big is at home on lab-a, but lab-b has a definition of it, too";
    window.wait_card(BIG, &["Cancelled", "big runs on lab-a.", reason]);
    window.click(Role::Button, "Undefine on lab-b");
    window.agree("Undefine big on lab-b?", "Undefine on lab-b");
    window.wait_card(BIG, &["Repaired: undefined on lab-b."]);
    window.wait_gone(Role::Button, "Undefine on lab-b");
    assert!(!stage.virsh(stage.destination(), &["list", "--all", "--name"]).contains("big"));
    stage.assert_lives("big");
    window.leave();

    let window = stage.open();
    window.show_page("History");
    let search = window.wait_for(Role::Entry, "Search Past Migrations");
    history_row(&window, BIG, "Cancelled");
    search.set_text("no such guest");
    window.wait_text("Nothing Found");
    search.set_text("BIG");
    let row = history_row(&window, BIG, "Cancelled");
    window.left_click(&row);
    for text in
        ["Repaired: undefined on lab-b.", "big runs on lab-a.", "Bandwidth limit", "1.0\u{a0}MiB/s"]
    {
        window.wait_text(text);
    }
    window.wait_text("It was cancelled");
    window.click(Role::Button, "Where Is It Now?");
    window.wait_card(BIG, &["Cancelled", "big runs on lab-a."]);
    window.show_page("History");
    window.click(Role::Button, "Delete…");
    window.agree(&format!("Delete the journal of {BIG}?"), "Delete");
    window.wait_text("No Past Migrations");
    let moves = stage.desktop.directory().join("data/vireo/moves");
    assert_eq!(std::fs::read_dir(moves).unwrap().count(), 0);
}

#[test]
fn a_copy_that_waits_for_a_dead_move_is_removed_after_a_restart() {
    let stage = Stage::with(&["big"]);
    let window = stage.open();
    let dialog = window.migrate_dialog("big");
    window.choose_direct(&dialog);
    window.limit(&dialog, 2.0);
    window.start_move(&dialog);
    window.wait_moving("big");
    // The destination's daemon cannot take the last step, and when it can, whoever relays is frozen
    // and never tells the source.
    stage.destination().stop_daemon().unwrap();
    stage.virsh(stage.source(), &["migrate-setspeed", "big", "1000"]);
    let state = |host| stage.virsh(host, &["domstate", "--reason", "big"]);
    window.wait_until("the switch-over", || state(stage.source()) == "paused (migrating)");
    // The last question is on its way when the source has nothing more to send.
    let job = || stage.virsh(stage.source(), &["domjobinfo", "big"]);
    let nothing_left = |line: &str| line.starts_with("Memory remaining: 0.000 B");
    let plain = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    window.wait_until("the copy to be complete", || {
        job().lines().any(|line| nothing_left(&plain(line)))
    });
    window.wait_card(BIG, &["Switching over"]);
    let runs_there = || {
        let there = stage.virsh(stage.destination(), &["list", "--state-running", "--name"]);
        there.contains("big").then_some(())
    };
    // On a busy machine the question may not have been on its way yet: then the program has a little more time.
    window.wait("big to run on lab-b", || {
        window.freeze();
        stage.destination().continue_daemon().unwrap();
        window.soon(runs_there).or_else(|| {
            stage.destination().stop_daemon().unwrap();
            window.thaw();
            window.answers();
            None
        })
    });
    window.signal(Signal::KILL);
    drop(window);
    assert_eq!(state(stage.source()), "paused (migrating)");

    let window = stage.open();
    window.show_page("Migrations");
    let reason = "big goes on at lab-b. What waits on lab-a is a copy that nobody needs any more.";
    window.wait_card(BIG, &["It ended while Vireo was not there", "at once", reason]);
    window.click(Role::Button, "Remove the Copy on lab-a");
    window.agree("Remove the copy of big on lab-a?", "Remove the Copy on lab-a");
    window.wait_card(BIG, &["Repaired: the copy on lab-a was removed.", "big runs on lab-b."]);
    assert!(stage.runs_on("big", stage.destination()) && !stage.runs_on("big", stage.source()));
    stage.assert_lives("big");
}

/// The move still has the limit it began with, and arrives without.
fn lift_limit_and_arrive(stage: &Stage, window: &Window<'_>) {
    let limit = window.wait_for(Role::SpinButton, LIMIT);
    window.wait_until("the limit as it was", || limit.value() == Some(2.0));
    limit.set_value(0.0);
    window.click(Role::Button, "Apply bandwidth limit to big");
    window.wait_card(BIG, &["Arrived at lab-b", "big runs on lab-b."]);
    stage.assert_lives("big");
    window.show_page("History");
    history_row(window, BIG, "Arrived at lab-b");
}

#[test]
fn a_running_move_is_taken_up_after_a_crash_as_if_nothing_had_been() {
    let stage = Stage::with(&["big"]);
    let window = stage.open();
    window.start_slow_move("big", 2.0);
    let before = |window: &Window<'_>| window.bar("big").and_then(|bar| bar.value());
    window.wait_until("a part of the way", || before(&window).is_some_and(|value| value > 0.02));
    window.signal(Signal::KILL);
    drop(window);
    let window = stage.open();
    window.show_page("Migrations");
    // Its destination is known before it arrives, and so is its limit: from the journal.
    window.wait_card(BIG, &["First pass"]);
    window.wait_until("the bar to go on", || before(&window).is_some_and(|value| value > 0.02));
    lift_limit_and_arrive(&stage, &window);
}

#[test]
fn a_move_goes_on_in_its_card_when_only_our_own_link_to_the_source_was_lost() {
    let stage = Stage::with(&["big"]);
    let window = stage.open();
    window.start_slow_move("big", 2.0);
    window.wait_card(BIG, &["First pass"]);
    let told_again = |record: &str| {
        let journals = stage.desktop.directory().join("data/vireo/moves");
        let files = std::fs::read_dir(journals).unwrap().map(|entry| entry.unwrap().path());
        let texts: Vec<_> = files.map(|file| std::fs::read_to_string(file).unwrap()).collect();
        assert_eq!(texts.len(), 1, "one move, one journal");
        texts[0].contains(&format!("{{\"record\":\"{record}\""))
    };
    stage.cut_off(stage.source());
    // What is taken for its end is seen for a moment: it is connected again by itself.
    window.wait_until("an end that was none", || told_again("ended"));
    window.wait_until("it to go on", || told_again("resumed"));
    window.wait_card(BIG, &["First pass"]);
    lift_limit_and_arrive(&stage, &window);
    window.leave();
}

#[test]
fn a_move_that_ended_while_the_program_was_away_gets_its_end() {
    let stage = Stage::with(&["big"]);
    let window = stage.open();
    window.start_slow_move("big", 2.0);
    window.signal(Signal::KILL);
    drop(window);
    stage.virsh(stage.source(), &["migrate-setspeed", "big", "1000"]);
    stage.until("big to leave lab-a", || !stage.runs_on("big", stage.source()));
    let window = stage.open();
    window.show_page("Migrations");
    window.wait_card(BIG, &["Arrived at lab-b", "big runs on lab-b."]);
    window.leave();
    let window = stage.open();
    window.show_page("History");
    history_row(&window, BIG, "Arrived at lab-b");
    window.show_page("Migrations");
    window.wait_text("No Migrations");
    stage.assert_lives("big");
}
