//! The practice lab: real libvirt hosts with real guests on this one computer.
//!
//! Each host is a libvirt session daemon with directories, sockets, ports and a host UUID of its own; all hosts share
//! one directory of disks, which they are told is shared storage. The guests are our own (see `guest/`): a few
//! kilobytes that boot in a fraction of a second and show a heartbeat. No part of it needs privileges, and nothing of
//! it touches the computer's own libvirt.
//!
//! Everything lives below one directory, which a running lab holds locked. [`Lab::stop`], and dropping a [`Lab`], ends
//! all its processes and removes the directory. After a program was killed, the next start does that for it.

mod configuration;
mod directory;
mod error;
mod guest;
mod host;
mod identity;
mod knowledge;
mod ports;
mod processes;
mod programs;
mod signals;
mod watch;

use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use directory::Directory;
use error::file_error;
pub use error::{Distribution, LabError, Program};
pub use guest::PracticeGuest;
use guest::Surroundings;
pub use host::LabHost;
use identity::Identity;
pub use programs::Acceleration;
use programs::Programs;
pub use signals::{Interruption, run_until_signalled};
use watch::Watch;

/// A lab with fewer hosts has nowhere to migrate to.
pub const LEAST_HOSTS: usize = 2;
/// More daemons than this make no more sense on one computer.
pub const MOST_HOSTS: usize = 8;
/// A guest shows its first heartbeat within 3 s of the start; the first start of QEMU on a slow computer takes longer.
const GUEST_LIMIT: Duration = Duration::from_secs(60);

/// What lab to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabConfig {
    /// Number of hosts, from [`LEAST_HOSTS`] to [`MOST_HOSTS`].
    pub hosts: usize,
    /// The guests that run on the first host.
    pub guests: Vec<PracticeGuest>,
    /// Where it lives; `None` chooses a free place of the user's own.
    pub directory: Option<PathBuf>,
}

impl Default for LabConfig {
    fn default() -> Self {
        Self { hosts: LEAST_HOSTS, guests: PracticeGuest::usual(), directory: None }
    }
}

/// What a lab cannot show on this computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Weakness {
    /// This libvirt cannot be told that a local directory is shared (it can from 10.8 on): it calls every live move in
    /// the lab unsafe, and wants that allowed.
    SharedStorageUnknown,
    /// No KVM: guests are emulated, slower than real ones.
    Emulated,
}

/// A running practice lab. Dropping it stops it.
pub struct Lab {
    directory: Directory,
    surroundings: Surroundings,
    identity: Identity,
    hosts: Vec<LabHost>,
    weaknesses: Vec<Weakness>,
    stopped: bool,
}

impl std::fmt::Debug for Lab {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lab").field("directory", &self.directory()).finish_non_exhaustive()
    }
}

impl Lab {
    /// Starts the hosts and the guests, and returns when all of them are there. Takes about 3 s.
    ///
    /// # Errors
    ///
    /// When something is missing or does not start; nothing is left behind then.
    pub fn start(config: LabConfig) -> Result<Self, LabError> {
        if !(LEAST_HOSTS..=MOST_HOSTS).contains(&config.hosts) {
            return Err(LabError::HostCount { asked: config.hosts });
        }
        let programs = Programs::find()?;
        let guests = config.guests;
        let mut lab = Self::lay_out(config.directory.as_deref(), &programs)?;
        for guest in &guests {
            lab.make_disk(guest)?;
        }
        for number in 0..config.hosts {
            let at_home = if number == 0 { guests.as_slice() } else { &[] };
            let number = u16::try_from(number).unwrap_or(u16::MAX);
            let host = LabHost::prepare(
                number,
                &lab.surroundings,
                &programs.daemons,
                lab.identity,
                at_home,
            )?;
            lab.hosts.push(host);
        }
        for host in &lab.hosts {
            host.start()?;
        }
        for host in &lab.hosts {
            host.wait_until_ready()?;
        }
        for guest in &guests {
            lab.wait_for_heartbeat(&guest.name, 0, GUEST_LIMIT)?;
        }
        Ok(lab)
    }

