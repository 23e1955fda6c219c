//! One host of the lab: its daemon, its files, and what tests do to it.

use std::fmt::Write as _;
use std::io;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use uuid::Uuid;

use super::error::{LabError, Program, file_error};
use super::guest::{PracticeGuest, Surroundings};
use super::identity::Identity;
use super::ports::Ports;
use super::programs::Daemon;
use super::watch::Watch;

/// A daemon is ready within a second; on a machine under heavy load it takes longer.
const READY_LIMIT: Duration = Duration::from_secs(30);
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
    pub(super) directory: PathBuf,
    pub(super) kinds: Vec<Daemon>,
    pub(super) identity: Identity,
    pub(super) ports: Ports,
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
            ports: Ports::claim(),
            running: Mutex::default(),
        };
        host.write_files(surroundings, guests)?;
        Ok(host)
    }

    /// Where the daemon writes warnings and errors.
    pub(super) fn daemon_log(&self, daemon: &Daemon) -> PathBuf {
        self.directory.join(format!("{}.log", daemon.name))
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
        let ready =
            watch.until(READY_LIMIT, || match self.ended().or_else(|| self.lacks_storage()) {
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

    /// `libvirtd` comes to its driver for QEMU after the one for storage.
    fn lacks_storage(&self) -> Option<LabError> {
        let passed = self.kinds.len() == 1 && self.has_driver("qemu");
        (passed && !self.has_driver("storage"))
            .then_some(LabError::PartMissing { part: Program::StorageDriver })
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

    /// Freezes this host's daemons: connections stay open, and nothing answers. Returns when they are frozen.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn stop_daemon(&self) -> io::Result<()> {
        self.signal(Signal::STOP)?;
        for child in self.running().iter() {
            waitid(WaitId::Pid(Pid::from_child(child)), WaitIdOptions::STOPPED)?;
        }
        Ok(())
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
            kill_process(Pid::from_child(child), signal)?;
        }
        Ok(())
    }

    fn running(&self) -> MutexGuard<'_, Vec<Child>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
