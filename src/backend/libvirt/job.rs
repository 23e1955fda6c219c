//! A guest's job as values: the running migration, and the finished one.

use std::time::Duration;

use virt::connect::Connect;
use virt::domain::Domain;
use virt_sys as sys;

use super::ffi::{self, JobType};
use super::guest::lookup;
use crate::model::{Bytes, CompletedStats, Failure, FailureKind, GuestUuid, MigrationSample};

/// One reading of a guest's job.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum JobState {
    /// A migration out of this host runs.
    MigratingOut(MigrationSample),
    /// Nothing runs, or something that is no migration out of this host.
    Idle,
}

/// Reads a guest's running job.
///
/// # Errors
///
/// libvirt's; [`FailureKind::Gone`] when the guest is not there any more.
pub(crate) fn read(domain: &Domain) -> Result<JobState, Failure> {
    let reading = ffi::job_stats(domain, false)?;
    if reading.kind != JobType::Running {
        return Ok(JobState::Idle);
    }
    let mut numbers = Vec::new();
    reading.visit(&mut |name, value| numbers.push((name.to_owned(), value.number())));
    let operation = number(&numbers, "operation").unwrap_or(0);
    if operation != u64::from(sys::VIR_DOMAIN_JOB_OPERATION_MIGRATION_OUT) {
        return Ok(JobState::Idle);
    }
    Ok(JobState::MigratingOut(sample(&numbers)))
}

/// How a guest's last job ended, where libvirt still knows.
///
/// # Errors
///
/// libvirt's; [`FailureKind::Gone`] when the guest is not there any more.
pub(crate) fn completed(
    connect: &Connect,
    uuid: GuestUuid,
) -> Result<(Result<(), Failure>, CompletedStats), Failure> {
    let reading = ffi::job_stats(&lookup(connect, uuid)?, true)?;
    let mut numbers = Vec::new();
    let mut message = String::new();
    reading.visit(&mut |name, value| match value {
        ffi::Value::Text(text) if name == "errmsg" => text.clone_into(&mut message),
        other => numbers.push((name.to_owned(), other.number())),
    });
    let result = match reading.kind {
        JobType::Completed => Ok(()),
        JobType::Cancelled => Err(Failure::own(FailureKind::Cancelled, message)),
        JobType::Failed => Err(Failure::own(FailureKind::Other, message)),
        JobType::None | JobType::Running => {
            return Err(Failure::own(FailureKind::Gone, "no finished job is known"));
        }
    };
    Ok((result, completed_stats(&numbers)))
}

fn number(numbers: &[(String, u64)], wanted: &str) -> Option<u64> {
    numbers.iter().find(|(name, _)| name == wanted).map(|&(_, value)| value)
}

fn sample(numbers: &[(String, u64)]) -> MigrationSample {
    let get = |name| number(numbers, name).unwrap_or(0);
    MigrationSample {
        elapsed: Duration::from_millis(get("time_elapsed")),
        memory_total: Bytes(get("memory_total")),
        memory_processed: Bytes(get("memory_processed")),
        memory_remaining: Bytes(get("memory_remaining")),
        memory_bps: get("memory_bps"),
        disk_total: Bytes(get("disk_total")),
        disk_processed: Bytes(get("disk_processed")),
        disk_remaining: Bytes(get("disk_remaining")),
        // libvirt counts rewritten pages a second.
        dirty_bps: get("memory_dirty_rate").saturating_mul(get("memory_page_size")),
        iteration: get("memory_iteration"),
        expected_downtime: Duration::from_millis(get("downtime")),
        throttle_percent: u32::try_from(get("auto_converge_throttle")).unwrap_or(0),
        postcopy_requests: get("memory_postcopy_requests"),
    }
}

/// The figures of a finished migration, from the numbers of event or call.
pub(crate) fn completed_stats(numbers: &[(String, u64)]) -> CompletedStats {
    let get = |name| number(numbers, name).unwrap_or(0);
    CompletedStats {
        total: Duration::from_millis(get("time_elapsed")),
        downtime: number(numbers, "downtime").map(Duration::from_millis),
        sent: Bytes(get("memory_processed").saturating_add(get("disk_processed"))),
        iterations: get("memory_iteration"),
    }
}

/// The longest pause a migration of the guest may make, in ms.
///
/// # Errors
///
/// libvirt's.
pub(crate) fn max_downtime(connect: &Connect, uuid: GuestUuid) -> Result<u64, Failure> {
    ffi::max_downtime(&lookup(connect, uuid)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_a_sample() {
        let numbers = [
            ("time_elapsed", 1500),
            ("memory_total", 1000),
            ("memory_processed", 400),
            ("memory_dirty_rate", 10),
            ("memory_page_size", 4096),
            ("memory_iteration", 2),
            ("downtime", 300),
        ]
        .map(|(name, value)| (name.to_owned(), value));
        let sample = sample(&numbers);
        assert_eq!(sample.elapsed, Duration::from_millis(1500));
        assert_eq!(sample.dirty_bps, 40960);
        assert_eq!((sample.iteration, sample.memory_processed), (2, Bytes(400)));
        let done = completed_stats(&numbers);
        assert_eq!(done.downtime, Some(Duration::from_millis(300)));
        assert_eq!((done.sent, done.iterations), (Bytes(400), 2));
        assert_eq!(completed_stats(&[]).downtime, None);
    }
}
