//! The windows that set up pools and make volumes: opened here, one of each at a time.

use std::path::PathBuf;

use relm4::adw::prelude::*;
use relm4::{Component, ComponentController, ComponentSender, Controller, gtk};

use crate::backend::{StorageRequest, new_uuid};
use crate::model::storage::{PoolKey, VolumeKey};
use crate::model::{HostId, SecretUuid};
use crate::storage::images_directory;
use crate::ui::copy_dialog::draft::CopyDraft;
use crate::ui::copy_dialog::{CopyDialog, CopyOutput};
use crate::ui::pool_wizard::{PoolWizard, Twin, WizardInit, WizardInput, WizardOutput};
use crate::ui::views::storage::VolumeView;
use crate::ui::volume_dialog::base::Base;
use crate::ui::volume_dialog::{VolumeDialog, VolumeInit, VolumeOutput};

use super::StoragePending;
use crate::ui::app::{App, AppInput};

/// The open dialogs.
#[derive(Default)]
pub(super) struct Dialogs {
    pub(super) wizard: Option<OpenWizard>,
    volume: Option<Controller<VolumeDialog>>,
    copy: Option<Controller<CopyDialog>>,
}

/// The open pool wizard.
pub(super) struct OpenWizard {
    /// The host from whose window it was opened.
    pub(super) host: HostId,
    /// The host that is first in its list.
    first: HostId,
    /// The name of the pool, once it is being set up.
    pub(super) pool: String,
    wizard: Controller<PoolWizard>,
}

/// What a dialog of storage asks for.
#[derive(Debug)]
pub enum StorageDialogOutput {
    /// From the pool wizard.
    Wizard(WizardOutput),
    /// From New Volume.
    Volume(VolumeOutput),
    /// From the dialog that copies.
    Copy(CopyOutput),
}

impl App {
    pub(super) fn open_wizard(&mut self, host: HostId, sender: &ComponentSender<Self>) {
        self.launch_wizard(host, host, None, sender);
    }

    /// The wizard for a pool that is to be on another host, too.
    pub(super) fn open_twin(
        &mut self,
        pool: PoolKey,
        there: HostId,
        sender: &ComponentSender<Self>,
    ) {
        let Some(record) = self.storage.inventory.pool(pool) else { return };
        let twin = Twin::new(&record.pool);
        self.launch_wizard(pool.host, there, Some(twin), sender);
        self.ask_storage(StoragePending::Twin, StorageRequest::PoolXml(pool));
    }

    /// Opens the wizard over the window of `host`, for pools on `first`.
    fn launch_wizard(
        &mut self,
        host: HostId,
        first: HostId,
        twin: Option<Twin>,
        sender: &ComponentSender<Self>,
    ) {
        self.storage.offers.forget_failures();
        self.ask_offers();
        let uri = self.inventory.host(first).map(|host| host.spec.uri.as_str()).unwrap_or_default();
        let data = gtk::glib::user_data_dir().display().to_string();
        let init = WizardInit {
            images: images_directory(uri, &data),
            twin,
            hosts: self.known().hosts(first, &self.storage.offers),
            pool: new_uuid(),
            secret: new_uuid(),
        };
        let wizard = PoolWizard::builder().launch(init).forward(sender.input_sender(), |output| {
            AppInput::StorageDialog(StorageDialogOutput::Wizard(output))
        });
        self.present_over(host, wizard.widget());
        self.storage.dialogs.wizard = Some(OpenWizard { host, first, pool: String::new(), wizard });
    }

    /// Asks each connected host once what it can set up.
    fn ask_offers(&mut self) {
        let connected = self.inventory.hosts().filter(|(_, host)| host.state.is_connected());
        let new = self.storage.offers.unasked(connected.map(|(id, _)| id));
        for host in new {
            self.ask_storage(StoragePending::Offer(host), StorageRequest::Offer(host));
        }
    }

    /// Keeps the wizard's list of hosts current; one that came is asked, too.
    pub(super) fn tell_wizard_hosts(&mut self) {
        if self.storage.dialogs.wizard.is_some() {
            self.ask_offers();
        }
        if let Some(OpenWizard { first, wizard, .. }) = &self.storage.dialogs.wizard {
            let hosts = self.known().hosts(*first, &self.storage.offers);
            wizard.emit(WizardInput::HostsChanged(hosts));
        }
    }

    pub(super) fn tell_wizard(&self, input: WizardInput) {
        if let Some(OpenWizard { wizard, .. }) = &self.storage.dialogs.wizard {
            wizard.emit(input);
        }
    }

