//! What is asked of hosts' storage. Short calls go over the host's own connection, each long job has
//! one of its own.

mod request;

use std::sync::Arc;

pub use request::{DiscoverWish, PoolWish, SecretWish, StorageRequest, VolumeJob};

use super::actions::finish;
use super::shared::Shared;
use crate::model::{Failure, FailureKind, JobId};

/// Takes a request. Never waits.
pub(super) fn begin(shared: &Arc<Shared>, job: JobId, wish: StorageRequest) {
    finish(shared, job, Err(Failure::own(FailureKind::Unsupported, format!("{wish:?}"))));
}
