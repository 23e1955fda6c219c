//! What the dialog is told, and asks for.

use std::path::PathBuf;

use crate::backend::VolumeJob;
use crate::model::storage::Pool;
use crate::model::{Bytes, HostId};

use super::base::{Base, Below};
use super::draft::Reserve;
use super::file::FileFacts;

/// What the dialog starts with.
#[derive(Debug)]
pub struct VolumeInit {
    /// The pool.
    pub pool: Pool,
    /// The name of its host.
    pub host: String,
    /// Names that are taken in it.
    pub taken: Vec<String>,
    /// The volumes of it on which another can build.
    pub bases: Vec<Base>,
    /// The hosts that have the same storage, its own first: each gets the secret of an encrypted volume.
    pub shared_with: Vec<(HostId, String)>,
    /// Formats that the host knows, by libvirt's words; empty where it does not tell.
    pub formats: Vec<String>,
    /// The UUID of the secret, on every host.
    pub secret: [u8; 16],
    /// The file of this computer of which the volume is made.
    pub file: Option<PathBuf>,
}

/// What the dialog is told.
#[derive(Debug)]
pub enum VolumeInput {
    /// Something was filled in.
    Edited(Edit),
    /// Make it.
    Confirmed,
    /// Close the dialog.
    Dismissed,
}

/// What was filled in.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// The name.
    Name(String),
    /// The format, by its place in the list.
    Format(usize),
    /// The size.
    Capacity(Bytes),
    /// What is reserved.
    Allocation(Bytes),
    /// What is reserved of qcow2.
    Reserve(Reserve),
    /// On what it builds.
    Below(Below),
    /// Path of the file below.
    Backing(String),
    /// The format of the file below, by its place in the list.
    BackingFormat(usize),
    /// Size of a cluster.
    ClusterSize(Option<u64>),
    /// Lazy reference counts.
    LazyRefcounts(bool),
    /// Subclusters.
    ExtendedL2(bool),
    /// Encrypted.
    Encrypted(bool),
    /// The passphrase.
    Passphrase(String),
    /// The same again.
    Repeated(String),
}

/// What came of looking at the file.
#[derive(Debug)]
pub enum VolumeCommand {
    /// What it is, or why it cannot be read.
    Looked(Result<FileFacts, String>),
}

/// What the dialog asks for.
#[derive(Debug)]
pub enum VolumeOutput {
    /// Make the volume.
    Make(Box<VolumeJob>),
    /// The dialog was closed.
    Closed,
}
