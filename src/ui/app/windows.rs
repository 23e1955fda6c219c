//! The windows besides the main one: opened once each, found again, forgotten when closed.

use std::collections::HashMap;

use relm4::adw::prelude::*;
use relm4::gtk::glib;
use relm4::{Component, ComponentController, ComponentSender, Controller, adw, gtk};

use crate::backend::RequestBody;
use crate::i18n::gettext;
use crate::model::{ConnectionSpec, GuestKey, HostId};
use crate::settings::WindowSize;
use crate::ui::connect::{ConnectDialog, ConnectInput, ConnectOutput};
use crate::ui::guest::{GuestInit, GuestOutput, GuestWindow};
use crate::ui::host::{HostInit, HostInput, HostOutput, HostTab, HostWindow};
use crate::ui::manager::RowId;
use crate::ui::migrate::{MigrateDialog, MigrateInput};

use super::command::{self, ENTRIES};
use super::exported::Exported;
use super::failures::Pending;
use super::{App, AppInput, rows};

/// The open windows.
#[derive(Default)]
pub(super) struct Windows {
    guests: HashMap<GuestKey, Controller<GuestWindow>>,
    hosts: HashMap<HostId, Controller<HostWindow>>,
    connect: Option<Controller<ConnectDialog>>,
    migrate: Option<(Controller<MigrateDialog>, Option<Exported>)>,
}

impl Windows {
    pub(super) fn guest(&self, key: GuestKey) -> Option<&Controller<GuestWindow>> {
        self.guests.get(&key)
    }

    pub(super) fn guests_of(
        &self,
        host: HostId,
    ) -> impl Iterator<Item = (&GuestKey, &Controller<GuestWindow>)> {
        self.guests.iter().filter(move |(key, _)| key.host == host)
    }

    pub(super) fn host(&self, host: HostId) -> Option<&Controller<HostWindow>> {
        self.hosts.get(&host)
    }

    pub(super) fn host_closed(&mut self, host: HostId) {
        self.hosts.remove(&host);
    }

    pub(super) fn tell_connect(&self, input: ConnectInput) {
        if let Some(dialog) = &self.connect {
            dialog.emit(input);
        }
    }

    /// Shows a Migrate dialog, in place of another one; its actions are on the session bus at `…/migrate`.
    pub(super) fn show_migrate(&mut self, dialog: Controller<MigrateDialog>) {
        self.forget_migrate();
        dialog.widget().present();
        let exported = Exported::at("migrate", dialog.model().actions());
        self.migrate = Some((dialog, exported));
    }

    pub(super) fn forget_migrate(&mut self) {
        if let Some((dialog, _)) = self.migrate.take() {
            dialog.widget().destroy();
        }
    }

    pub(super) fn tell_migrate(&self, input: MigrateInput) {
        if let Some((dialog, _)) = &self.migrate {
            dialog.emit(input);
        }
    }
}

impl App {
    pub(super) fn open_row(&mut self, row: RowId, sender: &ComponentSender<Self>) {
        match row {
            RowId::Guest(key) => self.open_guest(key, sender),
            RowId::Host(host) => self.open_host(host, HostTab::Overview, sender),
        }
    }

    fn open_guest(&mut self, key: GuestKey, sender: &ComponentSender<Self>) {
        if let Some(window) = self.windows.guests.get(&key) {
            window.widget().present();
            return;
        }
        let progress = |key| self.progress(key);
        let Some(view) = rows::guest(&self.inventory, &progress, key) else { return };
        let history = self.inventory.record(key).map(|record| record.cpu_history.clone());
        let init = GuestInit {
            parent: self.window.clone().upcast(),
            view,
            history: history.unwrap_or_default(),
        };
        let window = GuestWindow::builder()
            .launch(init)
            .forward(sender.input_sender(), move |output| AppInput::GuestWindow(key, output));
        window.widget().present();
        self.windows.guests.insert(key, window);
        self.ask_for(Pending::Xml(key), RequestBody::GuestXml(key));
    }

    pub(super) fn guest_said(
        &mut self,
        key: GuestKey,
        output: GuestOutput,
        sender: &ComponentSender<Self>,
    ) {
        match output {
            GuestOutput::Act(action) => self.act(action, vec![key], sender),
            GuestOutput::Migrate => self.open_migrate(&[key], None, sender),
            GuestOutput::Closed => {
                self.windows.guests.remove(&key);
            }
        }
    }

