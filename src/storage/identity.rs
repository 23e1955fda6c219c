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
    /// The sizes that each host read last: here, there. Proves nothing: each is as old as the last
    /// refresh of its pool, and what a server exports may have grown since.
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
    let same_source = origin_of(pool).is_some() && origin_of(pool) == origin_of(other);
    match proof {
        Some(true) => SharingBadge::Proved,
        Some(false) if same_name => SharingBadge::SameNameOnly,
        Some(false) => SharingBadge::Missing,
        None if same_source => SharingBadge::SameSource,
        None if same_name => SharingBadge::SameNameOnly,
        None => SharingBadge::Missing,
    }
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
    let both_active = pool.state.is_active() && other.state.is_active();
    if proof != Some(true) && both_active && pool.capacity != other.capacity {
        found.push(Difference::Size(pool.capacity, other.capacity));
    }
    if let (Some(here), Some(there)) = (origin_of(pool), origin_of(other))
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

/// Whether a pool is something in the network, so that other hosts may have it, too.
#[must_use]
pub fn in_network(pool: &Pool) -> bool {
    origin_of(pool).is_some()
}

fn origin_of(pool: &Pool) -> Option<String> {
    origin(&pool.definition.source)
}

/// What a pool is in the network, in one text; `None` for what is the host's own: that is also what
/// `localhost` serves.
#[must_use]
pub fn origin(source: &PoolSource) -> Option<String> {
    let servers = |servers: &[Server], port: u16| {
        let mut names: Vec<String> = servers
            .iter()
            .map(|server| format!("{}:{}", server_name(server), server.port.unwrap_or(port)))
            .collect();
        names.sort();
        names.dedup();
        names.join(",")
    };
    if servers_of(source).iter().any(is_local) {
        return None;
    }
    let trimmed = |path: &str| path.trim_matches('/').to_owned();
    match source {
        PoolSource::Netfs { server, export, .. } => {
            Some(format!("{}:/{}", server_name(server), trimmed(export)))
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

fn servers_of(source: &PoolSource) -> &[Server] {
    match source {
        PoolSource::Netfs { server, .. } => std::slice::from_ref(server),
        PoolSource::Iscsi { portal, .. } | PoolSource::IscsiDirect { portal, .. } => {
            std::slice::from_ref(portal)
        }
        PoolSource::Rbd { monitors, .. } => monitors,
        PoolSource::Gluster { servers, .. } => servers,
        PoolSource::Dir
        | PoolSource::Fs { .. }
        | PoolSource::Logical { .. }
        | PoolSource::Disk { .. }
        | PoolSource::Scsi(_)
        | PoolSource::Mpath
        | PoolSource::Zfs { .. }
        | PoolSource::Vstorage { .. }
        | PoolSource::Other(_) => &[],
    }
}

/// A server's name, however it is spelled.
pub(super) fn server_name(server: &Server) -> String {
    server.name.trim_end_matches('.').to_lowercase()
}

/// Whether it is the machine itself that asks.
pub(super) fn is_local(server: &Server) -> bool {
    let address: Option<std::net::IpAddr> = server.name.parse().ok();
    server.name.starts_with("localhost") || address.is_some_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PoolUuid;
    use crate::model::storage::{NfsVersion, PoolDefinition, PoolState};

    const B: HostId = HostId(2);

    fn pool(host: u32, name: &str, source: PoolSource, gib: u64) -> Pool {
        Pool {
            capacity: Bytes(gib << 30),
            available: Bytes(gib << 30),
            ..Pool::running(
                PoolKey { host: HostId(host), uuid: PoolUuid([host as u8; 16]) },
                PoolDefinition::new(name, source, "/mnt"),
            )
        }
    }

    fn nfs(server: &str, export: &str) -> PoolSource {
        PoolSource::Netfs {
            server: Server { name: server.into(), port: None },
            export: export.into(),
            protocol: NetworkProtocol::Nfs(Some(NfsVersion::V4_2)),
        }
    }

    fn seen(one: &Pool, other: &Pool, proof: Option<bool>) -> (SharingBadge, Vec<Difference>) {
        let found = sharing(one, B, [other], |_, _| proof);
        (found.badge, found.differences)
    }

    #[test]
    fn from_the_strongest_sign_to_the_weakest() {
        let here = pool(1, "images", nfs("nas", "/srv/vm"), 9);
        let there = pool(2, "images", nfs("NAS.", "/srv/vm/"), 9);
        assert_eq!(seen(&here, &there, Some(true)), (SharingBadge::Proved, vec![]));
        assert_eq!(seen(&here, &there, None), (SharingBadge::SameSource, vec![]));
        let local = pool(2, "images", PoolSource::Dir, 9);
        assert_eq!(seen(&here, &local, None).0, SharingBadge::SameNameOnly);
        let other = pool(2, "other", PoolSource::Dir, 9);
        assert_eq!(seen(&here, &other, None).0, SharingBadge::Missing);
        let none = sharing(&here, B, [], |_, _| None);
        assert_eq!((none.badge, none.pool), (SharingBadge::Missing, None));
    }

    #[test]
    fn a_proof_against_it_outweighs_name_and_source() {
        let here = pool(1, "images", nfs("nas", "/srv/vm"), 9);
        let there = pool(2, "images", nfs("nas", "/srv/vm"), 9);
        let (badge, differences) = seen(&here, &there, Some(false));
        assert_eq!(badge, SharingBadge::SameNameOnly);
        assert_eq!(differences, [Difference::Disproved]);
    }

    #[test]
    fn what_each_host_serves_to_itself_is_not_one_source() {
        for name in ["localhost", "127.0.0.1", "::1", "localhost.localdomain"] {
            let here = pool(1, "images", nfs(name, "/srv/vm"), 9);
            let there = pool(2, "images", nfs(name, "/srv/vm"), 9);
            assert_eq!(seen(&here, &there, None).0, SharingBadge::SameNameOnly, "{name}");
        }
    }

    #[test]
    fn other_sizes_are_told_and_prove_nothing() {
        let here = pool(1, "images", nfs("nas", "/srv/vm"), 9);
        let there = pool(2, "images", nfs("nas", "/srv/vm"), 8);
        let (badge, differences) = seen(&here, &there, None);
        assert_eq!(badge, SharingBadge::SameSource);
        assert_eq!(differences, [Difference::Size(Bytes(9 << 30), Bytes(8 << 30))]);
    }

    #[test]
    fn what_gets_in_the_way_is_told() {
        let here = pool(1, "images", nfs("nas", "/srv/vm"), 9);
        let mut there = pool(2, "vm", nfs("10.0.0.1", "/srv/vm"), 0);
        there.state = PoolState::Inactive;
        there.definition.target.path = "/srv".into();
        let (badge, differences) = seen(&here, &there, Some(true));
        assert_eq!(badge, SharingBadge::Proved);
        assert_eq!(
            differences,
            [
                Difference::Inactive,
                Difference::Name("images".into(), "vm".into()),
                Difference::Path("/mnt".into(), "/srv".into()),
                Difference::Source("nas:/srv/vm".into(), "10.0.0.1:/srv/vm".into()),
            ]
        );
    }

    #[test]
    fn the_surest_of_several_is_shown() {
        let here = pool(1, "images", nfs("nas", "/srv/vm"), 9);
        let namesake = pool(2, "images", PoolSource::Dir, 5);
        let mut same = pool(2, "vm", nfs("nas", "/srv/vm"), 9);
        same.key.uuid = PoolUuid([9; 16]);
        let found = sharing(&here, B, [&namesake, &same], |_, _| None);
        assert_eq!((found.badge, found.pool), (SharingBadge::SameSource, Some(same.key)));
    }

    #[test]
    fn monitors_in_any_order_are_one_cluster() {
        let ceph = |host, names: [&str; 2]| {
            let monitors = names.map(|name| Server { name: name.into(), port: None }).to_vec();
            pool(host, "rbd", PoolSource::Rbd { monitors, pool: "vm".into(), login: None }, 1)
        };
        let (here, there) = (ceph(1, ["a", "b"]), ceph(2, ["b", "a"]));
        assert_eq!(seen(&here, &there, None).0, SharingBadge::SameSource);
    }
}
