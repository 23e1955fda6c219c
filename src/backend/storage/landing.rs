//! A file of this computer on its way: it grows beside its place, and takes it only when it is whole.

use std::path::{Path, PathBuf};

use super::transfer::failed;
use crate::model::{Failure, FailureKind, JobId};

/// Where a file grows, and where it is to be.
#[derive(Debug)]
pub(super) struct Landing {
    growing: PathBuf,
    place: PathBuf,
}

impl Landing {
    /// Beside this path, which a file may have: it is replaced at the end.
    pub(super) fn at(path: &Path, job: JobId) -> Result<Self, Failure> {
        // What a link points to is replaced, not the link.
        let place = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if place.exists() && !place.is_file() {
            let message = format!("{}: not a file", place.display());
            return Err(Failure::own(FailureKind::Exists, message));
        }
        let name = format!(".vireo-{}-{}.part", std::process::id(), job.0);
        Ok(Self { growing: place.with_file_name(name), place })
    }

    /// Where it grows.
    pub(super) fn growing(&self) -> &Path {
        &self.growing
    }

    /// Puts it into its place.
    pub(super) fn land(&self) -> Result<(), Failure> {
        std::fs::rename(&self.growing, &self.place).map_err(|error| failed(&self.place, &error))
    }

    /// Takes it away; the failure for which that is done, with what is left if it cannot be.
    pub(super) fn give_up(&self, failure: Failure) -> Failure {
        let Err(error) = std::fs::remove_file(&self.growing) else { return failure };
        let message = format!(
            "{} (the unfinished file {} could not be deleted: {error})",
            failure.message,
            self.growing.display()
        );
        Failure { message, ..failure }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(directory).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_is_replaced_only_by_a_whole_one() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("disk.img");
        std::fs::write(&path, "old").unwrap();
        let landing = Landing::at(&path, JobId(7)).unwrap();
        std::fs::write(landing.growing(), "half").unwrap();
        let failure = Failure::own(FailureKind::LinkLost, "gone");
        assert_eq!(landing.give_up(failure.clone()), failure);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(names(directory.path()), ["disk.img"]);
        std::fs::write(landing.growing(), "new").unwrap();
        landing.land().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(names(directory.path()), ["disk.img"]);
        assert!(landing.give_up(failure).message.contains("could not be deleted"));
    }

    #[test]
    fn what_is_no_file_is_not_replaced() {
        let failure = Landing::at(Path::new("/dev/null"), JobId(7)).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Exists, "{failure:?}");
    }
}
