//! A guest that is to be moved, at its source: the call, and what can be done while it runs.

use std::ffi::CStr;

use virt::connect::Connect;
use virt::domain::Domain;
use virt_sys as sys;

use super::error::from_virt;
use super::ffi::{self, Destination, MigrateCall, ParamList};
use super::guest::{self, lookup};
use super::job::{self, JobState};
use crate::migration::{Compression, Coverage, DiskCopy, MigrationOptions, Residence, Transport};
use crate::model::{Failure, GuestUuid, Presence};
use crate::xml::parse_guest;

/// The version of libvirt from which on copies of disks may leave zeroes out, and how that is called there.
const SPARSE: u64 = 10_009_000;
const DETECT_ZEROES: &CStr = c"migrate_disks_detect_zeroes";

/// A guest at its source.
#[derive(Debug)]
pub(crate) struct Moving {
    domain: Domain,
}

/// Where a guest goes.
#[derive(Debug)]
pub(crate) enum Way {
    /// This program relays to that connection.
    Direct(Connect),
    /// The source's daemon talks to the daemon at that URI.
    PeerToPeer(String),
}

impl Way {
    const fn destination(&self) -> Destination<'_> {
        match self {
            Self::Direct(connect) => Destination::Direct(connect),
            Self::PeerToPeer(uri) => Destination::PeerToPeer(uri.as_str()),
        }
    }
}

impl Moving {
    /// Looks the guest up.
    ///
    /// # Errors
    ///
    /// libvirt's.
    pub(crate) fn find(connect: &Connect, uuid: GuestUuid) -> Result<Self, Failure> {
        Ok(Self { domain: lookup(connect, uuid)? })
    }

    /// Moves it. Blocks until it is over. Of disks that are copied, zeroes are not written at a destination that can do
    /// without (its version of libvirt): a sparse image stays sparse.
    ///
    /// # Errors
    ///
    /// libvirt's.
    pub(crate) fn migrate(
        &self,
        way: &Way,
        options: &MigrationOptions,
        version: u64,
    ) -> Result<(), Failure> {
        let mut params = params(options)?;
        if options.disks == DiskCopy::Full && version >= SPARSE {
            for disk in self.copied_disks()? {
                params.text(DETECT_ZEROES, &disk)?;
            }
        }
        let call = MigrateCall { flags: flags(options), params };
        if options.bandwidth_mibps.is_none()
            && let Err(failure) = ffi::unlimit_bandwidth(&self.domain)
        {
            tracing::debug!(?failure, "the bandwidth limit stays as it was");
        }
        ffi::migrate(&self.domain, way.destination(), &call)
    }

    /// The disks that libvirt copies along.
    fn copied_disks(&self) -> Result<Vec<String>, Failure> {
        let xml = self.domain.xml_desc(0).map_err(|error| from_virt(&error))?;
        let disks = parse_guest(&xml).map(|guest| guest.disks).unwrap_or_default();
        let copied = disks.into_iter().filter(|disk| !disk.read_only && !disk.shareable);
        Ok(copied.map(|disk| disk.target).collect())
    }

    /// Takes an interrupted post-copy up again. Blocks until it is over.
    ///
    /// # Errors
    ///
    /// libvirt's.
    pub(crate) fn resume_postcopy(
        &self,
        way: &Way,
        options: &MigrationOptions,
    ) -> Result<(), Failure> {
        let mut params = ParamList::new();
        if let Some(address) = &options.migrate_uri {
            params.text(sys::VIR_MIGRATE_PARAM_URI, address)?;
        }
        // libvirt takes nothing else: the rest is as it was begun.
        let resumed = sys::VIR_MIGRATE_POSTCOPY
            | sys::VIR_MIGRATE_POSTCOPY_RESUME
            | sys::VIR_MIGRATE_CHANGE_PROTECTION;
        let call = MigrateCall { flags: flags(options) | resumed, params };
        ffi::migrate(&self.domain, way.destination(), &call)
    }

    /// Reads its job.
    ///
    /// # Errors
    ///
    /// libvirt's.
    pub(crate) fn job(&self) -> Result<JobState, Failure> {
        job::read(&self.domain)
    }

    /// The longest pause, in ms, as the hypervisor has it.
    ///
    /// # Errors
    ///
    /// libvirt's.
    pub(crate) fn max_downtime(&self) -> Result<u64, Failure> {
        ffi::max_downtime(&self.domain)
    }

