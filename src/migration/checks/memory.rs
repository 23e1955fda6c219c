//! The guest's memory, and where it is to lie.

use std::collections::BTreeSet;

use super::{Advice, Case, CheckOutcome, CheckResult, HostAdvice, MemoryCheck, Value};
use crate::migration::repair::crashes_on_recovery;
use crate::model::Bytes;

pub(super) fn ask(case: &Case<'_>) -> Vec<CheckResult> {
    let mut results = Vec::new();
    match case.inspection.arriving().huge_pages {
        Some(size) => results.extend(huge_pages(case, size)),
        None => results.push(free(case)),
    }
    results.extend(pinning(case));
    results.extend(encrypted(case));
    results.extend(modules(case));
    results.extend(postcopy(case));
    results.extend(recovery(case));
    results.extend(locked(case));
    results
}

/// QEMU starts with less free memory than the guest has, and is killed later: a warning.
fn free(case: &Case<'_>) -> CheckResult {
    let wanted = case.inspection.arriving().memory;
    let check = MemoryCheck::Free;
    let Some(free) = case.inspection.destination.memory_free else {
        return CheckResult::new(check, CheckOutcome::CannotTell)
            .values(Value::Amount(wanted), Value::Unknown);
    };
    let result = if free < wanted {
        CheckResult::new(check, CheckOutcome::Warns).advice(Advice::Host(HostAdvice::FreeMemory))
    } else {
        CheckResult::passed(check)
    };
    result.values(Value::Amount(wanted), Value::Amount(free))
}

/// Huge pages are taken when QEMU starts: too few are a refusal ("unable to map backing store").
fn huge_pages(case: &Case<'_>, size: Bytes) -> Option<CheckResult> {
    let wanted = case.inspection.arriving().memory;
    let check = MemoryCheck::HugePages;
    let free = case.inspection.destination.huge_pages_free;
    let (Some(free), true) = (free, size.0 > 0) else {
        let result = CheckResult::new(check, CheckOutcome::CannotTell);
        return Some(result.values(Value::Amount(wanted), Value::Unknown));
    };
    let there = Bytes(free.saturating_mul(size.0));
    let result = if there < wanted {
        CheckResult::new(check, case.refused()).advice(Advice::Host(HostAdvice::AllocateHugePages))
    } else {
        CheckResult::passed(check)
    };
    Some(result.values(Value::Amount(wanted), Value::Amount(there)))
}

/// libvirt 11.3: "domain's dimm info lacks slot ID or base address".
fn modules(case: &Case<'_>) -> Option<CheckResult> {
    case.inspection.arriving().loose_modules.then(|| {
        CheckResult::new(MemoryCheck::Modules, case.refused())
            .advice(Advice::Host(HostAdvice::PlaceModules))
    })
}

/// A guest pinned to processors or nodes that the destination does not have does not start there. libvirt 11.3:
/// "NUMA node %zd is unavailable". Of processors it is enough for the kernel to have one of a set, but not
/// where libvirt may use the cgroup `cpuset`, which it tells nobody.
fn pinning(case: &Case<'_>) -> Vec<CheckResult> {
    let guest = case.inspection.arriving();
    let cells = case.inspection.destination.cells.as_ref();
    let nodes = Some(&guest.pinned_nodes).filter(|nodes| !nodes.is_empty());
    let of_nodes = nodes.map(|wanted| {
        let there = cells.map(|cells| &cells.nodes);
        pinned(wanted, there, |there| {
            if wanted.is_subset(there) { CheckOutcome::Passed } else { case.refused() }
        })
    });
    let of_processors = guest.pinned_cpus.iter().map(|wanted| {
        let there = cells.map(|cells| &cells.processors);
        pinned(wanted, there, |there| {
            if wanted.is_subset(there) {
                CheckOutcome::Passed
            } else if wanted.is_disjoint(there) {
                case.refused()
            } else {
                CheckOutcome::Warns
            }
        })
    });
    // Many processors are mostly pinned alike: the gravest answer says it.
    let worst = of_processors.min_by_key(|result| result.outcome);
    of_nodes.into_iter().chain(worst).collect()
}

