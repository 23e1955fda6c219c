//! Questions before something is lost, and the refusal where guests would lose it.

use relm4::adw::{self, prelude::*};
use relm4::gtk;

use crate::i18n::{gettext, gettext_f, ngettext_f};
use crate::model::storage::{BuildMode, PoolAction, Volume, VolumeKey};
use crate::storage::loses_volumes;
use crate::ui::labels::{self, Confirm};
use crate::ui::views::storage::{PoolView, VolumeView};
use crate::ui::widgets::dialog;

use super::messages::{Answered, VolumeChange};
use super::{forms, volume_row};

/// What is lost when this is done to a pool; `None` where nothing is.
pub(super) fn about_pool(view: &PoolView, action: PoolAction) -> Option<Confirm> {
    let pool = &view.pool;
    let values = [("pool", pool.name())];
    Some(match action {
        PoolAction::Stop => Confirm {
            heading: gettext_f("Stop {pool}?", &values),
            body: gettext(
                "Its volumes stay where they are, but no guest of this host can be started from them until it is started again.",
            ),
            action: gettext("Stop Pool"),
        },
        PoolAction::Undefine => Confirm {
            heading: gettext_f("Delete the pool {pool}?", &values),
            body: gettext(
                "The host forgets the pool. What is in it stays, and the pool can be added again.",
            ),
            action: gettext("Delete Pool"),
        },
        PoolAction::DeleteContents if loses_volumes(pool.kind(), action) => Confirm {
            heading: gettext_f("Delete {pool} and all volumes in it?", &values),
            body: with_volumes(
                view,
                gettext_f(
                    "All that is at {path} is lost. This cannot be undone.",
                    &[("path", &pool.definition.target.path)],
                ),
            ),
            action: gettext("Delete All"),
        },
        PoolAction::DeleteContents => Confirm {
            heading: gettext_f("Delete the directory of {pool}?", &values),
            body: gettext_f(
                "Only the directory {path} is deleted, and only if it is empty. Volumes in it are to be deleted first.",
                &[("path", &pool.definition.target.path)],
            ),
            action: gettext("Delete Directory"),
        },
        PoolAction::Build(BuildMode::Overwrite) => Confirm {
            heading: gettext_f("Format the device of {pool}?", &values),
            body: with_volumes(
                view,
                gettext("All that is on the device is lost. This cannot be undone."),
            ),
            action: gettext("Format"),
        },
        PoolAction::Start
        | PoolAction::Refresh
        | PoolAction::SetAutostart(_)
        | PoolAction::Build(BuildMode::Plain | BuildMode::KeepExisting) => return None,
    })
}

/// What is lost, with the volumes that the pool had when it was stopped.
fn with_volumes(view: &PoolView, text: String) -> String {
    let lines: Vec<String> = view.last.iter().map(name_and_size).collect();
    let volumes = if lines.is_empty() {
        gettext("Its volumes are not known while it is stopped.")
    } else {
        some_of(&lines)
    };
    format!("{volumes}\n\n{text}")
}

fn name_and_size(volume: &Volume) -> String {
    let name = volume.name.clone();
    match &volume.details {
        Some(details) => {
            let size = labels::bytes(details.capacity);
            gettext_f("{volume}, {size}", &[("volume", &name), ("size", &size)])
        }
        None => name,
    }
}

/// Asks before volumes are deleted.
pub(super) fn delete(
    parent: &gtk::Window,
    volumes: &[VolumeView],
    keys: Vec<VolumeKey>,
    answered: impl Fn(Answered) + 'static,
) {
    let names = names(volumes);
    let text = Confirm {
        heading: ngettext_f("Delete {n} volume?", "Delete {n} volumes?", volumes.len(), &[]),
        body: gettext_f("{names}\n\nWhat is in it is lost.", &[("names", &names)]),
        action: gettext("Delete"),
    };
    dialog::confirm(parent, &text, move || {
        answered(Answered::Volumes(keys.clone(), VolumeChange::Delete));
    });
}

/// Asks for a file to write a volume into, and before that whether the copy may be torn.
pub(super) fn download(
    parent: &gtk::Window,
    view: &VolumeView,
    key: VolumeKey,
    answered: impl Fn(Answered) + Clone + 'static,
) {
    let writers = view.writers();
    if writers.is_empty() {
        forms::download(parent, key, false, answered);
        return;
    }
    let window = parent.clone();
    dialog::confirm(parent, &labels::storage::torn(&key.name, &writers), move || {
        forms::download(&window, key.clone(), true, answered.clone());
    });
}

/// Says which guests use volumes that were to be deleted or overwritten; whether any does.
pub(super) fn refused(parent: &gtk::Window, volumes: &[VolumeView]) -> bool {
    let used: Vec<String> = volumes
        .iter()
        .filter(|view| !view.users.is_empty())
        .map(|view| {
            let users = volume_row::users(&view.users);
            gettext_f("{volume}: {guests}", &[("volume", &view.volume.name), ("guests", &users)])
        })
        .collect();
    if used.is_empty() {
        return false;
    }
    let unsure = volumes.iter().flat_map(|view| &view.users).any(|user| user.unsure);
    let remedy = if unsure {
        gettext(
            "Of some it is only known that they use the same path on another host, or the same name at a server that may be another. Where it is a path, prove whether the pool is shared; if it is not, they do not count.",
        )
    } else {
        gettext("Remove it from these guests, or delete them, first.")
    };
    let body = format!("{}\n\n{remedy}", used.join("\n"));
    let heading = gettext("Guests use this storage");
    let dialog = adw::MessageDialog::new(Some(parent), Some(&heading), Some(&body));
    dialog.add_response("close", &gettext("Close"));
    dialog.set_default_response(Some("close"));
    dialog.set_close_response("close");
    dialog.present();
    true
}

/// At most some of the names.
fn names(volumes: &[VolumeView]) -> String {
    let names: Vec<String> = volumes.iter().map(|view| view.volume.name.clone()).collect();
    some_of(&names)
}

/// At most some of the lines.
fn some_of(lines: &[String]) -> String {
    const SHOWN: usize = 8;
    let more = (lines.len() > SHOWN).then_some("…");
    lines.iter().take(SHOWN).map(String::as_str).chain(more).collect::<Vec<_>>().join("\n")
}
