//! What can be asked, and what can be done about it.

use serde::{Deserialize, Serialize};

/// What is asked, by family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs)] // a family each
pub enum CheckId {
    Host(HostCheck),
    Processor(ProcessorCheck),
    Memory(MemoryCheck),
    State(StateCheck),
    Identity(IdentityCheck),
    Definition(DefinitionCheck),
    Device(DeviceCheck),
    Network(NetworkCheck),
    Storage(StorageCheck),
}

/// What is asked about the two hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs)] // the words of each are in `ui::labels::checks`
pub enum HostCheck {
    DifferentHosts,
    Hypervisor,
    TransportOffered,
    LibvirtVersion,
    QemuVersion,
    NameOfDestination,
    LogIn,
    Ports,
    Encryption,
    SecurityModel,
    LockManager,
    Clocks,
}

impl From<HostCheck> for CheckId {
    fn from(check: HostCheck) -> Self {
        Self::Host(check)
    }
}

/// What is asked about the guest's processor and machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs)] // the words of each are in `ui::labels::checks`
pub enum ProcessorCheck {
    VirtType,
    Architecture,
    Emulator,
    MachineType,
    Fits,
    ModelRuns,
    ModelKept,
    NestedVersions,
    PassedThrough,
    Count,
    ClockRate,
}

impl From<ProcessorCheck> for CheckId {
    fn from(check: ProcessorCheck) -> Self {
        Self::Processor(check)
    }
}

/// What is asked about memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs)] // the words of each are in `ui::labels::checks`
pub enum MemoryCheck {
    Free,
    HugePages,
    Pinning,
    Encrypted,
    Modules,
    Postcopy,
    Recovery,
    Locked,
}

impl From<MemoryCheck> for CheckId {
    fn from(check: MemoryCheck) -> Self {
        Self::Memory(check)
    }
}

/// What is asked about what the guest is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs)] // the words of each are in `ui::labels::checks`
pub enum StateCheck {
    Snapshots,
    Checkpoints,
    OtherOperation,
    DiskOperation,
    DiskError,
    Paused,
    SavedState,
    Autostart,
}

impl From<StateCheck> for CheckId {
    fn from(check: StateCheck) -> Self {
        Self::State(check)
    }
}

/// What is asked about name and UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs)] // the words of each are in `ui::labels::checks`
pub enum IdentityCheck {
    NameFree,
    SameGuestThere,
    HardwareAddress,
}

impl From<IdentityCheck> for CheckId {
    fn from(check: IdentityCheck) -> Self {
        Self::Identity(check)
    }
}

/// What is asked about a definition for the destination: each must be as the guest has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs)] // the words of each are in `ui::labels::checks`
pub enum DefinitionCheck {
    SameGuest,
    Uuid,
    Machine,
    Memory,
    Processors,
    Disks,
    Interfaces,
    HardwareAddress,
}

impl From<DefinitionCheck> for CheckId {
    fn from(check: DefinitionCheck) -> Self {
        Self::Definition(check)
    }
}

/// What is asked about devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs)] // the words of each are in `ui::labels::checks`
pub enum DeviceCheck {
    HostDevice,
    HostDeviceThere,
    SharedFolder,
    SharedMemory,
    Tpm,
    TpmSecret,
    Firmware,
    FirmwareVariables,
    UsbRedirection,
    HostFile,
    SocketNumber,
    ConsolePort,
    ConsoleAddress,
}

impl From<DeviceCheck> for CheckId {
    fn from(check: DeviceCheck) -> Self {
        Self::Device(check)
    }
}

/// What is asked about what interfaces are connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs)] // the words of each are in `ui::labels::checks`
pub enum NetworkCheck {
    There,
    Alike,
    HostLink,
    OwnProgram,
    PortGroup,
    PortKind,
    Filter,
}

impl From<NetworkCheck> for CheckId {
    fn from(check: NetworkCheck) -> Self {
        Self::Network(check)
    }
}

/// What is asked about disks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs)] // the words of each are in `ui::labels::checks`
pub enum StorageCheck {
    There,
    Shared,
    Access,
    Growth,
    Cache,
    Transient,
    Medium,
    Secret,
    Reservations,
    CopyPlace,
    CopySpace,
}

impl From<StorageCheck> for CheckId {
    fn from(check: StorageCheck) -> Self {
        Self::Storage(check)
    }
}

/// What can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // where it is done
pub enum Advice {
    Nothing,
    Host(HostAdvice),
    Guest(GuestAdvice),
    Place(PlaceAdvice),
}

/// What can be done about the hosts or the choice of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the words of each are in `ui::labels::advice`
pub enum HostAdvice {
    OtherDestination,
    GiveHostUuid,
    UpdateDestination,
    GiveMigrationAddress,
    LogInOrDirect,
    OpenPorts,
    Certificates,
    EncryptIfRefused,
    SameSecurityModel,
    SameLockManager,
    SynchroniseClocks,
    CommonProcessor,
    SameProcessor,
    FreeMemory,
    AllocateHugePages,
    EditPinning,
    PlaceModules,
    AllowPostcopy,
    LimitMemory,
    WriteClockRate,
    NewName,
    ShutDownThere,
    SaveDefinition,
}

/// What can be done with the guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the words of each are in `ui::labels::advice`
pub enum GuestAdvice {
    DeleteSnapshots,
    WaitOrCancel,
    MendDisk,
    DiscardSavedState,
    SetAutostart,
    ChangeAddress,
    UnplugDevice,
    MakeHostDevice,
    UnmountFolder,
    CopyByHand,
    InstallFirmware,
    EditPath,
    EditConsole,
    EditDefinition,
}

/// What can be done about networks and storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the words of each are in `ui::labels::advice`
pub enum PlaceAdvice {
    PrepareNetwork,
    StartNetwork,
    EditNetwork,
    CopyFilter,
    ShareOrCopyDisks,
    ProveShared,
    AddPool,
    StartPool,
    RemoveTransient,
    EjectMedium,
    CopySecret,
    MakeRoom,
    MakeImage,
    CompareDevices,
    InstallHelper,
    CacheNone,
    GiveAccess,
    SamePort,
    GrowRoom,
}
