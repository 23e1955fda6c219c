//! What the user must agree to before the pool is set up: what is lost, and what can be.

use relm4::ComponentSender;

use crate::i18n::{gettext, gettext_f};
use crate::model::storage::BuildMode;
use crate::storage::{Building, PoolField, PoolWarning, abilities, pool_warnings};
use crate::ui::labels::{Confirm, storage_form};
use crate::ui::widgets::dialog;

use super::PoolWizard;
use super::draft::PoolDraft;
use super::messages::{Agreement, WizardInput};

/// The question before a pool is set up on so many hosts; `None` where nothing can be lost.
pub(super) fn question(draft: &PoolDraft, hosts: usize) -> Option<Confirm> {
    let device = [("device", draft.text(PoolField::Device).trim())];
    let warnings = pool_warnings(&draft.definition(), hosts);
    let destroyed = warnings.into_iter().find(|one| matches!(one, PoolWarning::NotClustered(_)));
    let destroyed = destroyed.map(storage_form::pool_warning);
    if writes_over(draft) {
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
fn writes_over(draft: &PoolDraft) -> bool {
    match abilities(draft.kind).building {
        Building::Format => draft.build == Some(BuildMode::Overwrite),
        Building::Group => {
            draft.build.is_some() && !draft.text(PoolField::Device).trim().is_empty()
        }
        Building::None | Building::Directory => false,
    }
}

impl PoolWizard {
    /// Sets the pool up, where that can lose something after a question.
    pub(super) fn create_or_ask(&mut self, sender: &ComponentSender<Self>) {
        let Some(text) = question(&self.draft, self.chosen().len()) else {
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
    use crate::model::storage::{FileSystem, PoolKind};
    use crate::model::{PoolUuid, SecretUuid};

    fn draft(kind: PoolKind, build: Option<BuildMode>) -> PoolDraft {
        let mut draft =
            PoolDraft::new(PoolUuid([1; 16]), SecretUuid([2; 16]), "/var/lib/libvirt/images");
        draft.choose(kind);
        draft.set(PoolField::Device, "/dev/sdb");
        draft.file_system = FileSystem::Xfs;
        draft.build = build;
        draft
    }

    #[test]
    fn what_can_be_lost_is_asked() {
        let asked = |kind, build, hosts| question(&draft(kind, build), hosts);
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
