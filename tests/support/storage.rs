//! Asking a backend about storage, and waiting for what it tells.

use std::time::Instant;

use vireo::backend::{RequestBody, StorageRequest, VolumeJob};
use vireo::model::storage::{
    Pool, PoolKey, StorageEvent, StorageInventory, StorageReply, StorageStep, Volume,
    VolumeDefinition, VolumeDetails, VolumeKey,
};
use vireo::model::{Event, Failure, HostId, JobId, Reply};

use super::{Bench, DEADLINE};

impl Bench {
    /// Asks, without waiting.
    pub fn storage(&self, wish: StorageRequest) -> JobId {
        self.submit(RequestBody::Storage(wish))
    }

    /// Asks and waits for the end.
    #[track_caller]
    pub fn ask_storage(&mut self, wish: StorageRequest) -> Result<Reply, Failure> {
        let job = self.storage(wish);
        self.finished(job)
    }

    /// Asks for something that brings no more than that it was done.
    #[track_caller]
    pub fn done_with_storage(&mut self, wish: StorageRequest) {
        let shown = format!("{wish:?}");
        assert_eq!(self.ask_storage(wish), Ok(Reply::Done), "{shown}");
    }

    /// Asks for something that brings a reply of its own.
    #[track_caller]
    pub fn storage_reply(&mut self, wish: StorageRequest) -> StorageReply {
        let shown = format!("{wish:?}");
        match self.ask_storage(wish) {
            Ok(Reply::Storage(reply)) => reply,
            other => panic!("{shown}: {other:?}"),
        }
    }

    /// All that was told of storage, applied.
    pub fn inventory(&self) -> StorageInventory {
        let mut inventory = StorageInventory::default();
        for event in &self.told {
            if let Event::Storage(event) = event {
                inventory.apply(event.clone());
            }
        }
        inventory
    }

    /// Waits until the inventory is as `wanted` says: not that it was so once.
    #[track_caller]
    pub fn until_storage(&mut self, what: &str, wanted: impl Fn(&StorageInventory) -> bool) {
        let until = Instant::now() + DEADLINE;
        while !wanted(&self.inventory()) {
            assert!(self.collect(until), "no {what} within {DEADLINE:?}");
        }
    }

    /// A pool of this name, listed before.
    #[track_caller]
    pub fn pool(&mut self, host: HostId, name: &str) -> Pool {
        let find = |inventory: &StorageInventory| {
            let mut pools = inventory.pools(host).map(|record| record.pool.clone());
            pools.find(|pool| pool.name() == name)
        };
        self.until_storage(name, |inventory| find(inventory).is_some());
        find(&self.inventory()).unwrap()
    }

    /// A volume with all its details; one that was read while it was being made has no capacity yet.
    #[track_caller]
    pub fn volume(&mut self, pool: PoolKey, name: &str) -> VolumeDetails {
        self.volume_that(pool, name, |details| details.capacity.0 > 0)
    }

    /// Waits until a volume is told so: while one is written to, what is in it is read in between, too.
    #[track_caller]
    pub fn volume_that(
        &mut self,
        pool: PoolKey,
        name: &str,
        is: impl Fn(&VolumeDetails) -> bool,
    ) -> VolumeDetails {
        let find = |inventory: &StorageInventory| {
            let volume = inventory.pool(pool)?.volumes.as_ref()?.get(name)?;
            volume.details.as_deref().filter(|details| is(details)).cloned()
        };
        self.until_storage(name, |inventory| find(inventory).is_some());
        find(&self.inventory()).unwrap()
    }

    /// The names of a pool's volumes, as last told.
    pub fn volume_names(&self, pool: PoolKey) -> Vec<String> {
        let inventory = self.inventory();
        let volumes = inventory.pool(pool).and_then(|record| record.volumes.as_ref());
        volumes.map(|volumes| volumes.keys().cloned().collect()).unwrap_or_default()
    }

    /// Makes a volume.
    #[track_caller]
    pub fn create_volume(&mut self, pool: PoolKey, definition: VolumeDefinition) -> VolumeKey {
        let job = VolumeJob::Create { pool, definition, secret: None };
        match self.storage_reply(StorageRequest::Volume(Box::new(job))) {
            StorageReply::VolumeCreated { name, .. } => VolumeKey { pool, name },
            other => panic!("{other:?}"),
        }
    }

    /// Runs a job with a volume to its end.
    #[track_caller]
    pub fn volume_job(&mut self, job: VolumeJob) -> Result<Reply, Failure> {
        self.ask_storage(StorageRequest::Volume(Box::new(job)))
    }

    /// The steps told of a job so far.
    pub fn storage_steps(&self, job: JobId) -> Vec<StorageStep> {
        let step = |event: &Event| match event {
            Event::Storage(StorageEvent::Stepped { job: id, step }) if *id == job => {
                Some(step.clone())
            }
            _ => None,
        };
        self.told.iter().filter_map(step).collect()
    }
}

/// The details of a volume that was read.
pub fn details(volume: &Volume) -> &VolumeDetails {
    volume.details.as_deref().unwrap()
}
