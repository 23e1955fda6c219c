//! One node of the accessible tree.

use std::fmt;
use std::rc::{Rc, Weak};

use atspi::{Role, State, StateSet};
use serde::de::DeserializeOwned;
use zbus::blocking::Connection;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Type, Value};

use super::tree::Tree;

const ACCESSIBLE: &str = "org.a11y.atspi.Accessible";
const ACTION: &str = "org.a11y.atspi.Action";
const COMPONENT: &str = "org.a11y.atspi.Component";
const EDITABLE: &str = "org.a11y.atspi.EditableText";
const SELECTION: &str = "org.a11y.atspi.Selection";
const TEXT: &str = "org.a11y.atspi.Text";
const VALUE: &str = "org.a11y.atspi.Value";

/// One node of the accessible tree: a window, a row, a button, a label.
///
/// Nodes come and go while they are looked at. A question to one that is gone is answered like
/// that of an empty one; an order to it ends the test.
#[derive(Clone)]
pub struct Node {
    connection: Connection,
    owner: String,
    path: OwnedObjectPath,
    /// What the program told of all nodes, while a walk through them goes on.
    walked: Weak<Tree>,
}

/// Where a node is, in pixels of its window's widget area (shadow and border not counted).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extents {
    /// From the left.
    pub x: i32,
    /// From the top.
    pub y: i32,
    /// Zero when it is not shown.
    pub width: i32,
    /// Zero when it is not shown.
    pub height: i32,
}

impl Node {
    pub(super) fn new(connection: &Connection, owner: String, path: OwnedObjectPath) -> Self {
        Self { connection: connection.clone(), owner, path, walked: Weak::new() }
    }

    /// The accessible name; of a label, its text.
    pub fn name(&self) -> String {
        let kept = self.walked.upgrade().and_then(|tree| tree.name(&self.path));
        kept.unwrap_or_else(|| self.property(ACCESSIBLE, "Name").unwrap_or_default())
    }

    /// The longer explanation; of an icon button without a name, its tooltip.
    pub fn description(&self) -> String {
        self.property(ACCESSIBLE, "Description").unwrap_or_default()
    }

    /// The role: `Button`, `CheckBox`, `TableRow`, `MenuItem`, `Label`, `Frame` (every window,
    /// dialogs too) … GTK's own role names differ from those of AT-SPI, so names are not used.
    pub fn role(&self) -> Role {
        let kept = self.walked.upgrade().and_then(|tree| tree.role(&self.path));
        kept.unwrap_or_else(|| self.ask(ACCESSIBLE, "GetRole", &()).unwrap_or(Role::Invalid))
    }

    /// All its states.
    pub fn states(&self) -> StateSet {
        self.ask(ACCESSIBLE, "GetState", &()).unwrap_or_default()
    }

    /// Whether it can be used now.
    pub fn is_sensitive(&self) -> bool {
        self.states().contains(State::Sensitive)
    }

    /// Whether it is ticked, pressed in or switched on.
    pub fn is_checked(&self) -> bool {
        self.states().intersects(State::Checked | State::Pressed)
    }

    /// Whether it is selected.
    pub fn is_selected(&self) -> bool {
        self.states().contains(State::Selected)
    }

    /// Whether it has the keyboard.
    pub fn is_focused(&self) -> bool {
        self.states().contains(State::Focused)
    }

    /// Whether it is laid out: pages of a stack that are not shown have no size.
    pub fn is_shown(&self) -> bool {
        self.extents().is_some_and(|extents| extents.width > 0 && extents.height > 0)
    }

    /// Where it is in its window.
    pub fn extents(&self) -> Option<Extents> {
        let ask = || {
            let window_coordinates = 1_u32;
            let (x, y, width, height) =
                self.ask(COMPONENT, "GetExtents", &(window_coordinates,))?;
            Some(Extents { x, y, width, height })
        };
        match self.walked.upgrade() {
            Some(tree) => tree.extents(&self.path, ask),
            None => ask(),
        }
    }

    /// What it consists of.
    pub fn children(&self) -> Vec<Self> {
        if self.walked.upgrade().is_some_and(|tree| tree.is_leaf(&self.path)) {
            return Vec::new();
        }
        let children: Vec<(String, OwnedObjectPath)> =
            self.ask(ACCESSIBLE, "GetChildren", &()).unwrap_or_default();
        children.into_iter().map(|(owner, path)| self.other(owner, path)).collect()
    }

    /// Another node of the same walk.
    fn other(&self, owner: String, path: OwnedObjectPath) -> Self {
        let Self { connection, walked, .. } = self;
        Self { connection: connection.clone(), owner, path, walked: walked.clone() }
    }