    fn lay_out(wanted: Option<&Path>, programs: &Programs) -> Result<Self, LabError> {
        let directory = Directory::claim(wanted)?;
        let mut lab = Self {
            surroundings: Surroundings {
                directory: directory.path().to_owned(),
                emulator: programs.emulator.clone(),
                acceleration: Acceleration::Emulation,
                hostname_leads_here: configuration::hostname_leads_here(),
            },
            directory,
            identity: Identity::of_daemons(),
            hosts: Vec::new(),
            weaknesses: Vec::new(),
            stopped: false,
        };
        let kernel = lab.surroundings.kernel();
        std::fs::write(&kernel, guest::KERNEL)
            .and_then(|()| std::fs::set_permissions(&kernel, Permissions::from_mode(0o644)))
            .map_err(file_error(&kernel))?;
        let with_kvm = lab.identity.with_kvm();
        lab.surroundings.acceleration = Acceleration::find(programs, &kernel, with_kvm);
        if lab.surroundings.acceleration == Acceleration::Kvm {
            lab.identity = with_kvm;
        }
        let places = [lab.surroundings.shared(), lab.surroundings.consoles()];
        let capabilities = lab.surroundings.capabilities();
        for place in places.iter().chain([&capabilities]) {
            configuration::make_for_daemons(place, lab.identity)?;
        }
        knowledge::recall(&capabilities, lab.identity).map_err(file_error(&capabilities))?;
        if !programs.knows_shared_filesystems() {
            lab.weaknesses.push(Weakness::SharedStorageUnknown);
        }
        if lab.surroundings.acceleration == Acceleration::Emulation {
            lab.weaknesses.push(Weakness::Emulated);
        }
        Ok(lab)
    }

    /// The hosts, `lab-a` first.
    #[must_use]
    pub fn hosts(&self) -> &[LabHost] {
        &self.hosts
    }

    /// What this lab cannot show on this computer.
    #[must_use]
    pub fn weaknesses(&self) -> &[Weakness] {
        &self.weaknesses
    }

    /// What runs the guests' instructions.
    #[must_use]
    pub fn acceleration(&self) -> Acceleration {
        self.surroundings.acceleration
    }

    /// The directory everything of the lab is in.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The directory with the disks, which all hosts share and have as the pool *shared*.
    #[must_use]
    pub fn shared_directory(&self) -> PathBuf {
        self.surroundings.shared()
    }

    /// The process ids of all daemons and guests of the lab.
    #[must_use]
    pub fn pids(&self) -> Vec<i32> {
        processes::pids(self.directory.path())
    }

    /// Makes a further guest's disk and returns its definition, to be given to one of the hosts through libvirt.
    ///
    /// # Errors
    ///
    /// When the disk cannot be made.
    pub fn guest_xml(&self, guest: &PracticeGuest) -> Result<String, LabError> {
        self.make_disk(guest)?;
        Ok(self.surroundings.definition(guest))
    }

    fn make_disk(&self, guest: &PracticeGuest) -> Result<(), LabError> {
        let path = self.surroundings.disk(&guest.name);
        File::create(&path)
            .and_then(|file| file.set_len(u64::from(guest.disk_mib) << 20))
            .and_then(|()| self.identity.give(&path))
            .map_err(file_error(&path))
    }

    /// The file a guest's serial port writes to, whichever host it is on.
    #[must_use]
    pub fn heartbeat_log(&self, guest: &str) -> PathBuf {
        self.surroundings.console(guest)
    }

    /// All heartbeats of a guest since its log began. One that was never restarted counts 0, 1, 2 … without a gap.
    #[must_use]
    pub fn heartbeats(&self, guest: &str) -> Vec<u64> {
        let log = std::fs::read(self.heartbeat_log(guest)).unwrap_or_default();
        guest::heartbeats(&String::from_utf8_lossy(&log))
    }

    /// Waits until a guest's last heartbeat is `at_least` this, and returns it.
    ///
    /// # Errors
    ///
    /// When it is not within `limit`.
    pub fn wait_for_heartbeat(
        &self,
        guest: &str,
        at_least: u64,
        limit: Duration,
    ) -> Result<u64, LabError> {
        let consoles = self.surroundings.consoles();
        let watch = Watch::new(&consoles).map_err(file_error(&consoles))?;
        let last = || self.heartbeats(guest).last().copied();
        watch.until(limit, || last().filter(|&beat| beat >= at_least)).ok_or_else(|| {
            let logs =
                self.hosts.iter().flat_map(|host| [host.log_end(), host.guest_log_end(guest)]);
            LabError::GuestSilent {
                guest: guest.to_owned(),
                seconds: limit.as_secs(),
                log: logs.filter(|log| !log.is_empty()).collect::<Vec<_>>().join("\n"),
            }
        })
    }

    /// Stops everything and removes it.
    ///
    /// # Errors
    ///
    /// When a process does not end or a file cannot be removed.
    pub fn stop(mut self) -> Result<(), LabError> {
        self.clear()
    }

    /// Removes what killed programs left in the default places, and returns how many labs that were.
    ///
    /// # Errors
    ///
    /// When something of it cannot be removed.
    pub fn sweep() -> Result<usize, LabError> {
        directory::sweep()
    }

    fn clear(&mut self) -> Result<(), LabError> {
        self.stopped = true;
        processes::end_all(self.directory.path())?;
        if let Err(error) = knowledge::learn(&self.surroundings.capabilities()) {
            tracing::debug!(%error, "nothing learnt");
        }
        let cleared = self.directory.clear();
        for host in &self.hosts {
            host.reap();
        }
        cleared
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        if self.stopped {
            return;
        }
        if let Err(error) = self.clear() {
            tracing::error!(%error, "the practice lab did not stop completely");
        }
    }
}
