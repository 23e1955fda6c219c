//! Questions before a migration that `virt` does not ask.

use std::ffi::CString;
use std::ptr;

use virt::connect::Connect;
use virt::domain::Domain;
use virt_sys as sys;

use super::{c_string, check, taken};
use crate::model::Failure;

/// On what a processor is to be provided; an empty text leaves the choice to the host.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Platform<'a> {
    /// Path of the emulator.
    pub(crate) emulator: &'a str,
    /// Architecture.
    pub(crate) arch: &'a str,
    /// Machine type.
    pub(crate) machine: &'a str,
    /// `kvm`, `qemu` …
    pub(crate) virt_type: &'a str,
}

/// Whether a host's hypervisor provides a processor; the missing features are in the failure.
pub(crate) fn compare_cpu(
    connect: &Connect,
    platform: Platform<'_>,
    cpu: &str,
) -> Result<(), Failure> {
    let emulator = optional(platform.emulator)?;
    let arch = optional(platform.arch)?;
    let machine = optional(platform.machine)?;
    let virt_type = optional(platform.virt_type)?;
    let cpu = c_string(cpu)?;
    // SAFETY: the connection is valid; each text is NULL or a C string that lives during the call.
    check(unsafe {
        sys::virConnectCompareHypervisorCPU(
            connect.as_ptr(),
            pointer(emulator.as_ref()),
            pointer(arch.as_ref()),
            pointer(machine.as_ref()),
            pointer(virt_type.as_ref()),
            cpu.as_ptr(),
            sys::VIR_CONNECT_COMPARE_CPU_FAIL_INCOMPATIBLE,
        )
    })
    .map(drop)
}

/// A processor that has what all of these have, as this host's hypervisor can provide it.
pub(crate) fn baseline_cpu(
    connect: &Connect,
    platform: Platform<'_>,
    cpus: &[String],
) -> Result<String, Failure> {
    let emulator = optional(platform.emulator)?;
    let arch = optional(platform.arch)?;
    let machine = optional(platform.machine)?;
    let virt_type = optional(platform.virt_type)?;
    let cpus = cpus.iter().map(|cpu| c_string(cpu)).collect::<Result<Vec<_>, _>>()?;
    let mut pointers: Vec<*const std::ffi::c_char> = cpus.iter().map(|cpu| cpu.as_ptr()).collect();
    let count = u32::try_from(pointers.len()).unwrap_or(0);
    // SAFETY: the connection is valid; each text is NULL or a C string that lives during the call,
    // and `pointers` has as many as `count` says.
    let text = unsafe {
        sys::virConnectBaselineHypervisorCPU(
            connect.as_ptr(),
            pointer(emulator.as_ref()),
            pointer(arch.as_ref()),
            pointer(machine.as_ref()),
            pointer(virt_type.as_ref()),
            pointers.as_mut_ptr(),
            count,
            sys::VIR_CONNECT_BASELINE_CPU_MIGRATABLE,
        )
    };
    // SAFETY: the text is the caller's to free, as libvirt documents.
    unsafe { taken(text) }
}

fn optional(text: &str) -> Result<Option<CString>, Failure> {
    if text.is_empty() { Ok(None) } else { c_string(text).map(Some) }
}

fn pointer(text: Option<&CString>) -> *const std::ffi::c_char {
    text.map_or(ptr::null(), |text| text.as_ptr())
}

/// How many snapshots a guest has.
pub(crate) fn snapshot_count(domain: &Domain) -> Result<u32, Failure> {
    // SAFETY: the domain is valid.
    let count = check(unsafe { sys::virDomainSnapshotNum(domain.as_ptr(), 0) })?;
    Ok(u32::try_from(count).unwrap_or(0))
}

/// How many checkpoints a guest has.
pub(crate) fn checkpoint_count(domain: &Domain) -> Result<u32, Failure> {
    // SAFETY: the domain is valid; with a NULL list libvirt only counts.
    let count =
        check(unsafe { sys::virDomainListAllCheckpoints(domain.as_ptr(), ptr::null_mut(), 0) })?;
    Ok(u32::try_from(count).unwrap_or(0))
}

/// Whether a long operation of a guest is under way.
pub(crate) fn has_job(domain: &Domain) -> Result<bool, Failure> {
    // SAFETY: all-zero bytes are a valid value of this C structure of integers.
    let mut info: sys::virDomainJobInfo = unsafe { std::mem::zeroed() };
    // SAFETY: the domain is valid; libvirt fills `info` in.
    check(unsafe { sys::virDomainGetJobInfo(domain.as_ptr(), &mut info) })?;
    Ok(matches!(
        u32::try_from(info.type_),
        Ok(sys::VIR_DOMAIN_JOB_BOUNDED | sys::VIR_DOMAIN_JOB_UNBOUNDED)
    ))
}

/// Whether a disk is being copied or merged.
pub(crate) fn has_block_job(domain: &Domain, disk: &str) -> Result<bool, Failure> {
    let disk = c_string(disk)?;
    // SAFETY: all-zero bytes are a valid value of this C structure of integers.
    let mut info: sys::virDomainBlockJobInfo = unsafe { std::mem::zeroed() };
    // SAFETY: the domain is valid, the name lives during the call; libvirt fills `info` in.
    let found = check(unsafe {
        sys::virDomainGetBlockJobInfo(domain.as_ptr(), disk.as_ptr(), &mut info, 0)
    })?;
    Ok(found == 1)
}
