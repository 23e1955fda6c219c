//! Why something with storage failed, and what to do.

use super::failure;
use crate::i18n::{gettext, gettext_f};
use crate::model::{Failure, FailureKind};
use crate::storage::explain::{
    HostCause, HostRemedy, PoolCause, PoolRemedy, ServerCause, ServerRemedy, StorageCause,
    StorageRemedy, VolumeCause, VolumeRemedy, explain,
};

/// One line that says what went wrong.
#[must_use]
pub fn headline(failure: &Failure) -> String {
    match explain(failure).cause {
        StorageCause::Class(FailureKind::Other) => failure::headline(failure),
        known => cause(&known),
    }
}

/// The file of a proof that stayed behind, and why.
#[must_use]
pub fn proof_left((file, failure): &(String, Failure)) -> String {
    let values = [("file", file.as_str()), ("why", &*headline(failure))];
    gettext_f("The file {file} of the proof could not be deleted: {why}", &values)
}

/// What went wrong, what can be done, and libvirt's own words: for a place with room.
#[must_use]
pub fn paragraph(failure: &Failure) -> String {
    let explanation = explain(failure);
    let parts = [headline(failure), remedy(explanation.remedy), failure.message.trim().to_owned()];
    let mut said: Vec<String> = Vec::new();
    for part in parts {
        if !part.is_empty() && !said.contains(&part) {
            said.push(part);
        }
    }
    said.join("\n")
}

/// Why it failed, with the names that libvirt gave.
#[must_use]
pub fn cause(cause: &StorageCause) -> String {
    match cause {
        StorageCause::Class(kind) => class(*kind),
        StorageCause::Server(cause) => server(cause),
        StorageCause::Host(cause) => host(cause),
        StorageCause::Pool(cause) => pool(cause),
        StorageCause::Volume(cause) => volume(cause),
    }
}

/// A class of failure; what [`failure::class`] says of guests is said of storage.
fn class(kind: FailureKind) -> String {
    match kind {
        FailureKind::Gone | FailureKind::Storage => gettext("It is not there any more"),
        FailureKind::WrongState => gettext("Its state does not allow it"),
        FailureKind::Busy => gettext("Another operation holds it"),
        FailureKind::Cancelled
        | FailureKind::LinkLost
        | FailureKind::TimedOut
        | FailureKind::UnknownHost
        | FailureKind::Refused
        | FailureKind::ToolMissing
        | FailureKind::Authentication
        | FailureKind::Denied
        | FailureKind::BadUri
        | FailureKind::Exists
        | FailureKind::Unsupported
        | FailureKind::Cpu
        | FailureKind::Memory
        | FailureKind::NoSpace
        | FailureKind::Network
        | FailureKind::Unsafe
        | FailureKind::SameHost
        | FailureKind::MigrationAddress
        | FailureKind::GuestStopped
        | FailureKind::ChannelBroken
        | FailureKind::PostcopyFailed
        | FailureKind::InUse
        | FailureKind::Corrupted
        | FailureKind::Overtaken
        | FailureKind::Unwitnessed
        | FailureKind::Other => failure::class(kind),
    }
}

fn server(cause: &ServerCause) -> String {
    match cause {
        ServerCause::Unreachable(name) if name.is_empty() => gettext("The server does not answer"),
        ServerCause::Unreachable(name) => gettext_f("{name} does not answer", &[("name", name)]),
        ServerCause::Unknown(name) => {
            gettext_f("The host does not know a server {name}", &[("name", name)])
        }
        ServerCause::ExportMissing(name) if name.is_empty() => {
            gettext("The server does not export this")
        }
        ServerCause::ExportMissing(name) => {
            gettext_f("The server does not export {name}", &[("name", name)])
        }
        ServerCause::AccessDenied(_) => gettext("The server does not let this host in"),
        ServerCause::GuestRefused => gettext("The server does not let guests in"),
        ServerCause::VersionRefused => gettext("The server does not speak this version of NFS"),
        ServerCause::ExportMissingOrUnreachable => {
            gettext("The server does not export this, or does not answer")
        }
        ServerCause::NothingFound(name) => {
            gettext_f("{name} told of nothing, or does not answer", &[("name", name)])
        }
        ServerCause::LoginFailed => gettext("User name or password are not accepted"),
        ServerCause::TargetMissing => gettext("The server has no such target"),
    }
}

