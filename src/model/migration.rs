//! A migration as it is seen from outside: samples, steps, the end.

use std::time::Duration;

use super::{Bytes, Failure, GuestState, StateReason};

/// One reading of the statistics of a running migration (`virDomainGetJobStats`).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MigrationSample {
    /// Since the job began, by the source's clock.
    pub elapsed: Duration,
    /// Guest memory in all.
    pub memory_total: Bytes,
    /// Sent so far, re-sent pages counted again: grows past `memory_total`.
    pub memory_processed: Bytes,
    /// Still to send in this pass; jumps up when a pass begins.
    pub memory_remaining: Bytes,
    /// QEMU's own speed figure, bytes a second over the last 100 ms; frozen during a stall.
    pub memory_bps: u64,
    /// Disk data in all, when disks are copied.
    pub disk_total: Bytes,
    /// Disk data copied.
    pub disk_processed: Bytes,
    /// Disk data still to copy.
    pub disk_remaining: Bytes,
    /// Memory the guest rewrites, bytes a second, as of the last pass.
    pub dirty_bps: u64,
    /// The pass, from 1; 0 before the first.
    pub iteration: u64,
    /// The pause QEMU expects; its limit until it knows better.
    pub expected_downtime: Duration,
    /// How much auto-converge slows the guest, in percent.
    pub throttle_percent: u32,
    /// Pages asked for over the network since the switch to post-copy.
    pub postcopy_requests: u64,
}

/// What a guest wrote into while it was watched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryWatch {
    /// How long it was watched, seconds.
    pub seconds: u32,
    /// The memory it wrote into; what was written several times counts once.
    pub written: Bytes,
    /// What it occupies at its host, the hypervisor's own share included.
    pub resident: Option<Bytes>,
}

/// What a guest does with its memory before it moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryUse {
    /// Bytes a second that it rewrites; what it rewrites several times within a second counts once.
    pub rewritten_bps: u64,
    /// What it rewrites over and over, where it was watched for long enough to see all of it.
    pub working_set: Option<Bytes>,
    /// What it occupies at its host, the hypervisor's own share included.
    pub resident: Option<Bytes>,
}

/// Why no end of a live migration was in sight, when its policy gave it up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoEnd {
    /// The pass it was in.
    pub pass: u64,
    /// The longest pause that was allowed.
    pub allowed: Duration,
    /// The pause that would have done, as far as known.
    pub needed: Option<Duration>,
    /// Memory the guest rewrote, bytes a second, as far as known.
    pub rewritten_bps: Option<u64>,
    /// What was sent, bytes a second, as far as known.
    pub sent_bps: Option<u64>,
}

/// What the backend saw happen in a migration, in libvirt's order.
#[derive(Clone, Debug, PartialEq)]
pub enum MigrationStep {
    /// The call to libvirt was made.
    Started {
        /// Longest pause allowed, as the hypervisor has it.
        max_downtime: Option<Duration>,
    },
    /// A pass over the memory began (event `migration-iteration`).
    Pass(u64),
    /// Statistics.
    Sample(MigrationSample),
    /// The guest was stopped at the source: the switch-over, or the copy of a stopped guest.
    SourcePaused,
    /// The memory goes on being fetched while the guest runs at the destination.
    Postcopy,
    /// The guest runs (or waits, paused) at the destination.
    ArrivedAtDestination,
    /// No byte moved for this long.
    Stalled(Duration),
    /// The allowed pause was changed while it ran.
    MaxDowntimeChanged(Duration),
    /// The bandwidth limit was changed while it ran; `None` is unlimited. In MiB/s.
    BandwidthChanged(Option<u64>),
    /// The user asked to cancel and libvirt accepted it; the end is still to come.
    Cancelling,
    /// The policy cancelled it because no end was in sight, and libvirt accepted that.
    GivenUp(NoEnd),
    /// A change asked for while it ran was refused.
    LeverRefused(Failure),
}

/// What a migration is doing now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MigrationPhase {
    /// Asked for, not begun.
    Waiting,
    /// libvirt prepares both hosts.
    Preparing,
    /// The memory goes over for the first time.
    FirstPass,
    /// Memory rewritten meanwhile goes over again, pass `n` ≥ 2.
    Pass(u64),
    /// The guest is stopped, what is left goes over.
    SwitchingOver,
    /// The guest runs at the destination and fetches the rest.
    Postcopy,
    /// It runs at the destination; the source is tidied up.
    Finishing,
    /// Cancelled, tidying up.
    Cancelling,
    /// Over.
    Done,
}

/// Figures of a finished migration (`virDomainGetJobStats` with COMPLETED, event `job-completed`).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CompletedStats {
    /// From the call to the end.
    pub total: Duration,
    /// How long the guest stood still.
    pub downtime: Option<Duration>,
    /// Data sent, memory and disks.
    pub sent: Bytes,
    /// Passes over the memory.
    pub iterations: u64,
}

/// A guest on one of the two hosts, asked after the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// The host does not know it.
    Absent,
    /// The host knows it, in this state.
    There {
        /// Its state.
        state: GuestState,
        /// And why.
        reason: StateReason,
        /// Whether it is defined there.
        persistent: bool,
    },
    /// The host could not be asked.
    Unreachable,
}

impl Presence {
    /// Whether it is there and active.
    #[must_use]
    pub const fn is_active(self) -> bool {
        matches!(self, Self::There { state, .. } if state.is_active())
    }

    /// Whether part of its memory is there only.
    #[must_use]
    pub const fn is_torn(self) -> bool {
        matches!(self, Self::There { reason, .. } if reason.is_torn())
    }
}

/// Where both hosts of a move stand with its guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The guest at the source.
    pub source: Presence,
    /// The guest at the destination.
    pub destination: Presence,
    /// A move out of the source runs.
    pub moving: bool,
}

/// How a migration ended, and what both hosts said afterwards.
#[derive(Clone, Debug, PartialEq)]
pub struct MigrationEnd {
    /// libvirt's answer.
    pub result: Result<(), Failure>,
    /// Figures, where libvirt gave them.
    pub stats: Option<CompletedStats>,
    /// The guest at the source.
    pub source: Presence,
    /// The guest at the destination.
    pub destination: Presence,
}
