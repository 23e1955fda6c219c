//! The buttons that remove an obstacle.

use crate::i18n::{gettext, gettext_f};
use crate::migration::checks::Mend;

/// Such a button: its label, and its whole name.
#[must_use]
pub fn button(mend: &Mend) -> (String, String) {
    match mend {
        Mend::StartNetwork(name) => {
            (gettext("Start"), gettext_f("Start the network {name}", &[("name", name)]))
        }
        Mend::StartPool(name) => {
            (gettext("Start"), gettext_f("Start the storage pool {name}", &[("name", name)]))
        }
        Mend::Eject(drive) => {
            (gettext("Eject"), gettext_f("Eject the medium in {drive}", &[("drive", drive)]))
        }
        Mend::CopyNetwork(name) => (
            gettext("Create"),
            gettext_f("Create the network {name} there, as it is here", &[("name", name)]),
        ),
        Mend::CopyFilter(name) => (
            gettext("Create"),
            gettext_f("Create the network filter {name} there, as it is here", &[("name", name)]),
        ),
        Mend::CopyPool(name) => (
            gettext("Add"),
            gettext_f("Add the storage pool {name} there, as it is here", &[("name", name)]),
        ),
        Mend::CopySecret(uuid) => {
            (gettext("Copy"), gettext_f("Copy the secret {uuid} there", &[("uuid", uuid)]))
        }
        Mend::CommonProcessor => (
            gettext("Change"),
            gettext("Give the guest a processor that both hosts have, from its next start on"),
        ),
        Mend::Prove(..) => (
            gettext("Prove"),
            gettext("Try with a small file whether the pools of both hosts are one storage"),
        ),
        Mend::CopyDisks => (gettext("Copy Disks"), gettext("Copy the disks along")),
        Mend::FreePort => (gettext("Free Port"), gettext("Let the console take a free port there")),
        Mend::ListenEverywhere => {
            (gettext("All Addresses"), gettext("Let the console listen on all addresses there"))
        }
    }
}
