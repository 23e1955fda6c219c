//! The checks before a migration: what was asked, the two values, the verdict.

use super::{advice, bytes, reasons, version};
use crate::i18n::{gettext, gettext_f, ngettext_f};
use crate::migration::checks::{
    CheckId, CheckOutcome, CheckResult, DefinitionCheck, DeviceCheck, HostCheck, IdentityCheck,
    MemoryCheck, NetworkCheck, ProcessorCheck, StateCheck, StorageCheck, Value, Verdict,
};

/// What was asked, and of what.
#[must_use]
pub fn title(result: &CheckResult) -> String {
    let title = match result.check {
        CheckId::Host(check) => host(check),
        CheckId::Processor(check) => processor(check),
        CheckId::Memory(check) => memory(check),
        CheckId::State(check) => state(check),
        CheckId::Identity(check) => identity(check),
        CheckId::Definition(check) => definition(check),
        CheckId::Device(check) => device(check),
        CheckId::Network(check) => network(check),
        CheckId::Storage(check) => storage(check),
    };
    if result.about.is_empty() {
        return title;
    }
    gettext_f("{question}: {about}", &[("question", &title), ("about", &result.about)])
}

fn host(check: HostCheck) -> String {
    match check {
        HostCheck::DifferentHosts => gettext("Two different hosts"),
        HostCheck::Hypervisor => gettext("Same hypervisor"),
        HostCheck::TransportOffered => gettext("Destination takes guests in"),
        HostCheck::LibvirtVersion => gettext("Version of libvirt"),
        HostCheck::QemuVersion => gettext("Version of QEMU"),
        HostCheck::NameOfDestination => gettext("Destination found by its name"),
        HostCheck::LogIn => gettext("Source may log in at the destination"),
        HostCheck::Ports => gettext("Ports open at the destination"),
        HostCheck::Encryption => gettext("Encryption"),
        HostCheck::LockManager => gettext("Lock manager for disks"),
        HostCheck::Clocks => gettext("Clocks of the hosts"),
        HostCheck::SecurityModel => gettext("Security model of the guest's label"),
    }
}

fn processor(check: ProcessorCheck) -> String {
    match check {
        ProcessorCheck::VirtType => gettext("Kind of virtualization"),
        ProcessorCheck::Architecture => gettext("Processor architecture"),
        ProcessorCheck::Emulator => gettext("Emulator"),
        ProcessorCheck::MachineType => gettext("Machine type"),
        ProcessorCheck::Fits => gettext("Processor features"),
        ProcessorCheck::ModelRuns => gettext("Processor model"),
        ProcessorCheck::ModelKept => gettext("Future of the processor model"),
        ProcessorCheck::NestedVersions => gettext("Nested virtualization between these versions"),
        ProcessorCheck::PassedThrough => gettext("Host processor passed through"),
        ProcessorCheck::Count => gettext("Number of processors"),
        ProcessorCheck::ClockRate => gettext("Clock rate of the processor"),
    }
}

fn memory(check: MemoryCheck) -> String {
    match check {
        MemoryCheck::Free => gettext("Free memory"),
        MemoryCheck::HugePages => gettext("Free huge pages"),
        MemoryCheck::Pinning => gettext("Pinning to processors or nodes"),
        MemoryCheck::Encrypted => gettext("Encrypted memory"),
        MemoryCheck::Modules => gettext("Place of the memory modules"),
        MemoryCheck::Postcopy => gettext("Post-copy allowed at the destination"),
        MemoryCheck::Recovery => gettext("Post-copy can be taken up again"),
        MemoryCheck::Locked => gettext("Memory limit for RDMA"),
    }
}

fn state(check: StateCheck) -> String {
    match check {
        StateCheck::Snapshots => gettext("Snapshots"),
        StateCheck::Checkpoints => gettext("Checkpoints"),
        StateCheck::OtherOperation => gettext("Other operations"),
        StateCheck::DiskOperation => gettext("Disks being copied or merged"),
        StateCheck::DiskError => gettext("Disk errors"),
        StateCheck::Paused => gettext("Paused guest"),
        StateCheck::SavedState => gettext("Saved state"),
        StateCheck::Autostart => gettext("Start with the host"),
    }
}

