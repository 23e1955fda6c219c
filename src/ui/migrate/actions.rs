//! The dialog's actions, `migrate.…`: check buttons have no action of their own for assistive
//! technology in GTK 4.8, the actions of a window have.

use relm4::Sender;
use relm4::gtk::gio::{self, prelude::*};
use relm4::gtk::glib;

use super::form::Form;
use super::messages::MigrateInput;
use crate::migration::{Coverage, MigrationOptions, Residence, Wish};

/// The group, and its stateful members.
#[derive(Debug)]
pub(super) struct MigrateActions {
    group: gio::SimpleActionGroup,
    toggles: Vec<Toggle>,
    start: gio::SimpleAction,
}

#[derive(Debug)]
struct Toggle {
    action: gio::SimpleAction,
    wish: fn(bool) -> Wish,
    get: fn(&MigrationOptions) -> bool,
}

impl MigrateActions {
    pub(super) fn new(sender: &Sender<MigrateInput>) -> Self {
        let group = gio::SimpleActionGroup::new();
        let toggles = vec![
            toggle("offline", offline, |options| options.coverage != Coverage::Live, sender),
            toggle(
                "permanent",
                permanent,
                |options| options.residence == Residence::Permanent,
                sender,
            ),
            toggle("unsafe", Wish::AllowUnsafe, |options| options.allow_unsafe, sender),
        ];
        for toggle in &toggles {
            group.add_action(&toggle.action);
        }
        let destination = gio::SimpleAction::new("destination", Some(glib::VariantTy::STRING));
        let to = sender.clone();
        destination.connect_activate(move |_, name| {
            if let Some(name) = name.and_then(glib::Variant::get::<String>) {
                to.emit(MigrateInput::DestinationNamed(name));
            }
        });
        group.add_action(&destination);
        let start = plain("start", || MigrateInput::Confirmed, sender);
        group.add_action(&start);
        group.add_action(&plain("cancel", || MigrateInput::Dismissed, sender));
        Self { group, toggles, start }
    }

    pub(super) const fn group(&self) -> &gio::SimpleActionGroup {
        &self.group
    }

    pub(super) fn show(&self, form: &Form) {
        let options = form.options();
        for Toggle { action, wish, get } in &self.toggles {
            let on = get(&options);
            action.set_state(&on.to_variant());
            action.set_enabled(form.ruled_out(&wish(!on)).is_none());
        }
        self.start.set_enabled(form.plan().is_ok());
    }
}

/// The wish behind *Offline migration*.
pub(super) const fn offline(on: bool) -> Wish {
    Wish::Coverage(if on { Coverage::Stopped } else { Coverage::Live })
}

/// The wish behind *Permanently*.
pub(super) const fn permanent(on: bool) -> Wish {
    Wish::Residence(if on { Residence::Permanent } else { Residence::UntilShutDown })
}

fn toggle(
    name: &str,
    wish: fn(bool) -> Wish,
    get: fn(&MigrationOptions) -> bool,
    sender: &Sender<MigrateInput>,
) -> Toggle {
    let action = gio::SimpleAction::new_stateful(name, None, &false.to_variant());
    let sender = sender.clone();
    action.connect_activate(move |action, _| {
        let on = action.state().and_then(|state| state.get::<bool>()).unwrap_or(false);
        sender.emit(MigrateInput::Chosen(wish(!on)));
    });
    Toggle { action, wish, get }
}

fn plain(
    name: &str,
    message: fn() -> MigrateInput,
    sender: &Sender<MigrateInput>,
) -> gio::SimpleAction {
    let action = gio::SimpleAction::new(name, None);
    let sender = sender.clone();
    action.connect_activate(move |_, _| sender.emit(message()));
    action
}
