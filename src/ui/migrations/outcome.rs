//! What became of a migration: where the guest is, what it took, what can be done.

use relm4::gtk::{self, prelude::*};

use super::levers::Pull;
use super::remedies::Again;
use crate::i18n::{gettext, gettext_f};
use crate::migration::{Finished, Move, MoveNames, Outcome, Place, Report, Retry};
use crate::ui::labels::{failure, forecast, migration as labels, repair};
use crate::ui::widgets::accessible;

/// The part of a card that shows the end.
pub(super) struct OutcomeView {
    content: gtk::Box,
    headline: gtk::Label,
    place: gtk::Label,
    remedy: gtk::Label,
    reason: gtk::Label,
    again: Again,
    repair: gtk::Button,
    ask: gtk::Button,
    repaired: gtk::Label,
    refused: gtk::Label,
    took: gtk::Label,
    details: gtk::Expander,
    raw: gtk::Label,
}

impl OutcomeView {
    pub(super) fn new(pull: &Pull) -> Self {
        let raw = line(&["monospace", "caption"]);
        raw.set_selectable(true);
        raw.set_hexpand(true);
        raw.set_wrap_mode(gtk::pango::WrapMode::WordChar);
        let details = gtk::Expander::builder()
            .label(gettext("Details"))
            .child(&words(&raw))
            .visible(false)
            .build();
        accessible::set_name(&details, &gettext("Details"));
        let view = Self {
            content: gtk::Box::new(gtk::Orientation::Vertical, 6),
            headline: line(&[]),
            place: line(&["heading"]),
            remedy: line(&[]),
            reason: line(&[]),
            again: Again::new(pull),
            repair: gtk::Button::builder().css_classes(["suggested-action"]).build(),
            ask: gtk::Button::with_label(&gettext("Ask Both Hosts Again")),
            repaired: line(&["success"]),
            refused: line(&["error"]),
            took: line(&["dim-label", "numeric"]),
            details,
            raw,
        };
        let buttons = gtk::Box::new(gtk::Orientation::Horizontal, 12);
        buttons.append(&view.repair);
        buttons.append(&view.ask);
        for label in [&view.headline, &view.place, &view.remedy, &view.repaired, &view.reason] {
            view.content.append(label);
        }
        view.content.append(view.again.widget());
        view.content.append(&buttons);
        view.content.append(&view.refused);
        view.content.append(&view.took);
        view.content.append(&view.details);
        view.content.set_visible(false);
        view
    }

    pub(super) const fn widget(&self) -> &gtk::Box {
        &self.content
    }

    pub(super) fn show(&self, of: &Move, end: &Finished) {
        let report = &end.report;
        let elsewhere = gettext("the other host");
        let destination = of.names.destination.as_deref().unwrap_or(&elsewhere);
        self.headline.set_label(&labels::outcome(&report.outcome, destination));
        let class = match report.outcome {
            Outcome::Arrived => "success",
            Outcome::Cancelled => "dim-label",
            Outcome::GivenUp(..) => "warning",
            Outcome::Failed(_) => "error",
        };
        self.headline.set_css_classes(&[class]);
        let place = labels::place(report.place, &of.names.guest, &of.names.source, destination);
        self.place.set_label(&place);
        let unclear = matches!(report.place, Place::Both | Place::Nowhere | Place::Unknown(_));
        self.place.set_css_classes(if unclear { &["heading", "warning"] } else { &["heading"] });
        let remedy = match &report.outcome {
            Outcome::Failed(explanation) => failure::remedy(explanation.remedy),
            Outcome::GivenUp(_, why) => Some(forecast::no_end(why, &of.names.guest)),
            Outcome::Arrived | Outcome::Cancelled => None,
        };
        // Once it is mended, or can be, the page does not send the user elsewhere.
        set(&self.remedy, remedy.filter(|_| end.repaired.is_empty() && of.repair().is_none()));
        self.again.show(&ways(of, report));
        self.took.set_label(&took(report));
        self.show_aftermath(of, end);
        self.show_details(end, &of.names, destination);
        self.content.set_visible(true);
    }

