//! The one place that calls libvirt's C functions where the `virt` crate has nothing or is
//! unsound. Everything that leaves this folder is safe to use.
#![allow(unsafe_code)]

mod auth;
mod close;
mod environment;
mod event_loop;
mod events;
mod inspect;
mod job;
mod migrate;
mod node;
mod params;
mod stats;
mod storage;
mod stream;

pub(crate) use auth::{Credential, open};
pub(crate) use close::CloseWatch;
pub(crate) use environment::set_variable;
pub(crate) use event_loop::{register_event_loop, run_event_loop_once, silence_default_errors};
pub(crate) use events::{EventWatch, GuestEvent, Turn};
pub(crate) use inspect::{
    Platform, baseline_cpu, checkpoint_count, compare_cpu, has_block_job, has_job, snapshot_count,
};
pub(crate) use job::{
    JobType, abort_job, bandwidth, job_stats, max_downtime, start_dirty_rate, start_postcopy,
    unlimit_bandwidth,
};
pub(crate) use migrate::{Destination, MigrateCall, migrate};
pub(crate) use node::{CpuTimes, cpu_times, memory};
pub(crate) use params::{ParamList, Value};
pub(crate) use stats::{Scope, all_stats, guest_stats, state};
pub(crate) use storage::{PoolWatch, pool_capabilities};
pub(crate) use stream::{Received, VolumeStream};

use std::ffi::{CStr, CString, c_char};
use std::sync::Once;

use virt::error::Error;
use virt_sys as sys;

use super::error::from_virt;
use crate::model::{Failure, FailureKind, GuestUuid};

/// The failure of the call that this thread made last.
fn last_failure() -> Failure {
    from_virt(&Error::last_error())
}

/// `Ok` unless libvirt returned a negative number.
fn check(returned: i32) -> Result<i32, Failure> {
    if returned < 0 { Err(last_failure()) } else { Ok(returned) }
}

fn c_string(text: &str) -> Result<CString, Failure> {
    CString::new(text)
        .map_err(|_| Failure::own(FailureKind::Other, "the text contains a NUL character"))
}

/// A copy of libvirt's text; empty where it gives none.
///
/// # Safety
///
/// `text` is NULL or a C string that lives during the call.
unsafe fn copied(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: not NULL, and a C string by the caller's promise.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

unsafe extern "C" {
    /// The C library's, whose `malloc` libvirt's texts come from.
    fn free(pointer: *mut c_char);
}

/// libvirt's text, which is ours to free; the failure of the call where there is none.
///
/// # Safety
///
/// `text` is NULL or a C string from `malloc` that nobody else frees.
unsafe fn taken(text: *mut c_char) -> Result<String, Failure> {
    if text.is_null() {
        return Err(last_failure());
    }
    // SAFETY: a C string by the caller's promise.
    let copy = unsafe { copied(text) };
    // SAFETY: from `malloc` and freed once, by the caller's promise.
    unsafe { free(text) };
    Ok(copy)
}

/// The UUID of a guest that libvirt hands to a callback.
///
/// # Safety
///
/// `domain` is a valid domain that lives during the call.
unsafe fn uuid_of(domain: sys::virDomainPtr) -> Option<GuestUuid> {
    let mut bytes = [0_u8; 16];
    // SAFETY: the domain is valid by the caller's promise; VIR_UUID_BUFLEN is 16.
    let returned = unsafe { sys::virDomainGetUUID(domain, bytes.as_mut_ptr()) };
    (returned == 0).then_some(GuestUuid(bytes))
}

/// Initialises libvirt once for the process; `false` when it does not initialise.
fn initialized() -> bool {
    static ONCE: Once = Once::new();
    static mut READY: bool = false;
    // SAFETY: READY is written once inside `call_once`, and read only after it.
    unsafe {
        ONCE.call_once(|| READY = sys::virInitialize() == 0);
        READY
    }
}
