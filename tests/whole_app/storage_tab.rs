//! Words of the storage tab and its dialogs, for tests and for the tour.

use std::path::Path;

use crate::driver::{Node, Role};
use crate::stage::{Stage, Window};

/// What the wizard calls pools of NFS.
pub const NETWORK: &str = "Network file system (NFS, GlusterFS, CIFS)";

/// The storage tab of a host's window.
pub struct Storage<'a, 'b> {
    window: &'a Window<'b>,
    host: &'a str,
}

impl<'a, 'b> Storage<'a, 'b> {
    /// Opens a host's storage from its context menu.
    pub fn open(window: &'a Window<'b>, host: &'a str) -> Self {
        window.menu_item("Storage…", || window.select_row(host)).click();
        Self::of(window, host)
    }

    /// The one that is opened already.
    pub fn of(window: &'a Window<'b>, host: &'a str) -> Self {
        let tab = Self { window, host };
        tab.own();
        tab
    }

    pub fn dialog(&self, title: &str) -> Node {
        self.window.dialog(title)
    }

    fn own(&self) -> Node {
        self.dialog(self.host)
    }

    /// The row of a pool.
    pub fn pool(&self, name: &str) -> Node {
        self.window.wait(&format!("the pool {name}"), || {
            self.own()
                .find(Role::List, "Pools")?
                .children()
                .into_iter()
                .find(|row| row.name() == name)
        })
    }

    pub fn choose_pool(&self, name: &str) {
        self.window.wait(&format!("{name} to be chosen"), || {
            let row = self.pool(name);
            self.window.left_click(&row);
            self.window.soon(|| row.is_selected().then_some(()))
        });
    }

    /// The row of a volume.
    pub fn volume(&self, name: &str) -> Node {
        self.window.wait(&format!("the volume {name}"), || self.find_volume(name))
    }

    pub fn find_volume(&self, name: &str) -> Option<Node> {
        let table = self.own().find(Role::TreeTable, "Volumes")?;
        table
            .walk_shown()
            .find(|node| node.role() == Role::TableRow && node.name() == name && node.is_shown())
    }

    pub fn press(&self, name: &str) {
        self.window.click(Role::Button, name);
    }

    /// An item of the context menu of a volume.
    pub fn volume_menu(&self, volume: &str, item: &str) {
        self.window.menu_item(item, || self.volume(volume)).click();
    }

    /// A field of a dialog that takes text.
    pub fn fill(&self, dialog: &Node, field: &str, text: &str) {
        let is =
            |node: &Node| node.name() == field && node.is_shown() && node.role() != Role::Label;
        let entry = |node: &Node| is(node) && node.walk().all(|_| true);
        let field = self.window.wait(field, || dialog.walk().find(entry));
        field.set_text(text);
    }

    pub fn tick(&self, dialog: &Node, name: &str) {
        self.window.tick(dialog, name);
    }

    pub fn wait_text(&self, dialog: &Node, text: &str) {
        self.window.wait_said(dialog, text);
    }

    /// Opens the wizard.
    pub fn wizard(&self) -> Node {
        let title = "Add a New Storage Pool";
        // One that is just closing is no new one.
        self.window.wait_closed(title);
        self.press("Add Pool");
        let wizard = self.dialog(title);
        self.window.wait("the types", || wizard.find(Role::List, "Type"));
        wizard
    }

    /// Chooses the type that is called so.
    pub fn choose_kind(&self, wizard: &Node, kind: &str) {
        let row = || {
            let kinds = wizard.find(Role::List, "Type")?;
            kinds.children().into_iter().find(|row| row.name() == kind)
        };
        self.window.wait(&format!("{kind} to be chosen"), || {
            self.window.left_click(&row()?);
            self.window.soon(|| row().filter(Node::is_selected))
        });
    }

    /// Goes to the fields of a pool of this name.
    pub fn name_it(&self, wizard: &Node, name: &str) {
        self.fill(wizard, "Name", name);
        self.press("Next");
        self.wait_text(wizard, "Step 2 of 4");
    }

    /// Goes from the fields to the list of hosts, with this directory.
    pub fn put_it(&self, wizard: &Node, path: &str) {
        self.fill(wizard, "Target path", path);
        self.press("Next");
        self.wait_text(wizard, "Step 3 of 4");
    }

    /// Goes to the list of hosts with a directory.
    pub fn directory_wizard(&self, name: &str, path: &Path) -> Node {
        let wizard = self.wizard();
        self.name_it(&wizard, name);
        self.put_it(&wizard, path.to_str().unwrap());
        wizard
    }

    /// Sets a directory pool up on both hosts, the other of which does not answer.
    pub fn set_up_and_hang(&self, name: &str, path: &Path, stage: &Stage) -> Node {
        let wizard = self.directory_wizard(name, path);
        self.tick(&wizard, "lab-b");
        stage.destination().stop_daemon().unwrap();
        self.press("Create");
        self.wait_text(&wizard, "✓ Define");
        wizard
    }

    /// A directory pool on both hosts.
    pub fn add_shared_pool(&self, name: &str, path: &Path) -> Node {
        let wizard = self.directory_wizard(name, path);
        self.tick(&wizard, "lab-b");
        self.press("Create");
        self.wait_text(&wizard, &format!("{name} is set up and proved shared"));
        wizard
    }

    /// Chooses a file in the desktop's dialog.
    pub fn choose_file(&self, title: &str, action: &str, file: &Path) {
        let chooser = self.dialog(title);
        // A path that is typed opens the field for it.
        self.window.activate(title);
        let field = |node: &Node| node.role() == Role::Text && node.is_shown();
        if chooser.walk().find(field).is_none() {
            self.window.key("ctrl+l");
        }
        let entry = self.window.wait("the field for the path", || chooser.walk().find(field));
        entry.set_text(file.to_str().unwrap());
        self.answer(&chooser, action);
    }

    /// Presses a button of a dialog of the desktop's or libadwaita's; what these are called has the label in it, or not.
    pub fn answer(&self, dialog: &Node, label: &str) {
        let is = |node: &Node| {
            let labelled = || node.texts().iter().any(|text| text == label);
            node.role() == Role::Button && node.is_shown() && (node.name() == label || labelled())
        };
        self.window.press(label, || dialog.walk().find(is));
    }
}
