//! On which hosts the pool can be set up, and on which it is wanted: pure.

use crate::model::storage::{PoolDefinition, PoolKind};
use crate::model::{Failure, HostId};
use crate::storage::{TargetClash, target_clash};
use crate::ui::views::storage::{HostOffer, PoolHost};

/// Why a host cannot have the pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// It is not connected.
    NotConnected,
    /// It is the same machine as this one.
    SameMachine(String),
    /// It has not told what it can do.
    NotAsked,
    /// It did not tell what it can do.
    NotTold(Failure),
    /// It cannot do this kind.
    NotSupported,
    /// It has a pool of this name.
    NameTaken(String),
    /// A pool of this name has the same target there.
    PathTaken(String),
    /// What is mounted would hide the volumes of the pool of this name there.
    HidesPool(String),
}

/// Why a host cannot have a pool; `None` if it can.
#[must_use]
pub fn unusable(host: &PoolHost, pool: &PoolDefinition) -> Option<Unusable> {
    if !host.connected {
        return Some(Unusable::NotConnected);
    }
    if let Some(other) = &host.same_machine {
        return Some(Unusable::SameMachine(other.clone()));
    }
    match &host.offer {
        HostOffer::Awaited => Some(Unusable::NotAsked),
        HostOffer::Failed(failure) => Some(Unusable::NotTold(failure.clone())),
        HostOffer::Told(offer) if !offer.supports(pool.source.kind()) => {
            Some(Unusable::NotSupported)
        }
        HostOffer::Told(_) if host.pools.iter().any(|there| there.name == pool.name) => {
            Some(Unusable::NameTaken(pool.name.clone()))
        }
        HostOffer::Told(_) => in_the_way(host, pool),
    }
}

/// Where the target of a pool is in the way of another one.
fn in_the_way(host: &PoolHost, pool: &PoolDefinition) -> Option<Unusable> {
    let wanted = (pool.source.kind(), &*pool.target.path);
    host.pools.iter().find_map(|there| {
        Some(match target_clash(wanted, (there.kind, &there.path))? {
            TargetClash::Same => Unusable::PathTaken(there.name.clone()),
            TargetClash::Hides => Unusable::HidesPool(there.name.clone()),
        })
    })
}

/// The kinds that a host can set up. One that has not told can do nothing yet.
#[must_use]
pub fn kinds(host: Option<&PoolHost>) -> Vec<PoolKind> {
    let Some(offer) = host.and_then(|host| host.offer.told()) else { return Vec::new() };
    PoolKind::ALL.into_iter().filter(|&kind| offer.supports(kind)).collect()
}

/// A name for a new pool that this host does not have yet.
#[must_use]
pub fn free_name(host: Option<&PoolHost>) -> String {
    let pools = || host.into_iter().flat_map(|host| &host.pools);
    let taken = |name: &String| pools().any(|there| there.name == *name);
    let numbered = (2..).map(|number| format!("images-{number}"));
    let mut names = std::iter::once("images".to_owned()).chain(numbered);
    names.find(|name| !taken(name)).unwrap_or_default()
}

/// The wanted hosts among those that can, in the order of the list.
#[must_use]
pub fn usable(hosts: &[PoolHost], wanted: &[HostId], pool: &PoolDefinition) -> Vec<HostId> {
    let can = hosts.iter().filter(|host| unusable(host, pool).is_none());
    can.map(|host| host.host).filter(|host| wanted.contains(host)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FailureKind;
    use crate::model::storage::{FileSystem, PoolKindOffer, PoolOffer, PoolSource};
    use crate::ui::views::storage::PoolThere;

    fn there(name: &str, path: &str) -> PoolThere {
        PoolThere { name: name.into(), kind: PoolKind::Dir, path: path.into() }
    }

    fn pool(source: PoolSource, path: &str) -> PoolDefinition {
        PoolDefinition::new("images", source, path)
    }

    fn host(number: u32, kinds: &[PoolKind], pools: &[&str]) -> PoolHost {
        let offer = |_: &PoolKind| PoolKindOffer { supported: true, ..PoolKindOffer::default() };
        let kinds = kinds.iter().map(|kind| (*kind, offer(kind))).collect();
        PoolHost {
            host: HostId(number),
            name: format!("host {number}"),
            connected: true,
            same_machine: None,
            offer: HostOffer::Told(PoolOffer { told: true, kinds }.into()),
            pools: pools.iter().map(|&name| there(name, "")).collect(),
        }
    }

    #[test]
    fn each_host_that_cannot_says_why() {
        let a = host(1, &[PoolKind::Dir], &[]);
        let b = host(2, &[PoolKind::Netfs], &[]);
        let c = host(3, &[PoolKind::Dir], &["images"]);
        let d = PoolHost { connected: false, ..host(4, &[PoolKind::Dir], &[]) };
        let e = PoolHost { same_machine: Some("a".into()), ..host(5, &[PoolKind::Dir], &[]) };
        let f = PoolHost { offer: HostOffer::Awaited, ..host(6, &[], &[]) };
        let failure = Failure::own(FailureKind::Denied, "no");
        let g = PoolHost { offer: HostOffer::Failed(failure.clone()), ..host(7, &[], &[]) };
        let all = [a, b, c, d, e, f, g];
        let wish = pool(PoolSource::Dir, "/srv");
        let why: Vec<_> = all.iter().map(|host| unusable(host, &wish)).collect();
        assert_eq!(
            why,
            [
                None,
                Some(Unusable::NotSupported),
                Some(Unusable::NameTaken("images".into())),
                Some(Unusable::NotConnected),
                Some(Unusable::SameMachine("a".into())),
                Some(Unusable::NotAsked),
                Some(Unusable::NotTold(failure)),
            ]
        );
        let wanted = [3, 1].map(HostId);
        assert_eq!(usable(&all, &wanted, &wish), [HostId(1)]);
        assert_eq!(kinds(all.first()), [PoolKind::Dir]);
        assert_eq!([free_name(all.first()), free_name(all.get(2))], ["images", "images-2"]);
    }

    #[test]
    fn a_pool_does_not_lie_over_another() {
        let mut host = host(1, &[PoolKind::Dir, PoolKind::Fs], &[]);
        host.pools.push(there("default", "/var/lib/libvirt/images"));
        let on_device = |path| {
            let format = FileSystem::Xfs;
            pool(PoolSource::Fs { device: "/dev/sdb".into(), format }, path)
        };
        let name = || "default".to_owned();
        let same = pool(PoolSource::Dir, "/var/lib/libvirt/images");
        assert_eq!(unusable(&host, &same), Some(Unusable::PathTaken(name())));
        assert_eq!(unusable(&host, &on_device("/var")), Some(Unusable::HidesPool(name())));
        assert_eq!(unusable(&host, &on_device("/var/lib/libvirt/images/images")), None);
    }

    #[test]
    fn a_host_that_cannot_tell_is_tried_with_everything() {
        let old =
            PoolHost { offer: HostOffer::Told(PoolOffer::default().into()), ..host(1, &[], &[]) };
        assert_eq!(kinds(Some(&old)).len(), PoolKind::ALL.len());
        assert_eq!(unusable(&old, &pool(PoolSource::Mpath, "")), None);
    }
}
