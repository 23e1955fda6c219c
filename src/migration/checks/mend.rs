//! What this program can do itself about an obstacle, where it does it, and what is to be asked again.

use crate::model::PoolUuid;

/// What this program can do itself about what a check found, at one press of a button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mend {
    /// Start the network of this name at the destination.
    StartNetwork(String),
    /// Start the storage pool of this name at the destination.
    StartPool(String),
    /// Take the medium out of the guest's drive of this name.
    Eject(String),
    /// Define the source's network of this name at the destination, and start it.
    CopyNetwork(String),
    /// Define the source's network filter of this name at the destination.
    CopyFilter(String),
    /// Define the source's storage pool of this name at the destination, and start it.
    CopyPool(String),
    /// Define the source's secret of this UUID at the destination, with its value.
    CopySecret(String),
    /// Write a processor that both hosts have into the guest's definition, for its next start.
    CommonProcessor,
    /// Try whether a pool of the source and one of the destination are one storage.
    Prove(PoolUuid, PoolUuid),
    /// Choose to copy the disks.
    CopyDisks,
    /// Let the guest's consoles take a free port at the destination.
    FreePort,
    /// Let the guest's consoles listen on all addresses of the destination.
    ListenEverywhere,
}

/// Where a [`Mend`] changes something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MendPlace {
    /// At the destination.
    Destination,
    /// At the source: every destination is concerned.
    Source,
    /// In what is chosen for this move; no host changes.
    Choice,
}

/// What has to be asked again after a [`Mend`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// Networks and their filters.
    Networks,
    /// Files and the pools they are in.
    Files,
    /// Secrets.
    Secrets,
    /// The guest itself, and its files.
    Guest,
    /// Nothing: it takes effect when the guest starts the next time.
    Nothing,
}

impl Mend {
    /// Where it changes something.
    #[must_use]
    pub const fn place(&self) -> MendPlace {
        match self {
            Self::StartNetwork(_)
            | Self::StartPool(_)
            | Self::CopyNetwork(_)
            | Self::CopyFilter(_)
            | Self::CopyPool(_)
            | Self::CopySecret(_)
            | Self::Prove(..) => MendPlace::Destination,
            Self::Eject(_) | Self::CommonProcessor => MendPlace::Source,
            Self::CopyDisks | Self::FreePort | Self::ListenEverywhere => MendPlace::Choice,
        }
    }

    /// What has to be asked again afterwards.
    #[must_use]
    pub const fn touches(&self) -> Part {
        match self {
            Self::StartNetwork(_) | Self::CopyNetwork(_) | Self::CopyFilter(_) => Part::Networks,
            Self::StartPool(_) | Self::CopyPool(_) | Self::Prove(..) => Part::Files,
            Self::CopySecret(_) => Part::Secrets,
            Self::Eject(_) => Part::Guest,
            Self::CommonProcessor | Self::CopyDisks | Self::FreePort | Self::ListenEverywhere => {
                Part::Nothing
            }
        }
    }
}