    /// What it is part of.
    pub fn parent(&self) -> Option<Self> {
        let (owner, path): (String, OwnedObjectPath) = self.property(ACCESSIBLE, "Parent")?;
        let exists = !owner.is_empty() && !path.as_str().ends_with("/null");
        exists.then(|| Self::new(&self.connection, owner, path))
    }

    /// It and everything around it, from the inside out.
    pub fn ancestors(&self) -> impl Iterator<Item = Self> + use<> {
        std::iter::successors(Some(self.clone()), Self::parent)
    }

    /// The window it is in: a child of the application, whatever its role (`Frame`, `Dialog`).
    pub fn window(&self) -> Option<Self> {
        let outside = |node: &Self| node.parent().is_some_and(|it| it.role() == Role::Application);
        self.ancestors().find(outside)
    }

    /// Everything in it, itself first, in the order of the screen.
    pub fn walk(&self) -> Walk {
        self.walk_by(Self::children)
    }

    /// The same without what is in something that is not laid out (pages that are not shown, closed
    /// popovers): most of a tree, and each question is a message there and back.
    pub fn walk_shown(&self) -> Walk {
        self.walk_by(Self::shown_children)
    }

    /// The same of an application; the window that came last is the first.
    pub(super) fn newest_first(&self) -> Walk {
        let mut walk = self.walk_shown();
        walk.waiting = walk.waiting.iter().flat_map(Self::children).collect();
        walk
    }

    fn walk_by(&self, children: fn(&Self) -> Vec<Self>) -> Walk {
        let tree = self.walked.upgrade();
        let tree = tree.unwrap_or_else(|| Rc::new(Tree::of(&self.connection, &self.owner)));
        let first = Self { walked: Rc::downgrade(&tree), ..self.clone() };
        Walk { _tree: tree, waiting: vec![first], children }
    }

    /// What it consists of, unless it is not laid out: then nothing in it is.
    fn shown_children(&self) -> Vec<Self> {
        let children = self.children();
        let hidden = |node: &Self| {
            node.extents().is_some_and(|extents| extents.width == 0 || extents.height == 0)
        };
        if children.is_empty() || hidden(self) { Vec::new() } else { children }
    }

    /// The first shown node in it of this role (`None`: any) and exactly this name.
    pub fn find(&self, role: impl Into<Option<Role>>, name: &str) -> Option<Self> {
        let role = role.into();
        self.walk_shown().find(|node| node.is_called(role, name))
    }

    /// Whether it is shown, and of this role (`None`: any) and exactly this name.
    pub(super) fn is_called(&self, role: Option<Role>, name: &str) -> bool {
        self.name() == name && role.is_none_or(|role| self.role() == role) && self.is_shown()
    }

    /// The texts of the labels in it, in the order of the screen, shown ones only.
    pub fn texts(&self) -> Vec<String> {
        let labels = self.walk_shown().filter(|node| node.role() == Role::Label && node.is_shown());
        labels.map(|node| node.name()).filter(|text| !text.is_empty()).collect()
    }

    /// The names of what it can do.
    pub fn actions(&self) -> Vec<String> {
        let count: i32 = self.property(ACTION, "NActions").unwrap_or(0);
        (0..count).map(|index| self.ask(ACTION, "GetName", &(index,)).unwrap_or_default()).collect()
    }

    /// Does one of the things it can do, or ends the test when it cannot.
    pub fn act(&self, action: &str) {
        let actions = self.actions();
        let index = actions.iter().position(|name| name == action);
        let index = index.unwrap_or_else(|| panic!("{self} can {actions:?}, not {action}"));
        let index = i32::try_from(index).unwrap();
        assert!(self.order::<_, bool>(ACTION, "DoAction", &(index,)), "{self} refused {action}");
    }

    /// Presses it.
    pub fn click(&self) {
        assert!(self.is_sensitive(), "{self} cannot be used now");
        self.act("click");
    }

    /// Presses it if it is still there and can be used; whether it was pressed.
    pub fn try_click(&self) -> bool {
        let click = self.actions().iter().position(|name| name == "click");
        let index = click.filter(|_| self.is_sensitive()).and_then(|at| i32::try_from(at).ok());
        index.is_some_and(|index| self.ask(ACTION, "DoAction", &(index,)).unwrap_or(false))
    }

    /// What is typed in it. Of a label, its text.
    pub fn text(&self) -> String {
        // GTK 4.8 answers the end −1 with an empty text.
        let end: i32 = self.property(TEXT, "CharacterCount").unwrap_or(0);
        self.ask(TEXT, "GetText", &(0_i32, end)).unwrap_or_default()
    }

