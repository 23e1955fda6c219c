//! One migration on the page: made once, brought up to date in place.

use std::rc::Rc;
use std::time::Duration;

use relm4::RelmWidgetExt;
use relm4::gtk::{self, prelude::*};

use super::figures::Figures;
use super::levers::{Levers, Pull, Wanted};
use super::outcome::OutcomeView;
use crate::backend::Lever;
use crate::i18n::{gettext, gettext_f};
use crate::migration::{Move, Moves, Policy, Tracker};
use crate::ui::labels::{forecast, migration as labels};
use crate::ui::widgets::{ProgressGraph, TwoToneBar, accessible};

/// The widgets of one migration.
pub(super) struct MoveCard {
    content: gtk::Box,
    title: gtk::Label,
    waiting: gtk::Box,
    running: gtk::Box,
    phase: gtk::Label,
    bar: TwoToneBar,
    time_left: gtk::Label,
    verdict: gtk::Label,
    policy: gtk::Label,
    figures: Figures,
    graph: ProgressGraph,
    legend: gtk::Label,
    cancel: gtk::Button,
    levers: Levers,
    outcome: OutcomeView,
    /// It has not begun.
    pub(super) waits: bool,
    /// When it ended, by the clock of the ledger.
    pub(super) ended: Option<Duration>,
}

impl MoveCard {
    pub(super) fn new(of: &Move, pull: &Pull) -> Self {
        let guest = of.names.guest.as_str();
        let cancel =
            gtk::Button::builder().label(gettext("Cancel")).valign(gtk::Align::Center).build();
        accessible::set_name(&cancel, &gettext_f("Cancel Migration of {name}", &[("name", guest)]));
        let on_cancel = Rc::clone(pull);
        cancel.connect_clicked(move |_| on_cancel(Wanted::Lever(Lever::Cancel)));
        let bar = TwoToneBar::default();
        accessible::set_name(bar.widget(), &gettext_f("Migration of {name}", &[("name", guest)]));
        let card = Self {
            content: gtk::Box::new(gtk::Orientation::Vertical, 0),
            title: label(&["heading"]),
            waiting: waiting(guest, pull),
            running: gtk::Box::new(gtk::Orientation::Vertical, 12),
            phase: label(&[]),
            bar,
            time_left: label(&["caption", "dim-label", "numeric"]),
            verdict: label(&["warning"]),
            policy: label(&["caption"]),
            figures: Figures::new(),
            graph: ProgressGraph::default(),
            legend: label(&["caption", "dim-label"]),
            cancel,
            levers: Levers::new(guest, pull),
            outcome: OutcomeView::new(pull),
            waits: false,
            ended: None,
        };
        card.assemble(of);
        card
    }

    fn assemble(&self, of: &Move) {
        self.title.set_hexpand(true);
        let head = gtk::Box::new(gtk::Orientation::Horizontal, 12);
        head.append(&self.title);
        head.append(&self.cancel);
        let graph_name =
            gettext_f("Course of the migration of {name}", &[("name", &of.names.guest)]);
        accessible::set_name(self.graph.widget(), &graph_name);
        self.legend.set_label(&legend());
        let steer = gtk::Expander::builder()
            .label(gettext("Steer"))
            .child(self.levers.widget())
            .expanded(true)
            .build();
        accessible::set_name(&steer, &gettext_f("Steer {name}", &[("name", &of.names.guest)]));
        self.running.append(&self.phase);
        self.running.append(self.bar.widget());
        self.running.append(&self.time_left);
        self.running.append(&self.verdict);
        self.policy.set_visible(false);
        if let Some(plan) = of.plan.as_ref().filter(|plan| plan.options.policy != Policy::None) {
            self.policy.set_label(&forecast::policy_at_work(plan.options.policy));
            self.policy.set_visible(true);
        }
        self.running.append(&self.policy);
        self.running.append(self.figures.widget());
        self.running.append(&steer);
        let inner = gtk::Box::new(gtk::Orientation::Vertical, 12);
        inner.set_margin_all(12);
        inner.append(&head);
        inner.append(&self.waiting);
        inner.append(&self.running);
        inner.append(self.outcome.widget());
        inner.append(self.graph.widget());
        inner.append(&self.legend);
        self.content.append(&inner);
        for class in ["card", "move-card"] {
            self.content.add_css_class(class);
        }
    }

