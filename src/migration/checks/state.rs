//! What the guest is doing, and what hangs on it.

use super::{Advice, Case, CheckId, CheckOutcome, CheckResult, Value};
use crate::model::{GuestState, PauseReason, StateReason};

pub(super) fn ask(case: &Case<'_>) -> Vec<CheckResult> {
    let mut results = vec![
        snapshots(case),
        checkpoints(case),
        operation(case),
        disk_operations(case),
        disk_error(case),
    ];
    results.extend(saved_state(case));
    results.extend(autostart(case));
    results
}

/// libvirt 11.3: "cannot migrate domain with %d snapshots", for running and shut-off guests.
fn snapshots(case: &Case<'_>) -> CheckResult {
    let check = CheckId::Snapshots;
    match case.inspection.source.snapshots {
        None => CheckResult::new(check, CheckOutcome::CannotTell),
        Some(0) => CheckResult::passed(check),
        Some(count) => CheckResult::new(check, CheckOutcome::Blocks)
            .values(Value::Count(count.into()), Value::None)
            .advice(Advice::DeleteSnapshots),
    }
}

fn checkpoints(case: &Case<'_>) -> CheckResult {
    let check = CheckId::Checkpoints;
    match case.inspection.source.checkpoints {
        None => CheckResult::new(check, CheckOutcome::CannotTell),
        Some(0) => CheckResult::passed(check),
        Some(count) => CheckResult::new(check, CheckOutcome::Warns)
            .values(Value::Count(count.into()), Value::None)
            .advice(Advice::Nothing),
    }
}

/// A migration waits for the other operation half a minute, and gives up then.
fn operation(case: &Case<'_>) -> CheckResult {
    let check = CheckId::OtherOperation;
    match case.inspection.source.job {
        None => CheckResult::new(check, CheckOutcome::CannotTell),
        Some(false) => CheckResult::passed(check),
        Some(true) => CheckResult::new(check, CheckOutcome::Blocks).advice(Advice::WaitOrCancel),
    }
}

/// libvirt 11.3: "domain has active block job", for running guests.
fn disk_operations(case: &Case<'_>) -> CheckResult {
    let check = CheckId::DiskOperation;
    match &case.inspection.source.block_jobs {
        _ if !case.starts_there() => CheckResult::passed(check),
        None => CheckResult::new(check, CheckOutcome::CannotTell),
        Some(disks) if disks.is_empty() => CheckResult::passed(check),
        Some(disks) => CheckResult::new(check, CheckOutcome::Blocks)
            .about(disks.join(", "))
            .advice(Advice::WaitOrCancel),
    }
}

/// libvirt refuses only where it is to stop at such errors; else the broken disk goes along.
fn disk_error(case: &Case<'_>) -> CheckResult {
    let check = CheckId::DiskError;
    let failed = case.inspection.source.reason == StateReason::Paused(PauseReason::IoError);
    if !failed {
        return CheckResult::passed(check);
    }
    let outcome =
        if case.options.abort_on_error { CheckOutcome::Blocks } else { CheckOutcome::Warns };
    CheckResult::new(check, outcome).advice(Advice::MendDisk)
}

/// The file with the saved memory stays behind.
fn saved_state(case: &Case<'_>) -> Option<CheckResult> {
    let saved = case.inspection.source.managed_save == Some(true);
    (saved && case.inspection.source.state == GuestState::ShutOff).then(|| {
        CheckResult::new(CheckId::SavedState, CheckOutcome::Warns).advice(Advice::DiscardSavedState)
    })
}

/// The flag belongs to the host's own list and does not move.
fn autostart(case: &Case<'_>) -> Option<CheckResult> {
    let moves = case.options.residence == crate::migration::Residence::Permanent;
    let set = case.inspection.source.autostart == Some(true);
    (moves && set).then(|| {
        CheckResult::new(CheckId::Autostart, CheckOutcome::Note).advice(Advice::SetAutostart)
    })
}
