//! Pools, volumes and storage jobs in words.

use crate::i18n::{gettext, gettext_f};
use crate::model::storage::{
    BuildMode, PoolKind, PoolState, PoolStep, ProofAnswer, StoragePhase, VolumeFormat,
    WipeAlgorithm,
};
use crate::storage::SharingBadge;

use super::Confirm;

/// The name of a kind of pool.
#[must_use]
pub fn kind(kind: PoolKind) -> String {
    match kind {
        PoolKind::Dir => gettext("Directory"),
        PoolKind::Fs => gettext("File system on a device"),
        PoolKind::Netfs => gettext("Network file system (NFS, GlusterFS, CIFS)"),
        PoolKind::Logical => gettext("LVM volume group"),
        PoolKind::Disk => gettext("Disk with partitions"),
        PoolKind::Iscsi => gettext("iSCSI target"),
        PoolKind::IscsiDirect => gettext("iSCSI target, without the host's initiator"),
        PoolKind::Scsi => gettext("SCSI or Fibre Channel adapter"),
        PoolKind::Mpath => gettext("Multipath devices"),
        PoolKind::Rbd => gettext("Ceph block devices (RBD)"),
        PoolKind::Gluster => gettext("GlusterFS volume, without mounting"),
        PoolKind::Zfs => gettext("ZFS pool"),
        PoolKind::Vstorage => gettext("Virtuozzo storage"),
        PoolKind::Other => gettext("Unknown kind"),
    }
}

/// What a kind of pool is, in one sentence.
#[must_use]
pub fn kind_sentence(kind: PoolKind) -> String {
    match kind {
        PoolKind::Dir => gettext("A directory of the host; volumes are files in it."),
        PoolKind::Fs => gettext("A device with a file system, which the host mounts."),
        PoolKind::Netfs => {
            gettext("What a server exports. Every host that mounts it sees the same files.")
        }
        PoolKind::Logical => gettext("A volume group of the host; volumes are logical volumes."),
        PoolKind::Disk => gettext("A whole disk; volumes are its partitions."),
        PoolKind::Iscsi => gettext(
            "The disks of an iSCSI server, to which the host logs in. They are made at the server.",
        ),
        PoolKind::IscsiDirect => {
            gettext("The disks of an iSCSI server, to which QEMU logs in by itself.")
        }
        PoolKind::Scsi => {
            gettext("The disks behind an adapter of the host: SAS, Fibre Channel, SRP.")
        }
        PoolKind::Mpath => gettext("All disks of the host that are reached on several paths."),
        PoolKind::Rbd => gettext("A pool of a Ceph cluster; volumes are its images."),
        PoolKind::Gluster => gettext(
            "A GlusterFS volume that QEMU reaches by itself. Files are made by other means.",
        ),
        PoolKind::Zfs => gettext("A ZFS pool of the host; volumes are ZFS volumes."),
        PoolKind::Vstorage => gettext("A Virtuozzo storage cluster."),
        PoolKind::Other => gettext("This program does not know this kind."),
    }
}

/// What a pool is doing.
#[must_use]
pub fn state(state: PoolState) -> String {
    match state {
        PoolState::Inactive => gettext("Inactive"),
        PoolState::Building => gettext("Being built"),
        PoolState::Running => gettext("Active"),
        PoolState::Degraded => gettext("Degraded"),
        PoolState::Inaccessible => gettext("Inaccessible"),
        PoolState::Unknown => gettext("Unknown"),
    }
}

/// The name of a volume's format. Those of programs are the same in every language.
#[must_use]
pub fn format(format: &VolumeFormat) -> String {
    match format {
        VolumeFormat::Dir => gettext("directory"),
        known @ (VolumeFormat::Raw
        | VolumeFormat::Qcow2
        | VolumeFormat::Qcow
        | VolumeFormat::Vmdk
        | VolumeFormat::Vdi
        | VolumeFormat::Vpc
        | VolumeFormat::Qed
        | VolumeFormat::Iso
        | VolumeFormat::Bochs
        | VolumeFormat::Cloop
        | VolumeFormat::Cow
        | VolumeFormat::Dmg
        | VolumeFormat::Other(_)) => known.word().to_owned(),
    }
}

