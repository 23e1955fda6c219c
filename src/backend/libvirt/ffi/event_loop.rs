//! libvirt's default event loop. It must be registered before the first connection is opened, or
//! that connection can never have keepalive.

use virt_sys as sys;

use super::{check, initialized, last_failure};
use crate::model::Failure;

extern "C" fn on_timeout(_timer: i32, _opaque: *mut std::ffi::c_void) {}

/// Registers libvirt's own event loop, with a timer that wakes it at least once a second.
pub(crate) fn register_event_loop() -> Result<(), Failure> {
    if !initialized() {
        return Err(last_failure());
    }
    // SAFETY: no arguments; called before any connection is opened.
    check(unsafe { sys::virEventRegisterDefaultImpl() })?;
    // SAFETY: the callback takes no state, so there is nothing to free.
    check(unsafe { sys::virEventAddTimeout(1000, Some(on_timeout), std::ptr::null_mut(), None) })?;
    Ok(())
}

/// Waits for events and calls back; returns at least once a second.
pub(crate) fn run_event_loop_once() -> Result<(), Failure> {
    // SAFETY: no arguments; the loop was registered.
    check(unsafe { sys::virEventRunDefaultImpl() }).map(drop)
}

extern "C" fn swallow(_data: *mut std::ffi::c_void, _error: sys::virErrorPtr) {}

/// Stops libvirt from printing each error to standard error: every error is returned as a value.
pub(crate) fn silence_default_errors() {
    // SAFETY: the handler ignores both of its arguments.
    unsafe { sys::virSetErrorFunc(std::ptr::null_mut(), Some(swallow)) };
}
