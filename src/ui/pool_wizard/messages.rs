//! What the wizard is told, and asks for.

use crate::backend::{DiscoverWish, PoolWish};
use crate::model::storage::{
    BuildMode, DiskLabel, FileSystem, HostOutcome, NfsVersion, PoolKey, PoolKind, PoolSource,
    PoolStep, Proof, ProofAnswer, Undone,
};
use crate::model::{Failure, HostId};
use crate::storage::PoolField;
use crate::ui::views::storage::PoolHost;

use super::twin::Twin;
use super::ways::{AdapterWay, Protocol};

/// What the wizard starts with.
#[derive(Debug)]
pub struct WizardInit {
    /// All hosts, the one from which it was opened first.
    pub hosts: Vec<PoolHost>,
    /// The UUID of the pool, on every host.
    pub pool: [u8; 16],
    /// The UUID of its secret, on every host.
    pub secret: [u8; 16],
    /// Where images are kept at the first host; empty where that is not known.
    pub images: String,
    /// A pool that another host has, to be set up on the first and others, too.
    pub twin: Option<Twin>,
}

/// What the wizard is told.
#[derive(Debug)]
pub enum WizardInput {
    /// Hosts came, went, or told what they can do.
    HostsChanged(Vec<PoolHost>),
    /// Something was filled in.
    Edited(Edit),
    /// Go on.
    Next,
    /// Go back.
    Back,
    /// Look for sources.
    DiscoverPressed,
    /// Sources were found, or not.
    Discovered(Result<Vec<PoolSource>, Failure>),
    /// One of them was chosen.
    SourceChosen(usize),
    /// Setting the pool up goes on.
    Happened(Setting),
    /// Take back what was done.
    UndoPressed,
    /// Close the wizard; while hosts are at work, ask first.
    Dismissed,
    /// The XML of the pool that is there was read, or not.
    XmlRead(Result<String, Failure>),
    /// The user agreed to what was asked.
    Agreed(Agreement),
}

/// What the user agreed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// Set the pool up, though something is lost.
    Create,
    /// The hosts are to stop.
    Stop,
}

/// What was filled in.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// A text.
    Text(PoolField, String),
    /// The password.
    Password(String),
    /// The kind.
    Kind(PoolKind),
    /// How an export is reached.
    Protocol(Protocol),
    /// The version of NFS.
    Nfs(Option<NfsVersion>),
    /// The file system.
    FileSystem(FileSystem),
    /// The partition table.
    Label(DiskLabel),
    /// How an adapter is named.
    Adapter(AdapterWay),
    /// The adapter's number.
    UniqueId(u64),
    /// Sizes for uses.
    QuickRefresh(bool),
    /// Copy on write.
    CopyOnWrite(Option<bool>),
    /// Build it first.
    Build(Option<BuildMode>),
    /// Start it.
    Start(bool),
    /// Start it with the host.
    Autostart(bool),
    /// Set it up on this host.
    Host(HostId, bool),
    /// Its UUID.
    Uuid(String),
}

/// What happens while the pool is set up.
#[derive(Clone, Debug)]
pub enum Setting {
    /// A step is over on one host.
    Stepped(HostId, PoolStep, Result<(), Failure>),
    /// All hosts are through.
    Created(Result<Vec<HostOutcome>, Failure>),
    /// A host saw something of the proof.
    Saw(HostId, ProofAnswer),
    /// The proof is over.
    Proved(Result<Proof, Failure>),
    /// It was taken back.
    Undone(Result<Vec<Undone>, Failure>),
}

/// What the wizard asks for.
#[derive(Debug)]
pub enum WizardOutput {
    /// Set the pool up.
    Create(Box<PoolWish>),
    /// Look for sources, over this host.
    Discover(HostId, DiscoverWish),
    /// Find out whether these are one storage.
    Prove(Vec<PoolKey>),
    /// Take these steps back.
    Undo(Vec<(PoolKey, Vec<PoolStep>)>),
    /// Stop setting up or proving: no further step is begun.
    Stop,
    /// The wizard was closed. What is still under way is told elsewhere.
    Closed,
}
