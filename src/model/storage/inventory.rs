//! Everything known of all hosts' storage: applies events, answers questions, says what changed.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::{
    GuestDisks, Pool, PoolKey, PoolState, Proof, ProofAnswer, StorageChange, StorageEvent, Volume,
};
use crate::model::{ConnectionState, HostId, PoolUuid};

/// The pools, volumes and uses of all hosts, as far as somebody asked for them.
#[derive(Debug, Default)]
pub struct StorageInventory {
    hosts: HashMap<HostId, HostStorage>,
    proofs: HashMap<(PoolKey, PoolKey), bool>,
}

#[derive(Debug, Default)]
struct HostStorage {
    listed: bool,
    pools: HashMap<PoolUuid, PoolRecord>,
    uses: Option<Vec<GuestDisks>>,
}

/// One pool with its volumes.
#[derive(Debug)]
pub struct PoolRecord {
    /// The pool.
    pub pool: Pool,
    /// Its volumes by name; `None` until they were asked for.
    pub volumes: Option<BTreeMap<String, Volume>>,
    /// What it had when it was stopped, as far as that was known: libvirt does not tell then.
    pub last: Arc<[Volume]>,
}

impl StorageInventory {
    /// Whether the pools of a host were listed since it was connected.
    #[must_use]
    pub fn is_listed(&self, host: HostId) -> bool {
        self.hosts.get(&host).is_some_and(|storage| storage.listed)
    }

    /// The pools of a host, in no order.
    pub fn pools(&self, host: HostId) -> impl Iterator<Item = &PoolRecord> {
        self.hosts.get(&host).into_iter().flat_map(|storage| storage.pools.values())
    }

    /// One pool.
    #[must_use]
    pub fn pool(&self, key: PoolKey) -> Option<&PoolRecord> {
        self.hosts.get(&key.host)?.pools.get(&key.uuid)
    }

    /// The disks of a host's guests; `None` until they were asked for.
    #[must_use]
    pub fn uses(&self, host: HostId) -> Option<&[GuestDisks]> {
        self.hosts.get(&host)?.uses.as_deref()
    }

    /// The disks of all guests of all hosts that were asked.
    pub fn all_uses(&self) -> impl Iterator<Item = &GuestDisks> {
        self.hosts.values().filter_map(|storage| storage.uses.as_ref()).flatten()
    }

    /// Whether two pools were proved to be one storage, or proved not to be; `None` when nobody
    /// tried.
    #[must_use]
    pub fn proof(&self, one: PoolKey, other: PoolKey) -> Option<bool> {
        self.proofs.get(&ordered(one, other)).copied()
    }

    /// A connection changed its state: what is known of a host that is lost is forgotten.
    pub fn connection_changed(
        &mut self,
        host: HostId,
        state: &ConnectionState,
    ) -> Vec<StorageChange> {
        if state.is_connected() { Vec::new() } else { self.forget(host) }
    }

    /// Forgets a host.
    pub fn forget(&mut self, host: HostId) -> Vec<StorageChange> {
        if self.hosts.remove(&host).is_none() {
            return Vec::new();
        }
        let mut changes = vec![StorageChange::Pools(host), StorageChange::Uses(host)];
        changes.extend(self.forget_proofs(|key| key.host == host));
        changes
    }

    /// Applies one event and says what changed.
    pub fn apply(&mut self, event: StorageEvent) -> Vec<StorageChange> {
        match event {
            StorageEvent::PoolsListed { host, pools } => self.pools_listed(host, pools),
            StorageEvent::PoolsChanged { host, changed, removed } => {
                self.pools_changed(host, changed, &removed)
            }
            StorageEvent::VolumesListed { pool, volumes } => self.volumes_listed(pool, volumes),
            StorageEvent::VolumesRead { pool, volumes } => self.volumes_read(pool, volumes),
            StorageEvent::DisksListed { host, guests } => {
                let storage = self.hosts.entry(host).or_default();
                if storage.uses.as_ref() == Some(&guests) {
                    return Vec::new();
                }
                storage.uses = Some(guests);
                vec![StorageChange::Uses(host)]
            }
            StorageEvent::Proved(proof) => self.proved(&proof),
            StorageEvent::Stepped { .. } => Vec::new(),
        }
    }

