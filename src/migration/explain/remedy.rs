//! What the user can do about a cause.

use super::{Cause, DiskCause, GuestCause, HostCause, NetworkCause, WishCause};
use crate::model::FailureKind;

/// What the user can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Remedy {
    /// Nothing needs to be done.
    Nothing,
    /// Try again; look at both hosts first.
    TryAgain,
    /// Give an address by which the source reaches the destination.
    GiveAddress,
    /// Give another name at the destination.
    Rename,
    /// Put disks on storage both hosts see, or copy them.
    ShareOrCopyDisks,
    /// Copy other disks, or prepare the target by hand.
    OtherDisks,
    /// Delete the snapshots first.
    DeleteSnapshots,
    /// Remove the device first, or move the guest while it is shut off.
    RemoveDevice,
    /// Let this computer relay (direct), or give the source's daemon a login at the destination.
    UseDirect,
    /// Switch encryption on.
    SwitchTlsOn,
    /// Move without post-copy.
    WithoutPostcopy,
    /// Change only host-side parts of the destination XML.
    MendXml,
    /// Choose other options.
    MendOptions,
    /// Wait for the other operation.
    Wait,
    /// Do not start or kill either side; mend the network, then recover.
    KeepBoth,
    /// Start the guest again where it is.
    StartAgain,
    /// Resume the guest where it is.
    ResumeIt,
    /// Read the raw text.
    ReadDetails,
    /// Something is to be done at a host.
    Host(HostRemedy),
}

/// What can be done at a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HostRemedy {
    /// Look at the link or the daemon, then try again.
    CheckLink,
    /// Open the ports 49152 to 49215 at the destination.
    OpenPorts,
    /// Choose another destination, or change the guest's processor to one both hosts have.
    OtherHostOrCpu,
    /// Choose another destination, or make memory free there.
    OtherHostOrMemory,
    /// Let QEMU at the destination open the file.
    GrantAccess,
    /// Make room there.
    MakeRoom,
    /// Delete the image that is in the way there, or give it the same size.
    ReplaceImage,
    /// Store the secret there too.
    CopySecret,
    /// Define and start the network there, or give a destination XML with another.
    PrepareNetwork,
    /// Set certificates up, or switch encryption off.
    SetUpTls,
    /// Install the same or a newer libvirt and QEMU there, or leave the option out.
    Update,
    /// Update libvirt there, then take post-copy up.
    UpdateAndRecover,
    /// Install what is missing there, or choose another destination.
    Install,
    /// Use one lock manager on both hosts.
    SameLockDriver,
    /// Give the hosts different UUIDs.
    DifferentHosts,
    /// Ask for the right, or connect as another user.
    GetRights,
    /// Save the definition there.
    DefineThere,
}

impl Remedy {
    /// What can be done about a cause.
    pub(super) const fn of(cause: &Cause) -> Self {
        match cause {
            Cause::Class(kind) => Self::of_class(*kind),
            Cause::Guest(cause) => Self::of_guest(cause),
            Cause::Disk(cause) => Self::of_disk(cause),
            Cause::Network(cause) => Self::of_network(cause),
            Cause::Host(cause) => Self::of_host(cause),
            Cause::Wish(cause) => Self::of_wish(cause),
        }
    }

    const fn of_guest(cause: &GuestCause) -> Self {
        match cause {
            GuestCause::NameTaken(_) | GuestCause::ActiveThere(_) => Self::Rename,
            GuestCause::Snapshots(_) => Self::DeleteSnapshots,
            GuestCause::Blocked(_) => Self::RemoveDevice,
            GuestCause::JobRunning => Self::Wait,
            GuestCause::NotResumed => Self::ResumeIt,
            GuestCause::MemoryLost => Self::StartAgain,
            GuestCause::NotMadePersistent => Self::Host(HostRemedy::DefineThere),
            GuestCause::IoError => Self::ReadDetails,
        }
    }

    const fn of_disk(cause: &DiskCause) -> Self {
        match cause {
            DiskCause::FileMissing(_) | DiskCause::PoolMissing(_) => Self::ShareOrCopyDisks,
            DiskCause::FileDenied(_) => Self::Host(HostRemedy::GrantAccess),
            DiskCause::ImageInUse => Self::TryAgain,
            DiskCause::SizesDiffer => Self::Host(HostRemedy::ReplaceImage),
            DiskCause::NotCopyable(_) => Self::OtherDisks,
            DiskCause::CopyFailed(_) | DiskCause::FileUnreadable(_) => Self::ReadDetails,
            DiskCause::SecretMissing(_) => Self::Host(HostRemedy::CopySecret),
        }
    }

