//! From what the user typed to a libvirt URI: pure.

use url::{Host, Url};

/// How to get there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// The system daemon of this computer.
    #[default]
    System,
    /// The user's own session daemon.
    Session,
    /// Another computer over SSH.
    Ssh,
    /// Another computer over TLS.
    Tls,
    /// Another computer over TCP, not encrypted by itself.
    Tcp,
    /// A URI as libvirt knows it.
    Custom,
}

impl Way {
    /// All, in the order of the list.
    pub const ALL: [Self; 6] =
        [Self::System, Self::Session, Self::Ssh, Self::Tls, Self::Tcp, Self::Custom];

    /// Whether it needs a host name.
    #[must_use]
    pub const fn is_remote(self) -> bool {
        matches!(self, Self::Ssh | Self::Tls | Self::Tcp)
    }

    const fn scheme(self) -> &'static str {
        match self {
            Self::System | Self::Session | Self::Custom => "qemu",
            Self::Ssh => "qemu+ssh",
            Self::Tls => "qemu+tls",
            Self::Tcp => "qemu+tcp",
        }
    }
}

/// What the user typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// How to get there.
    pub way: Way,
    /// Host name or address; may carry `user@` and `:port`.
    pub host: String,
    /// User name; empty for the default.
    pub user: String,
    /// Port; empty for the default.
    pub port: String,
    /// The custom URI.
    pub custom: String,
}

/// Why there is no URI yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// No host name yet.
    NoHost,
    /// That is no host name and no address.
    BadHost,
    /// A port is a number from 1 to 65535.
    BadPort,
    /// Nothing typed yet.
    NoUri,
    /// That is no URI.
    BadUri,
    /// A password in a URI would be shown and remembered.
    PasswordInUri,
}

impl Form {
    /// The libvirt URI.
    ///
    /// # Errors
    ///
    /// What is missing or wrong.
    pub fn uri(&self) -> Result<String, Problem> {
        match self.way {
            Way::System => Ok("qemu:///system".to_owned()),
            Way::Session => Ok("qemu:///session".to_owned()),
            Way::Custom => custom(self.custom.trim()),
            Way::Ssh | Way::Tls | Way::Tcp => self.remote(),
        }
    }

    fn remote(&self) -> Result<String, Problem> {
        let text = self.host.trim();
        let (typed_user, address) = text.rsplit_once('@').unwrap_or(("", text));
        let (host, typed_port) = split_port(address)?;
        let user = if self.user.trim().is_empty() { typed_user } else { self.user.trim() };
        let port = if self.port.trim().is_empty() { typed_port } else { self.port.trim() };
        let mut url = Url::parse(&format!("{}://host/system", self.way.scheme()))
            .map_err(|_| Problem::BadUri)?;
        url.set_host(Some(&host)).map_err(|_| Problem::BadHost)?;
        url.set_username(user).map_err(|()| Problem::BadHost)?;
        if !port.is_empty() {
            let number = port.parse::<u16>().ok().filter(|&number| number > 0);
            url.set_port(Some(number.ok_or(Problem::BadPort)?)).map_err(|()| Problem::BadPort)?;
        }
        Ok(url.into())
    }
}

/// `name`, `name:port`, `[v6]`, `[v6]:port` or a bare `v6`; the host comes back with brackets.
fn split_port(address: &str) -> Result<(String, &str), Problem> {
    if address.is_empty() {
        return Err(Problem::NoHost);
    }
    if address.parse::<std::net::Ipv6Addr>().is_ok() {
        return Ok((format!("[{address}]"), ""));
    }
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (address, ""),
    };
    let valid = match Host::parse(host) {
        Ok(Host::Domain(name)) => name.chars().all(|c| c.is_alphanumeric() || "-._".contains(c)),
        Ok(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        Err(_) => false,
    };
    if valid { Ok((host.to_owned(), port)) } else { Err(Problem::BadHost) }
}

fn custom(text: &str) -> Result<String, Problem> {
    if text.is_empty() {
        return Err(Problem::NoUri);
    }
    let url = Url::parse(text).map_err(|_| Problem::BadUri)?;
    if url.password().is_some() {
        return Err(Problem::PasswordInUri);
    }
    // The text itself, not the parser's version of it: `test:///default` and sockets in queries
    // are libvirt's business.
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ssh(host: &str, user: &str, port: &str) -> Result<String, Problem> {
        Form {
            way: Way::Ssh,
            host: host.into(),
            user: user.into(),
            port: port.into(),
            ..Form::default()
        }
        .uri()
    }

    #[test]
    fn remote_uris() {
        assert_eq!(ssh("kvm1", "", ""), Ok("qemu+ssh://kvm1/system".into()));
        assert_eq!(ssh("kvm1", "root", "2222"), Ok("qemu+ssh://root@kvm1:2222/system".into()));
        assert_eq!(ssh("root@kvm1:2222", "", ""), Ok("qemu+ssh://root@kvm1:2222/system".into()));
        assert_eq!(ssh("192.0.2.7:22", "", ""), Ok("qemu+ssh://192.0.2.7:22/system".into()));
    }

    #[test]
    fn ipv6_gets_its_brackets() {
        assert_eq!(ssh("2001:db8::7", "", ""), Ok("qemu+ssh://[2001:db8::7]/system".into()));
        assert_eq!(
            ssh("[2001:db8::7]:22", "a", ""),
            Ok("qemu+ssh://a@[2001:db8::7]:22/system".into())
        );
    }

    #[test]
    fn user_names_are_percent_encoded() {
        assert_eq!(
            ssh("kvm1", "DOM\\jo e@x", ""),
            Ok("qemu+ssh://DOM%5Cjo%20e%40x@kvm1/system".into())
        );
    }

    #[test]
    fn nonsense_is_named() {
        assert_eq!(ssh("", "", ""), Err(Problem::NoHost));
        assert_eq!(ssh("a b", "", ""), Err(Problem::BadHost));
        assert_eq!(ssh("a/b", "", ""), Err(Problem::BadHost));
        assert_eq!(ssh("kvm1", "", "0"), Err(Problem::BadPort));
        assert_eq!(ssh("kvm1", "", "70000"), Err(Problem::BadPort));
        assert_eq!(ssh("kvm1:ssh", "", ""), Err(Problem::BadPort));
    }

    #[test]
    fn a_custom_uri_stays_as_typed() {
        let form =
            |text: &str| Form { way: Way::Custom, custom: text.into(), ..Form::default() }.uri();
        assert_eq!(form(" test:///default "), Ok("test:///default".into()));
        let socket = "qemu+unix:///session?socket=/run/x/libvirt-sock";
        assert_eq!(form(socket), Ok(socket.into()));
        assert_eq!(form(""), Err(Problem::NoUri));
        assert_eq!(form("kvm1"), Err(Problem::BadUri));
        assert_eq!(form("qemu+tcp://me:secret@kvm1/system"), Err(Problem::PasswordInUri));
    }
}
