//! What can be done to a migration while it runs.

use std::rc::Rc;

use relm4::gtk::{self, prelude::*};

use super::remedies::Remedies;
use crate::backend::Lever;
use crate::i18n::{gettext, gettext_f};
use crate::migration::{MAX_DOWNTIME_MS, Move, Retry};
use crate::ui::widgets::accessible;

/// Highest limit, MiB/s: far above any link.
const MAX_BANDWIDTH: f64 = 1_000_000.0;

/// What the user wants done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Before its turn.
    Begin,
    /// While it runs.
    Lever(Lever),
    /// Once more, differently.
    Retry(Retry),
}

/// Tells what is wanted.
pub(super) type Pull = Rc<dyn Fn(Wanted)>;

/// The levers of one migration.
pub(super) struct Levers {
    content: gtk::Box,
    downtime: Amount,
    bandwidth: Amount,
    remedies: Remedies,
    refused: gtk::Label,
}

/// A number with a button that applies it; it follows the real value until the user changes it.
struct Amount {
    content: gtk::Box,
    spin: gtk::SpinButton,
    shown: std::cell::Cell<Option<u64>>,
}

impl Levers {
    pub(super) fn new(guest: &str, pull: &Pull) -> Self {
        #[allow(clippy::cast_precision_loss)] // 2,000,000
        let longest = MAX_DOWNTIME_MS as f64;
        let downtime = Amount::new(
            (
                &gettext("Allowed pause, ms"),
                &gettext_f("Apply allowed pause to {name}", &[("name", guest)]),
            ),
            (1.0, longest, 100.0),
            pull,
            Lever::MaxDowntime,
        );
        let bandwidth = Amount::new(
            (
                &gettext("Bandwidth limit, MiB/s (0: none)"),
                &gettext_f("Apply bandwidth limit to {name}", &[("name", guest)]),
            ),
            (0.0, MAX_BANDWIDTH, 10.0),
            pull,
            |limit| Lever::Bandwidth(Some(limit).filter(|&limit| limit > 0)),
        );
        let refused = gtk::Label::builder()
            .wrap(true)
            .xalign(0.0)
            .visible(false)
            .css_classes(["error"])
            .build();
        let content = gtk::Box::new(gtk::Orientation::Vertical, 6);
        let flow = gtk::FlowBox::builder()
            .selection_mode(gtk::SelectionMode::None)
            .accessible_role(gtk::AccessibleRole::Group)
            .max_children_per_line(2)
            .column_spacing(12)
            .row_spacing(6)
            .build();
        for widget in [&downtime.content, &bandwidth.content] {
            flow.append(&gtk::FlowBoxChild::builder().child(widget).focusable(false).build());
        }
        let remedies = Remedies::new(guest, pull);
        content.set_margin_top(6);
        content.append(remedies.widget());
        content.append(&flow);
        content.append(&refused);
        Self { content, downtime, bandwidth, remedies, refused }
    }

    pub(super) const fn widget(&self) -> &gtk::Box {
        &self.content
    }

    pub(super) fn show(&self, of: &Move) {
        let tracker = &of.tracker;
        let downtime =
            u64::try_from(tracker.allowed_pause().as_millis()).unwrap_or(MAX_DOWNTIME_MS);
        self.downtime.show(downtime);
        self.bandwidth.show(tracker.bandwidth_mibps().unwrap_or(0));
        self.downtime.content.set_sensitive(tracker.can_shorten());
        self.bandwidth.content.set_sensitive(tracker.can_cancel());
        self.remedies.show(of);
        let refused = tracker.refused().map(|failure| {
            let why = crate::ui::labels::failure::class(failure.kind);
            let values = [("why", why.as_str()), ("detail", failure.message.as_str())];
            gettext_f("The change was refused. {why}: {detail}", &values)
        });
        self.refused.set_visible(refused.is_some());
        self.refused.set_label(&refused.unwrap_or_default());
    }
}

impl Amount {
    fn new(
        (title, apply_name): (&str, &str),
        (least, most, step): (f64, f64, f64),
        pull: &Pull,
        lever: fn(u64) -> Lever,
    ) -> Self {
        let spin = gtk::SpinButton::with_range(least, most, step);
        spin.set_numeric(true);
        spin.set_hexpand(true);
        accessible::set_name(&spin, title);
        let apply = gtk::Button::with_label(&gettext("Apply"));
        accessible::set_name(&apply, apply_name);
        let (pull, value) = (Rc::clone(pull), spin.clone());
        apply.connect_clicked(move |_| pull(Wanted::Lever(lever(whole(&value)))));
        let row = gtk::Box::new(gtk::Orientation::Horizontal, 6);
        row.append(&spin);
        row.append(&apply);
        let name = gtk::Label::builder()
            .label(title)
            .xalign(0.0)
            .wrap(true)
            .css_classes(["caption", "dim-label"])
            .build();
        let content = gtk::Box::new(gtk::Orientation::Vertical, 2);
        content.append(&name);
        content.append(&row);
        Self { content, spin, shown: std::cell::Cell::new(None) }
    }

    fn show(&self, value: u64) {
        if self.shown.get() != Some(value) {
            self.shown.set(Some(value));
            #[allow(clippy::cast_precision_loss)] // the range ends far below 2⁵³
            self.spin.set_value(value as f64);
        }
    }
}

fn whole(spin: &gtk::SpinButton) -> u64 {
    u64::try_from(spin.value_as_int()).unwrap_or(0)
}
