//! What goes into the tree and what comes out of it.

use crate::model::{GuestKey, GuestSample, GuestUuid, HostId, HostSample};
use crate::ui::views::{GuestView, HostView};

use super::row::RowId;

/// One change of the tree.
#[derive(Clone, Debug, PartialEq)]
pub enum RowUpdate {
    /// A host is new.
    HostAdded(HostView),
    /// A host changed.
    HostChanged(HostView),
    /// A host is gone, with its guests.
    HostRemoved(HostId),
    /// Guests are new on one host.
    GuestsAdded(HostId, Vec<GuestView>),
    /// Guests changed.
    GuestsChanged(Vec<GuestView>),
    /// Guests are gone from one host.
    GuestsRemoved(HostId, Vec<GuestUuid>),
    /// Figures of a host and its active guests.
    Sampled(Figures),
    /// A guest's migration is that far, or over.
    Progress(GuestKey, Option<f64>),
}

/// Figures of one tick of one host.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    /// The host.
    pub host: HostId,
    /// Its own figures, and all its memory in bytes.
    pub own: Option<(HostSample, u64)>,
    /// Its active guests' figures.
    pub guests: Vec<(GuestUuid, GuestSample)>,
}

/// What the tree is told.
#[derive(Debug)]
pub enum ManagerInput {
    /// Something changed.
    Update(Vec<RowUpdate>),
    /// Show only names that contain this text.
    Search(String),
    /// Show guests below their hosts, or all in one list.
    Group(bool),
    /// Select the row of that name; the first when several have it.
    Select(String),
    /// The user selected other rows.
    SelectionChanged,
    /// The user activated a row (double click, Return).
    Activated(u32),
    /// The user asks for the context menu at a place in the list; `None` at the selected row.
    MenuRequested(Option<(f64, f64)>),
    /// The user dropped a guest on a host.
    Dropped(GuestKey, HostId),
}

/// What the user wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ManagerOutput {
    /// These rows are selected now.
    Selected(Vec<RowId>),
    /// Open this.
    Open(RowId),
    /// Move this guest to that host.
    MigrateTo(GuestKey, HostId),
    /// Open the practice lab.
    OpenLab,
    /// Add a connection.
    AddConnection,
}
