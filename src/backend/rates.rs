//! From counters to rates. Pure.

use std::collections::HashMap;
use std::time::Duration;

use crate::model::{Bytes, GuestSample, GuestUuid, HostSample};

/// Counters of a host and its active guests at one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reading {
    /// The host's, where it gives them.
    pub(crate) host: Option<HostCounters>,
    /// The active guests'.
    pub(crate) guests: HashMap<GuestUuid, GuestCounters>,
}

/// A host's counters.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct HostCounters {
    /// Processor time in use over all processors, ns.
    pub(crate) cpu_busy_ns: u64,
    /// Processor time in use or not, ns.
    pub(crate) cpu_total_ns: u64,
    /// Free or reclaimable now.
    pub(crate) memory_free: Bytes,
}

/// A guest's counters; what counts up does so since the guest was started.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct GuestCounters {
    /// Processor time, ns.
    pub(crate) cpu_ns: u64,
    /// Virtual processors.
    pub(crate) vcpus: u32,
    /// Memory it occupies now.
    pub(crate) memory: Bytes,
    /// Disk bytes read.
    pub(crate) disk_read: u64,
    /// Disk bytes written.
    pub(crate) disk_write: u64,
    /// Network bytes received.
    pub(crate) net_receive: u64,
    /// Network bytes sent.
    pub(crate) net_send: u64,
}

/// A guest's figures over the time between two readings. Without an earlier one, or after a
/// restart that set the counters back, its rates are 0.
pub(crate) fn guest_sample(
    before: Option<&GuestCounters>,
    now: &GuestCounters,
    interval: Duration,
) -> GuestSample {
    let before = before.filter(|before| before.cpu_ns <= now.cpu_ns).unwrap_or(now);
    let cpu_s = Duration::from_nanos(now.cpu_ns - before.cpu_ns).as_secs_f32();
    let possible_s = interval.as_secs_f32() * now.vcpus.max(1) as f32;
    let rate = |before: u64, now: u64| per_second(now.saturating_sub(before), interval);
    GuestSample {
        cpu: share(cpu_s, possible_s),
        memory: now.memory,
        disk_read: rate(before.disk_read, now.disk_read),
        disk_write: rate(before.disk_write, now.disk_write),
        net_receive: rate(before.net_receive, now.net_receive),
        net_send: rate(before.net_send, now.net_send),
    }
}

/// A host's figures over the time between two readings.
pub(crate) fn host_sample(before: Option<&HostCounters>, now: &HostCounters) -> HostSample {
    let before = before.unwrap_or(now);
    let busy = Duration::from_nanos(now.cpu_busy_ns.saturating_sub(before.cpu_busy_ns));
    let total = Duration::from_nanos(now.cpu_total_ns.saturating_sub(before.cpu_total_ns));
    HostSample { cpu: share(busy.as_secs_f32(), total.as_secs_f32()), memory_free: now.memory_free }
}

fn share(part: f32, whole: f32) -> f32 {
    if whole > 0.0 { (part / whole).clamp(0.0, 1.0) } else { 0.0 }
}

fn per_second(amount: u64, interval: Duration) -> u64 {
    let ms = u64::try_from(interval.as_millis()).unwrap_or(u64::MAX);
    amount.saturating_mul(1000).checked_div(ms).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_differences_over_time() {
        let before = GuestCounters { cpu_ns: 1_000_000_000, vcpus: 2, ..GuestCounters::default() };
        let now = GuestCounters {
            cpu_ns: 4_000_000_000,
            disk_write: 3 << 20,
            memory: Bytes(7),
            ..before
        };
        let sample = guest_sample(Some(&before), &now, Duration::from_secs(3));
        assert!((sample.cpu - 0.5).abs() < 1e-6);
        assert_eq!((sample.disk_write, sample.memory), (1 << 20, Bytes(7)));
    }

    #[test]
    fn a_restarted_guest_makes_no_leap() {
        let before = GuestCounters { cpu_ns: 9, disk_read: 1 << 40, ..GuestCounters::default() };
        let now = GuestCounters { cpu_ns: 5, vcpus: 1, disk_read: 50, ..GuestCounters::default() };
        let sample = guest_sample(Some(&before), &now, Duration::from_secs(3));
        assert_eq!(sample, GuestSample::default());
        assert_eq!(guest_sample(None, &now, Duration::ZERO), GuestSample::default());
    }

    #[test]
    fn a_host_s_share_is_of_all_its_processors() {
        let before = HostCounters { cpu_busy_ns: 10, cpu_total_ns: 100, ..HostCounters::default() };
        let now = HostCounters { cpu_busy_ns: 40, cpu_total_ns: 200, memory_free: Bytes(5) };
        let sample = host_sample(Some(&before), &now);
        assert!((sample.cpu - 0.3).abs() < 1e-6);
        assert_eq!(sample.memory_free, Bytes(5));
        assert!(host_sample(None, &now).cpu.abs() < 1e-6);
    }
}
