//! What a host's storage pools know of guests' files. libvirt tells of no file that is in no pool.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use virt::connect::Connect;
use virt::storage_pool::StoragePool;
use virt::storage_vol::StorageVol;

use super::error::from_virt;
use crate::model::storage::{Permissions, PoolKind, VolumeDetails};
use crate::model::{FailureKind, FileAnswer, PoolIdentity};
use crate::storage::{origin, provable};
use crate::xml::{PoolText, parse_pool, parse_volume};

/// The files of a host, as far as its pools know them. A pool knows what it saw when it was last read:
/// one that misses a file is read again before it is believed.
pub(super) struct Files {
    /// Many are asked for: a pool's volumes are listed once, instead of looked up one by one.
    many: bool,
    pools: Mutex<Option<Vec<Pool>>>,
}

struct Pool {
    pool: StoragePool,
    identity: PoolIdentity,
    active: bool,
    read_again: bool,
    /// By name, once they were listed.
    volumes: Option<HashMap<String, StorageVol>>,
}

impl Files {
    pub(super) const fn new(many: bool) -> Self {
        Self { many, pools: Mutex::new(None) }
    }

    /// Asks for each file: a path, or `pool/volume`. What a source answered (`like`) needs not be asked of
    /// the same storage again.
    pub(super) fn ask(
        &self,
        connect: &Connect,
        files: &[String],
        like: Option<&BTreeMap<String, FileAnswer>>,
    ) -> BTreeMap<String, FileAnswer> {
        let answer = |file: &String| {
            let like = like.and_then(|like| like.get(file));
            (file.clone(), self.answer(connect, file, like))
        };
        files.iter().map(answer).collect()
    }

    fn answer(&self, connect: &Connect, file: &str, like: Option<&FileAnswer>) -> FileAnswer {
        match self.look(connect, file, like) {
            Ok(Some(found)) => return found,
            Ok(None) => {}
            Err(()) => return FileAnswer::Unknown,
        }
        let identity = {
            let mut known = self.known(connect);
            let Some(pools) = known.as_mut() else { return FileAnswer::Unknown };
            let Some(pool) = pool_of(pools, file) else { return FileAnswer::NoPool };
            if !pool.active {
                return FileAnswer::PoolInactive(pool.identity.name.clone());
            }
            if !pool.read_again {
                if pool.pool.refresh(0).is_err() {
                    return FileAnswer::Unknown;
                }
                (pool.read_again, pool.volumes) = (true, None);
            }
            pool.identity.clone()
        };
        match self.look(connect, file, like) {
            Ok(Some(found)) => found,
            Ok(None) => FileAnswer::Missing(identity),
            Err(()) => FileAnswer::Unknown,
        }
    }

    /// A volume that is known and still there; `Err` when the host does not answer such questions.
    fn look(
        &self,
        connect: &Connect,
        file: &str,
        like: Option<&FileAnswer>,
    ) -> Result<Option<FileAnswer>, ()> {
        // A device can be in a pool that goes by other names for it.
        if self.many && !file.starts_with("/dev/") {
            return self.listed(connect, file, like);
        }
        let volume = if file.starts_with('/') {
            connect.lookup_storage_vol_by_path(file)
        } else {
            let (pool, name) = file.split_once('/').ok_or(())?;
            let pool = connect.lookup_storage_pool_by_name(pool);
            pool.and_then(|pool| pool.lookup_storage_vol_by_name(name))
        };
        match volume {
            Ok(volume) => Ok(found(&volume)),
            Err(error) if from_virt(&error).kind == FailureKind::Storage => Ok(None),
            Err(_) => Err(()),
        }
    }

    /// The same, in the list of the pool that has its directory.
    fn listed(
        &self,
        connect: &Connect,
        file: &str,
        like: Option<&FileAnswer>,
    ) -> Result<Option<FileAnswer>, ()> {
        let (volume, pool) = {
            let mut known = self.known(connect);
            let pools = known.as_mut().ok_or(())?;
            let Some(pool) = pool_of(pools, file).filter(|pool| pool.active) else {
                return Ok(None);
            };
            let name = file.rsplit_once('/').map_or(file, |(_, name)| name);
            let volumes = match &mut pool.volumes {
                Some(volumes) => volumes,
                none => none.insert(volumes(&pool.pool).ok_or(())?),
            };
            let Some(volume) = volumes.get(name) else { return Ok(None) };
            (volume.clone(), pool.identity.clone())
        };
        Ok(match like {
            Some(FileAnswer::Found { pool: own, capacity, allocation, .. })
                if own.is_one_with(&pool) =>
            {
                // Only its owner may be another one here.
                let (capacity, allocation) = (*capacity, *allocation);
                let permissions = Permissions::default();
                Some(FileAnswer::Found { pool, capacity, allocation, permissions })
            }
            _ => found_in(&volume, pool),
        })
    }

