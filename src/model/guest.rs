//! A guest as one host knows it.

use std::sync::Arc;

use super::{Bytes, GuestKey};

/// A virtual machine as one host knows it. Figures that change all the time are in `GuestSample`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guest {
    /// Which guest on which host.
    pub key: GuestKey,
    /// Its name on that host.
    pub name: Arc<str>,
    /// What it is doing.
    pub state: GuestState,
    /// Why, as far as libvirt says.
    pub reason: StateReason,
    /// Defined on this host, so that it is still known there when it is shut off.
    pub persistent: bool,
    /// Started when the host starts.
    pub autostart: bool,
    /// A saved state exists, so that *Run* restores it.
    pub managed_save: bool,
    /// Memory allowed at most.
    pub memory_max: Bytes,
    /// Number of virtual processors.
    pub vcpus: u32,
    /// A migration of this guest is under way (out of or into this host).
    pub migrating: bool,
}

/// libvirt's `virDomainState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GuestState {
    /// Running.
    Running,
    /// Running, waiting for something (not used by QEMU).
    Blocked,
    /// Paused; memory is kept.
    Paused,
    /// Asked to shut down.
    ShuttingDown,
    /// Shut off.
    ShutOff,
    /// Crashed.
    Crashed,
    /// Suspended by its own power management.
    Suspended,
    /// A state this version has no name for.
    Unknown,
}

/// Why a guest is in its state, where that matters to the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StateReason {
    /// Nothing to say.
    None,
    /// Why it is paused.
    Paused(PauseReason),
    /// Why it is shut off.
    ShutOff(ShutOffReason),
    /// It runs here because it was moved here.
    RunningMigrated,
    /// It runs here after a migration out was cancelled.
    RunningMigrationCancelled,
    /// It runs here while its memory is still fetched from the source.
    RunningPostcopy,
    /// It runs here, but post-copy failed and memory is missing.
    RunningPostcopyFailed,
}

impl StateReason {
    /// Its memory is on two hosts and nothing moves any more: post-copy was interrupted.
    #[must_use]
    pub const fn is_torn(self) -> bool {
        matches!(self, Self::RunningPostcopyFailed | Self::Paused(PauseReason::PostcopyFailed))
    }
}

/// libvirt's `virDomainPausedReason`, as far as it is told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PauseReason {
    /// By the user.
    User,
    /// For a migration.
    Migration,
    /// While it is saved or dumped.
    Save,
    /// A disk failed.
    IoError,
    /// By its watchdog.
    Watchdog,
    /// It was just restored or started paused.
    Starting,
    /// The guest's kernel crashed.
    Crashed,
    /// In the switch to post-copy.
    Postcopy,
    /// Post-copy was interrupted.
    PostcopyFailed,
    /// Anything else.
    Other,
}

/// libvirt's `virDomainShutoffReason`, as far as it is told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ShutOffReason {
    /// It shut down by itself.
    ShutDown,
    /// It was forced off.
    Destroyed,
    /// It crashed, or its QEMU was killed.
    Crashed,
    /// It was moved to another host.
    Migrated,
    /// Its state was saved.
    Saved,
    /// It could not start.
    Failed,
    /// Anything else, such as never started since the daemon started.
    Other,
}

impl GuestState {
    /// Whether a QEMU process exists for it.
    #[must_use]
    pub const fn is_active(self) -> bool {
        !matches!(self, Self::ShutOff)
    }
}

/// A small thing the user asks of one guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GuestAction {
    /// Start it, or restore its saved state.
    Run,
    /// Pause it.
    Pause,
    /// Let a paused guest go on.
    Resume,
    /// Ask it to shut down (ACPI or agent).
    ShutDown,
    /// Ask it to reboot.
    Reboot,
    /// Reset it at once.
    ForceReset,
    /// Cut its power.
    ForceOff,
    /// Save its memory to disk and stop it.
    Save,
    /// Throw the saved state away.
    DiscardSaved,
    /// Start it with the host, or no longer.
    SetAutostart(bool),
}
