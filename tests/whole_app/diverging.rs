//! A move of *busy* over a link that is too narrow for it: told beforehand, told while it runs, and
//! brought to its end by each way out.

use zbus::zvariant::Value;

use crate::driver::{Node, Role};
use crate::stage::{Stage, Window};

const AWAY: &str = "busy: lab-a → lab-b";
/// MiB/s: *busy* rewrites 48 MiB at 40 MiB/s.
const NARROW: f64 = 20.0;

/// Begins a move that will not finish, and waits until that is said.
fn get_stuck(window: &Window<'_>) {
    window.start_slow_move("busy", NARROW);
    window.wait_card(AWAY, &["At this rate it will not finish: busy rewrites", " would do."]);
    let value = window.wait("the bar", || window.bar("busy")?.value());
    assert!(value < 0.95, "{value}");
}

/// Presses the button that allows the pause which would do; its name tells the time.
fn allow(window: &Window<'_>) {
    let button = |node: &Node| {
        node.role() == Role::Button
            && node.name().starts_with("Allow a Pause of ")
            && node.is_shown()
    };
    window.press("the button", || window.application().walk_shown().find(button));
}

/// It arrived; back home for the next way out.
fn arrives_and_comes_home(window: &Window<'_>) {
    window.wait_card(AWAY, &["Arrived at lab-b", "busy runs on lab-b."]);
    window.show_page("Hosts and Guests");
    window.wait_says_on("lab-a", "busy", "Away on lab-b");
    window.select_row("busy");
    window.action("win.guest.bring-back");
    window.wait_says_on("lab-a", "busy", "Running");
    window.show_page("Migrations");
    window.wait_card("busy: lab-b → lab-a", &["Arrived at lab-a"]);
    window.click(Role::Button, "Clear Finished");
    window.wait_until("the cards to go", || window.card(AWAY).is_empty());
}

#[test]
fn it_is_foretold_and_each_lever_brings_it_to_its_end() {
    let stage = Stage::with(&["busy"]);
    let window = stage.open();
    let dialog = window.migrate_dialog("busy");
    let says = |text: &str| dialog.texts().iter().any(|said| said.contains(text));
    window.wait_said(&dialog, "busy rewrites ");
    // Half of what it rewrites, as a busy computer may leave it little time in the second that is watched.
    window.limit(&dialog, NARROW / 2.0);
    window.wait_until("the forecast", || {
        let told = says("needs a pause of ");
        let again = dialog.find(Role::Button, "Measure Again").filter(|_| !told);
        again.iter().for_each(|again| _ = again.try_click());
        told
    });
    for text in ["Forecast", "Offline", "Post-copy"] {
        window.wait_said(&dialog, text);
    }
    dialog.act("window.close");
    window.wait_closed("Migrate busy");

    get_stuck(&window);
    allow(&window);
    arrives_and_comes_home(&window);

    get_stuck(&window);
    window.click(Role::Button, "Finish Now (Pause Guest)");
    arrives_and_comes_home(&window);

    get_stuck(&window);
    window.click(Role::Button, "Lift the bandwidth limit of busy");
    arrives_and_comes_home(&window);
    stage.assert_lives("busy");
    window.leave();
}

#[test]
fn it_begins_anew_slowed_down_and_arrives() {
    let stage = Stage::with(&["busy"]);
    let window = stage.open();
    window.start_slow_move("busy", 26.0);
    window.wait_card(AWAY, &["At this rate it will not finish"]);
    window.click(Role::Button, "Start Again Slowed");
    window.wait_text("Cancelled");
    window.wait_text("Arrived at lab-b");
    window.wait_text("busy runs on lab-b.");
    assert!(stage.runs_on("busy", stage.destination()));
    stage.assert_lives("busy");
    window.leave();
}

/// Begins a move with a policy, whose preview says this.
fn start_with(window: &Window<'_>, policy: &str, mibps: f64, preview: &str) {
    let dialog = window.migrate_dialog("busy");
    window.limit(&dialog, mibps);
    window.open_advanced(&dialog);
    let actions = format!("{}/migrate", vireo::config::APP_PATH);
    window.bus_action(&actions, "policy", Some(Value::from(policy)));
    window.wait_said(&dialog, preview);
    window.start_move(&dialog);
}

#[test]
fn what_a_policy_gives_up_says_so_and_is_begun_anew_by_a_button() {
    let stage = Stage::with(&["busy"]);
    let window = stage.open();
    start_with(&window, "minimal-pause", NARROW, "in pass 11, gives up");
    let given_up = "Given up by the policy “Minimal pause”: no end was in sight";
    window.wait_card(AWAY, &[given_up, "busy runs on lab-a.", " of pause were allowed; "]);
    window.show_page("History");
    window.wait_text(given_up);
    window.show_page("Migrations");
    window.click(Role::Button, "Start Again Offline");
    window.wait_text("Arrived at lab-b");
    window.wait_text("busy runs on lab-b.");
    assert!(stage.runs_on("busy", stage.destination()));
    stage.assert_lives("busy");
    window.leave();
}

#[test]
fn a_policy_brings_it_to_its_end_while_nobody_looks() {
    let stage = Stage::with(&["busy"]);
    let window = stage.open();
    let preview = "allows more with each pass, from pass 9 on 5.0 s";
    start_with(&window, "pause-if-needed", 26.0, preview);
    window.show_page("Hosts and Guests");
    window.wait_says_on("lab-a", "busy", "Away on lab-b");
    assert!(stage.runs_on("busy", stage.destination()));
    stage.assert_lives("busy");
    window.leave();
}
