//! A pool that another host has, set up once more: only the hosts are asked for.

use relm4::ComponentSender;

use crate::backend::PoolWish;
use crate::i18n::{gettext, gettext_f};
use crate::model::storage::{Pool, PoolDefinition, PoolKey};
use crate::model::{Failure, HostId};
use crate::ui::labels::storage_failure;
use crate::ui::views::storage::{PoolHost, PoolThere};

use super::PoolWizard;
use super::draft::usual_build;
use super::messages::WizardOutput;
use super::steps::Step;

/// The pool that is there.
#[derive(Clone, Debug, PartialEq)]
pub struct Twin {
    /// What it is.
    pub definition: PoolDefinition,
    /// Where, if it runs there.
    pub running: Option<PoolKey>,
    /// It is started with its host.
    pub autostart: bool,
    /// Its XML, once it is read.
    pub xml: Option<Result<String, Failure>>,
}

impl Twin {
    /// A pool whose XML is being read.
    #[must_use]
    pub fn new(pool: &Pool) -> Self {
        Self {
            definition: pool.definition.clone(),
            running: pool.state.is_active().then_some(pool.key),
            autostart: pool.autostart,
            xml: None,
        }
    }
}

impl PoolWizard {
    /// What is to be set up.
    pub(super) fn definition(&self) -> PoolDefinition {
        let twin = self.twin.as_ref().map(|twin| twin.definition.clone());
        twin.unwrap_or_else(|| self.draft.definition())
    }

    /// The step before which there is none.
    pub(super) const fn first_step(&self) -> Step {
        if self.twin.is_some() { Step::Hosts } else { Step::Kind }
    }

    /// The hosts to choose from: not those that have it.
    pub(super) fn offered(&self) -> Vec<PoolHost> {
        let pool = self.twin.as_ref().map(|twin| &twin.definition);
        let has = |host: &&PoolHost| {
            let same = |there: &PoolThere| {
                pool.is_some_and(|pool| there.name == pool.name && there.path == pool.target.path)
            };
            host.pools.iter().any(same)
        };
        self.hosts.iter().filter(|host| !has(host)).cloned().collect()
    }

    /// On how many hosts it will be.
    pub(super) fn host_count(&self) -> usize {
        self.chosen().len() + usize::from(self.twin.is_some())
    }

    pub(super) fn window_title(&self) -> String {
        match &self.twin {
            None => gettext("Add a New Storage Pool"),
            Some(twin) => gettext_f("Set Up {pool}", &[("pool", &twin.definition.name)]),
        }
    }

    pub(super) fn subtitle(&self) -> String {
        if self.twin.is_some() { String::new() } else { self.step.title() }
    }

    pub(super) fn xml_read(&mut self, xml: Result<String, Failure>) {
        if let Some(twin) = &mut self.twin {
            twin.xml = Some(xml);
        }
    }

    /// Whether all that is needed is known.
    pub(super) fn is_known(&self) -> bool {
        self.twin.as_ref().is_none_or(|twin| matches!(twin.xml, Some(Ok(_))))
    }

    /// Why it will never be.
    pub(super) fn trouble(&self) -> Option<String> {
        let Some(Err(failure)) = &self.twin.as_ref()?.xml else { return None };
        let why = storage_failure::headline(failure);
        Some(gettext_f("Its XML could not be read: {why}", &[("why", &why)]))
    }

    /// What the hosts are to do.
    pub(super) fn wish(&self, hosts: Vec<HostId>) -> PoolWish {
        let definition = self.definition();
        match &self.twin {
            Some(twin) => PoolWish {
                xml: twin.xml.clone().and_then(Result::ok),
                build: usual_build(definition.source.kind()),
                definition,
                hosts,
                start: true,
                autostart: twin.autostart,
                secret: None,
            },
            None => PoolWish {
                definition,
                xml: None,
                hosts,
                build: self.draft.build,
                start: self.draft.start,
                autostart: self.draft.autostart,
                secret: self.draft.secret(),
            },
        }
    }

    /// Asks the parent to set it up; it is gone only when the program ends.
    pub(super) fn ask_to_create(&self, hosts: Vec<HostId>, sender: &ComponentSender<Self>) {
        let _ = sender.output(WizardOutput::Create(Box::new(self.wish(hosts))));
    }
}
