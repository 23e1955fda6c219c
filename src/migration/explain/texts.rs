//! libvirt's and QEMU's sentences, and what each means.

use super::file::file;
use super::{Cause, DiskCause, GuestCause, HostCause, NetworkCause, WishCause};
use crate::model::FailureKind as Kind;

/// What a text means.
#[derive(Clone, Copy, Debug)]
enum Meaning {
    /// What stands between the two parts of the pattern is the name in question.
    Named(fn(String) -> Cause),
    /// The sentence itself says it best.
    Said(fn(String) -> Cause),
    /// There is no more to it.
    Plain(fn() -> Cause),
    /// It is of this class.
    Class(Kind),
}

use Meaning::{Class, Named, Plain, Said};

/// Two texts that must both occur, in this order, and what they mean. An empty second text is
/// always there.
type Pattern = (&'static str, &'static str, Meaning);

/// In the order in which they are looked for: the cause before what followed from it, the
/// particular before the general.
const PATTERNS: &[&[Pattern]] = &[
    IDENTITY, DISKS, NETWORK, PROCESSOR, GUEST, POSTCOPY, TLS, OPTIONS, XML, DAEMONS, FILES, COURSE,
];

const IDENTITY: &[Pattern] = &[
    ("domain '", "' already exists with uuid", Named(|it| GuestCause::NameTaken(it).into())),
    ("domain '", "' is already defined with uuid", Named(|it| GuestCause::NameTaken(it).into())),
    ("domain '", "' is already active", Named(|it| GuestCause::ActiveThere(it).into())),
    ("domain '", "' is already being removed", Plain(|| GuestCause::JobRunning.into())),
    ("domain '", "' is being migrated out", Plain(|| GuestCause::JobRunning.into())),
    ("domain '", "' is already being started", Plain(|| GuestCause::JobRunning.into())),
    ("guest to the same host", "", Class(Kind::SameHost)),
    ("Unable to obtain host UUID", "", Plain(|| HostCause::NoHostUuid.into())),
    ("no domain with matching", "", Class(Kind::Gone)),
];

const DISKS: &[Pattern] = &[
    (
        "no storage pool with matching target path '",
        "'",
        Named(|it| DiskCause::PoolMissing(it).into()),
    ),
    ("Failed to get \"write\" lock", "", Plain(|| DiskCause::ImageInUse.into())),
    ("Source and target image have different sizes", "", Plain(|| DiskCause::SizesDiffer.into())),
    ("No space left on device", "", Class(Kind::NoSpace)),
    ("without shared storage is unsafe", "", Class(Kind::Unsafe)),
    ("may lead to data corruption", "", Class(Kind::Unsafe)),
    ("no secret with matching ", "", Said(|it| DiskCause::SecretMissing(it).into())),
    ("malformed disk path", "", Said(|it| DiskCause::NotCopyable(it).into())),
    ("cannot precreate storage for disk type", "", Said(|it| DiskCause::NotCopyable(it).into())),
    (
        "pre-creation of storage target",
        "not supported",
        Said(|it| DiskCause::NotCopyable(it).into()),
    ),
    ("unable to find disk target", "", Said(|it| DiskCause::NotCopyable(it).into())),
    ("disk target ", " not found", Said(|it| DiskCause::NotCopyable(it).into())),
    ("Can't find disk '", "' in domain definition", Said(|it| DiskCause::NotCopyable(it).into())),
    (
        "non-shared storage migration into",
        "not supported",
        Said(|it| DiskCause::NotCopyable(it).into()),
    ),
    ("Cannot migrate empty or read-only disk", "", Said(|it| DiskCause::NotCopyable(it).into())),
    ("migration of disk ", " failed", Said(|it| DiskCause::CopyFailed(it).into())),
    ("missing block job data for disk", "", Said(|it| DiskCause::CopyFailed(it).into())),
    ("failed to find data for block node", "", Said(|it| DiskCause::CopyFailed(it).into())),
    (
        "non-shared disks requested but NBD is not set up",
        "",
        Said(|it| DiskCause::CopyFailed(it).into()),
    ),
];

/// After all that says more: busy, broken, or gone stale at the server.
const FILES: &[Pattern] = &[
    ("Cannot access storage file '", "", Said(|it| DiskCause::FileUnreadable(it).into())),
    ("Cannot access backing file '", "", Said(|it| DiskCause::FileUnreadable(it).into())),
    ("Could not open '", "", Said(|it| DiskCause::FileUnreadable(it).into())),
];

