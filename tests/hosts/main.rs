//! The tutorial for real: three hosts with kernels of their own, one an NFS server, two with libvirt on TCP; a pool
//! set up on both, proved shared, a guest on it moved there and back. `scripts/test-hosts` runs it (`make
//! test-hosts`); without its network this test has nothing to stand on, and says so.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // a failure ends the test
#![allow(unreachable_pub)] // a test is no library

#[path = "../driver/mod.rs"]
mod driver;
#[path = "../whole_app/stage.rs"]
#[allow(dead_code)] // the lab is not for these hosts
mod stage;
#[path = "../whole_app/storage_tab.rs"]
#[allow(dead_code)]
mod storage_tab;
#[path = "../support/mod.rs"]
mod support;

mod devices;
mod gfs2;
mod multipath;
mod nfs;
mod postcopy;
mod uml;
mod window;

use std::time::{Duration, Instant};

use support::Bench;
use uml::{Uml, Wish};
use vireo::backend::{PoolWish, RequestBody, StorageRequest};
use vireo::migration::{MigrationOptions, MigrationPlan};
use vireo::model::storage::{
    BuildMode, HostOutcome, PoolDefinition, PoolKey, PoolSource, Proof, StorageReply,
};
use vireo::model::{GuestAction, GuestState, HostId, JobId, MigrationEnd, PoolUuid};

const A: HostId = HostId(1);
const B: HostId = HostId(2);

/// The program under test.
fn program() -> std::path::PathBuf {
    env!("CARGO_BIN_EXE_vireo").into()
}

/// Three hosts, and a backend that has two of them open.
struct Hosts {
    // Stopped before the hosts it is connected to.
    bench: Bench,
    a: Uml,
    b: Uml,
    server: Uml,
    // A host opens a disk when it is first used; they go after the hosts.
    _disks: [tempfile::NamedTempFile; 3],
    begun: Instant,
}

impl Hosts {
    fn start() -> Self {
        let begun = Instant::now();
        let scratch = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
        let disk = |name: &str, mib: u64| {
            let file = tempfile::Builder::new().prefix(name).tempfile_in(scratch).unwrap();
            file.as_file().set_len(mib << 20).unwrap();
            file
        };
        let exported = disk("export", 512);
        // Two disks that both hosts see: `c` is shared, without locking.
        let shared = [disk("one", 256), disk("two", 256)];
        let host = |name, address, number| {
            let disks = [("ubdb", &shared[0]), ("ubdc", &shared[1])]
                .map(|(unit, file)| format!("{unit}c={}", file.path().display()))
                .to_vec();
            Uml::start(Wish { role: "kvm", name, address, number, memory_mib: 1536, disks })
        };
        let server = Uml::start(Wish {
            role: "server",
            name: "server",
            address: "10.98.0.20",
            number: 2,
            memory_mib: 384,
            disks: vec![format!("ubdb={}", exported.path().display())],
        });
        let (a, b) = (host("host-a", "10.98.0.11", 0), host("host-b", "10.98.0.12", 1));
        for host in [&server, &a, &b] {
            host.ready();
        }
        let [one, two] = shared;
        let disks = [exported, one, two];
        let mut hosts = Self { bench: Bench::new(), a, b, server, _disks: disks, begun };
        hosts.say("hosts are up");
        hosts.bench.open(A, &hosts.a.uri());
        hosts.bench.open(B, &hosts.b.uri());
        for host in [A, B] {
            hosts.bench.connected(host);
            hosts.bench.listed(host);
            hosts.bench.done_with_storage(StorageRequest::ListPools(host));
        }
        hosts.say("connected");
        hosts
    }

    fn say(&self, what: &str) {
        println!("hosts: {:5.1} s  {what}", self.begun.elapsed().as_secs_f64());
    }

    fn host(&mut self, id: HostId) -> &mut Uml {
        if id == A { &mut self.a } else { &mut self.b }
    }

