//! libvirt's and QEMU's sentences, and what each means.

use super::Cause;
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
const PATTERNS: &[&[Pattern]] =
    &[IDENTITY, DISKS, NETWORK, PROCESSOR, GUEST, POSTCOPY, TLS, OPTIONS, XML, DAEMONS, COURSE];

const IDENTITY: &[Pattern] = &[
    ("domain '", "' already exists with uuid", Named(Cause::NameTaken)),
    ("domain '", "' is already defined with uuid", Named(Cause::NameTaken)),
    ("domain '", "' is already active", Named(Cause::ActiveThere)),
    ("domain '", "' is already being removed", Plain(|| Cause::JobRunning)),
    ("domain '", "' is being migrated out", Plain(|| Cause::JobRunning)),
    ("domain '", "' is already being started", Plain(|| Cause::JobRunning)),
    ("guest to the same host", "", Class(Kind::SameHost)),
    ("Unable to obtain host UUID", "", Plain(|| Cause::NoHostUuid)),
    ("no domain with matching", "", Class(Kind::Gone)),
];

const DISKS: &[Pattern] = &[
    ("no storage pool with matching target path '", "'", Named(Cause::PoolMissing)),
    ("Failed to get \"write\" lock", "", Plain(|| Cause::ImageInUse)),
    ("Source and target image have different sizes", "", Plain(|| Cause::SizesDiffer)),
    ("No space left on device", "", Class(Kind::NoSpace)),
    ("without shared storage is unsafe", "", Class(Kind::Unsafe)),
    ("may lead to data corruption", "", Class(Kind::Unsafe)),
    ("no secret with matching ", "", Said(Cause::SecretMissing)),
    ("malformed disk path", "", Said(Cause::DiskNotCopyable)),
    ("cannot precreate storage for disk type", "", Said(Cause::DiskNotCopyable)),
    ("pre-creation of storage target", "not supported", Said(Cause::DiskNotCopyable)),
    ("unable to find disk target", "", Said(Cause::DiskNotCopyable)),
    ("disk target ", " not found", Said(Cause::DiskNotCopyable)),
    ("Can't find disk '", "' in domain definition", Said(Cause::DiskNotCopyable)),
    ("non-shared storage migration into", "not supported", Said(Cause::DiskNotCopyable)),
    ("Cannot migrate empty or read-only disk", "", Said(Cause::DiskNotCopyable)),
    ("migration of disk ", " failed", Said(Cause::DiskCopyFailed)),
    ("missing block job data for disk", "", Said(Cause::DiskCopyFailed)),
    ("failed to find data for block node", "", Said(Cause::DiskCopyFailed)),
    ("non-shared disks requested but NBD is not set up", "", Said(Cause::DiskCopyFailed)),
];

const NETWORK: &[Pattern] = &[
    ("no network with matching name '", "'", Named(Cause::NetworkMissing)),
    ("network '", "' is not active", Named(Cause::NetworkInactive)),
    ("no nwfilter with matching name '", "'", Named(Cause::FilterMissing)),
    ("Unable to add bridge ", " port", Named(Cause::BridgeMissing)),
    ("Cannot get interface MTU on '", "'", Named(Cause::BridgeMissing)),
    ("OVS port data for interface ", "", Named(Cause::SwitchPort)),
    ("Port profile Associate failed for ", "", Named(Cause::SwitchPort)),
    ("resolved to localhost, but migration requires", "", Plain(|| Cause::NamedLocalhost)),
    ("Unable to resolve address '", "'", Named(Cause::NameUnknown)),
    ("unable to connect to server at '", "'", Named(Cause::AddressUnreachable)),
    ("Unable to find an unused port in range", "", Plain(|| Cause::PortsTaken)),
    ("Failed to reserve port", "", Plain(|| Cause::PortsTaken)),
    ("Failed to bind socket", "", Plain(|| Cause::PortsTaken)),
    ("Address already in use", "", Plain(|| Cause::PortsTaken)),
    ("Host key verification failed", "", Plain(|| Cause::HostKeyUnknown)),
    ("host isn't capable of IPv6", "", Said(Cause::AddressMalformed)),
    ("No URI scheme specified", "", Said(Cause::AddressMalformed)),
    ("URI with tcp scheme did not provide a server", "", Said(Cause::AddressMalformed)),
    ("UNIX disks URI does not include path", "", Said(Cause::AddressMalformed)),
    ("Unsupported scheme in disks URI", "", Said(Cause::AddressMalformed)),
    ("nbd port must be in range", "", Said(Cause::AddressMalformed)),
    ("in migration URI", "", Said(Cause::AddressMalformed)),
    ("unknown migration protocol", "", Said(Cause::AddressMalformed)),
    ("did not set uri", "", Plain(|| Cause::VersionsDiffer)),
];

