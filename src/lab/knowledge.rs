//! What the labs of one program learn from each other.
//!
//! A daemon asks QEMU what it can do by running it several times, which takes seconds; it keeps the answers in files,
//! and checks itself whether they still hold. They go from a lab that stops to the labs after it, through memory: nothing
//! is left on the disk.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::identity::Identity;

/// libvirt's files about QEMU, by name.
static CAPABILITIES: Mutex<BTreeMap<OsString, Vec<u8>>> = Mutex::new(BTreeMap::new());

/// Writes what is known into a new lab's directory.
pub(super) fn recall(directory: &Path, identity: Identity) -> io::Result<()> {
    let known = CAPABILITIES.lock().unwrap_or_else(PoisonError::into_inner);
    for (name, content) in known.iter() {
        let path = directory.join(name);
        std::fs::write(&path, content)?;
        identity.give(&path)?;
    }
    Ok(())
}

/// Reads what a lab has learnt. The daemons must have ended: a file may be half written before.
pub(super) fn learn(directory: &Path) -> io::Result<()> {
    let mut known = CAPABILITIES.lock().unwrap_or_else(PoisonError::into_inner);
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        // libvirt writes to `….xml.new` first.
        if Path::new(&name).extension().is_some_and(|extension| extension == "xml") {
            known.insert(name, std::fs::read(entry.path())?);
        }
    }
    Ok(())
}