    fn pools_listed(&mut self, host: HostId, pools: Vec<Pool>) -> Vec<StorageChange> {
        let storage = self.hosts.entry(host).or_default();
        let first = !std::mem::replace(&mut storage.listed, true);
        let listed: Vec<_> = pools.iter().map(|pool| pool.key.uuid).collect();
        let gone: Vec<_> =
            storage.pools.keys().filter(|uuid| !listed.contains(uuid)).copied().collect();
        let mut changes = self.pools_changed(host, pools, &gone);
        if first && !changes.contains(&StorageChange::Pools(host)) {
            changes.push(StorageChange::Pools(host));
        }
        changes
    }

    fn pools_changed(
        &mut self,
        host: HostId,
        changed: Vec<Pool>,
        removed: &[PoolUuid],
    ) -> Vec<StorageChange> {
        let storage = self.hosts.entry(host).or_default();
        let (mut differs, mut changes, mut unproved) = (false, Vec::new(), Vec::new());
        for uuid in removed {
            differs |= storage.pools.remove(uuid).is_some();
            unproved.push(*uuid);
        }
        for pool in changed {
            let key = pool.key;
            if !pool.state.is_active() && pool.state != PoolState::Building {
                unproved.push(key.uuid);
            }
            match storage.pools.get_mut(&key.uuid) {
                Some(record) if record.pool == pool => {}
                Some(record) => {
                    if !pool.state.is_active()
                        && let Some(volumes) = record.volumes.take()
                    {
                        record.last = volumes.into_values().collect();
                        changes.push(StorageChange::Volumes(key));
                    }
                    record.pool = pool;
                    differs = true;
                }
                None => {
                    storage
                        .pools
                        .insert(key.uuid, PoolRecord { pool, volumes: None, last: Arc::default() });
                    differs = true;
                }
            }
        }
        if differs {
            changes.push(StorageChange::Pools(host));
        }
        changes.extend(self.forget_proofs(|key| key.host == host && unproved.contains(&key.uuid)));
        changes
    }

    fn volumes_listed(&mut self, key: PoolKey, volumes: Vec<Volume>) -> Vec<StorageChange> {
        let Some(record) = self.record(key) else { return Vec::new() };
        let mut old = record.volumes.take().unwrap_or_default();
        let volumes = volumes.into_iter().map(|mut volume| {
            if volume.details.is_none() {
                // What is known of it stays until it is read again.
                volume.details = old.remove(&volume.name).and_then(|old| old.details);
            }
            (volume.name.clone(), volume)
        });
        record.volumes = Some(volumes.collect());
        vec![StorageChange::Volumes(key)]
    }

    fn volumes_read(&mut self, key: PoolKey, read: Vec<Volume>) -> Vec<StorageChange> {
        let Some(volumes) = self.record(key).and_then(|record| record.volumes.as_mut()) else {
            return Vec::new();
        };
        for volume in read {
            if let Some(known) = volumes.get_mut(&volume.name) {
                *known = volume;
            }
        }
        vec![StorageChange::Volumes(key)]
    }

    fn record(&mut self, key: PoolKey) -> Option<&mut PoolRecord> {
        self.hosts.get_mut(&key.host)?.pools.get_mut(&key.uuid)
    }

    fn proved(&mut self, proof: &Proof) -> Vec<StorageChange> {
        let seen: Vec<(PoolKey, bool)> = proof
            .answers
            .iter()
            .filter_map(|(key, answer)| Some((*key, is_same(answer)?)))
            .collect();
        for &(key, same) in &seen {
            self.proofs.insert(ordered(proof.writer, key), same);
        }
        // Who sees the same file as the writer shares with all others who do.
        for (index, &(one, same)) in seen.iter().enumerate() {
            for &(other, _) in seen.iter().skip(index + 1).filter(|(_, also)| same && *also) {
                self.proofs.insert(ordered(one, other), true);
            }
        }
        vec![StorageChange::Proofs]
    }

    fn forget_proofs(&mut self, gone: impl Fn(&PoolKey) -> bool) -> Option<StorageChange> {
        let before = self.proofs.len();
        self.proofs.retain(|(one, other), _| !gone(one) && !gone(other));
        (self.proofs.len() != before).then_some(StorageChange::Proofs)
    }
}

const fn is_same(answer: &ProofAnswer) -> Option<bool> {
    match answer {
        ProofAnswer::Same => Some(true),
        ProofAnswer::NotThere | ProofAnswer::Different => Some(false),
        ProofAnswer::Wrote | ProofAnswer::Failed(_) => None,
    }
}

