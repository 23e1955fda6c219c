//! A private display, window manager, session bus and home.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use zbus::blocking::{Connection, connection};

use super::PATIENCE;

/// Marks every process of a desktop in its environment, whoever started it, so that all are found
/// again at the end: the bus starts services of its own accord.
const MARK: &str = "VIREO_DRIVER";

/// A private display with a window manager, a session bus with AT-SPI, and an empty home.
pub struct Desktop {
    directory: tempfile::TempDir,
    display: String,
    bus: String,
    session: Connection,
    accessibility: Connection,
    children: Vec<Child>,
}

impl Desktop {
    /// Starts one of 1280 × 800 pixels.
    pub fn start() -> Self {
        Self::sized(1280, 800)
    }

    /// Starts one of this size.
    pub fn sized(width: u32, height: u32) -> Self {
        let directory = tempfile::Builder::new().prefix("vd").tempdir_in("/tmp").unwrap();
        for name in ["run", "config", "data", "cache", "state", "home"] {
            std::fs::create_dir(directory.path().join(name)).unwrap();
        }
        restrict(&directory.path().join("run"));
        let (display, screen) = display(directory.path(), width, height);
        let address = format!("unix:path={}/bus", directory.path().display());
        let bus = bus(directory.path(), &display, &address);
        let session = connect(&address);
        let accessibility = connect(&accessibility_address(&session));
        let mut desktop = Self {
            directory,
            display,
            bus: address,
            session,
            accessibility,
            children: vec![screen, bus],
        };
        desktop.manage_windows();
        desktop
    }

    /// Starts one for pictures: with shadows and round corners, as people have them.
    pub fn for_pictures(width: u32, height: u32) -> Self {
        let mut desktop = Self::sized(width, height);
        let mut picom = desktop.command("picom");
        picom.args(["--backend", "xrender", "--config", "/dev/null", "--dbus"]);
        let picom = quiet(&mut picom).spawn();
        desktop.children.push(picom.expect("picom is needed (package picom)"));
        // It takes its name on the bus when it composes.
        let name = format!("com.github.chjj.compton.{}", desktop.display.replace(':', "_"));
        let ready = super::poll(|| desktop.has_name(&name).then_some(()));
        assert!(ready.is_some(), "picom did not start");
        desktop
    }

    fn has_name(&self, name: &str) -> bool {
        let bus = "org.freedesktop.DBus";
        let reply = self.session.call_method(Some(bus), "/", Some(bus), "NameHasOwner", &(name,));
        reply.is_ok_and(|reply| reply.body().deserialize().unwrap_or(false))
    }

    /// Starts openbox and waits until it manages windows (`_NET_SUPPORTING_WM_CHECK`).
    fn manage_windows(&mut self) {
        let openbox = quiet(self.command("openbox").arg("--sm-disable")).spawn();
        self.children.insert(0, openbox.expect("openbox is needed (package openbox)"));
        let ready = super::poll(|| {
            let output = self.command("xprop").args(["-root", "_NET_SUPPORTING_WM_CHECK"]).output();
            let said = output.expect("xprop is needed (package x11-utils)").stdout;
            String::from_utf8_lossy(&said).contains("window id").then_some(())
        });
        assert!(ready.is_some(), "openbox did not start");
    }

