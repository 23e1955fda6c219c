//! Model values in the user's language: text, icon, style. Exhaustive matches, no `_`.

mod action;
mod advice;
mod causes;
pub mod checks;
pub mod failure;
pub mod forecast;
pub mod history;
pub mod lab;
pub mod mends;
pub mod migration;
pub mod quitting;
mod reasons;
pub mod repair;
pub mod storage;
pub mod storage_failure;
pub mod storage_form;
pub mod task;

pub use action::{Confirm, action_failed, confirm_action, title as action_title};

use relm4::gtk::glib;

use crate::i18n::{gettext, gettext_f, ngettext_f};
use crate::model::{
    Bytes, ConnectionState, Guest, GuestState, PauseReason, ShutOffReason, StateReason,
};
use crate::ui::views::{GuestView, HostView};

/// An amount of memory or data, such as `512.0 MiB`, as the locale writes numbers.
#[must_use]
pub fn bytes(amount: Bytes) -> String {
    glib::format_size_full(amount.0, glib::FormatSizeFlags::IEC_UNITS).into()
}

/// A rate, such as `1.2 MiB/s`.
#[must_use]
pub fn rate(bytes_per_second: u64) -> String {
    gettext_f("{amount}/s", &[("amount", &bytes(Bytes(bytes_per_second)))])
}

/// A share from 0 to 1, such as `42 %`.
#[must_use]
pub fn percent(share: f32) -> String {
    gettext_f("{n} %", &[("n", &format!("{:.0}", share.clamp(0.0, 1.0) * 100.0))])
}

/// libvirt's or QEMU's version number, such as `11.3.0`.
#[must_use]
pub fn version(number: u64) -> String {
    format!("{}.{}.{}", number / 1_000_000, number / 1_000 % 1_000, number % 1_000)
}

/// Where a guest is, as the tree says it: `away` is the name of the host it is active on.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Place {
    /// Where it belongs.
    #[default]
    Home,
    /// Active on the named host; its definition stays here.
    Away(String),
    /// Moved out to a host that is not connected.
    AwaySomewhere,
    /// A visitor whose home is the named host.
    Visiting(String),
}

/// The state of a guest in a few words, as far as it is known.
#[must_use]
pub fn guest_view_state(view: &GuestView) -> String {
    let state = guest_state(&view.guest, &view.place);
    if view.fresh { state } else { gettext_f("{state} when last seen", &[("state", &state)]) }
}

fn guest_state(guest: &Guest, place: &Place) -> String {
    match place {
        Place::Away(host) => gettext_f("Away on {host}", &[("host", host)]),
        Place::AwaySomewhere => gettext("Away on a host that is not connected"),
        Place::Visiting(home) => {
            let state = state_text(guest);
            gettext_f("{state}, at home on {host}", &[("state", &state), ("host", home)])
        }
        Place::Home => state_text(guest),
    }
}

fn state_text(guest: &Guest) -> String {
    match guest.state {
        GuestState::Running | GuestState::Blocked => running(guest.reason),
        GuestState::Paused => paused(guest.reason),
        GuestState::ShuttingDown => gettext("Shutting down"),
        GuestState::ShutOff => shut_off(guest),
        GuestState::Crashed => gettext("Crashed"),
        GuestState::Suspended => gettext("Suspended"),
        GuestState::Unknown => gettext("Unknown state"),
    }
}

fn running(reason: StateReason) -> String {
    match reason {
        StateReason::RunningPostcopy => gettext("Running, fetching its memory"),
        StateReason::RunningPostcopyFailed => gettext("Running, memory missing"),
        StateReason::None
        | StateReason::Paused(_)
        | StateReason::ShutOff(_)
        | StateReason::RunningMigrated
        | StateReason::RunningMigrationCancelled => gettext("Running"),
    }
}

