//! The destination XML: off, or a text to edit.

use relm4::Sender;
use relm4::adw::{self, prelude::*};
use relm4::gtk;

use super::form::{Form, Obstacle};
use super::messages::{MigrateInput, XmlInput};
use crate::i18n::{gettext, gettext_f};
use crate::ui::widgets::accessible;

/// Height of the text in pixels at 100 %: about twelve lines.
const HEIGHT: i32 = 220;

/// The row.
#[derive(Debug)]
pub(super) struct XmlRow {
    row: adw::ExpanderRow,
    text: gtk::TextView,
    problem: gtk::Label,
    sender: Sender<MigrateInput>,
}

impl XmlRow {
    pub(super) fn new(sender: &Sender<MigrateInput>) -> Self {
        let text = gtk::TextView::builder()
            .monospace(true)
            .accepts_tab(false)
            .top_margin(6)
            .bottom_margin(6)
            .left_margin(6)
            .right_margin(6)
            .build();
        accessible::set_name(&text, &gettext("Destination XML"));
        let scrolled = gtk::ScrolledWindow::builder().child(&text).height_request(HEIGHT).build();
        let problem = gtk::Label::builder()
            .wrap(true)
            .xalign(0.0)
            .margin_top(6)
            .margin_bottom(6)
            .margin_start(12)
            .margin_end(12)
            .css_classes(["error"])
            .build();
        let content = gtk::Box::new(gtk::Orientation::Vertical, 0);
        content.append(&scrolled);
        content.append(&problem);
        let row = adw::ExpanderRow::builder()
            .title(gettext("Destination XML"))
            .subtitle(gettext("For disk paths, networks or addresses that differ there"))
            .show_enable_switch(true)
            .enable_expansion(false)
            .build();
        row.add_row(&content);
        if let Some(switch) = switch_of(row.upcast_ref()) {
            accessible::set_name(&switch, &gettext("Destination XML"));
        }
        let to = sender.clone();
        row.connect_enable_expansion_notify(move |row| {
            to.emit(MigrateInput::Xml(XmlInput::Switched(row.enables_expansion())));
        });
        let to = sender.clone();
        text.buffer().connect_changed(move |buffer| {
            to.emit(MigrateInput::Xml(XmlInput::Edited(whole(buffer))))
        });
        Self { row, text, problem, sender: sender.clone() }
    }

    pub(super) const fn widget(&self) -> &adw::ExpanderRow {
        &self.row
    }

    /// Begins with this text, or goes on with what was written before it was switched off.
    pub(super) fn begin(&self, template: &str) {
        let buffer = self.text.buffer();
        if buffer.char_count() == 0 {
            buffer.set_text(template);
        } else {
            self.sender.emit(MigrateInput::Xml(XmlInput::Edited(whole(&buffer))));
        }
    }

    /// Goes on with this text, and is switched on.
    pub(super) fn replace(&self, text: &str) {
        self.text.buffer().set_text(text);
        self.row.set_enable_expansion(true);
    }

    pub(super) fn show(&self, form: &Form) {
        self.row.set_sensitive(form.xml_template.is_some());
        let problem = match form.plan() {
            Err(Obstacle::XmlWrong(problem)) => gettext_f(
                "Line {line}, column {column}: {detail}",
                &[
                    ("line", &problem.line.to_string()),
                    ("column", &problem.column.to_string()),
                    ("detail", &problem.detail),
                ],
            ),
            _ => String::new(),
        };
        self.problem.set_visible(!problem.is_empty());
        self.problem.set_label(&problem);
    }
}

/// The switch that libadwaita 1.2 puts into the row without a name for screen readers.
fn switch_of(widget: &gtk::Widget) -> Option<gtk::Widget> {
    if widget.is::<gtk::Switch>() {
        return Some(widget.clone());
    }
    let mut child = widget.first_child();
    while let Some(next) = child {
        if let Some(found) = switch_of(&next) {
            return Some(found);
        }
        child = next.next_sibling();
    }
    None
}

fn whole(buffer: &gtk::TextBuffer) -> String {
    let (start, end) = buffer.bounds();
    buffer.text(&start, &end, true).into()
}
