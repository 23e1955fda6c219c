//! What actions are called, what they ask before they lose something, and how they fail.

use crate::i18n::{gettext, gettext_f};
use crate::model::GuestAction;

/// What a confirmation says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirm {
    /// The question.
    pub heading: String,
    /// What will be lost.
    pub body: String,
    /// What the button says that does it.
    pub action: String,
}

/// What is asked before an action that can lose something.
#[must_use]
pub fn confirm_action(action: GuestAction, names: &[&str]) -> Confirm {
    let guests = names.join(", ");
    let (heading, body) = match action {
        GuestAction::ForceOff => (
            gettext_f("Force {guest} off?", &[("guest", &guests)]),
            gettext(
                "This is like pulling the plug: what the guest has not written to disk is lost.",
            ),
        ),
        GuestAction::ForceReset => (
            gettext_f("Reset {guest}?", &[("guest", &guests)]),
            gettext(
                "This is like pressing the reset button: what the guest has not written to disk is lost.",
            ),
        ),
        GuestAction::ShutDown => (
            gettext_f("Shut {guest} down?", &[("guest", &guests)]),
            gettext("The guest is asked to shut down. Whoever works on it is interrupted."),
        ),
        GuestAction::Reboot => (
            gettext_f("Reboot {guest}?", &[("guest", &guests)]),
            gettext("The guest is asked to reboot. Whoever works on it is interrupted."),
        ),
        GuestAction::Pause => (
            gettext_f("Pause {guest}?", &[("guest", &guests)]),
            gettext(
                "The guest stands still until it is resumed. Nothing is lost, but connections to it may time out.",
            ),
        ),
        GuestAction::Save => (
            gettext_f("Save {guest}?", &[("guest", &guests)]),
            gettext("Its memory is written to disk and it stops. Running it later restores it."),
        ),
        GuestAction::DiscardSaved => (
            gettext_f("Discard the saved state of {guest}?", &[("guest", &guests)]),
            gettext(
                "The saved memory is lost; the guest boots anew the next time, as after a power cut.",
            ),
        ),
        GuestAction::Run | GuestAction::Resume | GuestAction::SetAutostart(_) => {
            (guests, String::new())
        }
    };
    Confirm { heading, body, action: title(action) }
}

/// The name of an action, as buttons and menus have it.
#[must_use]
pub fn title(action: GuestAction) -> String {
    match action {
        GuestAction::Run => gettext("Run"),
        GuestAction::Pause => gettext("Pause"),
        GuestAction::Resume => gettext("Resume"),
        GuestAction::ShutDown => gettext("Shut Down"),
        GuestAction::Reboot => gettext("Reboot"),
        GuestAction::ForceReset => gettext("Force Reset"),
        GuestAction::ForceOff => gettext("Force Off"),
        GuestAction::Save => gettext("Save"),
        GuestAction::DiscardSaved => gettext("Discard Saved State"),
        GuestAction::SetAutostart(_) => gettext("Start when the host starts"),
    }
}

/// The headline when an action failed.
#[must_use]
pub fn action_failed(action: GuestAction, guest: &str) -> String {
    gettext_f("“{action}” failed for {guest}", &[("action", &title(action)), ("guest", guest)])
}
