//! What a failure means, where it comes from, what to do.

use crate::model::Failure;

/// One line that says what went wrong.
#[must_use]
pub fn headline(failure: &Failure) -> String {
    failure.message.clone()
}

/// The headline with cause and remedy, for a place with room.
#[must_use]
pub fn paragraph(failure: &Failure) -> String {
    failure.message.clone()
}
