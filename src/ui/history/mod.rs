//! The History page: what moved, how it ended, what was foretold of it.
#![allow(missing_docs)] // of the widgets struct, which relm4's macro writes

mod details;
mod list;
mod messages;

pub use messages::{Export, HistoryCommand, HistoryInput, HistoryOutput};

use std::path::PathBuf;

use relm4::adw::{self, prelude::*};
use relm4::gtk;
use relm4::{Component, ComponentParts, ComponentSender, RelmWidgetExt};

use crate::i18n::{gettext, gettext_f};
use crate::journal::{JournalId, Journals};
use crate::migration::journal::Chronicle;
use crate::ui::labels::history as labels;
use crate::ui::widgets::accessible;

use details::Details;
pub use list::Face;
use list::MoveList;

/// The page.
pub struct HistoryPage {
    journals: Journals,
    list: MoveList,
    details: Details,
    /// The move that is looked at.
    open: Option<(JournalId, Chronicle)>,
    /// The list is as the journals were when it was read last, or is being read.
    fresh: bool,
    trouble: Option<String>,
    chooser: Option<gtk::FileChooserNative>,
}

#[relm4::component(pub)]
impl Component for HistoryPage {
    type Init = Journals;
    type Input = HistoryInput;
    type Output = HistoryOutput;
    type CommandOutput = HistoryCommand;

    view! {
        #[root]
        gtk::Stack {
            set_transition_type: gtk::StackTransitionType::Crossfade,
            #[watch(skip_init)]
            set_visible_child_name: model.page(),
            connect_map => HistoryInput::Shown,

            add_named[Some("empty")] = &adw::StatusPage {
                set_icon_name: Some("document-open-recent-symbolic"),
                set_title: &gettext("No Past Migrations"),
                set_description: Some(&gettext("Each migration leaves a journal here: its plan, its figures, how it ended.")),
            },

            add_named[Some("trouble")] = &adw::StatusPage {
                set_icon_name: Some("dialog-warning-symbolic"),
                set_title: &gettext("The Journals Cannot Be Read"),
                #[watch]
                set_description: model.trouble.as_deref().map(gtk::glib::markup_escape_text).as_deref(),
            },

            add_named[Some("list")] = &gtk::Box {
                set_orientation: gtk::Orientation::Vertical,

                adw::Clamp {
                    set_maximum_size: 800,

                    #[name = "search"]
                    gtk::SearchEntry {
                        set_margin_all: 9,
                        set_placeholder_text: Some(&gettext("Search by guest, host or outcome")),
                        connect_search_changed[sender] => move |entry| {
                            sender.input(HistoryInput::Sought(entry.text().into()));
                        },
                    },
                },

                gtk::ScrolledWindow {
                    set_vexpand: true,
                    set_hscrollbar_policy: gtk::PolicyType::Never,
                    #[watch]
                    set_visible: !model.list.fits_none(),

                    adw::ClampScrollable {
                        set_maximum_size: 800,

                        #[local_ref]
                        view -> gtk::ListView {
                            connect_activate[sender] => move |_, position| {
                                sender.input(HistoryInput::Chosen(position));
                            },
                        },
                    },
                },

                adw::StatusPage {
                    set_vexpand: true,
                    set_icon_name: Some("system-search-symbolic"),
                    set_title: &gettext("Nothing Found"),
                    #[watch]
                    set_visible: model.list.fits_none(),
                },
            },

            add_named[Some("details")] = &gtk::Box {
                set_orientation: gtk::Orientation::Vertical,

                #[name = "back"]
                gtk::Button {
                    set_icon_name: "go-previous-symbolic",
                    set_tooltip_text: Some(&gettext("Back to the List")),
                    set_halign: gtk::Align::Start,
                    set_margin_all: 6,
                    add_css_class: "flat",
                    connect_clicked => HistoryInput::Left,
                },

                #[local_ref]
                details -> gtk::ScrolledWindow {
                    set_vexpand: true,
                },
            },
        }
    }

    fn init(
        journals: Journals,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        let model = Self {
            journals,
            list: MoveList::new(),
            details: Details::new(),
            open: None,
            fresh: false,
            trouble: None,
            chooser: None,
        };
        let view = model.list.view().clone();
        let details = model.details.widget().clone();
        let widgets = view_output!();
        accessible::set_name(&widgets.search, &gettext("Search Past Migrations"));
        accessible::set_name(&widgets.back, &gettext("Back to the List"));
        ComponentParts { model, widgets }
    }

    fn update(&mut self, message: HistoryInput, sender: ComponentSender<Self>, root: &Self::Root) {
        match message {
            HistoryInput::Changed => self.changed(root, &sender),
            HistoryInput::Shown => self.read_list(&sender),
            HistoryInput::Sought(text) => self.list.seek(&text),
            HistoryInput::Chosen(position) => self.chosen(position, &sender),
            HistoryInput::Left => self.open = None,
            HistoryInput::JournalWanted => self.choose_file(Export::Journal, root, &sender),
            HistoryInput::FiguresWanted => self.choose_file(Export::Figures, root, &sender),
            HistoryInput::FileChosen(what, path) => self.export(what, path, &sender),
            HistoryInput::DeletionWanted => self.delete(&sender),
            HistoryInput::LookWanted => self.look(&sender),
        }
    }

