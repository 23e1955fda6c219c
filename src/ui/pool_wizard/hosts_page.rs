//! Step 3: on which hosts the pool is set up.

use std::cell::RefCell;
use std::collections::HashMap;

use relm4::adw::{self, prelude::*};
use relm4::{Sender, gtk};

use crate::i18n::{gettext, gettext_f};
use crate::model::HostId;
use crate::model::storage::PoolDefinition;
use crate::ui::views::storage::PoolHost;
use crate::ui::widgets::{EntryField, accessible};

use super::draft::PoolDraft;
use super::hosts::unusable;
use super::messages::{Edit, WizardInput};
use super::words;

/// The page.
pub(super) struct HostsPage {
    content: gtk::Box,
    summary: gtk::Label,
    group: adw::PreferencesGroup,
    warnings: gtk::Label,
    uuid: EntryField,
    more: adw::PreferencesGroup,
    rows: RefCell<HashMap<HostId, Row>>,
    input: Sender<WizardInput>,
}

#[derive(Clone)]
struct Row {
    row: adw::ActionRow,
    check: gtk::CheckButton,
    toggled: std::rc::Rc<gtk::glib::SignalHandlerId>,
}

impl HostsPage {
    pub(super) fn new(input: &Sender<WizardInput>) -> Self {
        let text = |classes: &[&str]| {
            let classes: Vec<String> = classes.iter().map(|&class| class.to_owned()).collect();
            gtk::Label::builder().xalign(0.0).wrap(true).css_classes(classes).build()
        };
        let to = input.clone();
        let uuid = EntryField::new("UUID", move |text| {
            to.emit(WizardInput::Edited(Edit::Uuid(text)));
        });
        let advanced = adw::ExpanderRow::builder().title(gettext("Advanced")).build();
        uuid.add_below(&advanced);
        let more = adw::PreferencesGroup::new();
        more.add(&advanced);
        let group =
            adw::PreferencesGroup::builder().title(gettext("Create on these hosts")).build();
        let (summary, warnings) = (text(&[]), text(&["warning"]));
        let content = gtk::Box::new(gtk::Orientation::Vertical, 18);
        content.append(&summary);
        content.append(&group);
        content.append(&warnings);
        content.append(&more);
        let rows = RefCell::default();
        Self { content, summary, group, warnings, uuid, more, rows, input: input.clone() }
    }

    pub(super) const fn widget(&self) -> &gtk::Box {
        &self.content
    }

    pub(super) fn show(
        &self,
        pool: &PoolDefinition,
        hosts: &[PoolHost],
        wanted: &[HostId],
        warnings: &[String],
    ) {
        let summary = gettext_f(
            "{pool} gets the same name, path and UUID on each of them, so that guests find their disks wherever they are.",
            &[("pool", &pool.name)],
        );
        self.summary.set_label(&summary);
        let gone: Vec<HostId> = self.rows.borrow().keys().copied().collect();
        for host in gone.into_iter().filter(|id| !hosts.iter().any(|host| host.host == *id)) {
            if let Some(row) = self.rows.borrow_mut().remove(&host) {
                self.group.remove(&row.row);
            }
        }
        for host in hosts {
            self.show_host(pool, host, wanted);
        }
        self.warnings.set_visible(!warnings.is_empty());
        self.warnings.set_label(&warnings.join("\n\n"));
    }

    /// Shows the UUID; one that is there is not asked for.
    pub(super) fn show_uuid(&self, draft: Option<&PoolDraft>) {
        self.more.set_visible(draft.is_some());
        let Some(draft) = draft else { return };
        self.uuid.show(&draft.uuid);
        let wrong = draft.definition().uuid.is_none();
        let fault = gettext("A UUID has 32 hexadecimal digits.");
        self.uuid.blame(wrong.then_some(&*fault));
    }

    fn show_host(&self, pool: &PoolDefinition, host: &PoolHost, wanted: &[HostId]) {
        let row = self.row(host);
        let why = unusable(host, pool);
        row.row.set_title(&gtk::glib::markup_escape_text(&host.name));
        let reason = why.as_ref().map(words::unusable).unwrap_or_default();
        row.row.set_subtitle(&gtk::glib::markup_escape_text(&reason));
        // Only the box: the reason stays readable, and the keyboard comes to it.
        row.check.set_sensitive(why.is_none());
        accessible::set_description(&row.row, &reason);
        row.check.block_signal(&row.toggled);
        row.check.set_active(why.is_none() && wanted.contains(&host.host));
        row.check.unblock_signal(&row.toggled);
    }

    fn row(&self, host: &PoolHost) -> Row {
        if let Some(row) = self.rows.borrow().get(&host.host) {
            return row.clone();
        }
        let check = gtk::CheckButton::builder().valign(gtk::Align::Center).build();
        let (input, id) = (self.input.clone(), host.host);
        let toggled = check.connect_toggled(move |check| {
            input.emit(WizardInput::Edited(Edit::Host(id, check.is_active())));
        });
        let row = adw::ActionRow::builder().activatable_widget(&check).subtitle_lines(0).build();
        row.add_prefix(&check);
        self.group.add(&row);
        let row = Row { row, check, toggled: toggled.into() };
        self.rows.borrow_mut().insert(host.host, row.clone());
        row
    }
}
