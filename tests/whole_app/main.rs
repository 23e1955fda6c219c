//! The finished program, driven from outside its process, on the practice lab.
#![allow(clippy::unwrap_used, clippy::panic)] // a failure ends the test
#![allow(unreachable_pub)] // a test is no library

mod connections;
#[path = "../driver/mod.rs"]
mod driver;
mod everyday;
mod faults;
mod main_way;
mod stage;
mod steering;
mod storage;

/// The program under test.
fn program() -> std::path::PathBuf {
    env!("CARGO_BIN_EXE_vireo").into()
}
