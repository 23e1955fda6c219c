//! What a message of libvirt means: the cause, with the names in it, and what can be done.
//!
//! The class of a failure ([`FailureKind`]) is decided where libvirt's codes are known. Here its
//! text is read, for what the class cannot hold: which file, which name, which feature. The texts
//! are libvirt 11.3's (9.0's are the same where not said otherwise); those translated by a daemon
//! with another locale fall back to the class.

use crate::model::{Failure, FailureKind};

/// A failure, explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Why.
    pub cause: Cause,
    /// What the user can do.
    pub remedy: Remedy,
    /// The destination's half of the raw text (all of it, where it is not in halves): it normally holds the cause.
    pub text: String,
    /// The source's half, from libvirt 10.0 on.
    pub source_text: Option<String>,
}

/// Why it failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// All that is known is the class.
    Class(FailureKind),
    /// A guest of this name is there, and it is another guest.
    NameTaken(String),
    /// This guest runs there already.
    ActiveThere(String),
    /// The guest has this many snapshots; libvirt moves none.
    Snapshots(u64),
    /// This file cannot be opened there.
    FileMissing(String),
    /// This file is there, but QEMU may not open it.
    FileDenied(String),
    /// No active pool there has this directory.
    PoolMissing(String),
    /// This virtual network is missing there.
    NetworkMissing(String),
    /// This virtual network is there, but not started.
    NetworkInactive(String),
    /// This bridge is missing there.
    BridgeMissing(String),
    /// This name cannot be resolved from the source.
    NameUnknown(String),
    /// The destination calls itself localhost.
    NamedLocalhost,
    /// This address of the memory stream could not be reached from the source.
    AddressUnreachable(String),
    /// No port is free for the memory stream at the destination.
    PortsTaken,
    /// The source's daemon does not know the destination's ssh host key.
    HostKeyUnknown,
    /// These processor features are missing there.
    CpuFeatures(String),
    /// This machine type is not known there.
    MachineType(String),
    /// A device of the guest cannot be moved; QEMU says which.
    Blocked(String),
    /// Post-copy needs userfaultfd, which the daemon at the destination may not use.
    PostcopyForbidden,
    /// Certificates for the memory stream are missing or wrong.
    TlsUnusable,
    /// The host moves guests only encrypted.
    TlsRequired,
    /// The destination XML changes what the guest sees.
    XmlIncompatible(String),
    /// Another migration or other operation of this guest is under way.
    JobRunning,
    /// A disk of the guest failed while it moved, and it was to stop then.
    IoError,
    /// It arrived, but is not defined there.
    NotMadePersistent,
}

/// What the user can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Remedy {
    /// Nothing needs to be done.
    Nothing,
    /// Try again; look at both hosts first.
    TryAgain,
    /// Look at the link or the daemon, then try again.
    CheckLink,
    /// Give an address by which the source reaches the destination.
    GiveAddress,
    /// Open the ports 49152 to 49215 at the destination.
    OpenPorts,
    /// Give another name at the destination.
    Rename,
    /// Choose another destination, or change the guest's processor to one both hosts have.
    OtherHostOrCpu,
    /// Choose another destination, or make memory free there.
    OtherHostOrMemory,
    /// Put disks on storage both hosts see, or copy them.
    ShareOrCopyDisks,
    /// Let QEMU at the destination open the file.
    GrantAccess,
    /// Make room there.
    MakeRoom,
    /// Define and start the network there, or give a destination XML with another.
    PrepareNetwork,
    /// Delete the snapshots first.
    DeleteSnapshots,
    /// Remove the device first, or move the guest while it is shut off.
    RemoveDevice,
    /// Let this computer relay (direct), or give the source's daemon a login at the destination.
    UseDirect,
    /// Set certificates up, or switch encryption off.
    SetUpTls,
    /// Switch encryption on.
    SwitchTlsOn,
    /// Move without post-copy.
    WithoutPostcopy,
    /// Change only host-side parts of the destination XML.
    MendXml,
    /// Wait for the other operation.
    Wait,
    /// Install the same or a newer libvirt and QEMU there, or leave the option out.
    Update,
    /// Give the hosts different UUIDs.
    DifferentHosts,
    /// Ask for the right, or connect as another user.
    GetRights,
    /// Do not start or kill either side; mend the network, then recover.
    KeepBoth,
    /// Save the definition there.
    DefineThere,
    /// Start the guest again where it is.
    StartAgain,
    /// Read the raw text.
    ReadDetails,
}

