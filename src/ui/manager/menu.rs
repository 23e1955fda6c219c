//! The context menus, and where they open.

use relm4::gtk;
use relm4::gtk::gio;
use relm4::gtk::prelude::*;

use crate::i18n::gettext;
use crate::ui::widgets::context_menu::row_widget_at;

/// The menu of a guest. Items that make no sense now are there, but insensitive: nothing jumps.
pub(super) fn guest_menu(restores: bool) -> gio::Menu {
    let menu = gio::Menu::new();
    let first = gio::Menu::new();
    first.append(Some(&gettext("Open")), Some("win.guest.open"));
    let run = if restores { gettext("Restore") } else { gettext("Run") };
    first.append(Some(&run), Some("win.guest.run"));
    first.append(Some(&gettext("Pause")), Some("win.guest.pause"));
    first.append(Some(&gettext("Resume")), Some("win.guest.resume"));
    first.append_submenu(Some(&gettext("Shut Down")), &shut_down_menu());
    menu.append_section(None, &first);
    let moves = gio::Menu::new();
    moves.append(Some(&gettext("Migrate…")), Some("win.guest.migrate"));
    moves.append(Some(&gettext("Bring Back")), Some("win.guest.bring-back"));
    menu.append_section(None, &moves);
    menu
}

/// The ways to stop a guest.
pub(super) fn shut_down_menu() -> gio::Menu {
    let menu = gio::Menu::new();
    let polite = gio::Menu::new();
    polite.append(Some(&gettext("Shut Down")), Some("win.guest.shut-down"));
    polite.append(Some(&gettext("Reboot")), Some("win.guest.reboot"));
    menu.append_section(None, &polite);
    let forced = gio::Menu::new();
    forced.append(Some(&gettext("Force Reset…")), Some("win.guest.force-reset"));
    forced.append(Some(&gettext("Force Off…")), Some("win.guest.force-off"));
    menu.append_section(None, &forced);
    let saved = gio::Menu::new();
    saved.append(Some(&gettext("Save")), Some("win.guest.save"));
    saved.append(Some(&gettext("Discard Saved State…")), Some("win.guest.discard-saved"));
    menu.append_section(None, &saved);
    menu
}

/// The menu of a host.
pub(super) fn host_menu() -> gio::Menu {
    let menu = gio::Menu::new();
    let connection = gio::Menu::new();
    connection.append(Some(&gettext("Connect")), Some("win.host.connect"));
    connection.append(Some(&gettext("Disconnect")), Some("win.host.disconnect"));
    connection.append(Some(&gettext("Refresh")), Some("win.host.refresh"));
    menu.append_section(None, &connection);
    let rest = gio::Menu::new();
    rest.append(Some(&gettext("Storage…")), Some("win.host.storage"));
    rest.append(Some(&gettext("Details")), Some("win.host.details"));
    rest.append(Some(&gettext("Remove…")), Some("win.host.remove"));
    menu.append_section(None, &rest);
    menu
}

/// The row of the table under a point.
pub(super) fn row_at(view: &gtk::ColumnView, x: f64, y: f64) -> Option<gtk::TreeListRow> {
    list_row(&row_widget_at(view, x, y)?)
}

/// The row that such a widget shows now.
pub(super) fn list_row(row: &gtk::Widget) -> Option<gtk::TreeListRow> {
    let expander = row.first_child()?.first_child()?.downcast::<gtk::TreeExpander>().ok()?;
    expander.list_row()
}

/// Where the menu opens for a selected row when no pointer says where: below its name.
pub(super) fn place_of(view: &gtk::ColumnView, row: &gtk::TreeListRow) -> Option<(f64, f64)> {
    let mut child = view.last_child()?.first_child();
    while let Some(widget) = child {
        if list_row(&widget).as_ref() == Some(row) && widget.is_mapped() {
            let height = f64::from(widget.height());
            return widget.translate_coordinates(view, 48.0, height * 0.75);
        }
        child = widget.next_sibling();
    }
    None
}
