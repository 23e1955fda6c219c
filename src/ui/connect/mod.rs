//! Add Connection: the URI is shown as it is built, and can be tried before it is kept.
#![allow(missing_docs)] // relm4's macro writes `ConnectDialogWidgets` without any

mod logic;

pub use logic::{Form, Problem, Way};

use relm4::adw::prelude::*;
use relm4::{ComponentParts, ComponentSender, RelmWidgetExt, SimpleComponent, adw, gtk};

use crate::i18n::{gettext, gettext_f};
use crate::model::{ConnectionSpec, Failure, HostFacts};
use crate::ui::labels;
use crate::ui::widgets::{accessible, dialog};

/// The dialog.
#[derive(Debug)]
pub struct ConnectDialog {
    form: Form,
    name: String,
    autoconnect: bool,
    test: Test,
}

/// Where the trial stands.
#[derive(Debug)]
enum Test {
    Not,
    Running,
    Works(Box<HostFacts>),
    Failed(Failure),
}

/// What the dialog is told.
#[derive(Debug)]
pub enum ConnectInput {
    /// Another way was chosen.
    WayChosen(u32),
    /// The host name was edited.
    HostEdited(String),
    /// The user name was edited.
    UserEdited(String),
    /// The port was edited.
    PortEdited(String),
    /// The custom URI was edited.
    UriEdited(String),
    /// The name to show was edited.
    NameEdited(String),
    /// Autoconnect was switched.
    AutoconnectSwitched(bool),
    /// The Test button was pressed.
    TestPressed,
    /// The Connect button was pressed.
    ConnectPressed,
    /// The trial ended.
    Tested(Result<Box<HostFacts>, Failure>),
}

/// What the user wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectOutput {
    /// Try this URI.
    Test(String),
    /// Remember this connection and open it.
    Add(ConnectionSpec),
    /// Nothing.
    Closed,
}

#[relm4::component(pub)]
impl SimpleComponent for ConnectDialog {
    type Init = Option<gtk::Window>;
    type Input = ConnectInput;
    type Output = ConnectOutput;

