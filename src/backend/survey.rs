//! Many inspections at once, for an overview: what is the same for all guests is asked once of each host,
//! and each guest is read once, however many hosts it could go to.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use super::actions::finish;
use super::host::Host;
use super::inspection::LIMIT;
use super::libvirt::asker::Asker;
use super::libvirt::inspect::{self, GuestTexts};
use super::libvirt::roster::Roster;
use super::opener;
use super::shared::Shared;
use crate::model::{
    Event, Failure, FailureKind, GuestKey, HostId, Inspection, JobId, Reply, Route, SourceFacts,
    Surveyed,
};

/// Calls on a host's connection at the same time; a daemon takes five.
const AT_ONCE: usize = 4;

/// A guest as its source tells it.
type Read = Arc<(GuestTexts, SourceFacts)>;

/// Asks about many guests and hosts. Answered by `Surveyed`, as the answers come, and then by `Finished`.
/// A host that is silent is given up; the others' answers do not wait for it.
pub(crate) fn begin(shared: &Arc<Shared>, job: JobId, places: Vec<Route>) {
    let shared = Arc::clone(shared);
    shared.surveys.clone().run(None, move || {
        let mut open: HashSet<Route> = places.iter().copied().collect();
        let answers = ask_hosts(&shared, &places);
        while !open.is_empty() {
            let Ok(first) = answers.recv_timeout(LIMIT) else { break };
            let mut found: Vec<Surveyed> =
                std::iter::once(first).chain(answers.try_iter()).collect();
            found.retain(|(place, _)| open.remove(place));
            shared.mailbox.put(Event::Surveyed(found));
        }
        let late = || {
            Failure::own(FailureKind::TimedOut, format!("no answer within {} s", LIMIT.as_secs()))
        };
        let found: Vec<Surveyed> = open.into_iter().map(|place| (place, Err(late()))).collect();
        if !found.is_empty() {
            shared.mailbox.put(Event::Surveyed(found));
        }
        finish(&shared, job, Ok(Reply::Done));
    });
}

/// What one host has to do in a survey.
struct Part {
    /// Its own guests, and where each could go.
    leaving: BTreeMap<GuestKey, Vec<HostId>>,
    /// Where to tell of them.
    onward: BTreeMap<HostId, Sender<(GuestKey, Read)>>,
    /// Other hosts' guests that could come.
    arriving: Vec<GuestKey>,
    /// Where they are told of.
    inbox: Receiver<(GuestKey, Read)>,
    say: Sender<Surveyed>,
}

/// A thread for each host; each tells what it finds of its guests to the hosts they could go to.
fn ask_hosts(shared: &Arc<Shared>, places: &[Route]) -> Receiver<Surveyed> {
    let (say, answers) = channel();
    let hosts: BTreeSet<HostId> =
        places.iter().flat_map(|(guest, host)| [guest.host, *host]).collect();
    let (senders, inboxes): (BTreeMap<_, _>, Vec<_>) = hosts
        .into_iter()
        .map(|host| {
            let (sender, inbox) = channel();
            ((host, sender), (host, inbox))
        })
        .unzip();
    for (id, inbox) in inboxes {
        let mut leaving: BTreeMap<GuestKey, Vec<HostId>> = BTreeMap::new();
        for (guest, host) in places.iter().filter(|(guest, _)| guest.host == id) {
            leaving.entry(*guest).or_default().push(*host);
        }
        let onward = leaving.values().flatten();
        let onward = onward.filter_map(|host| Some((*host, senders.get(host)?.clone()))).collect();
        let arriving = places.iter().filter(|(_, host)| *host == id).map(|(guest, _)| *guest);
        let part = Part { leaving, onward, arriving: arriving.collect(), inbox, say: say.clone() };
        let failed = say.clone();
        let own: Vec<Route> = places
            .iter()
            .filter(|(guest, host)| guest.host == id || *host == id)
            .copied()
            .collect();
        let begun =
            shared.host(id).and_then(|host| super::spawn("vireo-survey", move || part.ask(&host)));
        if let Err(failure) = begun {
            tell(&failed, own, &failure);
        }
    }
    answers
}

impl Part {
    fn ask(self, host: &Arc<Host>) {
        let asker = opener::open(host, LIMIT).and_then(|connect| {
            let known = host.known().clone();
            Ok(Asker::of_many(connect.clone(), Roster::read(&connect, known)?))
        });
        match asker {
            Ok(asker) => {
                let Self { leaving, onward, inbox, say, .. } = self;
                read_leaving(&asker, &leaving, &onward, &say);
                // So that hosts that hear nothing more do not wait.
                drop(onward);
                ask_about_arriving(&asker, host.id, &inbox, &say);
            }
            Err(failure) => {
                let leaving = self.leaving.iter();
                let leaving =
                    leaving.flat_map(|(guest, hosts)| hosts.iter().map(|&host| (*guest, host)));
                let arriving = self.arriving.iter().map(|&guest| (guest, host.id));
                tell(&self.say, leaving.chain(arriving), &failure);
            }
        }
    }
}

fn read_leaving(
    asker: &Asker,
    leaving: &BTreeMap<GuestKey, Vec<HostId>>,
    onward: &BTreeMap<HostId, Sender<(GuestKey, Read)>>,
    say: &Sender<Surveyed>,
) {
    let line = Mutex::new(leaving.iter());
    let next = || line.lock().unwrap_or_else(PoisonError::into_inner).next();
    several(&|| {
        while let Some((guest, hosts)) = next() {
            let read = inspect::guest(asker, guest.uuid).and_then(|texts| {
                let facts = inspect::source(asker, guest.uuid, &texts.facts)?;
                Ok(Arc::new((texts, facts)))
            });
            match read {
                Ok(read) => {
                    for sender in hosts.iter().filter_map(|host| onward.get(host)) {
                        // A host that failed listens no more, and told so.
                        let _ = sender.send((*guest, Arc::clone(&read)));
                    }
                }
                Err(failure) => tell(say, hosts.iter().map(|&host| (*guest, host)), &failure),
            }
        }
    });
}

fn ask_about_arriving(
    asker: &Asker,
    host: HostId,
    inbox: &Receiver<(GuestKey, Read)>,
    say: &Sender<Surveyed>,
) {
    for (guest, read) in inbox {
        let (texts, source) = &*read;
        let name = &texts.facts.name;
        let found = inspect::destination(asker, guest.uuid, name, texts, Some(source));
        let found = found.map(|destination| {
            Box::new(Inspection {
                guest: texts.facts.clone(),
                edited: None,
                name_there: name.clone(),
                source: source.clone(),
                destination,
                proofs: Vec::new(),
            })
        });
        // Nobody listens any more when the survey was given up.
        if say.send(((guest, host), found)).is_err() {
            return;
        }
    }
}

fn tell(say: &Sender<Surveyed>, places: impl IntoIterator<Item = Route>, failure: &Failure) {
    for place in places {
        // Nobody listens any more when the survey was given up.
        let _ = say.send((place, Err(failure.clone())));
    }
}

/// Does this on several threads, this one among them.
fn several(work: &(impl Fn() + Sync)) {
    std::thread::scope(|scope| {
        for _ in 1..AT_ONCE {
            let named = std::thread::Builder::new().name("vireo-survey".into());
            if let Err(error) = named.spawn_scoped(scope, work) {
                tracing::warn!(%error, "a survey goes on with fewer threads");
            }
        }
        work();
    });
}
