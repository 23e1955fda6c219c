//! Names of things: small, copyable, comparable.

use std::fmt;
use std::str::FromStr;

/// One libvirt connection, and so one host, for as long as the program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HostId(pub u32);

/// One request to the backend and all the events that answer it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub u64);

/// A guest as one host knows it. A guest that is away is known to two hosts under one UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GuestKey {
    /// The host.
    pub host: HostId,
    /// The guest.
    pub uuid: GuestUuid,
}

/// The text is not a UUID of 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAUuid;

/// A UUID of its own kind, so that one of a guest is never taken for one of a pool.
macro_rules! uuid {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub [u8; 16]);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_uuid(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_uuid(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = NotAUuid;

            /// Reads 32 hexadecimal digits, with or without hyphens, as libvirt does.
            fn from_str(text: &str) -> Result<Self, NotAUuid> {
                read_uuid(text).map(Self)
            }
        }
    };
}

uuid! {
    /// The UUID of a guest: the same on every host that knows the guest.
    GuestUuid
}
uuid! {
    /// The UUID of a storage pool: the same on every host where it was set up together.
    PoolUuid
}
uuid! {
    /// The UUID of a libvirt secret: the same on every host where it was set together.
    SecretUuid
}

fn write_uuid(bytes: &[u8; 16], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            f.write_str("-")?;
        }
        write!(f, "{byte:02x}")?;
    }
    Ok(())
}

fn read_uuid(text: &str) -> Result<[u8; 16], NotAUuid> {
    let mut bytes = [0_u8; 16];
    let mut digits = 0;
    for character in text.chars().filter(|&character| character != '-') {
        let digit = character.to_digit(16).ok_or(NotAUuid)?;
        let byte = bytes.get_mut(digits / 2).ok_or(NotAUuid)?;
        *byte = (*byte << 4) | u8::try_from(digit).map_err(|_| NotAUuid)?;
        digits += 1;
    }
    if digits == 32 { Ok(bytes) } else { Err(NotAUuid) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_survives_text() {
        let text = "6695eb01-f6a4-8304-79aa-97f2502e193f";
        let uuid: GuestUuid = text.parse().unwrap();
        assert_eq!(uuid.to_string(), text);
        assert_eq!(text.replace('-', "").parse(), Ok(uuid));
    }

    #[test]
    fn other_text_is_refused() {
        for text in ["", "6695eb01", "g695eb01-f6a4-8304-79aa-97f2502e193f", &"a".repeat(33)] {
            assert_eq!(text.parse::<GuestUuid>(), Err(NotAUuid), "{text}");
        }
    }
}
