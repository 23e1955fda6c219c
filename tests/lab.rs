//! The practice lab, for real: libvirt daemons and QEMU on this computer.
#![allow(clippy::unwrap_used)] // in what tests share, too

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};
use vireo::lab::{Lab, LabConfig, LabError, LabHost, PracticeGuest};

/// Generous: other tests share the computer's processors.
const LIMIT: Duration = Duration::from_secs(60);

/// A directory name of this test's own. Short, as sockets want it, and directly in `/tmp`: root's lab runs as another
/// user, who has to reach it.
fn place() -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    PathBuf::from(format!("/tmp/vl-{}-{number}", std::process::id()))
}

fn start(hosts: usize, guests: Vec<PracticeGuest>) -> Lab {
    Lab::start(LabConfig { hosts, guests, directory: Some(place()) }).unwrap()
}

/// Processes with this directory in their command line, found without the lab's own help. For moments there are more
/// than daemons and guests: a daemon forks to ask other programs what they can do.
fn processes_in(directory: &Path) -> Vec<i32> {
    let needle = format!("{}/", directory.display());
    std::fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok())
        .filter(|pid| {
            let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&line).contains(&needle)
        })
        .collect()
}

fn assert_nothing_left(directory: &Path) {
    assert_eq!(processes_in(directory), [0_i32; 0], "processes");
    assert!(!directory.exists(), "{} still exists", directory.display());
}

fn virsh(host: &LabHost, arguments: &[&str]) -> String {
    let output = Command::new("virsh")
        .env("LC_ALL", "C.UTF-8")
        .args(["-q", "-c", &host.uri])
        .args(arguments)
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "virsh {arguments:?} on {}: {error}", host.name);
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn create(lab: &Lab, host: &LabHost, guest: &PracticeGuest) {
    let definition = lab.directory().join(format!("{}.xml", guest.name));
    std::fs::write(&definition, lab.guest_xml(guest).unwrap()).unwrap();
    virsh(host, &["create", definition.to_str().unwrap()]);
    lab.wait_for_heartbeat(&guest.name, 0, LIMIT).unwrap();
}

fn migrate(from: &LabHost, to: &LabHost, guest: &str) {
    virsh(from, &["migrate", "--live", "--p2p", guest, &to.uri]);
}

/// The guest counted every second once: it was never restarted, and never in two places.
fn assert_unbroken(beats: &[u64]) {
    let expected: Vec<u64> = (0..).take(beats.len()).collect();
    assert_eq!(beats, expected);
}

fn wait_for_end(pid: i32) {
    let Ok(process) = pidfd_open(Pid::from_raw(pid).unwrap(), PidfdFlags::empty()) else { return };
    let mut files = [rustix::event::PollFd::new(&process, rustix::event::PollFlags::IN)];
    let limit = rustix::event::Timespec::try_from(LIMIT).unwrap();
    assert_eq!(rustix::event::poll(&mut files, Some(&limit)), Ok(1), "process {pid} goes on");
}

/// `vireo --lab --headless`, ready.
fn program(directory: &Path) -> Child {
    let mut child = Command::new(env!("CARGO_BIN_EXE_vireo"))
        .args(["--lab", "--headless", "--lab-directory"])
        .arg(directory)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line == "ready"), "the lab did not start");
    child
}

#[test]
fn it_starts_beats_and_leaves_nothing_behind() {
    let lab = start(2, PracticeGuest::usual());
    let directory = lab.directory().to_owned();
    let names: Vec<_> = lab.hosts().iter().map(|host| host.name.as_str()).collect();
    assert_eq!(names, ["lab-a", "lab-b"]);
    let [a, b] = lab.hosts() else { panic!("two hosts") };
    assert_eq!(virsh(a, &["list", "--name"]).lines().count(), 3);
    assert_eq!(virsh(b, &["list", "--name"]), "");
    for host in [a, b] {
        assert!(virsh(host, &["pool-info", "shared"]).contains("running"));
        assert_eq!(virsh(host, &["vol-list", "shared"]).lines().count(), 3, "{}", host.name);
        let uuid = format!("<uuid>{}</uuid>", host.host_uuid);
        assert!(virsh(host, &["capabilities"]).contains(&uuid));
    }
    for guest in ["calm", "busy", "big"] {
        lab.wait_for_heartbeat(guest, 2, LIMIT).unwrap();
        assert_unbroken(&lab.heartbeats(guest));
    }
    assert!(lab.pids().len() >= 5, "two daemons and three guests");
    lab.stop().unwrap();
    assert_nothing_left(&directory);
}

