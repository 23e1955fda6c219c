//! From a change of a guest's state to its row.

use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use crate::driver::PATIENCE;

use super::figures::Series;
use super::raw::Raw;
use super::report::Row;
use super::started::Stage;

/// The events of a practice guest that runs come from its state alone.
const GUESTS: [&str; 4] = ["a-0", "a-1", "a-2", "a-3"];

/// Between two changes, so that each is read by itself, as changes by people are.
const PAUSE: Duration = Duration::from_millis(150);

/// Suspends and resumes guests while the program shows them.
pub fn rows(stage: &Stage, uri: &str, listed: usize) -> Vec<Row> {
    let program = stage.start(&[uri.to_owned()]);
    program.listed(listed);
    let (raw, callbacks) = (Raw::open(uri), Raw::open(uri));
    let (tell, told) = channel();
    callbacks.tell_states(tell);
    let (mut ours, mut bare) = (Series::new(), Series::new());
    for number in 0..super::repeats(30) {
        let guest = raw.guest(GUESTS[number % GUESTS.len()]);
        for suspend in [true, false] {
            std::thread::sleep(PAUSE);
            while told.try_recv().is_ok() {}
            program.forget();
            let begin = Instant::now();
            let done = if suspend { guest.suspend() } else { guest.resume() };
            done.expect("a guest that runs");
            bare.push_ms(told.recv_timeout(PATIENCE).expect("an event") - begin);
            ours.push_ms(program.changed() - begin);
        }
    }
    let tail = |series: &Series| Series::from_iter([series.quantile(0.95)]);
    vec![
        Row::new("change → row shown, ms, p95", tail(&ours)).beside(tail(&bare)).goal(20.0),
        Row::new("change → row shown, ms, all", ours).beside(bare),
    ]
}
