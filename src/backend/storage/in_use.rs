//! Whether guests use a volume: asked right before it would be lost.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use super::jobs::Job;
use super::watch;
use crate::backend::host::Host;
use crate::backend::libvirt::{Connect, disks, pools, volumes};
use crate::backend::spawn;
use crate::model::storage::{Pool, PoolKey, VolumeKey};
use crate::model::{Failure, FailureKind, HostId};
use crate::storage::{
    AtServer, Ground, Layers, SharingBadge, UseIndex, VolumePlace, abilities, in_network,
    path_there, sharing,
};

/// How long the pools of a host are waited for.
const LIMIT: Duration = Duration::from_secs(30);

/// Refuses when a guest of one of these hosts, or of the volumes' own, uses one of them; or one of any
/// other host that is connected, by its name at a server; or when another volume builds on one.
///
/// # Errors
///
/// [`FailureKind::InUse`] with the guests' names and the volumes' paths; libvirt's when a host does
/// not answer, for then nobody knows.
pub(super) fn refuse(job: &Job, keys: &[VolumeKey], hosts: &[HostId]) -> Result<(), Failure> {
    refuse_when(job, keys, hosts, false)
}

/// Refuses like [`refuse`], but only when such a guest runs and writes to the volume; never without
/// hosts.
///
/// # Errors
///
/// As [`refuse`].
pub(super) fn refuse_written(
    job: &Job,
    key: &VolumeKey,
    hosts: Option<&[HostId]>,
) -> Result<(), Failure> {
    let Some(hosts) = hosts else { return Ok(()) };
    refuse_when(job, std::slice::from_ref(key), hosts, true)
}

fn refuse_when(
    job: &Job,
    keys: &[VolumeKey],
    hosts: &[HostId],
    only_writers: bool,
) -> Result<(), Failure> {
    let Some(first) = keys.first() else { return Ok(()) };
    let own = first.pool.host;
    for &id in hosts {
        job.shared.host(id)?; // one that is not open knows what nobody can ask
    }
    if !only_writers {
        look_again(job, first.pool)?;
    }
    let (pool, paths) = own_places(job, keys)?;
    let mut used = Vec::new();
    for host in job.shared.hosts() {
        job.go_on()?;
        let (id, reaches) = (host.id, host.id == own || hosts.contains(&host.id));
        if !reaches && paths.iter().all(|place| place.at_server.is_none()) {
            continue;
        }
        let connect = match watch::connection(&host) {
            Ok(connect) => connect,
            Err(_) if !reaches => continue,
            Err(failure) => return Err(failure),
        };
        let there = if reaches { pools_there(&connect, id, &pool)? } else { Vec::new() };
        let mut places: Vec<VolumePlace> = if id == own {
            paths.clone()
        } else {
            paths.iter().flat_map(|place| elsewhere(&pool, place, id, reaches, &there)).collect()
        };
        let name = connect.hostname().unwrap_or_else(|_| host.uri.clone());
        // What is below an image is never written.
        if !only_writers {
            let above = layers(job, &host, &there)?.above(&places);
            used.extend(above.iter().map(|place| at(&place.path, &name)));
            places.extend(above);
        }
        for guest in disks::guests(&connect)? {
            let disks = disks::read(id, &guest);
            let mut users = UseIndex::new(&disks).users(&places);
            users.retain(|user| !only_writers || (user.writes && disks::runs(&guest)));
            used.extend(users.iter().map(|user| at(&user.name, &name)));
        }
    }
    unless_used(used)
}

