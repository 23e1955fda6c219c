//! Which guests use a volume, on whichever host they are.

use std::collections::HashMap;
use std::sync::Arc;

use super::at_server::AtServer;
use super::ground::Ground;
use crate::model::storage::{GuestDisks, Pool, PoolKind};
use crate::model::{DiskFacts, DiskSource, GuestKey, HostId};

/// A volume as the guests of one host may call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumePlace {
    /// The host.
    pub host: HostId,
    /// Its path there; empty where it has none.
    pub path: String,
    /// Its pool's name there; empty where it has none.
    pub pool: String,
    /// Its name in the pool.
    pub volume: String,
    /// Its name at a server, by which a guest needs no pool.
    pub at_server: Option<AtServer>,
}

impl VolumePlace {
    /// On a host that has it in no pool.
    #[must_use]
    pub fn only_at_server(host: HostId, name: AtServer) -> Self {
        let none = String::new;
        Self { host, path: none(), pool: none(), volume: none(), at_server: Some(name) }
    }
}

/// A guest that uses a volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskUser {
    /// The guest.
    pub guest: GuestKey,
    /// Its name.
    pub name: Arc<str>,
    /// Its disk, such as `vda`, or the path of another file of it.
    pub disk: String,
    /// The volume is below the disk's own image.
    pub as_backing: bool,
    /// It writes to it while it runs.
    pub writes: bool,
    /// The name is the same, but perhaps not the server.
    pub unsure: bool,
}

/// What a guest's disk or a volume is called on one host.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Name {
    Path(String),
    Volume(String, String),
    AtServer(String, String),
}

impl Name {
    fn path(path: &str) -> Option<Self> {
        path.starts_with('/').then(|| Self::Path(plain(path)))
    }

    fn at_server(name: &AtServer) -> Self {
        Self::AtServer(name.protocol.clone(), name.name.clone())
    }

    fn of_disk(source: &DiskSource) -> Option<Self> {
        match source {
            DiskSource::File(path) | DiskSource::Block(path) => Self::path(path),
            DiskSource::Volume { pool, volume } => Some(Self::Volume(pool.clone(), volume.clone())),
            DiskSource::Network { .. } => AtServer::of_disk(source).as_ref().map(Self::at_server),
            DiskSource::Empty | DiskSource::Other(_) => None,
        }
    }

    fn of_volume(place: &VolumePlace) -> impl Iterator<Item = Self> {
        let in_pool = Self::Volume(place.pool.clone(), place.volume.clone());
        let at_server = place.at_server.as_ref().map(Self::at_server);
        Self::path(&place.path).into_iter().chain([in_pool]).chain(at_server)
    }
}

/// Who uses what has one name, and what that is at a server.
type Users = Vec<(Option<AtServer>, DiskUser)>;

/// The guests' disks, by host and name, so that the users of a thousand volumes are found at once.
#[derive(Debug, Default)]
pub struct UseIndex(HashMap<(HostId, Name), Users>);