fn ordered(one: PoolKey, other: PoolKey) -> (PoolKey, PoolKey) {
    if one <= other { (one, other) } else { (other, one) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::storage::{PoolDefinition, PoolSource};
    use crate::model::{Bytes, Failure, FailureKind};

    const A: HostId = HostId(1);
    const B: HostId = HostId(2);
    const C: HostId = HostId(3);

    fn key(host: HostId, number: u8) -> PoolKey {
        PoolKey { host, uuid: PoolUuid([number; 16]) }
    }

    fn pool(key: PoolKey, state: PoolState) -> Pool {
        Pool { state, ..Pool::running(key, PoolDefinition::new("p", PoolSource::Dir, "/p")) }
    }

    fn listed(storage: &mut StorageInventory, keys: &[PoolKey]) -> Vec<StorageChange> {
        let pools = keys.iter().map(|&key| pool(key, PoolState::Running)).collect();
        storage.apply(StorageEvent::PoolsListed { host: keys[0].host, pools })
    }

    #[test]
    fn pools_come_stay_and_go() {
        let mut storage = StorageInventory::default();
        let none = StorageEvent::PoolsListed { host: A, pools: Vec::new() };
        assert_eq!(storage.apply(none.clone()), [StorageChange::Pools(A)]);
        assert!(storage.is_listed(A) && !storage.is_listed(B));
        assert_eq!(listed(&mut storage, &[key(A, 1), key(A, 2)]), [StorageChange::Pools(A)]);
        assert_eq!(listed(&mut storage, &[key(A, 1), key(A, 2)]), []);
        assert_eq!(listed(&mut storage, &[key(A, 1)]), [StorageChange::Pools(A)]);
        assert_eq!(storage.pools(A).count(), 1);
        assert_eq!(storage.apply(none), [StorageChange::Pools(A)]);
    }

    #[test]
    fn details_stay_while_a_pool_is_listed_again() {
        let mut storage = StorageInventory::default();
        let one = key(A, 1);
        listed(&mut storage, &[one]);
        let bare = |name: &str| Volume { name: name.into(), details: None };
        let read = Volume {
            details: Some(Box::new(super::super::VolumeDetails {
                kind: super::super::VolumeKind::File,
                path: "/p/a".into(),
                capacity: Bytes(1),
                allocation: Bytes(1),
                format: None,
                backing: None,
                encryption: None,
                permissions: Default::default(),
            })),
            ..bare("a")
        };
        let list = |volumes| StorageEvent::VolumesListed { pool: one, volumes };
        storage.apply(list(vec![bare("a"), bare("b")]));
        storage.apply(StorageEvent::VolumesRead { pool: one, volumes: vec![read, bare("c")] });
        storage.apply(list(vec![bare("a"), bare("d")]));
        let volumes = storage.pool(one).unwrap().volumes.as_ref().unwrap();
        assert_eq!(volumes.keys().collect::<Vec<_>>(), ["a", "d"]);
        assert!(volumes["a"].details.is_some());
        let stopped = StorageEvent::PoolsChanged {
            host: A,
            changed: vec![pool(one, PoolState::Inactive)],
            removed: Vec::new(),
        };
        let changes = storage.apply(stopped);
        assert_eq!(changes, [StorageChange::Volumes(one), StorageChange::Pools(A)]);
        let record = storage.pool(one).unwrap();
        let last: Vec<&str> = record.last.iter().map(|volume| volume.name.as_str()).collect();
        assert_eq!((record.volumes.is_none(), last), (true, vec!["a", "d"]));
    }

    #[test]
    fn a_proof_holds_between_all_who_saw_it_until_one_goes() {
        let mut storage = StorageInventory::default();
        let (a, b, c, d) = (key(A, 1), key(B, 1), key(C, 1), key(HostId(4), 1));
        for one in [a, b, c] {
            listed(&mut storage, &[one]);
        }
        let failed = ProofAnswer::Failed(Failure::own(FailureKind::LinkLost, ""));
        let answers = vec![(b, ProofAnswer::Same), (c, ProofAnswer::Same), (d, failed)];
        storage.apply(StorageEvent::Proved(Proof { writer: a, answers, left: None }));
        assert_eq!(storage.proof(b, a), Some(true));
        assert_eq!(storage.proof(c, b), Some(true));
        assert_eq!(storage.proof(a, d), None);
        let answers = vec![(b, ProofAnswer::NotThere)];
        storage.apply(StorageEvent::Proved(Proof { writer: a, answers, left: None }));
        assert_eq!(storage.proof(a, b), Some(false));
        let changes = storage.connection_changed(C, &ConnectionState::Disconnected);
        assert!(changes.contains(&StorageChange::Proofs), "{changes:?}");
        assert_eq!((storage.proof(a, c), storage.proof(a, b)), (None, Some(false)));
    }
}
