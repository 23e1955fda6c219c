//! The rows under *Advanced*.

use relm4::Sender;
use relm4::adw::{self, prelude::*};
use relm4::gtk::{self, glib};

use super::form::Form;
use super::messages::MigrateInput;
use crate::i18n::gettext;
use crate::migration::{
    Compression, DiskCopy, MAX_DOWNTIME_MS, MAX_PARALLEL, MigrationOptions, Policy, Transport, Wish,
};
use crate::ui::labels::{forecast, migration as labels};
use crate::ui::widgets::{ChoiceRow, SpinRow, SwitchRow, accessible};

/// Highest limit the bandwidth row takes, MiB/s: far above any link.
const MAX_BANDWIDTH: u32 = 1_000_000;

/// A switch, the wish it stands for, and where its state is read.
type Switch = (SwitchRow, fn(bool) -> Wish, fn(&MigrationOptions) -> bool);

/// A text, and the wish it stands for; empty is none.
#[derive(Debug)]
struct Entry {
    row: adw::EntryRow,
    hint: String,
    wish: fn(Option<String>) -> Wish,
}

/// All rows of the group.
#[derive(Debug)]
pub(super) struct AdvancedRows {
    group: adw::ExpanderRow,
    max_downtime: SpinRow,
    bandwidth: SpinRow,
    postcopy_bandwidth: SpinRow,
    transport: ChoiceRow<Transport>,
    transport_note: gtk::Label,
    disks: ChoiceRow<DiskCopy>,
    policy: ChoiceRow<Policy>,
    compression: ChoiceRow<Compression>,
    parallel: SpinRow,
    switches: Vec<Switch>,
    entries: Vec<Entry>,
}

impl AdvancedRows {
    pub(super) fn new(sender: &Sender<MigrateInput>) -> Self {
        let rows = Self {
            group: adw::ExpanderRow::builder().title(gettext("Advanced")).build(),
            max_downtime: downtime_row(sender),
            bandwidth: bandwidth_row(
                &gettext("Bandwidth limit"),
                &gettext("MiB a second; 0 is unlimited"),
                Wish::Bandwidth,
                sender,
            ),
            postcopy_bandwidth: bandwidth_row(
                &gettext("Bandwidth limit after post-copy"),
                &gettext(
                    "MiB a second; 0 is unlimited. The lower, the longer the guest waits for its memory",
                ),
                Wish::PostcopyBandwidth,
                sender,
            ),
            transport: choice(&gettext("Transport"), labels::transport, Wish::Transport, sender),
            transport_note: note(),
            disks: choice(&gettext("Copy disks"), labels::disks, Wish::Disks, sender),
            policy: choice(
                &gettext("When it does not finish"),
                forecast::policy,
                Wish::Policy,
                sender,
            ),
            compression: choice(
                &gettext("Compression"),
                labels::compression,
                Wish::Compression,
                sender,
            ),
            parallel: parallel_row(sender),
            switches: switches(sender),
            entries: entries(sender),
        };
        rows.assemble();
        rows
    }

    fn assemble(&self) {
        self.group.add_row(self.policy.widget());
        self.group.add_row(self.max_downtime.widget());
        self.group.add_row(self.bandwidth.widget());
        self.group.add_row(self.transport.widget());
        let row = adw::PreferencesRow::builder().activatable(false).focusable(false).build();
        row.set_child(Some(&self.transport_note));
        self.group.add_row(&row);
        for Entry { row, .. } in &self.entries {
            self.group.add_row(row);
        }
        for (number, (row, ..)) in self.switches.iter().enumerate() {
            self.group.add_row(row.widget());
            if number == 0 {
                // It is about the first of them.
                self.group.add_row(self.postcopy_bandwidth.widget());
            }
        }
        self.group.add_row(self.parallel.widget());
        self.group.add_row(self.compression.widget());
        self.group.add_row(self.disks.widget());
    }

    pub(super) const fn widget(&self) -> &adw::ExpanderRow {
        &self.group
    }

