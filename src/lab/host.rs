//! One host of the lab: its daemon, its files, and what tests do to it.

use std::fmt::Write as _;
use std::fs::Permissions;
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use uuid::Uuid;

use super::error::{LabError, Program, file_error};
use super::guest::{PracticeGuest, Surroundings, escape};
use super::identity::Identity;
use super::programs::Daemon;
use super::watch::Watch;

/// A daemon is ready within a second; on a machine under heavy load it takes longer.
const READY_LIMIT: Duration = Duration::from_secs(30);
/// Ports of each kind that belong to one host, so that two hosts of this computer never choose the same one.
const PORTS: u16 = 32;
/// Hosts that can have ports of their own.
const PORT_SLOTS: u16 = 256;
/// The first port for consoles; libvirt takes none below 5900.
const FIRST_CONSOLE_PORT: u16 = 20_000;
/// The first port for migrations, libvirt's own first one.
const FIRST_MIGRATION_PORT: u16 = 49_152;
/// Lines of a log that are shown when something went wrong.
const LOG_LINES: usize = 12;

/// One host of the practice lab.
#[derive(Debug)]
pub struct LabHost {
    /// Its name: `lab-a`, `lab-b` …
    pub name: String,
    /// How libvirt's clients reach it.
    pub uri: String,
    /// What libvirt reports as the host's UUID.
    pub host_uuid: Uuid,
    directory: PathBuf,
    kinds: Vec<Daemon>,
    identity: Identity,
    running: Mutex<Vec<Child>>,
}

impl LabHost {
    /// Writes the host's files: configuration, the shared pool, and the guests that are at home here. The daemon
    /// starts pool and guests by itself.
    pub(super) fn prepare(
        number: u16,
        surroundings: &Surroundings,
        kinds: &[Daemon],
        identity: Identity,
        guests: &[PracticeGuest],
    ) -> Result<Self, LabError> {
        let letter = char::from(b'a' + u8::try_from(number).unwrap_or_default());
        let directory = surroundings.directory.join(letter.to_string());
        let main =
            kinds.first().ok_or(LabError::ProgramMissing { program: Program::LibvirtDaemon })?;
        let socket = directory.join("run/libvirt").join(main.socket());
        let host = Self {
            name: format!("lab-{letter}"),
            uri: format!("qemu+unix:///session?socket={}", percent_encode(&socket)),
            host_uuid: Uuid::new_v4(),
            directory,
            kinds: kinds.to_vec(),
            identity,
            running: Mutex::default(),
        };
        host.write_files(number, surroundings, guests)?;
        Ok(host)
    }

    fn write_files(
        &self,
        number: u16,
        surroundings: &Surroundings,
        guests: &[PracticeGuest],
    ) -> Result<(), LabError> {
        for below in ["run/libvirt", "config/libvirt/qemu/autostart", "cache/libvirt/qemu/cache"]
            .into_iter()
            .chain(["config/libvirt/storage/autostart", "data", "state", "tmp"])
        {
            self.make_directory(below)?;
        }
        // What a daemon learnt about QEMU, by asking it for a second or two, serves all hosts of the lab.
        let capabilities = self.directory.join("cache/libvirt/qemu/cache/capabilities");
        symlink(surroundings.directory.join("capabilities"), &capabilities)
            .map_err(file_error(&capabilities))?;
        for daemon in &self.kinds {
            self.write(&format!("{}.conf", daemon.name), &self.daemon_settings(daemon))?;
        }
        self.write("config/libvirt/qemu.conf", &qemu_settings(number, self, surroundings))?;
        let pool = format!(
            "<pool type='dir'><name>shared</name><uuid>{}</uuid><target><path>{}</path></target></pool>\n",
            Uuid::new_v4(),
            escape(&surroundings.shared().to_string_lossy())
        );
        self.write_autostarted("config/libvirt/storage", "shared.xml", &pool)?;
        for guest in guests {
            let definition = surroundings.definition(guest);
            let file = format!("{}.xml", guest.name);
            self.write_autostarted("config/libvirt/qemu", &file, &definition)?;
        }
        Ok(())
    }

    fn daemon_settings(&self, daemon: &Daemon) -> String {
        let log = self.daemon_log(daemon);
        format!("host_uuid = \"{}\"\nlog_outputs = \"3:file:{}\"\n", self.host_uuid, log.display())
    }

    fn daemon_log(&self, daemon: &Daemon) -> PathBuf {
        self.directory.join(format!("{}.log", daemon.name))
    }

