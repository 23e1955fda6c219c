//! What the storage tab is told, and asks for.

use std::path::PathBuf;

use crate::model::storage::{PoolAction, PoolKey, VolumeKey, WipeAlgorithm};
use crate::model::{Bytes, Failure, HostId};
use crate::ui::views::storage::{PoolsView, VolumeView};
use crate::ui::widgets::Stays;

use super::commands::Command;

/// What the tab is told.
#[derive(Clone, Debug)]
pub enum StorageInput {
    /// The pools, and what they are on other hosts.
    Pools(PoolsView),
    /// The volumes of a pool.
    Volumes(PoolKey, Vec<VolumeView>),
    /// News of the text of a pool.
    Xml(PoolKey, XmlNews),
    /// Something that was asked for here failed: what, and why.
    Failed(String, Failure),
    /// Something to be told in one line.
    Told(String, Stays),
    /// The tab came into sight.
    Seen,
    /// A pool was chosen, by its place in the list.
    PoolChosen(i32),
    /// Only volumes with this in their name or users are wanted.
    Search(String),
    /// Other volumes were selected.
    SelectionChanged,
    /// The context menu was asked for, at this point or by the keyboard.
    MenuRequested(Option<(f64, f64)>),
    /// A command was given.
    Do(Command),
    /// The user agreed to it, or answered its question.
    Answered(Answered),
}

/// What became of the text of a pool.
#[derive(Clone, Debug)]
pub enum XmlNews {
    /// It is this, as it was asked for.
    Read(String),
    /// The new text was taken.
    Taken,
    /// It was not.
    Refused(Failure),
}

/// A text of a pool, changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XmlChange {
    /// What it was.
    pub before: String,
    /// What it is to be.
    pub after: String,
}

/// What a question brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    /// Do this to a pool.
    Pool(PoolKey, PoolAction),
    /// Take this text for a pool.
    Redefine(PoolKey, XmlChange),
    /// Do this to volumes.
    Volumes(Vec<VolumeKey>, VolumeChange),
    /// Make a volume of this file.
    Upload(PoolKey, PathBuf),
}

/// What is to be done to volumes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VolumeChange {
    /// Delete them.
    Delete,
    /// Overwrite them.
    Wipe(WipeAlgorithm),
    /// Give one another size.
    Resize {
        /// The new one.
        capacity: Bytes,
        /// Reserve it at once.
        allocate: bool,
        /// It may be smaller.
        shrink: bool,
    },
    /// Give one another name.
    Rename(String),
    /// Write one into a file of this computer.
    Download {
        /// The file.
        file: PathBuf,
        /// Though guests write to it.
        torn: bool,
    },
}

/// What the tab asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorageOutput {
    /// It is looked at: the pools are wanted, here and on the other hosts.
    Look,
    /// This pool's volumes are shown, and no other's.
    ShowPool(Option<PoolKey>),
    /// Do this to a pool.
    Act(PoolKey, PoolAction),
    /// Read the text of a pool.
    ReadXml(PoolKey),
    /// Take this text for a pool.
    Redefine(PoolKey, XmlChange),
    /// Find out whether a pool is the same storage on other hosts.
    Prove(PoolKey),
    /// Set up a pool: a new one, or one that is here on that host, too.
    AddPool(Option<(PoolKey, HostId)>),
    /// Make a volume.
    NewVolume(PoolKey),
    /// Make a volume of a file of this computer.
    Upload(PoolKey, PathBuf),
    /// Copy or move a volume.
    Copy(VolumeKey),
    /// Change volumes.
    Change(Vec<VolumeKey>, VolumeChange),
    /// Show all of a failure.
    Details(String, Failure),
}
