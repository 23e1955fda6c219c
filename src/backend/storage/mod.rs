//! What is asked of hosts' storage. Short calls go over one connection a host that is storage's own,
//! each long job has connections of its own.

mod copying;
mod in_use;
mod jobs;
mod landing;
mod proof;
mod request;
mod setup;
mod transfer;
mod volume_jobs;
mod watch;

use std::sync::Arc;

pub use request::{DiscoverWish, PoolWish, SecretWish, StorageRequest, VolumeJob};

use super::actions::finish;
use super::host::Host;
use super::libvirt::{Connect, pools, secrets, volumes};
use super::opener;
use super::shared::Shared;
use crate::model::storage::{
    NetworkProtocol, PoolAction, PoolKey, PoolKind, PoolSource, StorageReply,
};
use crate::model::{Failure, HostId, JobId, JobResult, Reply};

pub(super) use jobs::Jobs;
pub(super) use watch::{StorageWatch, pool_changed};

use watch::Reading;

/// Takes a request. Never waits.
pub(super) fn begin(shared: &Arc<Shared>, job: JobId, wish: StorageRequest) {
    match wish {
        StorageRequest::ListPools(host) => {
            read(shared, job, host, Reading::Pools, watch::list_pools);
        }
        StorageRequest::ListVolumes(pool) => {
            read(shared, job, pool.host, Reading::Many, move |host, connect| {
                watch::list_volumes(host, connect, pool)
            });
        }
        StorageRequest::ForgetVolumes(pool) => {
            if let Ok(host) = shared.host(pool.host) {
                host.storage.forget_volumes(pool.uuid);
            }
            finish(shared, job, Ok(Reply::Done));
        }
        StorageRequest::ListDisks(host) => {
            read(shared, job, host, Reading::Many, watch::list_disks);
        }
        StorageRequest::Offer(host) => ask(shared, job, host, |connect| {
            pools::offer(connect).map(|offer| StorageReply::Offer(Box::new(offer)))
        }),
        StorageRequest::Act { pool, action } => act(shared, job, pool, action),
        StorageRequest::Destroy { pool, action, hosts } => {
            jobs::begin_call(shared, job, move |job| {
                in_use::refuse_pool(job, pool, &hosts)?;
                change(job, pool, |connect| pools::act(connect, pool.uuid, action))
            });
        }
        StorageRequest::PoolXml(pool) => ask(shared, job, pool.host, move |connect| {
            pools::xml(connect, pool.uuid).map(StorageReply::Xml)
        }),
        StorageRequest::Redefine { pool, before, xml } => {
            on_pool(shared, job, pool, move |connect| {
                pools::redefine(connect, pool.uuid, &before, &xml)
            });
        }
        StorageRequest::VolumeXml(volume) => ask(shared, job, volume.pool.host, move |connect| {
            volumes::xml(connect, &volume).map(StorageReply::Xml)
        }),
        StorageRequest::CreatePool(wish) => {
            jobs::begin(shared, job, move |job| setup::create(job, &wish));
        }
        StorageRequest::Undo(done) => {
            jobs::begin(shared, job, move |job| setup::undo(job, &done));
        }
        StorageRequest::Discover { host, wanted } => discover(shared, job, host, wanted),
        StorageRequest::Prove(pools) => {
            jobs::begin(shared, job, move |job| proof::prove(job, &pools));
        }
        StorageRequest::SetSecret { hosts, secret } => {
            jobs::begin(shared, job, move |job| set_secret(job, &hosts, &secret));
        }
        StorageRequest::Volume(wish) => {
            jobs::begin(shared, job, move |job| volume_jobs::run(job, *wish));
        }
        StorageRequest::Cancel(of) => jobs::cancel(shared, job, of),
    }
}

/// Reads something that is told as an event.
fn read(
    shared: &Arc<Shared>,
    job: JobId,
    id: HostId,
    what: Reading,
    work: impl FnOnce(&Arc<Host>, &Connect) -> Result<(), Failure> + Send + 'static,
) {
    match shared.host(id) {
        Ok(host) => {
            let shared = Arc::clone(shared);
            watch::read(&host, what, work, move |result| {
                finish(&shared, job, result.map(|()| Reply::Done));
            });
        }
        Err(failure) => finish(shared, job, Err(failure)),
    }
}

/// Asks something that is told as the reply.
fn ask(
    shared: &Arc<Shared>,
    job: JobId,
    id: HostId,
    work: impl FnOnce(&Connect) -> Result<StorageReply, Failure> + Send + 'static,
) {
    jobs::begin_call(shared, job, move |job| {
        let connect = watch::connection(&job.shared.host(id)?)?;
        work(&connect).map(Reply::Storage)
    });
}

/// Changes a pool, over a connection of its own: a mount may take minutes.
fn on_pool(
    shared: &Arc<Shared>,
    job: JobId,
    pool: PoolKey,
    work: impl FnOnce(&Connect) -> Result<(), Failure> + Send + 'static,
) {
    jobs::begin_call(shared, job, move |job| change(job, pool, work));
}

fn change(
    job: &jobs::Job,
    pool: PoolKey,
    work: impl FnOnce(&Connect) -> Result<(), Failure>,
) -> JobResult {
    let host = job.shared.host(pool.host)?;
    let connect = opener::long_connection(&host)?;
    let done = work(&connect);
    // Some changes have no event, and what failed may have changed something all the same.
    watch::pool_changed(&host, pool.uuid);
    done.map(|()| Reply::Done)
}

fn act(shared: &Arc<Shared>, job: JobId, pool: PoolKey, action: PoolAction) {
    on_pool(shared, job, pool, move |connect| pools::act(connect, pool.uuid, action));
}

fn discover(shared: &Arc<Shared>, job: JobId, host: HostId, wanted: DiscoverWish) {
    jobs::begin_call(shared, job, move |job| {
        let connect = opener::long_connection(&job.shared.host(host)?)?;
        let (kind, from) = look_for(wanted);
        let found = pools::discover(&connect, kind, from)?;
        Ok(Reply::Storage(StorageReply::Discovered(found)))
    });
}

/// What libvirt is asked for, and from where.
fn look_for(wanted: DiscoverWish) -> (PoolKind, Option<PoolSource>) {
    let source = match wanted {
        DiscoverWish::Exports(server) => {
            PoolSource::Netfs { server, export: "/".to_owned(), protocol: NetworkProtocol::Auto }
        }
        DiscoverWish::GlusterVolumes(server) => PoolSource::Gluster {
            servers: vec![server],
            volume: String::new(),
            directory: String::new(),
        },
        DiscoverWish::IscsiTargets { portal, initiator } => {
            PoolSource::Iscsi { portal, target: String::new(), initiator, login: None }
        }
        DiscoverWish::VolumeGroups => return (PoolKind::Logical, None),
    };
    (source.kind(), Some(source))
}

fn set_secret(job: &jobs::Job, hosts: &[HostId], secret: &SecretWish) -> JobResult {
    let set = hosts.iter().map(|&id| {
        let set = volume_jobs::open(job, id)
            .and_then(|(_, connect)| secrets::set(&connect, &secret.definition, &secret.value));
        (id, set.map(|set| set.uuid))
    });
    Ok(Reply::Storage(StorageReply::SecretSet(set.collect())))
}