/// Explains a failure.
#[must_use]
pub fn explain(failure: &Failure) -> Explanation {
    let (source_text, text) = halves(&failure.message);
    let cause = match failure.kind {
        FailureKind::Cancelled => Cause::Class(FailureKind::Cancelled),
        kind => cause(text).or_else(|| source_text.and_then(cause)).unwrap_or(Cause::Class(kind)),
    };
    Explanation {
        remedy: remedy(&cause),
        cause,
        text: text.to_owned(),
        source_text: source_text.map(String::from),
    }
}

/// Takes "migration failed. Message from the source host: … Message from the destination host: …"
/// apart (libvirt 10.0 and newer) into source and destination; other texts are all "destination".
fn halves(message: &str) -> (Option<&str>, &str) {
    let Some((_, rest)) = message.split_once("Message from the source host:") else {
        return (None, message.trim());
    };
    let Some((source, destination)) = rest.split_once("Message from the destination host:") else {
        return (None, rest.trim());
    };
    let source = source.trim().trim_end_matches(['.', ',', ';']);
    (Some(source), destination.trim())
}

/// One pattern: the texts that must all occur, in order, and what they mean; what stands between
/// the first and the second is given to it.
type Pattern = (&'static str, &'static str, fn(&str) -> Cause);

const PATTERNS: &[Pattern] = &[
    ("domain '", "' already exists with uuid", |name| Cause::NameTaken(name.into())),
    ("domain '", "' is already defined with uuid", |name| Cause::NameTaken(name.into())),
    ("domain '", "' is already active", |name| Cause::ActiveThere(name.into())),
    ("cannot migrate domain with ", " snapshot", |count| {
        count.parse().map_or(Cause::Blocked(count.into()), Cause::Snapshots)
    }),
    ("no storage pool with matching target path '", "'", |path| Cause::PoolMissing(path.into())),
    ("no network with matching name '", "'", |name| Cause::NetworkMissing(name.into())),
    ("network '", "' is not active", |name| Cause::NetworkInactive(name.into())),
    ("Unable to add bridge ", " port", |name| Cause::BridgeMissing(name.into())),
    ("Cannot get interface MTU on '", "'", |name| Cause::BridgeMissing(name.into())),
    ("hostname on destination resolved to localhost", "", |_| Cause::NamedLocalhost),
    ("Unable to resolve address '", "'", |name| Cause::NameUnknown(name.into())),
    ("unable to connect to server at '", "'", |address| Cause::AddressUnreachable(address.into())),
    ("Unable to find an unused port in range", "", |_| Cause::PortsTaken),
    ("Failed to reserve port", "", |_| Cause::PortsTaken),
    ("Host key verification failed", "", |_| Cause::HostKeyUnknown),
    ("missing features: ", "", |rest| Cause::CpuFeatures(first_line(rest))),
    ("does not provide required features: ", "", |rest| Cause::CpuFeatures(first_line(rest))),
    ("does not support machine type '", "'", |name| Cause::MachineType(name.into())),
    ("Userfaultfd not available", "", |_| Cause::PostcopyForbidden),
    ("Postcopy is not supported: ", "", |_| Cause::PostcopyForbidden),
    ("allows migration only with VIR_MIGRATE_TLS", "", |_| Cause::TlsRequired),
    ("TLS directory not configured", "", |_| Cause::TlsUnusable),
    ("TLS migration is not supported", "", |_| Cause::TlsUnusable),
    ("Cannot read from TLS channel", "", |_| Cause::TlsUnusable),
    ("certificate", "issuer", |_| Cause::TlsUnusable),
    ("owner does not match the hostname", "", |_| Cause::TlsUnusable),
    ("does not match source", "", |_| Cause::XmlIncompatible(String::new())),
    ("another migration job is already running", "", |_| Cause::JobRunning),
    ("domain has active block job", "", |_| Cause::JobRunning),
    ("cannot acquire state change lock", "", |_| Cause::JobRunning),
    ("cannot migrate domain with I/O error", "", |_| Cause::IoError),
    ("failed due to I/O error", "", |_| Cause::IoError),
    ("Failed to make domain persistent", "", |_| Cause::NotMadePersistent),
    ("cannot migrate domain: ", "", |rest| Cause::Blocked(first_line(rest))),
    ("devices cannot be migrated", "", |_| Cause::Blocked(String::new())),
    ("cannot migrate a domain with ", "", |rest| Cause::Blocked(first_line(rest))),
];

fn cause(text: &str) -> Option<Cause> {
    file(text)
        .or_else(|| {
            PATTERNS.iter().find_map(|(begin, end, meaning)| {
                let (_, rest) = text.split_once(begin)?;
                if end.is_empty() {
                    return Some(meaning(rest));
                }
                rest.split_once(end).map(|(name, _)| meaning(name))
            })
        })
        .map(|cause| match cause {
            Cause::XmlIncompatible(_) => Cause::XmlIncompatible(first_line(text)),
            Cause::Blocked(what) if what.is_empty() => Cause::Blocked(first_line(text)),
            cause => cause,
        })
}

