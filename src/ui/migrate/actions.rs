//! The dialog's actions, `migrate.…`: check buttons have no action of their own for assistive
//! technology in GTK 4.8, the actions of a window have.

use relm4::Sender;
use relm4::gtk::gio::{self, prelude::*};
use relm4::gtk::glib;

use super::form::Form;
use super::messages::MigrateInput;
use crate::migration::{Coverage, MigrationOptions, Policy, Residence, Wish};

/// The group, and its stateful members.
#[derive(Debug)]
pub(super) struct MigrateActions {
    group: gio::SimpleActionGroup,
    toggles: Vec<Toggle>,
    policy: gio::SimpleAction,
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
        let policy = policy(sender);
        group.add_action(&policy);
        let start = plain("start", || MigrateInput::Confirmed, sender);
        group.add_action(&start);
        group.add_action(&plain("cancel", || MigrateInput::Dismissed, sender));
        Self { group, toggles, policy, start }
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
        self.policy.set_state(&named(options.policy).to_variant());
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

/// What a policy is called in the action, for scripts.
const fn named(policy: Policy) -> &'static str {
    match policy {
        Policy::None => "none",
        Policy::MinimalPause => "minimal-pause",
        Policy::PauseIfNeeded => "pause-if-needed",
        Policy::Postcopy => "post-copy",
        Policy::VeryLarge => "very-large",
    }
}

fn policy(sender: &Sender<MigrateInput>) -> gio::SimpleAction {
    let kind = glib::VariantTy::STRING;
    let none = named(Policy::None).to_variant();
    let action = gio::SimpleAction::new_stateful("policy", Some(kind), &none);
    let sender = sender.clone();
    action.connect_activate(move |_, name| {
        let name = name.and_then(glib::Variant::get::<String>).unwrap_or_default();
        let wanted = Policy::ALL.into_iter().find(|&policy| named(policy) == name);
        if let Some(policy) = wanted {
            sender.emit(MigrateInput::Chosen(Wish::Policy(policy)));
        }
    });
    action
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
