//! From libvirt's errors to the classes of [`FailureKind`].
//!
//! Codes decide where they say enough; libvirt's catch-all codes (1 internal, 9 operation failed,
//! 38 system, 39 RPC …) are told apart by text. Texts as of libvirt 9.0 to 11.3; a daemon that
//! speaks another language falls back to what its code says.

use virt::error::Error;
use virt_sys as sys;

use crate::model::{Failure, FailureKind};

/// libvirt's error as a value, classified.
pub(crate) fn from_virt(error: &Error) -> Failure {
    let code = i32::try_from(error.code().to_raw()).unwrap_or(0);
    let domain = i32::try_from(error.domain().to_raw()).unwrap_or(0);
    let message = error.message().to_owned();
    Failure { kind: classify(code, domain, &message), code, domain, message }
}

/// The class of an error.
fn classify(code: i32, domain: i32, message: &str) -> FailureKind {
    if let Some(kind) = by_code(code) {
        return kind;
    }
    // libvirt 10.0 and newer join both hosts' errors; the destination's holds the cause.
    if let Some((source, destination)) = message.split_once("Message from the destination host:")
        && let Some(kind) = by_text(destination).or_else(|| by_text(source))
    {
        return kind;
    }
    by_text(message).unwrap_or_else(|| by_origin(code, domain))
}

/// Codes that say all there is to know.
fn by_code(code: i32) -> Option<FailureKind> {
    Some(match u32::try_from(code).ok()? {
        sys::VIR_ERR_OPERATION_ABORTED => FailureKind::Cancelled,
        sys::VIR_ERR_MIGRATE_UNSAFE => FailureKind::Unsafe,
        sys::VIR_ERR_CPU_INCOMPATIBLE => FailureKind::Cpu,
        sys::VIR_ERR_NO_DOMAIN => FailureKind::Gone,
        sys::VIR_ERR_NO_NETWORK => FailureKind::Network,
        sys::VIR_ERR_NO_STORAGE_POOL | sys::VIR_ERR_NO_STORAGE_VOL => FailureKind::Storage,
        sys::VIR_ERR_AUTH_FAILED | sys::VIR_ERR_AUTH_CANCELLED | sys::VIR_ERR_AUTH_UNAVAILABLE => {
            FailureKind::Authentication
        }
        sys::VIR_ERR_OPERATION_DENIED | sys::VIR_ERR_ACCESS_DENIED => FailureKind::Denied,
        sys::VIR_ERR_DOM_EXIST | sys::VIR_ERR_STORAGE_VOL_EXIST => FailureKind::Exists,
        sys::VIR_ERR_UNKNOWN_HOST => FailureKind::UnknownHost,
        sys::VIR_ERR_OPERATION_TIMEOUT | sys::VIR_ERR_RESOURCE_BUSY => FailureKind::Busy,
        sys::VIR_ERR_NO_MEMORY => FailureKind::Memory,
        _ => return None,
    })
}

/// What a code says when its text says nothing.
fn by_origin(code: i32, domain: i32) -> FailureKind {
    let rpc = u32::try_from(domain) == Ok(sys::VIR_FROM_RPC);
    match u32::try_from(code).unwrap_or(0) {
        sys::VIR_ERR_OPERATION_INVALID => FailureKind::WrongState,
        sys::VIR_ERR_NO_SUPPORT
        | sys::VIR_ERR_CONFIG_UNSUPPORTED
        | sys::VIR_ERR_ARGUMENT_UNSUPPORTED
        | sys::VIR_ERR_OPERATION_UNSUPPORTED => FailureKind::Unsupported,
        sys::VIR_ERR_NO_CONNECT => FailureKind::BadUri,
        // A lost link has no code of its own (libvirt-rust.md §2.3).
        sys::VIR_ERR_INTERNAL_ERROR | sys::VIR_ERR_SYSTEM_ERROR if rpc => FailureKind::LinkLost,
        sys::VIR_ERR_GNUTLS_ERROR => FailureKind::Authentication,
        _ => FailureKind::Other,
    }
}

