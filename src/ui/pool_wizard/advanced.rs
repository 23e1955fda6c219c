//! *Advanced* of step 2: what few need, and what is to be known of it.

use relm4::adw::{self, prelude::*};
use relm4::{Sender, gtk};

use crate::i18n::gettext;
use crate::storage::{PoolField, PoolWarning};
use crate::ui::labels::storage_form;
use crate::ui::widgets::{ChoiceRow, EntryField};

use super::draft::PoolDraft;
use super::messages::{Edit, WizardInput};

/// The group.
pub(super) struct Advanced {
    group: adw::PreferencesGroup,
    expander: adw::ExpanderRow,
    copy_on_write: ChoiceRow<Option<bool>>,
    directory: gtk::Label,
    tainted: gtk::Label,
}

impl Advanced {
    /// Puts these fields into it.
    pub(super) fn new<'a>(
        fields: impl Iterator<Item = &'a EntryField>,
        input: &Sender<WizardInput>,
    ) -> Self {
        let group = adw::PreferencesGroup::new();
        let expander = adw::ExpanderRow::builder().title(gettext("Advanced")).build();
        for field in fields {
            field.add_below(&expander);
        }
        let to = input.clone();
        let copy_on_write = ChoiceRow::new(&gettext("Copy on write"), cow, move |on| {
            to.emit(WizardInput::Edited(Edit::CopyOnWrite(on)));
        });
        expander.add_row(copy_on_write.widget());
        let label = |class: &str| {
            let classes = ["caption", class].map(str::to_owned).to_vec();
            let label = gtk::Label::builder().xalign(0.0).wrap(true).css_classes(classes);
            label.margin_top(6).build()
        };
        let (directory, tainted) = (label("dim-label"), label("warning"));
        tainted.set_label(&storage_form::pool_warning(PoolWarning::Tainted));
        group.add(&expander);
        group.add(&directory);
        group.add(&tainted);
        Self { group, expander, copy_on_write, directory, tainted }
    }

    pub(super) const fn widget(&self) -> &adw::PreferencesGroup {
        &self.group
    }

    /// Shows what the kind has; opened where something in it is wrong.
    pub(super) fn show(&self, draft: &PoolDraft, wrong: bool) {
        self.group.set_visible(draft.advanced_fields().next().is_some());
        self.copy_on_write.show(
            &[None, Some(true), Some(false)],
            draft.copy_on_write,
            &gettext("Btrfs only. Without it guests write faster, but Btrfs keeps no checksums."),
        );
        self.copy_on_write.widget().set_visible(draft.takes_copy_on_write());
        let definition = draft.definition();
        let set = definition.target.permissions != Default::default()
            || definition.copy_on_write.is_some();
        self.directory.set_visible(set);
        self.directory.set_label(&directory(draft));
        let own = !definition.mount_options.is_empty() || !definition.ceph_options.is_empty();
        self.tainted.set_visible(own);
        if wrong {
            self.expander.set_expanded(true);
        }
    }
}

/// When the permissions are given to the directory.
fn directory(draft: &PoolDraft) -> String {
    if draft.build.is_none() {
        return gettext(
            "libvirt gives these to the directory only when it makes it, and it is not to make it here.",
        );
    }
    if draft.text(PoolField::Label).trim().is_empty() {
        gettext("libvirt gives these to the directory when it makes it, also to one that is there.")
    } else {
        gettext(
            "libvirt gives these to the directory when it makes it, also to one that is there. It only notes the label: the host's SELinux policy sets it.",
        )
    }
}

fn cow(on: Option<bool>) -> String {
    match on {
        None => gettext("As libvirt does it: off where it can be"),
        Some(true) => gettext("On"),
        Some(false) => gettext("Off"),
    }
}
