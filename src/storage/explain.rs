//! What a message of libvirt's storage drivers means: the cause, with the names in it, and what can
//! be done. The texts are libvirt 11.3's (9.0's are the same where not said otherwise) and those of
//! the programs it calls; a host that speaks another language falls back to the class.

use crate::model::{Failure, FailureKind};

/// A failure, explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StorageExplanation {
    /// Why.
    pub cause: StorageCause,
    /// What the user can do.
    pub remedy: StorageRemedy,
}

/// Why it failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorageCause {
    /// All that is known is the class.
    Class(FailureKind),
    /// A server does not answer: which, as far as it is named.
    ServerUnreachable(String),
    /// A server's name is not known at the host.
    ServerUnknown(String),
    /// The server exports nothing of that name.
    ExportMissing(String),
    /// The server does not let this host in.
    AccessDenied(String),
    /// The server told of nothing to choose from.
    NothingFound(String),
    /// The helper that mounts this kind of file system is not installed at the host.
    MountHelperMissing(String),
    /// The host's kernel does not know this file system.
    FileSystemUnknown(String),
    /// A program is missing at the host.
    ProgramMissing(String),
    /// This libvirt was built without, or lacks the package of, this kind of pool.
    BackEndMissing(String),
    /// A service that the host needs for this is not running there.
    ServiceMissing(String),
    /// The directory is missing: the pool was not built.
    DirectoryMissing(String),
    /// The directory is not empty.
    DirectoryNotEmpty(String),
    /// Another pool has the same source or target.
    UsedByPool(String),
    /// A pool of this name is there.
    PoolExists(String),
    /// A volume of this name is there.
    VolumeExists(String),
    /// The device carries nothing that libvirt knows: it needs to be built.
    NeedsBuild,
    /// The device carries something already: what.
    AlreadyFormatted(String),
    /// The device is missing.
    DeviceMissing(String),
    /// The volume group is missing: it was not built.
    GroupMissing(String),
    /// The devices given are not what LVM calls them.
    DeviceNames(String),
    /// User name or password are wrong, or missing.
    LoginFailed,
    /// There is no such target at the portal.
    TargetMissing,
    /// The secret is missing at the host.
    SecretMissing,
    /// The secret has no value at the host.
    SecretEmpty,
    /// libvirt forgot the secret of the volume when the pool was refreshed.
    SecretForgotten,
    /// No space is left.
    NoSpace,
    /// This format is larger than its file system, or itself, allows.
    TooLarge,
    /// The program at the host cannot make this format.
    FormatNotCreatable(String),
    /// The image below cannot be opened.
    BackingMissing(String),
    /// The pool is not started.
    PoolInactive(String),
    /// The pool must be stopped first.
    PoolActive(String),
    /// The kind of pool cannot do this.
    NotForThisKind,
    /// The adapter is missing.
    AdapterMissing(String),
    /// These WWNs belong to an adapter itself, so that no virtual one can have them.
    WwnOfAdapter,
    /// A volume can only become larger, without further permission.
    WouldShrink,
    /// The volume is gone.
    VolumeMissing,
}

/// What the user can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StorageRemedy {
    /// Nothing needs to be done.
    Nothing,
    /// Read the raw text.
    ReadDetails,
    /// Check name, network and firewall; the server may be down.
    CheckServer,
    /// Look at what the server exports; type the path by hand.
    CheckExport,
    /// Let this host in at the server (`/etc/exports`).
    AllowAtServer,
    /// An NFS server of version 4 alone tells nothing: type the path by hand.
    TypeByHand,
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
    /// Check user name and password.
    CheckLogin,
    /// Set the secret on this host.
    SetSecret,
    /// Make room, or a smaller volume.
    MakeRoom,
    /// Choose a smaller size or another format.
    ChooseSmaller,
    /// Choose another format.
    ChooseFormat,
    /// Start the pool.
    StartPool,
    /// Stop the pool first.
    StopPool,
    /// Look at the host's adapters.
    CheckAdapter,
    /// Refresh the pool.
    RefreshPool,
    /// Stop or change those guests first.
    FreeVolume,
    /// Ask for the right, or connect as another user.
    GetRights,
    /// Look at the link or the daemon, then try again.
    CheckLink,
    /// Wait, then try again.
    Wait,
    /// Send it again.
    TryAgain,
}

