//! Guests that go along: what is asked about them, and how each moves. Pure.

use super::form::{Form, Obstacle};
use super::inspections::{Inspections, Subject};
use crate::migration::checks::Verdict;
use crate::migration::{Coverage, MigrationOptions, MigrationPlan};
use crate::model::{Guest, HostId, Route, Surveyed};

/// A guest that goes along.
#[derive(Clone, Debug)]
pub(super) struct Companion {
    /// The guest.
    pub(super) guest: Guest,
    /// What the hosts answered about it.
    pub(super) inspections: Inspections,
}

impl Companion {
    pub(super) fn new(guest: Guest) -> Self {
        Self { guest, inspections: Inspections::default() }
    }

    /// Where it could go, if that is to be asked now.
    fn question(&mut self, destination: Option<HostId>) -> Option<Route> {
        let guest = self.guest.clone();
        let subject = Subject { guest, new_name: None, destination_xml: None };
        let asked = self.inspections.questions(subject, destination.as_slice());
        asked.first().map(|(_, wish)| (wish.guest, wish.destination))
    }
}

impl Form {
    /// What is to be asked now about the guests that go along.
    pub(super) fn questions_of_others(&mut self) -> Vec<Route> {
        let destination = self.chosen.filter(|_| !self.gone);
        self.also.iter_mut().filter_map(|along| along.question(destination)).collect()
    }

    /// Takes in what both hosts said of guests that go along.
    pub(super) fn surveyed(&mut self, found: Vec<Surveyed>) {
        for ((guest, host), found) in found {
            let along = self.also.iter_mut().find(|along| along.guest.key == guest);
            if let Some(along) = along {
                along.inspections.surveyed(host, found);
            }
        }
    }

    /// What is wished, as far as it suits a guest that goes along.
    #[must_use]
    pub(super) fn options_of(&self, along: &Companion) -> MigrationOptions {
        let options = self.options();
        let coverage = match (along.guest.state.is_active(), options.coverage) {
            (false, _) => Coverage::Definition,
            (true, Coverage::Definition) => Coverage::Live,
            (true, wished) => wished,
        };
        let settled = MigrationOptions {
            coverage,
            residence: self.wished.residence,
            new_name: None,
            destination_xml: None,
            ..options
        };
        settled.settled()
    }

    /// The verdict on a guest that goes along; `None` until both hosts answered.
    #[must_use]
    pub(super) fn verdict_of(&self, along: &Companion) -> Option<Verdict> {
        let results = along.inspections.results(self.chosen?, &self.options_of(along))?;
        Some(Verdict::of(&results))
    }

    /// The moves of all that can go: where the first guest is blocked, of the others alone.
    ///
    /// # Errors
    ///
    /// What stands in their way.
    pub(super) fn plans(&self) -> Result<Vec<MigrationPlan>, Obstacle> {
        let others = self.plans_of_others();
        match self.plan() {
            Ok(first) => Ok(std::iter::once(first).chain(others).collect()),
            Err(Obstacle::Blocked(_)) if !others.is_empty() => Ok(others),
            Err(obstacle) => Err(obstacle),
        }
    }

    /// The moves of the guests that go along, without those that libvirt would refuse.
    #[must_use]
    fn plans_of_others(&self) -> Vec<MigrationPlan> {
        let Some(destination) = self.chosen else { return Vec::new() };
        let goes = |along: &&Companion| {
            !along.guest.migrating && !matches!(self.verdict_of(along), Some(Verdict::Blocked(_)))
        };
        let plan = |along: &Companion| MigrationPlan {
            guest: along.guest.key,
            destination,
            options: self.options_of(along),
        };
        self.also.iter().filter(goes).map(plan).collect()
    }
}
