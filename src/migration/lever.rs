//! What can be done to a migration while it runs.

/// What can be done to a running migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lever {
    /// Allow a pause of this many ms.
    MaxDowntime(u64),
    /// Limit to this many MiB/s; `None` lifts the limit.
    Bandwidth(Option<u64>),
    /// Pause the guest, so that it finishes now.
    PauseGuest,
    /// Switch to post-copy.
    Postcopy,
    /// Give up; the guest stays at the source.
    Cancel,
}
