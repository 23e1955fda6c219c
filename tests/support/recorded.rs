//! Real moves in the practice lab, written down step by step, and read again. One file a move: the
//! first line says what was tried, each further line is one step with its time, the last is the end.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use vireo::migration::{Coverage, MigrationOptions};
use vireo::model::{Bytes, MemoryUse, MigrationSample, MigrationStep};

/// A move to try.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The guest's name.
    pub guest: String,
    /// Its memory, MiB.
    pub memory_mib: u64,
    /// What it rewrites, MiB.
    pub rewritten_mib: u64,
    /// How fast, MiB/s.
    pub rate_mibps: u64,
    /// The limit, MiB/s.
    pub bandwidth_mibps: Option<u64>,
    /// What the link carries, MiB/s; `None` where two programs of one computer pass on what they can.
    pub link_mibps: Option<u64>,
    /// The longest pause, ms.
    pub pause_ms: u64,
    /// Whether it goes on running meanwhile.
    pub live: bool,
}

/// A move that was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// What was tried.
    pub case: Case,
    /// What was measured before.
    pub before: Option<MemoryUse>,
    /// What was told, and when after the request.
    pub steps: Vec<(Duration, MigrationStep)>,
    /// Whether it arrived.
    pub arrived: bool,
    /// From the request to the end.
    pub total: Duration,
    /// How long the guest stood still, as libvirt told afterwards.
    pub downtime: Option<Duration>,
    /// Sent in all.
    pub sent: Bytes,
}

impl Case {
    /// What Vireo is asked for.
    pub fn options(&self) -> MigrationOptions {
        MigrationOptions {
            coverage: if self.live { Coverage::Live } else { Coverage::Stopped },
            bandwidth_mibps: self.bandwidth_mibps,
            max_downtime_ms: (self.live && self.pause_ms != 300).then_some(self.pause_ms),
            ..MigrationOptions::default()
        }
    }

    /// What the file of the recording is called.
    pub fn file(&self) -> String {
        let limit = self.bandwidth_mibps.map_or("free".to_owned(), |limit| limit.to_string());
        let link = self.link_mibps.map(|link| format!("-of-{link}")).unwrap_or_default();
        let way = if self.live { "live" } else { "stopped" };
        let Self { guest, rewritten_mib, rate_mibps, pause_ms, .. } = self;
        format!(
            "{guest}-{rewritten_mib}at{rate_mibps}-over-{limit}{link}-{pause_ms}ms-{way}.ndjson"
        )
    }
}

/// Where recordings are kept.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/moves")
}

/// All that are kept, by name.
pub fn kept() -> Vec<(String, Recording)> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "ndjson"))
        .collect();
    files.sort();
    let name = |path: &PathBuf| path.file_stem().unwrap().to_string_lossy().into_owned();
    files
        .iter()
        .map(|path| (name(path), Recording::read(&std::fs::read_to_string(path).unwrap())))
        .collect()
}

fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap()
}

fn number(line: &Value, name: &str) -> u64 {
    line[name].as_u64().unwrap_or(0)
}

fn time(line: &Value, name: &str) -> Duration {
    Duration::from_millis(number(line, name))
}

impl Recording {
    /// As it is kept.
    pub fn text(&self) -> String {
        let Self { case, before, .. } = self;
        let mut text = String::new();
        let head = json!({
            "guest": case.guest,
            "memory_mib": case.memory_mib,
            "rewritten_mib": case.rewritten_mib,
            "rate_mibps": case.rate_mibps,
            "bandwidth_mibps": case.bandwidth_mibps,
            "link_mibps": case.link_mibps,
            "pause_ms": case.pause_ms,
            "live": case.live,
            "rewritten_bps": before.map(|before| before.rewritten_bps),
            "working_set": before.and_then(|before| before.working_set).map(|set| set.0),
            "resident": before.and_then(|before| before.resident).map(|resident| resident.0),
        });
        let _ = writeln!(text, "{head}");
        for (at, step) in &self.steps {
            if let Some(mut line) = written(step) {
                line["at_ms"] = ms(*at).into();
                let _ = writeln!(text, "{line}");
            }
        }
        let end = json!({
            "step": "end",
            "arrived": self.arrived,
            "total_ms": ms(self.total),
            "downtime_ms": self.downtime.map(ms),
            "sent": self.sent.0,
        });
        let _ = writeln!(text, "{end}");
        text
    }

