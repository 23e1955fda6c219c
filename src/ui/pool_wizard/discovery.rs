//! What was found by looking, to be chosen.

use std::cell::RefCell;

use relm4::adw::{self, prelude::*};
use relm4::{Sender, gtk};

use crate::i18n::gettext;
use crate::model::Failure;
use crate::model::storage::PoolSource;
use crate::storage::ServerFault;
use crate::storage::explain::explain;
use crate::ui::labels::{storage_failure, storage_form};
use crate::ui::widgets::accessible;

use super::messages::WizardInput;
use super::words;

/// Where looking for sources stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Looking {
    /// Nobody looked.
    #[default]
    Not,
    /// A host looks.
    Running,
    /// It cannot be looked for yet.
    Unclear(ServerFault),
    /// This was found.
    Found(Vec<PoolSource>),
    /// It failed.
    Failed(Failure),
}

/// The list.
pub(super) struct Discoveries {
    group: adw::PreferencesGroup,
    list: gtk::ListBox,
    text: gtk::Label,
    shown: RefCell<Looking>,
    input: Sender<WizardInput>,
}

impl Discoveries {
    pub(super) fn new(input: &Sender<WizardInput>) -> Self {
        let list = gtk::ListBox::builder()
            .selection_mode(gtk::SelectionMode::None)
            .css_classes(["boxed-list"])
            .build();
        accessible::set_name(&list, &gettext("Found"));
        let text = gtk::Label::builder().xalign(0.0).wrap(true).margin_bottom(6).build();
        let group = adw::PreferencesGroup::builder().title(gettext("Found")).build();
        group.add(&text);
        group.add(&list);
        Self { group, list, text, shown: RefCell::default(), input: input.clone() }
    }

    pub(super) const fn widget(&self) -> &adw::PreferencesGroup {
        &self.group
    }

    pub(super) fn show(&self, looking: &Looking) {
        self.group.set_visible(*looking != Looking::Not);
        if *self.shown.borrow() == *looking {
            return;
        }
        self.shown.replace(looking.clone());
        let (text, class) = said(looking);
        self.text.set_label(&text);
        self.text.set_css_classes(&[class]);
        self.text.set_visible(!text.is_empty());
        while let Some(row) = self.list.first_child() {
            self.list.remove(&row);
        }
        if let Looking::Found(sources) = looking {
            for (place, source) in sources.iter().enumerate() {
                self.list.append(&self.row(place, source));
            }
        }
        self.list.set_visible(self.list.first_child().is_some());
    }

    fn row(&self, place: usize, source: &PoolSource) -> adw::ActionRow {
        let name = words::found(source);
        let row = adw::ActionRow::builder()
            .title(gtk::glib::markup_escape_text(&name).as_str())
            .activatable(true)
            .build();
        row.add_suffix(&gtk::Image::from_icon_name("go-up-symbolic"));
        accessible::set_description(&row, &gettext("Use this"));
        let input = self.input.clone();
        row.connect_activated(move |_| input.emit(WizardInput::SourceChosen(place)));
        row
    }
}

/// What is said of it, and in which style.
fn said(looking: &Looking) -> (String, &'static str) {
    match looking {
        Looking::Not => (String::new(), "dim-label"),
        Looking::Running => (gettext("Looking…"), "dim-label"),
        Looking::Unclear(fault) => (storage_form::server_fault(fault), "error"),
        Looking::Found(sources) if sources.is_empty() => {
            (gettext("Nothing was found. It can be typed by hand."), "warning")
        }
        Looking::Found(_) => (gettext("Choose one; it is filled in."), "dim-label"),
        Looking::Failed(failure) => {
            let why = storage_failure::headline(failure);
            let remedy = storage_failure::remedy(explain(failure).remedy);
            (format!("{why}\n{remedy}"), "error")
        }
    }
}
