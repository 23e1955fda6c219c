//! Setting a pool up on several hosts, each by itself, and taking it back.

use std::sync::Arc;

use super::jobs::Job;
use super::request::PoolWish;
use super::watch;
use crate::backend::host::Host;
use crate::backend::libvirt::{Connect, pools, secrets};
use crate::backend::opener;
use crate::model::storage::{
    BuildMode, HostOutcome, Login, PoolAction, PoolDefinition, PoolKey, PoolKind, PoolSource,
    PoolStep, SecretRef, SecretUsage, StorageReply, StorageStep, Undone,
};
use crate::model::{Failure, HostId, JobResult, Reply};
use crate::storage::{Building, abilities};
use crate::xml::{build_pool, pool_without_sizes};

/// Sets a pool up on each of the hosts, all at the same time; only a device that they share is built
/// by the first, before the others begin.
pub(super) fn create(job: &Job, wish: &PoolWish) -> JobResult {
    let kind = wish.definition.source.kind();
    let builds_once = wish.build.is_some_and(|mode| formats(kind, mode));
    let mut outcomes = Vec::new();
    let mut rest = wish.hosts.as_slice();
    if builds_once && let Some((first, others)) = wish.hosts.split_first() {
        outcomes.push(on_host(job, wish, *first, true));
        rest = others;
    }
    let built = outcomes.first().is_none_or(|outcome| outcome.failed.is_none());
    if built {
        std::thread::scope(|scope| {
            let working: Vec<_> = rest
                .iter()
                .map(|&host| scope.spawn(move || on_host(job, wish, host, !builds_once)))
                .collect();
            outcomes.extend(working.into_iter().filter_map(|thread| thread.join().ok()));
        });
    }
    Ok(Reply::Storage(StorageReply::PoolCreated(outcomes)))
}

/// Whether building changes a device that hosts share; else each makes a directory of its own.
fn formats(kind: PoolKind, mode: BuildMode) -> bool {
    let directory = kind == PoolKind::Fs && mode == BuildMode::Plain;
    !directory && abilities(kind).building != Building::Directory
}

fn on_host(job: &Job, wish: &PoolWish, id: HostId, build: bool) -> HostOutcome {
    let mut attempt = Attempt {
        job,
        outcome: HostOutcome { host: id, pool: None, done: Vec::new(), failed: None },
    };
    let opened = job.shared.host(id).and_then(|host| {
        let connect = opener::long_connection(&host)?;
        Ok((host, connect))
    });
    match opened {
        Ok((host, connect)) => {
            // The failure is in the outcome.
            let _ = attempt.steps(wish, &host, &connect, build);
            if let Some(pool) = attempt.outcome.pool {
                watch::pool_changed(&host, pool.uuid);
            }
        }
        Err(failure) => attempt.failed(PoolStep::Define, failure),
    }
    attempt.outcome
}

struct Attempt<'a> {
    job: &'a Job,
    outcome: HostOutcome,
}

impl Attempt<'_> {
    fn steps(
        &mut self,
        wish: &PoolWish,
        host: &Arc<Host>,
        connect: &Connect,
        build: bool,
    ) -> Result<(), ()> {
        self.go_on(if wish.secret.is_some() { PoolStep::Secret } else { PoolStep::Define })?;
        let mut definition = wish.definition.clone();
        let mut new_secret = None;
        if let Some(secret) = &wish.secret {
            let usage = &secret.definition.usage;
            let set = secrets::set(connect, &secret.definition, &secret.value);
            let new = set.as_ref().is_ok_and(|set| set.new);
            new_secret = new.then_some(usage);
            self.told(PoolStep::Secret, new, set.map(drop))?;
            refer_to(&mut definition, usage);
        }
        let text = match &wish.xml {
            Some(xml) => pool_without_sizes(xml).map_err(|problem| pools::unreadable(&problem)),
            None => Ok(build_pool(&definition)),
        };
        let defined = text.and_then(|text| pools::define(connect, &text));
        let uuid = match defined {
            Ok(uuid) => uuid,
            Err(failure) => {
                self.without_secret(connect, new_secret);
                self.failed(PoolStep::Define, failure);
                return Err(());
            }
        };
        self.outcome.pool = Some(PoolKey { host: host.id, uuid });
        self.told(PoolStep::Define, true, Ok(()))?;
        if let Some(mode) = wish.build.filter(|_| build) {
            self.act(connect, PoolStep::Build, PoolAction::Build(mode))?;
        }
        if wish.start {
            self.act(connect, PoolStep::Start, PoolAction::Start)?;
        }
        if wish.autostart {
            self.act(connect, PoolStep::Autostart, PoolAction::SetAutostart(true))?;
        }
        Ok(())
    }

    fn act(&mut self, connect: &Connect, step: PoolStep, action: PoolAction) -> Result<(), ()> {
        let Some(pool) = self.outcome.pool else { return Err(()) };
        self.go_on(step)?;
        self.told(step, true, pools::act(connect, pool.uuid, action))
    }

    /// The step is not begun when the job was cancelled.
    fn go_on(&mut self, step: PoolStep) -> Result<(), ()> {
        self.job.go_on().map_err(|failure| self.failed(step, failure))
    }

    fn told(
        &mut self,
        step: PoolStep,
        to_be_undone: bool,
        result: Result<(), Failure>,
    ) -> Result<(), ()> {
        match result {
            Ok(()) => {
                if to_be_undone {
                    self.outcome.done.push(step);
                }
                let host = self.outcome.host;
                self.job.tell(StorageStep::Pool { host, step, result: Ok(()) });
                Ok(())
            }
            Err(failure) => {
                self.failed(step, failure);
                Err(())
            }
        }
    }

    fn failed(&mut self, step: PoolStep, failure: Failure) {
        let host = self.outcome.host;
        self.job.tell(StorageStep::Pool { host, step, result: Err(failure.clone()) });
        self.outcome.failed = Some((step, failure));
    }

    /// Without a pool nothing would name the secret any more.
    fn without_secret(&mut self, connect: &Connect, usage: Option<&SecretUsage>) {
        if let Some(usage) = usage
            && secrets::remove(connect, usage).is_ok()
        {
            self.outcome.done.retain(|step| *step != PoolStep::Secret);
        }
    }
}

