//! What is said of the chosen pool over its volumes: where it is, how full, and on which other hosts it is the same.

use std::cell::Cell;
use std::rc::Rc;

use relm4::adw::{self, prelude::*};
use relm4::gtk::{self, glib};

use crate::i18n::{gettext, gettext_f};
use crate::model::HostId;
use crate::model::storage::PoolKey;
use crate::storage::{Difference, Sharing, SharingBadge};
use crate::ui::labels;
use crate::ui::views::storage::{Elsewhere, PoolView};
use crate::ui::widgets::accessible;

use super::pool_list;

/// The widgets of that place.
pub(super) struct Details {
    content: gtk::Box,
    name: gtk::Label,
    facts: gtk::Label,
    unread: gtk::Label,
    hosts: adw::ExpanderRow,
    list: adw::PreferencesGroup,
    rows: Vec<Row>,
    set_up: Rc<dyn Fn(PoolKey, HostId)>,
}

/// What is said of another host.
struct Row {
    row: adw::ActionRow,
    set_up: gtk::Button,
    /// Which host and which pool are meant.
    about: Rc<Cell<Option<(PoolKey, HostId)>>>,
}

impl Details {
    /// `set_up` is told when a pool is wanted on another host, too.
    pub(super) fn new(set_up: impl Fn(PoolKey, HostId) + 'static) -> Self {
        let name = gtk::Label::builder()
            .xalign(0.0)
            .ellipsize(gtk::pango::EllipsizeMode::End)
            .css_classes(["title-3"])
            .build();
        let facts = gtk::Label::builder()
            .xalign(0.0)
            .wrap(true)
            .wrap_mode(gtk::pango::WrapMode::WordChar)
            .css_classes(["dim-label", "figure"])
            .build();
        let unread = gtk::Label::builder()
            .xalign(0.0)
            .wrap(true)
            .css_classes(["warning"])
            .visible(false)
            .build();
        let hosts = adw::ExpanderRow::builder().title(gettext("On Other Hosts")).build();
        let prove = gtk::Button::builder()
            .label(gettext("Prove It Is Shared"))
            .valign(gtk::Align::Center)
            .action_name("storage.prove")
            .tooltip_text(gettext(
                "Writes a small file through this host, reads it through the others, and deletes it.",
            ))
            .build();
        hosts.add_action(&prove);
        let list = adw::PreferencesGroup::new();
        list.add(&hosts);
        let content = gtk::Box::new(gtk::Orientation::Vertical, 6);
        content.append(&name);
        content.append(&facts);
        content.append(&unread);
        content.append(&list);
        list.set_margin_top(6);
        Self {
            content,
            name,
            facts,
            unread,
            hosts,
            list,
            rows: Vec::new(),
            set_up: Rc::new(set_up),
        }
    }

    pub(super) const fn widget(&self) -> &gtk::Box {
        &self.content
    }

    pub(super) fn show(&mut self, view: &PoolView) {
        let pool = &view.pool;
        self.name.set_label(pool.name());
        let parts =
            [pool_list::state(pool), pool_list::room(pool), pool.definition.target.path.clone()];
        let mut parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        if pool.autostart {
            parts.push(gettext("starts with the host"));
        }
        if !pool.persistent {
            parts.push(gettext("until it is stopped"));
        }
        self.facts.set_label(&parts.join(" · "));
        self.unread.set_visible(!view.users_unread.is_empty());
        self.unread.set_label(&gettext_f(
            "Which guests of {hosts} use these volumes is not known.",
            &[("hosts", &view.users_unread.join(", "))],
        ));
        self.list.set_visible(!view.elsewhere.is_empty());
        let names: Vec<String> = view.elsewhere.iter().map(summary).collect();
        self.hosts.set_subtitle(&glib::markup_escape_text(&names.join("\n")));
        self.show_hosts(pool.key, &view.elsewhere);
    }

    fn show_hosts(&mut self, pool: PoolKey, elsewhere: &[Elsewhere]) {
        while self.rows.len() > elsewhere.len() {
            if let Some(row) = self.rows.pop() {
                self.hosts.remove(&row.row);
            }
        }
        while self.rows.len() < elsewhere.len() {
            let row = self.new_row();
            self.hosts.add_row(&row.row);
            self.rows.push(row);
        }
        for (Row { row, set_up, about }, there) in self.rows.iter().zip(elsewhere) {
            about.set(Some((pool, there.sharing.host)));
            set_up.set_visible(there.sharing.badge == SharingBadge::Missing);
            let name = gettext_f("Set up on {host}", &[("host", &there.name)]);
            accessible::set_name(set_up, &name);
            row.set_title(&glib::markup_escape_text(&summary(there)));
            row.set_subtitle(&glib::markup_escape_text(&explanation(&there.sharing)));
            let alarm = there.sharing.differences.contains(&Difference::Disproved);
            if alarm {
                row.add_css_class("error")
            } else {
                row.remove_css_class("error")
            }
            accessible::set_description(row, &explanation(&there.sharing));
        }
    }
}

impl Details {
    fn new_row(&self) -> Row {
        let row = adw::ActionRow::builder().subtitle_lines(0).build();
        let set_up = gtk::Button::builder()
            .label(gettext("Set Up There…"))
            .valign(gtk::Align::Center)
            .visible(false)
            .build();
        row.add_suffix(&set_up);
        let about: Rc<Cell<Option<(PoolKey, HostId)>>> = Rc::default();
        let (wanted, told) = (Rc::clone(&about), Rc::clone(&self.set_up));
        set_up.connect_clicked(move |_| {
            wanted.get().iter().for_each(|&(pool, host)| told(pool, host))
        });
        Row { row, set_up, about }
    }
}

/// `● lab-b: Proved shared`.
fn summary(there: &Elsewhere) -> String {
    let sharing = &there.sharing;
    let disproved = sharing.differences.contains(&Difference::Disproved);
    let (mark, badge) = if disproved {
        ("⚠", gettext("Other storage of the same name"))
    } else {
        (mark(sharing.badge), labels::storage::badge(sharing.badge))
    };
    gettext_f("{mark} {host}: {badge}", &[("mark", mark), ("host", &there.name), ("badge", &badge)])
}

const fn mark(badge: SharingBadge) -> &'static str {
    match badge {
        SharingBadge::Proved => "●",
        SharingBadge::SameSource => "◐",
        SharingBadge::SameNameOnly => "○",
        SharingBadge::Missing => "✕",
    }
}

fn explanation(sharing: &Sharing) -> String {
    let disproved = sharing.differences.contains(&Difference::Disproved);
    let badge = (!disproved).then(|| labels::storage::badge_sentence(sharing.badge));
    let differences = sharing.differences.iter().map(labels::storage_form::difference);
    badge.into_iter().chain(differences).collect::<Vec<_>>().join("\n")
}
