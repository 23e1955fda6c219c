//! All guests' disks by what they call them, so that the users of a thousand volumes are found at once.

use std::collections::HashMap;
use std::sync::Arc;

use super::uses::{DiskUser, VolumePlace};
use crate::model::storage::GuestDisks;
use crate::model::{DiskSource, HostId};

/// The guests' disks, by host and name. Answers as [`users`](super::users) does.
#[derive(Debug, Default)]
pub struct UseIndex {
    paths: HashMap<(HostId, String), Vec<DiskUser>>,
    volumes: HashMap<(HostId, String, String), Vec<DiskUser>>,
    /// By the last part of the name.
    network: HashMap<(HostId, String), Vec<(String, DiskUser)>>,
}

impl UseIndex {
    /// Of these guests.
    pub fn new<'a>(guests: impl IntoIterator<Item = &'a GuestDisks>) -> Self {
        let mut index = Self::default();
        for guest in guests {
            let host = guest.guest.host;
            for disk in &guest.disks {
                let user = |as_backing| DiskUser {
                    guest: guest.guest,
                    name: Arc::clone(&guest.name),
                    disk: disk.target.clone(),
                    as_backing,
                };
                index.add(host, &disk.source, user(false));
                for path in &disk.backing {
                    let users = index.paths.entry((host, plain(path))).or_default();
                    let known =
                        |known: &DiskUser| known.guest == guest.guest && known.disk == disk.target;
                    if !users.iter().any(known) {
                        users.push(user(true));
                    }
                }
            }
        }
        index
    }

    fn add(&mut self, host: HostId, source: &DiskSource, user: DiskUser) {
        match source {
            DiskSource::File(path) | DiskSource::Block(path) => {
                self.paths.entry((host, plain(path))).or_default().push(user);
            }
            DiskSource::Volume { pool, volume } => {
                let name = (host, pool.clone(), volume.clone());
                self.volumes.entry(name).or_default().push(user);
            }
            DiskSource::Network { name, .. } if !name.is_empty() => {
                let last = (host, last(name).to_owned());
                self.network.entry(last).or_default().push((name.clone(), user));
            }
            DiskSource::Network { .. } | DiskSource::Empty | DiskSource::Other(_) => {}
        }
    }

    /// The guests that use a volume, reached at these places.
    #[must_use]
    pub fn users(&self, places: &[VolumePlace]) -> Vec<DiskUser> {
        let mut users = Vec::new();
        for place in places {
            let host = place.host;
            if place.path.starts_with('/') {
                users.extend(self.paths.get(&(host, plain(&place.path))).into_iter().flatten());
            }
            let name = (host, place.pool.clone(), place.volume.clone());
            users.extend(self.volumes.get(&name).into_iter().flatten());
            let named = self.network.get(&(host, last(&place.path).to_owned()));
            let at = |(name, _): &&(String, DiskUser)| place.path.ends_with(name.as_str());
            users.extend(named.into_iter().flatten().filter(at).map(|(_, user)| user));
        }
        users.into_iter().cloned().collect()
    }
}

/// Without doubled slashes.
fn plain(path: &str) -> String {
    if !path.contains("//") && !path.ends_with('/') {
        return path.to_owned();
    }
    let parts = path.split('/').filter(|part| !part.is_empty());
    parts.fold(String::new(), |path, part| path + "/" + part)
}

fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{DiskFacts, GuestKey, GuestUuid};
    use crate::storage::users;

    fn guest(number: u8, source: DiskSource, backing: &[&str]) -> GuestDisks {
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
            guest: GuestKey { host: HostId(1), uuid: GuestUuid([number; 16]) },
            name: format!("guest {number}").into(),
            disks: vec![disk],
        }
    }

    #[test]
    fn the_index_answers_as_looking_at_each_guest_does() {
        let file = |path: &str| DiskSource::File(path.into());
        let volume = DiskSource::Volume { pool: "p".into(), volume: "a.img".into() };
        let guests = [
            guest(1, file("/p/a.img"), &[]),
            guest(2, file("/p//a.img"), &[]),
            guest(3, volume, &[]),
            guest(4, file("/p/top"), &["/p/a.img", "/p/a.img"]),
            guest(5, file("/q/a.img"), &[]),
            guest(6, DiskSource::Empty, &[]),
        ];
        let place = |path: &str| VolumePlace {
            host: HostId(1),
            path: path.into(),
            pool: "p".into(),
            volume: "a.img".into(),
        };
        let index = UseIndex::new(&guests);
        for path in ["/p/a.img", "/p/./a.img", "/q/a.img", ""] {
            let order = |mut users: Vec<DiskUser>| {
                users.sort_by(|a, b| a.name.cmp(&b.name));
                users
            };
            let places = [place(path)];
            assert_eq!(order(index.users(&places)), order(users(&places, &guests)), "{path}");
        }
        assert_eq!(index.users(&[place("/p/a.img")]).len(), 4);
    }
}