    /// Shows what is chosen; what cannot be chosen is greyed and says why.
    pub(super) fn show(&self, form: &Form) {
        let options = form.options();
        let why = |wish: Wish| form.ruled_out(&wish).map(labels::conflict);
        let downtime = form.downtime_ms();
        let limited = why(Wish::MaxDowntime(Some(downtime.max(1))));
        self.max_downtime.show(downtime, limited.as_deref());
        let limited = why(Wish::Bandwidth(Some(1)));
        self.bandwidth.show(options.bandwidth_mibps.unwrap_or(0), limited.as_deref());
        let limited = why(Wish::PostcopyBandwidth(Some(1)));
        let limit = options.postcopy_bandwidth_mibps.unwrap_or(0);
        self.postcopy_bandwidth.show(limit, limited.as_deref());
        let limited = why(Wish::Parallel(Some(2)));
        let count = options.parallel.unwrap_or(0);
        self.parallel.show(u64::from(count), limited.as_deref());
        for (row, wish, get) in &self.switches {
            row.show(get(&options), why(wish(true)).as_deref());
        }
        for Entry { row, hint, wish } in &self.entries {
            let why = why(wish(Some("x".to_owned())));
            row.set_sensitive(why.is_none());
            row.set_tooltip_text(Some(why.as_deref().unwrap_or(hint)));
        }
        self.show_choices(form, &options);
    }

    fn show_choices(&self, form: &Form, options: &MigrationOptions) {
        let (offered, _) = offered(
            form,
            &[Transport::PeerToPeer, Transport::Direct, Transport::Tunnelled],
            Wish::Transport,
        );
        let mut note = labels::transport_sentence(options.transport);
        if let Some(reach) = form.reach() {
            note = format!("{note} {}", labels::reach(reach));
        }
        self.transport_note.set_label(&note);
        self.transport.show(&offered, options.transport, "");

        let (offered, why) = self::offered(form, &Policy::ALL, Wish::Policy);
        let preview = forecast::policy_preview(options.policy);
        let note = if why.is_empty() { preview } else { format!("{preview} {why}") };
        self.policy.show(&offered, options.policy, &note);

        let all = [Compression::None, Compression::Xbzrle, Compression::Zlib, Compression::Zstd];
        let (offered, why) = self::offered(form, &all, Wish::Compression);
        self.compression.show(&offered, options.compression, &why);

        let all = [DiskCopy::None, DiskCopy::Full, DiskCopy::Incremental];
        let (offered, why) = self::offered(form, &all, Wish::Disks);
        self.disks.show(&offered, options.disks, &why);
    }
}

fn note() -> gtk::Label {
    gtk::Label::builder()
        .wrap(true)
        .xalign(0.0)
        .margin_top(8)
        .margin_bottom(8)
        .margin_start(12)
        .margin_end(12)
        .css_classes(["caption", "dim-label"])
        .build()
}

/// Which of these can be chosen, and why the first of the others cannot.
fn offered<T: Copy>(form: &Form, all: &[T], wish: fn(T) -> Wish) -> (Vec<T>, String) {
    let mut why = String::new();
    let mut offered = Vec::new();
    for &value in all {
        match form.ruled_out(&wish(value)) {
            None => offered.push(value),
            Some(conflict) if why.is_empty() => why = labels::conflict(conflict),
            Some(_) => {}
        }
    }
    (offered, why)
}

fn choice<T: Copy + PartialEq + 'static>(
    title: &str,
    label: fn(T) -> String,
    wish: fn(T) -> Wish,
    sender: &Sender<MigrateInput>,
) -> ChoiceRow<T> {
    let sender = sender.clone();
    ChoiceRow::new(title, label, move |value| sender.emit(MigrateInput::Chosen(wish(value))))
}

fn downtime_row(sender: &Sender<MigrateInput>) -> SpinRow {
    let sender = sender.clone();
    let most = u32::try_from(MAX_DOWNTIME_MS).unwrap_or(u32::MAX);
    SpinRow::new(
        &gettext("Maximum downtime"),
        &gettext("Milliseconds the guest may stand still at the end"),
        (most, 50),
        move |ms| sender.emit(MigrateInput::Chosen(Wish::MaxDowntime(Some(ms)))),
    )
}

