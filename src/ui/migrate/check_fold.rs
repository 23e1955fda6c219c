//! Answers that are folded away until somebody opens them.

use std::cell::RefCell;
use std::rc::Rc;

use relm4::adw::{self, prelude::*};
use relm4::gtk::{self, glib};

use crate::migration::checks::CheckResult;
use crate::ui::labels::checks as labels;
use crate::ui::widgets::accessible;

/// A row with answers below it. Their rows are made when it is opened: to measure thirty of them, seen or not, takes GTK
/// a fifth of a second.
#[derive(Debug)]
pub(super) struct Fold {
    row: adw::ExpanderRow,
    inside: Rc<RefCell<Inside>>,
}

#[derive(Debug, Default)]
struct Inside {
    results: Vec<CheckResult>,
    rows: Vec<adw::ActionRow>,
}

impl Fold {
    pub(super) fn new() -> Self {
        let row = adw::ExpanderRow::builder().visible(false).build();
        let inside = Rc::<RefCell<Inside>>::default();
        let of = Rc::clone(&inside);
        row.connect_expanded_notify(move |row| unfold(row, &mut of.borrow_mut()));
        Self { row, inside }
    }

    pub(super) const fn widget(&self) -> &adw::ExpanderRow {
        &self.row
    }

    /// Shows these, or nothing where there are none.
    pub(super) fn show(&self, title: &str, results: Vec<CheckResult>) {
        let mut inside = self.inside.borrow_mut();
        inside.rows.drain(..).for_each(|row| self.row.remove(&row));
        self.row.set_title(&glib::markup_escape_text(title));
        self.row.set_visible(!results.is_empty());
        inside.results = results;
        unfold(&self.row, &mut inside);
    }
}

fn unfold(fold: &adw::ExpanderRow, inside: &mut Inside) {
    if fold.is_expanded() && inside.rows.is_empty() {
        inside.rows = inside.results.iter().map(row).collect();
        inside.rows.iter().for_each(|row| fold.add_row(row));
    }
}

/// An answer: its outcome as a picture, what was asked, and what was found.
pub(super) fn row(result: &CheckResult) -> adw::ActionRow {
    let (title, details) = (labels::title(result), labels::details(result));
    let row = adw::ActionRow::builder()
        .title(glib::markup_escape_text(&title))
        .subtitle(glib::markup_escape_text(&details))
        .subtitle_lines(0)
        .build();
    let icon = gtk::Image::builder()
        .icon_name(labels::icon(result.outcome))
        .css_classes([labels::style(result.outcome)])
        .tooltip_text(labels::outcome(result.outcome))
        .build();
    row.add_prefix(&icon);
    let spoken = format!("{}. {details}", labels::outcome(result.outcome));
    accessible::set_description(&row, &spoken);
    row
}
