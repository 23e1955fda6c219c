//! A failure as libvirt told it, and the class it falls into.

/// What went wrong, as a value. `ui::labels` says it in the user's language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The class, decided from libvirt's code and domain first, then from its text.
    pub kind: FailureKind,
    /// libvirt's error code (`virErrorNumber`), 0 where the failure is not libvirt's.
    pub code: i32,
    /// libvirt's error domain (`virErrorDomain`), 0 where the failure is not libvirt's.
    pub domain: i32,
    /// The raw text, untranslated: shown as detail, copied on request.
    pub message: String,
}

/// Classes of failure that want different answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// The user or somebody else cancelled it: not an error.
    Cancelled,
    /// The link to the daemon broke, or the daemon went away.
    LinkLost,
    /// No answer within our own limit.
    TimedOut,
    /// The name of a host could not be resolved.
    UnknownHost,
    /// Nothing listens there, or the daemon's socket does not exist.
    Refused,
    /// A program or library that the connection needs is missing (ssh, netcat on the host).
    ToolMissing,
    /// User name, password, key or certificate was not accepted.
    Authentication,
    /// Not allowed to do this.
    Denied,
    /// The URI is malformed or its driver unknown.
    BadUri,
    /// The guest (or other object) does not exist there (any more).
    Gone,
    /// Something of that name or UUID is there already.
    Exists,
    /// The guest is not in a state in which this can be done.
    WrongState,
    /// Another operation holds the guest.
    Busy,
    /// The host, or this version of it, cannot do this.
    Unsupported,
    /// The destination's processor lacks what the guest uses.
    Cpu,
    /// Not enough memory at the host.
    Memory,
    /// A disk image or other file is missing or not accessible there.
    Storage,
    /// No space left.
    NoSpace,
    /// A virtual network or bridge is missing there.
    Network,
    /// libvirt will not move this without shared storage.
    Unsafe,
    /// Source and destination are one and the same host.
    SameHost,
    /// The name or address for the memory stream is wrong or unreachable from the source.
    MigrationAddress,
    /// The guest stopped meanwhile.
    GuestStopped,
    /// The destination's QEMU or its channel ended during the move.
    ChannelBroken,
    /// Post-copy was interrupted: the guest's memory is on two hosts.
    PostcopyFailed,
    /// It ended while nobody looked: what both hosts say is all there is.
    Unwitnessed,
    /// Guests use it, or volumes build on it; the text names them.
    InUse,
    /// What arrived is not what was sent.
    Corrupted,
    /// Somebody else changed it since it was read.
    Overtaken,
    /// Something we have no name for: the raw text says what it is.
    Other,
}

impl Failure {
    /// A failure that is our own, not libvirt's.
    #[must_use]
    pub fn own(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, code: 0, domain: 0, message: message.into() }
    }
}
