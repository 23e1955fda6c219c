//! What can be done so that a move comes to its end, each with what it would do.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use relm4::gtk::{self, prelude::*};

use super::levers::{Pull, Wanted};
use crate::backend::Lever;
use crate::i18n::{gettext, gettext_f};
use crate::migration::{Move, Retry, Tracker, pause_ms};
use crate::ui::labels::forecast as labels;
use crate::ui::widgets::accessible;

/// The remedies, of which those are shown that apply.
pub(super) struct Remedies {
    content: gtk::FlowBox,
    allow: Remedy,
    /// The pause that the button would allow, ms.
    pause_ms: Rc<Cell<u64>>,
    finish: Remedy,
    postcopy: Remedy,
    unlimited: Remedy,
    retries: [(Retry, Remedy); 2],
}

/// A button, and below it what it would do.
struct Remedy {
    content: gtk::FlowBoxChild,
    effect: gtk::Label,
    button: gtk::Button,
}

impl Remedies {
    pub(super) fn new(guest: &str, pull: &Pull) -> Self {
        let pause_ms: Rc<Cell<u64>> = Rc::default();
        let allow = Remedy::new("");
        let (allowed, wanted) = (Rc::clone(pull), Rc::clone(&pause_ms));
        allow.button.connect_clicked(move |_| allowed(lever(Lever::MaxDowntime(wanted.get()))));
        allow.button.add_css_class("suggested-action");
        let finish =
            Remedy::pulling(&gettext("Finish Now (Pause Guest)"), lever(Lever::PauseGuest), pull);
        let postcopy =
            Remedy::pulling(&gettext("Switch to Post-Copy"), lever(Lever::Postcopy), pull);
        let unlimited =
            Remedy::pulling(&gettext("Lift the Limit"), lever(Lever::Bandwidth(None)), pull);
        let lift = gettext_f("Lift the bandwidth limit of {name}", &[("name", guest)]);
        accessible::set_name(&unlimited.button, &lift);
        let retries = Retry::ANEW.map(|retry| {
            let cell = Remedy::pulling(&labels::retry(retry), Wanted::Retry(retry), pull);
            cell.effect.set_label(&labels::cancel_and_retry(retry));
            (retry, cell)
        });
        let content = flow();
        let cells = [&allow, &finish, &unlimited, &postcopy];
        for cell in cells.into_iter().chain(retries.iter().map(|(_, cell)| cell)) {
            content.append(&cell.content);
        }
        Self { content, allow, pause_ms, finish, postcopy, unlimited, retries }
    }

    pub(super) const fn widget(&self) -> &gtk::FlowBox {
        &self.content
    }

    pub(super) fn show(&self, of: &Move) {
        let tracker = &of.tracker;
        self.show_allow(tracker);
        self.finish.button.set_sensitive(tracker.can_shorten());
        self.finish.effect.set_label(&labels::effect(Lever::PauseGuest, tracker));
        self.postcopy.button.set_sensitive(tracker.can_switch_to_postcopy());
        let effect = match of.plan.as_ref().map(|plan| plan.options.postcopy) {
            Some(true) => labels::effect(Lever::Postcopy, tracker),
            Some(false) => gettext("It was not allowed when the move began."),
            None => gettext("Whether it was allowed when the move began is not known."),
        };
        self.postcopy.effect.set_label(&effect);
        let stuck = tracker.drags_on();
        self.unlimited.content.set_visible(stuck && tracker.bandwidth_mibps().is_some());
        self.unlimited.effect.set_label(&labels::effect(Lever::Bandwidth(None), tracker));
        for (retry, cell) in &self.retries {
            let again = of.plan.as_ref().and_then(|plan| retry.options(&plan.options));
            cell.content.set_visible(stuck && again.is_some());
        }
    }

    fn show_allow(&self, tracker: &Tracker) {
        let pause = tracker.needed_pause().filter(|_| tracker.drags_on());
        self.allow.content.set_visible(pause.is_some());
        let Some(pause) = pause else { return };
        let pause_ms = pause_ms(pause);
        if self.pause_ms.replace(pause_ms) != pause_ms {
            let pause = labels::rough(Duration::from_millis(pause_ms));
            let label = gettext_f("Allow a Pause of {time}", &[("time", &pause)]);
            self.allow.button.set_label(&label);
        }
        self.allow.effect.set_label(&labels::effect(Lever::MaxDowntime(pause_ms), tracker));
    }
}

const fn lever(lever: Lever) -> Wanted {
    Wanted::Lever(lever)
}

fn flow() -> gtk::FlowBox {
    gtk::FlowBox::builder()
        .selection_mode(gtk::SelectionMode::None)
        .accessible_role(gtk::AccessibleRole::Group)
        .max_children_per_line(2)
        .homogeneous(true)
        .column_spacing(12)
        .row_spacing(12)
        .build()
}

/// What may bring a move to its end that was given up.
pub(super) struct Again {
    content: gtk::FlowBox,
    shown: RefCell<Vec<Retry>>,
    pull: Pull,
}

impl Again {
    pub(super) fn new(pull: &Pull) -> Self {
        Self { content: flow(), shown: RefCell::default(), pull: Rc::clone(pull) }
    }

    pub(super) const fn widget(&self) -> &gtk::FlowBox {
        &self.content
    }

    /// Offers these; what was begun anew once is not offered again.
    pub(super) fn show(&self, retries: &[Retry]) {
        if *self.shown.borrow() == retries {
            return;
        }
        while let Some(child) = self.content.first_child() {
            self.content.remove(&child);
        }
        for &retry in retries {
            let cell = Remedy::pulling(&labels::retry(retry), Wanted::Retry(retry), &self.pull);
            cell.effect.set_label(&labels::retry_effect(retry));
            let content = self.content.clone();
            cell.button.connect_clicked(move |_| content.set_visible(false));
            self.content.append(&cell.content);
        }
        self.content.set_visible(!retries.is_empty());
        self.shown.replace(retries.to_vec());
    }
}

impl Remedy {
    fn new(label: &str) -> Self {
        let button = gtk::Button::with_label(label);
        let effect = gtk::Label::builder()
            .xalign(0.0)
            .wrap(true)
            // So that two fit beside each other.
            .max_width_chars(34)
            .css_classes(["caption", "dim-label"])
            .build();
        let inner = gtk::Box::new(gtk::Orientation::Vertical, 3);
        inner.append(&button);
        inner.append(&effect);
        let content = gtk::FlowBoxChild::builder().child(&inner).focusable(false).build();
        Self { content, effect, button }
    }

    fn pulling(label: &str, wanted: Wanted, pull: &Pull) -> Self {
        let cell = Self::new(label);
        let pull = Rc::clone(pull);
        cell.button.connect_clicked(move |_| pull(wanted));
        cell
    }
}
