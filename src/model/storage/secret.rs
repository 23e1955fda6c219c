//! Secrets: passwords that libvirt keeps at each host.

use std::fmt;

use crate::model::SecretUuid;

/// A secret as it is to be set. libvirt keeps it private: it never tells its value again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretDefinition {
    /// Its UUID, the same on every host.
    pub uuid: SecretUuid,
    /// What it is for. A host has one secret of a usage: another one is replaced.
    pub usage: SecretUsage,
    /// A text for people.
    pub description: String,
}

/// What a secret is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SecretUsage {
    /// The passphrase of an encrypted volume, by its path.
    Volume(String),
    /// A cephx key, by a name.
    Ceph(String),
    /// A CHAP password, by a name.
    Iscsi(String),
}

impl SecretUsage {
    /// The name in it, by which XML may call the secret.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Volume(name) | Self::Ceph(name) | Self::Iscsi(name) => name,
        }
    }
}

/// The value of a secret; never printed. A cephx key is its Base64 text, as Ceph shows it: the
/// backend decodes it.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretValue(pub String);

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretValue(…)")
    }
}
