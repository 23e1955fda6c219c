//! What a move left behind: asked again, mended.

use relm4::ComponentSender;
use relm4::adw::{self, prelude::*};
use relm4::gtk::{gio, glib};

use super::failures::Pending;
use super::{App, AppInput, Order, Page};
use crate::backend::{RepairWish, RequestBody};
use crate::i18n::gettext;
use crate::migration::Move;
use crate::migration::repair::Repair;
use crate::model::{GuestUuid, HostId, JobId, JobResult, Reply};
use crate::ui::history::HistoryOutput;
use crate::ui::labels::{self, Confirm};
use crate::ui::migrations::MigrationsOutput;
use crate::ui::widgets::dialog;

/// `win.repair` and `win.ask-hosts`, each for the migration whose number is given.
pub(super) fn register(window: &adw::ApplicationWindow, sender: &ComponentSender<App>) {
    for name in ["repair", "ask-hosts"] {
        let action = gio::SimpleAction::new(name, Some(glib::VariantTy::UINT64));
        let input = sender.input_sender().clone();
        action.connect_activate(move |_, number| {
            if let Some(number) = number.and_then(glib::Variant::get::<u64>) {
                let job = JobId(number);
                input.emit(Page::moves(match name {
                    "repair" => MigrationsOutput::Repair(job),
                    _ => MigrationsOutput::Ask(job),
                }));
            }
        });
        window.add_action(&action);
    }
}

impl App {
    /// Asks both hosts of a move that is over where they stand.
    pub(super) fn ask_where(&mut self, job: JobId) {
        let Some(known) = self.moves.get(job).filter(|known| known.end.is_some()) else { return };
        let (guest, Some(destination)) = (known.guest, known.destination) else { return };
        self.moves.asking(job, true);
        self.ask_for(Pending::Standing(job), RequestBody::WhereIs { guest, destination });
        self.show_move(job);
    }

    /// A host was read again: what it says of these guests, or of all of them, may be different by
    /// now. The moves that wait for its word, or offer a repair, are asked about once more.
    pub(super) fn look_again(&mut self, host: HostId, guests: Option<&[GuestUuid]>) {
        let waits = |known: &&&Move| {
            let concerned = known.guest.host == host || known.destination == Some(host);
            let changed = guests.is_none_or(|guests| guests.contains(&known.guest.uuid));
            let end = known.end.as_ref();
            let (asking, moving) = end.map(|end| (end.asking, end.moving)).unwrap_or_default();
            let open = known.is_unseen() || moving || known.repair().is_some();
            concerned && changed && !asking && open
        };
        let jobs: Vec<_> =
            self.moves.finished().iter().filter(waits).map(|known| known.job).collect();
        for job in jobs {
            self.ask_where(job);
        }
    }

    /// The user wants it mended: after a question where something would go for good.
    pub(super) fn ask_repair(&mut self, job: JobId, sender: &ComponentSender<Self>) {
        let Some(known) = self.moves.get(job) else { return };
        let Some(repair) = known.repair() else { return };
        let order = Order::Repair(job, repair);
        match labels::repair::confirm(repair, &known.names) {
            None => self.carry_out(order, sender),
            Some(text) => {
                let input = sender.input_sender().clone();
                dialog::confirm(&self.window, &text, move || {
                    input.emit(AppInput::Confirmed(order.clone()));
                });
            }
        }
    }

    pub(super) fn repair_question(&self, job: JobId, repair: Repair) -> Confirm {
        let known = self.moves.get(job);
        let asked = known.and_then(|known| labels::repair::confirm(repair, &known.names));
        asked.unwrap_or_else(|| Confirm {
            heading: String::new(),
            body: String::new(),
            action: known
                .map(|known| labels::repair::title(repair, &known.names))
                .unwrap_or_default(),
        })
    }

    pub(super) fn repair(&mut self, job: JobId, repair: Repair) {
        let Some(known) = self.moves.get(job) else { return };
        let (guest, plan) = (known.guest, known.plan.as_ref());
        let (Some(destination), Some(case)) = (known.destination, known.circumstances()) else {
            return;
        };
        let options = plan.map(|plan| plan.options.clone()).unwrap_or_default();
        let wish = RepairWish { guest, destination, repair, case, options };
        self.moves.asking(job, true);
        self.ask_for(Pending::Repair(job, repair), RequestBody::Repair(Box::new(wish)));
        self.show_move(job);
    }

    pub(super) fn history_said(&mut self, output: HistoryOutput, sender: &ComponentSender<Self>) {
        match output {
            HistoryOutput::Delete { journal, .. } if self.is_being_written(&journal) => {
                self.toast(&gettext(
                    "This migration is not over yet. Its journal is still written.",
                ));
            }
            HistoryOutput::Delete { journal, title } => {
                let order = Order::DeleteJournal(journal, title);
                let text = self.question(&order);
                let input = sender.input_sender().clone();
                dialog::confirm(&self.window, &text, move || {
                    input.emit(AppInput::Confirmed(order.clone()));
                });
            }
            HistoryOutput::Look(id, chronicle) => self.look_at_past(&id, &chronicle),
            HistoryOutput::Said(text) => self.toast(&text),
        }
    }

    /// Takes in what was answered to questions and repairs.
    pub(super) fn aftermath(&mut self, pending: &Pending, result: &JobResult) {
        let (job, repair) = match pending {
            Pending::Missed { journal, guest } => {
                self.missed(journal, *guest, result.as_ref().ok());
                return;
            }
            Pending::Standing(job) => (*job, None),
            Pending::Repair(job, repair) => (*job, Some(*repair)),
            _ => return,
        };
        match result {
            Ok(Reply::Standing(standing)) => {
                let before = self.moves.get(job).and_then(|known| known.end.clone());
                let before = before.map(|end| (end.raw.source, end.raw.destination));
                self.moves.stands(job, *standing, repair);
                if repair.is_some() || before != Some((standing.source, standing.destination)) {
                    self.record_standing(job, *standing, repair);
                }
            }
            Ok(_) | Err(_) => {
                self.moves.asking(job, false);
            }
        }
        if let (Err(failure), Some(repair)) = (result, repair) {
            self.moves.not_repaired(job, repair, failure.clone());
            // It was refused because something is different by now, or may be: what is there now?
            self.ask_where(job);
        }
        self.show_move(job);
    }
}
