//! The rows that say on what a volume builds.

use relm4::Sender;
use relm4::adw::{self, prelude::*};

use crate::i18n::{gettext, gettext_f};
use crate::model::storage::VolumeFormat;
use crate::ui::labels;
use crate::ui::widgets::{ChoiceRow, EntryField};

use super::base::Below;
use super::draft::VolumeDraft;
use super::messages::{Edit, VolumeInput};

/// The rows.
pub(super) struct BackingRows {
    below: ChoiceRow<Below>,
    path: EntryField,
    format: ChoiceRow<usize>,
}

impl BackingRows {
    pub(super) fn new(input: &Sender<VolumeInput>) -> Self {
        let tell = || {
            let input = input.clone();
            move |edit: Edit| input.emit(VolumeInput::Edited(edit))
        };
        let (a, b, c) = (tell(), tell(), tell());
        Self {
            below: ChoiceRow::new(&gettext("Builds On"), plain, move |below| a(Edit::Below(below))),
            path: EntryField::new(&gettext("Backing File"), move |text| b(Edit::Backing(text))),
            format: ChoiceRow::new(&gettext("Format of the Backing File"), format, move |place| {
                c(Edit::BackingFormat(place));
            }),
        }
    }

    pub(super) fn add_below(&self, row: &adw::ExpanderRow) {
        row.add_row(self.below.widget());
        self.path.add_below(row);
        row.add_row(self.format.widget());
    }

    pub(super) fn show(&self, draft: &VolumeDraft, fault: Option<&str>) {
        let fitting =
            draft.bases.iter().enumerate().filter(|(_, base)| base.carries(&draft.format));
        let volumes = fitting.map(|(place, _)| Below::Volume(place));
        let mut choices = vec![Below::Nothing];
        choices.extend(volumes);
        choices.push(Below::File);
        let name = |below| match below {
            Below::Volume(place) => draft.bases.get(place).map(|base| base.name.clone()),
            Below::Nothing | Below::File => None,
        };
        let label = |below| name(below).unwrap_or_else(|| plain(below));
        self.below.show_labelled(&choices, label, draft.below, &note(draft));
        self.below.widget().set_visible(draft.takes_backing());
        let typed = draft.takes_backing() && draft.below == Below::File;
        self.path.show(&draft.backing);
        self.path.blame(fault);
        self.path.set_visible(typed);
        self.show_format(draft, typed);
    }

    /// What a volume of the pool is, is known; for a file it can be chosen.
    fn show_format(&self, draft: &VolumeDraft, typed: bool) {
        let is = draft.backing_format().filter(|_| typed);
        let place = VolumeFormat::CREATABLE.iter().position(|one| Some(one) == is.as_ref());
        let known = draft.base().is_some();
        let all: Vec<usize> = (0..VolumeFormat::CREATABLE.len()).collect();
        let own: Vec<usize> = place.into_iter().collect();
        self.format.show(if known { &own } else { &all }, place.unwrap_or(0), "");
        self.format.widget().set_visible(place.is_some());
    }
}

/// What a volume below is, and what must not happen to it.
fn note(draft: &VolumeDraft) -> String {
    let Some(base) = draft.base() else { return String::new() };
    let size = labels::bytes(base.capacity);
    let about = match &base.format {
        Some(format) => format!("{}, {size}", labels::storage::format(format)),
        None => size,
    };
    if base.users.is_empty() {
        return about;
    }
    let users = base.users.join(", ");
    let warning = gettext_f(
        "Used by {guests}: what builds on it breaks when they write to it.",
        &[("guests", &users)],
    );
    format!("{about}\n{warning}")
}

fn plain(below: Below) -> String {
    match below {
        Below::Nothing | Below::Volume(_) => gettext("Nothing"),
        Below::File => gettext("Another file"),
    }
}

fn format(place: usize) -> String {
    VolumeFormat::CREATABLE.get(place).map(labels::storage::format).unwrap_or_default()
}
