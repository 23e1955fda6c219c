//! How much of its memory a guest rewrites, measured before it moves.

use std::time::{Duration, Instant};

use virt::connect::Connect;
use virt::domain::Domain;

use super::ffi::{self, Scope};
use super::guest::lookup;
use crate::model::{Bytes, Failure, FailureKind, GuestUuid, MemoryWatch};

/// How often is asked whether it is done.
const LOOK: Duration = Duration::from_millis(100);
/// So long after it was to end it should long be done: QEMU reads all samples twice, on a busy host.
const LIMIT: Duration = Duration::from_secs(15);
/// QEMU takes no samples of less memory.
const SAMPLED: Bytes = Bytes(128 << 20);
/// libvirt's `VIR_DOMAIN_DIRTYRATE_MEASURING` and `…MEASURED`.
const MEASURING: u64 = 1;
const MEASURED: u64 = 2;

/// What libvirt tells of the guest's memory.
#[derive(Debug, Default)]
struct Told {
    status: u64,
    /// Seconds.
    period: u32,
    mibps: Option<u64>,
    resident: Option<Bytes>,
}

/// Watches the guest for so many seconds. `stop` is asked between whiles.
///
/// # Errors
///
/// libvirt's; [`FailureKind::Unsupported`] where QEMU cannot measure so small a guest,
/// [`FailureKind::TimedOut`], and [`FailureKind::Busy`] when it was to stop.
pub(crate) fn watch(
    connect: &Connect,
    uuid: GuestUuid,
    seconds: u32,
    stop: &dyn Fn() -> bool,
) -> Result<MemoryWatch, Failure> {
    let busy = || Failure::own(FailureKind::Busy, "this guest is on the move");
    if stop() {
        return Err(busy());
    }
    let domain = lookup(connect, uuid)?;
    let memory = domain.max_memory().map(Bytes::from_kib).unwrap_or_default();
    let samples = memory >= SAMPLED;
    // QEMU finishes what was begun before, by us or somebody else, and begins nothing new meanwhile.
    let before = read(&domain)?;
    let own = before.status != MEASURING;
    if own {
        ffi::start_dirty_rate(&domain, seconds, samples)?;
    }
    let lasts = if own { seconds } else { before.period };
    let ends = Instant::now() + Duration::from_secs(lasts.into());
    let told = loop {
        std::thread::sleep(LOOK);
        if stop() {
            return Err(busy());
        }
        if own && Instant::now() < ends {
            continue;
        }
        let told = read(&domain)?;
        if told.status == MEASURED {
            break told;
        }
        if Instant::now() > ends + LIMIT {
            let message = format!("QEMU did not measure within {} s", LIMIT.as_secs());
            return Err(Failure::own(FailureKind::TimedOut, message));
        }
    };
    let mibps = told.mibps.ok_or_else(|| Failure::own(FailureKind::Other, "no rate was told"))?;
    if !samples && mibps == 0 {
        // Without KVM no bitmap is kept, and the answer is always 0.
        let message = "QEMU does not measure guests with less than 128 MiB of memory here";
        return Err(Failure::own(FailureKind::Unsupported, message));
    }
    let seconds = if told.period > 0 { told.period } else { lasts.max(1) };
    Ok(MemoryWatch { seconds, written: written(mibps, seconds), resident: told.resident })
}

/// What was written in so many seconds. QEMU tells a rate, MiB/s, with the rest cut off: half of one, in the mean.
fn written(mibps: u64, seconds: u32) -> Bytes {
    let halves = mibps.saturating_mul(2).saturating_add(u64::from(mibps > 0));
    Bytes(halves.saturating_mul(seconds.into()).saturating_mul(1 << 19))
}

fn read(domain: &Domain) -> Result<Told, Failure> {
    let mut told = Told::default();
    ffi::guest_stats(domain, Scope::Memory, &mut |record| {
        record.visit(&mut |name, value| match name {
            "dirtyrate.calc_status" => told.status = value.number(),
            "dirtyrate.calc_period" => told.period = value.number().try_into().unwrap_or(0),
            "dirtyrate.megabytes_per_second" => told.mibps = Some(value.number()),
            "balloon.rss" => told.resident = Some(Bytes::from_kib(value.number())),
            _ => {}
        });
    })?;
    Ok(told)
}