/// Explains a failure of a storage request.
#[must_use]
pub fn explain(failure: &Failure) -> StorageExplanation {
    let known = match failure.kind {
        FailureKind::Cancelled | FailureKind::InUse | FailureKind::Corrupted => None,
        _ => cause(&failure.message),
    };
    let cause = known.unwrap_or(StorageCause::Class(failure.kind));
    StorageExplanation { remedy: remedy(&cause), cause }
}

/// Texts that must all occur, in this order; what stands between the last two is the name.
type Pattern = (&'static [&'static str], fn(String) -> StorageCause);

/// In the order in which they are tried: the cause before what followed from it.
const PATTERNS: &[Pattern] = &[
    (&["Storage source conflict with pool: '", "'"], StorageCause::UsedByPool),
    (&["pool '", "' already exists with uuid"], StorageCause::PoolExists),
    (&["pool '", "' is already defined with uuid"], StorageCause::PoolExists),
    (&["storage volume '", "' exists already"], StorageCause::VolumeExists),
    (&["storage vol '", "' already exists"], StorageCause::VolumeExists),
    (&["missing backend for pool type", "(", ")"], StorageCause::BackEndMissing),
    (&["no storage pools were found on host '", "'"], StorageCause::NothingFound),
    (&["unknown filesystem type '", "'"], StorageCause::FileSystemUnknown),
    (&["mount.nfs: No such device"], |_| StorageCause::FileSystemUnknown("nfs".into())),
    (&["bad option; for several filesystems"], |_| StorageCause::MountHelperMissing(String::new())),
    (&["need a /sbin/mount.", " "], StorageCause::MountHelperMissing),
    (&["mount point ", " does not exist"], StorageCause::DirectoryMissing),
    (&["cannot open directory '", "': No such file"], StorageCause::DirectoryMissing),
    (&["failed to remove pool '", "': Directory not empty"], StorageCause::DirectoryNotEmpty),
    (&["cannot unlink directory '", "': Directory not empty"], StorageCause::DirectoryNotEmpty),
    (&["Storage pool already built: Device '", "' already formatted"], |device| {
        StorageCause::AlreadyFormatted(device)
    }),
    (&["Format of device '", "' does not match the expected format"], |device| {
        StorageCause::AlreadyFormatted(device)
    }),
    (&["is unrecognized, requires build"], |_| StorageCause::NeedsBuild),
    (&["cannot find logical volume group name '", "'"], StorageCause::GroupMissing),
    (&["cannot find any matching source devices for logical volume group '", "'"], |group| {
        StorageCause::DeviceNames(group)
    }),
    (&["Cannot find '", "' in path"], StorageCause::ProgramMissing),
    (&["unable to find ploop"], |_| StorageCause::ProgramMissing("ploop".into())),
    (&["iSCSI driver tcp is not loaded"], |_| StorageCause::ServiceMissing("iscsi_tcp".into())),
    (&["can not connect to iSCSI daemon"], |_| StorageCause::ServiceMissing("iscsid".into())),
    (&["cannot read dir '/dev/disk/by-"], |_| StorageCause::ServiceMissing("udev".into())),
    (&["Authentication failure"], |_| StorageCause::LoginFailed),
    (&["authorization failure"], |_| StorageCause::LoginFailed),
    (&["Target not found"], |_| StorageCause::TargetMissing),
    (&["no records found"], |_| StorageCause::TargetMissing),
    (&["' does not have a value"], |_| StorageCause::SecretEmpty),
    (&["no secret with matching"], |_| StorageCause::SecretMissing),
    (&["no secret provided for luks"], |_| StorageCause::SecretForgotten),
    (&["A single <secret"], |_| StorageCause::SecretForgotten),
    (&["access denied by server while mounting ", "\n"], StorageCause::AccessDenied),
    (&["access denied by server while mounting "], StorageCause::AccessDenied),
    (&["mounting ", " failed, reason given by server: No such file"], StorageCause::ExportMissing),
    (&["Mounting glusterfs on "], |_| StorageCause::ExportMissing(String::new())),
    (&["MNT3ERR_ACCES"], |_| StorageCause::AccessDenied(String::new())),
    (&["MNT3ERR_NOENT"], |_| StorageCause::ExportMissing(String::new())),
    (&["Failed to resolve server ", ":"], StorageCause::ServerUnknown),
    (&["failed to connect to gluster://", "/"], StorageCause::ServerUnreachable),
    (&["iscsi_service_reconnect_if_loggedin"], |_| StorageCause::ServerUnreachable(String::new())),
    (&["cannot connect to ", ":"], StorageCause::ServerUnreachable),
    (&["connection login retries"], |_| StorageCause::ServerUnreachable(String::new())),
    (&["mount.nfs: Connection refused"], |_| StorageCause::ServerUnreachable(String::new())),
    (&["mount.nfs: Connection timed out"], |_| StorageCause::ServerUnreachable(String::new())),
    (&["mount.nfs: No route to host"], |_| StorageCause::ServerUnreachable(String::new())),
    (&["mount.nfs: Network is unreachable"], |_| StorageCause::ServerUnreachable(String::new())),
    (&["clnt_create: RPC: "], |_| StorageCause::ServerUnreachable(String::new())),
    (&["special device ", " does not exist"], StorageCause::DeviceMissing),
    (&["Could not stat device ", " "], StorageCause::DeviceMissing),
    (&["device path '", "' doesn't exist"], StorageCause::DeviceMissing),
    (&["cannot open block device '", "'"], StorageCause::DeviceMissing),
    (&["No space left on device"], |_| StorageCause::NoSpace),
    (&["Not enough space left in storage pool"], |_| StorageCause::NoSpace),
    (&["has insufficient free space"], |_| StorageCause::NoSpace),
    (&["no large enough free extent"], |_| StorageCause::NoSpace),
    (&["File too large"], |_| StorageCause::TooLarge),
    (&["image size is too large"], |_| StorageCause::TooLarge),
    (&["Format driver '", "' does not support image creation"], |format| {
        StorageCause::FormatNotCreatable(format)
    }),
    (&["Unknown file format '", "'"], StorageCause::FormatNotCreatable),
    (&["inaccessible backing store volume ", ":"], StorageCause::BackingMissing),
    (&["storage pool '", "' is not active"], StorageCause::PoolInactive),
    (&["storage pool '", "' is still active"], StorageCause::PoolActive),
    (&["storage pool '", "' is already active"], StorageCause::PoolActive),
    (&["storage pool does not support"], |_| StorageCause::NotForThisKind),
    (&["does not support source discovery"], |_| StorageCause::NotForThisKind),
    (&["parent '", "' specified for vHBA does not exist"], StorageCause::AdapterMissing),
    (&["'parent' for vHBA not specified"], |_| StorageCause::AdapterMissing(String::new())),
    (&["Could not open '/sys/class/scsi_host/", "/"], StorageCause::AdapterMissing),
    (&["are assigned to an HBA"], |_| StorageCause::WwnOfAdapter),
    (&["Can't shrink capacity"], |_| StorageCause::WouldShrink),
    (&["no storage vol with matching"], |_| StorageCause::VolumeMissing),
];

