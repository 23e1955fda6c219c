//! Repairs: what a button is called, why it is offered, what is asked before.

use super::{Confirm, failure};
use crate::i18n::{gettext, gettext_f};
use crate::migration::MoveNames;
use crate::migration::repair::Repair;
use crate::model::Failure;

/// The names of a move, as sentences need them.
type Values<'a> = [(&'static str, &'a str); 3];

fn values(names: &MoveNames) -> Values<'_> {
    [
        ("guest", names.guest.as_str()),
        ("source", names.source.as_str()),
        ("destination", names.destination.as_deref().unwrap_or_default()),
    ]
}

/// What the button is called.
#[must_use]
pub fn title(repair: Repair, names: &MoveNames) -> String {
    let values = values(names);
    match repair {
        Repair::ResumeAtSource => gettext_f("Resume on {source}", &values),
        Repair::ResumeAtDestination => gettext_f("Resume on {destination}", &values),
        Repair::ResumePostcopy => gettext("Recover Post-Copy"),
        Repair::RemoveFromSource => gettext_f("Remove the Copy on {source}", &values),
        Repair::RemoveFromDestination => gettext_f("Remove the Copy on {destination}", &values),
        Repair::UndefineAtSource => gettext_f("Undefine on {source}", &values),
        Repair::UndefineAtDestination => gettext_f("Undefine on {destination}", &values),
        Repair::DefineAtDestination => gettext_f("Define on {destination}", &values),
    }
}

/// Why it is the right thing to do.
#[must_use]
pub fn reason(repair: Repair, names: &MoveNames) -> String {
    let values = values(names);
    match repair {
        Repair::ResumeAtSource => gettext_f(
            "{guest} waits on {source} for a move that is over. It never ran on {destination}, so it can go on where it is.",
            &values,
        ),
        Repair::ResumeAtDestination => gettext_f(
            "All of {guest} is on {destination}, and {source} has let go of it. It only has to go on there.",
            &values,
        ),
        Repair::ResumePostcopy => gettext_f(
            "The memory of {guest} is on both hosts: stop neither. When the network is mended, {destination} can fetch the rest. Where libvirt there is 11.2 or 11.3, update it first: those crash over it.",
            &values,
        ),
        Repair::RemoveFromSource => gettext_f(
            "{guest} goes on at {destination}. What waits on {source} is a copy that nobody needs any more.",
            &values,
        ),
        Repair::RemoveFromDestination => gettext_f(
            "{guest} goes on at {source}. What waits on {destination} is a copy that never ran.",
            &values,
        ),
        Repair::UndefineAtSource => gettext_f(
            "{guest} lives on {destination} now, but {source} still has its definition, from which somebody could start it a second time.",
            &values,
        ),
        Repair::UndefineAtDestination => gettext_f(
            "{guest} is at home on {source}, but {destination} has a definition of it, too, from which somebody could start it a second time.",
            &values,
        ),
        Repair::DefineAtDestination => gettext_f(
            "{guest} was to live on {destination}, but is not defined there: it would be gone once it is shut down.",
            &values,
        ),
    }
}

/// That it was not done, why, and what to do first.
#[must_use]
pub fn not_done(repair: Repair, why: &Failure, names: &MoveNames) -> String {
    let action = title(repair, names);
    let said = gettext_f("“{action}” was not done", &[("action", &action)]);
    format!("{said}: {}", failure::paragraph(why))
}

/// What is asked before, where something goes that does not come back.
#[must_use]
pub fn confirm(repair: Repair, names: &MoveNames) -> Option<Confirm> {
    let values = values(names);
    let (heading, body) = match repair {
        Repair::ResumeAtSource | Repair::ResumeAtDestination | Repair::DefineAtDestination => {
            return None;
        }
        Repair::ResumePostcopy => (
            gettext_f("Recover the post-copy of {guest}?", &values),
            gettext(
                "If the daemon at the destination crashes, neither the guest nor its memory is touched; it can be tried again with a newer libvirt.",
            ),
        ),
        Repair::RemoveFromSource => (
            gettext_f("Remove the copy of {guest} on {source}?", &values),
            gettext_f(
                "The memory that waits there is thrown away. The guest goes on at {destination}, and its disks stay as they are.",
                &values,
            ),
        ),
        Repair::RemoveFromDestination => (
            gettext_f("Remove the copy of {guest} on {destination}?", &values),
            gettext_f(
                "The memory that waits there is thrown away. The guest goes on at {source}, and its disks stay as they are.",
                &values,
            ),
        ),
        Repair::UndefineAtSource => (
            gettext_f("Undefine {guest} on {source}?", &values),
            gettext_f(
                "What is set in that definition only is lost. The guest on {destination} and the disks stay as they are.",
                &values,
            ),
        ),
        Repair::UndefineAtDestination => (
            gettext_f("Undefine {guest} on {destination}?", &values),
            gettext_f(
                "What is set in that definition only is lost. The guest on {source} and the disks stay as they are.",
                &values,
            ),
        ),
    };
    Some(Confirm { heading, body, action: title(repair, names) })
}

/// That it was done.
#[must_use]
pub fn done(repair: Repair, names: &MoveNames) -> String {
    let values = values(names);
    match repair {
        Repair::ResumeAtSource => gettext_f("Repaired: resumed on {source}.", &values),
        Repair::ResumeAtDestination => gettext_f("Repaired: resumed on {destination}.", &values),
        Repair::ResumePostcopy => gettext("Repaired: post-copy was taken up again."),
        Repair::RemoveFromSource => {
            gettext_f("Repaired: the copy on {source} was removed.", &values)
        }
        Repair::RemoveFromDestination => {
            gettext_f("Repaired: the copy on {destination} was removed.", &values)
        }
        Repair::UndefineAtSource => gettext_f("Repaired: undefined on {source}.", &values),
        Repair::UndefineAtDestination => {
            gettext_f("Repaired: undefined on {destination}.", &values)
        }
        Repair::DefineAtDestination => gettext_f("Repaired: defined on {destination}.", &values),
    }
}