const NETWORK: &[Pattern] = &[
    ("no network with matching name '", "'", Named(|it| NetworkCause::NetworkMissing(it).into())),
    ("network '", "' is not active", Named(|it| NetworkCause::NetworkInactive(it).into())),
    ("no nwfilter with matching name '", "'", Named(|it| NetworkCause::FilterMissing(it).into())),
    ("Unable to add bridge ", " port", Named(|it| NetworkCause::BridgeMissing(it).into())),
    ("Cannot get interface MTU on '", "'", Named(|it| NetworkCause::BridgeMissing(it).into())),
    ("OVS port data for interface ", "", Named(|it| NetworkCause::SwitchPort(it).into())),
    ("Port profile Associate failed for ", "", Named(|it| NetworkCause::SwitchPort(it).into())),
    (
        "resolved to localhost, but migration requires",
        "",
        Plain(|| NetworkCause::NamedLocalhost.into()),
    ),
    ("Unable to resolve address '", "'", Named(|it| NetworkCause::NameUnknown(it).into())),
    (
        "unable to connect to server at '",
        "'",
        Named(|it| NetworkCause::AddressUnreachable(it).into()),
    ),
    ("Unable to find an unused port in range", "", Plain(|| NetworkCause::PortsTaken.into())),
    ("Failed to reserve port", "", Plain(|| NetworkCause::PortsTaken.into())),
    ("Failed to bind socket", "", Plain(|| NetworkCause::PortsTaken.into())),
    ("Address already in use", "", Plain(|| NetworkCause::PortsTaken.into())),
    ("Host key verification failed", "", Plain(|| HostCause::HostKeyUnknown.into())),
    ("host isn't capable of IPv6", "", Said(|it| NetworkCause::AddressMalformed(it).into())),
    ("No URI scheme specified", "", Said(|it| NetworkCause::AddressMalformed(it).into())),
    (
        "URI with tcp scheme did not provide a server",
        "",
        Said(|it| NetworkCause::AddressMalformed(it).into()),
    ),
    (
        "UNIX disks URI does not include path",
        "",
        Said(|it| NetworkCause::AddressMalformed(it).into()),
    ),
    ("Unsupported scheme in disks URI", "", Said(|it| NetworkCause::AddressMalformed(it).into())),
    ("nbd port must be in range", "", Said(|it| NetworkCause::AddressMalformed(it).into())),
    ("in migration URI", "", Said(|it| NetworkCause::AddressMalformed(it).into())),
    ("unknown migration protocol", "", Said(|it| NetworkCause::AddressMalformed(it).into())),
    ("did not set uri", "", Plain(|| HostCause::VersionsDiffer.into())),
];

const PROCESSOR: &[Pattern] = &[
    ("extra features: ", "missing features: ", Said(|it| HostCause::CpuDiffers(it).into())),
    ("missing features: ", "", Named(|it| HostCause::CpuFeatures(it).into())),
    ("does not provide required features: ", "", Named(|it| HostCause::CpuFeatures(it).into())),
    ("guest CPU doesn't match specification", "", Said(|it| HostCause::CpuDiffers(it).into())),
    ("Host CPU ", "features", Said(|it| HostCause::CpuDiffers(it).into())),
    ("Host CPU does not strictly match", "", Said(|it| HostCause::CpuDiffers(it).into())),
    ("CPU arch ", " does not match host arch", Said(|it| HostCause::CpuDiffers(it).into())),
    ("host CPU vendor does not match", "", Said(|it| HostCause::CpuDiffers(it).into())),
    ("CPU vendor", "", Said(|it| HostCause::CpuDiffers(it).into())),
    ("unknown host CPU", "", Said(|it| HostCause::CpuDiffers(it).into())),
    ("nknown CPU ", "", Said(|it| HostCause::CpuDiffers(it).into())),
    ("CPU model ", "not supported by hypervisor", Said(|it| HostCause::CpuDiffers(it).into())),
    ("Cannot find suitable CPU model", "", Said(|it| HostCause::CpuDiffers(it).into())),
    ("CPUs are incompatible", "", Said(|it| HostCause::CpuDiffers(it).into())),
    ("conflicting CPU data", "", Said(|it| HostCause::CpuDiffers(it).into())),
    ("does not support machine type '", "'", Named(|it| HostCause::MachineType(it).into())),
    ("does not support virt type", "", Plain(|| HostCause::NoVirtualisation.into())),
    ("does not support arch", "", Plain(|| HostCause::NoVirtualisation.into())),
    ("Cannot check QEMU binary ", ":", Named(|it| HostCause::EmulatorMissing(it).into())),
    ("unable to find any master var store", "", Plain(|| HostCause::FirmwareMissing.into())),
    ("firmware that is compatible", "", Plain(|| HostCause::FirmwareMissing.into())),
    ("Cannot allocate memory", "", Class(Kind::Memory)),
    ("cannot set up guest memory", "", Class(Kind::Memory)),
    ("unable to map backing store", "", Class(Kind::Memory)),
    ("hugetlbfs filesystem is not mounted", "", Class(Kind::Memory)),
];

