//! All migrations of this run of the program: those under way and those that are over.

use std::time::Duration;

use super::repair::{Circumstances, RanThere, Repair, repair};
use super::{Foreknown, MigrationOptions, MigrationPlan, Outcome, Report, Residence, Tracker};
use crate::model::{
    Bytes, Failure, FailureKind, GuestKey, HostId, JobId, MigrationEnd, MigrationStep, Presence,
    Standing,
};

/// One migration.
#[derive(Clone, Debug, PartialEq)]
pub struct Move {
    /// Its name.
    pub job: JobId,
    /// The guest, at its source.
    pub guest: GuestKey,
    /// What was asked for; `None` for one that was found running.
    pub plan: Option<Box<MigrationPlan>>,
    /// Where it goes, as far as that host is known.
    pub destination: Option<HostId>,
    /// Names as they were when it was asked for.
    pub names: MoveNames,
    /// When it began, by the clock the caller gives all times by; nothing while it waits.
    pub started: Duration,
    /// It has not begun: other moves of its hosts go first.
    pub waits: bool,
    /// Where it stands.
    pub tracker: Tracker,
    /// It was followed from its beginning without a gap, and nothing has changed since its end.
    pub watched: bool,
    /// The guest was seen to run at the destination.
    pub ran_there: bool,
    /// Its end, once it is over.
    pub end: Option<Finished>,
}

/// The end of a move.
#[derive(Clone, Debug, PartialEq)]
pub struct Finished {
    /// When, by the caller's clock.
    pub at: Duration,
    /// What both hosts and libvirt said.
    pub raw: MigrationEnd,
    /// What that means.
    pub report: Report,
    /// What was mended since.
    pub repaired: Vec<Repair>,
    /// What was to be mended last, and why it was not.
    pub refused: Option<(Repair, Failure)>,
    /// A repair, or another look, is under way.
    pub asking: bool,
    /// The source said afterwards that it is not over.
    pub moving: bool,
}

impl Finished {
    /// At first: nothing is mended, and nobody asks.
    #[must_use]
    pub const fn new(at: Duration, raw: MigrationEnd, report: Report) -> Self {
        Self { at, raw, report, repaired: Vec::new(), refused: None, asking: false, moving: false }
    }
}

impl Move {
    /// What decides whether something needs to be mended; `None` before its end, and where it goes on after all.
    #[must_use]
    pub fn circumstances(&self) -> Option<Circumstances> {
        let raw = &self.end.as_ref().filter(|end| !end.moving)?.raw;
        let ran_there = match (self.ran_there, self.watched) {
            (true, _) => RanThere::Yes,
            (false, true) => RanThere::No,
            (false, false) => RanThere::Unknown,
        };
        let residence = self.plan.as_ref().map(|plan| plan.options.residence);
        Some(Circumstances {
            source: raw.source,
            destination: raw.destination,
            arrived: raw.result.is_ok(),
            permanent: residence == Some(Residence::Permanent),
            ran_there,
            fresh: self.watched,
        })
    }

    /// What mends what it left behind.
    #[must_use]
    pub fn repair(&self) -> Option<Repair> {
        self.circumstances().as_ref().and_then(repair)
    }

    /// Whether a host could not be asked where the guest is.
    #[must_use]
    pub fn is_unseen(&self) -> bool {
        let unseen =
            |raw: &MigrationEnd| [raw.source, raw.destination].contains(&Presence::Unreachable);
        self.end.as_ref().is_some_and(|end| unseen(&end.raw))
    }

    /// Whether it may go on out of sight: the hosts carry it out by themselves, only the link to them was lost, and
    /// nobody said since that it came to nothing.
    fn may_go_on(&self) -> bool {
        let alone = self.plan.as_ref().is_some_and(|plan| !plan.options.transport.is_relayed());
        let lost = |raw: &MigrationEnd| {
            raw.result.as_ref().err().is_some_and(|failure| failure.kind == FailureKind::LinkLost)
        };
        alone
            && self.end.as_ref().is_some_and(|end| {
                let open = end.raw.source == Presence::Unreachable
                    || end.raw.destination != Presence::Absent;
                lost(&end.raw) && (end.moving || open)
            })
    }
}

