//! What can be done about a cause.

use super::{HostCause, PoolCause, ServerCause, StorageCause, VolumeCause};
use crate::model::FailureKind;

/// What the user can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StorageRemedy {
    /// Nothing needs to be done.
    Nothing,
    /// Read the raw text.
    ReadDetails,
    /// Something about the server.
    Server(ServerRemedy),
    /// Something at the host.
    Host(HostRemedy),
    /// Something about the pool or its source.
    Pool(PoolRemedy),
    /// Something about the volume.
    Volume(VolumeRemedy),
}

/// Something about the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ServerRemedy {
    /// Check name, network and firewall; the server may be down.
    Check,
    /// Look at what the server exports; type the path by hand.
    CheckExport,
    /// Let this host in at the server (`/etc/exports`).
    AllowHost,
    /// Let guests in at the server: libvirt has no other login.
    AllowGuests,
    /// Choose another version of NFS.
    OtherVersion,
    /// Look whether the server is up, and at the spelling.
    CheckBoth,
    /// An NFS server of version 4 alone tells nothing: type the path by hand.
    TypeByHand,
    /// Check user name and password.
    CheckLogin,
}

/// Something at the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HostRemedy {
    /// Install `nfs-common` / `nfs-utils`, `glusterfs-client`, `cifs-utils` at the host.
    InstallMountHelper,
    /// Install the package with this program at the host.
    InstallProgram,
    /// Install libvirt's package for this kind of pool at the host.
    InstallBackEnd,
    /// Start the service (`iscsid`) at the host.
    StartService,
    /// Load or install the kernel module, or choose another version or file system.
    ChooseFileSystem,
    /// Set the secret on this host.
    SetSecret,
    /// Look at the host's adapters.
    CheckAdapter,
    /// Give libvirt the right to read and write there.
    AllowAccess,
    /// Ask for the right, or connect as another user.
    GetRights,
    /// Look at the link or the daemon, then try again.
    CheckLink,
}

/// Something about the pool or its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PoolRemedy {
    /// Build the pool.
    Build,
    /// Choose an empty directory.
    EmptyDirectory,
    /// Use that pool, or another target.
    UseThatPool,
    /// Give another name.
    Rename,
    /// Allow that what is on the device is lost, or choose another device.
    OverwriteOrOther,
    /// Check the path of the device.
    CheckDevice,
    /// Give the device as LVM calls it (`/dev/sdX`), or none once the group exists.
    LvmDeviceName,
    /// Leave copy on write to libvirt, or choose a directory on Btrfs.
    LeaveCopyOnWrite,
    /// Start the pool.
    Start,
    /// Stop the pool first.
    Stop,
    /// Refresh the pool.
    Refresh,
    /// Read its text again, and change that.
    ReadAgain,
}

/// Something about the volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VolumeRemedy {
    /// Make room, or a smaller volume.
    MakeRoom,
    /// Choose a smaller size or another format.
    ChooseSmaller,
    /// Choose another format.
    ChooseFormat,
    /// Stop or change those guests first.
    Free,
    /// Wait, then try again.
    Wait,
    /// Send it again.
    TryAgain,
}

pub(super) const fn remedy(cause: &StorageCause) -> StorageRemedy {
    match cause {
        StorageCause::Class(kind) => of_class(*kind),
        StorageCause::Server(cause) => StorageRemedy::Server(at_server(cause)),
        StorageCause::Host(cause) => StorageRemedy::Host(at_host(cause)),
        StorageCause::Pool(cause) => with_pool(cause),
        StorageCause::Volume(cause) => with_volume(cause),
    }
}

const fn at_server(cause: &ServerCause) -> ServerRemedy {
    match cause {
        ServerCause::Unreachable(_) | ServerCause::Unknown(_) => ServerRemedy::Check,
        ServerCause::ExportMissing(_) | ServerCause::TargetMissing => ServerRemedy::CheckExport,
        ServerCause::AccessDenied(_) => ServerRemedy::AllowHost,
        ServerCause::GuestRefused => ServerRemedy::AllowGuests,
        ServerCause::VersionRefused => ServerRemedy::OtherVersion,
        ServerCause::ExportMissingOrUnreachable => ServerRemedy::CheckBoth,
        ServerCause::NothingFound(_) => ServerRemedy::TypeByHand,
        ServerCause::LoginFailed => ServerRemedy::CheckLogin,
    }
}

