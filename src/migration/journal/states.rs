//! How failures and states stand in a journal.

use serde::{Deserialize, Serialize};

use crate::model::{
    Failure, FailureKind, GuestState, PauseReason, Presence, ShutOffReason, StateReason,
};

/// A failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureRecord {
    #[serde(with = "kind")]
    kind: FailureKind,
    code: i32,
    domain: i32,
    message: String,
}

impl From<&Failure> for FailureRecord {
    fn from(failure: &Failure) -> Self {
        let Failure { kind, code, domain, message } = failure.clone();
        Self { kind, code, domain, message }
    }
}

impl FailureRecord {
    /// The failure.
    #[must_use]
    pub fn failure(&self) -> Failure {
        let Self { kind, code, domain, message } = self.clone();
        Failure { kind, code, domain, message }
    }
}

/// A kind that this version does not know is one without a name.
mod kind {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::{FailureKind, KindRecord};

    pub(super) fn serialize<S: Serializer>(kind: &FailureKind, to: S) -> Result<S::Ok, S::Error> {
        KindRecord::serialize(kind, to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<FailureKind, D::Error> {
        let value = serde_json::Value::deserialize(from)?;
        Ok(KindRecord::deserialize(value).unwrap_or(FailureKind::Other))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "FailureKind", rename_all = "kebab-case")]
enum KindRecord {
    Cancelled,
    LinkLost,
    TimedOut,
    UnknownHost,
    Refused,
    ToolMissing,
    Authentication,
    Denied,
    BadUri,
    Gone,
    Exists,
    WrongState,
    Busy,
    Unsupported,
    Cpu,
    Memory,
    Storage,
    NoSpace,
    Network,
    Unsafe,
    SameHost,
    MigrationAddress,
    GuestStopped,
    ChannelBroken,
    PostcopyFailed,
    Unwitnessed,
    InUse,
    Corrupted,
    Overtaken,
    Other,
}

/// Where a host stands with a guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PresenceRecord {
    /// The host does not know it.
    Absent,
    /// The host could not be asked.
    Unreachable,
    /// The host knows it.
    There {
        /// What it does.
        #[serde(with = "StateRecord")]
        state: GuestState,
        /// Why.
        #[serde(with = "ReasonRecord")]
        reason: StateReason,
        /// Whether it is defined there.
        persistent: bool,
    },
}

impl From<Presence> for PresenceRecord {
    fn from(presence: Presence) -> Self {
        match presence {
            Presence::Absent => Self::Absent,
            Presence::Unreachable => Self::Unreachable,
            Presence::There { state, reason, persistent } => {
                Self::There { state, reason, persistent }
            }
        }
    }
}

impl PresenceRecord {
    /// Where it stands.
    #[must_use]
    pub const fn presence(self) -> Presence {
        match self {
            Self::Absent => Presence::Absent,
            Self::Unreachable => Presence::Unreachable,
            Self::There { state, reason, persistent } => {
                Presence::There { state, reason, persistent }
            }
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "GuestState", rename_all = "kebab-case")]
enum StateRecord {
    Running,
    Blocked,
    Paused,
    ShuttingDown,
    ShutOff,
    Crashed,
    Suspended,
    Unknown,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "StateReason", rename_all = "kebab-case")]
enum ReasonRecord {
    None,
    Paused(#[serde(with = "PauseRecord")] PauseReason),
    ShutOff(#[serde(with = "OffRecord")] ShutOffReason),
    RunningMigrated,
    RunningMigrationCancelled,
    RunningPostcopy,
    RunningPostcopyFailed,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "PauseReason", rename_all = "kebab-case")]
enum PauseRecord {
    User,
    Migration,
    Save,
    IoError,
    Watchdog,
    Starting,
    Crashed,
    Postcopy,
    PostcopyFailed,
    Other,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "ShutOffReason", rename_all = "kebab-case")]
enum OffRecord {
    ShutDown,
    Destroyed,
    Crashed,
    Migrated,
    Saved,
    Failed,
    Other,
}