/// Names as they were when a migration was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoveNames {
    /// The guest.
    pub guest: String,
    /// The source.
    pub source: String,
    /// The destination; `None` for a migration that was found running.
    pub destination: Option<String>,
}

/// The migrations, in the order in which they were asked for. All times are since one moment of the caller's.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Moves {
    moves: Vec<Move>,
}

impl Moves {
    /// How many moves a host sends and takes at the same time, together. What they send shares one link: with more of
    /// them each takes longer, and a busy guest comes to no end. (A host of oVirt sends two, `max_outgoing_migrations`
    /// of its vdsm.conf; sshd refuses some of more than ten that log in at once, `MaxStartups`.)
    pub const AT_ONCE: usize = 2;

    /// Notes a migration that was asked for, and begins at once.
    pub fn start(
        &mut self,
        job: JobId,
        plan: Box<MigrationPlan>,
        names: MoveNames,
        guest_memory: Bytes,
        now: Duration,
    ) {
        self.queue(job, plan, names, guest_memory);
        self.begins(job, now);
    }

    /// Notes a migration that was asked for, and waits until [`Self::begins`].
    pub fn queue(
        &mut self,
        job: JobId,
        plan: Box<MigrationPlan>,
        names: MoveNames,
        guest_memory: Bytes,
    ) {
        let tracker = Tracker::new(&plan.options, guest_memory);
        let (guest, destination) = (plan.guest, Some(plan.destination));
        self.add(Move {
            job,
            guest,
            destination,
            plan: Some(plan),
            names,
            started: Duration::ZERO,
            waits: true,
            tracker,
            watched: true,
            ran_there: false,
            end: None,
        });
    }

    /// Those that wait and may begin now, in the order in which they were asked for: both their hosts are connected, and
    /// of each fewer than [`Self::AT_ONCE`] others go on, out of sight perhaps. One that has to wait does not keep back
    /// another, and those that take a moment wait for each other only.
    #[must_use]
    pub fn due(&self, connected: impl Fn(HostId) -> bool) -> Vec<JobId> {
        let places = |known: &Move| {
            let hosts = [Some(known.guest.host), known.destination];
            let brief = known.plan.as_ref().is_some_and(|plan| plan.options.is_brief());
            hosts.into_iter().flatten().map(move |host| (host, brief))
        };
        let goes_on = |known: &&Move| !known.waits && (known.end.is_none() || known.may_go_on());
        let mut busy: Vec<(HostId, bool)> =
            self.moves.iter().filter(goes_on).flat_map(places).collect();
        let mut due = Vec::new();
        for known in self.waiting() {
            let others = |place: &(HostId, bool)| busy.iter().filter(|&of| of == place).count();
            let free = |place: (HostId, bool)| connected(place.0) && others(&place) < Self::AT_ONCE;
            if places(known).all(free) {
                busy.extend(places(known));
                due.push(known.job);
            }
        }
        due
    }

    /// One that waited begins; `None` when there is no such one.
    pub fn begins(&mut self, job: JobId, now: Duration) -> Option<&Move> {
        let known = self.moves.iter_mut().find(|known| known.job == job && known.waits)?;
        (known.waits, known.started) = (false, now);
        Some(known)
    }

    /// Forgets one that waits; `None` when there is no such one.
    pub fn withdraw(&mut self, job: JobId) -> Option<Move> {
        let index = self.moves.iter().position(|known| known.job == job && known.waits)?;
        Some(self.moves.remove(index))
    }

    /// Notes a migration that this run did not start.
    pub fn found(
        &mut self,
        job: JobId,
        guest: GuestKey,
        names: MoveNames,
        guest_memory: Bytes,
        now: Duration,
    ) {
        // Whether it may be switched to post-copy, only a trial tells.
        let options = MigrationOptions { postcopy: true, ..MigrationOptions::default() };
        let tracker = Tracker::new(&options, guest_memory);
        self.add(Move {
            job,
            guest,
            destination: None,
            plan: None,
            names,
            started: now,
            waits: false,
            tracker,
            watched: false,
            ran_there: false,
            end: None,
        });
    }

