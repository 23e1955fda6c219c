//! Why the practice lab could not start, in the user's language. The raw text goes below it.

use crate::i18n::{gettext, gettext_f};
use crate::lab::{Distribution, LabError, Program};

/// What is wrong and what to do.
#[must_use]
pub fn error(error: &LabError) -> String {
    match error {
        LabError::ProgramMissing { program: missing } | LabError::PartMissing { part: missing } => {
            gettext_f(
                "The practice lab needs a part of libvirt or QEMU that is not installed. Install it with: {command}",
                &[("command", &install(*missing))],
            )
        }
        LabError::HostCount { .. } => gettext("A practice lab has 2 to 8 hosts."),
        LabError::DirectoryTooLong { directory, .. } => gettext_f(
            "The path {path} is too long for sockets. Choose a shorter directory.",
            &[("path", &directory.to_string_lossy())],
        ),
        LabError::DirectoryForeign { directory } => gettext_f(
            "{path} holds other files or belongs to another user. Choose another directory.",
            &[("path", &directory.to_string_lossy())],
        ),
        LabError::DirectoryInUse { directory } => gettext_f(
            "A practice lab runs in {path} already. Stop it, or choose another directory.",
            &[("path", &directory.to_string_lossy())],
        ),
        LabError::File { path, .. } => gettext_f(
            "{path} could not be written, read or removed. Check its rights and the space on the disk.",
            &[("path", &path.to_string_lossy())],
        ),
        LabError::NotStarted { program, .. } => {
            gettext_f("{program} does not start.", &[("program", &program.to_string_lossy())])
        }
        LabError::DaemonEnded { host, .. } => gettext_f(
            "The libvirt daemon of {host} ended by itself. Its log is below.",
            &[("host", host)],
        ),
        LabError::DaemonSilent { host, .. } => gettext_f(
            "The libvirt daemon of {host} was not ready in time. The computer may be very busy; try again.",
            &[("host", host)],
        ),
        LabError::GuestSilent { guest, .. } => gettext_f(
            "The guest {guest} gave no sign of life in time. The computer may be very busy; try again.",
            &[("guest", guest)],
        ),
        LabError::Signals { .. } => gettext("The system refused to tell this program of signals."),
        LabError::StillRunning { .. } => {
            gettext("Some processes of the practice lab did not end. The next start removes them.")
        }
    }
}

/// What to type, for this distribution or for all that are known.
fn install(program: Program) -> String {
    let known = Distribution::current().map_or(Distribution::ALL.to_vec(), |one| vec![one]);
    let command = |one: Distribution| format!("{} {}", one.install_command(), program.package(one));
    known.into_iter().map(command).collect::<Vec<_>>().join(" / ")
}
