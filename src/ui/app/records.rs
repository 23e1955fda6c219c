//! Journals: what is written of each move, and what an earlier life of the program left open.

use std::collections::HashMap;
use std::time::Duration;

use relm4::{ComponentController, ComponentSender};

use crate::backend::Lever;
use crate::i18n::gettext_f;
use crate::journal::{JournalId, JournalNews, Journals};
use crate::migration::checks::{Verdict, ask};
use crate::migration::journal::{
    Begun, CheckRecord, Ended, HostRecord, LeverRecord, OptionsRecord, Record, VERSION,
};
use crate::migration::repair::Repair;
use crate::migration::{Foreknown, MigrationPlan, PastMove};
use crate::model::{GuestKey, HostId, Inspection, JobId, MigrationEnd, MigrationStep, Standing};
use crate::settings::without_password;
use crate::ui::history::HistoryInput;

use super::remembered::{Open, remember};
use super::{App, AppOutcome};

/// The journals, as the root sees them.
pub(super) struct Records {
    pub(super) journals: Journals,
    pub(super) of: HashMap<JobId, JournalId>,
    pub(super) past: Vec<PastMove>,
    pub(super) open: Vec<Open>,
    /// Journals were read: before that nobody knows whether a move that is found is a known one.
    pub(super) loaded: bool,
    pub(super) early: Vec<(JobId, GuestKey)>,
    pub(super) inspections: HashMap<(GuestKey, HostId), Inspection>,
}

impl Records {
    /// Begins to read what is there, and to hear what the writer tells.
    pub(super) fn start(
        journals: Journals,
        news: async_channel::Receiver<JournalNews>,
        sender: &ComponentSender<App>,
    ) -> Self {
        let reading = journals.clone();
        sender.spawn_oneshot_command(move || AppOutcome::Remembered(Box::new(remember(&reading))));
        sender.command(move |out, shutdown| {
            let tell = async move {
                while let Ok(told) = news.recv().await {
                    if out.send(AppOutcome::Journal(told)).is_err() {
                        return;
                    }
                }
            };
            shutdown.register(tell).drop_on_shutdown()
        });
        Self {
            journals,
            of: HashMap::new(),
            past: Vec::new(),
            open: Vec::new(),
            loaded: false,
            early: Vec::new(),
            inspections: HashMap::new(),
        }
    }

    /// What earlier moves tell about later ones, the latest last.
    pub(super) fn past_moves(&self) -> &[PastMove] {
        &self.past
    }

    /// What both hosts said before a move; its checks go into the journal.
    pub(super) fn inspected(&mut self, guest: GuestKey, host: HostId, found: &Inspection) {
        self.inspections.insert((guest, host), found.clone());
    }

    /// The journals, for the end of the program.
    pub(super) const fn journals(&self) -> &Journals {
        &self.journals
    }

    fn write(&self, job: JobId, record: Record) {
        if let Some(id) = self.of.get(&job) {
            self.journals.append(id, record);
        }
    }
}

impl App {
    /// Begins the journal of a move that was asked for.
    pub(super) fn record_start(&mut self, job: JobId, plan: &MigrationPlan, known: &Foreknown) {
        let key = (plan.guest, plan.destination);
        let results = self.records.inspections.get(&key).map(|found| ask(found, &plan.options));
        let verdict = results.as_deref().map(|results| match Verdict::of(results) {
            Verdict::Ready => "ready",
            Verdict::WithCare(_) => "with care",
            Verdict::Blocked(_) => "blocked",
        });
        let Some(begun) = self.begun(plan.guest, Some(plan.destination)) else { return };
        let begun = Begun {
            options: Some(OptionsRecord::new(&plan.options, without_password)),
            verdict: verdict.map(String::from),
            checks: results.iter().flatten().filter_map(CheckRecord::of).collect(),
            predicted: known.predicted.map(Into::into),
            dirty_before: known.measured.map(|found| found.rewritten_bps),
            ..begun
        };
        self.records.of.insert(job, self.records.journals.begin(begun));
    }

