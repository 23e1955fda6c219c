//! One past move: what became of it, what it took, how it was asked for, what happened when.

use relm4::adw::{self, prelude::*};
use relm4::gtk;
use relm4::{ComponentSender, RelmWidgetExt};

use super::{HistoryInput, HistoryPage};
use crate::i18n::gettext;
use crate::migration::journal::Chronicle;
use crate::model::MigrationStep;
use crate::ui::labels::history as labels;
use crate::ui::labels::migration::duration;
use crate::ui::widgets::{ProgressGraph, accessible, facts};

/// Events shown; a move that does not converge has thousands of passes, and the journal has them all.
const EVENTS: usize = 500;

/// The page of one move.
pub(super) struct Details {
    scroll: gtk::ScrolledWindow,
    content: gtk::Box,
}

impl Details {
    pub(super) fn new() -> Self {
        let content = gtk::Box::new(gtk::Orientation::Vertical, 18);
        content.set_margin_all(12);
        let clamp = adw::Clamp::builder().maximum_size(800).child(&content).build();
        let scroll = gtk::ScrolledWindow::builder()
            .hscrollbar_policy(gtk::PolicyType::Never)
            .child(&clamp)
            .build();
        Self { scroll, content }
    }

    pub(super) const fn widget(&self) -> &gtk::ScrolledWindow {
        &self.scroll
    }

    pub(super) fn show(&self, chronicle: &Chronicle, sender: &ComponentSender<HistoryPage>) {
        while let Some(child) = self.content.first_child() {
            self.content.remove(&child);
        }
        let summary = &chronicle.summary;
        self.content.append(&head(chronicle, sender));
        self.content.append(&course(chronicle));
        let groups = [
            (gettext("What It Took"), labels::figures(summary)),
            (gettext("How It Was Asked For"), labels::parameters(chronicle)),
            (gettext("What Checks Found Before"), labels::checked(&summary.begun)),
        ];
        for (title, rows) in groups.into_iter().filter(|(_, rows)| !rows.is_empty()) {
            let group = adw::PreferencesGroup::builder().title(title).build();
            for (title, value) in rows {
                facts::set(&facts::row(&group, &title), &value);
            }
            self.content.append(&group);
        }
        if let Some(words) = labels::words(summary) {
            self.content.append(&words_group(&words));
        }
        self.content.append(&events(chronicle));
        self.scroll.vadjustment().set_value(0.0);
    }
}

fn head(chronicle: &Chronicle, sender: &ComponentSender<HistoryPage>) -> gtk::Box {
    let summary = &chronicle.summary;
    let head = gtk::Box::new(gtk::Orientation::Vertical, 6);
    let title = line(&labels::title(&summary.begun), &["title-2"]);
    let (outcome, class) = labels::outcome(summary);
    head.append(&title);
    head.append(&line(&outcome, &[class]));
    if let Some(place) = labels::place(summary) {
        head.append(&line(&place, &["heading"]));
    }
    for text in labels::remedies(chronicle) {
        head.append(&line(&text, &[]));
    }
    let buttons = gtk::FlowBox::builder()
        .selection_mode(gtk::SelectionMode::None)
        .accessible_role(gtk::AccessibleRole::Group)
        .min_children_per_line(2)
        .max_children_per_line(4)
        .homogeneous(true)
        .column_spacing(6)
        .row_spacing(6)
        .build();
    let over = summary.ended.is_some();
    for (title, usable, input) in [
        (gettext("Where Is It Now?"), over, HistoryInput::LookWanted),
        (gettext("Export Journal…"), true, HistoryInput::JournalWanted),
        (gettext("Export Figures…"), true, HistoryInput::FiguresWanted),
        (gettext("Delete…"), true, HistoryInput::DeletionWanted),
    ] {
        let button = gtk::Button::with_label(&title);
        button.set_sensitive(usable);
        let sender = sender.input_sender().clone();
        button.connect_clicked(move |_| sender.emit(input.clone()));
        buttons.append(&gtk::FlowBoxChild::builder().child(&button).focusable(false).build());
    }
    head.append(&buttons);
    head
}

fn course(chronicle: &Chronicle) -> gtk::Box {
    let course = gtk::Box::new(gtk::Orientation::Vertical, 6);
    let graph = ProgressGraph::default();
    let history = chronicle.tracker().history().clone();
    let any = !history.points().is_empty();
    graph.show(&history, &labels::took(&chronicle.summary));
    accessible::set_name(graph.widget(), &gettext("Course of the migration"));
    course.append(graph.widget());
    let legend = gettext(
        "Area: memory left. Green line: speed. Amber line: rewritten by the guest. Dashes: a pass begins.",
    );
    course.append(&line(&legend, &["caption", "dim-label"]));
    course.set_visible(any);
    course
}

fn words_group(words: &str) -> adw::PreferencesGroup {
    let group = adw::PreferencesGroup::builder().title(gettext("libvirt's Words")).build();
    let raw = line(words, &["command"]);
    raw.set_selectable(true);
    raw.set_hexpand(true);
    raw.set_wrap_mode(gtk::pango::WrapMode::WordChar);
    let copy = gtk::Button::builder().label(gettext("Copy")).css_classes(["flat"]).build();
    accessible::set_name(&copy, &gettext("Copy libvirt's Words"));
    let copied = words.to_owned();
    copy.connect_clicked(move |button| button.clipboard().set_text(&copied));
    group.set_header_suffix(Some(&copy));
    group.add(&raw);
    group
}

/// What happened when; readings are in the graph.
fn events(chronicle: &Chronicle) -> adw::PreferencesGroup {
    let group = adw::PreferencesGroup::builder().title(gettext("What Happened When")).build();
    let steps = chronicle.steps.iter();
    let steps = steps.filter(|(_, step)| !matches!(step, MigrationStep::Sample(_)));
    let mut told: Vec<_> = steps.map(|(at, step)| (*at, labels::step(step))).collect();
    told.extend(chronicle.pulled.iter().map(|&(at, lever)| (at, labels::lever(lever))));
    told.sort_by_key(|(at, _)| *at);
    let list = gtk::Grid::builder().column_spacing(18).row_spacing(3).build();
    for (row, (at, text)) in (0..).zip(told.iter().take(EVENTS)) {
        list.attach(&line(&duration(*at), &["dim-label", "numeric"]), 0, row, 1, 1);
        let text = line(text, &[]);
        text.set_hexpand(true);
        list.attach(&text, 1, row, 1, 1);
    }
    group.add(&list);
    group
}

fn line(text: &str, classes: &[&str]) -> gtk::Label {
    gtk::Label::builder()
        .label(text)
        .xalign(0.0)
        .yalign(0.0)
        .wrap(true)
        .css_classes(classes.iter().map(|&class| class.to_owned()).collect::<Vec<_>>())
        .build()
}
