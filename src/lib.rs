//! Vireo: move KVM guests between hosts, and see it happen.

pub mod backend;
pub mod config;
pub mod i18n;
pub mod journal;
pub mod lab;
pub mod logging;
pub mod migration;
pub mod model;
pub mod settings;
pub mod storage;
pub mod ui;
pub mod xml;

use std::path::Path;
use std::time::Duration;

use relm4::{RelmApp, gtk};

use backend::Backend;
use journal::Journals;
use lab::LabConfig;
use model::ConnectionSpec;
use settings::Settings;
use ui::app::{App, AppInit};

/// What the command line asks of the window.
#[derive(Clone, Debug, Default)]
pub struct Opening {
    /// What practice lab the program starts, now or when the user asks for it.
    pub lab: LabConfig,
    /// Start it at once.
    pub start_lab: bool,
    /// Connect to these URIs as well, without remembering them.
    pub connect: Vec<String>,
}

/// Why the window did not open.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No display.
    #[error(
        "there is no display to open a window on (neither WAYLAND_DISPLAY nor DISPLAY leads to one)"
    )]
    NoDisplay,
    /// The settings schema is missing.
    #[error(transparent)]
    Settings(#[from] settings::SettingsError),
    /// libvirt does not start.
    #[error("libvirt could not be started in this program: {0}")]
    Libvirt(String),
    /// There is no thread for the journals.
    #[error("there is no thread to write journals: {0}")]
    Journals(#[from] std::io::Error),
    /// The resources in the program are damaged.
    #[error("the program's resources are damaged: {0}")]
    Resources(#[from] gtk::glib::Error),
}

/// Opens the window and returns when it is closed.
///
/// # Errors
///
/// When it cannot open.
pub fn run(opening: Opening) -> Result<(), StartError> {
    i18n::init();
    gtk::init().map_err(|_| StartError::NoDisplay)?;
    gtk::gio::resources_register_include!("vireo.gresource")?;
    let settings = Settings::open()?;
    let (backend, events) =
        Backend::start().map_err(|failure| StartError::Libvirt(failure.message))?;
    backend.set_interval(Duration::from_secs(settings.poll_interval_s().into()));
    let journals = Journals::start(gtk::glib::user_data_dir().join("vireo/moves"))?;
    let extra = opening.connect.into_iter().map(spec).chain(found_here(&settings)).collect();
    let application = relm4::adw::Application::builder()
        .application_id(config::APP_ID)
        .resource_base_path(config::APP_PATH)
        .build();
    let program = RelmApp::from_app(application).with_args(Vec::new());
    let Opening { lab, start_lab, .. } = opening;
    program.run::<App>(AppInit { backend, events, settings, journals, extra, lab, start_lab });
    Ok(())
}

fn spec(uri: String) -> ConnectionSpec {
    ConnectionSpec { uri, name: None, autoconnect: true }
}

/// At the first start, the libvirt daemon of this computer, if there is one.
fn found_here(settings: &Settings) -> Option<ConnectionSpec> {
    const SOCKETS: [&str; 2] = ["/run/libvirt/libvirt-sock", "/run/libvirt/virtqemud-sock"];
    let first_start = settings.connections().is_empty();
    let there = SOCKETS.iter().any(|socket| Path::new(socket).exists());
    (first_start && there).then(|| spec("qemu:///system".to_owned()))
}
