//! Hosts and guests as the windows show them: what the inventory knows, with the names of others filled in.

pub mod storage;

use std::sync::Arc;

use crate::model::{ConnectionState, Guest, HostFacts, HostId};
use crate::ui::labels::Place;

/// A host as the windows show it.
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
    /// Its statistics hang.
    pub stalled: bool,
}

/// A guest as the windows show it.
#[derive(Clone, Debug, PartialEq)]
pub struct GuestView {
    /// The guest.
    pub guest: Guest,
    /// Where it is, seen from its host.
    pub place: Place,
    /// The name of its host.
    pub host_name: Arc<str>,
    /// Its host answers; otherwise all this is as it was when it was last seen.
    pub fresh: bool,
    /// How far its migration is, 0 to 1, while one runs.
    pub progress: Option<f64>,
}