fn identity(check: IdentityCheck) -> String {
    match check {
        IdentityCheck::NameFree => gettext("Name free at the destination"),
        IdentityCheck::SameGuestThere => gettext("Same guest at the destination"),
        IdentityCheck::HardwareAddress => gettext("Hardware addresses free"),
    }
}

fn definition(check: DefinitionCheck) -> String {
    match check {
        DefinitionCheck::SameGuest => gettext("Destination XML is of this guest"),
        DefinitionCheck::Uuid => gettext("UUID in the destination XML"),
        DefinitionCheck::Machine => gettext("Machine type in the destination XML"),
        DefinitionCheck::Memory => gettext("Memory in the destination XML"),
        DefinitionCheck::Processors => gettext("Number of processors in the destination XML"),
        DefinitionCheck::Disks => gettext("Number of disks in the destination XML"),
        DefinitionCheck::Interfaces => gettext("Number of interfaces in the destination XML"),
        DefinitionCheck::HardwareAddress => gettext("Hardware address in the destination XML"),
    }
}

fn device(check: DeviceCheck) -> String {
    match check {
        DeviceCheck::HostDevice => gettext("Device of the host"),
        DeviceCheck::HostDeviceThere => gettext("The same device at the destination"),
        DeviceCheck::SharedFolder => gettext("Folder shared with the host"),
        DeviceCheck::SharedMemory => gettext("Memory shared with other guests"),
        DeviceCheck::Tpm => gettext("TPM"),
        DeviceCheck::TpmSecret => gettext("Secret of the TPM"),
        DeviceCheck::Firmware => gettext("Firmware"),
        DeviceCheck::FirmwareVariables => gettext("Firmware variables"),
        DeviceCheck::UsbRedirection => gettext("Redirected USB devices"),
        DeviceCheck::HostFile => gettext("File or device of the host"),
        DeviceCheck::SocketNumber => gettext("Number of the socket to the host"),
        DeviceCheck::ConsolePort => gettext("Port of the console"),
        DeviceCheck::ConsoleAddress => gettext("Address of the console"),
    }
}

fn network(check: NetworkCheck) -> String {
    match check {
        NetworkCheck::There => gettext("Virtual network"),
        NetworkCheck::Alike => gettext("Same network on both hosts"),
        NetworkCheck::HostLink => gettext("Bridge or interface of the host"),
        NetworkCheck::OwnProgram => gettext("Network through a program of the host"),
        NetworkCheck::PortGroup => gettext("Port group of the network"),
        NetworkCheck::PortKind => gettext("Kind of port at the switch"),
        NetworkCheck::Filter => gettext("Network filter"),
    }
}

fn storage(check: StorageCheck) -> String {
    match check {
        StorageCheck::There => gettext("Disk found at the destination"),
        StorageCheck::Shared => gettext("Same disk on both hosts"),
        StorageCheck::Access => gettext("Permissions of the disk"),
        StorageCheck::Growth => gettext("Room for the disk to grow"),
        StorageCheck::Cache => gettext("Cache mode of the disk"),
        StorageCheck::Transient => gettext("Transient disk"),
        StorageCheck::Medium => gettext("Medium in the drive"),
        StorageCheck::Secret => gettext("Secret of the disk"),
        StorageCheck::Reservations => gettext("Helper for reservations"),
        StorageCheck::CopyPlace => gettext("Place for the copy"),
        StorageCheck::CopySpace => gettext("Space for the copy"),
    }
}

/// One of the two values; nothing where there is nothing to say.
fn value(value: &Value) -> Option<String> {
    Some(match value {
        Value::None => return None,
        Value::Text(text) => text.clone(),
        Value::Version(number) => version(*number),
        Value::Amount(amount) => bytes(*amount),
        Value::Count(count) => count.to_string(),
        Value::Missing => gettext("missing"),
        Value::Without(what) => gettext_f("without {what}", &[("what", what)]),
        Value::Inactive => gettext("not started"),
        Value::Present => gettext("available"),
        Value::Equal => gettext("the same as here"),
        Value::Different => gettext("another one than here"),
        Value::Unknown => gettext("not known"),
    })
}

/// The two values that were compared, in one line.
#[must_use]
pub fn values(result: &CheckResult) -> Option<String> {
    let (here, there) = (value(&result.here), value(&result.there));
    Some(match (here, there) {
        (None, None) => return None,
        (Some(here), None) => gettext_f("Guest: {here}", &[("here", &here)]),
        (None, Some(there)) => gettext_f("Destination: {there}", &[("there", &there)]),
        (Some(here), Some(there)) => {
            gettext_f("Here: {here} · Destination: {there}", &[("here", &here), ("there", &there)])
        }
    })
}

