//! The heart, and pure: what a migration is asked to do, what of it excludes what, how far it is,
//! how it ended, what a message means. Values in, values out; tested in milliseconds.

mod options;

pub use options::{
    Compression, Conflict, Coverage, DiskCopy, MigrationOptions, MigrationPlan, Residence,
    Transport,
};