const GUEST: &[Pattern] = &[
    ("cannot migrate domain with I/O error", "", Plain(|| GuestCause::IoError.into())),
    ("failed due to I/O error", "", Plain(|| GuestCause::IoError.into())),
    ("cannot migrate domain: ", "", Named(|it| GuestCause::Blocked(it).into())),
    ("cannot migrate a domain with ", "", Named(|it| GuestCause::Blocked(it).into())),
    ("cannot migrate this domain without", "", Said(|it| GuestCause::Blocked(it).into())),
    ("invalid hostdev ", "", Said(|it| GuestCause::Blocked(it).into())),
    ("domain is marked for auto destroy", "", Said(|it| GuestCause::Blocked(it).into())),
    (
        "CPU feature but TSC frequency is not specified",
        "",
        Said(|it| GuestCause::Blocked(it).into()),
    ),
    ("dimm info lacks slot ID", "", Said(|it| GuestCause::Blocked(it).into())),
    ("cannot be migrated", "", Said(|it| GuestCause::Blocked(it).into())),
    ("virtiofs device is not supported", "", Said(|it| GuestCause::Blocked(it).into())),
    ("with transient disk is not supported", "", Said(|it| GuestCause::Blocked(it).into())),
    ("swtpm does not support migration", "", Said(|it| GuestCause::Blocked(it).into())),
    ("another migration job is already running", "", Plain(|| GuestCause::JobRunning.into())),
    ("domain has active block job", "", Plain(|| GuestCause::JobRunning.into())),
    ("cannot acquire state change lock", "", Plain(|| GuestCause::JobRunning.into())),
    ("Failed to make domain persistent", "", Plain(|| GuestCause::NotMadePersistent.into())),
    ("Failed to resume guest", "", Plain(|| GuestCause::NotResumed.into())),
    ("resume operation failed", "", Plain(|| GuestCause::NotResumed.into())),
];

const POSTCOPY: &[Pattern] = &[
    ("Userfaultfd not available", "", Plain(|| WishCause::PostcopyForbidden.into())),
    ("Postcopy is not supported: ", "", Plain(|| WishCause::PostcopyForbidden.into())),
    ("Postcopy is not yet compatible with", "", Said(|it| WishCause::OptionsWrong(it).into())),
    ("cannot abort migration in post-copy mode", "", Plain(|| WishCause::PostcopyNoWayBack.into())),
    ("failed in post-copy phase", "", Class(Kind::PostcopyFailed)),
    ("null pointer when post-copy is taken up", "", Plain(|| HostCause::CrashesOnRecovery.into())),
    (
        "resuming failed post-copy migration requires",
        "",
        Said(|it| WishCause::OptionsWrong(it).into()),
    ),
    (
        "is being actively monitored by another",
        "",
        Said(|it| WishCause::RecoveryRefused(it).into()),
    ),
    ("is not in post-copy phase", "", Said(|it| WishCause::RecoveryRefused(it).into())),
    (
        "post-copy migration of domain ",
        " has not failed",
        Said(|it| WishCause::RecoveryRefused(it).into()),
    ),
    (
        "resuming failed post-copy",
        "already in progress",
        Said(|it| WishCause::RecoveryRefused(it).into()),
    ),
    (
        "QEMU reports migration is still running",
        "",
        Said(|it| WishCause::RecoveryRefused(it).into()),
    ),
    ("switching to post-copy requires", "", Said(|it| WishCause::OptionsWrong(it).into())),
    ("post-copy can only be started while", "", Class(Kind::WrongState)),
    ("cannot abort incoming migration", "", Class(Kind::WrongState)),
];

const TLS: &[Pattern] = &[
    ("allows migration only with VIR_MIGRATE_TLS", "", Plain(|| HostCause::TlsRequired.into())),
    ("Unable to access credentials", "", Plain(|| HostCause::TlsUnusable.into())),
    ("TLS directory not configured", "", Plain(|| HostCause::TlsUnusable.into())),
    ("TLS migration is not supported with", "", Plain(|| HostCause::TlsUnusable.into())),
    ("Cannot read from TLS channel", "", Plain(|| HostCause::TlsUnusable.into())),
    ("unable to read server cert", "", Plain(|| HostCause::TlsUnusable.into())),
    ("cannot initialize cert object", "", Plain(|| HostCause::TlsUnusable.into())),
    ("cannot load cert data", "", Plain(|| HostCause::TlsUnusable.into())),
    ("cannot get cert distinguished name", "", Plain(|| HostCause::TlsUnusable.into())),
    ("ertificate", "issuer", Plain(|| HostCause::TlsUnusable.into())),
    ("owner does not match the hostname", "", Plain(|| HostCause::TlsUnusable.into())),
];

