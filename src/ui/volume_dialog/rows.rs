//! The rows of the dialog.

use relm4::adw::{self, prelude::*};
use relm4::{Sender, gtk};

use crate::i18n::{gettext, gettext_f};
use crate::model::Bytes;
use crate::model::storage::VolumeFormat;
use crate::storage::{RoomVerdict, VolumeFault, abilities};
use crate::ui::labels::{self, storage_form};
use crate::ui::widgets::{ChoiceRow, EntryField, SizeEntry, SwitchRow};

use super::backing::BackingRows;
use super::draft::{PassphraseFault, Reserve, VolumeDraft};
use super::messages::{Edit, VolumeInput};

/// Sizes of a cluster that are offered.
const CLUSTERS: [Option<u64>; 6] =
    [None, Some(4 << 10), Some(64 << 10), Some(256 << 10), Some(1 << 20), Some(2 << 20)];

/// The rows.
pub(super) struct Rows {
    content: gtk::Box,
    name: EntryField,
    format: ChoiceRow<usize>,
    capacity: SizeEntry,
    allocation: SizeEntry,
    reserve: ChoiceRow<Reserve>,
    sentence: gtk::Label,
    backing: BackingRows,
    advanced: adw::PreferencesGroup,
    more: adw::ExpanderRow,
    cluster: ChoiceRow<Option<u64>>,
    lazy: SwitchRow,
    extended: SwitchRow,
    encryption: adw::PreferencesGroup,
    encrypt: SwitchRow,
    passphrase: EntryField,
    repeated: EntryField,
}

impl Rows {
    pub(super) fn new(input: &Sender<VolumeInput>) -> Self {
        let tell = || {
            let input = input.clone();
            move |edit: Edit| input.emit(VolumeInput::Edited(edit))
        };
        let (a, b, c, d, e) = (tell(), tell(), tell(), tell(), tell());
        let (g, h, i, j, k, l) = (tell(), tell(), tell(), tell(), tell(), tell());
        let title = gettext("Encrypt With LUKS");
        let rows = Self {
            content: gtk::Box::new(gtk::Orientation::Vertical, 18),
            name: EntryField::new(&gettext("Name"), move |text| a(Edit::Name(text))),
            format: ChoiceRow::new(&gettext("Format"), format, move |place| b(Edit::Format(place))),
            capacity: SizeEntry::new(&gettext("Max Capacity"), move |size| c(Edit::Capacity(size))),
            allocation: SizeEntry::new(&gettext("Allocation"), move |size| {
                d(Edit::Allocation(size));
            }),
            reserve: ChoiceRow::new(&gettext("Allocation"), reserve, move |what| {
                e(Edit::Reserve(what));
            }),
            sentence: gtk::Label::builder().xalign(0.0).wrap(true).margin_top(6).build(),
            backing: BackingRows::new(input),
            advanced: adw::PreferencesGroup::new(),
            more: adw::ExpanderRow::builder().title(gettext("Advanced")).build(),
            cluster: ChoiceRow::new(&gettext("Cluster Size"), cluster, move |size| {
                g(Edit::ClusterSize(size));
            }),
            lazy: SwitchRow::new(
                &gettext("Lazy Reference Counts"),
                &gettext("Faster, but a longer check after a crash."),
                move |on| h(Edit::LazyRefcounts(on)),
            ),
            extended: SwitchRow::new(
                &gettext("Subclusters"),
                &gettext("Less is copied when a little is written over a backing file."),
                move |on| i(Edit::ExtendedL2(on)),
            ),
            encryption: adw::PreferencesGroup::new(),
            encrypt: SwitchRow::new(&title, "", move |on| j(Edit::Encrypted(on))),
            passphrase: EntryField::password(&gettext("Passphrase"), move |text| {
                k(Edit::Passphrase(text));
            }),
            repeated: EntryField::password(&gettext("Passphrase Again"), move |text| {
                l(Edit::Repeated(text));
            }),
        };
        rows.assemble();
        rows
    }

    fn assemble(&self) {
        let main = adw::PreferencesGroup::new();
        self.name.add_to(&main);
        main.add(self.format.widget());
        let size = adw::PreferencesGroup::new();
        size.add(self.capacity.widget());
        size.add(self.allocation.widget());
        size.add(self.reserve.widget());
        size.add(&self.sentence);
        self.encryption.add(self.encrypt.widget());
        self.passphrase.add_to(&self.encryption);
        self.repeated.add_to(&self.encryption);
        self.backing.add_below(&self.more);
        self.more.add_row(self.cluster.widget());
        self.more.add_row(self.lazy.widget());
        self.more.add_row(self.extended.widget());
        self.advanced.add(&self.more);
        for group in [&main, &size, &self.encryption, &self.advanced] {
            self.content.append(group);
        }
    }

    pub(super) const fn widget(&self) -> &gtk::Box {
        &self.content
    }

    pub(super) const fn name(&self) -> &adw::EntryRow {
        self.name.widget()
    }

