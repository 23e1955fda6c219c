//! From the wish for a host's storage to its pools and volumes in the window; on libvirt's test driver.

use std::path::Path;
use std::time::{Duration, Instant};

use super::figures::Series;
use super::pulse::Pulse;
use super::raw::Raw;
use super::report::{Report, Row};
use super::started::{Stage, Started, guests_xml};

/// The section's title.
pub const TITLE: &str = "Storage, libvirt's test driver";

/// Volumes of a pool.
const VOLUMES: usize = 1_000;

/// Between the start of the program and the wish: it has nothing left to do then.
const SETTLE: Duration = Duration::from_secs(2);

/// Measures both sizes.
pub fn measure(stage: &Stage, report: &mut Report) {
    let many = Size { pools: 10, guests: 0, goal: 0.3 };
    let beside = Size { pools: 1, guests: 1_000, goal: 0.1 };
    let rows: Vec<Row> = [many, beside].iter().flat_map(|size| size.measure(stage)).collect();
    report.section(TITLE, HOW, &rows);
}

const HOW: &str = "Seconds from the action `host.storage` on the session bus until the first \
    volumes of the first pool are drawn, and until its 1,000 are in the table (lines of the program): in the host's \
    window that is open on its overview, and with the window opened for it. Raw: all pools with their XML \
    and all volumes of all pools with name, path and figures, on one thread. Stalls as above, from the wish \
    until a second after the last volume; beside them that of opening the window on its overview, which \
    is the toolkit's.";

/// How many pools of 1,000 volumes, beside how many guests.
struct Size {
    pools: usize,
    guests: usize,
    goal: f64,
}

impl Size {
    fn measure(&self, stage: &Stage) -> Vec<Row> {
        let uri = self.file(stage.desktop.directory());
        let mut raw = Series::new();
        let (mut window, mut tab, mut both) = (Shown::new(), Shown::new(), Shown::new());
        for _ in 0..super::repeats(5) {
            raw.push(Raw::open(&uri).storage().as_secs_f64());
            let program = begun(stage, &uri);
            window.watch(stage, &program, || {
                stage.activate("host.details", None);
                (Duration::ZERO, Duration::ZERO)
            });
            tab.watch(stage, &program, || storage_of(stage, &program));
            drop(program);
            let program = begun(stage, &uri);
            both.watch(stage, &program, || storage_of(stage, &program));
        }
        let of = format!("{} × {VOLUMES} volumes, {} guests", self.pools, self.guests);
        vec![
            Row::new(format!("{of}: first ones in sight, s"), tab.in_sight).goal(self.goal),
            Row::new(format!("{of}: all in the table, s"), tab.time)
                .beside(raw.clone())
                .goal(self.goal),
            Row::new(format!("{of}: longest stall, ms"), tab.wall).goal(16.0),
            Row::new(format!("{of}: longest stall, its processor time, ms"), tab.work).goal(16.0),
            Row::new(format!("{of}: with its window, first ones in sight, s"), both.in_sight),
            Row::new(format!("{of}: with its window, all in the table, s"), both.time).beside(raw),
            Row::new(format!("{of}: with its window, longest stall, ms"), both.wall),
            Row::new(format!("{of}: its window alone, longest stall, ms"), window.wall),
        ]
    }

    fn file(&self, directory: &Path) -> String {
        let mut text = String::from("<node>\n");
        text.push_str(&guests_xml(self.guests));
        for pool in 0..self.pools {
            let uuid = uuid::Uuid::new_v4();
            text.push_str(&format!(
                "<pool type='dir'><name>pool-{pool}</name><uuid>{uuid}</uuid><source/>\
                 <target><path>/pool-{pool}</path></target>\n"
            ));
            for volume in 0..VOLUMES {
                text.push_str(&format!(
                    "<volume type='file'><name>disk-{volume}.img</name>\
                     <capacity unit='bytes'>1073741824</capacity>\
                     <allocation unit='bytes'>{}</allocation><target>\
                     <path>/pool-{pool}/disk-{volume}.img</path><format type='raw'/></target></volume>\n",
                    volume * 4096
                ));
            }
            text.push_str("</pool>\n");
        }
        text.push_str("</node>\n");
        let path = directory.join(format!("storage-{}-{}.xml", self.pools, self.guests));
        std::fs::write(&path, text).expect("a file in the desktop's directory");
        format!("test://{}", path.display())
    }
}

/// What came of the same wish, again and again.
struct Shown {
    in_sight: Series,
    time: Series,
    wall: Series,
    work: Series,
}

impl Shown {
    fn new() -> Self {
        let new = Series::new;
        Self { in_sight: new(), time: new(), wall: new(), work: new() }
    }

    /// Times a wish, and the stalls until a second after it came true.
    fn watch(
        &mut self,
        stage: &Stage,
        program: &Started<'_>,
        wish: impl FnOnce() -> (Duration, Duration),
    ) {
        let pulse = Pulse::of(stage.desktop.session(), program.pid());
        let (in_sight, all) = wish();
        self.in_sight.push(in_sight.as_secs_f64());
        self.time.push(all.as_secs_f64());
        std::thread::sleep(Duration::from_secs(1));
        let stall = pulse.longest();
        self.wall.push(stall.wall_ms);
        self.work.push(stall.cpu_ms);
    }
}

/// A program that has nothing left to do, with its host selected.
fn begun<'a>(stage: &'a Stage, uri: &String) -> Started<'a> {
    let program = stage.start(std::slice::from_ref(uri));
    program.mapped();
    std::thread::sleep(SETTLE);
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").expect("a host name");
    stage.select(host.trim(), "host.storage");
    program
}

/// Wishes for the host's storage; how long it took until the first volumes were drawn, and until all were there.
fn storage_of(stage: &Stage, program: &Started<'_>) -> (Duration, Duration) {
    program.forget();
    let begin = Instant::now();
    stage.activate("host.storage", None);
    let in_sight = program.in_sight() - begin;
    (in_sight, program.volumes(VOLUMES) - begin)
}
