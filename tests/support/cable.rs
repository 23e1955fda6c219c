//! A cable between two TCP addresses that can be pulled out and plugged in again.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};

/// Where it begins: an address of this computer for itself that nothing else uses.
const BEGIN: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 77, 1));
/// Where it leads to: the same port there.
const END: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 77, 2));

/// What goes into it waits while it is out: nothing is lost, nothing is refused, as when a switch
/// between two hosts is off.
pub struct Cable {
    port: u16,
    plugged: Arc<(Mutex<bool>, Condvar)>,
}

impl Cable {
    /// Plugged in. Lives as long as the process.
    pub fn new() -> Self {
        let listener = TcpListener::bind((BEGIN, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let plugged = Arc::new((Mutex::new(true), Condvar::new()));
        let in_it = Arc::clone(&plugged);
        std::thread::spawn(move || {
            for from in listener.incoming().map_while(Result::ok) {
                // A destination that does not listen closes the connection.
                let Ok(to) = TcpStream::connect(SocketAddr::new(END, port)) else { continue };
                carry(from.try_clone().unwrap(), to.try_clone().unwrap(), Arc::clone(&in_it));
                carry(to, from, Arc::clone(&in_it));
            }
        });
        Self { port, plugged }
    }

    /// What to write into *Migration address*.
    pub fn address(&self) -> String {
        format!("tcp://{BEGIN}:{}", self.port)
    }

    /// What to write into *Listen address*.
    pub fn listen_address(&self) -> String {
        END.to_string()
    }

    pub fn pull_out(&self) {
        *self.plugged.0.lock().unwrap() = false;
    }

    pub fn plug_in(&self) {
        *self.plugged.0.lock().unwrap() = true;
        self.plugged.1.notify_all();
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, plugged: Arc<(Mutex<bool>, Condvar)>) {
    std::thread::spawn(move || {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            let (is_in, changed) = &*plugged;
            drop(changed.wait_while(is_in.lock().unwrap(), |is_in| !*is_in).unwrap());
            if to.write_all(&buffer[..count]).is_err() {
                return;
            }
        }
        let _ = to.shutdown(std::net::Shutdown::Both);
    });
}