    /// Replaces what is typed in it.
    pub fn set_text(&self, text: &str) {
        let done: bool = self.order(EDITABLE, "SetTextContents", &(text,));
        assert!(done, "{self} does not take text");
    }

    /// Its number: of a progress bar 0 to 1, of a spin button what it shows.
    pub fn value(&self) -> Option<f64> {
        self.property(VALUE, "CurrentValue")
    }

    /// Sets its number.
    pub fn set_value(&self, value: f64) {
        let body = (VALUE, "CurrentValue", Value::from(value));
        self.order::<_, ()>("org.freedesktop.DBus.Properties", "Set", &body);
    }

    /// Selects the child at this position, and nothing else.
    pub fn select_child(&self, position: i32) -> bool {
        self.ask(SELECTION, "SelectChild", &(position,)).unwrap_or(false)
    }

    /// Its position among its siblings.
    pub fn position(&self) -> Option<i32> {
        let position: i32 = self.ask(ACCESSIBLE, "GetIndexInParent", &())?;
        (position >= 0).then_some(position)
    }

    /// The program it belongs to, as the accessibility bus calls it.
    pub(super) fn owner(&self) -> &str {
        &self.owner
    }

    /// The tree below it in words, one node a line.
    pub fn dump(&self) -> String {
        let mut text = String::new();
        self.dump_into(&mut text, 0);
        text
    }

    fn dump_into(&self, text: &mut String, depth: usize) {
        use fmt::Write;
        let states = self.states();
        let marks = [
            (!states.contains(State::Sensitive), "insensitive"),
            (self.is_checked(), "checked"),
            (states.contains(State::Selected), "selected"),
            (states.contains(State::Focused), "focused"),
            (!self.is_shown(), "hidden"),
        ];
        let marks: Vec<_> = marks.iter().filter(|(is, _)| *is).map(|(_, mark)| *mark).collect();
        let _infallible = write!(text, "{:1$}{self} {2}", "", depth * 2, marks.join(" "));
        // Windows and labels offer the same everywhere.
        let told = !matches!(self.role(), Role::Frame | Role::Label | Role::Application);
        let actions = if told { self.actions() } else { Vec::new() };
        if !actions.is_empty() {
            let _infallible = write!(text, " {actions:?}");
        }
        if let Some(value) = self.value() {
            let _infallible = write!(text, " = {value}");
        }
        text.push('\n');
        // What is in something hidden is hidden, too.
        let children = if depth > 0 && !self.is_shown() { Vec::new() } else { self.children() };
        for child in children {
            child.dump_into(text, depth + 1);
        }
    }

    fn property<T: TryFrom<OwnedValue>>(&self, interface: &str, name: &str) -> Option<T> {
        let body = (interface, name);
        let value: OwnedValue = self.ask("org.freedesktop.DBus.Properties", "Get", &body)?;
        value.try_into().ok()
    }

    fn ask<B, R>(&self, interface: &str, method: &str, body: &B) -> Option<R>
    where
        B: serde::Serialize + zbus::zvariant::DynamicType,
        R: DeserializeOwned + Type,
    {
        self.call(interface, method, body).ok()
    }

    fn order<B, R>(&self, interface: &str, method: &str, body: &B) -> R
    where
        B: serde::Serialize + zbus::zvariant::DynamicType,
        R: DeserializeOwned + Type,
    {
        self.call(interface, method, body)
            .unwrap_or_else(|error| panic!("{self}: {interface}.{method}: {error}"))
    }

    fn call<B, R>(&self, interface: &str, method: &str, body: &B) -> zbus::Result<R>
    where
        B: serde::Serialize + zbus::zvariant::DynamicType,
        R: DeserializeOwned + Type,
    {
        let reply = self.connection.call_method(
            Some(self.owner.as_str()),
            self.path.as_str(),
            Some(interface),
            method,
            body,
        )?;
        reply.body().deserialize()
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} '{}'", self.role(), self.name())?;
        let description = self.description();
        if description.is_empty() { Ok(()) } else { write!(f, " ({description})") }
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.owner == other.owner && self.path == other.path
    }
}

/// Goes through a tree, parents first. While it lasts its nodes are as they were when it began; afterwards each is
/// asked again.
pub struct Walk {
    _tree: Rc<Tree>,
    waiting: Vec<Node>,
    children: fn(&Node) -> Vec<Node>,
}

impl Iterator for Walk {
    type Item = Node;

    fn next(&mut self) -> Option<Node> {
        let node = self.waiting.pop()?;
        self.waiting.extend((self.children)(&node).into_iter().rev());
        Some(node)
    }
}
