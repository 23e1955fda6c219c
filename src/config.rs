//! What the build decides. Every value has a default, so that plain `cargo run` always works.

/// The application id: desktop entry, settings, bus name.
pub const APP_ID: &str = "io.github.vireo.Vireo";
/// The object path of the application on the session bus, and the prefix of its resources.
pub const APP_PATH: &str = "/io/github/vireo/Vireo";
/// The version, from `Cargo.toml`.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The gettext domain.
pub const GETTEXT_DOMAIN: &str = "vireo";
/// Where translations are installed; a checkout uses what `build.rs` compiled.
pub const LOCALEDIR: &str = match option_env!("VIREO_LOCALEDIR") {
    Some(directory) => directory,
    None => env!("VIREO_DEV_LOCALEDIR"),
};
