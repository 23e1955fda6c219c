//! What an open window costs: processor time, memory, and how long its main loop stalls.

use std::time::{Duration, Instant};

use super::figures::Series;
use super::process;
use super::pulse::Pulse;
use super::raw::Raw;
use super::report::{Report, Row};
use super::started::{Stage, Started, test_file};

/// The usual time between two readings.
const TICK: Duration = Duration::from_secs(3);

/// How much of it is left out: the first readings, and what start-up left to do.
const SETTLE: Duration = Duration::from_secs(5);

/// Measures small, large and very large.
pub fn measure(stage: &Stage, report: &mut Report) {
    let mut rows = Vec::new();
    for size in [
        Size { guests: 10, cpu: None, stall: None, memory: 120.0 },
        Size { guests: 1_000, cpu: Some(1.5), stall: Some(16.0), memory: 160.0 },
        Size { guests: 10_000, cpu: Some(3.0), stall: Some(33.0), memory: 350.0 },
    ] {
        rows.extend(size.measure(stage));
    }
    report.section("An open window, libvirt's test driver", HOW, &rows);
}

const HOW: &str = "Graphs on, a reading every 3 s, all guests running, the window on the screen. \
    Processor time in windows of 9 s, in percent of one core; raw is the processor time of one \
    reading (GetAllDomainStats and GetInfo of all), every 3 s. Stalls: the longest that the main \
    loop kept a question on the session bus waiting (asked every 5 ms, less the usual time of an \
    answer) in windows of 9 s, and during start; the processor time of the main thread meanwhile \
    leaves out what other programs on a busy machine took.";

/// How many guests, and what it may cost.
struct Size {
    guests: usize,
    cpu: Option<f64>,
    stall: Option<f64>,
    memory: f64,
}

impl Size {
    fn measure(&self, stage: &Stage) -> Vec<Row> {
        let uri = test_file(stage.desktop.directory(), &self.guests.to_string(), self.guests);
        let program = stage.start(std::slice::from_ref(&uri));
        let start = Pulse::of(stage.desktop.session(), program.pid());
        program.listed(self.guests);
        std::thread::sleep(SETTLE);
        let start = start.longest();
        let windows = if self.cpu.is_some() { super::repeats(3) } else { 1 };
        let cpu = cpu(&program, windows);
        let (mut wall, mut work) = (Series::new(), Series::new());
        for _ in 0..windows {
            let pulse = Pulse::of(stage.desktop.session(), program.pid());
            std::thread::sleep(TICK * 3);
            let stall = pulse.longest();
            wall.push(stall.wall_ms);
            work.push(stall.cpu_ms);
        }
        let (now, most) = process::memory(program.pid());
        drop(program);
        let name = |what: &str| format!("{} guests: {what}", self.guests);
        let one = |value: f64| Series::from_iter([value]);
        vec![
            goal(Row::new(name("processor, % of a core"), cpu).beside(raw(&uri)), self.cpu),
            goal(Row::new(name("longest stall, ms"), wall), self.stall),
            goal(Row::new(name("longest stall, its processor time, ms"), work), self.stall),
            Row::new(name("longest stall during start, ms"), one(start.wall_ms)),
            Row::new(name("the same, its processor time, ms"), one(start.cpu_ms)),
            Row::new(name("resident memory, MB"), one(now)).goal(self.memory),
            Row::new(name("most resident memory, MB"), one(most)),
        ]
    }
}

fn goal(row: Row, most: Option<f64>) -> Row {
    match most {
        Some(most) => row.goal(most),
        None => row,
    }
}

/// Percent of a core in each window.
fn cpu(program: &Started<'_>, windows: usize) -> Series {
    let window = || {
        let (begin, before) = (Instant::now(), program.cpu());
        std::thread::sleep(TICK * 3);
        let used = program.cpu().saturating_sub(before);
        used.as_secs_f64() / begin.elapsed().as_secs_f64() * 100.0
    };
    (0..windows).map(|_| window()).collect()
}

/// Percent of a core that reading alone would take.
fn raw(uri: &str) -> Series {
    let raw = Raw::open(uri);
    let share = |(_, cpu): (Duration, Duration)| cpu.as_secs_f64() / TICK.as_secs_f64() * 100.0;
    (0..super::repeats(10)).map(|_| share(raw.poll())).collect()
}
