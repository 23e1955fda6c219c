use super::*;
use crate::model::{Bytes, Failure, FailureKind, GuestKey, HostFacts};

const A: HostId = HostId(1);
const B: HostId = HostId(2);

fn inventory() -> Inventory {
    let mut inventory = Inventory::default();
    for (id, name) in [(A, "a"), (B, "b")] {
        let spec = ConnectionSpec { uri: name.into(), name: None, autoconnect: true };
        assert_eq!(inventory.add_host(id, spec), Change::HostAdded(id));
        connect(&mut inventory, id);
        inventory.apply(Event::HostDescribed { host: id, facts: Box::new(facts(name)) });
    }
    inventory
}

fn connect(inventory: &mut Inventory, host: HostId) {
    inventory.apply(Event::ConnectionChanged { host, state: ConnectionState::Connected });
}

fn facts(name: &str) -> HostFacts {
    HostFacts {
        hostname: format!("{name}.example"),
        host_uuid: name.into(),
        driver: "QEMU".into(),
        arch: "x86_64".into(),
        cpu_model: "EPYC".into(),
        cpus: 2,
        mhz: 2000,
        topology: [1, 1, 2, 1],
        memory: Bytes(1 << 30),
        libvirt_version: 11_003_000,
        hypervisor_version: 10_000_002,
        migration_transports: vec!["tcp".into()],
        uri: "qemu:///system".into(),
    }
}

fn guest(host: HostId, number: u8, state: GuestState) -> Guest {
    Guest {
        key: GuestKey { host, uuid: GuestUuid([number; 16]) },
        name: format!("guest-{number}").into(),
        state,
        reason: StateReason::None,
        persistent: true,
        autostart: false,
        managed_save: false,
        memory_max: Bytes(1 << 28),
        vcpus: 1,
        migrating: false,
    }
}

fn list(inventory: &mut Inventory, host: HostId, guests: Vec<Guest>) -> Vec<Change> {
    inventory.apply(Event::GuestsListed { host, guests })
}

#[test]
fn a_list_adds_changes_and_removes() {
    let mut inventory = inventory();
    let first = guest(A, 1, GuestState::Running);
    let second = guest(A, 2, GuestState::Running);
    let changes = list(&mut inventory, A, vec![first.clone(), second.clone()]);
    assert_eq!(changes, [Change::GuestsAdded(A, vec![first.key, second.key])]);
    let paused = Guest { state: GuestState::Paused, ..second.clone() };
    let third = guest(A, 3, GuestState::ShutOff);
    let changes = list(&mut inventory, A, vec![paused, third.clone()]);
    assert_eq!(
        changes,
        [
            Change::GuestsRemoved(A, vec![first.key]),
            Change::GuestsAdded(A, vec![third.key]),
            Change::GuestsChanged(A, vec![second.key]),
        ]
    );
    assert_eq!(inventory.guest(second.key).map(|guest| guest.state), Some(GuestState::Paused));
}

#[test]
fn the_same_list_again_changes_nothing() {
    let mut inventory = inventory();
    let guests = vec![guest(A, 1, GuestState::Running)];
    list(&mut inventory, A, guests.clone());
    assert_eq!(list(&mut inventory, A, guests), []);
}

#[test]
fn a_host_that_is_lost_keeps_its_guests_until_it_gives_up() {
    let mut inventory = inventory();
    let running = guest(A, 1, GuestState::Running);
    list(&mut inventory, A, vec![running.clone()]);
    let reason = Failure::own(FailureKind::LinkLost, "gone");
    let state = ConnectionState::Reconnecting { attempt: 1, wait_s: 1, reason: reason.clone() };
    let changes = inventory.apply(Event::ConnectionChanged { host: A, state });
    assert_eq!(
        changes,
        [Change::HostChanged(A), Change::GuestsChanged(A, vec![running.key])],
        "its guests are old news now"
    );
    assert!(inventory.guest(running.key).is_some());
    let failed = ConnectionState::Failed(reason);
    let changes = inventory.apply(Event::ConnectionChanged { host: A, state: failed });
    assert_eq!(changes, [Change::HostChanged(A), Change::GuestsRemoved(A, vec![running.key])]);
}

