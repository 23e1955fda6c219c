//! The windows: a relm4 component tree, one folder a window. It never calls libvirt, never parses
//! XML, never blocks. A window never imports another window; only `app` knows windows.

pub mod about;
pub mod app;
pub mod connect;
pub mod copy_dialog;
pub mod enabled;
pub mod error_details;
pub mod grid;
pub mod guest;
pub mod history;
pub mod host;
pub mod labels;
pub mod manager;
pub mod migrate;
pub mod migrations;
pub mod pool_wizard;
pub mod preferences;
pub mod question;
pub mod views;
pub mod volume_dialog;
pub mod widgets;

/// Lines for measuring: `VIREO_LOG=vireo::timing=info`.
const TIMING: &str = "vireo::timing";
