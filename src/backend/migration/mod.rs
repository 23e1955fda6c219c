//! Migrations: one guest each, on threads and connections of their own (five long calls on one
//! connection would kill it, and every migration it drives).
//!
//! [`call`] makes the one long call; [`steering`] reads statistics and pulls levers beside it;
//! [`course`] hears both and libvirt's events and tells the steps in order, as [`story`] makes them
//! out; [`ending`] gathers how it ended; [`asking`] asks both hosts where the guest is, [`repairing`] mends what
//! is left behind. [`found`] takes up migrations that somebody else began.

mod asking;
mod call;
mod course;
mod ending;
mod found;
mod moves;
mod repairing;
mod steering;
mod story;

pub(crate) use asking::where_is;
pub(crate) use course::begin;
pub(crate) use found::{look_for, look_for_incoming, look_for_running};
pub(crate) use moves::Moves;
pub(crate) use repairing::begin as repair;

use super::libvirt::GuestEvent;
use super::libvirt::job::JobState;
use super::request::Lever;
use crate::migration::Pilot;
use crate::model::{Failure, JobId, NoEnd};

/// News of a migration, in the order in which they happened.
#[derive(Debug)]
pub(crate) enum Signal {
    /// The call to libvirt is about to be made; the longest pause in ms, as far as known.
    Calling(Option<u64>),
    /// libvirt returned.
    Returned(Result<(), Failure>),
    /// libvirt told something of the guest at one of the two hosts.
    Told {
        /// At the source, not at the destination.
        at_source: bool,
        /// What.
        event: GuestEvent,
    },
    /// A reading of the guest's job.
    Read(JobState),
    /// The source cannot be asked any more.
    SourceLost(Failure),
    /// The connection to the destination of a direct migration broke.
    DestinationLost(Failure),
    /// The user wants something done to it.
    Steered {
        /// What to answer under.
        job: JobId,
        /// What.
        lever: Lever,
    },
    /// Its policy is to be carried out from here on.
    Flown(Option<Box<Pilot>>),
    /// libvirt took a lever that the policy pulled, or refused it.
    PolicyPulled {
        /// Which.
        lever: Lever,
        /// Why no end was in sight when it was pulled, where none was.
        no_end: Option<NoEnd>,
        /// What libvirt said.
        result: Result<(), Failure>,
    },
    /// libvirt took a lever, or refused it.
    Pulled {
        /// What to answer under.
        job: JobId,
        /// Which.
        lever: Lever,
        /// What libvirt said.
        result: Result<(), Failure>,
    },
}