#[test]
fn a_guest_that_runs_elsewhere_is_away_from_home() {
    let mut inventory = inventory();
    let home = guest(A, 1, GuestState::ShutOff);
    let visitor = Guest { persistent: false, ..guest(B, 1, GuestState::Running) };
    list(&mut inventory, A, vec![home.clone()]);
    assert_eq!(inventory.whereabouts(home.key), Whereabouts::Home);
    let changes = list(&mut inventory, B, vec![visitor.clone()]);
    assert!(changes.contains(&Change::GuestsChanged(A, vec![home.key])), "{changes:?}");
    assert_eq!(inventory.whereabouts(home.key), Whereabouts::AwayOn(B));
    assert_eq!(inventory.whereabouts(visitor.key), Whereabouts::VisitingFrom(A));
}

#[test]
fn a_guest_that_came_home_is_away_no_more() {
    let mut inventory = inventory();
    let home = guest(A, 1, GuestState::ShutOff);
    let visitor = Guest { persistent: false, ..guest(B, 1, GuestState::Running) };
    list(&mut inventory, A, vec![home.clone()]);
    list(&mut inventory, B, vec![visitor.clone()]);
    let changes = inventory.apply(Event::GuestsChanged {
        host: B,
        changed: vec![],
        removed: vec![visitor.key.uuid],
    });
    assert!(changes.contains(&Change::GuestsChanged(A, vec![home.key])), "{changes:?}");
    assert_eq!(inventory.whereabouts(home.key), Whereabouts::Home);
}

#[test]
fn a_guest_that_went_to_a_lost_host_must_not_be_taken_for_shut_off() {
    let mut inventory = inventory();
    let reason = StateReason::ShutOff(ShutOffReason::Migrated);
    let home = Guest { reason, ..guest(A, 1, GuestState::ShutOff) };
    list(&mut inventory, A, vec![home.clone()]);
    assert_eq!(inventory.whereabouts(home.key), Whereabouts::Home);
    let state = ConnectionState::Disconnected;
    inventory.apply(Event::ConnectionChanged { host: B, state });
    assert_eq!(inventory.whereabouts(home.key), Whereabouts::AwaySomewhere);
}

#[test]
fn two_connections_to_one_host_are_not_two_places() {
    let mut inventory = inventory();
    inventory.apply(Event::HostDescribed { host: B, facts: Box::new(facts("a")) });
    let here = guest(A, 1, GuestState::Running);
    list(&mut inventory, A, vec![here.clone()]);
    list(&mut inventory, B, vec![guest(B, 1, GuestState::Running)]);
    assert_eq!(inventory.whereabouts(here.key), Whereabouts::Home);
}

#[test]
fn figures_are_remembered_and_bounded() {
    let mut inventory = inventory();
    let running = guest(A, 1, GuestState::Running);
    list(&mut inventory, A, vec![running.clone()]);
    for _ in 0..2 * HISTORY {
        let sample = GuestSample { cpu: 0.5, ..GuestSample::default() };
        let samples = Samples {
            host: A,
            interval: std::time::Duration::from_secs(3),
            host_sample: None,
            guests: vec![(running.key.uuid, sample)],
        };
        assert_eq!(inventory.apply(Event::Sampled(samples)), [Change::Sampled(A)]);
    }
    let record = inventory.record(running.key).unwrap();
    assert_eq!((record.cpu_history.len(), record.sample.cpu), (HISTORY, 0.5));
}

#[test]
fn events_of_a_removed_host_are_ignored() {
    let mut inventory = inventory();
    assert_eq!(inventory.remove_host(A), Some(Change::HostRemoved(A)));
    assert_eq!(list(&mut inventory, A, vec![guest(A, 1, GuestState::Running)]), []);
    assert_eq!(inventory.remove_host(A), None);
}
