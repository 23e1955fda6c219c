//! What the backend reports of storage.

use crate::i18n::{gettext, gettext_f};
use crate::model::storage::{
    PoolAction, PoolKey, Proof, ProofAnswer, StorageChange, StorageEvent, StorageReply, StorageStep,
};
use crate::model::{Failure, HostId, JobId, Reply};
use crate::storage::UseIndex;
use crate::ui::host::storage::{StorageInput, XmlNews};
use crate::ui::labels;
use crate::ui::widgets::Stays;

use crate::ui::pool_wizard::{Setting, WizardInput};

use super::StoragePending;
use crate::ui::app::App;
use crate::ui::app::failures::Pending;

/// What is to be shown anew after a batch of events.
#[derive(Default)]
pub(in crate::ui::app) struct Dirty {
    /// Pools, proofs or uses: all windows, as each shows what its pools are elsewhere.
    pub(in crate::ui::app) all: bool,
    /// The volumes of these pools.
    pub(super) volumes: Vec<PoolKey>,
}

impl App {
    pub(in crate::ui::app) fn storage_happened(&mut self, event: StorageEvent, dirty: &mut Dirty) {
        if let StorageEvent::Stepped { job, step } = event {
            self.storage_stepped(job, step);
            return;
        }
        for change in self.storage.inventory.apply(event) {
            match change {
                StorageChange::Pools(_) | StorageChange::Proofs => dirty.all = true,
                StorageChange::Uses(_) => {
                    self.storage.index = UseIndex::new(self.storage.inventory.all_uses());
                    dirty.all = true;
                }
                // Those of other pools may build on them.
                StorageChange::Volumes(_) => {
                    dirty.volumes.extend(self.storage.looking.values().flatten());
                }
            }
        }
    }

    /// Tells the open windows what is different.
    pub(in crate::ui::app) fn show_dirty(&mut self, dirty: &Dirty) {
        if !self.storage.looking.is_empty() && dirty.all {
            self.ask_hosts();
        }
        if dirty.all {
            self.tell_wizard_hosts();
        }
        let looking: Vec<(HostId, Option<PoolKey>)> =
            self.storage.looking.iter().map(|(host, pool)| (*host, *pool)).collect();
        for (host, pool) in looking {
            match pool {
                _ if dirty.all => self.show_storage(host),
                Some(pool) if dirty.volumes.contains(&pool) => self.show_volumes(host, pool),
                Some(_) | None => {}
            }
        }
    }

    fn storage_stepped(&mut self, job: JobId, step: StorageStep) {
        match step {
            StorageStep::Progress(progress) => self.task_stepped(job, progress),
            StorageStep::Pool { host, step, result } if self.is_wizards(job) => {
                self.tell_wizard(WizardInput::Happened(Setting::Stepped(host, step, result)));
            }
            StorageStep::Proved { host, answer } if self.is_wizards(job) => {
                self.tell_wizard(WizardInput::Happened(Setting::Saw(host, answer)));
            }
            StorageStep::Pool { .. } | StorageStep::Proved { .. } => {}
        }
    }

    fn is_wizards(&self, job: JobId) -> bool {
        let pending = self.pending.get(&job);
        let own = [StoragePending::Create, StoragePending::WizardProof, StoragePending::Undo];
        own.into_iter().any(|own| pending == Some(&Pending::Storage(own)))
    }

    /// What the wizard waits for.
    fn wizard_replied(&self, pending: &StoragePending, reply: Result<StorageReply, Failure>) {
        let setting = match (pending, reply) {
            (StoragePending::Discover, Ok(StorageReply::Discovered(found))) => {
                self.tell_wizard(WizardInput::Discovered(Ok(found)));
                return;
            }
            (StoragePending::Discover, Err(failure)) => {
                self.tell_wizard(WizardInput::Discovered(Err(failure)));
                return;
            }
            (StoragePending::Twin, Ok(StorageReply::Xml(xml))) => {
                self.tell_wizard(WizardInput::XmlRead(Ok(xml)));
                return;
            }
            (StoragePending::Twin, Err(failure)) => {
                self.tell_wizard(WizardInput::XmlRead(Err(failure)));
                return;
            }
            (StoragePending::Create, Ok(StorageReply::PoolCreated(done))) => {
                Setting::Created(Ok(done))
            }
            (StoragePending::Create, Err(failure)) => Setting::Created(Err(failure)),
            (StoragePending::WizardProof, Ok(StorageReply::Proved(proof))) => {
                Setting::Proved(Ok(proof))
            }
            (StoragePending::WizardProof, Err(failure)) => Setting::Proved(Err(failure)),
            (StoragePending::Undo, Ok(StorageReply::Undone(undone))) => Setting::Undone(Ok(undone)),
            (StoragePending::Undo, Err(failure)) => Setting::Undone(Err(failure)),
            _ => return,
        };
        self.tell_wizard(WizardInput::Happened(setting));
    }

