//! Variables of our own process, for the programs that libvirt starts.

/// Sets a variable of this process.
///
/// Must be called while the process has one thread, as the first thing of `main`; the callers are
/// `backend::askpass::prepare` and through it nobody else.
pub(crate) fn set_variable(name: &str, value: &std::ffi::OsStr) {
    // SAFETY: no other thread reads the environment, by the rule above.
    unsafe { std::env::set_var(name, value) };
}
