//! Bulk statistics: one call for all guests of a host.

use std::ffi::{c_int, c_uint};

use virt::connect::Connect;
use virt::domain::Domain;
use virt_sys as sys;

use super::params::visit;
use super::{Value, check, copied, uuid_of};
use crate::model::{Failure, GuestUuid};

/// Which figures to ask for. More figures need QEMU's monitor, which a frozen guest never answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// State of all guests. Needs no monitor: never hangs on a frozen guest.
    State,
    /// State, memory and processors of all guests.
    Inventory,
    /// Everything that changes, of active guests.
    Figures,
    /// What a guest does with its memory: what was measured last, and what it occupies.
    Memory,
}

impl Scope {
    const fn stats(self) -> c_uint {
        match self {
            Self::State => sys::VIR_DOMAIN_STATS_STATE,
            Self::Inventory => {
                sys::VIR_DOMAIN_STATS_STATE
                    | sys::VIR_DOMAIN_STATS_BALLOON
                    | sys::VIR_DOMAIN_STATS_VCPU
            }
            Self::Figures => {
                sys::VIR_DOMAIN_STATS_STATE
                    | sys::VIR_DOMAIN_STATS_CPU_TOTAL
                    | sys::VIR_DOMAIN_STATS_BALLOON
                    | sys::VIR_DOMAIN_STATS_VCPU
                    | sys::VIR_DOMAIN_STATS_INTERFACE
                    | sys::VIR_DOMAIN_STATS_BLOCK
            }
            Self::Memory => sys::VIR_DOMAIN_STATS_DIRTYRATE | sys::VIR_DOMAIN_STATS_BALLOON,
        }
    }

    const fn flags(self) -> c_uint {
        match self {
            Self::State | Self::Inventory | Self::Memory => 0,
            Self::Figures => sys::VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE,
        }
    }
}

/// One guest in the answer; valid during the visit.
#[derive(Debug)]
pub(crate) struct GuestRecord<'a> {
    record: &'a sys::virDomainStatsRecord,
}

impl GuestRecord<'_> {
    /// Its UUID; kept in the object, no call.
    pub(crate) fn uuid(&self) -> Option<GuestUuid> {
        // SAFETY: the record holds a valid domain.
        unsafe { uuid_of(self.record.dom) }
    }

    /// Its name; kept in the object, no call.
    pub(crate) fn name(&self) -> String {
        // SAFETY: the record holds a valid domain, whose name lives as long as it.
        unsafe { copied(sys::virDomainGetName(self.record.dom)) }
    }

    /// Its figures by libvirt's names.
    pub(crate) fn visit(&self, see: &mut dyn FnMut(&str, Value<'_>)) {
        // SAFETY: the record holds `nparams` parameters.
        unsafe { visit(self.record.params, self.record.nparams, see) };
    }

    /// Sizes and processor time: one call, a round trip on a remote host.
    pub(crate) fn info(&self) -> Option<GuestInfo> {
        // SAFETY: all-zero bytes are a valid value of this C structure of integers.
        let mut info: sys::virDomainInfo = unsafe { std::mem::zeroed() };
        // SAFETY: the record holds a valid domain; `info` is written by libvirt.
        let returned = unsafe { sys::virDomainGetInfo(self.record.dom, &mut info) };
        (returned == 0).then(|| GuestInfo {
            memory_max_kib: info.maxMem,
            memory_kib: info.memory,
            vcpus: u32::from(info.nrVirtCpu),
            cpu_ns: info.cpuTime,
        })
    }
}

/// `virDomainInfo`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GuestInfo {
    /// Memory allowed at most, KiB.
    pub(crate) memory_max_kib: u64,
    /// Memory it has now, KiB.
    pub(crate) memory_kib: u64,
    /// Virtual processors.
    pub(crate) vcpus: u32,
    /// Processor time used, ns.
    pub(crate) cpu_ns: u64,
}

/// The numbers of a guest's state and its reason. (`virt`'s own hides errors.)
pub(crate) fn state(domain: &Domain) -> Result<(u64, u64), Failure> {
    let (mut state, mut reason) = (0, 0);
    // SAFETY: the domain is valid; libvirt writes two numbers.
    check(unsafe { sys::virDomainGetState(domain.as_ptr(), &mut state, &mut reason, 0) })?;
    Ok((u64::try_from(state).unwrap_or(0), u64::try_from(reason).unwrap_or(0)))
}

struct Records(*mut sys::virDomainStatsRecordPtr);

impl Records {
    fn show(&self, count: c_int, see: &mut dyn FnMut(&GuestRecord<'_>)) {
        for index in 0..usize::try_from(count).unwrap_or(0) {
            // SAFETY: libvirt wrote `count` entries, none of them NULL.
            let record = unsafe { &**self.0.add(index) };
            see(&GuestRecord { record });
        }
    }
}

impl Drop for Records {
    fn drop(&mut self) {
        // SAFETY: the list came from libvirt and is freed once, with its domains.
        unsafe { sys::virDomainStatsRecordListFree(self.0) };
    }
}

/// Asks for figures of all guests in one call and shows each record once.
pub(crate) fn all_stats(
    connect: &Connect,
    scope: Scope,
    see: &mut dyn FnMut(&GuestRecord<'_>),
) -> Result<(), Failure> {
    let mut list: *mut sys::virDomainStatsRecordPtr = std::ptr::null_mut();
    // SAFETY: the connection is valid; libvirt writes a list that `Records` frees.
    let count = check(unsafe {
        sys::virConnectGetAllDomainStats(connect.as_ptr(), scope.stats(), &mut list, scope.flags())
    })?;
    Records(list).show(count, see);
    Ok(())
}

/// Asks for figures of one guest and shows its record.
pub(crate) fn guest_stats(
    domain: &Domain,
    scope: Scope,
    see: &mut dyn FnMut(&GuestRecord<'_>),
) -> Result<(), Failure> {
    // SAFETY: the domain is valid, and borrowed until libvirt has answered.
    let mut asked = [unsafe { domain.as_ptr() }, std::ptr::null_mut()];
    let mut list: *mut sys::virDomainStatsRecordPtr = std::ptr::null_mut();
    // SAFETY: the array holds one valid domain and the NULL that ends it; libvirt writes a list that
    // `Records` frees.
    let count = check(unsafe {
        sys::virDomainListGetStats(asked.as_mut_ptr(), scope.stats(), &mut list, scope.flags())
    })?;
    Records(list).show(count, see);
    Ok(())
}