impl UseIndex {
    /// Of these guests.
    pub fn new<'a>(guests: impl IntoIterator<Item = &'a GuestDisks>) -> Self {
        let mut index = Self::default();
        for guest in guests {
            for disk in &guest.disks {
                index.add(guest, disk, true);
            }
            for disk in &guest.next {
                index.add(guest, disk, false);
            }
            for file in &guest.files {
                index.add_file(guest, file);
            }
        }
        index
    }

    fn add_file(&mut self, guest: &GuestDisks, path: &str) {
        let Some(name) = Name::path(path) else { return };
        let user = DiskUser {
            guest: guest.guest,
            name: Arc::clone(&guest.name),
            disk: path.to_owned(),
            as_backing: false,
            writes: false,
            unsure: false,
        };
        self.0.entry((guest.guest.host, name)).or_default().push((None, user));
    }

    fn add(&mut self, guest: &GuestDisks, disk: &DiskFacts, now: bool) {
        for (depth, source) in std::iter::once(&disk.source).chain(&disk.backing).enumerate() {
            let Some(name) = Name::of_disk(source) else { continue };
            let user = DiskUser {
                guest: guest.guest,
                name: Arc::clone(&guest.name),
                disk: disk.target.clone(),
                as_backing: depth > 0,
                writes: now && depth == 0 && !disk.read_only && !disk.transient,
                unsure: false,
            };
            let users = self.0.entry((guest.guest.host, name)).or_default();
            users.push((AtServer::of_disk(source), user));
        }
    }

    /// The guests that use something of what a pool may hold.
    #[must_use]
    pub fn users_on(&self, ground: &Ground) -> Vec<DiskUser> {
        let holds = |name: &Name| match name {
            Name::Path(path) => ground.has(path),
            Name::Volume(pool, _) => *pool == ground.pool,
            Name::AtServer(..) => false,
        };
        let used = self.0.iter().filter(|((host, name), _)| *host == ground.host && holds(name));
        used.flat_map(|(_, users)| users.iter().map(|(_, user)| user.clone())).collect()
    }

    /// The guests that use a volume, each disk once. `places` are the hosts on which it is to be
    /// reached: its own, other connections to that machine, and those that share its pool.
    #[must_use]
    pub fn users(&self, places: &[VolumePlace]) -> Vec<DiskUser> {
        let mut users: Vec<DiskUser> = Vec::new();
        for place in places {
            let named = Name::of_volume(place).filter_map(|name| self.0.get(&(place.host, name)));
            for (disk, user) in named.flatten() {
                let unsure = match (disk, &place.at_server) {
                    (Some(disk), Some(volume)) => !disk.shares_server(volume),
                    (None, _) | (_, None) => false,
                };
                let same =
                    |known: &&mut DiskUser| (known.guest, &known.disk) == (user.guest, &user.disk);
                if let Some(known) = users.iter_mut().find(same) {
                    known.as_backing &= user.as_backing;
                    known.writes |= user.writes;
                    known.unsure &= unsure;
                } else {
                    users.push(DiskUser { unsure, ..user.clone() });
                }
            }
        }
        users
    }
}

/// Without doubled slashes, and LVM's two names of one volume as one.
pub(super) fn plain(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    if let ["dev", "mapper", name] = parts[..]
        && let Some((group, volume)) = lvm(name)
    {
        return format!("/dev/{group}/{volume}");
    }
    format!("/{}", parts.join("/"))
}

