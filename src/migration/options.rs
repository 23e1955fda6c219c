//! What the user can ask of a migration, and which wishes exclude each other.
//!
//! The exclusions are libvirt's own (`qemuMigrationSrcBeginPhaseValidate…`, libvirt 11.3, and the
//! flag table of `virsh migrate`); the dialog uses them so that contradictions cannot be chosen.

use serde::{Deserialize, Serialize};

use super::Policy;
use crate::model::{GuestKey, HostId};

/// One guest's move, ready to be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationPlan {
    /// The guest, at its source.
    pub guest: GuestKey,
    /// The destination.
    pub destination: HostId,
    /// How.
    pub options: MigrationOptions,
}

/// Everything the user can choose. The default is what suits most: live, until it is shut down,
/// peer to peer, nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct MigrationOptions {
    /// How much of the guest moves, and when it stands still.
    pub coverage: Coverage,
    /// Whether the definition moves too.
    pub residence: Residence,
    /// Who carries the memory.
    pub transport: Transport,
    /// Whether disks are copied.
    pub disks: DiskCopy,
    /// Longest pause allowed, ms; `None` leaves the hypervisor's own.
    pub max_downtime_ms: Option<u64>,
    /// Limit in MiB/s; `None` is unlimited.
    pub bandwidth_mibps: Option<u64>,
    /// Post-copy may be switched to while it runs.
    pub postcopy: bool,
    /// Limit in MiB/s once it was switched to; `None` is unlimited. The limit before does not hold then.
    pub postcopy_bandwidth_mibps: Option<u64>,
    /// QEMU slows the guest down when it does not converge.
    pub auto_converge: bool,
    /// Compress what is sent.
    pub compression: Compression,
    /// Parallel connections (multifd); `None` is one.
    pub parallel: Option<u32>,
    /// Move even where libvirt sees no shared storage.
    pub allow_unsafe: bool,
    /// Encrypt the memory stream (needs certificates at both hosts).
    pub tls: bool,
    /// What is done by itself when it does not finish.
    pub policy: Policy,
    /// Stop when the guest has an I/O error meanwhile.
    pub abort_on_error: bool,
    /// Another name at the destination.
    pub new_name: Option<String>,
    /// The destination's libvirt as the source reaches it, for peer to peer and tunnelled;
    /// `None` takes the URI of our own connection.
    pub destination_uri: Option<String>,
    /// Address of the memory stream, such as `tcp://10.0.0.2`; `None` lets libvirt choose. Never a fixed port of ours.
    pub migrate_uri: Option<String>,
    /// Address the destination listens on; `None` lets libvirt choose.
    pub listen_address: Option<String>,
    /// The guest's XML at the destination, where host-side parts must differ.
    pub destination_xml: Option<String>,
}

impl MigrationOptions {
    /// Whether nothing but a definition moves.
    #[must_use]
    pub fn is_brief(&self) -> bool {
        self.coverage == Coverage::Definition && self.disks == DiskCopy::None
    }
}

/// How much of the guest moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Coverage {
    /// Memory is copied while the guest runs.
    #[default]
    Live,
    /// *Offline migration* of an active guest: it stops, its memory moves once, it goes on there.
    Stopped,
    /// A guest that is shut off: its definition moves.
    Definition,
}

/// Whether the definition moves too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Residence {
    /// *Until it is shut down*: it comes home when it is shut down there.
    #[default]
    UntilShutDown,
    /// *Permanently*: defined there, undefined here.
    Permanent,
}

/// Who carries the memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// The source's daemon talks to the destination's. Survives this program.
    #[default]
    PeerToPeer,
    /// This program relays between both; it must stay up.
    Direct,
    /// Peer to peer with the memory inside the daemons' own connection.
    Tunnelled,
}

impl Transport {
    /// Whether this program carries it out, and must stay up.
    #[must_use]
    pub const fn is_relayed(self) -> bool {
        matches!(self, Self::Direct)
    }
}

/// Whether disks are copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DiskCopy {
    /// No: they are on storage that both hosts see.
    #[default]
    None,
    /// Whole disks.
    Full,
    /// Only what differs from a backing image that is there already.
    Incremental,
}

/// How what is sent is compressed. (QEMU's old `mt` is gone from QEMU 9.1 on.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compression {
    /// Not.
    #[default]
    None,
    /// Differences of re-sent pages.
    Xbzrle,
    /// zlib, only with parallel connections.
    Zlib,
    /// Zstandard, only with parallel connections.
    Zstd,
}

/// Two wishes that exclude each other, or one that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Conflict {
    /// Post-copy needs a live move.
    PostcopyNotLive,
    /// Post-copy cannot be tunnelled.
    PostcopyTunnelled,
    /// QEMU cannot do post-copy over parallel connections.
    PostcopyParallel,
    /// A limit for post-copy, which is not allowed.
    PostcopyLimitAlone,
    /// A definition alone cannot go tunnelled.
    DefinitionTunnelled,
    /// A definition alone takes no disks along.
    DefinitionWithDisks,
    /// A definition alone moves for good.
    DefinitionTemporary,
    /// Tunnelled takes one connection only.
    TunnelledParallel,
    /// Tunnelled copies no disks.
    TunnelledDisks,
    /// Tunnelled has no address of its own.
    TunnelledAddress,
    /// Tunnelled cannot be encrypted again.
    TunnelledTls,
    /// zlib and zstd need parallel connections.
    CompressionNeedsParallel,
    /// xbzrle does not go with parallel connections.
    XbzrleParallel,
    /// Auto-converge needs a live move.
    AutoConvergeNotLive,
    /// A policy is for live moves.
    PolicyNotLive,
    /// This policy needs post-copy.
    PolicyNeedsPostcopy,
    /// A pause of zero can never be kept.
    ZeroDowntime,
    /// More than 2,000 s of pause is more than QEMU takes.
    DowntimeTooLong,
    /// A guest that is stopped anyway has no pause to limit.
    DowntimeNotLive,
    /// A definition alone has no memory to send.
    NothingToSend,
    /// Only the source's daemon uses the destination's URI; a direct move takes our own connection.
    DestinationUriDirect,
    /// A limit of zero would send nothing.
    ZeroBandwidth,
    /// Between 1 and 255 connections.
    ParallelOutOfRange,
    /// Source and destination are the same.
    SameHost,
}
