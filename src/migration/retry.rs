//! A second try of a move that will not finish, with something that cannot be switched on while it runs.

use super::{Compression, MigrationOptions, Wish};

/// What is different in the second try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Retry {
    /// QEMU slows the guest down until it fits.
    Slowed,
    /// What is sent is compressed.
    Compressed,
}

impl Retry {
    /// The choices of the second try; `None` where it would be no different, or cannot be.
    #[must_use]
    pub fn options(self, of: &MigrationOptions) -> Option<MigrationOptions> {
        let wish = match self {
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
        Some(again)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migration::Coverage;

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
}