#[test]
fn dropping_it_stops_it() {
    let lab = start(2, Vec::new());
    let directory = lab.directory().to_owned();
    create(&lab, &lab.hosts()[1], &PracticeGuest::new("one", 32));
    assert!(processes_in(&directory).len() >= 3, "two daemons and a guest");
    drop(lab);
    assert_nothing_left(&directory);
}

#[test]
fn a_guest_that_moves_goes_on_counting() {
    let lab = start(2, Vec::new());
    let [a, b] = lab.hosts() else { panic!("two hosts") };
    create(&lab, a, &PracticeGuest::new("mover", 64).rewriting(32, 20));
    lab.wait_for_heartbeat("mover", 1, LIMIT).unwrap();
    migrate(a, b, "mover");
    assert_eq!(virsh(b, &["domstate", "mover"]), "running");
    assert_eq!(a.qemu_pid("mover"), None);
    assert!(b.qemu_pid("mover").is_some());
    let there = lab.heartbeats("mover").last().copied().unwrap_or_default();
    lab.wait_for_heartbeat("mover", there + 1, LIMIT).unwrap();
    migrate(b, a, "mover");
    let home = lab.heartbeats("mover").last().copied().unwrap_or_default();
    lab.wait_for_heartbeat("mover", home + 1, LIMIT).unwrap();
    assert_unbroken(&lab.heartbeats("mover"));
}

#[test]
fn the_power_button_and_its_own_wish_switch_a_guest_off() {
    let lab = start(2, Vec::new());
    let host = &lab.hosts()[0];
    create(&lab, host, &PracticeGuest::new("asked", 32));
    let qemu = host.qemu_pid("asked").unwrap();
    virsh(host, &["shutdown", "--mode", "acpi", "asked"]);
    wait_for_end(qemu);

    create(&lab, host, &PracticeGuest::new("brief", 32).off_at(2));
    if let Some(qemu) = host.qemu_pid("brief") {
        wait_for_end(qemu);
    }
    assert_eq!(lab.heartbeats("brief"), [0, 1, 2]);
    let log = std::fs::read_to_string(lab.heartbeat_log("asked")).unwrap();
    assert!(log.ends_with("power off\r\n"), "{log}");
}

#[test]
fn a_reset_starts_the_count_again() {
    let lab = start(2, Vec::new());
    let host = &lab.hosts()[0];
    create(&lab, host, &PracticeGuest::new("reset", 32));
    lab.wait_for_heartbeat("reset", 2, LIMIT).unwrap();
    virsh(host, &["reset", "reset"]);
    let counted = lab.heartbeats("reset").len() as u64;
    lab.wait_for_heartbeat("reset", counted, LIMIT).unwrap();
    let beats = lab.heartbeats("reset");
    assert_eq!(beats.iter().filter(|&&beat| beat == 0).count(), 2, "{beats:?}");
}

#[test]
fn guests_outlive_their_daemon() {
    let lab = start(2, Vec::new());
    let host = &lab.hosts()[0];
    create(&lab, host, &PracticeGuest::new("tough", 32));
    let (qemu, daemon) = (host.qemu_pid("tough"), host.daemon_pid());
    host.kill_daemon().unwrap();
    assert_eq!(host.daemon_pid(), None);
    let beat = lab.heartbeats("tough").last().copied().unwrap_or_default();
    lab.wait_for_heartbeat("tough", beat + 1, LIMIT).unwrap();
    host.restart_daemon().unwrap();
    assert_ne!(host.daemon_pid(), daemon);
    assert_eq!(virsh(host, &["domstate", "tough"]), "running");
    assert_eq!(host.qemu_pid("tough"), qemu);
    assert_unbroken(&lab.heartbeats("tough"));
}