const PROCESSOR: &[Pattern] = &[
    ("extra features: ", "missing features: ", Said(Cause::CpuDiffers)),
    ("missing features: ", "", Named(Cause::CpuFeatures)),
    ("does not provide required features: ", "", Named(Cause::CpuFeatures)),
    ("guest CPU doesn't match specification", "", Said(Cause::CpuDiffers)),
    ("Host CPU ", "features", Said(Cause::CpuDiffers)),
    ("Host CPU does not strictly match", "", Said(Cause::CpuDiffers)),
    ("CPU arch ", " does not match host arch", Said(Cause::CpuDiffers)),
    ("host CPU vendor does not match", "", Said(Cause::CpuDiffers)),
    ("CPU vendor", "", Said(Cause::CpuDiffers)),
    ("unknown host CPU", "", Said(Cause::CpuDiffers)),
    ("nknown CPU ", "", Said(Cause::CpuDiffers)),
    ("CPU model ", "not supported by hypervisor", Said(Cause::CpuDiffers)),
    ("Cannot find suitable CPU model", "", Said(Cause::CpuDiffers)),
    ("CPUs are incompatible", "", Said(Cause::CpuDiffers)),
    ("conflicting CPU data", "", Said(Cause::CpuDiffers)),
    ("does not support machine type '", "'", Named(Cause::MachineType)),
    ("does not support virt type", "", Plain(|| Cause::NoVirtualisation)),
    ("does not support arch", "", Plain(|| Cause::NoVirtualisation)),
    ("Cannot check QEMU binary ", ":", Named(Cause::EmulatorMissing)),
    ("firmware that is compatible", "", Plain(|| Cause::FirmwareMissing)),
    ("Cannot allocate memory", "", Class(Kind::Memory)),
    ("cannot set up guest memory", "", Class(Kind::Memory)),
    ("unable to map backing store", "", Class(Kind::Memory)),
];

const GUEST: &[Pattern] = &[
    ("cannot migrate domain with I/O error", "", Plain(|| Cause::IoError)),
    ("failed due to I/O error", "", Plain(|| Cause::IoError)),
    ("cannot migrate domain: ", "", Named(Cause::Blocked)),
    ("cannot migrate a domain with ", "", Named(Cause::Blocked)),
    ("cannot migrate this domain without", "", Said(Cause::Blocked)),
    ("invalid hostdev ", "", Said(Cause::Blocked)),
    ("domain is marked for auto destroy", "", Said(Cause::Blocked)),
    ("CPU feature but TSC frequency is not specified", "", Said(Cause::Blocked)),
    ("dimm info lacks slot ID", "", Said(Cause::Blocked)),
    ("cannot be migrated", "", Said(Cause::Blocked)),
    ("virtiofs device is not supported", "", Said(Cause::Blocked)),
    ("with transient disk is not supported", "", Said(Cause::Blocked)),
    ("swtpm does not support migration", "", Said(Cause::Blocked)),
    ("another migration job is already running", "", Plain(|| Cause::JobRunning)),
    ("domain has active block job", "", Plain(|| Cause::JobRunning)),
    ("cannot acquire state change lock", "", Plain(|| Cause::JobRunning)),
    ("Failed to make domain persistent", "", Plain(|| Cause::NotMadePersistent)),
    ("Failed to resume guest", "", Plain(|| Cause::NotResumed)),
    ("resume operation failed", "", Plain(|| Cause::NotResumed)),
];

