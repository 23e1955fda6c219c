//! Whether QEMU may open a disk at the destination, and whether the disk can grow there.

use super::storage::{key, own_key};
use super::{Advice, Case, CheckOutcome, CheckResult, PlaceAdvice, StorageCheck, Value};
use crate::model::storage::Permissions;
use crate::model::{DiskFacts, DiskSource, FileAnswer, QemuUser};

/// Owner and mode of the file as the destination sees it, held against whom its QEMU runs as. libvirt gives
/// a file over to QEMU where its configuration and the storage let it, of which it tells nobody.
pub(super) fn access(case: &Case<'_>, disk: &DiskFacts) -> Option<CheckResult> {
    if !case.starts_there() {
        return None;
    }
    let path = key(&disk.source)?;
    let FileAnswer::Found { pool, permissions, .. } =
        case.inspection.destination.files.get(&path)?
    else {
        return None;
    };
    let user = case.inspection.destination.runs_as;
    let own = own_key(case, disk).and_then(|own| case.inspection.source.files.get(&own));
    let before = match own {
        Some(FileAnswer::Found { permissions, .. }) => Some(permissions),
        _ => None,
    };
    let may = user.and_then(|user| may_open(permissions, user, !disk.read_only));
    let seen = |permissions: &Permissions| permissions.owner.zip(permissions.group);
    let before_seen = before.and_then(seen);
    let mapped =
        before_seen.is_some() && seen(permissions).is_some() && before_seen != seen(permissions);
    let at_server = pool.kind == "netfs";
    let outcome = match may {
        // A server may take root for nobody.
        Some(true) if at_server && user.is_some_and(|user| user.user == 0) => {
            CheckOutcome::CannotTell
        }
        Some(true) => CheckOutcome::Passed,
        // What another owner than at the source comes of, libvirt cannot change.
        Some(false) if mapped && at_server => CheckOutcome::Warns,
        Some(false) | None => CheckOutcome::CannotTell,
    };
    let advice = match outcome {
        CheckOutcome::Passed => Advice::Nothing,
        _ => Advice::Place(PlaceAdvice::GiveAccess),
    };
    let there = words(permissions).map(|there| match user {
        Some(QemuUser { user, group }) => format!("{there} (QEMU {user}:{group})"),
        None => there,
    });
    let value = |text: Option<String>| text.map_or(Value::Unknown, Value::Text);
    let result = CheckResult::new(StorageCheck::Access, outcome).about(&disk.target).advice(advice);
    Some(result.values(value(before.and_then(words)), value(there)))
}

/// Whether the mode lets this user read, and write where that is needed; `None` where it is not known.
fn may_open(permissions: &Permissions, user: QemuUser, writes: bool) -> Option<bool> {
    if user.user == 0 {
        return Some(true);
    }
    let mode = permissions.mode?;
    let bits = if permissions.owner? == user.user {
        mode >> 6
    } else if permissions.group? == user.group {
        mode >> 3
    } else {
        mode
    };
    let needed = if writes { 0o6 } else { 0o4 };
    Some(bits & needed == needed)
}

/// Such as `107:107 0600`.
fn words(permissions: &Permissions) -> Option<String> {
    let (owner, group) = (permissions.owner?, permissions.group?);
    let mode = permissions.mode.map(|mode| format!(" {mode:04o}"));
    Some(format!("{owner}:{group}{}", mode.unwrap_or_default()))
}

/// A sparse disk may take more than is free. On storage that stays the same the move changes nothing of
/// that; `copied` is over what is there already.
pub(super) fn growth(case: &Case<'_>, disk: &DiskFacts, copied: bool) -> Option<CheckResult> {
    if disk.read_only || matches!(disk.source, DiskSource::Block(_)) {
        return None;
    }
    let path = key(&disk.source)?;
    let FileAnswer::Found { pool, capacity, allocation, .. } =
        case.inspection.destination.files.get(&path)?
    else {
        return None;
    };
    let more = crate::model::Bytes(capacity.0.saturating_sub(allocation.0));
    let outcome = match (more > pool.available, copied) {
        (false, _) => CheckOutcome::Passed,
        (true, true) => CheckOutcome::Warns,
        (true, false) => CheckOutcome::Note,
    };
    let advice = match outcome {
        CheckOutcome::Passed => Advice::Nothing,
        _ => Advice::Place(PlaceAdvice::GrowRoom),
    };
    let result = CheckResult::new(StorageCheck::Growth, outcome).about(&disk.target).advice(advice);
    Some(result.values(Value::Amount(more), Value::Amount(pool.available)))
}
