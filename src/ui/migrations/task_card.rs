//! One job with a volume on the page: made once, brought up to date in place.

use std::rc::Rc;
use std::time::Duration;

use relm4::RelmWidgetExt;
use relm4::gtk::{self, glib, prelude::*};

use crate::i18n::{gettext, gettext_f};
use crate::model::{Failure, FailureKind};
use crate::storage::explain::explain;
use crate::storage::{Task, TaskResult};
use crate::ui::labels::{self, migration::duration};
use crate::ui::widgets::accessible;

/// How often the bar moves where nobody knows how far it is.
const PULSE: Duration = Duration::from_millis(250);

/// The widgets of one job.
pub(super) struct TaskCard {
    content: gtk::Box,
    phase: gtk::Label,
    bar: gtk::ProgressBar,
    /// Moves the bar while nobody knows how far it is.
    pulse: Option<glib::SourceId>,
    cancel: gtk::Button,
    outcome: gtk::Label,
    remedy: gtk::Label,
    took: gtk::Label,
    details: gtk::Expander,
    raw: gtk::Label,
    /// When it ended, by the clock of the ledger.
    pub(super) ended: Option<Duration>,
}

impl TaskCard {
    pub(super) fn new(task: &Task, cancelled: Rc<dyn Fn()>) -> Self {
        let title = labels::task::title(task);
        let cancel =
            gtk::Button::builder().label(gettext("Cancel")).valign(gtk::Align::Center).build();
        accessible::set_name(&cancel, &gettext_f("Cancel {job}", &[("job", &title)]));
        cancel.connect_clicked(move |_| cancelled());
        let bar = gtk::ProgressBar::new();
        accessible::set_name(&bar, &gettext_f("Progress of {job}", &[("job", &title)]));
        let raw = label(&["monospace", "caption"]);
        raw.set_selectable(true);
        let details =
            gtk::Expander::builder().label(gettext("Details")).child(&raw).visible(false).build();
        let card = Self {
            content: gtk::Box::new(gtk::Orientation::Vertical, 0),
            phase: label(&["figure"]),
            bar,
            pulse: None,
            cancel,
            outcome: label(&[]),
            remedy: label(&[]),
            took: label(&["dim-label", "numeric"]),
            details,
            raw,
            ended: None,
        };
        card.assemble(task, &title);
        card
    }

    fn assemble(&self, task: &Task, title: &str) {
        let heading = label(&["heading"]);
        heading.set_label(title);
        heading.set_hexpand(true);
        let head = gtk::Box::new(gtk::Orientation::Horizontal, 12);
        head.append(&heading);
        head.append(&self.cancel);
        let places = label(&["dim-label"]);
        places.set_label(&labels::task::places(task));
        let inner = gtk::Box::new(gtk::Orientation::Vertical, 6);
        inner.set_margin_all(12);
        inner.append(&head);
        inner.append(&places);
        inner.append(&self.phase);
        inner.append(&self.bar);
        for text in [&self.outcome, &self.remedy, &self.took] {
            text.set_visible(false);
            inner.append(text);
        }
        inner.append(&self.details);
        self.content.append(&inner);
        for class in ["card", "move-card"] {
            self.content.add_css_class(class);
        }
        accessible::set_name(&self.content, title);
    }

    pub(super) const fn widget(&self) -> &gtk::Box {
        &self.content
    }

    pub(super) fn show(&mut self, task: &Task) {
        let running = task.end.is_none();
        self.phase.set_visible(running);
        self.bar.set_visible(running);
        self.cancel.set_visible(running);
        self.pulse(running && task.fraction().is_none());
        let Some(end) = &task.end else {
            self.show_progress(task);
            return;
        };
        self.ended = Some(end.at);
        match &end.result {
            Ok(result) => self.show_result(result),
            Err(failure) => self.show_failure(failure),
        }
        let took = task.took().map(duration).unwrap_or_default();
        say(&self.took, &gettext_f("Total time {time}", &[("time", &took)]));
    }

    fn show_progress(&self, task: &Task) {
        let at_once = task.progress.is_none_or(|progress| progress.phase.stops_at_once());
        let text = match (task.cancelling, at_once) {
            (true, true) => gettext("Cancelling"),
            (true, false) => gettext(
                "Cancelling: libvirt is at work and cannot be interrupted; what it did is taken back.",
            ),
            (false, _) => labels::task::progress(task),
        };
        self.phase.set_label(&text);
        self.cancel.set_sensitive(!task.cancelling);
        if let Some(fraction) = task.fraction() {
            self.bar.set_fraction(fraction);
        }
        accessible::set_value_text(&self.bar, &text);
    }

    /// What libvirt does by itself has no events on the way: the bar shows that it goes on.
    fn pulse(&mut self, on: bool) {
        if on == self.pulse.is_some() {
            return;
        }
        if let Some(pulse) = self.pulse.take() {
            pulse.remove();
            return;
        }
        self.bar.pulse();
        let bar = self.bar.clone();
        self.pulse = Some(glib::timeout_add_local(PULSE, move || {
            bar.pulse();
            glib::ControlFlow::Continue
        }));
    }

    fn show_result(&self, result: &TaskResult) {
        self.outcome.set_css_classes(&["success"]);
        say(&self.outcome, &labels::task::result(result));
        if let TaskResult::Transferred(done) = result {
            self.show_details(&gettext("Checksum"), &format!("SHA-256 {}", done.sha256));
            let left = labels::task::left(done);
            if !left.is_empty() {
                self.remedy.set_css_classes(&["warning"]);
                say(&self.remedy, &left);
            }
        }
    }

    fn show_failure(&self, failure: &Failure) {
        let cancelled = failure.kind == FailureKind::Cancelled;
        self.outcome.set_css_classes(&[if cancelled { "dim-label" } else { "error" }]);
        let why = labels::storage_failure::headline(failure);
        let text = if cancelled {
            gettext("Cancelled")
        } else {
            gettext_f("Failed: {why}", &[("why", &why)])
        };
        say(&self.outcome, &text);
        let remedy = labels::storage_failure::remedy(explain(failure).remedy);
        if !cancelled && !remedy.is_empty() {
            say(&self.remedy, &remedy);
        }
        if !failure.message.is_empty() {
            self.show_details(&gettext("Details"), &failure.message);
        }
    }

    fn show_details(&self, title: &str, text: &str) {
        self.details.set_label(Some(title));
        self.raw.set_label(text);
        self.details.set_visible(true);
    }
}

impl Drop for TaskCard {
    fn drop(&mut self) {
        self.pulse(false);
    }
}

fn say(label: &gtk::Label, text: &str) {
    label.set_label(text);
    label.set_visible(true);
}

fn label(classes: &[&str]) -> gtk::Label {
    gtk::Label::builder()
        .xalign(0.0)
        .wrap(true)
        .wrap_mode(gtk::pango::WrapMode::WordChar)
        .css_classes(classes.iter().map(|&class| class.to_owned()).collect::<Vec<_>>())
        .build()
}
