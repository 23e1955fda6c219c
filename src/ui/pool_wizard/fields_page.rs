//! Step 2: the fields of the kind, what is wrong below each, and what can be found by looking.

use relm4::adw::{self, prelude::*};
use relm4::{Sender, gtk};

use crate::i18n::gettext;
use crate::model::storage::{BuildMode, PoolKind};
use crate::storage::{Building, Discovery, PoolFault, PoolField, abilities};
use crate::ui::labels::storage_form;
use crate::ui::widgets::{EntryField, SwitchRow};

use super::advanced::Advanced;
use super::choices::Choices;
use super::discovery::{Discoveries, Looking};
use super::draft::PoolDraft;
use super::messages::{Edit, WizardInput};
use super::options::ADVANCED;
use super::words;

/// The fields in the order in which they stand, but for those under *Advanced*.
const ORDER: [PoolField; 14] = [
    PoolField::Server,
    PoolField::Export,
    PoolField::SourceName,
    PoolField::Directory,
    PoolField::Device,
    PoolField::Iqn,
    PoolField::Initiator,
    PoolField::Adapter,
    PoolField::Wwnn,
    PoolField::Wwpn,
    PoolField::Parent,
    PoolField::User,
    PoolField::Secret,
    PoolField::Target,
];

/// The page.
pub(super) struct FieldsPage {
    content: gtk::Box,
    fields: Vec<(PoolField, EntryField)>,
    choices: Choices,
    discover: gtk::Button,
    discoveries: Discoveries,
    note: gtk::Label,
    make: SwitchRow,
    start: SwitchRow,
    autostart: SwitchRow,
    advanced: Advanced,
}

impl FieldsPage {
    pub(super) fn new(input: &Sender<WizardInput>) -> Self {
        let group = adw::PreferencesGroup::new();
        let choices = Choices::new(input);
        let mut fields = Vec::new();
        for row in choices.before() {
            group.add(row);
        }
        for field in ORDER {
            let entry = entry(field, input);
            entry.add_to(&group);
            fields.push((field, entry));
        }
        for row in choices.after() {
            group.add(row);
        }
        let discover = gtk::Button::builder()
            .label(gettext("Discover"))
            .valign(gtk::Align::Center)
            .action_name("wizard.discover")
            .build();
        let (make, start, autostart) = switches(input);
        let setting = adw::PreferencesGroup::new();
        for row in [&make, &start, &autostart] {
            setting.add(row.widget());
        }
        let options = ADVANCED.map(|field| (field, entry(field, input)));
        let advanced = Advanced::new(options.iter().map(|(_, entry)| entry), input);
        fields.extend(options);
        let discoveries = Discoveries::new(input);
        let note = label(&["dim-label"]);
        let content = gtk::Box::new(gtk::Orientation::Vertical, 18);
        content.append(&note);
        content.append(&group);
        content.append(discoveries.widget());
        content.append(&setting);
        content.append(advanced.widget());
        Self {
            content,
            fields,
            choices,
            discover,
            discoveries,
            note,
            make,
            start,
            autostart,
            advanced,
        }
    }

    pub(super) const fn widget(&self) -> &gtk::Box {
        &self.content
    }

    /// The first field, where the keyboard begins.
    pub(super) fn first(&self, draft: &PoolDraft) -> Option<adw::EntryRow> {
        let shown = draft.fields();
        let mut fields = self.fields.iter().filter(|(field, _)| shown.contains(field));
        fields.next().map(|(_, entry)| entry.widget().clone())
    }

    /// The first field with a fault.
    pub(super) fn first_wrong(&self, faults: &[PoolFault]) -> Option<adw::EntryRow> {
        let wrong = |field| faults.iter().any(|fault| storage_form::field_of(fault) == field);
        let mut fields = self.fields.iter().filter(|(field, _)| wrong(*field));
        fields.next().map(|(_, entry)| entry.widget().clone())
    }

    pub(super) fn show(
        &self,
        draft: &PoolDraft,
        formats: Option<&[String]>,
        faults: &[PoolFault],
        looking: &Looking,
    ) {
        let shown = draft.fields();
        for (field, entry) in &self.fields {
            entry.set_title(&words::field(draft.kind, *field));
            let text = match field {
                PoolField::Secret => &draft.password.0,
                field => draft.text(*field),
            };
            entry.show(text);
            let fault = faults.iter().find(|fault| storage_form::field_of(fault) == *field);
            entry.blame(fault.map(storage_form::pool_fault).as_deref());
            entry.set_visible(shown.contains(field));
        }
        self.choices.show(draft, formats);
        self.place_discover(draft.kind, looking);
        self.discoveries.show(looking);
        self.show_note(draft.kind);
        self.show_switches(draft);
        let wrong = faults.iter().any(|fault| ADVANCED.contains(&storage_form::field_of(fault)));
        self.advanced.show(draft, wrong);
    }

