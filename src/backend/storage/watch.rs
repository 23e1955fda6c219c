//! What of a host's storage somebody looks at, and reading it again when events say so. Nothing is read
//! before it was asked for.
//!
//! libvirt holds a pool while it mounts it, which takes minutes where a server does not answer, and
//! whoever asks for that pool waits. So storage is read over connections of its own, one for pools and
//! one for what there are many of: guests never wait for either.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::backend::host::Host;
use crate::backend::lane::Lane;
use crate::backend::libvirt::{Connect, disks, pools, volumes};
use crate::backend::opener;
use crate::model::storage::{PoolKey, StorageEvent, Volume};
use crate::model::{Event, Failure, PoolUuid};

/// Readings of pools at the same time: one that hangs holds one of them.
const READERS: usize = 2;

/// Calls at the same time on the connection for volumes and guests' disks; a fifth would stop it
/// (libvirt-rust.md §3).
const CALLS: usize = 4;

/// Details are told at least this often.
const PORTION: Duration = Duration::from_millis(150);

/// What of a host's storage is looked at.
#[derive(Debug)]
pub(crate) struct StorageWatch {
    pools: Lane,
    many: Lane,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Pools were listed since the host was connected.
    listed: bool,
    /// The disks of guests were listed.
    disks: bool,
    /// Pools whose volumes were listed.
    volumes: HashSet<PoolUuid>,
    /// Pools that are not what they were.
    dirty: HashSet<PoolUuid>,
    /// A reading of changed pools is under way or in line.
    reading: bool,
    /// Pools whose volumes are in line to be listed.
    in_line: HashSet<PoolUuid>,
    /// The connections for all this, and of which link of the host.
    links: [Option<(u64, Connect)>; 2],
}

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// Pools, and small questions.
    Pools,
    /// What there are many of: volumes, guests' disks.
    Many,
}

impl Default for StorageWatch {
    fn default() -> Self {
        Self { pools: Lane::new(READERS), many: Lane::new(1), state: Mutex::default() }
    }
}

impl StorageWatch {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets everything: the host is connected anew.
    pub(crate) fn reset(&self) {
        let old = std::mem::take(&mut *self.state());
        // Closing may talk to the daemon: not while others wait for the lock.
        drop(old);
    }

    /// Whether the disks of guests were asked for, so that one that was defined anew is worth telling.
    pub(crate) fn watches_disks(&self) -> bool {
        self.state().disks
    }

    /// Nobody looks at a pool's volumes any more.
    pub(crate) fn forget_volumes(&self, pool: PoolUuid) {
        self.state().volumes.remove(&pool);
    }
}

/// The connection over which small things of a host's storage are read.
pub(super) fn connection(host: &Arc<Host>) -> Result<Connect, Failure> {
    link(host, Reading::Pools)
}

/// The connection over which many small things are read.
pub(super) fn connection_for_many(host: &Arc<Host>) -> Result<Connect, Failure> {
    link(host, Reading::Many)
}

fn link(host: &Arc<Host>, what: Reading) -> Result<Connect, Failure> {
    if host.is_in_process() {
        return host.connect();
    }
    host.connect()?; // without it the host is not connected
    let number = host.link_number();
    if let Some((of, connect)) = &host.storage.state().links[what as usize]
        && *of == number
        && connect.is_alive().unwrap_or(false)
    {
        return Ok(connect.clone());
    }
    let connect = opener::long_connection(host)?;
    let old = host.storage.state().links[what as usize].replace((number, connect.clone()));
    drop(old);
    Ok(connect)
}

/// Reads something of a host's storage, and says how it went.
pub(super) fn read(
    host: &Arc<Host>,
    what: Reading,
    work: impl FnOnce(&Arc<Host>, &Connect) -> Result<(), Failure> + Send + 'static,
    then: impl FnOnce(Result<(), Failure>) + Send + 'static,
) {
    let reader = Arc::clone(host);
    let lane = if what == Reading::Pools { &host.storage.pools } else { &host.storage.many };
    lane.run(None, move || {
        then(link(&reader, what).and_then(|connect| work(&reader, &connect)));
    });
}

/// Lists a host's pools.
pub(super) fn list_pools(host: &Arc<Host>, connect: &Connect) -> Result<(), Failure> {
    // First: what changes while they are listed is read again.
    host.storage.state().listed = true;
    let pools = pools::list(connect, host.id)?;
    host.report(Event::Storage(StorageEvent::PoolsListed { host: host.id, pools }));
    Ok(())
}

/// A pool is not what it was. Never waits: libvirt's event loop calls it, too.
pub(crate) fn pool_changed(host: &Arc<Host>, pool: PoolUuid) {
    let mut state = host.storage.state();
    if !state.listed {
        return;
    }
    state.dirty.insert(pool);
    if std::mem::replace(&mut state.reading, true) {
        return;
    }
    drop(state);
    let reader = Arc::clone(host);
    read(host, Reading::Pools, read_changed, move |result| {
        if let Err(failure) = result {
            // The next change begins anew.
            reader.storage.state().reading = false;
            tracing::warn!(?failure, "reading pools failed");
        }
    });
}

