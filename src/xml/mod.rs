//! XML: parse, build, edit, nothing else.

mod check;
mod guest_devices;
mod guest_edit;
mod guest_parse;
mod host_things;
mod tree;

pub use check::{XmlProblem, check};
pub use guest_edit::drive_without_medium;
pub use guest_parse::{guest_cpu, parse_guest};
pub use host_things::{link_name, most_processors, network_shape, pool_identity};

use check::problem;
