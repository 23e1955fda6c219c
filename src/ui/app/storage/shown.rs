//! Pools and volumes as windows show them, from what is known of all hosts: pure.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::storage::{Pool, PoolKey, StorageInventory, Volume};
use crate::model::{Host, HostId, Inventory};
use crate::storage::{
    AtServer, Difference, DiskUser, Layers, Sharing, SharingBadge, UseIndex, VolumePlace,
    in_network, path_there, sharing,
};
use crate::ui::views::storage::{
    Elsewhere, PoolChoice, PoolHost, PoolThere, PoolView, PoolsView, UserView, VolumeView,
};

use super::offers::Offers;

/// What is known, of all hosts.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) inventory: &'a Inventory,
    pub(super) storage: &'a StorageInventory,
    /// Hosts whose guests' disks could not be read.
    pub(super) unread: &'a BTreeSet<HostId>,
}

/// A host from which a volume may be reached.
struct Reach<'a> {
    host: HostId,
    /// The pool there.
    pool: &'a Pool,
    /// Whether it is the same storage is not known.
    unsure: bool,
    own: bool,
}

impl Reach<'_> {
    fn place(&self, pool: &Pool, volume: &Volume, path: &str) -> VolumePlace {
        let target = &self.pool.definition.target.path;
        let path = path_there(pool.kind(), target, &volume.name)
            .filter(|_| !self.own)
            .unwrap_or_else(|| path.to_owned());
        VolumePlace {
            host: self.host,
            path,
            pool: self.pool.name().to_owned(),
            volume: volume.name.clone(),
            at_server: AtServer::of_volume(&self.pool.definition.source, &volume.name),
        }
    }
}

impl<'a> Known<'a> {
    /// The connected hosts, each machine once, the given one before other connections to it.
    fn others(self, host: HostId) -> Vec<(HostId, &'a Host)> {
        let machine = |host: &Host| host.facts.as_ref().map(|facts| facts.host_uuid.clone());
        let own = self.inventory.host(host).and_then(machine);
        let mut seen: Vec<String> = own.into_iter().collect();
        let connected =
            self.inventory.hosts().filter(|(id, other)| *id != host && other.state.is_connected());
        connected
            .filter(|(_, other)| match machine(other) {
                Some(uuid) if seen.contains(&uuid) => false,
                Some(uuid) => {
                    seen.push(uuid);
                    true
                }
                None => true,
            })
            .collect()
    }

    /// Whether two connections lead to one machine.
    pub(super) fn same_machine(self, one: HostId, other: HostId) -> bool {
        let uuid = |id| self.inventory.host(id)?.facts.as_ref().map(|facts| &facts.host_uuid);
        one == other || (uuid(one).is_some() && uuid(one) == uuid(other))
    }

    /// What a host's pools are, here and elsewhere.
    pub(super) fn pools(self, host: HostId) -> PoolsView {
        let connected = self.inventory.host(host).is_some_and(|host| host.state.is_connected());
        if !connected {
            return PoolsView::NotConnected;
        }
        if !self.storage.is_listed(host) {
            return PoolsView::Reading;
        }
        let others = self.others(host);
        let pools = self.storage.pools(host).map(|record| PoolView {
            pool: record.pool.clone(),
            elsewhere: self.elsewhere(&record.pool, &others),
            users_unread: self.users_unread(&record.pool),
            last: Arc::clone(&record.last),
        });
        PoolsView::Listed(pools.collect())
    }

    fn elsewhere(self, pool: &Pool, others: &[(HostId, &Host)]) -> Vec<Elsewhere> {
        let listed = others.iter().filter(|(id, _)| self.storage.is_listed(*id));
        listed
            .map(|(id, host)| Elsewhere {
                name: host.name().to_owned(),
                sharing: self.sharing(pool, *id),
            })
            .collect()
    }

    fn sharing(self, pool: &Pool, host: HostId) -> Sharing {
        let there = self.storage.pools(host).map(|record| &record.pool);
        sharing(pool, host, there, |one, other| self.storage.proof(one, other))
    }

