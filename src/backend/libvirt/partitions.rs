//! The names of a disk's partitions.

use crate::model::storage::{DiskLabel, PoolSource};

/// A disk whose partitions are volumes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Device {
    base: String,
    label: DiskLabel,
}

/// The disk of a pool of partitions.
pub(super) fn device(source: &PoolSource) -> Option<Device> {
    let PoolSource::Disk { device, label, part_separator } = source else { return None };
    let name = device.rsplit('/').next().unwrap_or(device);
    // As the kernel does it: `sda1`, but `nvme0n1p1`.
    let separated =
        part_separator.unwrap_or_else(|| name.ends_with(|last: char| last.is_ascii_digit()));
    let base = if separated { format!("{name}p") } else { name.to_owned() };
    Some(Device { base, label: *label })
}

/// The name the next partition gets: parted takes the lowest free number; in an MBR those of
/// logical partitions begin with 5.
pub(super) fn next_name(device: &Device, taken: &[String]) -> String {
    let numbers: Vec<u32> =
        taken.iter().filter_map(|name| name.strip_prefix(&device.base)?.parse().ok()).collect();
    let extended = device.label == DiskLabel::Dos && numbers.iter().any(|&number| number > 4);
    let first = if extended { 5 } else { 1 };
    let number = (first..).find(|number| !numbers.contains(number)).unwrap_or(first);
    format!("{}{number}", device.base)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(path: &str, label: DiskLabel, part_separator: Option<bool>, taken: &[&str]) -> String {
        let source = PoolSource::Disk { device: path.into(), label, part_separator };
        let taken: Vec<String> = taken.iter().map(|&name| name.to_owned()).collect();
        next_name(&device(&source).unwrap(), &taken)
    }

    #[test]
    fn the_next_partition_is_called_as_the_kernel_calls_it() {
        let gpt = DiskLabel::Gpt;
        assert_eq!(named("/dev/sda", gpt, None, &[]), "sda1");
        assert_eq!(named("/dev/sda", gpt, None, &["sda1", "sda3"]), "sda2");
        assert_eq!(named("/dev/loop0", gpt, None, &["loop0p1"]), "loop0p2");
        assert_eq!(named("/dev/nvme0n1", gpt, None, &[]), "nvme0n1p1");
        assert_eq!(named("/dev/mapper/x", gpt, Some(true), &[]), "xp1");
        assert_eq!(named("/dev/sda", DiskLabel::Dos, None, &["sda1", "sda2", "sda5"]), "sda6");
        assert_eq!(device(&PoolSource::Dir), None);
    }
}
