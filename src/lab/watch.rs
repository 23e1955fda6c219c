//! Waiting for files to appear and to grow.

use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify;

/// Looked at again after this time even without an event: some conditions (a socket that listens, a process that
/// ended) are not seen by a watched directory.
const RECHECK: Duration = Duration::from_millis(50);

/// A directory under watch.
pub(super) struct Watch {
    inotify: OwnedFd,
}

impl Watch {
    /// Watches the files directly in `directory`.
    pub(super) fn new(directory: &Path) -> io::Result<Self> {
        let inotify =
            inotify::init(inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK)?;
        let kinds = inotify::WatchFlags::CREATE
            | inotify::WatchFlags::MODIFY
            | inotify::WatchFlags::MOVED_TO;
        inotify::add_watch(&inotify, directory, kinds)?;
        Ok(Self { inotify })
    }

    /// Asks `seen` now and after every change, until it has an answer or `limit` has passed.
    pub(super) fn until<T>(
        &self,
        limit: Duration,
        mut seen: impl FnMut() -> Option<T>,
    ) -> Option<T> {
        let deadline = Instant::now() + limit;
        loop {
            let late = Instant::now() >= deadline;
            if let Some(answer) = seen() {
                return Some(answer);
            }
            if late {
                return None;
            }
            self.pause();
        }
    }

    fn pause(&self) {
        readable(&self.inotify, RECHECK);
        let mut events = [0_u8; 4096];
        while rustix::io::read(&self.inotify, &mut events).is_ok_and(|length| length > 0) {}
    }
}

/// Whether there is something to read from `file` (or its other end is gone), waiting for at most `limit`.
pub(super) fn readable(file: &impl std::os::fd::AsFd, limit: Duration) -> bool {
    let Ok(limit) = Timespec::try_from(limit) else { return false };
    let mut files = [PollFd::new(file, PollFlags::IN)];
    poll(&mut files, Some(&limit)).is_ok_and(|ready| ready > 0)
}