    /// The button stands in the row of what is looked at.
    fn place_discover(&self, kind: PoolKind, looking: &Looking) {
        let field = match abilities(kind).discovery {
            Discovery::AtServer => Some(PoolField::Server),
            Discovery::Here => Some(PoolField::SourceName),
            Discovery::None | Discovery::CrashesLibvirt => None,
        };
        let rows = self.fields.iter().find(|(known, _)| Some(*known) == field);
        let wanted = rows.map(|(_, entry)| entry.widget());
        let place = self.discover.ancestor(adw::EntryRow::static_type());
        let there = place.and_downcast::<adw::EntryRow>();
        if there.as_ref() != wanted {
            if let Some(row) = there {
                row.remove(&self.discover);
            }
            if let Some(row) = wanted {
                row.add_suffix(&self.discover);
            }
        }
        self.discover.set_sensitive(!matches!(looking, Looking::Running));
    }

    fn show_note(&self, kind: PoolKind) {
        let text = match kind {
            PoolKind::IscsiDirect => gettext(
                "libvirt's search for targets of this kind makes its daemon crash, so it is not offered. Look at the server for its IQNs.",
            ),
            PoolKind::Netfs => gettext(
                "A server that speaks NFS 4 alone does not tell what it exports: type the path by hand then.",
            ),
            PoolKind::Rbd | PoolKind::Gluster => {
                gettext("Several servers can be given, with spaces in between.")
            }
            PoolKind::Mpath => gettext("A host can have one such pool."),
            PoolKind::Dir
            | PoolKind::Fs
            | PoolKind::Logical
            | PoolKind::Disk
            | PoolKind::Iscsi
            | PoolKind::Scsi
            | PoolKind::Zfs
            | PoolKind::Vstorage
            | PoolKind::Other => String::new(),
        };
        self.note.set_visible(!text.is_empty());
        self.note.set_label(&text);
    }

    fn show_switches(&self, draft: &PoolDraft) {
        let building = abilities(draft.kind).building;
        let plain = matches!(building, Building::Directory | Building::Group);
        self.make.widget().set_visible(plain);
        self.make.show(draft.build.is_some(), None);
        let title = match building {
            Building::Group => gettext("Build it from the devices"),
            Building::None | Building::Directory | Building::Format => {
                gettext("Make the directory if it is missing")
            }
        };
        self.make.widget().set_title(&title);
        self.start.show(draft.start, None);
        self.autostart.show(draft.autostart, None);
    }
}

fn entry(field: PoolField, input: &Sender<WizardInput>) -> EntryField {
    let to = input.clone();
    let title = words::field(PoolKind::Dir, field);
    if field == PoolField::Secret {
        return EntryField::password(&title, move |text| {
            to.emit(WizardInput::Edited(Edit::Password(text)));
        });
    }
    EntryField::new(&title, move |text| {
        to.emit(WizardInput::Edited(Edit::Text(field, text)));
    })
}

fn switches(input: &Sender<WizardInput>) -> (SwitchRow, SwitchRow, SwitchRow) {
    let to = input.clone();
    let title = gettext("Make the directory if it is missing");
    let make = SwitchRow::new(&title, "", move |on| {
        to.emit(WizardInput::Edited(Edit::Build(on.then_some(BuildMode::Plain))));
    });
    let to = input.clone();
    let start = SwitchRow::new(&gettext("Start it now"), "", move |on| {
        to.emit(WizardInput::Edited(Edit::Start(on)));
    });
    let to = input.clone();
    let autostart = SwitchRow::new(&gettext("Start it with the host"), "", move |on| {
        to.emit(WizardInput::Edited(Edit::Autostart(on)));
    });
    (make, start, autostart)
}

fn label(classes: &[&str]) -> gtk::Label {
    gtk::Label::builder()
        .xalign(0.0)
        .wrap(true)
        .css_classes(classes.iter().map(|&class| class.to_owned()).collect::<Vec<_>>())
        .build()
}
