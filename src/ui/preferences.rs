//! Preferences: how often figures are read, and what is confirmed first.

use relm4::adw::prelude::*;
use relm4::{adw, gtk};

use crate::i18n::gettext;
use crate::settings::{Confirmation, Settings};
use crate::ui::widgets::accessible;

/// Opens the window; what is changed there holds at once. `interval_changed` is told seconds.
pub fn present(
    parent: &impl IsA<gtk::Window>,
    settings: &Settings,
    interval_changed: impl Fn(u32) + 'static,
) {
    let page = adw::PreferencesPage::new();
    page.add(&figures(settings, interval_changed));
    page.add(&confirmations(settings));
    let window = adw::PreferencesWindow::builder()
        .transient_for(parent)
        .modal(true)
        .search_enabled(false)
        .default_width(480)
        .default_height(520)
        .build();
    window.add(&page);
    window.present();
}

fn figures(settings: &Settings, interval_changed: impl Fn(u32) + 'static) -> adw::PreferencesGroup {
    let group = adw::PreferencesGroup::builder().title(gettext("Figures")).build();
    let title = gettext("Seconds between readings");
    let row = adw::ActionRow::builder().title(&title).build();
    let spin = gtk::SpinButton::with_range(1.0, 60.0, 1.0);
    spin.set_valign(gtk::Align::Center);
    spin.set_value(f64::from(settings.poll_interval_s()));
    accessible::set_name(&spin, &title);
    let settings = settings.clone();
    spin.connect_value_changed(move |spin| {
        let seconds = spin.value_as_int().unsigned_abs();
        if let Err(error) = settings.set_poll_interval_s(seconds) {
            tracing::warn!(%error, "interval not kept");
        }
        interval_changed(seconds);
    });
    row.add_suffix(&spin);
    row.set_activatable_widget(Some(&spin));
    group.add(&row);
    group
}

fn confirmations(settings: &Settings) -> adw::PreferencesGroup {
    let group = adw::PreferencesGroup::builder().title(gettext("Ask Before")).build();
    for what in Confirmation::ALL {
        let title = confirmation(what);
        let row = adw::ActionRow::builder().title(&title).build();
        let switch = gtk::Switch::builder()
            .valign(gtk::Align::Center)
            .active(settings.confirms(what))
            .build();
        accessible::set_name(&switch, &title);
        let settings = settings.clone();
        switch.connect_active_notify(move |switch| {
            if let Err(error) = settings.set_confirms(what, switch.is_active()) {
                tracing::warn!(%error, "confirmation not kept");
            }
        });
        row.add_suffix(&switch);
        row.set_activatable_widget(Some(&switch));
        group.add(&row);
    }
    group
}

fn confirmation(what: Confirmation) -> String {
    match what {
        Confirmation::ForceOff => gettext("Forcing a guest off"),
        Confirmation::ForceReset => gettext("Resetting a guest"),
        Confirmation::ShutDown => gettext("Shutting down or rebooting a guest"),
        Confirmation::Pause => gettext("Pausing a guest"),
        Confirmation::Save => gettext("Saving a guest"),
    }
}
