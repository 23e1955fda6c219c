//! A link between two hosts for the memory of a guest: it can be held up and cut, and may carry no more than so much.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// Where the source is told to connect; where the destination really listens.
const NEAR: &str = "127.0.0.3";
const FAR: &str = "127.0.0.2";

/// What both ends of a link with a capacity keep back at most, bytes: little, so that it is the link that holds up.
const KEPT: usize = 128 << 10;

/// A link of one port.
pub struct CutLink {
    port: u16,
    gate: Arc<(Mutex<bool>, Condvar)>,
    cut: Arc<AtomicBool>,
    ends: Arc<Mutex<Vec<TcpStream>>>,
}

impl CutLink {
    pub fn new() -> Self {
        Self::start(None)
    }

    /// One that carries this many MiB/s.
    pub fn carrying(mibps: u32) -> Self {
        Self::start(Some(f64::from(mibps) * f64::from(1 << 20)))
    }

    fn start(capacity: Option<f64>) -> Self {
        let listener = TcpListener::bind((NEAR, 0)).unwrap();
        if capacity.is_some() {
            rustix::net::sockopt::set_socket_recv_buffer_size(&listener, KEPT).unwrap();
        }
        let link = Self {
            port: listener.local_addr().unwrap().port(),
            gate: Arc::default(),
            cut: Arc::default(),
            ends: Arc::default(),
        };
        let (port, gate) = (link.port, Arc::clone(&link.gate));
        let (cut, ends) = (Arc::clone(&link.cut), Arc::clone(&link.ends));
        std::thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                if cut.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(far) = TcpStream::connect((FAR, port)) else { continue };
                let copies = [near.try_clone().unwrap(), far.try_clone().unwrap()];
                ends.lock().unwrap().extend(copies);
                let back = (far.try_clone().unwrap(), near.try_clone().unwrap());
                pass(near, far, Arc::clone(&gate), capacity);
                pass(back.0, back.1, Arc::clone(&gate), None);
            }
        });
        link
    }

    /// The address that the source is given.
    pub fn migrate_uri(&self) -> String {
        format!("tcp://{NEAR}:{}", self.port)
    }

    /// The address that the destination listens on.
    pub fn listen_address(&self) -> String {
        FAR.to_owned()
    }

    /// Nothing passes any more, and nobody is told.
    pub fn hold(&self, held: bool) {
        *self.gate.0.lock().unwrap() = held;
        self.gate.1.notify_all();
    }

    /// Both ends are told that it is over.
    pub fn cut(&self) {
        self.cut.store(true, Ordering::SeqCst);
        for end in self.ends.lock().unwrap().drain(..) {
            let _ = end.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for CutLink {
    fn drop(&mut self) {
        self.hold(false);
        self.cut();
        // Wakes the thread that accepts, which then ends.
        let _ = TcpStream::connect((NEAR, self.port));
    }
}

fn pass(
    mut from: TcpStream,
    mut to: TcpStream,
    gate: Arc<(Mutex<bool>, Condvar)>,
    capacity: Option<f64>,
) {
    std::thread::spawn(move || {
        let mut buffer = vec![0; 1 << 16];
        let mut free = Instant::now();
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            if let Some(capacity) = capacity {
                // So long the link is busy with it; nothing is saved up while it idles.
                free = free.max(Instant::now()) + Duration::from_secs_f64(count as f64 / capacity);
                std::thread::sleep(free.saturating_duration_since(Instant::now()));
            }
            let held = gate.0.lock().unwrap();
            drop(gate.1.wait_while(held, |held| *held).unwrap());
            if to.write_all(&buffer[..count]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    });
}
