//! The actions of the main window: registered once, enabled as the selection and its guests allow,
//! and what happens when one is used.

use std::collections::HashMap;

use relm4::adw::prelude::*;
use relm4::gtk::gio;
use relm4::{ComponentSender, adw};

use crate::backend::{Backend, RequestBody};
use crate::i18n::{gettext, gettext_f};
use crate::model::{GuestAction, GuestKey, HostId};
use crate::ui::enabled::{self, GuestMenu, HostMenu};
use crate::ui::host::HostTab;
use crate::ui::labels::Confirm;
use crate::ui::manager::{ManagerOutput, RowId};
use crate::ui::widgets::dialog;
use crate::ui::{about, labels, preferences};

use super::command::{ENTRIES, confirmation};
use super::failures::Pending;
use super::lab::LabState;
use super::{App, AppCommand, AppInput, Command, GuestCommand, HostCommand, Order, rows};

/// Puts every command into the window: menus, keys, the session bus and AT-SPI find it there.
pub(super) fn register(
    window: &adw::ApplicationWindow,
    sender: &ComponentSender<App>,
) -> HashMap<&'static str, gio::SimpleAction> {
    let application = relm4::main_application();
    let mut actions = HashMap::new();
    for entry in ENTRIES {
        let action = gio::SimpleAction::new(entry.name, None);
        let (input, command) = (sender.input_sender().clone(), entry.command);
        action.connect_activate(move |_, _| input.emit(AppInput::Do(command)));
        window.add_action(&action);
        application.set_accels_for_action(&format!("win.{}", entry.name), entry.keys);
        actions.insert(entry.name, action);
    }
    actions
}

impl App {
    pub(super) fn selected_guests(&self) -> Vec<GuestKey> {
        let guest = |row: &RowId| match row {
            RowId::Guest(key) => Some(*key),
            RowId::Host(_) => None,
        };
        self.selected.iter().filter_map(guest).collect()
    }

    pub(super) fn selected_hosts(&self) -> Vec<HostId> {
        let host = |row: &RowId| match row {
            RowId::Host(host) => Some(*host),
            RowId::Guest(_) => None,
        };
        self.selected.iter().filter_map(host).collect()
    }

    /// Enables what makes sense for the selection, and nothing else.
    pub(super) fn enable_actions(&self) {
        let guests = self.guest_menu();
        let hosts = self.host_menu();
        let (lab_runs, lab_off) = (self.lab.runs(), matches!(self.lab, LabState::Off));
        for entry in ENTRIES {
            let enabled = match entry.command {
                Command::Guest(command) => guests.is_some_and(|menu| guest_enabled(menu, command)),
                Command::Host(command) => hosts.is_some_and(|menu| host_enabled(menu, command)),
                Command::App(AppCommand::StartLab) => lab_off,
                Command::App(AppCommand::StopLab) => lab_runs,
                Command::App(_) => true,
            };
            if let Some(action) = self.actions.get(entry.name) {
                action.set_enabled(enabled);
            }
        }
    }

    fn guest_menu(&self) -> Option<GuestMenu> {
        let menus = self.selected_guests().into_iter().filter_map(|key| {
            let guest = self.inventory.guest(key)?;
            let reachable = self.inventory.host(key.host)?.state.is_connected();
            let menu = enabled::guest_menu(guest, &rows::place(&self.inventory, key));
            Some(if reachable { menu } else { GuestMenu::default() })
        });
        menus.reduce(GuestMenu::and)
    }

    fn host_menu(&self) -> Option<HostMenu> {
        let host = *self.selected_hosts().first()?;
        let state = &self.inventory.host(host)?.state;
        Some(enabled::host_menu(state, self.lab.has(host)))
    }

    pub(super) fn tree_said(&mut self, output: ManagerOutput, sender: &ComponentSender<Self>) {
        match output {
            ManagerOutput::Selected(rows) => {
                self.selected = rows;
                self.enable_actions();
            }
            ManagerOutput::Open(row) => self.open_row(row, sender),
            ManagerOutput::MigrateTo(guest, host) => {
                self.open_migrate(&[guest], Some(host), sender)
            }
            ManagerOutput::OpenLab => self.command(Command::App(AppCommand::StartLab), sender),
            ManagerOutput::AddConnection => self.open_connect(sender),
        }
    }

    pub(super) fn command(&mut self, command: Command, sender: &ComponentSender<Self>) {
        match command {
            Command::Guest(command) => self.guest_command(command, sender),
            Command::Host(command) => self.host_command(command, sender),
            Command::App(command) => self.app_command(command, sender),
        }
    }

    fn guest_command(&mut self, command: GuestCommand, sender: &ComponentSender<Self>) {
        let guests = self.selected_guests();
        match command {
            GuestCommand::Open => {
                for guest in guests {
                    self.open_row(RowId::Guest(guest), sender);
                }
            }
            GuestCommand::Act(action) => self.act(action, guests, sender),
            GuestCommand::Migrate => self.open_migrate(&guests, None, sender),
            GuestCommand::BringBack => self.bring_back(&guests),
        }
    }

    fn host_command(&mut self, command: HostCommand, sender: &ComponentSender<Self>) {
        let hosts = self.selected_hosts();
        for &host in &hosts {
            match command {
                HostCommand::Connect => self.open(host),
                HostCommand::Disconnect => {
                    self.withdraw_from(host);
                    self.ask(RequestBody::Close(host));
                }
                HostCommand::Refresh => {
                    self.ask(RequestBody::Refresh(host));
                }
                HostCommand::Details => self.open_host(host, HostTab::Overview, sender),
                HostCommand::Storage => self.open_host(host, HostTab::Storage, sender),
                HostCommand::Remove => {}
            }
        }
        if command == HostCommand::Remove {
            self.confirm_remove(hosts, sender);
        }
    }

