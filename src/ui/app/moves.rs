//! Migrations from the window: the dialog, the page, the rows, the notification, staying awake.

use std::time::Duration;

use relm4::adw::prelude::*;
use relm4::gtk::gio;
use relm4::{Component, ComponentController, ComponentSender, adw, gtk};

use crate::backend::{Inspect, Lever, RequestBody, StorageRequest};
use crate::i18n::gettext;
use crate::migration::checks::Mend;
use crate::migration::{MigrationOptions, MigrationPlan, MoveNames, Outcome, Transport, suited};
use crate::model::{
    Failure, GuestKey, HostId, Inspection, JobId, MigrationEnd, MigrationStep, Surveyed,
    Whereabouts, storage::PoolKey,
};
use crate::ui::labels;
use crate::ui::manager::RowUpdate;
use crate::ui::migrate::{
    ChecksInput, MigrateDialog, MigrateInit, MigrateInput, MigrateOutput,
    logic::{destinations, host_choice},
};
use crate::ui::migrations::{MigrationsInput, MigrationsOutput};
use crate::ui::widgets;

use super::failures::Pending;
use super::{App, AppInput};

/// The open Migrate dialog's guests: the one it shows, and those that go along.
#[derive(Clone, Debug, Default)]
pub(super) struct Party {
    first: Option<GuestKey>,
    also: Vec<GuestKey>,
}

impl App {
    /// The guest of the open Migrate dialog.
    pub(super) const fn party_first(&self) -> Option<GuestKey> {
        self.party.first
    }

    /// How far a guest's migration is, while one runs.
    pub(super) fn progress(&self, guest: GuestKey) -> Option<f64> {
        self.moves.of_guest(guest).map(|known| known.tracker.fraction())
    }

    /// Since the epoch, and never back.
    pub(super) fn now(&self) -> Duration {
        self.epoch + self.started.elapsed()
    }

    /// Opens the dialog for the first guest; others of the same host go along with the same wishes.
    pub(super) fn open_migrate(
        &mut self,
        guests: &[GuestKey],
        preselected: Option<HostId>,
        sender: &ComponentSender<Self>,
    ) {
        let Some(&first) = guests.first() else { return };
        let guest = self.inventory.guest(first).cloned();
        let source = host_choice(&self.inventory, first.host);
        let (Some(guest), Some(source)) = (guest, source) else { return };
        let also: Vec<GuestKey> =
            guests.iter().skip(1).filter(|key| key.host == first.host).copied().collect();
        let others = also.iter().filter_map(|&key| self.inventory.guest(key).cloned()).collect();
        let init = MigrateInit {
            guest,
            also: others,
            source,
            hosts: destinations(&self.inventory, first),
            known: self.calibrations(first),
            preselected,
        };
        let dialog =
            MigrateDialog::builder().launch(init).forward(sender.input_sender(), AppInput::Plan);
        dialog.widget().set_transient_for(Some(&self.window));
        self.windows.show_migrate(dialog);
        self.party = Party { first: Some(first), also };
        self.ask_for(Pending::Defaults(first), RequestBody::MigrationDefaults(first));
    }

    /// Keeps the open dialog current.
    pub(super) fn tell_migrate_dialog(&self) {
        let Some(first) = self.party.first else { return };
        self.windows.tell_migrate(MigrateInput::HostsChanged(destinations(&self.inventory, first)));
        for &key in std::iter::once(&first).chain(&self.party.also) {
            let guest = self.inventory.guest(key).cloned().map(Box::new);
            self.windows.tell_migrate(MigrateInput::GuestChanged(key, guest));
        }
    }

    pub(super) fn plan_said(&mut self, output: MigrateOutput) {
        match output {
            MigrateOutput::Inspect { revision, wish } => self.inspect(revision, wish),
            MigrateOutput::Survey(routes) => self.survey(routes),
            MigrateOutput::Mend { destination, mend } => self.mend(destination, mend),
            MigrateOutput::Measure { seconds } => self.measure(seconds),
            MigrateOutput::Migrate(plan, known) => {
                self.start_move(*plan, known.map(|known| *known))
            }
            MigrateOutput::Closed => {
                self.forget_inspections();
                self.windows.forget_migrate();
                self.party = Party::default();
            }
        }
    }

    fn inspect(&mut self, revision: u64, wish: Inspect) {
        let pending = Pending::Inspection { guest: wish.guest, host: wish.destination, revision };
        self.ask_for(pending, RequestBody::Inspect(Box::new(wish)));
    }

    fn mend(&mut self, destination: HostId, mend: Mend) {
        let Some(guest) = self.party.first else { return };
        let body = if let Mend::Prove(here, there) = mend {
            // From now on it is heard when one of them is stopped: then the proof is worth nothing.
            self.ask_hosts();
            let pools = [(guest.host, here), (destination, there)];
            let pools = pools.map(|(host, uuid)| PoolKey { host, uuid }).to_vec();
            RequestBody::Storage(StorageRequest::Prove(pools))
        } else {
            RequestBody::Mend { guest, destination, mend }
        };
        self.ask_for(Pending::Mend(guest), body);
    }

