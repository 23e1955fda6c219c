//! What is installed: daemons, QEMU, and what both can do.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::error::{LabError, Program};
use super::identity::Identity;
use super::watch::readable;

/// Where daemons and emulators are besides `PATH`, which for ordinary users lacks the first three.
const MORE_PLACES: [&str; 4] = ["/usr/sbin", "/usr/local/sbin", "/sbin", "/usr/libexec"];
/// The first libvirt that knows `shared_filesystems` in qemu.conf.
const SHARED_FILESYSTEMS_SINCE: (u32, u32, u32) = (10, 8, 0);
/// A KVM that works prints the guest's first line within 0.2 s.
const ACCELERATION_LIMIT: Duration = Duration::from_secs(3);

/// The programs the lab is made of.
pub(super) struct Programs {
    pub(super) daemons: Vec<Daemon>,
    pub(super) emulator: PathBuf,
    /// libvirt's version, where the daemon told one.
    pub(super) libvirt: Option<(u32, u32, u32)>,
}

/// One kind of daemon every host runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Daemon {
    /// Its name: that of its configuration file, and with `-sock` of its socket (without the `d` for `libvirtd`).
    pub(super) name: &'static str,
    pub(super) path: PathBuf,
}

impl Daemon {
    /// The name of the socket it listens on.
    pub(super) fn socket(&self) -> String {
        format!("{}-sock", if self.name == "libvirtd" { "libvirt" } else { self.name })
    }
}

impl Programs {
    /// Looks for everything the lab needs.
    pub(super) fn find() -> Result<Self, LabError> {
        let emulator = find("qemu-system-x86_64")
            .or_else(|| find("qemu-kvm"))
            .ok_or(LabError::ProgramMissing { program: Program::Qemu })?;
        let daemons = daemons()?;
        let libvirt = daemons.first().and_then(|daemon| version(&daemon.path));
        Ok(Self { daemons, emulator, libvirt })
    }

    /// Whether libvirt can be told that a local directory is shared by the hosts.
    pub(super) fn knows_shared_filesystems(&self) -> bool {
        self.libvirt.is_none_or(|version| version >= SHARED_FILESYSTEMS_SINCE)
    }
}

/// `libvirtd` where there is one; else the modular daemons, the one for QEMU first: clients connect to that.
fn daemons() -> Result<Vec<Daemon>, LabError> {
    if let Some(path) = find("libvirtd") {
        return Ok(vec![Daemon { name: "libvirtd", path }]);
    }
    let missing = |program| LabError::ProgramMissing { program };
    let qemu = find("virtqemud").ok_or(missing(Program::LibvirtDaemon))?;
    let storage = find("virtstoraged").ok_or(missing(Program::StorageDriver))?;
    let mut all = vec![
        Daemon { name: "virtqemud", path: qemu },
        Daemon { name: "virtstoraged", path: storage },
    ];
    let optional = ["virtnetworkd", "virtsecretd", "virtnodedevd"];
    all.extend(optional.into_iter().filter_map(|name| Some(Daemon { name, path: find(name)? })));
    Ok(all)
}

/// Looks for a program in `PATH` and where daemons and emulators are.
fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(MORE_PLACES.iter().map(PathBuf::from))
        .map(|place| place.join(name))
        .find(|file| file.is_absolute() && file.is_file())
}

fn version(daemon: &Path) -> Option<(u32, u32, u32)> {
    let output = Command::new(daemon).arg("--version").output().ok()?;
    version_in(&String::from_utf8_lossy(&output.stdout))
}

/// The version in `libvirtd (libvirt) 11.3.0`.
fn version_in(text: &str) -> Option<(u32, u32, u32)> {
    let mut numbers = text.split_whitespace().last()?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// What runs the guests' instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acceleration {
    /// The processor itself.
    Kvm,
    /// QEMU's emulation: works everywhere, and is slower.
    Emulation,
}

impl Acceleration {
    /// Finds out by running the practice guest for a moment. `/dev/kvm` may exist and yet not run a guest: no rights,
    /// no nested virtualisation, a sandbox.
    pub(super) fn find(programs: &Programs, kernel: &Path, identity: Identity) -> Self {
        if !Path::new("/dev/kvm").exists() {
            return Self::Emulation;
        }
        // Once a program: whoever runs many labs asks the same question each time.
        static RUNS: OnceLock<bool> = OnceLock::new();
        let runs = RUNS.get_or_init(|| {
            Self::try_kvm(&programs.emulator, kernel, identity).unwrap_or_else(|error| {
                tracing::debug!(%error, "KVM not tried");
                false
            })
        });
        if *runs { Self::Kvm } else { Self::Emulation }
    }

    fn try_kvm(emulator: &Path, kernel: &Path, identity: Identity) -> io::Result<bool> {
        let (output, input) = io::pipe()?;
        let mut command = Command::new(emulator);
        command
            .args([
                "-accel",
                "kvm",
                "-machine",
                "q35",
                "-m",
                "32",
                "-nodefaults",
                "-no-user-config",
            ])
            .args(["-display", "none", "-vga", "std", "-serial", "stdio", "-append", "name=trial"])
            .arg("-kernel")
            .arg(kernel)
            .stdin(Stdio::null())
            .stdout(input.try_clone()?)
            .stderr(input);
        identity.apply(&mut command);
        let mut trial = command.spawn()?;
        drop(command); // and with it our end of the pipe: the output ends when QEMU does
        let runs = first_word(&output);
        trial.kill()?;
        trial.wait()?;
        Ok(runs)
    }

    /// libvirt's word for it, the `type` of a guest.
    pub(super) const fn guest_type(self) -> &'static str {
        match self {
            Self::Kvm => "kvm",
            Self::Emulation => "qemu",
        }
    }
}

/// Whether the trial's output has a heartbeat before it has anything final. A processor that KVM cannot drive shows as
/// an `internal error`, and QEMU waits for ever after it.
fn first_word(output: &io::PipeReader) -> bool {
    let deadline = Instant::now() + ACCELERATION_LIMIT;
    let mut text = String::new();
    let mut part = [0_u8; 512];
    while readable(output, deadline.saturating_duration_since(Instant::now())) {
        let Ok(length @ 1..) = rustix::io::read(output, &mut part) else { return false };
        text.push_str(&String::from_utf8_lossy(&part[..length]));
        if text.contains("internal error") {
            return false;
        }
        if text.contains("heartbeat") {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_the_last_word() {
        assert_eq!(version_in("/usr/sbin/libvirtd (libvirt) 11.3.0\n"), Some((11, 3, 0)));
        assert_eq!(version_in("virtqemud (libvirt) 9.0.0"), Some((9, 0, 0)));
        assert_eq!(version_in("no version"), None);
    }

    #[test]
    fn sockets_are_named_after_their_daemon() {
        let socket = |name| Daemon { name, path: PathBuf::new() }.socket();
        assert_eq!(socket("libvirtd"), "libvirt-sock");
        assert_eq!(socket("virtqemud"), "virtqemud-sock");
    }
}
