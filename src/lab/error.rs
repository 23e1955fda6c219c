//! Why the practice lab cannot be, as values.

use std::path::PathBuf;
use std::process::ExitStatus;

/// Why the practice lab could not start, or not stop completely.
///
/// `Display` is English and meant for the command line; the window words these values itself.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// A program is not installed.
    #[error("{program} is not installed. Install it with: {}", program.packages_text())]
    ProgramMissing {
        /// Which one.
        program: Program,
    },
    /// The daemon runs, but a part of it is a package of its own and not installed.
    #[error("libvirt's {part} is not installed. Install it with: {}", part.packages_text())]
    PartMissing {
        /// Which part.
        part: Program,
    },
    /// The practice lab has between [`super::LEAST_HOSTS`] and [`super::MOST_HOSTS`] hosts.
    #[error("a practice lab has 2 to 8 hosts, not {asked}")]
    HostCount {
        /// The number asked for.
        asked: usize,
    },
    /// Sockets below this directory would have longer paths than the system allows.
    #[error("{} is too long by {excess} characters: choose a shorter directory", directory.display())]
    DirectoryTooLong {
        /// The directory.
        directory: PathBuf,
        /// Characters too many.
        excess: usize,
    },
    /// There is something in this directory that no practice lab made. It is left alone.
    #[error("{} holds other files, or belongs to another user: choose another directory", directory.display())]
    DirectoryForeign {
        /// The directory.
        directory: PathBuf,
    },
    /// Another running program has its practice lab there.
    #[error("a practice lab runs in {} already", directory.display())]
    DirectoryInUse {
        /// The directory.
        directory: PathBuf,
    },
    /// A file could not be written, read or removed.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A program exists but does not start.
    #[error("{} does not start: {source}", program.display())]
    NotStarted {
        /// The program.
        program: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A host's daemon ended by itself.
    #[error("the daemon of {host} ended ({status}):\n{log}")]
    DaemonEnded {
        /// The host.
        host: String,
        /// How it ended.
        status: ExitStatus,
        /// The end of its log.
        log: String,
    },
    /// A host's daemon was not ready in time.
    #[error("the daemon of {host} was not ready after {seconds} s:\n{log}")]
    DaemonSilent {
        /// The host.
        host: String,
        /// The limit, s.
        seconds: u64,
        /// The end of its log.
        log: String,
    },
    /// A guest gave no sign of life in time.
    #[error("guest {guest} was silent for {seconds} s:\n{log}")]
    GuestSilent {
        /// The guest.
        guest: String,
        /// The limit, s.
        seconds: u64,
        /// The end of the host's and the guest's logs.
        log: String,
    },
    /// Signals of the system could not be subscribed to.
    #[error("signals: {source}")]
    Signals {
        /// The system's reason.
        source: std::io::Error,
    },
    /// Processes of the lab that did not end.
    #[error("processes of the practice lab did not end: {pids:?}")]
    StillRunning {
        /// Their process ids.
        pids: Vec<i32>,
    },
}

/// Attaches the path to an I/O error.
pub(super) fn file_error(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> LabError {
    let path = path.to_owned();
    move |source| LabError::File { path, source }
}

/// What the practice lab needs to be installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Program {
    /// `libvirtd`, or `virtqemud` and `virtstoraged`.
    LibvirtDaemon,
    /// libvirt's driver for QEMU.
    QemuDriver,
    /// libvirt's driver for storage.
    StorageDriver,
    /// `qemu-system-x86_64`.
    Qemu,
}

/// A family of distributions that share package names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Distribution {
    /// Debian, Ubuntu and what follows them.
    Debian,
    /// Fedora, RHEL and what follows them.
    Fedora,
    /// openSUSE and SLE.
    Suse,
    /// Arch Linux and what follows it.
    Arch,
}

impl Distribution {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Debian, Self::Fedora, Self::Suse, Self::Arch];

    /// The command that installs packages, without their names.
    #[must_use]
    pub const fn install_command(self) -> &'static str {
        match self {
            Self::Debian => "apt install",
            Self::Fedora => "dnf install",
            Self::Suse => "zypper install",
            Self::Arch => "pacman -S",
        }
    }

    /// The distribution this program runs on, from `/etc/os-release`; `None` for one we do not know.
    #[must_use]
    pub fn current() -> Option<Self> {
        Self::from_os_release(&std::fs::read_to_string("/etc/os-release").ok()?)
    }

    fn from_os_release(text: &str) -> Option<Self> {
        let words = text
            .lines()
            .filter_map(|line| line.strip_prefix("ID=").or(line.strip_prefix("ID_LIKE=")))
            .flat_map(|value| value.trim_matches('"').split_whitespace());
        words.filter_map(Self::from_id).next()
    }

    fn from_id(id: &str) -> Option<Self> {
        match id {
            "debian" | "ubuntu" => Some(Self::Debian),
            "fedora" | "rhel" => Some(Self::Fedora),
            "suse" | "opensuse" => Some(Self::Suse),
            "arch" => Some(Self::Arch),
            _ => None,
        }
    }
}

impl Program {
    /// The package that brings it.
    #[must_use]
    pub const fn package(self, distribution: Distribution) -> &'static str {
        match (distribution, self) {
            (Distribution::Debian, Self::LibvirtDaemon) => "libvirt-daemon",
            (Distribution::Debian, Self::QemuDriver) => "libvirt-daemon-driver-qemu",
            (Distribution::Debian, Self::StorageDriver) => "libvirt-daemon-driver-storage",
            (Distribution::Debian, Self::Qemu) => "qemu-system-x86",
            (Distribution::Fedora, Self::LibvirtDaemon | Self::QemuDriver)
            | (Distribution::Suse, Self::LibvirtDaemon | Self::QemuDriver) => {
                "libvirt-daemon-driver-qemu"
            }
            (Distribution::Fedora | Distribution::Suse, Self::StorageDriver) => {
                "libvirt-daemon-driver-storage-core"
            }
            (Distribution::Fedora, Self::Qemu) => "qemu-system-x86-core",
            (Distribution::Suse, Self::Qemu) => "qemu-x86",
            (Distribution::Arch, Self::Qemu) => "qemu-system-x86",
            (Distribution::Arch, _) => "libvirt",
        }
    }

    /// What to type: for this distribution, or where it is unknown for all that we know.
    fn packages_text(self) -> String {
        let known = Distribution::current().map_or(Distribution::ALL.to_vec(), |one| vec![one]);
        let lines: Vec<_> = known
            .into_iter()
            .map(|one| format!("{} {}", one.install_command(), self.package(one)))
            .collect();
        lines.join(", or ")
    }
}

impl std::fmt::Display for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::LibvirtDaemon => "libvirt's daemon (libvirtd, or virtqemud and virtstoraged)",
            Self::QemuDriver => "driver for QEMU",
            Self::StorageDriver => "driver for storage",
            Self::Qemu => "QEMU (qemu-system-x86_64)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distributions_are_known_by_their_relatives() {
        let release = "PRETTY_NAME=\"Linux Mint 22\"\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\n";
        assert_eq!(Distribution::from_os_release(release), Some(Distribution::Debian));
        let release = "ID=\"opensuse-tumbleweed\"\nID_LIKE=\"opensuse suse\"\n";
        assert_eq!(Distribution::from_os_release(release), Some(Distribution::Suse));
        assert_eq!(Distribution::from_os_release("ID=plan9\n"), None);
    }
}
