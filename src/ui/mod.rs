//! The windows: a relm4 component tree, one folder a window. It never calls libvirt, never parses
//! XML, never blocks. A window never imports another window; only `app` knows windows.

pub mod labels;
pub mod migrate;
pub mod migrations;
pub mod widgets;
