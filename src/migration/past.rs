//! What an earlier move tells about later ones: the forecast learns from it, *History* shows it.

use std::time::Duration;

use super::Coverage;
use crate::model::{Bytes, GuestUuid};

/// A move that is over.
#[derive(Clone, Debug, PartialEq)]
pub struct PastMove {
    /// The guest.
    pub guest: GuestUuid,
    /// Host UUID of the source, as its capabilities tell it.
    pub source: String,
    /// Host UUID of the destination.
    pub destination: String,
    /// How it moved.
    pub coverage: Coverage,
    /// The limit it was begun with, MiB/s; `None` is unlimited.
    pub bandwidth_mibps: Option<u64>,
    /// What was foretold of the way that was taken.
    pub predicted: Option<Predicted>,
    /// Whether the guest arrived.
    pub arrived: bool,
    /// From the request to the end.
    pub total: Duration,
    /// How long the guest stood still.
    pub downtime: Option<Duration>,
    /// Memory and disks, what was sent twice counted twice.
    pub sent: Bytes,
    /// Bytes a second while it copied, the median of the smoothed speed.
    pub speed: Option<u64>,
    /// What the guest rewrote before, bytes a second, as measured for the forecast.
    pub dirty_before: Option<u64>,
    /// What the guest rewrote during the move, bytes a second, the median of what QEMU told.
    pub dirty_during: Option<u64>,
    /// What it rewrites over and over: the plateau of what passes began with.
    pub working_set: Option<Bytes>,
}

/// What a forecast said of one way to move, least and most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Predicted {
    /// From the request to the end.
    pub time: (Duration, Duration),
    /// How long the guest stands still.
    pub pause: (Duration, Duration),
    /// Memory to be sent, what is sent twice counted twice.
    pub data: Bytes,
}
