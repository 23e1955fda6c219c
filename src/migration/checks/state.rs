//! What the guest is doing, and what hangs on it.

use super::{Advice, Case, CheckOutcome, CheckResult, GuestAdvice, StateCheck, Value};
use crate::model::{GuestState, PauseReason, StateReason};

pub(super) fn ask(case: &Case<'_>) -> Vec<CheckResult> {
    let mut results = vec![
        snapshots(case),
        checkpoints(case),
        operation(case),
        disk_operations(case),
        disk_error(case),
    ];
    results.extend(paused(case));
    results.extend(saved_state(case));
    results.extend(autostart(case));
    results
}

/// libvirt 11.3: "cannot migrate domain with %d snapshots", for running and shut-off guests.
fn snapshots(case: &Case<'_>) -> CheckResult {
    let check = StateCheck::Snapshots;
    match case.inspection.source.snapshots {
        None => CheckResult::new(check, CheckOutcome::CannotTell),
        Some(0) => CheckResult::passed(check),
        Some(count) => CheckResult::new(check, CheckOutcome::Blocks)
            .values(Value::Count(count.into()), Value::None)
            .advice(Advice::Guest(GuestAdvice::DeleteSnapshots)),
    }
}

fn checkpoints(case: &Case<'_>) -> CheckResult {
    let check = StateCheck::Checkpoints;
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
    let check = StateCheck::OtherOperation;
    match case.inspection.source.job {
        None => CheckResult::new(check, CheckOutcome::CannotTell),
        Some(false) => CheckResult::passed(check),
        Some(true) => CheckResult::new(check, CheckOutcome::Blocks)
            .advice(Advice::Guest(GuestAdvice::WaitOrCancel)),
    }
}

/// libvirt 11.3: "domain has active block job", for running guests.
fn disk_operations(case: &Case<'_>) -> CheckResult {
    let check = StateCheck::DiskOperation;
    match &case.inspection.source.block_jobs {
        _ if !case.starts_there() => CheckResult::passed(check),
        None => CheckResult::new(check, CheckOutcome::CannotTell),
        Some(disks) if disks.is_empty() => CheckResult::passed(check),
        Some(disks) => CheckResult::new(check, CheckOutcome::Blocks)
            .about(disks.join(", "))
            .advice(Advice::Guest(GuestAdvice::WaitOrCancel)),
    }
}

/// libvirt refuses only where it is to stop at such errors; else the broken disk goes along.
fn disk_error(case: &Case<'_>) -> CheckResult {
    let check = StateCheck::DiskError;
    let failed = case.inspection.source.reason == StateReason::Paused(PauseReason::IoError);
    if !failed {
        return CheckResult::passed(check);
    }
    let outcome =
        if case.options.abort_on_error { CheckOutcome::Blocks } else { CheckOutcome::Warns };
    CheckResult::new(check, outcome).advice(Advice::Guest(GuestAdvice::MendDisk))
}

/// A guest that is paused arrives paused, and nobody resumes it.
fn paused(case: &Case<'_>) -> Option<CheckResult> {
    let source = &case.inspection.source;
    let told = source.reason == StateReason::Paused(PauseReason::IoError);
    let paused = source.state == GuestState::Paused && case.starts_there() && !told;
    paused.then(|| CheckResult::new(StateCheck::Paused, CheckOutcome::Note))
}

/// The file with the saved memory stays behind.
fn saved_state(case: &Case<'_>) -> Option<CheckResult> {
    let saved = case.inspection.source.managed_save == Some(true);
    (saved && case.inspection.source.state == GuestState::ShutOff).then(|| {
        CheckResult::new(StateCheck::SavedState, CheckOutcome::Warns)
            .advice(Advice::Guest(GuestAdvice::DiscardSavedState))
    })
}

/// The flag belongs to the host's own list and does not move.
fn autostart(case: &Case<'_>) -> Option<CheckResult> {
    let moves = case.options.residence == crate::migration::Residence::Permanent;
    let set = case.inspection.source.autostart == Some(true);
    (moves && set).then(|| {
        CheckResult::new(StateCheck::Autostart, CheckOutcome::Note)
            .advice(Advice::Guest(GuestAdvice::SetAutostart))
    })
}
