//! From libvirt's credentials to a question of the model.

use super::ffi::Credential;
use crate::model::{Question, QuestionField};

/// The question that asks for these credentials.
pub(super) fn question(credentials: &[Credential]) -> Question {
    let field = |credential: &Credential| QuestionField {
        prompt: credential.prompt.clone(),
        default: credential.default.clone(),
        secret: credential.secret,
    };
    Question { fields: credentials.iter().map(field).collect() }
}
