//! What a guest rewrites, watched for several seconds before it moves.

use crate::model::{Bytes, MemoryUse, MemoryWatch};

/// How long it is watched each time, seconds: what is rewritten over and over shows in the longer ones, which see no
/// more than the shorter.
const TIMES: [u32; 4] = [1, 2, 4, 8];
/// What each page that QEMU looks at stands for: it looks at 512 pages a GiB (`DIRTYRATE_DEFAULT_SAMPLE_PAGES`).
const A_PAGE: f64 = 2.0 * 1024.0 * 1024.0;
/// So much likelier, as the logarithm of the ratio, must it be that all was seen than that the guest would have gone on:
/// twenty times.
const SURE: f64 = 3.0;

/// What was seen of one guest, watched for longer and longer.
///
/// Of a guest with 160 MiB that rewrites 8 of them a second QEMU sees four pages a second, more or less two: it is the
/// fifteen seconds together that tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watched {
    watches: Vec<MemoryWatch>,
}

impl Watched {
    /// How long to watch it next, seconds; `None` when it was watched well.
    #[must_use]
    pub fn next(&self) -> Option<u32> {
        let known = |time: &u32| self.watches.iter().any(|watch| watch.seconds == *time);
        // One that somebody else began may have been of another length.
        if self.watches.len() == TIMES.len() {
            None
        } else {
            TIMES.into_iter().find(|time| !known(time))
        }
    }

    /// It was watched once more.
    pub fn add(&mut self, found: MemoryWatch) {
        self.watches.push(found);
    }

    /// For how long it was watched in all, seconds.
    #[must_use]
    pub fn seconds(&self) -> u32 {
        self.watches.iter().fold(0, |all, watch| all.saturating_add(watch.seconds))
    }

    /// What it rewrites a second, what of it over and over, and what it occupies now; `None` before it was watched.
    #[must_use]
    pub fn memory_use(&self) -> Option<MemoryUse> {
        let resident = self.watches.last()?.resident;
        let mut seen: Vec<(f64, f64)> = self.watches.iter().map(figures).collect();
        seen.sort_by(|one, other| one.0.total_cmp(&other.0));
        let fit = fit(&seen)?;
        Some(MemoryUse {
            rewritten_bps: Bytes::from_f64(fit.rate).0,
            working_set: fit.set.map(Bytes::from_f64),
            resident,
        })
    }
}

/// Seconds, and bytes written in them.
fn figures(watch: &MemoryWatch) -> (f64, f64) {
    (watch.seconds.max(1).into(), watch.written.as_f64())
}

/// A guest that writes `rate` bytes a second, until it has written all of `set`.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Fit {
    rate: f64,
    set: Option<f64>,
    /// How likely what was seen would be, as a logarithm.
    likely: f64,
}

/// The likeliest: the shorter watches tell the rate, and from some length on the longer ones may have seen all of it.
/// The pages that QEMU sees are counted by chance (Poisson); the most likely rate of such is their mean.
fn fit(seen: &[(f64, f64)]) -> Option<Fit> {
    let goes_on = (!seen.is_empty()).then(|| split(seen, seen.len()))?;
    let ends = (1..seen.len()).map(|short| split(seen, short));
    let ends = ends.filter(|fit| fit.likely > goes_on.likely + SURE);
    Some(ends.fold(goes_on, |best, fit| if fit.likely > best.likely { fit } else { best }))
}

/// With so many watches that were too short to see all of it.
fn split(seen: &[(f64, f64)], short: usize) -> Fit {
    let (short, long) = seen.split_at(short);
    let sum = |of: fn(&(f64, f64)) -> f64| short.iter().map(of).sum::<f64>();
    let rate = sum(|seen| seen.1) / sum(|seen| seen.0);
    let count = f64::from(u32::try_from(long.len()).unwrap_or(u32::MAX));
    let set = (count > 0.0).then(|| long.iter().map(|seen| seen.1).sum::<f64>() / count);
    let expected = |seconds: f64| set.unwrap_or(f64::INFINITY).min(rate * seconds);
    let likely = seen.iter().map(|&(seconds, written)| chance(written, expected(seconds))).sum();
    Fit { rate, set, likely }
}

/// The logarithm of the chance to see so much where so much is expected, but for what is the same for every
/// expectation.
fn chance(seen: f64, expected: f64) -> f64 {
    let (seen, expected) = (seen / A_PAGE, expected / A_PAGE);
    match (seen > 0.0, expected > 0.0) {
        (true, true) => seen * expected.ln() - expected,
        (false, _) => -expected,
        (true, false) => f64::NEG_INFINITY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    fn watched(written_mib: &[u64]) -> MemoryUse {
        let mut watched = Watched::default();
        for mib in written_mib {
            let seconds = watched.next().unwrap();
            let resident = Some(Bytes(300 * MIB));
            watched.add(MemoryWatch { seconds, written: Bytes(mib * MIB), resident });
        }
        watched.memory_use().unwrap()
    }

    fn mib(found: MemoryUse) -> (u64, Option<u64>) {
        (found.rewritten_bps / MIB, found.working_set.map(|set| set.0 / MIB))
    }

    #[test]
    fn what_is_rewritten_over_and_over_shows_when_it_is_watched_for_longer() {
        assert_eq!(mib(watched(&[24, 48, 96, 128])), (24, Some(128)));
        assert_eq!(mib(watched(&[40, 48, 48, 48])), (40, Some(48)));
        assert_eq!(mib(watched(&[24, 24, 24, 24])), (24, Some(24)), "it may well be faster");
        assert_eq!(mib(watched(&[7, 18, 15, 16])), (8, Some(15)), "few pages were looked at");
    }

    #[test]
    fn what_goes_on_is_not_taken_for_all_of_it() {
        assert_eq!(mib(watched(&[10, 20, 40, 80])), (10, None));
        assert_eq!(mib(watched(&[12, 20, 36, 70])), (9, None), "within what chance does");
        assert_eq!(mib(watched(&[10])), (10, None));
        assert_eq!(mib(watched(&[0, 0, 0, 0])), (0, None));
        assert_eq!(mib(watched(&[0, 0, 4, 4])), (0, None));
        assert_eq!(mib(watched(&[20, 0, 0, 0])), (1, None), "once is not over and over");
        assert_eq!(mib(watched(&[0, 8, 0, 0])), (0, None));
    }

    #[test]
    fn it_is_watched_for_longer_and_longer_until_enough_was_seen() {
        let mut watched = Watched::default();
        assert_eq!(watched.memory_use(), None);
        let mut seconds = 0;
        while let Some(next) = watched.next() {
            watched.add(MemoryWatch { seconds: next, ..MemoryWatch::default() });
            seconds += next;
        }
        assert_eq!((seconds, watched.seconds()), (15, 15));
    }

    #[test]
    fn nonsense_of_a_host_is_no_panic() {
        let mut watched = Watched::default();
        for seconds in [u32::MAX, 0, 1, u32::MAX] {
            watched.add(MemoryWatch { seconds, written: Bytes(u64::MAX), resident: None });
            assert!(watched.memory_use().is_some());
        }
    }
}
