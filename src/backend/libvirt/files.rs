//! What a host's storage pools know of a guest's files. libvirt tells of no file that is in no pool.

use std::collections::BTreeMap;

use virt::connect::Connect;
use virt::storage_pool::StoragePool;
use virt::storage_vol::StorageVol;

use super::error::from_virt;
use crate::model::{Bytes, FailureKind, FileAnswer, PoolIdentity};
use crate::xml::pool_identity;

/// Asks for each file: a path, or `pool/volume`. A pool knows what it saw when it was last read: one
/// that misses a file is read again before it is believed.
pub(super) fn ask(connect: &Connect, files: &[String]) -> BTreeMap<String, FileAnswer> {
    let mut pools = Pools { connect, known: None };
    files.iter().map(|file| (file.clone(), pools.answer(file))).collect()
}

struct Pools<'a> {
    connect: &'a Connect,
    known: Option<Vec<Pool>>,
}

struct Pool {
    pool: StoragePool,
    identity: PoolIdentity,
    directory: String,
    active: bool,
    read_again: bool,
}

impl Pools<'_> {
    fn answer(&mut self, file: &str) -> FileAnswer {
        match self.look(file) {
            Ok(Some(found)) => return found,
            Ok(None) => {}
            Err(()) => return FileAnswer::Unknown,
        }
        let Some(pool) = self.pool_of(file) else {
            return if self.known.is_some() { FileAnswer::NoPool } else { FileAnswer::Unknown };
        };
        if !pool.active {
            return FileAnswer::PoolInactive(pool.identity.name.clone());
        }
        if !pool.read_again {
            if pool.pool.refresh(0).is_err() {
                return FileAnswer::Unknown;
            }
            pool.read_again = true;
        }
        let identity = pool.identity.clone();
        match self.look(file) {
            Ok(Some(found)) => found,
            Ok(None) => FileAnswer::Missing(identity),
            Err(()) => FileAnswer::Unknown,
        }
    }

    /// A volume that is known and still there; `Err` when the host does not answer such questions.
    fn look(&self, file: &str) -> Result<Option<FileAnswer>, ()> {
        let volume = if file.starts_with('/') {
            self.connect.lookup_storage_vol_by_path(file)
        } else {
            let (pool, name) = file.split_once('/').ok_or(())?;
            let pool = self.connect.lookup_storage_pool_by_name(pool);
            pool.and_then(|pool| pool.lookup_storage_vol_by_name(name))
        };
        match volume {
            Ok(volume) => Ok(found(&volume)),
            Err(error) if from_virt(&error).kind == FailureKind::Storage => Ok(None),
            Err(_) => Err(()),
        }
    }

    fn pool_of(&mut self, file: &str) -> Option<&mut Pool> {
        if self.known.is_none() {
            let all = self.connect.list_all_storage_pools(0).ok()?;
            self.known = Some(all.into_iter().filter_map(Pool::read).collect());
        }
        let (before, _) = file.rsplit_once('/')?;
        let by_path = file.starts_with('/');
        self.known.as_mut()?.iter_mut().find(|pool| {
            if by_path { pool.directory == before } else { pool.identity.name == before }
        })
    }
}

impl Pool {
    fn read(pool: StoragePool) -> Option<Self> {
        let (identity, directory) = pool_identity(&pool.xml_desc(0).ok()?);
        let directory = directory.trim_end_matches('/').to_owned();
        let active = pool.is_active().ok()?;
        Some(Self { pool, identity, directory, active, read_again: false })
    }
}

/// A volume as it is now; `None` when its file is gone since the pool was read.
fn found(volume: &StorageVol) -> Option<FileAnswer> {
    let capacity = Bytes(volume.info().ok()?.capacity);
    let pool = volume.lookup_storage_pool().ok()?.xml_desc(0).ok()?;
    Some(FileAnswer::Found { pool: pool_identity(&pool).0, capacity })
}
