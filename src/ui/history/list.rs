//! The list of past moves.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use relm4::RelmWidgetExt;
use relm4::gtk::{self, gio, glib, prelude::*};

use crate::journal::{JournalId, Listed};
use crate::ui::labels::history as labels;
use crate::ui::widgets::accessible;

/// Rows that are made in one frame. GTK makes up to [`MADE`] as soon as there are as many moves, seen or not, which
/// takes many frames' time.
const A_FRAME: u32 = 8;

/// Rows that a list view has at most, however long the list is.
const MADE: u32 = 200;

/// What a row shows, and by what it is found; made where the journals are read.
#[derive(Debug)]
pub struct Face {
    listed: Listed,
    title: String,
    sought: String,
}

impl Face {
    /// Words a journal.
    #[must_use]
    pub fn new(listed: Listed) -> Self {
        let title = labels::title(&listed.summary.begun);
        let sought = labels::sought(&listed.summary);
        Self { listed, title, sought }
    }
}

/// All past moves, and those of them that fit what the user looks for.
#[derive(Debug)]
pub(super) struct MoveList {
    all: gio::ListStore,
    fitting: gtk::FilterListModel,
    /// The first of them: more with each frame, then all.
    shown: gtk::SliceListModel,
    view: gtk::ListView,
    growing: Rc<Cell<bool>>,
    filter: gtk::CustomFilter,
    wanted: Rc<RefCell<String>>,
}

impl MoveList {
    pub(super) fn new() -> Self {
        let all = gio::ListStore::new::<glib::BoxedAnyObject>();
        let wanted: Rc<RefCell<String>> = Rc::default();
        let looked_for = Rc::clone(&wanted);
        let filter = gtk::CustomFilter::new(move |object| {
            let fits = |face: &Face| face.sought.contains(&*looked_for.borrow());
            face_of(object).is_some_and(|face| fits(&face.borrow::<Face>()))
        });
        let fitting = gtk::FilterListModel::new(Some(all.clone()), Some(filter.clone()));
        let shown = gtk::SliceListModel::new(Some(fitting.clone()), 0, A_FRAME);
        let view = view(&shown);
        Self { all, fitting, shown, view, growing: Rc::default(), filter, wanted }
    }

    /// Shows these and no others, in one step.
    pub(super) fn show(&self, faces: Vec<Face>) {
        self.begin_with_few();
        let faces: Vec<_> = faces.into_iter().map(glib::BoxedAnyObject::new).collect();
        self.all.splice(0, self.all.n_items(), &faces);
    }

    pub(super) fn seek(&self, text: &str) {
        self.begin_with_few();
        self.wanted.replace(text.trim().to_lowercase());
        self.filter.changed(gtk::FilterChange::Different);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.n_items() == 0
    }

    pub(super) fn fits_none(&self) -> bool {
        self.fitting.n_items() == 0
    }

    pub(super) fn journal(&self, position: u32) -> Option<JournalId> {
        let face = self.fitting.item(position)?.downcast::<glib::BoxedAnyObject>().ok()?;
        let id = face.borrow::<Face>().listed.id.clone();
        Some(id)
    }

    /// The list as a widget.
    pub(super) const fn view(&self) -> &gtk::ListView {
        &self.view
    }

    /// Shows what comes next by and by: the first rows at once, more in each frame, so that none comes late.
    fn begin_with_few(&self) {
        self.shown.set_size(A_FRAME);
        if self.growing.replace(true) {
            return;
        }
        let (shown, growing) = (self.shown.clone(), Rc::clone(&self.growing));
        self.view.add_tick_callback(move |_, _| {
            let size = shown.size() + A_FRAME;
            if size < MADE {
                shown.set_size(size);
                return glib::ControlFlow::Continue;
            }
            shown.set_size(u32::MAX);
            growing.set(false);
            glib::ControlFlow::Break
        });
    }
}

fn view(moves: &gtk::SliceListModel) -> gtk::ListView {
    let selection =
        gtk::SingleSelection::builder().model(moves).autoselect(false).can_unselect(true).build();
    let view = gtk::ListView::builder()
        .model(&selection)
        .factory(&factory())
        .single_click_activate(true)
        .show_separators(true)
        .css_classes(["history-list"])
        .build();
    accessible::set_name(&view, &crate::i18n::gettext("Past Migrations"));
    view
}

fn face_of(object: &glib::Object) -> Option<&glib::BoxedAnyObject> {
    object.downcast_ref::<glib::BoxedAnyObject>()
}

fn factory() -> gtk::SignalListItemFactory {
    let factory = gtk::SignalListItemFactory::new();
    factory.connect_setup(|_, item| {
        if let Some(item) = item.downcast_ref::<gtk::ListItem>() {
            item.set_child(Some(&Row::new().content));
        }
    });
    factory.connect_bind(|_, item| {
        let Some(item) = item.downcast_ref::<gtk::ListItem>() else { return };
        let object = item.item().and_downcast::<glib::BoxedAnyObject>();
        if let (Some(row), Some(object)) = (Row::of(item), object) {
            row.show(&object.borrow::<Face>());
        }
    });
    factory
}

/// The widgets of one row, found again by their place.
struct Row {
    content: gtk::Box,
    title: gtk::Inscription,
    when: gtk::Inscription,
    outcome: gtk::Inscription,
    took: gtk::Inscription,
}

/// Characters of a date with its time, in the longest of the usual forms.
const DATE: u32 = 18;

impl Row {
    fn new() -> Self {
        let line = |classes: &[&str]| {
            gtk::Inscription::builder()
                .text_overflow(gtk::InscriptionOverflow::EllipsizeEnd)
                .css_classes(classes.iter().map(|&class| class.to_owned()).collect::<Vec<_>>())
                .build()
        };
        let row = Self {
            content: gtk::Box::new(gtk::Orientation::Vertical, 2),
            title: line(&["heading"]),
            when: line(&["caption", "dim-label", "numeric"]),
            outcome: line(&[]),
            took: line(&["caption", "dim-label", "numeric"]),
        };
        row.title.set_hexpand(true);
        row.when.set_min_chars(DATE);
        row.when.set_xalign(1.0);
        let head = gtk::Box::new(gtk::Orientation::Horizontal, 12);
        head.append(&row.title);
        head.append(&row.when);
        row.content.set_margin_all(9);
        row.content.append(&head);
        row.content.append(&row.outcome);
        row.content.append(&row.took);
        row
    }

    fn of(item: &gtk::ListItem) -> Option<Self> {
        let content = item.child().and_downcast::<gtk::Box>()?;
        let head = content.first_child()?;
        let title = head.first_child().and_downcast::<gtk::Inscription>()?;
        let when = title.next_sibling().and_downcast::<gtk::Inscription>()?;
        let outcome = head.next_sibling().and_downcast::<gtk::Inscription>()?;
        let took = outcome.next_sibling().and_downcast::<gtk::Inscription>()?;
        Some(Self { content, title, when, outcome, took })
    }

    fn show(&self, face: &Face) {
        let summary = &face.listed.summary;
        let (outcome, class) = labels::outcome(summary);
        let took = labels::took(summary);
        self.title.set_text(Some(&face.title));
        self.when.set_text(Some(&labels::when(summary.begun.at)));
        self.outcome.set_text(Some(&outcome));
        self.outcome.set_css_classes(&[class]);
        self.took.set_visible(!took.is_empty());
        self.took.set_text(Some(&took));
        if let Some(row) = self.content.parent() {
            accessible::set_name(&row, &face.title);
            accessible::set_description(&row, &format!("{outcome} {took}"));
        }
    }
}
