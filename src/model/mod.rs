//! Plain data: hosts, guests, jobs, and the [`Inventory`] that applies events to them.
//!
//! Nothing here knows GTK, libvirt, XML, a clock or a human language.

mod change;
mod connection;
mod error;
mod event;
mod guest;
mod guest_facts;
mod host;
mod id;
mod inspection;
mod inventory;
mod migration;
mod size;
mod stats;
pub mod storage;

pub use change::Change;
pub use connection::{ConnectionSpec, ConnectionState, Question, QuestionField};
pub use error::{Failure, FailureKind};
pub use event::{Event, JobResult, Reply, Route, Surveyed};
pub use guest::{Guest, GuestAction, GuestState, PauseReason, ShutOffReason, StateReason};
pub use guest_facts::{
    CpuFacts, DiskFacts, DiskSource, GraphicsFacts, GuestFacts, InterfaceFacts, LinkSource,
    PortProfile, Reservations, SecretNeed, SpecialDevice,
};
pub use host::HostFacts;
pub use id::{GuestKey, GuestUuid, HostId, JobId, NotAUuid, PoolUuid, SecretUuid};
pub use inspection::{
    CpuAnswer, CpuModel, DestinationFacts, DeviceIdentity, EmulatorAnswer, FileAnswer, HostCells,
    HostClock, Inspection, NetworkAnswer, NetworkShape, PoolIdentity, QemuUser, SourceFacts, Twin,
};
pub use inventory::{HISTORY, Host, Inventory, Record, Whereabouts, remember};
pub use migration::{
    CompletedStats, MemoryUse, MemoryWatch, MigrationEnd, MigrationPhase, MigrationSample,
    MigrationStep, NoEnd, Presence, Standing,
};
pub use size::{Bytes, Mebibytes};
pub use stats::{GuestSample, HostSample, Samples};
