//! The text of a pool, to be read and edited.

use relm4::adw::{self, prelude::*};
use relm4::gtk;

use crate::i18n::{gettext, gettext_f};
use crate::model::storage::{Pool, PoolKey};
use crate::ui::widgets::{accessible, dialog};

/// Opens the window; the text is taken when it is another.
pub(super) fn present(
    parent: &gtk::Window,
    pool: &Pool,
    xml: &str,
    saved: impl Fn(PoolKey, String) + 'static,
) {
    let text = gtk::TextView::builder()
        .monospace(true)
        .left_margin(12)
        .right_margin(12)
        .top_margin(12)
        .bottom_margin(12)
        .wrap_mode(gtk::WrapMode::WordChar)
        .build();
    let buffer = text.buffer();
    buffer.set_text(xml);
    accessible::set_name(&text, &gettext("Pool XML"));
    let (save, cancel) = (save_button(), gtk::Button::with_label(&gettext("Cancel")));
    let content = content(&text, &cancel, &save);
    let window = adw::Window::builder()
        .title(gettext_f("XML of {pool}", &[("pool", pool.name())]))
        .transient_for(parent)
        .modal(true)
        .default_width(620)
        .default_height(520)
        .content(&content)
        .build();
    dialog::close_on_escape(&window);
    let (original, button) = (xml.to_owned(), save.clone());
    buffer.connect_changed(move |buffer| button.set_sensitive(whole(buffer) != original));
    let (key, closing) = (pool.key, window.downgrade());
    save.connect_clicked(move |_| {
        saved(key, whole(&buffer));
        closing.upgrade().iter().for_each(adw::Window::close);
    });
    let closing = window.downgrade();
    cancel.connect_clicked(move |_| closing.upgrade().iter().for_each(adw::Window::close));
    window.present();
}

fn whole(buffer: &gtk::TextBuffer) -> String {
    buffer.text(&buffer.start_iter(), &buffer.end_iter(), true).into()
}

fn save_button() -> gtk::Button {
    gtk::Button::builder()
        .label(gettext("Save"))
        .css_classes(["suggested-action"])
        .sensitive(false)
        .build()
}

fn content(text: &gtk::TextView, cancel: &gtk::Button, save: &gtk::Button) -> gtk::Box {
    let header = adw::HeaderBar::builder()
        .show_start_title_buttons(false)
        .show_end_title_buttons(false)
        .build();
    header.pack_start(cancel);
    header.pack_end(save);
    let note = gtk::Label::builder()
        .label(gettext(
            "A pool that runs takes the change with its next start. Name and UUID must stay.",
        ))
        .wrap(true)
        .xalign(0.0)
        .css_classes(["dim-label"])
        .margin_start(12)
        .margin_end(12)
        .margin_top(6)
        .margin_bottom(6)
        .build();
    let content = gtk::Box::new(gtk::Orientation::Vertical, 0);
    content.append(&header);
    content.append(&note);
    content.append(&gtk::ScrolledWindow::builder().vexpand(true).child(text).build());
    content
}
