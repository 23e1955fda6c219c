//! A row with a switch (libadwaita has one from 1.4 on).

use relm4::adw::{self, prelude::*};
use relm4::gtk::{self, glib};

/// A row with a switch. The title names the switch too: libadwaita ties it to the activatable widget,
/// and GTK would say it twice if it were set again.
#[derive(Clone, Debug)]
pub struct SwitchRow {
    row: adw::ActionRow,
    switch: gtk::Switch,
    toggled: std::rc::Rc<glib::SignalHandlerId>,
    subtitle: String,
}

impl SwitchRow {
    /// A switch that tells when the user turns it.
    pub fn new(title: &str, subtitle: &str, toggled: impl Fn(bool) + 'static) -> Self {
        let switch = gtk::Switch::builder().valign(gtk::Align::Center).build();
        let row = adw::ActionRow::builder()
            .title(glib::markup_escape_text(title).as_str())
            .subtitle(glib::markup_escape_text(subtitle).as_str())
            .activatable_widget(&switch)
            .build();
        row.add_suffix(&switch);
        let toggled = switch.connect_active_notify(move |switch| toggled(switch.is_active()));
        Self { row, switch, toggled: toggled.into(), subtitle: subtitle.to_owned() }
    }

    /// The widget to put into a group.
    #[must_use]
    pub const fn widget(&self) -> &adw::ActionRow {
        &self.row
    }

    /// Shows a state without telling; with a reason it cannot be turned, and says why.
    pub fn show(&self, on: bool, ruled_out: Option<&str>) {
        // One that is just turning would stop and stay as it was: GTK ends the movement even for the same state.
        if self.switch.is_active() != on {
            self.switch.block_signal(&self.toggled);
            self.switch.set_active(on);
            self.switch.unblock_signal(&self.toggled);
        }
        self.row.set_sensitive(ruled_out.is_none());
        let subtitle = ruled_out.unwrap_or(&self.subtitle);
        self.row.set_subtitle(&glib::markup_escape_text(subtitle));
    }
}
