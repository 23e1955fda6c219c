//! The heart, and pure: what a migration is asked to do, what of it excludes what, how far it is,
//! how it ended, what a message means. Values in, values out; tested in milliseconds.

mod calibration;
pub mod checks;
mod estimate;
pub mod explain;
mod forecast;
mod history;
pub mod journal;
mod lever;
mod moves;
mod options;
mod outlook;
mod past;
mod policy;
#[cfg(test)]
mod properties;
pub mod repair;
mod report;
mod retry;
mod tracker;
mod transport;
pub mod virsh;
mod watched;
mod wish;

pub use calibration::Calibration;
pub use forecast::{Advice, Assumed, Ends, Forecast, Foreknown, Foretold, Prospect, Span, Way};
pub use history::{History, Point};
pub use lever::Lever;
pub use moves::{Finished, Move, MoveNames, Moves};
pub use options::{
    Compression, Conflict, Coverage, DiskCopy, MigrationOptions, MigrationPlan, Residence,
    Transport,
};
pub use outlook::{Expectation, Trend};
pub use past::{PastMove, Predicted};
pub use policy::{Pilot, Policy, Step};
pub use report::{Life, Outcome, Place, Report, Unseen, place};
pub use retry::{Retry, pause_ms};
pub use tracker::Tracker;
pub use transport::{Reach, suited};
pub use watched::Watched;
pub use wish::{MAX_DOWNTIME_MS, MAX_PARALLEL, Wish};
