//! What a running migration tells of its end: when, whether at all, and what pause or speed would do.

use std::time::Duration;

use super::Tracker;
use super::estimate::QEMU_PAUSE;
use crate::model::{Bytes, MigrationPhase, NoEnd};

/// What is known of a guest and its link before they move.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Expectation {
    /// Memory the guest rewrites, bytes a second.
    pub rewritten_bps: Option<f64>,
    /// That was nearly all it ever rewrites: it may well rewrite it faster than could be seen.
    pub sated: bool,
    /// Memory that really has to be sent in the first pass: no more than the guest occupies.
    pub first_pass: Option<Bytes>,
    /// What the link carries when nothing limits it, bytes a second.
    pub link_bps: Option<f64>,
    /// From the switch-over until libvirt has tidied the source up.
    pub tidying: Option<Duration>,
}

/// Where a live move is heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trend {
    /// The memory goes over for the first time; nothing is known yet.
    FirstPass,
    /// Each pass leaves less.
    Converging,
    /// Each pass leaves a little less, so that it takes long.
    Crawling,
    /// Each pass leaves as much as it began with.
    Holding,
    /// Each pass leaves more.
    Diverging,
}

impl Tracker {
    /// Time until it is over, at least and at most; `None` before the speed is known, and while no
    /// end is in sight.
    #[must_use]
    pub fn time_left(&self) -> Option<(Duration, Duration)> {
        match self.phase {
            MigrationPhase::FirstPass | MigrationPhase::Pass(_) => {
                self.estimate.time_left(self.allowed_pause())
            }
            MigrationPhase::SwitchingOver | MigrationPhase::Postcopy => {
                self.estimate.time_to_finish(self.left())
            }
            MigrationPhase::Waiting
            | MigrationPhase::Preparing
            | MigrationPhase::Finishing
            | MigrationPhase::Cancelling
            | MigrationPhase::Done => None,
        }
    }

    /// The allowed pause, QEMU's own where the hypervisor does not tell.
    #[must_use]
    pub fn allowed_pause(&self) -> Duration {
        self.max_downtime.unwrap_or(QEMU_PAUSE)
    }

    /// Memory the guest rewrites, bytes a second, as far as known: QEMU tells no more than a pass could
    /// send, so that what was measured before may say more.
    #[must_use]
    pub fn rewrites(&self) -> Option<f64> {
        let told = self.dirty_bps().map(|rate| Bytes(rate).as_f64());
        let before = self.estimate.expected().rewritten_bps;
        told.into_iter().chain(before).reduce(f64::max)
    }

    /// Where it is heading, while it copies.
    #[must_use]
    pub fn trend(&self) -> Option<Trend> {
        self.is_copying().then(|| self.estimate.trend(self.allowed_pause()))
    }

    /// Whether it will not finish by itself: the guest rewrites its memory as fast as it is sent, and
    /// what it rewrites does not fit into the allowed pause.
    #[must_use]
    pub fn never_ends(&self) -> bool {
        self.is_copying() && self.estimate.never_ends(self.allowed_pause())
    }

    /// Whether it finishes by itself, but after many more passes: the guest rewrites nearly as much as is sent.
    #[must_use]
    pub fn takes_long(&self) -> bool {
        self.is_copying() && self.estimate.takes_long(self.allowed_pause())
    }

    /// Whether no end is near: it never finishes, or takes long.
    #[must_use]
    pub fn drags_on(&self) -> bool {
        self.never_ends() || self.takes_long()
    }

    /// An allowed pause that lets it finish with this pass: what the guest rewrites over and over, at
    /// the present speed. Known from the second pass on.
    #[must_use]
    pub fn needed_pause(&self) -> Option<Duration> {
        matches!(self.phase, MigrationPhase::Pass(_)).then(|| self.estimate.enough_pause())?
    }

    /// Why it does not finish, while that is so.
    #[must_use]
    pub fn no_end(&self) -> Option<NoEnd> {
        let MigrationPhase::Pass(pass) = self.phase else { return None };
        self.never_ends().then(|| NoEnd {
            pass,
            allowed: self.allowed_pause(),
            needed: self.needed_pause(),
            rewritten_bps: self.rewrites().map(whole),
            sent_bps: self.speed().map(whole),
        })
    }

    /// A speed that lets it finish with the allowed pause, bytes a second.
    #[must_use]
    pub fn needed_speed(&self) -> Option<f64> {
        matches!(self.phase, MigrationPhase::Pass(_))
            .then(|| self.estimate.enough_speed(self.allowed_pause()))?
    }

    /// What the guest rewrites over and over: what passes after the first begin with.
    #[must_use]
    pub fn working_set(&self) -> Option<Bytes> {
        self.estimate.widest()
    }

    /// The pause if it were switched over now, at least and at most: what is left at the link's speed,
    /// if that is known, and at the present one. (QEMU's own figure is as old as the pass, and often
    /// much too small; a bandwidth limit does not hold in the switch-over.)
    #[must_use]
    pub fn pause_if_finished_now(&self) -> Option<(Duration, Duration)> {
        self.is_copying().then(|| self.estimate.pause_for(self.left().as_f64()))?
    }

    /// The pause that the allowed one turns into, at least and at most.
    #[must_use]
    pub fn pause_if_allowed(&self, allowed: Duration) -> Option<(Duration, Duration)> {
        let bytes = self.estimate.carries()? * allowed.as_secs_f64();
        let most = self.working_set().map_or(bytes, |set| set.as_f64().min(bytes));
        self.estimate.pause_for(most)
    }
}

/// In whole bytes a second; a negative rate, or none, is nothing.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // float casts saturate
const fn whole(rate: f64) -> u64 {
    rate as u64
}
