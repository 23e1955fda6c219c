//! The dialog's actions, `migrate.…`: check buttons have no action of their own for assistive
//! technology in GTK 4.8, the actions of a window have.

use relm4::Sender;
use relm4::gtk::gio::{self, prelude::*};
use relm4::gtk::glib;

use super::form::Form;
use super::messages::MigrateInput;
use crate::migration::{Coverage, MigrationOptions, Policy, Residence, Transport, Wish};

/// The group, and its stateful members.
#[derive(Debug)]
pub(super) struct MigrateActions {
    group: gio::SimpleActionGroup,
    toggles: Vec<Toggle>,
    policy: gio::SimpleAction,
    transport: gio::SimpleAction,
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
        let policy = choice("policy", POLICIES, Wish::Policy, sender);
        let transport = choice("transport", TRANSPORTS, Wish::Transport, sender);
        for action in [&policy, &transport] {
            group.add_action(action);
        }
        let start = plain("start", || MigrateInput::Confirmed, sender);
        group.add_action(&start);
        group.add_action(&plain("cancel", || MigrateInput::Dismissed, sender));
        Self { group, toggles, policy, transport, start }
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
        self.policy.set_state(&named(POLICIES, &options.policy));
        self.transport.set_state(&named(TRANSPORTS, &options.transport));
        self.start.set_enabled(form.plans().is_ok());
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

/// What policies are called in the action, for scripts.
const POLICIES: &[(&str, Policy)] = &[
    ("none", Policy::None),
    ("minimal-pause", Policy::MinimalPause),
    ("pause-if-needed", Policy::PauseIfNeeded),
    ("post-copy", Policy::Postcopy),
    ("very-large", Policy::VeryLarge),
];

/// The same of transports.
const TRANSPORTS: &[(&str, Transport)] = &[
    ("peer-to-peer", Transport::PeerToPeer),
    ("direct", Transport::Direct),
    ("tunnelled", Transport::Tunnelled),
];

fn named<T: PartialEq>(all: &[(&'static str, T)], wanted: &T) -> glib::Variant {
    let name = all.iter().find(|(_, one)| one == wanted).map_or("", |(name, _)| name);
    name.to_variant()
}

/// An action whose parameter and state is the name of a choice.
fn choice<T: Copy + 'static>(
    name: &str,
    all: &'static [(&'static str, T)],
    wish: fn(T) -> Wish,
    sender: &Sender<MigrateInput>,
) -> gio::SimpleAction {
    let kind = glib::VariantTy::STRING;
    let action = gio::SimpleAction::new_stateful(name, Some(kind), &"".to_variant());
    let sender = sender.clone();
    action.connect_activate(move |_, name| {
        let name = name.and_then(glib::Variant::get::<String>).unwrap_or_default();
        if let Some((_, wanted)) = all.iter().find(|(one, _)| *one == name) {
            sender.emit(MigrateInput::Chosen(wish(*wanted)));
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