fn cause(text: &str) -> Option<StorageCause> {
    PATTERNS.iter().find_map(|(parts, meaning)| {
        let mut rest = text;
        let mut name = "";
        for part in *parts {
            let (before, after) = rest.split_once(part)?;
            (name, rest) = (before, after);
        }
        let name = if parts.len() > 1 { name } else { rest.lines().next().unwrap_or_default() };
        Some(meaning(name.trim().to_owned()))
    })
}

const fn remedy(cause: &StorageCause) -> StorageRemedy {
    match cause {
        StorageCause::Class(kind) => remedy_of_class(*kind),
        StorageCause::ServerUnreachable(_) | StorageCause::ServerUnknown(_) => {
            StorageRemedy::CheckServer
        }
        StorageCause::ExportMissing(_) | StorageCause::TargetMissing => StorageRemedy::CheckExport,
        StorageCause::AccessDenied(_) => StorageRemedy::AllowAtServer,
        StorageCause::NothingFound(_) => StorageRemedy::TypeByHand,
        StorageCause::MountHelperMissing(_) => StorageRemedy::InstallMountHelper,
        StorageCause::FileSystemUnknown(_) => StorageRemedy::ChooseFileSystem,
        StorageCause::ProgramMissing(_) => StorageRemedy::InstallProgram,
        StorageCause::BackEndMissing(_) => StorageRemedy::InstallBackEnd,
        StorageCause::ServiceMissing(_) => StorageRemedy::StartService,
        StorageCause::DirectoryMissing(_)
        | StorageCause::NeedsBuild
        | StorageCause::GroupMissing(_) => StorageRemedy::Build,
        StorageCause::DirectoryNotEmpty(_) => StorageRemedy::EmptyDirectory,
        StorageCause::UsedByPool(_) => StorageRemedy::UseThatPool,
        StorageCause::PoolExists(_) | StorageCause::VolumeExists(_) => StorageRemedy::Rename,
        StorageCause::AlreadyFormatted(_) => StorageRemedy::OverwriteOrOther,
        StorageCause::DeviceMissing(_) => StorageRemedy::CheckDevice,
        StorageCause::DeviceNames(_) => StorageRemedy::LvmDeviceName,
        StorageCause::LoginFailed => StorageRemedy::CheckLogin,
        StorageCause::SecretMissing | StorageCause::SecretEmpty | StorageCause::SecretForgotten => {
            StorageRemedy::SetSecret
        }
        StorageCause::NoSpace => StorageRemedy::MakeRoom,
        StorageCause::TooLarge => StorageRemedy::ChooseSmaller,
        StorageCause::FormatNotCreatable(_) => StorageRemedy::ChooseFormat,
        StorageCause::BackingMissing(_) | StorageCause::VolumeMissing => StorageRemedy::RefreshPool,
        StorageCause::PoolInactive(_) => StorageRemedy::StartPool,
        StorageCause::PoolActive(_) => StorageRemedy::StopPool,
        StorageCause::NotForThisKind | StorageCause::WouldShrink => StorageRemedy::ReadDetails,
        StorageCause::AdapterMissing(_) | StorageCause::WwnOfAdapter => StorageRemedy::CheckAdapter,
    }
}

