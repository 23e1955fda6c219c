//! Actions of a dialog on the session bus, where GTK itself puts only those of the main window.

use relm4::gtk::gio::{self, prelude::*};

use crate::config::APP_PATH;

/// Actions on the session bus, until they are dropped.
pub(super) struct Exported {
    bus: gio::DBusConnection,
    id: Option<gio::ActionGroupExportId>,
}

impl Exported {
    /// Offers them at the application's path and this name. `None` where there is no bus, or somebody is there.
    pub(super) fn at(name: &str, actions: &impl IsA<gio::ActionGroup>) -> Option<Self> {
        let bus = relm4::main_application().dbus_connection()?;
        match bus.export_action_group(&format!("{APP_PATH}/{name}"), actions) {
            Ok(id) => Some(Self { bus, id: Some(id) }),
            Err(error) => {
                tracing::warn!(%error, name, "actions not on the session bus");
                None
            }
        }
    }
}

impl Drop for Exported {
    fn drop(&mut self) {
        if let Some(id) = self.id.take() {
            self.bus.unexport_action_group(id);
        }
    }
}
