//! The steps of the wizard: forward, back, and what happens at each.

use relm4::gtk::prelude::*;
use relm4::gtk::{self, gio};
use relm4::{ComponentSender, Sender};

use crate::i18n::{gettext, gettext_f};
use crate::model::storage::PoolKind;
use crate::storage::{PoolFault, PoolField, pool_warnings, provable};
use crate::ui::labels::storage_form;

use super::PoolWizard;
use super::discovery::Looking;
use super::hosts::{kinds, usable};
use super::messages::{Edit, Setting, WizardInput, WizardOutput};
use super::setting::{Ask, Stage};

/// A step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Name and type.
    Kind,
    /// The fields of the type.
    Fields,
    /// The hosts.
    Hosts,
    /// What came of it.
    Result,
}

impl Step {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Fields => "fields",
            Self::Hosts => "hosts",
            Self::Result => "result",
        }
    }

    pub(super) fn title(self) -> String {
        let number = match self {
            Self::Kind => "1",
            Self::Fields => "2",
            Self::Hosts => "3",
            Self::Result => "4",
        };
        gettext_f("Step {n} of 4", &[("n", number)])
    }
}

/// What can be done in the wizard, as the actions `next`, `back`, `discover`, `undo`, `cancel`.
pub(super) fn actions(input: &Sender<WizardInput>) -> gio::SimpleActionGroup {
    let group = gio::SimpleActionGroup::new();
    type Said = fn() -> WizardInput;
    let all: [(&str, Said); 5] = [
        ("next", || WizardInput::Next),
        ("back", || WizardInput::Back),
        ("discover", || WizardInput::DiscoverPressed),
        ("undo", || WizardInput::UndoPressed),
        ("cancel", || WizardInput::Dismissed),
    ];
    for (name, message) in all {
        let action = gio::SimpleAction::new(name, None);
        let input = input.clone();
        action.connect_activate(move |_, _| input.emit(message()));
        group.add_action(&action);
    }
    group
}

impl PoolWizard {
    pub(super) fn show(&self) {
        let kinds = self.kinds();
        let faults = if self.tried { self.draft.faults() } else { Vec::new() };
        let name = faults.iter().find(|fault| storage_form::field_of(fault) == PoolField::Name);
        let name = name.map(storage_form::pool_fault);
        let first = self.hosts.first();
        self.kind_page.show(&self.draft, &kinds, name.as_deref());
        self.kind_page.show_waiting(first.filter(|_| kinds.is_empty()).map(|host| &host.offer));
        let offer = first.and_then(|host| host.offer.told());
        let offer = offer.and_then(|offer| offer.kinds.get(&self.draft.kind));
        let formats = offer.map(|offer| offer.source_formats.as_slice());
        self.fields_page.show(&self.draft, formats, &faults, &self.looking);
        let definition = self.definition();
        let warnings = pool_warnings(&definition, self.host_count());
        let mut warnings: Vec<String> =
            warnings.into_iter().map(storage_form::pool_warning).collect();
        warnings.extend(self.trouble());
        self.hosts_page.show(&definition, &self.offered(), &self.wanted, &warnings);
        self.hosts_page.show_uuid(self.twin.is_none().then_some(&self.draft));
        self.result_page.show(self.draft.text(PoolField::Name).trim(), &self.course);
        self.enable();
    }

    fn enable(&self) {
        let set = |name: &str, enabled: bool| {
            let action = self.actions.lookup_action(name).and_downcast::<gio::SimpleAction>();
            if let Some(action) = action {
                action.set_enabled(enabled);
            }
        };
        let next = match self.step {
            Step::Kind => !self.kinds().is_empty(),
            Step::Fields => true,
            Step::Hosts => {
                !self.chosen().is_empty() && self.definition().uuid.is_some() && self.is_known()
            }
            Step::Result => !self.course.is_busy(),
        };
        set("next", next);
        set("back", self.can_go_back());
        set("undo", self.can_undo());
        set("discover", self.step == Step::Fields && self.looking != Looking::Running);
    }

    fn kinds(&self) -> Vec<PoolKind> {
        kinds(self.hosts.first())
    }

    /// The hosts that are wanted and can have it.
    pub(super) fn chosen(&self) -> Vec<crate::model::HostId> {
        usable(&self.hosts, &self.wanted, &self.definition())
    }

    pub(super) fn edited(&mut self, edit: Edit) {
        let draft = &mut self.draft;
        match edit {
            Edit::Text(field, text) => draft.set(field, &text),
            Edit::Password(text) => draft.password.0 = text,
            Edit::Kind(kind) => {
                draft.choose(kind);
                self.looking = Looking::Not;
            }
            Edit::Protocol(protocol) => draft.protocol = protocol,
            Edit::Nfs(version) => draft.nfs = version,
            Edit::FileSystem(format) => draft.file_system = format,
            Edit::Label(label) => draft.label = label,
            Edit::Adapter(way) => draft.adapter = way,
            Edit::UniqueId(number) => draft.unique_id = u32::try_from(number).unwrap_or(1),
            Edit::CopyOnWrite(on) => draft.copy_on_write = on,
            Edit::QuickRefresh(on) => draft.quick_refresh = on,
            Edit::Build(mode) => draft.build = mode,
            Edit::Start(on) => draft.start = on,
            Edit::Autostart(on) => draft.autostart = on,
            Edit::Uuid(text) => draft.uuid = text,
            Edit::Host(host, true) => self.wanted.push(host),
            Edit::Host(host, false) => self.wanted.retain(|other| *other != host),
        }
    }

