//! When the disks of a host's guests are read again: soon after a guest changed, and once more where
//! that failed. Many changes at a time are one reading.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::model::HostId;

/// How long changes are gathered.
const SOON: Duration = Duration::from_secs(1);

/// When what failed is tried again.
const LATER: Duration = Duration::from_secs(15);

/// The hosts that are to be read again.
#[derive(Default)]
pub(super) struct Rereading {
    due: BTreeSet<HostId>,
    failed: BTreeSet<HostId>,
    /// Somebody waits for so long.
    waiting: Option<Duration>,
}

impl Rereading {
    /// Guests of this host changed.
    pub(super) fn changed(&mut self, host: HostId) {
        self.due.insert(host);
    }

    /// How a reading went.
    pub(super) fn read(&mut self, host: HostId, well: bool) {
        if well {
            self.failed.remove(&host);
        } else {
            self.failed.insert(host);
        }
    }

    /// The host is connected no more.
    pub(super) fn forget(&mut self, host: HostId) {
        self.due.remove(&host);
        self.failed.remove(&host);
    }

    /// The hosts whose guests' disks are not known as they are now.
    pub(super) const fn failed(&self) -> &BTreeSet<HostId> {
        &self.failed
    }

    /// How long somebody has to wait who does not yet, then to [`Self::take`] them.
    pub(super) fn wait(&mut self) -> Option<Duration> {
        let wait = match (self.due.is_empty(), self.failed.is_empty()) {
            (false, _) => SOON,
            (true, false) => LATER,
            (true, true) => return None,
        };
        if self.waiting.is_some_and(|waiting| waiting <= wait) {
            return None;
        }
        self.waiting = Some(wait);
        Some(wait)
    }

    /// The hosts to be read now.
    pub(super) fn take(&mut self) -> BTreeSet<HostId> {
        self.waiting = None;
        let due = std::mem::take(&mut self.due);
        due.union(&self.failed).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_changes_are_one_reading_and_what_failed_is_tried_again() {
        let (a, b) = (HostId(1), HostId(2));
        let mut disks = Rereading::default();
        assert_eq!(disks.wait(), None);
        disks.changed(a);
        assert_eq!(disks.wait(), Some(SOON));
        disks.changed(a);
        disks.changed(b);
        assert_eq!(disks.wait(), None, "somebody waits");
        assert_eq!(disks.take(), [a, b].into());
        disks.read(a, true);
        disks.read(b, false);
        assert_eq!(disks.wait(), Some(LATER));
        disks.changed(a);
        assert_eq!(disks.wait(), Some(SOON), "not behind what failed");
        assert_eq!(disks.take(), [a, b].into());
        assert_eq!(disks.failed(), &[b].into());
        disks.read(b, true);
        assert_eq!(disks.wait(), None);
    }
}
