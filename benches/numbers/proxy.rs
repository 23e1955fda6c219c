//! A link with a delay, between a client and a daemon's socket.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Listens at `front` and passes everything on to `back`, and answers back, each way `delay` later.
/// Goes on until the program ends.
pub fn start(front: &Path, back: PathBuf, delay: Duration) {
    let listener = UnixListener::bind(front).expect("a socket of our own");
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let daemon = UnixStream::connect(&back).expect("the daemon's socket");
            pass(&client, &daemon, delay);
            pass(&daemon, &client, delay);
        }
    });
}

/// One direction.
fn pass(from: &UnixStream, to: &UnixStream, delay: Duration) {
    let mut from = from.try_clone().expect("a socket");
    let to = to.try_clone().expect("a socket");
    let (sender, waiting) = channel::<(Instant, Vec<u8>)>();
    std::thread::spawn(move || deliver(&waiting, to));
    std::thread::spawn(move || {
        let mut buffer = [0; 65_536];
        while let Ok(count) = from.read(&mut buffer) {
            let Some(read) = buffer.get(..count).filter(|read| !read.is_empty()) else { return };
            if sender.send((Instant::now() + delay, read.to_vec())).is_err() {
                return;
            }
        }
    });
}

/// Writes each piece when its time has come.
fn deliver(waiting: &Receiver<(Instant, Vec<u8>)>, mut to: UnixStream) {
    for (due, piece) in waiting {
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        if to.write_all(&piece).is_err() {
            return;
        }
    }
    // The other side may have closed it already.
    let _closed = to.shutdown(Shutdown::Write);
}