fn paused(reason: StateReason) -> String {
    let StateReason::Paused(reason) = reason else { return gettext("Paused") };
    match reason {
        PauseReason::Migration => gettext("Paused for migration"),
        PauseReason::Save => gettext("Paused while it is saved"),
        PauseReason::IoError => gettext("Paused after a disk error"),
        PauseReason::Watchdog => gettext("Paused by its watchdog"),
        PauseReason::Starting => gettext("Starting"),
        PauseReason::Crashed => gettext("Paused after a crash"),
        PauseReason::Postcopy => gettext("Paused in post-copy"),
        PauseReason::PostcopyFailed => gettext("Paused, post-copy failed"),
        PauseReason::User | PauseReason::Other => gettext("Paused"),
    }
}

fn shut_off(guest: &Guest) -> String {
    if guest.managed_save {
        return gettext("Saved");
    }
    match guest.reason {
        StateReason::ShutOff(ShutOffReason::Crashed) => gettext("Shut off after a crash"),
        StateReason::ShutOff(ShutOffReason::Failed) => gettext("Shut off, could not start"),
        StateReason::ShutOff(
            ShutOffReason::ShutDown
            | ShutOffReason::Destroyed
            | ShutOffReason::Migrated
            | ShutOffReason::Saved
            | ShutOffReason::Other,
        )
        | StateReason::None
        | StateReason::Paused(_)
        | StateReason::RunningMigrated
        | StateReason::RunningMigrationCancelled
        | StateReason::RunningPostcopy
        | StateReason::RunningPostcopyFailed => gettext("Shut off"),
    }
}

/// The icon of a guest.
#[must_use]
pub fn guest_icon(guest: &Guest, place: &Place) -> &'static str {
    match place {
        Place::Away(_) | Place::AwaySomewhere => return "vireo-away-symbolic",
        Place::Home | Place::Visiting(_) => {}
    }
    match guest.state {
        GuestState::Running | GuestState::Blocked => "media-playback-start-symbolic",
        GuestState::Paused | GuestState::Suspended => "media-playback-pause-symbolic",
        GuestState::ShuttingDown | GuestState::ShutOff => "media-playback-stop-symbolic",
        GuestState::Crashed => "dialog-error-symbolic",
        GuestState::Unknown => "dialog-question-symbolic",
    }
}

/// The style class of a guest's icon.
#[must_use]
pub fn guest_style(guest: &Guest, place: &Place) -> &'static str {
    match place {
        Place::Away(_) | Place::AwaySomewhere => return "guest-away",
        Place::Home | Place::Visiting(_) => {}
    }
    match guest.state {
        GuestState::Running | GuestState::Blocked => "guest-running",
        GuestState::Paused | GuestState::Suspended => "guest-paused",
        GuestState::Crashed | GuestState::Unknown => "guest-crashed",
        GuestState::ShuttingDown | GuestState::ShutOff => "guest-off",
    }
}

/// The state of a host in a few words.
#[must_use]
pub fn host_state(view: &HostView) -> String {
    match &view.state {
        ConnectionState::Disconnected => gettext("Not connected"),
        ConnectionState::Connecting => gettext("Connecting…"),
        ConnectionState::Connected if view.stalled => {
            gettext("Connected, but its figures hang: a guest there may not answer")
        }
        ConnectionState::Connected if view.facts.is_none() => gettext("Connected"),
        ConnectionState::Connected => ngettext_f("{n} guest", "{n} guests", view.guests, &[]),
        ConnectionState::Failed(reason) => {
            gettext_f("Could not connect: {reason}", &[("reason", &failure::headline(reason))])
        }
        ConnectionState::Reconnecting { reason, .. } => gettext_f(
            "Connection lost, trying again: {reason}",
            &[("reason", &failure::headline(reason))],
        ),
    }
}

/// The icon of a host.
#[must_use]
pub fn host_icon(state: &ConnectionState) -> &'static str {
    match state {
        ConnectionState::Connected | ConnectionState::Connecting => "network-server-symbolic",
        ConnectionState::Disconnected => "network-offline-symbolic",
        ConnectionState::Failed(_) | ConnectionState::Reconnecting { .. } => {
            "network-error-symbolic"
        }
    }
}