    pub(in crate::ui::app) fn storage_replied(
        &mut self,
        job: JobId,
        pending: &StoragePending,
        reply: Reply,
    ) {
        match (pending, reply) {
            (StoragePending::Task(_, pools), reply) => self.task_ended(job, pools, Ok(reply)),
            (StoragePending::Xml(pool), Reply::Storage(StorageReply::Xml(xml))) => {
                self.tell_storage(pool.host, StorageInput::Xml(*pool, XmlNews::Read(xml)));
            }
            (StoragePending::Redefine(pool), _) => {
                self.tell_storage(pool.host, StorageInput::Xml(*pool, XmlNews::Taken));
            }
            (StoragePending::Prove(pool), Reply::Storage(StorageReply::Proved(proof))) => {
                let (text, stays) = self.proof_told(&proof);
                self.tell_storage(pool.host, StorageInput::Told(text, stays));
            }
            (StoragePending::Offer(host), Reply::Storage(StorageReply::Offer(offer))) => {
                self.storage.offers.told(*host, Ok(*offer));
                self.tell_wizard_hosts();
            }
            (StoragePending::Disks(host), _) => self.disks_read(*host, true),
            (StoragePending::LeftBehind(host, pool), Reply::Storage(reply)) => {
                self.tell_left_behind(*host, pool, reply);
            }
            (pending, Reply::Storage(reply)) => self.wizard_replied(pending, Ok(reply)),
            _ => {}
        }
    }

    /// What a proof showed, and what it left behind. It stays until it is closed, unless all is well.
    pub(super) fn proof_told(&self, proof: &Proof) -> (String, Stays) {
        let left = proof.left.as_ref().map(labels::storage_failure::proof_left);
        let parts: Vec<String> = std::iter::once(self.proof_text(proof)).chain(left).collect();
        (parts.join(". "), Stays::after(proof.holds()))
    }

    /// What a proof showed, in one line: the worst of it.
    fn proof_text(&self, proof: &Proof) -> String {
        let pool = self.pool_name(proof.writer);
        let host = |key: &PoolKey| self.host_name(key.host);
        let other = proof
            .answers
            .iter()
            .find(|(_, answer)| matches!(answer, ProofAnswer::NotThere | ProofAnswer::Different));
        if let Some((key, _)) = other {
            let values = [("pool", &*pool), ("host", &*host(key))];
            return gettext_f("Not shared: {pool} is other storage on {host}", &values);
        }
        let failed = proof.answers.iter().find_map(|(key, answer)| match answer {
            ProofAnswer::Failed(failure) => Some((key, failure)),
            ProofAnswer::Wrote
            | ProofAnswer::Same
            | ProofAnswer::NotThere
            | ProofAnswer::Different => None,
        });
        if let Some((key, failure)) = failed {
            let why = labels::storage_failure::headline(failure);
            return gettext_f("Not tried on {host}: {why}", &[("host", &host(key)), ("why", &why)]);
        }
        let names: Vec<String> = proof.answers.iter().map(|(key, _)| host(key)).collect();
        gettext_f(
            "Proved: {pool} is shared with {hosts}",
            &[("pool", &pool), ("hosts", &names.join(", "))],
        )
    }

    pub(in crate::ui::app) fn storage_failed(
        &mut self,
        job: JobId,
        pending: &StoragePending,
        failure: Failure,
    ) {
        match pending {
            StoragePending::Task(_, pools) => self.task_ended(job, pools, Err(failure)),
            StoragePending::Pools(host) => {
                self.storage.asked.remove(host);
                self.tell_storage(
                    *host,
                    StorageInput::Pools(crate::ui::views::storage::PoolsView::Failed(failure)),
                );
            }
            StoragePending::Act(pool, action) => {
                let title = self.action_title(*pool, *action);
                self.tell_storage(pool.host, StorageInput::Failed(title, failure));
            }
            StoragePending::Xml(pool) => {
                let values = [("pool", &*self.pool_name(*pool))];
                let title = gettext_f("XML of {pool} not read", &values);
                self.tell_storage(pool.host, StorageInput::Failed(title, failure));
            }
            StoragePending::Redefine(pool) => {
                self.tell_storage(pool.host, StorageInput::Xml(*pool, XmlNews::Refused(failure)));
            }
            StoragePending::Prove(pool) => {
                let title = gettext("Not tried whether it is shared");
                self.tell_storage(pool.host, StorageInput::Failed(title, failure));
            }
            StoragePending::Create
            | StoragePending::Discover
            | StoragePending::Twin
            | StoragePending::WizardProof
            | StoragePending::Undo => self.wizard_replied(pending, Err(failure)),
            StoragePending::LeftBehind(host, pool) => self.left_behind_failed(*host, pool, failure),
            StoragePending::Offer(host) => {
                self.storage.offers.told(*host, Err(failure));
                self.tell_wizard_hosts();
            }
            StoragePending::Disks(host) => {
                tracing::debug!(?failure, "disks not read");
                self.disks_read(*host, false);
            }
            StoragePending::Quiet => tracing::debug!(?failure, "not shown"),
        }
    }

    fn disks_read(&mut self, host: HostId, well: bool) {
        let connected = self.inventory.host(host).is_some_and(|host| host.state.is_connected());
        let known = !self.storage.rereading.failed().contains(&host);
        if connected && known != well {
            self.storage.rereading.read(host, well);
            let looking: Vec<HostId> = self.storage.looking.keys().copied().collect();
            looking.into_iter().for_each(|host| self.show_storage(host));
        }
    }

    fn action_title(&self, pool: PoolKey, action: PoolAction) -> String {
        let values = [("pool", &*self.pool_name(pool))];
        match action {
            PoolAction::Start => gettext_f("{pool} not started", &values),
            PoolAction::Stop => gettext_f("{pool} not stopped", &values),
            PoolAction::SetAutostart(_) => gettext_f("{pool} not changed", &values),
            PoolAction::Refresh => gettext_f("{pool} not refreshed", &values),
            PoolAction::Build(_) => gettext_f("{pool} not built", &values),
            PoolAction::Undefine => gettext_f("{pool} not deleted", &values),
            PoolAction::DeleteContents => gettext_f("Contents of {pool} not deleted", &values),
        }
    }
}
