//! Devices that do not simply come along.

use super::{
    Advice, Case, CheckOutcome, CheckResult, DeviceCheck, GuestAdvice, Mend, Value, storage,
};
use crate::model::{EmulatorAnswer, GraphicsFacts, LinkSource, SpecialDevice};

/// Since QEMU 6.0 it is QEMU that says what keeps a guest from being moved (`blocked-reasons`).
const TELLS_BLOCKERS: u64 = 6_000_000;

pub(super) fn ask(case: &Case<'_>) -> Vec<CheckResult> {
    let guest = case.inspection.arriving();
    let mut results: Vec<CheckResult> =
        guest.devices.iter().filter_map(|device| special(case, device)).collect();
    results.extend(guest.host_devices().map(|node| host_device_there(case, node)));
    results.extend(guest.interfaces.iter().filter_map(|interface| {
        plugged_in(case, &interface.link, interface.unplugged_for_migration)
    }));
    let encrypted = guest.tpm_secret.as_ref();
    results.extend(encrypted.map(|need| storage::secret(case, DeviceCheck::TpmSecret, need)));
    results.extend(firmware(case));
    results.extend(firmware_variables(case));
    results.extend(guest.graphics.iter().flat_map(|console| listening(case, console)));
    results
}

fn special(case: &Case<'_>, device: &SpecialDevice) -> Option<CheckResult> {
    Some(match device {
        SpecialDevice::Host { kind, .. } => host_device(case, kind),
        SpecialDevice::SharedFolder { driver, tag, external } => {
            folder(case, driver, *external).about(tag)
        }
        SpecialDevice::SharedMemory { name, master } => shared_memory(case, *master).about(name),
        SpecialDevice::Tpm(backend) => tpm(case, backend),
        SpecialDevice::UsbRedirection => {
            CheckResult::new(DeviceCheck::UsbRedirection, CheckOutcome::Note)
        }
        // Whether another guest there has it, no list tells: it is asked when QEMU starts.
        SpecialDevice::Socket(number) => {
            CheckResult::new(DeviceCheck::SocketNumber, CheckOutcome::CannotTell)
                .about(number.to_string())
                .values(Value::Count((*number).into()), Value::Unknown)
                .advice(Advice::Guest(GuestAdvice::EditPath))
        }
        SpecialDevice::HostFile(path) => {
            CheckResult::new(DeviceCheck::HostFile, CheckOutcome::CannotTell)
                .about(path)
                .values(Value::Text(path.clone()), Value::Unknown)
                .advice(Advice::Guest(GuestAdvice::EditPath))
        }
    })
}

/// It is QEMU that says whether a device of the host can come along; most cannot.
/// USB devices pass, and are gone at the destination.
fn host_device(case: &Case<'_>, kind: &str) -> CheckResult {
    let outcome = match kind {
        "usb" => CheckOutcome::Warns,
        _ if case.starts_there() => CheckOutcome::CannotTell,
        _ => CheckOutcome::Warns,
    };
    CheckResult::new(DeviceCheck::HostDevice, outcome)
        .about(kind)
        .values(Value::text(kind), Value::Unknown)
        .advice(Advice::Guest(GuestAdvice::UnplugDevice))
}

/// A device that comes along takes the place of one there: libvirt looks for it by the same address or UUID.
fn host_device_there(case: &Case<'_>, node: &str) -> CheckResult {
    let check = DeviceCheck::HostDeviceThere;
    let there = case.inspection.destination.host_devices.get(node).copied().flatten();
    let advice = Advice::Guest(GuestAdvice::MakeHostDevice);
    let (result, there) = match there {
        Some(true) => (CheckResult::passed(check), Value::Present),
        Some(false) => {
            (CheckResult::new(check, CheckOutcome::Warns).advice(advice), Value::Missing)
        }
        None => (CheckResult::new(check, CheckOutcome::CannotTell).advice(advice), Value::Unknown),
    };
    result.values(Value::Present, there).about(node)
}

/// libvirt 11.3, where QEMU does not say it itself: "vDPA devices cannot be migrated"; an interface that is a
/// device of the host is unplugged by the guest where it is told so (`teaming`).
fn plugged_in(case: &Case<'_>, link: &LinkSource, unplugged: bool) -> Option<CheckResult> {
    match link {
        LinkSource::HostDevice(_) if unplugged => None,
        LinkSource::HostDevice(_) => Some(host_device(case, "network")),
        LinkSource::Vdpa => {
            let version = case.inspection.source.host.hypervisor_version;
            let result = host_device(case, "vDPA");
            let refused = case.starts_there() && (1..TELLS_BLOCKERS).contains(&version);
            Some(if refused {
                CheckResult { outcome: CheckOutcome::Blocks, ..result }
            } else {
                result
            })
        }
        LinkSource::Network(_)
        | LinkSource::Bridge(_)
        | LinkSource::Direct(_)
        | LinkSource::Other(_) => None,
    }
}