fn bandwidth_row(
    title: &str,
    subtitle: &str,
    wish: fn(Option<u64>) -> Wish,
    sender: &Sender<MigrateInput>,
) -> SpinRow {
    let sender = sender.clone();
    SpinRow::new(title, subtitle, (MAX_BANDWIDTH, 10), move |limit| {
        let limit = Some(limit).filter(|&limit| limit > 0);
        sender.emit(MigrateInput::Chosen(wish(limit)));
    })
}

fn parallel_row(sender: &Sender<MigrateInput>) -> SpinRow {
    let sender = sender.clone();
    SpinRow::new(
        &gettext("Parallel connections"),
        &gettext("For fast links; 0 is one ordinary connection"),
        (MAX_PARALLEL, 1),
        move |count| {
            let count = u32::try_from(count).ok().filter(|&count| count > 0);
            sender.emit(MigrateInput::Chosen(Wish::Parallel(count)));
        },
    )
}

fn switches(sender: &Sender<MigrateInput>) -> Vec<Switch> {
    let switch = |title: &str, subtitle: &str, wish: fn(bool) -> Wish| {
        let sender = sender.clone();
        SwitchRow::new(title, subtitle, move |on| sender.emit(MigrateInput::Chosen(wish(on))))
    };
    vec![
        (
            switch(
                &gettext("Allow post-copy"),
                &gettext(
                    "You may later let the guest run at the destination before all its memory is there. If the link breaks then, the guest is lost until it is mended.",
                ),
                Wish::Postcopy,
            ),
            Wish::Postcopy,
            |options| options.postcopy,
        ),
        (
            switch(
                &gettext("Slow the guest down if needed"),
                &gettext("Auto-converge: when the guest rewrites memory faster than it is sent"),
                Wish::AutoConverge,
            ),
            Wish::AutoConverge,
            |options| options.auto_converge,
        ),
        (
            switch(
                &gettext("Encrypt the memory (TLS)"),
                &gettext("Needs certificates for QEMU on both hosts"),
                Wish::Tls,
            ),
            Wish::Tls,
            |options| options.tls,
        ),
        (
            switch(
                &gettext("Stop at a disk error"),
                &gettext("The guest stays at the source when one of its disks fails meanwhile"),
                Wish::AbortOnError,
            ),
            Wish::AbortOnError,
            |options| options.abort_on_error,
        ),
        (
            switch(
                &gettext("Allow unsafe migration"),
                &gettext(
                    "Move even where libvirt sees no shared storage. The guest's disks may be lost.",
                ),
                Wish::AllowUnsafe,
            ),
            Wish::AllowUnsafe,
            |options| options.allow_unsafe,
        ),
    ]
}

fn entries(sender: &Sender<MigrateInput>) -> Vec<Entry> {
    let entry = |title: &str, hint: String, wish: fn(Option<String>) -> Wish| {
        let row = adw::EntryRow::builder().title(glib::markup_escape_text(title)).build();
        let sender = sender.clone();
        row.connect_changed(move |row| {
            let text = row.text().trim().to_owned();
            let text = Some(text).filter(|text| !text.is_empty());
            sender.emit(MigrateInput::Chosen(wish(text)));
        });
        row.set_input_purpose(gtk::InputPurpose::Url);
        accessible::set_description(&row, &hint);
        Entry { row, hint, wish }
    };
    vec![
        entry(
            &gettext("Destination's libvirt URI"),
            gettext("How the source reaches it. Empty: the address by which this computer does."),
            Wish::DestinationUri,
        ),
        entry(
            &gettext("Migration address"),
            gettext("Where the memory is sent, such as tcp://10.0.0.2. Empty: left to libvirt."),
            Wish::MigrateUri,
        ),
        entry(
            &gettext("Listen address"),
            gettext("Where the destination waits for it. Empty: left to libvirt."),
            Wish::ListenAddress,
        ),
        entry(
            &gettext("Name at the destination"),
            gettext("Empty: the same as here."),
            Wish::NewName,
        ),
    ]
}
