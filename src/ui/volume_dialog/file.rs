//! What a file of this computer is that is to become a volume. Read away from the main thread.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::model::Bytes;
use crate::model::storage::VolumeFormat;

/// A file, as far as its beginning tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFacts {
    /// Bytes in it.
    pub size: Bytes,
    /// Its format.
    pub format: VolumeFormat,
    /// Its size as a guest sees it.
    pub capacity: Bytes,
}

/// Bytes at the beginning by which formats are told apart.
const BEGINNING: usize = 512;

/// Looks at a file.
///
/// # Errors
///
/// When it cannot be read; the system's own words.
pub fn look_at(path: &Path) -> Result<FileFacts, String> {
    let say = |error: std::io::Error| error.to_string();
    let mut file = File::open(path).map_err(say)?;
    let about = file.metadata().map_err(say)?;
    let mut beginning = Vec::new();
    file.by_ref().take(BEGINNING as u64).read_to_end(&mut beginning).map_err(say)?;
    Ok(facts(path, Bytes(about.len()), &beginning))
}

fn facts(path: &Path, size: Bytes, beginning: &[u8]) -> FileFacts {
    // docs/interop/qcow2.rst: magic, version, …, at byte 24 the virtual size, all big-endian.
    let qcow2 = beginning.starts_with(b"QFI\xfb");
    let version = beginning.get(4..8).map(|bytes| bytes == [0, 0, 0, 1]);
    let virtual_size = beginning
        .get(24..32)
        .and_then(|bytes| bytes.try_into().ok())
        .map(|bytes| Bytes(u64::from_be_bytes(bytes)));
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let format = match (qcow2, version) {
        (true, Some(true)) => VolumeFormat::Qcow,
        (true, _) => VolumeFormat::Qcow2,
        (false, _) if beginning.starts_with(b"KDMV") => VolumeFormat::Vmdk,
        (false, _) if beginning.starts_with(b"QED\0") => VolumeFormat::Qed,
        (false, _) if beginning.starts_with(b"conectix") => VolumeFormat::Vpc,
        (false, _) if beginning.starts_with(b"<<< ") => VolumeFormat::Vdi,
        (false, _) if ending.eq_ignore_ascii_case("iso") => VolumeFormat::Iso,
        (false, _) => VolumeFormat::Raw,
    };
    let capacity = virtual_size.filter(|_| format == VolumeFormat::Qcow2).unwrap_or(size);
    FileFacts { size, format, capacity: capacity.max(size) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_beginning() {
        let mut qcow2 = b"QFI\xfb\0\0\0\x03".to_vec();
        qcow2.extend([0; 16]);
        qcow2.extend((5_u64 << 30).to_be_bytes());
        let path = Path::new("/tmp/disk.img");
        let found = facts(path, Bytes(196_616), &qcow2);
        assert_eq!((found.format, found.capacity), (VolumeFormat::Qcow2, Bytes(5 << 30)));
        assert_eq!(facts(path, Bytes(9), b"\0\0").format, VolumeFormat::Raw);
        assert_eq!(facts(Path::new("a.ISO"), Bytes(9), b"").format, VolumeFormat::Iso);
        assert_eq!(facts(path, Bytes(9), b"KDMV").format, VolumeFormat::Vmdk);
    }

    #[test]
    fn a_file_that_is_not_there_says_so() {
        assert!(look_at(Path::new("/no/such/file")).is_err());
    }
}
