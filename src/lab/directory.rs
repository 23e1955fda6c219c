//! The directory a lab lives in: which one, whose it is, and what is left in it from before.

use std::fs::{File, Permissions, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::error::{LabError, file_error};
use super::processes;

/// Held locked by the program whose lab it is; also the mark by which a directory is known as a lab's.
const LOCK: &str = "vireo-lab.lock";
/// Longest path of a socket: 108 bytes in `sockaddr_un`, one of them the end.
const SOCKET_PATH: usize = 107;
/// The longest path below the lab, QEMU's monitor of a guest with a name of 20 letters or more (libvirt cuts there).
const LONGEST_BELOW: usize =
    "/a/config/libvirt/qemu/lib/domain-99999-12345678901234567890/monitor.sock".len();
/// Labs side by side in the default place.
const DEFAULT_PLACES: usize = 16;

/// A directory that is ours until it is dropped.
pub(super) struct Directory {
    path: PathBuf,
    lock: File,
}

impl Directory {
    /// Takes `wanted`, or the first free one of the default directories, and removes what a killed program left in it.
    ///
    /// # Errors
    ///
    /// When it is in use, is not a lab's, is too long, or cannot be made.
    pub(super) fn claim(wanted: Option<&Path>) -> Result<Self, LabError> {
        if let Some(wanted) = wanted {
            return Self::take(wanted);
        }
        let mut refused = None;
        for place in default_places() {
            match Self::take(&place) {
                Err(error @ LabError::DirectoryInUse { .. }) => refused = Some(error),
                taken => return taken,
            }
        }
        Err(refused.unwrap_or(LabError::DirectoryInUse { directory: default_place(0) }))
    }

    /// The directory itself.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Ends the lab's processes and removes everything.
    ///
    /// # Errors
    ///
    /// When a process does not end or a file cannot be removed.
    pub(super) fn clear(&self) -> Result<(), LabError> {
        processes::end_all(&self.path)?;
        remove_content(&self.path, LOCK).map_err(file_error(&self.path))?;
        // The lock goes last and is held while it goes: who opens it now finds that it is no longer in the directory.
        remove(&self.path.join(LOCK))?;
        std::fs::remove_dir(&self.path).map_err(file_error(&self.path))
    }

    fn take(path: &Path) -> Result<Self, LabError> {
        let path = std::path::absolute(path).map_err(file_error(path))?;
        let length = path.as_os_str().len() + LONGEST_BELOW;
        if let Some(excess) = length.checked_sub(SOCKET_PATH + 1) {
            return Err(LabError::DirectoryTooLong { directory: path, excess: excess + 1 });
        }
        loop {
            make_private(&path)?;
            let lock = lock(&path)?;
            let taken = Self { path: path.clone(), lock };
            // Somebody may have removed the directory between our opening and our locking.
            if taken.is_current() {
                processes::end_all(&taken.path)?;
                remove_content(&taken.path, LOCK).map_err(file_error(&taken.path))?;
                return Ok(taken);
            }
        }
    }

    fn is_current(&self) -> bool {
        let here = self.lock.metadata().map(|file| (file.dev(), file.ino()));
        let there = std::fs::metadata(self.path.join(LOCK)).map(|file| (file.dev(), file.ino()));
        here.is_ok() && here.ok() == there.ok()
    }
}

/// Removes what killed programs left in the default directories, and returns how many labs that were.
///
/// # Errors
///
/// When something of it cannot be removed.
pub(super) fn sweep() -> Result<usize, LabError> {
    let mut swept = 0;
    for place in default_places().filter(|place| place.join(LOCK).exists()) {
        match Directory::take(&place) {
            Ok(left_over) => {
                left_over.clear()?;
                swept += 1;
            }
            Err(LabError::DirectoryInUse { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(swept)
}

fn default_places() -> impl Iterator<Item = PathBuf> {
    (0..DEFAULT_PLACES).map(default_place)
}

/// For root in `/run`, which others can pass through (its daemons run as `nobody`) and only root can write; for users
/// in their run-time directory, and where there is none in a private one in `/tmp`.
fn default_place(number: usize) -> PathBuf {
    let user = rustix::process::geteuid();
    let suffix = if number == 0 { String::new() } else { format!("-{}", number + 1) };
    if user.is_root() {
        return PathBuf::from(format!("/run/vireo-lab{suffix}"));
    }
    match std::env::var_os("XDG_RUNTIME_DIR").filter(|place| Path::new(place).is_absolute()) {
        Some(place) => Path::new(&place).join(format!("vireo-lab{suffix}")),
        None => PathBuf::from(format!("/tmp/vireo-lab-{}{suffix}", user.as_raw())),
    }
}

/// Makes the directory, or makes sure that an existing one is our own: empty, or a lab's.
fn make_private(path: &Path) -> Result<(), LabError> {
    let foreign = || LabError::DirectoryForeign { directory: path.to_owned() };
    // Others may pass through but not look: the daemons of root's lab run as another user.
    let mode = if rustix::process::geteuid().is_root() { 0o711 } else { 0o700 };
    match std::fs::DirBuilder::new().mode(mode).create(path) {
        // Once more: the file mode creation mask may have taken something away.
        Ok(()) => {
            return std::fs::set_permissions(path, Permissions::from_mode(mode))
                .map_err(file_error(path));
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(file_error(path)(error)),
    }
    let found = std::fs::symlink_metadata(path).map_err(file_error(path))?;
    if !found.is_dir() || found.uid() != rustix::process::geteuid().as_raw() {
        return Err(foreign());
    }
    let mut content = std::fs::read_dir(path).map_err(file_error(path))?;
    if content.next().is_some() && !path.join(LOCK).exists() {
        return Err(foreign());
    }
    Ok(())
}

fn lock(directory: &Path) -> Result<File, LabError> {
    let path = directory.join(LOCK);
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(file_error(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(LabError::DirectoryInUse { directory: directory.to_owned() })
        }
        Err(TryLockError::Error(error)) => Err(file_error(&path)(error)),
    }
}

fn remove_content(directory: &Path, except: &str) -> io::Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_name() == except {
            continue;
        }
        if entry.file_type()?.is_dir() {
            std::fs::remove_dir_all(entry.path())?;
        } else {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn remove(file: &Path) -> Result<(), LabError> {
    std::fs::remove_file(file).map_err(file_error(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_with_other_files_is_left_alone() {
        let place = tempfile::tempdir().unwrap();
        std::fs::write(place.path().join("letter.txt"), "dear").unwrap();
        let refused = Directory::claim(Some(place.path()));
        assert!(matches!(refused, Err(LabError::DirectoryForeign { .. })));
        assert!(place.path().join("letter.txt").exists());
    }

    #[test]
    fn a_directory_belongs_to_one_lab_at_a_time() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("l");
        let first = Directory::claim(Some(&path)).unwrap();
        std::fs::write(path.join("file"), "").unwrap();
        let second = Directory::claim(Some(&path));
        assert!(matches!(second, Err(LabError::DirectoryInUse { .. })));
        assert!(path.join("file").exists(), "a lab whose owner lives is not touched");
        drop(first);
        let third = Directory::claim(Some(&path)).unwrap();
        assert!(!path.join("file").exists(), "what a dead owner left is removed");
        third.clear().unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn a_long_directory_is_refused_with_its_excess() {
        let path = PathBuf::from(format!("/tmp/{}", "x".repeat(SOCKET_PATH - LONGEST_BELOW)));
        let refused = Directory::claim(Some(&path));
        assert!(matches!(refused, Err(LabError::DirectoryTooLong { excess: 5, .. })));
    }
}
