//! What the dialog says of the guest, of the choices, and of what stands in the way.

use super::MigrateDialog;
use super::form::Obstacle;
use crate::i18n::{gettext, gettext_f};
use crate::migration::Coverage;
use crate::model::GuestState;
use crate::ui::labels::checks as labels;

impl MigrateDialog {
    pub(super) fn title(&self) -> String {
        gettext_f("Migrate {name}", &[("name", &self.form.guest.name)])
    }

    pub(super) fn summary(&self) -> String {
        if self.form.also.is_empty() {
            return self.state();
        }
        let names: Vec<&str> = self.form.also.iter().map(|along| &*along.guest.name).collect();
        let names = names.join(", ");
        let along = gettext_f("Going along in the same way: {names}.", &[("names", &names)]);
        format!("{} {along}", self.state())
    }

    pub(super) fn state(&self) -> String {
        let values = [("name", &*self.form.guest.name), ("host", self.form.source.name.as_str())];
        match self.form.guest.state {
            GuestState::Paused | GuestState::Suspended => {
                gettext_f("{name} is paused on {host}. It stays paused when it has moved.", &values)
            }
            GuestState::ShutOff => gettext_f("{name} is shut off on {host}.", &values),
            GuestState::Crashed => gettext_f("{name} has crashed on {host}.", &values),
            GuestState::Running
            | GuestState::Blocked
            | GuestState::ShuttingDown
            | GuestState::Unknown => gettext_f("{name} runs on {host}.", &values),
        }
    }

    pub(super) fn coverage_sentence(&self) -> String {
        match self.form.options().coverage {
            Coverage::Live | Coverage::Stopped if self.form.guest.state == GuestState::Paused => {
                gettext("The guest is paused: its memory moves once, with or without this.")
            }
            Coverage::Live => gettext(
                "Off: the guest goes on running while its memory is copied, and stands still for a moment at the end.",
            ),
            Coverage::Stopped => gettext(
                "The guest stops, its memory moves once, and it goes on there. Usually the fastest way, and it always finishes.",
            ),
            Coverage::Definition => gettext(
                "The guest is shut off: its definition moves, its disks stay where they are.",
            ),
        }
    }

    pub(super) fn obstacle(&self) -> Option<String> {
        match self.form.plan().err()? {
            Obstacle::NoDestination if self.form.hosts.is_empty() => None,
            Obstacle::NoDestination => Some(gettext("None of the hosts can take this guest now.")),
            Obstacle::GuestGone => Some(gettext("The guest is not on this host any more.")),
            Obstacle::Migrating => Some(gettext("The guest is being migrated already.")),
            Obstacle::XmlUnchecked => None,
            Obstacle::XmlWrong(_) => Some(gettext("The destination XML cannot be read.")),
            Obstacle::Blocked(reason) if self.form.plans().is_ok() => {
                let stays = gettext_f(
                    "{name} stays here; the others go.",
                    &[("name", &self.form.guest.name)],
                );
                Some(format!("{} {stays}", labels::blocked(&reason)))
            }
            Obstacle::Blocked(reason) => Some(labels::blocked(&reason)),
        }
    }
}
