//! What a message of libvirt's storage drivers means: the cause, with the names in it, and what can
//! be done. The texts are libvirt 11.3's (9.0's are the same where not said otherwise) and those of
//! the programs it calls; a host that speaks another language falls back to the class.

mod patterns;
mod remedy;

pub use remedy::{HostRemedy, PoolRemedy, ServerRemedy, StorageRemedy, VolumeRemedy};

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
    /// What is wrong with or at a server.
    Server(ServerCause),
    /// What the host lacks.
    Host(HostCause),
    /// What is wrong with a pool or its source.
    Pool(PoolCause),
    /// What is wrong with a volume.
    Volume(VolumeCause),
}

/// What is wrong with or at a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerCause {
    /// A server does not answer: which, as far as it is named.
    Unreachable(String),
    /// A server's name is not known at the host.
    Unknown(String),
    /// The server exports nothing of that name.
    ExportMissing(String),
    /// The server does not let this host in.
    AccessDenied(String),
    /// The server does not let guests in, and libvirt logs in to CIFS as nothing else.
    GuestRefused,
    /// The server does not speak this version of NFS.
    VersionRefused,
    /// The server exports nothing of that name, or does not answer: GlusterFS says the same of both.
    ExportMissingOrUnreachable,
    /// The server told of nothing to choose from.
    NothingFound(String),
    /// User name or password are wrong, or missing.
    LoginFailed,
    /// There is no such target at the portal.
    TargetMissing,
}

/// What the host lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostCause {
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
    /// libvirt may not read or write there: a server that makes root nobody (`root_squash`), a
    /// directory of somebody else, a user's session.
    NotPermitted,
    /// The secret is missing at the host.
    SecretMissing,
    /// The secret has no value at the host.
    SecretEmpty,
    /// The adapter is missing.
    AdapterMissing(String),
    /// These WWNs belong to an adapter itself, so that no virtual one can have them.
    WwnOfAdapter,
}

/// What is wrong with a pool or its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PoolCause {
    /// The directory is missing: the pool was not built.
    DirectoryMissing(String),
    /// The directory is not empty.
    DirectoryNotEmpty(String),
    /// Another pool has the same source or target.
    UsedByPool(String),
    /// A pool of this name is there.
    Exists(String),
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
    /// Copy on write cannot be set in this directory: only Btrfs has it.
    NotBtrfs(String),
    /// The pool is not started.
    Inactive(String),
    /// The pool must be stopped first.
    Active(String),
    /// The kind of pool cannot do this.
    NotForThisKind,
}

/// What is wrong with a volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VolumeCause {
    /// A volume of this name is there.
    Exists(String),
    /// The volume is gone.
    Missing,
    /// No space is left.
    NoSpace,
    /// This format is larger than its file system, or itself, allows.
    TooLarge,
    /// The program at the host cannot make this format.
    FormatNotCreatable(String),
    /// The image below cannot be opened.
    BackingMissing(String),
    /// libvirt forgot the secret of the volume when the pool was refreshed.
    SecretForgotten,
    /// A volume can only become larger, without further permission.
    WouldShrink,
}