    const fn of_network(cause: &NetworkCause) -> Self {
        match cause {
            NetworkCause::NetworkMissing(_)
            | NetworkCause::NetworkInactive(_)
            | NetworkCause::BridgeMissing(_)
            | NetworkCause::FilterMissing(_)
            | NetworkCause::SwitchPort(_) => Self::Host(HostRemedy::PrepareNetwork),
            NetworkCause::NameUnknown(_)
            | NetworkCause::NamedLocalhost
            | NetworkCause::AddressMalformed(_) => Self::GiveAddress,
            NetworkCause::AddressUnreachable(_) | NetworkCause::PortsTaken => {
                Self::Host(HostRemedy::OpenPorts)
            }
        }
    }

    const fn of_host(cause: &HostCause) -> Self {
        match cause {
            HostCause::HostKeyUnknown | HostCause::NoPeerToPeer => Self::UseDirect,
            HostCause::NoHostUuid => Self::Host(HostRemedy::DifferentHosts),
            HostCause::CpuFeatures(_) | HostCause::CpuDiffers(_) => {
                Self::Host(HostRemedy::OtherHostOrCpu)
            }
            HostCause::MachineType(_) | HostCause::VersionsDiffer => Self::Host(HostRemedy::Update),
            HostCause::CrashesOnRecovery => Self::Host(HostRemedy::UpdateAndRecover),
            HostCause::EmulatorMissing(_)
            | HostCause::NoVirtualisation
            | HostCause::FirmwareMissing => Self::Host(HostRemedy::Install),
            HostCause::TlsUnusable => Self::Host(HostRemedy::SetUpTls),
            HostCause::TlsRequired => Self::SwitchTlsOn,
            HostCause::LockDrivers => Self::Host(HostRemedy::SameLockDriver),
        }
    }

    const fn of_wish(cause: &WishCause) -> Self {
        match cause {
            WishCause::PostcopyForbidden => Self::WithoutPostcopy,
            WishCause::PostcopyNoWayBack => Self::KeepBoth,
            WishCause::RecoveryRefused(_) => Self::Wait,
            WishCause::XmlIncompatible(_) => Self::MendXml,
            WishCause::OptionsWrong(_) => Self::MendOptions,
            WishCause::OptionUnknown(_) => Self::Host(HostRemedy::Update),
        }
    }

    const fn of_class(kind: FailureKind) -> Self {
        match kind {
            FailureKind::Cancelled | FailureKind::Unwitnessed => Self::Nothing,
            FailureKind::LinkLost
            | FailureKind::TimedOut
            | FailureKind::Refused
            | FailureKind::ChannelBroken => Self::Host(HostRemedy::CheckLink),
            FailureKind::UnknownHost | FailureKind::MigrationAddress => Self::GiveAddress,
            FailureKind::Authentication => Self::UseDirect,
            FailureKind::Denied => Self::Host(HostRemedy::GetRights),
            FailureKind::Exists => Self::Rename,
            FailureKind::Gone | FailureKind::WrongState => Self::TryAgain,
            FailureKind::Busy => Self::Wait,
            FailureKind::Unsupported => Self::Host(HostRemedy::Update),
            FailureKind::Cpu => Self::Host(HostRemedy::OtherHostOrCpu),
            FailureKind::Memory => Self::Host(HostRemedy::OtherHostOrMemory),
            FailureKind::Storage | FailureKind::Unsafe => Self::ShareOrCopyDisks,
            FailureKind::NoSpace => Self::Host(HostRemedy::MakeRoom),
            FailureKind::Network => Self::Host(HostRemedy::PrepareNetwork),
            FailureKind::SameHost => Self::Host(HostRemedy::DifferentHosts),
            FailureKind::GuestStopped => Self::StartAgain,
            FailureKind::PostcopyFailed => Self::KeepBoth,
            FailureKind::ToolMissing
            | FailureKind::BadUri
            | FailureKind::InUse
            | FailureKind::Corrupted
            | FailureKind::Overtaken
            | FailureKind::Other => Self::ReadDetails,
        }
    }
}
