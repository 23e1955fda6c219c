//! The text of a pool, to be read and edited.

use relm4::adw::{self, prelude::*};
use relm4::gtk;

use super::messages::XmlChange;
use crate::i18n::{gettext, gettext_f};
use crate::model::Failure;
use crate::model::storage::{Pool, PoolKey};
use crate::ui::labels::storage_failure;
use crate::ui::widgets::{accessible, dialog};

/// The window. It stays open until the host took the text.
#[derive(Debug)]
pub(super) struct XmlWindow {
    pool: PoolKey,
    window: adw::Window,
    text: gtk::TextView,
    save: gtk::Button,
    problem: gtk::Label,
}

impl XmlWindow {
    /// Opens it; the text is given when it is another.
    pub(super) fn open(
        parent: &gtk::Window,
        pool: &Pool,
        xml: String,
        saved: impl Fn(XmlChange) + 'static,
    ) -> Self {
        let text = text_view(&xml);
        let (save, cancel) = (save_button(), gtk::Button::with_label(&gettext("Cancel")));
        let problem = note("", "error");
        problem.set_selectable(true);
        problem.set_visible(false);
        let window = adw::Window::builder()
            .title(gettext_f("XML of {pool}", &[("pool", pool.name())]))
            .transient_for(parent)
            .modal(true)
            .default_width(620)
            .default_height(520)
            .content(&content(&text, &problem, &cancel, &save))
            .build();
        dialog::close_on_escape(&window);
        let (before, button) = (xml.clone(), save.clone());
        text.buffer().connect_changed(move |buffer| button.set_sensitive(whole(buffer) != before));
        let edited = text.clone();
        save.connect_clicked(move |save| {
            save.set_sensitive(false);
            edited.set_editable(false);
            saved(XmlChange { before: xml.clone(), after: whole(&edited.buffer()) });
        });
        let closing = window.downgrade();
        cancel.connect_clicked(move |_| closing.upgrade().iter().for_each(adw::Window::close));
        window.present();
        Self { pool: pool.key, window, text, save, problem }
    }

    /// Whether it is open, with the text of this pool.
    pub(super) fn is_about(&self, pool: PoolKey) -> bool {
        self.pool == pool && self.window.is_visible()
    }

    pub(super) fn close(&self) {
        self.window.close();
    }

    /// Says why the text was not taken, and lets it be changed further.
    pub(super) fn refuse(&self, failure: &Failure) {
        self.problem.set_label(&storage_failure::paragraph(failure));
        self.problem.set_visible(true);
        self.text.set_editable(true);
        self.save.set_sensitive(true);
    }
}

fn whole(buffer: &gtk::TextBuffer) -> String {
    buffer.text(&buffer.start_iter(), &buffer.end_iter(), true).into()
}

fn text_view(xml: &str) -> gtk::TextView {
    let text = gtk::TextView::builder()
        .monospace(true)
        .left_margin(12)
        .right_margin(12)
        .top_margin(12)
        .bottom_margin(12)
        .wrap_mode(gtk::WrapMode::WordChar)
        .build();
    text.buffer().set_text(xml);
    accessible::set_name(&text, &gettext("Pool XML"));
    text
}

fn save_button() -> gtk::Button {
    gtk::Button::builder()
        .label(gettext("Save"))
        .css_classes(["suggested-action"])
        .sensitive(false)
        .build()
}

fn note(text: &str, class: &str) -> gtk::Label {
    gtk::Label::builder()
        .label(text)
        .wrap(true)
        .xalign(0.0)
        .css_classes([class])
        .margin_start(12)
        .margin_end(12)
        .margin_top(6)
        .margin_bottom(6)
        .build()
}

fn content(
    text: &gtk::TextView,
    problem: &gtk::Label,
    cancel: &gtk::Button,
    save: &gtk::Button,
) -> gtk::Box {
    let header = adw::HeaderBar::builder()
        .show_start_title_buttons(false)
        .show_end_title_buttons(false)
        .build();
    header.pack_start(cancel);
    header.pack_end(save);
    let rules =
        gettext("A pool that runs takes the change with its next start. Name and UUID must stay.");
    let content = gtk::Box::new(gtk::Orientation::Vertical, 0);
    content.append(&header);
    content.append(&note(&rules, "dim-label"));
    content.append(problem);
    content.append(&gtk::ScrolledWindow::builder().vexpand(true).child(text).build());
    content
}