    /// Allows a pause of so many ms; only while it moves.
    ///
    /// # Errors
    ///
    /// libvirt's.
    pub(crate) fn set_max_downtime(&self, ms: u64) -> Result<(), Failure> {
        self.domain.migrate_set_max_downtime(ms, 0).map(drop).map_err(|error| from_virt(&error))
    }

    /// The limit of its speed, MiB/s; `None` without one, and where it came with the request.
    ///
    /// # Errors
    ///
    /// libvirt's.
    pub(crate) fn bandwidth(&self) -> Result<Option<u64>, Failure> {
        ffi::bandwidth(&self.domain)
    }

    /// Limits the speed to so many MiB/s; `None` lifts the limit.
    ///
    /// # Errors
    ///
    /// libvirt's.
    pub(crate) fn set_bandwidth(&self, mibps: Option<u64>) -> Result<(), Failure> {
        match mibps {
            Some(mibps) => {
                self.domain.migrate_set_max_speed(mibps, 0).map(drop).map_err(|e| from_virt(&e))
            }
            None => ffi::unlimit_bandwidth(&self.domain),
        }
    }

    /// Pauses the guest, so that nothing is rewritten any more and the move comes to an end.
    ///
    /// # Errors
    ///
    /// libvirt's.
    pub(crate) fn pause(&self) -> Result<(), Failure> {
        self.domain.suspend().map(drop).map_err(|error| from_virt(&error))
    }

    /// Switches to post-copy.
    ///
    /// # Errors
    ///
    /// libvirt's.
    pub(crate) fn start_postcopy(&self) -> Result<(), Failure> {
        ffi::start_postcopy(&self.domain)
    }

    /// Gives the move up; returns before it is over.
    ///
    /// # Errors
    ///
    /// libvirt's.
    pub(crate) fn abort(&self) -> Result<(), Failure> {
        ffi::abort_job(&self.domain)
    }
}

/// Where a host stands with a guest, and whether a move out of it runs.
pub(crate) fn seen_on(connect: &Connect, uuid: GuestUuid) -> (Presence, bool) {
    let moving = || Moving::find(connect, uuid).and_then(|moving| moving.job());
    let presence = guest::presence(connect, uuid);
    // libvirt keeps the job of a guest that is torn, though nothing moves.
    let active = matches!(
        presence,
        Presence::There { state, reason, .. } if state.is_active() && !reason.is_torn()
    );
    (presence, active && matches!(moving(), Ok(JobState::MigratingOut(_))))
}

/// libvirt's flags for what the user chose.
fn flags(options: &MigrationOptions) -> u32 {
    let mut flags = match options.coverage {
        Coverage::Live => sys::VIR_MIGRATE_LIVE,
        Coverage::Stopped => 0,
        Coverage::Definition => sys::VIR_MIGRATE_OFFLINE | sys::VIR_MIGRATE_PERSIST_DEST,
    };
    flags |= match options.residence {
        Residence::UntilShutDown => 0,
        Residence::Permanent => sys::VIR_MIGRATE_PERSIST_DEST | sys::VIR_MIGRATE_UNDEFINE_SOURCE,
    };
    flags |= match options.transport {
        Transport::Direct => 0,
        Transport::PeerToPeer => sys::VIR_MIGRATE_PEER2PEER,
        Transport::Tunnelled => sys::VIR_MIGRATE_PEER2PEER | sys::VIR_MIGRATE_TUNNELLED,
    };
    flags |= match options.disks {
        DiskCopy::None => 0,
        DiskCopy::Full => sys::VIR_MIGRATE_NON_SHARED_DISK,
        DiskCopy::Incremental => sys::VIR_MIGRATE_NON_SHARED_INC,
    };
    let switches = [
        (options.postcopy, sys::VIR_MIGRATE_POSTCOPY),
        (options.auto_converge, sys::VIR_MIGRATE_AUTO_CONVERGE),
        (options.compression != Compression::None, sys::VIR_MIGRATE_COMPRESSED),
        (options.parallel.is_some(), sys::VIR_MIGRATE_PARALLEL),
        (options.allow_unsafe, sys::VIR_MIGRATE_UNSAFE),
        (options.tls, sys::VIR_MIGRATE_TLS),
        (options.abort_on_error, sys::VIR_MIGRATE_ABORT_ON_ERROR),
    ];
    for (_, flag) in switches.into_iter().filter(|&(on, _)| on) {
        flags |= flag;
    }
    flags
}

