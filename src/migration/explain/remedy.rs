//! What the user can do about a cause.

use super::Cause;
use crate::model::FailureKind;

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
    /// Copy other disks, or prepare the target by hand.
    OtherDisks,
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
    /// Choose other options.
    MendOptions,
    /// Wait for the other operation.
    Wait,
    /// Install the same or a newer libvirt and QEMU there, or leave the option out.
    Update,
    /// Install what is missing there, or choose another destination.
    Install,
    /// Use one lock manager on both hosts.
    SameLockDriver,
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
    /// Resume the guest where it is.
    ResumeIt,
    /// Read the raw text.
    ReadDetails,
}

impl Remedy {
    /// What can be done about a cause.
    pub(super) const fn of(cause: &Cause) -> Self {
        match cause {
            Cause::Class(kind) => Self::of_class(*kind),
            Cause::NameTaken(_) | Cause::ActiveThere(_) => Self::Rename,
            Cause::Snapshots(_) => Self::DeleteSnapshots,
            Cause::FileMissing(_) | Cause::PoolMissing(_) => Self::ShareOrCopyDisks,
            Cause::FileDenied(_) => Self::GrantAccess,
            Cause::ImageInUse => Self::TryAgain,
            Cause::SizesDiffer => Self::ReplaceImage,
            Cause::DiskNotCopyable(_) => Self::OtherDisks,
            Cause::DiskCopyFailed(_) | Cause::IoError => Self::ReadDetails,
            Cause::SecretMissing(_) => Self::CopySecret,
            Cause::NetworkMissing(_)
            | Cause::NetworkInactive(_)
            | Cause::BridgeMissing(_)
            | Cause::FilterMissing(_)
            | Cause::SwitchPort(_) => Self::PrepareNetwork,
            Cause::NameUnknown(_) | Cause::NamedLocalhost | Cause::AddressMalformed(_) => {
                Self::GiveAddress
            }
            Cause::AddressUnreachable(_) | Cause::PortsTaken => Self::OpenPorts,
            Cause::HostKeyUnknown | Cause::NoPeerToPeer => Self::UseDirect,
            Cause::NoHostUuid => Self::DifferentHosts,
            Cause::CpuFeatures(_) | Cause::CpuDiffers(_) => Self::OtherHostOrCpu,
            Cause::MachineType(_) | Cause::OptionUnknown(_) | Cause::VersionsDiffer => Self::Update,
            Cause::EmulatorMissing(_) | Cause::NoVirtualisation | Cause::FirmwareMissing => {
                Self::Install
            }
            Cause::Blocked(_) => Self::RemoveDevice,
            Cause::PostcopyForbidden => Self::WithoutPostcopy,
            Cause::PostcopyNoWayBack => Self::KeepBoth,
            Cause::RecoveryRefused(_) | Cause::JobRunning => Self::Wait,
            Cause::TlsUnusable => Self::SetUpTls,
            Cause::TlsRequired => Self::SwitchTlsOn,
            Cause::XmlIncompatible(_) => Self::MendXml,
            Cause::OptionsWrong(_) => Self::MendOptions,
            Cause::LockDrivers => Self::SameLockDriver,
            Cause::NotResumed => Self::ResumeIt,
            Cause::NotMadePersistent => Self::DefineThere,
        }
    }

    const fn of_class(kind: FailureKind) -> Self {
        match kind {
            FailureKind::Cancelled | FailureKind::Unwitnessed => Self::Nothing,
            FailureKind::LinkLost
            | FailureKind::TimedOut
            | FailureKind::Refused
            | FailureKind::ChannelBroken => Self::CheckLink,
            FailureKind::UnknownHost | FailureKind::MigrationAddress => Self::GiveAddress,
            FailureKind::Authentication => Self::UseDirect,
            FailureKind::Denied => Self::GetRights,
            FailureKind::Exists => Self::Rename,
            FailureKind::Gone | FailureKind::WrongState => Self::TryAgain,
            FailureKind::Busy => Self::Wait,
            FailureKind::Unsupported => Self::Update,
            FailureKind::Cpu => Self::OtherHostOrCpu,
            FailureKind::Memory => Self::OtherHostOrMemory,
            FailureKind::Storage | FailureKind::Unsafe => Self::ShareOrCopyDisks,
            FailureKind::NoSpace => Self::MakeRoom,
            FailureKind::Network => Self::PrepareNetwork,
            FailureKind::SameHost => Self::DifferentHosts,
            FailureKind::GuestStopped => Self::StartAgain,
            FailureKind::PostcopyFailed => Self::KeepBoth,
            FailureKind::ToolMissing | FailureKind::BadUri | FailureKind::Other => {
                Self::ReadDetails
            }
        }
    }
}
