//! The guest's disks: whether the destination has them, and whether they are the same.

use super::{
    Advice, Case, CheckId, CheckOutcome, CheckResult, Mend, PlaceAdvice, StorageCheck, Value,
    storage_access, storage_copy,
};
use crate::migration::DiskCopy;
use crate::model::{
    Bytes, DiskFacts, DiskSource, FileAnswer, PoolIdentity, Reservations, SecretNeed,
};

/// Since QEMU 4.0 libvirt has QEMU drop its cache, and cache modes are safe.
const CACHE_DROPPED: u64 = 4_000_000;

pub(super) fn ask(case: &Case<'_>) -> Vec<CheckResult> {
    let mut results = Vec::new();
    for disk in &case.inspection.arriving().disks {
        results.extend(transient(case, disk));
        results.extend(secrets(case, disk));
        results.extend(reservations(case, disk));
        if disk.removable {
            results.extend(medium(case, disk));
        } else if copied(case, disk) {
            results.extend(storage_copy::ask(case, disk));
            results.extend(storage_access::growth(case, disk, true));
        } else {
            results.extend(there(case, disk));
            results.extend(nvme(case, disk));
            results.extend(shared(case, disk));
            results.extend(storage_access::access(case, disk));
            results.extend(storage_access::growth(case, disk, false));
            results.extend(cache(case, disk));
        }
    }
    results
}

/// Whether the disk is copied along.
pub(super) fn copied(case: &Case<'_>, disk: &DiskFacts) -> bool {
    let copies = case.options.disks != DiskCopy::None;
    copies && !disk.removable && !disk.read_only && !disk.shareable
}

/// How a file is asked for: its path, or pool and volume.
pub(super) fn key(source: &DiskSource) -> Option<String> {
    match source {
        DiskSource::File(path) | DiskSource::Block(path) => Some(path.clone()),
        DiskSource::Volume { pool, volume } => Some(format!("{pool}/{volume}")),
        DiskSource::Empty | DiskSource::Network { .. } | DiskSource::Other(_) => None,
    }
}

/// libvirt 11.3: "Cannot access storage file '%s' (as uid:…): No such file or directory".
fn there(case: &Case<'_>, disk: &DiskFacts) -> Vec<CheckResult> {
    let files = std::iter::once(&disk.source).chain(&disk.backing).filter_map(key);
    files.map(|path| copied_instead(case, disk, file(case, StorageCheck::There, &path))).collect()
}

/// What an image of which only the changes are copied builds on has to be there already.
pub(super) fn base(case: &Case<'_>, disk: &DiskFacts) -> Vec<CheckResult> {
    let below = disk.backing.iter().filter_map(key);
    let asked = below.map(|path| file(case, StorageCheck::There, &path));
    asked.map(|result| result.about(&disk.target)).collect()
}

/// The disk as it is at the source.
pub(super) fn own_key(case: &Case<'_>, disk: &DiskFacts) -> Option<String> {
    let own = case.inspection.guest.disks.iter().find(|own| own.target == disk.target);
    own.and_then(|own| key(&own.source)).or_else(|| key(&disk.source))
}

/// A disk that is not there can be copied along, where libvirt can.
fn copied_instead(case: &Case<'_>, disk: &DiskFacts, result: CheckResult) -> CheckResult {
    let result = result.about(&disk.target);
    let copies =
        case.starts_there() && !disk.read_only && !disk.shareable && disk.backing.is_empty();
    if result.outcome == CheckOutcome::Blocks && copies {
        return result.mend(Mend::CopyDisks);
    }
    result
}

/// A file of the guest at the destination, as far as a pool there knows it.
fn file(case: &Case<'_>, check: StorageCheck, path: &str) -> CheckResult {
    let answer = case.inspection.destination.files.get(path).unwrap_or(&FileAnswer::Unknown);
    let unknown = |advice| CheckResult::new(check, CheckOutcome::CannotTell).advice(advice);
    let (result, there) = match answer {
        FileAnswer::Found { .. } => (CheckResult::passed(check), Value::Present),
        FileAnswer::Missing(_) => (
            CheckResult::new(check, case.refused())
                .advice(Advice::Place(PlaceAdvice::ShareOrCopyDisks)),
            Value::Missing,
        ),
        FileAnswer::PoolInactive(pool) => {
            let result = unknown(Advice::Place(PlaceAdvice::StartPool));
            (result.mend(Mend::StartPool(pool.clone())), Value::Inactive)
        }
        FileAnswer::NoPool => {
            let result = unknown(Advice::Place(PlaceAdvice::AddPool));
            let here = case.inspection.source.files.get(path);
            let result = match here {
                Some(FileAnswer::Found { pool, .. }) => {
                    result.mend(Mend::CopyPool(pool.name.clone()))
                }
                _ => result,
            };
            (result, Value::Unknown)
        }
        FileAnswer::Unknown => (unknown(Advice::Nothing), Value::Unknown),
    };
    result.values(Value::text(path), there)
}

