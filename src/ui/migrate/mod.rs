//! The Migrate dialog: where a guest goes, live or offline, for how long, and everything else that
//! can be chosen.
#![allow(missing_docs)] // of the widgets struct, which relm4's macro writes

mod actions;
mod advanced;
mod check_fold;
mod check_list;
mod command_group;
mod companions;
mod destination;
mod forecast_group;
mod form;
mod inspections;
pub mod logic;
mod measuring;
mod mending;
mod messages;
mod party;
mod sentences;
mod xml_row;

pub use messages::{
    ChecksInput, ForecastInput, MigrateCommand, MigrateInit, MigrateInput, MigrateOutput, XmlInput,
};

use relm4::adw::{self, prelude::*};
use relm4::gtk::{self, gio, glib};
use relm4::{Component, ComponentParts, ComponentSender, RelmWidgetExt};

use actions::{MigrateActions, offline, permanent};
use advanced::AdvancedRows;
use check_list::CheckList;
use command_group::CommandGroup;
use companions::CompanionList;
use destination::DestinationList;
use forecast_group::ForecastGroup;
use form::Form;
use xml_row::XmlRow;

use crate::i18n::gettext;
use crate::migration::{Coverage, Residence};
use crate::ui::widgets::dialog;

/// Narrowest width in pixels at which the dialog is whole.
const NARROWEST: i32 = 360;

/// The dialog. Its root is the window, which the parent makes transient and presents.
#[derive(Debug)]
pub struct MigrateDialog {
    form: Form,
    destinations: DestinationList,
    checks: CheckList,
    companions: CompanionList,
    forecast: ForecastGroup,
    advanced: AdvancedRows,
    xml: XmlRow,
    command: CommandGroup,
    actions: MigrateActions,
}

#[relm4::component(pub)]
impl Component for MigrateDialog {
    type Init = MigrateInit;
    type Input = MigrateInput;
    type Output = MigrateOutput;
    type CommandOutput = MigrateCommand;

