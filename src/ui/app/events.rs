//! What the backend reports: the inventory takes it, the windows are told.

use relm4::{ComponentController, ComponentSender};

use crate::backend::Events;
use crate::model::{
    Change, Event, Failure, GuestKey, GuestUuid, HostId, JobId, JobResult, Question, Reply, Samples,
};
use crate::ui::connect::ConnectInput;
use crate::ui::guest::GuestInput;
use crate::ui::host::HostInput;
use crate::ui::labels;
use crate::ui::manager::{ManagerInput, RowUpdate};
use crate::ui::migrate::{ChecksInput, MigrateInput};
use crate::ui::{error_details, question, widgets};

use super::failures::{Pending, Place, place};
use super::storage::Dirty;
use super::{App, AppInput, rows};

/// Passes on what happens, all of one turn in one message.
pub(super) fn follow(events: Events, sender: &ComponentSender<App>) {
    let input = sender.input_sender().clone();
    relm4::spawn_local(async move {
        while let Some(batch) = events.batch().await {
            if input.send(AppInput::Happened(batch)).is_err() {
                return;
            }
        }
    });
}

/// Which guests of which host were read again; `None` for all of them.
fn read_again(event: &Event) -> Option<(HostId, Option<Vec<GuestUuid>>)> {
    match event {
        Event::GuestsListed { host, .. } => Some((*host, None)),
        Event::GuestsChanged { host, changed, removed } => {
            let uuids = changed.iter().map(|guest| guest.key.uuid);
            Some((*host, Some(uuids.chain(removed.iter().copied()).collect())))
        }
        _ => None,
    }
}

impl App {
    pub(super) fn happened(&mut self, events: Vec<Event>, sender: &ComponentSender<Self>) {
        let mut changes = Vec::new();
        let mut updates = Vec::new();
        let mut dirty = Dirty::default();
        for event in events {
            match event {
                Event::Sampled(samples) => {
                    updates.push(self.sampled(&samples));
                    self.inventory.apply(Event::Sampled(samples));
                }
                Event::Finished { job, result } => self.finished(job, result),
                Event::Asked { host, job, question } => self.asked(host, job, &question, sender),
                Event::MigrationStepped { job, step } => updates.extend(self.stepped(job, &step)),
                Event::MigrationFound { job, guest } => self.found(job, guest),
                Event::MigrationEnded { job, end } => updates.extend(self.ended(job, end)),
                Event::Surveyed(found) => self.surveyed(found),
                Event::Storage(event) => self.storage_happened(event, &mut dirty),
                Event::ConnectionChanged { host, state } => {
                    dirty.all |= self.storage_connection(host, &state);
                    let event = Event::ConnectionChanged { host, state };
                    changes.extend(self.inventory.apply(event));
                }
                event => {
                    let read = read_again(&event);
                    changes.extend(self.inventory.apply(event));
                    if let Some((host, guests)) = read {
                        self.disks_changed(host);
                        self.look_again(host, guests.as_deref());
                        self.look_for_ends();
                    }
                }
            }
        }
        self.begin_due();
        self.storage_guests(&changes, &mut dirty);
        self.show_dirty(&dirty);
        self.wait_for_disks(sender);
        if !changes.is_empty() {
            updates.splice(0..0, self.rows(&changes));
            self.tell_windows(&changes);
        }
        if !updates.is_empty() {
            self.tell_tree(ManagerInput::Update(updates));
        }
        if !changes.is_empty() {
            self.enable_actions();
        }
    }

    /// Shows changes that the user made, not the backend.
    pub(super) fn show(&mut self, changes: &[Change]) {
        let updates = self.rows(changes);
        self.tell_tree(ManagerInput::Update(updates));
        self.tell_windows(changes);
        self.enable_actions();
    }

    fn rows(&self, changes: &[Change]) -> Vec<RowUpdate> {
        rows::updates(&self.inventory, &|key| self.progress(key), changes)
    }

    fn sampled(&self, samples: &Samples) -> RowUpdate {
        let shown = rows::figures(&self.inventory, samples);
        if let (Some(window), Some(sample)) = (self.windows.host(samples.host), samples.host_sample)
        {
            window.emit(HostInput::Sampled(sample));
        }
        for (key, window) in self.windows.guests_of(samples.host) {
            let found = samples.guests.iter().find(|(uuid, _)| *uuid == key.uuid);
            if let Some((_, sample)) = found {
                window.emit(GuestInput::Sampled(*sample));
            }
        }
        RowUpdate::Sampled(shown)
    }

    /// Tells the open windows what is different in what they show.
    fn tell_windows(&mut self, changes: &[Change]) {
        self.tell_migrate_dialog();
        self.tell_grid(changes);
        for change in changes {
            match change {
                Change::HostChanged(host) => self.host_window_changed(*host),
                Change::GuestsChanged(_, keys) => {
                    keys.iter().for_each(|&key| self.guest_window_changed(key));
                }
                Change::GuestsRemoved(host, keys) => {
                    self.check_again(*host);
                    for key in keys {
                        if let Some(window) = self.windows.guest(*key) {
                            window.emit(GuestInput::Gone);
                        }
                    }
                }
                Change::GuestsAdded(host, _) => self.check_again(*host),
                Change::HostAdded(_) | Change::HostRemoved(_) | Change::Sampled(_) => {}
            }
        }
    }