const OPTIONS: &[Pattern] = &[
    (" on to tune it", "", Said(|it| WishCause::OptionsWrong(it).into())),
    ("bandwidth must be less than", "", Said(|it| WishCause::OptionsWrong(it).into())),
    ("migration parameter '", "' must be less than", Said(|it| WishCause::OptionsWrong(it).into())),
    ("invalid value '", "migration parameter", Said(|it| WishCause::OptionsWrong(it).into())),
    ("missing value for migration parameter", "", Said(|it| WishCause::OptionsWrong(it).into())),
    (
        "NBD migration with TLS is not supported over",
        "",
        Said(|it| WishCause::OptionsWrong(it).into()),
    ),
    (
        "Explicit destination hostname is required for TLS",
        "",
        Said(|it| WishCause::OptionsWrong(it).into()),
    ),
    (
        "post-copy migration is not supported with non-live",
        "",
        Said(|it| WishCause::OptionsWrong(it).into()),
    ),
    ("not supported with tunnelled migration", "", Said(|it| WishCause::OptionsWrong(it).into())),
    ("not supported by tunnelled migration", "", Said(|it| WishCause::OptionsWrong(it).into())),
    (
        "offline migration cannot handle non-shared",
        "",
        Said(|it| WishCause::OptionsWrong(it).into()),
    ),
    ("offline migration must be specified with", "", Said(|it| WishCause::OptionsWrong(it).into())),
    (
        "tunnelled offline migration does not make sense",
        "",
        Said(|it| WishCause::OptionsWrong(it).into()),
    ),
    ("zero-copy is only available for parallel", "", Said(|it| WishCause::OptionsWrong(it).into())),
    ("use of 'VIR_MIGRATE_PARAM", "requires use of", Said(|it| WishCause::OptionsWrong(it).into())),
    ("RDMA migration with no memory hard limit", "", Said(|it| WishCause::OptionsWrong(it).into())),
    ("Compression method '", "", Said(|it| WishCause::OptionsWrong(it).into())),
    ("Only one compression method could be", "", Said(|it| WishCause::OptionsWrong(it).into())),
    ("No compression algorithm selected", "", Said(|it| WishCause::OptionsWrong(it).into())),
    ("Unexpected dconnuri parameter", "", Said(|it| WishCause::OptionsWrong(it).into())),
    ("tunnelled migration requested but NULL", "", Said(|it| WishCause::OptionsWrong(it).into())),
    ("Unsupported compression method", "", Said(|it| WishCause::OptionUnknown(it).into())),
    (
        "RDMA migration is not supported with this",
        "",
        Said(|it| WishCause::OptionUnknown(it).into()),
    ),
    ("is not supported by QEMU binary", "", Said(|it| WishCause::OptionUnknown(it).into())),
    ("unknown migration parameter", "", Said(|it| WishCause::OptionUnknown(it).into())),
    ("does not support TLS transport", "", Said(|it| WishCause::OptionUnknown(it).into())),
    ("APIs with extensible parameters are not", "", Said(|it| WishCause::OptionUnknown(it).into())),
    (
        "offline migration is not supported by the",
        "",
        Said(|it| WishCause::OptionUnknown(it).into()),
    ),
    ("not supported by the connection driver", "", Said(|it| WishCause::OptionUnknown(it).into())),
];

const XML: &[Pattern] = &[
    ("Target ", "match source", Said(|it| WishCause::XmlIncompatible(it).into())),
    ("Target ", "match the source", Said(|it| WishCause::XmlIncompatible(it).into())),
    ("Target ", " is not compatible with source", Said(|it| WishCause::XmlIncompatible(it).into())),
    ("differs: source: ", "", Said(|it| WishCause::XmlIncompatible(it).into())),
    (
        "differs between source and destination",
        "",
        Said(|it| WishCause::XmlIncompatible(it).into()),
    ),
    ("XML error: ", "", Said(|it| WishCause::XmlIncompatible(it).into())),
    ("XML document failed to validate", "", Said(|it| WishCause::XmlIncompatible(it).into())),
    ("(domain_definition):", "", Said(|it| WishCause::XmlIncompatible(it).into())),
    ("Changing device type to/from spicevmc", "", Said(|it| WishCause::XmlIncompatible(it).into())),
];