    view! {
        #[name = "window"]
        adw::Window {
            set_modal: true,
            set_title: Some(&model.title()),
            set_default_size: (520, 680),
            set_width_request: NARROWEST,
            set_default_widget: Some(&migrate),
            insert_action_group: ("migrate", Some(model.actions.group())),
            connect_close_request[sender] => move |_| {
                // The parent is gone only when the program ends.
                let _ = sender.output(MigrateOutput::Closed);
                glib::Propagation::Proceed
            },

            #[wrap(Some)]
            set_content = &gtk::Box {
                set_orientation: gtk::Orientation::Vertical,

                adw::HeaderBar {
                    set_show_start_title_buttons: false,
                    set_show_end_title_buttons: false,
                    pack_start = &gtk::Button {
                        set_label: &gettext("Cancel"),
                        set_action_name: Some("migrate.cancel"),
                    },
                    #[name = "migrate"]
                    pack_end = &gtk::Button {
                        set_label: &gettext("Migrate"),
                        set_action_name: Some("migrate.start"),
                        add_css_class: "suggested-action",
                    },
                },

                gtk::ScrolledWindow {
                    set_hscrollbar_policy: gtk::PolicyType::Never,
                    set_vexpand: true,

                    adw::Clamp {
                        set_maximum_size: 600,

                        gtk::Box {
                            set_orientation: gtk::Orientation::Vertical,
                            set_spacing: 18,
                            set_margin_all: 12,

                            gtk::Label {
                                #[watch]
                                set_label: &model.summary(),
                                set_wrap: true,
                                set_xalign: 0.0,
                            },
                            gtk::Label {
                                #[watch]
                                set_label: &model.obstacle().unwrap_or_default(),
                                #[watch]
                                set_visible: model.obstacle().is_some(),
                                set_wrap: true,
                                set_xalign: 0.0,
                                add_css_class: "warning",
                            },

                            adw::PreferencesGroup {
                                set_title: &gettext("Destination"),
                                add = model.destinations.widget(),
                                add = &gtk::Label {
                                    #[watch]
                                    set_visible: model.form.hosts.is_empty(),
                                    set_label: &gettext("There is no other host. Add a connection to one first."),
                                    set_wrap: true,
                                    set_xalign: 0.0,
                                    add_css_class: "dim-label",
                                },
                            },

                            adw::PreferencesGroup {
                                adw::ActionRow {
                                    set_title: &gettext("Offline migration"),
                                    #[watch]
                                    set_subtitle: &model.coverage_sentence(),
                                    #[watch]
                                    set_sensitive: model.form.ruled_out(&offline(false)).is_none(),
                                    set_activatable_widget: Some(&offline_check),
                                    #[name = "offline_check"]
                                    add_prefix = &gtk::CheckButton {
                                        set_valign: gtk::Align::Center,
                                        #[watch]
                                        #[block_signal(offline_toggled)]
                                        set_active: model.form.options().coverage != Coverage::Live,
                                        connect_toggled[sender] => move |check| {
                                            sender.input(MigrateInput::Chosen(offline(check.is_active())));
                                        } @offline_toggled,
                                    },
                                },
                            },

                            adw::PreferencesGroup {
                                adw::ActionRow {
                                    set_title: &gettext("Until it is shut down"),
                                    set_subtitle: &gettext("Its definition stays here; it comes home when it is shut down there."),
                                    #[watch]
                                    set_sensitive: model.form.ruled_out(&permanent(false)).is_none(),
                                    set_activatable_widget: Some(&temporary_check),
                                    #[name = "temporary_check"]
                                    add_prefix = &gtk::CheckButton {
                                        set_valign: gtk::Align::Center,
                                        #[watch]
                                        #[block_signal(temporary_toggled)]
                                        set_active: model.form.options().residence == Residence::UntilShutDown,
                                        connect_toggled[sender] => move |check| {
                                            sender.input(MigrateInput::Chosen(permanent(!check.is_active())));
                                        } @temporary_toggled,
                                    },
                                },
                                adw::ActionRow {
                                    set_title: &gettext("Permanently"),
                                    set_subtitle: &gettext("Its definition moves too; this host forgets it."),
                                    set_activatable_widget: Some(&permanent_check),
                                    #[name = "permanent_check"]
                                    add_prefix = &gtk::CheckButton {
                                        set_valign: gtk::Align::Center,
                                        set_group: Some(&temporary_check),
                                        #[watch]
                                        #[block_signal(permanent_toggled)]
                                        set_active: model.form.options().residence == Residence::Permanent,
                                        connect_toggled => move |_| {} @permanent_toggled,
                                    },
                                },
                            },

                            append = model.companions.widget(),
                            append = model.checks.widget(),

                            append = model.forecast.widget(),

                            adw::PreferencesGroup {
                                add = model.advanced.widget(),
                            },
                            adw::PreferencesGroup {
                                add = model.xml.widget(),
                            },

                            append = model.command.widget(),
                        },
                    },
                },
            },
        }
    }

    fn init(
        init: MigrateInit,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        let input = sender.input_sender();
        let to = input.clone();
        let mut model = Self {
            form: Form::new(init),
            destinations: DestinationList::new(move |host| {
                to.emit(MigrateInput::DestinationChosen(host));
            }),
            checks: CheckList::new(input),
            companions: CompanionList::new(),
            forecast: ForecastGroup::new(input),
            advanced: AdvancedRows::new(input),
            xml: XmlRow::new(input),
            command: CommandGroup::new(input),
            actions: MigrateActions::new(input),
        };
        let widgets = view_output!();
        model.show();
        model.inspect(&sender);
        model.measure(&sender);
        dialog::close_on_escape(&root);
        GtkWindowExt::set_focus(&root, model.destinations.chosen_row().as_ref());
        ComponentParts { model, widgets }
    }

