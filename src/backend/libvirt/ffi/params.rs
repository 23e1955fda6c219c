//! libvirt's typed parameters, read without copying and built without leaking.

use std::ffi::{CStr, c_int};

use virt_sys as sys;

use super::{c_string, check, initialized};
use crate::model::Failure;

/// One value of a typed parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value<'a> {
    /// Any of libvirt's integer types and booleans; negative numbers are 0.
    Number(u64),
    /// A floating-point number.
    Real(f64),
    /// A text.
    Text(&'a str),
}

impl Value<'_> {
    /// The number, 0 for anything else.
    pub(crate) fn number(self) -> u64 {
        if let Self::Number(number) = self { number } else { 0 }
    }
}

/// Calls `visit` with each parameter's name and value.
///
/// # Safety
///
/// `params` is NULL or points to `count` parameters that live during the call.
pub(super) unsafe fn visit(
    params: *const sys::virTypedParameter,
    count: c_int,
    visit: &mut dyn FnMut(&str, Value<'_>),
) {
    let count = usize::try_from(count).unwrap_or(0);
    if params.is_null() || count == 0 {
        return;
    }
    // SAFETY: `count` parameters at `params`, by the caller's promise.
    for param in unsafe { std::slice::from_raw_parts(params, count) } {
        // SAFETY: libvirt ends each name with NUL inside its 80 bytes.
        let name = unsafe { CStr::from_ptr(param.field.as_ptr()) };
        // SAFETY: the member read is the one that `type_` names.
        let value = unsafe { value_of(param) };
        if let (Ok(name), Some(value)) = (name.to_str(), value) {
            visit(name, value);
        }
    }
}

/// # Safety
///
/// `param` was filled in by libvirt.
unsafe fn value_of(param: &sys::virTypedParameter) -> Option<Value<'_>> {
    let value = &param.value;
    // SAFETY: libvirt wrote the member that `type_` names.
    unsafe {
        Some(match u32::try_from(param.type_).ok()? {
            sys::VIR_TYPED_PARAM_INT => Value::Number(u64::try_from(value.i).unwrap_or(0)),
            sys::VIR_TYPED_PARAM_UINT => Value::Number(u64::from(value.ui)),
            sys::VIR_TYPED_PARAM_LLONG => Value::Number(u64::try_from(value.l).unwrap_or(0)),
            sys::VIR_TYPED_PARAM_ULLONG => Value::Number(value.ul),
            sys::VIR_TYPED_PARAM_DOUBLE => Value::Real(value.d),
            sys::VIR_TYPED_PARAM_BOOLEAN => Value::Number(u64::from(value.b != 0)),
            sys::VIR_TYPED_PARAM_STRING if !value.s.is_null() => {
                Value::Text(CStr::from_ptr(value.s).to_str().ok()?)
            }
            _ => return None,
        })
    }
}

/// A list of typed parameters for a call; freed with its texts when it is dropped.
#[derive(Debug)]
pub(crate) struct ParamList {
    params: sys::virTypedParameterPtr,
    count: c_int,
    room: c_int,
}

impl ParamList {
    /// An empty list. (libvirt crashes when it is not initialised before its first error.)
    pub(crate) fn new() -> Self {
        initialized();
        Self { params: std::ptr::null_mut(), count: 0, room: 0 }
    }

    /// Adds a text.
    pub(crate) fn text(&mut self, name: &CStr, value: &str) -> Result<(), Failure> {
        let value = c_string(value)?;
        // SAFETY: libvirt grows the list itself, keeps the three fields in step and copies the text.
        check(unsafe {
            sys::virTypedParamsAddString(
                &mut self.params,
                &mut self.count,
                &mut self.room,
                name.as_ptr(),
                value.as_ptr(),
            )
        })
        .map(drop)
    }

    /// Adds an `unsigned long long`.
    pub(crate) fn ullong(&mut self, name: &CStr, value: u64) -> Result<(), Failure> {
        // SAFETY: as in `text`.
        check(unsafe {
            sys::virTypedParamsAddULLong(
                &mut self.params,
                &mut self.count,
                &mut self.room,
                name.as_ptr(),
                value,
            )
        })
        .map(drop)
    }

    /// Adds an `int`.
    pub(crate) fn int(&mut self, name: &CStr, value: i32) -> Result<(), Failure> {
        // SAFETY: as in `text`.
        check(unsafe {
            sys::virTypedParamsAddInt(
                &mut self.params,
                &mut self.count,
                &mut self.room,
                name.as_ptr(),
                value,
            )
        })
        .map(drop)
    }

    /// The list as libvirt takes it.
    pub(super) fn raw(&self) -> (sys::virTypedParameterPtr, u32) {
        (self.params, u32::try_from(self.count).unwrap_or(0))
    }
}

impl Drop for ParamList {
    fn drop(&mut self) {
        // SAFETY: the list was made by virTypedParamsAdd…, and is dropped once.
        unsafe { sys::virTypedParamsFree(self.params, self.count) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_in_is_read_back() {
        let mut list = ParamList::new();
        list.text(c"destination_name", "näme").unwrap();
        list.ullong(c"bandwidth", 1 << 40).unwrap();
        list.int(c"parallel.connections", 3).unwrap();
        let (params, count) = list.raw();
        let mut seen = Vec::new();
        // SAFETY: the list lives until the end of the test.
        unsafe {
            visit(params, i32::try_from(count).unwrap(), &mut |name, value| {
                seen.push(format!("{name}={value:?}"));
            });
        }
        assert_eq!(
            seen,
            [
                "destination_name=Text(\"näme\")",
                "bandwidth=Number(1099511627776)",
                "parallel.connections=Number(3)"
            ]
        );
    }

    #[test]
    fn a_text_with_nul_is_refused() {
        assert!(ParamList::new().text(c"destination_name", "a\0b").is_err());
    }
}