    /// Reads it again.
    pub fn read(text: &str) -> Self {
        let lines: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let (head, rest) = lines.split_first().unwrap();
        let (end, steps) = rest.split_last().unwrap();
        assert_eq!(end["step"], "end");
        Self {
            case: Case {
                guest: head["guest"].as_str().unwrap().to_owned(),
                memory_mib: number(head, "memory_mib"),
                rewritten_mib: number(head, "rewritten_mib"),
                rate_mibps: number(head, "rate_mibps"),
                bandwidth_mibps: head["bandwidth_mibps"].as_u64(),
                link_mibps: head["link_mibps"].as_u64(),
                pause_ms: number(head, "pause_ms"),
                live: head["live"] == true,
            },
            before: head["rewritten_bps"].as_u64().map(|rewritten_bps| MemoryUse {
                rewritten_bps,
                working_set: head["working_set"].as_u64().map(Bytes),
                resident: head["resident"].as_u64().map(Bytes),
            }),
            steps: steps.iter().map(|line| (time(line, "at_ms"), understood(line))).collect(),
            arrived: end["arrived"] == true,
            total: time(end, "total_ms"),
            downtime: end["downtime_ms"].as_u64().map(Duration::from_millis),
            sent: Bytes(number(end, "sent")),
        }
    }
}

/// A step as it is kept; a refused lever is not.
fn written(step: &MigrationStep) -> Option<Value> {
    Some(match step {
        MigrationStep::Started { max_downtime } => {
            json!({ "step": "started", "max_downtime_ms": max_downtime.map(ms) })
        }
        MigrationStep::Pass(pass) => json!({ "step": "pass", "pass": pass }),
        MigrationStep::Sample(sample) => json!({
            "step": "sample",
            "elapsed_ms": ms(sample.elapsed),
            "memory_total": sample.memory_total.0,
            "memory_processed": sample.memory_processed.0,
            "memory_remaining": sample.memory_remaining.0,
            "memory_bps": sample.memory_bps,
            "dirty_bps": sample.dirty_bps,
            "iteration": sample.iteration,
            "expected_downtime_ms": ms(sample.expected_downtime),
            "throttle": sample.throttle_percent,
            "requests": sample.postcopy_requests,
        }),
        MigrationStep::SourcePaused => json!({ "step": "paused" }),
        MigrationStep::Postcopy => json!({ "step": "postcopy" }),
        MigrationStep::ArrivedAtDestination => json!({ "step": "arrived" }),
        MigrationStep::Stalled(time) => json!({ "step": "stalled", "time_ms": ms(*time) }),
        MigrationStep::MaxDowntimeChanged(limit) => {
            json!({ "step": "pause_allowed", "limit_ms": ms(*limit) })
        }
        MigrationStep::BandwidthChanged(mibps) => json!({ "step": "bandwidth", "mibps": mibps }),
        MigrationStep::Cancelling => json!({ "step": "cancelling" }),
        MigrationStep::GivenUp(_) | MigrationStep::LeverRefused(_) => return None,
    })
}

fn understood(line: &Value) -> MigrationStep {
    match line["step"].as_str().unwrap() {
        "started" => {
            let max_downtime = line["max_downtime_ms"].as_u64().map(Duration::from_millis);
            MigrationStep::Started { max_downtime }
        }
        "pass" => MigrationStep::Pass(number(line, "pass")),
        "sample" => MigrationStep::Sample(MigrationSample {
            elapsed: time(line, "elapsed_ms"),
            memory_total: Bytes(number(line, "memory_total")),
            memory_processed: Bytes(number(line, "memory_processed")),
            memory_remaining: Bytes(number(line, "memory_remaining")),
            memory_bps: number(line, "memory_bps"),
            dirty_bps: number(line, "dirty_bps"),
            iteration: number(line, "iteration"),
            expected_downtime: time(line, "expected_downtime_ms"),
            throttle_percent: u32::try_from(number(line, "throttle")).unwrap(),
            postcopy_requests: number(line, "requests"),
            ..MigrationSample::default()
        }),
        "paused" => MigrationStep::SourcePaused,
        "postcopy" => MigrationStep::Postcopy,
        "arrived" => MigrationStep::ArrivedAtDestination,
        "stalled" => MigrationStep::Stalled(time(line, "time_ms")),
        "pause_allowed" => MigrationStep::MaxDowntimeChanged(time(line, "limit_ms")),
        "bandwidth" => MigrationStep::BandwidthChanged(line["mibps"].as_u64()),
        "cancelling" => MigrationStep::Cancelling,
        other => panic!("no step: {other}"),
    }
}
