//! Work that waits in line for one of a few threads. The threads come with the work and go with it.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::model::GuestUuid;

type Task = Box<dyn FnOnce() + Send>;

/// A line of tasks. Of one guest only one runs at a time: a guest that hangs holds one place.
#[derive(Clone)]
pub(crate) struct Lane {
    line: Arc<Mutex<Line>>,
    width: usize,
}

#[derive(Default)]
struct Line {
    tasks: VecDeque<(Option<GuestUuid>, Task)>,
    busy: HashSet<GuestUuid>,
    threads: usize,
}

impl std::fmt::Debug for Lane {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lane").field("width", &self.width).finish_non_exhaustive()
    }
}

impl Lane {
    /// A lane on which at most `width` tasks run at the same time.
    pub(crate) fn new(width: usize) -> Self {
        Self { line: Arc::default(), width }
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a task that concerns this guest, or none, at the end of the line. Never waits.
    pub(crate) fn run(&self, guest: Option<GuestUuid>, task: impl FnOnce() + Send + 'static) {
        let mut line = self.line();
        line.tasks.push_back((guest, Box::new(task)));
        if line.threads == self.width {
            return;
        }
        line.threads += 1;
        drop(line);
        let lane = self.clone();
        let spawned = std::thread::Builder::new().name("vireo-call".into()).spawn(move || {
            while let Some((guest, task)) = lane.next() {
                task();
                if let Some(guest) = guest {
                    lane.line().busy.remove(&guest);
                }
            }
        });
        if let Err(error) = spawned {
            self.line().threads -= 1;
            tracing::error!(%error, "no thread");
        }
    }

    /// The next task whose guest is free; without one the thread that asks is counted out. (The
    /// thread that frees a guest asks next, so that nothing is left waiting.)
    fn next(&self) -> Option<(Option<GuestUuid>, Task)> {
        let mut line = self.line();
        let free =
            |guest: &Option<GuestUuid>| guest.is_none_or(|guest| !line.busy.contains(&guest));
        let next = line.tasks.iter().position(|(guest, _)| free(guest));
        let task = next.and_then(|index| line.tasks.remove(index));
        match &task {
            Some((guest, _)) => line.busy.extend(guest),
            None => line.threads -= 1,
        }
        task
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn a_task_that_hangs_holds_only_its_own_place() {
        let lane = Lane::new(2);
        let (release, hang) = channel::<()>();
        let (say, said) = channel();
        lane.run(None, move || assert!(hang.recv().is_err()));
        for number in 0..5 {
            let say = say.clone();
            lane.run(None, move || say.send(number).unwrap());
        }
        drop(say);
        assert_eq!(said.iter().collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
        drop(release);
    }

    #[test]
    fn a_guest_that_hangs_holds_one_place_however_often_it_is_asked() {
        const HUNG: GuestUuid = GuestUuid([1; 16]);
        let lane = Lane::new(2);
        let (release, hang) = channel::<()>();
        let (say, said) = channel();
        lane.run(Some(HUNG), move || assert!(hang.recv().is_err()));
        for number in 0..3 {
            let say = say.clone();
            lane.run(Some(HUNG), move || say.send(number + 10).unwrap());
        }
        let other = say.clone();
        lane.run(Some(GuestUuid([2; 16])), move || other.send(1).unwrap());
        drop(say);
        assert_eq!(said.recv(), Ok(1));
        drop(release);
        assert_eq!(said.iter().collect::<Vec<_>>(), [10, 11, 12]);
    }
}