    /// A migration was found running that had gone out of sight: it goes on as if nothing had been. What it was called
    /// before; `None` when there is no such one.
    pub fn found_again(&mut self, job: JobId, guest: GuestKey) -> Option<JobId> {
        let is = |known: &&mut Move| known.guest == guest && known.may_go_on();
        let known = self.moves.iter_mut().rev().find(is)?;
        (known.end, known.watched) = (None, false);
        known.tracker.go_on();
        Some(std::mem::replace(&mut known.job, job))
    }

    /// Notes a migration of an earlier run of the program, as its journal tells it.
    pub fn remembered(&mut self, remembered: Move) {
        self.add(remembered);
    }

    fn add(&mut self, begun: Move) {
        self.moves.retain(|known| known.job != begun.job);
        self.moves.push(begun);
    }

    /// Names the destination of a migration that was found without one.
    pub fn name_destination(&mut self, job: JobId, host: HostId, name: &str) {
        if let Some(known) = self.moves.iter_mut().find(|known| known.job == job) {
            known.destination.get_or_insert(host);
            known.names.destination.get_or_insert_with(|| name.to_owned());
        }
    }

    /// Notes what was foretold of a migration that was asked for.
    pub fn foretell(&mut self, job: JobId, known: Foreknown) {
        if let Some(begun) = self.moves.iter_mut().find(|begun| begun.job == job) {
            begun.tracker.foretell(known);
        }
    }

    /// Takes a step in; `None` when no such migration is under way.
    pub fn step(&mut self, job: JobId, step: &MigrationStep, now: Duration) -> Option<&Move> {
        let known = self.moves.iter_mut().find(|known| known.job == job && known.end.is_none())?;
        known.tracker.apply(step, now.saturating_sub(known.started));
        known.ran_there |=
            matches!(step, MigrationStep::ArrivedAtDestination | MigrationStep::Postcopy);
        Some(known)
    }

    /// Takes the end in; `None` when no such migration is under way.
    pub fn end(&mut self, job: JobId, raw: MigrationEnd, now: Duration) -> Option<&Move> {
        let known = self.moves.iter_mut().find(|known| known.job == job && known.end.is_none())?;
        let elapsed = now.saturating_sub(known.started).max(known.tracker.elapsed());
        let policy = known.plan.as_ref().map(|plan| plan.options.policy).unwrap_or_default();
        let report = Report::of(&raw, elapsed).given_up_by(policy, known.tracker.given_up());
        known.tracker.end(report.arrived(), elapsed);
        known.end = Some(Finished::new(now, raw, report));
        Some(known)
    }

    /// Both hosts of a move that is over are being asked, or something is being mended.
    pub fn asking(&mut self, job: JobId, asking: bool) -> Option<&Move> {
        let known = self.moves.iter_mut().find(|known| known.job == job)?;
        known.end.as_mut()?.asking = asking;
        Some(known)
    }

    /// What was left behind was to be mended, and was not.
    pub fn not_repaired(&mut self, job: JobId, repair: Repair, why: Failure) -> Option<&Move> {
        let known = self.moves.iter_mut().find(|known| known.job == job)?;
        known.end.as_mut()?.refused = Some((repair, why));
        Some(known)
    }

    /// Both hosts of a move that is over were asked again, perhaps after a repair.
    pub fn stands(
        &mut self,
        job: JobId,
        standing: Standing,
        repaired: Option<Repair>,
    ) -> Option<&Move> {
        let known = self.moves.iter_mut().find(|known| known.job == job)?;
        let end = known.end.as_mut()?;
        let before = (end.raw.source, end.raw.destination);
        known.watched &= before == (standing.source, standing.destination);
        (end.raw.source, end.raw.destination) = (standing.source, standing.destination);
        let again = Report::of(&end.raw, end.report.total);
        end.report.place = again.place;
        // What it means that it failed depends on where the guest is.
        if let (Outcome::Failed(_), Outcome::Failed(_)) = (&end.report.outcome, &again.outcome) {
            end.report.outcome = again.outcome;
        }
        if let Some(repaired) = repaired {
            end.repaired.push(repaired);
            end.refused = None;
        }
        (end.asking, end.moving) = (false, standing.moving);
        Some(known)
    }