/// libvirt 11.3: "migration with this virtiofs device is not supported" for a daemon of its own;
/// QEMU refuses 9p while the guest has it mounted.
fn folder(case: &Case<'_>, driver: &str, external: bool) -> CheckResult {
    let check = DeviceCheck::SharedFolder;
    let outcome = match (case.starts_there(), driver, external) {
        (false, ..) => CheckOutcome::CannotTell,
        (true, "virtiofs", false) => CheckOutcome::Blocks,
        (true, ..) => CheckOutcome::CannotTell,
    };
    let advice = if case.starts_there() {
        Advice::Guest(GuestAdvice::UnmountFolder)
    } else {
        Advice::Guest(GuestAdvice::EditPath)
    };
    CheckResult::new(check, outcome).values(Value::text(driver), Value::Unknown).advice(advice)
}

/// libvirt 11.3: "only shmem with role='master' can be migrated"; QEMU 10.0 says it first: "Migration
/// is disabled when using feature 'peer mode' in device 'ivshmem'".
fn shared_memory(case: &Case<'_>, master: bool) -> CheckResult {
    let check = DeviceCheck::SharedMemory;
    if master || !case.starts_there() {
        return CheckResult::passed(check);
    }
    CheckResult::new(check, CheckOutcome::Blocks).advice(Advice::Guest(GuestAdvice::UnplugDevice))
}

/// A running TPM's state goes with the memory; that of a guest which is off stays in its files.
fn tpm(case: &Case<'_>, backend: &str) -> CheckResult {
    let check = DeviceCheck::Tpm;
    let result = match (backend, case.starts_there()) {
        ("emulator", true) => CheckResult::new(check, CheckOutcome::Note),
        ("emulator", false) => CheckResult::new(check, CheckOutcome::Warns)
            .advice(Advice::Guest(GuestAdvice::CopyByHand)),
        _ => CheckResult::new(check, CheckOutcome::CannotTell)
            .advice(Advice::Guest(GuestAdvice::UnplugDevice)),
    };
    result.values(Value::text(backend), Value::None)
}

/// libvirt lists the firmware that it was told of; what is not among it may be there all the same.
fn firmware(case: &Case<'_>) -> Option<CheckResult> {
    let path = case.inspection.arriving().firmware.as_ref()?;
    let check = DeviceCheck::Firmware;
    let (result, there) = match &case.inspection.destination.emulator {
        EmulatorAnswer::Takes { firmware, .. } if firmware.contains(path) => {
            (CheckResult::passed(check), Value::Present)
        }
        _ => {
            let result = CheckResult::new(check, CheckOutcome::CannotTell);
            (result.advice(Advice::Guest(GuestAdvice::InstallFirmware)), Value::Unknown)
        }
    };
    Some(result.values(Value::Text(path.clone()), there))
}

fn firmware_variables(case: &Case<'_>) -> Option<CheckResult> {
    let path = case.inspection.arriving().nvram.as_ref()?;
    let check = DeviceCheck::FirmwareVariables;
    let result = if case.starts_there() {
        CheckResult::passed(check)
    } else {
        CheckResult::new(check, CheckOutcome::Warns).advice(Advice::Guest(GuestAdvice::CopyByHand))
    };
    Some(result.about(path).values(Value::Text(path.clone()), Value::Unknown))
}

/// No client sees which ports and addresses are in use at a host.
fn listening(case: &Case<'_>, console: &GraphicsFacts) -> Vec<CheckResult> {
    if !case.starts_there() {
        return Vec::new();
    }
    let unseen = |check, value: String, mend| {
        CheckResult::new(check, CheckOutcome::CannotTell)
            .about(&console.kind)
            .values(Value::Text(value), Value::Unknown)
            .advice(Advice::Guest(GuestAdvice::EditConsole))
            .mend(mend)
    };
    let port = console
        .fixed_port
        .map(|port| unseen(DeviceCheck::ConsolePort, port.to_string(), Mend::FreePort));
    let everywhere = matches!(console.listen.as_str(), "" | "127.0.0.1" | "::1" | "0.0.0.0" | "::");
    let listen = console.listen.clone();
    let address =
        (!everywhere).then(|| unseen(DeviceCheck::ConsoleAddress, listen, Mend::ListenEverywhere));
    port.into_iter().chain(address).collect()
}
