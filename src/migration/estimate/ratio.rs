//! ρ, the share of what a pass sent that is there to be sent again: below one, a move converges.

use std::time::Duration;

use super::{AT_LEAST, BETWEEN_LOOKS, Estimate, HOLDS_BEFOREHAND, PROVEN, Pass, STANDS};

impl Estimate {
    /// ρ: how much of what a pass sent is there to be sent again.
    ///
    /// What QEMU counts is the best there is: it counts every page, over a second or more, and what is left changes by
    /// what was rewritten less what was sent. Only from the fourth pass on does it count nothing but passes after the
    /// first.
    pub(super) fn ratio(&self, pause: Duration) -> Option<f64> {
        let told = self.rewritten / self.carries_steadily()?;
        let mut seen = self.seen().filter(|pass| pass.number >= 2);
        let (Some(last), Some(before)) = (seen.next(), seen.next()) else { return Some(told) };
        if before.number > 2 && self.counted {
            return Some(told);
        }
        let threshold = self.threshold(pause);
        let shrunk = match before.number {
            2 => self.again_after_second(before, last, threshold),
            _ => (before.left > threshold)
                .then(|| (last.left - threshold).max(0.0) / (before.left - threshold)),
        };
        let Some(shrunk) = shrunk else { return Some(told) };
        Some(if before.lasted(last) >= BETWEEN_LOOKS { told.midpoint(shrunk) } else { shrunk })
    }

    /// The same of the second pass. It began with what the first had not sent yet, too, so that what the third begins
    /// with is no simple share of it: what was rewritten meanwhile may be all of it, or only what is more than was left
    /// by the second. Which, the rate tells.
    fn again_after_second(&self, second: &Pass, third: &Pass, threshold: f64) -> Option<f64> {
        let sent = second.left - threshold;
        if second.rewritten(threshold) <= threshold {
            return None; // so little that it is told by a moment more or less
        }
        let lasted = second.lasted(third);
        let rate = match self.expected.rewritten_bps {
            _ if lasted >= BETWEEN_LOOKS => self.rewritten,
            Some(rate) => rate.max(self.rewritten),
            None => f64::INFINITY,
        };
        let least = (third.left - threshold).max(0.0);
        Some((rate * lasted.as_secs_f64()).clamp(least, third.left.max(least)) / sent)
    }

    /// The same as measured before. The first look at the memory tells what was rewritten in the whole
    /// first pass, however often, and so too little.
    pub(super) fn ratio_beforehand(&self) -> f64 {
        let rate = self.expected.rewritten_bps.filter(|_| self.number() <= 2);
        let times = if self.expected.sated { AT_LEAST } else { 1.0 };
        rate.zip(self.carries()).map_or(0.0, |(rate, speed)| rate * times / speed)
    }

    /// Whether it comes to an end though hardly: a little less was rewritten than sent, as QEMU counted it. Of a guest
    /// that rewrites the same over and over it counts no less.
    pub(super) fn crawls(&self, ratio: f64) -> bool {
        let counted = self.counted || self.number() == 2;
        let held = self.held.map_or(Duration::ZERO, |since| self.at.saturating_sub(since));
        let still = self.crawled && held < PROVEN;
        counted && (ratio < STANDS || still) && self.ratio_beforehand() < HOLDS_BEFOREHAND
    }
}
