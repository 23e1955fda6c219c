//! One host: what it says of itself, and how busy it is.
#![allow(missing_docs)] // relm4's macro writes `HostWindowWidgets` without any

use relm4::adw::prelude::*;
use relm4::{ComponentParts, ComponentSender, SimpleComponent, adw, gtk};

use crate::i18n::{gettext, gettext_f};
use crate::model::{HostFacts, HostSample};
use crate::ui::labels;
use crate::ui::views::HostView;
use crate::ui::widgets::facts;

/// The window.
#[derive(Debug)]
pub struct HostWindow {
    view: HostView,
    overview: adw::PreferencesGroup,
    values: Values,
}

#[derive(Debug)]
struct Values {
    state: gtk::Label,
    uri: gtk::Label,
    cpu: gtk::Label,
    memory: gtk::Label,
    rows: Vec<(gtk::Label, Text)>,
}

/// What a row says of a host.
type Text = fn(&HostFacts) -> String;

/// What the window is told.
#[derive(Debug)]
pub enum HostInput {
    /// The host changed.
    Show(Box<HostView>),
    /// It has new figures.
    Sampled(HostSample),
}

/// The window was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostClosed;

#[relm4::component(pub)]
impl SimpleComponent for HostWindow {
    type Init = (gtk::Window, HostView, String);
    type Input = HostInput;
    type Output = HostClosed;

    view! {
        adw::Window {
            #[watch]
            set_title: Some(&model.view.name),
            set_default_width: 520,
            set_default_height: 620,
            connect_close_request[sender] => move |_| {
                let _ = sender.output(HostClosed);
                gtk::glib::Propagation::Proceed
            },
            gtk::Box {
                set_orientation: gtk::Orientation::Vertical,
                adw::HeaderBar {},
                adw::PreferencesPage {
                    set_vexpand: true,
                    add: &model.overview,
                },
            }
        }
    }

    fn init(
        (parent, view, uri): Self::Init,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        let overview = adw::PreferencesGroup::new();
        let values = Values::new(&overview);
        facts::set(&values.uri, &uri);
        let model = Self { view, overview, values };
        model.show();
        root.set_transient_for(Some(&parent));
        let widgets = view_output!();
        ComponentParts { model, widgets }
    }

    fn update(&mut self, message: HostInput, _: ComponentSender<Self>) {
        match message {
            HostInput::Show(view) => {
                self.view = *view;
                self.show();
            }
            HostInput::Sampled(sample) => self.sampled(sample),
        }
    }
}

impl HostWindow {
    fn show(&self) {
        let facts = self.view.facts.as_ref();
        facts::set(&self.values.state, &labels::host_state(&self.view));
        for (value, text) in &self.values.rows {
            facts::set(value, &facts.map(text).unwrap_or_default());
        }
    }

    fn sampled(&self, sample: HostSample) {
        facts::set(&self.values.cpu, &labels::percent(sample.cpu));
        let all = self.view.facts.as_ref().map(|facts| facts.memory).unwrap_or_default();
        let free = labels::bytes(sample.memory_free);
        let text =
            gettext_f("{free} free of {all}", &[("free", &free), ("all", &labels::bytes(all))]);
        facts::set(&self.values.memory, &text);
    }
}

impl Values {
    fn new(group: &adw::PreferencesGroup) -> Self {
        let state = facts::row(group, &gettext("Connection"));
        let uri = facts::row(group, &gettext("URI"));
        let cpu = facts::row(group, &gettext("Processor use of the host"));
        let memory = facts::row(group, &gettext("Memory"));
        let described: [(String, Text); 7] = [
            (gettext("Host name"), |facts| facts.hostname.clone()),
            (gettext("Host UUID"), |facts| facts.host_uuid.clone()),
            (gettext("Processor"), |facts| format!("{} ({})", facts.cpu_model, facts.arch)),
            (gettext("Processors"), processors),
            (gettext("Hypervisor"), hypervisor),
            (gettext("libvirt"), |facts| labels::version(facts.libvirt_version)),
            (gettext("Migration transports"), |facts| facts.migration_transports.join(", ")),
        ];
        let rows =
            described.into_iter().map(|(title, text)| (facts::row(group, &title), text)).collect();
        Self { state, uri, cpu, memory, rows }
    }
}

fn processors(facts: &HostFacts) -> String {
    let [nodes, sockets, cores, threads] = facts.topology.map(|number| number.to_string());
    gettext_f(
        "{n} ({nodes} NUMA nodes × {sockets} sockets × {cores} cores × {threads} threads)",
        &[
            ("n", &facts.cpus.to_string()),
            ("nodes", &nodes),
            ("sockets", &sockets),
            ("cores", &cores),
            ("threads", &threads),
        ],
    )
}

fn hypervisor(facts: &HostFacts) -> String {
    match facts.hypervisor_version {
        0 => facts.driver.clone(),
        number => format!("{} {}", facts.driver, labels::version(number)),
    }
}
