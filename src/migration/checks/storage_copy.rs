//! Disks that are to be copied: where to, and whether there is room.

use super::storage::{base, copied, key, own_key};
use super::{Advice, Case, CheckOutcome, CheckResult, PlaceAdvice, StorageCheck, Value};
use crate::migration::DiskCopy;
use crate::model::{Bytes, DiskFacts, DiskSource, FileAnswer, PoolIdentity};

/// libvirt makes the file itself where an active pool has its directory ("no storage pool with
/// matching target path '%s'"); what is there already is taken as it is, and must have the same
/// size ("Source and target image have different sizes").
pub(super) fn ask(case: &Case<'_>, disk: &DiskFacts) -> Vec<CheckResult> {
    let mut results = place(case, disk);
    if case.options.disks == DiskCopy::Incremental {
        results.extend(base(case, disk));
    }
    results
}

/// libvirt 11.3, where only changes are copied and nothing is there: "pre-creation of storage target
/// for incremental storage migration of disk '%s' is not supported".
fn place(case: &Case<'_>, disk: &DiskFacts) -> Vec<CheckResult> {
    let check = StorageCheck::CopyPlace;
    let Some(path) = key(&disk.source) else {
        return no_file(disk).into_iter().collect();
    };
    // The copy may be wanted under another path than the disk has here.
    let own = own_key(case, disk);
    let here = own.as_ref().and_then(|own| case.inspection.source.files.get(own));
    let size = size(case, disk);
    let unsure = |advice| CheckResult::new(check, CheckOutcome::Warns).advice(advice);
    let (result, there) = match case.inspection.destination.files.get(&path) {
        Some(FileAnswer::Missing(_)) if case.options.disks == DiskCopy::Incremental => {
            let result = CheckResult::new(check, CheckOutcome::Blocks)
                .advice(Advice::Place(PlaceAdvice::MakeImage));
            (result, Value::Missing)
        }
        Some(FileAnswer::Missing(pool)) => {
            let mut results = vec![
                CheckResult::passed(check)
                    .about(&disk.target)
                    .values(Value::Text(path), Value::Text(pool.name.clone())),
            ];
            results.extend(size.map(|_| {
                let check = StorageCheck::CopySpace;
                let size = all_copied_into(case, pool);
                let result = if pool.available < size {
                    CheckResult::new(check, CheckOutcome::Warns)
                        .advice(Advice::Place(PlaceAdvice::MakeRoom))
                } else {
                    CheckResult::passed(check)
                };
                let values = (Value::Amount(size), Value::Amount(pool.available));
                result.about(&disk.target).values(values.0, values.1)
            }));
            return results;
        }
        Some(FileAnswer::Found { pool, capacity, .. }) => {
            let same = match (here, &own) {
                (Some(FileAnswer::Found { pool: one, .. }), Some(own)) => {
                    one.is_one_with(pool) && one.name_inside(own) == pool.name_inside(&path)
                }
                _ => false,
            };
            return vec![overwritten(case, disk, size, *capacity, same)];
        }
        Some(FileAnswer::PoolInactive(_)) => {
            (unsure(Advice::Place(PlaceAdvice::StartPool)), Value::Inactive)
        }
        Some(FileAnswer::NoPool) => (unsure(Advice::Place(PlaceAdvice::AddPool)), Value::Missing),
        Some(FileAnswer::Unknown) | None => {
            (CheckResult::new(check, CheckOutcome::CannotTell), Value::Unknown)
        }
    };
    vec![result.about(&disk.target).values(Value::Text(path), there)]
}

/// A disk's size at the source, where that is known.
fn size(case: &Case<'_>, disk: &DiskFacts) -> Option<Bytes> {
    match case.inspection.source.files.get(&own_key(case, disk)?)? {
        FileAnswer::Found { capacity, .. } => Some(*capacity),
        _ => None,
    }
}

/// What all the guest's disks take that are made in this pool.
fn all_copied_into(case: &Case<'_>, pool: &PoolIdentity) -> Bytes {
    let made_there = |disk: &&DiskFacts| {
        let answer =
            key(&disk.source).and_then(|path| case.inspection.destination.files.get(&path));
        copied(case, disk)
            && matches!(answer, Some(FileAnswer::Missing(other)) if other.name == pool.name)
    };
    let disks = case.inspection.arriving().disks.iter().filter(made_there);
    Bytes(disks.filter_map(|disk| size(case, disk)).map(|size| size.0).sum())
}

/// What is there already is taken as it is; `same` where it is the disk itself. Since libvirt 10.0 a larger
/// block device is taken, a larger file never.
fn overwritten(
    case: &Case<'_>,
    disk: &DiskFacts,
    size: Option<Bytes>,
    capacity: Bytes,
    same: bool,
) -> CheckResult {
    let file = matches!(disk.source, DiskSource::File(_));
    let unfit = size.is_some_and(|size| capacity < size || (file && capacity > size));
    let outcome =
        if unfit && case.starts_there() { CheckOutcome::Blocks } else { CheckOutcome::Warns };
    let advice = if same { PlaceAdvice::ShareOrCopyDisks } else { PlaceAdvice::MakeRoom };
    CheckResult::new(StorageCheck::CopyPlace, outcome)
        .about(&disk.target)
        .values(size.map_or(Value::Unknown, Value::Amount), Value::Amount(capacity))
        .advice(Advice::Place(advice))
}

/// What is at a server is copied only where its copy was made beforehand.
fn no_file(disk: &DiskFacts) -> Option<CheckResult> {
    if disk.source == DiskSource::Empty {
        return None;
    }
    let result = CheckResult::new(StorageCheck::CopyPlace, CheckOutcome::CannotTell);
    Some(result.about(&disk.target))
}
