//! The end of the program: what is asked before, and how everything is closed.

use relm4::ComponentSender;
use relm4::gtk::{self, prelude::*};

use crate::migration::{Move, Policy};
use crate::ui::labels::quitting::UnderWay;
use crate::ui::widgets::dialog;

use super::lab::LabState;
use super::{App, AppInput, AppOutcome, Order};

impl App {
    /// Leaves, after a question where something is under way.
    pub(super) fn leave(&mut self, ask: bool, sender: &ComponentSender<Self>) {
        let work = self.under_way();
        if ask && (work.moves || !work.storage.is_empty()) {
            let text = self.question(&Order::Quit);
            let input = sender.input_sender().clone();
            dialog::confirm(&self.window, &text, move || {
                input.emit(AppInput::Confirmed(Order::Quit));
            });
        } else {
            self.close_everything(sender);
        }
    }

    /// All that runs now and would not be left alone.
    pub(super) fn under_way(&self) -> UnderWay {
        let (lab, storage) = (self.lab.runs(), self.storage_work());
        let moves = self.moves.open().next().is_some();
        let outside = |known: &&Move| !self.lab.has(known.guest.host);
        let relayed = self.moves.relayed().filter(outside).count();
        let carried = self.moves.running().filter(outside).count() - relayed;
        let has_policy = |known: &&Move| {
            let options = known.plan.as_ref().map(|plan| &plan.options);
            options.is_some_and(|options| {
                options.policy != Policy::None && !options.transport.is_relayed()
            })
        };
        let watched_over = self.moves.running().filter(outside).filter(has_policy).count();
        let waiting = self.moves.waiting().filter(outside).count();
        UnderWay { lab, moves, carried, watched_over, relayed, waiting, storage }
    }

    /// Ends the backend and the lab away from the main thread, then the program.
    pub(super) fn close_everything(&mut self, sender: &ComponentSender<Self>) {
        if self.leaving {
            return;
        }
        self.leaving = true;
        self.keep_window_size();
        // It may take seconds until what was begun is taken back.
        gtk::Window::list_toplevels().iter().for_each(|window| window.set_visible(false));
        let backend = self.backend.clone();
        let journals = self.records.journals().clone();
        let lab = match std::mem::replace(&mut self.lab, LabState::Stopping) {
            LabState::Running(lab, _) => Some(lab),
            LabState::Off | LabState::Starting(_) | LabState::Stopping => None,
        };
        sender.spawn_oneshot_command(move || {
            backend.stop();
            journals.flush();
            if let Some(Err(error)) = lab.map(|lab| lab.stop()) {
                tracing::warn!(%error, "the practice lab did not stop cleanly");
            }
            AppOutcome::Ready
        });
    }
}