fn host(cause: &HostCause) -> String {
    match cause {
        HostCause::MountHelperMissing(_) => {
            gettext("The host has no program that mounts this kind of file system")
        }
        HostCause::FileSystemUnknown(name) => {
            gettext_f("The host cannot mount {name}", &[("name", name)])
        }
        HostCause::ProgramMissing(name) => {
            gettext_f("The program {name} is missing at the host", &[("name", name)])
        }
        HostCause::BackEndMissing(name) => {
            gettext_f("The host's libvirt cannot set up {name} pools", &[("name", name)])
        }
        HostCause::ServiceMissing(name) => {
            gettext_f("{name} is not running at the host", &[("name", name)])
        }
        HostCause::NotPermitted => gettext("libvirt may not read or write there"),
        HostCause::SecretMissing => gettext("The host does not have the secret"),
        HostCause::SecretEmpty => gettext("The secret has no value at the host"),
        HostCause::AdapterMissing(name) if name.is_empty() => {
            gettext("The host has no adapter that can do this")
        }
        HostCause::AdapterMissing(name) => {
            gettext_f("The host has no adapter {name}", &[("name", name)])
        }
        HostCause::WwnOfAdapter => gettext("These WWNs are the adapter's own"),
    }
}

fn pool(cause: &PoolCause) -> String {
    match cause {
        PoolCause::DirectoryMissing(name) => {
            gettext_f("The directory {name} does not exist", &[("name", name)])
        }
        PoolCause::DirectoryNotEmpty(name) => {
            gettext_f("The directory {name} is not empty", &[("name", name)])
        }
        PoolCause::UsedByPool(name) => {
            gettext_f("The pool {name} uses this already", &[("name", name)])
        }
        PoolCause::Exists(name) => {
            gettext_f("There is a pool named {name} already", &[("name", name)])
        }
        PoolCause::NeedsBuild => gettext("The device is not prepared for this"),
        PoolCause::AlreadyFormatted(name) => {
            gettext_f("{name} carries something already", &[("name", name)])
        }
        PoolCause::DeviceMissing(name) => {
            gettext_f("The device {name} does not exist", &[("name", name)])
        }
        PoolCause::GroupMissing(name) => {
            gettext_f("The volume group {name} does not exist", &[("name", name)])
        }
        PoolCause::DeviceNames(name) => {
            gettext_f("The volume group {name} is not on the devices given", &[("name", name)])
        }
        PoolCause::NotBtrfs(path) => {
            gettext_f("{path} is not on Btrfs, so copy on write cannot be set", &[("path", path)])
        }
        PoolCause::Inactive(_) => gettext("The pool is not started"),
        PoolCause::Active(_) => gettext("The pool is started"),
        PoolCause::NotForThisKind => gettext("This kind of pool cannot do this"),
    }
}

fn volume(cause: &VolumeCause) -> String {
    match cause {
        VolumeCause::Exists(name) => {
            gettext_f("There is a volume named {name} already", &[("name", name)])
        }
        VolumeCause::Missing => gettext("The volume is not there any more"),
        VolumeCause::NoSpace => gettext("No space is left in the pool"),
        VolumeCause::TooLarge => gettext("It is larger than its format or file system allows"),
        VolumeCause::FormatNotCreatable(name) => {
            gettext_f("The host cannot make {name} volumes", &[("name", name)])
        }
        VolumeCause::BackingMissing(name) => {
            gettext_f("The image below, {name}, cannot be opened", &[("name", name)])
        }
        VolumeCause::SecretForgotten => {
            gettext("libvirt does not know any more which secret opens this volume")
        }
        VolumeCause::WouldShrink => gettext("It would become smaller, and lose what is at its end"),
    }
}

/// What can be done; empty where nothing is known.
#[must_use]
pub fn remedy(remedy: StorageRemedy) -> String {
    match remedy {
        StorageRemedy::Nothing | StorageRemedy::ReadDetails => String::new(),
        StorageRemedy::Server(remedy) => server_remedy(remedy),
        StorageRemedy::Host(remedy) => host_remedy(remedy),
        StorageRemedy::Pool(remedy) => pool_remedy(remedy),
        StorageRemedy::Volume(remedy) => volume_remedy(remedy),
    }
}

