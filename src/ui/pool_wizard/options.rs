//! What stands under *Advanced* of a draft: pure.

use crate::model::storage::{Permissions, PoolDefinition, PoolKind};
use crate::storage::{PoolFault, PoolField, abilities, ceph_options, id, mode};

use super::draft::PoolDraft;

/// The fields under *Advanced*, in the order in which they stand.
pub(super) const ADVANCED: [PoolField; 6] = [
    PoolField::MountOptions,
    PoolField::CephOptions,
    PoolField::Mode,
    PoolField::Owner,
    PoolField::Group,
    PoolField::Label,
];

impl PoolDraft {
    /// Those of the kind.
    pub(super) fn advanced_fields(&self) -> impl Iterator<Item = PoolField> + use<> {
        let kind = self.kind;
        ADVANCED.into_iter().filter(move |field| match field {
            PoolField::MountOptions => matches!(kind, PoolKind::Fs | PoolKind::Netfs),
            PoolField::CephOptions => kind == PoolKind::Rbd,
            // libvirt gives permissions to directories alone (formatstorage, “Target elements”).
            _ => has_directory(kind),
        })
    }

    /// Whether libvirt makes the directory, with these permissions.
    #[must_use]
    pub const fn has_directory(&self) -> bool {
        has_directory(self.kind)
    }

    /// Whether libvirt sets copy on write: it refuses it for other kinds.
    #[must_use]
    pub const fn takes_copy_on_write(&self) -> bool {
        matches!(self.kind, PoolKind::Dir | PoolKind::Fs)
    }

    /// Puts the options into a definition. What cannot be read is left out: see [`Self::faults`].
    pub(super) fn add_options(&self, definition: &mut PoolDefinition) {
        let shown = |field| self.advanced_fields().any(|shown| shown == field);
        if shown(PoolField::MountOptions) {
            definition.mount_options = self.several(PoolField::MountOptions);
        }
        if shown(PoolField::CephOptions) {
            definition.ceph_options =
                ceph_options(self.text(PoolField::CephOptions)).unwrap_or_default();
        }
        if self.has_directory() {
            let number = |field| id(field, self.text(field)).ok().flatten();
            definition.target.permissions = Permissions {
                mode: mode(self.text(PoolField::Mode)).ok().flatten(),
                owner: number(PoolField::Owner),
                group: number(PoolField::Group),
                label: self.optional(PoolField::Label),
            };
        }
        if self.takes_copy_on_write() {
            definition.copy_on_write = self.copy_on_write;
        }
    }

    /// What cannot be read of the options.
    pub(super) fn option_faults(&self) -> impl Iterator<Item = PoolFault> + '_ {
        self.advanced_fields().filter_map(|field| {
            let text = self.text(field);
            match field {
                PoolField::CephOptions => ceph_options(text).err(),
                PoolField::Mode => mode(text).err(),
                PoolField::Owner | PoolField::Group => id(field, text).err(),
                _ => None,
            }
        })
    }
}

const fn has_directory(kind: PoolKind) -> bool {
    let can = abilities(kind);
    can.files && can.target
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PoolUuid, SecretUuid};

    fn draft(kind: PoolKind) -> PoolDraft {
        let mut draft =
            PoolDraft::new(PoolUuid([1; 16]), SecretUuid([2; 16]), "/var/lib/libvirt/images");
        draft.choose(kind);
        for (field, text) in [
            (PoolField::MountOptions, "noatime,timeo=600"),
            (PoolField::CephOptions, "client_mount_timeout=60 rados_osd_op_timeout=30"),
            (PoolField::Mode, "0750"),
            (PoolField::Owner, " 64055 "),
            (PoolField::Group, "107"),
            (PoolField::Label, "system_u:object_r:virt_image_t:s0"),
        ] {
            draft.set(field, text);
        }
        draft.copy_on_write = Some(false);
        draft
    }

    #[test]
    fn options_go_to_the_kinds_that_have_them_and_to_no_other() {
        for kind in PoolKind::ALL {
            let definition = draft(kind).definition();
            let mounts = matches!(kind, PoolKind::Fs | PoolKind::Netfs);
            assert_eq!(!definition.mount_options.is_empty(), mounts, "{kind:?}");
            assert_eq!(!definition.ceph_options.is_empty(), kind == PoolKind::Rbd, "{kind:?}");
            let directory =
                matches!(kind, PoolKind::Dir | PoolKind::Fs | PoolKind::Netfs | PoolKind::Vstorage);
            let expected = Permissions {
                mode: Some(0o750),
                owner: Some(64055),
                group: Some(107),
                label: Some("system_u:object_r:virt_image_t:s0".into()),
            };
            let expected = if directory { expected } else { Permissions::default() };
            assert_eq!(definition.target.permissions, expected, "{kind:?}");
            let cow = matches!(kind, PoolKind::Dir | PoolKind::Fs);
            assert_eq!(definition.copy_on_write, cow.then_some(false), "{kind:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_a_fault_of_its_field_where_it_is_shown() {
        let mut draft = draft(PoolKind::Dir);
        assert_eq!(draft.faults(), []);
        draft.set(PoolField::Mode, "rwx");
        draft.set(PoolField::Group, "kvm");
        draft.set(PoolField::CephOptions, "timeout");
        assert_eq!(
            draft.faults(),
            [PoolFault::Mode("rwx".into()), PoolFault::Id(PoolField::Group, "kvm".into())]
        );
        draft.choose(PoolKind::Rbd);
        assert!(draft.faults().contains(&PoolFault::CephOption("timeout".into())));
        assert!(!draft.faults().contains(&PoolFault::Mode("rwx".into())));
    }
}
