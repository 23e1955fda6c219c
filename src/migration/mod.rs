//! The heart, and pure: what a migration is asked to do, what of it excludes what, how far it is,
//! how it ended, what a message means. Values in, values out; tested in milliseconds.

mod options;
pub mod virsh;
mod wish;

pub use options::{
    Compression, Conflict, Coverage, DiskCopy, MigrationOptions, MigrationPlan, Residence,
    Transport,
};
pub use wish::{MAX_DOWNTIME_MS, MAX_PARALLEL, Wish};
