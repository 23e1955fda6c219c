//! A link with a round trip of its own, between a client and a daemon's socket.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

/// Listens at `at` and passes everything on to `to`, each way delayed by half of `round_trip`.
/// Lives as long as the process.
pub fn slow_link(at: &Path, to: &Path, round_trip: Duration) {
    let listener = UnixListener::bind(at).unwrap();
    let to = to.to_owned();
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let daemon = UnixStream::connect(&to).unwrap();
            let (from_client, from_daemon) =
                (client.try_clone().unwrap(), daemon.try_clone().unwrap());
            delay(from_client, daemon, round_trip / 2);
            delay(from_daemon, client, round_trip / 2);
        }
    });
}

fn delay(mut from: UnixStream, mut to: UnixStream, by: Duration) {
    let (send, sent) = channel::<(Instant, Vec<u8>)>();
    std::thread::spawn(move || {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            if send.send((Instant::now() + by, buffer[..count].to_vec())).is_err() {
                return;
            }
        }
    });
    std::thread::spawn(move || {
        for (due, data) in sent {
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            if to.write_all(&data).is_err() {
                return;
            }
        }
        let _ = to.shutdown(std::net::Shutdown::Both);
    });
}