/// Refuses when a guest of one of these hosts, or of the pool's own, uses something of what the pool
/// may hold; or when a volume of another pool builds on it.
///
/// # Errors
///
/// As [`refuse`].
pub(super) fn refuse_pool(job: &Job, key: PoolKey, hosts: &[HostId]) -> Result<(), Failure> {
    let connect = watch::connection(&job.shared.host(key.host)?)?;
    let pool = pools::read(&connect, key)?.ok_or_else(pool_gone)?;
    let others = hosts.iter().copied().filter(|&host| host != key.host);
    let mut used = Vec::new();
    for id in std::iter::once(key.host).chain(others) {
        job.go_on()?;
        let host = job.shared.host(id)?;
        let connect = watch::connection(&host)?;
        let there = pools_there(&connect, id, &pool)?;
        let same = there.iter().filter(|other| is_same(&pool, other));
        let mut grounds: Vec<Ground> = same.map(|other| Ground::of(other, id)).collect();
        grounds.push(Ground::of(&pool, id));
        let layers = layers(job, &host, &there)?;
        let above: Vec<VolumePlace> = grounds.iter().flat_map(|ground| layers.on(ground)).collect();
        let name = connect.hostname().unwrap_or_else(|_| host.uri.clone());
        used.extend(above.iter().map(|place| at(&place.path, &name)));
        for guest in disks::guests(&connect)? {
            let disks = disks::read(id, &guest);
            let index = UseIndex::new(&disks);
            let users = grounds.iter().flat_map(|ground| index.users_on(ground));
            used.extend(users.chain(index.users(&above)).map(|user| at(&user.name, &name)));
        }
    }
    unless_used(used)
}

fn unless_used(mut used: Vec<String>) -> Result<(), Failure> {
    used.sort();
    used.dedup();
    if used.is_empty() {
        return Ok(());
    }
    Err(Failure::own(FailureKind::InUse, used.join(", ")))
}

fn pool_gone() -> Failure {
    Failure::own(FailureKind::Storage, "the pool is not there any more")
}

/// Whether a pool of another host is the same as far as its definition tells.
fn is_same(pool: &Pool, other: &Pool) -> bool {
    let badge = sharing(pool, other.key.host, [other], |_, _| None).badge;
    other.key.uuid == pool.key.uuid || badge > SharingBadge::Missing
}

/// Reads a pool of files anew: an image that somebody made on one of them meanwhile is known then.
fn look_again(job: &Job, key: PoolKey) -> Result<(), Failure> {
    let connect = watch::connection(&job.shared.host(key.host)?)?;
    let pool = pools::read(&connect, key)?;
    if pool.is_some_and(|pool| pool.state.is_active() && abilities(pool.kind()).files) {
        volumes::refresh(&connect, key)?;
    }
    Ok(())
}

/// The pools of a host. Where they cannot be listed, the guests of another host are still looked at by
/// the paths of what is the pool's host's own; what is in the network may be there by any path.
fn pools_there(connect: &Connect, host: HostId, pool: &Pool) -> Result<Vec<Pool>, Failure> {
    let (sender, listed) = channel();
    let there = connect.clone();
    // libvirt holds a pool while it mounts it, and whoever lists it waits.
    spawn("vireo-pools", move || {
        // After the limit nobody waits any more.
        let _ = sender.send(pools::list(&there, host));
    })?;
    let late = |_| Err(Failure::own(FailureKind::TimedOut, "the pools are not listed in time"));
    match listed.recv_timeout(LIMIT).unwrap_or_else(late) {
        Err(failure) if host != pool.key.host && failure.kind != FailureKind::LinkLost => {
            let known = failure.kind == FailureKind::Unsupported || !in_network(pool);
            if known { Ok(Vec::new()) } else { Err(failure) }
        }
        listed => listed,
    }
}

