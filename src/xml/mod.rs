//! XML: parse, build, edit, nothing else.

mod check;
mod guest_devices;
mod guest_edit;
mod guest_parse;
mod host_things;
mod pool_build;
mod pool_edit;
mod pool_offer;
mod pool_parse;
mod pool_source;
mod secret;
mod tree;
mod volume;
mod write;

pub use check::{XmlProblem, check};
pub use guest_edit::{
    console_on_all_addresses, console_on_free_port, drive_without_medium, with_cpu, without_medium,
};
pub use guest_parse::{guest_cpu, parse_guest};
pub use host_things::{
    card_speed, cpu_models, firmware, host_cells, host_clock, host_model, link_name,
    most_processors, network_shape, qemu_user, security_models, storage_device,
};

pub use pool_build::{build_discovery, build_pool};
pub use pool_edit::pool_without_sizes;
pub use pool_offer::parse_pool_offer;
pub use pool_parse::{PoolText, parse_pool, parse_sources};
pub use secret::build_secret;
pub use volume::{build_volume, parse_volume};

use check::problem;
