//! Whether the destination has room for a guest of this name and UUID.

use super::{
    Advice, Case, CheckOutcome, CheckResult, GuestAdvice, HostAdvice, IdentityCheck, Value,
};
use crate::migration::{Coverage, Residence};
use crate::model::Twin;

pub(super) fn ask(case: &Case<'_>) -> Vec<CheckResult> {
    let mut results = vec![name(case), twin(case)];
    results.extend(addresses(case));
    results
}

/// libvirt 11.3: "domain '%s' already exists with uuid %s".
fn name(case: &Case<'_>) -> CheckResult {
    let check = IdentityCheck::NameFree;
    let name = Value::text(case.inspection.name_there.clone());
    let own = case.inspection.guest.uuid;
    match case.inspection.destination.namesake {
        None => CheckResult::new(check, CheckOutcome::CannotTell).values(name, Value::Unknown),
        Some(Some(other)) if own.is_some() && own != Some(other) => {
            CheckResult::new(check, CheckOutcome::Blocks)
                .values(name, Value::Text(other.to_string()))
                .advice(Advice::Host(HostAdvice::NewName))
        }
        Some(_) => CheckResult::passed(check).values(name, Value::None),
    }
}

/// libvirt 11.3: "domain '%s' is already active as '%s'", and for one that is known under another
/// name "domain '%s' is already defined with uuid %s".
fn twin(case: &Case<'_>) -> CheckResult {
    let check = IdentityCheck::SameGuestThere;
    let wanted = &case.inspection.name_there;
    match &case.inspection.destination.twin {
        None => CheckResult::new(check, CheckOutcome::CannotTell),
        Some(None) => CheckResult::passed(check),
        Some(Some(twin)) if twin.active => CheckResult::new(check, CheckOutcome::Blocks)
            .values(Value::Text(wanted.clone()), Value::Text(twin.name.clone()))
            .advice(Advice::Host(HostAdvice::ShutDownThere)),
        Some(Some(twin)) if twin.name != *wanted => CheckResult::new(check, CheckOutcome::Blocks)
            .values(Value::Text(wanted.clone()), Value::Text(twin.name.clone()))
            .advice(Advice::Host(HostAdvice::NewName)),
        // Its own definition, where it was before. libvirt writes over it without a word.
        Some(Some(twin)) if defined_there(case) => replaced(case, twin),
        Some(Some(_)) => CheckResult::new(check, CheckOutcome::Note),
    }
}

/// The definition there against the one here, as libvirt writes both: another version may write the same otherwise.
fn replaced(case: &Case<'_>, twin: &Twin) -> CheckResult {
    let check = IdentityCheck::SameGuestThere;
    let there = match (&case.inspection.source.definition, &twin.definition) {
        (Some(here), Some(there)) if here == there => {
            return CheckResult::new(check, CheckOutcome::Note).values(Value::None, Value::Equal);
        }
        (Some(_), Some(_)) => Value::Different,
        _ => Value::Unknown,
    };
    CheckResult::new(check, CheckOutcome::Warns)
        .values(Value::None, there)
        .advice(Advice::Host(HostAdvice::SaveDefinition))
}

/// Whether the guest's definition goes along.
fn defined_there(case: &Case<'_>) -> bool {
    case.options.residence == Residence::Permanent || case.options.coverage == Coverage::Definition
}

fn addresses(case: &Case<'_>) -> Vec<CheckResult> {
    let check = IdentityCheck::HardwareAddress;
    if case.inspection.arriving().interfaces.is_empty() {
        return Vec::new();
    }
    match &case.inspection.destination.addresses_taken {
        None => vec![CheckResult::new(check, CheckOutcome::CannotTell)],
        Some(taken) if taken.is_empty() => vec![CheckResult::passed(check)],
        Some(taken) => taken
            .iter()
            .map(|(address, guest)| {
                CheckResult::new(check, CheckOutcome::Warns)
                    .about(address)
                    .values(Value::Text(address.clone()), Value::Text(guest.clone()))
                    .advice(Advice::Guest(GuestAdvice::ChangeAddress))
            })
            .collect(),
    }
}
