//! A row with an amount of data: a number and its unit.

use std::cell::Cell;
use std::rc::Rc;

use relm4::adw::{self, prelude::*};
use relm4::gtk;

use super::accessible;
use crate::i18n::gettext_f;
use crate::model::Bytes;

/// The units that are offered: their names, and how many bytes they are.
const UNITS: [(&str, u64); 5] =
    [("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40)];
/// The largest number, far beyond any disk.
const MOST: f64 = 9_999_999.0;

/// A row with an amount of data, which has the title as its accessible name (see [`super::SwitchRow`]).
#[derive(Clone, Debug)]
pub struct SizeEntry {
    row: adw::ActionRow,
    spin: gtk::SpinButton,
    unit: gtk::DropDown,
    /// Shown by the program, not typed by the user.
    quiet: Rc<Cell<bool>>,
}

impl SizeEntry {
    /// An amount that tells when the user changes it.
    pub fn new(title: &str, changed: impl Fn(Bytes) + 'static) -> Self {
        let spin = gtk::SpinButton::with_range(0.0, MOST, 1.0);
        spin.set_valign(gtk::Align::Center);
        spin.set_digits(2);
        spin.set_width_chars(8);
        let names = UNITS.map(|(name, _)| name);
        let unit = gtk::DropDown::from_strings(&names);
        unit.set_valign(gtk::Align::Center);
        accessible::set_name(&unit, &gettext_f("Unit of {what}", &[("what", title)]));
        let row = adw::ActionRow::builder().title(title).activatable_widget(&spin).build();
        row.set_subtitle_lines(0);
        row.add_suffix(&spin);
        row.add_suffix(&unit);
        let quiet = Rc::new(Cell::new(false));
        let entry = Self { row, spin, unit, quiet };
        let told = {
            let entry = entry.clone();
            Rc::new(move || {
                if !entry.quiet.get() {
                    changed(entry.value());
                }
            })
        };
        let by_unit = Rc::clone(&told);
        entry.spin.connect_value_changed(move |_| told());
        entry.unit.connect_selected_notify(move |_| by_unit());
        entry
    }

    /// The widget to put into a group.
    #[must_use]
    pub const fn widget(&self) -> &adw::ActionRow {
        &self.row
    }

    /// What is shown.
    #[must_use]
    pub fn value(&self) -> Bytes {
        bytes(self.spin.value(), self.unit.selected() as usize)
    }

    /// Shows an amount in the largest unit that keeps it whole, without telling.
    pub fn show(&self, amount: Bytes) {
        if self.value() == amount && amount.0 > 0 {
            return;
        }
        let (number, unit) = parts(amount);
        self.quiet.set(true);
        self.unit.set_selected(u32::try_from(unit).unwrap_or(0));
        self.spin.set_value(number);
        self.quiet.set(false);
    }

    /// Says something below the title; as an error, where it is one.
    pub fn note(&self, text: &str, wrong: bool) {
        self.row.set_subtitle(&gtk::glib::markup_escape_text(text));
        if wrong { self.row.add_css_class("error") } else { self.row.remove_css_class("error") }
    }
}

#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn bytes(number: f64, unit: usize) -> Bytes {
    let factor = UNITS.get(unit).map_or(1, |(_, bytes)| *bytes);
    // Two decimals of a unit are exact enough; libvirt rounds to sectors.
    Bytes((number * factor as f64).round() as u64)
}

#[allow(clippy::cast_precision_loss)] // as above
fn parts(amount: Bytes) -> (f64, usize) {
    if amount.0 == 0 {
        return (0.0, 3);
    }
    let whole = |bytes: u64| amount.0.is_multiple_of(bytes) || (amount.0 * 4).is_multiple_of(bytes);
    let unit = UNITS.iter().rposition(|(_, bytes)| *bytes <= amount.0 && whole(*bytes));
    let unit = unit.unwrap_or(0);
    (amount.0 as f64 / UNITS[unit].1 as f64, unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_shown_in_a_unit_that_keeps_it() {
        for (amount, number, unit) in [
            (20 << 30, 20.0, 3),
            (1 << 40, 1.0, 4),
            (3 << 29, 1.5, 3),
            (100 << 20, 100.0, 2),
            (196_616, 196_616.0, 0),
            (0, 0.0, 3),
        ] {
            assert_eq!(parts(Bytes(amount)), (number, unit), "{amount}");
            assert_eq!(bytes(number, unit), Bytes(amount));
        }
    }
}
