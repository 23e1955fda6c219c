//! Work with storage that is under way when the program is to end.

use crate::i18n::gettext_f;
use crate::model::HostId;
use crate::model::storage::{PoolAction, PoolKey};
use crate::storage::Parting;
use crate::ui::labels::{self, quitting::Work};

use super::StoragePending;
use crate::ui::app::App;
use crate::ui::app::failures::Pending;

impl App {
    /// All of it, in the order in which it was begun. What stays at hosts of the practice lab is
    /// not told, for nothing does.
    pub(in crate::ui::app) fn storage_work(&self) -> Vec<Work> {
        let mut found: Vec<_> = self
            .pending
            .iter()
            .filter_map(|(&job, pending)| {
                let Pending::Storage(pending) = pending else { return None };
                let (host, work) = match pending {
                    StoragePending::Task(host, _) => {
                        let task = self.storage.tasks.get(job)?;
                        let title = labels::task::title(task);
                        ((*host)?, Work { title, parting: task.parting() })
                    }
                    other => self.pool_work(other)?,
                };
                let told = work.parting == Parting::TakenBack || !self.lab.has(host);
                told.then_some((job, work))
            })
            .collect();
        found.sort_by_key(|(job, _)| *job);
        found.into_iter().map(|(_, work)| work).collect()
    }

    fn pool_work(&self, pending: &StoragePending) -> Option<(HostId, Work)> {
        let wizard = || {
            let open = self.storage.dialogs.wizard.as_ref()?;
            Some((open.host, open.pool.clone()))
        };
        let of = |(host, pool): (HostId, String), parting, title: fn(&[(&str, &str)]) -> String| {
            (host, Work { title: title(&[("pool", &pool)]), parting })
        };
        let setting_up = |values: &[(&str, &str)]| gettext_f("Setting up {pool}", values);
        let proving = |values: &[(&str, &str)]| gettext_f("Proof that {pool} is shared", values);
        let undoing = |values: &[(&str, &str)]| gettext_f("Taking {pool} back", values);
        match pending {
            StoragePending::Create => Some(of(wizard()?, Parting::Stopped, setting_up)),
            StoragePending::LeftBehind(host, pool) => {
                Some(of((*host, pool.clone()), Parting::Stopped, setting_up))
            }
            StoragePending::Undo => Some(of(wizard()?, Parting::MayStay, undoing)),
            StoragePending::WizardProof => Some(of(wizard()?, Parting::TakenBack, proving)),
            StoragePending::Prove(pool) => {
                Some(of((pool.host, self.pool_name(*pool)), Parting::TakenBack, proving))
            }
            StoragePending::Act(pool, action) => {
                let title = self.long_action(*pool, *action)?;
                Some((pool.host, Work { title, parting: Parting::HostEnds }))
            }
            StoragePending::Pools(_)
            | StoragePending::Quiet
            | StoragePending::Twin
            | StoragePending::Disks(_)
            | StoragePending::Offer(_)
            | StoragePending::Xml(_)
            | StoragePending::Redefine(_)
            | StoragePending::Task(..)
            | StoragePending::Discover => None,
        }
    }

    /// What may take a host minutes.
    fn long_action(&self, pool: PoolKey, action: PoolAction) -> Option<String> {
        let values = [("pool", &*self.pool_name(pool))];
        match action {
            PoolAction::Start => Some(gettext_f("Starting {pool}", &values)),
            PoolAction::Stop => Some(gettext_f("Stopping {pool}", &values)),
            PoolAction::Build(_) => Some(gettext_f("Building {pool}", &values)),
            PoolAction::DeleteContents => {
                Some(gettext_f("Deleting the contents of {pool}", &values))
            }
            PoolAction::SetAutostart(_) | PoolAction::Refresh | PoolAction::Undefine => None,
        }
    }
}