/// "Cannot access storage file '…' (as uid:…): No such file or directory" and its kin.
fn file(text: &str) -> Option<Cause> {
    let begin =
        ["Cannot access storage file '", "Cannot access backing file '", "Could not open '"]
            .into_iter()
            .find_map(|begin| text.split_once(begin))?
            .1;
    let (path, rest) = begin.split_once('\'')?;
    let denied = rest.contains("Permission denied");
    Some(if denied { Cause::FileDenied(path.into()) } else { Cause::FileMissing(path.into()) })
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim().to_owned()
}

const fn remedy(cause: &Cause) -> Remedy {
    match cause {
        Cause::Class(kind) => remedy_of_class(*kind),
        Cause::NameTaken(_) | Cause::ActiveThere(_) => Remedy::Rename,
        Cause::Snapshots(_) => Remedy::DeleteSnapshots,
        Cause::FileMissing(_) | Cause::PoolMissing(_) => Remedy::ShareOrCopyDisks,
        Cause::FileDenied(_) => Remedy::GrantAccess,
        Cause::NetworkMissing(_) | Cause::NetworkInactive(_) | Cause::BridgeMissing(_) => {
            Remedy::PrepareNetwork
        }
        Cause::NameUnknown(_) | Cause::NamedLocalhost => Remedy::GiveAddress,
        Cause::AddressUnreachable(_) | Cause::PortsTaken => Remedy::OpenPorts,
        Cause::HostKeyUnknown => Remedy::UseDirect,
        Cause::CpuFeatures(_) => Remedy::OtherHostOrCpu,
        Cause::MachineType(_) => Remedy::Update,
        Cause::Blocked(_) => Remedy::RemoveDevice,
        Cause::PostcopyForbidden => Remedy::WithoutPostcopy,
        Cause::TlsUnusable => Remedy::SetUpTls,
        Cause::TlsRequired => Remedy::SwitchTlsOn,
        Cause::XmlIncompatible(_) => Remedy::MendXml,
        Cause::JobRunning => Remedy::Wait,
        Cause::IoError => Remedy::ReadDetails,
        Cause::NotMadePersistent => Remedy::DefineThere,
    }
}