/// Explains a failure of a storage request.
#[must_use]
pub fn explain(failure: &Failure) -> StorageExplanation {
    let known = match failure.kind {
        FailureKind::Cancelled
        | FailureKind::InUse
        | FailureKind::Corrupted
        | FailureKind::Overtaken => None,
        _ => patterns::cause(&failure.message),
    };
    let cause = known.unwrap_or(StorageCause::Class(failure.kind));
    StorageExplanation { remedy: remedy::remedy(&cause), cause }
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
                Cause::Host(HostCause::FileSystemUnknown(text("nfs"))),
                Remedy::Host(HostRemedy::ChooseFileSystem),
            ),
            (
                "internal error: Child process (/usr/bin/mount -t nfs a:/b /c) unexpected exit status 32: mount.nfs: mount point /var/x y does not exist\n",
                Cause::Pool(PoolCause::DirectoryMissing(text("/var/x y"))),
                Remedy::Pool(PoolRemedy::Build),
            ),
            (
                "internal error: Child process (/usr/bin/mount -t nfs nas:/no /c) unexpected exit status 32: mount.nfs: access denied by server while mounting nas:/no\n",
                Cause::Server(ServerCause::AccessDenied(text("nas:/no"))),
                Remedy::Server(ServerRemedy::AllowHost),
            ),
            (
                "unsupported configuration: unable to control COW flag on '/srv/images', not btrfs",
                Cause::Pool(PoolCause::NotBtrfs(text("/srv/images"))),
                Remedy::Pool(PoolRemedy::LeaveCopyOnWrite),
            ),
            (
                "… unexpected exit status 32: mount.nfs: mounting nas:/no failed, reason given by server: No such file or directory\n",
                Cause::Server(ServerCause::ExportMissing(text("nas:/no"))),
                Remedy::Server(ServerRemedy::CheckExport),
            ),
            (
                "… -t cifs //10.98.0.30/share ... mount: /mnt: unknown filesystem type 'cifs'.",
                Cause::Host(HostCause::FileSystemUnknown(text("cifs"))),
                Remedy::Host(HostRemedy::ChooseFileSystem),
            ),
            (
                "operation failed: no storage pools were found on host '10.98.0.77'",
                Cause::Server(ServerCause::NothingFound(text("10.98.0.77"))),
                Remedy::Server(ServerRemedy::TypeByHand),
            ),
            (
                "failed to connect to gluster://10.98.0.77/gv0/: Transport endpoint is not connected",
                Cause::Server(ServerCause::Unreachable(text("10.98.0.77"))),
                Remedy::Server(ServerRemedy::Check),
            ),
            (
                "operation failed: Storage source conflict with pool: 'd1'",
                Cause::Pool(PoolCause::UsedByPool(text("d1"))),
                Remedy::Pool(PoolRemedy::UseThatPool),
            ),
            (
                "operation failed: pool 'd1' already exists with uuid 4a1e",
                Cause::Pool(PoolCause::Exists(text("d1"))),
                Remedy::Pool(PoolRemedy::Rename),
            ),
            (
                "internal error: missing backend for pool type 9 (rbd)",
                Cause::Host(HostCause::BackEndMissing(text("rbd"))),
                Remedy::Host(HostRemedy::InstallBackEnd),
            ),
            (
                "cannot open directory '/srv/it's': No such file or directory",
                Cause::Pool(PoolCause::DirectoryMissing(text("/srv/it's"))),
                Remedy::Pool(PoolRemedy::Build),
            ),
            (
                "Storage pool probe failed: Device '/dev/loop0' is unrecognized, requires build",
                Cause::Pool(PoolCause::NeedsBuild),
                Remedy::Pool(PoolRemedy::Build),
            ),
            (
                "Storage pool already built: Device '/dev/sda' already formatted using 'gpt'",
                Cause::Pool(PoolCause::AlreadyFormatted(text("/dev/sda"))),
                Remedy::Pool(PoolRemedy::OverwriteOrOther),
            ),
            (
                "internal error: Failed to login: Failed to log in to target. Status: Authentication failure(513)",
                Cause::Server(ServerCause::LoginFailed),
                Remedy::Server(ServerRemedy::CheckLogin),
            ),
            (
                "internal error: Failed to login: Failed to log in to target. Status: Target not found(515)",
                Cause::Server(ServerCause::TargetMissing),
                Remedy::Server(ServerRemedy::CheckExport),
            ),
            (
                "Secret not found: secret 'UUID' does not have a value",
                Cause::Host(HostCause::SecretEmpty),
                Remedy::Host(HostRemedy::SetSecret),
            ),
            (
                "Secret not found: no secret with matching uuid 'UUID'",
                Cause::Host(HostCause::SecretMissing),
                Remedy::Host(HostRemedy::SetSecret),
            ),
            (
                "unsupported configuration: cannot find any matching source devices for logical volume group 'vg0'",
                Cause::Pool(PoolCause::DeviceNames(text("vg0"))),
                Remedy::Pool(PoolRemedy::LvmDeviceName),
            ),
            (
                "internal error: Child process (/usr/sbin/lvcreate --name big -L 1048576K vg0 --yes) unexpected exit status 5:   Volume group \"vg0\" has insufficient free space (48 extents): 256 required.",
                Cause::Volume(VolumeCause::NoSpace),
                Remedy::Volume(VolumeRemedy::MakeRoom),
            ),
            (
                "cannot allocate 104857600 bytes in file '/p/big': No space left on device",
                Cause::Volume(VolumeCause::NoSpace),
                Remedy::Volume(VolumeRemedy::MakeRoom),
            ),
            (
                "internal error: Child process (/usr/bin/qemu-img create -f cloop /p/v 65536K) unexpected exit status 1: qemu-img: /p/v: Format driver 'cloop' does not support image creation",
                Cause::Volume(VolumeCause::FormatNotCreatable(text("cloop"))),
                Remedy::Volume(VolumeRemedy::ChooseFormat),
            ),
            (
                "inaccessible backing store volume /p/nosuch: No such file or directory",
                Cause::Volume(VolumeCause::BackingMissing(text("/p/nosuch"))),
                Remedy::Pool(PoolRemedy::Refresh),
            ),
            (
                "Cannot find 'zfs' in path: No such file or directory",
                Cause::Host(HostCause::ProgramMissing(text("zfs"))),
                Remedy::Host(HostRemedy::InstallProgram),
            ),
            (
                "… iscsiadm: can not connect to iSCSI daemon (111)!",
                Cause::Host(HostCause::ServiceMissing(text("iscsid"))),
                Remedy::Host(HostRemedy::StartService),
            ),
            (
                "XML error: parent 'scsi_host5' specified for vHBA does not exist",
                Cause::Host(HostCause::AdapterMissing(text("scsi_host5"))),
                Remedy::Host(HostRemedy::CheckAdapter),
            ),
            (
                "this function is not supported by the connection driver: storage pool does not support volume creation",
                Cause::Pool(PoolCause::NotForThisKind),
                Remedy::ReadDetails,
            ),
            (
                "cannot open directory '/mnt/p': Permission denied",
                Cause::Host(HostCause::NotPermitted),
                Remedy::Host(HostRemedy::AllowAccess),
            ),
            (
                "internal error: Child process (/usr/bin/qemu-img create -f qcow2 /p/v 1K) unexpected exit status 1: qemu-img: /p/v: Could not create file: Permission denied",
                Cause::Host(HostCause::NotPermitted),
                Remedy::Host(HostRemedy::AllowAccess),
            ),
            (
                "… unexpected exit status 32: mount: /mnt/p: must be superuser to use mount.",
                Cause::Host(HostCause::NotPermitted),
                Remedy::Host(HostRemedy::AllowAccess),
            ),
            (
                "… unexpected exit status 32: mount.nfs: requested NFS version or transport protocol is not supported for /mnt/p",
                Cause::Server(ServerCause::VersionRefused),
                Remedy::Server(ServerRemedy::OtherVersion),
            ),
            (
                "… unexpected exit status 32: mount.nfs: Protocol not supported",
                Cause::Server(ServerCause::VersionRefused),
                Remedy::Server(ServerRemedy::OtherVersion),
            ),
            (
                "… mount.nfs: rpc.statd is not running but is required for remote locking.",
                Cause::Host(HostCause::ServiceMissing(text("rpc.statd"))),
                Remedy::Host(HostRemedy::StartService),
            ),
            (
                "… -t cifs //nas/share /mnt/p) unexpected exit status 32: mount error(13): Permission denied",
                Cause::Server(ServerCause::GuestRefused),
                Remedy::Server(ServerRemedy::AllowGuests),
            ),
            (
                "… unexpected exit status 32: mount error(113): could not connect to 10.98.0.77Unable to find suitable address.",
                Cause::Server(ServerCause::Unreachable(String::new())),
                Remedy::Server(ServerRemedy::Check),
            ),
            (
                "storage error: volume target path '/p/disk.img' already exists",
                Cause::Volume(VolumeCause::Exists(text("disk.img"))),
                Remedy::Pool(PoolRemedy::Rename),
            ),
            (
                "… -t glusterfs 10.98.0.20:nosuch /p) unexpected exit status 1: Mounting glusterfs on /p failed.",
                Cause::Server(ServerCause::ExportMissingOrUnreachable),
                Remedy::Server(ServerRemedy::CheckBoth),
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
        assert_eq!(explained.remedy, Remedy::Volume(VolumeRemedy::Free));
    }
}
