//! Jobs with volumes in words.

use std::time::Duration;

use crate::i18n::{gettext, gettext_f, ngettext_f};
use crate::model::Failure;
use crate::model::storage::Transferred;
use crate::storage::{Task, TaskKind, TaskResult};

use super::{bytes, migration::duration, rate, storage, storage_failure};

/// What a job is called: `Upload of disk.img`.
#[must_use]
pub fn title(task: &Task) -> String {
    let values = [("volume", task.names.volume.as_str())];
    let others = task.names.others;
    match task.kind {
        TaskKind::Create => gettext_f("New volume {volume}", &values),
        TaskKind::Delete if others > 0 => ngettext_f(
            "Deleting {volume} and {n} other",
            "Deleting {volume} and {n} others",
            others,
            &values,
        ),
        TaskKind::Delete => gettext_f("Deleting {volume}", &values),
        TaskKind::Resize => gettext_f("Resizing {volume}", &values),
        TaskKind::Copy => gettext_f("Copy of {volume}", &values),
        TaskKind::Move => gettext_f("Move of {volume}", &values),
        TaskKind::Rename => gettext_f("Renaming {volume}", &values),
        TaskKind::Download => gettext_f("Download of {volume}", &values),
        TaskKind::Upload => gettext_f("Upload of {volume}", &values),
        TaskKind::Wipe => gettext_f("Wiping {volume}", &values),
    }
}

/// From where to where: `images on lab-a → /home/me/disk.img`.
#[must_use]
pub fn places(task: &Task) -> String {
    match &task.names.to {
        Some(to) => gettext_f("{from} → {to}", &[("from", &task.names.from), ("to", to)]),
        None => task.names.from.clone(),
    }
}

/// What it does now, how far it is and how fast: `Transferring · 1.2 GiB of 4.0 GiB · 80 MiB/s · 35 s left`.
#[must_use]
pub fn progress(task: &Task) -> String {
    let Some(progress) = task.progress else { return gettext("Waiting") };
    let mut parts = vec![storage::phase(progress.phase)];
    match progress.total {
        Some(total) if total.0 > 0 => parts.push(gettext_f(
            "{done} of {all}",
            &[("done", &bytes(progress.done)), ("all", &bytes(total))],
        )),
        Some(_) | None if progress.done.0 > 0 => parts.push(bytes(progress.done)),
        Some(_) | None => {}
    }
    parts.extend(task.speed().map(rate));
    let left = task.remaining().filter(|time| *time > Duration::ZERO);
    parts.extend(left.map(|time| gettext_f("{time} left", &[("time", &duration(time))])));
    parts.join(" · ")
}

/// What was asked for besides a transfer and failed; empty where nothing did.
#[must_use]
pub fn left(done: &Transferred) -> String {
    let why = |failure: &Failure| storage_failure::headline(failure);
    let source = done.source_left.as_ref().map(|failure| {
        gettext_f("The original could not be deleted: {why}", &[("why", &why(failure))])
    });
    let secret = done.secret_left.as_ref().map(|failure| {
        let values = [("why", &*why(failure))];
        gettext_f("Its passphrase could not be set as a secret: {why}", &values)
    });
    let lines: Vec<String> = source.into_iter().chain(secret).collect();
    lines.join("\n")
}

/// What a job that went well brought.
#[must_use]
pub fn result(result: &TaskResult) -> String {
    match result {
        TaskResult::Done => gettext("Done"),
        TaskResult::Created(path) if path.is_empty() => gettext("Made"),
        TaskResult::Created(path) => gettext_f("Made: {path}", &[("path", path)]),
        TaskResult::Transferred(done) => gettext_f(
            "{amount} went over, and arrived the same: {path}",
            &[("amount", &bytes(done.bytes)), ("path", &done.path)],
        ),
    }
}
