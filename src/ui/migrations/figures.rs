//! The figures of a running migration, in a grid that wraps in narrow windows.

use relm4::gtk::{self, prelude::*};

use crate::i18n::gettext;
use crate::migration::Tracker;
use crate::model::{Bytes, MigrationPhase};
use crate::ui::labels::{forecast, migration as labels};

/// Shown where a figure is not known (yet).
const UNKNOWN: &str = "–";

/// How a figure is read; `None` where it is not known.
type Figure = fn(&Tracker) -> Option<String>;

/// The grid.
#[derive(Debug)]
pub(super) struct Figures {
    flow: gtk::FlowBox,
    values: Vec<(gtk::Label, Figure)>,
}

impl Figures {
    pub(super) fn new() -> Self {
        let flow = gtk::FlowBox::builder()
            .selection_mode(gtk::SelectionMode::None)
            .accessible_role(gtk::AccessibleRole::Group)
            .min_children_per_line(2)
            .max_children_per_line(4)
            .homogeneous(true)
            .column_spacing(12)
            .row_spacing(6)
            .build();
        let figures: [(String, Figure); 8] = [
            (gettext("Sent"), |move_| Some(labels::bytes(move_.moved()))),
            (gettext("Left"), |move_| Some(labels::bytes(move_.left()))),
            (gettext("Speed"), |move_| move_.speed().map(labels::rate)),
            (gettext("Rewritten by the guest"), rewritten),
            (gettext("Pass"), pass),
            (gettext("Elapsed"), |move_| Some(labels::duration(move_.elapsed()))),
            (gettext("Expected pause"), pause),
            (gettext("Allowed pause"), |move_| move_.max_downtime().map(labels::duration)),
        ];
        let values = figures.into_iter().map(|(title, get)| (cell(&flow, &title), get)).collect();
        Self { flow, values }
    }

    pub(super) const fn widget(&self) -> &gtk::FlowBox {
        &self.flow
    }

    pub(super) fn show(&self, tracker: &Tracker) {
        for (label, get) in &self.values {
            let text = get(tracker);
            label.set_label(text.as_deref().unwrap_or(UNKNOWN));
        }
    }
}

fn rewritten(tracker: &Tracker) -> Option<String> {
    tracker.dirty_bps().map(|rate| labels::rate(Bytes(rate).as_f64()))
}

fn pause(tracker: &Tracker) -> Option<String> {
    let (least, most) = tracker.pause_if_finished_now()?;
    Some(forecast::range(least, most))
}

fn pass(tracker: &Tracker) -> Option<String> {
    match tracker.phase() {
        MigrationPhase::FirstPass => Some("1".to_owned()),
        MigrationPhase::Pass(pass) => Some(pass.to_string()),
        MigrationPhase::Waiting
        | MigrationPhase::Preparing
        | MigrationPhase::SwitchingOver
        | MigrationPhase::Postcopy
        | MigrationPhase::Finishing
        | MigrationPhase::Cancelling
        | MigrationPhase::Done => None,
    }
}

fn cell(flow: &gtk::FlowBox, title: &str) -> gtk::Label {
    let name = gtk::Label::builder()
        .label(title)
        .xalign(0.0)
        .wrap(true)
        .css_classes(["caption", "dim-label"])
        .build();
    let value = gtk::Label::builder().xalign(0.0).css_classes(["numeric"]).build();
    let cell = gtk::Box::new(gtk::Orientation::Vertical, 0);
    cell.append(&name);
    cell.append(&value);
    let child = gtk::FlowBoxChild::builder().child(&cell).focusable(false).build();
    flow.append(&child);
    value
}
