//! Closing the wizard while hosts are at work.

use relm4::ComponentSender;
use relm4::gtk::prelude::*;

use crate::i18n::{gettext, gettext_f};
use crate::storage::PoolField;
use crate::ui::labels::Confirm;
use crate::ui::widgets::dialog;

use super::PoolWizard;
use super::messages::{Agreement, WizardInput, WizardOutput};

impl PoolWizard {
    /// Closes the wizard. What can be stopped is not left behind unseen: that is asked first.
    pub(super) fn leave(&self, sender: &ComponentSender<Self>) {
        if self.course.can_stop() {
            self.ask_to_stop(sender);
            return;
        }
        // The parent is gone only when the program ends.
        let _ = sender.output(WizardOutput::Closed);
        self.window.destroy();
    }

    fn ask_to_stop(&self, sender: &ComponentSender<Self>) {
        let pool = self.draft.text(PoolField::Name).trim();
        let text = Confirm {
            heading: gettext_f("Stop setting up {pool}?", &[("pool", pool)]),
            body: gettext(
                "The hosts end the step they are at and begin no other. What was done until then is shown; it can be kept or taken back.",
            ),
            action: gettext("Stop"),
        };
        let input = sender.input_sender().clone();
        dialog::confirm_or(&self.window, &text, &gettext("Keep Waiting"), move || {
            input.emit(WizardInput::Agreed(Agreement::Stop));
        });
    }

    /// The hosts may be through since the question was asked.
    pub(super) fn stop(&mut self, sender: &ComponentSender<Self>) {
        if self.course.can_stop() {
            self.course.stopped = true;
            let _ = sender.output(WizardOutput::Stop);
        }
    }
}
