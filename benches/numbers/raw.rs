//! Raw libvirt: the calls that Vireo makes, and nothing else.
#![allow(unsafe_code)]

use std::ffi::{c_uint, c_void};
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use virt::connect::Connect;
use virt::domain::Domain;
use virt_sys as sys;

use super::process;

/// One connection.
pub struct Raw {
    connect: Connect,
    test_driver: bool,
}

impl Raw {
    /// Opens it.
    pub fn open(uri: &str) -> Self {
        let connect = Connect::open(Some(uri)).unwrap_or_else(|error| panic!("{uri}: {error}"));
        Self { connect, test_driver: uri.starts_with("test:") }
    }

    /// What it takes to open a connection and to learn what the table shows: wall time, and
    /// processor time of this thread.
    pub fn start(uri: &str) -> (Duration, Duration) {
        let (begin, before) = (Instant::now(), process::own_thread_cpu());
        let raw = Self::open(uri);
        raw.list();
        (begin.elapsed(), process::own_thread_cpu().saturating_sub(before))
    }

    /// States and sizes of all guests, and who of them is persistent, autostarted, saved.
    fn list(&self) {
        let scope = sys::VIR_DOMAIN_STATS_STATE
            | sys::VIR_DOMAIN_STATS_BALLOON
            | sys::VIR_DOMAIN_STATS_VCPU;
        self.stats(scope, 0);
        for flag in [
            sys::VIR_CONNECT_LIST_DOMAINS_PERSISTENT,
            sys::VIR_CONNECT_LIST_DOMAINS_AUTOSTART,
            sys::VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE,
        ] {
            // A driver that does not know the filter refuses it.
            let _refused = self.connect.list_all_domains(flag);
        }
    }

    /// The calls of one tick: wall time, and processor time of this thread.
    pub fn poll(&self) -> (Duration, Duration) {
        let (begin, before) = (Instant::now(), process::own_thread_cpu());
        let scope = sys::VIR_DOMAIN_STATS_STATE
            | sys::VIR_DOMAIN_STATS_CPU_TOTAL
            | sys::VIR_DOMAIN_STATS_BALLOON
            | sys::VIR_DOMAIN_STATS_VCPU
            | sys::VIR_DOMAIN_STATS_INTERFACE
            | sys::VIR_DOMAIN_STATS_BLOCK;
        self.stats(scope, sys::VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE);
        (begin.elapsed(), process::own_thread_cpu().saturating_sub(before))
    }

    /// All pools with their XML, and all their volumes with path and figures: wall time.
    pub fn storage(&self) -> Duration {
        let begin = Instant::now();
        let pools = self.connect.list_all_storage_pools(0).expect("pools");
        for pool in pools {
            pool.xml_desc(0).expect("a pool");
            for volume in pool.list_all_volumes(0).expect("volumes") {
                volume.name().expect("a volume");
                volume.path().expect("a volume");
                volume.info().expect("a volume");
            }
        }
        begin.elapsed()
    }

    /// The test driver gives states alone in bulk; sizes and times are asked one by one.
    fn stats(&self, scope: c_uint, flags: c_uint) {
        let mut list: *mut sys::virDomainStatsRecordPtr = std::ptr::null_mut();
        // SAFETY: the connection is open; libvirt writes a list that is freed below.
        let count = unsafe {
            sys::virConnectGetAllDomainStats(self.connect.as_ptr(), scope, &mut list, flags)
        };
        let count = usize::try_from(count).expect("statistics");
        for index in 0..count {
            // SAFETY: the list has `count` entries with a domain each; `info` is written by libvirt.
            unsafe {
                let record = &**list.add(index);
                if self.test_driver {
                    let mut info: sys::virDomainInfo = std::mem::zeroed();
                    sys::virDomainGetInfo(record.dom, &mut info);
                }
            }
        }
        // SAFETY: freed once.
        unsafe { sys::virDomainStatsRecordListFree(list) };
    }

    /// Defines a guest.
    pub fn define(&self, xml: &str) -> Domain {
        self.connect.define_domain_xml(xml).unwrap_or_else(|error| panic!("{xml}: {error}"))
    }

    /// Looks a guest up.
    pub fn guest(&self, name: &str) -> Domain {
        let found = self.connect.lookup_domain_by_name(name);
        found.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Tells whenever the state of a guest changes, until the program ends. Something else must
    /// run libvirt's event loop.
    pub fn tell_states(&self, told: Sender<Instant>) {
        let opaque: *mut c_void = Box::into_raw(Box::new(told)).cast();
        // SAFETY: a lifecycle callback has these arguments; libvirt casts it back to this type.
        let callback = unsafe {
            std::mem::transmute::<
                extern "C" fn(sys::virConnectPtr, sys::virDomainPtr, i32, i32, *mut c_void) -> i32,
                unsafe extern "C" fn(sys::virConnectPtr, sys::virDomainPtr, *mut c_void),
            >(on_state)
        };
        let event = sys::VIR_DOMAIN_EVENT_ID_LIFECYCLE as i32;
        // SAFETY: the sender is never freed, so it outlives the callback.
        let number = unsafe {
            sys::virConnectDomainEventRegisterAny(
                self.connect.as_ptr(),
                std::ptr::null_mut(),
                event,
                Some(callback),
                opaque,
                None,
            )
        };
        assert!(number >= 0, "events");
    }
}

extern "C" fn on_state(
    _: sys::virConnectPtr,
    _: sys::virDomainPtr,
    _: i32,
    _: i32,
    told: *mut c_void,
) -> i32 {
    // SAFETY: the sender given at registration, never freed.
    let told = unsafe { &*told.cast::<Sender<Instant>>() };
    // Nobody listens any more at the end.
    let _ended = told.send(Instant::now());
    0
}
