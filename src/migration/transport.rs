//! Which way of carrying the memory suits two hosts, judged by our own connections to them.

use url::Url;

use super::Transport;

/// What our connections tell of whether the source reaches the destination's libvirt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Both are on one computer; their sockets are within reach of each other.
    SameComputer,
    /// The destination's address is one that other computers reach too.
    Network,
    /// The destination is this computer, as we say it; from the source that would be itself.
    OnlyFromHere,
    /// The destination's address holds a key file or program of this computer.
    OwnCredentials,
    /// The address cannot be read, or its kind cannot be reached from elsewhere.
    Unreadable,
}

/// The transport to begin with: peer to peer where the source plausibly reaches the destination's
/// libvirt by the URI we use ourselves, else direct. Whether the source's daemon can log in there
/// only a trial tells.
#[must_use]
pub fn suited(source_uri: &str, destination_uri: &str) -> (Transport, Reach) {
    let reach = reach(source_uri, destination_uri);
    let transport = match reach {
        Reach::SameComputer | Reach::Network => Transport::PeerToPeer,
        Reach::OnlyFromHere | Reach::OwnCredentials | Reach::Unreadable => Transport::Direct,
    };
    (transport, reach)
}

fn reach(source: &str, destination: &str) -> Reach {
    let (Ok(from), Ok(to)) = (Url::parse(source), Url::parse(destination)) else {
        return Reach::Unreadable;
    };
    let own = ["keyfile", "command", "pkipath", "sshauth", "known_hosts"];
    if to.query_pairs().any(|(name, _)| own.contains(&name.as_ref())) {
        return Reach::OwnCredentials;
    }
    let carrier = to.scheme().split_once('+').map(|(_, carrier)| carrier);
    if matches!(carrier, Some("ext")) || to.scheme().starts_with("test") {
        return Reach::Unreadable;
    }
    match (is_here(&from), is_here(&to)) {
        (true, true) => Reach::SameComputer,
        (false, true) => Reach::OnlyFromHere,
        (_, false) => Reach::Network,
    }
}

/// Whether a URI leads to this computer: no host, or one that is this computer for everybody.
fn is_here(uri: &Url) -> bool {
    let host = uri.host_str().unwrap_or_default();
    matches!(host, "" | "localhost" | "127.0.0.1" | "[::1]") || host.starts_with("127.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_our_own_connections() {
        let here = "qemu+unix:///session?socket=/run/a/libvirt-sock";
        let table = [
            (here, "qemu+unix:///session?socket=/run/b/libvirt-sock", Reach::SameComputer),
            (
                "qemu+tcp://localhost/system",
                "qemu+tcp://127.0.0.1:16510/system",
                Reach::SameComputer,
            ),
            ("qemu:///system", "qemu+ssh://root@b.example.org/system", Reach::Network),
            ("qemu+ssh://a/system", "qemu+tls://b/system", Reach::Network),
            ("qemu+ssh://a/system", "qemu+tcp://[fd00::2]:16509/system", Reach::Network),
            ("qemu+ssh://a/system", "qemu:///system", Reach::OnlyFromHere),
            ("qemu+ssh://a/system", "qemu+tcp://localhost:2222/system", Reach::OnlyFromHere),
            ("qemu:///system", "qemu+ssh://b/system?keyfile=/home/me/id", Reach::OwnCredentials),
            ("qemu:///system", "qemu+ext:///system?command=/x", Reach::OwnCredentials),
            ("test:///default", "test:///default", Reach::Unreadable),
            ("qemu:///system", "no uri", Reach::Unreadable),
        ];
        for (source, destination, expected) in table {
            let (transport, reach) = suited(source, destination);
            assert_eq!(reach, expected, "{source} {destination}");
            let peers = matches!(reach, Reach::SameComputer | Reach::Network);
            assert_eq!(transport == Transport::PeerToPeer, peers);
        }
    }
}
