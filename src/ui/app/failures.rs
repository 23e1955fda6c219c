//! Where a failure is shown: decided in one place.

use crate::journal::JournalId;
use crate::migration::repair::Repair;
use crate::model::{Failure, FailureKind, GuestAction, GuestKey, HostId, JobId, Route};

use super::storage::StoragePending;

/// A request that is under way, and what it was for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pending {
    /// The user's own small action.
    Act(GuestKey, GuestAction),
    /// What the open Migrate dialog waits for.
    Defaults(GuestKey),
    /// A question of the open Migrate dialog to both hosts.
    Inspection {
        /// The dialog's guest.
        guest: GuestKey,
        /// The destination that is looked at.
        host: HostId,
        /// Which question of the dialog's.
        revision: u64,
    },
    /// Whether guests can go to hosts.
    Survey(Vec<Route>),
    /// What the open Migrate dialog's guest does with its memory.
    Measurement(GuestKey),
    /// A button of the open Migrate dialog that removes an obstacle.
    Mend(GuestKey),
    /// The Test button of the Add Connection dialog.
    Test,
    /// A guest window's XML.
    Xml(GuestKey),
    /// A lever of a migration: its refusal comes as a step of the migration.
    Steer,
    /// Where the hosts of a move that is over stand.
    Standing(JobId),
    /// Where the hosts of a move stand that nobody saw end.
    Missed {
        /// Its journal.
        journal: JournalId,
        /// Its guest, at the source.
        guest: GuestKey,
    },
    /// A repair of what a move left behind.
    Repair(JobId, Repair),
    /// Something about storage.
    Storage(StoragePending),
}

/// Where to show a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Over the main window, with a button for the details.
    Toast,
    /// In the window in which it was asked for.
    There,
    /// Nowhere: the user did it, or another place shows it already.
    Nowhere,
}

/// Where the failure of a request is shown.
pub(super) fn place(pending: &Pending, failure: &Failure) -> Place {
    if let Pending::Inspection { .. }
    | Pending::Survey(_)
    | Pending::Measurement(_)
    | Pending::Mend(_)
    | Pending::Storage(_) = pending
    {
        return Place::There;
    }
    if failure.kind == FailureKind::Cancelled {
        return Place::Nowhere;
    }
    match pending {
        Pending::Act(..) => Place::Toast,
        Pending::Repair(..)
        | Pending::Defaults(_)
        | Pending::Inspection { .. }
        | Pending::Survey(_)
        | Pending::Measurement(_)
        | Pending::Mend(_)
        | Pending::Test
        | Pending::Xml(_)
        | Pending::Storage(_) => Place::There,
        Pending::Steer | Pending::Standing(_) | Pending::Missed { .. } => Place::Nowhere,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_user_cancelled_is_no_error() {
        let cancelled = Failure::own(FailureKind::Cancelled, "");
        assert_eq!(place(&Pending::Test, &cancelled), Place::Nowhere);
    }

    #[test]
    fn a_dialogs_failure_stays_in_the_dialog() {
        let failed = Failure::own(FailureKind::Refused, "");
        assert_eq!(place(&Pending::Test, &failed), Place::There);
    }
}
