//! Step 4: what came of it on each host, and whether it is the same storage there.

use std::cell::RefCell;

use relm4::adw::{self, prelude::*};
use relm4::gtk;

use crate::i18n::{gettext, gettext_f};
use crate::model::storage::{PoolStep, ProofAnswer};
use crate::model::{Failure, FailureKind};
use crate::storage::explain::explain;
use crate::ui::labels::{storage as labels, storage_failure};
use crate::ui::widgets::accessible;

use super::setting::{Course, HostSetting, Stage};

/// The page.
pub(super) struct ResultPage {
    content: gtk::Box,
    headline: gtk::Label,
    spinner: gtk::Spinner,
    group: adw::PreferencesGroup,
    rows: RefCell<Vec<Row>>,
    note: gtk::Label,
}

/// One host.
struct Row {
    row: adw::ExpanderRow,
    icon: gtk::Image,
    lines: adw::ActionRow,
}

impl ResultPage {
    pub(super) fn new() -> Self {
        let headline =
            gtk::Label::builder().xalign(0.0).wrap(true).css_classes(["title-4"]).build();
        headline.set_hexpand(true);
        let spinner = gtk::Spinner::new();
        let head = gtk::Box::new(gtk::Orientation::Horizontal, 12);
        head.append(&spinner);
        head.append(&headline);
        let note = gtk::Label::builder().xalign(0.0).wrap(true).build();
        let group = adw::PreferencesGroup::new();
        let content = gtk::Box::new(gtk::Orientation::Vertical, 18);
        content.append(&head);
        content.append(&group);
        content.append(&note);
        Self { content, headline, spinner, group, rows: RefCell::default(), note }
    }

    pub(super) const fn widget(&self) -> &gtk::Box {
        &self.content
    }

    pub(super) fn show(&self, pool: &str, course: &Course) {
        self.spinner.set_spinning(course.is_busy());
        self.spinner.set_visible(course.is_busy());
        self.headline.set_label(&headline(pool, course));
        self.keep_rows(course.hosts.len());
        for (row, host) in self.rows.borrow().iter().zip(&course.hosts) {
            row.show(host, course);
        }
        let note = note(course);
        self.note.set_visible(!note.is_empty());
        self.note.set_label(&note);
        let alarm = course.hosts.iter().any(disproved) || course.failure.is_some();
        self.note.set_css_classes(&[if alarm { "error" } else { "dim-label" }]);
    }

    fn keep_rows(&self, count: usize) {
        let mut rows = self.rows.borrow_mut();
        while rows.len() > count {
            if let Some(row) = rows.pop() {
                self.group.remove(&row.row);
            }
        }
        while rows.len() < count {
            let row = Row::new();
            self.group.add(&row.row);
            rows.push(row);
        }
    }
}

impl Row {
    fn new() -> Self {
        let icon = gtk::Image::builder().accessible_role(gtk::AccessibleRole::Presentation).build();
        let row = adw::ExpanderRow::builder().build();
        row.add_prefix(&icon);
        let lines = adw::ActionRow::builder().subtitle_lines(0).title(gettext("Message")).build();
        lines.add_css_class("property");
        row.add_row(&lines);
        Self { row, icon, lines }
    }

    fn show(&self, host: &HostSetting, course: &Course) {
        let text = outcome(host, course);
        self.row.set_title(&gtk::glib::markup_escape_text(&host.name));
        self.row.set_subtitle(&gtk::glib::markup_escape_text(&text));
        accessible::set_description(&self.row, &text);
        let (icon, class) = mark(host, course);
        self.icon.set_icon_name(Some(icon));
        self.icon.set_css_classes(&[class]);
        let raw = raw(host);
        self.row.set_enable_expansion(raw.is_some());
        self.lines.set_subtitle(&gtk::glib::markup_escape_text(&raw.unwrap_or_default()));
    }
}

/// libvirt's own words, where something failed.
fn raw(host: &HostSetting) -> Option<String> {
    let failures = host.failed.iter().chain(&host.left).map(|(_, failure)| failure);
    let proof = host.answer.iter().filter_map(|answer| match answer {
        ProofAnswer::Failed(failure) => Some(failure),
        ProofAnswer::Wrote | ProofAnswer::Same | ProofAnswer::NotThere | ProofAnswer::Different => {
            None
        }
    });
    let texts: Vec<&str> = failures
        .chain(proof)
        .filter(|failure: &&Failure| failure.kind != FailureKind::Cancelled)
        .map(|failure| failure.message.trim())
        .collect();
    (!texts.is_empty()).then(|| texts.join("\n"))
}

fn mark(host: &HostSetting, course: &Course) -> (&'static str, &'static str) {
    if host.failed.as_ref().is_some_and(stopped) {
        ("media-playback-stop-symbolic", "warning")
    } else if host.failed.is_some() || disproved(host) {
        ("dialog-error-symbolic", "error")
    } else if matches!(host.answer, Some(ProofAnswer::Failed(_))) || !host.left.is_empty() {
        ("dialog-warning-symbolic", "warning")
    } else if course.stage == Stage::Undone {
        ("edit-undo-symbolic", "dim-label")
    } else if host.pool.is_some() {
        ("emblem-ok-symbolic", "success")
    } else {
        ("content-loading-symbolic", "dim-label")
    }
}