/// Whether what both hosts have under one path is one and the same. libvirt judges by the file
/// system at the source alone, and tells nobody beforehand.
fn shared(case: &Case<'_>, disk: &DiskFacts) -> Option<CheckResult> {
    if disk.read_only || !case.starts_there() {
        return None;
    }
    let check = StorageCheck::Shared;
    let path = key(&disk.source)?;
    let own = own_key(case, disk)?;
    let here = case.inspection.source.files.get(&own);
    let there = case.inspection.destination.files.get(&path);
    if let DiskSource::Block(_) = disk.source
        && let Some(result) = same_device(case, &own, &path)
    {
        return Some(result.about(&disk.target));
    }
    let result = match (here, there) {
        (
            Some(FileAnswer::Found { pool: here, capacity: size, .. }),
            Some(FileAnswer::Found { pool: there, capacity, .. }),
        ) => same_file(case, (&own, here, *size), (&path, there, *capacity)),
        // It is missing there, which another check says.
        (_, Some(FileAnswer::Missing(_))) => return None,
        _ => CheckResult::new(check, CheckOutcome::CannotTell)
            .values(Value::Text(path), Value::Unknown),
    };
    let device = matches!(disk.source, DiskSource::Block(_));
    let advice = match result.outcome {
        CheckOutcome::Passed => return Some(result.about(&disk.target)),
        _ if result.mend.is_some() => PlaceAdvice::ProveShared,
        CheckOutcome::CannotTell if device => PlaceAdvice::CompareDevices,
        _ => PlaceAdvice::ShareOrCopyDisks,
    };
    Some(result.about(&disk.target).advice(Advice::Place(advice)))
}

/// What both hosts found, each in a pool of its own: told apart by their size, by what is known of the pools, and by
/// their names in them.
fn same_file(
    case: &Case<'_>,
    (own, here, size): (&str, &PoolIdentity, Bytes),
    (path, there, capacity): (&str, &PoolIdentity, Bytes),
) -> CheckResult {
    let result = |outcome| CheckResult::new(StorageCheck::Shared, outcome);
    if size != capacity {
        return result(CheckOutcome::Warns).values(Value::Amount(size), Value::Amount(capacity));
    }
    let pools = (Value::Text(words(here)), Value::Text(words(there)));
    let are_one = case.inspection.are_one(here, there);
    match (are_one, here.name_inside(own), there.name_inside(path)) {
        (Some(true), Some(one), Some(other)) if one == other => {
            result(CheckOutcome::Passed).values(pools.0, pools.1)
        }
        // Another image of the same storage.
        (Some(true), Some(_), Some(_)) => {
            result(CheckOutcome::Warns).values(Value::text(own), Value::text(path))
        }
        // What one host wrote, the other did not see.
        (Some(false), ..) => result(CheckOutcome::Warns).values(pools.0, pools.1),
        (Some(true), ..) => result(CheckOutcome::CannotTell).values(pools.0, pools.1),
        (None, ..) => {
            let unknown = result(CheckOutcome::CannotTell).values(pools.0, pools.1);
            match provable(here, there) {
                Some(mend) => unknown.mend(mend),
                None => unknown,
            }
        }
    }
}

/// What tells whether two pools are one storage: a file that one host writes and the other looks for.
fn provable(here: &PoolIdentity, there: &PoolIdentity) -> Option<Mend> {
    (here.provable && there.provable).then(|| Some(Mend::Prove(here.uuid?, there.uuid?)))?
}

/// libvirt 11.3 takes an NVMe disk of the host for a local one, always: "Migration without shared storage is
/// unsafe". It looks at the guest as it is here.
fn nvme(case: &Case<'_>, disk: &DiskFacts) -> Option<CheckResult> {
    let own = case.inspection.guest.disks.iter().find(|own| own.target == disk.target)?;
    let kind = match &own.source {
        DiskSource::Other(kind) if kind == "nvme" && !own.read_only => kind,
        _ => return None,
    };
    let refuses = case.starts_there() && !case.options.allow_unsafe;
    let outcome = if refuses { CheckOutcome::Blocks } else { CheckOutcome::Warns };
    let result = CheckResult::new(StorageCheck::Shared, outcome).about(&disk.target);
    Some(
        result
            .values(Value::text(kind), Value::Unknown)
            .advice(Advice::Place(PlaceAdvice::ShareOrCopyDisks)),
    )
}

/// Whether a block device is one and the same on both hosts, where both describe it: by its number in
/// the whole world, else by its serial number. libvirt compares nothing of it.
fn same_device(case: &Case<'_>, own: &str, path: &str) -> Option<CheckResult> {
    let here = case.inspection.source.devices.get(own)?;
    let there = case.inspection.destination.devices.get(path)?;
    let pairs = [(&here.wwn, &there.wwn), (&here.serial, &there.serial)];
    let (here, there) = pairs.into_iter().find(|(a, b)| !a.is_empty() && !b.is_empty())?;
    let check = StorageCheck::Shared;
    let result = if here == there {
        CheckResult::passed(check)
    } else {
        CheckResult::new(check, CheckOutcome::Warns)
            .advice(Advice::Place(PlaceAdvice::ShareOrCopyDisks))
    };
    Some(result.values(Value::Text(here.clone()), Value::Text(there.clone())))
}

