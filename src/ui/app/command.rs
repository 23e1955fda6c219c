//! What the user can ask for: one name each, for menus, keys, the session bus and screen readers.

use crate::i18n::gettext;
use crate::journal::JournalId;
use crate::migration::repair::Repair;
use crate::model::{GuestAction, GuestKey, HostId, JobId};
use crate::settings::Confirmation;
use crate::ui::labels;

/// Something to do to the selected guests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GuestCommand {
    /// Show its details.
    Open,
    /// A small thing that libvirt does by itself.
    Act(GuestAction),
    /// Open the Migrate dialog.
    Migrate,
    /// Move it home.
    BringBack,
}

/// Something to do to the selected hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HostCommand {
    /// Open the connection.
    Connect,
    /// Close it.
    Disconnect,
    /// Read everything again.
    Refresh,
    /// Show what the host is.
    Details,
    /// Show its pools and volumes.
    Storage,
    /// Forget the connection.
    Remove,
}

/// Something to do to the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AppCommand {
    /// Open the Add Connection dialog.
    AddConnection,
    /// Show the page of hosts and guests.
    ShowHosts,
    /// Show the page of migrations.
    ShowMigrations,
    /// Shows the page *Destinations*.
    ShowDestinations,
    /// Show the page of past migrations.
    ShowHistory,
    /// Start the practice lab.
    StartLab,
    /// Stop the practice lab.
    StopLab,
    /// Open the preferences.
    Preferences,
    /// List the keyboard shortcuts.
    Shortcuts,
    /// Say what this program is.
    About,
    /// Leave.
    Quit,
}

/// Any of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// For guests.
    Guest(GuestCommand),
    /// For hosts.
    Host(HostCommand),
    /// For the program.
    App(AppCommand),
}

/// A command with what it is for: what a question carries while the user thinks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Do this to these guests.
    Guests(GuestAction, Vec<GuestKey>),
    /// Forget these hosts.
    RemoveHosts(Vec<HostId>),
    /// Mend what this move left behind.
    Repair(JobId, Repair),
    /// Delete the journal of a move, which has this title.
    DeleteJournal(JournalId, String),
    /// Leave, though work is under way.
    Quit,
}

/// An action of the main window: its name, what it does, its keys.
pub(super) struct Entry {
    pub(super) name: &'static str,
    pub(super) command: Command,
    pub(super) keys: &'static [&'static str],
}

