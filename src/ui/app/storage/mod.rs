//! Storage from the window: what is read when somebody looks, what is shown of it, what is done.

mod dialogs;
mod jobs;
mod leaving;
mod left_behind;
mod news;
mod offers;
mod rereading;
mod shown;

use std::collections::{HashMap, HashSet};

use relm4::{ComponentController, ComponentSender, gtk};

use crate::backend::{RequestBody, StorageRequest};
use crate::i18n::{gettext, gettext_f};
use crate::model::storage::{PoolAction, PoolKey, StorageInventory};
use crate::model::{Change, ConnectionState, Failure, HostId, Inspection, PoolUuid};
use crate::storage::{Tasks, UseIndex, loses_volumes};
use crate::ui::host::HostInput;
use crate::ui::host::storage::{StorageInput, StorageOutput, XmlChange};
use crate::ui::widgets::Stays;
use crate::ui::{error_details, labels};

use super::failures::Pending;
use super::{App, AppOutcome};
use dialogs::Dialogs;
use offers::Offers;
use rereading::Rereading;
use shown::Known;

pub use dialogs::StorageDialogOutput;
pub(super) use news::Dirty;

/// What the root knows of storage.
#[derive(Default)]
pub(super) struct Storage {
    inventory: StorageInventory,
    index: UseIndex,
    rereading: Rereading,
    /// Hosts whose pools were asked for since they were connected.
    asked: HashSet<HostId>,
    /// Hosts whose storage tab is open, and the pool whose volumes it shows.
    looking: HashMap<HostId, Option<PoolKey>>,
    offers: Offers,
    tasks: Tasks,
    dialogs: Dialogs,
}

/// A request about storage that is under way, and what it was for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum StoragePending {
    /// A host's pools.
    Pools(HostId),
    /// The disks of a host's guests.
    Disks(HostId),
    /// What a window shows by and by, and says itself when it is missing.
    Quiet,
    /// What a host can set up.
    Offer(HostId),
    /// A small thing done to a pool.
    Act(PoolKey, PoolAction),
    /// The text of a pool.
    Xml(PoolKey),
    /// Another text for a pool.
    Redefine(PoolKey),
    /// Whether a pool is shared.
    Prove(PoolKey),
    /// A job that has a card: this host is at work, these pools will be others.
    Task(Option<HostId>, Vec<PoolKey>),
    /// The wizard's pool.
    Create,
    /// The text of the pool that the wizard is to set up on other hosts, too.
    Twin,
    /// The wizard's search for sources.
    Discover,
    /// Whether the wizard's pool is shared.
    WizardProof,
    /// The wizard's pool taken back.
    Undo,
    /// What a wizard began that was closed since: from the window of this host, with a pool of this name.
    LeftBehind(HostId, String),
}

