//! Every obstacle at once: the questions asked before a migration, each with the two values that
//! disagree. Sources and libvirt's words to each: `virQEMU…`/`qemuMigration…` of libvirt 11.3.
//!
//! *Blocks* is said only where libvirt refuses the move as it is wished. What would harm the guest
//! without a refusal is *warned* of; what a host did not tell is never taken for a yes or a no.

mod cpu;
mod devices;
mod hosts;
mod identity;
mod memory;
mod network;
mod state;
mod storage;
mod storage_copy;
mod verdict;

pub use verdict::Verdict;

use super::MigrationOptions;
use crate::model::{Bytes, GuestState, Inspection};

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)] // the words of each are in `ui::labels::checks`
pub enum CheckId {
    DifferentHosts,
    Hypervisor,
    TransportOffered,
    LibvirtVersion,
    QemuVersion,
    NameOfDestination,
    VirtType,
    Architecture,
    Emulator,
    MachineType,
    ProcessorFits,
    ProcessorPassedThrough,
    ProcessorCount,
    ClockRate,
    FreeMemory,
    HugePages,
    Pinning,
    EncryptedMemory,
    Snapshots,
    Checkpoints,
    OtherOperation,
    DiskOperation,
    DiskError,
    SavedState,
    Autostart,
    NameFree,
    SameGuestThere,
    HardwareAddress,
    HostDevice,
    SharedFolder,
    SharedMemory,
    Tpm,
    FirmwareVariables,
    UsbRedirection,
    HostFile,
    ConsolePort,
    ConsoleAddress,
    NetworkThere,
    NetworkAlike,
    HostLink,
    NetworkFilter,
    DiskThere,
    DiskShared,
    DiskCache,
    DiskTransient,
    Medium,
    Secret,
    CopyPlace,
    CopySpace,
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CheckOutcome {
    /// libvirt would refuse the move.
    Blocks,
    /// The move would be made, and something would be worse than before.
    Warns,
    /// Nobody told; a trial would.
    CannotTell,
    /// Worth knowing.
    Note,
    /// Nothing is in the way.
    Passed,
}

/// One of the two values that are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// There is nothing to say.
    None,
    /// As it stands in the guest's definition, or as the host calls it.
    Text(String),
    /// A version, as `major * 1_000_000 + minor * 1_000 + release`.
    Version(u64),
    /// An amount.
    Amount(Bytes),
    /// A number of things.
    Count(u64),
    /// It is not there.
    Missing,
    /// It is there, but not started.
    Inactive,
    /// It is there.
    Present,
    /// The host did not tell.
    Unknown,
}

/// What can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the words of each are in `ui::labels::checks`
pub enum Advice {
    Nothing,
    OtherDestination,
    GiveHostUuid,
    UpdateDestination,
    GiveMigrationAddress,
    CommonProcessor,
    SameProcessor,
    FreeMemory,
    AllocateHugePages,
    EditPinning,
    WriteClockRate,
    DeleteSnapshots,
    WaitOrCancel,
    MendDisk,
    DiscardSavedState,
    SetAutostart,
    NewName,
    ShutDownThere,
    ChangeAddress,
    UnplugDevice,
    UnmountFolder,
    CopyByHand,
    EditPath,
    EditConsole,
    PrepareNetwork,
    StartNetwork,
    EditNetwork,
    CopyFilter,
    ShareOrCopyDisks,
    AddPool,
    StartPool,
    RemoveTransient,
    EjectMedium,
    CopySecret,
    MakeRoom,
    CacheNone,
}

/// One question, answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckResult {
    /// What was asked.
    pub check: CheckId,
    /// Of what: the name of a disk, a network, a device; empty for the guest or host as a whole.
    pub about: String,
    /// The answer.
    pub outcome: CheckOutcome,
    /// What the guest has or wants, or how it is at the source.
    pub here: Value,
    /// How it is at the destination.
    pub there: Value,
    /// What can be done.
    pub advice: Advice,
}

impl CheckResult {
    fn new(check: CheckId, outcome: CheckOutcome) -> Self {
        let (here, there) = (Value::None, Value::None);
        Self { check, about: String::new(), outcome, here, there, advice: Advice::Nothing }
    }

    fn passed(check: CheckId) -> Self {
        Self::new(check, CheckOutcome::Passed)
    }

    fn about(self, about: impl Into<String>) -> Self {
        Self { about: about.into(), ..self }
    }

    fn values(self, here: Value, there: Value) -> Self {
        Self { here, there, ..self }
    }

    fn advice(self, advice: Advice) -> Self {
        Self { advice, ..self }
    }
}

impl Value {
    fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Unknown } else { Self::Text(text) }
    }
}

/// Asks everything that applies to this move. The gravest answers come first.
#[must_use]
pub fn ask(inspection: &Inspection, options: &MigrationOptions) -> Vec<CheckResult> {
    let case = Case { inspection, options };
    let mut results = hosts::ask(&case);
    results.extend(cpu::ask(&case));
    results.extend(memory::ask(&case));
    results.extend(state::ask(&case));
    results.extend(identity::ask(&case));
    results.extend(devices::ask(&case));
    results.extend(network::ask(&case));
    results.extend(storage::ask(&case));
    results.sort_by_key(|result| result.outcome);
    results
}

/// What is asked about.
#[derive(Clone, Copy, Debug)]
struct Case<'a> {
    inspection: &'a Inspection,
    options: &'a MigrationOptions,
}

impl Case<'_> {
    /// Whether a QEMU starts at the destination. When only the definition moves, libvirt asks
    /// nearly nothing of the destination, and what is missing shows at the guest's next start.
    fn starts_there(&self) -> bool {
        self.inspection.source.state != GuestState::ShutOff
            && self.options.coverage != super::Coverage::Definition
    }

    /// The gravity of something without which the guest does not start.
    fn refused(&self) -> CheckOutcome {
        if self.starts_there() { CheckOutcome::Blocks } else { CheckOutcome::Warns }
    }
}
