//! A row with a number (libadwaita has one from 1.4 on).

use relm4::adw::{self, prelude::*};
use relm4::gtk::{self, glib};

/// A row with a whole number, which has the title as its accessible name (see [`super::SwitchRow`]).
#[derive(Clone, Debug)]
pub struct SpinRow {
    row: adw::ActionRow,
    spin: gtk::SpinButton,
    changed: std::rc::Rc<glib::SignalHandlerId>,
    subtitle: String,
}

impl SpinRow {
    /// A number from 0 to `most` that tells when the user changes it. The unit belongs into the subtitle.
    pub fn new(
        title: &str,
        subtitle: &str,
        (most, step): (u32, u32),
        changed: impl Fn(u64) + 'static,
    ) -> Self {
        let spin = gtk::SpinButton::with_range(0.0, f64::from(most), f64::from(step));
        spin.set_valign(gtk::Align::Center);
        spin.set_numeric(true);
        let row = adw::ActionRow::builder()
            .title(glib::markup_escape_text(title).as_str())
            .subtitle(glib::markup_escape_text(subtitle).as_str())
            .activatable_widget(&spin)
            .build();
        row.add_suffix(&spin);
        let changed = spin.connect_value_changed(move |spin| changed(whole(spin)));
        Self { row, spin, changed: changed.into(), subtitle: subtitle.to_owned() }
    }

    /// The widget to put into a group.
    #[must_use]
    pub const fn widget(&self) -> &adw::ActionRow {
        &self.row
    }

    /// Shows a number without telling; with a reason it cannot be changed, and says why.
    pub fn show(&self, value: u64, ruled_out: Option<&str>) {
        if whole(&self.spin) != value {
            self.spin.block_signal(&self.changed);
            #[allow(clippy::cast_precision_loss)] // the range ends far below 2⁵³
            self.spin.set_value(value as f64);
            self.spin.unblock_signal(&self.changed);
        }
        self.row.set_sensitive(ruled_out.is_none());
        let subtitle = ruled_out.unwrap_or(&self.subtitle);
        self.row.set_subtitle(&glib::markup_escape_text(subtitle));
    }
}

fn whole(spin: &gtk::SpinButton) -> u64 {
    u64::try_from(spin.value_as_int()).unwrap_or(0)
}