const POSTCOPY: &[Pattern] = &[
    ("Userfaultfd not available", "", Plain(|| Cause::PostcopyForbidden)),
    ("Postcopy is not supported: ", "", Plain(|| Cause::PostcopyForbidden)),
    ("Postcopy is not yet compatible with", "", Said(Cause::OptionsWrong)),
    ("cannot abort migration in post-copy mode", "", Plain(|| Cause::PostcopyNoWayBack)),
    ("failed in post-copy phase", "", Class(Kind::PostcopyFailed)),
    ("resuming failed post-copy migration requires", "", Said(Cause::OptionsWrong)),
    ("is being actively monitored by another", "", Said(Cause::RecoveryRefused)),
    ("is not in post-copy phase", "", Said(Cause::RecoveryRefused)),
    ("post-copy migration of domain ", " has not failed", Said(Cause::RecoveryRefused)),
    ("resuming failed post-copy", "already in progress", Said(Cause::RecoveryRefused)),
    ("QEMU reports migration is still running", "", Said(Cause::RecoveryRefused)),
    ("switching to post-copy requires", "", Said(Cause::OptionsWrong)),
    ("post-copy can only be started while", "", Class(Kind::WrongState)),
    ("cannot abort incoming migration", "", Class(Kind::WrongState)),
];

const TLS: &[Pattern] = &[
    ("allows migration only with VIR_MIGRATE_TLS", "", Plain(|| Cause::TlsRequired)),
    ("TLS directory not configured", "", Plain(|| Cause::TlsUnusable)),
    ("TLS migration is not supported with", "", Plain(|| Cause::TlsUnusable)),
    ("Cannot read from TLS channel", "", Plain(|| Cause::TlsUnusable)),
    ("unable to read server cert", "", Plain(|| Cause::TlsUnusable)),
    ("cannot initialize cert object", "", Plain(|| Cause::TlsUnusable)),
    ("cannot load cert data", "", Plain(|| Cause::TlsUnusable)),
    ("cannot get cert distinguished name", "", Plain(|| Cause::TlsUnusable)),
    ("ertificate", "issuer", Plain(|| Cause::TlsUnusable)),
    ("owner does not match the hostname", "", Plain(|| Cause::TlsUnusable)),
];

