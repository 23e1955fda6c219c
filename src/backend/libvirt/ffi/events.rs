//! Events of guests. Each event id is registered by itself, because an older libvirt does not know
//! the newer ones.

use std::ffi::{c_char, c_int, c_ulonglong, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};

use virt::connect::Connect;
use virt_sys as sys;

use super::params::visit;
use super::{Value, check, uuid_of};
use crate::model::{Failure, GuestUuid};

/// What libvirt told of a guest.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum GuestEvent {
    /// Its state changed.
    Turned(Turn),
    /// Something else of it changed.
    Changed,
    /// A pass of its migration began.
    Iteration(u64),
    /// A job of it is over, with these numbers by libvirt's names.
    JobCompleted(Vec<(String, u64)>),
}

/// A change of state, as far as a migration tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Stopped for the switch-over, or to be copied standing still.
    PausedForMigration,
    /// Stopped because it goes on at the destination in post-copy.
    PausedForPostcopy,
    /// Stopped in post-copy, as what it has to fetch does not come any more.
    Torn,
    /// Paused for any other reason.
    Paused,
    /// Runs at the destination while memory is still fetched.
    ResumedInPostcopy,
    /// Runs again, or for the first time here.
    Resumed,
    /// Anything else.
    Other,
}

/// `virDomainEventType` and its detail as a [`Turn`].
fn turn(event: c_int, detail: c_int) -> Turn {
    let number = |value: c_int| u32::try_from(value).unwrap_or(u32::MAX);
    match (number(event), number(detail)) {
        (sys::VIR_DOMAIN_EVENT_SUSPENDED, sys::VIR_DOMAIN_EVENT_SUSPENDED_MIGRATED) => {
            Turn::PausedForMigration
        }
        (sys::VIR_DOMAIN_EVENT_SUSPENDED, sys::VIR_DOMAIN_EVENT_SUSPENDED_POSTCOPY) => {
            Turn::PausedForPostcopy
        }
        (sys::VIR_DOMAIN_EVENT_SUSPENDED, sys::VIR_DOMAIN_EVENT_SUSPENDED_POSTCOPY_FAILED)
        | (sys::VIR_DOMAIN_EVENT_RESUMED, sys::VIR_DOMAIN_EVENT_RESUMED_POSTCOPY_FAILED) => {
            Turn::Torn
        }
        (sys::VIR_DOMAIN_EVENT_SUSPENDED, _) => Turn::Paused,
        (sys::VIR_DOMAIN_EVENT_RESUMED, sys::VIR_DOMAIN_EVENT_RESUMED_POSTCOPY) => {
            Turn::ResumedInPostcopy
        }
        (sys::VIR_DOMAIN_EVENT_RESUMED, _) => Turn::Resumed,
        _ => Turn::Other,
    }
}

type Sink = Box<dyn Fn(GuestUuid, GuestEvent) + Send + Sync>;

/// # Safety
///
/// `domain` and `opaque` are what libvirt passed to a callback registered by [`EventWatch`].
unsafe fn tell(domain: sys::virDomainPtr, opaque: *mut c_void, event: GuestEvent) {
    // SAFETY: `opaque` is the sink given at registration, the domain lives during the callback.
    let (sink, uuid) = unsafe { (&*opaque.cast::<Sink>(), uuid_of(domain)) };
    let told = catch_unwind(AssertUnwindSafe(|| {
        if let Some(uuid) = uuid {
            sink(uuid, event);
        }
    }));
    if told.is_err() {
        tracing::error!("an event callback failed");
    }
}

type Conn = sys::virConnectPtr;
type Dom = sys::virDomainPtr;

extern "C" fn on_lifecycle(
    _: Conn,
    domain: Dom,
    event: c_int,
    detail: c_int,
    sink: *mut c_void,
) -> c_int {
    let event = GuestEvent::Turned(turn(event, detail));
    // SAFETY: arguments as libvirt passed them.
    unsafe { tell(domain, sink, event) };
    0
}

extern "C" fn on_plain(_: Conn, domain: Dom, sink: *mut c_void) {
    // SAFETY: arguments as libvirt passed them.
    unsafe { tell(domain, sink, GuestEvent::Changed) };
}

extern "C" fn on_balloon(_: Conn, domain: Dom, _actual: c_ulonglong, sink: *mut c_void) {
    // SAFETY: arguments as libvirt passed them.
    unsafe { tell(domain, sink, GuestEvent::Changed) };
}

extern "C" fn on_device(_: Conn, domain: Dom, _alias: *const c_char, sink: *mut c_void) {
    // SAFETY: arguments as libvirt passed them.
    unsafe { tell(domain, sink, GuestEvent::Changed) };
}

extern "C" fn on_metadata(_: Conn, domain: Dom, _: c_int, _: *const c_char, sink: *mut c_void) {
    // SAFETY: arguments as libvirt passed them.
    unsafe { tell(domain, sink, GuestEvent::Changed) };
}

extern "C" fn on_agent(_: Conn, domain: Dom, _state: c_int, _why: c_int, sink: *mut c_void) {
    // SAFETY: arguments as libvirt passed them.
    unsafe { tell(domain, sink, GuestEvent::Changed) };
}

extern "C" fn on_power(_: Conn, domain: Dom, _reason: c_int, sink: *mut c_void) {
    // SAFETY: arguments as libvirt passed them.
    unsafe { tell(domain, sink, GuestEvent::Changed) };
}

