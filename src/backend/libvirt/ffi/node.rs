//! The host's own figures.

use std::ffi::{CStr, c_char};

use virt::connect::Connect;
use virt_sys as sys;

use super::check;
use crate::model::{Bytes, Failure};

/// Processor time since the host started, in ns over all processors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CpuTimes {
    /// In use.
    pub(crate) busy: u64,
    /// In use or not.
    pub(crate) total: u64,
}

fn field(name: &[c_char]) -> String {
    // SAFETY: libvirt ends each field name with NUL inside its 80 bytes.
    unsafe { CStr::from_ptr(name.as_ptr()) }.to_string_lossy().into_owned()
}

/// Reads the host's processor time (`virNodeGetCPUStats`).
pub(crate) fn cpu_times(connect: &Connect) -> Result<CpuTimes, Failure> {
    let mut count = 0;
    let all = sys::VIR_NODE_CPU_STATS_ALL_CPUS;
    // SAFETY: with a NULL list libvirt only writes how many entries there are.
    check(unsafe {
        sys::virNodeGetCPUStats(connect.as_ptr(), all, std::ptr::null_mut(), &mut count, 0)
    })?;
    // SAFETY: all-zero bytes are a valid value of this C structure.
    let zero: sys::virNodeCPUStats = unsafe { std::mem::zeroed() };
    let mut list = vec![zero; usize::try_from(count).unwrap_or(0)];
    // SAFETY: the list has room for `count` entries.
    check(unsafe {
        sys::virNodeGetCPUStats(connect.as_ptr(), all, list.as_mut_ptr(), &mut count, 0)
    })?;
    let mut times = CpuTimes::default();
    for entry in &list {
        match field(&entry.field).as_str() {
            "kernel" | "user" | "intr" => {
                times.busy += entry.value;
                times.total += entry.value;
            }
            "idle" | "iowait" => times.total += entry.value,
            _ => {}
        }
    }
    Ok(times)
}

/// A host's memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Memory {
    /// All of it.
    pub(crate) total: Bytes,
    /// Free or reclaimable: free, buffers and cached.
    pub(crate) free: Bytes,
}

/// Reads the host's memory (`virNodeGetMemoryStats`).
pub(crate) fn memory(connect: &Connect) -> Result<Memory, Failure> {
    let mut count = 0;
    let all = sys::VIR_NODE_MEMORY_STATS_ALL_CELLS;
    // SAFETY: with a NULL list libvirt only writes how many entries there are.
    check(unsafe {
        sys::virNodeGetMemoryStats(connect.as_ptr(), all, std::ptr::null_mut(), &mut count, 0)
    })?;
    // SAFETY: all-zero bytes are a valid value of this C structure.
    let zero: sys::virNodeMemoryStats = unsafe { std::mem::zeroed() };
    let mut list = vec![zero; usize::try_from(count).unwrap_or(0)];
    // SAFETY: the list has room for `count` entries.
    check(unsafe {
        sys::virNodeGetMemoryStats(connect.as_ptr(), all, list.as_mut_ptr(), &mut count, 0)
    })?;
    let (mut total, mut free) = (0, 0);
    for entry in &list {
        match field(&entry.field).as_str() {
            "total" => total += entry.value,
            "free" | "buffers" | "cached" => free += entry.value,
            _ => {}
        }
    }
    Ok(Memory { total: Bytes::from_kib(total), free: Bytes::from_kib(free) })
}
