//! Moves that are asked for, and begin when it is their turn.

use relm4::{ComponentController, adw};

use crate::backend::RequestBody;
use crate::i18n::{gettext, gettext_f, ngettext_f};
use crate::migration::{Coverage, Foreknown, MigrationPlan, Move, MoveNames};
use crate::model::{HostId, JobId};
use crate::ui::migrations::MigrationsInput;
use crate::ui::widgets;

use super::App;

impl App {
    /// A move is asked for: it begins at once, or when its turn comes.
    pub(super) fn start_move(&mut self, plan: MigrationPlan, known: Option<Foreknown>) {
        let Some(job) = self.queue_move(plan, known) else { return };
        self.begin_due();
        if self.moves.get(job).is_some_and(|known| known.waits) {
            self.stay_awake();
            self.show_move(job);
            self.tell_waiting();
        }
    }

    /// A move is asked for in the place of one that just ended: it takes over its turn.
    pub(super) fn start_move_instead(&mut self, plan: MigrationPlan, known: Foreknown) {
        if let Some(job) = self.queue_move(plan, Some(known)) {
            self.begin_move(job);
        }
    }

    fn queue_move(&mut self, plan: MigrationPlan, known: Option<Foreknown>) -> Option<JobId> {
        let guest = self.inventory.guest(plan.guest)?;
        let name = |id| self.inventory.host(id).map(|host| host.name().to_owned());
        let names = MoveNames {
            guest: guest.name.to_string(),
            source: name(plan.guest.host).unwrap_or_default(),
            destination: name(plan.destination),
        };
        let memory = guest.memory_max;
        let known = known.unwrap_or_else(|| self.foreknown(&plan, None));
        // A guest that waits already goes the new way.
        let before = self.moves.waiting().find(|waits| waits.guest == plan.guest);
        if let Some(before) = before.map(|waits| waits.job) {
            self.withdraw(before);
        }
        let job = self.backend.next_job();
        self.moves.queue(job, Box::new(plan), names, memory);
        self.moves.foretell(job, known);
        Some(job)
    }

    /// Begins the moves whose turn it is.
    pub(super) fn begin_due(&mut self) {
        if self.moves.waiting().next().is_none() {
            return;
        }
        let hosts = &self.inventory;
        let connected = |host| {
            hosts.host(host).is_some_and(|host| host.state.is_connected() && host.facts.is_some())
        };
        for job in self.moves.due(connected) {
            self.begin_move(job);
        }
    }

    /// Begins a move that waits, unless its guest is not any more what was to move.
    pub(super) fn begin_move(&mut self, job: JobId) {
        let Some(waits) = self.moves.get(job).filter(|known| known.waits) else { return };
        let (Some(plan), guest) = (waits.plan.clone(), waits.names.guest.clone()) else { return };
        if !self.still_fits(&plan) {
            self.withdraw(job);
            let values = [("guest", guest.as_str())];
            let text =
                gettext_f("{guest} has changed and does not move. Migrate it anew.", &values);
            return self.toast(&text);
        }
        let foreknown = waits.tracker.foreknown().copied().unwrap_or_default();
        if !self.send(job, RequestBody::Migrate(plan.clone())) {
            return;
        }
        let now = self.now();
        self.moves.begins(job, now);
        self.record_start(job, &plan, &foreknown);
        self.stay_awake();
        self.show_move(job);
        self.toast_moves(&gettext_f("{guest} is on its way", &[("guest", &guest)]));
    }

    /// Whether a guest is still where it was when its move was asked for, and runs or not as then.
    fn still_fits(&self, plan: &MigrationPlan) -> bool {
        let active = plan.options.coverage != Coverage::Definition;
        self.inventory.guest(plan.guest).is_some_and(|guest| guest.state.is_active() == active)
    }

    /// Says how many moves wait, in place of what was said before.
    fn tell_waiting(&mut self) {
        let waiting = self.moves.waiting().count();
        let text = ngettext_f(
            "{n} migration waits for its turn",
            "{n} migrations wait for their turn",
            waiting,
            &[],
        );
        if let Some(before) = self.told_waiting.replace(self.toast_moves(&text)) {
            before.dismiss();
        }
    }

    fn toast_moves(&self, text: &str) -> adw::Toast {
        let toast = widgets::toast(text);
        toast.set_button_label(Some(&gettext("Show")));
        toast.set_action_name(Some("win.show-migrations"));
        toast.set_timeout(3);
        self.toasts.add_toast(toast.clone());
        toast
    }

    /// Moves of a host that is taken from the list do not begin.
    pub(super) fn withdraw_from(&mut self, host: HostId) {
        let of_host = |waits: &&Move| waits.guest.host == host || waits.destination == Some(host);
        let jobs: Vec<JobId> =
            self.moves.waiting().filter(of_host).map(|waits| waits.job).collect();
        for job in jobs {
            self.withdraw(job);
        }
    }

    /// Forgets a move that has not begun; whether there was one.
    pub(super) fn withdraw(&mut self, job: JobId) -> bool {
        let withdrawn = self.moves.withdraw(job).is_some();
        if withdrawn {
            self.stay_awake();
            self.show_badge();
            self.migrations.emit(MigrationsInput::Forgotten(vec![job]));
        }
        withdrawn
    }
}