/// libvirt 11.3: "'%s' is not a suitable pr helper"; QEMU cannot connect to a socket that is not there.
fn reservations(case: &Case<'_>, disk: &DiskFacts) -> Option<CheckResult> {
    let helper = match disk.reservations.as_ref()? {
        Reservations::Managed => "qemu-pr-helper",
        Reservations::Socket(path) => path,
    };
    case.starts_there().then(|| {
        CheckResult::new(StorageCheck::Reservations, CheckOutcome::CannotTell)
            .about(&disk.target)
            .values(Value::text(helper), Value::Unknown)
            .advice(Advice::Place(PlaceAdvice::InstallHelper))
    })
}

fn passed(check: StorageCheck, disk: &DiskFacts) -> CheckResult {
    CheckResult::passed(check).about(&disk.target)
}

fn words(pool: &PoolIdentity) -> String {
    let origin = if pool.origin.is_empty() { &pool.kind } else { &pool.origin };
    format!("{} ({origin})", pool.name)
}

/// libvirt 11.3: "Migration may lead to data corruption if disks use cache other than none or
/// directsync", with an emulator that keeps its cache.
fn cache(case: &Case<'_>, disk: &DiskFacts) -> Option<CheckResult> {
    let written = !disk.read_only && key(&disk.source).is_some();
    if !written || !case.starts_there() {
        return None;
    }
    let check = StorageCheck::Cache;
    let version = case.inspection.source.host.hypervisor_version;
    let dropped = version >= CACHE_DROPPED;
    if dropped || matches!(disk.cache.as_str(), "none" | "directsync") {
        return Some(passed(check, disk).values(Value::text(&disk.cache), Value::None));
    }
    let outcome = match (version, case.options.allow_unsafe) {
        (0, _) => CheckOutcome::CannotTell,
        (_, true) => CheckOutcome::Warns,
        (_, false) => CheckOutcome::Blocks,
    };
    let result = CheckResult::new(check, outcome).about(&disk.target);
    Some(
        result
            .values(Value::text(&disk.cache), Value::None)
            .advice(Advice::Place(PlaceAdvice::CacheNone)),
    )
}

/// libvirt 11.3: "migration with transient disk is not supported".
fn transient(case: &Case<'_>, disk: &DiskFacts) -> Option<CheckResult> {
    if !disk.transient {
        return None;
    }
    let outcome = if case.starts_there() { CheckOutcome::Blocks } else { CheckOutcome::Note };
    let result = CheckResult::new(StorageCheck::Transient, outcome).about(&disk.target);
    Some(result.advice(Advice::Place(PlaceAdvice::RemoveTransient)))
}

/// A medium in a drive is opened at the destination like any disk; one that is optional is left out.
fn medium(case: &Case<'_>, disk: &DiskFacts) -> Option<CheckResult> {
    let path = key(&disk.source)?;
    let result = file(case, StorageCheck::Medium, &path).about(&disk.target);
    if result.outcome == CheckOutcome::Passed {
        return Some(result);
    }
    let outcome = if disk.optional { CheckOutcome::Note } else { result.outcome };
    let mend = (outcome == CheckOutcome::Blocks).then(|| Mend::Eject(disk.target.clone()));
    let result = CheckResult { outcome, mend: mend.or(result.mend.clone()), ..result };
    Some(result.advice(Advice::Place(PlaceAdvice::EjectMedium)))
}

fn secrets(case: &Case<'_>, disk: &DiskFacts) -> Vec<CheckResult> {
    let ask = |need| secret(case, StorageCheck::Secret, need).about(&disk.target);
    disk.secrets.iter().map(ask).collect()
}

/// libvirt 11.3: "no secret with matching uuid '%s'", "no secret with matching usage '%s'".
pub(super) fn secret(case: &Case<'_>, check: impl Into<CheckId>, need: &SecretNeed) -> CheckResult {
    let check = check.into();
    let known = case.inspection.destination.secrets.get(need).copied().flatten();
    let (result, there) = match known {
        None => (CheckResult::new(check, CheckOutcome::CannotTell), Value::Unknown),
        Some(true) => (CheckResult::passed(check), Value::Present),
        Some(false) => {
            let result = CheckResult::new(check, case.refused());
            (result.advice(Advice::Place(PlaceAdvice::CopySecret)), Value::Missing)
        }
    };
    let mend = match (known, need) {
        (Some(false), SecretNeed::Uuid(uuid)) => Some(Mend::CopySecret(uuid.clone())),
        _ => None,
    };
    CheckResult { mend, ..result }.values(Value::text(need.name()), there)
}
