//! Which guests use a volume, on whichever host they are.

use std::sync::Arc;

use crate::model::storage::{GuestDisks, PoolKind};
use crate::model::{DiskSource, GuestKey, HostId};

/// A volume as the guests of one host may call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumePlace {
    /// The host.
    pub host: HostId,
    /// Its path there; empty where it has none.
    pub path: String,
    /// Its pool's name there.
    pub pool: String,
    /// Its name in the pool.
    pub volume: String,
}

/// A guest that uses a volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskUser {
    /// The guest.
    pub guest: GuestKey,
    /// Its name.
    pub name: Arc<str>,
    /// Its disk, such as `vda`.
    pub disk: String,
    /// The volume is below the disk's own image.
    pub as_backing: bool,
}

/// The guests that use a volume. `places` are the hosts on which it is to be reached: its own,
/// other connections to that machine, and those that share its pool.
#[must_use]
pub fn users<'a>(
    places: &[VolumePlace],
    guests: impl IntoIterator<Item = &'a GuestDisks>,
) -> Vec<DiskUser> {
    let mut users = Vec::new();
    for guest in guests {
        let here = |place: &&VolumePlace| place.host == guest.guest.host;
        for place in places.iter().filter(here) {
            for disk in &guest.disks {
                let own = is(place, &disk.source);
                if own || disk.backing.iter().any(|path| is_path(place, path)) {
                    let (disk, name) = (disk.target.clone(), Arc::clone(&guest.name));
                    users.push(DiskUser { guest: guest.guest, name, disk, as_backing: !own });
                }
            }
        }
    }
    users
}

fn is(place: &VolumePlace, source: &DiskSource) -> bool {
    match source {
        DiskSource::File(path) | DiskSource::Block(path) => is_path(place, path),
        DiskSource::Volume { pool, volume } => *pool == place.pool && *volume == place.volume,
        // An RBD or GlusterFS disk says `pool/image` and its servers; libvirt's path of such a volume is that.
        DiskSource::Network { name, .. } => !name.is_empty() && place.path.ends_with(name.as_str()),
        DiskSource::Empty | DiskSource::Other(_) => false,
    }
}

/// Paths are compared as text, but for doubled slashes.
fn is_path(place: &VolumePlace, path: &str) -> bool {
    let parts = |path: &str| {
        path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    path.starts_with('/') && place.path.starts_with('/') && parts(path) == parts(&place.path)
}

/// The path a volume has where its pool has another target directory.
#[must_use]
pub fn path_there(kind: PoolKind, target_there: &str, volume: &str) -> Option<String> {
    let by_name = matches!(
        kind,
        PoolKind::Dir
            | PoolKind::Fs
            | PoolKind::Netfs
            | PoolKind::Vstorage
            | PoolKind::Logical
            | PoolKind::Disk
    );
    (by_name && !target_there.is_empty())
        .then(|| format!("{}/{volume}", target_there.trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{DiskFacts, GuestUuid};

    fn guest(host: u32, source: DiskSource, backing: &[&str]) -> GuestDisks {
        let disk = DiskFacts {
            target: "vda".into(),
            removable: false,
            source,
            read_only: false,
            shareable: false,
            transient: false,
            cache: String::new(),
            optional: false,
            backing: backing.iter().map(|&path| path.to_owned()).collect(),
            secrets: Vec::new(),
            reservations: None,
        };
        GuestDisks {
            guest: GuestKey { host: HostId(host), uuid: GuestUuid([1; 16]) },
            name: "web".into(),
            disks: vec![disk],
        }
    }

    fn place(host: u32, path: &str) -> VolumePlace {
        VolumePlace {
            host: HostId(host),
            path: path.into(),
            pool: "p".into(),
            volume: "a.img".into(),
        }
    }

    #[test]
    fn a_volume_is_used_under_each_of_its_names() {
        let file = |path: &str| DiskSource::File(path.into());
        let volume = DiskSource::Volume { pool: "p".into(), volume: "a.img".into() };
        let places = [place(1, "/p/a.img"), place(2, "/q/a.img")];
        for (guest, used) in [
            (guest(1, file("/p/a.img"), &[]), true),
            (guest(1, file("/p//a.img"), &[]), true),
            (guest(2, file("/q/a.img"), &[]), true),
            (guest(2, file("/p/a.img"), &[]), false),
            (guest(3, file("/p/a.img"), &[]), false),
            (guest(1, volume.clone(), &[]), true),
            (guest(1, file("/p/top"), &["/p/mid", "/p/a.img"]), true),
            (guest(1, DiskSource::Empty, &[]), false),
        ] {
            assert_eq!(!users(&places, [&guest]).is_empty(), used, "{guest:?}");
        }
        let below = users(&places, [&guest(1, file("/p/top"), &["/p/a.img"])]);
        assert!(below[0].as_backing && below[0].disk == "vda" && &*below[0].name == "web");
    }

    #[test]
    fn a_path_on_another_host() {
        assert_eq!(path_there(PoolKind::Netfs, "/mnt/", "a").as_deref(), Some("/mnt/a"));
        assert_eq!(path_there(PoolKind::Rbd, "", "a"), None);
    }
}
