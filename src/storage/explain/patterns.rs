//! The texts by which a cause is known.

use super::{HostCause, PoolCause, ServerCause, StorageCause, VolumeCause};

/// Texts that must all occur, in this order; what stands between the last two is the name.
type Pattern = (&'static [&'static str], fn(String) -> StorageCause);

/// In the order in which they are tried: the cause before what followed from it.
const PATTERNS: &[Pattern] = &[
    (&["Storage source conflict with pool: '", "'"], |name| {
        StorageCause::Pool(PoolCause::UsedByPool(name))
    }),
    (&["pool '", "' already exists with uuid"], |name| StorageCause::Pool(PoolCause::Exists(name))),
    (&["pool '", "' is already defined with uuid"], |name| {
        StorageCause::Pool(PoolCause::Exists(name))
    }),
    (&["storage volume '", "' exists already"], |name| {
        StorageCause::Volume(VolumeCause::Exists(name))
    }),
    (&["storage vol '", "' already exists"], |name| {
        StorageCause::Volume(VolumeCause::Exists(name))
    }),
    (&["volume target path '", "' already exists"], |path| {
        let name = path.rsplit('/').next().unwrap_or_default().to_owned();
        StorageCause::Volume(VolumeCause::Exists(name))
    }),
    (&["missing backend for pool type", "(", ")"], |name| {
        StorageCause::Host(HostCause::BackEndMissing(name))
    }),
    (&["no storage pools were found on host '", "'"], |name| {
        StorageCause::Server(ServerCause::NothingFound(name))
    }),
    (&["unknown filesystem type '", "'"], |name| {
        StorageCause::Host(HostCause::FileSystemUnknown(name))
    }),
    (&["mount.nfs: No such device"], |_| {
        StorageCause::Host(HostCause::FileSystemUnknown("nfs".into()))
    }),
    (&["bad option; for several filesystems"], |_| {
        StorageCause::Host(HostCause::MountHelperMissing(String::new()))
    }),
    (&["need a /sbin/mount.", " "], |name| StorageCause::Host(HostCause::MountHelperMissing(name))),
    (&["mount point ", " does not exist"], |name| {
        StorageCause::Pool(PoolCause::DirectoryMissing(name))
    }),
    (&["cannot open directory '", "': No such file"], |name| {
        StorageCause::Pool(PoolCause::DirectoryMissing(name))
    }),
    (&["failed to remove pool '", "': Directory not empty"], |name| {
        StorageCause::Pool(PoolCause::DirectoryNotEmpty(name))
    }),
    (&["cannot unlink directory '", "': Directory not empty"], |name| {
        StorageCause::Pool(PoolCause::DirectoryNotEmpty(name))
    }),
    (&["Storage pool already built: Device '", "' already formatted"], |device| {
        StorageCause::Pool(PoolCause::AlreadyFormatted(device))
    }),
    (&["Format of device '", "' does not match the expected format"], |device| {
        StorageCause::Pool(PoolCause::AlreadyFormatted(device))
    }),
    (&["unable to control COW flag on '", "', not btrfs"], |name| {
        StorageCause::Pool(PoolCause::NotBtrfs(name))
    }),
    (&["is unrecognized, requires build"], |_| StorageCause::Pool(PoolCause::NeedsBuild)),
    (&["cannot find logical volume group name '", "'"], |name| {
        StorageCause::Pool(PoolCause::GroupMissing(name))
    }),
    (&["cannot find any matching source devices for logical volume group '", "'"], |group| {
        StorageCause::Pool(PoolCause::DeviceNames(group))
    }),
    (&["Cannot find '", "' in path"], |name| StorageCause::Host(HostCause::ProgramMissing(name))),
    (&["unable to find ploop"], |_| StorageCause::Host(HostCause::ProgramMissing("ploop".into()))),
    (&["iSCSI driver tcp is not loaded"], |_| {
        StorageCause::Host(HostCause::ServiceMissing("iscsi_tcp".into()))
    }),
    (&["can not connect to iSCSI daemon"], |_| {
        StorageCause::Host(HostCause::ServiceMissing("iscsid".into()))
    }),
    (&["cannot read dir '/dev/disk/by-"], |_| {
        StorageCause::Host(HostCause::ServiceMissing("udev".into()))
    }),
    (&["Authentication failure"], |_| StorageCause::Server(ServerCause::LoginFailed)),
    (&["authorization failure"], |_| StorageCause::Server(ServerCause::LoginFailed)),
    (&["Target not found"], |_| StorageCause::Server(ServerCause::TargetMissing)),
    (&["no records found"], |_| StorageCause::Server(ServerCause::TargetMissing)),
    (&["' does not have a value"], |_| StorageCause::Host(HostCause::SecretEmpty)),
    (&["no secret with matching"], |_| StorageCause::Host(HostCause::SecretMissing)),
    (&["no secret provided for luks"], |_| StorageCause::Volume(VolumeCause::SecretForgotten)),
    (&["A single <secret"], |_| StorageCause::Volume(VolumeCause::SecretForgotten)),
    (&["access denied by server while mounting ", "\n"], |name| {
        StorageCause::Server(ServerCause::AccessDenied(name))
    }),
    (&["access denied by server while mounting "], |name| {
        StorageCause::Server(ServerCause::AccessDenied(name))
    }),
    (&["mounting ", " failed, reason given by server: No such file"], |name| {
        StorageCause::Server(ServerCause::ExportMissing(name))
    }),
    (&["Mounting glusterfs on "], |_| {
        StorageCause::Server(ServerCause::ExportMissingOrUnreachable)
    }),
    (&["requested NFS version", "not supported"], |_| {
        StorageCause::Server(ServerCause::VersionRefused)
    }),
    (&["mount.nfs: Protocol not supported"], |_| StorageCause::Server(ServerCause::VersionRefused)),
    (&["rpc.statd is not running"], |_| {
        StorageCause::Host(HostCause::ServiceMissing("rpc.statd".into()))
    }),
    (&["mount error(13)"], |_| StorageCause::Server(ServerCause::GuestRefused)),
    (&["mount error(2)"], |_| StorageCause::Server(ServerCause::ExportMissing(String::new()))),
    (&["mount error(111)"], |_| StorageCause::Server(ServerCause::Unreachable(String::new()))),
    (&["mount error(112)"], |_| StorageCause::Server(ServerCause::Unreachable(String::new()))),
    (&["mount error(113)"], |_| StorageCause::Server(ServerCause::Unreachable(String::new()))),
    (&["mount error(115)"], |_| StorageCause::Server(ServerCause::Unreachable(String::new()))),
    (&["MNT3ERR_ACCES"], |_| StorageCause::Server(ServerCause::AccessDenied(String::new()))),
    (&["MNT3ERR_NOENT"], |_| StorageCause::Server(ServerCause::ExportMissing(String::new()))),
    (&["Failed to resolve server ", ":"], |name| StorageCause::Server(ServerCause::Unknown(name))),
    (&["failed to connect to gluster://", "/"], |name| {
        StorageCause::Server(ServerCause::Unreachable(name))
    }),
    (&["iscsi_service_reconnect_if_loggedin"], |_| {
        StorageCause::Server(ServerCause::Unreachable(String::new()))
    }),
    (&["cannot connect to ", ":"], |name| StorageCause::Server(ServerCause::Unreachable(name))),
    (&["connection login retries"], |_| {
        StorageCause::Server(ServerCause::Unreachable(String::new()))
    }),
    (&["mount.nfs: Connection refused"], |_| {
        StorageCause::Server(ServerCause::Unreachable(String::new()))
    }),
    (&["mount.nfs: Connection timed out"], |_| {
        StorageCause::Server(ServerCause::Unreachable(String::new()))
    }),
    (&["mount.nfs: No route to host"], |_| {
        StorageCause::Server(ServerCause::Unreachable(String::new()))
    }),
    (&["mount.nfs: Network is unreachable"], |_| {
        StorageCause::Server(ServerCause::Unreachable(String::new()))
    }),
    (&["clnt_create: RPC: "], |_| StorageCause::Server(ServerCause::Unreachable(String::new()))),
    (&["special device ", " does not exist"], |name| {
        StorageCause::Pool(PoolCause::DeviceMissing(name))
    }),
    (&["Could not stat device ", " "], |name| StorageCause::Pool(PoolCause::DeviceMissing(name))),
    (&["device path '", "' doesn't exist"], |name| {
        StorageCause::Pool(PoolCause::DeviceMissing(name))
    }),
    (&["cannot open block device '", "'"], |name| {
        StorageCause::Pool(PoolCause::DeviceMissing(name))
    }),
    (&["No space left on device"], |_| StorageCause::Volume(VolumeCause::NoSpace)),
    (&["Not enough space left in storage pool"], |_| StorageCause::Volume(VolumeCause::NoSpace)),
    (&["has insufficient free space"], |_| StorageCause::Volume(VolumeCause::NoSpace)),
    (&["no large enough free extent"], |_| StorageCause::Volume(VolumeCause::NoSpace)),
    (&["File too large"], |_| StorageCause::Volume(VolumeCause::TooLarge)),
    (&["image size is too large"], |_| StorageCause::Volume(VolumeCause::TooLarge)),
    (&["Format driver '", "' does not support image creation"], |format| {
        StorageCause::Volume(VolumeCause::FormatNotCreatable(format))
    }),
    (&["Unknown file format '", "'"], |name| {
        StorageCause::Volume(VolumeCause::FormatNotCreatable(name))
    }),
    (&["inaccessible backing store volume ", ":"], |name| {
        StorageCause::Volume(VolumeCause::BackingMissing(name))
    }),
    (&["storage pool '", "' is not active"], |name| StorageCause::Pool(PoolCause::Inactive(name))),
    (&["storage pool '", "' is still active"], |name| StorageCause::Pool(PoolCause::Active(name))),
    (&["storage pool '", "' is already active"], |name| {
        StorageCause::Pool(PoolCause::Active(name))
    }),
    (&["storage pool does not support"], |_| StorageCause::Pool(PoolCause::NotForThisKind)),
    (&["does not support source discovery"], |_| StorageCause::Pool(PoolCause::NotForThisKind)),
    (&["parent '", "' specified for vHBA does not exist"], |name| {
        StorageCause::Host(HostCause::AdapterMissing(name))
    }),
    (&["'parent' for vHBA not specified"], |_| {
        StorageCause::Host(HostCause::AdapterMissing(String::new()))
    }),
    (&["Could not open '/sys/class/scsi_host/", "/"], |name| {
        StorageCause::Host(HostCause::AdapterMissing(name))
    }),
    (&["are assigned to an HBA"], |_| StorageCause::Host(HostCause::WwnOfAdapter)),
    (&["Can't shrink capacity"], |_| StorageCause::Volume(VolumeCause::WouldShrink)),
    (&["no storage vol with matching"], |_| StorageCause::Volume(VolumeCause::Missing)),
    (&["': Permission denied"], |_| StorageCause::Host(HostCause::NotPermitted)),
    (&["Could not create file: Permission denied"], |_| {
        StorageCause::Host(HostCause::NotPermitted)
    }),
    (&["cannot chown '", "Operation not permitted"], |_| {
        StorageCause::Host(HostCause::NotPermitted)
    }),
    (&["must be superuser to use mount"], |_| StorageCause::Host(HostCause::NotPermitted)),
];

pub(super) fn cause(text: &str) -> Option<StorageCause> {
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