    fn update(&mut self, message: MigrateInput, sender: ComponentSender<Self>, root: &Self::Root) {
        match message {
            MigrateInput::HostsChanged(hosts) => self.form.set_hosts(hosts),
            MigrateInput::GuestChanged(key, guest) => {
                self.form.set_guest(key, guest.map(|guest| *guest));
            }
            MigrateInput::Defaults { max_downtime_ms, xml } => {
                self.form.default_downtime_ms = max_downtime_ms;
                self.form.xml_template = Some(xml);
            }
            MigrateInput::DestinationChosen(host) => self.form.choose(host),
            MigrateInput::DestinationNamed(name) => self.destination_named(&name),
            MigrateInput::Chosen(wish) => self.form.wish(wish),
            MigrateInput::Checks(input) => self.checks_said(input, &sender),
            MigrateInput::Forecast(input) => self.forecast_said(input, &sender),
            MigrateInput::Xml(XmlInput::Switched(on)) => self.xml_switched(on),
            MigrateInput::Xml(XmlInput::Edited(text)) => self.xml_edited(text, &sender),
            MigrateInput::CommandCopied => root.clipboard().set_text(&self.command.text()),
            MigrateInput::Confirmed => self.confirmed(&sender, root),
            MigrateInput::Dismissed => root.close(),
        }
        self.inspect(&sender);
        self.show();
    }

    fn update_cmd(
        &mut self,
        message: MigrateCommand,
        sender: ComponentSender<Self>,
        _root: &Self::Root,
    ) {
        match message {
            MigrateCommand::XmlChecked(revision, checked) => {
                self.form.checked_xml(revision, checked);
            }
            MigrateCommand::XmlMended(text) => {
                text.iter().for_each(|text| self.xml.replace(text));
            }
        }
        self.inspect(&sender);
        self.show();
    }
}

impl MigrateDialog {
    /// What can be done in the dialog, as the actions `destination`, `offline`, `permanent`,
    /// `unsafe`, `policy`, `start`, `cancel`.
    #[must_use]
    pub fn actions(&self) -> &gio::SimpleActionGroup {
        self.actions.group()
    }

    fn show(&self) {
        self.destinations.show(&self.form);
        self.companions.show(&self.form);
        self.checks.show(&self.form);
        self.forecast.show(&self.form);
        self.advanced.show(&self.form);
        self.xml.show(&self.form);
        self.command.show(&self.form);
        self.actions.show(&self.form);
    }

    /// Asks for what is not known yet of the hosts.
    fn inspect(&mut self, sender: &ComponentSender<Self>) {
        for (revision, wish) in self.form.questions() {
            // The parent is gone only when the program ends.
            let _ = sender.output(MigrateOutput::Inspect { revision, wish });
        }
        let others = self.form.questions_of_others();
        if !others.is_empty() {
            let _ = sender.output(MigrateOutput::Survey(others));
        }
    }

    fn checks_said(&mut self, input: ChecksInput, sender: &ComponentSender<Self>) {
        match input {
            ChecksInput::Inspected { guest, host, revision, found } => {
                self.form.answered(guest, host, revision, found);
            }
            ChecksInput::Surveyed(found) => self.form.surveyed(found),
            ChecksInput::Again(host) => self.form.outdate(host),
            ChecksInput::Mend(mend) => self.mend(mend, sender),
            ChecksInput::Mended(result) => self.mended(result, sender),
        }
    }

    fn destination_named(&mut self, name: &str) {
        let host = self.form.hosts.iter().find(|choice| choice.name == name);
        if let Some(host) = host.map(|choice| choice.host) {
            self.form.choose(host);
        }
    }

    fn xml_switched(&mut self, on: bool) {
        self.form.switch_xml(on);
        if on {
            self.xml.begin(self.form.xml_template.as_deref().unwrap_or_default());
        }
    }

    fn xml_edited(&mut self, text: String, sender: &ComponentSender<Self>) {
        if let Some(revision) = self.form.edit_xml(text.clone()) {
            sender.spawn_oneshot_command(move || {
                MigrateCommand::XmlChecked(revision, crate::xml::check(&text))
            });
        }
    }

    fn confirmed(&self, sender: &ComponentSender<Self>, root: &adw::Window) {
        if let Ok(plans) = self.form.plans() {
            for plan in plans {
                let first = plan.guest == self.form.guest.key;
                let known = first.then(|| Box::new(self.form.foreknown()));
                // The parent is gone only when the program ends.
                let _ = sender.output(MigrateOutput::Migrate(Box::new(plan), known));
            }
            root.close();
        }
    }
}
