//! The lab's guests: what they do, their definition, their heartbeat.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::programs::Acceleration;

/// The practice guest's kernel: `src/lab/guest/`, compiled by `build.rs`.
pub(super) const KERNEL: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/guest.elf"));

/// A practice guest to be: what it is called, how much memory it has, and what it does with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PracticeGuest {
    /// Its name.
    pub name: String,
    /// Its UUID.
    pub uuid: uuid::Uuid,
    /// Its memory, MiB; at least 16.
    pub memory_mib: u32,
    /// How much of it is rewritten in a loop, MiB.
    pub rewritten_mib: u32,
    /// How fast, MiB/s; 0 is not at all.
    pub rate_mibps: u32,
    /// How much more of it is filled once with data that does not compress, MiB.
    pub held_mib: u32,
    /// It switches itself off at this heartbeat (about as many seconds after its start).
    pub off_at: Option<u32>,
    /// Its disk on the shared storage, MiB; the file is sparse.
    pub disk_mib: u32,
}

impl PracticeGuest {
    /// A guest that idles.
    #[must_use]
    pub fn new(name: impl Into<String>, memory_mib: u32) -> Self {
        Self {
            name: name.into(),
            uuid: uuid::Uuid::new_v4(),
            memory_mib,
            rewritten_mib: 0,
            rate_mibps: 0,
            held_mib: 0,
            off_at: None,
            disk_mib: 64,
        }
    }

    /// Rewrites `mib` MiB in a loop at `rate_mibps` MiB/s.
    #[must_use]
    pub fn rewriting(self, mib: u32, rate_mibps: u32) -> Self {
        Self { rewritten_mib: mib, rate_mibps, ..self }
    }

    /// Holds `mib` MiB of data that does not compress.
    #[must_use]
    pub fn holding(self, mib: u32) -> Self {
        Self { held_mib: mib, ..self }
    }

    /// Switches itself off at this heartbeat.
    #[must_use]
    pub fn off_at(self, heartbeat: u32) -> Self {
        Self { off_at: Some(heartbeat), ..self }
    }

    /// *calm*, *busy* and *big*.
    ///
    /// *busy* changes 40 MiB/s in 48 MiB. It has more memory than it needs, as QEMU measures what a guest rewrites from
    /// 128 MiB on only. Measured with QEMU's usual 300 ms of downtime: a move without a limit takes
    /// two passes (0.4 s), one limited to 60 MiB/s eight (2 s), and one limited to 30 MiB/s does not converge until
    /// about 2 s of downtime are allowed.
    #[must_use]
    pub fn usual() -> Vec<Self> {
        vec![
            Self::new("calm", 32),
            Self::new("busy", 160).rewriting(48, 40),
            Self::new("big", 320).holding(256),
        ]
    }

    fn command_line(&self) -> String {
        let Self { name, rewritten_mib, rate_mibps, held_mib, off_at, .. } = self;
        let off = off_at.unwrap_or(0);
        format!("name={name} memory={rewritten_mib} rate={rate_mibps} touch={held_mib} off={off}")
    }
}

/// Where things of a lab are, and how its guests run.
#[derive(Clone, Debug)]
pub(super) struct Surroundings {
    pub(super) directory: PathBuf,
    pub(super) emulator: PathBuf,
    pub(super) acceleration: Acceleration,
    /// Whether one host finds the other by the computer's name.
    pub(super) hostname_leads_here: bool,
}

impl Surroundings {
    pub(super) fn kernel(&self) -> PathBuf {
        self.directory.join("guest.elf")
    }

    /// The directory that all hosts share.
    pub(super) fn shared(&self) -> PathBuf {
        self.directory.join("shared")
    }

    /// The directory of what all daemons of the lab know about QEMU.
    pub(super) fn capabilities(&self) -> PathBuf {
        self.directory.join("capabilities")
    }

    pub(super) fn consoles(&self) -> PathBuf {
        self.directory.join("console")
    }

    pub(super) fn console(&self, guest: &str) -> PathBuf {
        self.consoles().join(format!("{guest}.log"))
    }

    pub(super) fn disk(&self, guest: &str) -> PathBuf {
        self.shared().join(format!("{guest}.raw"))
    }

    /// The guest's definition.
    ///
    /// The serial port appends to one file that all hosts write to, so that the heartbeat can be read in one place
    /// wherever the guest is.
    pub(super) fn definition(&self, guest: &PracticeGuest) -> String {
        let path = |path: &Path| escape(&path.to_string_lossy());
        let mut xml = format!("<domain type='{}'>\n", self.acceleration.guest_type());
        // Writing to a String cannot fail.
        let _ = writeln!(
            xml,
            "  <name>{name}</name>
  <uuid>{uuid}</uuid>
  <memory unit='MiB'>{memory}</memory>
  <vcpu>1</vcpu>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
    <kernel>{kernel}</kernel>
    <cmdline>{command_line}</cmdline>
  </os>
  <features><acpi/></features>
  <devices>
    <emulator>{emulator}</emulator>
    <disk type='file' device='disk'>
      <driver name='qemu' type='raw'/>
      <source file='{disk}'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <controller type='usb' model='none'/>
    <serial type='file'>
      <source path='{console}' append='on'/>
      <target port='0'/>
    </serial>
    <graphics type='vnc' autoport='yes' listen='127.0.0.1'/>
    <video><model type='vga' vram='4096'/></video>
    <memballoon model='none'/>
  </devices>
</domain>",
            name = escape(&guest.name),
            uuid = guest.uuid,
            memory = guest.memory_mib,
            kernel = path(&self.kernel()),
            command_line = escape(&guest.command_line()),
            emulator = path(&self.emulator),
            disk = path(&self.disk(&guest.name)),
            console = path(&self.console(&guest.name)),
        );
        xml
    }
}

/// Text as it may stand in XML, also in an attribute.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\'', "&apos;")
}

/// The heartbeats a console log holds, oldest first. A line that is not complete yet does not count.
pub(super) fn heartbeats(log: &str) -> Vec<u64> {
    log.split_inclusive('\n')
        .filter(|line| line.ends_with('\n'))
        .filter_map(|line| line.trim_end().strip_prefix("heartbeat "))
        .filter_map(|line| line.rsplit(' ').next()?.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_holds_what_was_asked_and_is_xml() {
        let surroundings = Surroundings {
            directory: PathBuf::from("/tmp/it's <here>"),
            emulator: PathBuf::from("/usr/bin/qemu-system-x86_64"),
            acceleration: Acceleration::Emulation,
            hostname_leads_here: true,
        };
        let guest = PracticeGuest::new("a&b", 64).rewriting(8, 4).holding(16).off_at(9);
        let xml = surroundings.definition(&guest);
        let document = roxmltree::Document::parse(&xml).unwrap();
        let text = |name: &str| {
            document.descendants().find(|node| node.has_tag_name(name)).and_then(|node| node.text())
        };
        assert_eq!(text("name"), Some("a&b"));
        assert_eq!(text("cmdline"), Some("name=a&b memory=8 rate=4 touch=16 off=9"));
        assert_eq!(text("kernel"), Some("/tmp/it's <here>/guest.elf"));
        assert_eq!(document.root_element().attribute("type"), Some("qemu"));
    }

    #[test]
    fn heartbeats_are_read_from_whole_lines() {
        let log = "heartbeat busy 0\r\nheartbeat busy 1\r\npower off\r\nheartbeat busy 12\r\nheartbeat busy 1";
        assert_eq!(heartbeats(log), [0, 1, 12]);
    }
}
