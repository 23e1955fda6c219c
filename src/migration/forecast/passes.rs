//! A move played through pass by pass, with one set of figures.

use super::Way;
use crate::migration::estimate::HOLDS;
use crate::migration::{Lever, Policy};

/// More passes than this are no end.
const PASSES: u32 = 200;
/// The speed wavers: so much more than the threshold fits at some moment, and a pass that leaves this
/// share of the one before is no progress.
const FITS: f64 = 1.05;
const STAYS: f64 = 0.97;
/// Auto-converge: the first throttle, each further, and the last, as shares (QEMU's defaults).
const THROTTLE: (f64, f64, f64) = (0.2, 0.1, 0.99);

/// One set of figures to play through.
#[derive(Clone, Copy, Debug)]
pub(super) struct Figures {
    pub(super) first: f64,
    pub(super) rate: f64,
    pub(super) set: f64,
    pub(super) speed: f64,
    /// What the switch-over is sent with.
    pub(super) switch: f64,
    /// What is allowed at first.
    pub(super) pause: f64,
    /// What lengthens it.
    pub(super) policy: Policy,
    pub(super) overhead: f64,
    pub(super) least_pause: f64,
}

/// What came of it, seconds and bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Course {
    pub(super) ends: bool,
    pub(super) time: f64,
    pub(super) pause: f64,
    pub(super) sent: f64,
    /// What the last pass looked at left.
    pub(super) plateau: f64,
}

impl Figures {
    pub(super) fn play(&self, way: Way, pause: f64) -> Course {
        match way {
            Way::Live => self.passes(pause, false),
            Way::LiveSlowed => self.passes(pause, true),
            Way::Postcopy => self.postcopy(),
            Way::Stopped => {
                let sending = self.first / self.speed;
                Course {
                    ends: true,
                    time: sending + self.overhead,
                    pause: sending + self.least_pause,
                    sent: self.first,
                    plateau: 0.0,
                }
            }
        }
    }

    /// What the guest rewrites in so many seconds.
    fn rewritten(&self, seconds: f64, rate: f64) -> f64 {
        (rate * seconds).min(self.set).min(self.first.max(self.set.min(self.first)))
    }

    fn postcopy(&self) -> Course {
        let first = self.first / self.speed;
        let again = self.rewritten(first, self.rate);
        self.fetched(again, first, self.first)
    }

    /// QEMU's passes, one after the other.
    fn passes(&self, pause: f64, slowed: bool) -> Course {
        let (mut left, mut time, mut sent, mut throttle) = (self.first, 0.0, 0.0, 0.0);
        for pass in 1..=PASSES {
            let threshold = self.speed * self.allowed(pause, pass);
            let rest = left.min(threshold);
            let lasts = (left - rest) / self.speed;
            time += lasts;
            sent += left - rest;
            let again = self.rewritten(lasts, self.rate * (1.0 - throttle));
            // What is still to be sent may be rewritten, too: it is sent once.
            let next = rest + again * (1.0 - rest / self.set.max(again).max(rest).max(1.0));
            // From the second pass on all of it is of the working set.
            let next = if pass == 1 { next } else { next.min(self.set) };
            if next <= threshold * FITS {
                return self.end(next, time, sent, true);
            }
            let stays = |share: f64| pass >= 2 && next - threshold >= (left - threshold) * share;
            if !slowed && !self.policy.lengthens_after(pass) {
                let switches = self.switches_after(pass);
                if switches && stays(HOLDS) {
                    return self.fetched(next, time, sent);
                }
                if !switches && stays(STAYS) {
                    return self.end(next, time, sent, false);
                }
            }
            if slowed && pass >= 2 && again * 2.0 > left - rest {
                throttle = if throttle > 0.0 { throttle + THROTTLE.1 } else { THROTTLE.0 };
                throttle = throttle.min(THROTTLE.2);
            }
            left = next;
        }
        self.end(left, time, sent, false)
    }

    /// Whether the policy switches to post-copy after this pass, where the end is far.
    fn switches_after(&self, pass: u32) -> bool {
        let last = self.policy.last_resort();
        last.is_some_and(|step| step.lever == Lever::Postcopy && u64::from(pass) >= step.after)
    }

    /// The pause that is allowed in a pass, seconds.
    fn allowed(&self, pause: f64, pass: u32) -> f64 {
        let lengthened = self.policy.pause_in(pass.into()).map(|pause| pause.as_secs_f64());
        lengthened.unwrap_or_default().max(pause)
    }

    /// The guest goes on at the destination, and fetches what is left.
    fn fetched(&self, left: f64, time: f64, sent: f64) -> Course {
        Course {
            ends: true,
            time: time + left / self.speed + self.overhead,
            pause: self.least_pause * 2.0,
            sent: sent + left,
            plateau: left,
        }
    }

    fn end(&self, left: f64, time: f64, sent: f64, ends: bool) -> Course {
        let pause = left / self.switch.max(self.speed) + self.least_pause;
        Course { ends, time: time + pause + self.overhead, pause, sent: sent + left, plateau: left }
    }
}
