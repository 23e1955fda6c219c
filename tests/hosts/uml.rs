//! Hosts with kernels of their own: User-Mode Linux on this machine's files, told what to do on its console.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Until a host is ready, on a loaded machine.
const BOOT: Duration = Duration::from_secs(120);

/// The longest a command may take.
const COMMAND: Duration = Duration::from_secs(120);

/// A processor for a host. Its kernel traces its processes, one of which runs at a time: on one processor each
/// switch between them takes half as long.
fn one_of(all: &CpuSet, number: usize) -> CpuSet {
    let allowed: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|&cpu| all.is_set(cpu)).collect();
    let mut one = CpuSet::new();
    one.set(allowed[number % allowed.len()]);
    one
}

/// A host that runs; it goes when it is dropped.
pub(crate) struct Uml {
    pub(crate) name: &'static str,
    pub(crate) address: &'static str,
    child: Child,
    console: ChildStdin,
    said: Receiver<String>,
}

/// What a host is.
pub(crate) struct Wish {
    pub(crate) role: &'static str,
    pub(crate) name: &'static str,
    pub(crate) address: &'static str,
    /// From 0: its end of the network, and its processor.
    pub(crate) number: usize,
    pub(crate) memory_mib: u32,
    /// `ubdb=/path`, `ubdcc=/path` …
    pub(crate) disks: Vec<String>,
}

impl Uml {
    /// Starts one; it is not ready yet.
    pub(crate) fn start(wish: Wish) -> Self {
        let last = wish.address.rsplit('.').next().unwrap();
        let init = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/hosts/init");
        let all = sched_getaffinity(None).unwrap();
        sched_setaffinity(None, &one_of(&all, wish.number)).unwrap();
        let mut child = Command::new("linux.uml")
            .env("TMPDIR", "/dev/shm")
            .args([
                "root=/dev/root",
                "rootfstype=hostfs",
                "rootflags=/",
                "ro",
                "quiet",
                "loglevel=3",
            ])
            .args(["con=null", "con0=fd:0,fd:1", "ssl=null"])
            .arg(format!("init={init}"))
            .arg(format!("mem={}M", wish.memory_mib))
            .arg(format!("eth0=tuntap,vireo{},52:54:00:98:00:{last}", wish.number))
            .arg(format!("umid=vireo-{}-{}", std::process::id(), wish.name))
            .arg(concat!("vireo_kernel=", env!("OUT_DIR"), "/guest.elf"))
            .arg(format!("vireo_role={}", wish.role))
            .arg(format!("vireo_name={}", wish.name))
            .arg(format!("vireo_address={}", wish.address))
            .args(&wish.disks)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        sched_setaffinity(None, &all).unwrap();
        let (console, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (say, said) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned();
                if say.send(line).is_err() {
                    return;
                }
            }
        });
        Self { name: wish.name, address: wish.address, child, console, said }
    }

    /// Everything it says up to a line that begins so, and the rest of that line.
    #[track_caller]
    fn until(&self, mark: &str, limit: Duration) -> (String, String) {
        let until = Instant::now() + limit;
        let mut text = String::new();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let Ok(line) = self.said.recv_timeout(left) else {
                panic!("{}: no {mark} within {limit:?}; it said:\n{text}", self.name)
            };
            if let Some(rest) = line.strip_prefix(mark) {
                return (text, rest.trim().to_owned());
            }
            assert!(!line.starts_with("@@FAILED"), "{}: {line}\n{text}", self.name);
            text.push_str(&line);
            text.push('\n');
        }
    }

    /// Waits until it has set up what its role needs.
    #[track_caller]
    pub(crate) fn ready(&self) {
        self.until("@@READY", BOOT);
    }

    /// Runs a command line; what it said, and what it returned.
    #[track_caller]
    pub(crate) fn try_to(&mut self, command: &str) -> (String, String) {
        assert!(!command.contains('\n'), "one line, please");
        writeln!(self.console, "{command}").unwrap();
        self.until("@@DONE", COMMAND)
    }

    /// Runs a command line that must succeed; what it said.
    #[track_caller]
    pub(crate) fn run(&mut self, command: &str) -> String {
        let (said, returned) = self.try_to(command);
        assert_eq!(returned, "0", "{}: {command}: {said}", self.name);
        said
    }

    /// The libvirt URI of a host.
    pub(crate) fn uri(&self) -> String {
        format!("qemu+tcp://{}/system", self.address)
    }
}

impl Drop for Uml {
    fn drop(&mut self) {
        let _ = writeln!(self.console, "halt");
        let until = Instant::now() + Duration::from_secs(8);
        while Instant::now() < until && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(50));
        }
        // Its helpers are in its group, and may stay behind.
        if let Some(group) = Pid::from_raw(self.child.id().cast_signed()) {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.child.wait();
    }
}
