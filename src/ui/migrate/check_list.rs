//! The section *Checks*: every answer about the chosen destination, the gravest first, those that
//! passed folded away.

use std::cell::RefCell;

use relm4::Sender;
use relm4::adw::{self, prelude::*};
use relm4::gtk::{self, glib};

use super::check_fold::{Fold, row};
use super::form::Form;
use super::inspections::Mending;
use super::messages::{ChecksInput, MigrateInput};
use crate::i18n::{gettext, gettext_f, ngettext_f};
use crate::migration::checks::{CheckOutcome, CheckResult, Mend};
use crate::ui::TIMING;
use crate::ui::labels::{checks as labels, failure, mends};
use crate::ui::widgets::accessible;

/// The section.
#[derive(Debug)]
pub(super) struct CheckList {
    group: adw::PreferencesGroup,
    again: gtk::Button,
    unknown: Fold,
    passed: Fold,
    failure: gtk::Label,
    sender: Sender<MigrateInput>,
    shown: RefCell<Shown>,
}

#[derive(Debug, Default)]
struct Shown {
    results: Vec<CheckResult>,
    open: Vec<adw::ActionRow>,
    buttons: Vec<gtk::Button>,
}

impl CheckList {
    pub(super) fn new(sender: &Sender<MigrateInput>) -> Self {
        let again = gtk::Button::builder()
            .label(gettext("Check Again"))
            .valign(gtk::Align::Center)
            .css_classes(["flat"])
            .build();
        let to = sender.clone();
        again.connect_clicked(move |_| to.emit(MigrateInput::Checks(ChecksInput::Again(None))));
        let group =
            adw::PreferencesGroup::builder().title(gettext("Checks")).header_suffix(&again).build();
        let [unknown, passed] = [(); 2].map(|()| Fold::new());
        group.add(unknown.widget());
        group.add(passed.widget());
        let failure = gtk::Label::builder()
            .wrap(true)
            .xalign(0.0)
            .margin_top(6)
            .css_classes(["error"])
            .build();
        group.add(&failure);
        let sender = sender.clone();
        Self { group, again, unknown, passed, failure, sender, shown: RefCell::default() }
    }

    pub(super) const fn widget(&self) -> &adw::PreferencesGroup {
        &self.group
    }

    pub(super) fn show(&self, form: &Form) {
        self.group.set_visible(form.chosen.is_some());
        let Some(host) = form.chosen else { return };
        let under_way = form.inspections.under_way(host);
        self.again.set_sensitive(!under_way);
        let results = form.results(host);
        let description = match (&results, form.inspections.failure(host)) {
            (Some(results), _) => labels::summary(results),
            (None, Some(reason)) => gettext_f(
                "Could not be checked: {reason}",
                &[("reason", &failure::headline(reason))],
            ),
            (None, None) => gettext("Both hosts are being asked…"),
        };
        self.group.set_description(Some(&glib::markup_escape_text(&description)));
        self.show_results(results.unwrap_or_default());
        self.show_mending(form.inspections.last_mending());
    }

    fn show_mending(&self, mending: &Mending) {
        for button in &self.shown.borrow().buttons {
            button.set_sensitive(!matches!(mending, Mending::UnderWay(..)));
        }
        let text = match mending {
            Mending::Idle | Mending::UnderWay(..) => String::new(),
            Mending::AtNextStart => gettext(
                "Done: it takes effect when the guest is shut down and started the next time.",
            ),
            Mending::Failed(reason) => {
                gettext_f("That did not work: {reason}", &[("reason", &reason.message)])
            }
        };
        let class = if *mending == Mending::AtNextStart { "success" } else { "error" };
        self.failure.set_css_classes(&[class]);
        self.failure.set_visible(!text.is_empty());
        self.failure.set_label(&text);
    }

    fn show_results(&self, results: Vec<CheckResult>) {
        let mut shown = self.shown.borrow_mut();
        if shown.results == results {
            return;
        }
        shown.buttons.clear();
        for row in shown.open.drain(..) {
            self.group.remove(&row);
        }
        // What is folded away stays at the end of the group.
        self.group.remove(self.unknown.widget());
        self.group.remove(self.passed.widget());
        let (mut unknown, mut passed) = (Vec::new(), Vec::new());
        for result in &results {
            match result.outcome {
                CheckOutcome::Passed => passed.push(result.clone()),
                // What nobody can act on is one click away.
                CheckOutcome::CannotTell if result.mend.is_none() => unknown.push(result.clone()),
                CheckOutcome::CannotTell
                | CheckOutcome::Blocks
                | CheckOutcome::Warns
                | CheckOutcome::Note => {
                    let row = row(result);
                    if let Some(mend) = &result.mend {
                        let button = self.button(mend);
                        row.add_suffix(&button);
                        shown.buttons.push(button);
                    }
                    self.group.add(&row);
                    shown.open.push(row);
                }
            }
        }
        let title = unknown_title(unknown.len());
        self.unknown.show(&title, unknown);
        let title = ngettext_f("{n} check passed", "{n} checks passed", passed.len(), &[]);
        self.passed.show(&title, passed);
        self.group.add(self.unknown.widget());
        self.group.add(self.passed.widget());
        let count = results.len();
        self.group.add_tick_callback(move |_, _| {
            // Idle work comes after the frame.
            glib::idle_add_local_once(move || {
                tracing::info!(target: TIMING, results = count, "checked");
            });
            glib::ControlFlow::Break
        });
        shown.results = results;
    }

    /// The button that removes an obstacle.
    fn button(&self, mend: &Mend) -> gtk::Button {
        let (label, name) = mends::button(mend);
        let button = gtk::Button::builder().label(label).valign(gtk::Align::Center).build();
        accessible::set_name(&button, &name);
        let (to, mend) = (self.sender.clone(), mend.clone());
        button.connect_clicked(move |_| {
            to.emit(MigrateInput::Checks(ChecksInput::Mend(mend.clone())));
        });
        button
    }
}

fn unknown_title(count: usize) -> String {
    ngettext_f(
        "{n} thing cannot be told beforehand",
        "{n} things cannot be told beforehand",
        count,
        &[],
    )
}