/// A host may have a secret of this usage, of another UUID: it is named by what it is for.
fn refer_to(definition: &mut PoolDefinition, usage: &SecretUsage) {
    if let PoolSource::Iscsi { login, .. }
    | PoolSource::IscsiDirect { login, .. }
    | PoolSource::Rbd { login, .. } = &mut definition.source
        && let Some(login) = login
    {
        login.secret = SecretRef::Usage(usage.name().to_owned());
    }
}

/// Takes pools back, step by step from the last.
pub(super) fn undo(job: &Job, done: &[(PoolKey, Vec<PoolStep>)]) -> JobResult {
    let undone = done.iter().map(|(pool, steps)| undo_on(job, *pool, steps)).collect();
    Ok(Reply::Storage(StorageReply::Undone(undone)))
}

fn undo_on(job: &Job, pool: PoolKey, steps: &[PoolStep]) -> Undone {
    let mut undone = Undone { host: pool.host, left: Vec::new() };
    let opened = job.shared.host(pool.host).and_then(|host| {
        let connect = opener::long_connection(&host)?;
        let known = pools::read(&connect, pool)?;
        Ok((host, connect, known))
    });
    let (host, connect, known) = match opened {
        Ok(opened) => opened,
        Err(failure) => {
            undone.left.extend(steps.iter().map(|&step| (step, failure.clone())));
            return undone;
        }
    };
    let definition = known.map(|pool| pool.definition);
    let mut steps = steps.to_vec();
    steps.sort();
    for &step in steps.iter().rev() {
        if let Err(failure) = undo_step(&connect, pool, definition.as_ref(), step) {
            undone.left.push((step, failure));
        }
    }
    watch::pool_changed(&host, pool.uuid);
    undone
}

/// Takes one step back. What was formatted stays as it is, and a directory is removed only if it
/// is empty.
fn undo_step(
    connect: &Connect,
    pool: PoolKey,
    definition: Option<&PoolDefinition>,
    step: PoolStep,
) -> Result<(), Failure> {
    let act = |action| pools::act(connect, pool.uuid, action);
    match step {
        PoolStep::Autostart => act(PoolAction::SetAutostart(false)),
        PoolStep::Start => act(PoolAction::Stop),
        PoolStep::Build => {
            let kind = definition.map(|definition| definition.source.kind());
            let directory =
                kind.is_some_and(|kind| abilities(kind).building == Building::Directory);
            if directory { act(PoolAction::DeleteContents) } else { Ok(()) }
        }
        PoolStep::Define => act(PoolAction::Undefine),
        PoolStep::Secret => {
            let login = definition.and_then(|definition| definition.source.login());
            login.map_or(Ok(()), |login| remove_secret(connect, definition, login))
        }
    }
}

fn remove_secret(
    connect: &Connect,
    definition: Option<&PoolDefinition>,
    login: &Login,
) -> Result<(), Failure> {
    let SecretRef::Usage(name) = &login.secret else { return Ok(()) };
    let ceph =
        matches!(definition.map(|definition| &definition.source), Some(PoolSource::Rbd { .. }));
    let name = name.clone();
    let usage = if ceph { SecretUsage::Ceph(name) } else { SecretUsage::Iscsi(name) };
    secrets::remove(connect, &usage)
}
