//! GFS2 on a disk that both hosts see: mounted by both at once, with DLM and corosync between them.

use vireo::backend::{StorageRequest, VolumeJob};
use vireo::model::Bytes;
use vireo::model::storage::{
    FileSystem, PoolAction, PoolSource, ProofAnswer, VolumeDefinition, VolumeFormat,
};

use super::devices::remove;
use super::{A, B, Hosts, wish};

const POOL: &str = "/var/lib/libvirt/images/cluster";
const DEVICE: &str = "/dev/ubdc";

/// Who is in the cluster, as `printf` takes it.
const COROSYNC: &str = "totem {\\n version: 2\\n cluster_name: vireo\\n transport: udpu\\n}\\n\
                        quorum {\\n provider: corosync_votequorum\\n two_node: 1\\n}\\n\
                        nodelist {\\n node {\\n ring0_addr: 10.98.0.11\\n nodeid: 1\\n }\\n \
                        node {\\n ring0_addr: 10.98.0.12\\n nodeid: 2\\n }\\n}\\n";

pub(crate) fn file_system(hosts: &mut Hosts) {
    let programs = ["mkfs.gfs2", "corosync", "dlm_controld"];
    if hosts.lacks("GFS2", &programs, &["gfs2", "dlm"]) {
        return;
    }
    join(hosts);
    // libvirt's own `mkfs` names no cluster, so it cannot make one.
    hosts.a.run(&format!("mkfs.gfs2 -O -q -p lock_dlm -t vireo:pool -j 2 -J 8 {DEVICE}"));
    let source = PoolSource::Fs { device: DEVICE.into(), format: FileSystem::Gfs2 };
    let keys = hosts.pool(wish("cluster", source, POOL, &[A, B]));
    for host in [A, B] {
        assert!(hosts.host(host).run(&format!("grep ' {POOL} ' /proc/mounts")).contains(" gfs2 "));
    }
    let proof = hosts.prove(&keys);
    assert_eq!(proof.answers, [(keys[1], ProofAnswer::Same)]);
    let definition = VolumeDefinition::new("disk.qcow2", VolumeFormat::Qcow2, Bytes(64 << 20));
    let made = hosts.bench.create_volume(keys[1], definition);
    let refresh = StorageRequest::Act { pool: keys[0], action: PoolAction::Refresh };
    hosts.bench.done_with_storage(refresh);
    let disk = hosts.bench.volume(keys[0], "disk.qcow2").path;
    hosts.say("GFS2: mounted by both, proved shared, a volume of one seen by the other");
    hosts.moves_on("cluster", &disk);
    hosts.a.run("virsh -q undefine cluster");
    let delete = VolumeJob::Delete { volumes: vec![made], hosts: vec![A, B] };
    hosts.bench.volume_job(delete).unwrap();
    remove(hosts, &keys);
    hosts.a.run(&format!("wipefs -qa {DEVICE}"));
    hosts.say("GFS2: a guest on it moved with no unsafe");
}

/// Makes a cluster of both hosts. None of its programs says when it is ready.
fn join(hosts: &mut Hosts) {
    hosts.both(&format!(
        "modprobe -a gfs2 dlm && mount -t configfs none /sys/kernel/config; \
         mkdir -p /etc/corosync /var/log/corosync && printf '{COROSYNC}' >/etc/corosync/corosync.conf && \
         corosync >/dev/null 2>&1 </dev/null"
    ));
    until(hosts, "corosync-quorumtool -s >/dev/null 2>&1");
    hosts.both(
        "dlm_controld --enable_fencing 0 --enable_quorum_fencing 0 >/dev/null 2>&1 </dev/null",
    );
    let addresses = "/sys/kernel/config/dlm/cluster/comms";
    until(hosts, &format!("[ -e {addresses}/1 ] && [ -e {addresses}/2 ]"));
}

/// Waits until both hosts say that it is so.
fn until(hosts: &mut Hosts, so: &str) {
    hosts.both(&format!("for _ in $(seq 300); do {so} && break; sleep 0.1; done; {so}"));
}
