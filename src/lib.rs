//! Vireo: move KVM guests between hosts, and see it happen.

pub mod backend;
pub mod config;
pub mod i18n;
pub mod lab;
pub mod logging;
pub mod migration;
pub mod model;
pub mod settings;
pub mod ui;
pub mod xml;
