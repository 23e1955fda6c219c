//! What a guest rewrites, watched for several seconds before it moves.

use crate::model::MemoryUse;

/// Measurements of one guest, each of a second.
///
/// QEMU looks at 512 pages a GiB: of a guest with 160 MiB that rewrites 8 of them at four, more or less two. The mean of
/// five wavers less than half as much (by the root of their number).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Watched {
    seconds: u32,
    rewritten: u64,
    last: MemoryUse,
}

impl Watched {
    /// Watching longer tells little more.
    pub const ENOUGH: u32 = 5;

    /// Another second.
    pub const fn add(&mut self, found: MemoryUse) {
        self.seconds = self.seconds.saturating_add(1);
        self.rewritten = self.rewritten.saturating_add(found.rewritten_bps);
        self.last = found;
    }

    /// How many there were.
    #[must_use]
    pub const fn seconds(&self) -> u32 {
        self.seconds
    }

    /// The mean of what it rewrote, and what it occupies now; `None` before the first.
    #[must_use]
    pub fn memory_use(&self) -> Option<MemoryUse> {
        let mean = self.rewritten.checked_div(self.seconds.into())?;
        Some(MemoryUse { rewritten_bps: mean, ..self.last })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Bytes;

    #[test]
    fn what_it_rewrites_is_a_mean_and_what_it_occupies_is_what_it_does_now() {
        let mut watched = Watched::default();
        assert_eq!(watched.memory_use(), None);
        for (rewritten_bps, resident) in [(10, 100), (40, 200), (10, 300)] {
            watched.add(MemoryUse { rewritten_bps, resident: Some(Bytes(resident)) });
        }
        let found = MemoryUse { rewritten_bps: 20, resident: Some(Bytes(300)) };
        assert_eq!((watched.memory_use(), watched.seconds()), (Some(found), 3));
    }

    #[test]
    fn nonsense_of_a_host_is_no_panic() {
        let mut watched = Watched::default();
        for _ in 0..3 {
            watched.add(MemoryUse { rewritten_bps: u64::MAX, resident: None });
        }
        assert_eq!(watched.memory_use().unwrap().rewritten_bps, u64::MAX / 3);
    }
}