    /// One migration.
    #[must_use]
    pub fn get(&self, job: JobId) -> Option<&Move> {
        self.moves.iter().find(|known| known.job == job)
    }

    /// Those under way, in the order in which they were asked for.
    pub fn running(&self) -> impl Iterator<Item = &Move> {
        self.open().filter(|known| !known.waits)
    }

    /// Those that are not over, begun or not.
    pub fn open(&self) -> impl Iterator<Item = &Move> {
        self.moves.iter().filter(|known| known.end.is_none())
    }

    /// Those that have not begun, in the order in which they were asked for.
    pub fn waiting(&self) -> impl Iterator<Item = &Move> {
        self.open().filter(|known| known.waits)
    }

    /// Those that are over, the latest first.
    #[must_use]
    pub fn finished(&self) -> Vec<&Move> {
        let mut over: Vec<_> = self.moves.iter().filter(|known| known.end.is_some()).collect();
        over.sort_by_key(|known| std::cmp::Reverse(known.end.as_ref().map(|end| end.at)));
        over
    }

    /// The one under way that moves this guest, seen from either host.
    #[must_use]
    pub fn of_guest(&self, guest: GuestKey) -> Option<&Move> {
        self.running().find(|known| {
            known.guest.uuid == guest.uuid
                && (known.guest.host == guest.host || known.destination == Some(guest.host))
        })
    }

    /// Those under way that this program relays: they would be aborted with it.
    pub fn relayed(&self) -> impl Iterator<Item = &Move> {
        self.running().filter(|known| {
            known.plan.as_ref().is_some_and(|plan| plan.options.transport.is_relayed())
        })
    }

