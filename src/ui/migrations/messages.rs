//! What the Migrations page is told, and asks for.

use crate::backend::Lever;
use crate::migration::{Move, Retry};
use crate::model::JobId;
use crate::storage::Task;

/// What happens to the page.
#[derive(Clone, Debug)]
pub enum MigrationsInput {
    /// A migration is new, has come further, or is over.
    Updated(Box<Move>),
    /// A job with a volume is new, has come further, or is over.
    Task(Box<Task>),
    /// These are forgotten.
    Forgotten(Vec<JobId>),
}

/// What the page asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MigrationsOutput {
    /// Do this to a running migration.
    Steer {
        /// Which.
        job: JobId,
        /// What.
        lever: Lever,
    },
    /// Begin a migration that waits for its turn.
    Begin(JobId),
    /// Mend what a migration that is over left behind.
    Repair(JobId),
    /// Ask both hosts once more where the guest is.
    Ask(JobId),
    /// Cancel a running migration, and begin it anew with something different.
    Retry {
        /// Which.
        job: JobId,
        /// What is different.
        retry: Retry,
    },
    /// Give up a job with a volume.
    CancelTask(JobId),
    /// Forget what is over.
    Clear,
}
