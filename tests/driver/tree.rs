//! What a program tells of all its accessible nodes at once.

use std::cell::RefCell;
use std::collections::HashMap;

use atspi::Role;
use zbus::blocking::Connection;
use zbus::zvariant::OwnedObjectPath;

use super::node::Extents;

/// A node on the bus: the program's name, its path.
type Reference = (String, OwnedObjectPath);

/// `org.a11y.atspi.Cache.GetItems`: node, application, parent, position, number of children, interfaces, name, role,
/// description, states.
type Item = (Reference, Reference, Reference, i32, i32, Vec<String>, String, u32, String, Vec<u32>);

/// Names and roles at one moment, in one message, where asking each node takes a thousand. GTK keeps those that were
/// asked for before; others are asked themselves, and so is who the children are: those that are hidden by now are kept,
/// too.
pub(super) struct Tree {
    nodes: HashMap<OwnedObjectPath, Kept>,
    extents: RefCell<HashMap<OwnedObjectPath, Option<Extents>>>,
}

/// What is kept of a node.
struct Kept {
    name: String,
    role: Role,
}

impl Tree {
    /// Asks a program.
    pub(super) fn of(connection: &Connection, owner: &str) -> Self {
        let (path, interface) = ("/org/a11y/atspi/cache", "org.a11y.atspi.Cache");
        let reply = connection.call_method(Some(owner), path, Some(interface), "GetItems", &());
        let items = reply.ok().and_then(|reply| reply.body().deserialize::<Vec<Item>>().ok());
        let kept = |(node, _, _, _, _, _, name, role, _, _): Item| {
            (node.1, Kept { name, role: Role::try_from(role).unwrap_or(Role::Invalid) })
        };
        let nodes = items.into_iter().flatten().map(kept);
        Self { nodes: nodes.collect(), extents: RefCell::default() }
    }

    /// The name of a node.
    pub(super) fn name(&self, path: &OwnedObjectPath) -> Option<String> {
        self.nodes.get(path).map(|kept| kept.name.clone())
    }

    /// The role of a node.
    pub(super) fn role(&self, path: &OwnedObjectPath) -> Option<Role> {
        self.nodes.get(path).map(|kept| kept.role)
    }

    /// Whether nothing can be in it. What GTK keeps as the number of children is none for pages of a stack.
    pub(super) fn is_leaf(&self, path: &OwnedObjectPath) -> bool {
        matches!(self.role(path), Some(Role::Label | Role::Image))
    }

    /// Where a node is; asked once.
    pub(super) fn extents(
        &self,
        path: &OwnedObjectPath,
        ask: impl FnOnce() -> Option<Extents>,
    ) -> Option<Extents> {
        if let Some(known) = self.extents.borrow().get(path) {
            return *known;
        }
        let told = ask();
        self.extents.borrow_mut().insert(path.clone(), told);
        told
    }
}
