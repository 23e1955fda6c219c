//! What a message of libvirt means: the cause, with the names in it, and what can be done.
//!
//! The class of a failure ([`FailureKind`](crate::model::FailureKind)) is decided where libvirt's
//! codes are known. Here its text is read, for what the class cannot hold: which file, which name,
//! which feature. The texts are libvirt 11.3's (9.0's are the same where not said otherwise); those
//! translated by a daemon with another locale fall back to the class.

mod cause;
mod file;
mod remedy;
#[cfg(test)]
mod tests;
mod texts;

pub use cause::{Cause, DiskCause, GuestCause, HostCause, NetworkCause, WishCause};
pub use remedy::{HostRemedy, Remedy};

use crate::model::{Failure, FailureKind};

/// A failure, explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Why.
    pub cause: Cause,
    /// What the user can do.
    pub remedy: Remedy,
    /// The destination's half of the raw text (all of it, where it is not in halves): it normally holds the cause.
    pub text: String,
    /// The source's half, from libvirt 10.0 on.
    pub source_text: Option<String>,
}

impl Explanation {
    /// The same words with another cause, which the hosts told.
    pub(super) fn because(self, cause: impl Into<Cause>) -> Self {
        let cause = cause.into();
        Self { remedy: Remedy::of(&cause), cause, ..self }
    }

    /// Nothing is known but libvirt's own words.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        matches!(self.cause, Cause::Class(FailureKind::Other))
    }
}

/// Explains a failure.
#[must_use]
pub fn explain(failure: &Failure) -> Explanation {
    let (source_text, text) = halves(&failure.message);
    let class = Cause::Class(failure.kind);
    let cause = match failure.kind {
        // What follows from a cancellation, or from our own knowledge, has no further cause.
        FailureKind::Cancelled | FailureKind::Unwitnessed => class,
        FailureKind::Other => read(text, source_text, |_| true).unwrap_or(class),
        // A text that means no more than a class adds nothing to the one libvirt's code gave.
        _ => {
            let tells = |cause: &Cause| !matches!(cause, Cause::Class(_));
            read(text, source_text, tells).unwrap_or(class)
        }
    };
    Explanation {
        remedy: Remedy::of(&cause),
        cause,
        text: text.to_owned(),
        source_text: source_text.map(String::from),
    }
}

/// The destination's half normally holds the cause, and the source's what followed from it.
fn read(text: &str, source_text: Option<&str>, tells: impl Fn(&Cause) -> bool) -> Option<Cause> {
    let there = texts::cause(text).filter(&tells);
    there.or_else(|| source_text.and_then(texts::cause).filter(&tells))
}

/// Takes "migration failed. Message from the source host: … Message from the destination host: …"
/// apart (libvirt 10.0 and newer) into source and destination; other texts are all "destination".
fn halves(message: &str) -> (Option<&str>, &str) {
    let Some((_, rest)) = message.split_once("Message from the source host:") else {
        return (None, message.trim());
    };
    let Some((source, destination)) = rest.split_once("Message from the destination host:") else {
        return (None, rest.trim());
    };
    let source = source.trim().trim_end_matches(['.', ',', ';']);
    (Some(source), destination.trim())
}
