//! What the grid is told, and asks for.

use crate::model::{Failure, GuestKey, GuestState, HostId, Inspection};

/// A host as a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GridHost {
    /// Which.
    pub id: HostId,
    /// Its name.
    pub name: String,
    /// Whether it can be asked.
    pub connected: bool,
}

/// A guest as a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GridGuest {
    /// Which, at its host.
    pub key: GuestKey,
    /// Its name.
    pub name: String,
    /// What it is doing.
    pub state: GuestState,
}

/// What happens to the grid.
#[derive(Debug)]
pub enum GridInput {
    /// All hosts and guests, as they are now.
    Site(Vec<GridHost>, Vec<GridGuest>),
    /// What a host could take may be different now.
    Outdated(HostId),
    /// Both hosts answered, or did not.
    Inspected {
        /// The guest.
        guest: GuestKey,
        /// The destination.
        host: HostId,
        /// What they said.
        found: Result<Box<Inspection>, Failure>,
    },
    /// The page is in sight, or not.
    Shown(bool),
    /// A cell came into sight.
    Seen(GuestKey, HostId),
    /// What is in sight was asked long ago.
    Refresh,
}

/// What the grid asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GridOutput {
    /// Tell it of hosts and guests from now on, or not any more.
    Watch(bool),
    /// Ask both hosts whether a guest can move; answered with `Inspected`.
    Inspect(GuestKey, HostId),
    /// Open the dialog for this move.
    Migrate(GuestKey, HostId),
}
