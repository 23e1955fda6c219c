//! The same move as a `virsh` command, to copy.

use relm4::Sender;
use relm4::adw::{self, prelude::*};
use relm4::gtk;

use super::form::Form;
use super::messages::MigrateInput;
use crate::i18n::{gettext, gettext_f};
use crate::ui::widgets::accessible;

/// The group.
#[derive(Debug)]
pub(super) struct CommandGroup {
    group: adw::PreferencesGroup,
    command: gtk::Label,
    meanwhile: gtk::Label,
}

impl CommandGroup {
    pub(super) fn new(sender: &Sender<MigrateInput>) -> Self {
        let copy = gtk::Button::builder()
            .label(gettext("Copy"))
            .valign(gtk::Align::Center)
            .css_classes(["flat"])
            .build();
        accessible::set_name(&copy, &gettext("Copy virsh Command"));
        let to = sender.clone();
        copy.connect_clicked(move |_| to.emit(MigrateInput::CommandCopied));
        let command = line(&["monospace", "command-line"]);
        let meanwhile = line(&["dim-label", "caption"]);
        meanwhile.set_margin_top(6);
        let group = adw::PreferencesGroup::builder()
            .title(gettext("The Same with virsh"))
            .header_suffix(&copy)
            .build();
        group.add(&command);
        group.add(&meanwhile);
        Self { group, command, meanwhile }
    }

    pub(super) const fn widget(&self) -> &adw::PreferencesGroup {
        &self.group
    }

    /// The command as it is shown.
    pub(super) fn text(&self) -> String {
        self.command.label().into()
    }

    pub(super) fn show(&self, form: &Form) {
        let command = form.command();
        self.group.set_visible(command.is_some());
        let Some(command) = command else { return };
        self.command.set_label(&command.migrate);
        let meanwhile = command.meanwhile.map(|command| {
            gettext_f("While it runs, from another terminal: {command}", &[("command", &command)])
        });
        self.meanwhile.set_visible(meanwhile.is_some());
        self.meanwhile.set_label(&meanwhile.unwrap_or_default());
    }
}

fn line(classes: &[&str]) -> gtk::Label {
    gtk::Label::builder()
        .selectable(true)
        .wrap(true)
        .wrap_mode(gtk::pango::WrapMode::WordChar)
        .xalign(0.0)
        .css_classes(classes.iter().map(|&class| class.to_owned()).collect::<Vec<_>>())
        .build()
}
