//! A practice lab of our own, so that we can look behind the window and break things, and the program
//! on a desktop that remembers both hosts. The crate has a function `program`: which program it is.

use std::ops::Deref;
use std::os::unix::{fs::MetadataExt, process::CommandExt};
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use vireo::lab::{Lab, LabConfig, LabHost, PracticeGuest};

use crate::driver::{Desktop, Node, PATIENCE, Program, Role};

/// A free place for a lab. Short, as sockets have short paths only, and directly below `/tmp`, as the
/// daemons of root's lab run as somebody else and must get there.
pub fn place() -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    PathBuf::from(format!("/tmp/vw-{}-{number}", std::process::id()))
}

/// A lab and a desktop.
pub struct Stage {
    pub lab: Lab,
    pub desktop: Desktop,
    guests: Vec<String>,
}

impl Stage {
    /// With those of *calm*, *busy* and *big* on `lab-a` that are wanted: each takes its share of the processors.
    pub fn with(guests: &[&str]) -> Self {
        let stage = Self::on(Desktop::start, guests);
        stage.remember("poll-interval=uint32 1\n");
        stage
    }

    /// The same on another desktop, with nothing remembered.
    pub fn on(desktop: impl FnOnce() -> Desktop, names: &[&str]) -> Self {
        let mut guests = PracticeGuest::usual();
        guests.retain(|guest| names.contains(&guest.name.as_str()));
        assert_eq!(guests.len(), names.len(), "{names:?}");
        let names = guests.iter().map(|guest| guest.name.clone()).collect();
        let config = LabConfig { hosts: 2, guests, directory: Some(place()) };
        let lab = std::thread::spawn(|| Lab::start(config));
        let desktop = desktop();
        Self { lab: lab.join().unwrap().unwrap(), desktop, guests: names }
    }

    /// What the program would have written when it was used before: both hosts, and these settings.
    pub fn remember(&self, settings: &str) {
        let known = |host: &LabHost| (host.name.clone(), host.uri.clone());
        let hosts: Vec<_> = self.lab.hosts().iter().map(known).collect();
        remember(&self.desktop, &hosts, settings);
    }

    /// Starts the program and waits until it shows all guests.
    pub fn open(&self) -> Window<'_> {
        self.open_with(&[])
    }

    /// The same, with more in its environment.
    pub fn open_with(&self, environment: &[(&str, &str)]) -> Window<'_> {
        let none: [&str; 0] = [];
        let program = Program::start_with(&self.desktop, &crate::program(), none, environment);
        let window = Window(program);
        for guest in &self.guests {
            window.wait(guest, || window.row(guest));
        }
        for host in ["lab-a", "lab-b"] {
            window.wait_says(host, "guest");
        }
        window
    }

    pub fn source(&self) -> &LabHost {
        &self.lab.hosts()[0]
    }

    pub fn destination(&self) -> &LabHost {
        &self.lab.hosts()[1]
    }

    pub fn virsh(&self, host: &LabHost, arguments: &[&str]) -> String {
        let mut virsh = Command::new("virsh");
        virsh.env("LC_ALL", "C.UTF-8").args(["-q", "-c", &host.uri]).args(arguments);
        let output = virsh.output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "virsh {arguments:?} on {}: {error}", host.name);
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Ends all connections to a host, as a network does that is away for a moment. Its daemon goes on.
    pub fn cut_off(&self, host: &LabHost) {
        let daemon = format!("/proc/{}", host.daemon_pid().unwrap());
        // It lets nobody else administer it.
        let owner = std::fs::metadata(daemon).unwrap();
        let admin = |arguments: &[&str]| {
            let uri = host.uri.replace("qemu+unix", "libvirtd+unix");
            let uri = uri.replace("libvirt-sock", "libvirt-admin-sock");
            let mut admin = Command::new("virt-admin");
            admin.uid(owner.uid()).gid(owner.gid()).env("LC_ALL", "C");
            let output = admin.args(["-q", "-c", &uri]).args(arguments).output().unwrap();
            let error = String::from_utf8_lossy(&output.stderr);
            // Whoever lost one connection may close the others first.
            let gone = error.contains("Client not found");
            assert!(output.status.success() || gone, "virt-admin {arguments:?}: {error}");
            String::from_utf8(output.stdout).unwrap()
        };
        let clients = admin(&["client-list", "libvirtd"]);
        let numbers = clients.lines().filter_map(|line| line.split_whitespace().next());
        let numbers: Vec<_> = numbers.filter(|word| word.parse::<u64>().is_ok()).collect();
        assert!(!numbers.is_empty(), "nobody is connected: {clients}");
        for number in numbers {
            admin(&["client-disconnect", "libvirtd", number]);
        }
    }

    /// Defines a further guest at home on `lab-a`, and starts it.
    pub fn start_guest(&self, guest: &PracticeGuest) {
        let file = self.lab.directory().join(format!("{}.xml", guest.name));
        std::fs::write(&file, self.lab.guest_xml(guest).unwrap()).unwrap();
        self.virsh(self.source(), &["define", file.to_str().unwrap()]);
        self.virsh(self.source(), &["start", &guest.name]);
        self.lab.wait_for_heartbeat(&guest.name, 0, PATIENCE).unwrap();
    }

    /// Whether it runs on this host, as libvirt says.
    pub fn runs_on(&self, guest: &str, host: &LabHost) -> bool {
        let running = self.virsh(host, &["list", "--name"]);
        running.lines().any(|name| name.trim() == guest)
    }

    /// Waits for something that no window tells: libvirt is asked again and again.
    #[track_caller]
    pub fn until(&self, what: &str, is: impl Fn() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !is() {
            assert!(Instant::now() < deadline, "waited for {what} in vain");
        }
    }

    /// The guest has counted every second once, and goes on: it was never restarted, and never in
    /// two places.
    #[track_caller]
    pub fn assert_lives(&self, guest: &str) {
        let now = self.lab.heartbeats(guest).last().copied().unwrap_or(0);
        self.lab.wait_for_heartbeat(guest, now + 1, PATIENCE).unwrap();
        let beats = self.lab.heartbeats(guest);
        assert_eq!(beats, (0..).take(beats.len()).collect::<Vec<u64>>(), "{guest}");
    }
}

