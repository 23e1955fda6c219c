//! All storage jobs of this run of the program: those under way and those that are over.

use std::time::Duration;

use crate::model::storage::{StoragePhase, StorageProgress, Transferred};
use crate::model::{Bytes, Failure, JobId};

/// One job with a volume.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// Its name.
    pub job: JobId,
    /// What it does.
    pub kind: TaskKind,
    /// Names as they were when it began.
    pub names: TaskNames,
    /// When it was asked for, by the clock the caller gives all times by.
    pub started: Duration,
    /// What it does now.
    pub progress: Option<StorageProgress>,
    /// When its phase began, and how far it was then.
    phase: (Duration, Bytes),
    /// When it was last heard of.
    heard: Duration,
    /// The user wants it to stop.
    pub cancelling: bool,
    /// Its end, once it is over.
    pub end: Option<TaskEnd>,
}

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TaskKind {
    /// It makes a volume.
    Create,
    /// It deletes volumes.
    Delete,
    /// It changes a volume's size.
    Resize,
    /// It copies a volume.
    Copy,
    /// It moves a volume.
    Move,
    /// It gives a volume another name.
    Rename,
    /// It writes a volume into a file.
    Download,
    /// It makes a volume of a file.
    Upload,
    /// It overwrites volumes.
    Wipe,
}

/// Names as they were when a job began.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskNames {
    /// The volume, or the first of several.
    pub volume: String,
    /// How many more there are.
    pub others: usize,
    /// Where it is: host and pool, or the file that is uploaded.
    pub from: String,
    /// Where it goes: host and pool, the file, or the new name.
    pub to: Option<String>,
}

/// The end of a job.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskEnd {
    /// When, by the caller's clock.
    pub at: Duration,
    /// How.
    pub result: Result<TaskResult, Failure>,
}

/// What a job that went well brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskResult {
    /// It was done.
    Done,
    /// A volume was made: its path.
    Created(String),
    /// Data went over and was compared.
    Transferred(Transferred),
}

/// What becomes of work with storage when the program ends while it is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Parting {
    /// It is given up, and what it made is taken back.
    TakenBack,
    /// Each host ends the step it is at; the steps that were done stay.
    Stopped,
    /// libvirt makes a volume: it is taken back if libvirt is through in time, else it stays.
    MayStay,
    /// The host ends what it is at.
    HostEnds,
}

impl Task {
    /// What becomes of it when the program ends now.
    #[must_use]
    pub fn parting(&self) -> Parting {
        match self.progress.map(|progress| progress.phase) {
            None
            | Some(
                StoragePhase::Waiting
                | StoragePhase::Checking
                | StoragePhase::Transferring
                | StoragePhase::Verifying
                | StoragePhase::Undoing,
            ) => Parting::TakenBack,
            Some(StoragePhase::Creating | StoragePhase::Cloning) => Parting::MayStay,
            Some(StoragePhase::Wiping | StoragePhase::Resizing | StoragePhase::Deleting) => {
                Parting::HostEnds
            }
        }
    }

    /// How far it is in its phase, 0 to 1; `None` where libvirt does not tell.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // a bar
    pub fn fraction(&self) -> Option<f64> {
        let progress = self.progress?;
        let total = progress.total.filter(|total| total.0 > 0)?;
        Some((progress.done.0 as f64 / total.0 as f64).min(1.0))
    }

    /// Bytes a second in this phase, once something went over.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss)]
    pub fn speed(&self) -> Option<u64> {
        let (began, from) = self.phase;
        let done = self.progress?.done.0.checked_sub(from.0).filter(|&done| done > 0)?;
        let time = self.heard.checked_sub(began)?.as_secs_f64();
        (time >= 0.2).then(|| (done as f64 / time) as u64)
    }

    /// The time until this phase is over, at this speed.
    #[must_use]
    pub fn remaining(&self) -> Option<Duration> {
        let progress = self.progress?;
        let left = progress.total?.0.checked_sub(progress.done.0)?;
        Some(Duration::from_secs(left / self.speed()?.max(1)))
    }

    /// What it took, once it is over.
    #[must_use]
    pub fn took(&self) -> Option<Duration> {
        Some(self.end.as_ref()?.at.saturating_sub(self.started))
    }
}

/// The jobs, in the order in which they began. All times are since one moment of the caller's.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tasks {
    tasks: Vec<Task>,
}

impl Tasks {
    /// Notes a job that was asked for.
    pub fn start(&mut self, job: JobId, kind: TaskKind, names: TaskNames, now: Duration) {
        self.tasks.push(Task {
            job,
            kind,
            names,
            started: now,
            progress: None,
            phase: (now, Bytes(0)),
            heard: now,
            cancelling: false,
            end: None,
        });
    }

