//! The actions of the tab, and the buttons and menus that lead to them.

use relm4::gtk::prelude::*;
use relm4::gtk::{self, gio};

use crate::i18n::gettext;
use crate::ui::views::storage::{PoolView, VolumeView};
use crate::ui::widgets::accessible;

use super::commands::{Command, ENTRIES, PoolCommand, enabled};

/// The group of actions, called `storage` in the tab.
#[derive(Debug)]
pub(super) struct Actions {
    group: gio::SimpleActionGroup,
}

impl Actions {
    pub(super) fn new(given: impl Fn(Command) + Clone + 'static) -> Self {
        let group = gio::SimpleActionGroup::new();
        for (name, command) in ENTRIES {
            let action = match command {
                Command::Pool(PoolCommand::Autostart) => {
                    gio::SimpleAction::new_stateful(name, None, &false.to_variant())
                }
                Command::AddPool | Command::Pool(_) | Command::Volume(_) => {
                    gio::SimpleAction::new(name, None)
                }
            };
            let given = given.clone();
            action.connect_activate(move |_, _| given(command));
            group.add_action(&action);
        }
        Self { group }
    }

    pub(super) const fn group(&self) -> &gio::SimpleActionGroup {
        &self.group
    }

    /// Enables what makes sense, and nothing else.
    pub(super) fn show(&self, listed: bool, pool: Option<&PoolView>, volumes: &[VolumeView]) {
        for (name, command) in ENTRIES {
            let action = self.group.lookup_action(name).and_downcast::<gio::SimpleAction>();
            let Some(action) = action else { continue };
            action.set_enabled(enabled(command, listed, pool, volumes));
            if command == Command::Pool(PoolCommand::Autostart) {
                action.set_state(&pool.is_some_and(|view| view.pool.autostart).to_variant());
            }
        }
    }
}

/// Keys that work anywhere in the window, and what they do.
const KEYS: [(&str, &str); 3] = [
    ("<Ctrl>n", "storage.add-pool"),
    ("<Ctrl><Shift>n", "storage.new-volume"),
    ("F5", "storage.refresh"),
];

/// The keys of the tab.
pub(super) fn keys() -> gtk::ShortcutController {
    let controller = gtk::ShortcutController::new();
    controller.set_scope(gtk::ShortcutScope::Global);
    for (keys, action) in KEYS {
        let trigger = gtk::ShortcutTrigger::parse_string(keys);
        let action = gtk::NamedAction::new(action);
        controller.add_shortcut(gtk::Shortcut::new(trigger, Some(action)));
    }
    controller
}

/// A button that says what it does when pointed at, and to screen readers.
fn icon_button(icon: &str, text: &str, action: &str) -> gtk::Button {
    let button = gtk::Button::builder()
        .icon_name(icon)
        .tooltip_text(text)
        .action_name(action)
        .css_classes(["flat"])
        .build();
    accessible::set_name(&button, text);
    button
}

fn menu_button(icon: &str, text: &str, menu: &gio::Menu) -> gtk::MenuButton {
    let button = gtk::MenuButton::builder()
        .icon_name(icon)
        .tooltip_text(text)
        .menu_model(menu)
        .css_classes(["flat"])
        .build();
    accessible::set_name(&button, text);
    button
}

/// The bar below the pools, with the plus at its left.
pub(super) fn pool_bar() -> gtk::Box {
    let bar = gtk::Box::new(gtk::Orientation::Horizontal, 3);
    bar.add_css_class("toolbar");
    for (icon, text, action) in [
        ("list-add-symbolic", gettext("Add Pool"), "storage.add-pool"),
        ("media-playback-start-symbolic", gettext("Start Pool"), "storage.start"),
        ("media-playback-stop-symbolic", gettext("Stop Pool"), "storage.stop"),
        ("view-refresh-symbolic", gettext("Refresh Pool"), "storage.refresh"),
        ("user-trash-symbolic", gettext("Delete Pool"), "storage.delete-pool"),
    ] {
        bar.append(&icon_button(icon, &text, action));
    }
    let more = menu_button("view-more-symbolic", &gettext("More Pool Actions"), &pool_menu());
    more.set_halign(gtk::Align::End);
    more.set_hexpand(true);
    more.set_direction(gtk::ArrowType::Up);
    bar.append(&more);
    bar
}

fn pool_menu() -> gio::Menu {
    let menu = gio::Menu::new();
    let first = gio::Menu::new();
    first.append(Some(&gettext("Start With the Host")), Some("storage.autostart"));
    first.append(Some(&gettext("Prove It Is Shared")), Some("storage.prove"));
    first.append(Some(&gettext("XML…")), Some("storage.xml"));
    menu.append_section(None, &first);
    let last = gio::Menu::new();
    last.append(Some(&gettext("Delete Pool…")), Some("storage.delete-pool"));
    last.append(Some(&gettext("Delete Its Contents…")), Some("storage.delete-contents"));
    menu.append_section(None, &last);
    menu
}

/// The bar over the volumes.
pub(super) fn volume_bar(search: &gtk::SearchEntry) -> gtk::Box {
    let bar = gtk::Box::new(gtk::Orientation::Horizontal, 6);
    let new = gtk::Button::builder().label(gettext("New Volume…")).build();
    new.set_action_name(Some("storage.new-volume"));
    bar.append(&new);
    search.set_placeholder_text(Some(&gettext("Name or guest")));
    accessible::set_name(search, &gettext("Search Volumes"));
    search.set_hexpand(true);
    search.set_width_chars(4);
    bar.append(search);
    bar.append(&icon_button("user-trash-symbolic", &gettext("Delete Volumes"), "storage.delete"));
    let menu = gio::Menu::new();
    let upload = gio::Menu::new();
    upload.append(Some(&gettext("Upload a File…")), Some("storage.upload"));
    menu.append_section(None, &upload);
    menu.append_section(None, &volume_menu());
    bar.append(&menu_button("view-more-symbolic", &gettext("Volume Actions"), &menu));
    bar
}

/// The menu of volumes. Items that make no sense now are there, but insensitive: nothing jumps.
pub(super) fn volume_menu() -> gio::Menu {
    let menu = gio::Menu::new();
    let change = gio::Menu::new();
    change.append(Some(&gettext("Resize…")), Some("storage.resize"));
    change.append(Some(&gettext("Rename…")), Some("storage.rename"));
    change.append(Some(&gettext("Copy or Move…")), Some("storage.copy"));
    change.append(Some(&gettext("Download…")), Some("storage.download"));
    menu.append_section(None, &change);
    let path = gio::Menu::new();
    path.append(Some(&gettext("Copy Path")), Some("storage.copy-path"));
    menu.append_section(None, &path);
    let end = gio::Menu::new();
    end.append(Some(&gettext("Wipe…")), Some("storage.wipe"));
    end.append(Some(&gettext("Delete…")), Some("storage.delete"));
    menu.append_section(None, &end);
    menu
}
