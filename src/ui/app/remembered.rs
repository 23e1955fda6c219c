//! What an earlier life of the program left: moves whose journals have no end. They are taken up
//! where they still run, and where they ended meanwhile both hosts are asked.

use std::time::Duration;

use crate::backend::RequestBody;
use crate::i18n::gettext;
use crate::journal::{JournalId, Journals, Listed};
use crate::migration::journal::{Chronicle, Ended, HostRecord, Record};
use crate::migration::{
    Finished, MigrationOptions, MigrationPlan, Move, MoveNames, PastMove, Policy, Report, pause_ms,
};
use crate::model::{
    Failure, FailureKind, GuestKey, GuestState, Host, HostId, JobId, MigrationEnd, MigrationStep,
    Presence, Reply, Standing,
};
use crate::settings::without_password;

use super::App;
use super::failures::Pending;
use super::records::millis;

/// A journal that has no end: of a move that may still run.
#[derive(Debug)]
pub(super) struct Open {
    id: JournalId,
    chronicle: Chronicle,
    /// Both hosts are being asked about it.
    asking: bool,
}

/// What is known from journals when the program starts.
#[derive(Debug)]
pub struct Remembered {
    past: Vec<PastMove>,
    open: Vec<(JournalId, Chronicle)>,
}

pub(super) fn remember(journals: &Journals) -> Remembered {
    let listed = journals.list().unwrap_or_else(|error| {
        tracing::warn!(%error, "journals are not read");
        Vec::new()
    });
    let whole = |one: &Listed| {
        let open = one.summary.ended.is_none();
        open.then(|| Some((one.id.clone(), journals.read(&one.id).ok()?))).flatten()
    };
    let open = listed.iter().filter_map(whole).collect();
    let past = listed.iter().rev().filter_map(|one| one.summary.past()).collect();
    Remembered { past, open }
}

impl App {
    /// The host of a journal, among those that are known now.
    fn host_of(&self, record: &HostRecord) -> Option<HostId> {
        let is = |host: &Host| match (&host.facts, &record.uuid) {
            (Some(facts), Some(uuid)) => facts.host_uuid == *uuid,
            _ => without_password(&host.spec.uri) == record.uri,
        };
        self.inventory.hosts().find(|(_, host)| is(host)).map(|(id, _)| id)
    }

    /// Journals were read: moves that were found meanwhile may be known ones.
    pub(super) fn remembered(&mut self, remembered: Remembered) {
        // Those that ended since the program began have told already.
        let since = std::mem::replace(&mut self.records.past, remembered.past);
        self.records.past.extend(since);
        let own: Vec<_> = self.records.of.values().cloned().collect();
        let open = remembered.open.into_iter().filter(|(id, _)| !own.contains(id));
        self.records.open =
            open.map(|(id, chronicle)| Open { id, chronicle, asking: false }).collect();
        self.records.loaded = true;
        for (job, guest) in std::mem::take(&mut self.records.early) {
            self.record_found(job, guest);
            let over = self.moves.get(job).and_then(|known| known.end.clone());
            if let Some(end) = over {
                self.record_end(job, &end.raw);
            }
        }
        self.look_for_ends();
    }

    /// A move was found running: it goes on in its journal, if it has one.
    pub(super) fn record_found(&mut self, job: JobId, key: GuestKey) {
        if !self.records.loaded {
            self.records.early.push((job, key));
            return;
        }
        let known = self.records.open.iter().position(|open| {
            open.chronicle.summary.guest() == Some(key.uuid)
                && self.host_of(&open.chronicle.summary.begun.source) == Some(key.host)
        });
        match known {
            Some(index) => {
                let open = self.records.open.swap_remove(index);
                self.take_up(job, key, open);
            }
            None => {
                if let Some(begun) = self.begun(key, None) {
                    self.records.of.insert(job, self.records.journals.begin(begun));
                }
            }
        }
    }

    /// Goes on as if the program had never been away.
    fn take_up(&mut self, job: JobId, key: GuestKey, open: Open) {
        let at = millis(self.now());
        self.records.journals.append(&open.id, Record::Resumed { at });
        self.records.of.insert(job, open.id);
        let mut taken = self.move_of(job, key, &open.chronicle);
        if let Some(found) = self.moves.get(job) {
            taken.end = found.end.clone();
            if let Some(pause) = found.tracker.max_downtime() {
                let allowed = MigrationStep::MaxDowntimeChanged(pause);
                taken.tracker.apply(&allowed, taken.tracker.elapsed());
            }
        }
        self.moves.remembered(taken);
        self.fly_on(job);
        self.stay_awake();
        self.show_move(job);
    }

    /// Has the policy of a move that goes on carried out again.
    pub(super) fn fly_on(&mut self, job: JobId) {
        let known = self.moves.get(job).filter(|known| known.end.is_none());
        let Some((known, plan)) = known.and_then(|known| Some((known, known.plan.as_ref()?)))
        else {
            return;
        };
        if plan.options.policy == Policy::None {
            return;
        }
        let pause = known.tracker.max_downtime().map(pause_ms);
        let options = MigrationOptions {
            max_downtime_ms: pause.or(plan.options.max_downtime_ms),
            ..plan.options.clone()
        };
        let fly = RequestBody::FollowPolicy { of: job, options: Box::new(options) };
        self.ask_for(Pending::Steer, fly);
    }