    /// A program that will run on this desktop and knows no other.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        environment(&mut command, self.directory.path());
        command.env("DISPLAY", &self.display).env("DBUS_SESSION_BUS_ADDRESS", &self.bus);
        command
    }

    /// Its directory: `home`, `config`, `data`, `cache`, `state`, `run` are in it.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The X display, such as `:7`.
    pub fn display(&self) -> &str {
        &self.display
    }

    /// The session bus.
    pub fn session(&self) -> &Connection {
        &self.session
    }

    /// The accessibility bus.
    pub fn accessibility(&self) -> &Connection {
        &self.accessibility
    }

    /// Writes a picture of the whole display.
    pub fn screenshot(&self, path: &Path) {
        self.import(&["-window", "root"], path);
    }

    /// Runs ImageMagick's `import`.
    pub(super) fn import(&self, arguments: &[&str], path: &Path) {
        let output = self.command("import").args(arguments).arg(path).output();
        let output = output.expect("import is needed (package imagemagick)");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Kills what is left of this desktop. `true` when nothing was.
    fn sweep(&self) -> bool {
        let left = self.processes();
        for pid in left.iter().filter_map(|&pid| rustix::process::Pid::from_raw(pid)) {
            // It may have ended meanwhile.
            let _gone = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
        left.is_empty()
    }

    /// Processes that belong to this desktop: its directory is in their environment (as the mark at
    /// least) or in their command line, as with daemons that got an environment of their own.
    pub fn processes(&self) -> Vec<i32> {
        let directory = self.directory.path().to_str().unwrap();
        let mentions = |pid: &i32, file: &str| {
            let bytes = std::fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
            String::from_utf8_lossy(&bytes).contains(directory)
        };
        let entries = std::fs::read_dir("/proc").unwrap().flatten();
        let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        numbers.filter(|pid| mentions(pid, "environ") || mentions(pid, "cmdline")).collect()
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        // The bus goes first, so that it starts nothing more.
        for child in self.children.iter_mut().rev() {
            let _gone = child.kill();
            let _status = child.wait();
        }
        super::poll(|| self.sweep().then_some(()));
    }
}

/// Everything that must not come from, or go to, the person who runs the test.
fn environment(command: &mut Command, directory: &Path) {
    for name in ["WAYLAND_DISPLAY", "GTK_A11Y", "GTK_THEME", "LANGUAGE", "XAUTHORITY", "AT_SPI_BUS"]
    {
        command.env_remove(name);
    }
    for (name, below) in [
        ("HOME", "home"),
        ("XDG_RUNTIME_DIR", "run"),
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_DATA_HOME", "data"),
        ("XDG_CACHE_HOME", "cache"),
        ("XDG_STATE_HOME", "state"),
    ] {
        command.env(name, directory.join(below));
    }
    command
        .env(MARK, directory)
        .env("LC_ALL", "C.UTF-8")
        .env("GDK_BACKEND", "x11")
        .env("GSK_RENDERER", "cairo")
        .env("GSETTINGS_BACKEND", "keyfile")
        .env("LIBGL_ALWAYS_SOFTWARE", "1");
}

/// Starts Xvfb, which chooses a free number itself and tells it when it is ready.
fn display(directory: &Path, width: u32, height: u32) -> (String, Child) {
    let screen = format!("{width}x{height}x24");
    let mut command = Command::new("Xvfb");
    environment(&mut command, directory);
    command.args(["-displayfd", "1", "-screen", "0", &screen, "-nolisten", "tcp", "-noreset"]);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("Xvfb is needed (package xvfb)");
    (format!(":{}", first_line(&mut child)), child)
}

fn bus(directory: &Path, display: &str, address: &str) -> Child {
    let mut command = Command::new("dbus-daemon");
    environment(&mut command, directory);
    command.args(["--session", "--nofork", "--nopidfile", "--print-address=1", "--address"]);
    let mut child = command
        .arg(address)
        .env("DISPLAY", display)
        .env("DBUS_SESSION_BUS_ADDRESS", address)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("dbus-daemon is needed (package dbus)");
    let said = first_line(&mut child);
    assert!(said.starts_with("unix:"), "the session bus did not start: {said}");
    child
}

fn first_line(child: &mut Child) -> String {
    let mut line = String::new();
    let stdout = child.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut line).unwrap();
    line.trim().to_owned()
}

fn connect(address: &str) -> Connection {
    connection::Builder::address(address)
        .unwrap()
        .method_timeout(PATIENCE)
        .build()
        .unwrap_or_else(|error| panic!("{address}: {error}"))
}

fn accessibility_address(session: &Connection) -> String {
    session
        .call_method(Some("org.a11y.Bus"), "/org/a11y/bus", Some("org.a11y.Bus"), "GetAddress", &())
        .expect("AT-SPI is needed (package at-spi2-core)")
        .body()
        .deserialize()
        .unwrap()
}

/// `XDG_RUNTIME_DIR` must belong to its user alone.
fn restrict(directory: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o700)).unwrap();
}

/// Lets a helper speak to nobody.
pub(super) fn quiet(command: &mut Command) -> &mut Command {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null())
}

/// Where cargo put a binary of this package, next to the test that runs.
pub fn built(relative: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.ancestors().nth(2).unwrap();
    profile.join(relative)
}
