//! What the guest's interfaces are connected to.

use super::{Advice, Case, CheckOutcome, CheckResult, Mend, NetworkCheck, PlaceAdvice, Value};
use crate::model::{InterfaceFacts, LinkSource, NetworkAnswer, NetworkShape};

pub(super) fn ask(case: &Case<'_>) -> Vec<CheckResult> {
    let mut results = Vec::new();
    let mut seen = Vec::new();
    for interface in &case.inspection.arriving().interfaces {
        if !seen.contains(&&interface.link) {
            seen.push(&interface.link);
            results.extend(link(case, &interface.link));
        }
        results.extend(port_group(case, interface));
        results.extend(port_kind(case, interface));
    }
    results.extend(filters(case));
    results
}

fn link(case: &Case<'_>, link: &LinkSource) -> Vec<CheckResult> {
    match link {
        LinkSource::Network(name) => network(case, name),
        LinkSource::Bridge(name) | LinkSource::Direct(name) => vec![host_link(case, name)],
        LinkSource::Other(kind) if kind == "user" => own_program(case).into_iter().collect(),
        LinkSource::HostDevice(_) | LinkSource::Vdpa | LinkSource::Other(_) => Vec::new(),
    }
}

/// A program of the host (passt, slirp) carries such an interface, and begins anew at the destination. libvirt 11.3
/// refuses some of them: "a slirp-helper cannot be migrated". Which one a guest has, no client sees.
fn own_program(case: &Case<'_>) -> Option<CheckResult> {
    case.starts_there().then(|| {
        CheckResult::new(NetworkCheck::OwnProgram, CheckOutcome::CannotTell)
            .values(Value::text("user"), Value::Unknown)
            .advice(Advice::Place(PlaceAdvice::EditNetwork))
    })
}

/// libvirt 11.3: "no network with matching name '%s'", "network '%s' is not active".
fn network(case: &Case<'_>, name: &str) -> Vec<CheckResult> {
    let there = case.inspection.destination.networks.get(name);
    let here = case.inspection.source.networks.get(name);
    let check = NetworkCheck::There;
    let value = |answer: Option<&NetworkAnswer>| match answer {
        Some(NetworkAnswer::Missing) => Value::Missing,
        Some(NetworkAnswer::Inactive(_)) => Value::Inactive,
        Some(NetworkAnswer::Active(_)) => Value::Present,
        Some(NetworkAnswer::Unknown) | None => Value::Unknown,
    };
    let result = match there {
        Some(NetworkAnswer::Missing) => {
            let result = CheckResult::new(check, case.refused())
                .advice(Advice::Place(PlaceAdvice::PrepareNetwork));
            let known = here.and_then(NetworkAnswer::shape).is_some();
            if known { result.mend(Mend::CopyNetwork(name.to_owned())) } else { result }
        }
        Some(NetworkAnswer::Inactive(_)) => CheckResult::new(check, case.refused())
            .advice(Advice::Place(PlaceAdvice::StartNetwork))
            .mend(Mend::StartNetwork(name.to_owned())),
        Some(NetworkAnswer::Active(_)) => CheckResult::passed(check),
        Some(NetworkAnswer::Unknown) | None => CheckResult::new(check, CheckOutcome::CannotTell),
    };
    let mut results = vec![result.about(name).values(value(here), value(there))];
    let shapes = (here.and_then(NetworkAnswer::shape), there.and_then(NetworkAnswer::shape));
    if let (Some(here), Some(there)) = shapes {
        results.push(alike(here, there).about(name));
    }
    results
}

/// A group of ports that the destination's network does not have: libvirt takes the default one, or
/// none, so that VLAN and limits may differ.
fn port_group(case: &Case<'_>, interface: &InterfaceFacts) -> Option<CheckResult> {
    let (LinkSource::Network(network), Some(group)) = (&interface.link, &interface.port_group)
    else {
        return None;
    };
    let shape = case.inspection.destination.networks.get(network).and_then(NetworkAnswer::shape)?;
    let check = NetworkCheck::PortGroup;
    let (result, there) = if shape.port_groups.contains(group) {
        (CheckResult::passed(check), Value::Present)
    } else {
        let advice = Advice::Place(PlaceAdvice::EditNetwork);
        (CheckResult::new(check, CheckOutcome::Warns).advice(advice), Value::Missing)
    };
    Some(result.about(network).values(Value::Text(group.clone()), there))
}

