//! A second try of a move that will not finish, or was given up because of that, with something different.

use std::time::Duration;

use super::{Compression, Coverage, MAX_DOWNTIME_MS, MigrationOptions, Policy, Wish};
use crate::model::NoEnd;

/// What is different in the second try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Retry {
    /// A pause of so many ms is allowed.
    Allowing(u64),
    /// Nothing limits the bandwidth.
    Unlimited,
    /// It is switched to post-copy by itself.
    Postcopy,
    /// QEMU slows the guest down until it fits.
    Slowed,
    /// What is sent is compressed.
    Compressed,
    /// The guest stands still meanwhile.
    Stopped,
}

impl Retry {
    /// What cannot be switched on while a move runs.
    pub const ANEW: [Self; 2] = [Self::Slowed, Self::Compressed];

    /// What may bring a move to its end that was given up, the least harm to the guest first.
    #[must_use]
    pub fn after(why: &NoEnd, options: &MigrationOptions) -> Vec<Self> {
        let pause = why.needed.map(|needed| Self::Allowing(pause_ms(needed)));
        let others =
            [Self::Unlimited, Self::Postcopy, Self::Slowed, Self::Compressed, Self::Stopped];
        let all = pause.into_iter().chain(others);
        all.filter(|retry| retry.options(options).is_some()).collect()
    }

    /// The choices of the second try; `None` where it would be no different, or cannot be.
    #[must_use]
    pub fn options(self, of: &MigrationOptions) -> Option<MigrationOptions> {
        let wish = match self {
            Self::Allowing(ms) if of.max_downtime_ms >= Some(ms) => return None,
            Self::Allowing(ms) => Wish::MaxDowntime(Some(ms)),
            Self::Unlimited if of.bandwidth_mibps.is_none() => return None,
            Self::Unlimited => Wish::Bandwidth(None),
            Self::Postcopy if of.policy == Policy::Postcopy => return None,
            Self::Postcopy => Wish::Policy(Policy::Postcopy),
            Self::Stopped if of.coverage != Coverage::Live => return None,
            Self::Stopped => Wish::Coverage(Coverage::Stopped),
            Self::Slowed if of.auto_converge => return None,
            Self::Slowed => Wish::AutoConverge(true),
            Self::Compressed if of.compression != Compression::None => return None,
            // Differences of re-sent pages are all that counts here, but they need a single connection.
            Self::Compressed if of.parallel.is_none() => Wish::Compression(Compression::Xbzrle),
            Self::Compressed => Wish::Compression(Compression::Zstd),
        };
        if of.ruled_out(&wish).is_some() {
            return None;
        }
        let mut again = of.clone();
        wish.apply(&mut again);
        again.settle();
        Some(again)
    }
}

/// A pause as it is offered, in ms: rounded up to a tenth of a second, so that it does not change all
/// the time, and at most what QEMU takes.
#[must_use]
pub fn pause_ms(pause: Duration) -> u64 {
    let tenths = u64::try_from(pause.as_millis().div_ceil(100)).unwrap_or(u64::MAX);
    tenths.saturating_mul(100).min(MAX_DOWNTIME_MS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migration::Transport;

    #[test]
    fn a_second_try_is_different_and_without_contradiction() {
        let plain = MigrationOptions::default();
        let slowed = Retry::Slowed.options(&plain).unwrap();
        assert!(slowed.auto_converge);
        assert_eq!(Retry::Slowed.options(&slowed), None, "it is slowed already");
        let packed = Retry::Compressed.options(&slowed).unwrap();
        assert!(packed.auto_converge && packed.compression == Compression::Xbzrle);
        let parallel = MigrationOptions { parallel: Some(4), ..plain.clone() };
        let packed = Retry::Compressed.options(&parallel).unwrap();
        assert_eq!(packed.compression, Compression::Zstd);
        assert_eq!(packed.conflicts(), []);
        let stopped = MigrationOptions { coverage: Coverage::Stopped, ..plain };
        assert_eq!(Retry::Slowed.options(&stopped), None, "a guest that stands still always fits");
    }

    #[test]
    fn what_was_given_up_has_ways_that_are_not_given_up_again() {
        let mut why = NoEnd {
            pass: 11,
            allowed: Duration::from_millis(500),
            needed: Some(Duration::from_millis(2010)),
            rewritten_bps: None,
            sent_bps: None,
        };
        let options = MigrationOptions {
            policy: Policy::MinimalPause,
            bandwidth_mibps: Some(16),
            ..MigrationOptions::default()
        };
        let all = [
            Retry::Allowing(2100),
            Retry::Unlimited,
            Retry::Postcopy,
            Retry::Slowed,
            Retry::Compressed,
            Retry::Stopped,
        ];
        assert_eq!(Retry::after(&why, &options), all);
        let postcopy = Retry::Postcopy.options(&options).unwrap();
        assert!(postcopy.postcopy && postcopy.policy == Policy::Postcopy);
        let stopped = Retry::Stopped.options(&options).unwrap();
        assert_eq!((stopped.coverage, stopped.policy), (Coverage::Stopped, Policy::None));
        why.needed = None;
        let tunnelled = MigrationOptions { transport: Transport::Tunnelled, ..options };
        let left = Retry::after(&why, &MigrationOptions { bandwidth_mibps: None, ..tunnelled });
        assert_eq!(left, [Retry::Slowed, Retry::Compressed, Retry::Stopped]);
    }
}
