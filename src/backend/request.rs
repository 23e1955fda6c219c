//! What can be asked of the backend. Imperative, plain data; each answered by events under its job.

use std::fmt;

use super::storage::StorageRequest;
pub use crate::migration::Lever;
use crate::migration::checks::{Mend, Part};
use crate::migration::repair::{Circumstances, Repair};
use crate::migration::{MigrationOptions, MigrationPlan};
use crate::model::{ConnectionSpec, GuestAction, GuestKey, HostId, Inspection, JobId, Route};

/// One request.
#[derive(Clone, Debug)]
pub struct Request {
    /// The name under which events answer.
    pub job: JobId,
    /// What to do.
    pub body: RequestBody,
}

/// What to do.
#[derive(Clone, Debug)]
pub enum RequestBody {
    /// Make a host known and, if asked, connect. Answered by `ConnectionChanged`.
    Open {
        /// The name the host has from now on.
        host: HostId,
        /// Where it is.
        spec: ConnectionSpec,
    },
    /// Close a connection and forget what belongs to it.
    Close(HostId),
    /// Open a connection only to see whether it works, and say what the host is. Answered by `Finished`.
    Test {
        /// Under which host questions come.
        host: HostId,
        /// Where.
        uri: String,
    },
    /// Answer a question, in the order of its fields; `None` gives up.
    Answer(Answer),
    /// Read a host again.
    Refresh(HostId),
    /// Do a small thing to a guest.
    Act {
        /// To which.
        guest: GuestKey,
        /// What.
        action: GuestAction,
    },
    /// Read what a migration dialog starts from. Answered by `Reply::MigrationDefaults`.
    MigrationDefaults(GuestKey),
    /// Ask both hosts all that decides whether a guest can move. Answered by `Reply::Inspected`.
    Inspect(Box<Inspect>),
    /// Ask about many guests and the hosts they could go to, with as few calls as that takes. Answered by
    /// `Surveyed`, and, when all are, by `Reply::Done`.
    Survey(Vec<Route>),
    /// Remove an obstacle that an inspection found.
    Mend {
        /// The guest that is to move, at its source.
        guest: GuestKey,
        /// Where it is to go.
        destination: HostId,
        /// What to do.
        mend: Mend,
    },
    /// Watch for so many seconds, 1 to 60, how much of its memory a guest writes into, unless it is on the move.
    /// Answered by `Reply::MemoryWatch`.
    WatchMemory {
        /// The guest.
        guest: GuestKey,
        /// How long, seconds.
        seconds: u32,
    },
    /// Read a guest's XML. Answered by `Reply::GuestXml`.
    GuestXml(GuestKey),
    /// Move a guest. Answered by `MigrationStepped` … `MigrationEnded`.
    Migrate(Box<MigrationPlan>),
    /// Do something to a running migration (named by `Request::job`… of its own; `of` is the migration's).
    Steer {
        /// The migration.
        of: JobId,
        /// What.
        lever: Lever,
    },
    /// Carry out the policy of these choices for a migration that runs already. Answered by `Reply::Done`.
    FollowPolicy {
        /// The migration.
        of: JobId,
        /// How it was asked for.
        options: Box<MigrationOptions>,
    },
    /// Ask both hosts of a move that is over where they stand with the guest. Answered by `Reply::Standing`.
    WhereIs {
        /// The guest, at its source.
        guest: GuestKey,
        /// Where it was to go.
        destination: HostId,
    },
    /// Mend what a move left behind. Answered by `Reply::Standing`.
    Repair(Box<RepairWish>),
    /// Do something with storage.
    Storage(StorageRequest),
    /// Poll figures of these hosts at all (`false` when nobody looks).
    Watch(bool),
}

/// A repair as it was offered. It is refused when the hosts say anything else by now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepairWish {
    /// The guest, at its source.
    pub guest: GuestKey,
    /// Where it was to go.
    pub destination: HostId,
    /// What to do.
    pub repair: Repair,
    /// For which state it was offered.
    pub case: Circumstances,
    /// How it was moved.
    pub options: MigrationOptions,
}

/// What an inspection looks at.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspect {
    /// The guest, at its source.
    pub guest: GuestKey,
    /// Where it is to go.
    pub destination: HostId,
    /// Another name at the destination.
    pub new_name: Option<String>,
    /// The guest's XML at the destination.
    pub destination_xml: Option<String>,
    /// What was answered before, of which only this part is asked again.
    pub again: Option<Box<(Inspection, Part)>>,
}

/// Answers to a question; never printed.
#[derive(Clone)]
pub struct Answer(pub Option<Vec<String>>);

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Answer(…)" } else { "Answer(given up)" })
    }
}