    /// A host has other guests: names may be taken or free that were not before.
    fn check_again(&self, host: crate::model::HostId) {
        self.windows.tell_migrate(MigrateInput::Checks(ChecksInput::Again(Some(host))));
    }

    fn host_window_changed(&self, host: crate::model::HostId) {
        if let (Some(window), Some(view)) =
            (self.windows.host(host), rows::host(&self.inventory, host))
        {
            window.emit(HostInput::Show(Box::new(view)));
        }
    }

    fn guest_window_changed(&self, key: GuestKey) {
        let progress = |key| self.progress(key);
        if let (Some(window), Some(view)) =
            (self.windows.guest(key), rows::guest(&self.inventory, &progress, key))
        {
            window.emit(GuestInput::Show(Box::new(view)));
        }
    }

    fn asked(
        &self,
        host: crate::model::HostId,
        job: JobId,
        question: &Question,
        sender: &ComponentSender<Self>,
    ) {
        let name = self.inventory.host(host).map(|host| host.name().to_owned());
        let input = sender.input_sender().clone();
        question::ask(&self.window, &name.unwrap_or_default(), question, move |answer| {
            input.emit(AppInput::Answered(job, answer));
        });
    }

    /// A request was carried out, or failed.
    fn finished(&mut self, job: JobId, result: JobResult) {
        let Some(pending) = self.pending.remove(&job) else { return };
        self.aftermath(&pending, &result);
        match (pending, result) {
            (Pending::Storage(pending), Ok(reply)) => self.storage_replied(job, &pending, reply),
            (Pending::Storage(pending), Err(failure)) => {
                self.storage_failed(job, &pending, failure);
            }
            (pending, Ok(reply)) => self.replied(&pending, reply),
            (pending, Err(failure)) => self.failed(&pending, failure),
        }
    }

    fn replied(&mut self, pending: &Pending, reply: Reply) {
        match (pending, reply) {
            (Pending::Inspection { .. }, Reply::Inspected(found)) => {
                self.inspected(pending, Ok(found));
            }
            (Pending::Measurement(guest), Reply::MemoryWatch(found)) => {
                self.measured(*guest, Ok(found));
            }
            (Pending::Mend(guest), Reply::Done | Reply::Storage(_)) => self.mended(*guest, Ok(())),
            (Pending::Test, Reply::Tested(facts)) => {
                self.windows.tell_connect(ConnectInput::Tested(Ok(facts)));
            }
            (Pending::Xml(key), Reply::GuestXml(xml)) => {
                if let Some(window) = self.windows.guest(*key) {
                    window.emit(GuestInput::Xml(Ok(xml)));
                }
            }
            (Pending::Defaults(_), Reply::MigrationDefaults { max_downtime_ms, xml }) => {
                self.windows.tell_migrate(MigrateInput::Defaults { max_downtime_ms, xml });
            }
            _ => {}
        }
    }

    fn failed(&mut self, pending: &Pending, failure: Failure) {
        match (place(pending, &failure), pending) {
            (Place::Toast, Pending::Act(key, action)) => {
                let name = self.inventory.guest(*key).map(|guest| guest.name.to_string());
                let title = labels::action_failed(*action, &name.unwrap_or_default());
                self.toast_failure(&title, failure);
            }
            (Place::There, Pending::Inspection { .. }) => self.inspected(pending, Err(failure)),
            (Place::There, Pending::Survey(routes)) => {
                let found = routes.iter().map(|&route| (route, Err(failure.clone())));
                self.surveyed(found.collect());
            }
            (Place::There, Pending::Measurement(guest)) => self.measured(*guest, Err(failure)),
            (Place::There, Pending::Mend(guest)) => self.mended(*guest, Err(failure)),
            (Place::There, Pending::Test) => {
                self.windows.tell_connect(ConnectInput::Tested(Err(failure)));
            }
            (Place::There, Pending::Xml(key)) => {
                if let Some(window) = self.windows.guest(*key) {
                    window.emit(GuestInput::Xml(Err(failure)));
                }
            }
            _ => tracing::debug!(?failure, "not shown"),
        }
    }

    /// A toast with a button that opens the whole of it.
    pub(super) fn toast_failure(&self, title: &str, failure: Failure) {
        let toast = widgets::toast(title);
        toast.set_button_label(Some(&crate::i18n::gettext("Details")));
        toast.set_timeout(10);
        toast.set_priority(relm4::adw::ToastPriority::High);
        let (window, title) = (self.window.clone(), title.to_owned());
        toast.connect_button_clicked(move |_| error_details::present(&window, &title, &failure));
        self.toasts.add_toast(toast);
    }
}
