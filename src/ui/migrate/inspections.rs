//! What was asked of each host that could be the destination, and what it answered. Pure.

use std::collections::HashMap;

use crate::backend::Inspect;
use crate::migration::MigrationOptions;
use crate::migration::checks::{CheckResult, Mend, MendPlace, Part, ask};
use crate::model::{Failure, Guest, HostId, Inspection};

/// What an inspection depends on, besides the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Subject {
    /// The guest as the inventory has it.
    pub(super) guest: Guest,
    /// Another name at the destination.
    pub(super) new_name: Option<String>,
    /// The XML at the destination.
    pub(super) destination_xml: Option<String>,
}

/// The outcome of an inspection.
pub(super) type Found = Result<Box<Inspection>, Failure>;

/// All hosts' answers. At most one question is under way at each host; a newer one waits for it.
#[derive(Clone, Debug, Default)]
pub(super) struct Inspections {
    subject: Option<Subject>,
    revision: u64,
    hosts: HashMap<HostId, Entry>,
    mending: Mending,
}

/// What became of the last obstacle that was to be removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Mending {
    /// None was, or it is removed.
    #[default]
    Idle,
    /// Under way, for this destination.
    UnderWay(HostId, Mend),
    /// It is done, and takes effect when the guest starts the next time.
    AtNextStart,
    /// It is still there.
    Failed(Failure),
}

#[derive(Clone, Debug, Default)]
struct Entry {
    /// The revision that is or was asked about last; 0 is none.
    asked: u64,
    under_way: bool,
    /// What is under way may have been asked before the last change.
    outdated: bool,
    /// Only this is to be asked again.
    part: Option<Part>,
    /// The answer, and to which revision.
    found: Option<(u64, Found)>,
}

impl Entry {
    /// What was answered to this revision before, where only a part of it is to be asked again.
    fn again(&mut self, revision: u64) -> Option<Box<(Inspection, Part)>> {
        let part = self.part.take()?;
        match &self.found {
            Some((of, Ok(found))) if *of == revision => Some(Box::new(((**found).clone(), part))),
            _ => None,
        }
    }
}

impl Inspections {
    /// What is to be asked now, of which revision, so that all of these hosts are known. A host
    /// that is no longer among them is forgotten.
    pub(super) fn questions(&mut self, subject: Subject, hosts: &[HostId]) -> Vec<(u64, Inspect)> {
        if self.subject.as_ref() != Some(&subject) {
            self.subject = Some(subject.clone());
            self.revision += 1;
        }
        self.hosts.retain(|host, _| hosts.contains(host));
        let mut questions = Vec::new();
        for &host in hosts {
            let entry = self.hosts.entry(host).or_default();
            if entry.under_way || entry.asked == self.revision {
                continue;
            }
            (entry.asked, entry.under_way) = (self.revision, true);
            let Subject { guest, new_name, destination_xml } = subject.clone();
            let guest = guest.key;
            let again = entry.again(self.revision);
            let wish = Inspect { guest, destination: host, new_name, destination_xml, again };
            questions.push((self.revision, wish));
        }
        questions
    }

    /// Takes an answer in; one to an older question only makes room for the next.
    pub(super) fn answered(&mut self, host: HostId, revision: u64, found: Found) {
        let Some(entry) = self.hosts.get_mut(&host) else { return };
        if entry.asked != revision {
            return;
        }
        entry.under_way = false;
        if std::mem::take(&mut entry.outdated) {
            entry.asked = 0;
        }
        if revision == self.revision {
            entry.found = Some((revision, found));
        }
    }

    /// The same where questions are not told apart: the latest answer counts.
    pub(super) fn surveyed(&mut self, host: HostId, found: Found) {
        if let Some(revision) = self.hosts.get(&host).map(|entry| entry.asked) {
            self.answered(host, revision, found);
        }
    }

    /// What is known of a host may be different now; of all hosts without one.
    pub(super) fn outdate(&mut self, host: Option<HostId>) {
        for (id, entry) in &mut self.hosts {
            if host.is_none_or(|host| host == *id) {
                entry.outdated = entry.under_way;
                entry.part = None;
                if !entry.under_way {
                    entry.asked = 0;
                }
            }
        }
    }

    /// An obstacle is being removed.
    pub(super) fn mending(&mut self, destination: HostId, mend: Mend) {
        self.mending = Mending::UnderWay(destination, mend);
    }

    /// The obstacle that is being removed.
    pub(super) const fn mend_under_way(&self) -> Option<&Mend> {
        match &self.mending {
            Mending::UnderWay(_, mend) => Some(mend),
            Mending::Idle | Mending::AtNextStart | Mending::Failed(_) => None,
        }
    }

    /// An obstacle was removed, or not: what that touched is asked again, or all when it failed.
    pub(super) fn mended(&mut self, result: Result<(), Failure>) {
        let Mending::UnderWay(destination, mend) = std::mem::take(&mut self.mending) else {
            return;
        };
        if let Err(failure) = result {
            self.mending = Mending::Failed(failure);
            return self.outdate(None);
        }
        let part = mend.touches();
        if part == Part::Nothing {
            self.mending = Mending::AtNextStart;
            return;
        }
        let everywhere = mend.place() == MendPlace::Source;
        for (id, entry) in &mut self.hosts {
            if everywhere || *id == destination {
                entry.outdated |= entry.under_way;
                // Two parts at once are asked as a whole.
                let whole = entry.part.is_some_and(|other| other != part);
                entry.part = (!entry.outdated && !whole).then_some(part);
                if !entry.under_way {
                    entry.asked = 0;
                }
            }
        }
    }

