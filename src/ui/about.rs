//! What this program is.

use relm4::adw::prelude::*;
use relm4::{adw, gtk};

use crate::config;
use crate::i18n::gettext;

/// Opens the About window.
pub fn present(parent: &impl IsA<gtk::Window>) {
    adw::AboutWindow::builder()
        .transient_for(parent)
        .modal(true)
        .application_name("Vireo")
        .application_icon(config::APP_ID)
        .version(config::VERSION)
        .comments(gettext("Move KVM guests between hosts, and see it happen."))
        .developer_name(gettext("The Vireo developers"))
        .license_type(gtk::License::Gpl30)
        .build()
        .present();
}
