//! Why a migration failed, with the names that libvirt gave.

use crate::model::FailureKind;

/// Why it failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// All that is known is the class.
    Class(FailureKind),
    /// The guest itself, or one of its name, stands in the way.
    Guest(GuestCause),
    /// A disk of the guest.
    Disk(DiskCause),
    /// The network of the guest, or the way from host to host.
    Network(NetworkCause),
    /// What a host is, has or knows.
    Host(HostCause),
    /// How the move was asked for.
    Wish(WishCause),
}

/// The guest itself, or one of its name, stands in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GuestCause {
    /// A guest of this name is there, and it is another guest.
    NameTaken(String),
    /// This guest runs there already.
    ActiveThere(String),
    /// The guest has this many snapshots; libvirt moves none.
    Snapshots(u64),
    /// A device of the guest cannot be moved; QEMU says which.
    Blocked(String),
    /// Another migration or other operation of this guest is under way.
    JobRunning,
    /// A disk of the guest failed while it moved, and it was to stop then.
    IoError,
    /// It could not be let go on.
    NotResumed,
    /// It arrived, but is not defined there.
    NotMadePersistent,
    /// Part of its memory was on a host that has lost it.
    MemoryLost,
}

impl From<GuestCause> for Cause {
    fn from(cause: GuestCause) -> Self {
        Self::Guest(cause)
    }
}

/// A disk of the guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiskCause {
    /// This file is not there.
    FileMissing(String),
    /// This file is there, but QEMU may not open it.
    FileDenied(String),
    /// A file cannot be opened there for another reason; the sentence says which.
    FileUnreadable(String),
    /// Another QEMU writes to the image.
    ImageInUse,
    /// No active pool there has this directory.
    PoolMissing(String),
    /// The image that is there already has another size.
    SizesDiffer,
    /// This disk cannot be copied along; libvirt says why.
    NotCopyable(String),
    /// Copying this disk failed; libvirt says how.
    CopyFailed(String),
    /// This secret of a disk is missing there.
    SecretMissing(String),
}

impl From<DiskCause> for Cause {
    fn from(cause: DiskCause) -> Self {
        Self::Disk(cause)
    }
}

/// The network of the guest, or the way from host to host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NetworkCause {
    /// This virtual network is missing there.
    NetworkMissing(String),
    /// This virtual network is there, but not started.
    NetworkInactive(String),
    /// This bridge is missing there.
    BridgeMissing(String),
    /// This network filter is missing there.
    FilterMissing(String),
    /// The switch at the destination does not take the guest's port.
    SwitchPort(String),
    /// This name cannot be resolved from the source.
    NameUnknown(String),
    /// The destination calls itself localhost.
    NamedLocalhost,
    /// This address of the memory stream could not be reached from the source.
    AddressUnreachable(String),
    /// The address given for memory or disks cannot be used; libvirt says why.
    AddressMalformed(String),
    /// No port is free for the memory stream at the destination.
    PortsTaken,
}

impl From<NetworkCause> for Cause {
    fn from(cause: NetworkCause) -> Self {
        Self::Network(cause)
    }
}

/// What a host is, has or knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostCause {
    /// The source's daemon does not know the destination's ssh host key.
    HostKeyUnknown,
    /// The source's daemon cannot carry a guest peer to peer, or the destination's cannot take it.
    NoPeerToPeer,
    /// A host has no UUID of its own.
    NoHostUuid,
    /// These processor features are missing there.
    CpuFeatures(String),
    /// The processors differ; libvirt says how.
    CpuDiffers(String),
    /// This machine type is not known there.
    MachineType(String),
    /// This emulator is not installed there.
    EmulatorMissing(String),
    /// The destination has no hardware virtualisation for this guest.
    NoVirtualisation,
    /// The guest's firmware is not installed there.
    FirmwareMissing,
    /// Certificates for the memory stream are missing or wrong.
    TlsUnusable,
    /// The host moves guests only encrypted.
    TlsRequired,
    /// The two daemons do not understand what they tell each other about the guest.
    VersionsDiffer,
    /// The destination's libvirt would crash when post-copy is taken up.
    CrashesOnRecovery,
    /// The two hosts guard disks by different lock managers.
    LockDrivers,
}

impl From<HostCause> for Cause {
    fn from(cause: HostCause) -> Self {
        Self::Host(cause)
    }
}

/// How the move was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WishCause {
    /// Post-copy needs userfaultfd, which the daemon at the destination may not use.
    PostcopyForbidden,
    /// Post-copy cannot be left once it has begun.
    PostcopyNoWayBack,
    /// An interrupted post-copy cannot be taken up (yet); libvirt says why.
    RecoveryRefused(String),
    /// The destination XML changes what the guest sees.
    XmlIncompatible(String),
    /// Options that exclude each other, or one that is out of range; libvirt says which.
    OptionsWrong(String),
    /// A host's libvirt or QEMU does not know an option; libvirt says which.
    OptionUnknown(String),
}

impl From<WishCause> for Cause {
    fn from(cause: WishCause) -> Self {
        Self::Wish(cause)
    }
}
