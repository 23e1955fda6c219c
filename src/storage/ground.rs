//! All that a pool may hold, where its volumes cannot be listed because it is stopped.

use super::uses::plain;
use crate::model::HostId;
use crate::model::storage::{Pool, PoolSource};

/// Where the volumes of a pool are on one host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ground {
    pub(super) host: HostId,
    pub(super) pool: String,
    /// All below this directory.
    below: Option<String>,
    /// These devices and their partitions.
    devices: Vec<String>,
}

impl Ground {
    /// Of a pool as a host has it; of what is in the network only the directory.
    #[must_use]
    pub fn of(pool: &Pool, host: HostId) -> Self {
        let target = Some(plain(&pool.definition.target.path)).filter(|path| path.len() > 1);
        let (below, devices) = match &pool.definition.source {
            PoolSource::Fs { device, .. } => (target, vec![device.clone()]),
            PoolSource::Disk { device, .. } => (None, vec![device.clone()]),
            PoolSource::Logical { group, devices } => {
                (target.or_else(|| Some(format!("/dev/{group}"))), devices.clone())
            }
            PoolSource::Zfs { name, .. } => (Some(format!("/dev/zvol/{name}")), Vec::new()),
            _ => (target, Vec::new()),
        };
        Self { host, pool: pool.name().to_owned(), below, devices }
    }

    /// Whether a path leads there.
    pub(super) fn has(&self, path: &str) -> bool {
        let below = self.below.as_ref().and_then(|below| path.strip_prefix(below.as_str()));
        below.is_some_and(|rest| rest.starts_with('/'))
            || self.devices.iter().any(|device| is_part(&plain(device), path))
    }
}

/// `/dev/sda1` of `/dev/sda`, `/dev/nvme0n1p1`, `/dev/disk/by-id/x-part1`; the device itself.
fn is_part(device: &str, path: &str) -> bool {
    let Some(rest) = path.strip_prefix(device) else { return false };
    let number = rest.strip_prefix("-part").or_else(|| rest.strip_prefix('p')).unwrap_or(rest);
    rest.is_empty() || (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PoolUuid;
    use crate::model::storage::{PoolDefinition, PoolKey, PoolState};

    fn ground(source: PoolSource, target: &str) -> Ground {
        let pool = Pool {
            state: PoolState::Inactive,
            ..Pool::running(
                PoolKey { host: HostId(1), uuid: PoolUuid([1; 16]) },
                PoolDefinition::new("p", source, target),
            )
        };
        Ground::of(&pool, HostId(1))
    }

    #[test]
    fn what_a_pool_may_hold_is_known_while_it_is_stopped() {
        let group = || PoolSource::Logical { group: "vg".into(), devices: vec!["/dev/sdb".into()] };
        let disk = |device: &str| PoolSource::Disk {
            device: device.into(),
            label: Default::default(),
            part_separator: None,
        };
        for (source, target, path, has) in [
            (group(), "/dev/vg", "/dev/vg/root", true),
            (group(), "", "/dev/vg/root", true),
            (group(), "/dev/vg", "/dev/vg2/root", false),
            (group(), "/dev/vg", "/dev/sdb", true),
            (disk("/dev/sda"), "/dev", "/dev/sda12", true),
            (disk("/dev/sda"), "/dev", "/dev/sdaa1", false),
            (disk("/dev/nvme0n1"), "/dev", "/dev/nvme0n1p2", true),
            (disk("/dev/disk/by-id/x"), "/dev", "/dev/disk/by-id/x-part1", true),
            (disk("/dev/sda"), "/dev", "/dev/sdb", false),
        ] {
            assert_eq!(ground(source.clone(), target).has(path), has, "{source:?}: {path}");
        }
    }
}