    /// What can be mended, what was, and whether a host is still to be asked.
    fn show_aftermath(&self, of: &Move, end: &Finished) {
        let offered = of.repair();
        set(&self.reason, offered.map(|offered| repair::reason(offered, &of.names)));
        let title = offered.map(|offered| repair::title(offered, &of.names));
        self.repair.set_visible(title.is_some());
        self.repair.set_label(&title.unwrap_or_default());
        self.ask.set_visible(of.is_unseen() && of.destination.is_some());
        for (button, action) in [(&self.repair, "win.repair"), (&self.ask, "win.ask-hosts")] {
            // The action is looked up with its target: that one comes first.
            button.set_action_target(Some(of.job.0));
            button.set_action_name(Some(action).filter(|_| !end.asking));
            button.set_sensitive(!end.asking);
        }
        let done = end.repaired.iter().map(|&done| repair::done(done, &of.names));
        let done: Vec<String> = done.collect();
        set(&self.repaired, Some(done.join("\n")).filter(|done| !done.is_empty()));
        let refused = end.refused.as_ref().filter(|_| !end.asking);
        set(&self.refused, refused.map(|(wanted, why)| repair::not_done(*wanted, why, &of.names)));
    }

    fn show_details(&self, end: &Finished, names: &MoveNames, destination: &str) {
        let raw = end.raw.result.as_ref().err();
        let raw = raw.map(|failed| failure::words(failed, &names.source, destination));
        let raw = raw.filter(|text| !text.is_empty());
        self.details.set_visible(raw.is_some());
        self.raw.set_label(&raw.unwrap_or_default());
    }
}

/// What may bring it to its end, where it was given up or refused and the guest is still at the source.
fn ways(of: &Move, report: &Report) -> Vec<Retry> {
    match (&report.outcome, report.place, &of.plan) {
        (Outcome::GivenUp(_, why), Place::Source(_), Some(plan)) => {
            Retry::after(why, &plan.options)
        }
        (Outcome::Failed(why), Place::Source(_), Some(plan)) => {
            Retry::instead(why.remedy, &plan.options).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// libvirt's words, with a button that copies them.
fn words(raw: &gtk::Label) -> gtk::Box {
    let copy = gtk::Button::builder()
        .label(gettext("Copy"))
        .valign(gtk::Align::Start)
        .css_classes(["flat"])
        .build();
    accessible::set_name(&copy, &gettext("Copy libvirt's Words"));
    let copied = raw.clone();
    copy.connect_clicked(move |button| button.clipboard().set_text(&copied.label()));
    let row = gtk::Box::new(gtk::Orientation::Horizontal, 12);
    row.append(raw);
    row.append(&copy);
    row
}

/// `Total time 12.3 s · Real downtime 40 ms · Data sent 1.2 GiB`.
fn took(report: &Report) -> String {
    let total = Some(gettext_f("Total time {time}", &[("time", &labels::duration(report.total))]));
    let downtime = report
        .downtime
        .filter(|_| report.arrived())
        .map(|time| gettext_f("Real downtime {time}", &[("time", &labels::duration(time))]));
    let sent = report
        .sent
        .map(|sent| gettext_f("Data sent {amount}", &[("amount", &labels::bytes(sent))]));
    let parts: Vec<String> = [total, downtime, sent].into_iter().flatten().collect();
    parts.join(" · ")
}

/// Shows a text, or nothing at all.
fn set(label: &gtk::Label, text: Option<String>) {
    label.set_visible(text.is_some());
    label.set_label(&text.unwrap_or_default());
}

fn line(classes: &[&str]) -> gtk::Label {
    gtk::Label::builder()
        .xalign(0.0)
        .wrap(true)
        .css_classes(classes.iter().map(|&class| class.to_owned()).collect::<Vec<_>>())
        .build()
}
