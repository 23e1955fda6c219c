//! Remembered settings: typed access to the keys of `data/io.github.vireo.Vireo.gschema.xml`.

use relm4::gtk::{gio, glib, prelude::*};

use crate::config::APP_ID;
use crate::model::ConnectionSpec;

/// What the user chose, kept between starts. Cheap to clone; all clones show the same values.
#[derive(Clone, Debug)]
pub struct Settings(gio::Settings);

/// The settings cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// No schema is installed at all, or `GSETTINGS_SCHEMA_DIR` leads nowhere.
    #[error(
        "no settings schemas are installed on this computer (package gsettings-desktop-schemas)"
    )]
    NoSchemas,
    /// The schema of this program is not among those installed.
    #[error(
        "the settings schema io.github.vireo.Vireo is not installed; \
         from a checkout, start the program with `cargo run`"
    )]
    SchemaMissing,
}

/// A thing to be confirmed before it is done, as long as the user has not said otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Confirmation {
    /// Forcing a guest off.
    ForceOff,
    /// Resetting a guest.
    ForceReset,
    /// Asking a guest to shut down or reboot.
    ShutDown,
    /// Pausing a guest.
    Pause,
    /// Saving a guest's state and stopping it.
    Save,
}

impl Confirmation {
    /// All of them, in the order in which the preferences list them.
    pub const ALL: [Self; 5] =
        [Self::ForceOff, Self::ForceReset, Self::ShutDown, Self::Pause, Self::Save];

    /// The settings key, to bind a switch to.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::ForceOff => "confirm-force-off",
            Self::ForceReset => "confirm-force-reset",
            Self::ShutDown => "confirm-shut-down",
            Self::Pause => "confirm-pause",
            Self::Save => "confirm-save",
        }
    }
}

/// Size and state of the main window, in application pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowSize {
    /// Width when it is not maximized.
    pub width: i32,
    /// Height when it is not maximized.
    pub height: i32,
    /// Whether it fills the screen.
    pub maximized: bool,
}

impl Settings {
    /// Opens the settings.
    ///
    /// # Errors
    ///
    /// When the schema is not installed: GIO itself would abort the process.
    pub fn open() -> Result<Self, SettingsError> {
        let source = gio::SettingsSchemaSource::default().ok_or(SettingsError::NoSchemas)?;
        let schema = source.lookup(APP_ID, true).ok_or(SettingsError::SchemaMissing)?;
        Ok(Self(gio::Settings::new_full(&schema, gio::SettingsBackend::NONE, None)))
    }

    /// The settings themselves, to bind widgets to keys.
    #[must_use]
    pub const fn as_gio(&self) -> &gio::Settings {
        &self.0
    }

    /// The remembered connections, in the order of the main window.
    #[must_use]
    pub fn connections(&self) -> Vec<ConnectionSpec> {
        let remembered: Vec<(String, String, bool)> = self.0.get("connections");
        let spec = |(uri, name, autoconnect): (String, String, bool)| ConnectionSpec {
            uri,
            name: Some(name).filter(|name| !name.is_empty()),
            autoconnect,
        };
        remembered.into_iter().map(spec).collect()
    }

    /// Remembers these connections, and no others. A password in a URI is left out.
    ///
    /// # Errors
    ///
    /// When the key is locked by the administrator.
    pub fn set_connections(&self, specs: &[ConnectionSpec]) -> Result<(), glib::BoolError> {
        let remembered: Vec<(String, &str, bool)> = specs
            .iter()
            .map(|spec| {
                let name = spec.name.as_deref().unwrap_or_default();
                (without_password(&spec.uri), name, spec.autoconnect)
            })
            .collect();
        self.0.set("connections", remembered)
    }

    /// How the main window was left.
    #[must_use]
    pub fn window_size(&self) -> WindowSize {
        WindowSize {
            width: self.0.int("window-width"),
            height: self.0.int("window-height"),
            maximized: self.0.boolean("window-maximized"),
        }
    }

    /// Remembers how the main window was left.
    ///
    /// # Errors
    ///
    /// When a key is locked by the administrator, or a number is below 0 or above 32,767.
    pub fn set_window_size(&self, size: WindowSize) -> Result<(), glib::BoolError> {
        self.0.set_int("window-width", size.width)?;
        self.0.set_int("window-height", size.height)?;
        self.0.set_boolean("window-maximized", size.maximized)
    }

    /// Seconds from one reading of figures to the next, 1 to 60.
    #[must_use]
    pub fn poll_interval_s(&self) -> u32 {
        self.0.uint("poll-interval")
    }

    /// Sets the seconds from one reading of figures to the next.
    ///
    /// # Errors
    ///
    /// When the key is locked by the administrator, or the number is not from 1 to 60.
    pub fn set_poll_interval_s(&self, seconds: u32) -> Result<(), glib::BoolError> {
        self.0.set_uint("poll-interval", seconds)
    }

    /// Whether this is to be confirmed.
    #[must_use]
    pub fn confirms(&self, what: Confirmation) -> bool {
        self.0.boolean(what.key())
    }

    /// Sets whether this is to be confirmed.
    ///
    /// # Errors
    ///
    /// When the key is locked by the administrator.
    pub fn set_confirms(&self, what: Confirmation, ask: bool) -> Result<(), glib::BoolError> {
        self.0.set_boolean(what.key(), ask)
    }
}

/// The URI without the password that somebody may have typed into it (`user:password@host`), and
/// otherwise letter for letter the same.
#[must_use]
pub fn without_password(uri: &str) -> String {
    let Some((scheme, rest)) = uri.split_once("://") else { return uri.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let Some((login, host)) = authority.rsplit_once('@') else { return uri.to_owned() };
    let user = login.split_once(':').map_or(login, |(user, _)| user);
    format!("{scheme}://{user}@{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_left_out_and_nothing_else() {
        for (typed, kept) in [
            ("qemu+tcp://ann:secret@lab-a:16509/system", "qemu+tcp://ann@lab-a:16509/system"),
            ("qemu+tcp://ann:a@b:c@[fe80::1]/system", "qemu+tcp://ann@[fe80::1]/system"),
            ("qemu+ssh://ann@[fe80::1]:2222/system", "qemu+ssh://ann@[fe80::1]:2222/system"),
            ("qemu+ssh://a%40b@host/system?x=u:p@h", "qemu+ssh://a%40b@host/system?x=u:p@h"),
            ("qemu:///session?socket=/run/a:b@c", "qemu:///session?socket=/run/a:b@c"),
            ("test:///default", "test:///default"),
            ("not a uri", "not a uri"),
        ] {
            assert_eq!(without_password(typed), kept);
        }
    }
}