/// Texts in the order in which they are looked for: the cause before what followed from it.
const TEXTS: &[(FailureKind, &[&str])] = &[
    (FailureKind::Unsupported, &["Postcopy is not supported", "Postcopy is not yet compatible"]),
    (FailureKind::Cancelled, &["canceled by client", "cancelled by client"]),
    (FailureKind::PostcopyFailed, &["post-copy phase"]),
    (FailureKind::SameHost, &["guest to the same host"]),
    (FailureKind::Unsafe, &["without shared storage is unsafe", "may lead to data corruption"]),
    (
        FailureKind::Exists,
        &["already exists with uuid", "already defined with uuid", "is already active as"],
    ),
    (FailureKind::NoSpace, &["No space left on device"]),
    (
        FailureKind::Storage,
        &[
            "Cannot access storage file",
            "Cannot access backing file",
            "Storage pool not found",
            "Storage volume not found",
            "no storage pool with matching",
            "no storage vol with matching",
            "cannot precreate storage",
            "Source and target image have different sizes",
            "Failed to get \"write\" lock",
        ],
    ),
    (
        FailureKind::Network,
        &["Network not found", "no network with matching", "Cannot get interface"],
    ),
    (
        FailureKind::Memory,
        &["Cannot allocate memory", "cannot set up guest memory", "unable to map backing store"],
    ),
    (
        FailureKind::Cpu,
        &[
            "CPU is incompatible",
            "CPU are not compatible",
            "CPU not compatible",
            "missing features:",
        ],
    ),
    (
        FailureKind::Busy,
        &[
            "cannot acquire state change lock",
            "another migration job is already",
            "has asynchronous jobs running",
            "is still being allocated",
            "' is still in use.",
        ],
    ),
    (FailureKind::MigrationAddress, &["resolved to localhost, but migration requires an FQDN"]),
    (
        FailureKind::UnknownHost,
        &["Unable to resolve address", "Could not resolve hostname", "Name or service not known"],
    ),
    (
        FailureKind::Authentication,
        &[
            "Permission denied (publickey",
            "Permission denied, please try again",
            "Host key verification failed",
            "Too many authentication failures",
            "authentication failed",
            "Certificate",
            "certificate",
        ],
    ),
    (
        FailureKind::ToolMissing,
        &[
            "command not found",
            "Cannot find 'ssh'",
            "ssh: not found",
            "nc: not found",
            "'ssh' in path",
        ],
    ),
    (FailureKind::TimedOut, &["Connection timed out: Connection reset", "Operation timed out"]),
    (
        FailureKind::Refused,
        &[
            "Connection refused",
            "No route to host",
            "Network is unreachable",
            "socket to '",
            "Failed to find user record",
        ],
    ),
    (
        FailureKind::ChannelBroken,
        &[
            "Channel error",
            "unexpectedly closed the monitor",
            "load of migration failed",
            "job 'migration out' failed",
        ],
    ),
    (
        FailureKind::LinkLost,
        &[
            "keepalive timeout",
            "client socket is closed",
            "End of file while reading data",
            "Connection reset by peer",
            "Broken pipe",
            "hangup event on socket",
            "Lost connection to destination host",
        ],
    ),
    (FailureKind::TimedOut, &["Connection timed out"]),
    (FailureKind::GuestStopped, &["operation failed: domain is not running"]),
    (FailureKind::WrongState, &["is already running"]),
    (FailureKind::BadUri, &["no connection driver available", "Unable to parse URI", "malformed"]),
];

/// libvirt takes ports for memory streams from here on (`migration_port_min` in qemu.conf); its
/// daemons listen far below.
const FIRST_MIGRATION_PORT: u16 = 49152;

fn by_text(message: &str) -> Option<FailureKind> {
    // "Permission denied" on the daemon's socket is a missing right, not an absent daemon.
    if message.contains("socket to '") && message.contains("Permission denied") {
        return Some(FailureKind::Denied);
    }
    let kind = TEXTS
        .iter()
        .find(|(_, texts)| texts.iter().any(|text| message.contains(text)))
        .map(|&(kind, _)| kind)?;
    let address =
        matches!(kind, FailureKind::UnknownHost | FailureKind::Refused | FailureKind::TimedOut);
    Some(if address && names_migration_port(message) {
        FailureKind::MigrationAddress
    } else {
        kind
    })
}

