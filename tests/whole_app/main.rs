//! The finished program, driven from outside its process, on the practice lab.
#![allow(clippy::unwrap_used, clippy::panic)] // a failure ends the test
#![allow(unreachable_pub)] // a test is no library

mod aftermath;
mod connections;
#[path = "../support/cut_link.rs"]
#[allow(dead_code)] // forecasts are measured with more of it
mod cut_link;
mod destinations;
mod diverging;
#[path = "../driver/mod.rs"]
mod driver;
mod everyday;
mod faults;
#[path = "../support/listening.rs"]
#[allow(dead_code)] // the backend's tests use more of it
mod listening;
mod main_way;
mod obstacles;
mod stage;
mod steering;
mod storage;
mod storage_tab;

/// The program under test.
fn program() -> std::path::PathBuf {
    env!("CARGO_BIN_EXE_vireo").into()
}
