//! Jobs with volumes: begun here, shown as cards on the page of migrations.

use std::collections::BTreeSet;

use relm4::ComponentController;

use crate::backend::{RequestBody, StorageRequest, VolumeJob};
use crate::i18n::gettext_f;
use crate::model::storage::{PoolAction, PoolKey, StorageProgress, StorageReply, VolumeKey};
use crate::model::{Failure, FailureKind, JobId, Reply};
use crate::storage::{Task, TaskKind, TaskNames, TaskResult};
use crate::ui::host::storage::{StorageInput, VolumeChange};
use crate::ui::labels;
use crate::ui::migrations::MigrationsInput;
use crate::ui::widgets::Stays;

use super::StoragePending;
use crate::ui::app::App;
use crate::ui::app::failures::Pending;

impl App {
    /// Begins what the storage tab asks for.
    pub(super) fn change_volumes(&mut self, volumes: Vec<VolumeKey>, change: VolumeChange) {
        let Some(first) = volumes.first().cloned() else { return };
        let hosts = self.known().hosts_of(first.pool);
        match change {
            VolumeChange::Delete => self.start_task(VolumeJob::Delete { volumes, hosts }),
            VolumeChange::Wipe(algorithm) => {
                for volume in volumes {
                    let hosts = hosts.clone();
                    self.start_task(VolumeJob::Wipe { volume, algorithm, hosts });
                }
            }
            VolumeChange::Resize { capacity, allocate, shrink } => {
                let volume = first;
                self.start_task(VolumeJob::Resize { volume, capacity, allocate, shrink, hosts });
            }
            VolumeChange::Rename(name) => {
                let pool = first.pool;
                self.start_task(VolumeJob::Copy {
                    volume: first,
                    pool,
                    name,
                    and_delete: Some(hosts),
                    secret: None,
                    unless_written: None,
                });
            }
            VolumeChange::Download { file, torn } => {
                let unless_written = (!torn).then_some(hosts);
                self.start_task(VolumeJob::Download { volume: first, file, unless_written });
            }
        }
    }

    /// Begins a job and gives it a card.
    pub(in crate::ui::app) fn start_task(&mut self, job: VolumeJob) {
        let (kind, names) = self.described(&job);
        let pending = StoragePending::Task(job.host(), job.changes());
        let id = self.ask(RequestBody::Storage(StorageRequest::Volume(Box::new(job))));
        self.pending.insert(id, Pending::Storage(pending));
        let now = self.now();
        self.storage.tasks.start(id, kind, names, now);
        self.show_task(id);
    }

    /// What a job does, in names.
    fn described(&self, job: &VolumeJob) -> (TaskKind, TaskNames) {
        let at = |volume: &VolumeKey| TaskNames {
            volume: volume.name.clone(),
            from: self.place(volume.pool),
            ..TaskNames::default()
        };
        match job {
            VolumeJob::Create { pool, definition, .. } => {
                let (volume, from) = (definition.name.clone(), self.place(*pool));
                (TaskKind::Create, TaskNames { volume, from, ..TaskNames::default() })
            }
            VolumeJob::Delete { volumes, .. } => {
                let names = volumes.first().map(at).unwrap_or_default();
                let others = volumes.len().saturating_sub(1);
                (TaskKind::Delete, TaskNames { others, ..names })
            }
            VolumeJob::Resize { volume, .. } => (TaskKind::Resize, at(volume)),
            VolumeJob::Clone { volume, pool, definition, .. } => {
                let to = Some(self.named_place(*pool, &definition.name));
                (TaskKind::Copy, TaskNames { to, ..at(volume) })
            }
            VolumeJob::Copy { volume, pool, name, and_delete, .. } => {
                let kind = match and_delete {
                    Some(_) if volume.pool == *pool => TaskKind::Rename,
                    Some(_) => TaskKind::Move,
                    None => TaskKind::Copy,
                };
                let to = match kind {
                    TaskKind::Rename => name.clone(),
                    _ => self.named_place(*pool, name),
                };
                (kind, TaskNames { to: Some(to), ..at(volume) })
            }
            VolumeJob::Download { volume, file, .. } => {
                let to = Some(file.display().to_string());
                (TaskKind::Download, TaskNames { to, ..at(volume) })
            }
            VolumeJob::Upload { file, pool, definition } => {
                let names = TaskNames {
                    volume: definition.name.clone(),
                    from: file.display().to_string(),
                    to: Some(self.place(*pool)),
                    others: 0,
                };
                (TaskKind::Upload, names)
            }
            VolumeJob::Wipe { volume, .. } => (TaskKind::Wipe, at(volume)),
        }
    }

