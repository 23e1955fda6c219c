//! Questions that wait for the user.

use std::collections::HashMap;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::host::Host;
use super::request::Answer;
use crate::model::{Event, JobId, Question};

/// How long a question waits before it counts as given up.
const PATIENCE: Duration = Duration::from_secs(300);

/// How often a waiting question looks whether its host was closed.
const LOOK: Duration = Duration::from_millis(100);

/// The questions that are open.
#[derive(Debug, Default)]
pub(crate) struct Questions {
    open: Mutex<HashMap<JobId, SyncSender<Answer>>>,
}

impl Questions {
    /// Asks the user and waits; `None` when they give up, the host is closed or time runs out.
    pub(crate) fn ask(&self, host: &Host, question: &Question) -> Option<Vec<String>> {
        let job = host.shared.next_job();
        let (sender, answer) = sync_channel(1);
        self.lock().insert(job, sender);
        host.report(Event::Asked { host: host.id, job, question: question.clone() });
        let asked = Instant::now();
        let answer = loop {
            match answer.recv_timeout(LOOK) {
                Ok(Answer(answer)) => break answer,
                Err(RecvTimeoutError::Disconnected) => break None,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if host.is_closed() || asked.elapsed() > PATIENCE {
                break None;
            }
        };
        self.lock().remove(&job);
        answer
    }

    /// Hands an answer to whoever waits for it; whether somebody did.
    pub(crate) fn answer(&self, job: JobId, answer: Answer) -> bool {
        self.lock().remove(&job).is_some_and(|sender| sender.try_send(answer).is_ok())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<JobId, SyncSender<Answer>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