    fn update_cmd(
        &mut self,
        message: HistoryCommand,
        sender: ComponentSender<Self>,
        _: &Self::Root,
    ) {
        match message {
            HistoryCommand::Listed(listed) => self.listed(listed),
            HistoryCommand::Read(id, chronicle) => self.was_read(id, *chronicle, &sender),
            HistoryCommand::Exported(path, result) => exported(&path, result, &sender),
        }
    }
}

impl HistoryPage {
    fn page(&self) -> &'static str {
        match (&self.open, &self.trouble) {
            (Some(_), _) => "details",
            (None, Some(_)) => "trouble",
            (None, None) if self.list.is_empty() => "empty",
            (None, None) => "list",
        }
    }

    /// Journals are read while somebody looks; else when somebody does again.
    fn changed(&mut self, root: &gtk::Stack, sender: &ComponentSender<Self>) {
        self.fresh = false;
        if root.is_mapped() {
            self.read_list(sender);
        }
        let open = self.open.as_ref().map(|(id, _)| id.clone());
        if let Some(id) = open {
            self.read(id, sender);
        }
    }

    fn read_list(&mut self, sender: &ComponentSender<Self>) {
        if std::mem::replace(&mut self.fresh, true) {
            return;
        }
        let journals = self.journals.clone();
        sender.spawn_oneshot_command(move || {
            let listed = journals.list().map_err(|error| error.to_string());
            HistoryCommand::Listed(listed.map(|all| all.into_iter().map(Face::new).collect()))
        });
    }

    fn listed(&mut self, listed: Result<Vec<Face>, String>) {
        match listed {
            Ok(listed) => {
                self.trouble = None;
                self.list.show(listed);
            }
            Err(error) => self.trouble = Some(error),
        }
    }

    fn chosen(&self, position: u32, sender: &ComponentSender<Self>) {
        if let Some(id) = self.list.journal(position) {
            self.read(id, sender);
        }
    }

    fn read(&self, id: JournalId, sender: &ComponentSender<Self>) {
        let journals = self.journals.clone();
        sender.spawn_oneshot_command(move || {
            let read = journals.read(&id).map_err(|error| error.to_string());
            HistoryCommand::Read(id, Box::new(read))
        });
    }

    fn was_read(
        &mut self,
        id: JournalId,
        read: Result<Chronicle, String>,
        sender: &ComponentSender<Self>,
    ) {
        match read {
            Ok(chronicle) => {
                self.details.show(&chronicle, sender);
                self.open = Some((id, chronicle));
            }
            // It was deleted while it was looked at.
            Err(_) if self.open.as_ref().is_some_and(|(open, _)| *open == id) => self.open = None,
            Err(error) => say(&error, sender),
        }
    }

    fn choose_file(&mut self, what: Export, root: &gtk::Stack, sender: &ComponentSender<Self>) {
        let Some((_, chronicle)) = &self.open else { return };
        let (title, ending) = match what {
            Export::Journal => (gettext("Export Journal"), "ndjson"),
            Export::Figures => (gettext("Export Figures"), "csv"),
        };
        let parent = root.root().and_downcast::<gtk::Window>();
        let chooser = gtk::FileChooserNative::new(
            Some(&title),
            parent.as_ref(),
            gtk::FileChooserAction::Save,
            None,
            None,
        );
        chooser.set_modal(true);
        chooser.set_current_name(&labels::file_name(&chronicle.summary.begun, ending));
        let sender = sender.input_sender().clone();
        chooser.connect_response(move |chooser, response| {
            let path = chooser.file().and_then(|file| file.path());
            if let (gtk::ResponseType::Accept, Some(path)) = (response, path) {
                sender.emit(HistoryInput::FileChosen(what, path));
            }
        });
        chooser.show();
        // It would vanish with its last reference.
        self.chooser = Some(chooser);
    }

    fn export(&mut self, what: Export, path: PathBuf, sender: &ComponentSender<Self>) {
        self.chooser = None;
        let Some((id, _)) = &self.open else { return };
        let (journals, id) = (self.journals.clone(), id.clone());
        sender.spawn_oneshot_command(move || {
            let written = match what {
                Export::Journal => journals.export(&id, &path),
                Export::Figures => journals.export_figures(&id, &path),
            };
            HistoryCommand::Exported(path, written.map_err(|error| error.to_string()))
        });
    }

    fn delete(&self, sender: &ComponentSender<Self>) {
        if let Some((id, chronicle)) = &self.open {
            let title = labels::title(&chronicle.summary.begun);
            tell(HistoryOutput::Delete { journal: id.clone(), title }, sender);
        }
    }

    fn look(&self, sender: &ComponentSender<Self>) {
        if let Some((id, chronicle)) = &self.open {
            tell(HistoryOutput::Look(id.clone(), Box::new(chronicle.clone())), sender);
        }
    }
}

fn exported(
    path: &std::path::Path,
    result: Result<(), String>,
    sender: &ComponentSender<HistoryPage>,
) {
    let file = path.display().to_string();
    match result {
        Ok(()) => say(&gettext_f("Written to {file}", &[("file", &file)]), sender),
        Err(error) => {
            let values = [("file", file.as_str()), ("error", error.as_str())];
            say(&gettext_f("{file} could not be written: {error}", &values), sender);
        }
    }
}

fn say(text: &str, sender: &ComponentSender<HistoryPage>) {
    tell(HistoryOutput::Said(text.to_owned()), sender);
}

fn tell(output: HistoryOutput, sender: &ComponentSender<HistoryPage>) {
    // The parent is gone only when the program ends.
    let _ = sender.output(output);
}