    /// The same on both hosts, at the same time; it must succeed.
    fn both(&mut self, command: &str) {
        std::thread::scope(|scope| {
            for host in [&mut self.a, &mut self.b] {
                scope.spawn(move || host.run(command));
            }
        });
    }

    /// Whether the hosts lack what a part of the test takes; it is skipped then, and says why.
    fn lacks(&mut self, part: &str, programs: &[&str], modules: &[&str]) -> bool {
        let programs =
            programs.iter().map(|it| format!("command -v {it} >/dev/null || echo {it};"));
        let modules = modules.iter().map(|it| format!("modprobe -q {it} || echo {it}.ko;"));
        let (said, _) = self.a.try_to(&programs.chain(modules).collect::<String>());
        let lacking: Vec<&str> = said.split_whitespace().collect();
        if !lacking.is_empty() {
            self.say(&format!("SKIPPED: {part}: there is no {}", lacking.join(", ")));
        }
        !lacking.is_empty()
    }

    #[track_caller]
    fn outcomes(&mut self, wish: PoolWish) -> Vec<HostOutcome> {
        match self.bench.storage_reply(StorageRequest::CreatePool(Box::new(wish))) {
            StorageReply::PoolCreated(outcomes) => outcomes,
            other => panic!("{other:?}"),
        }
    }

    /// Sets a pool up; it must work on each host.
    #[track_caller]
    fn pool(&mut self, wish: PoolWish) -> Vec<PoolKey> {
        let name = wish.definition.name.clone();
        let outcomes = self.outcomes(wish);
        let keys = outcomes.into_iter().map(|outcome| {
            assert_eq!(outcome.failed, None, "{name} on {:?}", outcome.host);
            outcome.pool.unwrap()
        });
        let keys: Vec<PoolKey> = keys.collect();
        for &key in &keys {
            self.bench.pool(key.host, &name);
            self.bench.done_with_storage(StorageRequest::ListVolumes(key));
        }
        keys
    }

    #[track_caller]
    fn prove(&mut self, keys: &[PoolKey]) -> Proof {
        match self.bench.storage_reply(StorageRequest::Prove(keys.to_vec())) {
            StorageReply::Proved(proof) => proof,
            other => panic!("{other:?}"),
        }
    }

    /// Defines a practice guest on this file at a host.
    #[track_caller]
    fn define(&mut self, at: HostId, name: &str, disk: &str, format: &str) {
        let source = format!("<source file='{disk}'/>");
        self.define_on(at, name, "file", format, &source);
    }

    /// Defines a practice guest on a disk of this kind, format and source at a host.
    #[track_caller]
    fn define_on(&mut self, at: HostId, name: &str, kind: &str, format: &str, source: &str) {
        let disk = format!(
            "<disk type='{kind}' device='disk'><driver name='qemu' type='{format}'/>{source}\
             <target dev='vda' bus='virtio'/></disk>"
        );
        self.define_doing(at, name, 32, "memory=0 rate=0 touch=0 off=0", &disk);
    }

    /// Defines a practice guest without a disk that rewrites a quarter of its memory all the time.
    #[track_caller]
    fn define_restless(&mut self, at: HostId, name: &str) {
        self.define_doing(at, name, 64, "memory=16 rate=40 touch=0 off=0", "");
    }

    /// Defines a practice guest of this many MiB that does what these words of its kernel say.
    #[track_caller]
    fn define_doing(&mut self, at: HostId, name: &str, mib: u32, words: &str, disk: &str) {
        let kernel = "/guest.elf";
        let console = format!("/var/log/{name}.log");
        let xml = format!(
            "<domain type='qemu'><name>{name}</name><memory unit='MiB'>{mib}</memory><vcpu>1</vcpu>\
             <os><type arch='x86_64' machine='q35'>hvm</type><kernel>{kernel}</kernel>\
             <cmdline>name={name} {words}</cmdline></os>\
             <features><acpi/></features><devices><emulator>/usr/bin/qemu-system-x86_64</emulator>\
             {disk}<controller type='usb' model='none'/>\
             <serial type='file'><source path='{console}' append='on'/><target port='0'/></serial>\
             <video><model type='none'/></video><memballoon model='none'/></devices></domain>"
        );
        self.host(at)
            .run(&format!("cat >/tmp/guest.xml <<<\"{xml}\" && virsh -q define /tmp/guest.xml"));
        self.bench.guest(at, name);
    }