    fn app_command(&mut self, command: AppCommand, sender: &ComponentSender<Self>) {
        match command {
            AppCommand::AddConnection => self.open_connect(sender),
            AppCommand::StartLab => self.start_lab(sender),
            AppCommand::StopLab => self.stop_lab(sender),
            AppCommand::ShowHosts => self.stack.set_visible_child_name("hosts"),
            AppCommand::ShowDestinations => self.stack.set_visible_child_name("destinations"),
            AppCommand::ShowMigrations => self.stack.set_visible_child_name("migrations"),
            AppCommand::ShowHistory => self.stack.set_visible_child_name("history"),
            AppCommand::Preferences => {
                let backend = self.backend.clone();
                preferences::present(&self.window, &self.settings, move |seconds| {
                    backend.set_interval(std::time::Duration::from_secs(seconds.into()));
                });
            }
            AppCommand::Shortcuts => super::windows::shortcuts(&self.window),
            AppCommand::About => about::present(&self.window),
            AppCommand::Quit => self.leave(true, sender),
        }
    }

    /// Does a small thing to guests, after a question where it could lose something.
    pub(super) fn act(
        &mut self,
        action: GuestAction,
        guests: Vec<GuestKey>,
        sender: &ComponentSender<Self>,
    ) {
        let asks = match confirmation(action) {
            None => false,
            Some(None) => true,
            Some(Some(what)) => self.settings.confirms(what),
        };
        let order = Order::Guests(action, guests);
        if asks {
            let text = self.question(&order);
            let input = sender.input_sender().clone();
            dialog::confirm(&self.window, &text, move || {
                input.emit(AppInput::Confirmed(order.clone()));
            });
        } else {
            self.carry_out(order, sender);
        }
    }

    fn confirm_remove(&self, hosts: Vec<HostId>, sender: &ComponentSender<Self>) {
        let order = Order::RemoveHosts(hosts);
        let text = self.question(&order);
        let input = sender.input_sender().clone();
        dialog::confirm(&self.window, &text, move || {
            input.emit(AppInput::Confirmed(order.clone()));
        });
    }

    pub(super) fn question(&self, order: &Order) -> Confirm {
        match order {
            Order::Guests(action, guests) => {
                let names = guests.iter().filter_map(|&key| self.inventory.guest(key));
                let names: Vec<&str> = names.map(|guest| &*guest.name).collect();
                labels::confirm_action(*action, &names)
            }
            Order::RemoveHosts(hosts) => {
                let names = hosts.iter().filter_map(|&id| self.inventory.host(id));
                let names: Vec<&str> = names.map(|host| host.name()).collect();
                Confirm {
                    heading: gettext_f("Remove {host}?", &[("host", &names.join(", "))]),
                    body: gettext(
                        "Only the connection is forgotten. The host and its guests stay as they are.",
                    ),
                    action: gettext("Remove"),
                }
            }
            Order::Repair(job, repair) => self.repair_question(*job, *repair),
            Order::DeleteJournal(_, title) => Confirm {
                heading: gettext_f("Delete the journal of {move}?", &[("move", title)]),
                body: gettext("Its figures and messages are lost. No guest is touched."),
                action: gettext("Delete"),
            },
            Order::Quit => labels::quitting::question(&self.under_way(), Backend::TAKING_BACK),
        }
    }

    pub(super) fn carry_out(&mut self, order: Order, sender: &ComponentSender<Self>) {
        match order {
            Order::Guests(action, guests) => {
                for guest in guests {
                    self.ask_for(Pending::Act(guest, action), RequestBody::Act { guest, action });
                }
            }
            Order::RemoveHosts(hosts) => self.remove_hosts(&hosts),
            Order::Repair(job, repair) => self.repair(job, repair),
            Order::DeleteJournal(journal, _) => self.delete_journal(&journal),
            Order::Quit => self.leave(false, sender),
        }
    }

    pub(super) fn remove_hosts(&mut self, hosts: &[HostId]) {
        for &host in hosts {
            self.ask(RequestBody::Close(host));
            let change = self.inventory.remove_host(host);
            self.passing.retain(|&other| other != host);
            self.show(change.as_slice());
        }
        self.remember();
    }
}

fn guest_enabled(menu: GuestMenu, command: GuestCommand) -> bool {
    match command {
        GuestCommand::Open => true,
        GuestCommand::Migrate => menu.migrate,
        GuestCommand::BringBack => menu.bring_back,
        GuestCommand::Act(action) => match action {
            GuestAction::Run => menu.run,
            GuestAction::Pause => menu.pause,
            GuestAction::Resume => menu.resume,
            GuestAction::ShutDown | GuestAction::Reboot => menu.shut_down,
            GuestAction::ForceReset => menu.force_reset,
            GuestAction::ForceOff => menu.force_off,
            GuestAction::Save => menu.save,
            GuestAction::DiscardSaved => menu.discard_saved,
            GuestAction::SetAutostart(_) => true,
        },
    }
}

fn host_enabled(menu: HostMenu, command: HostCommand) -> bool {
    match command {
        HostCommand::Connect => menu.connect,
        HostCommand::Disconnect => menu.disconnect,
        HostCommand::Refresh => menu.disconnect,
        HostCommand::Details => true,
        HostCommand::Storage => menu.storage,
        HostCommand::Remove => menu.remove,
    }
}
