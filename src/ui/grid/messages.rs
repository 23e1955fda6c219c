//! What the grid is told, and asks for.

use crate::model::{GuestKey, GuestState, HostId, Route, Surveyed};

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
    /// Some guests are new or different, and some are gone.
    Guests {
        /// As they are now.
        now: Vec<GridGuest>,
        /// Those that are gone.
        gone: Vec<GuestKey>,
    },
    /// Both hosts answered, or did not.
    Inspected(Vec<Surveyed>),
    /// What waits is to be asked.
    Ask,
    /// The page is in sight, or not.
    Shown(bool),
    /// A cell came into sight.
    Seen(GuestKey, HostId),
    /// What is in sight was asked long ago.
    Refresh,
}

/// What the grid asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GridOutput {
    /// Tell it of hosts and guests from now on, or not any more.
    Watch(bool),
    /// Ask the hosts whether these guests can move; answered with `Inspected`.
    Inspect(Vec<Route>),
    /// Open the dialog for this move.
    Migrate(GuestKey, HostId),
}
