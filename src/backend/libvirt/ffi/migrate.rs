//! The migration call itself. (`virt`'s own leaks every text it passes.)

use virt::connect::Connect;
use virt::domain::Domain;
use virt_sys as sys;

use super::{ParamList, c_string, check, last_failure};
use crate::model::Failure;

/// Who carries the guest, and where to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Destination<'a> {
    /// This program relays to that connection.
    Direct(&'a Connect),
    /// The source's daemon talks to that URI.
    PeerToPeer(&'a str),
}

/// What is passed to libvirt.
#[derive(Debug)]
pub(crate) struct MigrateCall {
    /// `VIR_MIGRATE_…`
    pub(crate) flags: u32,
    /// `VIR_MIGRATE_PARAM_…`
    pub(crate) params: ParamList,
}

/// Moves a guest. Blocks until it is over.
pub(crate) fn migrate(
    domain: &Domain,
    to: Destination<'_>,
    call: &MigrateCall,
) -> Result<(), Failure> {
    let (params, count) = call.params.raw();
    match to {
        Destination::Direct(connect) => {
            // SAFETY: domain, connection and parameters live during the call.
            let moved = unsafe {
                sys::virDomainMigrate3(domain.as_ptr(), connect.as_ptr(), params, count, call.flags)
            };
            if moved.is_null() {
                return Err(last_failure());
            }
            // SAFETY: a fresh domain whose only reference is ours.
            drop(unsafe { Domain::from_ptr(moved) });
            Ok(())
        }
        Destination::PeerToPeer(uri) => {
            let uri = c_string(uri)?;
            // SAFETY: domain, URI and parameters live during the call.
            check(unsafe {
                sys::virDomainMigrateToURI3(
                    domain.as_ptr(),
                    uri.as_ptr(),
                    params,
                    count,
                    call.flags,
                )
            })
            .map(drop)
        }
    }
}
