//! Machines as people write them.

use std::net::Ipv6Addr;

use crate::model::storage::Server;

/// Why a text names no machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerFault {
    /// There is nothing.
    Empty,
    /// A character that no name has.
    Character(char),
    /// The port is no number from 1 to 65535.
    Port(String),
    /// `[` without `]`, or text after it that is no port.
    Bracket,
    /// What stands in brackets is no IPv6 address.
    Ipv6(String),
    /// It holds a path, as in `nas:/export`, which has a field of its own: the machine, the path.
    Path(String, String),
}

/// Reads `host`, `host:port`, an IPv6 address, or one in brackets with or without a port. The
/// brackets go; the XML has them where libvirt needs them.
///
/// # Errors
///
/// What is wrong with it.
pub fn server(text: &str) -> Result<Server, ServerFault> {
    let text = text.trim();
    if let Some(rest) = text.strip_prefix('[') {
        let (address, after) = rest.split_once(']').ok_or(ServerFault::Bracket)?;
        if !is_ipv6(address) {
            return Err(ServerFault::Ipv6(address.to_owned()));
        }
        let port = match after.strip_prefix(':') {
            Some(number) => Some(port(number)?),
            None if after.is_empty() => None,
            None => return Err(ServerFault::Bracket),
        };
        return Ok(Server { name: address.to_owned(), port });
    }
    if text.matches(':').count() > 1 && is_ipv6(text) {
        return Ok(Server { name: text.to_owned(), port: None });
    }
    if let Some((machine, path)) = text.split_once(":/") {
        return Err(ServerFault::Path(machine.to_owned(), format!("/{path}")));
    }
    let (host, number) = match text.split_once(':') {
        Some((host, number)) => (host, Some(port(number)?)),
        None => (text, None),
    };
    name(host)?;
    Ok(Server { name: host.to_owned(), port: number })
}

/// Whether a machine's name (without a port) can be one.
pub(super) fn name(host: &str) -> Result<(), ServerFault> {
    if host.is_empty() {
        return Err(ServerFault::Empty);
    }
    if is_ipv6(host) {
        return Ok(());
    }
    let fits = |character: &char| character.is_ascii_alphanumeric() || "-.".contains(*character);
    match host.chars().find(|character| !fits(character)) {
        Some(character) => Err(ServerFault::Character(character)),
        None => Ok(()),
    }
}

/// An address. (One with an interface, as in `fe80::1%eth0`, libvirt's schema does not allow.)
fn is_ipv6(text: &str) -> bool {
    text.parse::<Ipv6Addr>().is_ok()
}

fn port(text: &str) -> Result<u16, ServerFault> {
    let number = text.parse().ok().filter(|&port: &u16| port > 0);
    number.ok_or_else(|| ServerFault::Port(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_as_people_write_them() {
        let is = |name: &str, port| Ok(Server { name: name.into(), port });
        assert_eq!(server(" nas.example.org "), is("nas.example.org", None));
        assert_eq!(server("nas:3260"), is("nas", Some(3260)));
        assert_eq!(server("10.0.0.1:2049"), is("10.0.0.1", Some(2049)));
        assert_eq!(server("fd00::1"), is("fd00::1", None));
        assert_eq!(server("[fd00::1]"), is("fd00::1", None));
        assert_eq!(server("[fe80::1]:3260"), is("fe80::1", Some(3260)));
    }

    #[test]
    fn what_names_no_machine_is_told() {
        let path = |machine: &str, path: &str| ServerFault::Path(machine.into(), path.into());
        for (text, fault) in [
            ("", ServerFault::Empty),
            (":1", ServerFault::Empty),
            ("na s", ServerFault::Character(' ')),
            ("näs", ServerFault::Character('ä')),
            ("nas:", ServerFault::Port(String::new())),
            ("nas:0", ServerFault::Port("0".into())),
            ("nas:65536", ServerFault::Port("65536".into())),
            ("nas:x", ServerFault::Port("x".into())),
            ("[fd00::1", ServerFault::Bracket),
            ("[fd00::1]x", ServerFault::Bracket),
            ("[nas]:1", ServerFault::Ipv6("nas".into())),
            ("[fe80::1%eth0]", ServerFault::Ipv6("fe80::1%eth0".into())),
            ("my_nas", ServerFault::Character('_')),
            ("nas:/srv/nfs", path("nas", "/srv/nfs")),
        ] {
            assert_eq!(server(text), Err(fault), "{text}");
        }
    }
}
