//! What is known before a move begins, and the second try of one that did not finish.

use std::collections::HashMap;

use crate::backend::{Lever, RequestBody};
use crate::migration::{Calibration, Foreknown, MigrationPlan, Outcome, Place, Prospect, Retry};
use crate::model::{Failure, GuestKey, HostId, JobId, MemoryUse, MemoryWatch};
use crate::ui::migrate::{ForecastInput, MigrateInput};

use super::App;
use super::failures::Pending;

impl App {
    /// What earlier moves tell of a guest and of the link to each other host.
    pub(super) fn calibrations(&self, guest: GuestKey) -> HashMap<HostId, Calibration> {
        let others = self.inventory.hosts().map(|(id, _)| id).filter(|&id| id != guest.host);
        others.map(|id| (id, self.calibration(guest, id))).collect()
    }

    fn calibration(&self, guest: GuestKey, destination: HostId) -> Calibration {
        let uuids = [guest.host, destination].map(|host| self.host_uuid(host));
        Calibration::of(self.records.past_moves(), guest.uuid, &uuids[0], &uuids[1])
    }

    /// The UUID a host tells itself apart by; empty before it described itself.
    fn host_uuid(&self, host: HostId) -> String {
        let facts = self.inventory.host(host).and_then(|host| host.facts.as_ref());
        facts.map(|facts| facts.host_uuid.clone()).unwrap_or_default()
    }

    /// What is known of a move as it begins, with what was measured of the guest, if anything.
    pub(super) fn foreknown(&self, plan: &MigrationPlan, measured: Option<MemoryUse>) -> Foreknown {
        let MigrationPlan { guest, destination, options } = plan;
        let memory = self.inventory.guest(*guest).map(|guest| guest.memory_max).unwrap_or_default();
        let prospect = Prospect::of(options, memory, self.calibration(*guest, *destination));
        Prospect { measured, ..prospect }.foreknown(options)
    }

    /// The open dialog wants the guest measured.
    pub(super) fn measure(&mut self, seconds: u32) {
        if let Some(guest) = self.party_first() {
            let watch = RequestBody::WatchMemory { guest, seconds };
            self.ask_for(Pending::Measurement(guest), watch);
        }
    }

    /// Tells the open dialog what was measured, unless it is another guest's by now.
    pub(super) fn measured(&self, guest: GuestKey, found: Result<MemoryWatch, Failure>) {
        if self.party_first() == Some(guest) {
            let input = ForecastInput::Measured(found);
            self.windows.tell_migrate(MigrateInput::Forecast(input));
        }
    }

    /// A move is to be begun anew with something different; one that runs is cancelled first.
    pub(super) fn begin_again(&mut self, job: JobId, retry: Retry) {
        let Some(known) = self.moves.get(job) else { return };
        let Some(plan) = known.plan.as_deref() else { return };
        let Some(options) = retry.options(&plan.options) else { return };
        let again = MigrationPlan { options, ..plan.clone() };
        if let Some(end) = &known.end {
            if matches!(end.report.place, Place::Source(_)) {
                let known = self.foreknown_again(job, &again);
                self.start_move(again, Some(known));
            }
            return;
        }
        self.again.insert(job, again);
        self.ask_for(Pending::Steer, RequestBody::Steer { of: job, lever: Lever::Cancel });
    }

    /// A move is over: if it was cancelled to be begun anew, that is done now. One that arrived, or
    /// failed otherwise, is not tried again.
    pub(super) fn next_try(&mut self, job: JobId) {
        let Some(plan) = self.again.remove(&job) else { return };
        let end = self.moves.get(job).and_then(|known| known.end.as_ref());
        let outcome = end.map(|end| &end.report.outcome);
        if matches!(outcome, Some(Outcome::Cancelled | Outcome::GivenUp(..))) {
            let known = self.foreknown_again(job, &plan);
            self.start_move_instead(plan, known);
        }
    }

    /// What is known of a move like an earlier one, with what was measured for that.
    fn foreknown_again(&self, job: JobId, plan: &MigrationPlan) -> Foreknown {
        let before = self.moves.get(job).and_then(|known| known.tracker.foreknown());
        self.foreknown(plan, before.and_then(|before| before.measured))
    }
}
