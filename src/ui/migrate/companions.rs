//! The guests that go along, each with the verdict on it.

use std::cell::RefCell;

use relm4::adw::{self, prelude::*};
use relm4::gtk::{self, glib};

use super::form::Form;
use super::party::Companion;
use crate::i18n::gettext;
use crate::migration::checks::Verdict;
use crate::model::GuestKey;
use crate::ui::labels::checks as labels;
use crate::ui::widgets::accessible;

/// The section.
#[derive(Debug)]
pub(super) struct CompanionList {
    group: adw::PreferencesGroup,
    rows: RefCell<Vec<(GuestKey, adw::ActionRow, gtk::Image)>>,
}

impl CompanionList {
    pub(super) fn new() -> Self {
        let group = adw::PreferencesGroup::builder()
            .title(gettext("Going Along"))
            .description(gettext(
                "With the same choices, two at a time. A guest that is blocked stays.",
            ))
            .build();
        Self { group, rows: RefCell::default() }
    }

    pub(super) const fn widget(&self) -> &adw::PreferencesGroup {
        &self.group
    }

    pub(super) fn show(&self, form: &Form) {
        let mut rows = self.rows.borrow_mut();
        rows.retain(|(key, row, _)| {
            let goes = form.also.iter().any(|along| along.guest.key == *key);
            if !goes {
                self.group.remove(row);
            }
            goes
        });
        for along in &form.also {
            let known = rows.iter().position(|(key, ..)| *key == along.guest.key);
            let index = known.unwrap_or_else(|| {
                rows.push(self.add(along));
                rows.len() - 1
            });
            let (_, row, icon) = &rows[index];
            show_verdict(row, icon, &along.guest.name, form.verdict_of(along).as_ref());
        }
        self.group.set_visible(!rows.is_empty());
    }

    fn add(&self, along: &Companion) -> (GuestKey, adw::ActionRow, gtk::Image) {
        let name = glib::markup_escape_text(&along.guest.name);
        let row = adw::ActionRow::builder().title(name).build();
        let icon = gtk::Image::builder().accessible_role(gtk::AccessibleRole::Presentation).build();
        row.add_prefix(&icon);
        self.group.add(&row);
        (along.guest.key, row, icon)
    }
}

fn show_verdict(row: &adw::ActionRow, icon: &gtk::Image, name: &str, verdict: Option<&Verdict>) {
    let text = verdict.map_or_else(|| gettext("Both hosts are being asked…"), labels::verdict);
    let (name_of_icon, class) = labels::verdict_icon(verdict);
    icon.set_icon_name(Some(name_of_icon));
    icon.set_css_classes(&[class]);
    row.set_subtitle(&glib::markup_escape_text(&text));
    accessible::set_description(row, &format!("{name}: {text}"));
}
