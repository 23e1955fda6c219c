//! Walks the real program through its main way in the practice lab, and writes a picture of each
//! step to `docs/pictures/`: the pictures of the README. `make tour` runs it.
#![allow(clippy::unwrap_used, clippy::panic)] // what is not as it should be ends the tour

#[path = "../tests/driver/mod.rs"]
mod driver;

use std::path::{Path, PathBuf};

use driver::{Desktop, Node, Program, Role};

/// The guest that is moved: it rewrites its memory, so that there is something to be seen.
const GUEST: &str = "busy";
const FROM: &str = "lab-a";
const TO: &str = "lab-b";

fn main() {
    let pictures = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures");
    std::fs::create_dir_all(&pictures).unwrap();
    let desktop = Desktop::for_pictures(1180, 800);
    let lab = desktop.directory().join("lab");
    let arguments = ["--lab".as_ref(), "--lab-directory".as_ref(), lab.as_os_str()];
    let program = Program::start(&desktop, &program_itself(), arguments);
    let mut tour = Tour { program, pictures };
    tour.hosts();
    tour.context_menu();
    tour.migrate_dialog();
    tour.migrating();
    tour.arrived();
    tour.away();
    tour.end();
}

/// The program, built as the tour itself was; cargo does not build it for an example.
fn program_itself() -> PathBuf {
    let program = driver::built("vireo");
    let mut build = std::process::Command::new(env!("CARGO"));
    build.args(["build", "--quiet", "--bin", "vireo"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    if program.parent().is_some_and(|profile| profile.ends_with("release")) {
        build.arg("--release");
    }
    assert!(build.status().unwrap().success(), "the program does not build");
    program
}

struct Tour<'a> {
    program: Program<'a>,
    pictures: PathBuf,
}

impl Tour<'_> {
    fn picture(&self, name: &str) {
        self.program.still_screenshot(&self.pictures.join(format!("{name}.png")));
    }

    fn hosts(&self) {
        let guests = ["calm", "busy", "big"];
        for name in [FROM, TO].iter().chain(&guests) {
            self.program.wait(&format!("the row {name}"), || self.program.row(name));
        }
        self.program.left_click(&self.program.select_row(GUEST));
        self.program.wait_until("figures", || guests.iter().all(|name| self.has_figures(name)));
        let toast = |text: &String| text == "The practice lab starts…";
        self.program.wait_until("the toast to go", || !self.program.texts().iter().any(toast));
        self.program.rest_pointer();
        self.picture("01-hosts");
    }

    /// Whether a guest's row shows processor use.
    fn has_figures(&self, name: &str) -> bool {
        self.program.row(name).is_some_and(|row| row.texts().join(" ").contains('%'))
    }

    fn context_menu(&self) {
        self.program.right_click(&self.program.select_row(GUEST));
        self.program.wait_for(Role::MenuItem, "Migrate…");
        self.picture("02-context-menu");
    }

    fn migrate_dialog(&self) {
        self.program.click(Role::MenuItem, "Migrate…");
        let dialog = self.dialog();
        self.program.wait("the destinations", || dialog.find(None, "Destination"));
        self.program.wait("the destination", || dialog.walk().find(|node| node.name() == TO));
        self.program.wait("Offline migration", || dialog.find(None, "Offline migration"));
        self.program.rest_pointer();
        self.picture("03-migrate-dialog");
    }

    fn dialog(&self) -> Node {
        let title = format!("Migrate {GUEST}");
        self.program.wait(&title, || self.program.window(&title))
    }

    fn migrating(&self) {
        let dialog = self.dialog();
        let button = self.program.wait("the button Migrate", || {
            dialog.find(Role::Button, "Migrate").filter(Node::is_sensitive)
        });
        button.click();
        self.program.click(Role::PageTab, "Migrations");
        let bar = self.progress();
        self.program
            .wait_until("a good part of the way", || bar.value().is_some_and(|value| value >= 0.3));
        self.picture("04-migrating");
    }

    fn progress(&self) -> Node {
        self.program.wait_for(Role::ProgressBar, &format!("Migration of {GUEST}"))
    }

    fn arrived(&self) {
        self.program.wait_text("Arrived");
        self.program.rest_pointer();
        self.picture("05-arrived");
    }

    fn away(&self) {
        self.program.click(Role::PageTab, "Hosts and Guests");
        self.program.wait_text(&format!("Away on {TO}"));
        self.picture("06-away");
    }

    fn end(&mut self) {
        self.program.close_window("Vireo");
        let status = self.program.wait_exit();
        assert!(status.success(), "{status}: {}", self.program.log());
    }
}
