//! From a change of a guest's state to its row.

use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use zbus::blocking::{Connection, MessageIterator};

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
    let shown = descriptions(stage.desktop.accessibility());
    let (raw, callbacks) = (Raw::open(uri), Raw::open(uri));
    let (tell, told) = channel();
    callbacks.tell_states(tell);
    let (mut ours, mut bare) = (Series::new(), Series::new());
    for number in 0..super::repeats(30) {
        let guest = raw.guest(GUESTS[number % GUESTS.len()]);
        for suspend in [true, false] {
            std::thread::sleep(PAUSE);
            for old in [&shown, &told] {
                while old.try_recv().is_ok() {}
            }
            let begin = Instant::now();
            let done = if suspend { guest.suspend() } else { guest.resume() };
            done.expect("a guest that runs");
            bare.push_ms(told.recv_timeout(PATIENCE).expect("an event") - begin);
            ours.push_ms(shown.recv_timeout(PATIENCE).expect("a row that changes") - begin);
        }
    }
    let tail = |series: &Series| Series::from_iter([series.quantile(0.95)]);
    vec![
        Row::new("change → row shown, ms, p95", tail(&ours)).beside(tail(&bare)).goal(20.0),
        Row::new("change → row shown, ms, all", ours).beside(bare),
    ]
}

/// Times at which a widget's description changed.
fn descriptions(bus: &Connection) -> Receiver<Instant> {
    let rule = "type='signal',interface='org.a11y.atspi.Event.Object',member='PropertyChange'";
    let signals = MessageIterator::for_match_rule(rule, bus, Some(4096)).expect("AT-SPI");
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for signal in signals.map_while(Result::ok) {
            let body = signal.body();
            let detail: Option<String> = body
                .deserialize::<zbus::zvariant::Structure<'_>>()
                .ok()
                .and_then(|fields| fields.fields().first()?.clone().try_into().ok());
            let described = detail.is_some_and(|detail| detail == "accessible-description");
            if described && sender.send(Instant::now()).is_err() {
                return;
            }
        }
    });
    receiver
}