    /// Every directory on the way belongs to the daemons, too.
    fn make_directory(&self, below: &str) -> Result<(), LabError> {
        let mut path = self.directory.clone();
        for part in std::iter::once("").chain(below.split('/')) {
            path.push(part);
            if !path.exists() {
                make_for_daemons(&path, self.identity)?;
            }
        }
        Ok(())
    }

    fn write(&self, below: &str, content: &str) -> Result<(), LabError> {
        let path = self.directory.join(below);
        std::fs::write(&path, content)
            .and_then(|()| self.identity.give(&path))
            .map_err(file_error(&path))
    }

    fn write_autostarted(&self, below: &str, file: &str, content: &str) -> Result<(), LabError> {
        self.write(&format!("{below}/{file}"), content)?;
        let directory = self.directory.join(below);
        let link = directory.join("autostart").join(file);
        symlink(directory.join(file), &link).map_err(file_error(&link))
    }

    /// Starts the daemons. They are not ready yet: see [`Self::wait_until_ready`].
    pub(super) fn start(&self) -> Result<(), LabError> {
        let mut running = self.running();
        // The one for QEMU, which is first, starts guests at once, and these may want the others.
        for daemon in self.kinds.iter().rev() {
            let child = self
                .command(daemon)
                .spawn()
                .map_err(|source| LabError::NotStarted { program: daemon.path.clone(), source })?;
            running.push(child);
        }
        Ok(())
    }

    fn command(&self, daemon: &Daemon) -> Command {
        let below = |name: &str| self.directory.join(name);
        let mut command = Command::new(&daemon.path);
        command
            .arg("--config")
            .arg(below(&format!("{}.conf", daemon.name)))
            .current_dir(&self.directory)
            // Nothing of our own environment: no session bus, and messages in English, which is what hosts speak.
            .env_clear()
            .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
            .env("LC_ALL", "C.UTF-8")
            .env("HOME", &self.directory)
            .env("TMPDIR", below("tmp"))
            .env("XDG_RUNTIME_DIR", below("run"))
            .env("XDG_CONFIG_HOME", below("config"))
            .env("XDG_CACHE_HOME", below("cache"))
            .env("XDG_DATA_HOME", below("data"))
            .env("XDG_STATE_HOME", below("state"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Ctrl-C in a terminal reaches the whole group: we stop the daemons, in our order.
            .process_group(0);
        self.identity.apply(&mut command);
        command
    }

    /// Waits until every daemon listens and its drivers have been loaded.
    pub(super) fn wait_until_ready(&self) -> Result<(), LabError> {
        let sockets = self.directory.join("run/libvirt");
        let watch = Watch::new(&sockets).map_err(file_error(&sockets))?;
        let ready = watch.until(READY_LIMIT, || match self.ended() {
            Some(error) => Some(Err(error)),
            None => self.answers().then_some(Ok(())),
        });
        ready.unwrap_or_else(|| Err(self.why_not_ready()))
    }

    /// A daemon listens before its drivers are there; each driver leaves a file when it is. QEMU's comes last.
    fn answers(&self) -> bool {
        let sockets = self.directory.join("run/libvirt");
        let connects = |daemon: &Daemon| UnixStream::connect(sockets.join(daemon.socket())).is_ok();
        self.has_driver("qemu") && self.has_driver("storage") && self.kinds.iter().all(connects)
    }

    fn has_driver(&self, driver: &str) -> bool {
        self.directory.join(format!("run/libvirt/{driver}/run/driver.pid")).exists()
    }

    fn ended(&self) -> Option<LabError> {
        let status = self.running().iter_mut().find_map(|child| child.try_wait().ok().flatten())?;
        Some(LabError::DaemonEnded { host: self.name.clone(), status, log: self.log_end() })
    }

    fn why_not_ready(&self) -> LabError {
        match (self.has_driver("qemu"), self.has_driver("storage")) {
            (true, false) => LabError::PartMissing { part: Program::StorageDriver },
            (false, true) => LabError::PartMissing { part: Program::QemuDriver },
            _ => LabError::DaemonSilent {
                host: self.name.clone(),
                seconds: READY_LIMIT.as_secs(),
                log: self.log_end(),
            },
        }
    }

    /// The last lines of the daemons' logs.
    #[must_use]
    pub fn log_end(&self) -> String {
        let logs = self.kinds.iter().map(|daemon| end_of(&self.daemon_log(daemon)));
        logs.collect::<Vec<_>>().join("\n")
    }

    /// What QEMU said about a guest on this host; empty where it said nothing.
    #[must_use]
    pub fn guest_log_end(&self, guest: &str) -> String {
        end_of(&self.directory.join(format!("cache/libvirt/qemu/log/{guest}.log")))
    }

    /// The process id of the daemon that clients connect to; `None` when it does not run.
    #[must_use]
    pub fn daemon_pid(&self) -> Option<u32> {
        self.running().last().map(Child::id)
    }

    /// The process id of the QEMU that runs this guest here; `None` when none does.
    #[must_use]
    pub fn qemu_pid(&self, guest: &str) -> Option<i32> {
        let file = self.directory.join(format!("run/libvirt/qemu/run/{guest}.pid"));
        std::fs::read_to_string(file).ok()?.trim().parse().ok()
    }

    /// Kills this host's daemons, as a crash would. Its guests go on.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn kill_daemon(&self) -> io::Result<()> {
        for mut child in self.running().drain(..) {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Freezes this host's daemons: connections stay open, and nothing answers.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn stop_daemon(&self) -> io::Result<()> {
        self.signal(Signal::STOP)
    }

    /// Lets frozen daemons go on.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn continue_daemon(&self) -> io::Result<()> {
        self.signal(Signal::CONT)
    }

    /// Kills this host's daemons, where they run, and starts them again; returns when they are ready.
    ///
    /// # Errors
    ///
    /// As for the start of a lab.
    pub fn restart_daemon(&self) -> Result<(), LabError> {
        self.kill_daemon().map_err(file_error(&self.directory))?;
        for daemon in &self.kinds {
            // A killed daemon leaves its socket behind: it would pass for the new one's.
            let socket = self.directory.join("run/libvirt").join(daemon.socket());
            match std::fs::remove_file(&socket) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(file_error(&socket)(error));
                }
                _ => {}
            }
        }
        self.start()?;
        self.wait_until_ready()
    }

    /// Collects daemons that were killed by their ids.
    pub(super) fn reap(&self) {
        for mut child in self.running().drain(..) {
            if let Err(error) = child.wait() {
                tracing::debug!(%error, host = self.name, "daemon not collected");
            }
        }
    }

    fn signal(&self, signal: Signal) -> io::Result<()> {
        for child in self.running().iter() {
            // Our own child, not collected yet: its id still means it.
            if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
                kill_process(pid, signal)?;
            }
        }
        Ok(())
    }

    fn running(&self) -> MutexGuard<'_, Vec<Child>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes a directory that only the daemons (and root) can look into.
