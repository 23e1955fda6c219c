//! Templates and drawing that several windows share.

pub mod accessible;
pub mod facts;
pub mod sparkline;