/// Whether the address in the text is one of a memory stream, such as `'10.0.0.2:49152'`.
fn names_migration_port(message: &str) -> bool {
    message
        .split(|character: char| !character.is_ascii_digit())
        .filter_map(|digits| digits.parse().ok())
        .any(|port: u16| port >= FIRST_MIGRATION_PORT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use FailureKind as Kind;

    /// The texts of libvirt-rust.md §2.1 to §2.3 and migration.md P-b, with code and domain where known.
    const SEEN: &[(i32, i32, &str, Kind)] = &[
        (78, 10, "operation aborted: job 'migration out' canceled by client", Kind::Cancelled),
        (1, 7, "internal error: client socket is closed", Kind::LinkLost),
        (
            9,
            10,
            "operation failed: job 'migration out' failed: Channel error: Input/output error",
            Kind::ChannelBroken,
        ),
        (9, 20, "operation failed: domain is not running", Kind::GuestStopped),
        (38, 7, "End of file while reading data: Input/output error", Kind::LinkLost),
        (
            9,
            10,
            "operation failed: job 'migration out' failed: Unable to read from socket: Connection timed out",
            Kind::ChannelBroken,
        ),
        (1, 7, "internal error: connection closed due to keepalive timeout", Kind::LinkLost),
        (1, 7, "received hangup event on socket", Kind::LinkLost),
        (
            9,
            10,
            "operation failed: job 'migration in' failed in post-copy phase",
            Kind::PostcopyFailed,
        ),
        (81, 10, "Unsafe migration: Migration without shared storage is unsafe", Kind::Unsafe),
        (9, 20, "operation failed: domain 'g1' already exists with uuid 1234", Kind::Exists),
        (
            38,
            0,
            "Cannot access storage file '/run/x.qcow2' (as uid:0, gid:0): No such file or directory",
            Kind::Storage,
        ),
        (43, 19, "Network not found: no network with matching name 'labnet'", Kind::Network),
        (
            38,
            7,
            "Unable to resolve address 'lab-nosuch' service '16509': Temporary failure in name resolution",
            Kind::UnknownHost,
        ),
        (
            38,
            7,
            "Unable to resolve address 'vb' service '49152': Name or service not known",
            Kind::MigrationAddress,
        ),
        (
            38,
            7,
            "unable to connect to server at '10.99.0.77:49152': No route to host",
            Kind::MigrationAddress,
        ),
        (
            38,
            7,
            "unable to connect to server at '10.99.0.77:16509': Connection refused",
            Kind::Refused,
        ),
        (
            38,
            7,
            "Cannot recv data: ssh: connect to host lab-b port 22: Connection refused: Connection reset by peer",
            Kind::Refused,
        ),
        (
            38,
            7,
            "Cannot recv data: Host key verification failed.: Connection reset by peer",
            Kind::Authentication,
        ),
        (
            38,
            7,
            "Cannot recv data: bash: line 1: nc: command not found: Connection reset by peer",
            Kind::ToolMissing,
        ),
        (38, 7, "Cannot recv data: Connection reset by peer", Kind::LinkLost),
        (
            38,
            7,
            "Failed to connect socket to '/run/libvirt/libvirt-sock': No such file or directory",
            Kind::Refused,
        ),
        (
            38,
            7,
            "Failed to connect socket to '/run/libvirt/libvirt-sock': Permission denied",
            Kind::Denied,
        ),
        (1, 10, "internal error: Attempt to migrate guest to the same host 1234", Kind::SameHost),
        (
            67,
            10,
            "unsupported configuration: Target domain uuid 1 does not match source 2",
            Kind::Unsupported,
        ),
        (
            68,
            10,
            "Timed out during operation: cannot acquire state change lock (held by monitor=remoteDispatchDomainMigratePerform3Params)",
            Kind::Busy,
        ),
        (42, 10, "Domain not found: no domain with matching uuid", Kind::Gone),
        (55, 10, "Requested operation is not valid: domain is not running", Kind::WrongState),
        (
            3,
            0,
            "this function is not supported by the connection driver: virDomainMigrate3",
            Kind::Unsupported,
        ),
        (
            74,
            10,
            "argument unsupported: p2p migration is not supported by the source host",
            Kind::Unsupported,
        ),
        (45, 7, "authentication failed: authentication failed", Kind::Authentication),
        (5, 0, "no connection driver available for nonsense:///", Kind::BadUri),
        (
            1,
            10,
            "internal error: hostname on destination resolved to localhost, but migration requires an FQDN",
            Kind::MigrationAddress,
        ),
        (
            1,
            10,
            "internal error: unable to execute QEMU command 'migrate-set-capabilities': Postcopy is not supported: Userfaultfd not available: Operation not permitted",
            Kind::Unsupported,
        ),
        (1, 7, "unheard of", Kind::LinkLost),
        (9, 10, "unheard of", Kind::Other),
    ];

    #[test]
    fn what_was_seen_falls_into_its_class() {
        for &(code, domain, message, kind) in SEEN {
            assert_eq!(classify(code, domain, message), kind, "{message}");
        }
    }

    /// libvirt's own German: where a code says enough, no text is needed; where it does not, the
    /// failure is one without a name, and its text is shown.
    #[test]
    fn a_daemon_in_another_language_is_understood_by_its_codes() {
        for (code, domain, message, kind) in [
            (
                78,
                10,
                "Operation abgebrochen: Job 'migration out' vom Client abgebrochen",
                Kind::Cancelled,
            ),
            (81, 10, "Unsichere Migration: Migration ohne gemeinsamen Speicher", Kind::Unsafe),
            (91, 10, "Die CPU des Gastes passt nicht", Kind::Cpu),
            (42, 10, "Domain nicht gefunden", Kind::Gone),
            (43, 19, "Netzwerk nicht gefunden", Kind::Network),
            (49, 18, "Speicherpool nicht gefunden", Kind::Storage),
            (68, 10, "Zeitüberschreitung bei der Operation", Kind::Busy),
            (55, 10, "Angeforderte Operation ist ungültig", Kind::WrongState),
            (67, 10, "nicht unterstützte Konfiguration", Kind::Unsupported),
            (38, 7, "Ende der Datei beim Lesen von Daten", Kind::LinkLost),
            (45, 7, "Authentifizierung fehlgeschlagen", Kind::Authentication),
            (9, 10, "Operation fehlgeschlagen: etwas ging schief", Kind::Other),
        ] {
            assert_eq!(classify(code, domain, message), kind, "{message}");
        }
    }

    #[test]
    fn of_two_joined_errors_the_destination_s_decides() {
        let joined = "operation failed: migration failed. Message from the source host: operation \
             failed: job 'migration out' failed: Channel error. Message from the destination host: \
             internal error: cannot set up guest memory 'pc.ram': Cannot allocate memory";
        assert_eq!(classify(9, 10, joined), Kind::Memory);
    }
}
