//! Work that waits in line for one of a few threads. The threads come with the work and go with it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

type Task = Box<dyn FnOnce() + Send>;

/// A line of tasks.
#[derive(Clone)]
pub(crate) struct Lane {
    line: Arc<Mutex<Line>>,
    width: usize,
}

#[derive(Default)]
struct Line {
    tasks: VecDeque<Task>,
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

    /// Puts a task at the end of the line. Never waits.
    pub(crate) fn run(&self, task: impl FnOnce() + Send + 'static) {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        line.tasks.push_back(Box::new(task));
        if line.threads == self.width {
            return;
        }
        line.threads += 1;
        drop(line);
        let lane = self.clone();
        let spawned = std::thread::Builder::new().name("vireo-call".into()).spawn(move || {
            while let Some(task) = lane.next() {
                task();
            }
        });
        if let Err(error) = spawned {
            tracing::error!(%error, "no thread");
        }
    }

    /// The next task; without one the thread that asks is counted out.
    fn next(&self) -> Option<Task> {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        let task = line.tasks.pop_front();
        if task.is_none() {
            line.threads -= 1;
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
        lane.run(move || assert!(hang.recv().is_err()));
        for number in 0..5 {
            let say = say.clone();
            lane.run(move || say.send(number).unwrap());
        }
        drop(say);
        assert_eq!(said.iter().collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
        drop(release);
    }
}
