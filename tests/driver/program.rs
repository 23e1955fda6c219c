//! A program on a desktop.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};

use zbus::blocking::Connection;
use zbus::zvariant::{OwnedObjectPath, Value};

use super::{Desktop, Node, Role, poll};

const ACTIONS: &str = "org.gtk.Actions";
const BUS: &str = "org.freedesktop.DBus";

/// A program that runs on a [`Desktop`]. It is killed when dropped.
pub struct Program<'a> {
    pub(super) desktop: &'a Desktop,
    child: Child,
    log: PathBuf,
    application: Option<Node>,
}

impl<'a> Program<'a> {
    /// Starts it and waits until it shows a window.
    pub fn start<S: AsRef<OsStr>>(
        desktop: &'a Desktop,
        binary: &Path,
        arguments: impl IntoIterator<Item = S>,
    ) -> Self {
        Self::start_with(desktop, binary, arguments, &[])
    }

    /// The same, with more in its environment.
    pub fn start_with<S: AsRef<OsStr>>(
        desktop: &'a Desktop,
        binary: &Path,
        arguments: impl IntoIterator<Item = S>,
        environment: &[(&str, &str)],
    ) -> Self {
        let mut program = Self::spawn(desktop, binary, arguments, environment);
        program.attach();
        program
    }