pub(super) fn make_for_daemons(path: &Path, identity: Identity) -> Result<(), LabError> {
    std::fs::create_dir(path)
        .and_then(|()| std::fs::set_permissions(path, Permissions::from_mode(0o700)))
        .and_then(|()| identity.give(path))
        .map_err(file_error(path))
}

/// No log daemon (QEMU writes its files itself, and a console log can then have two writers, as during a migration
/// it has), no confinement (there is none in a session), own ports, and the directory that counts as shared.
fn qemu_settings(number: u16, host: &LabHost, surroundings: &Surroundings) -> String {
    // The hosts of a lab have neighbouring slots, labs differ by chance.
    let chance = surroundings.directory.as_os_str().as_encoded_bytes().iter();
    let chance = chance.fold(0_u16, |sum, &byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    let slot = chance.wrapping_add(number) % PORT_SLOTS;
    let mut text = String::from("stdio_handler = \"file\"\nsecurity_driver = \"none\"\n");
    for (what, first) in
        [("remote_display_port", FIRST_CONSOLE_PORT), ("migration_port", FIRST_MIGRATION_PORT)]
    {
        let first = first + slot * PORTS;
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{what}_min = {first}\n{what}_max = {}", first + PORTS - 1);
    }
    let _ = writeln!(text, "shared_filesystems = [ \"{}\" ]", surroundings.shared().display());
    tracing::debug!(host = host.name, slot, "ports");
    text
}

/// A path in the query of a URI.
fn percent_encode(path: &Path) -> String {
    let mut text = String::new();
    for &byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

fn end_of(log: &Path) -> String {
    let Ok(text) = std::fs::read(log) else { return String::new() };
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_socket_survives_a_uri() {
        assert_eq!(percent_encode(Path::new("/run/a b/x&y-1")), "/run/a%20b/x%26y-1");
    }
}
