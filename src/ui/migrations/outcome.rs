//! What became of a migration: where the guest is, what it took, what can be done.

use relm4::gtk::{self, prelude::*};

use crate::i18n::{gettext, gettext_f};
use crate::migration::{Finished, Move, Outcome, Place, Report};
use crate::ui::labels::{failure, migration as labels};
use crate::ui::widgets::accessible;

/// The part of a card that shows the end.
#[derive(Debug)]
pub(super) struct OutcomeView {
    content: gtk::Box,
    headline: gtk::Label,
    place: gtk::Label,
    remedy: gtk::Label,
    took: gtk::Label,
    details: gtk::Expander,
    raw: gtk::Label,
}

impl OutcomeView {
    pub(super) fn new() -> Self {
        let raw = line(&["monospace", "caption"]);
        raw.set_selectable(true);
        raw.set_hexpand(true);
        raw.set_wrap_mode(gtk::pango::WrapMode::WordChar);
        let copy = gtk::Button::builder()
            .label(gettext("Copy"))
            .valign(gtk::Align::Start)
            .css_classes(["flat"])
            .build();
        let copied = raw.clone();
        copy.connect_clicked(move |button| button.clipboard().set_text(&copied.label()));
        let row = gtk::Box::new(gtk::Orientation::Horizontal, 12);
        row.append(&raw);
        row.append(&copy);
        let details =
            gtk::Expander::builder().label(gettext("Details")).child(&row).visible(false).build();
        accessible::set_name(&details, &gettext("Details"));
        let view = Self {
            content: gtk::Box::new(gtk::Orientation::Vertical, 6),
            headline: line(&[]),
            place: line(&["heading"]),
            remedy: line(&[]),
            took: line(&["dim-label", "numeric"]),
            details,
            raw,
        };
        for label in [&view.headline, &view.place, &view.remedy, &view.took] {
            view.content.append(label);
        }
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
            Outcome::Failed(_) => "error",
        };
        self.headline.set_css_classes(&[class]);
        let place = labels::place(report.place, &of.names.guest, &of.names.source, destination);
        self.place.set_label(&place);
        let unclear = matches!(report.place, Place::Both | Place::Nowhere | Place::Unknown(_));
        self.place.set_css_classes(if unclear { &["heading", "warning"] } else { &["heading"] });
        let remedy = match &report.outcome {
            Outcome::Failed(explanation) => failure::remedy(explanation.remedy),
            Outcome::Arrived | Outcome::Cancelled => None,
        };
        self.remedy.set_visible(remedy.is_some());
        self.remedy.set_label(&remedy.unwrap_or_default());
        self.took.set_label(&took(report));
        self.show_details(end);
        self.content.set_visible(true);
    }

    fn show_details(&self, end: &Finished) {
        let raw = end.raw.result.as_ref().err().map(|failure| failure.message.as_str());
        self.details.set_visible(raw.is_some_and(|text| !text.is_empty()));
        self.raw.set_label(raw.unwrap_or_default());
    }
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

fn line(classes: &[&str]) -> gtk::Label {
    gtk::Label::builder()
        .xalign(0.0)
        .wrap(true)
        .css_classes(classes.iter().map(|&class| class.to_owned()).collect::<Vec<_>>())
        .build()
}