const fn guest(name: &'static str, command: GuestCommand, keys: &'static [&'static str]) -> Entry {
    Entry { name, command: Command::Guest(command), keys }
}

const fn act(name: &'static str, action: GuestAction, keys: &'static [&'static str]) -> Entry {
    guest(name, GuestCommand::Act(action), keys)
}

const fn host(name: &'static str, command: HostCommand) -> Entry {
    Entry { name, command: Command::Host(command), keys: &[] }
}

const fn app(name: &'static str, command: AppCommand, keys: &'static [&'static str]) -> Entry {
    Entry { name, command: Command::App(command), keys }
}

/// All of them. The names are interface: scripts call them over the session bus.
pub(super) const ENTRIES: &[Entry] = &[
    guest("guest.open", GuestCommand::Open, &["<Ctrl>Return"]),
    act("guest.run", GuestAction::Run, &["<Ctrl>R"]),
    act("guest.pause", GuestAction::Pause, &["<Ctrl>P"]),
    act("guest.resume", GuestAction::Resume, &["<Ctrl><Shift>P"]),
    act("guest.shut-down", GuestAction::ShutDown, &[]),
    act("guest.reboot", GuestAction::Reboot, &[]),
    act("guest.force-reset", GuestAction::ForceReset, &[]),
    act("guest.force-off", GuestAction::ForceOff, &[]),
    act("guest.save", GuestAction::Save, &[]),
    act("guest.discard-saved", GuestAction::DiscardSaved, &[]),
    guest("guest.migrate", GuestCommand::Migrate, &["<Ctrl>M"]),
    guest("guest.bring-back", GuestCommand::BringBack, &["<Ctrl>B"]),
    host("host.connect", HostCommand::Connect),
    host("host.disconnect", HostCommand::Disconnect),
    host("host.refresh", HostCommand::Refresh),
    host("host.details", HostCommand::Details),
    Entry {
        name: "host.storage",
        command: Command::Host(HostCommand::Storage),
        keys: &["<Ctrl>S"],
    },
    host("host.remove", HostCommand::Remove),
    app("add-connection", AppCommand::AddConnection, &["<Ctrl>N"]),
    app("show-hosts", AppCommand::ShowHosts, &["<Alt>1"]),
    app("show-migrations", AppCommand::ShowMigrations, &["<Alt>2"]),
    app("show-destinations", AppCommand::ShowDestinations, &["<Alt>4"]),
    app("show-history", AppCommand::ShowHistory, &["<Alt>3"]),
    app("start-lab", AppCommand::StartLab, &[]),
    app("stop-lab", AppCommand::StopLab, &[]),
    app("preferences", AppCommand::Preferences, &["<Ctrl>comma"]),
    app("shortcuts", AppCommand::Shortcuts, &["<Ctrl>question", "F1"]),
    app("about", AppCommand::About, &[]),
    app("quit", AppCommand::Quit, &["<Ctrl>Q"]),
];

/// Whether an action is confirmed first: `Some(None)` always, `Some(Some(_))` as the user set it.
#[must_use]
pub(super) fn confirmation(action: GuestAction) -> Option<Option<Confirmation>> {
    match action {
        GuestAction::ForceOff => Some(Some(Confirmation::ForceOff)),
        GuestAction::ForceReset => Some(Some(Confirmation::ForceReset)),
        GuestAction::ShutDown | GuestAction::Reboot => Some(Some(Confirmation::ShutDown)),
        GuestAction::Pause => Some(Some(Confirmation::Pause)),
        GuestAction::Save => Some(Some(Confirmation::Save)),
        GuestAction::DiscardSaved => Some(None),
        GuestAction::Run | GuestAction::Resume | GuestAction::SetAutostart(_) => None,
    }
}

/// The name of a command in the list of keyboard shortcuts.
#[must_use]
pub(super) fn title(command: Command) -> Option<String> {
    Some(match command {
        Command::Guest(GuestCommand::Open) => gettext("Open the guest"),
        Command::Guest(GuestCommand::Act(action)) => labels::action_title(action),
        Command::Guest(GuestCommand::Migrate) => gettext("Migrate"),
        Command::Guest(GuestCommand::BringBack) => gettext("Bring Back"),
        Command::Host(HostCommand::Storage) => gettext("Storage of the host"),
        Command::Host(
            HostCommand::Connect
            | HostCommand::Disconnect
            | HostCommand::Refresh
            | HostCommand::Details
            | HostCommand::Remove,
        ) => return None,
        Command::App(AppCommand::AddConnection) => gettext("Add Connection"),
        Command::App(AppCommand::ShowHosts) => gettext("Hosts and Guests"),
        Command::App(AppCommand::ShowMigrations) => gettext("Migrations"),
        Command::App(AppCommand::ShowDestinations) => gettext("Destinations"),
        Command::App(AppCommand::ShowHistory) => gettext("History"),
        Command::App(AppCommand::Preferences) => gettext("Preferences"),
        Command::App(AppCommand::Shortcuts) => gettext("Keyboard Shortcuts"),
        Command::App(AppCommand::Quit) => gettext("Quit"),
        Command::App(AppCommand::StartLab | AppCommand::StopLab | AppCommand::About) => {
            return None;
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_keys_are_used_once() {
        let mut names = std::collections::HashSet::new();
        let mut keys = std::collections::HashSet::new();
        for entry in ENTRIES {
            assert!(names.insert(entry.name), "{}", entry.name);
            for key in entry.keys {
                assert!(keys.insert(*key), "{key}");
            }
        }
    }

    #[test]
    fn what_loses_data_is_confirmed() {
        for action in [GuestAction::ForceOff, GuestAction::ForceReset, GuestAction::DiscardSaved] {
            assert!(confirmation(action).is_some(), "{action:?}");
        }
        assert_eq!(confirmation(GuestAction::Run), None);
    }
}
