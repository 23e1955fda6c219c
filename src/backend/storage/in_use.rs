//! Whether guests use a volume: asked right before it would be lost.

use super::jobs::Job;
use super::watch;
use crate::backend::libvirt::{disks, pools, volumes};
use crate::model::storage::{Pool, VolumeKey};
use crate::model::{Failure, FailureKind, HostId};
use crate::storage::{DiskUser, SharingBadge, VolumePlace, path_there, sharing, users};

/// Refuses when a guest of one of these hosts, or of the volumes' own, uses one of them.
///
/// # Errors
///
/// [`FailureKind::InUse`] with the guests' names; libvirt's when a host does not answer, for then
/// nobody knows.
pub(super) fn refuse(job: &Job, keys: &[VolumeKey], hosts: &[HostId]) -> Result<(), Failure> {
    let Some(first) = keys.first() else { return Ok(()) };
    let own = first.pool.host;
    let (pool, paths) = own_places(job, keys)?;
    let mut asked = vec![own];
    asked.extend(hosts.iter().copied().filter(|&host| host != own));
    let mut used = Vec::new();
    for id in asked {
        job.go_on()?;
        let host = job.shared.host(id)?;
        let connect = watch::connection(&host)?;
        let places: Vec<VolumePlace> = if id == own {
            paths.clone()
        } else {
            let there = pools::list(&connect, id)?;
            paths.iter().flat_map(|place| elsewhere(&pool, place, id, &there)).collect()
        };
        let guests: Vec<_> =
            disks::guests(&connect)?.iter().filter_map(|guest| disks::read(id, guest)).collect();
        let name = connect.hostname().unwrap_or_else(|_| host.uri.clone());
        used.extend(users(&places, &guests).into_iter().map(|user| said(&user, &name)));
    }
    used.sort();
    used.dedup();
    if used.is_empty() {
        return Ok(());
    }
    Err(Failure::own(FailureKind::InUse, used.join(", ")))
}

fn said(user: &DiskUser, host: &str) -> String {
    format!("{} ({host})", user.name)
}

/// The volumes as their own host's guests call them.
fn own_places(job: &Job, keys: &[VolumeKey]) -> Result<(Pool, Vec<VolumePlace>), Failure> {
    let mut places = Vec::new();
    let mut pool = None;
    for key in keys {
        let host = job.shared.host(key.pool.host)?;
        let connect = watch::connection(&host)?;
        let read = pools::read(&connect, key.pool)?
            .ok_or_else(|| Failure::own(FailureKind::Storage, "the pool is not there any more"))?;
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
        });
        pool = Some(read);
    }
    let pool = pool.ok_or_else(|| Failure::own(FailureKind::Other, "no volume is named"))?;
    Ok((pool, places))
}

/// A volume as the guests of another host call it: by the same path, and below the target of the
/// pool that is the same there.
fn elsewhere(pool: &Pool, own: &VolumePlace, host: HostId, there: &[Pool]) -> Vec<VolumePlace> {
    let mut places = vec![VolumePlace { host, ..own.clone() }];
    for other in there {
        let badge = sharing(pool, host, [other], |_, _| None).badge;
        let same = other.key.uuid == pool.key.uuid || badge > SharingBadge::Missing;
        let target = &other.definition.target.path;
        if same && let Some(path) = path_there(other.kind(), target, &own.volume) {
            let pool = other.name().to_owned();
            places.push(VolumePlace { host, path, pool, volume: own.volume.clone() });
        }
    }
    places
}
