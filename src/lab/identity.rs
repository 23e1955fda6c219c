//! Whose rights the lab's daemons and guests have.

use std::io;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// `nobody`, the same number on every Linux distribution.
const NOBODY: u32 = 65534;

/// The user and group the lab's daemons and guests run as.
///
/// A libvirt daemon that runs as root is the system's daemon, with `/etc/libvirt`, `/var/lib/libvirt` and
/// `/run/libvirt`; only for other users it is a session daemon that keeps to its XDG directories. So for root the lab
/// runs as `nobody`, and has fewer rights at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Identity {
    /// Our own.
    Own,
    /// Another one: we are root.
    Other { user: u32, group: u32 },
}

impl Identity {
    /// What fits the user who started the program.
    pub(super) fn of_daemons() -> Self {
        if rustix::process::geteuid().is_root() {
            Self::Other { user: NOBODY, group: NOBODY }
        } else {
            Self::Own
        }
    }

    /// The same with the right to use KVM, where a group has it.
    ///
    /// Only for a KVM that works: libvirt asks QEMU about every accelerator it may use, which takes seconds each.
    pub(super) fn with_kvm(self) -> Self {
        match self {
            Self::Own => self,
            Self::Other { user, group } => {
                Self::Other { user, group: kvm_group().unwrap_or(group) }
            }
        }
    }

    /// Lets a program run with these rights. Further groups of root do not go along: the standard library drops them
    /// when root sets a user.
    pub(super) fn apply(self, command: &mut Command) {
        if let Self::Other { user, group } = self {
            command.uid(user).gid(group);
        }
    }

    /// Gives a file or directory to the daemons.
    pub(super) fn give(self, path: &Path) -> io::Result<()> {
        match self {
            Self::Own => Ok(()),
            Self::Other { user, group } => chown(path, Some(user), Some(group)),
        }
    }
}

/// The group that may use `/dev/kvm`, where a group may.
fn kvm_group() -> Option<u32> {
    const GROUP_MAY_READ_AND_WRITE: u32 = 0o060;
    let device = std::fs::metadata("/dev/kvm").ok()?;
    let allowed = device.mode() & GROUP_MAY_READ_AND_WRITE == GROUP_MAY_READ_AND_WRITE;
    (allowed && device.gid() != 0).then_some(device.gid())
}
