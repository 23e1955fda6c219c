//! The parts of the main window that do not change: menus, toolbar, how widgets hang together.

use relm4::ComponentController;
use relm4::adw::prelude::*;
use relm4::gtk::{gdk, gio, glib};
use relm4::{adw, gtk};

use crate::backend::{Request, RequestBody};
use crate::i18n::gettext;
use crate::ui::manager::ManagerInput;
use crate::ui::widgets::accessible;

use super::{App, AppWidgets};

/// The main menu.
pub(super) fn main_menu() -> gio::Menu {
    let menu = gio::Menu::new();
    let hosts = gio::Menu::new();
    hosts.append(Some(&gettext("Add Connection…")), Some("win.add-connection"));
    hosts.append(Some(&gettext("Storage of the Host…")), Some("win.host.storage"));
    hosts.append(Some(&gettext("Group by Host")), Some("win.group"));
    menu.append_section(None, &hosts);
    let lab = gio::Menu::new();
    lab.append(Some(&gettext("Start Practice Lab")), Some("win.start-lab"));
    lab.append(Some(&gettext("Stop Practice Lab")), Some("win.stop-lab"));
    menu.append_section(None, &lab);
    let rest = gio::Menu::new();
    rest.append(Some(&gettext("Preferences")), Some("win.preferences"));
    rest.append(Some(&gettext("Keyboard Shortcuts")), Some("win.shortcuts"));
    rest.append(Some(&gettext("About Vireo")), Some("win.about"));
    rest.append(Some(&gettext("Quit")), Some("win.quit"));
    menu.append_section(None, &rest);
    menu
}

/// What is done most, one click away.
pub(super) fn toolbar() -> gtk::Box {
    let bar = gtk::Box::new(gtk::Orientation::Horizontal, 6);
    bar.add_css_class("toolbar");
    for (icon, text, action) in [
        ("media-playback-start-symbolic", gettext("Run"), "win.guest.run"),
        ("media-playback-pause-symbolic", gettext("Pause"), "win.guest.pause"),
        ("media-seek-forward-symbolic", gettext("Resume"), "win.guest.resume"),
        ("system-shutdown-symbolic", gettext("Shut Down"), "win.guest.shut-down"),
    ] {
        bar.append(&icon_button(icon, &text, action));
    }
    bar.append(&gtk::Separator::new(gtk::Orientation::Vertical));
    let migrate = gtk::Button::with_label(&gettext("Migrate…"));
    migrate.set_action_name(Some("win.guest.migrate"));
    bar.append(&migrate);
    bar.append(&icon_button("go-home-symbolic", &gettext("Bring Back"), "win.guest.bring-back"));
    bar
}

/// A button that says what it does when pointed at, and to screen readers.
pub(super) fn icon_button(icon: &str, text: &str, action: &str) -> gtk::Button {
    let button = gtk::Button::from_icon_name(icon);
    button.set_tooltip_text(Some(text));
    button.set_action_name(Some(action));
    accessible::set_name(&button, text);
    button
}

/// Connects search, narrow layout, size and grouping.
pub(super) fn wire(widgets: &AppWidgets, model: &App, root: &adw::ApplicationWindow) {
    widgets.title.bind_property("title-visible", &widgets.bottom, "reveal").sync_create().build();
    widgets
        .search_button
        .bind_property("active", &widgets.search_bar, "search-mode-enabled")
        .bidirectional()
        .sync_create()
        .build();
    accessible::set_name(&widgets.search_button, &gettext("Search"));
    accessible::set_name(&widgets.menu_button, &gettext("Main Menu"));
    widgets.search_bar.connect_entry(&widgets.search_entry);
    widgets.search_bar.set_key_capture_widget(Some(root));
    let tree = model.manager.sender().clone();
    widgets.search_entry.connect_search_changed(move |entry| {
        tree.emit(ManagerInput::Search(entry.text().into()));
    });
    add_group_action(model, root);
    watch_while_seen(model, root);
    let size = model.settings.window_size();
    root.set_default_size(size.width, size.height);
    if size.maximized {
        root.maximize();
    }
}

/// Figures are read while somebody can see them.
fn watch_while_seen(model: &App, root: &adw::ApplicationWindow) {
    let backend = model.backend.clone();
    root.connect_realize(move |root| {
        let surface = root.surface().and_downcast::<gdk::Toplevel>();
        let backend = backend.clone();
        if let Some(toplevel) = surface {
            toplevel.connect_state_notify(move |toplevel| {
                let seen = !toplevel.state().contains(gdk::ToplevelState::MINIMIZED);
                let job = backend.next_job();
                // A full queue is no harm: the state is told again at its next change.
                let _ = backend.submit(Request { job, body: RequestBody::Watch(seen) });
            });
        }
    });
}

/// `win.group`: guests below their hosts, or in one list; `win.select`: a row by its name, for scripts.
fn add_group_action(model: &App, root: &adw::ApplicationWindow) {
    let group = gio::SimpleAction::new_stateful("group", None, &true.to_variant());
    let tree = model.manager.sender().clone();
    group.connect_change_state(move |action, state| {
        if let Some(grouped) = state.and_then(glib::Variant::get::<bool>) {
            action.set_state(&grouped.to_variant());
            tree.emit(ManagerInput::Group(grouped));
        }
    });
    root.add_action(&group);
    let select = gio::SimpleAction::new("select", Some(glib::VariantTy::STRING));
    let tree = model.manager.sender().clone();
    select.connect_activate(move |_, name| {
        if let Some(name) = name.and_then(glib::Variant::get::<String>) {
            tree.emit(ManagerInput::Select(name));
        }
    });
    root.add_action(&select);
}
