//! Copy or move a volume: to which pool, under which name, in which format.
#![allow(missing_docs)] // relm4's macro writes `CopyDialogWidgets` without any

pub mod draft;

use relm4::adw::{self, prelude::*};
use relm4::gtk;
use relm4::{ComponentParts, ComponentSender, RelmWidgetExt, SimpleComponent};

use crate::backend::VolumeJob;
use crate::i18n::{gettext, gettext_f};
use crate::model::storage::SecretValue;
use crate::storage::RoomVerdict;
use crate::ui::labels::{self, storage_form};
use crate::ui::widgets::{ChoiceRow, EntryField, SwitchRow, dialog};

use draft::CopyDraft;

/// Narrowest width in pixels at which the dialog is whole.
const NARROWEST: i32 = 360;

/// The dialog. Its root is the window, which the parent makes transient and presents.
pub struct CopyDialog {
    draft: CopyDraft,
    tried: bool,
    pool: adw::ComboRow,
    name: EntryField,
    format: ChoiceRow<usize>,
    delete: SwitchRow,
    passphrase: EntryField,
}

/// What the dialog is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CopyInput {
    /// A pool was chosen, by its place in the list.
    PoolChosen(u32),
    /// The name was edited.
    NameEdited(String),
    /// A format was chosen, by its place in the list.
    FormatChosen(usize),
    /// The original is to go, or to stay.
    DeleteSwitched(bool),
    /// The passphrase was edited.
    PassphraseEdited(SecretValue),
    /// Do it.
    Confirmed,
    /// The copy may be torn.
    Agreed,
    /// Close the dialog.
    Dismissed,
}

/// What the dialog asks for.
#[derive(Debug)]
pub enum CopyOutput {
    /// Copy or move.
    Copy(Box<VolumeJob>),
    /// The dialog was closed.
    Closed,
}

#[relm4::component(pub)]
impl SimpleComponent for CopyDialog {
    type Init = CopyDraft;
    type Input = CopyInput;
    type Output = CopyOutput;

    view! {
        adw::Window {
            set_modal: true,
            set_title: Some(&model.title()),
            set_default_size: (480, 480),
            set_width_request: NARROWEST,
            set_default_widget: Some(&copy),
            connect_close_request[sender] => move |_| {
                // The parent is gone only when the program ends.
                let _ = sender.output(CopyOutput::Closed);
                gtk::glib::Propagation::Proceed
            },

            #[wrap(Some)]
            set_content = &gtk::Box {
                set_orientation: gtk::Orientation::Vertical,

                adw::HeaderBar {
                    set_show_start_title_buttons: false,
                    set_show_end_title_buttons: false,
                    pack_start = &gtk::Button {
                        set_label: &gettext("Cancel"),
                        connect_clicked => CopyInput::Dismissed,
                    },
                    #[name = "copy"]
                    pack_end = &gtk::Button {
                        #[watch]
                        set_label: &model.action(),
                        add_css_class: "suggested-action",
                        connect_clicked => CopyInput::Confirmed,
                    },
                },
                gtk::ScrolledWindow {
                    set_hscrollbar_policy: gtk::PolicyType::Never,
                    set_vexpand: true,

                    adw::Clamp {
                        set_maximum_size: 560,

                        gtk::Box {
                            set_orientation: gtk::Orientation::Vertical,
                            set_spacing: 12,
                            set_margin_all: 12,

                            adw::PreferencesGroup {
                                add: &model.pool,
                            },
                            append: &fields,
                            gtk::Label {
                                #[watch]
                                set_label: &model.sentence(),
                                #[watch]
                                set_css_classes: &[model.sentence_style()],
                                set_wrap: true,
                                set_xalign: 0.0,
                            },
                            gtk::Label {
                                #[watch]
                                set_label: &model.base(),
                                #[watch]
                                set_visible: model.draft.base().is_some(),
                                #[watch]
                                set_css_classes: &[model.base_style()],
                                set_wrap: true,
                                set_wrap_mode: gtk::pango::WrapMode::WordChar,
                                set_xalign: 0.0,
                            },
                            gtk::Label {
                                #[watch]
                                set_label: &model.way(),
                                add_css_class: "dim-label",
                                set_wrap: true,
                                set_xalign: 0.0,
                            },
                        },
                    },
                },
            },
        }
    }

    fn init(
        draft: CopyDraft,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        let model = Self::build(draft, &sender);
        let fields = adw::PreferencesGroup::new();
        model.name.add_to(&fields);
        fields.add(model.format.widget());
        fields.add(model.delete.widget());
        model.passphrase.add_to(&fields);
        model.passphrase.set_visible(model.draft.is_encrypted());
        let widgets = view_output!();
        model.show();
        dialog::close_on_escape(&root);
        GtkWindowExt::set_focus(&root, Some(&model.pool));
        ComponentParts { model, widgets }
    }

    fn update(&mut self, message: CopyInput, sender: ComponentSender<Self>) {
        match message {
            CopyInput::PoolChosen(place) => self.draft.choose_pool(place as usize),
            CopyInput::NameEdited(name) => self.draft.name = name,
            CopyInput::FormatChosen(place) => self.draft.choose_format(place),
            CopyInput::DeleteSwitched(on) => self.draft.delete = on,
            CopyInput::PassphraseEdited(value) => self.draft.passphrase = value,
            CopyInput::Confirmed => self.confirmed(&sender),
            CopyInput::Agreed => self.agreed(&sender),
            CopyInput::Dismissed => self.close(),
        }
        self.show();
    }
}

