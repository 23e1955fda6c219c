//! Reading journals.

use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result, Seek, SeekFrom};
use std::path::Path;

use super::{ENDING, JournalId, Listed};
use crate::migration::journal::{Chronicle, Summary};

/// The first line, with all its checks, is within this.
const HEAD: u64 = 64 * 1024;
/// The end, with libvirt's words, is nearly always within this …
const TAIL: u64 = 16 * 1024;
/// … and else within this.
const LONG_TAIL: u64 = 1024 * 1024;

/// Beginnings and ends of all journals, the latest first.
pub(super) fn list(directory: &Path) -> Result<Vec<Listed>> {
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut names: Vec<String> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let journal = path.extension()?.to_str()? == ENDING;
            journal.then(|| path.file_stem()?.to_str().map(String::from)).flatten()
        })
        .collect();
    names.sort_unstable_by(|a, b| b.cmp(a));
    let listed = names.into_iter().filter_map(|name| {
        let id = JournalId(name);
        match summary(&id.path(directory)) {
            Ok(summary) => summary.map(|summary| Listed { id, summary }),
            Err(error) => {
                tracing::warn!(%error, journal = id.0, "left out of the history");
                None
            }
        }
    });
    Ok(listed.collect())
}

/// Beginning and end of one; nothing where it has no beginning.
fn summary(path: &Path) -> Result<Option<Summary>> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    let head = part(&mut file, 0, HEAD)?;
    let summary = Summary::read(&head, &part(&mut file, size.saturating_sub(TAIL), TAIL)?);
    if summary.as_ref().is_some_and(|summary| summary.ended.is_none()) && size > TAIL {
        let tail = part(&mut file, size.saturating_sub(LONG_TAIL), LONG_TAIL)?;
        return Ok(Summary::read(&head, &tail));
    }
    Ok(summary)
}

fn part(file: &mut File, from: u64, length: u64) -> Result<String> {
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes)?;
    // Cut in the middle of a letter, or damaged: that line is passed over.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// All of a journal.
pub(super) fn read(path: &Path) -> Result<Chronicle> {
    let bytes = std::fs::read(path)?;
    Chronicle::read(&String::from_utf8_lossy(&bytes))
        .ok_or_else(|| Error::new(ErrorKind::InvalidData, "the journal has no beginning"))
}
