//! Step 1: the name, and what kind of storage it is.

use std::cell::RefCell;
use std::rc::Rc;

use relm4::adw::{self, prelude::*};
use relm4::{Sender, gtk};

use crate::i18n::gettext;
use crate::model::storage::PoolKind;
use crate::storage::PoolField;
use crate::ui::labels::storage as labels;
use crate::ui::views::storage::HostOffer;
use crate::ui::widgets::{EntryField, accessible};

use super::draft::PoolDraft;
use super::messages::{Edit, WizardInput};
use super::words;

/// The page.
pub(super) struct KindPage {
    content: gtk::Box,
    name: EntryField,
    list: gtk::ListBox,
    reading: gtk::Label,
    rows: Rc<RefCell<Vec<(PoolKind, adw::ActionRow, gtk::Image)>>>,
    selected: gtk::glib::SignalHandlerId,
}

impl KindPage {
    pub(super) fn new(input: &Sender<WizardInput>) -> Self {
        let to = input.clone();
        let name = EntryField::new(&gettext("Name"), move |text| {
            to.emit(WizardInput::Edited(Edit::Text(PoolField::Name, text)));
        });
        let names = adw::PreferencesGroup::new();
        name.add_to(&names);
        let list = gtk::ListBox::builder()
            .selection_mode(gtk::SelectionMode::Browse)
            .css_classes(["boxed-list"])
            .build();
        accessible::set_name(&list, &gettext("Type"));
        list.add_controller(return_goes_on());
        let reading =
            gtk::Label::builder().xalign(0.0).wrap(true).css_classes(["dim-label"]).build();
        let kinds = adw::PreferencesGroup::builder().title(gettext("Type")).build();
        kinds.add(&list);
        kinds.add(&reading);
        let content = gtk::Box::new(gtk::Orientation::Vertical, 18);
        content.append(&names);
        content.append(&kinds);
        let rows: Rc<RefCell<Vec<(PoolKind, adw::ActionRow, gtk::Image)>>> = Rc::default();
        let (known, to) = (Rc::clone(&rows), input.clone());
        let selected = list.connect_row_selected(move |_, row| {
            let place = row.and_then(|row| usize::try_from(row.index()).ok());
            let kind = place.and_then(|place| known.borrow().get(place).map(|row| row.0));
            if let Some(kind) = kind {
                to.emit(WizardInput::Edited(Edit::Kind(kind)));
            }
        });
        Self { content, name, list, reading, rows, selected }
    }

    pub(super) const fn widget(&self) -> &gtk::Box {
        &self.content
    }

    pub(super) const fn name(&self) -> &adw::EntryRow {
        self.name.widget()
    }

    pub(super) fn show(&self, draft: &PoolDraft, kinds: &[PoolKind], fault: Option<&str>) {
        self.name.show(draft.text(PoolField::Name));
        self.name.blame(fault);
        self.list.block_signal(&self.selected);
        self.keep_rows(kinds);
        for (kind, row, mark) in self.rows.borrow().iter() {
            let chosen = *kind == draft.kind;
            mark.set_opacity(if chosen { 1.0 } else { 0.0 });
            if chosen && !row.is_selected() {
                self.list.select_row(Some(row));
            }
        }
        self.list.unblock_signal(&self.selected);
        self.list.set_visible(!kinds.is_empty());
    }

    /// Says why there is no list yet.
    pub(super) fn show_waiting(&self, offer: Option<&HostOffer>) {
        self.reading.set_visible(offer.is_some());
        self.reading.set_label(&match offer {
            Some(HostOffer::Failed(failure)) => words::not_told(failure),
            _ => gettext("Asking the host what it can set up…"),
        });
    }

    fn keep_rows(&self, kinds: &[PoolKind]) {
        if self.rows.borrow().iter().map(|row| row.0).eq(kinds.iter().copied()) {
            return;
        }
        for (_, row, _) in self.rows.take() {
            self.list.remove(&row);
        }
        let rows = kinds.iter().map(|&kind| {
            let mark = gtk::Image::builder()
                .icon_name("object-select-symbolic")
                .accessible_role(gtk::AccessibleRole::Presentation)
                .build();
            let row = adw::ActionRow::builder()
                .title(labels::kind(kind))
                .subtitle(labels::kind_sentence(kind))
                .subtitle_lines(0)
                .title_lines(0)
                .build();
            row.add_suffix(&mark);
            accessible::set_description(&row, &labels::kind_sentence(kind));
            (kind, row, mark)
        });
        let rows: Vec<_> = rows.collect();
        for (_, row, _) in &rows {
            self.list.append(row);
        }
        self.rows.replace(rows);
    }
}

/// A list keeps Return to itself; here it is to mean the same as in the rest of the wizard.
pub(super) fn return_goes_on() -> gtk::ShortcutController {
    let keys = gtk::ShortcutController::new();
    keys.set_propagation_phase(gtk::PropagationPhase::Capture);
    let trigger = gtk::ShortcutTrigger::parse_string("Return|KP_Enter|ISO_Enter");
    keys.add_shortcut(gtk::Shortcut::new(trigger, Some(gtk::NamedAction::new("wizard.next"))));
    keys
}