const fn at_host(cause: &HostCause) -> HostRemedy {
    match cause {
        HostCause::MountHelperMissing(_) => HostRemedy::InstallMountHelper,
        HostCause::FileSystemUnknown(_) => HostRemedy::ChooseFileSystem,
        HostCause::ProgramMissing(_) => HostRemedy::InstallProgram,
        HostCause::BackEndMissing(_) => HostRemedy::InstallBackEnd,
        HostCause::ServiceMissing(_) => HostRemedy::StartService,
        HostCause::NotPermitted => HostRemedy::AllowAccess,
        HostCause::SecretMissing | HostCause::SecretEmpty => HostRemedy::SetSecret,
        HostCause::AdapterMissing(_) | HostCause::WwnOfAdapter => HostRemedy::CheckAdapter,
    }
}

const fn with_pool(cause: &PoolCause) -> StorageRemedy {
    StorageRemedy::Pool(match cause {
        PoolCause::DirectoryMissing(_) | PoolCause::NeedsBuild | PoolCause::GroupMissing(_) => {
            PoolRemedy::Build
        }
        PoolCause::DirectoryNotEmpty(_) => PoolRemedy::EmptyDirectory,
        PoolCause::UsedByPool(_) => PoolRemedy::UseThatPool,
        PoolCause::Exists(_) => PoolRemedy::Rename,
        PoolCause::AlreadyFormatted(_) => PoolRemedy::OverwriteOrOther,
        PoolCause::DeviceMissing(_) => PoolRemedy::CheckDevice,
        PoolCause::DeviceNames(_) => PoolRemedy::LvmDeviceName,
        PoolCause::NotBtrfs(_) => PoolRemedy::LeaveCopyOnWrite,
        PoolCause::Inactive(_) => PoolRemedy::Start,
        PoolCause::Active(_) => PoolRemedy::Stop,
        PoolCause::NotForThisKind => return StorageRemedy::ReadDetails,
    })
}

const fn with_volume(cause: &VolumeCause) -> StorageRemedy {
    match cause {
        VolumeCause::Exists(_) => StorageRemedy::Pool(PoolRemedy::Rename),
        VolumeCause::Missing | VolumeCause::BackingMissing(_) => {
            StorageRemedy::Pool(PoolRemedy::Refresh)
        }
        VolumeCause::NoSpace => StorageRemedy::Volume(VolumeRemedy::MakeRoom),
        VolumeCause::TooLarge => StorageRemedy::Volume(VolumeRemedy::ChooseSmaller),
        VolumeCause::FormatNotCreatable(_) => StorageRemedy::Volume(VolumeRemedy::ChooseFormat),
        VolumeCause::SecretForgotten => StorageRemedy::Host(HostRemedy::SetSecret),
        VolumeCause::WouldShrink => StorageRemedy::ReadDetails,
    }
}

const fn of_class(kind: FailureKind) -> StorageRemedy {
    match kind {
        FailureKind::Cancelled => StorageRemedy::Nothing,
        FailureKind::LinkLost | FailureKind::TimedOut | FailureKind::ChannelBroken => {
            StorageRemedy::Host(HostRemedy::CheckLink)
        }
        FailureKind::UnknownHost | FailureKind::Refused => {
            StorageRemedy::Server(ServerRemedy::Check)
        }
        FailureKind::Authentication => StorageRemedy::Server(ServerRemedy::CheckLogin),
        FailureKind::Denied => StorageRemedy::Host(HostRemedy::GetRights),
        FailureKind::Exists => StorageRemedy::Pool(PoolRemedy::Rename),
        FailureKind::Gone | FailureKind::Storage => StorageRemedy::Pool(PoolRemedy::Refresh),
        FailureKind::Busy => StorageRemedy::Volume(VolumeRemedy::Wait),
        FailureKind::NoSpace => StorageRemedy::Volume(VolumeRemedy::MakeRoom),
        FailureKind::InUse => StorageRemedy::Volume(VolumeRemedy::Free),
        FailureKind::Corrupted => StorageRemedy::Volume(VolumeRemedy::TryAgain),
        FailureKind::Overtaken => StorageRemedy::Pool(PoolRemedy::ReadAgain),
        FailureKind::ToolMissing => StorageRemedy::Host(HostRemedy::InstallProgram),
        FailureKind::BadUri
        | FailureKind::WrongState
        | FailureKind::Unsupported
        | FailureKind::Cpu
        | FailureKind::Memory
        | FailureKind::Network
        | FailureKind::Unsafe
        | FailureKind::SameHost
        | FailureKind::MigrationAddress
        | FailureKind::GuestStopped
        | FailureKind::PostcopyFailed
        | FailureKind::Unwitnessed
        | FailureKind::Other => StorageRemedy::ReadDetails,
    }
}