extern "C" fn on_iteration(_: Conn, domain: Dom, iteration: c_int, sink: *mut c_void) {
    let iteration = u64::try_from(iteration).unwrap_or(0);
    // SAFETY: arguments as libvirt passed them.
    unsafe { tell(domain, sink, GuestEvent::Iteration(iteration)) };
}

extern "C" fn on_job_completed(
    _: Conn,
    domain: Dom,
    params: sys::virTypedParameterPtr,
    count: c_int,
    sink: *mut c_void,
) {
    let mut numbers = Vec::new();
    // SAFETY: libvirt passes `count` parameters, which live during the callback.
    unsafe {
        visit(params, count, &mut |name, value| {
            if let Value::Number(number) = value {
                numbers.push((name.to_owned(), number));
            }
        });
        tell(domain, sink, GuestEvent::JobCompleted(numbers));
    }
}

extern "C" fn free_sink(opaque: *mut c_void) {
    // SAFETY: the sink was made by Box::into_raw, and libvirt frees it once.
    drop(unsafe { Box::from_raw(opaque.cast::<Sink>()) });
}

/// Registered events of one connection; deregistered when dropped.
#[derive(Debug)]
pub(crate) struct EventWatch {
    connect: Connect,
    callbacks: Vec<c_int>,
}

/// Any of the callbacks above, as libvirt takes it together with the event's id.
type Callback = unsafe extern "C" fn(Conn, Dom, *mut c_void);

impl EventWatch {
    /// Registers the lifecycle event, the one that cannot be done without.
    pub(crate) fn lifecycle(
        connect: &Connect,
        sink: impl Fn(GuestUuid, GuestEvent) + Send + Sync + 'static,
    ) -> Result<Self, Failure> {
        let mut watch = Self { connect: connect.clone(), callbacks: Vec::new() };
        // SAFETY: libvirt calls it with the arguments of the lifecycle event.
        let callback = unsafe {
            std::mem::transmute::<
                extern "C" fn(Conn, Dom, c_int, c_int, *mut c_void) -> c_int,
                Callback,
            >(on_lifecycle)
        };
        watch.add(sys::VIR_DOMAIN_EVENT_ID_LIFECYCLE, callback, Box::new(sink))?;
        Ok(watch)
    }

    /// Registers the other events; one that this libvirt or driver does not know is left out.
    pub(crate) fn others(
        &mut self,
        sink: impl Fn(GuestUuid, GuestEvent) + Clone + Send + Sync + 'static,
    ) {
        for (id, callback) in other_callbacks() {
            if let Err(failure) = self.add(id, callback, Box::new(sink.clone())) {
                tracing::debug!(id, message = failure.message, "event not registered");
            }
        }
    }

    fn add(&mut self, id: u32, callback: Callback, sink: Sink) -> Result<(), Failure> {
        let opaque = Box::into_raw(Box::new(sink)).cast::<c_void>();
        let id = c_int::try_from(id).unwrap_or(-1);
        // SAFETY: the callback fits the event's id; the sink lives until libvirt calls `free_sink`.
        let registered = check(unsafe {
            sys::virConnectDomainEventRegisterAny(
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

fn other_callbacks() -> [(u32, Callback); 10] {
    use std::mem::transmute;
    // SAFETY: each function has the arguments of the event that it is registered for.
    unsafe {
        let device: Callback =
            transmute::<extern "C" fn(Conn, Dom, *const c_char, *mut c_void), Callback>(on_device);
        let power: Callback =
            transmute::<extern "C" fn(Conn, Dom, c_int, *mut c_void), Callback>(on_power);
        let iteration =
            transmute::<extern "C" fn(Conn, Dom, c_int, *mut c_void), Callback>(on_iteration);
        let agent =
            transmute::<extern "C" fn(Conn, Dom, c_int, c_int, *mut c_void), Callback>(on_agent);
        let metadata = transmute::<
            extern "C" fn(Conn, Dom, c_int, *const c_char, *mut c_void),
            Callback,
        >(on_metadata);
        let balloon =
            transmute::<extern "C" fn(Conn, Dom, c_ulonglong, *mut c_void), Callback>(on_balloon);
        let job = transmute::<
            extern "C" fn(Conn, Dom, sys::virTypedParameterPtr, c_int, *mut c_void),
            Callback,
        >(on_job_completed);
        [
            (sys::VIR_DOMAIN_EVENT_ID_MIGRATION_ITERATION, iteration),
            (sys::VIR_DOMAIN_EVENT_ID_JOB_COMPLETED, job),
            (sys::VIR_DOMAIN_EVENT_ID_REBOOT, on_plain),
            (sys::VIR_DOMAIN_EVENT_ID_DEVICE_ADDED, device),
            (sys::VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED, device),
            (sys::VIR_DOMAIN_EVENT_ID_BALLOON_CHANGE, balloon),
            (sys::VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE, agent),
            (sys::VIR_DOMAIN_EVENT_ID_METADATA_CHANGE, metadata),
            (sys::VIR_DOMAIN_EVENT_ID_PMSUSPEND, power),
            (sys::VIR_DOMAIN_EVENT_ID_PMWAKEUP, power),
        ]
    }
}

impl Drop for EventWatch {
    fn drop(&mut self) {
        for &callback in &self.callbacks {
            // SAFETY: the number came from registering on this connection.
            unsafe { sys::virConnectDomainEventDeregisterAny(self.connect.as_ptr(), callback) };
        }
    }
}