const OPTIONS: &[Pattern] = &[
    (" on to tune it", "", Said(Cause::OptionsWrong)),
    ("bandwidth must be less than", "", Said(Cause::OptionsWrong)),
    ("migration parameter '", "' must be less than", Said(Cause::OptionsWrong)),
    ("invalid value '", "migration parameter", Said(Cause::OptionsWrong)),
    ("missing value for migration parameter", "", Said(Cause::OptionsWrong)),
    ("NBD migration with TLS is not supported over", "", Said(Cause::OptionsWrong)),
    ("Explicit destination hostname is required for TLS", "", Said(Cause::OptionsWrong)),
    ("post-copy migration is not supported with non-live", "", Said(Cause::OptionsWrong)),
    ("not supported with tunnelled migration", "", Said(Cause::OptionsWrong)),
    ("not supported by tunnelled migration", "", Said(Cause::OptionsWrong)),
    ("offline migration cannot handle non-shared", "", Said(Cause::OptionsWrong)),
    ("offline migration must be specified with", "", Said(Cause::OptionsWrong)),
    ("tunnelled offline migration does not make sense", "", Said(Cause::OptionsWrong)),
    ("zero-copy is only available for parallel", "", Said(Cause::OptionsWrong)),
    ("use of 'VIR_MIGRATE_PARAM", "requires use of", Said(Cause::OptionsWrong)),
    ("RDMA migration with no memory hard limit", "", Said(Cause::OptionsWrong)),
    ("Compression method '", "", Said(Cause::OptionsWrong)),
    ("Only one compression method could be", "", Said(Cause::OptionsWrong)),
    ("No compression algorithm selected", "", Said(Cause::OptionsWrong)),
    ("Unexpected dconnuri parameter", "", Said(Cause::OptionsWrong)),
    ("tunnelled migration requested but NULL", "", Said(Cause::OptionsWrong)),
    ("Unsupported compression method", "", Said(Cause::OptionUnknown)),
    ("RDMA migration is not supported with this", "", Said(Cause::OptionUnknown)),
    ("is not supported by QEMU binary", "", Said(Cause::OptionUnknown)),
    ("unknown migration parameter", "", Said(Cause::OptionUnknown)),
    ("does not support TLS transport", "", Said(Cause::OptionUnknown)),
    ("APIs with extensible parameters are not", "", Said(Cause::OptionUnknown)),
    ("offline migration is not supported by the", "", Said(Cause::OptionUnknown)),
    ("not supported by the connection driver", "", Said(Cause::OptionUnknown)),
];

const XML: &[Pattern] = &[
    ("Target ", "match source", Said(Cause::XmlIncompatible)),
    ("Target ", "match the source", Said(Cause::XmlIncompatible)),
    ("Target ", " is not compatible with source", Said(Cause::XmlIncompatible)),
    ("differs: source: ", "", Said(Cause::XmlIncompatible)),
    ("differs between source and destination", "", Said(Cause::XmlIncompatible)),
    ("Changing device type to/from spicevmc", "", Said(Cause::XmlIncompatible)),
];

const DAEMONS: &[Pattern] = &[
    ("lock driver ", "", Plain(|| Cause::LockDrivers)),
    ("Missing ", " lock state for migration cookie", Plain(|| Cause::LockDrivers)),
    ("Missing lock driver name", "", Plain(|| Cause::LockDrivers)),
    ("peer-to-peer migration protocol", "", Plain(|| Cause::NoPeerToPeer)),
    ("p2p migration is not supported", "", Plain(|| Cause::NoPeerToPeer)),
    ("igration cookie", "", Plain(|| Cause::VersionsDiffer)),
    ("Incoming cookie data had unexpected", "", Plain(|| Cause::VersionsDiffer)),
    ("unexpected cookie with P2P", "", Plain(|| Cause::VersionsDiffer)),
    ("in migration data", "", Plain(|| Cause::VersionsDiffer)),
    ("Malformed nbd port", "", Plain(|| Cause::VersionsDiffer)),
    ("Malformed disk ", "", Plain(|| Cause::VersionsDiffer)),
    ("unknown graphics type", "", Plain(|| Cause::VersionsDiffer)),
    ("invalid tlsPort number", "", Plain(|| Cause::VersionsDiffer)),
    ("missing listen element", "", Plain(|| Cause::VersionsDiffer)),
    ("missing migration capability name", "", Plain(|| Cause::VersionsDiffer)),
    ("missing feature name", "", Plain(|| Cause::VersionsDiffer)),
    ("unexpected migration schema", "", Plain(|| Cause::VersionsDiffer)),
    ("migration protocol going backwards", "", Plain(|| Cause::VersionsDiffer)),
    ("missing migration parameter name", "", Plain(|| Cause::VersionsDiffer)),
    ("for '", "' migration parameter", Plain(|| Cause::VersionsDiffer)),
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

/// "cannot migrate domain with 2 snapshots".
fn snapshots(text: &str) -> Option<Cause> {
    let (_, rest) = text.split_once("cannot migrate domain with ")?;
    rest.split_once(" snapshot")?.0.parse().ok().map(Cause::Snapshots)
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim().to_owned()
}
