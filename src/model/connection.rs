//! A connection to a host, and what it is doing.

use std::fmt;

use super::Failure;

/// What is remembered of a connection. Never a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionSpec {
    /// The libvirt URI.
    pub uri: String,
    /// The user's own name for the host; without one the host's name is shown.
    pub name: Option<String>,
    /// Connect when the program starts.
    pub autoconnect: bool,
}

/// Where a connection stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectionState {
    /// Not connected, and not meant to be.
    Disconnected,
    /// The first attempt is under way.
    Connecting,
    /// Connected.
    Connected,
    /// It did not open; nothing is tried until the user asks.
    Failed(Failure),
    /// It was lost and is being opened again by itself.
    Reconnecting {
        /// Which attempt is next, from 1.
        attempt: u32,
        /// Seconds until that attempt.
        wait_s: u64,
        /// Why it was lost, or why the last attempt failed.
        reason: Failure,
    },
}

impl ConnectionState {
    /// Whether requests to the host can be answered now.
    #[must_use]
    pub const fn is_connected(&self) -> bool {
        matches!(self, Self::Connected)
    }
}

/// What libvirt (or ssh) asks the user before it opens a connection.
#[derive(Clone, PartialEq, Eq)]
pub struct Question {
    /// The fields to fill in, in libvirt's order.
    pub fields: Vec<QuestionField>,
}

/// One field of a [`Question`].
#[derive(Clone, PartialEq, Eq)]
pub struct QuestionField {
    /// libvirt's own prompt, such as `Username` or `Password`; not translated.
    pub prompt: String,
    /// What is taken when the field is left empty.
    pub default: Option<String>,
    /// Whether what is typed must not be shown.
    pub secret: bool,
}

impl fmt::Debug for QuestionField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QuestionField").field("prompt", &self.prompt).finish_non_exhaustive()
    }
}

impl fmt::Debug for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.fields).finish()
    }
}
