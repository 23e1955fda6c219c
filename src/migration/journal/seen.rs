//! What can be told of how a move was asked for that somebody else began, from what was seen of it.

use std::time::Duration;

use super::Chronicle;
use crate::migration::Residence;
use crate::model::{GuestState, MigrationStep, Presence};

/// What was seen. What was not seen may have been asked for all the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// How long it had run when it was found; `None` where no figures came.
    pub ran_before: Option<Duration>,
    /// The guest rewrote memory while it was copied: it ran meanwhile.
    pub live: bool,
    /// Disks were copied along.
    pub disks: bool,
    /// It switched to post-copy.
    pub postcopy: bool,
    /// By how much the guest was slowed down at most, percent.
    pub throttle_percent: u32,
    /// Whether the definition moved too, where both hosts told afterwards.
    pub residence: Option<Residence>,
}

impl Chronicle {
    /// What was seen of how it was asked for.
    #[must_use]
    pub fn seen(&self) -> Seen {
        let mut seen = Seen { residence: self.residence(), ..Seen::default() };
        for (_, step) in &self.steps {
            match step {
                MigrationStep::Sample(sample) => {
                    seen.ran_before.get_or_insert(sample.elapsed);
                    seen.live |= sample.dirty_bps > 0;
                    seen.disks |= sample.disk_total.0 > 0;
                    seen.throttle_percent = seen.throttle_percent.max(sample.throttle_percent);
                }
                MigrationStep::Postcopy => seen.postcopy = true,
                _ => {}
            }
        }
        seen
    }

    fn residence(&self) -> Option<Residence> {
        let end = self.summary.ended.as_ref()?.end();
        end.result.as_ref().ok()?;
        match (end.source, end.destination) {
            (Presence::There { state: GuestState::ShutOff, persistent: true, .. }, _) => {
                Some(Residence::UntilShutDown)
            }
            (Presence::Absent, Presence::There { persistent: true, .. }) => {
                Some(Residence::Permanent)
            }
            _ => None,
        }
    }
}
