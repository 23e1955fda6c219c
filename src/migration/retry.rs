//! A second try of a move that will not finish, was given up because of that, or was refused, with something different.

use std::time::Duration;

use super::explain::Remedy;
use super::{Compression, Coverage, MAX_DOWNTIME_MS, MigrationOptions, Policy, Transport, Wish};
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
    /// This computer relays what the hosts say to each other.
    Direct,
    /// Everything sent is encrypted.
    Encrypted,
    /// It is not switched to post-copy, by nobody.
    WithoutPostcopy,
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

    /// What would do where a move was refused for want of it, and nothing else is to be done.
    #[must_use]
    pub fn instead(remedy: Remedy, options: &MigrationOptions) -> Option<Self> {
        let retry = match remedy {
            Remedy::UseDirect => Self::Direct,
            Remedy::SwitchTlsOn => Self::Encrypted,
            Remedy::WithoutPostcopy => Self::WithoutPostcopy,
            _ => return None,
        };
        retry.options(options).map(|_| retry)
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
            Self::Direct if of.transport == Transport::Direct => return None,
            Self::Direct => Wish::Transport(Transport::Direct),
            Self::Encrypted if of.tls => return None,
            Self::Encrypted => Wish::Tls(true),
            Self::WithoutPostcopy if !of.postcopy => return None,
            Self::WithoutPostcopy => Wish::Postcopy(false),
        };
        let mut again = of.clone();
        if self == Self::WithoutPostcopy && of.policy == Policy::Postcopy {
            again.policy = Policy::None;
        }
        if again.ruled_out(&wish).is_some() {
            return None;
        }
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
    fn what_was_refused_for_want_of_a_choice_is_tried_with_it() {
        let with = |remedy, options: &MigrationOptions| {
            let retry = Retry::instead(remedy, options)?;
            let again = retry.options(options).unwrap();
            assert_eq!(again.conflicts(), [], "{retry:?}");
            Some((retry, again))
        };
        let plain = MigrationOptions {
            destination_uri: Some("qemu+ssh://b/system".into()),
            policy: Policy::Postcopy,
            postcopy: true,
            ..MigrationOptions::default()
        };
        let (retry, direct) = with(Remedy::UseDirect, &plain).unwrap();
        assert_eq!((retry, direct.transport), (Retry::Direct, Transport::Direct));
        assert_eq!(direct.destination_uri, None, "that was for the source's daemon");
        assert_eq!(with(Remedy::UseDirect, &direct), None, "it is direct already");
        assert!(with(Remedy::SwitchTlsOn, &plain).unwrap().1.tls);
        let (_, without) = with(Remedy::WithoutPostcopy, &plain).unwrap();
        assert_eq!((without.postcopy, without.policy), (false, Policy::None));
        let tunnelled = MigrationOptions { transport: Transport::Tunnelled, ..Default::default() };
        assert_eq!(with(Remedy::SwitchTlsOn, &tunnelled), None, "QEMU's own TLS has no tunnel");
        assert_eq!(with(Remedy::DeleteSnapshots, &plain), None);
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