    /// Tells the open dialog whether an obstacle is removed, unless it is another guest's by now, and what its XML is
    /// then.
    pub(super) fn mended(&mut self, guest: GuestKey, result: Result<(), Failure>) {
        if self.party.first == Some(guest) {
            if result.is_ok() {
                self.ask_for(Pending::Defaults(guest), RequestBody::MigrationDefaults(guest));
            }
            self.windows.tell_migrate(MigrateInput::Checks(ChecksInput::Mended(result)));
        }
    }

    /// Tells the open dialog what both hosts said, unless it is another guest's by now.
    pub(super) fn inspected(
        &mut self,
        pending: &Pending,
        mut found: Result<Box<Inspection>, Failure>,
    ) {
        if let (Pending::Inspection { guest, host, .. }, Ok(found)) = (pending, &mut found) {
            found.proofs = self.proofs(found, guest.host, *host);
        }
        if let (Pending::Inspection { guest, host, .. }, Ok(found)) = (pending, &found) {
            self.records.inspected(*guest, *host, found);
        }
        if let Pending::Inspection { guest, host, revision } = *pending
            && self.party.first == Some(guest)
        {
            let input = ChecksInput::Inspected { guest, host, revision, found };
            self.windows.tell_migrate(MigrateInput::Checks(input));
        }
    }

    /// Tells the open dialog what both hosts said of the guests that go along.
    pub(super) fn along_surveyed(&mut self, found: &[Surveyed]) {
        let along = found.iter().filter(|((guest, _), _)| self.party.also.contains(guest));
        let along: Vec<Surveyed> = along.cloned().collect();
        for ((guest, host), found) in &along {
            if let Ok(found) = found {
                self.records.inspected(*guest, *host, found);
            }
        }
        if !along.is_empty() {
            self.windows.tell_migrate(MigrateInput::Checks(ChecksInput::Surveyed(along)));
        }
    }

    /// Moves guests home, with the usual wishes.
    pub(super) fn bring_back(&mut self, guests: &[GuestKey]) {
        for &key in guests {
            let (guest, destination) = match self.inventory.whereabouts(key) {
                Whereabouts::AwayOn(host) => (GuestKey { host, ..key }, key.host),
                Whereabouts::VisitingFrom(home) => (key, home),
                Whereabouts::Home | Whereabouts::AwaySomewhere => continue,
            };
            let uri = |id| self.inventory.host(id).map(|host| host.spec.uri.as_str());
            let transport = match (uri(guest.host), uri(destination)) {
                (Some(from), Some(to)) => suited(from, to).0,
                _ => Transport::Direct,
            };
            let options = MigrationOptions { transport, ..MigrationOptions::default() };
            self.start_move(MigrationPlan { guest, destination, options }, None);
        }
    }

    /// A migration was found that this run did not start.
    pub(super) fn found(&mut self, job: JobId, key: GuestKey) {
        if let Some(before) = self.moves.found_again(job, key) {
            self.records_go_on(before, job);
            self.fly_on(job);
            self.migrations.emit(MigrationsInput::Forgotten(vec![before]));
            self.stay_awake();
            return self.show_move(job);
        }
        let Some(guest) = self.inventory.guest(key) else { return };
        let host = self.inventory.host(key.host).map(|host| host.name().to_owned());
        let names = MoveNames {
            guest: guest.name.to_string(),
            source: host.unwrap_or_default(),
            destination: None,
        };
        let memory = guest.memory_max;
        let now = self.now();
        self.moves.found(job, key, names, memory, now);
        self.show_move(job);
        self.record_found(job, key);
    }

    pub(super) fn stepped(&mut self, job: JobId, step: &MigrationStep) -> Vec<RowUpdate> {
        let now = self.now();
        if self.moves.step(job, step, now).is_none() {
            return Vec::new();
        }
        self.record_step(job, step);
        self.show_move(job);
        self.row_progress(job)
    }

    pub(super) fn ended(&mut self, job: JobId, end: MigrationEnd) -> Vec<RowUpdate> {
        let now = self.now();
        self.record_end(job, &end);
        if self.moves.end(job, end, now).is_none() {
            return Vec::new();
        }
        self.stay_awake();
        self.show_move(job);
        self.tell_end(job);
        self.next_try(job);
        self.row_progress(job)
    }

    /// A migration that somebody else began goes to the host that has the guest, too.
    fn name_destination(&mut self, job: JobId) {
        let Some(known) = self.moves.get(job).filter(|known| known.destination.is_none()) else {
            return;
        };
        let guest = known.guest;
        let has = |id: HostId| {
            let there = self.inventory.guest(GuestKey { host: id, ..guest });
            id != guest.host && there.is_some_and(|guest| guest.state.is_active())
        };
        let host = self.inventory.hosts().find(|(id, _)| has(*id));
        if let Some((id, name)) = host.map(|(id, host)| (id, host.name().to_owned())) {
            self.moves.name_destination(job, id, &name);
            self.record_destination(job, id);
        }
    }