    fn known(&self, connect: &Connect) -> MutexGuard<'_, Option<Vec<Pool>>> {
        let mut known = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_none() {
            let all = connect.list_all_storage_pools(0).ok();
            *known = all.map(|all| all.into_iter().filter_map(Pool::read).collect());
        }
        known
    }
}

fn pool_of<'a>(pools: &'a mut [Pool], file: &str) -> Option<&'a mut Pool> {
    pools.iter_mut().find(|pool| knows(&pool.identity, file))
}

/// Whether the pool would list this file if it was there. What a disk, a server's LUNs or the multipath
/// devices are listed under (`/dev`, `/dev/mapper` …) holds other devices too.
fn knows(pool: &PoolIdentity, file: &str) -> bool {
    let Some((before, _)) = file.rsplit_once('/') else { return false };
    if !file.starts_with('/') {
        return pool.name == before;
    }
    let whole = matches!(
        PoolKind::from_word(&pool.kind),
        PoolKind::Dir | PoolKind::Fs | PoolKind::Netfs | PoolKind::Vstorage | PoolKind::Logical
    );
    whole && pool.directory == before
}

fn volumes(pool: &StoragePool) -> Option<HashMap<String, StorageVol>> {
    let all = pool.list_all_volumes(0).ok()?;
    Some(all.into_iter().filter_map(|volume| Some((volume.name().ok()?, volume))).collect())
}

impl Pool {
    fn read(pool: StoragePool) -> Option<Self> {
        let identity = identity(&pool.xml_desc(0).ok()?)?;
        let active = pool.is_active().ok()?;
        Some(Self { pool, identity, active, read_again: false, volumes: None })
    }
}

/// By what a pool can be recognised on another host.
fn identity(xml: &str) -> Option<PoolIdentity> {
    let PoolText { definition, sizes: [_, _, available] } = parse_pool(xml).ok()?;
    Some(PoolIdentity {
        kind: definition.source.kind().word().to_owned(),
        origin: origin(&definition.source).unwrap_or_default(),
        directory: definition.target.path.trim_end_matches('/').to_owned(),
        name: definition.name,
        available,
        uuid: definition.uuid,
        provable: provable(&definition.source),
    })
}

/// A volume as it is now; `None` when its file is gone since the pool was read.
fn found(volume: &StorageVol) -> Option<FileAnswer> {
    let pool = volume.lookup_storage_pool().ok()?.xml_desc(0).ok()?;
    found_in(volume, identity(&pool)?)
}

fn found_in(volume: &StorageVol, pool: PoolIdentity) -> Option<FileAnswer> {
    let details = *parse_volume(&volume.xml_desc(0).ok()?).ok()?.details?;
    let VolumeDetails { capacity, allocation, permissions, .. } = details;
    Some(FileAnswer::Found { pool, capacity, allocation, permissions })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_says_where_it_comes_from() {
        let netfs = |server: &str| {
            identity(&format!(
                "<pool type='netfs'><name>images</name><available unit='bytes'>7</available>\
                 <source><host name='{server}'/><dir path='/export/vm/'/></source>\
                 <target><path>/srv/vm/</path></target></pool>"
            ))
        };
        let nfs = netfs("NAS").unwrap();
        assert_eq!((nfs.origin.as_str(), nfs.directory.as_str()), ("nas:/export/vm", "/srv/vm"));
        assert_eq!((nfs.kind.as_str(), nfs.available.0), ("netfs", 7));
        // What each host serves to itself is not one storage.
        for own in ["localhost", "127.0.0.1", "::1"] {
            let own = netfs(own).unwrap();
            assert_eq!(own.origin, "");
            assert!(!own.is_one_with(&own));
        }
        let local =
            identity("<pool type='dir'><name>d</name><target><path>/d</path></target></pool>");
        assert_eq!(local.unwrap().origin, "");
    }

    #[test]
    fn a_pool_knows_all_of_a_directory_only_where_that_is_its_own() {
        for (kind, directory, file, expected) in [
            ("dir", "/vm", "/vm/web.qcow2", true),
            ("netfs", "/vm", "/vm/web.qcow2", true),
            ("logical", "/dev/vg", "/dev/vg/web", true),
            ("dir", "/vm", "/vm/below/web.qcow2", false),
            ("disk", "/dev", "/dev/sdb", false),
            ("mpath", "/dev/mapper", "/dev/mapper/vg-web", false),
            ("iscsi", "/dev/disk/by-path", "/dev/disk/by-path/pci-0", false),
            ("scsi", "/dev/disk/by-path", "/dev/disk/by-path/pci-0", false),
            // A volume by its pool is looked for there by libvirt as well.
            ("iscsi", "/dev/disk/by-path", "san/unit:0:0:1", true),
        ] {
            let (kind, directory) = (kind.to_owned(), directory.to_owned());
            let pool =
                PoolIdentity { name: "san".into(), kind, directory, ..PoolIdentity::default() };
            assert_eq!(knows(&pool, file), expected, "{pool:?} {file}");
        }
    }
}
