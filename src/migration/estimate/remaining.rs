//! How long it still takes, as a range.

use std::time::Duration;

use super::{Estimate, HOLDS, STANDS, seconds};
use crate::migration::outlook::Trend;
use crate::model::Bytes;

/// From the switch-over until libvirt has tidied the source up, where nothing better is known.
const TIDYING: (Duration, Duration) = (Duration::from_millis(300), Duration::from_millis(2500));
/// What is sent again at most after the first pass, as a share of it, while nothing is known: most
/// guests rewrite little.
const UNKNOWN_TAIL: f64 = 0.3;
/// How far a ρ that was counted may be off, and the highest that a time can be told of.
const RHO_OFF: f64 = 0.04;
const RHO_TOLD: f64 = 0.985;

impl Estimate {
    /// Time still needed, at least and at most; `None` while no end is in sight.
    pub(in crate::migration) fn time_left(&self, pause: Duration) -> Option<(Duration, Duration)> {
        let speed = self.carries()?;
        let tidying = self.tidying();
        let (least, most) = if !self.live {
            let (least, most) = self.first_left();
            (least / speed, most / speed)
        } else if self.is_first() {
            self.first_and_more(speed, pause)
        } else if self.never_ends(pause) || self.passes.last().is_none_or(|pass| pass.left == 0.0) {
            return None;
        } else if self.trend(pause) == Trend::Crawling {
            self.crawl(speed, pause)
        } else {
            self.again(speed, pause)
        };
        Some((
            seconds(least * 0.9)?.saturating_add(tidying.0),
            seconds(most * 1.1)?.saturating_add(tidying.1),
        ))
    }

    /// The same once only so much is to be sent and nothing is rewritten any more.
    pub(in crate::migration) fn time_to_finish(&self, left: Bytes) -> Option<(Duration, Duration)> {
        let (least, most) = self.pause_for(left.as_f64())?;
        let tidying = self.tidying();
        Some((least.saturating_add(tidying.0), most.saturating_add(tidying.1)))
    }

    fn tidying(&self) -> (Duration, Duration) {
        self.expected.tidying.map_or(TIDYING, |time| (time / 2, time.saturating_add(time / 2)))
    }

    /// What of the first pass is really to be sent: pages of zeroes are left, but cost nothing.
    pub(super) fn first_left(&self) -> (f64, f64) {
        let Some(real) = self.expected.first_pass else { return (self.left * 0.25, self.left) };
        let real = (real.as_f64() - self.memory_moved).max(0.0);
        let of = |share: f64| (real * share + self.disk_left).min(self.left);
        (of(0.8), of(1.1))
    }

    fn first_and_more(&self, speed: f64, pause: Duration) -> (f64, f64) {
        let (least, most) = self.first_left();
        let all = self.memory.min(self.expected.first_pass.map_or(f64::INFINITY, Bytes::as_f64));
        let tail = self.expected.rewritten_bps.map_or(all * UNKNOWN_TAIL, |rate| {
            resending(rate * 1.3, speed, self.threshold(pause), all).unwrap_or(all * 2.0)
        });
        (least / speed, (most + tail) / speed)
    }

    /// What this pass has still to send, and all that it sends.
    fn this_pass(&self, speed: f64, threshold: f64) -> (f64, f64) {
        let now = (self.left - threshold).max(0.0);
        let began = self.passes.last().map_or(self.at, |pass| pass.began);
        (now, speed * self.at.saturating_sub(began).as_secs_f64() + now)
    }

    fn again(&self, speed: f64, pause: Duration) -> (f64, f64) {
        let threshold = self.threshold(pause);
        if self.plateau().is_some_and(|plateau| plateau.as_f64() <= threshold) {
            return (0.0, self.left / speed);
        }
        let (now, this_pass) = self.this_pass(speed, threshold);
        let rho = self.ratio(pause).unwrap_or(0.0);
        let tail =
            |rho: f64| if rho < 0.95 { this_pass * rho / (1.0 - rho) } else { this_pass * 19.0 };
        let unsure = if self.number() == 2 { 1.5 } else { 1.15 };
        let least = now + tail(rho * 0.6).min(this_pass);
        let most = now + tail(rho * unsure).max(this_pass * 0.5) + threshold;
        (least * 0.9 / speed, most / speed)
    }

    /// The same of passes that shrink so little that the threshold is reached by all of them together.
    fn crawl(&self, speed: f64, pause: Duration) -> (f64, f64) {
        let threshold = self.threshold(pause);
        let (now, this_pass) = self.this_pass(speed, threshold);
        let rho = self.ratio(pause).unwrap_or(0.0).min(STANDS);
        let tail = |rho: f64| this_pass * rho / (1.0 - rho);
        let most = now + tail((rho + RHO_OFF).min(RHO_TOLD)) + threshold;
        ((now + tail(rho - RHO_OFF)) * 0.9 / speed, most / speed)
    }
}

/// What is sent again after a first pass over `all`, in bytes, for a guest that rewrites `rate` without
/// end; `None` when it never ends.
fn resending(rate: f64, speed: f64, threshold: f64, all: f64) -> Option<f64> {
    let rho = rate / speed;
    let second = (rho * all).min(all);
    if second <= threshold {
        return Some(second);
    }
    (rho < HOLDS).then(|| (second - threshold) / (1.0 - rho) + threshold)
}