    /// The bar in the guest's row, at both hosts.
    fn row_progress(&self, job: JobId) -> Vec<RowUpdate> {
        let Some(known) = self.moves.get(job) else { return Vec::new() };
        let share = known.end.is_none().then(|| known.tracker.fraction());
        let hosts = [Some(known.guest.host), known.destination];
        let key = |host| GuestKey { host, ..known.guest };
        hosts.into_iter().flatten().map(|host| RowUpdate::Progress(key(host), share)).collect()
    }

    pub(super) fn show_move(&mut self, job: JobId) {
        self.name_destination(job);
        if let Some(known) = self.moves.get(job) {
            self.migrations.emit(MigrationsInput::Updated(Box::new(known.clone())));
        }
        self.show_badge();
    }

    /// How much is under way, guests and volumes.
    pub(super) fn show_badge(&self) {
        let running = self.moves.open().count() + self.running_tasks();
        self.moves_page.set_badge_number(u32::try_from(running).unwrap_or(u32::MAX));
    }

    /// Says how it ended: over the window where it is not seen anyway, or on the desktop when the window is not in front.
    fn tell_end(&self, job: JobId) {
        let Some(known) = self.moves.get(job) else { return };
        let Some(end) = &known.end else { return };
        let destination = known.names.destination.clone().unwrap_or_default();
        let place = labels::migration::place(
            end.report.place,
            &known.names.guest,
            &known.names.source,
            &destination,
        );
        let headline = labels::migration::outcome(&end.report.outcome, &destination);
        if !self.window.is_active() {
            let note = gio::Notification::new(&format!("{}: {headline}", known.names.guest));
            note.set_body(Some(&match &end.report.outcome {
                Outcome::GivenUp(_, why) => {
                    let why = labels::forecast::no_end(why, &known.names.guest);
                    format!("{why}\n{place}")
                }
                Outcome::Arrived | Outcome::Cancelled | Outcome::Failed(_) => place.clone(),
            }));
            relm4::main_application().send_notification(Some(&job.0.to_string()), &note);
        }
        // The page of migrations says all of it, and a toast would lie over it.
        if self.stack.visible_child_name().is_some_and(|page| page == "migrations") {
            return;
        }
        match (&end.report.outcome, &end.raw.result) {
            (Outcome::Failed(_), Err(failure)) => {
                let title = format!("{}: {headline}", known.names.guest);
                self.toast_failure(&title, failure.clone());
            }
            (outcome, _) => {
                let given_up = matches!(outcome, Outcome::GivenUp(..));
                let toast = widgets::toast(if given_up { &headline } else { &place });
                toast.set_button_label(given_up.then(|| gettext("Show")).as_deref());
                toast.set_action_name(given_up.then_some("win.show-migrations"));
                toast.set_priority(adw::ToastPriority::High);
                self.toasts.add_toast(toast);
            }
        }
    }

    /// While this program relays a migration, or has one wait for its turn, the computer must not go to sleep.
    pub(super) fn stay_awake(&mut self) {
        let application = relm4::main_application();
        let needed = self.moves.relayed().chain(self.moves.waiting()).next().is_some();
        match (needed, self.inhibited) {
            (true, None) => {
                let reason = gettext("Guests are moved through this computer, or wait to be moved");
                let flags = gtk::ApplicationInhibitFlags::SUSPEND;
                let cookie = application.inhibit(Some(&self.window), flags, Some(&reason));
                self.inhibited = Some(cookie).filter(|&cookie| cookie != 0);
            }
            (false, Some(cookie)) => {
                application.uninhibit(cookie);
                self.inhibited = None;
            }
            (true, Some(_)) | (false, None) => {}
        }
    }

    pub(super) fn moves_said(&mut self, output: MigrationsOutput, sender: &ComponentSender<Self>) {
        match output {
            MigrationsOutput::Begin(job) => self.begin_move(job),
            MigrationsOutput::Steer { job, lever: Lever::Cancel } if self.withdraw(job) => {}
            MigrationsOutput::Steer { job, lever } => {
                self.record_lever(job, lever);
                self.ask_for(Pending::Steer, RequestBody::Steer { of: job, lever });
            }
            MigrationsOutput::Repair(job) => self.ask_repair(job, sender),
            MigrationsOutput::Ask(job) => self.ask_where(job),
            MigrationsOutput::Retry { job, retry } => self.begin_again(job, retry),
            MigrationsOutput::CancelTask(job) => self.cancel_task(job),
            MigrationsOutput::Clear => {
                let mut over = self.moves.clear_finished();
                over.extend(self.clear_tasks());
                self.migrations.emit(MigrationsInput::Forgotten(over));
            }
        }
    }
}
