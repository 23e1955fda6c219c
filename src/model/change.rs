//! What an event changed in the [`Inventory`](super::Inventory): all that the windows need to redraw.

use super::{GuestKey, HostId};

/// One thing that is different now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A host is new.
    HostAdded(HostId),
    /// A host's state, facts or name changed.
    HostChanged(HostId),
    /// A host was removed, and its guests with it.
    HostRemoved(HostId),
    /// Guests are new; for the same host in one piece, so that a table can take them in one piece.
    GuestsAdded(HostId, Vec<GuestKey>),
    /// Guests changed.
    GuestsChanged(HostId, Vec<GuestKey>),
    /// Guests are gone.
    GuestsRemoved(HostId, Vec<GuestKey>),
    /// New figures for a host and its active guests.
    Sampled(HostId),
}