    pub(super) const fn widget(&self) -> &gtk::Box {
        &self.content
    }

    pub(super) fn show(&mut self, of: &Move) {
        self.show_title(of);
        let tracker = &of.tracker;
        let text = percent(tracker.fraction());
        self.graph.show(tracker.history(), &course(tracker));
        let runs = of.end.is_none() && !of.waits;
        self.waits = of.waits;
        self.waiting.set_visible(of.waits);
        self.running.set_visible(runs);
        self.graph.widget().set_visible(!of.waits);
        self.legend.set_visible(runs);
        self.cancel.set_visible(of.end.is_none());
        self.cancel.set_sensitive(tracker.can_cancel());
        if let Some(end) = &of.end {
            self.ended = Some(end.at);
            self.outcome.show(of, end);
            return;
        }
        self.phase.set_label(&labels::phase(tracker.phase()));
        self.bar.show(tracker.fraction(), tracker.first_pass_share());
        accessible::set_value_text(self.bar.widget(), &text);
        self.show_outlook(tracker);
        self.show_verdict(tracker, &of.names.guest);
        self.figures.show(tracker);
        self.levers.show(of);
    }

    /// The destination of a migration that was found may become known later.
    fn show_title(&self, of: &Move) {
        let title = title_of(of);
        if self.title.label() != title {
            self.title.set_label(&title);
            accessible::set_name(&self.content, &title);
        }
    }

    /// How much longer, and where it is heading.
    fn show_outlook(&self, tracker: &Tracker) {
        let said: Vec<String> = [forecast::time_left(tracker), forecast::trend(tracker)]
            .into_iter()
            .flatten()
            .collect();
        self.time_left.set_visible(!said.is_empty());
        self.time_left.set_label(&said.join(" · "));
    }

    fn show_verdict(&self, tracker: &Tracker, guest: &str) {
        let text = tracker.stalled().map_or_else(
            || forecast::verdict(tracker, guest),
            |time| {
                let time = labels::duration(time);
                Some(gettext_f(
                    "Nothing has moved for {time}. The link may be broken; you can wait or cancel, the guest goes on at the source.",
                    &[("time", &time)],
                ))
            },
        );
        self.verdict.set_visible(text.is_some());
        self.verdict.set_label(&text.unwrap_or_default());
    }
}

fn course(tracker: &Tracker) -> String {
    let left = labels::bytes(tracker.left());
    let speed = labels::rate(tracker.speed().unwrap_or(0.0));
    gettext_f("{left} left, {speed}", &[("left", &left), ("speed", &speed)])
}

/// Why it has not begun, and a way to begin it all the same.
fn waiting(guest: &str, pull: &Pull) -> gtk::Box {
    let why = label(&[]);
    why.set_label(&gettext_f(
        "Waits for its turn: {count} migrations of a host go on at a time, so that each has enough of the link.",
        &[("count", &Moves::AT_ONCE.to_string())],
    ));
    let start =
        gtk::Button::builder().label(gettext("Start Now")).halign(gtk::Align::Start).build();
    accessible::set_name(&start, &gettext_f("Start Migration of {name} Now", &[("name", guest)]));
    let pull = Rc::clone(pull);
    start.connect_clicked(move |_| pull(Wanted::Begin));
    let content = gtk::Box::new(gtk::Orientation::Vertical, 12);
    content.append(&why);
    content.append(&start);
    content
}

/// What the graph shows. The colours are named too: not everybody tells them apart.
fn legend() -> String {
    gettext(
        "Area: memory left. Green line: speed. Amber line: rewritten by the guest. Dashes: a pass begins.",
    )
}

fn percent(fraction: f64) -> String {
    gettext_f("{percent} %", &[("percent", &format!("{:.0}", fraction * 100.0))])
}

/// `busy: lab-a → lab-b`.
fn title_of(of: &Move) -> String {
    let names = &of.names;
    let unknown = gettext("another host");
    gettext_f(
        "{guest}: {source} → {destination}",
        &[
            ("guest", &names.guest),
            ("source", &names.source),
            ("destination", names.destination.as_deref().unwrap_or(&unknown)),
        ],
    )
}

fn label(classes: &[&str]) -> gtk::Label {
    gtk::Label::builder()
        .xalign(0.0)
        .wrap(true)
        .css_classes(classes.iter().map(|&class| class.to_owned()).collect::<Vec<_>>())
        .build()
}