const DAEMONS: &[Pattern] = &[
    ("lock driver ", "", Plain(|| HostCause::LockDrivers.into())),
    ("Missing ", " lock state for migration cookie", Plain(|| HostCause::LockDrivers.into())),
    ("Missing lock driver name", "", Plain(|| HostCause::LockDrivers.into())),
    ("peer-to-peer migration protocol", "", Plain(|| HostCause::NoPeerToPeer.into())),
    ("p2p migration is not supported", "", Plain(|| HostCause::NoPeerToPeer.into())),
    ("igration cookie", "", Plain(|| HostCause::VersionsDiffer.into())),
    ("Incoming cookie data had unexpected", "", Plain(|| HostCause::VersionsDiffer.into())),
    ("unexpected cookie with P2P", "", Plain(|| HostCause::VersionsDiffer.into())),
    ("in migration data", "", Plain(|| HostCause::VersionsDiffer.into())),
    ("Malformed nbd port", "", Plain(|| HostCause::VersionsDiffer.into())),
    ("Malformed disk ", "", Plain(|| HostCause::VersionsDiffer.into())),
    ("unknown graphics type", "", Plain(|| HostCause::VersionsDiffer.into())),
    ("invalid tlsPort number", "", Plain(|| HostCause::VersionsDiffer.into())),
    ("missing listen element", "", Plain(|| HostCause::VersionsDiffer.into())),
    ("missing migration capability name", "", Plain(|| HostCause::VersionsDiffer.into())),
    ("missing feature name", "", Plain(|| HostCause::VersionsDiffer.into())),
    ("unexpected migration schema", "", Plain(|| HostCause::VersionsDiffer.into())),
    ("migration protocol going backwards", "", Plain(|| HostCause::VersionsDiffer.into())),
    ("missing migration parameter name", "", Plain(|| HostCause::VersionsDiffer.into())),
    ("for '", "' migration parameter", Plain(|| HostCause::VersionsDiffer.into())),
];

/// What is seen of a migration that broke, whatever broke it: last.
const COURSE: &[Pattern] = &[
    ("canceled by client", "", Class(Kind::Cancelled)),
    ("is not processing incoming migration", "", Class(Kind::GuestStopped)),
    ("is not being migrated", "", Class(Kind::GuestStopped)),
    ("guest unexpectedly quit", "", Class(Kind::GuestStopped)),
    ("domain is not running", "", Class(Kind::GuestStopped)),
    ("Channel error", "", Class(Kind::ChannelBroken)),
    ("unexpectedly closed the monitor", "", Class(Kind::ChannelBroken)),
    ("load of migration failed", "", Class(Kind::ChannelBroken)),
    ("Lost connection to destination host", "", Class(Kind::LinkLost)),
    ("client socket is closed", "", Class(Kind::LinkLost)),
    ("keepalive timeout", "", Class(Kind::LinkLost)),
    ("hangup event on socket", "", Class(Kind::LinkLost)),
    ("End of file while reading data", "", Class(Kind::LinkLost)),
    ("Connection refused", "", Class(Kind::Refused)),
    ("Connection reset by peer", "", Class(Kind::LinkLost)),
    ("Failed to find user record", "", Class(Kind::Refused)),
    ("poll failed in migration tunnel", "", Class(Kind::ChannelBroken)),
    ("tunnelled migration failed to read", "", Class(Kind::ChannelBroken)),
    ("job '", "' failed", Class(Kind::ChannelBroken)),
    ("job '", "' unexpectedly failed", Class(Kind::ChannelBroken)),
    ("job '", "' is not active", Class(Kind::ChannelBroken)),
];

/// What a text means; `None` where it is not known.
pub(super) fn cause(text: &str) -> Option<Cause> {
    file(text).or_else(|| snapshots(text)).or_else(|| {
        PATTERNS.iter().copied().flatten().find_map(|(begin, end, meaning)| {
            let (_, rest) = text.split_once(begin)?;
            let (name, _) = if end.is_empty() { (rest, "") } else { rest.split_once(end)? };
            Some(match meaning {
                Named(cause) => cause(first_line(name)),
                Said(cause) => cause(first_line(text)),
                Plain(cause) => cause(),
                Class(kind) => Cause::Class(*kind),
            })
        })
    })
}

/// "cannot migrate domain with 2 snapshots".
fn snapshots(text: &str) -> Option<Cause> {
    let (_, rest) = text.split_once("cannot migrate domain with ")?;
    rest.split_once(" snapshot")?.0.parse().ok().map(|count| GuestCause::Snapshots(count).into())
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim().to_owned()
}