const fn remedy_of_class(kind: FailureKind) -> StorageRemedy {
    match kind {
        FailureKind::Cancelled => StorageRemedy::Nothing,
        FailureKind::LinkLost | FailureKind::TimedOut | FailureKind::ChannelBroken => {
            StorageRemedy::CheckLink
        }
        FailureKind::UnknownHost | FailureKind::Refused => StorageRemedy::CheckServer,
        FailureKind::Authentication => StorageRemedy::CheckLogin,
        FailureKind::Denied => StorageRemedy::GetRights,
        FailureKind::Exists => StorageRemedy::Rename,
        FailureKind::Gone | FailureKind::Storage => StorageRemedy::RefreshPool,
        FailureKind::Busy => StorageRemedy::Wait,
        FailureKind::NoSpace => StorageRemedy::MakeRoom,
        FailureKind::InUse => StorageRemedy::FreeVolume,
        FailureKind::Corrupted => StorageRemedy::TryAgain,
        FailureKind::ToolMissing => StorageRemedy::InstallProgram,
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
        | FailureKind::Other => StorageRemedy::ReadDetails,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use StorageCause as Cause;
    use StorageRemedy as Remedy;

    fn told(text: &str) -> (Cause, Remedy) {
        let explained = explain(&Failure::own(FailureKind::Other, text));
        (explained.cause, explained.remedy)
    }

    /// storage.md: each text as libvirt 11.3 was seen to say it.
    #[test]
    fn texts_of_libvirt() {
        let text = |text: &str| text.to_owned();
        for (message, expected, todo) in [
            (
                "internal error: Child process (/usr/bin/mount -o nodev,nosuid,noexec -t nfs 10.98.0.30:/srv/nfs/images /var/lib/libvirt/images/nfsp) unexpected exit status 32: mount.nfs: No such device\n",
                Cause::FileSystemUnknown(text("nfs")),
                Remedy::ChooseFileSystem,
            ),
            (
                "internal error: Child process (/usr/bin/mount -t nfs a:/b /c) unexpected exit status 32: mount.nfs: mount point /var/x y does not exist\n",
                Cause::DirectoryMissing(text("/var/x y")),
                Remedy::Build,
            ),
            (
                "internal error: Child process (/usr/bin/mount -t nfs nas:/no /c) unexpected exit status 32: mount.nfs: access denied by server while mounting nas:/no\n",
                Cause::AccessDenied(text("nas:/no")),
                Remedy::AllowAtServer,
            ),
            (
                "… unexpected exit status 32: mount.nfs: mounting nas:/no failed, reason given by server: No such file or directory\n",
                Cause::ExportMissing(text("nas:/no")),
                Remedy::CheckExport,
            ),
            (
                "… -t cifs //10.98.0.30/share ... mount: /mnt: unknown filesystem type 'cifs'.",
                Cause::FileSystemUnknown(text("cifs")),
                Remedy::ChooseFileSystem,
            ),
            (
                "operation failed: no storage pools were found on host '10.98.0.77'",
                Cause::NothingFound(text("10.98.0.77")),
                Remedy::TypeByHand,
            ),
            (
                "failed to connect to gluster://10.98.0.77/gv0/: Transport endpoint is not connected",
                Cause::ServerUnreachable(text("10.98.0.77")),
                Remedy::CheckServer,
            ),
            (
                "operation failed: Storage source conflict with pool: 'd1'",
                Cause::UsedByPool(text("d1")),
                Remedy::UseThatPool,
            ),
            (
                "operation failed: pool 'd1' already exists with uuid 4a1e",
                Cause::PoolExists(text("d1")),
                Remedy::Rename,
            ),
            (
                "internal error: missing backend for pool type 9 (rbd)",
                Cause::BackEndMissing(text("rbd")),
                Remedy::InstallBackEnd,
            ),
            (
                "cannot open directory '/srv/it's': No such file or directory",
                Cause::DirectoryMissing(text("/srv/it's")),
                Remedy::Build,
            ),
            (
                "Storage pool probe failed: Device '/dev/loop0' is unrecognized, requires build",
                Cause::NeedsBuild,
                Remedy::Build,
            ),
            (
                "Storage pool already built: Device '/dev/sda' already formatted using 'gpt'",
                Cause::AlreadyFormatted(text("/dev/sda")),
                Remedy::OverwriteOrOther,
            ),
            (
                "internal error: Failed to login: Failed to log in to target. Status: Authentication failure(513)",
                Cause::LoginFailed,
                Remedy::CheckLogin,
            ),
            (
                "internal error: Failed to login: Failed to log in to target. Status: Target not found(515)",
                Cause::TargetMissing,
                Remedy::CheckExport,
            ),
            (
                "Secret not found: secret 'UUID' does not have a value",
                Cause::SecretEmpty,
                Remedy::SetSecret,
            ),
            (
                "Secret not found: no secret with matching uuid 'UUID'",
                Cause::SecretMissing,
                Remedy::SetSecret,
            ),
            (
                "unsupported configuration: cannot find any matching source devices for logical volume group 'vg0'",
                Cause::DeviceNames(text("vg0")),
                Remedy::LvmDeviceName,
            ),
            (
                "internal error: Child process (/usr/sbin/lvcreate --name big -L 1048576K vg0 --yes) unexpected exit status 5:   Volume group \"vg0\" has insufficient free space (48 extents): 256 required.",
                Cause::NoSpace,
                Remedy::MakeRoom,
            ),
            (
                "cannot allocate 104857600 bytes in file '/p/big': No space left on device",
                Cause::NoSpace,
                Remedy::MakeRoom,
            ),
            (
                "internal error: Child process (/usr/bin/qemu-img create -f cloop /p/v 65536K) unexpected exit status 1: qemu-img: /p/v: Format driver 'cloop' does not support image creation",
                Cause::FormatNotCreatable(text("cloop")),
                Remedy::ChooseFormat,
            ),
            (
                "inaccessible backing store volume /p/nosuch: No such file or directory",
                Cause::BackingMissing(text("/p/nosuch")),
                Remedy::RefreshPool,
            ),
            (
                "Cannot find 'zfs' in path: No such file or directory",
                Cause::ProgramMissing(text("zfs")),
                Remedy::InstallProgram,
            ),
            (
                "… iscsiadm: can not connect to iSCSI daemon (111)!",
                Cause::ServiceMissing(text("iscsid")),
                Remedy::StartService,
            ),
            (
                "XML error: parent 'scsi_host5' specified for vHBA does not exist",
                Cause::AdapterMissing(text("scsi_host5")),
                Remedy::CheckAdapter,
            ),
            (
                "this function is not supported by the connection driver: storage pool does not support volume creation",
                Cause::NotForThisKind,
                Remedy::ReadDetails,
            ),
            ("new words", Cause::Class(FailureKind::Other), Remedy::ReadDetails),
        ] {
            assert_eq!(told(message), (expected, todo), "{message}");
        }
    }

    #[test]
    fn our_own_refusals_are_not_read_for_causes() {
        let failure = Failure::own(FailureKind::InUse, "No space left on device (a guest's name)");
        let explained = explain(&failure);
        assert_eq!(explained.cause, Cause::Class(FailureKind::InUse));
        assert_eq!(explained.remedy, Remedy::FreeVolume);
    }
}