    fn spawn<S: AsRef<OsStr>>(
        desktop: &'a Desktop,
        binary: &Path,
        arguments: impl IntoIterator<Item = S>,
        environment: &[(&str, &str)],
    ) -> Self {
        let log = desktop.directory().join("program.log");
        let file = std::fs::OpenOptions::new().create(true).append(true).open(&log).unwrap();
        let child = desktop
            .command(binary)
            .args(arguments)
            .envs(environment.iter().copied())
            .stdin(std::process::Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", binary.display()));
        Self { desktop, child, log, application: None }
    }

    fn attach(&mut self) {
        let (desktop, pid) = (self.desktop, self.child.id());
        let found = poll(|| {
            assert!(self.is_running(), "the program ended:\n{}", self.log());
            let application = application(desktop, pid)?;
            application.children().iter().any(Node::is_shown).then_some(application)
        });
        self.application = found;
        assert!(self.application.is_some(), "no window came up:\n{}", self.log());
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The root of its accessible tree; its children are the windows.
    pub fn application(&self) -> &Node {
        self.application.as_ref().expect("attached")
    }

    /// The window of exactly this title (or accessible name).
    pub fn window(&self, title: &str) -> Option<Node> {
        self.application().children().into_iter().find(|window| window.name() == title)
    }

    /// The windows' titles.
    pub fn titles(&self) -> Vec<String> {
        self.application().children().iter().map(Node::name).collect()
    }

    /// The first shown node of this role (`None`: any) and exactly this name, in any window: in the one that came last
    /// sooner than in the others, as dialogs do.
    pub fn find(&self, role: impl Into<Option<Role>>, name: &str) -> Option<Node> {
        let role = role.into();
        self.application().newest_first().find(|node| node.is_called(role, name))
    }

    /// Waits for such a node.
    pub fn wait_for(&self, role: impl Into<Option<Role>>, name: &str) -> Node {
        let role = role.into();
        self.wait(&described(role, name), || self.find(role, name))
    }

    /// Waits until no such node is left.
    pub fn wait_gone(&self, role: impl Into<Option<Role>>, name: &str) {
        let role = role.into();
        let what = described(role, name) + " to go";
        self.wait(&what, || self.find(role, name).is_none().then_some(()));
    }

    /// Waits until a label with this in its text is shown, and says the whole text.
    pub fn wait_text(&self, part: &str) -> String {
        self.wait(&format!("the text '{part}'"), || {
            let mut labels = self.application().newest_first();
            let said = |node: &Node| node.role() == Role::Label && node.name().contains(part);
            labels.find(|node| said(node) && node.is_shown()).map(|label| label.name())
        })
    }

    /// Waits until there is something, or ends the test and says what was there instead.
    pub fn wait<T>(&self, what: &str, look: impl FnMut() -> Option<T>) -> T {
        poll(look).unwrap_or_else(|| {
            let (picture, tree, log) = (self.last_picture(), self.dump(), self.log());
            panic!("waited for {what} in vain; there is\n{tree}\n{log}\n{}", picture.display())
        })
    }

    /// Keeps a picture of what was there when a test failed.
    fn last_picture(&self) -> PathBuf {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/failures");
        let picture = folder.join(format!("{}.png", self.pid()));
        // The picture helps, but the words do without it.
        if std::fs::create_dir_all(folder).is_ok() {
            self.desktop.screenshot(&picture);
        }
        picture
    }

    /// Waits until it is true.
    pub fn wait_until(&self, what: &str, mut is: impl FnMut() -> bool) {
        self.wait(what, || is().then_some(()));
    }

    /// The texts of all labels shown.
    pub fn texts(&self) -> Vec<String> {
        self.application().texts()
    }

    /// The accessible tree in words.
    pub fn dump(&self) -> String {
        self.application.as_ref().map(Node::dump).unwrap_or_default()
    }

    /// Waits for a button (or menu item, or whatever can be clicked) and presses it.
    pub fn click(&self, role: impl Into<Option<Role>>, name: &str) {
        let role = role.into();
        let what = described(role, name) + " to be usable";
        self.press(&what, || self.find(role, name));
    }

    /// Waits until something that is looked for again and again can be pressed, and presses it.
    pub fn press(&self, what: &str, look: impl Fn() -> Option<Node>) {
        self.wait_until(what, || look().is_some_and(|node| node.try_click()));
    }

    /// Does a `GAction` through the first window that offers it, such as `guest.migrate`; AT-SPI
    /// offers an action only while it is enabled.
    pub fn action(&self, name: &str) {
        let window = self.wait(&format!("the action {name}"), || {
            let windows = self.application().children();
            windows.into_iter().find(|window| window.actions().iter().any(|own| own == name))
        });
        window.act(name);
    }

    /// The row of a list or tree that is called so, or that shows a label of this text.
    pub fn row(&self, name: &str) -> Option<Node> {
        let row =
            |node: &Node| matches!(node.role(), Role::TableRow | Role::TreeItem | Role::ListItem);
        let mut nodes = self.application().walk_shown();
        nodes.find_map(|node| {
            let called = node.name() == name && node.is_shown();
            if called { node.ancestors().find(row) } else { None }
        })
    }

    /// Waits for a row and selects it, and no other.
    pub fn select_row(&self, name: &str) -> Node {
        self.wait(&format!("the row {name} to be selected"), || {
            let row = self.row(name)?;
            let list = row.parent()?;
            let alone = list.children().iter().all(|other| *other == row || !other.is_selected());
            if !alone && list.actions().iter().any(|action| action == "list.unselect-all") {
                list.act("list.unselect-all");
            }
            if !row.is_selected() {
                list.select_child(row.position()?);
            }
            row.is_selected().then_some(row)
        })
    }

    /// Calls an action exported on the session bus: of the application when `object` is its path,
    /// of a window when it is `…/window/1`.
    pub fn bus_action(&self, object: &str, name: &str, parameter: Option<Value<'_>>) {
        let owner = self.bus_name(object);
        let parameters: Vec<Value<'_>> = parameter.into_iter().collect();
        let platform: HashMap<&str, Value<'_>> = HashMap::new();
        let body = (name, parameters, platform);
        self.desktop
            .session()
            .call_method(Some(owner.as_str()), object, Some(ACTIONS), "Activate", &body)
            .unwrap_or_else(|error| panic!("{object} {name}: {error}"));
    }

    /// The actions exported on the session bus by this object.
    pub fn bus_actions(&self, object: &str) -> Vec<String> {
        self.actions_of(&self.bus_name(object), object).unwrap_or_default()
    }

    /// The name on the session bus under which the program exports this object: its own unique
    /// one, as a program that may run twice need not have the other.
    fn bus_name(&self, object: &str) -> String {
        let session = self.desktop.session();
        self.wait(object, || {
            let reply = session.call_method(Some(BUS), "/", Some(BUS), "ListNames", &()).ok()?;
            let names: Vec<String> = reply.body().deserialize().ok()?;
            let own =
                |name: &String| name.starts_with(':') && process(session, name) == Some(self.pid());
            let mut own = names.into_iter().filter(own);
            own.find(|name| self.actions_of(name, object).is_some_and(|list| !list.is_empty()))
        })
    }

    fn actions_of(&self, owner: &str, object: &str) -> Option<Vec<String>> {
        let session = self.desktop.session();
        let reply = session.call_method(Some(owner), object, Some(ACTIONS), "List", &()).ok()?;
        reply.body().deserialize().ok()
    }

    /// What it wrote to its standard output and error.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Asks a window to close, as its close button would.
    pub fn close_window(&self, title: &str) {
        let what = format!("the window {title}");
        self.wait(&what, || self.window(title)).act("window.close");
    }

    /// Waits until it has ended by itself.
    pub fn wait_exit(&mut self) -> ExitStatus {
        let status = poll(|| self.child.try_wait().unwrap());
        status.unwrap_or_else(|| panic!("still running:\n{}\n{}", self.dump(), self.log()))
    }

    /// Stops it where it stands. A signal reaches a busy process a moment later: until none of its threads
    /// goes on.
    pub fn freeze(&self) {
        self.signal(rustix::process::Signal::STOP);
        let tasks = format!("/proc/{}/task", self.pid());
        let stands = |task: std::io::Result<std::fs::DirEntry>| {
            let stat = task.and_then(|task| std::fs::read_to_string(task.path().join("stat")));
            // The state comes after the name, which may have brackets in it.
            stat.is_ok_and(|stat| {
                stat.rsplit(')').next().is_some_and(|rest| rest.starts_with(" T"))
            })
        };
        let all = || std::fs::read_dir(&tasks).unwrap().all(stands).then_some(());
        assert!(poll(all).is_some(), "it goes on");
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.signal(rustix::process::Signal::CONT);
    }

    /// Waits for some frames' worth of answers.
    pub fn answers(&self) {
        for _frame in 0..30 {
            let _answered = self.titles();
        }
    }

    /// Sends it a signal, such as `Signal::TERM`.
    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = i32::try_from(self.pid()).ok().and_then(rustix::process::Pid::from_raw);
        rustix::process::kill_process(pid.unwrap(), signal).unwrap();
    }
}

impl Drop for Program<'_> {
    fn drop(&mut self) {
        // It may have ended meanwhile.
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}

fn described(role: Option<Role>, name: &str) -> String {
    role.map_or_else(|| format!("'{name}'"), |role| format!("{role:?} '{name}'"))
}

/// Finds a program on the accessibility bus by its process.
fn application(desktop: &Desktop, pid: u32) -> Option<Node> {
    let connection = desktop.accessibility();
    let root = OwnedObjectPath::try_from("/org/a11y/atspi/accessible/root").ok()?;
    let registry = Node::new(connection, "org.a11y.atspi.Registry".to_owned(), root);
    registry
        .children()
        .into_iter()
        .find(|application| process(connection, application.owner()) == Some(pid))
}

/// The process behind a name on a bus.
fn process(bus: &Connection, name: &str) -> Option<u32> {
    let method = "GetConnectionUnixProcessID";
    bus.call_method(Some(BUS), "/", Some(BUS), method, &(name,)).ok()?.body().deserialize().ok()
}