    /// `images on lab-a`.
    fn place(&self, pool: PoolKey) -> String {
        let values = [("pool", &*self.pool_name(pool)), ("host", &*self.host_name(pool.host))];
        gettext_f("{pool} on {host}", &values)
    }

    fn named_place(&self, pool: PoolKey, volume: &str) -> String {
        let place = self.place(pool);
        gettext_f("{volume} in {place}", &[("volume", volume), ("place", &place)])
    }

    pub(super) fn task_stepped(&mut self, job: JobId, progress: StorageProgress) {
        let now = self.now();
        if self.storage.tasks.step(job, progress, now).is_some() {
            self.show_task(job);
        }
    }

    pub(super) fn task_ended(
        &mut self,
        job: JobId,
        pools: &[PoolKey],
        result: Result<Reply, Failure>,
    ) {
        self.refresh_elsewhere(pools);
        let result = result.map(|reply| match reply {
            Reply::Storage(StorageReply::VolumeCreated { path, .. }) => TaskResult::Created(path),
            Reply::Storage(StorageReply::Transferred(done)) => TaskResult::Transferred(done),
            _ => TaskResult::Done,
        });
        let now = self.now();
        let ended = self.storage.tasks.end(job, result, now).cloned();
        self.show_task(job);
        if let Some(task) = ended {
            self.tell_task_end(&task);
        }
    }

    /// libvirt tells no other host that a shared pool has changed. What failed may have changed it, too.
    fn refresh_elsewhere(&mut self, pools: &[PoolKey]) {
        let known = self.known();
        let stale: BTreeSet<PoolKey> = pools.iter().flat_map(|&pool| known.twins(pool)).collect();
        for pool in stale.into_iter().filter(|pool| !pools.contains(pool)) {
            let action = PoolAction::Refresh;
            self.ask_storage(StoragePending::Quiet, StorageRequest::Act { pool, action });
        }
    }

    /// Says how it ended where the user looks: in the storage tabs that are open, else over the main window.
    fn tell_task_end(&self, task: &Task) {
        let Some(end) = &task.end else { return };
        let title = labels::task::title(task);
        let hosts: Vec<_> = self.storage.looking.keys().copied().collect();
        match &end.result {
            Ok(_) => {
                let text = gettext_f("{job}: done", &[("job", &title)]);
                for host in hosts {
                    self.tell_storage(host, StorageInput::Told(text.clone(), Stays::Briefly));
                }
            }
            Err(failure) if failure.kind == FailureKind::Cancelled => {
                let text = gettext_f("{job}: cancelled", &[("job", &title)]);
                for host in hosts {
                    self.tell_storage(host, StorageInput::Told(text.clone(), Stays::Briefly));
                }
            }
            Err(failure) if hosts.is_empty() => {
                let title = gettext_f("{job}: failed", &[("job", &title)]);
                self.toast_failure(&title, failure.clone());
            }
            Err(failure) => {
                for host in hosts {
                    self.tell_storage(host, StorageInput::Failed(title.clone(), failure.clone()));
                }
            }
        }
    }

    pub(in crate::ui::app) fn cancel_task(&mut self, job: JobId) {
        if self.storage.tasks.cancel(job).is_some() {
            self.ask_storage(StoragePending::Quiet, StorageRequest::Cancel(job));
            self.show_task(job);
        }
    }

    /// Forgets the jobs that are over, and says which.
    pub(in crate::ui::app) fn clear_tasks(&mut self) -> Vec<JobId> {
        self.storage.tasks.clear_finished()
    }

    /// How many jobs are under way.
    pub(in crate::ui::app) fn running_tasks(&self) -> usize {
        self.storage.tasks.running().count()
    }

    fn show_task(&self, job: JobId) {
        if let Some(task) = self.storage.tasks.get(job) {
            self.migrations.emit(MigrationsInput::Task(Box::new(task.clone())));
        }
        self.show_badge();
    }
}