    /// What both hosts said is needed no more, but for moves that wait: their journals begin with it later.
    pub(super) fn forget_inspections(&mut self) {
        let moves = &self.moves;
        let waits = |guest, host| {
            moves.waiting().any(|of| of.guest == guest && of.destination == Some(host))
        };
        self.records.inspections.retain(|&(guest, host), _| waits(guest, host));
    }

    /// What every journal begins with.
    pub(super) fn begun(&self, key: GuestKey, destination: Option<HostId>) -> Option<Begun> {
        let guest = self.inventory.guest(key)?;
        Some(Begun {
            version: VERSION,
            at: millis(self.now()),
            guest: guest.name.to_string(),
            uuid: key.uuid.to_string(),
            memory: guest.memory_max.0,
            source: self.host_record(key.host)?,
            destination: destination.and_then(|host| self.host_record(host)),
            options: None,
            verdict: None,
            checks: Vec::new(),
            predicted: None,
            dirty_before: None,
        })
    }

    fn host_record(&self, host: HostId) -> Option<HostRecord> {
        let entry = self.inventory.host(host)?;
        Some(HostRecord {
            name: entry.name().to_owned(),
            uuid: entry.facts.as_ref().map(|facts| facts.host_uuid.clone()),
            uri: without_password(&entry.spec.uri),
        })
    }

    /// A move that had gone out of sight goes on under another name.
    pub(super) fn records_go_on(&mut self, before: JobId, job: JobId) {
        if let Some(id) = self.records.of.remove(&before) {
            self.records.of.insert(job, id);
            self.records.write(job, Record::Resumed { at: millis(self.now()) });
        }
    }

    pub(super) fn record_step(&self, job: JobId, step: &MigrationStep) {
        if let Some(known) = self.moves.get(job) {
            let ms = millis(self.now().saturating_sub(known.started));
            self.records.write(job, Record::of_step(ms, step));
        }
    }

    /// The user pulled a lever.
    pub(super) fn record_lever(&self, job: JobId, lever: Lever) {
        let Some(known) = self.moves.get(job) else { return };
        let lever = match lever {
            Lever::MaxDowntime(ms) => LeverRecord::MaxDowntimeMs(ms),
            Lever::Bandwidth(limit) => LeverRecord::BandwidthMibps(limit),
            Lever::PauseGuest => LeverRecord::PauseGuest,
            Lever::Postcopy => LeverRecord::Postcopy,
            Lever::Cancel => LeverRecord::Cancel,
        };
        let ms = millis(self.now().saturating_sub(known.started));
        self.records.write(job, Record::Pulled { ms, lever });
    }

    /// The destination of a move that was found became known.
    pub(super) fn record_destination(&self, job: JobId, host: HostId) {
        if let Some(host) = self.host_record(host) {
            self.records.write(job, Record::Destination(host));
        }
    }

    pub(super) fn record_end(&self, job: JobId, end: &MigrationEnd) {
        let (Some(known), Some(id)) = (self.moves.get(job), self.records.of.get(&job)) else {
            return;
        };
        let now = self.now();
        let ms = millis(now.saturating_sub(known.started));
        let mut ended = Ended::new(millis(now), ms, end);
        ended.given_up = known.tracker.given_up().map(Into::into);
        self.records.journals.end(id, ended);
    }

    /// Whether the move of this journal runs.
    pub(super) fn is_being_written(&self, journal: &JournalId) -> bool {
        self.moves.running().any(|known| self.records.of.get(&known.job) == Some(journal))
    }

    pub(super) fn record_standing(&self, job: JobId, standing: Standing, repaired: Option<Repair>) {
        let (source, destination) = (standing.source.into(), standing.destination.into());
        let at = millis(self.now());
        self.records.write(job, Record::Stands { at, repaired, source, destination });
    }

    pub(super) fn journal_told(&mut self, news: JournalNews) {
        match news {
            JournalNews::Trouble { path, error } => {
                let file = path.display().to_string();
                let values = [("file", file.as_str()), ("error", error.as_str())];
                self.toast(&gettext_f(
                    "The migration goes on, but its journal cannot be written to {file}: {error}",
                    &values,
                ));
            }
            JournalNews::Past(past) => self.records.past.push(*past),
            JournalNews::Changed => self.history.emit(HistoryInput::Changed),
        }
    }
}

/// In whole milliseconds.
pub(super) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
