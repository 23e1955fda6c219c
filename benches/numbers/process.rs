//! What the kernel counts of a process.

use std::time::Duration;

/// Processor time of the calling thread.
pub fn own_thread_cpu() -> Duration {
    schedstat("/proc/thread-self/schedstat")
}

/// Processor time of a process's main thread.
pub fn main_thread_cpu(pid: u32) -> Duration {
    schedstat(&format!("/proc/{pid}/task/{pid}/schedstat"))
}

/// Processor time of a process, threads that have ended included. Counted in hundredths of a second
/// (`USER_HZ`).
pub fn cpu(pid: u32) -> Duration {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name in brackets may hold anything; user and system time are the 14th and 15th field.
    let fields = text.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    let ticks: u64 = fields.filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

/// The first number of a `schedstat` is nanoseconds on a processor.
fn schedstat(path: &str) -> Duration {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let nanoseconds = text.split(' ').next().and_then(|number| number.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or(0))
}

/// Resident memory in MB: now, and the most it ever was.
pub fn memory(pid: u32) -> (f64, f64) {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let megabytes = |key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(key));
        let kib = line.and_then(|rest| rest.trim().split(' ').next()?.parse::<f64>().ok());
        kib.unwrap_or(f64::NAN) * 1024.0 / 1e6
    };
    (megabytes("VmRSS:"), megabytes("VmHWM:"))
}
