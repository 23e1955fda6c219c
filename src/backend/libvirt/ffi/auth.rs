//! Opening a connection, with questions that a closure answers or gives up.

use std::ffi::{CString, c_char, c_int, c_uint, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};

use virt::connect::Connect;
use virt_sys as sys;

use super::{c_string, copied, initialized, last_failure};
use crate::model::Failure;

unsafe extern "C" {
    fn strdup(text: *const c_char) -> *mut c_char;
}

/// One thing libvirt wants to know.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Credential {
    /// libvirt's prompt.
    pub(crate) prompt: String,
    /// What is taken for an empty answer.
    pub(crate) default: Option<String>,
    /// Whether the answer must not be shown.
    pub(crate) secret: bool,
}

type Ask<'a> = &'a mut dyn FnMut(&[Credential]) -> Option<Vec<String>>;

extern "C" fn on_asked(
    credentials: sys::virConnectCredentialPtr,
    count: c_uint,
    opaque: *mut c_void,
) -> c_int {
    // SAFETY: `opaque` is the closure that `open` keeps on its stack during the call.
    let ask = unsafe { &mut *opaque.cast::<Ask<'_>>() };
    // SAFETY: libvirt passes `count` credentials.
    let credentials = unsafe { std::slice::from_raw_parts_mut(credentials, count as usize) };
    let asked: Vec<_> = credentials.iter().map(read).collect();
    let answers = catch_unwind(AssertUnwindSafe(|| ask(&asked))).unwrap_or(None);
    let Some(answers) = answers else { return -1 };
    for ((credential, asked), answer) in credentials.iter_mut().zip(&asked).zip(answers) {
        let text =
            if answer.is_empty() { asked.default.clone().unwrap_or_default() } else { answer };
        let Ok(text) = CString::new(text) else { return -1 };
        let length = text.as_bytes().len();
        // SAFETY: a C string; libvirt frees the copy with free().
        credential.result = unsafe { strdup(text.as_ptr()) };
        credential.resultlen = c_uint::try_from(length).unwrap_or(0);
    }
    0
}

fn read(credential: &sys::virConnectCredential) -> Credential {
    // SAFETY: prompt and default are NULL or C strings that live during the callback.
    let (prompt, default) = unsafe { (copied(credential.prompt), copied(credential.defresult)) };
    let kind = u32::try_from(credential.type_).unwrap_or(0);
    Credential {
        prompt,
        default: (!default.is_empty()).then_some(default),
        secret: matches!(kind, sys::VIR_CRED_PASSPHRASE | sys::VIR_CRED_NOECHOPROMPT),
    }
}

/// Opens a connection. Blocks, for up to minutes with a host that drops packets; `ask` is called
/// on this thread and gives up with `None`.
pub(crate) fn open(uri: &str, ask: Ask<'_>) -> Result<Connect, Failure> {
    if !initialized() {
        return Err(last_failure());
    }
    let uri = c_string(uri)?;
    let mut ask = ask;
    let mut kinds = [
        sys::VIR_CRED_AUTHNAME,
        sys::VIR_CRED_PASSPHRASE,
        sys::VIR_CRED_ECHOPROMPT,
        sys::VIR_CRED_NOECHOPROMPT,
        sys::VIR_CRED_REALM,
    ]
    .map(|kind| kind as c_int);
    let mut auth = sys::virConnectAuth {
        credtype: kinds.as_mut_ptr(),
        ncredtype: 5,
        cb: Some(on_asked),
        cbdata: (&raw mut ask).cast(),
    };
    // SAFETY: `auth` and what it points to live during the call, and libvirt keeps none of it.
    let connect = unsafe { sys::virConnectOpenAuth(uri.as_ptr(), &mut auth, 0) };
    if connect.is_null() {
        return Err(last_failure());
    }
    // SAFETY: a fresh connection whose only reference is ours.
    Ok(unsafe { Connect::from_ptr(connect) })
}
