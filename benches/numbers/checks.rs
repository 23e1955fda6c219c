//! From the wish to move a guest to what the checks found, in the window.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use vireo::lab::{Lab, LabConfig, PracticeGuest};

use super::figures::Series;
use super::report::{Report, Row};
use super::started::Stage;

const GUEST: &str = "moving";

/// Measures the dialog with one destination.
pub fn measure(stage: &Stage, report: &mut Report) {
    let place = PathBuf::from(format!("/tmp/vn-{}", std::process::id()));
    let guests = vec![PracticeGuest::new(GUEST, 128).rewriting(8, 4)];
    let lab = Lab::start(LabConfig { hosts: 2, guests, directory: Some(place) });
    let lab = lab.expect("practice hosts");
    let uris: Vec<String> = lab.hosts().iter().map(|host| host.uri.clone()).collect();
    let mut shown = Series::new();
    for _ in 0..super::repeats(10) {
        let program = stage.start(&uris);
        program.mapped();
        program.listed(1);
        stage.select(GUEST, "guest.migrate");
        // The other host is a destination when it is connected, and the figures of the start are read then.
        std::thread::sleep(Duration::from_secs(2));
        program.forget();
        let begin = Instant::now();
        stage.activate("guest.migrate", None);
        shown.push((program.checked() - begin).as_secs_f64());
    }
    let rows = [Row::new("first results of all checks in sight, s", shown).goal(0.3)];
    report.section("Checks before a move", HOW, &rows);
}

const HOW: &str = "From the action `guest.migrate` on the session bus until the Migrate dialog has drawn what \
    all checks found (a line of the program), between two practice hosts, peer to peer; the dialog's own \
    window included.";
