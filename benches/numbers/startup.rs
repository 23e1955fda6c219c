//! From exec to the window, and to all guests in it; on libvirt's test driver.

use super::figures::Series;
use super::raw::Raw;
use super::report::{Report, Row};
use super::started::{Stage, test_file};

/// What one size showed.
#[derive(Default)]
struct Size {
    mapped: Series,
    listed: Series,
    cpu: Series,
    raw: Series,
    raw_cpu: Series,
}

/// Measures all sizes.
pub fn measure(stage: &Stage, report: &mut Report) {
    let mut rows = Vec::new();
    for (guests, goal) in
        [(10, None), (100, None), (1_000, Some(0.5)), (5_000, None), (10_000, Some(3.0))]
    {
        let uri = test_file(stage.desktop.directory(), &guests.to_string(), guests);
        let size = size(stage, &[uri], guests);
        rows.extend(size.rows(&format!("{guests} guests"), goal));
    }
    let uris: Vec<String> = (0..20)
        .map(|number| test_file(stage.desktop.directory(), &format!("of-20-{number}"), 50))
        .collect();
    rows.extend(size(stage, &uris, 1_000).rows("20 connections × 50 guests", Some(0.6)));
    report.section("Start, libvirt's test driver", HOW, &rows);
}

const HOW: &str = "Seconds from exec until the window manager has mapped the window (its list of \
    windows, watched with `xprop -spy`), and until all guests are in the tree (a line of the \
    program, `VIREO_LOG=vireo::timing=info`). Raw: open, GetAllDomainStats, GetInfo of all (the \
    test driver gives no sizes in bulk) and three filtered lists, on one thread, one connection \
    after the other. The test driver lives in the program, so that reading its file (most of the \
    time from 1,000 guests on) is in both.";

fn size(stage: &Stage, uris: &[String], guests: usize) -> Size {
    let mut size = Size::default();
    for _ in 0..super::repeats(5) {
        let raw: Vec<_> = uris.iter().map(|uri| Raw::start(uri)).collect();
        size.raw.push(raw.iter().map(|(wall, _)| wall.as_secs_f64()).sum());
        size.raw_cpu.push(raw.iter().map(|(_, cpu)| cpu.as_secs_f64()).sum());
        let program = stage.start(uris);
        size.mapped.push(program.mapped().as_secs_f64());
        size.listed.push(program.listed(guests).as_secs_f64());
        size.cpu.push(program.cpu().as_secs_f64());
    }
    size
}

impl Size {
    fn rows(self, of: &str, goal: Option<f64>) -> Vec<Row> {
        let listed = Row::new(format!("{of}: all listed, s"), self.listed).beside(self.raw);
        vec![
            Row::new(format!("{of}: window mapped, s"), self.mapped).goal(0.2),
            match goal {
                Some(goal) => listed.goal(goal),
                None => listed,
            },
            Row::new(format!("{of}: processor time until then, s"), self.cpu).beside(self.raw_cpu),
        ]
    }
}