    /// The hosts whose guests may reach a pool's volumes through it, its own first.
    fn reach(self, pool: &'a Pool) -> Vec<Reach<'a>> {
        let own = Reach { host: pool.key.host, pool, unsure: false, own: true };
        let mut reach = vec![own];
        for (host, entry) in self.inventory.hosts() {
            if host == pool.key.host || !entry.state.is_connected() {
                continue;
            }
            if self.same_machine(host, pool.key.host) {
                reach.push(Reach { host, pool, unsure: false, own: true });
                continue;
            }
            let sharing = self.sharing(pool, host);
            let unsure = match sharing.badge {
                SharingBadge::Proved | SharingBadge::SameSource => false,
                SharingBadge::SameNameOnly
                    if !sharing.differences.contains(&Difference::Disproved) =>
                {
                    true
                }
                SharingBadge::SameNameOnly | SharingBadge::Missing => continue,
            };
            let there = sharing.pool.and_then(|key| self.storage.pool(key));
            reach.extend(there.map(|there| Reach { host, pool: &there.pool, unsure, own: false }));
        }
        reach
    }

    /// The other hosts whose guests may reach a pool's volumes by their paths all the same: without a
    /// pool, by one that says it otherwise, or by one that is not known.
    fn by_path(self, pool: &Pool, reach: &[Reach<'_>]) -> Vec<HostId> {
        let others = self.inventory.hosts().filter(|(host, entry)| {
            entry.state.is_connected() && reach.iter().all(|there| there.host != *host)
        });
        others.map(|(host, _)| host).filter(|&host| self.may_have(pool, host)).collect()
    }

    fn may_have(self, pool: &Pool, host: HostId) -> bool {
        let mut there = self.storage.pools(host).map(|record| &record.pool);
        let disproved = |other: &Pool| self.storage.proof(pool.key, other.key) == Some(false);
        !self.storage.is_listed(host) || (in_network(pool) && !there.any(disproved))
    }

    /// The hosts whose guests may use a pool's volumes without anybody knowing.
    fn users_unread(self, pool: &Pool) -> Vec<String> {
        let reach = self.reach(pool).into_iter().map(|there| there.host);
        let unread = reach.filter(|host| self.unread.contains(host));
        unread.filter_map(|host| Some(self.inventory.host(host)?.name().to_owned())).collect()
    }

    /// The hosts whose guests are looked at before a volume of this pool is deleted or overwritten.
    pub(super) fn hosts_of(self, pool: PoolKey) -> Vec<HostId> {
        let Some(record) = self.storage.pool(pool) else { return vec![pool.host] };
        let reach = self.reach(&record.pool);
        let by_path = self.by_path(&record.pool, &reach);
        reach.into_iter().map(|reach| reach.host).chain(by_path).collect()
    }

    /// The hosts that have the same storage as far as is known, each machine once, the pool's own first.
    pub(super) fn sure_hosts_of(self, pool: PoolKey) -> Vec<HostId> {
        let Some(record) = self.storage.pool(pool) else { return vec![pool.host] };
        let reach = self.reach(&record.pool).into_iter();
        let sure = reach.filter(|there| {
            there.host == pool.host || !(there.unsure || self.same_machine(there.host, pool.host))
        });
        sure.map(|there| there.host).collect()
    }

    /// The pools of other hosts that are started and, as far as is known, the same storage.
    pub(super) fn twins(self, pool: PoolKey) -> Vec<PoolKey> {
        let Some(record) = self.storage.pool(pool) else { return Vec::new() };
        let reach = self.reach(&record.pool).into_iter().filter(|there| !there.unsure);
        let there = reach.map(|there| PoolKey { host: there.host, uuid: there.pool.key.uuid });
        let started = |key: &PoolKey| {
            self.storage.pool(*key).is_some_and(|record| record.pool.state.is_active())
        };
        there.filter(|key| *key != pool && started(key)).collect()
    }

    /// The hosts where a volume has this path: where it is listed, and where its pool is the same and at
    /// the same place.
    pub(super) fn hosts_with(self, path: &str) -> Vec<HostId> {
        let at = |volume: &&Volume| volume.details.as_ref().is_some_and(|own| own.path == path);
        let mut hosts = Vec::new();
        for record in self.inventory.hosts().flat_map(|(host, _)| self.storage.pools(host)) {
            let mut volumes = record.volumes.iter().flat_map(BTreeMap::values);
            if let Some(volume) = volumes.find(at) {
                let reach = self.reach(&record.pool).into_iter().filter(|there| !there.unsure);
                let same =
                    reach.filter(|there| there.place(&record.pool, volume, path).path == path);
                hosts.extend(same.map(|there| there.host));
            }
        }
        hosts
    }

    /// All hosts for the wizard, the given one first.
    pub(super) fn hosts(self, first: HostId, offers: &Offers) -> Vec<PoolHost> {
        let mut all: Vec<(HostId, &Host)> = self.inventory.hosts().collect();
        all.sort_by_key(|(id, _)| *id != first);
        let mut hosts: Vec<PoolHost> = Vec::new();
        for (id, host) in all {
            let twin = hosts
                .iter()
                .find(|earlier| earlier.connected && self.same_machine(earlier.host, id));
            let pools = self.storage.pools(id).map(|record| PoolThere {
                name: record.pool.name().to_owned(),
                kind: record.pool.kind(),
                path: record.pool.definition.target.path.clone(),
            });
            hosts.push(PoolHost {
                host: id,
                name: host.name().to_owned(),
                connected: host.state.is_connected(),
                same_machine: twin.map(|twin| twin.name.clone()),
                offer: offers.of(id),
                pools: pools.collect(),
            });
        }
        hosts
    }

    /// The pools with which a proof is worth trying, the pool itself first.
    pub(super) fn to_prove(self, pool: PoolKey) -> Vec<PoolKey> {
        let Some(record) = self.storage.pool(pool) else { return Vec::new() };
        let others = self.others(pool.host);
        let elsewhere = self.elsewhere(&record.pool, &others);
        let (pool_there, last) = (record.pool.clone(), Arc::default());
        let view = PoolView { pool: pool_there, elsewhere, users_unread: Vec::new(), last };
        let others = crate::ui::host::storage::provable_with(&view);
        std::iter::once(pool).chain(others).collect()
    }

    /// The volumes of a pool, with the guests that use them.
    pub(super) fn volumes(self, key: PoolKey, index: &UseIndex) -> Option<Vec<VolumeView>> {
        let record = self.storage.pool(key)?;
        let volumes: &BTreeMap<String, Volume> = record.volumes.as_ref()?;
        let (reach, layers) = (self.reach(&record.pool), self.layers());
        let views = volumes.values().map(|volume| VolumeView {
            volume: volume.clone(),
            users: self.users(&record.pool, volume, &reach, index, &layers),
        });
        Some(views.collect())
    }

    /// Which of the volumes that are known build on which.
    fn layers(self) -> Layers {
        let mut layers = Layers::default();
        for (host, _) in self.inventory.hosts() {
            for record in self.storage.pools(host) {
                layers.add(&record.pool, record.volumes.iter().flat_map(BTreeMap::values));
            }
        }
        layers
    }

    fn users(
        self,
        pool: &Pool,
        volume: &Volume,
        reach: &[Reach<'_>],
        index: &UseIndex,
        layers: &Layers,
    ) -> Vec<UserView> {
        let Some(details) = volume.details.as_deref() else { return Vec::new() };
        let mut views: Vec<UserView> = Vec::new();
        let mut add = |place: VolumePlace, own: bool, unsure: bool| {
            let name = self.inventory.host(place.host).map(|host| Arc::from(host.name()));
            let host = name.filter(|_| !own);
            // Volumes of one machine are perhaps known by another of its connections alone.
            let read_by = if own { pool.key.host } else { place.host };
            let mut above = layers.above(&[VolumePlace { host: read_by, ..place.clone() }]);
            above.iter_mut().for_each(|above| above.host = place.host);
            // What is below an image is not written.
            let below = |user| DiskUser { writes: false, ..user };
            let by_images = index.users(&above).into_iter().map(below);
            for user in index.users(&[place]).into_iter().chain(by_images) {
                let guest = self.inventory.guest(user.guest);
                let writes = user.writes && guest.is_some_and(|guest| guest.state.is_active());
                let (host, unsure) = (host.clone(), unsure || user.unsure);
                let view = UserView { guest: user.name, host, unsure, writes };
                if !views.contains(&view) {
                    views.push(view);
                }
            }
        };
        for there in reach {
            add(there.place(pool, volume, &details.path), there.own, there.unsure);
        }
        for host in self.by_path(pool, reach) {
            let (path, volume) = (details.path.clone(), volume.name.clone());
            let place = VolumePlace { host, path, pool: String::new(), volume, at_server: None };
            add(place, false, true);
        }
        // A guest needs no pool for what is at a server.
        let at_server = AtServer::of_volume(&pool.definition.source, &volume.name);
        let Some(at_server) = at_server.map(AtServer::elsewhere) else { return views };
        for (host, _) in self.inventory.hosts() {
            if reach.iter().all(|there| there.host != host) {
                let place = VolumePlace::only_at_server(host, at_server.clone());
                add(place, false, false);
            }
        }
        views
    }

    /// The pools into which volumes can be put, those of the given host first.
    pub(super) fn choices(self, host: HostId) -> Vec<PoolChoice> {
        let mut hosts = vec![host];
        hosts.extend(self.others(host).into_iter().map(|(id, _)| id));
        let mut choices = Vec::new();
        for id in hosts {
            let name = self.inventory.host(id).map(|host| host.name().to_owned());
            let usable = self.storage.pools(id).filter(|record| {
                let can = crate::storage::abilities(record.pool.kind()).create;
                can && record.pool.state.is_active()
            });
            let mut pools: Vec<PoolChoice> = usable
                .map(|record| PoolChoice {
                    key: record.pool.key,
                    host: name.clone().unwrap_or_default(),
                    pool: record.pool.clone(),
                    taken: record.volumes.iter().flat_map(BTreeMap::keys).cloned().collect(),
                    shared_with: self.sure_hosts_of(record.pool.key),
                })
                .collect();
            pools.sort_by_key(|choice| choice.pool.name().to_lowercase());
            choices.extend(pools);
        }
        choices
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::storage::{
        Backing, GuestDisks, NetworkProtocol, PoolDefinition, PoolSource, PoolState, Proof,
        ProofAnswer, Server, StorageEvent, VolumeDetails, VolumeFormat, VolumeKind,
    };
    use crate::model::{
        Bytes, ConnectionSpec, ConnectionState, DiskFacts, DiskSource, Event, GuestKey, GuestUuid,
        HostFacts, PoolUuid,
    };

    const A: HostId = HostId(1);
    const B: HostId = HostId(2);
    /// Another connection to the machine of A.
    const C: HostId = HostId(3);

    fn key(host: HostId) -> PoolKey {
        PoolKey { host, uuid: PoolUuid([7; 16]) }
    }

    fn inventory() -> Inventory {
        let mut inventory = Inventory::default();
        for (host, name, uuid) in [(A, "a", "1"), (B, "b", "2"), (C, "a again", "1")] {
            let name = Some(name.to_owned());
            let spec = ConnectionSpec { uri: "test:///".into(), name, autoconnect: false };
            inventory.add_host(host, spec);
            let state = ConnectionState::Connected;
            inventory.apply(Event::ConnectionChanged { host, state });
            let facts = HostFacts {
                hostname: String::new(),
                host_uuid: uuid.into(),
                driver: "QEMU".into(),
                arch: String::new(),
                cpu_model: String::new(),
                cpus: 1,
                mhz: 0,
                topology: [1; 4],
                memory: Bytes(0),
                libvirt_version: 0,
                hypervisor_version: 0,
                migration_transports: Vec::new(),
                uri: String::new(),
            };
            inventory.apply(Event::HostDescribed { host, facts: Box::new(facts) });
        }
        inventory
    }

    fn disk(host: HostId, name: &str, path: &str) -> StorageEvent {
        let disk = DiskFacts {
            target: "vda".into(),
            removable: false,
            source: DiskSource::File(path.into()),
            read_only: false,
            shareable: false,
            transient: false,
            cache: String::new(),
            optional: false,
            backing: Vec::new(),
            secrets: Vec::new(),
            reservations: None,
        };
        let guest = GuestKey { host, uuid: GuestUuid([host.0 as u8; 16]) };
        let guests = vec![GuestDisks {
            guest,
            name: name.into(),
            disks: vec![disk],
            next: Vec::new(),
            files: Vec::new(),
        }];
        StorageEvent::DisksListed { host, guests }
    }

    /// The pool `images` with the volume `v` on A and B, at other paths, and a guest on each host.
    fn storage() -> StorageInventory {
        let mut storage = StorageInventory::default();
        for (host, path) in [(A, "/a"), (B, "/b"), (C, "/a")] {
            let pool = Pool {
                capacity: Bytes(9),
                allocation: Bytes(1),
                available: Bytes(8),
                ..Pool::running(key(host), PoolDefinition::new("images", PoolSource::Dir, path))
            };
            storage.apply(StorageEvent::PoolsListed { host, pools: vec![pool] });
            storage.apply(disk(host, &format!("guest {}", host.0), &format!("{path}/v")));
        }
        let details = VolumeDetails {
            kind: VolumeKind::File,
            path: "/a/v".into(),
            capacity: Bytes(1),
            allocation: Bytes(1),
            format: Some(VolumeFormat::Raw),
            backing: None,
            encryption: None,
            permissions: Default::default(),
        };
        let volumes = vec![Volume { name: "v".into(), details: Some(Box::new(details)) }];
        storage.apply(StorageEvent::VolumesListed { pool: key(A), volumes });
        storage
    }

    fn known<'a>(inventory: &'a Inventory, storage: &'a StorageInventory) -> Known<'a> {
        const READ: &BTreeSet<HostId> = &BTreeSet::new();
        Known { inventory, storage, unread: READ }
    }

    fn proved(storage: &mut StorageInventory, answer: ProofAnswer) {
        let answers = vec![(key(B), answer)];
        storage.apply(StorageEvent::Proved(Proof { writer: key(A), answers, left: None }));
    }

    fn users(storage: &StorageInventory) -> Vec<String> {
        let inventory = inventory();
        let index = UseIndex::new(storage.all_uses());
        let views = known(&inventory, storage).volumes(key(A), &index).unwrap();
        let said = |user: &UserView| {
            let host = user.host.as_deref().unwrap_or("here");
            format!("{}@{host}{}", user.guest, if user.unsure { "?" } else { "" })
        };
        let mut users: Vec<String> = views[0].users.iter().map(said).collect();
        users.sort();
        users
    }

    #[test]
    fn users_are_found_on_every_host_that_may_have_the_same_storage() {
        let mut storage = storage();
        assert_eq!(users(&storage), ["guest 1@here", "guest 2@b?", "guest 3@here"]);
        proved(&mut storage, ProofAnswer::Same);
        assert_eq!(users(&storage), ["guest 1@here", "guest 2@b", "guest 3@here"]);
        proved(&mut storage, ProofAnswer::NotThere);
        assert_eq!(users(&storage), ["guest 1@here", "guest 3@here"]);
    }

    #[test]
    fn who_uses_an_image_uses_what_it_builds_on() {
        let mut storage = storage();
        let mut volumes: Vec<Volume> =
            storage.pool(key(A)).unwrap().volumes.as_ref().unwrap().values().cloned().collect();
        let mut base = volumes[0].clone();
        base.name = "base".into();
        let path = "/a/base".to_owned();
        if let (Some(top), Some(base)) = (&mut volumes[0].details, &mut base.details) {
            top.backing = Some(Backing { path: path.clone(), format: None });
            base.path = path;
        }
        volumes.push(base);
        storage.apply(StorageEvent::VolumesListed { pool: key(A), volumes });
        let inventory = inventory();
        let index = UseIndex::new(storage.all_uses());
        let known = known(&inventory, &storage);
        let views = known.volumes(key(A), &index).unwrap();
        let users: Vec<&str> = views[0].users.iter().map(|user| &*user.guest).collect();
        assert_eq!((views[0].volume.name.as_str(), users), ("base", vec!["guest 1", "guest 3"]));
        assert_eq!(views[0].writers(), "");
    }

    #[test]
    fn a_guest_needs_no_pool_for_what_is_at_a_server() {
        let (inventory, mut storage) = (inventory(), storage());
        let san = Server { name: "san".into(), port: None };
        let record = storage.pool(key(A)).unwrap();
        let target = "iqn.2026-01.org.example:disk".to_owned();
        let source =
            PoolSource::Iscsi { portal: san.clone(), target, initiator: None, login: None };
        let definition = PoolDefinition::new("images", source, "/dev/disk/by-path");
        let changed = vec![Pool { definition, ..record.pool.clone() }];
        storage.apply(StorageEvent::PoolsChanged { host: A, changed, removed: Vec::new() });
        let mut lun = storage.pool(key(A)).unwrap().volumes.as_ref().unwrap()["v"].clone();
        lun.name = "unit:0:0:1".into();
        storage.apply(StorageEvent::VolumesListed { pool: key(A), volumes: vec![lun] });
        let mut disks = disk(B, "guest 2", "");
        if let StorageEvent::DisksListed { guests, .. } = &mut disks {
            guests[0].disks[0].source = DiskSource::Network {
                protocol: "iscsi".into(),
                name: "iqn.2026-01.org.example:disk/1".into(),
                servers: vec![san],
            };
        }
        storage.apply(disks);
        proved(&mut storage, ProofAnswer::NotThere);
        assert_eq!(users(&storage), ["guest 1@here", "guest 2@b", "guest 3@here"]);
        let known = known(&inventory, &storage);
        assert_eq!(known.hosts_of(key(A)), [A, C], "by its paths B is not asked");
    }

    #[test]
    fn a_host_that_may_have_the_storage_by_another_way_is_looked_at() {
        let (inventory, mut storage) = (inventory(), storage());
        let nfs = |server: &str| PoolSource::Netfs {
            server: Server { name: server.into(), port: None },
            export: "/srv".into(),
            protocol: NetworkProtocol::Auto,
        };
        let renamed = |storage: &StorageInventory, name: &str, source| {
            let pool = storage.pool(key(B)).unwrap().pool.clone();
            let definition = PoolDefinition::new(name, source, "/b");
            StorageEvent::PoolsListed { host: B, pools: vec![Pool { definition, ..pool }] }
        };
        let hosts = |storage: &StorageInventory| known(&inventory, storage).hosts_of(key(A)).len();
        storage.apply(renamed(&storage, "other", PoolSource::Dir));
        assert_eq!(hosts(&storage), 2, "a directory of A is its own");
        storage.forget(B);
        assert_eq!(hosts(&storage), 3, "what B has is not known");
        storage.apply(disk(B, "guest 2", "/a/v"));
        assert_eq!(users(&storage), ["guest 1@here", "guest 2@b?", "guest 3@here"]);
        let mut storage = self::storage();
        let pool = storage.pool(key(A)).unwrap().pool.clone();
        let definition = PoolDefinition::new("images", nfs("nas"), "/a");
        let changed = vec![Pool { definition, ..pool }];
        storage.apply(StorageEvent::PoolsChanged { host: A, changed, removed: Vec::new() });
        storage.apply(renamed(&storage, "other", nfs("nas.example.org")));
        assert_eq!(hosts(&storage), 3, "one server may have two names");
        proved(&mut storage, ProofAnswer::NotThere);
        assert_eq!(hosts(&storage), 2);
    }

    #[test]
    fn what_changes_in_a_pool_is_read_again_on_the_hosts_that_share_it() {
        let (inventory, mut storage) = (inventory(), storage());
        let twins = |storage: &StorageInventory| known(&inventory, storage).twins(key(A));
        assert_eq!(twins(&storage), [key(C)], "B may have another");
        proved(&mut storage, ProofAnswer::Same);
        assert_eq!(twins(&storage), [key(B), key(C)]);
        let stopped =
            Pool { state: PoolState::Inactive, ..storage.pool(key(B)).unwrap().pool.clone() };
        let changed = vec![stopped];
        storage.apply(StorageEvent::PoolsChanged { host: B, changed, removed: Vec::new() });
        assert_eq!(twins(&storage), [key(C)]);
    }

    #[test]
    fn a_host_whose_guests_are_not_known_is_named() {
        let (inventory, storage) = (inventory(), storage());
        let unread = [B].into();
        let known = Known { inventory: &inventory, storage: &storage, unread: &unread };
        let PoolsView::Listed(pools) = known.pools(A) else { panic!("listed") };
        assert_eq!(pools[0].users_unread, ["b"]);
    }

    #[test]
    fn an_image_is_where_it_is_listed_and_where_its_pool_is_the_same() {
        let (inventory, mut storage) = (inventory(), storage());
        let with = |storage: &StorageInventory, path| known(&inventory, storage).hosts_with(path);
        assert_eq!(with(&storage, "/a/v"), [A, C]);
        assert_eq!(with(&storage, "/a/w"), []);
        proved(&mut storage, ProofAnswer::Same);
        assert_eq!(with(&storage, "/a/v"), [A, C], "it has another path on B");
        let pool = storage.pool(key(B)).unwrap().pool.clone();
        let definition = PoolDefinition::new("images", PoolSource::Dir, "/a");
        let changed = vec![Pool { definition, ..pool }];
        storage.apply(StorageEvent::PoolsChanged { host: B, changed, removed: Vec::new() });
        assert_eq!(with(&storage, "/a/v").len(), 3);
    }

    #[test]
    fn one_machine_is_one_host_of_a_pool() {
        let (inventory, storage) = (inventory(), storage());
        let known = known(&inventory, &storage);
        let PoolsView::Listed(pools) = known.pools(A) else { panic!("listed") };
        let names: Vec<&str> = pools[0].elsewhere.iter().map(|there| there.name.as_str()).collect();
        assert_eq!(names, ["b"]);
        assert_eq!(known.to_prove(key(A)), [key(A), key(B)]);
        assert_eq!(known.hosts_of(key(A)).len(), 3, "guests of all connections are looked at");
        let hosts = known.hosts(B, &Offers::default());
        let twins: Vec<_> = hosts.iter().filter_map(|host| host.same_machine.clone()).collect();
        assert_eq!((hosts[0].host, twins), (B, vec!["a".to_owned()]));
    }
}
