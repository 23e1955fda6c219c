//! Figures that change all the time. One [`Samples`] holds what one tick brought from one host.

use std::time::Duration;

use super::{Bytes, GuestUuid, HostId};

/// What one tick brought from one host. A newer one replaces an older one that nobody has taken yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Samples {
    /// The host.
    pub host: HostId,
    /// Time since the previous tick; rates below are over this time.
    pub interval: Duration,
    /// The host's own figures, where it gives them.
    pub host_sample: Option<HostSample>,
    /// Figures of the active guests.
    pub guests: Vec<(GuestUuid, GuestSample)>,
}

/// A host's own figures over one tick.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct HostSample {
    /// Share of all processors in use, 0 to 1.
    pub cpu: f32,
    /// Memory free or reclaimable (free, buffers and cached).
    pub memory_free: Bytes,
}

/// A guest's figures over one tick.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct GuestSample {
    /// Share of its own virtual processors in use, 0 to 1.
    pub cpu: f32,
    /// Memory it occupies at the host.
    pub memory: Bytes,
    /// Disk bytes read a second.
    pub disk_read: u64,
    /// Disk bytes written a second.
    pub disk_write: u64,
    /// Network bytes received a second.
    pub net_receive: u64,
    /// Network bytes sent a second.
    pub net_send: u64,
}