    /// Goes on, unless something is wrong on this page: then it is said.
    pub(super) fn next(&mut self, sender: &ComponentSender<Self>) {
        let faults = self.draft.faults();
        let of_name = |fault: &PoolFault| storage_form::field_of(fault) == PoolField::Name;
        self.tried = true;
        match self.step {
            Step::Kind if faults.iter().any(of_name) => {}
            Step::Kind => {
                self.tried = false;
                self.go(Step::Fields);
            }
            Step::Fields if !faults.is_empty() => {
                // A row that was folded away is shown first.
                self.show();
                let wrong = self.fields_page.first_wrong(&faults);
                GtkWindowExt::set_focus(&self.window, wrong.as_ref());
            }
            Step::Fields => self.go(Step::Hosts),
            Step::Hosts => self.create_or_ask(sender),
            Step::Result => self.window.close(),
        }
    }

    pub(super) fn go(&mut self, step: Step) {
        self.step = step;
        match step {
            Step::Kind => GtkWindowExt::set_focus(&self.window, Some(self.kind_page.name())),
            Step::Fields => {
                let first = self.fields_page.first(&self.draft);
                GtkWindowExt::set_focus(&self.window, first.as_ref());
            }
            Step::Hosts | Step::Result => {
                GtkWindowExt::set_focus(&self.window, gtk::Widget::NONE);
            }
        }
    }

    pub(super) fn back(&mut self) {
        self.tried = false;
        match self.step {
            Step::Kind => {}
            Step::Fields => self.go(Step::Kind),
            Step::Hosts => self.go(Step::Fields),
            Step::Result if self.twin.is_some() => self.go(Step::Hosts),
            Step::Result => self.go(Step::Fields),
        }
    }

    pub(super) fn create(&mut self, sender: &ComponentSender<Self>) {
        let hosts = self.chosen();
        if hosts.is_empty() {
            return; // they went while the question was open
        }
        let name =
            |id| self.hosts.iter().find(|host| host.host == id).map(|host| host.name.clone());
        let named: Vec<_> = hosts.iter().map(|&id| (id, name(id).unwrap_or_default())).collect();
        let original = self.twin.as_ref().and_then(|twin| twin.running);
        self.course.begin(named, original);
        self.go(Step::Result);
        self.ask_to_create(hosts, sender);
    }

    pub(super) fn happened(&mut self, what: Setting, sender: &ComponentSender<Self>) {
        let provable = provable(&self.definition().source);
        if let Some(Ask::Prove(pools)) = self.course.happened(what, provable) {
            let _ = sender.output(WizardOutput::Prove(pools));
        }
    }

    pub(super) fn undo(&mut self, sender: &ComponentSender<Self>) {
        let steps = self.course.to_undo();
        self.course.stage = Stage::Undoing;
        let _ = sender.output(WizardOutput::Undo(steps));
    }

    pub(super) fn discover(&mut self, sender: &ComponentSender<Self>) {
        let Some(host) = self.hosts.first().map(|host| host.host) else { return };
        match self.draft.discovery() {
            Ok(wanted) => {
                self.looking = Looking::Running;
                let _ = sender.output(WizardOutput::Discover(host, wanted));
            }
            Err(fault) => self.looking = Looking::Unclear(fault),
        }
    }

    /// Back is possible where nothing was done that would be in the way.
    pub(super) fn can_go_back(&self) -> bool {
        match self.step {
            Step::Kind => false,
            Step::Fields | Step::Hosts => self.twin.is_none(),
            Step::Result => !self.course.is_busy() && self.course.to_undo().is_empty(),
        }
    }

    pub(super) fn can_undo(&self) -> bool {
        self.step == Step::Result && !self.course.is_busy() && !self.course.to_undo().is_empty()
    }

    pub(super) fn next_title(&self) -> String {
        match self.step {
            Step::Kind | Step::Fields => gettext("Next"),
            Step::Hosts => gettext("Create"),
            Step::Result if self.course.succeeded() => gettext("Done"),
            Step::Result if !self.course.to_undo().is_empty() => gettext("Keep"),
            Step::Result => gettext("Close"),
        }
    }

    pub(super) fn leave_title(&self) -> String {
        match self.step {
            Step::Kind | Step::Fields | Step::Hosts => gettext("Cancel"),
            Step::Result if self.course.can_stop() => gettext("Stop…"),
            Step::Result => gettext("Close"),
        }
    }
}