/// Everything about one answer: the values, why it matters, what can be done.
#[must_use]
pub fn details(result: &CheckResult) -> String {
    let passed = result.outcome == CheckOutcome::Passed;
    let why = (!passed).then(|| reasons::why(result.check));
    let sentences = [values(result), why, advice::advice(result.advice)];
    sentences.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

/// The name of a group of answers.
#[must_use]
pub fn outcome(outcome: CheckOutcome) -> String {
    match outcome {
        CheckOutcome::Blocks => gettext("Blocks the migration"),
        CheckOutcome::Warns => gettext("Be careful"),
        CheckOutcome::CannotTell => gettext("Cannot be told beforehand"),
        CheckOutcome::Note => gettext("Good to know"),
        CheckOutcome::Passed => gettext("Passed"),
    }
}

/// The icon of an answer.
#[must_use]
pub const fn icon(outcome: CheckOutcome) -> &'static str {
    match outcome {
        CheckOutcome::Blocks => "dialog-error-symbolic",
        CheckOutcome::Warns => "dialog-warning-symbolic",
        CheckOutcome::CannotTell => "dialog-question-symbolic",
        CheckOutcome::Note => "dialog-information-symbolic",
        CheckOutcome::Passed => "object-select-symbolic",
    }
}

/// The style of an answer's icon.
#[must_use]
pub const fn style(outcome: CheckOutcome) -> &'static str {
    match outcome {
        CheckOutcome::Blocks => "error",
        CheckOutcome::Warns => "warning",
        CheckOutcome::CannotTell | CheckOutcome::Note => "dim-label",
        CheckOutcome::Passed => "success",
    }
}

/// A host's verdict in a few words.
#[must_use]
pub fn verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Ready => gettext("Ready"),
        Verdict::WithCare(reason) => {
            gettext_f("With care: {reason}", &[("reason", &title(reason))])
        }
        Verdict::Blocked(reason) => gettext_f("Blocked: {reason}", &[("reason", &title(reason))]),
    }
}

/// A verdict in a word; `None` while the hosts are asked.
#[must_use]
pub fn verdict_word(verdict: Option<&Verdict>) -> String {
    match verdict {
        None => gettext("Asking…"),
        Some(Verdict::Ready) => gettext("Ready"),
        Some(Verdict::WithCare(_)) => gettext("With care"),
        Some(Verdict::Blocked(_)) => gettext("Blocked"),
    }
}

/// Icon and style of a verdict; `None` while the hosts are asked.
#[must_use]
pub const fn verdict_icon(verdict: Option<&Verdict>) -> (&'static str, &'static str) {
    match verdict {
        None => ("content-loading-symbolic", "dim-label"),
        Some(Verdict::Ready) => ("object-select-symbolic", "success"),
        Some(Verdict::WithCare(_)) => ("dialog-warning-symbolic", "warning"),
        Some(Verdict::Blocked(_)) => ("action-unavailable-symbolic", "error"),
    }
}

/// Why a move cannot be begun, and what can be done.
#[must_use]
pub fn blocked(reason: &CheckResult) -> String {
    let advice = advice::advice(reason.advice).unwrap_or_default();
    let text = gettext_f("Blocked: {reason}", &[("reason", &title(reason))]);
    format!("{text}. {} {advice}", reasons::why(reason.check)).trim_end().to_owned()
}

/// All answers in one sentence.
#[must_use]
pub fn summary(results: &[CheckResult]) -> String {
    let count = |outcome| results.iter().filter(|result| result.outcome == outcome).count();
    let blocks = count(CheckOutcome::Blocks);
    if blocks > 0 {
        return ngettext_f(
            "{n} obstacle: libvirt would refuse this move.",
            "{n} obstacles: libvirt would refuse this move.",
            blocks,
            &[],
        );
    }
    let warns = count(CheckOutcome::Warns);
    if warns > 0 {
        return ngettext_f(
            "{n} thing to be careful of.",
            "{n} things to be careful of.",
            warns,
            &[],
        );
    }
    gettext("Nothing known is in the way.")
}
