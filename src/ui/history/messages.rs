//! What the History page is told, and asks for.

use std::path::PathBuf;

use super::list::Face;
use crate::journal::JournalId;
use crate::migration::journal::Chronicle;

/// What happens to the page.
#[derive(Clone, Debug)]
pub enum HistoryInput {
    /// The journals are other ones by now.
    Changed,
    /// The page comes to be seen.
    Shown,
    /// The user looks for this text.
    Sought(String),
    /// A move was chosen, by its place in the list.
    Chosen(u32),
    /// Back to the list.
    Left,
    /// A copy of the journal is wanted.
    JournalWanted,
    /// The figures are wanted as a table.
    FiguresWanted,
    /// The user chose a file for it.
    FileChosen(Export, PathBuf),
    /// The journal is to be deleted.
    DeletionWanted,
    /// The user wants to know where the guest is now.
    LookWanted,
}

/// What the page asks for.
#[derive(Debug)]
pub enum HistoryOutput {
    /// Delete this journal, after a question.
    Delete {
        /// Which.
        journal: JournalId,
        /// What it is of.
        title: String,
    },
    /// Ask both hosts of this move where the guest is now.
    Look(JournalId, Box<Chronicle>),
    /// Something for the user to know.
    Said(String),
}

/// What came of work away from the main thread.
#[derive(Debug)]
pub enum HistoryCommand {
    /// The journals were listed.
    Listed(Result<Vec<Face>, String>),
    /// A journal was read.
    Read(JournalId, Box<Result<Chronicle, String>>),
    /// A file was written.
    Exported(PathBuf, Result<(), String>),
}

/// What is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Export {
    /// The journal as it stands.
    Journal,
    /// Its figures as a table.
    Figures,
}
