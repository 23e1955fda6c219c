//! Which guests use which storage.

use std::sync::Arc;

use crate::model::{DiskFacts, GuestKey};

/// The disks of one guest, and its other files.
#[derive(Clone, Debug, PartialEq)]
pub struct GuestDisks {
    /// The guest.
    pub guest: GuestKey,
    /// Its name.
    pub name: Arc<str>,
    /// Its disks as they are.
    pub disks: Vec<DiskFacts>,
    /// Those that it has otherwise from its next start on.
    pub next: Vec<DiskFacts>,
    /// Paths of what it starts from: kernel, initial RAM disk, firmware and its variables.
    pub files: Vec<String>,
}
