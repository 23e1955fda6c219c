//! A disk that both hosts reach on two paths: one device of the device mapper, in the pool of such devices.

use vireo::backend::{PoolWish, VolumeJob};
use vireo::model::storage::{PoolSource, VolumeKey};

use super::devices::{kept_for, lun, remove};
use super::{A, B, Hosts, wish};

const TARGET: &str = "iqn.2026-01.org.example:disk1";

pub(crate) fn devices(hosts: &mut Hosts) {
    let modules = ["dm-multipath", "dm-service-time", "iscsi_tcp"];
    if hosts.lacks("multipath", &["multipath", "iscsiadm"], &modules) {
        return;
    }
    log_in_twice(hosts);
    let pool = PoolWish { build: None, ..wish("paths", PoolSource::Mpath, "/dev/mapper", &[A, B]) };
    let keys = hosts.pool(pool);
    let paths: Vec<String> = keys.iter().map(|&key| lun(hosts, key)).collect();
    assert!(paths[0].starts_with("/dev/mapper/3") && paths[0] == paths[1], "{paths:?}");
    let names = hosts.bench.volume_names(keys[0]);
    assert_eq!(names.len(), 1, "the device is there, and not its paths: {names:?}");
    let volume = VolumeKey { pool: keys[0], name: names[0].clone() };
    hosts.define_on(B, "on-paths", "block", "raw", &format!("<source dev='{}'/>", paths[1]));
    kept_for(hosts, &volume, &[A, B], "on-paths (host-b)");
    hosts.b.run("virsh -q undefine on-paths");
    hosts.b.run(&format!("echo written by host-b | dd of={} conv=fsync status=none", paths[1]));
    let files = tempfile::tempdir().unwrap();
    let file = files.path().join("down");
    let download = VolumeJob::Download { volume, file: file.clone(), unless_written: None };
    hosts.bench.volume_job(download).unwrap();
    assert!(std::fs::read(&file).unwrap().starts_with(b"written by host-b\n"));
    remove(hosts, &keys);
    hosts.both(&format!("multipath -F && iscsiadm -m node -T {TARGET} --logout"));
    hosts.server.run("ip address del 10.98.0.21/24 dev eth0");
    hosts.say(
        "multipath: the one device of two paths on both hosts, read on one as the other wrote",
    );
}

/// The server has a second address, by which each host logs in to the same target once more.
fn log_in_twice(hosts: &mut Hosts) {
    hosts.server.run("ip address add 10.98.0.21/24 dev eth0");
    hosts.both(&format!(
        "printf 'defaults {{\\n find_multipaths no\\n user_friendly_names no\\n}}\\n' >/etc/multipath.conf && \
         iscsiadm -m discovery -t sendtargets -p 10.98.0.20 && \
         iscsiadm -m discovery -t sendtargets -p 10.98.0.21 && \
         iscsiadm -m node -T {TARGET} --login && udevadm settle && multipath -v0"
    ));
}