    /// Forgets those that are over and says which.
    pub fn clear_finished(&mut self) -> Vec<JobId> {
        let over = self.finished().iter().map(|known| known.job).collect();
        self.moves.retain(|known| known.end.is_none());
        over
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migration::{Coverage, Transport};
    use crate::model::{
        Failure, FailureKind, GuestState, GuestUuid, HostId, MigrationPhase, PauseReason, Presence,
        StateReason,
    };

    fn key(host: u32, guest: u8) -> GuestKey {
        GuestKey { host: HostId(host), uuid: GuestUuid([guest; 16]) }
    }

    fn begin(moves: &mut Moves, job: u64, guest: u8, transport: Transport) {
        let options = MigrationOptions { transport, ..MigrationOptions::default() };
        let plan = MigrationPlan { guest: key(1, guest), destination: HostId(2), options };
        let names = MoveNames {
            guest: format!("g{guest}"),
            source: "a".into(),
            destination: Some("b".into()),
        };
        moves.start(JobId(job), Box::new(plan), names, Bytes(1 << 30), Duration::from_secs(job));
    }

    fn ended(ok: bool) -> MigrationEnd {
        let runs = Presence::There {
            state: GuestState::Running,
            reason: StateReason::None,
            persistent: true,
        };
        MigrationEnd {
            result: if ok { Ok(()) } else { Err(Failure::own(FailureKind::Cancelled, "")) },
            stats: None,
            source: if ok { Presence::Absent } else { runs },
            destination: if ok { runs } else { Presence::Absent },
        }
    }

    /// Asks for the move of another guest between two hosts.
    fn queue(moves: &mut Moves, job: u64, (from, to): (u32, u32), coverage: Coverage) {
        let options = MigrationOptions { coverage, ..MigrationOptions::default() };
        let (guest, destination) = (key(from, u8::try_from(job).unwrap()), HostId(to));
        let plan = Box::new(MigrationPlan { guest, destination, options });
        let names = MoveNames { guest: "g".into(), source: "a".into(), destination: None };
        moves.queue(JobId(job), plan, names, Bytes(1 << 30));
    }

    #[test]
    fn a_turn_does_not_come_while_a_host_is_away_or_a_move_may_go_on_out_of_sight() {
        let mut moves = Moves::default();
        let now = Duration::from_secs(9);
        for job in 1..=3 {
            begin(&mut moves, job, u8::try_from(job).unwrap(), Transport::PeerToPeer);
        }
        queue(&mut moves, 4, (1, 2), Coverage::Live);
        for job in 5..=7 {
            queue(&mut moves, job, (1, 2), Coverage::Definition);
        }
        assert_eq!(moves.due(|_| true), [5, 6].map(JobId), "they take a moment, two at a time");
        assert_eq!(moves.due(|host| host == HostId(1)), []);
        let mut lost = ended(false);
        lost.result = Err(Failure::own(FailureKind::LinkLost, ""));
        (lost.source, lost.destination) = (Presence::Unreachable, Presence::Unreachable);
        moves.end(JobId(1), ended(true), now);
        for job in [2, 3] {
            moves.end(JobId(job), lost.clone(), now);
        }
        assert!(!moves.due(|_| true).contains(&JobId(4)), "two may go on");
        let MigrationEnd { source, destination, .. } = ended(false);
        moves.stands(JobId(2), Standing { source, destination, moving: false }, None);
        assert!(moves.due(|_| true).contains(&JobId(4)));
    }

    #[test]
    fn of_each_host_only_so_many_go_on_and_the_others_wait_for_their_turn() {
        let mut moves = Moves::default();
        for job in 1..=4 {
            queue(&mut moves, job, (1, 2), Coverage::Live);
        }
        queue(&mut moves, 5, (2, 3), Coverage::Live);
        queue(&mut moves, 6, (3, 4), Coverage::Live);
        let due = moves.due(|_| true);
        assert_eq!(due, [1, 2, 6].map(JobId), "of hosts 1 and 2 no more; 3 and 4 are free");
        let now = Duration::from_secs(9);
        for job in due {
            assert_eq!(moves.begins(job, now).map(|known| known.started), Some(now));
        }
        assert_eq!((moves.running().count(), moves.due(|_| true)), (3, Vec::new()));
        assert!(moves.of_guest(key(1, 3)).is_none(), "it has not begun");
        moves.end(JobId(1), ended(true), now);
        assert_eq!(moves.due(|_| true), [JobId(3)], "the first that waits");
        assert_eq!(moves.withdraw(JobId(3)).map(|known| known.job), Some(JobId(3)));
        assert_eq!(moves.due(|_| true), [JobId(4)]);
        assert_eq!(moves.withdraw(JobId(2)), None, "it is under way");
        moves.begins(JobId(5), now);
        assert_eq!((moves.due(|_| true), moves.waiting().count()), (Vec::new(), 1));
    }

    #[test]
    fn one_that_went_out_of_sight_goes_on_when_it_is_found_again() {
        let mut moves = Moves::default();
        let lost = |moves: &mut Moves, job, guest, transport| {
            begin(moves, job, guest, transport);
            let pass = MigrationStep::Pass(1);
            moves.step(JobId(job), &pass, Duration::from_secs(job + 1)).unwrap();
            let why = Err(Failure::own(FailureKind::LinkLost, ""));
            let end = MigrationEnd { result: why, ..ended(false) };
            moves.end(JobId(job), end, Duration::from_secs(job + 2)).unwrap();
        };
        lost(&mut moves, 1, 1, Transport::PeerToPeer);
        lost(&mut moves, 2, 2, Transport::Direct);
        let unseen = Standing {
            source: Presence::Unreachable,
            destination: Presence::Unreachable,
            moving: false,
        };
        moves.stands(JobId(2), unseen, None).unwrap();
        let waits = Presence::There {
            state: GuestState::Paused,
            reason: StateReason::Paused(PauseReason::Migration),
            persistent: false,
        };
        let source = ended(false).source;
        let moving = Standing { source, destination: waits, moving: true };
        let offered = moves.stands(JobId(1), Standing { moving: false, ..moving }, None).unwrap();
        assert!(offered.repair().is_some());
        assert_eq!(moves.stands(JobId(1), moving, None).unwrap().repair(), None);

        assert_eq!(moves.found_again(JobId(8), key(1, 2)), None, "it went with the program");
        assert_eq!(moves.found_again(JobId(9), key(1, 1)), Some(JobId(1)));
        assert_eq!(moves.get(JobId(1)), None);
        let again = moves.get(JobId(9)).unwrap();
        assert_eq!((&again.end, again.tracker.phase()), (&None, MigrationPhase::FirstPass));
        assert!(again.plan.is_some() && !again.watched);
        moves.end(JobId(9), ended(true), Duration::from_secs(9)).unwrap();
        assert_eq!(moves.found_again(JobId(10), key(1, 1)), None, "it is over");

        lost(&mut moves, 11, 3, Transport::PeerToPeer);
        assert_eq!(moves.found_again(JobId(12), key(1, 3)), None, "it came to nothing");
    }

    #[test]
    fn running_then_finished_newest_first() {
        let mut moves = Moves::default();
        begin(&mut moves, 1, 1, Transport::PeerToPeer);
        begin(&mut moves, 2, 2, Transport::Direct);
        begin(&mut moves, 3, 3, Transport::PeerToPeer);
        let paused = MigrationStep::SourcePaused;
        assert!(moves.step(JobId(2), &paused, Duration::from_secs(5)).is_some());
        assert_eq!(moves.get(JobId(2)).map(|m| m.tracker.elapsed()), Some(Duration::from_secs(3)));
        assert_eq!(moves.relayed().map(|m| m.job).collect::<Vec<_>>(), [JobId(2)]);
        moves.end(JobId(3), ended(false), Duration::from_secs(8)).unwrap();
        moves.end(JobId(1), ended(true), Duration::from_secs(9)).unwrap();
        assert_eq!(moves.running().map(|m| m.job).collect::<Vec<_>>(), [JobId(2)]);
        let over: Vec<_> = moves.finished().iter().map(|m| m.job).collect();
        assert_eq!(over, [JobId(1), JobId(3)]);
        let last = moves.get(JobId(1)).unwrap();
        assert!((last.tracker.fraction() - 1.0).abs() < f64::EPSILON);
        assert_eq!(last.tracker.phase(), MigrationPhase::Done);
        assert!(moves.step(JobId(1), &paused, Duration::from_secs(9)).is_none(), "it is over");
        assert!(moves.end(JobId(9), ended(true), Duration::ZERO).is_none(), "never began");
        assert_eq!(moves.clear_finished(), [JobId(1), JobId(3)]);
        assert_eq!(moves.running().count(), 1);
    }

    #[test]
    fn a_guest_on_the_move_is_found_from_both_hosts() {
        let mut moves = Moves::default();
        begin(&mut moves, 1, 1, Transport::PeerToPeer);
        for host in [1, 2] {
            assert_eq!(moves.of_guest(key(host, 1)).map(|m| m.job), Some(JobId(1)));
        }
        assert_eq!(moves.of_guest(key(3, 1)), None);
        assert_eq!(moves.of_guest(key(1, 2)), None);
    }

    #[test]
    fn why_nothing_was_mended_stays_until_it_is() {
        let mut moves = Moves::default();
        begin(&mut moves, 1, 7, Transport::PeerToPeer);
        moves.end(JobId(1), ended(false), Duration::from_secs(9));
        moves.asking(JobId(1), true);
        let why = Failure::own(FailureKind::Unsupported, "");
        moves.not_repaired(JobId(1), Repair::ResumePostcopy, why.clone());
        let refused = |moves: &Moves| moves.get(JobId(1)).unwrap().end.clone().unwrap().refused;
        let standing = |repaired, moves: &mut Moves| {
            let nowhere = Presence::Absent;
            let standing = Standing { source: nowhere, destination: nowhere, moving: false };
            moves.stands(JobId(1), standing, repaired);
        };
        standing(None, &mut moves);
        assert_eq!(refused(&moves), Some((Repair::ResumePostcopy, why)));
        standing(Some(Repair::ResumePostcopy), &mut moves);
        assert_eq!(refused(&moves), None);
    }
}