    /// A move as its journal tells it.
    fn move_of(&self, job: JobId, guest: GuestKey, chronicle: &Chronicle) -> Move {
        let begun = &chronicle.summary.begun;
        let destination = begun.destination.as_ref().and_then(|host| self.host_of(host));
        let plan = destination.map(|destination| {
            Box::new(MigrationPlan { guest, destination, options: chronicle.options() })
        });
        Move {
            waits: false,
            job,
            guest,
            destination,
            plan: plan.filter(|_| begun.options.is_some()),
            names: MoveNames {
                guest: begun.guest.clone(),
                source: begun.source.name.clone(),
                destination: begun.destination.as_ref().map(|host| host.name.clone()),
            },
            started: Duration::from_millis(begun.at),
            tracker: chronicle.tracker(),
            watched: false,
            ran_there: chronicle.ran_there(),
            end: None,
        }
    }

    /// Asks both hosts about moves whose journals have no end, as soon as both are connected.
    pub(super) fn look_for_ends(&mut self) {
        let connected = |host| {
            let host: Option<HostId> = self.host_of(host);
            let entry = host.and_then(|id| Some((id, self.inventory.host(id)?)));
            entry.filter(|(_, entry)| entry.state.is_connected()).map(|(id, _)| id)
        };
        let mut ready = Vec::new();
        for (index, open) in self.records.open.iter().enumerate().filter(|(_, open)| !open.asking) {
            let begun = &open.chronicle.summary.begun;
            let hosts = (connected(&begun.source), begun.destination.as_ref().and_then(connected));
            if let ((Some(host), Some(destination)), Some(uuid)) =
                (hosts, open.chronicle.summary.guest())
            {
                ready.push((index, GuestKey { host, uuid }, destination));
            }
        }
        for (index, guest, destination) in ready {
            let Some(open) = self.records.open.get_mut(index) else { continue };
            open.asking = true;
            let pending = Pending::Missed { journal: open.id.clone(), guest };
            self.ask_for(pending, RequestBody::WhereIs { guest, destination });
        }
    }

    /// Deletes a journal; what it left open is not asked about any more.
    pub(super) fn delete_journal(&mut self, journal: &JournalId) {
        self.records.open.retain(|open| open.id != *journal);
        self.records.journals.delete(journal);
    }

    /// Both hosts were asked about a move that nobody saw end.
    pub(super) fn missed(&mut self, journal: &JournalId, guest: GuestKey, reply: Option<&Reply>) {
        let Some(index) = self.records.open.iter().position(|open| open.id == *journal) else {
            return;
        };
        let told = match reply {
            Some(Reply::Standing(standing)) => Some(*standing).filter(|standing| {
                let seen = [standing.source, standing.destination];
                !standing.moving && !seen.contains(&Presence::Unreachable)
            }),
            _ => None,
        };
        let Some(standing) = told else {
            // It runs, and is found in a moment; or a host is away again, and asked when it is back.
            self.records.open[index].asking = false;
            return;
        };
        let open = self.records.open.swap_remove(index);
        let job = self.backend.next_job();
        let end = unwitnessed(standing);
        let last = open.chronicle.last();
        let mut ended = Ended::new(millis(self.now()), millis(last), &end);
        ended.unwitnessed = true;
        self.records.journals.end(&open.id, ended);
        self.records.of.insert(job, open.id);
        let mut known = self.move_of(job, guest, &open.chronicle);
        let report = Report::of(&end, last);
        known.tracker.end(report.arrived(), last);
        let at = self.now();
        known.end = Some(Finished::new(at, end, report));
        self.moves.remembered(known);
        self.show_move(job);
    }

    /// Shows a past move among the others, with what both hosts say now.
    pub(super) fn look_at_past(&mut self, id: &JournalId, chronicle: &Chronicle) {
        let known = self.records.of.iter().find(|(_, own)| *own == id).map(|(job, _)| *job);
        let job = known.filter(|job| self.moves.get(*job).is_some()).or_else(|| {
            let begun = &chronicle.summary.begun;
            let guest =
                GuestKey { host: self.host_of(&begun.source)?, uuid: chronicle.summary.guest()? };
            let job = self.backend.next_job();
            let (raw, report) = (chronicle.summary.end()?, chronicle.summary.report()?);
            let ended = chronicle.summary.ended.as_ref()?;
            let mut past = self.move_of(job, guest, chronicle);
            let repaired = chronicle.summary.repaired.clone();
            let at = Duration::from_millis(ended.at);
            past.end = Some(Finished { repaired, ..Finished::new(at, raw, report) });
            self.moves.remembered(past);
            self.records.of.insert(job, id.clone());
            Some(job)
        });
        match job {
            Some(job) => {
                self.show_move(job);
                self.ask_where(job);
                self.stack.set_visible_child_name("migrations");
            }
            None => {
                self.toast(&gettext("The hosts of this migration are not among the connections."))
            }
        }
    }
}

/// What can be said of a move from what both hosts say afterwards. Where the guest waits, nothing
/// is decided.
fn unwitnessed(standing: Standing) -> MigrationEnd {
    let Standing { source, destination, .. } = standing;
    let unseen = Failure::own(FailureKind::Unwitnessed, String::new());
    let end = MigrationEnd { result: Err(unseen), stats: None, source, destination };
    let is = |presence: Presence, wanted: fn(GuestState) -> bool| matches!(presence, Presence::There { state, .. } if wanted(state));
    let active = |presence| is(presence, GuestState::is_active);
    let there = is(destination, |state| state != GuestState::Paused);
    if active(destination) && there && !active(source) {
        return MigrationEnd { result: Ok(()), ..end };
    }
    end
}