/// libvirt's parameters for what the user chose.
fn params(options: &MigrationOptions) -> Result<ParamList, Failure> {
    let mut list = ParamList::new();
    let texts = [
        (sys::VIR_MIGRATE_PARAM_URI, &options.migrate_uri),
        (sys::VIR_MIGRATE_PARAM_LISTEN_ADDRESS, &options.listen_address),
        (sys::VIR_MIGRATE_PARAM_DEST_NAME, &options.new_name),
        (sys::VIR_MIGRATE_PARAM_DEST_XML, &options.destination_xml),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            list.text(name, text)?;
        }
    }
    let persistent = flags(options) & sys::VIR_MIGRATE_PERSIST_DEST != 0;
    if let Some(xml) = options.destination_xml.as_ref().filter(|_| persistent) {
        // Without it the source's definition would be kept at the destination.
        list.text(sys::VIR_MIGRATE_PARAM_PERSIST_XML, xml)?;
    }
    if let Some(mibps) = options.bandwidth_mibps {
        list.ullong(sys::VIR_MIGRATE_PARAM_BANDWIDTH, mibps)?;
    }
    if let Some(mibps) = options.postcopy_bandwidth_mibps {
        list.ullong(sys::VIR_MIGRATE_PARAM_BANDWIDTH_POSTCOPY, mibps)?;
    }
    if let Some(connections) = options.parallel {
        let connections = i32::try_from(connections).unwrap_or(i32::MAX);
        list.int(sys::VIR_MIGRATE_PARAM_PARALLEL_CONNECTIONS, connections)?;
    }
    let method = match options.compression {
        Compression::None => None,
        Compression::Xbzrle => Some("xbzrle"),
        Compression::Zlib => Some("zlib"),
        Compression::Zstd => Some("zstd"),
    };
    if let Some(method) = method {
        list.text(sys::VIR_MIGRATE_PARAM_COMPRESSION, method)?;
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_say_what_was_chosen() {
        let live = MigrationOptions::default();
        assert_eq!(flags(&live), sys::VIR_MIGRATE_LIVE | sys::VIR_MIGRATE_PEER2PEER);
        let stopped = MigrationOptions {
            coverage: Coverage::Stopped,
            transport: Transport::Direct,
            ..MigrationOptions::default()
        };
        assert_eq!(flags(&stopped), 0);
        let definition = MigrationOptions {
            coverage: Coverage::Definition,
            residence: Residence::Permanent,
            ..stopped
        };
        assert_eq!(
            flags(&definition),
            sys::VIR_MIGRATE_OFFLINE
                | sys::VIR_MIGRATE_PERSIST_DEST
                | sys::VIR_MIGRATE_UNDEFINE_SOURCE
        );
        let all = MigrationOptions {
            postcopy: true,
            auto_converge: true,
            compression: Compression::Zstd,
            parallel: Some(4),
            allow_unsafe: true,
            tls: true,
            abort_on_error: true,
            disks: DiskCopy::Full,
            transport: Transport::Tunnelled,
            ..MigrationOptions::default()
        };
        let expected = sys::VIR_MIGRATE_LIVE
            | sys::VIR_MIGRATE_PEER2PEER
            | sys::VIR_MIGRATE_TUNNELLED
            | sys::VIR_MIGRATE_NON_SHARED_DISK
            | sys::VIR_MIGRATE_POSTCOPY
            | sys::VIR_MIGRATE_AUTO_CONVERGE
            | sys::VIR_MIGRATE_COMPRESSED
            | sys::VIR_MIGRATE_PARALLEL
            | sys::VIR_MIGRATE_UNSAFE
            | sys::VIR_MIGRATE_TLS
            | sys::VIR_MIGRATE_ABORT_ON_ERROR;
        assert_eq!(flags(&all), expected);
    }

    #[test]
    fn a_text_that_libvirt_cannot_take_is_a_failure() {
        let bad = MigrationOptions { new_name: Some("a\0b".into()), ..Default::default() };
        assert!(params(&bad).is_err());
    }
}
