//! Which hosts a guest can go to, and why not to the others.

use crate::i18n::gettext_f;
use crate::model::{GuestKey, Host, HostFacts, HostId, Inventory};
use crate::ui::labels::migration as labels;

/// A host as the dialog offers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostChoice {
    /// Which.
    pub host: HostId,
    /// Its name.
    pub name: String,
    /// What else helps to choose it, such as its free memory.
    pub detail: String,
    /// Our connection to it.
    pub uri: String,
    /// Why it cannot be chosen.
    pub unusable: Option<Unusable>,
}

/// Why a host cannot be a destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// There is no connection to it now.
    NotConnected,
    /// It has not described itself yet.
    NotDescribed,
    /// Another connection to the host the guest is on.
    SameHost,
    /// Another hypervisor, named.
    DriverDiffers(String),
    /// Another kind of processor, named.
    ArchDiffers(String),
    /// Its driver moves no guests.
    NoMigration,
    /// The guest is active there.
    ActiveThere,
}

/// One host as the dialog shows it, usable or not.
#[must_use]
pub fn host_choice(inventory: &Inventory, id: HostId) -> Option<HostChoice> {
    let host = inventory.host(id)?;
    Some(HostChoice {
        host: id,
        name: host.name().to_owned(),
        detail: detail(host),
        uri: host.spec.uri.clone(),
        unusable: None,
    })
}

/// All hosts but the guest's own, in their usual order, each with the reason where it cannot be chosen.
#[must_use]
pub fn destinations(inventory: &Inventory, guest: GuestKey) -> Vec<HostChoice> {
    inventory
        .hosts()
        .filter(|(id, _)| *id != guest.host)
        .filter_map(|(id, host)| {
            let choice = host_choice(inventory, id)?;
            Some(HostChoice { unusable: unusable(inventory, guest, id, host), ..choice })
        })
        .collect()
}

fn unusable(inventory: &Inventory, guest: GuestKey, id: HostId, host: &Host) -> Option<Unusable> {
    if !host.state.is_connected() {
        return Some(Unusable::NotConnected);
    }
    let Some(there) = &host.facts else { return Some(Unusable::NotDescribed) };
    let here = inventory.host(guest.host).and_then(|own| own.facts.as_ref());
    if let Some(reason) = here.and_then(|here| mismatch(here, there)) {
        return Some(reason);
    }
    if there.migration_transports.is_empty() {
        return Some(Unusable::NoMigration);
    }
    let twin = inventory.guest(GuestKey { host: id, uuid: guest.uuid });
    twin.is_some_and(|twin| twin.state.is_active()).then_some(Unusable::ActiveThere)
}

fn mismatch(here: &HostFacts, there: &HostFacts) -> Option<Unusable> {
    if here.host_uuid == there.host_uuid {
        Some(Unusable::SameHost)
    } else if here.driver != there.driver {
        Some(Unusable::DriverDiffers(there.driver.clone()))
    } else if here.arch != there.arch {
        Some(Unusable::ArchDiffers(there.arch.clone()))
    } else {
        None
    }
}

fn detail(host: &Host) -> String {
    match (host.sample, &host.facts) {
        (Some(sample), Some(facts)) => gettext_f(
            "{free} of {total} memory free",
            &[
                ("free", &labels::bytes(sample.memory_free)),
                ("total", &labels::bytes(facts.memory)),
            ],
        ),
        (None, Some(facts)) => {
            gettext_f("{total} memory", &[("total", &labels::bytes(facts.memory))])
        }
        (_, None) => host.spec.uri.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        Bytes, ConnectionSpec, ConnectionState, Event, Guest, GuestState, GuestUuid, StateReason,
    };

    fn facts(uuid: &str) -> HostFacts {
        HostFacts {
            hostname: "lab".into(),
            host_uuid: uuid.into(),
            driver: "QEMU".into(),
            arch: "x86_64".into(),
            cpu_model: String::new(),
            cpus: 2,
            mhz: 0,
            topology: [1, 1, 2, 1],
            memory: Bytes(1 << 34),
            libvirt_version: 11_003_000,
            hypervisor_version: 10_000_000,
            migration_transports: vec!["tcp".into()],
            uri: String::new(),
        }
    }

    fn guest(host: u32, state: GuestState) -> Guest {
        Guest {
            key: GuestKey { host: HostId(host), uuid: GuestUuid([1; 16]) },
            name: "web".into(),
            state,
            reason: StateReason::None,
            persistent: true,
            autostart: false,
            managed_save: false,
            memory_max: Bytes(1 << 30),
            vcpus: 1,
            migrating: false,
        }
    }

    fn add(inventory: &mut Inventory, id: u32, facts: Option<HostFacts>) {
        let host = HostId(id);
        let uri = format!("qemu+ssh://h{id}/system");
        inventory.add_host(host, ConnectionSpec { uri, name: None, autoconnect: false });
        if let Some(facts) = facts {
            inventory.apply(Event::HostDescribed { host, facts: Box::new(facts) });
            let state = ConnectionState::Connected;
            inventory.apply(Event::ConnectionChanged { host, state });
        }
    }

    #[test]
    fn every_reason_is_told() {
        let mut inventory = Inventory::default();
        add(&mut inventory, 1, Some(facts("a")));
        let expected = [
            (2, Some(facts("b")), None),
            (3, None, Some(Unusable::NotConnected)),
            (4, Some(facts("a")), Some(Unusable::SameHost)),
            (
                5,
                Some(HostFacts { driver: "Xen".into(), ..facts("c") }),
                Some(Unusable::DriverDiffers("Xen".into())),
            ),
            (
                6,
                Some(HostFacts { arch: "aarch64".into(), ..facts("d") }),
                Some(Unusable::ArchDiffers("aarch64".into())),
            ),
            (
                7,
                Some(HostFacts { migration_transports: Vec::new(), ..facts("e") }),
                Some(Unusable::NoMigration),
            ),
            (8, Some(facts("f")), Some(Unusable::ActiveThere)),
        ];
        for (id, facts, _) in &expected {
            add(&mut inventory, *id, facts.clone());
        }
        let twin = guest(8, GuestState::Paused);
        inventory.apply(Event::GuestsListed { host: HostId(8), guests: vec![twin] });
        let off = guest(2, GuestState::ShutOff);
        inventory.apply(Event::GuestsListed { host: HostId(2), guests: vec![off] });
        let told = destinations(&inventory, guest(1, GuestState::Running).key);
        let told: Vec<_> =
            told.into_iter().map(|choice| (choice.host.0, choice.unusable)).collect();
        let expected: Vec<_> = expected.into_iter().map(|(id, _, reason)| (id, reason)).collect();
        assert_eq!(told, expected);
    }
}
