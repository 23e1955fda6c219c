//! Inspections before a migration: both hosts are asked at the same time, over short-lived
//! connections of their own, on threads that may be left behind.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use super::actions::finish;
use super::host::Host;
use super::libvirt::asker::Asker;
use super::libvirt::inspect::{self, GuestTexts};
use super::opener;
use super::request::Inspect;
use super::shared::Shared;
use crate::migration::checks::Part;
use crate::model::{
    DestinationFacts, Failure, FailureKind, HostId, Inspection, JobId, JobResult, Reply,
    SourceFacts,
};

/// The longest an inspection takes; what has not answered by then is given up.
pub(super) const LIMIT: Duration = Duration::from_secs(15);

/// Asks both hosts. Answered by `Finished` under this job.
pub(crate) fn begin(shared: &Arc<Shared>, job: JobId, wish: Inspect) {
    let shared = Arc::clone(shared);
    shared.inspections.clone().run(None, move || match wish.again {
        Some(before) => {
            finish(&shared, job, renew(&shared, wish.guest.host, wish.destination, *before));
        }
        None => inspect_both(&shared, job, wish),
    });
}

/// Asks both hosts for a part only. A host that hangs is given up like any other.
fn renew(
    shared: &Arc<Shared>,
    source: HostId,
    destination: HostId,
    (mut inspection, part): (Inspection, Part),
) -> JobResult {
    let (source, destination) = (shared.host(source)?, shared.host(destination)?);
    let (say, told) = sync_channel(1);
    super::spawn("vireo-inspect", move || {
        let renewed = (|| {
            let source = Asker::new(opener::open(&source, LIMIT)?);
            let destination = Asker::new(opener::open(&destination, LIMIT)?);
            inspect::renew(&source, &destination, &mut inspection, part)?;
            Ok(inspection)
        })();
        // Nobody listens any more when the time is over.
        let _ = say.send(renewed);
    })?;
    let renewed: Result<Inspection, Failure> = answer(&told, Instant::now() + LIMIT)?;
    Ok(Reply::Inspected(Box::new(renewed?)))
}

type FromSource = Result<(GuestTexts, SourceFacts), Failure>;

/// What both hosts have to say, as it comes.
struct Asked {
    wish: Inspect,
    edited: Option<GuestTexts>,
    of_source: Receiver<FromSource>,
    of_destination: Receiver<Result<DestinationFacts, Failure>>,
    until: Instant,
}

/// Asks both hosts. The lane is for the source, which all destinations share; a destination that hangs is waited for
/// on a thread of its own, so that it holds nobody up.
fn inspect_both(shared: &Arc<Shared>, job: JobId, wish: Inspect) {
    let source_said = ask_both(shared, wish).and_then(|asked| {
        let source = answer(&asked.of_source, asked.until)??;
        Ok((asked, source))
    });
    let (asked, source) = match source_said {
        Ok(both) => both,
        Err(failure) => return finish(shared, job, Err(failure)),
    };
    let to = Arc::clone(shared);
    let spawned = super::spawn("vireo-inspect", move || finish(&to, job, asked.whole(source)));
    if let Err(failure) = spawned {
        finish(shared, job, Err(failure));
    }
}

impl Asked {
    /// With what the destination says.
    fn whole(self, (guest, source): (GuestTexts, SourceFacts)) -> JobResult {
        let destination: DestinationFacts = answer(&self.of_destination, self.until)??;
        let name_there = self.wish.new_name.unwrap_or_else(|| guest.facts.name.clone());
        Ok(Reply::Inspected(Box::new(Inspection {
            guest: guest.facts,
            edited: self.edited.map(|texts| texts.facts),
            name_there,
            source,
            destination,
            proofs: Vec::new(),
        })))
    }
}

fn ask_both(shared: &Arc<Shared>, wish: Inspect) -> Result<Asked, Failure> {
    let source = shared.host(wish.guest.host)?;
    let destination = shared.host(wish.destination)?;
    let edited = match &wish.destination_xml {
        None => None,
        Some(xml) => {
            Some(GuestTexts { facts: inspect::parse(xml)?, cpu: crate::xml::guest_cpu(xml) })
        }
    };
    let until = Instant::now() + LIMIT;
    let (tell, arriving) = sync_channel(1);
    let (say_source, of_source) = sync_channel(1);
    let (say_destination, of_destination) = sync_channel(1);
    let asked = wish.clone();
    let (own, put) = (edited.clone(), tell);
    super::spawn("vireo-inspect", move || {
        // Nobody listens any more when the time is over.
        let _ = say_source.send(ask_source(&source, &asked, own, &put));
    })?;
    let asked = wish.clone();
    super::spawn("vireo-inspect", move || {
        let _ = say_destination.send(ask_destination(&destination, &asked, &arriving));
    })?;
    Ok(Asked { wish, edited, of_source, of_destination, until })
}

fn answer<T>(from: &Receiver<T>, until: Instant) -> Result<T, Failure> {
    let left = until.saturating_duration_since(Instant::now());
    from.recv_timeout(left).map_err(|error| match error {
        RecvTimeoutError::Timeout => {
            Failure::own(FailureKind::TimedOut, format!("no answer within {} s", LIMIT.as_secs()))
        }
        RecvTimeoutError::Disconnected => Failure::own(FailureKind::Other, "the inspection failed"),
    })
}

/// Reads the guest, hands it to whoever asks the destination, and then asks the source itself.
fn ask_source(
    host: &Arc<Host>,
    wish: &Inspect,
    edited: Option<GuestTexts>,
    tell: &SyncSender<(String, GuestTexts)>,
) -> FromSource {
    let asker = Asker::new(opener::open(host, LIMIT)?);
    let guest = inspect::guest(&asker, wish.guest.uuid)?;
    let name = wish.new_name.clone().unwrap_or_else(|| guest.facts.name.clone());
    // The destination may have failed already; its own failure is told then.
    let _ = tell.send((name, edited.unwrap_or_else(|| guest.clone())));
    let facts = inspect::source(&asker, wish.guest.uuid, &guest.facts)?;
    Ok((guest, facts))
}

fn ask_destination(
    host: &Arc<Host>,
    wish: &Inspect,
    arriving: &Receiver<(String, GuestTexts)>,
) -> Result<DestinationFacts, Failure> {
    let asker = Asker::new(opener::open(host, LIMIT)?);
    let (name, guest) = arriving
        .recv_timeout(LIMIT)
        .map_err(|_| Failure::own(FailureKind::TimedOut, "the source did not tell the guest"))?;
    inspect::destination(&asker, wish.guest.uuid, &name, &guest, None)
}