/// The same for these hosts: their names and URIs.
pub fn remember(desktop: &Desktop, hosts: &[(String, String)], settings: &str) {
    let known = |(name, uri): &(String, String)| format!("('{uri}', '{name}', true)");
    let hosts = hosts.iter().map(known).collect::<Vec<_>>().join(", ");
    let folder = desktop.directory().join("config/glib-2.0/settings");
    std::fs::create_dir_all(&folder).unwrap();
    let text = format!("[io/github/vireo/Vireo]\nconnections=[{hosts}]\n{settings}");
    std::fs::write(folder.join("keyfile"), text).unwrap();
}

/// The program, with the words of its main way.
pub struct Window<'a>(pub Program<'a>);

impl<'a> Deref for Window<'a> {
    type Target = Program<'a>;

    fn deref(&self) -> &Program<'a> {
        &self.0
    }
}

impl Window<'_> {
    /// What the row of a host says, or that of a guest on `lab-a`: state, figures.
    pub fn said(&self, row: &str) -> String {
        self.row(row).map(|row| said_by(&row)).unwrap_or_default()
    }

    #[track_caller]
    pub fn wait_says(&self, row: &str, text: &str) {
        self.wait_until(&format!("{row} to say '{text}'"), || self.said(row).contains(text));
    }

    /// The row of a guest below a host.
    pub fn row_on(&self, host: &str, guest: &str) -> Option<Node> {
        let table = self.find(Role::TreeTable, "Hosts and Guests")?;
        let rows =
            table.walk_shown().filter(|node| node.role() == Role::TableRow && node.is_shown());
        let below = rows.skip_while(|row| row.name() != host).skip(1);
        let mut own = below.take_while(|row| !row.name().starts_with("lab-"));
        own.find(|row| row.name() == guest)
    }

    /// Waits until the row of a guest below a host says this.
    #[track_caller]
    pub fn wait_says_on(&self, host: &str, guest: &str, text: &str) {
        self.wait_until(&format!("{guest} on {host} to say '{text}'"), || {
            self.row_on(host, guest).is_some_and(|row| said_by(&row).contains(text))
        });
    }

    /// Selects a guest's first row and opens its Migrate dialog.
    pub fn migrate_dialog(&self, guest: &str) -> Node {
        self.select_row(guest);
        self.action("win.guest.migrate");
        self.dialog(&format!("Migrate {guest}"))
    }

    /// A window, when it is laid out: until then there is nothing in it to be seen.
    pub fn dialog(&self, title: &str) -> Node {
        self.wait(title, || self.window(title).filter(Node::is_shown))
    }

    /// Agrees to the question that is asked.
    pub fn agree(&self, heading: &str, action: &str) {
        let question = self.dialog(heading);
        // The dialog names its buttons twice over.
        let is = |node: &Node| node.role() == Role::Button && node.name().starts_with(action);
        self.press(action, || question.walk().find(is));
        self.wait_closed(heading);
    }

    /// Waits until a window is gone.
    pub fn wait_closed(&self, title: &str) {
        self.wait_until(&format!("{title} to close"), || self.window(title).is_none());
    }

    /// Waits until a label in a window has this in its text; sizes have no plain space before their unit.
    #[track_caller]
    pub fn wait_said(&self, dialog: &Node, text: &str) {
        self.wait_until(&format!("'{text}'"), || {
            let plain = |shown: &String| shown.replace('\u{a0}', " ");
            dialog.texts().iter().map(plain).any(|shown| shown.contains(text))
        });
    }

    /// Turns the switch of this name over.
    pub fn toggle(&self, dialog: &Node, name: &str) {
        let switch = |node: &Node| {
            node.name() == name && node.actions().iter().any(|action| action == "toggle")
        };
        self.wait(name, || dialog.walk().find(switch)).act("toggle");
    }

    /// Opens the context menu of a row and waits for an item of it that can be chosen. What stands above the
    /// row may have grown while the mouse was on its way, and a click while a dialog's window is still going
    /// may be lost: then once more.
    pub fn menu_item(&self, item: &str, row: impl Fn() -> Node) -> Node {
        self.wait(item, || {
            self.right_click(&row());
            self.soon(|| self.find(Role::MenuItem, item).filter(Node::is_sensitive))
        })
    }

    /// Ticks a box that is not; once more when the click went beside it.
    pub fn tick(&self, dialog: &Node, name: &str) {
        let ticked = || dialog.find(Role::CheckBox, name).filter(Node::is_checked);
        self.wait(&format!("{name} to be ticked"), || {
            self.left_click(&dialog.find(Role::CheckBox, name)?);
            self.soon(ticked)
        });
    }

    /// Opens *Advanced* of a Migrate dialog. What stands above it may grow while the mouse is on its way:
    /// then once more.
    pub fn open_advanced(&self, dialog: &Node) {
        let opened = || dialog.find(Role::SpinButton, "Bandwidth limit");
        self.wait("Advanced to open", || {
            self.scroll_to_end(&dialog.find(Role::List, "Destination")?);
            self.left_click(&dialog.find(Role::ListItem, "Advanced")?);
            self.soon(opened)
        });
    }

    /// Chooses the direct transport, by the dialog's action.
    pub fn choose_direct(&self, dialog: &Node) {
        let actions = format!("{}/migrate", vireo::config::APP_PATH);
        self.bus_action(&actions, "transport", Some("direct".into()));
        self.wait_until("a direct move", || {
            let command = |text: &String| text.starts_with("virsh -c") && !text.contains("--p2p");
            dialog.texts().iter().any(command)
        });
    }

    /// Waits a few seconds: what was pressed may have moved away under the mouse.
    pub fn soon<T>(&self, look: impl Fn() -> Option<T>) -> Option<T> {
        let until = Instant::now() + Duration::from_secs(5);
        std::iter::from_fn(|| (Instant::now() < until).then(&look)).flatten().next()
    }

    /// Limits the speed of the move that a dialog is about to start, MiB/s.
    pub fn limit(&self, dialog: &Node, mibps: f64) {
        let spin =
            |node: &Node| node.role() == Role::SpinButton && node.name() == "Bandwidth limit";
        self.wait("the bandwidth limit", || dialog.walk().find(spin)).set_value(mibps);
        let told = format!("--bandwidth {mibps}");
        self.wait_until(&told, || dialog.texts().iter().any(|text| text.contains(&told)));
    }

    /// Presses *Migrate* and shows the page *Migrations*.
    pub fn start_move(&self, dialog: &Node) {
        self.press("the button Migrate", || dialog.find(Role::Button, "Migrate"));
        self.show_page("Migrations");
    }

    /// Starts a move at a few MiB/s.
    pub fn start_slow_move(&self, guest: &str, mibps: f64) {
        self.show_page("Hosts and Guests");
        let dialog = self.migrate_dialog(guest);
        self.limit(&dialog, mibps);
        self.start_move(&dialog);
        self.wait_moving(guest);
    }

    pub fn show_page(&self, title: &str) {
        self.click(Role::PageTab, title);
    }

    pub fn bar(&self, guest: &str) -> Option<Node> {
        self.find(Role::ProgressBar, &format!("Migration of {guest}"))
    }

    /// Waits until memory is on its way.
    pub fn wait_moving(&self, guest: &str) {
        self.wait_until(&format!("{guest} to move"), || {
            self.bar(guest).and_then(|bar| bar.value()).is_some_and(|value| value > 0.0)
        });
    }

    /// The card of a guest's move on the page *Migrations*: all its texts.
    pub fn card(&self, title: &str) -> String {
        let card = self
            .application()
            .walk_shown()
            .find(|node| node.name() == title && node.role() != Role::Label && node.is_shown());
        card.map(|card| card.texts().join("\n")).unwrap_or_default()
    }

    /// Waits until a card says all of this.
    #[track_caller]
    pub fn wait_card(&self, title: &str, wanted: &[&str]) {
        self.wait_until(&format!("{title} to say {wanted:?}"), || {
            let said = self.card(title);
            wanted.iter().all(|text| said.contains(text))
        });
    }

    /// Closes the window and waits for the end of the program.
    pub fn leave(mut self) {
        self.0.close_window("Vireo");
        let status = self.0.wait_exit();
        assert!(status.success(), "{status}: {}", self.log());
    }
}

fn said_by(row: &Node) -> String {
    row.texts().join(" · ")
}