    /// Shows what is filled in; what is wrong only once the user wanted to go on. `formats` are the places of
    /// those that can be made; an upload has no choice.
    pub(super) fn show(
        &self,
        draft: &VolumeDraft,
        formats: &[usize],
        tried: bool,
        upload: bool,
        hosts: &[String],
    ) {
        let faults = if tried { draft.faults() } else { Vec::new() };
        let fault = |of: fn(&VolumeFault) -> bool| {
            faults.iter().find(|fault| of(fault)).map(storage_form::volume_fault)
        };
        self.name.show(&draft.name);
        self.name.blame(fault(of_name).as_deref());
        let files = abilities(draft.pool.kind()).files;
        self.format.widget().set_visible(files);
        let place = VolumeFormat::CREATABLE.iter().position(|one| *one == draft.format);
        self.format.show(formats, place.unwrap_or(0), "");
        self.capacity.show(draft.capacity);
        // An image brings its own size.
        self.capacity.widget().set_visible(!upload || draft.format == VolumeFormat::Raw);
        let size = fault(of_capacity);
        self.capacity.note(size.as_deref().unwrap_or_default(), size.is_some());
        self.allocation.widget().set_visible(draft.takes_allocation());
        self.allocation.show(draft.allocation);
        self.reserve.widget().set_visible(draft.takes_reserve() && !upload);
        self.reserve.show(&Reserve::ALL, draft.reserve, "");
        self.show_sentence(draft, &faults);
        let below = fault(of_backing);
        self.backing.show(draft, below.as_deref());
        if below.is_some() {
            self.more.set_expanded(true);
        }
        let qcow2 = draft.format == VolumeFormat::Qcow2;
        self.cluster.show(&CLUSTERS, draft.cluster_size.map(|size| size.0), "");
        self.cluster.widget().set_visible(qcow2);
        self.lazy.show(draft.lazy_refcounts, None);
        self.lazy.widget().set_visible(qcow2);
        self.extended.show(draft.extended_l2, None);
        self.extended.widget().set_visible(qcow2);
        self.advanced.set_visible((draft.takes_backing() || qcow2) && !upload);
        self.show_encryption(draft, tried, upload, hosts);
    }

    /// What it takes of the pool, or what is wrong with it and belongs to no row.
    fn show_sentence(&self, draft: &VolumeDraft, faults: &[VolumeFault]) {
        let rows: [fn(&VolumeFault) -> bool; 3] = [of_name, of_capacity, of_backing];
        let left = faults.iter().filter(|fault| !rows.iter().any(|of| of(fault)));
        let left: Vec<String> = left.map(storage_form::volume_fault).collect();
        if !left.is_empty() {
            self.sentence.set_label(&left.join("\n"));
            self.sentence.set_css_classes(&["error"]);
            return;
        }
        let room = draft.room();
        self.sentence.set_label(&storage_form::room(&room));
        let class = match room.verdict {
            RoomVerdict::Refused => "error",
            RoomVerdict::GrowsBeyond | RoomVerdict::Snapshot => "warning",
            RoomVerdict::Reserved | RoomVerdict::Grows | RoomVerdict::Unknown => "dim-label",
        };
        self.sentence.set_css_classes(&[class]);
    }

    fn show_encryption(&self, draft: &VolumeDraft, tried: bool, upload: bool, hosts: &[String]) {
        self.encryption.set_visible(draft.takes_encryption() && !upload);
        self.encrypt.show(draft.encrypted, None);
        let hosts = hosts.join(", ");
        let note =
            gettext_f("The passphrase is kept as a secret on {hosts}.", &[("hosts", &hosts)]);
        self.encrypt.widget().set_subtitle(&gtk::glib::markup_escape_text(&note));
        let fault = draft.passphrase_fault().filter(|_| tried);
        let missing = gettext("The passphrase is missing.");
        let differs = gettext("The two are not the same.");
        self.passphrase
            .blame((fault == Some(PassphraseFault::Missing)).then_some(missing.as_str()));
        self.repeated.blame((fault == Some(PassphraseFault::Differs)).then_some(differs.as_str()));
        self.passphrase.set_visible(draft.encrypted);
        self.repeated.set_visible(draft.encrypted);
    }
}

const fn of_name(fault: &VolumeFault) -> bool {
    matches!(
        fault,
        VolumeFault::NameMissing
            | VolumeFault::NameCharacter(_)
            | VolumeFault::NameOfDirectory
            | VolumeFault::NameTooLong(_)
            | VolumeFault::NameTaken
            | VolumeFault::DeviceNameCharacter(_)
    )
}

const fn of_capacity(fault: &VolumeFault) -> bool {
    matches!(fault, VolumeFault::NoCapacity)
}

const fn of_backing(fault: &VolumeFault) -> bool {
    matches!(
        fault,
        VolumeFault::NoBacking(_)
            | VolumeFault::BackingRelative(_)
            | VolumeFault::PreallocatedBacking
    )
}

fn format(place: usize) -> String {
    VolumeFormat::CREATABLE.get(place).map(labels::storage::format).unwrap_or_default()
}

fn reserve(what: Reserve) -> String {
    match what {
        Reserve::Nothing => gettext("Sparse: it grows"),
        Reserve::Tables => gettext("Sparse, with its tables made at once"),
        Reserve::All => gettext("Static: all is reserved at once"),
    }
}

fn cluster(size: Option<u64>) -> String {
    size.map_or_else(|| gettext("Usual"), |size| labels::bytes(Bytes(size)))
}
