//! Which volumes build on which. A guest that is off names only its topmost image, so what is below
//! it is known from the volumes alone.

use std::collections::HashMap;

use super::at_server::AtServer;
use super::ground::Ground;
use super::uses::{VolumePlace, plain};
use crate::model::HostId;
use crate::model::storage::{Pool, Volume};

/// The volumes that build on others, by host and the path of the one below.
#[derive(Debug, Default)]
pub struct Layers(HashMap<(HostId, String), Vec<VolumePlace>>);

impl Layers {
    /// Adds what is known of a pool's volumes.
    pub fn add<'a>(&mut self, pool: &Pool, volumes: impl IntoIterator<Item = &'a Volume>) {
        let host = pool.key.host;
        for volume in volumes {
            let Some(details) = volume.details.as_deref() else { continue };
            let below = details.backing.iter().filter(|below| below.path.starts_with('/'));
            for below in below {
                self.0.entry((host, plain(&below.path))).or_default().push(VolumePlace {
                    host,
                    path: details.path.clone(),
                    pool: pool.name().to_owned(),
                    volume: volume.name.clone(),
                    at_server: AtServer::of_volume(&pool.definition.source, &volume.name),
                });
            }
        }
    }

    /// The volumes that build on one of these, also by way of others; none of these themselves.
    #[must_use]
    pub fn above(&self, places: &[VolumePlace]) -> Vec<VolumePlace> {
        let mut found: Vec<VolumePlace> = Vec::new();
        let on = |place: &VolumePlace| self.0.get(&(place.host, plain(&place.path)));
        let mut open: Vec<&VolumePlace> = places.iter().filter_map(on).flatten().collect();
        while let Some(place) = open.pop() {
            let same = |known: &VolumePlace| (known.host, &known.path) == (place.host, &place.path);
            if !places.iter().chain(&found).any(same) {
                found.push(place.clone());
                open.extend(on(place).into_iter().flatten());
            }
        }
        found
    }

    /// The volumes that build on something of what a pool may hold, also by way of others; none of
    /// its own.
    #[must_use]
    pub fn on(&self, ground: &Ground) -> Vec<VolumePlace> {
        let of_it = |host: HostId, path: &str| host == ground.host && ground.has(path);
        let below = self.0.iter().filter(|((host, path), _)| of_it(*host, path));
        let mut all: Vec<VolumePlace> = below.flat_map(|(_, above)| above).cloned().collect();
        all.extend(self.above(&all));
        all.retain(|place| !ground.has(&plain(&place.path)));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::storage::{
        Backing, PoolDefinition, PoolKey, PoolSource, VolumeDetails, VolumeKind,
    };
    use crate::model::{Bytes, PoolUuid};

    fn pool(host: u32) -> Pool {
        Pool::running(
            PoolKey { host: HostId(host), uuid: PoolUuid([1; 16]) },
            PoolDefinition::new("p", PoolSource::Dir, "/p"),
        )
    }

    fn volume(name: &str, below: Option<&str>) -> Volume {
        let details = VolumeDetails {
            kind: VolumeKind::File,
            path: format!("/p/{name}"),
            capacity: Bytes(1),
            allocation: Bytes(1),
            format: None,
            backing: below.map(|path| Backing { path: path.into(), format: None }),
            encryption: None,
            permissions: Default::default(),
        };
        Volume { name: name.into(), details: Some(Box::new(details)) }
    }

    fn place(host: u32, name: &str) -> VolumePlace {
        VolumePlace {
            host: HostId(host),
            path: format!("/p/{name}"),
            pool: "p".into(),
            volume: name.into(),
            at_server: None,
        }
    }

    #[test]
    fn what_builds_on_a_volume_is_found_through_any_number_of_images() {
        let mut layers = Layers::default();
        let volumes = [
            volume("base", None),
            volume("one", Some("/p//base")),
            volume("two", Some("/p/base")),
            volume("top", Some("/p/one")),
            volume("round", Some("/p/round")),
            volume("elsewhere", Some("nbd://nas/base")),
            Volume { name: "unread".into(), details: None },
        ];
        layers.add(&pool(1), &volumes);
        let above = |places: &[VolumePlace]| {
            let mut names: Vec<String> =
                layers.above(places).into_iter().map(|place| place.volume).collect();
            names.sort();
            names
        };
        assert_eq!(above(&[place(1, "base")]), ["one", "top", "two"]);
        assert_eq!(above(&[place(1, "base"), place(1, "two")]), ["one", "top"]);
        assert_eq!(above(&[place(1, "one")]), ["top"]);
        for none in [place(1, "top"), place(1, "round"), place(2, "base")] {
            assert_eq!(above(std::slice::from_ref(&none)), [""; 0], "{none:?}");
        }
    }
}
