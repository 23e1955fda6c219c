//! Storage, and pure: what each kind of pool can do, what a wizard's fields must be like, on which
//! hosts a pool is the same, which guests use a volume, what a message means. Values in, values out.

mod abilities;
mod at_server;
pub mod explain;
mod ground;
mod identity;
mod layers;
mod pool_check;
mod pool_options;
mod pool_target;
mod server;
mod tasks;
mod uses;
mod volume_check;

pub use abilities::{Abilities, Building, Contents, Discovery, abilities, loses_volumes, provable};
pub use at_server::AtServer;
pub use ground::Ground;
pub use identity::{Difference, Sharing, SharingBadge, in_network, origin, sharing};
pub use layers::Layers;
pub use pool_check::{PoolFault, PoolField, PoolWarning, pool_faults, pool_warnings};
pub use pool_options::{ceph_options, id, mode};
pub use pool_target::{TargetClash, default_target, images_directory, target_clash};
pub use server::{ServerFault, server};
pub use tasks::{Parting, Task, TaskEnd, TaskKind, TaskNames, TaskResult, Tasks};
pub use uses::{DiskUser, UseIndex, VolumePlace, path_there, volume_path};
pub use volume_check::{Room, RoomVerdict, VolumeFault, encryptable, room, suffix, volume_faults};
