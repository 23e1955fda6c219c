//! Ports of a host's own, so that no two hosts of this computer ever choose the same one.

use std::net::{Ipv4Addr, TcpListener};
use std::ops::RangeInclusive;

/// Ports of each kind that belong to one host.
const PORTS: u16 = 32;
/// Hosts that can have ports of their own.
const SLOTS: u16 = 256;
/// A listener on this port and the slot's number is the claim to a slot: the system gives it to one process only, and
/// takes it back when that ends, however it ends.
const FIRST_CLAIM: u16 = 18_000;
/// The first port for consoles; libvirt takes none below 5900.
const FIRST_CONSOLE: u16 = 20_000;
/// The first port for migrations, libvirt's own first one.
const FIRST_MIGRATION: u16 = 49_152;

/// The ports of one host, for as long as it lives.
#[derive(Debug)]
pub(super) struct Ports {
    slot: u16,
    /// Held, never accepted from. `None` when other programs have all the claims' ports: then chance must do.
    _claim: Option<TcpListener>,
}

impl Ports {
    /// Claims a free slot.
    pub(super) fn claim() -> Self {
        let bind = |slot| TcpListener::bind((Ipv4Addr::LOCALHOST, FIRST_CLAIM + slot)).ok();
        let claimed = (0..SLOTS).find_map(|slot| Some((slot, bind(slot)?)));
        match claimed {
            Some((slot, claim)) => Self { slot, _claim: Some(claim) },
            None => {
                let chance = std::process::id() % u32::from(SLOTS);
                Self { slot: u16::try_from(chance).unwrap_or_default(), _claim: None }
            }
        }
    }

    /// For the consoles of its guests.
    pub(super) fn consoles(&self) -> RangeInclusive<u16> {
        self.range(FIRST_CONSOLE)
    }

    /// For migrations to it.
    pub(super) fn migrations(&self) -> RangeInclusive<u16> {
        self.range(FIRST_MIGRATION)
    }

    fn range(&self, first: u16) -> RangeInclusive<u16> {
        let first = first + self.slot * PORTS;
        first..=first + PORTS - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_hosts_share_a_port() {
        let hosts: Vec<Ports> = (0..8).map(|_| Ports::claim()).collect();
        let mut seen = std::collections::HashSet::new();
        for host in &hosts {
            for port in host.consoles().chain(host.migrations()) {
                assert!(seen.insert(port), "{port} belongs to two hosts");
            }
        }
    }
}
