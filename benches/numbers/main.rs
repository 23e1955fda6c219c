//! Measures the finished program beside raw libvirt, and writes BENCHMARKS.md: `make bench`.
//!
//! Names of sections on the command line (`start`, `steady`, `storage`, `daemon`, `moves`) measure these alone
//! and write nothing; `forecast` or `storage` alone renews its section; `VIREO_BENCH_QUICK=1` repeats each only a few times.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a failure ends the program
#![allow(unreachable_pub, missing_docs)]

#[path = "../../tests/driver/mod.rs"]
mod driver;
#[path = "../../tests/support/mod.rs"]
mod support;

mod checks;
mod daemon;
mod events;
mod figures;
mod forecast;
mod machine;
mod moves;
mod plot;
mod process;
mod proxy;
mod pulse;
mod raw;
mod report;
mod started;
mod startup;
mod steady;
mod storage;

use std::io::Write as _;
use std::time::Instant;

use report::Report;
use started::Stage;

fn main() {
    let begin = Instant::now();
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let wants = |section: &str| wanted.is_empty() || wanted.iter().any(|word| word == section);
    let mut report = Report::default();
    let stage = Stage::new();
    if wants("start") {
        startup::measure(&stage, &mut report);
    }
    if wants("steady") {
        steady::measure(&stage, &mut report);
    }
    if wants("storage") {
        storage::measure(&stage, &mut report);
    }
    if wants("daemon") {
        daemon::measure(&stage, &mut report);
    }
    if wants("checks") {
        checks::measure(&stage, &mut report);
    }
    drop(stage);
    if wants("moves") {
        moves::measure(&mut report);
    }
    if wants("forecast") {
        forecast::measure(&mut report);
    }
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    // What stands by itself beside the other figures is renewed by itself.
    let alone = [("forecast", forecast::TITLE), ("storage", storage::TITLE)];
    if let Some((_, title)) = alone.iter().find(|(name, _)| wanted == [*name]) {
        let file = folder.join("BENCHMARKS.md");
        let page = std::fs::read_to_string(&file).expect("BENCHMARKS.md");
        std::fs::write(file, report.renew(&page, title)).expect("BENCHMARKS.md");
    }
    if !wanted.is_empty() {
        return;
    }
    let notes = std::fs::read_to_string(folder.join("benches/notes.md")).expect("notes");
    let page = report.page(begin.elapsed().as_secs(), &notes);
    std::fs::write(folder.join("BENCHMARKS.md"), page).expect("BENCHMARKS.md");
}

/// How often to measure: so often, or a few times when in a hurry.
fn repeats(usual: usize) -> usize {
    if std::env::var_os("VIREO_BENCH_QUICK").is_some() { usual.min(2) } else { usual }
}

/// A line for whoever waits.
fn say(line: &str) {
    // Who does not read does not hold the measuring up.
    let _unread = writeln!(std::io::stderr(), "{line}");
}
