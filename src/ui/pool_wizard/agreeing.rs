//! What the user must agree to before the pool is set up: what is lost, and what can be.

use relm4::ComponentSender;

use crate::i18n::{gettext, gettext_f};
use crate::model::storage::{BuildMode, PoolDefinition, PoolKind, PoolSource};
use crate::storage::{Building, PoolWarning, abilities, pool_warnings};
use crate::ui::labels::{Confirm, storage_form};
use crate::ui::widgets::dialog;

use super::PoolWizard;
use super::messages::{Agreement, WizardInput};

/// The question before a pool is set up on so many hosts; `None` where nothing can be lost.
fn question(pool: &PoolDefinition, build: Option<BuildMode>, hosts: usize) -> Option<Confirm> {
    let devices = devices(&pool.source);
    let device = [("device", &*devices)];
    let warnings = pool_warnings(pool, hosts);
    let destroyed = warnings.into_iter().find(|one| matches!(one, PoolWarning::NotClustered(_)));
    let destroyed = destroyed.map(storage_form::pool_warning);
    if writes_over(pool.source.kind(), build, &devices) {
        let lost = gettext("All that is on the device is lost. This cannot be undone.");
        let body = [Some(lost), destroyed].into_iter().flatten().collect::<Vec<_>>().join("\n\n");
        let heading = gettext_f("Format {device}?", &device);
        return Some(Confirm { heading, body, action: gettext("Format") });
    }
    destroyed.map(|body| Confirm {
        heading: gettext_f("Mount {device} on several hosts?", &device),
        body,
        action: gettext("Create Anyway"),
    })
}

/// Whether building writes over devices: as it is asked for, or because it makes a group of them. (LVM
/// blanks their beginning without a look at it: libvirt 11.3, `storage_backend_logical.c`.)
fn writes_over(kind: PoolKind, build: Option<BuildMode>, devices: &str) -> bool {
    match abilities(kind).building {
        Building::Format => build == Some(BuildMode::Overwrite),
        Building::Group => build.is_some() && !devices.is_empty(),
        Building::None | Building::Directory => false,
    }
}

/// The devices that a pool is made of.
fn devices(source: &PoolSource) -> String {
    match source {
        PoolSource::Fs { device, .. } | PoolSource::Disk { device, .. } => device.clone(),
        PoolSource::Logical { devices, .. } => devices.join(", "),
        PoolSource::Zfs { device, .. } => device.clone().unwrap_or_default(),
        _ => String::new(),
    }
}

impl PoolWizard {
    /// Sets the pool up, where that can lose something after a question.
    pub(super) fn create_or_ask(&mut self, sender: &ComponentSender<Self>) {
        let wish = self.wish(Vec::new());
        let asked = question(&wish.definition, wish.build, self.host_count());
        let Some(text) = asked else {
            self.create(sender);
            return;
        };
        let input = sender.input_sender().clone();
        dialog::confirm(&self.window, &text, move || {
            input.emit(WizardInput::Agreed(Agreement::Create));
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::storage::FileSystem;
    use crate::model::{PoolUuid, SecretUuid};
    use crate::storage::PoolField;
    use crate::ui::pool_wizard::draft::PoolDraft;

    fn draft(kind: PoolKind) -> PoolDraft {
        let mut draft =
            PoolDraft::new(PoolUuid([1; 16]), SecretUuid([2; 16]), "/var/lib/libvirt/images");
        draft.choose(kind);
        draft.set(PoolField::Device, "/dev/sdb");
        draft.file_system = FileSystem::Xfs;
        draft
    }

    #[test]
    fn what_can_be_lost_is_asked() {
        let asked = |kind, build, hosts| question(&draft(kind).definition(), build, hosts);
        assert_eq!(asked(PoolKind::Fs, Some(BuildMode::KeepExisting), 1), None);
        assert_eq!(asked(PoolKind::Netfs, Some(BuildMode::Plain), 2), None);
        let format = asked(PoolKind::Fs, Some(BuildMode::Overwrite), 1).unwrap();
        assert_eq!(format.heading, "Format /dev/sdb?");
        assert!(!format.body.contains("xfs"), "{}", format.body);
        let both = asked(PoolKind::Fs, Some(BuildMode::Overwrite), 2).unwrap();
        assert!(both.body.contains("is lost") && both.body.contains("xfs"), "{}", both.body);
        let mount = asked(PoolKind::Fs, None, 2).unwrap();
        assert_eq!(mount.heading, "Mount /dev/sdb on several hosts?");
        assert!(asked(PoolKind::Logical, Some(BuildMode::Plain), 1).is_some());
        assert_eq!(asked(PoolKind::Logical, None, 1), None);
        assert!(asked(PoolKind::Disk, Some(BuildMode::Overwrite), 1).is_some());
    }
}
