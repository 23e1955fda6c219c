//! Storage, and pure: what each kind of pool can do, what a wizard's fields must be like, on which
//! hosts a pool is the same, which guests use a volume, what a message means. Values in, values out.

mod abilities;
mod identity;

pub use abilities::{Abilities, Building, Discovery, abilities};
pub use identity::{Difference, Sharing, SharingBadge, sharing};
