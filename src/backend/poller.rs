//! Figures of a host, on a connection and threads of their own: a frozen guest can hang the call
//! for ever, and then nothing else of the host is held up.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel, sync_channel};
use std::time::{Duration, Instant};

use super::host::Host;
use super::libvirt::{Connect, stats};
use super::opener;
use super::rates::{Reading, guest_sample, host_sample};
use crate::model::{Event, Failure, FailureKind, Samples};

/// A reading that takes longer is told as stalled.
const STALLED: Duration = Duration::from_secs(5);

/// Starts polling a host's figures, for as long as its present connection lives.
pub(crate) fn start(host: &Arc<Host>) {
    let number = host.link_number();
    let polled = Arc::clone(host);
    let spawned = super::spawn("vireo-figures", move || {
        // A host that connected again has a poller of its own.
        let needed = || !polled.is_closed() && polled.link_number() == number;
        let mut tried = None;
        while polled.shared.watching.wait(tried, needed) {
            match opener::long_connection(&polled) {
                Ok(connect) => poll(&polled, &needed, connect),
                Err(failure) => tracing::warn!(host = polled.id.0, ?failure, "no figures"),
            }
            tried = Some(Instant::now());
        }
    });
    if let Err(failure) = spawned {
        tracing::error!(?failure, "no figures");
    }
}

/// Ticks until the connection for figures is lost or not needed any more; the calls themselves are
/// made by a second thread, which may be left behind.
fn poll(host: &Arc<Host>, needed: &impl Fn() -> bool, connect: Connect) {
    let (ask, asked) = sync_channel(1);
    let (tell, told) = channel();
    if super::spawn("vireo-reading", move || answer(&connect, &asked, &tell)).is_err() {
        return;
    }
    let mut last: Option<(Instant, Reading)> = None;
    let mut ticked = None;
    while host.shared.watching.wait(ticked, needed) {
        ticked = Some(Instant::now());
        if ask.send(()).is_err() {
            return;
        }
        match await_reading(host, &told, needed) {
            Some(Ok(reading)) => {
                let now = Instant::now();
                host.report(Event::Sampled(samples(host, last.as_ref(), &reading, now)));
                last = Some((now, reading));
            }
            Some(Err(failure)) => {
                tracing::debug!(host = host.id.0, ?failure, "no figures");
                if failure.kind == FailureKind::LinkLost {
                    return;
                }
            }
            None => return,
        }
    }
}

fn answer(connect: &Connect, asked: &Receiver<()>, tell: &Sender<Result<Reading, Failure>>) {
    while asked.recv().is_ok() {
        if tell.send(stats::read(connect)).is_err() {
            return;
        }
    }
}

/// Waits for a reading, and says so when it hangs; `None` when it is not needed any more.
fn await_reading(
    host: &Host,
    told: &Receiver<Result<Reading, Failure>>,
    needed: &impl Fn() -> bool,
) -> Option<Result<Reading, Failure>> {
    let mut stalled = false;
    loop {
        match told.recv_timeout(STALLED) {
            Ok(reading) => {
                if stalled {
                    host.report(Event::StatisticsStalled { host: host.id, stalled: false });
                }
                return Some(reading);
            }
            Err(RecvTimeoutError::Disconnected) => return None,
            Err(RecvTimeoutError::Timeout) if !needed() => return None,
            Err(RecvTimeoutError::Timeout) => {
                if !stalled {
                    host.report(Event::StatisticsStalled { host: host.id, stalled: true });
                }
                stalled = true;
            }
        }
    }
}

fn samples(
    host: &Host,
    last: Option<&(Instant, Reading)>,
    reading: &Reading,
    now: Instant,
) -> Samples {
    let interval = last.map_or(Duration::ZERO, |(at, _)| now - *at);
    let before = last.map(|(_, reading)| reading);
    let guests = reading
        .guests
        .iter()
        .map(|(uuid, counters)| {
            let earlier = before.and_then(|before| before.guests.get(uuid));
            (*uuid, guest_sample(earlier, counters, interval))
        })
        .collect();
    let host_sample = reading
        .host
        .as_ref()
        .map(|counters| host_sample(before.and_then(|before| before.host.as_ref()), counters));
    Samples { host: host.id, interval, host_sample, guests }
}
