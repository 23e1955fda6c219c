//! What the Migrate dialog is given, is told, and asks for.

use std::collections::HashMap;

use crate::backend::Inspect;
use crate::migration::checks::Mend;
use crate::migration::{Calibration, Foreknown, MigrationPlan, Wish};
use crate::model::{Failure, Guest, GuestKey, HostId, Inspection, MemoryWatch, Route, Surveyed};
use crate::xml::XmlProblem;

use super::logic::HostChoice;

/// What the dialog opens with.
#[derive(Clone, Debug)]
pub struct MigrateInit {
    /// The guest.
    pub guest: Guest,
    /// Guests that go along with the same wishes.
    pub also: Vec<Guest>,
    /// Where it is; its `unusable` is not looked at.
    pub source: HostChoice,
    /// All other hosts ([`destinations`](super::logic::destinations)).
    pub hosts: Vec<HostChoice>,
    /// What earlier moves tell of the guest and the link to each host.
    pub known: HashMap<HostId, Calibration>,
    /// The host the guest was dropped on; without one the first usable is taken.
    pub preselected: Option<HostId>,
}

/// What happens to the dialog.
#[derive(Clone, Debug)]
pub enum MigrateInput {
    /// The other hosts, as they are now.
    HostsChanged(Vec<HostChoice>),
    /// A guest, as it is now; `None` when it is not at its source any more.
    GuestChanged(GuestKey, Option<Box<Guest>>),
    /// What the hypervisor starts from.
    Defaults {
        /// Longest pause, ms.
        max_downtime_ms: Option<u64>,
        /// The guest's XML in its migratable form.
        xml: String,
    },
    /// A destination was chosen, in the list.
    DestinationChosen(HostId),
    /// A destination was named, through the action.
    DestinationNamed(String),
    /// Something was chosen.
    Chosen(Wish),
    /// Something about the checks.
    Checks(ChecksInput),
    /// Something about the forecast.
    Forecast(ForecastInput),
    /// Something about the destination XML.
    Xml(XmlInput),
    /// *Copy* was pressed.
    CommandCopied,
    /// *Migrate* was pressed.
    Confirmed,
    /// *Cancel* was pressed.
    Dismissed,
}

/// What happens to the forecast.
#[derive(Clone, Debug)]
pub enum ForecastInput {
    /// The user wants it measured anew.
    Again,
    /// What the guest does with its memory was measured, or could not be.
    Measured(Result<MemoryWatch, Failure>),
}

/// What happens to the destination XML.
#[derive(Clone, Debug)]
pub enum XmlInput {
    /// It was switched on or off.
    Switched(bool),
    /// It was edited.
    Edited(String),
}

/// What happens to the checks.
#[derive(Clone, Debug)]
pub enum ChecksInput {
    /// Both hosts answered a question of the dialog's, or did not.
    Inspected {
        /// The guest.
        guest: GuestKey,
        /// The destination.
        host: HostId,
        /// Which question; an older one's answer does not count.
        revision: u64,
        /// What they said.
        found: Result<Box<Inspection>, Failure>,
    },
    /// Both hosts said, or did not, whether guests can go along.
    Surveyed(Vec<Surveyed>),
    /// What is known of this host, or of all, may be different now.
    Again(Option<HostId>),
    /// The button of a check was pressed.
    Mend(Mend),
    /// What the button does is done, or not.
    Mended(Result<(), Failure>),
}

/// What the dialog asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum MigrateOutput {
    /// Ask both hosts whether the guest can move; answered with `ChecksInput::Inspected`.
    Inspect {
        /// Names the question.
        revision: u64,
        /// What to look at.
        wish: Inspect,
    },
    /// Ask hosts whether the guests that go along can; answered with `ChecksInput::Surveyed`.
    Survey(Vec<Route>),
    /// Remove this obstacle; answered with `ChecksInput::Mended`.
    Mend {
        /// Where the guest is to go.
        destination: HostId,
        /// What to do.
        mend: Mend,
    },
    /// Measure what the guest does with its memory; answered with `ForecastInput::Measured`.
    Measure {
        /// For so long, seconds.
        seconds: u32,
    },
    /// Move a guest so; comes once for each that goes along, too, of which nothing was foretold.
    Migrate(Box<MigrationPlan>, Option<Box<Foreknown>>),
    /// The dialog is closed; it can be dropped. Comes after `Migrate` too.
    Closed,
}

/// What was found out beside the main loop.
#[derive(Debug)]
pub enum MigrateCommand {
    /// The destination XML of this revision is well-formed, or not.
    XmlChecked(u64, Result<(), XmlProblem>),
    /// The destination XML with what was chosen; `None` where it is no XML.
    XmlMended(Option<String>),
}
