//! Journals of moves on disk: one file a move, written by a thread of its own, read by whoever
//! asks on a thread that may wait. What a journal holds is in [`crate::migration::journal`].

mod reader;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use crate::migration::PastMove;
use crate::migration::journal::{Begun, Chronicle, Ended, Record, Summary};
use writer::Order;

/// How long the end of the program waits for what is still to be written.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// The name of a journal: its file's, without the ending. Later ones sort after earlier ones.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JournalId(String);

impl JournalId {
    /// The name for a move that begins.
    #[must_use]
    pub fn of(begun: &Begun) -> Self {
        Self(format!("{:015}-{}", begun.at, begun.uuid))
    }

    fn path(&self, directory: &Path) -> PathBuf {
        directory.join(&self.0).with_extension(ENDING)
    }
}

/// The ending of a journal's name.
const ENDING: &str = "ndjson";

/// What the writer has to tell.
#[derive(Clone, Debug, PartialEq)]
pub enum JournalNews {
    /// A journal is not written as it should be. Told once; what can be written still is.
    Trouble {
        /// Where.
        path: PathBuf,
        /// What the system said.
        error: String,
    },
    /// A move is over and its journal complete: what it tells about later ones.
    Past(Box<PastMove>),
    /// The list of journals is different: one ended, or was deleted.
    Changed,
}

/// A journal in the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// Its name.
    pub id: JournalId,
    /// Its beginning and end.
    pub summary: Summary,
}

/// The way to all journals. Cheap to clone; writing never waits.
#[derive(Clone, Debug)]
pub struct Journals {
    directory: PathBuf,
    orders: Sender<Order>,
}

impl Journals {
    /// Starts the writer. The directory is made when the first move begins.
    ///
    /// # Errors
    ///
    /// When there is no thread.
    pub fn start(
        directory: PathBuf,
    ) -> std::io::Result<(Self, async_channel::Receiver<JournalNews>)> {
        let (orders, ordered) = channel();
        let (tell, news) = async_channel::unbounded();
        let place = directory.clone();
        std::thread::Builder::new()
            .name("vireo-journal".into())
            .spawn(move || writer::run(&place, &ordered, &tell))?;
        Ok((Self { directory, orders }, news))
    }

    /// Where they are.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Begins a journal.
    pub fn begin(&self, begun: Begun) -> JournalId {
        let id = JournalId::of(&begun);
        self.order(Order::Append(id.clone(), Record::Begun(Box::new(begun))));
        id
    }

    /// Adds a record.
    pub fn append(&self, id: &JournalId, record: Record) {
        self.order(Order::Append(id.clone(), record));
    }

    /// Ends a journal: what its samples teach is worked out, and all of it is on the disk then.
    pub fn end(&self, id: &JournalId, ended: Ended) {
        self.order(Order::End(id.clone(), Box::new(ended)));
    }

    /// Deletes a journal.
    pub fn delete(&self, id: &JournalId) {
        self.order(Order::Delete(id.clone()));
    }

    /// Waits, for a little, until everything ordered so far is written. Not for the main thread.
    pub fn flush(&self) {
        let (done, waiting) = channel();
        self.order(Order::Flush(done));
        if waiting.recv_timeout(LAST_WORDS).is_err() {
            tracing::warn!("journals are not all on the disk");
        }
    }

    fn order(&self, order: Order) {
        // The writer lives as long as this end of the channel.
        let _ = self.orders.send(order);
    }

    /// Beginnings and ends of all journals, the latest first. Reads little of each, but waits for
    /// the disk. No directory is no journals.
    ///
    /// # Errors
    ///
    /// When the directory cannot be read. A file that cannot is left out.
    pub fn list(&self) -> std::io::Result<Vec<Listed>> {
        reader::list(&self.directory)
    }

    /// All of a journal. Waits for the disk.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or has no beginning.
    pub fn read(&self, id: &JournalId) -> std::io::Result<Chronicle> {
        reader::read(&id.path(&self.directory))
    }

    /// Writes a copy of a journal as it stands. Waits for the disk.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or the copy not be written.
    pub fn export(&self, id: &JournalId, to: &Path) -> std::io::Result<()> {
        std::fs::copy(id.path(&self.directory), to).map(drop)
    }

    /// Writes the figures of a journal as a table. Waits for the disk.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or the table not be written.
    pub fn export_figures(&self, id: &JournalId, to: &Path) -> std::io::Result<()> {
        let table = crate::migration::journal::samples_as_csv(&self.read(id)?);
        std::fs::write(to, table)
    }
}

#[cfg(test)]
mod tests;
