//! The list of hosts. Rows are kept while their host is in the list, so that focus and selection stay.

use std::cell::RefCell;
use std::rc::Rc;

use relm4::adw::{self, prelude::*};
use relm4::gtk::{self, glib};

use super::form::Form;
use super::logic::{HostChoice, Unusable};
use crate::i18n::{gettext, gettext_f};
use crate::model::HostId;
use crate::ui::labels::checks as labels;
use crate::ui::widgets::accessible;

/// The list.
#[derive(Debug)]
pub(super) struct DestinationList {
    list: gtk::ListBox,
    rows: Rc<RefCell<Vec<Row>>>,
    selected: glib::SignalHandlerId,
}

#[derive(Clone, Debug)]
struct Row {
    host: HostId,
    row: adw::ActionRow,
    mark: gtk::Image,
}

impl DestinationList {
    pub(super) fn new(chosen: impl Fn(HostId) + 'static) -> Self {
        let list = gtk::ListBox::builder()
            .selection_mode(gtk::SelectionMode::Browse)
            .css_classes(["boxed-list"])
            .build();
        accessible::set_name(&list, &gettext("Destination"));
        list.add_controller(return_starts());
        let rows: Rc<RefCell<Vec<Row>>> = Rc::default();
        let known = Rc::clone(&rows);
        let selected = list.connect_row_selected(move |_, selected| {
            let place = selected.and_then(|row| usize::try_from(row.index()).ok());
            let host = place.and_then(|place| known.borrow().get(place).map(|row| row.host));
            if let Some(host) = host {
                chosen(host);
            }
        });
        Self { list, rows, selected }
    }

    pub(super) const fn widget(&self) -> &gtk::ListBox {
        &self.list
    }

    /// The row of the chosen host, where the keyboard begins.
    pub(super) fn chosen_row(&self) -> Option<gtk::ListBoxRow> {
        self.list.selected_row()
    }

    pub(super) fn show(&self, form: &Form) {
        let (hosts, chosen) = (form.hosts.as_slice(), form.chosen);
        self.list.block_signal(&self.selected);
        self.keep_rows(hosts);
        for (row, choice) in self.rows.borrow().iter().zip(hosts) {
            row.show(choice, chosen == Some(choice.host), judged(form, choice.host));
            if chosen == Some(choice.host) && !row.row.is_selected() {
                self.list.select_row(Some(&row.row));
            }
        }
        if chosen.is_none() {
            self.list.unselect_all();
        }
        self.list.set_visible(!hosts.is_empty());
        self.list.unblock_signal(&self.selected);
    }

    fn keep_rows(&self, hosts: &[HostChoice]) {
        let same = {
            let rows = self.rows.borrow();
            rows.len() == hosts.len()
                && rows.iter().zip(hosts).all(|(row, choice)| row.host == choice.host)
        };
        if same {
            return;
        }
        let old = self.rows.take();
        for row in &old {
            self.list.remove(&row.row);
        }
        let rows = hosts.iter().map(|choice| {
            let known = old.iter().find(|row| row.host == choice.host).cloned();
            known.unwrap_or_else(|| Row::new(choice.host))
        });
        let rows: Vec<Row> = rows.collect();
        for row in &rows {
            self.list.append(&row.row);
        }
        self.rows.replace(rows);
    }
}

impl Row {
    fn new(host: HostId) -> Self {
        let mark = gtk::Image::builder()
            .icon_name("object-select-symbolic")
            .accessible_role(gtk::AccessibleRole::Presentation)
            .build();
        let row = adw::ActionRow::builder().build();
        row.add_suffix(&mark);
        Self { host, row, mark }
    }

    fn show(&self, choice: &HostChoice, chosen: bool, verdict: Option<String>) {
        let subtitle = match (&choice.unusable, verdict) {
            (Some(unusable), _) => reason(unusable),
            (None, Some(verdict)) => format!("{verdict}\n{}", choice.detail),
            (None, None) => choice.detail.clone(),
        };
        self.row.set_title(&glib::markup_escape_text(&choice.name));
        self.row.set_subtitle(&glib::markup_escape_text(&subtitle));
        self.row.set_tooltip_text(Some(&choice.uri));
        self.row.set_sensitive(choice.unusable.is_none());
        self.row.set_selectable(choice.unusable.is_none());
        self.mark.set_opacity(if chosen { 1.0 } else { 0.0 });
        accessible::set_description(&self.row, &subtitle);
    }
}

/// The verdict on a host in a few words, once it is known.
fn judged(form: &Form, host: HostId) -> Option<String> {
    if form.inspections.failure(host).is_some() {
        return Some(gettext("Could not be checked"));
    }
    form.verdict(host).map(|verdict| labels::verdict(&verdict))
}

/// A list keeps Return to itself; here it is to mean the same as in the rest of the dialog.
fn return_starts() -> gtk::ShortcutController {
    let keys = gtk::ShortcutController::new();
    keys.set_propagation_phase(gtk::PropagationPhase::Capture);
    let trigger = gtk::ShortcutTrigger::parse_string("Return|KP_Enter|ISO_Enter");
    let action = gtk::NamedAction::new("migrate.start");
    keys.add_shortcut(gtk::Shortcut::new(trigger, Some(action)));
    keys
}

fn reason(unusable: &Unusable) -> String {
    match unusable {
        Unusable::NotConnected => gettext("Not connected"),
        Unusable::NotDescribed => gettext("Connected, but has not described itself yet"),
        Unusable::SameHost => gettext("This is the host the guest is on"),
        Unusable::DriverDiffers(driver) => {
            gettext_f("Another hypervisor: {driver}", &[("driver", driver)])
        }
        Unusable::ArchDiffers(arch) => {
            gettext_f("Another kind of processor: {arch}", &[("arch", arch)])
        }
        Unusable::NoMigration => gettext("Its hypervisor cannot take guests in"),
        Unusable::ActiveThere => gettext("The guest is active there already"),
    }
}
