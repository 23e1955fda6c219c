//! Moves that are asked for, and begin when it is their turn.

use relm4::ComponentController;

use crate::backend::RequestBody;
use crate::i18n::{gettext, gettext_f};
use crate::migration::{Foreknown, MigrationPlan, MoveNames};
use crate::model::JobId;
use crate::ui::migrations::MigrationsInput;
use crate::ui::widgets;

use super::App;

impl App {
    /// A move is asked for: it begins at once, or when its turn comes.
    pub(super) fn start_move(&mut self, plan: MigrationPlan, known: Option<Foreknown>) {
        let Some(guest) = self.inventory.guest(plan.guest) else { return };
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
        self.begin_due();
        if self.moves.get(job).is_some_and(|known| known.waits) {
            self.show_move(job);
            self.tell_waiting(job);
        }
    }

    /// Begins the moves whose turn it is.
    pub(super) fn begin_due(&mut self) {
        for job in self.moves.due() {
            self.begin_move(job);
        }
    }

    /// Begins a move that waits.
    pub(super) fn begin_move(&mut self, job: JobId) {
        let now = self.now();
        let Some(known) = self.moves.begins(job, now) else { return };
        let Some(plan) = known.plan.clone() else { return };
        let foreknown = known.tracker.foreknown().copied().unwrap_or_default();
        let toast = gettext_f("{guest} is on its way", &[("guest", &known.names.guest)]);
        self.send(job, RequestBody::Migrate(plan.clone()));
        self.record_start(job, &plan, &foreknown);
        self.stay_awake();
        self.show_move(job);
        self.toast_moves(&toast);
    }

    /// Says that a move waits; of several only the first.
    fn tell_waiting(&self, job: JobId) {
        let mut waiting = self.moves.waiting();
        if let Some(first) = waiting.next().filter(|first| first.job == job) {
            let guest = &first.names.guest;
            self.toast_moves(&gettext_f("{guest} waits for its turn", &[("guest", guest)]));
        }
    }

    fn toast_moves(&self, text: &str) {
        let toast = widgets::toast(text);
        toast.set_button_label(Some(&gettext("Show")));
        toast.set_action_name(Some("win.show-migrations"));
        toast.set_timeout(3);
        self.toasts.add_toast(toast);
    }

    /// Forgets a move that has not begun; whether there was one.
    pub(super) fn withdraw(&mut self, job: JobId) -> bool {
        let withdrawn = self.moves.withdraw(job).is_some();
        if withdrawn {
            self.migrations.emit(MigrationsInput::Forgotten(vec![job]));
        }
        withdrawn
    }
}
