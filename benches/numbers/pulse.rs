//! How long the main loop keeps others waiting: a question on the session bus that it must answer
//! itself, every [`BEAT`].

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use zbus::blocking::Connection;

use vireo::config::{APP_ID, APP_PATH};

use super::process;

/// The time between an answer and the next question.
const BEAT: Duration = Duration::from_millis(5);

/// The longest that the main loop kept a question waiting.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stall {
    /// By the clock, less the usual time of an answer. On a busy machine others' work is in it.
    pub wall_ms: f64,
    /// Processor time that the main thread used meanwhile: its own work alone.
    pub cpu_ms: f64,
}

/// Asks until it is told to stop.
pub struct Pulse {
    stop: Arc<AtomicBool>,
    asking: JoinHandle<Vec<(Duration, Duration)>>,
}

impl Pulse {
    /// Begins to ask the program of this process. What comes before its window is on the bus is
    /// not counted.
    pub fn of(session: &Connection, pid: u32) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (session, stopped) = (session.clone(), Arc::clone(&stop));
        let asking = std::thread::spawn(move || {
            let mut answers = Vec::new();
            while !stopped.load(Ordering::Relaxed) {
                let (begin, before) = (Instant::now(), process::main_thread_cpu(pid));
                if ask(&session) {
                    let work = process::main_thread_cpu(pid).saturating_sub(before);
                    answers.push((begin.elapsed(), work));
                }
                std::thread::sleep(BEAT);
            }
            answers
        });
        Self { stop, asking }
    }

    /// Stops asking.
    pub fn longest(self) -> Stall {
        self.stop.store(true, Ordering::Relaxed);
        let answers = self.asking.join().expect("asked");
        let mut waits: Vec<f64> = answers.iter().map(|(wait, _)| milliseconds(*wait)).collect();
        let works = answers.iter().map(|(_, work)| milliseconds(*work));
        waits.sort_by(f64::total_cmp);
        let usual = waits.get(waits.len() / 2).copied().unwrap_or(f64::NAN);
        Stall {
            wall_ms: waits.last().map_or(f64::NAN, |longest| longest - usual),
            cpu_ms: works.fold(f64::NAN, f64::max),
        }
    }
}

fn ask(session: &Connection) -> bool {
    let window = format!("{APP_PATH}/window/1");
    let question = "Describe";
    session
        .call_method(Some(APP_ID), window.as_str(), Some("org.gtk.Actions"), question, &("group",))
        .is_ok()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
