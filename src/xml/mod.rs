//! XML: parse, build, edit, nothing else.

mod check;
mod guest_devices;
mod guest_edit;
mod guest_parse;
mod host_things;
mod tree;

pub use check::{XmlProblem, check};
pub use guest_edit::{
    console_on_all_addresses, console_on_free_port, drive_without_medium, with_cpu,
};
pub use guest_parse::{guest_cpu, parse_guest};
pub use host_things::{
    host_model, link_name, most_processors, network_shape, pool_identity, security_models,
};

use check::problem;