impl App {
    fn known(&self) -> Known<'_> {
        Known {
            inventory: &self.inventory,
            storage: &self.storage.inventory,
            unread: self.storage.rereading.failed(),
        }
    }

    pub(super) fn ask_storage(&mut self, pending: StoragePending, request: StorageRequest) {
        self.ask_for(Pending::Storage(pending), RequestBody::Storage(request));
    }

    pub(super) fn storage_said(
        &mut self,
        host: HostId,
        output: StorageOutput,
        sender: &ComponentSender<Self>,
    ) {
        match output {
            StorageOutput::Look => self.look(host),
            StorageOutput::ShowPool(pool) => self.show_pool(host, pool),
            StorageOutput::Act(pool, action) => self.act_on_pool(pool, action),
            StorageOutput::ReadXml(pool) => {
                self.ask_storage(StoragePending::Xml(pool), StorageRequest::PoolXml(pool));
            }
            StorageOutput::Redefine(pool, change) => {
                let XmlChange { before, after: xml } = change;
                let request = StorageRequest::Redefine { pool, before, xml };
                self.ask_storage(StoragePending::Redefine(pool), request);
            }
            StorageOutput::Prove(pool) => self.prove(pool),
            StorageOutput::AddPool(None) => self.open_wizard(host, sender),
            StorageOutput::AddPool(Some((pool, there))) => self.open_twin(pool, there, sender),
            StorageOutput::NewVolume(pool) => self.open_volume(pool, None, sender),
            StorageOutput::Upload(pool, file) => self.open_volume(pool, Some(file), sender),
            StorageOutput::Copy(volume) => self.open_copy(volume, sender),
            StorageOutput::Change(volumes, change) => self.change_volumes(volumes, change),
            StorageOutput::Details(title, failure) => self.show_failure(host, &title, &failure),
        }
    }

    /// Somebody looks at a host's storage: what is known is shown, and what is not is asked for, of the other hosts, too.
    fn look(&mut self, host: HostId) {
        self.storage.looking.entry(host).or_default();
        self.ask_hosts();
        self.show_storage(host);
    }

    /// Asks the connected hosts for their pools and the disks of their guests, each once.
    pub(in crate::ui::app) fn ask_hosts(&mut self) {
        let connected = self.inventory.hosts().filter(|(_, host)| host.state.is_connected());
        let new: Vec<HostId> =
            connected.map(|(id, _)| id).filter(|id| !self.storage.asked.contains(id)).collect();
        for host in new {
            self.storage.asked.insert(host);
            self.ask_storage(StoragePending::Pools(host), StorageRequest::ListPools(host));
            self.ask_disks(host);
        }
    }

    /// What is known by proofs of the pools that matter to a move.
    pub(in crate::ui::app) fn proofs(
        &self,
        found: &Inspection,
        source: HostId,
        destination: HostId,
    ) -> Vec<(PoolUuid, PoolUuid, bool)> {
        let known = |(here, there)| {
            let (one, other) =
                (PoolKey { host: source, uuid: here }, PoolKey { host: destination, uuid: there });
            Some((here, there, self.storage.inventory.proof(one, other)?))
        };
        found.pools().filter_map(known).collect()
    }

    fn ask_disks(&mut self, host: HostId) {
        self.ask_storage(StoragePending::Disks(host), StorageRequest::ListDisks(host));
    }

    fn show_pool(&mut self, host: HostId, pool: Option<PoolKey>) {
        let before = self.storage.looking.insert(host, pool).flatten();
        if let Some(before) = before.filter(|&before| Some(before) != pool) {
            self.ask_storage(StoragePending::Quiet, StorageRequest::ForgetVolumes(before));
        }
        if let Some(pool) = pool {
            self.ask_storage(StoragePending::Quiet, StorageRequest::ListVolumes(pool));
            self.show_volumes(host, pool);
        }
    }

    /// A window is closed.
    pub(super) fn look_away(&mut self, host: HostId) {
        if let Some(Some(pool)) = self.storage.looking.remove(&host) {
            self.ask_storage(StoragePending::Quiet, StorageRequest::ForgetVolumes(pool));
        }
    }

    fn act_on_pool(&mut self, pool: PoolKey, action: PoolAction) {
        let kind = self.storage.inventory.pool(pool).map(|record| record.pool.kind());
        let request = if kind.is_some_and(|kind| loses_volumes(kind, action)) {
            StorageRequest::Destroy { pool, action, hosts: self.known().hosts_of(pool) }
        } else {
            StorageRequest::Act { pool, action }
        };
        self.ask_storage(StoragePending::Act(pool, action), request);
        if action == PoolAction::Refresh {
            for host in self.storage.asked.clone() {
                self.ask_disks(host);
            }
        }
    }

    fn prove(&mut self, pool: PoolKey) {
        let pools = self.known().to_prove(pool);
        self.ask_storage(StoragePending::Prove(pool), StorageRequest::Prove(pools));
        let name = self.pool_name(pool);
        let text = gettext_f("Trying whether {pool} is shared…", &[("pool", &name)]);
        self.tell_storage(pool.host, StorageInput::Told(text, Stays::Briefly));
    }

    /// The pools and volumes of a host, for its window.
    fn show_storage(&self, host: HostId) {
        self.tell_storage(host, StorageInput::Pools(self.known().pools(host)));
        if let Some(Some(pool)) = self.storage.looking.get(&host) {
            self.show_volumes(host, *pool);
        }
    }

    fn show_volumes(&self, host: HostId, pool: PoolKey) {
        if let Some(volumes) = self.known().volumes(pool, &self.storage.index) {
            self.tell_storage(host, StorageInput::Volumes(pool, volumes));
        }
    }

    fn tell_storage(&self, host: HostId, input: StorageInput) {
        if let Some(window) = self.windows.host(host) {
            window.emit(HostInput::Storage(input));
        }
    }

    /// All of a failure, over the window in which it was told.
    fn show_failure(&self, host: HostId, title: &str, failure: &Failure) {
        let text = labels::storage_failure::paragraph(failure);
        let label = gettext("Message from libvirt");
        if let Some(window) = self.windows.host(host) {
            error_details::show(window.widget(), title, &text, &label, &failure.message);
        }
    }

    fn pool_name(&self, pool: PoolKey) -> String {
        let record = self.storage.inventory.pool(pool);
        record.map(|record| record.pool.name().to_owned()).unwrap_or_else(|| gettext("the pool"))
    }

    fn host_name(&self, host: HostId) -> String {
        self.inventory.host(host).map(|host| host.name().to_owned()).unwrap_or_default()
    }

    /// A connection opened or closed.
    pub(super) fn storage_connection(&mut self, host: HostId, state: &ConnectionState) -> bool {
        if !state.is_connected() {
            self.storage.asked.remove(&host);
            self.storage.offers.forget(host);
            self.storage.rereading.forget(host);
        }
        let changes = self.storage.inventory.connection_changed(host, state);
        self.storage.index = UseIndex::new(self.storage.inventory.all_uses());
        !changes.is_empty() || state.is_connected()
    }

    /// Guests of a host came, went, started, stopped or were defined anew: their disks may be others.
    pub(super) fn disks_changed(&mut self, host: HostId) {
        if self.storage.asked.contains(&host) {
            self.storage.rereading.changed(host);
        }
    }

    /// Waits until disks are to be read again, while somebody looks.
    pub(super) fn wait_for_disks(&mut self, sender: &ComponentSender<Self>) {
        if self.storage.looking.is_empty() {
            return;
        }
        if let Some(wait) = self.storage.rereading.wait() {
            let outcome = sender.command_sender().clone();
            gtk::glib::timeout_add_local_once(wait, move || outcome.emit(AppOutcome::DisksDue));
        }
    }

    pub(super) fn disks_due(&mut self) {
        for host in self.storage.rereading.take() {
            self.ask_disks(host);
        }
    }

    /// Those that run write to their disks.
    pub(super) fn storage_guests(&self, changes: &[Change], dirty: &mut Dirty) {
        for change in changes {
            match change {
                Change::GuestsChanged(..) => {
                    dirty.volumes.extend(self.storage.looking.values().flatten());
                }
                Change::GuestsAdded(..)
                | Change::GuestsRemoved(..)
                | Change::HostAdded(_)
                | Change::HostChanged(_)
                | Change::HostRemoved(_)
                | Change::Sampled(_) => {}
            }
        }
    }
}
