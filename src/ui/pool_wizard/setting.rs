//! Where setting the pool up stands, on each host: pure.

use crate::model::storage::{HostOutcome, PoolKey, PoolStep, Proof, ProofAnswer, Undone};
use crate::model::{Failure, FailureKind, HostId};

use super::messages::Setting;

/// What is under way.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Stage {
    /// Nothing was asked for yet.
    #[default]
    Before,
    /// The hosts are at it.
    Creating,
    /// They are through; whether it is shared is being tried.
    Proving,
    /// What was done is being taken back.
    Undoing,
    /// All is over.
    Over,
    /// What was done is taken back.
    Undone,
}

/// One host.
#[derive(Clone, Debug, PartialEq)]
pub struct HostSetting {
    /// Which.
    pub host: HostId,
    /// Its name.
    pub name: String,
    /// What was done there.
    pub done: Vec<PoolStep>,
    /// What failed, and why.
    pub failed: Option<(PoolStep, Failure)>,
    /// The pool, as soon as it is there.
    pub pool: Option<PoolKey>,
    /// What it saw of the proof.
    pub answer: Option<ProofAnswer>,
    /// What could not be taken back.
    pub left: Vec<(PoolStep, Failure)>,
}

/// All hosts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course {
    /// What is under way.
    pub stage: Stage,
    /// The hosts.
    pub hosts: Vec<HostSetting>,
    /// Why nothing at all could be done, or the proof could not be tried.
    pub failure: Option<Failure>,
    /// The file of the proof that stayed behind, and why.
    pub left: Option<(String, Failure)>,
    /// The user wanted it to stop.
    pub stopped: bool,
    /// The pool on another host that these are to be one with, if it can be compared: it runs.
    pub original: Option<PoolKey>,
}

/// What is to be asked for next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Whether these are one storage.
    Prove(Vec<PoolKey>),
}

impl Course {
    /// Begins on these hosts.
    pub fn begin(
        &mut self,
        hosts: impl IntoIterator<Item = (HostId, String)>,
        original: Option<PoolKey>,
    ) {
        let new = |(host, name)| HostSetting {
            host,
            name,
            done: Vec::new(),
            failed: None,
            pool: None,
            answer: None,
            left: Vec::new(),
        };
        *self = Self {
            stage: Stage::Creating,
            hosts: hosts.into_iter().map(new).collect(),
            failure: None,
            left: None,
            stopped: false,
            original,
        };
    }

    /// Whether hosts are at something that can be stopped. What is taken back is taken back to the end.
    #[must_use]
    pub const fn can_stop(&self) -> bool {
        matches!(self.stage, Stage::Creating | Stage::Proving) && !self.stopped
    }

    /// Whether something is under way.
    #[must_use]
    pub const fn is_busy(&self) -> bool {
        matches!(self.stage, Stage::Creating | Stage::Proving | Stage::Undoing)
    }