/// Group and volume: the device mapper has one hyphen between them, and doubles those in them.
fn lvm(name: &str) -> Option<(String, String)> {
    let hyphens = name.replace("--", "\0");
    let (group, volume) = hyphens.split_once('-')?;
    let plain = |name: &str| name.replace('\0', "-");
    (!volume.contains('-')).then(|| (plain(group), plain(volume)))
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

/// What a volume of a pool is called by those who want its path before it is there.
#[must_use]
pub fn volume_path(pool: &Pool, volume: &str) -> String {
    path_there(pool.kind(), &pool.definition.target.path, volume)
        .unwrap_or_else(|| format!("{}/{volume}", pool.name()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::storage::{Pool, PoolDefinition, PoolKey, PoolSource, PoolState};
    use crate::model::{GuestUuid, PoolUuid};

    fn disk(source: DiskSource, backing: &[DiskSource]) -> DiskFacts {
        DiskFacts {
            target: "vda".into(),
            removable: false,
            source,
            read_only: false,
            shareable: false,
            transient: false,
            cache: String::new(),
            optional: false,
            backing: backing.to_vec(),
            secrets: Vec::new(),
            reservations: None,
        }
    }

    fn guest(host: u32, source: DiskSource, backing: &[DiskSource]) -> GuestDisks {
        GuestDisks {
            guest: GuestKey { host: HostId(host), uuid: GuestUuid([1; 16]) },
            name: "web".into(),
            disks: vec![disk(source, backing)],
            next: Vec::new(),
            files: Vec::new(),
        }
    }

    fn file(path: &str) -> DiskSource {
        DiskSource::File(path.into())
    }

    fn place(host: u32, path: &str) -> VolumePlace {
        VolumePlace {
            host: HostId(host),
            path: path.into(),
            pool: "p".into(),
            volume: "a.img".into(),
            at_server: None,
        }
    }

    fn users(places: &[VolumePlace], guest: &GuestDisks) -> Vec<DiskUser> {
        UseIndex::new([guest]).users(places)
    }

    #[test]
    fn a_volume_is_used_under_each_of_its_names() {
        let volume = DiskSource::Volume { pool: "p".into(), volume: "a.img".into() };
        let places = [place(1, "/p/a.img"), place(2, "/q/a.img")];
        for (guest, used) in [
            (guest(1, file("/p/a.img"), &[]), true),
            (guest(1, file("/p//a.img"), &[]), true),
            (guest(2, file("/q/a.img"), &[]), true),
            (guest(2, file("/p/a.img"), &[]), false),
            (guest(3, file("/p/a.img"), &[]), false),
            (guest(1, file("/p/./a.img"), &[]), false),
            (guest(1, volume.clone(), &[]), true),
            (guest(1, file("/p/top"), &[file("/p/mid"), file("/p/a.img")]), true),
            (guest(1, file("/p/top"), &[volume]), true),
            (guest(1, DiskSource::Empty, &[]), false),
        ] {
            assert_eq!(!users(&places, &guest).is_empty(), used, "{guest:?}");
        }
        let twice = guest(1, file("/p/top"), &[file("/p/a.img"), file("/p/a.img")]);
        let below = users(&places, &twice);
        assert!(below[0].as_backing && below[0].disk == "vda" && &*below[0].name == "web");
        assert!(below.len() == 1 && !below[0].writes);
        assert!(users(&[place(1, "")], &guest(1, file(""), &[])).is_empty());
    }

    #[test]
    fn what_a_guest_starts_from_is_used_and_not_written() {
        let mut guest = guest(1, DiskSource::Empty, &[]);
        guest.files = vec!["/p//a.img".into(), "/p/a.img".into()];
        let found = users(&[place(1, "/p/a.img")], &guest);
        assert!(found.len() == 2 && found.iter().all(|user| !user.writes && !user.as_backing));
        assert!(users(&[place(1, "/p/b.img")], &guest).is_empty());
    }

    #[test]
    fn who_uses_a_volume_uses_its_pool() {
        let source = PoolSource::Logical { group: "vg".into(), devices: Vec::new() };
        let pool = Pool {
            state: PoolState::Inactive,
            ..Pool::running(
                PoolKey { host: HostId(1), uuid: PoolUuid([1; 16]) },
                PoolDefinition::new("fast", source, "/dev/vg"),
            )
        };
        let ground = Ground::of(&pool, HostId(1));
        let volume = DiskSource::Volume { pool: "fast".into(), volume: "a".into() };
        for (guest, used) in [
            (guest(1, DiskSource::Block("/dev/mapper/vg-a".into()), &[]), true),
            (guest(1, file("/p/top"), &[DiskSource::Block("/dev/vg/a".into())]), true),
            (guest(1, volume, &[]), true),
            (guest(1, file("/p/a"), &[]), false),
            (guest(2, DiskSource::Block("/dev/vg/a".into()), &[]), false),
        ] {
            let found = UseIndex::new([&guest]).users_on(&ground);
            assert_eq!(!found.is_empty(), used, "{guest:?}");
        }
    }

    #[test]
    fn a_logical_volume_has_two_paths() {
        for (one, other, same) in [
            ("/dev/mapper/vg-root", "/dev/vg/root", true),
            ("/dev/mapper/my--vg-my--disk", "/dev/my-vg/my-disk", true),
            ("/dev/mapper/vg-root-real", "/dev/vg/root", false),
            ("/dev/mapper/vg-other", "/dev/vg/root", false),
            ("/dev/mapper/mpatha", "/dev/mpatha", false),
        ] {
            let block = guest(1, DiskSource::Block(one.into()), &[]);
            assert_eq!(!users(&[place(1, other)], &block).is_empty(), same, "{one}");
        }
    }

    #[test]
    fn what_runs_writes_but_to_what_is_read_only_or_for_the_next_start() {
        let writes = |disk: DiskFacts, next: bool| {
            let mut guest = guest(1, DiskSource::Empty, &[]);
            if next {
                guest.next.push(disk)
            } else {
                guest.disks.push(disk)
            }
            let users = users(&[place(1, "/p/a.img")], &guest);
            assert_eq!(users.len(), 1);
            users[0].writes
        };
        let own = disk(file("/p/a.img"), &[]);
        assert!(writes(own.clone(), false) && !writes(own.clone(), true));
        assert!(!writes(DiskFacts { read_only: true, ..own.clone() }, false));
        assert!(!writes(DiskFacts { transient: true, ..own }, false));
        assert!(!writes(disk(file("/p/top"), &[file("/p/a.img")]), false));
    }

    #[test]
    fn a_path_on_another_host() {
        assert_eq!(path_there(PoolKind::Netfs, "/mnt/", "a").as_deref(), Some("/mnt/a"));
        assert_eq!(path_there(PoolKind::Rbd, "", "a"), None);
    }
}
