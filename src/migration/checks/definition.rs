//! An edited definition against the guest's own: libvirt lets a guest arrive only as it is.

use super::{Advice, Case, CheckResult, DefinitionCheck, GuestAdvice, Value};
use crate::model::{Bytes, GuestFacts, InterfaceFacts};

/// libvirt 11.3: "Target domain … does not match source …" (`virDomainDefCheckABIStability`). Only what it refuses
/// for sure is compared; nothing is asked where no definition was given.
pub(super) fn ask(case: &Case<'_>) -> Vec<CheckResult> {
    let Some(edited) = &case.inspection.edited else { return Vec::new() };
    let own = &case.inspection.guest;
    let mut differences = as_a_whole(own, edited);
    differences.extend(devices(own, edited));
    if differences.is_empty() {
        return vec![CheckResult::passed(DefinitionCheck::SameGuest)];
    }
    let refused = |(check, here, there)| {
        let result = CheckResult::new(check, case.refused()).values(here, there);
        result.advice(Advice::Guest(GuestAdvice::EditDefinition))
    };
    differences.into_iter().map(refused).collect()
}

type Difference = (DefinitionCheck, Value, Value);

fn as_a_whole(own: &GuestFacts, edited: &GuestFacts) -> Vec<Difference> {
    let mut found = Vec::new();
    if let (Some(here), Some(there)) = (own.uuid, edited.uuid)
        && here != there
    {
        let values = (Value::Text(here.to_string()), Value::Text(there.to_string()));
        found.push((DefinitionCheck::Uuid, values.0, values.1));
    }
    // A name such as `q35` stands for whatever version the host has.
    let versioned = |machine: &str| machine.contains('.');
    if own.machine != edited.machine && versioned(&own.machine) && versioned(&edited.machine) {
        let values = (Value::text(&own.machine), Value::text(&edited.machine));
        found.push((DefinitionCheck::Machine, values.0, values.1));
    }
    // libvirt adds up the cells of a guest that has some, whatever its memory is said to be.
    let memory = (in_mib(own.memory), in_mib(edited.memory));
    let plain = !own.cells && !edited.cells && edited.memory.0 > 0;
    if plain && memory.0 != memory.1 {
        let values = (Value::Amount(own.memory), Value::Amount(edited.memory));
        found.push((DefinitionCheck::Memory, values.0, values.1));
    }
    if edited.vcpus > 0 && own.vcpus != edited.vcpus {
        let values = (Value::Count(own.vcpus.into()), Value::Count(edited.vcpus.into()));
        found.push((DefinitionCheck::Processors, values.0, values.1));
    }
    found
}

fn devices(own: &GuestFacts, edited: &GuestFacts) -> Vec<Difference> {
    let mut found = Vec::new();
    let counts = [
        (DefinitionCheck::Disks, own.disks.len(), edited.disks.len()),
        (DefinitionCheck::Interfaces, own.interfaces.len(), edited.interfaces.len()),
    ];
    for (check, here, there) in counts {
        if here != there {
            found.push((check, Value::Count(here as u64), Value::Count(there as u64)));
        }
    }
    if own.interfaces.len() == edited.interfaces.len() {
        let pairs = own.interfaces.iter().zip(&edited.interfaces);
        found.extend(pairs.filter_map(|(here, there)| address(here, there)));
    }
    found
}

/// An interface without an address is given a new one, which libvirt refuses as well; who leaves it out knows.
fn address(here: &InterfaceFacts, there: &InterfaceFacts) -> Option<Difference> {
    let both = !here.mac.is_empty() && !there.mac.is_empty();
    (both && here.mac != there.mac).then(|| {
        (DefinitionCheck::HardwareAddress, Value::text(&here.mac), Value::text(&there.mac))
    })
}

/// libvirt rounds memory up to whole MiB.
const fn in_mib(memory: Bytes) -> u64 {
    memory.0.div_ceil(1 << 20)
}
