//! Pools: what a host can set up, and their events.

use std::ffi::{c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};

use virt::connect::Connect;
use virt_sys as sys;

use super::{check, taken};
use crate::model::{Failure, PoolUuid};

/// What pools a host can set up, as XML.
pub(crate) fn pool_capabilities(connect: &Connect) -> Result<String, Failure> {
    // SAFETY: the connection is valid; the text is the caller's to free, as libvirt documents.
    unsafe { taken(sys::virConnectGetStoragePoolCapabilities(connect.as_ptr(), 0)) }
}

type Sink = Box<dyn Fn(PoolUuid) + Send + Sync>;
type Conn = sys::virConnectPtr;
type PoolPtr = sys::virStoragePoolPtr;
type Callback = unsafe extern "C" fn(Conn, PoolPtr, *mut c_void);

/// # Safety
///
/// `pool` and `sink` are what libvirt passed to a callback registered by [`PoolWatch`].
unsafe fn tell(pool: PoolPtr, sink: *mut c_void) {
    let mut bytes = [0_u8; 16];
    // SAFETY: the pool lives during the callback; VIR_UUID_BUFLEN is 16.
    let returned = unsafe { sys::virStoragePoolGetUUID(pool, bytes.as_mut_ptr()) };
    if returned != 0 {
        return;
    }
    // SAFETY: `sink` is the one given at registration.
    let sink = unsafe { &*sink.cast::<Sink>() };
    if catch_unwind(AssertUnwindSafe(|| sink(PoolUuid(bytes)))).is_err() {
        tracing::error!("a pool's event callback failed");
    }
}

extern "C" fn on_lifecycle(_: Conn, pool: PoolPtr, _: c_int, _: c_int, sink: *mut c_void) {
    // SAFETY: arguments as libvirt passed them.
    unsafe { tell(pool, sink) };
}

extern "C" fn on_refresh(_: Conn, pool: PoolPtr, sink: *mut c_void) {
    // SAFETY: arguments as libvirt passed them.
    unsafe { tell(pool, sink) };
}

extern "C" fn free_sink(sink: *mut c_void) {
    // SAFETY: the box was made by `PoolWatch::add`; libvirt frees it once.
    drop(unsafe { Box::from_raw(sink.cast::<Sink>()) });
}

/// Events of a host's pools, as long as it lives.
#[derive(Debug)]
pub(crate) struct PoolWatch {
    connect: Connect,
    callbacks: Vec<c_int>,
}

impl PoolWatch {
    /// Registers; a driver without such events is left without.
    pub(crate) fn new(
        connect: &Connect,
        sink: impl Fn(PoolUuid) + Clone + Send + Sync + 'static,
    ) -> Self {
        let mut watch = Self { connect: connect.clone(), callbacks: Vec::new() };
        // SAFETY: libvirt calls it with the arguments of the lifecycle event.
        let lifecycle = unsafe {
            std::mem::transmute::<extern "C" fn(Conn, PoolPtr, c_int, c_int, *mut c_void), Callback>(
                on_lifecycle,
            )
        };
        let refresh: Callback = on_refresh;
        for (id, callback) in [
            (sys::VIR_STORAGE_POOL_EVENT_ID_LIFECYCLE, lifecycle),
            (sys::VIR_STORAGE_POOL_EVENT_ID_REFRESH, refresh),
        ] {
            if let Err(failure) = watch.add(id, callback, Box::new(sink.clone())) {
                tracing::debug!(id, message = failure.message, "pool event not registered");
            }
        }
        watch
    }

    fn add(&mut self, id: u32, callback: Callback, sink: Sink) -> Result<(), Failure> {
        let opaque = Box::into_raw(Box::new(sink)).cast::<c_void>();
        let id = c_int::try_from(id).unwrap_or(-1);
        // SAFETY: the callback fits the event's id; the sink lives until libvirt calls `free_sink`.
        let registered = check(unsafe {
            sys::virConnectStoragePoolEventRegisterAny(
                self.connect.as_ptr(),
                std::ptr::null_mut(),
                id,
                Some(callback),
                opaque,
                Some(free_sink),
            )
        });
        match registered {
            Ok(number) => self.callbacks.push(number),
            Err(failure) => {
                free_sink(opaque);
                return Err(failure);
            }
        }
        Ok(())
    }
}

impl Drop for PoolWatch {
    fn drop(&mut self) {
        for &callback in &self.callbacks {
            // SAFETY: the number came from registering on this connection.
            unsafe {
                sys::virConnectStoragePoolEventDeregisterAny(self.connect.as_ptr(), callback)
            };
        }
    }
}
