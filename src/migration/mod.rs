//! The heart, and pure: what a migration is asked to do, what of it excludes what, how far it is,
//! how it ended, what a message means. Values in, values out; tested in milliseconds.

pub mod checks;
pub mod explain;
mod history;
pub mod journal;
mod moves;
mod options;
mod past;
pub mod repair;
mod report;
mod tracker;
mod transport;
pub mod virsh;
mod wish;

pub use history::{History, Point};
pub use moves::{Finished, Move, MoveNames, Moves};
pub use options::{
    Compression, Conflict, Coverage, DiskCopy, MigrationOptions, MigrationPlan, Residence,
    Transport,
};
pub use past::{PastMove, Predicted};
pub use report::{Life, Outcome, Place, Report, Unseen, place};
pub use tracker::Tracker;
pub use transport::{Reach, suited};
pub use wish::{MAX_DOWNTIME_MS, MAX_PARALLEL, Wish};