/// The step was not begun, because the user wanted it to stop.
fn stopped((_, failure): &(PoolStep, Failure)) -> bool {
    failure.kind == FailureKind::Cancelled
}

const fn disproved(host: &HostSetting) -> bool {
    matches!(host.answer, Some(ProofAnswer::NotThere | ProofAnswer::Different))
}

/// One line a host: each step, the cause and the remedy, and what it saw of the proof.
fn outcome(host: &HostSetting, course: &Course) -> String {
    let mut lines = Vec::new();
    let steps: Vec<String> = host.done.iter().map(|step| done(*step)).collect();
    if !steps.is_empty() {
        lines.push(steps.join("  "));
    }
    if let Some((step, failure)) = &host.failed {
        lines.push(failed(*step, failure));
    }
    for (step, failure) in &host.left {
        let values =
            [("step", &*labels::step(*step)), ("why", &*storage_failure::headline(failure))];
        lines.push(gettext_f("Not taken back: {step}. {why}", &values));
    }
    if course.stage == Stage::Undone && host.left.is_empty() {
        lines.push(gettext("Taken back"));
    }
    if let Some(answer) = host.answer.as_ref().filter(|_| course.stage != Stage::Undone) {
        let answer = labels::proof_answer(answer);
        lines.push(gettext_f("Proof: {answer}", &[("answer", &answer)]));
    }
    if lines.is_empty() {
        let busy = course.stage == Stage::Creating;
        lines.push(if busy { gettext("Working…") } else { gettext("Nothing was done here") });
    }
    lines.join("\n")
}

fn done(step: PoolStep) -> String {
    gettext_f("✓ {step}", &[("step", &labels::step(step))])
}

fn failed(step: PoolStep, failure: &Failure) -> String {
    if failure.kind == FailureKind::Cancelled {
        return gettext_f("Stopped before: {step}", &[("step", &labels::step(step))]);
    }
    let why = storage_failure::headline(failure);
    let remedy = storage_failure::remedy(explain(failure).remedy);
    let values = [("step", &*labels::step(step)), ("why", &*why), ("remedy", &*remedy)];
    gettext_f("✗ {step}: {why}. {remedy}", &values)
}

fn headline(pool: &str, course: &Course) -> String {
    let values = [("pool", pool)];
    match course.stage {
        Stage::Before => String::new(),
        Stage::Creating | Stage::Proving if course.stopped => gettext("Stopping…"),
        Stage::Creating => gettext_f("Setting up {pool}…", &values),
        Stage::Proving => gettext("Proving that it is the same storage…"),
        Stage::Undoing => gettext("Taking it back…"),
        Stage::Undone => gettext_f("{pool} was taken back", &values),
        Stage::Over if course.hosts.iter().any(disproved) => {
            gettext_f("{pool} is not the same storage on all hosts", &values)
        }
        Stage::Over if course.succeeded() && shared(course) => {
            gettext_f("{pool} is set up and proved shared", &values)
        }
        Stage::Over if course.succeeded() => gettext_f("{pool} is set up", &values),
        Stage::Over if course.stopped => gettext_f("Setting up {pool} was stopped", &values),
        Stage::Over => gettext_f("{pool} could not be set up everywhere", &values),
    }
}

/// All was done before it could be stopped.
fn too_late(course: &Course) -> String {
    if course.is_shared() {
        gettext(
            "It was set up before it could be stopped; whether it is the same storage on all hosts was not tried.",
        )
    } else {
        gettext("It was set up before it could be stopped.")
    }
}

/// The proof was over before it could be stopped.
fn answered(course: &Course) -> bool {
    shared(course) || course.hosts.iter().any(disproved)
}

fn shared(course: &Course) -> bool {
    let saw = |host: &HostSetting| host.answer.as_ref().is_some_and(ProofAnswer::agrees);
    course.is_shared() && course.hosts.iter().all(saw)
}

/// What is to be said besides.
fn note(course: &Course) -> String {
    let mut parts = Vec::new();
    if course.stopped && course.is_busy() {
        parts.push(gettext(
            "libvirt cannot break off the step it is at. You can close this window: what comes of it is told in the window of the host.",
        ));
    }
    if course.stopped && course.succeeded() && course.stage == Stage::Over && !answered(course) {
        parts.push(too_late(course));
    }
    if let Some(failure) = &course.failure {
        parts.push(storage_failure::paragraph(failure));
    }
    parts.extend(course.left.as_ref().map(storage_failure::proof_left));
    if course.stage == Stage::Over && course.hosts.iter().any(disproved) {
        parts.push(gettext(
            "The names are the same, but a file written through one host is not seen by another: guests that move would not find their disks. Mount the same storage at this path on each host, or take the pool back.",
        ));
    }
    if course.stage == Stage::Over && !course.succeeded() && !course.to_undo().is_empty() {
        parts
            .push(gettext("What was done can be kept, or taken back; contents are never touched."));
    }
    parts.join("\n\n")
}