    /// A job tells how far it is.
    pub fn step(&mut self, job: JobId, progress: StorageProgress, now: Duration) -> Option<&Task> {
        let task = self.running_mut(job)?;
        if task.progress.is_none_or(|before| before.phase != progress.phase) {
            task.phase = (now, progress.done);
        }
        task.progress = Some(progress);
        task.heard = now;
        Some(task)
    }

    /// The user wants a job to stop.
    pub fn cancel(&mut self, job: JobId) -> Option<&Task> {
        let task = self.running_mut(job)?;
        task.cancelling = true;
        Some(task)
    }

    /// A job is over.
    pub fn end(
        &mut self,
        job: JobId,
        result: Result<TaskResult, Failure>,
        now: Duration,
    ) -> Option<&Task> {
        let task = self.running_mut(job)?;
        task.end = Some(TaskEnd { at: now, result });
        Some(task)
    }

    fn running_mut(&mut self, job: JobId) -> Option<&mut Task> {
        self.tasks.iter_mut().find(|task| task.job == job && task.end.is_none())
    }

    /// One job.
    #[must_use]
    pub fn get(&self, job: JobId) -> Option<&Task> {
        self.tasks.iter().find(|task| task.job == job)
    }

    /// Those under way.
    pub fn running(&self) -> impl Iterator<Item = &Task> {
        self.tasks.iter().filter(|task| task.end.is_none())
    }

    /// Forgets those that are over, and says which.
    pub fn clear_finished(&mut self) -> Vec<JobId> {
        let (over, running) =
            std::mem::take(&mut self.tasks).into_iter().partition(|task| task.end.is_some());
        self.tasks = running;
        let over: Vec<Task> = over;
        over.into_iter().map(|task| task.job).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FailureKind;
    use crate::model::storage::StoragePhase;

    const JOB: JobId = JobId(1);

    fn at(phase: StoragePhase, done: u64, total: Option<u64>) -> StorageProgress {
        StorageProgress { phase, done: Bytes(done), total: total.map(Bytes) }
    }

    #[test]
    fn speed_and_time_are_those_of_the_phase() {
        let second = Duration::from_secs;
        let mut tasks = Tasks::default();
        tasks.start(JOB, TaskKind::Upload, TaskNames::default(), second(0));
        tasks.step(JOB, at(StoragePhase::Transferring, 0, Some(1000)), second(10));
        let task = tasks.step(JOB, at(StoragePhase::Transferring, 400, Some(1000)), second(12));
        let task = task.unwrap();
        assert_eq!(task.parting(), Parting::TakenBack);
        assert_eq!((task.fraction(), task.speed()), (Some(0.4), Some(200)));
        assert_eq!(task.remaining(), Some(second(3)));
        let task = tasks.step(JOB, at(StoragePhase::Verifying, 0, Some(1000)), second(15)).unwrap();
        assert_eq!((task.fraction(), task.speed()), (Some(0.0), None));
        let task = tasks.end(JOB, Ok(TaskResult::Done), second(20)).unwrap();
        assert_eq!(task.took(), Some(second(20)));
    }

    #[test]
    fn what_libvirt_is_at_cannot_be_taken_back_at_once() {
        let mut tasks = Tasks::default();
        tasks.start(JOB, TaskKind::Wipe, TaskNames::default(), Duration::ZERO);
        assert_eq!(tasks.get(JOB).unwrap().parting(), Parting::TakenBack);
        for (phase, parting) in [
            (StoragePhase::Cloning, Parting::MayStay),
            (StoragePhase::Wiping, Parting::HostEnds),
            (StoragePhase::Undoing, Parting::TakenBack),
        ] {
            let task = tasks.step(JOB, at(phase, 0, None), Duration::ZERO).unwrap();
            assert_eq!(task.parting(), parting, "{phase:?}");
        }
    }

    #[test]
    fn what_is_over_hears_nothing_more_and_is_cleared() {
        let mut tasks = Tasks::default();
        tasks.start(JOB, TaskKind::Wipe, TaskNames::default(), Duration::ZERO);
        tasks.start(JobId(2), TaskKind::Wipe, TaskNames::default(), Duration::ZERO);
        assert!(tasks.cancel(JOB).unwrap().cancelling);
        let failure = Failure::own(FailureKind::Cancelled, "");
        tasks.end(JOB, Err(failure), Duration::ZERO);
        assert_eq!(tasks.step(JOB, at(StoragePhase::Wiping, 1, None), Duration::ZERO), None);
        assert_eq!(tasks.running().count(), 1);
        assert_eq!(tasks.clear_finished(), [JOB]);
        assert!(tasks.get(JOB).is_none() && tasks.get(JobId(2)).is_some());
    }
}
