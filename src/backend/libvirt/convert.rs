//! libvirt's numbers as values of the model.

use virt_sys as sys;

use crate::model::{GuestState, PauseReason, ShutOffReason, StateReason};

/// State and reason from libvirt's two numbers.
pub(crate) fn guest_state(state: u64, reason: u64) -> (GuestState, StateReason) {
    let (state, reason) =
        (u32::try_from(state).unwrap_or(u32::MAX), u32::try_from(reason).unwrap_or(0));
    match state {
        sys::VIR_DOMAIN_RUNNING => (GuestState::Running, running(reason)),
        sys::VIR_DOMAIN_BLOCKED => (GuestState::Blocked, StateReason::None),
        sys::VIR_DOMAIN_PAUSED => (GuestState::Paused, StateReason::Paused(paused(reason))),
        sys::VIR_DOMAIN_SHUTDOWN => (GuestState::ShuttingDown, StateReason::None),
        sys::VIR_DOMAIN_SHUTOFF => (GuestState::ShutOff, StateReason::ShutOff(shut_off(reason))),
        sys::VIR_DOMAIN_CRASHED => (GuestState::Crashed, StateReason::None),
        sys::VIR_DOMAIN_PMSUSPENDED => (GuestState::Suspended, StateReason::None),
        _ => (GuestState::Unknown, StateReason::None),
    }
}

fn running(reason: u32) -> StateReason {
    match reason {
        sys::VIR_DOMAIN_RUNNING_MIGRATED => StateReason::RunningMigrated,
        sys::VIR_DOMAIN_RUNNING_MIGRATION_CANCELED => StateReason::RunningMigrationCancelled,
        sys::VIR_DOMAIN_RUNNING_POSTCOPY => StateReason::RunningPostcopy,
        sys::VIR_DOMAIN_RUNNING_POSTCOPY_FAILED => StateReason::RunningPostcopyFailed,
        _ => StateReason::None,
    }
}

fn paused(reason: u32) -> PauseReason {
    match reason {
        sys::VIR_DOMAIN_PAUSED_USER => PauseReason::User,
        sys::VIR_DOMAIN_PAUSED_MIGRATION => PauseReason::Migration,
        sys::VIR_DOMAIN_PAUSED_SAVE
        | sys::VIR_DOMAIN_PAUSED_DUMP
        | sys::VIR_DOMAIN_PAUSED_SNAPSHOT => PauseReason::Save,
        sys::VIR_DOMAIN_PAUSED_IOERROR => PauseReason::IoError,
        sys::VIR_DOMAIN_PAUSED_WATCHDOG => PauseReason::Watchdog,
        sys::VIR_DOMAIN_PAUSED_FROM_SNAPSHOT | sys::VIR_DOMAIN_PAUSED_STARTING_UP => {
            PauseReason::Starting
        }
        sys::VIR_DOMAIN_PAUSED_CRASHED => PauseReason::Crashed,
        sys::VIR_DOMAIN_PAUSED_POSTCOPY => PauseReason::Postcopy,
        sys::VIR_DOMAIN_PAUSED_POSTCOPY_FAILED => PauseReason::PostcopyFailed,
        _ => PauseReason::Other,
    }
}

fn shut_off(reason: u32) -> ShutOffReason {
    match reason {
        sys::VIR_DOMAIN_SHUTOFF_SHUTDOWN => ShutOffReason::ShutDown,
        sys::VIR_DOMAIN_SHUTOFF_DESTROYED => ShutOffReason::Destroyed,
        sys::VIR_DOMAIN_SHUTOFF_CRASHED => ShutOffReason::Crashed,
        sys::VIR_DOMAIN_SHUTOFF_MIGRATED => ShutOffReason::Migrated,
        sys::VIR_DOMAIN_SHUTOFF_SAVED => ShutOffReason::Saved,
        sys::VIR_DOMAIN_SHUTOFF_FAILED => ShutOffReason::Failed,
        _ => ShutOffReason::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_states() {
        let cases = [
            (1, 1, GuestState::Running, StateReason::None),
            (1, 2, GuestState::Running, StateReason::RunningMigrated),
            (1, 10, GuestState::Running, StateReason::RunningPostcopy),
            (3, 2, GuestState::Paused, StateReason::Paused(PauseReason::Migration)),
            (3, 13, GuestState::Paused, StateReason::Paused(PauseReason::PostcopyFailed)),
            (5, 4, GuestState::ShutOff, StateReason::ShutOff(ShutOffReason::Migrated)),
            (5, 99, GuestState::ShutOff, StateReason::ShutOff(ShutOffReason::Other)),
            (99, 0, GuestState::Unknown, StateReason::None),
        ];
        for (state, reason, expected_state, expected_reason) in cases {
            assert_eq!(guest_state(state, reason), (expected_state, expected_reason));
        }
    }
}
