//! Figures of a host and its active guests: one call for all guests.

use std::collections::HashMap;

use virt::connect::Connect;

use super::ffi::{self, CpuTimes, Scope, Value};
use crate::backend::rates::{GuestCounters, HostCounters, Reading};
use crate::model::{Bytes, Failure};

/// Reads all counters of a host.
///
/// # Errors
///
/// libvirt's, when the guests cannot be read. A host that gives no figures of its own is no error.
pub(crate) fn read(connect: &Connect) -> Result<Reading, Failure> {
    let mut guests = HashMap::new();
    ffi::all_stats(connect, Scope::Figures, &mut |record| {
        let Some(uuid) = record.uuid() else { return };
        let mut counters = GuestCounters::default();
        let mut rss = None;
        let mut told = false;
        record.visit(&mut |name, value| {
            if name == "balloon.rss" {
                rss = Some(Bytes::from_kib(value.number()));
            } else {
                told |= count(&mut counters, name, value);
            }
        });
        if let Some(rss) = rss {
            counters.memory = rss;
        }
        // libvirt's test driver gives only states in bulk; it lives in this process.
        if !told && let Some(info) = record.info() {
            counters.cpu_ns = info.cpu_ns;
            counters.vcpus = info.vcpus;
            counters.memory = Bytes::from_kib(info.memory_kib);
        }
        guests.insert(uuid, counters);
    })?;
    Ok(Reading { host: host(connect), guests })
}

/// Takes one figure over; whether it was one of those wanted.
fn count(counters: &mut GuestCounters, name: &str, value: Value<'_>) -> bool {
    let number = value.number();
    match name {
        "cpu.time" => counters.cpu_ns = number,
        "vcpu.current" => counters.vcpus = u32::try_from(number).unwrap_or(0),
        "balloon.current" => counters.memory = Bytes::from_kib(number),
        _ if name.starts_with("block.") && name.ends_with(".rd.bytes") => {
            counters.disk_read += number;
        }
        _ if name.starts_with("block.") && name.ends_with(".wr.bytes") => {
            counters.disk_write += number;
        }
        _ if name.starts_with("net.") && name.ends_with(".rx.bytes") => {
            counters.net_receive += number;
        }
        _ if name.starts_with("net.") && name.ends_with(".tx.bytes") => {
            counters.net_send += number;
        }
        _ => return false,
    }
    true
}

fn host(connect: &Connect) -> Option<HostCounters> {
    let CpuTimes { busy, total } = ffi::cpu_times(connect).ok()?;
    let free = ffi::memory(connect).map(|memory| memory.free);
    let memory_free = free.or_else(|_| connect.free_memory().map(Bytes)).unwrap_or_default();
    Some(HostCounters { cpu_busy_ns: busy, cpu_total_ns: total, memory_free })
}
