//! On which hosts a pool is the same storage. libvirt has no such notion, so it is worked out, from
//! the strongest sign to the weakest: a file that one wrote and the other read; the same source in
//! the network; the same name.

use crate::model::storage::{
    Adapter, FibreParent, NetworkProtocol, Pool, PoolKey, PoolSource, Server,
};
use crate::model::{Bytes, HostId};

/// What one pool is on another host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sharing {
    /// The other host.
    pub host: HostId,
    /// How surely it is the same storage.
    pub badge: SharingBadge,
    /// The pool there that was compared; `None` when it is missing.
    pub pool: Option<PoolKey>,
    /// What differs and may get in the way.
    pub differences: Vec<Difference>,
}

/// How surely two pools are one storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SharingBadge {
    /// No such pool there.
    Missing,
    /// A pool of that name, but nothing says that it is the same; proved not to be, if
    /// [`Difference::Disproved`] is among the differences.
    SameNameOnly,
    /// The same source in the network, not tried.
    SameSource,
    /// A file that one host wrote was read by the other.
    Proved,
}

/// What differs between two pools that may be one storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// A file that one host wrote was not seen by the other: an alarm, where names are the same.
    Disproved,
    /// It is not started there.
    Inactive,
    /// Its volumes have other paths there, so that a guest's disks are not found: here, there.
    Path(String, String),
    /// The sizes say that it cannot be the same: here, there.
    Size(Bytes, Bytes),
    /// Another name there: here, there.
    Name(String, String),
    /// Another version of NFS, or other mount options.
    MountOptions,
    /// The source is spelled otherwise, so that libvirt takes it for another: here, there.
    Source(String, String),
}

/// Compares a pool with the pools of another host. `proof` is what is proved of two pools.
#[must_use]
pub fn sharing<'a>(
    pool: &Pool,
    host: HostId,
    there: impl IntoIterator<Item = &'a Pool>,
    proof: impl Fn(PoolKey, PoolKey) -> Option<bool>,
) -> Sharing {
    let best = there
        .into_iter()
        .map(|other| (badge(pool, other, proof(pool.key, other.key)), other))
        .filter(|(badge, _)| *badge != SharingBadge::Missing)
        // Of equals the one of the same name.
        .max_by_key(|(badge, other)| (*badge, other.name() == pool.name()));
    let Some((badge, other)) = best else {
        return Sharing { host, badge: SharingBadge::Missing, pool: None, differences: Vec::new() };
    };
    let differences = differences(pool, other, proof(pool.key, other.key));
    Sharing { host, badge, pool: Some(other.key), differences }
}

fn badge(pool: &Pool, other: &Pool, proof: Option<bool>) -> SharingBadge {
    let same_name = pool.name() == other.name();
    let same_source = origin(pool).is_some() && origin(pool) == origin(other);
    match proof {
        Some(true) => SharingBadge::Proved,
        Some(false) if same_name => SharingBadge::SameNameOnly,
        Some(false) => SharingBadge::Missing,
        None if same_source && !contradicts(pool, other) => SharingBadge::SameSource,
        None if same_name => SharingBadge::SameNameOnly,
        None => SharingBadge::Missing,
    }
}

/// One export has one size, wherever it is mounted: a cheap test that two are not the same.
fn contradicts(pool: &Pool, other: &Pool) -> bool {
    let both_active = pool.state.is_active() && other.state.is_active();
    both_active && pool.capacity != other.capacity
}

fn differences(pool: &Pool, other: &Pool, proof: Option<bool>) -> Vec<Difference> {
    let mut found = Vec::new();
    if proof == Some(false) {
        found.push(Difference::Disproved);
    }
    if !other.state.is_active() {
        found.push(Difference::Inactive);
    }
    let text = |text: &str| text.to_owned();
    if pool.name() != other.name() {
        found.push(Difference::Name(text(pool.name()), text(other.name())));
    }
    let (here, there) = (path(pool), path(other));
    if here != there {
        found.push(Difference::Path(text(here), text(there)));
    }
    if proof != Some(true) && contradicts(pool, other) {
        found.push(Difference::Size(pool.capacity, other.capacity));
    }
    if let (Some(here), Some(there)) = (origin(pool), origin(other))
        && here != there
    {
        found.push(Difference::Source(here, there));
    }
    let (one, two) = (&pool.definition, &other.definition);
    if nfs(&one.source) != nfs(&two.source) || one.mount_options != two.mount_options {
        found.push(Difference::MountOptions);
    }
    found
}

fn path(pool: &Pool) -> &str {
    let path = pool.definition.target.path.as_str();
    if path.len() > 1 { path.trim_end_matches('/') } else { path }
}

const fn nfs(source: &PoolSource) -> Option<NetworkProtocol> {
    match source {
        PoolSource::Netfs { protocol, .. } => Some(*protocol),
        _ => None,
    }
}

/// What the pool is in the network, in one text; `None` for what is the host's own.
#[must_use]
fn origin(pool: &Pool) -> Option<String> {
    let servers = |servers: &[Server], port: u16| {
        let mut names: Vec<String> = servers
            .iter()
            .map(|server| {
                let name = server.name.trim_end_matches('.').to_lowercase();
                format!("{name}:{}", server.port.unwrap_or(port))
            })
            .collect();
        names.sort();
        names.dedup();
        names.join(",")
    };
    let trimmed = |path: &str| path.trim_matches('/').to_owned();
    match &pool.definition.source {
        PoolSource::Netfs { server, export, .. } => {
            let server = server.name.trim_end_matches('.').to_lowercase();
            Some(format!("{server}:/{}", trimmed(export)))
        }
        PoolSource::Iscsi { portal, target, .. }
        | PoolSource::IscsiDirect { portal, target, .. } => {
            Some(format!("{} {target}", servers(std::slice::from_ref(portal), 3260)))
        }
        PoolSource::Rbd { monitors, pool, .. } => Some(format!("{} {pool}", servers(monitors, 0))),
        PoolSource::Gluster { servers: names, volume, directory } => {
            Some(format!("{} {volume}/{}", servers(names, 0), trimmed(directory)))
        }
        PoolSource::Vstorage { cluster } => Some(cluster.clone()),
        PoolSource::Scsi(Adapter::FibreChannel { parent: FibreParent::Fabric(wwn), .. }) => {
            Some(wwn.to_lowercase())
        }
        PoolSource::Dir
        | PoolSource::Fs { .. }
        | PoolSource::Logical { .. }
        | PoolSource::Disk { .. }
        | PoolSource::Scsi(_)
        | PoolSource::Mpath
        | PoolSource::Zfs { .. }
        | PoolSource::Other(_) => None,
    }
}
