//! The callback for a connection that broke.

use std::ffi::{c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};

use virt::connect::Connect;
use virt_sys as sys;

use super::check;
use crate::model::{Failure, FailureKind};

type Sink = Box<dyn Fn(Failure) + Send + Sync>;

/// Watches a connection for as long as it lives.
#[derive(Debug)]
pub(crate) struct CloseWatch {
    connect: Connect,
}

extern "C" fn on_close(_connect: sys::virConnectPtr, reason: c_int, opaque: *mut c_void) {
    // SAFETY: `opaque` is the sink given at registration; libvirt frees it only afterwards.
    let sink = unsafe { &*opaque.cast::<Sink>() };
    let message = match u32::try_from(reason) {
        Ok(sys::VIR_CONNECT_CLOSE_REASON_EOF) => "the daemon closed the connection",
        Ok(sys::VIR_CONNECT_CLOSE_REASON_KEEPALIVE) => {
            "the daemon did not answer (keepalive timeout)"
        }
        Ok(sys::VIR_CONNECT_CLOSE_REASON_CLIENT) => "closed by this program",
        _ => "the connection broke",
    };
    let told = catch_unwind(AssertUnwindSafe(|| {
        sink(Failure::own(FailureKind::LinkLost, message));
    }));
    if told.is_err() {
        tracing::error!("a close callback failed");
    }
}

extern "C" fn free_sink(opaque: *mut c_void) {
    // SAFETY: the sink was made by Box::into_raw, and libvirt frees it once.
    drop(unsafe { Box::from_raw(opaque.cast::<Sink>()) });
}

impl CloseWatch {
    /// Calls `sink` on the event-loop thread when the connection breaks.
    pub(crate) fn new(
        connect: &Connect,
        sink: impl Fn(Failure) + Send + Sync + 'static,
    ) -> Result<Self, Failure> {
        let opaque = Box::into_raw(Box::new(Box::new(sink) as Sink)).cast::<c_void>();
        // SAFETY: the sink lives until libvirt calls `free_sink`.
        let registered = check(unsafe {
            sys::virConnectRegisterCloseCallback(
                connect.as_ptr(),
                Some(on_close),
                opaque,
                Some(free_sink),
            )
        });
        if let Err(failure) = registered {
            free_sink(opaque);
            return Err(failure);
        }
        Ok(Self { connect: connect.clone() })
    }
}

impl Drop for CloseWatch {
    fn drop(&mut self) {
        // SAFETY: the same connection and callback as at registration.
        unsafe { sys::virConnectUnregisterCloseCallback(self.connect.as_ptr(), Some(on_close)) };
    }
}
