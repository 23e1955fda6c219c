//! The job of a guest: statistics, abort, post-copy.

use std::ffi::c_int;

use virt::domain::Domain;
use virt_sys as sys;

use super::params::visit;
use super::{Value, check};
use crate::model::Failure;

/// libvirt's `virDomainJobType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JobType {
    /// No job.
    None,
    /// A job runs.
    Running,
    /// It is over and went well.
    Completed,
    /// It is over and failed.
    Failed,
    /// It is over and was cancelled.
    Cancelled,
}

/// Statistics of a job.
#[derive(Debug)]
pub(crate) struct JobReading {
    /// Whether it runs.
    pub(crate) kind: JobType,
    params: sys::virTypedParameterPtr,
    count: c_int,
}

impl JobReading {
    /// Shows each figure by libvirt's name.
    pub(crate) fn visit(&self, see: &mut dyn FnMut(&str, Value<'_>)) {
        // SAFETY: libvirt wrote `count` parameters, which live as long as `self`.
        unsafe { visit(self.params, self.count, see) };
    }
}

impl Drop for JobReading {
    fn drop(&mut self) {
        // SAFETY: the list came from libvirt and is freed once.
        unsafe { sys::virTypedParamsFree(self.params, self.count) };
    }
}

/// Reads the statistics of the running job, or of the last completed one, which are kept.
pub(crate) fn job_stats(domain: &Domain, completed: bool) -> Result<JobReading, Failure> {
    let flags = if completed {
        sys::VIR_DOMAIN_JOB_STATS_COMPLETED | sys::VIR_DOMAIN_JOB_STATS_KEEP_COMPLETED
    } else {
        0
    };
    let mut kind = 0;
    let mut params = std::ptr::null_mut();
    let mut count = 0;
    // SAFETY: the domain is valid; libvirt writes a list that `JobReading` frees.
    check(unsafe {
        sys::virDomainGetJobStats(domain.as_ptr(), &mut kind, &mut params, &mut count, flags)
    })?;
    let kind = match u32::try_from(kind).unwrap_or(0) {
        sys::VIR_DOMAIN_JOB_BOUNDED | sys::VIR_DOMAIN_JOB_UNBOUNDED => JobType::Running,
        sys::VIR_DOMAIN_JOB_COMPLETED => JobType::Completed,
        sys::VIR_DOMAIN_JOB_FAILED => JobType::Failed,
        sys::VIR_DOMAIN_JOB_CANCELLED => JobType::Cancelled,
        _ => JobType::None,
    };
    Ok(JobReading { kind, params, count })
}

/// Asks libvirt to give the guest's job up; returns before the job ends.
pub(crate) fn abort_job(domain: &Domain) -> Result<(), Failure> {
    // SAFETY: the domain is valid.
    check(unsafe { sys::virDomainAbortJob(domain.as_ptr()) }).map(drop)
}

/// Switches a running migration to post-copy.
pub(crate) fn start_postcopy(domain: &Domain) -> Result<(), Failure> {
    // SAFETY: the domain is valid.
    check(unsafe { sys::virDomainMigrateStartPostCopy(domain.as_ptr(), 0) }).map(drop)
}

/// Begins to watch for so many seconds, 1 to 60, which pages the guest writes; returns at once. Small
/// guests are watched page by page: QEMU's samples leave out memory below 128 MiB
/// (`MIN_RAMBLOCK_SIZE` in its `migration/dirtyrate.h`).
pub(crate) fn start_dirty_rate(
    domain: &Domain,
    seconds: u32,
    samples: bool,
) -> Result<(), Failure> {
    let mode = if samples {
        sys::VIR_DOMAIN_DIRTYRATE_MODE_PAGE_SAMPLING
    } else {
        sys::VIR_DOMAIN_DIRTYRATE_MODE_DIRTY_BITMAP
    };
    let seconds = seconds.try_into().unwrap_or(i32::MAX);
    // SAFETY: the domain is valid.
    check(unsafe { sys::virDomainStartDirtyRateCalc(domain.as_ptr(), seconds, mode) }).map(drop)
}

/// The longest pause a migration may make, in ms.
pub(crate) fn max_downtime(domain: &Domain) -> Result<u64, Failure> {
    let mut downtime = 0;
    // SAFETY: the domain is valid; libvirt writes one number.
    check(unsafe { sys::virDomainMigrateGetMaxDowntime(domain.as_ptr(), &mut downtime, 0) })?;
    Ok(downtime)
}

/// libvirt's "unlimited" in MiB/s (`QEMU_DOMAIN_MIG_BANDWIDTH_MAX`, `INT64_MAX` bytes).
const UNLIMITED_MIBPS: u64 = (i64::MAX >> 20) as u64;

/// The guest's bandwidth limit as it was set beside a move, MiB/s; `None` without one, and where it came with the request.
pub(crate) fn bandwidth(domain: &Domain) -> Result<Option<u64>, Failure> {
    let mut mibps = 0;
    // SAFETY: the domain is valid; libvirt writes one number.
    check(unsafe { sys::virDomainMigrateGetMaxSpeed(domain.as_ptr(), &mut mibps, 0) })?;
    Ok(Some(mibps).filter(|&mibps| mibps < UNLIMITED_MIBPS))
}

/// Lifts the guest's bandwidth limit. A limit set during a migration sticks for later ones, so
/// that this is also called before a migration without a limit.
pub(crate) fn unlimit_bandwidth(domain: &Domain) -> Result<(), Failure> {
    // SAFETY: the domain is valid.
    check(unsafe { sys::virDomainMigrateSetMaxSpeed(domain.as_ptr(), UNLIMITED_MIBPS, 0) })
        .map(drop)
}
