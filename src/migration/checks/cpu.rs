//! The guest's processor, machine and emulator.

use super::{Advice, Case, CheckOutcome, CheckResult, HostAdvice, Mend, ProcessorCheck, Value};
use crate::model::{CpuAnswer, EmulatorAnswer};

pub(super) fn ask(case: &Case<'_>) -> Vec<CheckResult> {
    let mut results = emulator(case);
    results.extend(processor(case));
    results.extend(model_runs(case));
    results.extend(model_kept(case));
    results.extend(nested(case));
    results.extend(passed_through(case));
    results.extend(clock_rate(case));
    results
}

/// The emulator, and with it the way guests run, the machine type and the number of processors.
fn emulator(case: &Case<'_>) -> Vec<CheckResult> {
    let guest = case.inspection.arriving();
    let host = &case.inspection.destination.host;
    let values = [
        (ProcessorCheck::Architecture, guest.arch.clone(), host.arch.clone()),
        (ProcessorCheck::VirtType, guest.virt_type.clone(), String::new()),
        (ProcessorCheck::Emulator, guest.emulator.clone(), String::new()),
        (ProcessorCheck::MachineType, guest.machine.clone(), String::new()),
    ];
    let refused = match &case.inspection.destination.emulator {
        EmulatorAnswer::Takes { vcpus, .. } => {
            let found = values.into_iter().map(|(check, here, there)| {
                let there = if there.is_empty() { Value::Present } else { Value::Text(there) };
                CheckResult::passed(check).values(Value::text(here), there)
            });
            return found.chain(processor_count(case, *vcpus)).collect();
        }
        EmulatorAnswer::NoArch => Some(ProcessorCheck::Architecture),
        EmulatorAnswer::NoVirtType => Some(ProcessorCheck::VirtType),
        EmulatorAnswer::NoEmulator => Some(ProcessorCheck::Emulator),
        EmulatorAnswer::NoMachine => Some(ProcessorCheck::MachineType),
        EmulatorAnswer::Unknown(_) => None,
    };
    // libvirt stops at the first thing missing: of those after it nothing is known.
    let mut results = Vec::new();
    for (check, here, there) in values {
        let (outcome, there) = match refused {
            Some(refused) if refused == check => (case.refused(), Value::Missing),
            Some(_) => (CheckOutcome::CannotTell, Value::Unknown),
            None => (CheckOutcome::CannotTell, Value::text(there)),
        };
        let advice = if outcome == CheckOutcome::CannotTell {
            Advice::Nothing
        } else {
            Advice::Host(HostAdvice::OtherDestination)
        };
        let result = CheckResult::new(check, outcome).values(Value::text(here), there);
        results.push(result.advice(advice));
    }
    results
}

fn processor_count(case: &Case<'_>, most: Option<u32>) -> Option<CheckResult> {
    let (wanted, most) = (case.inspection.arriving().vcpus, most?);
    let check = ProcessorCheck::Count;
    let result = if wanted > most {
        CheckResult::new(check, case.refused()).advice(Advice::Host(HostAdvice::OtherDestination))
    } else {
        CheckResult::passed(check)
    };
    Some(result.values(Value::Count(wanted.into()), Value::Count(most.into())))
}

/// libvirt makes sure of the processor only where the definition says so (`check`); it does so for
/// every running guest that was started with a check.
fn processor(case: &Case<'_>) -> Option<CheckResult> {
    let cpu = &case.inspection.arriving().cpu;
    let check = ProcessorCheck::Fits;
    let name = if cpu.model.is_empty() { cpu.mode.clone() } else { cpu.model.clone() };
    let grave = if cpu.enforced { case.refused() } else { CheckOutcome::Warns };
    let (outcome, there) = match &case.inspection.destination.cpu {
        CpuAnswer::Fits => (CheckOutcome::Passed, Value::Present),
        CpuAnswer::Lacks(features) => (grave, Value::Without(features.clone())),
        CpuAnswer::UnknownModel(_) => (grave, Value::Missing),
        CpuAnswer::NotAsked => return None,
        CpuAnswer::Unknown(_) => (CheckOutcome::CannotTell, Value::Unknown),
    };
    let advice = match outcome {
        CheckOutcome::Blocks | CheckOutcome::Warns => Advice::Host(HostAdvice::CommonProcessor),
        CheckOutcome::CannotTell | CheckOutcome::Note | CheckOutcome::Passed => Advice::Nothing,
    };
    let result = CheckResult::new(check, outcome).values(Value::text(name), there).advice(advice);
    let lacking = matches!(case.inspection.destination.cpu, CpuAnswer::Lacks(_));
    let persistent = case.inspection.source.persistent == Some(true);
    Some(if lacking && persistent { result.mend(Mend::CommonProcessor) } else { result })
}

/// The guest's whole model, without what the guest leaves out of it; the comparison of features says more
/// where it was made.
fn model_runs(case: &Case<'_>) -> Option<CheckResult> {
    let destination = &case.inspection.destination;
    let model = destination.model.as_ref()?;
    let outcome = match (model.usable, &destination.cpu) {
        (_, CpuAnswer::Lacks(_) | CpuAnswer::UnknownModel(_)) => return None,
        (Some(true), _) => CheckOutcome::Passed,
        (Some(false), CpuAnswer::Fits) => CheckOutcome::Note,
        (Some(false), CpuAnswer::NotAsked | CpuAnswer::Unknown(_)) => CheckOutcome::Warns,
        (None, _) => CheckOutcome::CannotTell,
    };
    let there = match model.usable {
        Some(true) => Value::Present,
        Some(false) if model.blockers.is_empty() => Value::Missing,
        Some(false) => Value::Without(model.blockers.join(", ")),
        None => Value::Unknown,
    };
    let advice = match outcome {
        CheckOutcome::Warns | CheckOutcome::Note => Advice::Host(HostAdvice::CommonProcessor),
        CheckOutcome::Blocks | CheckOutcome::CannotTell | CheckOutcome::Passed => Advice::Nothing,
    };
    let result = CheckResult::new(ProcessorCheck::ModelRuns, outcome).advice(advice);
    Some(result.values(Value::text(model.name.clone()), there))
}

