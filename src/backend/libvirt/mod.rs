//! The only place that says `virt::`: libvirt's objects in, values of the model out.

pub(crate) mod asker;
pub(crate) mod auth;
pub(crate) mod connection;
mod convert;
pub(crate) mod dirty_rate;
pub(crate) mod disks;
mod error;
mod ffi;
mod files;
pub(crate) mod guest;
pub(crate) mod host;
pub(crate) mod inspect;
pub(crate) mod job;
pub(crate) mod mending;
pub(crate) mod moving;
mod node_devices;
mod partitions;
pub(crate) mod pools;
pub(crate) mod repairing;
pub(crate) mod roster;
pub(crate) mod secrets;
pub(crate) mod stats;
pub(crate) mod volumes;

pub(crate) use ffi::{
    CloseWatch, EventWatch, GuestEvent, PoolWatch, Received, Turn, VolumeStream,
    register_event_loop, run_event_loop_once, set_variable, silence_default_errors,
};
pub(crate) use virt::connect::Connect;
