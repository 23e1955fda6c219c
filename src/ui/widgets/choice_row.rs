//! A row with a list of choices, of which only those are offered that can be made.

use std::cell::RefCell;
use std::rc::Rc;

use relm4::adw::{self, prelude::*};
use relm4::gtk::{self, glib};

/// A row with a list of choices.
#[derive(Clone, Debug)]
pub struct ChoiceRow<T> {
    row: adw::ComboRow,
    values: Rc<RefCell<Vec<T>>>,
    chosen: Rc<glib::SignalHandlerId>,
    label: fn(T) -> String,
}

impl<T: Copy + PartialEq + 'static> ChoiceRow<T> {
    /// A list that tells when the user chooses.
    pub fn new(title: &str, label: fn(T) -> String, chosen: impl Fn(T) + 'static) -> Self {
        let row = adw::ComboRow::builder().title(title).build();
        row.set_subtitle_lines(0);
        let values: Rc<RefCell<Vec<T>>> = Rc::default();
        let offered = Rc::clone(&values);
        let chosen = row.connect_selected_notify(move |row| {
            let value = offered.borrow().get(row.selected() as usize).copied();
            if let Some(value) = value {
                chosen(value);
            }
        });
        Self { row, values, chosen: chosen.into(), label }
    }

    /// The widget to put into a group.
    #[must_use]
    pub const fn widget(&self) -> &adw::ComboRow {
        &self.row
    }

    /// Shows these choices, and which one is made, without telling. The note says what they mean,
    /// or why others are missing.
    pub fn show(&self, values: &[T], chosen: T, note: &str) {
        self.show_labelled(values, self.label, chosen, note);
    }

    /// The same with labels of the moment; they belong to the values as long as these stay the same.
    pub fn show_labelled(&self, values: &[T], label: impl Fn(T) -> String, chosen: T, note: &str) {
        self.row.block_signal(&self.chosen);
        if *self.values.borrow() != values {
            self.values.replace(values.to_vec());
            let labels: Vec<String> = values.iter().map(|&value| label(value)).collect();
            let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
            self.row.set_model(Some(&gtk::StringList::new(&labels)));
        }
        let place = values.iter().position(|&value| value == chosen).unwrap_or(0);
        self.row.set_selected(u32::try_from(place).unwrap_or(0));
        self.row.unblock_signal(&self.chosen);
        self.row.set_subtitle(&glib::markup_escape_text(note));
        self.row.set_sensitive(values.len() > 1);
    }
}
