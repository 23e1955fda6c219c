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

/// Names, roles and numbers of children at one moment, in one message, where asking each node takes a thousand. GTK
/// keeps those that were asked for before; others are asked themselves, and so is who the children are: those that are
/// hidden by now are kept, too.
pub(super) struct Tree {
    nodes: HashMap<OwnedObjectPath, Kept>,
    extents: RefCell<HashMap<OwnedObjectPath, Option<Extents>>>,
}

/// What is kept of a node.
struct Kept {
    name: String,
    role: Role,
    children: i32,
}

impl Tree {
    /// Asks a program.
    pub(super) fn of(connection: &Connection, owner: &str) -> Self {
        let (path, interface) = ("/org/a11y/atspi/cache", "org.a11y.atspi.Cache");
        let reply = connection.call_method(Some(owner), path, Some(interface), "GetItems", &());
        let items = reply.ok().and_then(|reply| reply.body().deserialize::<Vec<Item>>().ok());
        let kept = |(node, _, _, _, children, _, name, role, _, _): Item| {
            let role = Role::try_from(role).unwrap_or(Role::Invalid);
            (node.1, Kept { name, role, children })
        };
        let nodes = items.into_iter().flatten().map(kept);
        // The root does not count its windows.
        let nodes = nodes.filter(|(_, kept)| kept.role != Role::Application);
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

    /// Whether nothing is in it.
    pub(super) fn is_leaf(&self, path: &OwnedObjectPath) -> bool {
        self.nodes.get(path).is_some_and(|kept| kept.children == 0)
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
