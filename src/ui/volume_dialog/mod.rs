//! New Volume, also of a file of this computer: name, format, sizes, and what becomes of the pool.
#![allow(missing_docs)] // relm4's macro writes `VolumeDialogWidgets` without any

mod backing;
pub mod base;
pub mod draft;
pub mod file;
mod messages;
mod rows;

pub use messages::{Edit, VolumeCommand, VolumeInit, VolumeInput, VolumeOutput};

use std::path::PathBuf;

use relm4::adw::{self, prelude::*};
use relm4::gtk;
use relm4::{Component, ComponentParts, ComponentSender, RelmWidgetExt};

use crate::backend::VolumeJob;
use crate::i18n::{gettext, gettext_f};
use crate::model::storage::{SecretValue, VolumeFormat};
use crate::model::{Bytes, HostId, SecretUuid};
use crate::ui::labels;
use crate::ui::widgets::dialog;

use draft::VolumeDraft;
use file::FileFacts;
use rows::Rows;

/// Narrowest width in pixels at which the dialog is whole.
const NARROWEST: i32 = 360;

/// The dialog. Its root is the window, which the parent makes transient and presents.
pub struct VolumeDialog {
    draft: VolumeDraft,
    host: String,
    shared_with: Vec<(HostId, String)>,
    formats: Vec<usize>,
    upload: Option<Upload>,
    /// The user wanted to go on, so that faults are shown.
    tried: bool,
    rows: Rows,
}

/// The file of which the volume is made.
struct Upload {
    file: PathBuf,
    looked: Option<Result<FileFacts, String>>,
}

#[relm4::component(pub)]
impl Component for VolumeDialog {
    type Init = VolumeInit;
    type Input = VolumeInput;
    type Output = VolumeOutput;
    type CommandOutput = VolumeCommand;

    view! {
        adw::Window {
            set_modal: true,
            set_title: Some(&model.title()),
            set_default_size: (480, 620),
            set_width_request: NARROWEST,
            set_default_widget: Some(&make),
            connect_close_request[sender] => move |_| {
                // The parent is gone only when the program ends.
                let _ = sender.output(VolumeOutput::Closed);
                gtk::glib::Propagation::Proceed
            },

            #[wrap(Some)]
            set_content = &gtk::Box {
                set_orientation: gtk::Orientation::Vertical,

                adw::HeaderBar {
                    set_show_start_title_buttons: false,
                    set_show_end_title_buttons: false,
                    #[wrap(Some)]
                    set_title_widget = &adw::WindowTitle {
                        set_title: &model.title(),
                        set_subtitle: &model.place(),
                    },
                    pack_start = &gtk::Button {
                        set_label: &gettext("Cancel"),
                        connect_clicked => VolumeInput::Dismissed,
                    },
                    #[name = "make"]
                    pack_end = &gtk::Button {
                        set_label: &model.action(),
                        add_css_class: "suggested-action",
                        #[watch]
                        set_sensitive: model.is_known(),
                        connect_clicked => VolumeInput::Confirmed,
                    },
                },
                gtk::ScrolledWindow {
                    set_hscrollbar_policy: gtk::PolicyType::Never,
                    set_vexpand: true,

                    adw::Clamp {
                        set_maximum_size: 560,

                        gtk::Box {
                            set_orientation: gtk::Orientation::Vertical,
                            set_spacing: 18,
                            set_margin_all: 12,

                            gtk::Label {
                                #[watch]
                                set_label: &model.file_text(),
                                #[watch]
                                set_visible: model.upload.is_some(),
                                #[watch]
                                set_css_classes: if model.unreadable() { &["error"] } else { &[] },
                                set_wrap: true,
                                set_wrap_mode: gtk::pango::WrapMode::WordChar,
                                set_xalign: 0.0,
                            },
                            append: model.rows.widget(),
                        },
                    },
                },
            },
        }
    }

    fn init(
        init: VolumeInit,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        let model = Self::build(init, &sender);
        let widgets = view_output!();
        model.show();
        dialog::close_on_escape(&root);
        GtkWindowExt::set_focus(&root, Some(model.rows.name()));
        ComponentParts { model, widgets }
    }

    fn update(&mut self, message: VolumeInput, sender: ComponentSender<Self>, root: &Self::Root) {
        match message {
            VolumeInput::Edited(edit) => self.edited(edit),
            VolumeInput::Confirmed => self.confirmed(&sender, root),
            VolumeInput::Dismissed => root.close(),
        }
        self.show();
    }

    fn update_cmd(&mut self, message: VolumeCommand, _: ComponentSender<Self>, _: &Self::Root) {
        match message {
            VolumeCommand::Looked(looked) => self.looked(looked),
        }
        self.show();
    }
}

