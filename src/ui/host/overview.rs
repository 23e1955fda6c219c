//! The first tab: what the host says of itself, and how busy it is.

use relm4::adw;
use relm4::gtk;

use crate::i18n::{gettext, gettext_f};
use crate::model::{HostFacts, HostSample};
use crate::ui::labels;
use crate::ui::views::HostView;
use crate::ui::widgets::facts;

/// The tab.
#[derive(Debug)]
pub(super) struct Overview {
    group: adw::PreferencesGroup,
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

impl Overview {
    pub(super) fn new(uri: &str) -> Self {
        let group = adw::PreferencesGroup::new();
        let values = Values::new(&group);
        facts::set(&values.uri, uri);
        Self { group, values }
    }

    pub(super) const fn group(&self) -> &adw::PreferencesGroup {
        &self.group
    }

    pub(super) fn show(&self, view: &HostView) {
        facts::set(&self.values.state, &labels::host_state(view));
        for (value, text) in &self.values.rows {
            facts::set(value, &view.facts.as_ref().map(text).unwrap_or_default());
        }
    }

    pub(super) fn sampled(&self, view: &HostView, sample: HostSample) {
        facts::set(&self.values.cpu, &labels::percent(sample.cpu));
        let all = view.facts.as_ref().map(|facts| facts.memory).unwrap_or_default();
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
        "{n} (NUMA nodes {nodes} × sockets {sockets} × cores {cores} × threads {threads})",
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