    /// What became of the last obstacle that was to be removed.
    pub(super) const fn last_mending(&self) -> &Mending {
        &self.mending
    }

    /// Whether an answer is waited for.
    pub(super) fn under_way(&self, host: HostId) -> bool {
        self.hosts.get(&host).is_some_and(|entry| entry.under_way)
    }

    /// Why a host could not be inspected.
    pub(super) fn failure(&self, host: HostId) -> Option<&Failure> {
        self.found(host)?.as_ref().err()
    }

    /// How fast the network cards of both hosts could be, Mbit/s.
    pub(super) fn cards_mbps(&self, host: HostId) -> Option<u64> {
        self.found(host)?.as_ref().ok()?.cards_mbps()
    }

    /// All answers about a host, for these choices.
    pub(super) fn results(
        &self,
        host: HostId,
        options: &MigrationOptions,
    ) -> Option<Vec<CheckResult>> {
        Some(ask(self.found(host)?.as_ref().ok()?, options))
    }

    fn found(&self, host: HostId) -> Option<&Found> {
        self.hosts.get(&host)?.found.as_ref().map(|(_, found)| found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Bytes, FailureKind, GuestKey, GuestState, GuestUuid, StateReason};

    const B: HostId = HostId(2);
    const C: HostId = HostId(3);

    fn subject(new_name: Option<&str>) -> Subject {
        let guest = Guest {
            key: GuestKey { host: HostId(1), uuid: GuestUuid([1; 16]) },
            name: "web".into(),
            state: GuestState::Running,
            reason: StateReason::None,
            persistent: true,
            autostart: false,
            managed_save: false,
            memory_max: Bytes(1),
            vcpus: 1,
            migrating: false,
        };
        Subject { guest, new_name: new_name.map(str::to_owned), destination_xml: None }
    }

    fn failure() -> Found {
        Err(Failure::own(FailureKind::TimedOut, "late"))
    }

    fn hosts(questions: Vec<(u64, Inspect)>) -> Vec<(u64, HostId)> {
        questions.into_iter().map(|(revision, wish)| (revision, wish.destination)).collect()
    }

    #[test]
    fn each_host_is_asked_once_until_something_changes() {
        let mut known = Inspections::default();
        assert_eq!(hosts(known.questions(subject(None), &[B, C])), [(1, B), (1, C)]);
        assert_eq!(hosts(known.questions(subject(None), &[B, C])), []);
        known.answered(B, 1, failure());
        assert!(!known.under_way(B) && known.under_way(C));
        assert_eq!(known.failure(B).unwrap().kind, FailureKind::TimedOut);
        assert_eq!(hosts(known.questions(subject(None), &[B, C])), []);
        known.outdate(Some(B));
        assert_eq!(hosts(known.questions(subject(None), &[B, C])), [(1, B)]);
        known.outdate(None);
        assert_eq!(hosts(known.questions(subject(None), &[B, C])), [], "both are under way");
        known.answered(C, 1, failure());
        assert_eq!(hosts(known.questions(subject(None), &[B, C])), [(1, C)]);
    }

    #[test]
    fn an_answer_to_an_older_question_counts_for_nothing() {
        let mut known = Inspections::default();
        known.questions(subject(None), &[B]);
        assert_eq!(hosts(known.questions(subject(Some("x")), &[B])), [], "one is under way");
        known.answered(B, 1, failure());
        assert!(known.failure(B).is_none(), "that was about the older name");
        assert_eq!(hosts(known.questions(subject(Some("x")), &[B])), [(2, B)]);
        known.answered(B, 1, failure());
        assert!(known.under_way(B));
        known.answered(B, 2, failure());
        assert!(known.failure(B).is_some());
    }

    #[test]
    fn after_a_fix_only_what_it_touched_is_asked_again() {
        let again = |questions: Vec<(u64, Inspect)>| -> Vec<(HostId, Option<Part>)> {
            let part = |wish: &Inspect| wish.again.as_ref().map(|again| again.1);
            questions.iter().map(|(_, wish)| (wish.destination, part(wish))).collect()
        };
        let mut known = Inspections::default();
        known.questions(subject(None), &[B, C]);
        for host in [B, C] {
            known.answered(host, 1, Ok(Box::new(crate::migration::checks::tests::fine())));
        }
        known.mending(B, Mend::StartPool("p".into()));
        known.mended(Ok(()));
        assert_eq!(again(known.questions(subject(None), &[B, C])), [(B, Some(Part::Files))]);
        known.answered(B, 1, failure());
        known.mending(B, Mend::Eject("sda".into()));
        known.mended(Ok(()));
        let asked = again(known.questions(subject(None), &[B, C]));
        assert_eq!(asked, [(B, None), (C, Some(Part::Guest))], "of B nothing is known");
        known.mending(C, Mend::CommonProcessor);
        known.mended(Ok(()));
        assert_eq!(*known.last_mending(), Mending::AtNextStart);
        assert_eq!(again(known.questions(subject(None), &[B, C])), []);
        known.mending(C, Mend::StartPool("p".into()));
        known.mended(failure().map(drop));
        assert!(matches!(known.last_mending(), Mending::Failed(_)));
    }

    #[test]
    fn a_host_that_goes_is_forgotten() {
        let mut known = Inspections::default();
        known.questions(subject(None), &[B]);
        known.questions(subject(None), &[]);
        known.answered(B, 1, failure());
        assert!(known.failure(B).is_none());
        assert_eq!(hosts(known.questions(subject(None), &[B])), [(1, B)]);
    }
}
