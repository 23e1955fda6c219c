//! Model values in the user's language: text, icon, style. Exhaustive matches, no `_`.

pub mod failure;
pub mod migration;