fn read_changed(host: &Arc<Host>, connect: &Connect) -> Result<(), Failure> {
    loop {
        let dirty = {
            let mut state = host.storage.state();
            state.reading = !state.dirty.is_empty();
            std::mem::take(&mut state.dirty)
        };
        if dirty.is_empty() {
            return Ok(());
        }
        let (mut changed, mut removed) = (Vec::new(), Vec::new());
        for uuid in dirty {
            match pools::read(connect, PoolKey { host: host.id, uuid }) {
                Ok(Some(pool)) => changed.push(pool),
                Ok(None) => removed.push(uuid),
                Err(failure) => return Err(failure),
            }
        }
        let again: Vec<PoolKey> =
            changed.iter().filter(|pool| pool.state.is_active()).map(|pool| pool.key).collect();
        host.report(Event::Storage(StorageEvent::PoolsChanged { host: host.id, changed, removed }));
        for pool in again {
            volumes_changed(host, pool);
        }
    }
}

/// A pool's volumes are not what they were: listed again, if somebody looks at them.
pub(super) fn volumes_changed(host: &Arc<Host>, pool: PoolKey) {
    let mut state = host.storage.state();
    if !state.volumes.contains(&pool.uuid) || !state.in_line.insert(pool.uuid) {
        return;
    }
    drop(state);
    let reader = Arc::clone(host);
    read(
        host,
        Reading::Many,
        move |host, connect| {
            // First: what changes while they are listed is listed again.
            host.storage.state().in_line.remove(&pool.uuid);
            list_volumes(host, connect, pool)
        },
        move |result| {
            if let Err(failure) = result {
                reader.storage.state().in_line.remove(&pool.uuid);
                tracing::debug!(?failure, "listing volumes failed");
            }
        },
    );
}

/// Lists a pool's volumes: at once where calls are free, else names first and details in portions.
pub(super) fn list_volumes(
    host: &Arc<Host>,
    connect: &Connect,
    pool: PoolKey,
) -> Result<(), Failure> {
    host.storage.state().volumes.insert(pool.uuid);
    let found = volumes::all(connect, pool)?;
    let listed =
        |volumes| host.report(Event::Storage(StorageEvent::VolumesListed { pool, volumes }));
    if host.is_in_process() {
        listed(found.iter().map(|(name, volume)| volumes::read(name, volume)).collect());
        return Ok(());
    }
    let bare = |name: &String| Volume { name: name.clone(), details: None };
    listed(found.iter().map(|(name, _)| bare(name)).collect());
    in_portions(
        &found,
        |(name, volume)| Some(volumes::read(name, volume)),
        |volumes| {
            host.report(Event::Storage(StorageEvent::VolumesRead { pool, volumes }));
        },
    );
    Ok(())
}

/// Reads the disks of all guests of a host.
pub(super) fn list_disks(host: &Arc<Host>, connect: &Connect) -> Result<(), Failure> {
    host.storage.state().disks = true;
    let found = disks::guests(connect)?;
    let mut guests = Vec::new();
    in_portions(&found, |guest| disks::read(host.id, guest), |portion| guests.extend(portion));
    host.report(Event::Storage(StorageEvent::DisksListed { host: host.id, guests }));
    Ok(())
}

/// Reads all volumes of a pool.
pub(super) fn volumes_of(connect: &Connect, pool: PoolKey) -> Result<Vec<Volume>, Failure> {
    let found = volumes::all(connect, pool)?;
    let mut read = Vec::new();
    in_portions(
        &found,
        |(name, volume)| Some(volumes::read(name, volume)),
        |portion| read.extend(portion),
    );
    Ok(read)
}

/// Does the same to each of many, a few at a time, and hands over what is done from time to time.
fn in_portions<I: Sync, O: Send>(
    items: &[I],
    read: impl Fn(&I) -> Option<O> + Sync,
    mut tell: impl FnMut(Vec<O>),
) {
    let next = AtomicUsize::new(0);
    let (sender, done) = channel();
    std::thread::scope(|scope| {
        for _ in 0..CALLS {
            let (sender, next, read) = (sender.clone(), &next, &read);
            scope.spawn(move || {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Some(read) = read(item) {
                        // The receiver lives as long as the scope.
                        let _ = sender.send(read);
                    }
                }
            });
        }
        drop(sender);
        let (mut portion, mut told) = (Vec::new(), Instant::now());
        for one in done {
            portion.push(one);
            if told.elapsed() >= PORTION {
                tell(std::mem::take(&mut portion));
                told = Instant::now();
            }
        }
        if !portion.is_empty() {
            tell(portion);
        }
    });
}