    view! {
        adw::Window {
            set_title: Some(&gettext("Add Connection")),
            set_modal: true,
            set_default_size: (460, 600),
            set_transient_for: parent.as_ref(),
            connect_close_request[sender] => move |_| {
                let _ = sender.output(ConnectOutput::Closed);
                gtk::glib::Propagation::Proceed
            },

            gtk::Box {
                set_orientation: gtk::Orientation::Vertical,

                adw::HeaderBar {
                    set_show_end_title_buttons: false,
                    set_show_start_title_buttons: false,
                    pack_start = &gtk::Button {
                        set_label: &gettext("Cancel"),
                        connect_clicked[root] => move |_| root.close(),
                    },
                    #[name = "connect"]
                    pack_end = &gtk::Button {
                        set_label: &gettext("Connect"),
                        add_css_class: "suggested-action",
                        #[watch]
                        set_sensitive: model.form.uri().is_ok(),
                        connect_clicked => ConnectInput::ConnectPressed,
                    },
                },
                gtk::ScrolledWindow {
                    set_hscrollbar_policy: gtk::PolicyType::Never,
                    set_vexpand: true,

                    gtk::Box {
                        set_orientation: gtk::Orientation::Vertical,
                        set_spacing: 18,
                        set_margin_all: 18,

                        adw::PreferencesGroup {
                            #[name = "way"]
                            add = &adw::ComboRow {
                                set_title: &gettext("Hypervisor"),
                                set_model: Some(&ways()),
                                connect_selected_notify[sender] => move |row| {
                                    sender.input(ConnectInput::WayChosen(row.selected()));
                                },
                            },
                            #[name = "host"]
                            add = &adw::EntryRow {
                                set_title: &gettext("Host name or address"),
                                #[watch]
                                set_visible: model.form.way.is_remote(),
                                connect_changed[sender] => move |row| {
                                    sender.input(ConnectInput::HostEdited(row.text().into()));
                                },
                            },
                            add = &adw::EntryRow {
                                set_title: &gettext("User name"),
                                #[watch]
                                set_visible: model.form.way == Way::Ssh,
                                connect_changed[sender] => move |row| {
                                    sender.input(ConnectInput::UserEdited(row.text().into()));
                                },
                            },
                            add = &adw::EntryRow {
                                set_title: &gettext("Port (empty for the usual one)"),
                                #[watch]
                                set_visible: model.form.way.is_remote(),
                                connect_changed[sender] => move |row| {
                                    sender.input(ConnectInput::PortEdited(row.text().into()));
                                },
                            },
                            add = &adw::EntryRow {
                                set_title: &gettext("Custom URI"),
                                #[watch]
                                set_visible: model.form.way == Way::Custom,
                                connect_changed[sender] => move |row| {
                                    sender.input(ConnectInput::UriEdited(row.text().into()));
                                },
                            },
                        },
                        adw::PreferencesGroup {
                            add = &adw::EntryRow {
                                set_title: &gettext("Shown as (empty for the host's own name)"),
                                connect_changed[sender] => move |row| {
                                    sender.input(ConnectInput::NameEdited(row.text().into()));
                                },
                            },
                            add = &adw::ActionRow {
                                set_title: &gettext("Connect at start"),
                                set_activatable_widget: Some(&autoconnect),
                                #[local_ref]
                                add_suffix = &autoconnect -> gtk::Switch {
                                    set_active: true,
                                    set_valign: gtk::Align::Center,
                                    connect_active_notify[sender] => move |switch| {
                                        sender.input(ConnectInput::AutoconnectSwitched(switch.is_active()));
                                    },
                                },
                            },
                        },
                        adw::PreferencesGroup {
                            add = &adw::ActionRow {
                                set_title: &gettext("URI"),
                                #[watch]
                                set_subtitle: &gtk::glib::markup_escape_text(&model.uri_text()),
                                add_suffix = &gtk::Spinner {
                                    #[watch]
                                    set_spinning: matches!(model.test, Test::Running),
                                },
                                add_suffix = &gtk::Button {
                                    set_label: &gettext("Test"),
                                    set_valign: gtk::Align::Center,
                                    #[watch]
                                    set_sensitive: model.form.uri().is_ok() && !matches!(model.test, Test::Running),
                                    connect_clicked => ConnectInput::TestPressed,
                                },
                            },
                        },
                        gtk::Label {
                            set_wrap: true,
                            set_xalign: 0.0,
                            add_css_class: "dim-label",
                            add_css_class: "caption",
                            #[watch]
                            set_label: &needs(model.form.way),
                        },
                    },
                },
                #[name = "verdict"]
                gtk::Label {
                    set_margin_all: 18,
                    set_wrap: true,
                    set_wrap_mode: gtk::pango::WrapMode::WordChar,
                    set_xalign: 0.0,
                    set_selectable: true,
                    #[watch]
                    set_visible: !model.verdict().is_empty(),
                    #[watch]
                    set_label: &model.verdict(),
                    #[watch]
                    set_css_classes: model.verdict_style(),
                },
            }
        }
    }

    fn init(
        parent: Option<gtk::Window>,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        let model =
            Self { form: Form::default(), name: String::new(), autoconnect: true, test: Test::Not };
        let autoconnect = gtk::Switch::new();
        accessible::set_name(&autoconnect, &gettext("Connect at start"));
        let widgets = view_output!();
        root.set_default_widget(Some(&widgets.connect));
        dialog::close_on_escape(&root);
        ComponentParts { model, widgets }
    }

