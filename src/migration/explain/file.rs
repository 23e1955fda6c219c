//! Files that cannot be opened, and why.

use super::{Cause, DiskCause, HostCause};

/// "Cannot access storage file '…' (as uid:…): No such file or directory" and its kin. What is there and
/// cannot be opened for another reason says so itself.
pub(super) fn file(text: &str) -> Option<Cause> {
    let begin =
        ["Cannot access storage file '", "Cannot access backing file '", "Could not open '"]
            .into_iter()
            .find_map(|begin| text.split_once(begin))?
            .1;
    let (path, rest) = begin.split_once('\'')?;
    if rest.contains("Permission denied") {
        Some(DiskCause::FileDenied(path.into()).into())
    } else if rest.contains("No such file or directory") {
        let missing = || DiskCause::FileMissing(path.into()).into();
        Some(if is_firmware(path) { HostCause::FirmwareMissing.into() } else { missing() })
    } else {
        None
    }
}

/// Where distributions put firmware, and nobody puts disks.
fn is_firmware(path: &str) -> bool {
    let firmware = ["OVMF", "ovmf", "AAVMF", "edk2", "qemu"];
    let below = path.strip_prefix("/usr/share/");
    below.is_some_and(|below| firmware.iter().any(|place| below.starts_with(place)))
}
