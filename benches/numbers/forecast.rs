//! What was foretold of moves in the practice lab, and said while they ran, held against what came of them.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use vireo::migration::{Calibration, Ends, Foretold, PastMove};
use vireo::model::Bytes;

use crate::support::judged::{self, Judgement};
use crate::support::practice::Practice;
use crate::support::recorded::Recording;
use crate::support::recorder::{guests, record_all};

use super::plot::{self, Point};
use super::report::Report;

/// The section's title.
pub const TITLE: &str = "Forecast and verdict";

const PICTURE: &str = "docs/pictures/forecast.svg";

const HOW: &str = "Five practice guests of different sizes, each rewriting a part of its memory in a \
    loop at a rate of its own, moved between two practice hosts over a link that carries 40 MiB/s (a program between \
    the two, which keeps back 128 KiB), with seven limits one after the other. \
    Before each move the guest is watched for fifteen seconds, as by the dialog, and a forecast made from that and from the moves before it in this table; \
    while it runs the estimator is fed as in the program. A move that is said not to finish is left alone until six passes, \
    and twelve seconds at least, have brought it no nearer to its end; then the pause is allowed that it says would do. *Said* is \
    the pass in which it was said first, with the time; *long*, that it ends but takes long, as what is rewritten is nearly what is sent. *Time left* counts the readings in whose range \
    the truth lay. Guests run without KVM on cores they share with the programs that measure.";

/// A move with everything that was said of it.
struct Told {
    recording: Recording,
    known: Calibration,
    foretold: Option<Foretold>,
    judged: Judgement,
}

/// Makes the moves, the table, and the picture.
pub fn measure(report: &mut Report) {
    let mut practice = Practice::with(&guests());
    let mut past: Vec<PastMove> = Vec::new();
    let mut all = Vec::new();
    record_all(&mut practice, |recording| {
        let known = judged::known(&past, recording);
        let memory = Bytes(recording.case.memory_mib << 20);
        let told = Told {
            known,
            foretold: judged::foretell(known, recording).map(|(_, foretold)| foretold),
            judged: judged::judge(recording, known.expectation(memory, recording.before)),
            recording: recording.clone(),
        };
        super::say(&told.line());
        keep(recording);
        past.push(judged::past(recording));
        all.push(told);
    });
    for guest in guests() {
        practice.assert_lives(&guest.name);
    }
    draw(&all);
    report.text(TITLE, HOW, &format!("{}\n{}", table(&all), summary(&all)));
}

/// Keeps a move, so that other reckonings can be tried on it.
fn keep(recording: &Recording) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("moves");
    let path = folder.join(recording.case.file());
    let written =
        std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(path, recording.text()));
    written.expect("a place for recordings");
}

fn table(all: &[Told]) -> String {
    let mut text = String::from(
        "| guest | rewrites | limit | foretold | time | ratio | pause foretold | pause | ratio | ends? | said | time left |\n\
         |---|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for told in all {
        let _ = writeln!(text, "{}", told.line());
    }
    text
}

impl Told {
    fn stuck(&self) -> bool {
        self.judged.rescued.is_some()
    }

    /// How much longer it was than foretold, or shorter; `None` where it had no time of its own.
    fn time_ratio(&self) -> Option<f64> {
        let likely = self.foretold?.time.likely.as_secs_f64();
        (!self.stuck()).then(|| likely / self.recording.total.as_secs_f64())
    }

    fn pause_ratio(&self) -> Option<f64> {
        let likely = self.foretold?.pause.likely.as_secs_f64();
        let real = self.recording.downtime?.as_secs_f64();
        (!self.stuck()).then_some(likely / real)
    }

    /// Foretold without an earlier move of any guest over this link.
    fn is_first(&self) -> bool {
        self.known.link_moves == 0
    }

    fn line(&self) -> String {
        let case = &self.recording.case;
        let limit = case.bandwidth_mibps.map_or("none".to_owned(), |limit| format!("{limit}"));
        let limit = if case.live { limit } else { format!("{limit}, offline") };
        let (time, pause, ends) = match &self.foretold {
            None => ("–".to_owned(), "–".to_owned(), "–".to_owned()),
            Some(told) => (seconds(&told.time), seconds(&told.pause), ends(told.ends)),
        };
        let ratio =
            |ratio: Option<f64>| ratio.map_or("–".to_owned(), |ratio| format!("{ratio:.2}"));
        let when = |(at, pass): (Duration, u64)| format!("pass {pass}, {:.1} s", at.as_secs_f64());
        let (long, never) = (self.judged.long_said.map(when), self.judged.never_said.map(when));
        let said = match (long, never) {
            (None, None) => "–".to_owned(),
            (None, Some(never)) => never,
            (Some(long), None) => format!("long: {long}"),
            (Some(long), Some(never)) => format!("long: {long}; never: {never}"),
        };
        let total = self.recording.total.as_secs_f64();
        let total =
            if self.stuck() { format!("stuck ({total:.1})") } else { format!("{total:.1}") };
        let downtime = self.recording.downtime.unwrap_or_default().as_secs_f64();
        format!(
            "| {} | {} of {} MiB | {limit} | {time} | {total} | {} | {pause} | {downtime:.3} | {} | {ends} | {said} | {}/{} |",
            case.guest,
            case.rate_mibps,
            case.rewritten_mib,
            ratio(self.time_ratio()),
            ratio(self.pause_ratio()),
            self.judged.within,
            self.judged.told,
        )
    }
}