    pub(super) fn open_host(&mut self, host: HostId, tab: HostTab, sender: &ComponentSender<Self>) {
        if let Some(window) = self.windows.hosts.get(&host) {
            window.emit(HostInput::ShowTab(tab));
            window.widget().present();
            return;
        }
        let Some(view) = rows::host(&self.inventory, host) else { return };
        let uri = self.inventory.host(host).map(|host| host.spec.uri.clone()).unwrap_or_default();
        let window = HostWindow::builder()
            .launch(HostInit { parent: self.window.clone().upcast(), view, uri, tab })
            .forward(sender.input_sender(), move |output| AppInput::HostWindow(host, output));
        window.widget().present();
        self.windows.hosts.insert(host, window);
    }

    pub(super) fn host_said(
        &mut self,
        host: HostId,
        output: HostOutput,
        sender: &ComponentSender<Self>,
    ) {
        match output {
            HostOutput::Storage(output) => self.storage_said(host, output, sender),
            HostOutput::Closed => {
                self.windows.host_closed(host);
                self.look_away(host);
            }
        }
    }

    pub(super) fn open_connect(&mut self, sender: &ComponentSender<Self>) {
        let parent: gtk::Window = self.window.clone().upcast();
        let dialog = ConnectDialog::builder()
            .launch(Some(parent))
            .forward(sender.input_sender(), AppInput::Connect);
        dialog.widget().present();
        self.windows.connect = Some(dialog);
    }

    pub(super) fn connect_said(&mut self, output: ConnectOutput) {
        match output {
            ConnectOutput::Test(uri) => {
                let host = HostId(0);
                self.ask_for(Pending::Test, RequestBody::Test { host, uri });
            }
            ConnectOutput::Add(spec) => self.add_connection(spec),
            ConnectOutput::Closed => self.windows.connect = None,
        }
    }

    fn add_connection(&mut self, spec: ConnectionSpec) {
        if let Some(dialog) = self.windows.connect.take() {
            dialog.widget().destroy();
        }
        let known = self.inventory.hosts().find(|(_, host)| host.spec.uri == spec.uri);
        let host = match known.map(|(id, _)| id) {
            Some(id) => {
                self.toast(&gettext("This connection was there already."));
                id
            }
            None => self.add_host(spec),
        };
        self.remember();
        self.open(host);
    }

    pub(super) fn keep_window_size(&self) {
        let size = WindowSize {
            width: self.window.default_width(),
            height: self.window.default_height(),
            maximized: self.window.is_maximized(),
        };
        if let Err(error) = self.settings.set_window_size(size) {
            tracing::warn!(%error, "window size not kept");
        }
    }

    /// The last thing that is done.
    pub(super) fn end(&self) {
        relm4::main_application().quit();
    }
}

/// The keys, as the menus have them. GTK 4.8 fills this kind of window from a description only.
pub(super) fn shortcuts(parent: &adw::ApplicationWindow) {
    let known = ENTRIES.iter().filter_map(|entry| {
        Some((command::title(entry.command)?, entry.keys.first()?.to_string()))
    });
    let menu = (gettext("Context menu of the selected row"), "Menu <Shift>F10".to_owned());
    let rows: String = known.chain([menu]).map(|(title, keys)| shortcut(&title, &keys)).collect();
    let description = format!(
        "<interface><object class='GtkShortcutsWindow' id='window'><property name='modal'>1</property>\
         <child><object class='GtkShortcutsSection'><property name='section-name'>main</property>\
         <child><object class='GtkShortcutsGroup'>{rows}</object></child></object></child></object></interface>"
    );
    let builder = gtk::Builder::from_string(&description);
    if let Some(window) = builder.object::<gtk::ShortcutsWindow>("window") {
        window.set_transient_for(Some(parent));
        window.present();
    }
}

fn shortcut(title: &str, keys: &str) -> String {
    let (title, keys) = (glib::markup_escape_text(title), glib::markup_escape_text(keys));
    format!(
        "<child><object class='GtkShortcutsShortcut'><property name='title'>{title}</property>\
         <property name='accelerator'>{keys}</property></object></child>"
    )
}
