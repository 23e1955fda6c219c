//! What goes into the tree and what comes out of it.

use std::sync::Arc;

use crate::model::{
    ConnectionState, Guest, GuestKey, GuestSample, GuestUuid, HostFacts, HostId, HostSample,
};
use crate::ui::labels::Place;

use super::row::RowId;

/// A host as the tree shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct HostView {
    /// Which.
    pub id: HostId,
    /// Its name.
    pub name: String,
    /// Where its connection stands.
    pub state: ConnectionState,
    /// What it said of itself.
    pub facts: Option<HostFacts>,
    /// How many guests it knows.
    pub guests: usize,
}

/// A guest as the tree shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct GuestView {
    /// The guest.
    pub guest: Guest,
    /// Where it is, seen from its host.
    pub place: Place,
    /// The name of its host.
    pub host_name: Arc<str>,
    /// How far its migration is, 0 to 1, while one runs.
    pub progress: Option<f64>,
}

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