/// The kind of port that the interface wants, or its network here gives. libvirt 11.3, where interface and
/// network want different kinds: "attempt to merge virtualports with mismatched types".
/// Whether a switch knows a profile, or what a bridge is, it tells nobody.
fn port_kind(case: &Case<'_>, interface: &InterfaceFacts) -> Option<CheckResult> {
    let check = NetworkCheck::PortKind;
    let own = interface.port.as_ref().filter(|port| !port.kind.is_empty());
    let own = own.map(|port| port.kind.as_str());
    let profile = interface.port.as_ref().and_then(|port| port.profile.as_deref());
    let (about, result, here, there) = match &interface.link {
        LinkSource::Network(name) => {
            let (source, destination) = (&case.inspection.source, &case.inspection.destination);
            let shape = destination.networks.get(name).and_then(NetworkAnswer::shape)?;
            let before = source.networks.get(name).and_then(NetworkAnswer::shape);
            let there = shape.port_kind.as_deref();
            let here = own.or(before.and_then(|shape| shape.port_kind.as_deref()));
            let outcome = match (own, there) {
                _ if here.is_none() && there.is_none() => return None,
                (Some(own), Some(there)) if own != there => case.refused(),
                (None, _) if before.is_none() => CheckOutcome::CannotTell,
                (None, there) if here != there => CheckOutcome::Warns,
                _ if profile.is_some() => CheckOutcome::CannotTell,
                _ => CheckOutcome::Passed,
            };
            (name, outcome, here, there.or(own))
        }
        LinkSource::Bridge(name) | LinkSource::Direct(name) => {
            (name, CheckOutcome::CannotTell, Some(own?), None)
        }
        LinkSource::HostDevice(_) | LinkSource::Vdpa | LinkSource::Other(_) => return None,
    };
    let value = |kind: Option<&str>, none| kind.map_or(none, |kind| Value::Text(kind.to_owned()));
    let here = match (here, profile) {
        (Some(kind), Some(profile)) => Value::Text(format!("{kind} {profile}")),
        (here, _) => value(here, Value::Missing),
    };
    let none = if result == CheckOutcome::CannotTell { Value::Unknown } else { Value::Missing };
    let advice = match result {
        CheckOutcome::Passed => Advice::Nothing,
        _ => Advice::Place(PlaceAdvice::SamePort),
    };
    let result = CheckResult::new(check, result).about(about).advice(advice);
    Some(result.values(here, value(there, none)))
}

/// A network that libvirt makes itself (NAT, routed, isolated) ends at its host: one of the same
/// name elsewhere is another network, and the guest's connections break. libvirt says nothing.
fn alike(here: &NetworkShape, there: &NetworkShape) -> CheckResult {
    let check = NetworkCheck::Alike;
    let values = (Value::Text(words(here)), Value::Text(words(there)));
    let ends_at_host =
        |shape: &NetworkShape| matches!(shape.forward.as_str(), "" | "nat" | "route" | "open");
    let result = if here.forward != there.forward || ends_at_host(here) || ends_at_host(there) {
        CheckResult::new(check, CheckOutcome::Warns).advice(Advice::Place(PlaceAdvice::EditNetwork))
    } else if here.bridge == there.bridge {
        // Two bridges of one name: whether both are on one wire, libvirt does not know.
        CheckResult::new(check, CheckOutcome::CannotTell)
    } else {
        CheckResult::new(check, CheckOutcome::CannotTell)
            .advice(Advice::Place(PlaceAdvice::EditNetwork))
    };
    result.values(values.0, values.1)
}

/// A network in the words of its definition, such as `nat virbr0 192.168.122.1/24`.
fn words(shape: &NetworkShape) -> String {
    let forward = if shape.forward.is_empty() { "isolated" } else { shape.forward.as_str() };
    let mut words = vec![forward];
    words.extend(Some(shape.bridge.as_str()).filter(|bridge| !bridge.is_empty()));
    words.extend(shape.addresses.iter().map(String::as_str));
    words.join(" ")
}

/// libvirt 11.3: "Cannot get interface MTU on '%s': No such device".
fn host_link(case: &Case<'_>, name: &str) -> CheckResult {
    let check = NetworkCheck::HostLink;
    let (result, there) = match &case.inspection.destination.links {
        None => (CheckResult::new(check, CheckOutcome::CannotTell), Value::Unknown),
        Some(links) if links.iter().any(|link| link == name) => {
            (CheckResult::passed(check), Value::Present)
        }
        Some(_) => (
            CheckResult::new(check, case.refused()).advice(Advice::Place(PlaceAdvice::EditNetwork)),
            Value::Missing,
        ),
    };
    result.about(name).values(Value::Text(name.to_owned()), there)
}

/// libvirt 11.3: "no nwfilter with matching name '%s'".
fn filters(case: &Case<'_>) -> Vec<CheckResult> {
    let check = NetworkCheck::Filter;
    let filters = &case.inspection.destination.filters;
    let result = |(name, there): (&String, &Option<bool>)| {
        let (result, there) = match there {
            None => (CheckResult::new(check, CheckOutcome::CannotTell), Value::Unknown),
            Some(true) => (CheckResult::passed(check), Value::Present),
            Some(false) => (
                CheckResult::new(check, case.refused())
                    .advice(Advice::Place(PlaceAdvice::CopyFilter))
                    .mend(Mend::CopyFilter(name.clone())),
                Value::Missing,
            ),
        };
        result.about(name).values(Value::Text(name.clone()), there)
    };
    filters.iter().map(result).collect()
}