    /// Whether it went well on every host.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        let fine = |host: &HostSetting| host.failed.is_none() && host.pool.is_some();
        self.failure.is_none() && !self.hosts.is_empty() && self.hosts.iter().all(fine)
    }

    /// Whether it is to be one storage of several hosts.
    #[must_use]
    pub const fn is_shared(&self) -> bool {
        self.hosts.len() > 1 || self.original.is_some()
    }

    /// What was done and can be taken back.
    #[must_use]
    pub fn to_undo(&self) -> Vec<(PoolKey, Vec<PoolStep>)> {
        let done = self.hosts.iter().filter(|host| !host.done.is_empty());
        done.filter_map(|host| Some((host.pool?, host.done.clone()))).collect()
    }

    /// Notes what happened; says what is to be asked for then. `provable`: the kind can be proved shared.
    pub fn happened(&mut self, what: Setting, provable: bool) -> Option<Ask> {
        match what {
            Setting::Stepped(host, step, result) => self.stepped(host, step, result),
            Setting::Created(Ok(outcomes)) => return self.created(outcomes, provable),
            Setting::Saw(host, answer) => self.saw(host, answer),
            Setting::Proved(Ok(proof)) => self.proved(proof),
            Setting::Undone(Ok(undone)) => self.undone(undone),
            Setting::Created(Err(failure)) | Setting::Proved(Err(failure))
                if failure.kind == FailureKind::Cancelled =>
            {
                self.stage = Stage::Over;
            }
            Setting::Created(Err(failure))
            | Setting::Proved(Err(failure))
            | Setting::Undone(Err(failure)) => {
                self.failure = Some(failure);
                self.stage = Stage::Over;
            }
        }
        None
    }

    fn host(&mut self, id: HostId) -> Option<&mut HostSetting> {
        self.hosts.iter_mut().find(|host| host.host == id)
    }

    fn stepped(&mut self, id: HostId, step: PoolStep, result: Result<(), Failure>) {
        let Some(host) = self.host(id) else { return };
        match result {
            Ok(()) if !host.done.contains(&step) => host.done.push(step),
            Ok(()) => {}
            Err(failure) => host.failed = Some((step, failure)),
        }
    }

    fn created(&mut self, outcomes: Vec<HostOutcome>, provable: bool) -> Option<Ask> {
        for outcome in outcomes {
            if let Some(host) = self.host(outcome.host) {
                host.pool = outcome.pool;
                host.done = outcome.done;
                host.failed = outcome.failed;
            }
        }
        let started =
            |host: &&HostSetting| host.failed.is_none() && host.done.contains(&PoolStep::Start);
        let mut running: Vec<PoolKey> =
            self.hosts.iter().filter(started).filter_map(|host| host.pool).collect();
        if !running.is_empty() {
            running.splice(0..0, self.original);
        }
        let proves = provable && running.len() > 1 && !self.stopped;
        self.stage = if proves { Stage::Proving } else { Stage::Over };
        proves.then_some(Ask::Prove(running))
    }

    fn saw(&mut self, id: HostId, answer: ProofAnswer) {
        if let Some(host) = self.host(id) {
            host.answer = Some(answer);
        }
    }

    fn proved(&mut self, proof: Proof) {
        self.saw(proof.writer.host, ProofAnswer::Wrote);
        for (key, answer) in proof.answers {
            self.saw(key.host, answer);
        }
        self.left = proof.left;
        self.stage = Stage::Over;
    }

    fn undone(&mut self, undone: Vec<Undone>) {
        for gone in undone {
            if let Some(host) = self.host(gone.host) {
                let stays = |step: &PoolStep| gone.left.iter().any(|(left, _)| left == step);
                host.done.retain(stays);
                host.left = gone.left;
            }
        }
        self.stage = Stage::Undone;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PoolUuid;

    const A: HostId = HostId(1);
    const B: HostId = HostId(2);

    fn key(host: HostId) -> PoolKey {
        PoolKey { host, uuid: PoolUuid([1; 16]) }
    }

    fn outcome(host: HostId, failed: Option<PoolStep>) -> HostOutcome {
        let done = match failed {
            None => vec![PoolStep::Define, PoolStep::Start],
            Some(_) => vec![PoolStep::Define],
        };
        let failure = Failure::own(FailureKind::Other, "no");
        let failed = failed.map(|step| (step, failure));
        HostOutcome { host, pool: Some(key(host)), done, failed }
    }

    fn begun() -> Course {
        let mut course = Course::default();
        course.begin([(A, "a".to_owned()), (B, "b".to_owned())], None);
        course
    }

    #[test]
    fn on_several_hosts_the_proof_follows_by_itself() {
        let mut course = begun();
        let outcomes = Ok(vec![outcome(A, None), outcome(B, None)]);
        let ask = course.happened(Setting::Created(outcomes), true);
        assert_eq!(ask, Some(Ask::Prove(vec![key(A), key(B)])));
        assert!(course.is_busy() && course.succeeded());
        let answers = vec![(key(B), ProofAnswer::Same)];
        let proof = Proof { writer: key(A), answers, left: None };
        course.happened(Setting::Proved(Ok(proof)), true);
        assert_eq!(course.hosts[1].answer, Some(ProofAnswer::Same));
        assert_eq!(course.stage, Stage::Over);
    }

    #[test]
    fn one_host_alone_or_a_kind_without_files_is_not_proved() {
        let outcomes = || Ok(vec![outcome(A, None), outcome(B, Some(PoolStep::Start))]);
        let mut course = begun();
        assert_eq!(course.happened(Setting::Created(outcomes()), true), None);
        assert!(!course.succeeded() && course.stage == Stage::Over);
        let both = Ok(vec![outcome(A, None), outcome(B, None)]);
        assert_eq!(begun().happened(Setting::Created(both), false), None);
    }

    #[test]
    fn what_another_host_has_is_proved_to_be_the_same() {
        let mut course = Course::default();
        course.begin([(B, "b".to_owned())], Some(key(A)));
        let ask = course.happened(Setting::Created(Ok(vec![outcome(B, None)])), true);
        assert_eq!(ask, Some(Ask::Prove(vec![key(A), key(B)])));
        let answers = vec![(key(B), ProofAnswer::Same)];
        let proof = Proof { writer: key(A), answers, left: None };
        course.happened(Setting::Proved(Ok(proof)), true);
        assert_eq!(course.hosts[0].answer, Some(ProofAnswer::Same));
        course.begin([(B, "b".to_owned())], Some(key(A)));
        let failed = Ok(vec![outcome(B, Some(PoolStep::Start))]);
        assert_eq!(course.happened(Setting::Created(failed), true), None, "nothing to compare");
    }

    #[test]
    fn what_was_stopped_is_not_proved_and_is_no_error() {
        let cancelled = || Failure::own(FailureKind::Cancelled, "");
        let mut course = begun();
        assert!(course.can_stop());
        course.stopped = true;
        assert!(!course.can_stop() && course.is_busy(), "the hosts are still at a step");
        let b = HostOutcome {
            failed: Some((PoolStep::Start, cancelled())),
            ..outcome(B, Some(PoolStep::Start))
        };
        assert_eq!(course.happened(Setting::Created(Ok(vec![outcome(A, None), b])), true), None);
        assert!(course.stage == Stage::Over && !course.succeeded());
        assert_eq!(course.to_undo().len(), 2);
        let mut late = begun();
        late.stopped = true;
        let outcomes = Ok(vec![outcome(A, None), outcome(B, None)]);
        assert_eq!(late.happened(Setting::Created(outcomes), true), None, "all was done already");
        let mut proving = Course { stage: Stage::Proving, ..late };
        proving.happened(Setting::Proved(Err(cancelled())), true);
        assert!(proving.stage == Stage::Over && proving.failure.is_none());
    }

    #[test]
    fn what_half_succeeded_can_be_taken_back() {
        let mut course = begun();
        let outcomes = Ok(vec![outcome(A, None), outcome(B, Some(PoolStep::Start))]);
        course.happened(Setting::Created(outcomes), true);
        assert_eq!(course.to_undo().len(), 2);
        let left = vec![(PoolStep::Define, Failure::own(FailureKind::Busy, ""))];
        let undone = vec![Undone { host: A, left: Vec::new() }, Undone { host: B, left }];
        course.happened(Setting::Undone(Ok(undone)), true);
        assert_eq!(course.stage, Stage::Undone);
        assert!(course.hosts[0].done.is_empty());
        assert_eq!(course.to_undo(), [(key(B), vec![PoolStep::Define])]);
    }
}
