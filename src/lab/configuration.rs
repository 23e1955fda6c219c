//! What a host of the lab is told: the files its daemon reads, written before it starts.

use std::fmt::Write as _;
use std::fs::Permissions;
use std::net::{TcpListener, ToSocketAddrs};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::time::Duration;

use uuid::Uuid;

use super::error::{LabError, file_error};
use super::guest::{PracticeGuest, Surroundings, escape};
use super::host::LabHost;
use super::identity::Identity;
use super::programs::Daemon;

/// An address of every Linux computer for itself. libvirt refuses the usual 127.0.0.1 as an address for migrations.
const LOOPBACK: &str = "127.0.0.2";
/// How long the resolver may think about our own name.
const RESOLVER_LIMIT: Duration = Duration::from_secs(2);

impl LabHost {
    /// Writes everything.
    pub(super) fn write_files(
        &self,
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
        symlink(surroundings.capabilities(), &capabilities).map_err(file_error(&capabilities))?;
        for daemon in &self.kinds {
            self.write(&format!("{}.conf", daemon.name), &self.daemon_settings(daemon))?;
        }
        self.write("config/libvirt/qemu.conf", &qemu_settings(self, surroundings))?;
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
}

/// Makes a directory that only the daemons (and root) can look into.
pub(super) fn make_for_daemons(path: &Path, identity: Identity) -> Result<(), LabError> {
    std::fs::create_dir(path)
        .and_then(|()| std::fs::set_permissions(path, Permissions::from_mode(0o700)))
        .and_then(|()| identity.give(path))
        .map_err(file_error(path))
}

/// No log daemon (QEMU writes its files itself, and a console log can then have two writers, as during a migration
/// it has), no confinement (there is none in a session), own ports, an address that leads here, and the directory that
/// counts as shared.
fn qemu_settings(host: &LabHost, surroundings: &Surroundings) -> String {
    let mut text = String::from("stdio_handler = \"file\"\nsecurity_driver = \"none\"\n");
    for (what, range) in [
        ("remote_display_port", host.ports.consoles()),
        ("migration_port", host.ports.migrations()),
    ] {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{what}_min = {}\n{what}_max = {}", range.start(), range.end());
    }
    if !surroundings.hostname_leads_here {
        let _ = writeln!(text, "migration_host = \"{LOOPBACK}\"");
    }
    let _ = writeln!(text, "shared_filesystems = [ \"{}\" ]", surroundings.shared().display());
    text
}

/// Whether this computer's name leads to this computer. The source of a migration asks for the name that the destination
/// gives itself, and in containers, on notebooks and without a name service that may lead nowhere, or elsewhere.
pub(super) fn hostname_leads_here() -> bool {
    let Ok(name) = std::fs::read_to_string("/proc/sys/kernel/hostname") else { return false };
    let name = name.trim().to_owned();
    if name.is_empty() || name.starts_with("localhost") {
        return false; // libvirt refuses it as well
    }
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let addresses = (name.as_str(), 0).to_socket_addrs();
        let ours = addresses.is_ok_and(|mut all| all.all(|one| TcpListener::bind(one).is_ok()));
        // Nobody listens when it took too long.
        let _ = sender.send(ours);
    });
    receiver.recv_timeout(RESOLVER_LIMIT).unwrap_or(false)
}
