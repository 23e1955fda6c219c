//! Drives a program from outside its process, as a person with a screen reader, a keyboard and a
//! mouse would: through AT-SPI, the session bus and X, on a private display. Any number of
//! [`Desktop`]s run side by side; each takes away all it started when it is dropped.
//!
//! Everything waits for what it asks, up to [`PATIENCE`], and ends the test with a picture in words
//! of the program (its accessible tree and its log) when that does not come. AT-SPI of GTK 4.8 has
//! no event for most of what is waited for, so waiting means walking the tree again and again.
#![allow(dead_code, unreachable_pub, unused_imports)] // each test uses its part
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a failure ends the test

mod desktop;
mod node;
mod pointer;
mod program;
mod tree;

use std::time::{Duration, Instant};

pub use atspi::Role;
pub use desktop::{Desktop, built};
pub use node::Node;
pub use program::Program;

/// How long anything is waited for: generous, because machines that test are busy.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// The least time between two looks.
pub const TICK: Duration = Duration::from_millis(20);

/// Looks until there is something, for as long as [`PATIENCE`]. `None` then. Between two looks is a [`TICK`], or as long as
/// the last one took: whoever looks all the time holds up what is waited for.
pub fn poll<T>(mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let begun = Instant::now();
        if let Some(found) = look() {
            return Some(found);
        }
        if Instant::now() >= deadline {
            return None;
        }
        std::thread::sleep(begun.elapsed().max(TICK));
    }
}
