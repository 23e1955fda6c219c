//! The rows of step 2 that are chosen, not typed.

use relm4::adw::{self, prelude::*};
use relm4::{Sender, gtk};

use crate::i18n::gettext;
use crate::model::storage::{BuildMode, DiskLabel, FileSystem, NfsVersion, PoolKind};
use crate::storage::{Building, abilities};
use crate::ui::labels::storage as labels;
use crate::ui::widgets::{ChoiceRow, SpinRow, SwitchRow};

use super::draft::PoolDraft;
use super::messages::{Edit, WizardInput};
use super::ways::{AdapterWay, Protocol};
use super::words;

/// The rows.
pub(super) struct Choices {
    protocol: ChoiceRow<Protocol>,
    nfs: ChoiceRow<Option<NfsVersion>>,
    file_system: ChoiceRow<FileSystem>,
    label: ChoiceRow<DiskLabel>,
    adapter: ChoiceRow<AdapterWay>,
    unique_id: SpinRow,
    quick_refresh: SwitchRow,
    build: ChoiceRow<Option<BuildMode>>,
}

impl Choices {
    pub(super) fn new(input: &Sender<WizardInput>) -> Self {
        let to = |edit: fn(Edit) -> Edit| {
            let input = input.clone();
            move |value: Edit| input.emit(WizardInput::Edited(edit(value)))
        };
        let tell = || to(|edit| edit);
        let (a, b, c, d, e, f, g, h) =
            (tell(), tell(), tell(), tell(), tell(), tell(), tell(), tell());
        Self {
            protocol: ChoiceRow::new(&gettext("Protocol"), words::protocol, move |value| {
                a(Edit::Protocol(value));
            }),
            nfs: ChoiceRow::new(&gettext("NFS version"), words::nfs, move |value| {
                b(Edit::Nfs(value));
            }),
            file_system: ChoiceRow::new(
                &gettext("File system"),
                words::file_system,
                move |value| {
                    c(Edit::FileSystem(value));
                },
            ),
            label: ChoiceRow::new(&gettext("Partition table"), words::disk_label, move |value| {
                d(Edit::Label(value));
            }),
            adapter: ChoiceRow::new(&gettext("Adapter"), words::adapter, move |value| {
                e(Edit::Adapter(value));
            }),
            unique_id: SpinRow::new(
                &gettext("Number at that address"),
                &gettext("unique_id in /sys/class/scsi_host"),
                (u32::from(u16::MAX), 1),
                move |value| f(Edit::UniqueId(value)),
            ),
            quick_refresh: SwitchRow::new(
                &gettext("Fast refresh"),
                &gettext("Takes the size of an image for what it uses, instead of counting."),
                move |on| g(Edit::QuickRefresh(on)),
            ),
            build: ChoiceRow::new(&gettext("Formatting"), building, move |value| {
                h(Edit::Build(value));
            }),
        }
    }

    /// Those that stand over the fields.
    pub(super) fn before(&self) -> [&adw::ComboRow; 2] {
        [self.protocol.widget(), self.adapter.widget()]
    }

    /// Those that stand below the fields.
    pub(super) fn after(&self) -> [&gtk::Widget; 6] {
        [
            self.nfs.widget().upcast_ref(),
            self.file_system.widget().upcast_ref(),
            self.label.widget().upcast_ref(),
            self.unique_id.widget().upcast_ref(),
            self.quick_refresh.widget().upcast_ref(),
            self.build.widget().upcast_ref(),
        ]
    }

    /// Shows those of the kind; `formats` are what the host knows of it, by libvirt's words.
    pub(super) fn show(&self, draft: &PoolDraft, formats: Option<&[String]>) {
        let kind = draft.kind;
        let known = |word: &str| {
            formats.is_none_or(|formats| {
                formats.is_empty() || formats.iter().any(|format| format == word)
            })
        };
        let netfs = kind == PoolKind::Netfs;
        self.protocol.show(&Protocol::ALL, draft.protocol, "");
        self.protocol.widget().set_visible(netfs);
        let versions: Vec<Option<NfsVersion>> =
            std::iter::once(None).chain(NfsVersion::ALL.iter().copied().map(Some)).collect();
        self.nfs.show(&versions, draft.nfs, "");
        self.nfs.widget().set_visible(netfs && draft.protocol == Protocol::Nfs);
        let systems: Vec<FileSystem> =
            FileSystem::ALL.iter().copied().filter(|one| known(one.word())).collect();
        self.file_system.show(&systems, draft.file_system, "");
        self.file_system.widget().set_visible(kind == PoolKind::Fs);
        let tables: Vec<DiskLabel> =
            DiskLabel::ALL.iter().copied().filter(|one| known(one.word())).collect();
        self.label.show(&tables, draft.label, "");
        self.label.widget().set_visible(kind == PoolKind::Disk);
        self.adapter.show(&AdapterWay::ALL, draft.adapter, "");
        self.adapter.widget().set_visible(kind == PoolKind::Scsi);
        self.unique_id.show(draft.unique_id.into(), None);
        let by_address = kind == PoolKind::Scsi && draft.adapter == AdapterWay::Address;
        self.unique_id.widget().set_visible(by_address);
        self.quick_refresh.show(draft.quick_refresh, None);
        self.quick_refresh.widget().set_visible(kind == PoolKind::Rbd);
        let formats_device = abilities(kind).building == Building::Format;
        let directory = (kind == PoolKind::Fs).then_some(Some(BuildMode::Plain));
        let modes: Vec<Option<BuildMode>> = std::iter::once(None)
            .chain(directory)
            .chain(abilities(kind).building.modes().iter().copied().map(Some))
            .collect();
        self.build.show(&modes, draft.build, "");
        self.build.widget().set_visible(formats_device);
    }
}

fn building(mode: Option<BuildMode>) -> String {
    match mode {
        None => gettext("Use what is there"),
        Some(BuildMode::Plain) => gettext("Use what is there, make the directory"),
        Some(mode) => labels::build_mode(mode),
    }
}