    pub(super) fn open_volume(
        &mut self,
        pool: PoolKey,
        file: Option<PathBuf>,
        sender: &ComponentSender<Self>,
    ) {
        self.ask_offers();
        let Some(record) = self.storage.inventory.pool(pool) else { return };
        let formats = self.storage.offers.kind(pool.host, record.pool.kind());
        let taken = record.volumes.iter().flatten().map(|(name, _)| name.clone()).collect();
        let hosts = self.known().sure_hosts_of(pool);
        let init = VolumeInit {
            pool: record.pool.clone(),
            host: self.host_name(pool.host),
            taken,
            bases: self.bases(pool),
            shared_with: hosts.into_iter().map(|host| (host, self.host_name(host))).collect(),
            formats: formats.map(|kind| kind.volume_formats.clone()).unwrap_or_default(),
            secret: new_uuid(),
            file,
        };
        let dialog =
            VolumeDialog::builder().launch(init).forward(sender.input_sender(), |output| {
                AppInput::StorageDialog(StorageDialogOutput::Volume(output))
            });
        self.present_over(pool.host, dialog.widget());
        self.storage.dialogs.volume = Some(dialog);
    }

    /// The volumes of a pool on which another can build.
    fn bases(&self, pool: PoolKey) -> Vec<Base> {
        let views = self.known().volumes(pool, &self.storage.index).unwrap_or_default();
        let base = |view: VolumeView| {
            Base::of(&view.volume, view.users.iter().map(|user| user.guest.to_string()).collect())
        };
        views.into_iter().filter_map(base).collect()
    }

    pub(super) fn open_copy(&mut self, volume: VolumeKey, sender: &ComponentSender<Self>) {
        let known = self.known();
        let views = known.volumes(volume.pool, &self.storage.index).unwrap_or_default();
        let view = views.into_iter().find(|view| view.volume.name == volume.name);
        let Some((view, details)) = view.and_then(|view| {
            let details = view.volume.details.clone()?;
            Some((view, details))
        }) else {
            return;
        };
        let users = view.users.iter().map(|user| user.guest.to_string()).collect();
        let writers = view.writers();
        let base = details.backing.as_ref().map(|base| base.path.as_str());
        let base_at = base.map(|path| known.hosts_with(path)).unwrap_or_default();
        let (hosts, choices) = (known.hosts_of(volume.pool), known.choices(volume.pool.host));
        let host = volume.pool.host;
        let draft = CopyDraft::new(volume, *details, users, hosts, choices, SecretUuid(new_uuid()));
        let draft = CopyDraft { writers, base_at, ..draft };
        let dialog = CopyDialog::builder().launch(draft).forward(sender.input_sender(), |output| {
            AppInput::StorageDialog(StorageDialogOutput::Copy(output))
        });
        self.present_over(host, dialog.widget());
        self.storage.dialogs.copy = Some(dialog);
    }

    /// Shows a dialog over the window of its host.
    fn present_over(&self, host: HostId, dialog: &impl IsA<gtk::Window>) {
        let window = self.windows.host(host).map(|window| window.widget().clone().upcast());
        let window: gtk::Window = window.unwrap_or_else(|| self.window.clone().upcast());
        dialog.set_transient_for(Some(&window));
        dialog.present();
    }

    pub(in crate::ui::app) fn storage_dialog_said(&mut self, output: StorageDialogOutput) {
        match output {
            StorageDialogOutput::Wizard(output) => self.wizard_said(output),
            StorageDialogOutput::Volume(VolumeOutput::Make(job))
            | StorageDialogOutput::Copy(CopyOutput::Copy(job)) => self.start_task(*job),
            StorageDialogOutput::Volume(VolumeOutput::Closed) => self.storage.dialogs.volume = None,
            StorageDialogOutput::Copy(CopyOutput::Closed) => self.storage.dialogs.copy = None,
        }
    }

    fn wizard_said(&mut self, output: WizardOutput) {
        match output {
            WizardOutput::Create(wish) => {
                if let Some(open) = &mut self.storage.dialogs.wizard {
                    open.pool.clone_from(&wish.definition.name);
                }
                self.ask_storage(StoragePending::Create, StorageRequest::CreatePool(wish));
            }
            WizardOutput::Discover(host, wanted) => {
                let request = StorageRequest::Discover { host, wanted };
                self.ask_storage(StoragePending::Discover, request);
            }
            WizardOutput::Prove(pools) => {
                self.ask_storage(StoragePending::WizardProof, StorageRequest::Prove(pools));
            }
            WizardOutput::Undo(steps) => {
                self.ask_storage(StoragePending::Undo, StorageRequest::Undo(steps));
            }
            WizardOutput::Stop => self.stop_wizard(),
            WizardOutput::Closed => self.wizard_closed(),
        }
    }
}