    fn update(&mut self, message: ConnectInput, sender: ComponentSender<Self>) {
        match message {
            ConnectInput::WayChosen(index) => {
                self.form.way = Way::ALL.get(index as usize).copied().unwrap_or_default();
            }
            ConnectInput::HostEdited(text) => self.form.host = text,
            ConnectInput::UserEdited(text) => self.form.user = text,
            ConnectInput::PortEdited(text) => self.form.port = text,
            ConnectInput::UriEdited(text) => self.form.custom = text,
            ConnectInput::NameEdited(text) => self.name = text,
            ConnectInput::AutoconnectSwitched(on) => self.autoconnect = on,
            ConnectInput::TestPressed => self.try_it(&sender),
            ConnectInput::ConnectPressed => self.connect(&sender),
            ConnectInput::Tested(Ok(facts)) => self.test = Test::Works(facts),
            ConnectInput::Tested(Err(failure)) => self.test = Test::Failed(failure),
        }
    }
}

impl ConnectDialog {
    fn try_it(&mut self, sender: &ComponentSender<Self>) {
        if let Ok(uri) = self.form.uri() {
            self.test = Test::Running;
            let _ = sender.output(ConnectOutput::Test(uri));
        }
    }

    fn connect(&self, sender: &ComponentSender<Self>) {
        if let Ok(uri) = self.form.uri() {
            let name = Some(self.name.trim().to_owned()).filter(|name| !name.is_empty());
            let spec = ConnectionSpec { uri, name, autoconnect: self.autoconnect };
            let _ = sender.output(ConnectOutput::Add(spec));
        }
    }

    fn uri_text(&self) -> String {
        match self.form.uri() {
            Ok(uri) => uri,
            Err(problem) => problem_text(problem),
        }
    }

    fn verdict(&self) -> String {
        match &self.test {
            Test::Not => String::new(),
            Test::Running => gettext("Trying…"),
            Test::Works(facts) => gettext_f(
                "It works: {host}, libvirt {libvirt}, {cpus} processors, {memory}",
                &[
                    ("host", &facts.hostname),
                    ("libvirt", &labels::version(facts.libvirt_version)),
                    ("cpus", &facts.cpus.to_string()),
                    ("memory", &labels::bytes(facts.memory)),
                ],
            ),
            Test::Failed(failure) => labels::failure::connection(failure),
        }
    }

    fn verdict_style(&self) -> &'static [&'static str] {
        match self.test {
            Test::Works(_) => &["success"],
            Test::Failed(_) => &["error"],
            Test::Not | Test::Running => &["dim-label"],
        }
    }
}

fn ways() -> gtk::StringList {
    let names = [
        gettext("QEMU/KVM on this computer (system)"),
        gettext("QEMU/KVM on this computer (user session)"),
        gettext("QEMU/KVM over SSH"),
        gettext("QEMU/KVM over TLS"),
        gettext("QEMU/KVM over TCP"),
        gettext("Custom URI"),
    ];
    gtk::StringList::new(&names.iter().map(String::as_str).collect::<Vec<_>>())
}

fn problem_text(problem: Problem) -> String {
    match problem {
        Problem::NoHost => gettext("Enter a host name or an address."),
        Problem::BadHost => gettext("This is neither a host name nor an address."),
        Problem::BadPort => gettext("A port is a number from 1 to 65535."),
        Problem::NoUri => gettext("Enter a libvirt URI, such as qemu+ssh://root@host/system."),
        Problem::BadUri => gettext("This is not a URI."),
        Problem::PasswordInUri => {
            gettext("Leave the password out: you are asked for it when it is needed.")
        }
    }
}

/// What each way needs at the other end.
fn needs(way: Way) -> String {
    match way {
        Way::System => gettext(
            "Needs the libvirt daemon on this computer, and the right to use it (group “libvirt”).",
        ),
        Way::Session => gettext("Guests of your own user, with your own rights."),
        Way::Ssh => gettext(
            "Needs an SSH login at the host that may use libvirt; a key in the SSH agent saves the questions.",
        ),
        Way::Tls => gettext(
            "Needs libvirt’s TLS socket at the host (port 16514) and certificates on both sides.",
        ),
        Way::Tcp => gettext(
            "Needs libvirt’s TCP socket at the host (port 16509). Without SASL encryption everything can be read on the way: for trusted networks only.",
        ),
        Way::Custom => gettext("Any URI that libvirt knows."),
    }
}
