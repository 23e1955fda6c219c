//! A row with a text, and what is wrong with it below.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use relm4::adw::{self, prelude::*};
use relm4::gtk::{self, glib};

use super::accessible;

/// A row with a text (named by its title), and a second one below it that says what is wrong with it.
#[derive(Clone, Debug)]
pub struct EntryField {
    row: adw::EntryRow,
    fault: adw::PreferencesRow,
    text: gtk::Label,
    changed: Rc<glib::SignalHandlerId>,
    /// What the user typed and nobody has shown since.
    told: Rc<RefCell<VecDeque<String>>>,
}

impl EntryField {
    /// A text that tells when the user changes it.
    pub fn new(title: &str, changed: impl Fn(String) + 'static) -> Self {
        Self::of(adw::EntryRow::new(), title, changed)
    }

    /// The same for what must not be seen.
    pub fn password(title: &str, changed: impl Fn(String) + 'static) -> Self {
        Self::of(adw::PasswordEntryRow::new().upcast(), title, changed)
    }

    fn of(row: adw::EntryRow, title: &str, changed: impl Fn(String) + 'static) -> Self {
        row.set_title(title);
        row.set_activates_default(true);
        let text = gtk::Label::builder()
            .xalign(0.0)
            .wrap(true)
            .margin_start(12)
            .margin_end(12)
            .margin_top(6)
            .margin_bottom(6)
            .css_classes(["caption", "error"])
            .build();
        let fault = adw::PreferencesRow::builder()
            .child(&text)
            .activatable(false)
            .focusable(false)
            .visible(false)
            .build();
        let told: Rc<RefCell<VecDeque<String>>> = Rc::default();
        let typed = Rc::clone(&told);
        let changed = row.connect_changed(move |row| {
            let text = String::from(row.text());
            typed.borrow_mut().push_back(text.clone());
            changed(text);
        });
        Self { row, fault, text, changed: changed.into(), told }
    }

    /// Puts both rows into a group.
    pub fn add_to(&self, group: &adw::PreferencesGroup) {
        group.add(&self.row);
        group.add(&self.fault);
    }

    /// Puts both rows below another one.
    pub fn add_below(&self, row: &adw::ExpanderRow) {
        row.add_row(&self.row);
        row.add_row(&self.fault);
    }

    /// The row of the text itself.
    #[must_use]
    pub const fn widget(&self) -> &adw::EntryRow {
        &self.row
    }

    /// What it is called.
    pub fn set_title(&self, title: &str) {
        if self.row.title() != title {
            self.row.set_title(title);
        }
    }

    /// Whether it is there at all.
    pub fn set_visible(&self, visible: bool) {
        self.row.set_visible(visible);
        self.fault.set_visible(visible && !self.text.label().is_empty());
    }

    /// Shows a text without telling. What the user typed a moment ago comes back this way while they type on: it
    /// is not put over what they typed since.
    pub fn show(&self, text: &str) {
        let echo = self.told.borrow().iter().position(|typed| typed == text);
        if let Some(place) = echo {
            let mut told = self.told.borrow_mut();
            told.drain(..place);
            if told.len() > 1 {
                return;
            }
        }
        if self.row.text() != text {
            self.told.borrow_mut().clear();
            self.row.block_signal(&self.changed);
            self.row.set_text(text);
            self.row.unblock_signal(&self.changed);
        }
    }

    /// Says what is wrong, or nothing.
    pub fn blame(&self, fault: Option<&str>) {
        let text = fault.unwrap_or_default();
        self.text.set_label(text);
        self.fault.set_visible(fault.is_some() && self.row.is_visible());
        accessible::set_description(&self.row, text);
        if fault.is_some() {
            self.row.add_css_class("error");
        } else {
            self.row.remove_css_class("error");
        }
    }
}