#[test]
fn a_stopped_daemon_does_not_hold_up_the_end() {
    let lab = start(2, Vec::new());
    let directory = lab.directory().to_owned();
    let host = &lab.hosts()[0];
    let state = |pid: u32| std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let pid = host.daemon_pid().unwrap();
    host.stop_daemon().unwrap();
    assert!(state(pid).contains(") T "), "stopped");
    host.continue_daemon().unwrap();
    assert_eq!(virsh(host, &["list", "--name"]), "");
    host.stop_daemon().unwrap();
    lab.stop().unwrap();
    assert_nothing_left(&directory);
}

#[test]
fn labs_run_side_by_side() {
    let (one, other) = (start(2, Vec::new()), start(2, Vec::new()));
    create(&one, &one.hosts()[0], &PracticeGuest::new("same", 32));
    create(&other, &other.hosts()[0], &PracticeGuest::new("same", 32));
    let taken = Lab::start(LabConfig {
        directory: Some(one.directory().to_owned()),
        ..LabConfig::default()
    });
    assert!(matches!(taken, Err(LabError::DirectoryInUse { .. })));
    let directory = one.directory().to_owned();
    one.stop().unwrap();
    assert_nothing_left(&directory);
    migrate(&other.hosts()[0], &other.hosts()[1], "same");
    let beat = other.heartbeats("same").last().copied().unwrap_or_default();
    other.wait_for_heartbeat("same", beat + 1, LIMIT).unwrap();
    assert_unbroken(&other.heartbeats("same"));
}

#[test]
fn eight_hosts_are_eight_hosts() {
    let lab = start(8, Vec::new());
    let mut uuids: Vec<_> = lab.hosts().iter().map(|host| host.host_uuid).collect();
    for host in lab.hosts() {
        assert!(virsh(host, &["capabilities"]).contains(&host.host_uuid.to_string()));
    }
    uuids.sort();
    uuids.dedup();
    assert_eq!(uuids.len(), 8);
    create(&lab, &lab.hosts()[0], &PracticeGuest::new("far", 32));
    migrate(&lab.hosts()[0], &lab.hosts()[7], "far");
    assert!(lab.hosts()[7].qemu_pid("far").is_some());
}

#[test]
fn too_few_and_too_many_hosts_are_refused() {
    for hosts in [0, 1, 9] {
        let refused = Lab::start(LabConfig { hosts, ..LabConfig::default() });
        assert!(matches!(refused, Err(LabError::HostCount { asked }) if asked == hosts));
    }
}

#[test]
fn ctrl_c_stops_it_completely() {
    for signal in [Signal::INT, Signal::TERM] {
        let directory = place();
        let mut child = program(&directory);
        assert!(processes_in(&directory).len() >= 5, "two daemons and three guests");
        kill_process(Pid::from_child(&child), signal).unwrap();
        assert!(child.wait().unwrap().success());
        assert_nothing_left(&directory);
    }
}

#[test]
fn what_a_killed_program_left_is_removed_by_the_next_start() {
    let directory = place();
    let mut child = program(&directory);
    child.kill().unwrap();
    child.wait().unwrap();
    let left = processes_in(&directory);
    assert!(left.len() >= 5, "daemons and guests outlive a killed program");
    let config = LabConfig {
        guests: Vec::new(),
        directory: Some(directory.clone()),
        ..LabConfig::default()
    };
    let lab = Lab::start(config).unwrap();
    let now = processes_in(&directory);
    assert!(now.len() >= 2, "two daemons");
    assert!(now.iter().all(|pid| !left.contains(pid)), "{now:?} and {left:?}");
    lab.stop().unwrap();
    assert_nothing_left(&directory);
}
