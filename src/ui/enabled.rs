//! Which actions are enabled for a guest or a host: exactly what libvirt would accept.

use crate::model::{ConnectionState, Guest, GuestState};
use crate::ui::labels::Place;

/// Which actions make sense for one guest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GuestMenu {
    /// Start it.
    pub run: bool,
    /// Starting it restores its saved state.
    pub restores: bool,
    /// Pause it.
    pub pause: bool,
    /// Let it go on.
    pub resume: bool,
    /// Ask it to shut down or reboot.
    pub shut_down: bool,
    /// Reset it.
    pub force_reset: bool,
    /// Cut its power.
    pub force_off: bool,
    /// Save its memory.
    pub save: bool,
    /// Throw its saved state away.
    pub discard_saved: bool,
    /// Move it.
    pub migrate: bool,
    /// Move it home.
    pub bring_back: bool,
}

impl GuestMenu {
    /// What can be done to several guests at once: what can be done to each of them.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            run: self.run && other.run,
            restores: self.restores && other.restores,
            pause: self.pause && other.pause,
            resume: self.resume && other.resume,
            shut_down: self.shut_down && other.shut_down,
            force_reset: self.force_reset && other.force_reset,
            force_off: self.force_off && other.force_off,
            save: self.save && other.save,
            discard_saved: self.discard_saved && other.discard_saved,
            migrate: self.migrate && other.migrate,
            bring_back: self.bring_back && other.bring_back,
        }
    }
}

/// What can be done to a guest.
///
/// While it moves, libvirt holds its job lock and takes only suspend, reset and destroy; everything
/// else would wait 30 s and fail (libvirt 11.3, `QEMU_ASYNC_JOB_MIGRATION_OUT`). A guest that is away
/// must not be started at home: two writers on one disk lose data.
#[must_use]
pub fn guest_menu(guest: &Guest, place: &Place) -> GuestMenu {
    let away = matches!(place, Place::Away(_) | Place::AwaySomewhere);
    let free = !guest.migrating;
    let active = guest.state.is_active();
    let running = matches!(guest.state, GuestState::Running | GuestState::Blocked);
    let paused = guest.state == GuestState::Paused;
    let off = guest.state == GuestState::ShutOff;
    GuestMenu {
        run: off && !away && free,
        restores: off && guest.managed_save,
        pause: running,
        resume: paused && free,
        shut_down: active && free,
        force_reset: running || paused,
        force_off: active,
        save: (running || paused) && free && guest.persistent,
        discard_saved: off && guest.managed_save && !away,
        migrate: !away && free && guest.state != GuestState::ShuttingDown,
        bring_back: free && matches!(place, Place::Away(_) | Place::Visiting(_)),
    }
}

/// Which actions make sense for one host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HostMenu {
    /// Open the connection.
    pub connect: bool,
    /// Close it, or stop trying.
    pub disconnect: bool,
    /// Forget it.
    pub remove: bool,
    /// Show its pools and volumes.
    pub storage: bool,
}

/// What can be done to a host; one that belongs to the practice lab goes with the lab.
#[must_use]
pub fn host_menu(state: &ConnectionState, of_lab: bool) -> HostMenu {
    let idle = matches!(state, ConnectionState::Disconnected | ConnectionState::Failed(_));
    let storage = state.is_connected();
    HostMenu { connect: idle, disconnect: !idle, remove: idle && !of_lab, storage }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Bytes, GuestKey, GuestUuid, HostId, StateReason};

    fn guest(state: GuestState) -> Guest {
        Guest {
            key: GuestKey { host: HostId(1), uuid: GuestUuid([1; 16]) },
            name: "web".into(),
            state,
            reason: StateReason::None,
            persistent: true,
            autostart: false,
            managed_save: false,
            memory_max: Bytes(1 << 20),
            vcpus: 1,
            migrating: false,
        }
    }

    #[test]
    fn a_running_guest_can_be_stopped_but_not_started() {
        let menu = guest_menu(&guest(GuestState::Running), &Place::Home);
        assert!(menu.pause && menu.shut_down && menu.force_off && menu.save && menu.migrate);
        assert!(!menu.run && !menu.resume && !menu.bring_back);
    }

    #[test]
    fn a_guest_that_is_away_cannot_be_started_at_home() {
        let away = guest_menu(&guest(GuestState::ShutOff), &Place::Away("b".into()));
        assert!(!away.run && !away.migrate && away.bring_back);
        let lost = guest_menu(&guest(GuestState::ShutOff), &Place::AwaySomewhere);
        assert!(!lost.run && !lost.bring_back);
    }

    #[test]
    fn a_guest_on_the_move_takes_only_what_libvirt_takes() {
        let moving = Guest { migrating: true, ..guest(GuestState::Running) };
        let menu = guest_menu(&moving, &Place::Home);
        assert!(menu.pause && menu.force_off && menu.force_reset);
        assert!(!menu.shut_down && !menu.save && !menu.migrate && !menu.bring_back);
    }

    #[test]
    fn a_transient_guest_cannot_be_saved() {
        let visitor = Guest { persistent: false, ..guest(GuestState::Running) };
        let menu = guest_menu(&visitor, &Place::Visiting("a".into()));
        assert!(!menu.save && menu.bring_back && menu.migrate);
    }

    #[test]
    fn several_guests_share_what_each_can() {
        let running = guest_menu(&guest(GuestState::Running), &Place::Home);
        let off = guest_menu(&guest(GuestState::ShutOff), &Place::Home);
        let both = running.and(off);
        assert!(both.migrate && !both.run && !both.pause);
    }
}