fn seconds(span: &vireo::migration::Span) -> String {
    let text = |time: Duration| {
        let seconds = time.as_secs_f64();
        if seconds < 1.0 { format!("{seconds:.3}") } else { format!("{seconds:.1}") }
    };
    format!("{} ({}..{})", text(span.likely), text(span.least), text(span.most))
}

fn ends(ends: Ends) -> String {
    match ends {
        Ends::Surely => "yes".to_owned(),
        Ends::Likely => "likely".to_owned(),
        Ends::Never(pause) => format!("no, {:.1} s", pause.as_secs_f64()),
    }
}

/// A line of the summary: how many of how many, and whether that is the goal.
fn share(text: &mut String, what: &str, good: usize, of: usize, goal: f64) {
    let met = if good as f64 >= goal * of as f64 { "met" } else { "**missed**" };
    let percent = 100.0 * good as f64 / of.max(1) as f64;
    let goal = goal * 100.0;
    let _ =
        writeln!(text, "| {what} | {good} of {of} ({percent:.0} %) | [≥ {goal:.0} %] | {met} |");
}

fn summary(all: &[Told]) -> String {
    let mut text = String::from("| | | goal | |\n|---|---|---|---|\n");
    let limited = |told: &&Told| told.recording.case.bandwidth_mibps.is_some();
    let within = |ratios: &[f64], least: f64, most: f64| {
        ratios.iter().filter(|ratio| (least..=most).contains(*ratio)).count()
    };
    let times: Vec<f64> = all.iter().filter(limited).filter_map(Told::time_ratio).collect();
    share(
        &mut text,
        "time foretold within ±25 %, limited",
        within(&times, 0.75, 1.25),
        times.len(),
        1.0,
    );
    // Of the first move of all the link is not known, which the forecast says.
    let told_link = |told: &&Told| !limited(told) && !told.is_first();
    let times: Vec<f64> = all.iter().filter(told_link).filter_map(Told::time_ratio).collect();
    share(
        &mut text,
        "time foretold within ±25 %, without a limit",
        within(&times, 0.75, 1.25),
        times.len(),
        1.0,
    );
    let known = |told: &&Told| !told.is_first() || !told.recording.case.live;
    let pauses: Vec<f64> = all.iter().filter(known).filter_map(Told::pause_ratio).collect();
    share(
        &mut text,
        "pause foretold within a factor of 2",
        within(&pauses, 0.5, 2.0),
        pauses.len(),
        1.0,
    );
    let ranges: Vec<bool> = all
        .iter()
        .filter(|told| !told.stuck())
        .filter_map(|told| {
            let time = told.foretold?.time;
            Some((time.least..=time.most).contains(&told.recording.total))
        })
        .collect();
    let held = ranges.iter().filter(|held| **held).count();
    share(&mut text, "time within the range that is shown", held, ranges.len(), 0.8);
    let stuck: Vec<&Told> = all.iter().filter(|told| told.stuck()).collect();
    let said = stuck.iter().filter(|told| told.judged.told_with_third).count();
    share(
        &mut text,
        "\"will not finish\", or \"takes long\", said by the first reading of the third pass",
        said,
        stuck.len(),
        1.0,
    );
    let ended: Vec<&Told> = all.iter().filter(|told| !told.stuck()).collect();
    let silent = ended.iter().filter(|told| told.judged.never_said.is_none()).count();
    share(&mut text, "\"will not finish\" never said of a move that did", silent, ended.len(), 1.0);
    let rescued = stuck.iter().filter(|told| told.recording.arrived).count();
    share(&mut text, "the pause that it said would do did", rescued, stuck.len(), 1.0);
    let within: usize = all.iter().map(|told| told.judged.within).sum();
    let told: usize = all.iter().map(|told| told.judged.told).sum();
    share(&mut text, "readings whose range of time left held the truth", within, told, 0.8);
    let _ = writeln!(text, "\n![Foretold against real, times and pauses]({PICTURE})");
    text
}

fn draw(all: &[Told]) {
    let points = |foretold: fn(&Foretold) -> vireo::migration::Span,
                  real: fn(&Recording) -> Duration| {
        let of = |told: &Told| {
            let span = foretold(&told.foretold?);
            let real = real(&told.recording).as_secs_f64();
            (!told.stuck() && real > 0.0).then_some(Point {
                real,
                least: span.least.as_secs_f64(),
                likely: span.likely.as_secs_f64(),
                most: span.most.as_secs_f64(),
                live: told.recording.case.live,
            })
        };
        all.iter().filter_map(of).collect::<Vec<_>>()
    };
    let times = points(|told| told.time, |recording| recording.total);
    let pauses = points(|told| told.pause, |recording| recording.downtime.unwrap_or_default());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PICTURE);
    plot::draw(&path, [("Time, s", 1.25, &times), ("Pause, s", 2.0, &pauses)]).expect("picture");
}
