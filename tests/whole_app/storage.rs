//! Storage from outside: a pool is set up on two hosts and proved shared, volumes are made, transferred and kept
//! from harm, and what goes wrong says what to do.

use std::path::{Path, PathBuf};

use crate::driver::{Node, Role};
use crate::stage::{Stage, Window};

/// Words of the storage tab and its dialogs.
pub struct Storage<'a, 'b> {
    window: &'a Window<'b>,
    host: &'a str,
}

impl<'a, 'b> Storage<'a, 'b> {
    /// Opens a host's storage from its context menu.
    pub fn open(window: &'a Window<'b>, host: &'a str) -> Self {
        window.right_click(&window.select_row(host));
        window.click(Role::MenuItem, "Storage…");
        let tab = Self { window, host };
        tab.pool("shared");
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
            self.own().find(Role::List, "Pools")?.children().into_iter().find(|row| row.name() == name)
        })
    }

    pub fn choose_pool(&self, name: &str) {
        let row = self.pool(name);
        self.window.left_click(&row);
        self.window.wait_until("it to be chosen", || row.is_selected());
    }

    /// The row of a volume.
    pub fn volume(&self, name: &str) -> Node {
        self.window.wait(&format!("the volume {name}"), || self.find_volume(name))
    }

    pub fn find_volume(&self, name: &str) -> Option<Node> {
        let table = self.own().find(Role::TreeTable, "Volumes")?;
        table.walk().find(|node| {
            node.role() == Role::TableRow && node.name() == name && node.is_shown()
        })
    }

    pub fn press(&self, name: &str) {
        self.window.click(Role::Button, name);
    }

    /// An item of the context menu of a volume.
    pub fn volume_menu(&self, volume: &str, item: &str) {
        self.window.right_click(&self.volume(volume));
        self.window.click(Role::MenuItem, item);
    }

    /// A field of a dialog that takes text.
    pub fn fill(&self, dialog: &Node, field: &str, text: &str) {
        let is = |node: &Node| node.name() == field && node.is_shown() && node.role() != Role::Label;
        let entry = |node: &Node| is(node) && node.walk().all(|_| true);
        let field = self.window.wait(field, || dialog.walk().find(entry));
        field.set_text(text);
    }

    /// Ticks a box.
    pub fn tick(&self, dialog: &Node, name: &str) {
        let check = self.window.wait(name, || dialog.find(Role::CheckBox, name));
        self.window.left_click(&check);
        self.window.wait_until(&format!("{name} to be ticked"), || check.is_checked());
    }

    pub fn wait_text(&self, dialog: &Node, text: &str) {
        self.window.wait_until(&format!("'{text}'"), || {
            dialog.texts().iter().any(|shown| shown.contains(text))
        });
    }

    /// Goes to the list of hosts with a directory.
    pub fn directory_wizard(&self, name: &str, path: &Path) -> Node {
        self.press("Add Pool");
        let wizard = self.dialog("Add a New Storage Pool");
        self.window.wait("the types", || wizard.find(Role::List, "Type"));
        self.fill(&wizard, "Name", name);
        self.press("Next");
        self.wait_text(&wizard, "Step 2 of 4");
        self.fill(&wizard, "Target path", path.to_str().unwrap());
        self.press("Next");
        self.wait_text(&wizard, "Step 3 of 4");
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
        let button = |chooser: &Node| chooser.find(Role::Button, action).filter(Node::is_sensitive);
        self.window.wait(action, || button(&chooser)).click();
    }
}

fn place(stage: &Stage, name: &str) -> PathBuf {
    stage.lab.shared_directory().join(name)
}

#[test]
fn a_pool_on_two_hosts_is_proved_and_its_volumes_come_and_go() {
    let stage = Stage::new();
    let window = stage.open();
    let tab = Storage::open(&window, "lab-a");
    let images = place(&stage, "images");
    tab.add_shared_pool("images", &images);
    tab.press("Done");
    tab.choose_pool("images");
    window.wait_text("● lab-b: Proved shared");
    for host in stage.lab.hosts() {
        let said = stage.virsh(host, &["pool-info", "images"]);
        assert!(said.contains("running"), "{}: {said}", host.name);
    }
    let uuid = |host| stage.virsh(host, &["pool-uuid", "images"]);
    assert_eq!(uuid(stage.source()), uuid(stage.destination()));

    tab.press("New Volume…");
    let dialog = tab.dialog("New Volume");
    tab.fill(&dialog, "Name", "disk one.qcow2");
    tab.press("Create");
    tab.volume("disk one.qcow2");
    assert!(stage.virsh(stage.source(), &["vol-list", "images"]).contains("disk one.qcow2"));

    let file = stage.desktop.directory().join("up.img");
    let bytes: Vec<u8> = (0..3_000_000_u32).flat_map(u32::to_le_bytes).collect();
    std::fs::write(&file, &bytes).unwrap();
    window.action("storage.upload");
    tab.choose_file("Upload a File", "Choose", &file);
    let dialog = tab.dialog("Upload a Volume");
    tab.wait_text(&dialog, "11.4 MiB, raw");
    tab.press("Upload");
    tab.volume("up.img");
    window.show_page("Migrations");
    window.wait_card("Upload of up.img", &["11.4 MiB went over, and arrived the same"]);
    assert_eq!(std::fs::read(images.join("up.img")).unwrap(), bytes);

    tab.volume_menu("up.img", "Download…");
    let down = stage.desktop.directory().join("down.img");
    tab.choose_file("Download up.img", "Download", &down);
    window.wait_card("Download of up.img", &["arrived the same"]);
    assert_eq!(std::fs::read(&down).unwrap(), bytes);

    tab.volume_menu("up.img", "Delete…");
    let question = tab.dialog("Delete 1 volume?");
    question.find(Role::Button, "Delete").unwrap().click();
    window.wait_until("it to go", || tab.find_volume("up.img").is_none());
    assert!(!images.join("up.img").exists());
    window.leave();
}