    #[track_caller]
    fn act(&mut self, at: HostId, name: &str, action: GuestAction) {
        let guest = self.bench.guest(at, name).key;
        let job = self.bench.submit(RequestBody::Act { guest, action });
        self.bench.finished(job).unwrap();
    }

    #[track_caller]
    fn begin(&mut self, name: &str, from: HostId, options: MigrationOptions) -> JobId {
        let guest = self.bench.guest(from, name).key;
        let destination = if from == A { B } else { A };
        let plan = MigrationPlan { guest, destination, options };
        self.bench.submit(RequestBody::Migrate(Box::new(plan)))
    }

    #[track_caller]
    fn migrate(&mut self, name: &str, from: HostId, options: MigrationOptions) -> MigrationEnd {
        let job = self.begin(name, from, options);
        self.bench.migration_ended(job)
    }

    /// A guest on this disk lives, moves live with no unsafe, lives there, and is switched off.
    #[track_caller]
    fn moves_on(&mut self, name: &str, disk: &str) {
        self.define(A, name, disk, "qcow2");
        self.act(A, name, GuestAction::Run);
        self.until(A, name, GuestState::Running);
        self.lives(A, name);
        assert_eq!(self.migrate(name, A, MigrationOptions::default()).result, Ok(()));
        self.until(B, name, GuestState::Running);
        self.lives(B, name);
        self.act(B, name, GuestAction::ForceOff);
    }

    /// Waits until a guest is in this state there.
    #[track_caller]
    fn until(&mut self, at: HostId, name: &str, state: GuestState) {
        let is = |guest: &vireo::model::Guest| {
            guest.key.host == at && &*guest.name == name && guest.state == state
        };
        self.bench.wait_guests(name, |guests| guests.values().any(is));
    }

    /// The guest goes on counting at this host; its last count.
    #[track_caller]
    fn lives(&mut self, at: HostId, name: &str) -> u64 {
        let count = |host: &mut Uml| {
            let said = host.run(&format!("tail -n 1 /var/log/{name}.log; true"));
            said.trim().rsplit(' ').next().and_then(|count| count.parse::<u64>().ok())
        };
        let until = Instant::now() + Duration::from_secs(60);
        let first = count(self.host(at));
        loop {
            // Each look takes its time at the host; there is nothing to wait for but the guest itself.
            let now = count(self.host(at));
            if let Some(now) = now.filter(|_| now > first) {
                return now;
            }
            assert!(Instant::now() < until, "{name} does not live at {at:?}: {first:?}, {now:?}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

fn wish(name: &str, source: PoolSource, path: &str, hosts: &[HostId]) -> PoolWish {
    let mut definition = PoolDefinition::new(name, source, path);
    definition.uuid = Some(PoolUuid(vireo::backend::new_uuid()));
    PoolWish {
        definition,
        xml: None,
        hosts: hosts.to_vec(),
        build: Some(BuildMode::Plain),
        start: true,
        autostart: true,
        secret: None,
    }
}

#[test]
fn the_tutorial() {
    if std::env::var_os("VIREO_HOSTS").is_none() {
        println!("SKIPPED: scripts/test-hosts makes the network that this test needs");
        return;
    }
    let mut hosts = Hosts::start();
    nfs::connecting_changes_nothing(&mut hosts);
    // First what asks nothing of GlusterFS, which is not ready yet: libvirt waits for it to look for exports.
    devices::of_all_kinds(&mut hosts);
    nfs::tutorial(&mut hosts);
    postcopy::tutorial(&mut hosts);
    window::tutorial(&mut hosts);
    nfs::gluster(&mut hosts);
    hosts.say("done");
}
