//! Causes in words, with the names that libvirt gave.

use crate::i18n::{gettext, gettext_f, ngettext_f};
use crate::migration::explain::{DiskCause, GuestCause, HostCause, NetworkCause, WishCause};

pub(super) fn guest(cause: &GuestCause) -> String {
    match cause {
        GuestCause::NameTaken(name) => {
            gettext_f("another guest named {name} is there already", &[("name", name)])
        }
        GuestCause::ActiveThere(name) => gettext_f("{name} runs there already", &[("name", name)]),
        GuestCause::Snapshots(count) => snapshots(*count),
        GuestCause::Blocked(what) => {
            gettext_f("the guest cannot be moved: {what}", &[("what", what)])
        }
        GuestCause::JobRunning => gettext("another operation of this guest is under way"),
        GuestCause::IoError => gettext("a disk of the guest failed"),
        GuestCause::NotResumed => gettext("the guest could not be let go on"),
        GuestCause::MemoryLost => {
            gettext("part of the guest's memory is lost, as a host ended it during post-copy")
        }
        GuestCause::NotMadePersistent => gettext("it arrived, but is not defined there"),
    }
}

pub(super) fn disk(cause: &DiskCause) -> String {
    match cause {
        DiskCause::FileMissing(path) => {
            gettext_f("{path} does not exist at the destination", &[("path", path)])
        }
        DiskCause::FileDenied(path) => {
            gettext_f("QEMU may not open {path} at the destination", &[("path", path)])
        }
        DiskCause::FileUnreadable(what) => {
            gettext_f("a disk cannot be opened at the destination: {what}", &[("what", what)])
        }
        DiskCause::ImageInUse => gettext("another QEMU writes to a disk image of the guest"),
        DiskCause::PoolMissing(path) => {
            gettext_f("no active storage pool at the destination has {path}", &[("path", path)])
        }
        DiskCause::SizesDiffer => gettext("an image of another size is at the destination already"),
        DiskCause::NotCopyable(what) => {
            gettext_f("a disk cannot be copied along: {what}", &[("what", what)])
        }
        DiskCause::CopyFailed(what) => {
            gettext_f("copying a disk failed: {what}", &[("what", what)])
        }
        DiskCause::SecretMissing(what) => {
            gettext_f("a disk's secret is missing at the destination: {what}", &[("what", what)])
        }
    }
}

pub(super) fn network(cause: &NetworkCause) -> String {
    match cause {
        NetworkCause::NetworkMissing(name) => {
            gettext_f("the network {name} is missing at the destination", &[("name", name)])
        }
        NetworkCause::NetworkInactive(name) => {
            gettext_f("the network {name} is not started at the destination", &[("name", name)])
        }
        NetworkCause::BridgeMissing(name) => {
            gettext_f("the bridge {name} is missing at the destination", &[("name", name)])
        }
        NetworkCause::FilterMissing(name) => {
            gettext_f("the network filter {name} is missing at the destination", &[("name", name)])
        }
        NetworkCause::SwitchPort(name) => gettext_f(
            "the switch at the destination did not take the guest's port {name}",
            &[("name", name)],
        ),
        NetworkCause::NameUnknown(name) => {
            gettext_f("the name {name} cannot be resolved", &[("name", name)])
        }
        NetworkCause::NamedLocalhost => gettext("the destination calls itself localhost"),
        NetworkCause::AddressUnreachable(address) => {
            gettext_f("{address} cannot be reached from the source", &[("address", address)])
        }
        NetworkCause::AddressMalformed(what) => {
            gettext_f("an address cannot be used: {what}", &[("what", what)])
        }
        NetworkCause::PortsTaken => gettext("no port for the memory is free at the destination"),
    }
}

pub(super) fn host(cause: &HostCause) -> String {
    match cause {
        HostCause::HostKeyUnknown => {
            gettext("the source's daemon does not know the destination's ssh host key")
        }
        HostCause::NoPeerToPeer => gettext("the two daemons cannot move guests peer to peer"),
        HostCause::NoHostUuid => gettext("a host has no UUID of its own"),
        HostCause::CpuFeatures(features) => {
            gettext_f("the destination's processor lacks {features}", &[("features", features)])
        }
        HostCause::CpuDiffers(what) => {
            gettext_f("the destination's processor is another one: {what}", &[("what", what)])
        }
        HostCause::MachineType(name) => {
            gettext_f("the destination does not know the machine type {name}", &[("name", name)])
        }
        HostCause::EmulatorMissing(path) => {
            gettext_f("the emulator {path} is missing at the destination", &[("path", path)])
        }
        HostCause::NoVirtualisation => gettext(
            "the destination cannot run this kind of guest (is virtualisation switched on?)",
        ),
        HostCause::FirmwareMissing => gettext("the guest's firmware is missing at the destination"),
        HostCause::TlsUnusable => gettext("the certificates for encryption are missing or wrong"),
        HostCause::TlsRequired => gettext("the host moves guests only encrypted"),
        HostCause::VersionsDiffer => {
            gettext("the two libvirt daemons do not understand each other")
        }
        HostCause::CrashesOnRecovery => gettext(
            "libvirt at the destination would crash over it, by a fault of its own (11.2 and 11.3)",
        ),
        HostCause::LockDrivers => gettext("the two hosts guard disks by different lock managers"),
    }
}

pub(super) fn wish(cause: &WishCause) -> String {
    match cause {
        WishCause::PostcopyForbidden => {
            gettext("the destination does not allow post-copy (userfaultfd)")
        }
        WishCause::PostcopyNoWayBack => gettext("post-copy has no way back"),
        WishCause::RecoveryRefused(what) => {
            gettext_f("post-copy cannot be taken up again now: {what}", &[("what", what)])
        }
        WishCause::XmlIncompatible(what) => {
            gettext_f("the destination XML does not fit the guest: {what}", &[("what", what)])
        }
        WishCause::OptionsWrong(what) => {
            gettext_f("the options do not go together: {what}", &[("what", what)])
        }
        WishCause::OptionUnknown(what) => {
            gettext_f("a host does not know one of the options: {what}", &[("what", what)])
        }
    }
}

fn snapshots(count: u64) -> String {
    ngettext_f(
        "the guest has {n} snapshot, and libvirt moves none",
        "the guest has {n} snapshots, and libvirt moves none",
        usize::try_from(count).unwrap_or(usize::MAX),
        &[],
    )
}
