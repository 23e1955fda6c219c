//! The practice lab.