const fn remedy_of_class(kind: FailureKind) -> Remedy {
    match kind {
        FailureKind::Cancelled => Remedy::Nothing,
        FailureKind::LinkLost
        | FailureKind::TimedOut
        | FailureKind::Refused
        | FailureKind::ChannelBroken => Remedy::CheckLink,
        FailureKind::UnknownHost | FailureKind::MigrationAddress => Remedy::GiveAddress,
        FailureKind::Authentication => Remedy::UseDirect,
        FailureKind::Denied => Remedy::GetRights,
        FailureKind::Exists => Remedy::Rename,
        FailureKind::Gone | FailureKind::WrongState => Remedy::TryAgain,
        FailureKind::Busy => Remedy::Wait,
        FailureKind::Unsupported => Remedy::Update,
        FailureKind::Cpu => Remedy::OtherHostOrCpu,
        FailureKind::Memory => Remedy::OtherHostOrMemory,
        FailureKind::Storage | FailureKind::Unsafe => Remedy::ShareOrCopyDisks,
        FailureKind::NoSpace => Remedy::MakeRoom,
        FailureKind::Network => Remedy::PrepareNetwork,
        FailureKind::SameHost => Remedy::DifferentHosts,
        FailureKind::GuestStopped => Remedy::StartAgain,
        FailureKind::PostcopyFailed => Remedy::KeepBoth,
        FailureKind::ToolMissing
        | FailureKind::BadUri
        | FailureKind::InUse
        | FailureKind::Corrupted
        | FailureKind::Other => Remedy::ReadDetails,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(kind: FailureKind, text: &str) -> (Cause, Remedy) {
        let explained = explain(&Failure::own(kind, text));
        (explained.cause, explained.remedy)
    }

    #[test]
    fn texts_of_libvirt() {
        let other = FailureKind::Other;
        let table: &[(&str, Cause, Remedy)] = &[
            (
                "operation failed: domain 'g1' already exists with uuid 6695eb01-f6a4-8304-79aa-97f2502e193f",
                Cause::NameTaken("g1".into()),
                Remedy::Rename,
            ),
            (
                "operation failed: domain 'it's' already exists with uuid 6695eb01",
                Cause::NameTaken("it's".into()),
                Remedy::Rename,
            ),
            (
                "Cannot access storage file '/run/x.qcow2' (as uid:0, gid:0): No such file or directory",
                Cause::FileMissing("/run/x.qcow2".into()),
                Remedy::ShareOrCopyDisks,
            ),
            (
                "Cannot access storage file '/srv/x.qcow2' (as uid:107, gid:107): Permission denied",
                Cause::FileDenied("/srv/x.qcow2".into()),
                Remedy::GrantAccess,
            ),
            (
                "Network not found: no network with matching name 'labnet'",
                Cause::NetworkMissing("labnet".into()),
                Remedy::PrepareNetwork,
            ),
            (
                "Unable to resolve address 'lab-nosuch' service '16509': Temporary failure in name resolution",
                Cause::NameUnknown("lab-nosuch".into()),
                Remedy::GiveAddress,
            ),
            (
                "unable to connect to server at '10.99.0.77:49152': No route to host",
                Cause::AddressUnreachable("10.99.0.77:49152".into()),
                Remedy::OpenPorts,
            ),
            (
                "Requested operation is not valid: cannot migrate domain with 1 snapshots",
                Cause::Snapshots(1),
                Remedy::DeleteSnapshots,
            ),
            (
                "operation failed: guest CPU doesn't match specification: missing features: avx512f,pku",
                Cause::CpuFeatures("avx512f,pku".into()),
                Remedy::OtherHostOrCpu,
            ),
            (
                "internal error: unable to execute QEMU command 'migrate-set-capabilities': Postcopy is \
                 not supported: Userfaultfd not available: Operation not permitted",
                Cause::PostcopyForbidden,
                Remedy::WithoutPostcopy,
            ),
            (
                "Storage pool not found: no storage pool with matching target path '/var/lib/libvirt/images'",
                Cause::PoolMissing("/var/lib/libvirt/images".into()),
                Remedy::ShareOrCopyDisks,
            ),
            (
                "Cannot recv data: Host key verification failed.: Connection reset by peer",
                Cause::HostKeyUnknown,
                Remedy::UseDirect,
            ),
            (
                "Timed out during operation: cannot acquire state change lock (held by \
                 monitor=remoteDispatchDomainMigratePerform3Params)",
                Cause::JobRunning,
                Remedy::Wait,
            ),
            (
                "unsupported configuration: Target domain uuid a does not match source b",
                Cause::XmlIncompatible(
                    "unsupported configuration: Target domain uuid a does not match source b"
                        .into(),
                ),
                Remedy::MendXml,
            ),
            (
                "Requested operation is not valid: cannot migrate domain: 0000:00:05.0: VFIO device doesn't support migration",
                Cause::Blocked("0000:00:05.0: VFIO device doesn't support migration".into()),
                Remedy::RemoveDevice,
            ),
        ];
        for (text, cause, remedy) in table {
            assert_eq!(told(other, text), (cause.clone(), *remedy), "{text}");
        }
    }

    #[test]
    fn without_a_known_text_the_class_speaks() {
        for (kind, remedy) in [
            (FailureKind::Unsafe, Remedy::ShareOrCopyDisks),
            (FailureKind::ChannelBroken, Remedy::CheckLink),
            (FailureKind::PostcopyFailed, Remedy::KeepBoth),
            (FailureKind::GuestStopped, Remedy::StartAgain),
            (FailureKind::Other, Remedy::ReadDetails),
        ] {
            assert_eq!(told(kind, "Ein Fehler"), (Cause::Class(kind), remedy));
        }
        let cancelled = "operation aborted: job 'migration out' canceled by client";
        assert_eq!(
            told(FailureKind::Cancelled, cancelled),
            (Cause::Class(FailureKind::Cancelled), Remedy::Nothing)
        );
    }

    #[test]
    fn the_destinations_half_speaks_first() {
        let text = "operation failed: migration failed. Message from the source host: operation \
                    failed: job 'migration out' failed: Channel error: Input/output error. Message \
                    from the destination host: operation failed: job 'migration in' failed: Could \
                    not open '/srv/a b.qcow2': No such file or directory";
        let explained = explain(&Failure::own(FailureKind::ChannelBroken, text));
        assert_eq!(explained.cause, Cause::FileMissing("/srv/a b.qcow2".into()));
        assert!(explained.text.starts_with("operation failed: job 'migration in' failed"));
        let source = explained.source_text.unwrap_or_default();
        assert_eq!(
            source,
            "operation failed: job 'migration out' failed: Channel error: Input/output error"
        );
    }

    #[test]
    fn torn_halves_lose_nothing() {
        for text in ["", "Message from the source host:", "x. Message from the source host: y"] {
            let explained = explain(&Failure::own(FailureKind::Other, text));
            assert_eq!(explained.cause, Cause::Class(FailureKind::Other));
            assert!(explained.source_text.is_none());
        }
    }
}