/// How surely two pools are one storage.
#[must_use]
pub fn badge(badge: SharingBadge) -> String {
    match badge {
        SharingBadge::Proved => gettext("Proved shared"),
        SharingBadge::SameSource => gettext("Same source"),
        SharingBadge::SameNameOnly => gettext("Same name only"),
        SharingBadge::Missing => gettext("Missing"),
    }
}

/// What that means.
#[must_use]
pub fn badge_sentence(badge: SharingBadge) -> String {
    match badge {
        SharingBadge::Proved => gettext("A file that one host wrote was read by the other."),
        SharingBadge::SameSource => {
            gettext("Both use the same source in the network; it was not tried.")
        }
        SharingBadge::SameNameOnly => {
            gettext("There is a pool of this name, but it may be other storage.")
        }
        SharingBadge::Missing => gettext("This host has no such pool."),
    }
}

/// A step of setting up a pool.
#[must_use]
pub fn step(step: PoolStep) -> String {
    match step {
        PoolStep::Secret => gettext("Set the secret"),
        PoolStep::Define => gettext("Define"),
        PoolStep::Build => gettext("Build"),
        PoolStep::Start => gettext("Start"),
        PoolStep::Autostart => gettext("Start with the host"),
    }
}

/// What a storage job does now.
#[must_use]
pub fn phase(phase: StoragePhase) -> String {
    match phase {
        StoragePhase::Waiting => gettext("Waiting"),
        StoragePhase::Checking => gettext("Checking"),
        StoragePhase::Creating => gettext("Creating the volume"),
        StoragePhase::Cloning => gettext("Copying at the host"),
        StoragePhase::Transferring => gettext("Transferring"),
        StoragePhase::Verifying => gettext("Reading it again to compare"),
        StoragePhase::Wiping => gettext("Overwriting"),
        StoragePhase::Resizing => gettext("Changing the size"),
        StoragePhase::Deleting => gettext("Deleting"),
        StoragePhase::Undoing => gettext("Taking back what was begun"),
    }
}

/// What a host saw of the file that another one wrote.
#[must_use]
pub fn proof_answer(answer: &ProofAnswer) -> String {
    match answer {
        ProofAnswer::Wrote => gettext("Wrote the file"),
        ProofAnswer::Same => gettext("Read the same file: the storage is shared"),
        ProofAnswer::NotThere => gettext("Does not see the file: this is other storage"),
        ProofAnswer::Different => gettext("Sees another file: this is other storage"),
        ProofAnswer::Failed(failure) => super::storage_failure::headline(failure),
    }
}

/// What becomes of what is on a device.
#[must_use]
pub fn build_mode(mode: BuildMode) -> String {
    match mode {
        BuildMode::Plain => gettext("Build"),
        BuildMode::KeepExisting => gettext("Format the device if it is empty"),
        BuildMode::Overwrite => gettext("Format the device: all on it is lost"),
    }
}

/// How a volume is overwritten.
#[must_use]
pub fn wipe(algorithm: WipeAlgorithm) -> String {
    match algorithm {
        WipeAlgorithm::Zero => gettext("Zeros, once"),
        WipeAlgorithm::Nnsa => gettext("NNSA, 4 passes"),
        WipeAlgorithm::Dod => gettext("DoD 5220.22-M, 4 passes"),
        WipeAlgorithm::Bsi => gettext("BSI, 9 passes"),
        WipeAlgorithm::Gutmann => gettext("Gutmann, 35 passes"),
        WipeAlgorithm::Schneier => gettext("Schneier, 7 passes"),
        WipeAlgorithm::Pfitzner7 => gettext("Pfitzner, 7 passes"),
        WipeAlgorithm::Pfitzner33 => gettext("Pfitzner, 33 passes"),
        WipeAlgorithm::Random => gettext("Random data, once"),
    }
}
/// What is asked before a volume is copied to which these guests write.
#[must_use]
pub fn torn(volume: &str, guests: &str) -> Confirm {
    Confirm {
        heading: gettext_f("Copy {volume} while it is written to?", &[("volume", volume)]),
        body: gettext_f(
            "Running, and writing to it: {guests}\n\nThe copy may be torn: some of it from before a change, some from after it. One to be relied on is made when these guests are shut down.",
            &[("guests", guests)],
        ),
        action: gettext("Copy All the Same"),
    }
}