/// It runs today, and does not with some later version of QEMU.
fn model_kept(case: &Case<'_>) -> Option<CheckResult> {
    let model = case.inspection.destination.model.as_ref().filter(|model| model.deprecated)?;
    let result = CheckResult::new(ProcessorCheck::ModelKept, CheckOutcome::Note);
    let result = result.values(Value::text(model.name.clone()), Value::None);
    Some(result.advice(Advice::Host(HostAdvice::CommonProcessor)))
}

/// libvirt's news of 10.2.0: "Fix migration from libvirt older than 9.10.0 when vmx is enabled"; 9.10.0, 10.0.0
/// and 10.1.0 refuse ("extra features: vmx-…") what comes from others, and older ones refuse theirs. Of
/// 10.5.0: "Fix migration with disabled vmx-* CPU features". Distributions may have mended theirs.
fn nested(case: &Case<'_>) -> Option<CheckResult> {
    const SPLIT: u64 = 9_010_000;
    const MENDED: u64 = 10_002_000;
    const DISABLED_MENDED: u64 = 10_005_000;
    let cpu = &case.inspection.guest.cpu;
    if !cpu.vmx || !case.starts_there() {
        return None;
    }
    let here = case.inspection.source.host.libvirt_version;
    let there = case.inspection.destination.host.libvirt_version;
    let affected = |version: u64| (SPLIT..MENDED).contains(&version);
    let lost = affected(here) != affected(there) && !(affected(here) && there >= MENDED);
    let disabled = cpu.without_some_vmx && (SPLIT..DISABLED_MENDED).contains(&there);
    let outcome = if here == 0 || there == 0 {
        CheckOutcome::CannotTell
    } else if lost || disabled {
        CheckOutcome::Warns
    } else {
        CheckOutcome::Passed
    };
    let result = CheckResult::new(ProcessorCheck::NestedVersions, outcome);
    let advice = match outcome {
        CheckOutcome::Warns => Advice::Host(HostAdvice::UpdateDestination),
        _ => Advice::Nothing,
    };
    Some(result.values(Value::version(here), Value::version(there)).advice(advice))
}

/// A guest that sees the host's own processor may crash on another, without any refusal.
fn passed_through(case: &Case<'_>) -> Option<CheckResult> {
    if case.inspection.arriving().cpu.mode != "host-passthrough" {
        return None;
    }
    let here = &case.inspection.source.host.cpu_model;
    let there = &case.inspection.destination.host.cpu_model;
    let check = ProcessorCheck::PassedThrough;
    let result = if here.is_empty() || there.is_empty() {
        CheckResult::new(check, CheckOutcome::CannotTell)
    } else if here == there {
        // The same model may still differ in microcode.
        CheckResult::new(check, CheckOutcome::Note)
    } else {
        CheckResult::new(check, CheckOutcome::Warns)
    };
    let values = (Value::text(here.clone()), Value::text(there.clone()));
    Some(result.values(values.0, values.1).advice(Advice::Host(HostAdvice::SameProcessor)))
}

/// libvirt 11.3: "domain has 'invtsc' CPU feature but TSC frequency is not specified"; "Requested TSC frequency
/// %llu Hz is outside tolerance range (…) and TSC scaling is not supported by the host CPU".
fn clock_rate(case: &Case<'_>) -> Option<CheckResult> {
    let check = ProcessorCheck::ClockRate;
    let own = &case.inspection.guest.cpu;
    if own.invariant_tsc && own.tsc_frequency.is_none() {
        let outcome = if case.starts_there() { CheckOutcome::Blocks } else { CheckOutcome::Note };
        let advice = Advice::Host(HostAdvice::WriteClockRate);
        return Some(CheckResult::new(check, outcome).advice(advice));
    }
    let wanted = case.inspection.arriving().cpu.tsc_frequency?;
    let there = case.inspection.destination.clock;
    let outcome = there.map_or(CheckOutcome::CannotTell, |clock| {
        let near = clock.frequency.abs_diff(wanted) <= tolerance(clock.frequency);
        match clock.scaling {
            _ if near => CheckOutcome::Passed,
            Some(true) => CheckOutcome::Passed,
            Some(false) => case.refused(),
            None => CheckOutcome::CannotTell,
        }
    });
    let advice = match outcome {
        CheckOutcome::Blocks | CheckOutcome::Warns => Advice::Host(HostAdvice::OtherDestination),
        CheckOutcome::CannotTell | CheckOutcome::Note | CheckOutcome::Passed => Advice::Nothing,
    };
    let there = there.map_or(Value::Unknown, |clock| Value::Text(hertz(clock.frequency)));
    Some(CheckResult::new(check, outcome).values(Value::Text(hertz(wanted)), there).advice(advice))
}

/// How far a rate may be off, in libvirt as in the kernel: 250 parts of a million (`TSC_TOLERANCE`).
const fn tolerance(frequency: u64) -> u64 {
    frequency.saturating_mul(250) / 1_000_000
}

fn hertz(frequency: u64) -> String {
    format!("{frequency} Hz")
}