impl VolumeDialog {
    fn build(init: VolumeInit, sender: &ComponentSender<Self>) -> Self {
        let known = |format: &VolumeFormat| {
            init.formats.is_empty() || init.formats.iter().any(|word| word == format.word())
        };
        let formats = VolumeFormat::CREATABLE.iter().enumerate();
        let formats = formats.filter(|(_, format)| known(format)).map(|(place, _)| place).collect();
        let mut draft = VolumeDraft::new(init.pool, init.taken, SecretUuid(init.secret));
        draft.bases = init.bases;
        let upload = init.file.map(|file| Upload { file, looked: None });
        if let Some(upload) = &upload {
            let file = upload.file.clone();
            let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
            draft.name = name.unwrap_or_default();
            sender.spawn_oneshot_command(move || VolumeCommand::Looked(file::look_at(&file)));
        }
        Self {
            draft,
            host: init.host,
            shared_with: init.shared_with,
            formats,
            upload,
            tried: false,
            rows: Rows::new(sender.input_sender()),
        }
    }

    fn show(&self) {
        let hosts: Vec<String> = self.shared_with.iter().map(|(_, name)| name.clone()).collect();
        let own: Vec<usize> = VolumeFormat::CREATABLE
            .iter()
            .position(|format| *format == self.draft.format)
            .into_iter()
            .collect();
        let formats = if self.upload.is_some() { &own } else { &self.formats };
        self.rows.show(&self.draft, formats, self.tried, self.upload.is_some(), &hosts);
    }

    fn edited(&mut self, edit: Edit) {
        let draft = &mut self.draft;
        match edit {
            Edit::Name(name) => draft.name = name,
            Edit::Format(place) => {
                if let Some(format) = VolumeFormat::CREATABLE.get(place) {
                    draft.choose(format.clone());
                }
            }
            Edit::Capacity(size) => draft.set_capacity(size),
            Edit::Allocation(size) => draft.set_allocation(size),
            Edit::Reserve(reserve) => draft.reserve = reserve,
            Edit::Below(below) => draft.build_on(below),
            Edit::Backing(path) => draft.backing = path,
            Edit::BackingFormat(place) => {
                draft.backing_format = VolumeFormat::CREATABLE.get(place).cloned();
            }
            Edit::ClusterSize(size) => draft.cluster_size = size.map(Bytes),
            Edit::LazyRefcounts(on) => draft.lazy_refcounts = on,
            Edit::ExtendedL2(on) => draft.extended_l2 = on,
            Edit::Encrypted(on) => draft.encrypted = on,
            Edit::Passphrase(text) => draft.passphrase = SecretValue(text),
            Edit::Repeated(text) => draft.repeated = SecretValue(text),
        }
    }

    fn looked(&mut self, looked: Result<FileFacts, String>) {
        if let Ok(facts) = &looked {
            // An ISO image is taken as what it is for a pool: its bytes.
            self.draft.format = match facts.format {
                VolumeFormat::Iso => VolumeFormat::Raw,
                ref format => format.clone(),
            };
            self.draft.set_capacity(facts.capacity);
            self.draft.set_allocation(facts.size);
        }
        if let Some(upload) = &mut self.upload {
            upload.looked = Some(looked);
        }
    }

    /// Whether all is known that is needed: the file was looked at.
    fn is_known(&self) -> bool {
        self.upload.as_ref().is_none_or(|upload| matches!(upload.looked, Some(Ok(_))))
    }

    fn unreadable(&self) -> bool {
        self.upload.as_ref().is_some_and(|upload| matches!(upload.looked, Some(Err(_))))
    }

    fn confirmed(&mut self, sender: &ComponentSender<Self>, root: &adw::Window) {
        self.tried = true;
        if !self.draft.is_whole() || !self.is_known() {
            return;
        }
        let (pool, definition) = (self.draft.pool.key, self.draft.definition());
        let hosts: Vec<HostId> = self.shared_with.iter().map(|(host, _)| *host).collect();
        let job = match &self.upload {
            Some(upload) => VolumeJob::Upload { file: upload.file.clone(), pool, definition },
            None => {
                let secret = self.draft.secret().map(|secret| (secret, hosts));
                VolumeJob::Create { pool, definition, secret }
            }
        };
        // The parent is gone only when the program ends.
        let _ = sender.output(VolumeOutput::Make(Box::new(job)));
        root.close();
    }

    fn title(&self) -> String {
        if self.upload.is_some() { gettext("Upload a Volume") } else { gettext("New Volume") }
    }

    fn action(&self) -> String {
        if self.upload.is_some() { gettext("Upload") } else { gettext("Create") }
    }

    fn place(&self) -> String {
        let pool = self.draft.pool.name();
        gettext_f("in {pool} on {host}", &[("pool", pool), ("host", &self.host)])
    }

    fn file_text(&self) -> String {
        let Some(upload) = &self.upload else { return String::new() };
        let file = upload.file.display().to_string();
        match &upload.looked {
            None => gettext_f("Reading {file}…", &[("file", &file)]),
            Some(Ok(facts)) => gettext_f(
                "{file}: {size}, {format}",
                &[
                    ("file", &file),
                    ("size", &labels::bytes(facts.size)),
                    ("format", &labels::storage::format(&facts.format)),
                ],
            ),
            Some(Err(error)) => {
                gettext_f("{file} cannot be read: {error}", &[("file", &file), ("error", error)])
            }
        }
    }
}