impl CopyDialog {
    fn build(draft: CopyDraft, sender: &ComponentSender<Self>) -> Self {
        let places: Vec<String> = draft
            .choices
            .iter()
            .map(|choice| {
                let values = [("pool", choice.pool.name()), ("host", choice.host.as_str())];
                gettext_f("{pool} on {host}", &values)
            })
            .collect();
        let places: Vec<&str> = places.iter().map(String::as_str).collect();
        let pool = adw::ComboRow::builder()
            .title(gettext("Destination"))
            .model(&gtk::StringList::new(&places))
            .build();
        pool.set_selected(u32::try_from(draft.chosen).unwrap_or(0));
        let to = sender.input_sender().clone();
        pool.connect_selected_notify(move |row| to.emit(CopyInput::PoolChosen(row.selected())));
        let to = sender.input_sender().clone();
        let name =
            EntryField::new(&gettext("Name"), move |text| to.emit(CopyInput::NameEdited(text)));
        let to = sender.input_sender().clone();
        let format = ChoiceRow::new(&gettext("Format"), draft::format_name, move |place| {
            to.emit(CopyInput::FormatChosen(place));
        });
        let to = sender.input_sender().clone();
        let delete = SwitchRow::new(
            &gettext("Delete the Original"),
            &gettext("Only after the copy was read again and found to be the same."),
            move |on| to.emit(CopyInput::DeleteSwitched(on)),
        );
        let to = sender.input_sender().clone();
        let passphrase = EntryField::password(&gettext("Passphrase"), move |text| {
            to.emit(CopyInput::PassphraseEdited(SecretValue(text)));
        });
        Self { draft, tried: false, pool, name, format, delete, passphrase }
    }

    fn show(&self) {
        let draft = &self.draft;
        self.name.show(&draft.name);
        let fault = draft.fault().filter(|_| self.tried);
        self.name.blame(fault.as_ref().map(storage_form::volume_fault).as_deref());
        self.format.show(&draft.formats(), draft.format, "");
        self.format.widget().set_visible(draft.takes_format());
        self.delete.show(draft.moves(), self.keeps().as_deref());
    }

    /// Why the original must stay.
    fn keeps(&self) -> Option<String> {
        let draft = &self.draft;
        if !draft.users.is_empty() {
            let users = draft.users.join(", ");
            return Some(gettext_f("Guests use it: {guests}", &[("guests", &users)]));
        }
        draft.lacks_base().then(|| gettext("What it builds on is not known at the destination."))
    }

    fn confirmed(&mut self, sender: &ComponentSender<Self>) {
        self.tried = true;
        let window = self.pool.root().and_downcast::<gtk::Window>();
        if let Some(window) = window.filter(|_| self.draft.asks() && self.draft.job().is_some()) {
            let text = labels::storage::torn(&self.draft.volume.name, &self.draft.writers);
            let to = sender.input_sender().clone();
            dialog::confirm(&window, &text, move || to.emit(CopyInput::Agreed));
        } else if let Some(job) = self.draft.job() {
            // The parent is gone only when the program ends.
            let _ = sender.output(CopyOutput::Copy(Box::new(job)));
            self.close();
        }
    }

    fn agreed(&mut self, sender: &ComponentSender<Self>) {
        self.draft.torn = true;
        self.confirmed(sender);
    }

    fn close(&self) {
        let window = self.pool.root().and_downcast::<gtk::Window>();
        window.iter().for_each(gtk::Window::close);
    }

    fn title(&self) -> String {
        gettext_f("Copy {volume}", &[("volume", &self.draft.volume.name)])
    }

    fn action(&self) -> String {
        if self.draft.moves() { gettext("Move") } else { gettext("Copy") }
    }

    fn sentence(&self) -> String {
        self.draft.room().map(|room| storage_form::room(&room)).unwrap_or_default()
    }

    fn sentence_style(&self) -> &'static str {
        match self.draft.room().map(|room| room.verdict) {
            Some(RoomVerdict::Refused) => "error",
            Some(RoomVerdict::GrowsBeyond | RoomVerdict::Snapshot) => "warning",
            Some(RoomVerdict::Reserved | RoomVerdict::Grows | RoomVerdict::Unknown) | None => {
                "dim-label"
            }
        }
    }

    fn way(&self) -> String {
        if self.draft.clones() {
            return gettext("The host copies it by itself.");
        }
        let size = labels::bytes(self.draft.details.allocation);
        let mut way = gettext_f(
            "It goes byte by byte through this computer (about {size}) and is compared at its destination.",
            &[("size", &size)],
        );
        if self.draft.is_encrypted() {
            way = format!("{way}\n\n{}", storage_form::copied_encrypted());
        }
        way
    }

    /// What a copy that builds on another image needs; empty where it builds on none.
    fn base(&self) -> String {
        let values = [("path", self.draft.base().unwrap_or_default())];
        match self.draft.base() {
            None => String::new(),
            Some(_) if self.draft.lacks_base() => gettext_f(
                "It builds on {path}, which is not known at the destination: the copy can be used only where that is found by the same path.",
                &values,
            ),
            Some(_) => gettext_f("The copy builds on {path}, as the original does.", &values),
        }
    }

    fn base_style(&self) -> &'static str {
        if self.draft.lacks_base() { "warning" } else { "dim-label" }
    }
}