/// Which of a host's volumes build on which.
fn layers(job: &Job, host: &Arc<Host>, pools: &[Pool]) -> Result<Layers, Failure> {
    let mut layers = Layers::default();
    let connect = watch::connection_for_many(host)?;
    for pool in pools.iter().filter(|pool| pool.state.is_active()) {
        job.go_on()?;
        match watch::volumes_of(&connect, pool.key) {
            Ok(volumes) => layers.add(pool, &volumes),
            // It was stopped or went away meanwhile.
            Err(failure)
                if matches!(failure.kind, FailureKind::Storage | FailureKind::WrongState) => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(layers)
}

fn at(what: &str, host: &str) -> String {
    format!("{what} ({host})")
}

/// The volumes as their own host's guests call them.
fn own_places(job: &Job, keys: &[VolumeKey]) -> Result<(Pool, Vec<VolumePlace>), Failure> {
    let mut places = Vec::new();
    let mut pool = None;
    for key in keys {
        let host = job.shared.host(key.pool.host)?;
        let connect = watch::connection(&host)?;
        let read = pools::read(&connect, key.pool)?.ok_or_else(pool_gone)?;
        // A file that is gone is still named by guests; its path is known all the same.
        let path = match volumes::find(&connect, key) {
            Ok((_, volume)) => volume.details.map(|details| details.path).unwrap_or_default(),
            Err(failure) if failure.kind == FailureKind::Storage => {
                let target = &read.definition.target.path;
                path_there(read.kind(), target, &key.name).unwrap_or_default()
            }
            Err(failure) => return Err(failure),
        };
        places.push(VolumePlace {
            host: key.pool.host,
            path,
            pool: read.name().to_owned(),
            volume: key.name.clone(),
            at_server: AtServer::of_volume(&read.definition.source, &key.name),
        });
        pool = Some(read);
    }
    let pool = pool.ok_or_else(|| Failure::own(FailureKind::Other, "no volume is named"))?;
    Ok((pool, places))
}

/// A volume as the guests of another host call it: by its name at a server; and where the host has
/// the storage by the same path, and below the target of the pool that is the same there.
fn elsewhere(
    pool: &Pool,
    own: &VolumePlace,
    host: HostId,
    reaches: bool,
    there: &[Pool],
) -> Vec<VolumePlace> {
    let at_server = own.at_server.clone().map(AtServer::elsewhere);
    if !reaches {
        let only = at_server.map(|name| VolumePlace::only_at_server(host, name));
        return only.into_iter().collect();
    }
    let mut places = vec![VolumePlace { host, at_server, ..own.clone() }];
    for other in there {
        let (target, volume) = (&other.definition.target.path, own.volume.clone());
        let at_server = AtServer::of_volume(&other.definition.source, &volume);
        // One server may be spelled in several ways.
        let name = at_server.as_ref().zip(own.at_server.as_ref());
        let same = is_same(pool, other) || name.is_some_and(|(one, other)| one.has_name_of(other));
        if same {
            let path = path_there(other.kind(), target, &volume).unwrap_or_default();
            let pool = other.name().to_owned();
            places.push(VolumePlace { host, path, pool, volume, at_server });
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PoolUuid;
    use crate::model::storage::{NetworkProtocol, PoolDefinition, PoolSource, Server};

    fn pool(host: u32, name: &str, source: PoolSource, path: &str) -> Pool {
        Pool::running(
            PoolKey { host: HostId(host), uuid: PoolUuid([host as u8; 16]) },
            PoolDefinition::new(name, source, path),
        )
    }

    #[test]
    fn a_volume_is_looked_for_wherever_the_host_may_have_it() {
        let nfs = |server: &str, export: &str| PoolSource::Netfs {
            server: Server { name: server.into(), port: None },
            export: export.into(),
            protocol: NetworkProtocol::Auto,
        };
        let own = pool(1, "images", nfs("nas", "/srv"), "/images");
        let place = VolumePlace {
            host: HostId(1),
            path: "/images/v".into(),
            pool: "images".into(),
            volume: "v".into(),
            at_server: AtServer::of_volume(&own.definition.source, "v"),
        };
        for (there, path) in [
            (pool(2, "vm", nfs("nas.example.org", "/srv/"), "/vm"), Some("/vm/v")),
            (pool(2, "vm", nfs("nas", "/other"), "/vm"), None),
            (pool(2, "images", PoolSource::Dir, "/vm"), Some("/vm/v")),
            (pool(2, "vm", PoolSource::Dir, "/vm"), None),
        ] {
            let places = elsewhere(&own, &place, HostId(2), true, std::slice::from_ref(&there));
            let paths: Vec<&str> = places.iter().map(|place| place.path.as_str()).collect();
            let expected: Vec<&str> = std::iter::once("/images/v").chain(path).collect();
            assert_eq!(paths, expected, "{there:?}");
        }
    }
}
