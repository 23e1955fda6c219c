//! The thread that writes journals.

use std::collections::HashMap;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{Result, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender};

use super::{JournalId, JournalNews, reader};
use crate::migration::journal::{Ended, Record};

/// What the thread is told to do, in this order.
#[derive(Debug)]
pub(super) enum Order {
    /// Add a record.
    Append(JournalId, Record),
    /// Add the end, and see that all of it is on the disk.
    End(JournalId, Box<Ended>),
    /// Remove the file.
    Delete(JournalId),
    /// Tell when everything before this is done.
    Flush(Sender<()>),
}

/// A journal that is being written.
struct Page {
    file: File,
    /// The last line may have been written only in part: the next one begins on a new line.
    torn: bool,
}

struct Writer<'a> {
    directory: &'a Path,
    news: &'a async_channel::Sender<JournalNews>,
    pages: HashMap<JournalId, Page>,
    complained: bool,
}

/// Runs until nobody gives orders any more.
pub(super) fn run(
    directory: &Path,
    orders: &Receiver<Order>,
    news: &async_channel::Sender<JournalNews>,
) {
    let mut writer = Writer { directory, news, pages: HashMap::new(), complained: false };
    while let Ok(order) = orders.recv() {
        match order {
            Order::Append(id, record) => writer.append(&id, &record),
            Order::End(id, ended) => writer.end(&id, *ended),
            Order::Delete(id) => writer.delete(&id),
            Order::Flush(done) => {
                // Whoever waited may have given up.
                let _ = done.send(());
            }
        }
    }
}

impl Writer<'_> {
    fn append(&mut self, id: &JournalId, record: &Record) {
        let mut written = self.page(id).and_then(|page| page.write(record));
        // A repair comes after the end: nothing else follows it soon.
        if matches!(record, Record::Stands { .. }) {
            written = written.and_then(|()| self.close(id));
            self.tell(JournalNews::Changed);
        }
        self.told(id, written);
    }

    fn end(&mut self, id: &JournalId, mut ended: Ended) {
        if let Ok(chronicle) = reader::read(&id.path(self.directory)) {
            ended.learned = Some(chronicle.learned());
            let mut summary = chronicle.summary;
            summary.ended = Some(ended.clone());
            if let Some(past) = summary.past() {
                self.tell(JournalNews::Past(Box::new(past)));
            }
        }
        let record = Record::Ended(Box::new(ended));
        let written = self.page(id).and_then(|page| page.write(&record));
        let written = written.and_then(|()| self.close(id));
        self.told(id, written);
        self.tell(JournalNews::Changed);
    }

    fn delete(&mut self, id: &JournalId) {
        self.pages.remove(id);
        let removed = std::fs::remove_file(id.path(self.directory));
        self.told(id, removed);
        self.tell(JournalNews::Changed);
    }

    fn close(&mut self, id: &JournalId) -> Result<()> {
        self.pages.remove(id).map_or(Ok(()), |page| page.file.sync_all())
    }

    fn page(&mut self, id: &JournalId) -> Result<&mut Page> {
        use std::collections::hash_map::Entry;
        match self.pages.entry(id.clone()) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => {
                // Names of guests and hosts are nobody else's business.
                DirBuilder::new().recursive(true).mode(0o700).create(self.directory)?;
                let path = id.path(self.directory);
                let mut options = OpenOptions::new();
                let file = options.append(true).create(true).mode(0o600).open(&path)?;
                // An earlier life may have ended in the middle of a line.
                let torn = file.metadata()?.len() > 0;
                Ok(entry.insert(Page { file, torn }))
            }
        }
    }

    /// Complains once; what follows from the same cause is only logged.
    fn told(&mut self, id: &JournalId, written: Result<()>) {
        let Err(error) = written else { return };
        let path = id.path(self.directory);
        tracing::warn!(%error, path = %path.display(), "a journal is not written");
        if !std::mem::replace(&mut self.complained, true) {
            self.tell(JournalNews::Trouble { path, error: error.to_string() });
        }
    }

    fn tell(&self, news: JournalNews) {
        // Nobody listens any more when the program ends.
        let _ = self.news.try_send(news);
    }
}

impl Page {
    fn write(&mut self, record: &Record) -> Result<()> {
        let line = record.encode();
        let line = if self.torn { format!("\n{line}") } else { line };
        // One call a line: a crash tears one line at most.
        let written = self.file.write_all(line.as_bytes());
        self.torn = written.is_err();
        written
    }
}
