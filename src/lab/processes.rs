//! The lab's processes, found by what they were started with.
//!
//! libvirt starts its QEMUs detached, and a lab whose program was killed has nobody left who knows its process ids.
//! So they are told by their program and by the lab's directory in their command line.

use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use super::error::LabError;
use super::watch::readable;

/// Killed processes go at once; a machine under load may need a moment to take their memory back.
const END_LIMIT: Duration = Duration::from_secs(10);

/// One process, held so that its id cannot come to mean another one.
struct Process {
    pid: Pid,
    handle: OwnedFd,
    daemon: bool,
}

/// Ends all processes that belong to the lab in `directory`: daemons first, so that they start nothing new.
///
/// They are killed, not asked: a daemon that is asked waits for its migrations, and nothing of them is kept.
pub(super) fn end_all(directory: &Path) -> Result<(), LabError> {
    let deadline = Instant::now() + END_LIMIT;
    for daemons in [true, false] {
        loop {
            let mut found = belonging_to(directory);
            found.retain(|process| process.daemon == daemons);
            if found.is_empty() {
                break;
            }
            for process in &found {
                if let Err(error) = pidfd_send_signal(&process.handle, Signal::KILL) {
                    tracing::debug!(pid = process.pid.as_raw_nonzero().get(), %error, "not killed");
                }
            }
            found.retain(|process| !readable(&process.handle, left(deadline)));
            if !found.is_empty() {
                let pids = found.iter().map(|process| process.pid.as_raw_nonzero().get()).collect();
                return Err(LabError::StillRunning { pids });
            }
        }
    }
    Ok(())
}

/// The process ids of everything that belongs to the lab in `directory`.
pub(super) fn pids(directory: &Path) -> Vec<i32> {
    let found = belonging_to(directory);
    found.iter().map(|process| process.pid.as_raw_nonzero().get()).collect()
}

fn left(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now())
}

fn belonging_to(directory: &Path) -> Vec<Process> {
    let prefix = format!("{}/", directory.display());
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(Pid::from_raw)
        .filter_map(|pid| open(pid, &prefix))
        .collect()
}

/// The process is opened first and read afterwards: what was read is then true of what was opened.
fn open(pid: Pid, prefix: &str) -> Option<Process> {
    let handle = pidfd_open(pid, PidfdFlags::empty()).ok()?;
    let line = std::fs::read(format!("/proc/{}/cmdline", pid.as_raw_nonzero())).ok()?;
    let line = String::from_utf8_lossy(&line);
    let mut arguments = line.split('\0');
    let daemon = role(arguments.next()?)?;
    let ours = arguments.any(|argument| argument.contains(prefix)) && sees_our_files(pid);
    ours.then_some(Process { pid, handle, daemon })
}

/// A container has processes we see and directories we do not: the same path in it is another one.
fn sees_our_files(pid: Pid) -> bool {
    let place = |path: &str| std::fs::metadata(path).map(|root| (root.dev(), root.ino()));
    match (place("/"), place(&format!("/proc/{}/root", pid.as_raw_nonzero()))) {
        (Ok(ours), Ok(its)) => ours == its,
        _ => true,
    }
}

/// Whether this is a daemon (`true`), a QEMU (`false`) or something that is none of ours, such as an editor that has
/// one of the lab's files open.
fn role(program: &str) -> Option<bool> {
    let name = program.rsplit('/').next()?;
    if name.starts_with("qemu") {
        return Some(false);
    }
    let daemon = name.ends_with('d') && (name.starts_with("libvirt") || name.starts_with("virt"));
    daemon.then_some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_daemons_and_emulators_are_ours() {
        for (program, expected) in [
            ("/usr/sbin/libvirtd", Some(true)),
            ("/usr/sbin/virtqemud", Some(true)),
            ("virtlogd", Some(true)),
            ("/usr/bin/qemu-system-x86_64", Some(false)),
            ("/usr/libexec/qemu-kvm", Some(false)),
            ("/usr/bin/virt-manager", None),
            ("/usr/bin/vim", None),
            ("", None),
        ] {
            assert_eq!(role(program), expected, "{program}");
        }
    }
}
