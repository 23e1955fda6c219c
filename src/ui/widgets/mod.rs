//! Templates and drawing that several windows share.

pub mod accessible;
pub mod sparkline;