#[test]
fn what_guests_use_is_not_deleted() {
    let stage = Stage::new();
    let window = stage.open();
    // The guests are at home on lab-a; lab-b sees the same directory.
    let tab = Storage::open(&window, "lab-b");
    let disk = stage.virsh(stage.source(), &["domblklist", "calm"]);
    let disk = disk.lines().find_map(|line| line.split_whitespace().nth(1)).unwrap().to_owned();
    let name = disk.rsplit('/').next().unwrap();
    tab.choose_pool("shared");
    tab.press("Prove It Is Shared");
    window.wait_text("● lab-a: Proved shared");
    tab.volume(name);
    window.wait_text("calm (lab-a)");
    tab.volume_menu(name, "Delete…");
    let refusal = tab.dialog("Guests use this storage");
    tab.wait_text(&refusal, &format!("{name}: calm (lab-a)"));
    refusal.find(Role::Button, "Close").unwrap().click();
    assert!(Path::new(&disk).exists());
    window.leave();
}

#[test]
fn a_pool_that_fails_says_why_and_is_taken_back() {
    let stage = Stage::new();
    let window = stage.open();
    let tab = Storage::open(&window, "lab-a");
    let wizard = tab.directory_wizard("shared", &place(&stage, "other"));
    tab.wait_text(&wizard, "Has a pool named shared already");
    assert!(!wizard.find(Role::Button, "Create").unwrap().is_sensitive());
    tab.press("Back");
    tab.wait_text(&wizard, "Step 2 of 4");
    tab.press("Back");
    tab.wait_text(&wizard, "Step 1 of 4");
    tab.fill(&wizard, "Name", "lost");
    tab.press("Next");
    tab.wait_text(&wizard, "Step 2 of 4");
    tab.fill(&wizard, "Target path", "relative");
    tab.press("Next");
    tab.wait_text(&wizard, "“relative” must be a full path");
    tab.fill(&wizard, "Target path", place(&stage, "no/such").to_str().unwrap());
    let make = wizard.find(Role::CheckBox, "Make the directory if it is missing").unwrap();
    make.act("toggle");
    tab.press("Next");
    tab.wait_text(&wizard, "Step 3 of 4");
    tab.press("Create");
    tab.wait_text(&wizard, "lost could not be set up everywhere");
    tab.wait_text(&wizard, "✗ Start: ");
    tab.press("Undo");
    tab.wait_text(&wizard, "lost was taken back");
    assert!(!stage.virsh(stage.source(), &["pool-list", "--all"]).contains("lost"));
    window.leave();
}

#[test]
fn a_server_without_nfs_is_told_with_what_to_do() {
    let stage = Stage::new();
    let window = stage.open();
    let tab = Storage::open(&window, "lab-a");
    tab.press("Add Pool");
    let wizard = tab.dialog("Add a New Storage Pool");
    let kinds = window.wait("the types", || wizard.find(Role::List, "Type"));
    let nfs = "Network file system (NFS, GlusterFS, CIFS)";
    let row = window.wait(nfs, || kinds.children().into_iter().find(|row| row.name() == nfs));
    window.left_click(&row);
    tab.press("Next");
    tab.wait_text(&wizard, "Step 2 of 4");
    tab.fill(&wizard, "Server", "127.0.0.1");
    tab.press("Discover");
    tab.wait_text(&wizard, "127.0.0.1 told of nothing, or does not answer");
    tab.wait_text(&wizard, "type the path by hand");
    window.leave();
}

#[test]
fn the_way_to_a_pool_and_a_volume_by_keyboard_alone() {
    let stage = Stage::new();
    let window = stage.open();
    let keys = stage.virsh(stage.source(), &["pool-list", "--name"]);
    assert_eq!(keys.trim(), "shared");
    window.activate("Vireo");
    window.select_row("lab-a");
    window.key("ctrl+s");
    let tab = Storage { window: &window, host: "lab-a" };
    tab.pool("shared");
    window.activate("lab-a");
    window.key("ctrl+n");
    let wizard = tab.dialog("Add a New Storage Pool");
    window.wait("the types", || wizard.find(Role::List, "Type"));
    window.activate("Add a New Storage Pool");
    window.key("ctrl+a");
    window.type_text("typed");
    window.key("Return");
    tab.wait_text(&wizard, "Step 2 of 4");
    window.key("ctrl+a");
    window.type_text(place(&stage, "typed").to_str().unwrap());
    window.key("Return");
    tab.wait_text(&wizard, "Step 3 of 4");
    window.key("Return");
    tab.wait_text(&wizard, "typed is set up");
    window.key("Return");
    tab.pool("typed");
    assert!(stage.virsh(stage.source(), &["pool-list", "--name"]).contains("typed"));
    window.leave();
}
