//! STUB
use super::App;
use crate::model::*;
use crate::ui::manager::RowUpdate;
use crate::ui::migrate::MigrateOutput;
use crate::ui::migrations::MigrationsOutput;
use relm4::ComponentSender;
impl App {
    pub(super) fn progress(&self, guest: GuestKey) -> Option<f64> {
        self.moves.of_guest(guest).map(|known| known.tracker.fraction())
    }
    pub(super) fn open_migrate(
        &mut self,
        _g: &[GuestKey],
        _h: Option<HostId>,
        _s: &ComponentSender<Self>,
    ) {
    }
    pub(super) fn bring_back(&mut self, _g: &[GuestKey], _s: &ComponentSender<Self>) {}
    pub(super) fn plan_said(&mut self, _o: MigrateOutput, _s: &ComponentSender<Self>) {}
    pub(super) fn moves_said(&mut self, _o: MigrationsOutput, _s: &ComponentSender<Self>) {}
    pub(super) fn tell_migrate_dialog(&self) {}
    pub(super) fn stepped(&mut self, _j: JobId, _s: MigrationStep) -> Vec<RowUpdate> {
        vec![]
    }
    pub(super) fn found(&mut self, _j: JobId, _g: GuestKey) {}
    pub(super) fn ended(&mut self, _j: JobId, _e: MigrationEnd) -> Vec<RowUpdate> {
        vec![]
    }
    pub(super) fn tick(&mut self) {}
}
