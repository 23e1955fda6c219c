//! The program, started and watched from outside.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use vireo::config::{APP_ID, APP_PATH};
use zbus::zvariant::{DynamicType, OwnedValue, Signature, Value};

use crate::driver::{Desktop, PATIENCE};

use super::process;

/// A desktop that says when a window is mapped.
pub struct Stage {
    /// The desktop.
    pub desktop: Desktop,
    spy: Child,
    windows: Receiver<(Instant, String)>,
}

impl Stage {
    /// Starts one.
    pub fn new() -> Self {
        let desktop = Desktop::start();
        // The window manager renews this list when it has mapped a window.
        let mut spy = desktop.command("xprop");
        spy.args(["-root", "-spy", "_NET_CLIENT_LIST"]).stdout(Stdio::piped());
        let mut spy = spy.spawn().expect("xprop is needed (package x11-utils)");
        let windows = lines(spy.stdout.take().expect("piped"));
        Self { desktop, spy, windows }
    }

    /// Starts the program on these hosts.
    pub fn start(&self, uris: &[String]) -> Started<'_> {
        while self.windows.try_recv().is_ok() {}
        let mut command = self.desktop.command(env!("CARGO_BIN_EXE_vireo"));
        command.env("VIREO_LOG", "error,vireo::timing=info").env("NO_COLOR", "1");
        for uri in uris {
            command.args(["--connect", uri]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let at = Instant::now();
        let mut child = command.spawn().expect("the program");
        let said = lines(child.stderr.take().expect("piped"));
        Started { stage: self, child, at, said }
    }
}

impl Stage {
    /// Selects a row of the tree, and waits until this action can be done with it.
    pub fn select(&self, row: &str, action: &str) {
        self.activate("select", Some(row.into()));
        let deadline = Instant::now() + PATIENCE;
        while !self.is_enabled(action) {
            assert!(Instant::now() < deadline, "{action} never came for {row}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Does an action of the main window.
    pub fn activate(&self, action: &str, parameter: Option<Value<'_>>) {
        let parameters: Vec<Value<'_>> = parameter.into_iter().collect();
        let platform: HashMap<&str, Value<'_>> = HashMap::new();
        self.ask("Activate", &(action, parameters, platform));
    }

    fn is_enabled(&self, action: &str) -> bool {
        let reply = self.ask("Describe", &(action,));
        let ((enabled, _, _),): ((bool, Signature, Vec<OwnedValue>),) =
            reply.body().deserialize().expect("a description");
        enabled
    }

    fn ask<B: serde::Serialize + DynamicType>(&self, method: &str, body: &B) -> zbus::Message {
        let window = format!("{APP_PATH}/window/1");
        let (bus, actions) = (self.desktop.session(), Some("org.gtk.Actions"));
        bus.call_method(Some(APP_ID), window.as_str(), actions, method, body)
            .expect("the window is on the bus")
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // It may have ended meanwhile.
        let _gone = self.spy.kill();
        let _status = self.spy.wait();
    }
}

/// The program.
pub struct Started<'a> {
    stage: &'a Stage,
    child: Child,
    at: Instant,
    said: Receiver<(Instant, String)>,
}

impl Started<'_> {
    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Time from its start until the window manager has mapped its window.
    pub fn mapped(&self) -> Duration {
        self.until(&self.stage.windows, "window", |line| line.contains("0x")) - self.at
    }

    /// Time from its start until so many guests were in the tree.
    pub fn listed(&self, guests: usize) -> Duration {
        let wanted = format!("guests={guests}");
        let is = |line: &str| line.split_whitespace().any(|word| word == wanted);
        self.until(&self.said, &wanted, is) - self.at
    }

    /// When so many volumes were in the table.
    pub fn volumes(&self, count: usize) -> Instant {
        let wanted = format!("volumes={count}");
        let is = |line: &str| line.split_whitespace().any(|word| word == wanted);
        self.until(&self.said, &wanted, is)
    }

    /// When the first volumes of many were drawn.
    pub fn in_sight(&self) -> Instant {
        self.until(&self.said, "volumes in sight", |line| line.contains("in_sight="))
    }

    /// When the first results of checks were in sight.
    pub fn checked(&self) -> Instant {
        self.until(&self.said, "results", |line| line.contains("checked"))
    }

    /// When the cells of a guest were given its new state.
    pub fn changed(&self) -> Instant {
        self.until(&self.said, "a changed row", |line| line.ends_with("changed"))
    }

    /// Looks only at what comes from now on.
    pub fn forget(&self) {
        while self.said.try_recv().is_ok() {}
    }

    fn until(
        &self,
        from: &Receiver<(Instant, String)>,
        what: &str,
        wanted: impl Fn(&str) -> bool,
    ) -> Instant {
        let deadline = Instant::now() + PATIENCE;
        let mut heard = Vec::new();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match from.recv_timeout(left) {
                Ok((at, line)) if wanted(&line) => return at,
                Ok((_, line)) => heard.push(line),
                Err(error) => panic!("waited for {what} ({error}); heard {heard:#?}"),
            }
        }
    }

    /// Processor time used so far.
    pub fn cpu(&self) -> Duration {
        process::cpu(self.pid())
    }
}

impl Drop for Started<'_> {
    fn drop(&mut self) {
        // It may have ended meanwhile.
        let _gone = self.child.kill();
        let _status = self.child.wait();
        // The window manager must have seen that, or the next program meets this one's window.
        let deadline = Instant::now() + PATIENCE;
        while let Ok((_, line)) =
            self.stage.windows.recv_timeout(deadline.saturating_duration_since(Instant::now()))
        {
            if !line.contains("0x") {
                return;
            }
        }
    }
}

/// The lines of a stream, with the time at which each came.
fn lines(stream: impl std::io::Read + Send + 'static) -> Receiver<(Instant, String)> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if sender.send((Instant::now(), line)).is_err() {
                return;
            }
        }
    });
    receiver
}

/// A file for libvirt's test driver with so many running guests.
pub fn test_file(directory: &Path, name: &str, guests: usize) -> String {
    let text = format!("<node>\n{}</node>\n", guests_xml(guests));
    let path = directory.join(format!("{name}.xml"));
    std::fs::write(&path, text).expect("a file in the desktop's directory");
    format!("test://{}", path.display())
}

/// So many running guests of the test driver.
pub fn guests_xml(guests: usize) -> String {
    let mut text = String::new();
    for number in 1..=guests {
        let (memory, vcpus) = ((number % 8 + 1) * 262_144, number % 4 + 1);
        let uuid = uuid::Uuid::new_v4();
        text.push_str(&format!(
            "<domain type='test'><name>guest-{number}</name><uuid>{uuid}</uuid>\
             <memory>{memory}</memory><vcpu>{vcpus}</vcpu>\
             <os><type arch='x86_64'>hvm</type></os></domain>\n"
        ));
    }
    text
}