fn server_remedy(remedy: ServerRemedy) -> String {
    match remedy {
        ServerRemedy::Check => {
            gettext("Check its name, and whether it is up and no firewall is in between.")
        }
        ServerRemedy::CheckExport => {
            gettext("Look at what the server offers, and at the spelling.")
        }
        ServerRemedy::AllowHost => {
            gettext("Let this host in at the server (for NFS in /etc/exports).")
        }
        ServerRemedy::AllowGuests => {
            gettext("Let guests in at the server: libvirt logs in to CIFS as nothing else.")
        }
        ServerRemedy::OtherVersion => gettext("Choose another version of NFS, or leave it open."),
        ServerRemedy::CheckBoth => {
            gettext("Check whether the server is up, and the spelling of what it exports.")
        }
        ServerRemedy::TypeByHand => {
            gettext("A server of NFS 4 alone tells nothing: type the path by hand.")
        }
        ServerRemedy::CheckLogin => gettext("Check user name and password."),
    }
}

fn host_remedy(remedy: HostRemedy) -> String {
    match remedy {
        HostRemedy::InstallMountHelper => gettext(
            "Install it at the host: nfs-common or nfs-utils, glusterfs-client or cifs-utils.",
        ),
        HostRemedy::InstallProgram => gettext("Install it at the host."),
        HostRemedy::InstallBackEnd => {
            gettext("Install libvirt's storage driver for it at the host.")
        }
        HostRemedy::StartService => gettext("Start it at the host."),
        HostRemedy::ChooseFileSystem => gettext(
            "Install its mount program at the host (nfs-common, cifs-utils …), or a kernel that knows it.",
        ),
        HostRemedy::SetSecret => gettext("Set the secret at this host."),
        HostRemedy::CheckAdapter => gettext("Look at the host's adapters and their WWNs."),
        HostRemedy::AllowAccess => gettext(
            "Look who may write there. An NFS server needs no_root_squash, or a directory for all; a user's session can use only that user's own directories, and mounts nothing.",
        ),
        HostRemedy::GetRights => gettext("Ask for the right, or connect as a user who has it."),
        HostRemedy::CheckLink => {
            gettext("Look whether the host and its libvirt daemon are up, then try again.")
        }
    }
}

fn pool_remedy(remedy: PoolRemedy) -> String {
    match remedy {
        PoolRemedy::Build => gettext("Build the pool first."),
        PoolRemedy::EmptyDirectory => gettext("Choose an empty directory."),
        PoolRemedy::UseThatPool => gettext("Use that pool, or choose another path."),
        PoolRemedy::Rename => gettext("Give it another name."),
        PoolRemedy::OverwriteOrOther => {
            gettext("Choose another device, or allow that what is on it is lost.")
        }
        PoolRemedy::CheckDevice => gettext("Check the device's path."),
        PoolRemedy::LvmDeviceName => gettext(
            "Name the device as LVM does, such as /dev/sdb; or none, once the group exists.",
        ),
        PoolRemedy::LeaveCopyOnWrite => {
            gettext("Leave copy on write to libvirt, or choose a directory on Btrfs.")
        }
        PoolRemedy::Start => gettext("Start the pool first."),
        PoolRemedy::Stop => gettext("Stop the pool first."),
        PoolRemedy::Refresh => gettext("Refresh the pool, and look again."),
        PoolRemedy::ReadAgain => gettext(
            "Copy what you wrote, close this, and open it anew with the other change in it.",
        ),
    }
}

fn volume_remedy(remedy: VolumeRemedy) -> String {
    match remedy {
        VolumeRemedy::MakeRoom => gettext("Make room, or make it smaller."),
        VolumeRemedy::ChooseSmaller => gettext("Make it smaller, or choose another format."),
        VolumeRemedy::ChooseFormat => gettext("Choose another format."),
        VolumeRemedy::Free => gettext(
            "Take it out of those guests first. For a copy or a larger size it is enough to shut them down.",
        ),
        VolumeRemedy::Wait => gettext("Wait, then try again."),
        VolumeRemedy::TryAgain => gettext("Try again; nothing was lost at the source."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cause_remedy_and_the_raw_text_are_told() {
        let text = "operation failed: Storage source conflict with pool: 'd1'";
        let failure = Failure::own(FailureKind::Other, text);
        let said = paragraph(&failure);
        assert_eq!(said.lines().count(), 3, "{said}");
        assert!(said.contains("The pool d1 uses this already") && said.ends_with(text), "{said}");
    }

    #[test]
    fn what_nobody_knows_is_told_once() {
        let failure = Failure::own(FailureKind::Other, "new words");
        assert_eq!(
            (headline(&failure), paragraph(&failure)),
            ("new words".into(), "new words".into())
        );
    }

    #[test]
    fn storage_is_no_guest() {
        for kind in [FailureKind::Gone, FailureKind::WrongState, FailureKind::Busy] {
            assert!(!headline(&Failure::own(kind, "")).contains("guest"), "{kind:?}");
        }
    }
}
