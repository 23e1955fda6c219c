//! What the pool wizard began and was closed over: it is told where the wizard was opened.

use crate::backend::StorageRequest;
use crate::i18n::gettext_f;
use crate::model::storage::{HostOutcome, PoolStep, StorageReply, Undone};
use crate::model::{Failure, FailureKind, HostId, JobId};
use crate::ui::host::storage::StorageInput;
use crate::ui::labels;
use crate::ui::widgets::{Stays, toast_for};

use super::StoragePending;
use crate::ui::app::App;
use crate::ui::app::failures::Pending;

impl App {
    /// The wizard wants no further step.
    pub(super) fn stop_wizard(&mut self) {
        let stopped = [StoragePending::Create, StoragePending::WizardProof].map(Pending::Storage);
        let under_way = self.pending.iter().filter(|(_, pending)| stopped.contains(pending));
        let jobs: Vec<JobId> = under_way.map(|(job, _)| *job).collect();
        for job in jobs {
            self.ask_storage(StoragePending::Quiet, StorageRequest::Cancel(job));
        }
    }

    /// The wizard is gone; a new one must not hear of its jobs.
    pub(super) fn wizard_closed(&mut self) {
        let Some(closed) = self.storage.dialogs.wizard.take() else { return };
        for pending in self.pending.values_mut() {
            let Pending::Storage(what) = pending else { continue };
            match what {
                StoragePending::Create | StoragePending::WizardProof | StoragePending::Undo => {
                    *what = StoragePending::LeftBehind(closed.host, closed.pool.clone());
                }
                StoragePending::Discover => *what = StoragePending::Quiet,
                _ => {}
            }
        }
    }

    pub(super) fn tell_left_behind(&self, host: HostId, pool: &str, reply: StorageReply) {
        let (text, stays) = match reply {
            StorageReply::PoolCreated(outcomes) => {
                let done = outcomes.iter().all(|outcome| outcome.failed.is_none());
                (self.created_text(pool, &outcomes), Stays::after(done))
            }
            StorageReply::Proved(proof) => self.proof_told(&proof),
            StorageReply::Undone(undone) => {
                let done = undone.iter().all(|undone| undone.left.is_empty());
                (self.undone_text(pool, &undone), Stays::after(done))
            }
            _ => return,
        };
        self.tell_where_it_began(host, &text, stays);
    }

    pub(super) fn left_behind_failed(&self, host: HostId, pool: &str, failure: Failure) {
        let values = [("pool", pool)];
        if failure.kind == FailureKind::Cancelled {
            self.tell_where_it_began(
                host,
                &gettext_f("Setting up {pool} was stopped", &values),
                Stays::Briefly,
            );
            return;
        }
        let title = gettext_f("{pool} could not be set up everywhere", &values);
        if self.windows.host(host).is_some() {
            self.tell_storage(host, StorageInput::Failed(title, failure));
        } else {
            self.toast_failure(&title, failure);
        }
    }

    /// In the window of the host; over the main window, when that one is closed.
    fn tell_where_it_began(&self, host: HostId, text: &str, stays: Stays) {
        if self.windows.host(host).is_some() {
            self.tell_storage(host, StorageInput::Told(text.to_owned(), stays));
        } else {
            self.toasts.add_toast(toast_for(text, stays));
        }
    }

    fn created_text(&self, pool: &str, outcomes: &[HostOutcome]) -> String {
        if outcomes.iter().all(|outcome| outcome.failed.is_none()) {
            return gettext_f("{pool} is set up", &[("pool", pool)]);
        }
        let done = outcomes.iter().filter(|outcome| !outcome.done.is_empty());
        let kept = done.map(|outcome| self.steps_on(outcome.host, outcome.done.iter().copied()));
        let kept = kept.collect::<Vec<_>>().join("; ");
        if kept.is_empty() {
            return gettext_f("{pool} was not set up; nothing stays", &[("pool", pool)]);
        }
        gettext_f(
            "{pool} was not set up everywhere. It stays: {kept}",
            &[("pool", pool), ("kept", &kept)],
        )
    }

    fn undone_text(&self, pool: &str, undone: &[Undone]) -> String {
        let left = undone.iter().filter(|undone| !undone.left.is_empty());
        let left = left
            .map(|undone| self.steps_on(undone.host, undone.left.iter().map(|(step, _)| *step)));
        let left = left.collect::<Vec<_>>().join("; ");
        if left.is_empty() {
            return gettext_f("{pool} was taken back", &[("pool", pool)]);
        }
        gettext_f("{pool} was not all taken back: {left}", &[("pool", pool), ("left", &left)])
    }

    /// `lab-a: Define, Start`.
    fn steps_on(&self, host: HostId, steps: impl Iterator<Item = PoolStep>) -> String {
        let steps: Vec<String> = steps.map(labels::storage::step).collect();
        format!("{}: {}", self.host_name(host), steps.join(", "))
    }
}
