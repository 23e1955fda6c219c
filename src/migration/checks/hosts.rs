//! Source and destination as hosts.

use super::{Advice, Case, CheckOutcome, CheckResult, HostAdvice, HostCheck, Value};
use crate::migration::Transport;

pub(super) fn ask(case: &Case<'_>) -> Vec<CheckResult> {
    vec![
        different(case),
        hypervisor(case),
        transport(case),
        libvirt(case),
        qemu(case),
        name_of_destination(case),
    ]
}

/// libvirt compares the UUIDs the daemons give themselves, not names or addresses.
fn different(case: &Case<'_>) -> CheckResult {
    let (here, there) = hosts(case, |host| host.host_uuid.clone());
    let check = HostCheck::DifferentHosts;
    let result = if here.is_empty() || there.is_empty() {
        CheckResult::new(check, CheckOutcome::CannotTell)
    } else if here == there {
        CheckResult::new(check, CheckOutcome::Blocks).advice(Advice::Host(HostAdvice::GiveHostUuid))
    } else {
        CheckResult::passed(check)
    };
    result.values(Value::text(here), Value::text(there))
}

fn hypervisor(case: &Case<'_>) -> CheckResult {
    let (here, there) = hosts(case, |host| host.driver.clone());
    let result = if here == there {
        CheckResult::passed(HostCheck::Hypervisor)
    } else {
        CheckResult::new(HostCheck::Hypervisor, CheckOutcome::Blocks)
            .advice(Advice::Host(HostAdvice::OtherDestination))
    };
    result.values(Value::text(here), Value::text(there))
}

fn transport(case: &Case<'_>) -> CheckResult {
    let offered = &case.inspection.destination.host.migration_transports;
    let check = HostCheck::TransportOffered;
    let result = if offered.is_empty() {
        CheckResult::new(check, CheckOutcome::Blocks)
            .advice(Advice::Host(HostAdvice::OtherDestination))
    } else {
        CheckResult::passed(check)
    };
    result.values(Value::None, Value::text(offered.join(", ")))
}

fn libvirt(case: &Case<'_>) -> CheckResult {
    let versions = hosts(case, |host| host.libvirt_version);
    versions_compared(HostCheck::LibvirtVersion, versions)
}

fn qemu(case: &Case<'_>) -> CheckResult {
    let versions = hosts(case, |host| host.hypervisor_version);
    versions_compared(HostCheck::QemuVersion, versions)
}

/// A guest may go to newer versions; back to older ones it mostly works, without a promise.
fn versions_compared(check: HostCheck, (here, there): (u64, u64)) -> CheckResult {
    let outcome = if here == 0 || there == 0 {
        CheckOutcome::CannotTell
    } else if there < here {
        CheckOutcome::Warns
    } else {
        CheckOutcome::Passed
    };
    let advice = if outcome == CheckOutcome::Warns {
        Advice::Host(HostAdvice::UpdateDestination)
    } else {
        Advice::Nothing
    };
    let value = |version| if version == 0 { Value::Unknown } else { Value::Version(version) };
    CheckResult::new(check, outcome).values(value(here), value(there)).advice(advice)
}

/// libvirt sends the memory to the name that the destination gives itself. Whether the source
/// resolves that name, only a trial tells; a name that is `localhost` is refused for sure, unless
/// `migration_host` in the destination's qemu.conf overrides it, which no client can see.
fn name_of_destination(case: &Case<'_>) -> CheckResult {
    let name = case.inspection.destination.host.hostname.clone();
    let own = case.options.migrate_uri.is_some();
    let by_name = case.options.transport != Transport::Tunnelled && case.starts_there() && !own;
    let outcome = if !by_name {
        CheckOutcome::Passed
    } else if name.starts_with("localhost") {
        CheckOutcome::Warns
    } else {
        CheckOutcome::CannotTell
    };
    let advice = match outcome {
        CheckOutcome::Passed => Advice::Nothing,
        CheckOutcome::Blocks
        | CheckOutcome::Warns
        | CheckOutcome::CannotTell
        | CheckOutcome::Note => Advice::Host(HostAdvice::GiveMigrationAddress),
    };
    let here = case.options.migrate_uri.clone().map_or(Value::None, Value::Text);
    CheckResult::new(HostCheck::NameOfDestination, outcome)
        .values(here, Value::text(name))
        .advice(advice)
}

/// The same of both hosts.
fn hosts<T>(case: &Case<'_>, get: impl Fn(&crate::model::HostFacts) -> T) -> (T, T) {
    (get(&case.inspection.source.host), get(&case.inspection.destination.host))
}