fn pinned(
    wanted: &BTreeSet<u32>,
    there: Option<&BTreeSet<u32>>,
    judge: impl FnOnce(&BTreeSet<u32>) -> CheckOutcome,
) -> CheckResult {
    let outcome = there.map_or(CheckOutcome::CannotTell, judge);
    let result = CheckResult::new(MemoryCheck::Pinning, outcome).values(
        Value::Text(ranges(wanted)),
        there.map_or(Value::Unknown, |there| Value::Text(ranges(there))),
    );
    match outcome {
        CheckOutcome::Blocks | CheckOutcome::Warns => {
            result.advice(Advice::Host(HostAdvice::EditPinning))
        }
        CheckOutcome::CannotTell | CheckOutcome::Note | CheckOutcome::Passed => result,
    }
}

/// Such as `0-3,8`.
fn ranges(numbers: &BTreeSet<u32>) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for &number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => ranges.push((number, number)),
        }
    }
    let word = |(first, last): (u32, u32)| {
        if first == last { first.to_string() } else { format!("{first}-{last}") }
    };
    ranges.into_iter().map(word).collect::<Vec<_>>().join(",")
}

/// Post-copy fetches pages through userfaultfd, which a host may deny to QEMU (`vm.unprivileged_userfaultfd`):
/// no client sees whether it does.
fn postcopy(case: &Case<'_>) -> Option<CheckResult> {
    (case.options.postcopy && case.starts_there()).then(|| {
        CheckResult::new(MemoryCheck::Postcopy, CheckOutcome::CannotTell)
            .advice(Advice::Host(HostAdvice::AllowPostcopy))
    })
}

/// An interrupted post-copy leaves the guest's memory on two hosts; whether it can be taken up then.
fn recovery(case: &Case<'_>) -> Option<CheckResult> {
    if !case.options.postcopy || !case.starts_there() {
        return None;
    }
    let version = case.inspection.destination.host.libvirt_version;
    let check = MemoryCheck::Recovery;
    let result = if version == 0 {
        CheckResult::new(check, CheckOutcome::CannotTell)
    } else if crashes_on_recovery(version) {
        CheckResult::new(check, CheckOutcome::Warns)
            .advice(Advice::Host(HostAdvice::UpdateDestination))
    } else {
        CheckResult::passed(check)
    };
    Some(result.values(Value::None, Value::version(version)))
}

/// libvirt 11.3: "cannot start RDMA migration with no memory hard limit set".
fn locked(case: &Case<'_>) -> Option<CheckResult> {
    let address = case.options.migrate_uri.as_ref().filter(|uri| uri.starts_with("rdma:"))?;
    if !case.starts_there() {
        return None;
    }
    let check = MemoryCheck::Locked;
    let result = if case.inspection.arriving().hard_limit {
        CheckResult::passed(check)
    } else {
        CheckResult::new(check, CheckOutcome::Blocks).advice(Advice::Host(HostAdvice::LimitMemory))
    };
    Some(result.values(Value::Text(address.clone()), Value::None))
}

fn encrypted(case: &Case<'_>) -> Option<CheckResult> {
    let kind = case.inspection.guest.launch_security.as_ref()?;
    let outcome = if case.starts_there() { CheckOutcome::Blocks } else { CheckOutcome::Note };
    // s390-pv is a different matter in newer QEMU: only what is known to be refused blocks.
    let outcome =
        if kind.starts_with("sev") || kind == "tdx" { outcome } else { CheckOutcome::CannotTell };
    let result = CheckResult::new(MemoryCheck::Encrypted, outcome);
    Some(result.about(kind).values(Value::text(kind.clone()), Value::None))
}
