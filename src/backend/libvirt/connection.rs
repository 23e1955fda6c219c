//! Opening a connection. Blocks; `backend::opener` bounds it.

use virt::connect::Connect;

use super::auth::question;
use super::ffi;
use crate::model::{Failure, Question};

/// Keepalive: seconds between messages, and how many may stay unanswered: a dead link is known
/// after 20 s. (With libvirt's own 5 × 5 it is after 30 s; the daemon's event loop answers, however
/// busy its workers are.)
const KEEPALIVE: (i32, u32) = (5, 3);

/// Opens a connection; questions go to `ask`, which gives up with `None`.
///
/// # Errors
///
/// libvirt's, classified.
pub(crate) fn open(
    uri: &str,
    ask: &mut dyn FnMut(&Question) -> Option<Vec<String>>,
) -> Result<Connect, Failure> {
    let connect = ffi::open(uri, &mut |credentials| ask(&question(credentials)))?;
    if let Err(error) = connect.set_keep_alive(KEEPALIVE.0, KEEPALIVE.1) {
        // Drivers inside this process have none, and need none.
        tracing::debug!(message = error.message(), "no keepalive");
    }
    Ok(connect)
}
