//! Source and destination as hosts.

use super::{Advice, Case, CheckOutcome, CheckResult, HostAdvice, HostCheck, Value};
use crate::migration::{DiskCopy, Transport};

pub(super) fn ask(case: &Case<'_>) -> Vec<CheckResult> {
    [
        Some(different(case)),
        Some(hypervisor(case)),
        Some(transport(case)),
        Some(libvirt(case)),
        Some(qemu(case)),
        Some(name_of_destination(case)),
        log_in(case),
        ports(case),
        encryption(case),
        security_model(case),
        untold(case, HostCheck::LockManager, HostAdvice::SameLockManager),
        untold(case, HostCheck::Clocks, HostAdvice::SynchroniseClocks),
    ]
    .into_iter()
    .flatten()
    .collect()
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
    let values = (Value::version(here), Value::version(there));
    CheckResult::new(check, outcome).values(values.0, values.1).advice(advice)
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

/// Whether the source's daemon, which logs in with keys of its own, is let in, only a trial tells.
fn log_in(case: &Case<'_>) -> Option<CheckResult> {
    let uri = &case.inspection.destination.host.uri;
    if case.options.transport == Transport::Direct {
        return None;
    }
    let to = case.options.destination_uri.clone().unwrap_or_else(|| uri.clone());
    let result = CheckResult::new(HostCheck::LogIn, CheckOutcome::CannotTell);
    let advice = Advice::Host(HostAdvice::LogInOrDirect);
    Some(result.values(Value::None, Value::text(to)).advice(advice))
}

/// No client sees what a firewall between two other hosts lets through.
fn ports(case: &Case<'_>) -> Option<CheckResult> {
    let through = case.options.transport != Transport::Tunnelled && case.starts_there();
    let own = case.options.migrate_uri.as_deref().and_then(port);
    let copies = case.options.disks != DiskCopy::None;
    through.then(|| {
        let ports = match own {
            Some(port) if copies => format!("TCP {port}, {USUAL_PORTS}"),
            Some(port) => format!("TCP {port}"),
            None => format!("TCP {USUAL_PORTS}"),
        };
        CheckResult::new(HostCheck::Ports, CheckOutcome::CannotTell)
            .values(Value::None, Value::Text(ports))
            .advice(Advice::Host(HostAdvice::OpenPorts))
    })
}

/// What a host takes for memory and disks, if its qemu.conf says nothing else.
const USUAL_PORTS: &str = "49152–49215";

/// The port that an address such as `tcp://10.0.0.2:49200` names.
fn port(uri: &str) -> Option<u16> {
    let (_, place) = uri.split_once("://")?;
    let authority = place.split('/').next()?;
    authority.rsplit_once(':')?.1.parse().ok()
}

/// Certificates for QEMU lie in files that libvirt tells nobody of, and so does whether a host moves guests only
/// encrypted (`migrate_tls_force` of its qemu.conf; libvirt 11.3: "this libvirtd instance allows migration only with
/// VIR_MIGRATE_TLS flag").
fn encryption(case: &Case<'_>) -> Option<CheckResult> {
    let advice =
        if case.options.tls { HostAdvice::Certificates } else { HostAdvice::EncryptIfRefused };
    (case.options.tls || case.starts_there()).then(|| {
        CheckResult::new(HostCheck::Encryption, CheckOutcome::CannotTell)
            .advice(Advice::Host(advice))
    })
}

/// A fixed label means nothing where its model is not in use: libvirt refuses it when QEMU starts.
fn security_model(case: &Case<'_>) -> Option<CheckResult> {
    let check = HostCheck::SecurityModel;
    let wanted = &case.inspection.arriving().security_models;
    let there = &case.inspection.destination.security_models;
    if wanted.is_empty() {
        return None;
    }
    let result = match there {
        None => CheckResult::new(check, CheckOutcome::CannotTell),
        Some(known) if wanted.iter().all(|model| known.contains(model)) => {
            CheckResult::passed(check)
        }
        Some(_) => CheckResult::new(check, CheckOutcome::Warns)
            .advice(Advice::Host(HostAdvice::SameSecurityModel)),
    };
    let there = there.as_ref().map_or(Value::Unknown, |known| match known.join(", ") {
        known if known.is_empty() => Value::Missing,
        known => Value::Text(known),
    });
    Some(result.values(Value::text(wanted.join(", ")), there))
}

/// What no call of libvirt tells of a host, and matters to a guest that runs: whether both lock disks alike
/// (libvirt 11.3: "Source host lock driver %s different from target %s"), and how late it is there.
fn untold(case: &Case<'_>, check: HostCheck, advice: HostAdvice) -> Option<CheckResult> {
    case.starts_there().then(|| {
        CheckResult::new(check, CheckOutcome::CannotTell)
            .values(Value::Unknown, Value::Unknown)
            .advice(Advice::Host(advice))
    })
}

/// The same of both hosts.
fn hosts<T>(case: &Case<'_>, get: impl Fn(&crate::model::HostFacts) -> T) -> (T, T) {
    (get(&case.inspection.source.host), get(&case.inspection.destination.host))
}
