//! XML: parse, build, edit, nothing else.

mod check;

pub use check::{XmlProblem, check};
