//! Small dialogs that ask for one thing: another size, another name, how to overwrite, which file.

use std::cell::Cell;
use std::path::PathBuf;
use std::rc::Rc;

use relm4::adw::{self, prelude::*};
use relm4::gtk::{self, gio};

use crate::i18n::{gettext, gettext_f, ngettext_f};
use crate::model::storage::{PoolKey, VolumeFormat, VolumeKey, WipeAlgorithm};
use crate::ui::labels::{self, storage_form};
use crate::ui::views::storage::VolumeView;
use crate::ui::widgets::{SizeEntry, SwitchRow};

use super::messages::{Answered, VolumeChange};
use super::volume_row;

const WAYS: [WipeAlgorithm; 9] = [
    WipeAlgorithm::Zero,
    WipeAlgorithm::Random,
    WipeAlgorithm::Nnsa,
    WipeAlgorithm::Dod,
    WipeAlgorithm::Bsi,
    WipeAlgorithm::Gutmann,
    WipeAlgorithm::Schneier,
    WipeAlgorithm::Pfitzner7,
    WipeAlgorithm::Pfitzner33,
];

fn form(parent: &gtk::Window, heading: &str, body: &str, action: &str) -> adw::MessageDialog {
    let dialog = adw::MessageDialog::new(Some(parent), Some(heading), Some(body));
    dialog.add_response("cancel", &gettext("Cancel"));
    dialog.add_response("agree", action);
    dialog.set_close_response("cancel");
    dialog
}

/// Asks for another size.
pub(super) fn resize(
    parent: &gtk::Window,
    view: &VolumeView,
    key: VolumeKey,
    answered: impl Fn(Answered) + 'static,
) {
    let Some(details) = view.volume.details.as_deref() else { return };
    let now = details.capacity;
    let heading = gettext_f("Resize {volume}", &[("volume", &view.volume.name)]);
    let body = gettext(
        "A guest that runs sees the new size only after its next start, and its file system has to be grown by itself.",
    );
    let dialog = form(parent, &heading, &body, &gettext("Resize"));
    dialog.set_response_appearance("agree", adw::ResponseAppearance::Suggested);
    let (allocate, shrink) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(false)));
    let group = adw::PreferencesGroup::new();
    let (window, may) = (dialog.downgrade(), Rc::clone(&shrink));
    let size = SizeEntry::new(&gettext("New Size"), move |size| {
        if let Some(dialog) = window.upgrade() {
            dialog.set_response_enabled("agree", size != now && (size > now || may.get()));
        }
    });
    size.show(now);
    group.add(size.widget());
    if details.format == Some(VolumeFormat::Raw) {
        let told = Rc::clone(&allocate);
        let reserve = SwitchRow::new(&gettext("Reserve it at once"), "", move |on| told.set(on));
        group.add(reserve.widget());
    }
    let (window, told, entry) = (dialog.downgrade(), Rc::clone(&shrink), size.clone());
    let smaller = SwitchRow::new(
        &gettext("Allow a smaller size"),
        &gettext("What is behind the new end is lost."),
        move |on| {
            told.set(on);
            let size = entry.value();
            if let Some(dialog) = window.upgrade() {
                dialog.set_response_enabled("agree", size != now && (size > now || on));
            }
        },
    );
    if !view.users.is_empty() {
        let users = volume_row::users(&view.users);
        let used = gettext_f("Guests use it: {guests}", &[("guests", &users)]);
        smaller.show(false, Some(&used));
    }
    group.add(smaller.widget());
    dialog.set_extra_child(Some(&group));
    dialog.set_response_enabled("agree", false);
    dialog.set_default_response(Some("agree"));
    dialog.connect_response(Some("agree"), move |_, _| {
        let (allocate, shrink) = (allocate.get(), shrink.get());
        let change = VolumeChange::Resize { capacity: size.value(), allocate, shrink };
        answered(Answered::Volumes(vec![key.clone()], change));
    });
    dialog.present();
}

/// Asks for another name.
pub(super) fn rename(
    parent: &gtk::Window,
    view: &VolumeView,
    key: VolumeKey,
    answered: impl Fn(Answered) + 'static,
) {
    let old = view.volume.name.clone();
    let heading = gettext_f("Rename {volume}", &[("volume", &old)]);
    let mut body = gettext(
        "libvirt cannot rename a volume: it is copied under the new name, compared, and then the old one is deleted.",
    );
    let details = view.volume.details.as_ref();
    if details.is_some_and(|details| details.encryption.is_some()) {
        body = format!("{body}\n\n{}", storage_form::stays_encrypted());
    }
    let dialog = form(parent, &heading, &body, &gettext("Rename"));
    dialog.set_response_appearance("agree", adw::ResponseAppearance::Suggested);
    let entry = adw::EntryRow::builder().title(gettext("New Name")).text(&*old).build();
    entry.set_activates_default(true);
    let group = adw::PreferencesGroup::new();
    group.add(&entry);
    dialog.set_extra_child(Some(&group));
    dialog.set_response_enabled("agree", false);
    dialog.set_default_response(Some("agree"));
    let window = dialog.downgrade();
    entry.connect_changed(move |entry| {
        if let Some(dialog) = window.upgrade() {
            let name = entry.text();
            dialog.set_response_enabled("agree", !name.trim().is_empty() && name != *old);
        }
    });
    dialog.connect_response(Some("agree"), move |_, _| {
        let change = VolumeChange::Rename(entry.text().into());
        answered(Answered::Volumes(vec![key.clone()], change));
    });
    dialog.present();
}

/// Asks how to overwrite.
pub(super) fn wipe(
    parent: &gtk::Window,
    volumes: &[VolumeView],
    keys: Vec<VolumeKey>,
    answered: impl Fn(Answered) + 'static,
) {
    let heading = ngettext_f("Wipe {n} volume?", "Wipe {n} volumes?", volumes.len(), &[]);
    let body = gettext(
        "All that is in it is overwritten and lost; the volume itself stays. All ways but zeros need the program scrub at the host.",
    );
    let dialog = form(parent, &heading, &body, &gettext("Wipe"));
    dialog.set_response_appearance("agree", adw::ResponseAppearance::Destructive);
    let names = WAYS.map(labels::storage::wipe);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let way =
        adw::ComboRow::builder().title(gettext("Way")).model(&gtk::StringList::new(&names)).build();
    let group = adw::PreferencesGroup::new();
    group.add(&way);
    dialog.set_extra_child(Some(&group));
    dialog.set_default_response(Some("cancel"));
    dialog.connect_response(Some("agree"), move |_, _| {
        let algorithm = WAYS.get(way.selected() as usize).copied().unwrap_or_default();
        answered(Answered::Volumes(keys.clone(), VolumeChange::Wipe(algorithm)));
    });
    dialog.present();
}

/// Asks which file a volume is made of.
pub(super) fn upload(parent: &gtk::Window, pool: PoolKey, answered: impl Fn(Answered) + 'static) {
    let title = gettext("Upload a File");
    let action = gettext("Choose");
    choose(parent, &title, &action, None, move |file| answered(Answered::Upload(pool, file)));
}

/// Asks which file a volume is written to; `torn` where guests write to it meanwhile.
pub(super) fn download(
    parent: &gtk::Window,
    key: VolumeKey,
    torn: bool,
    answered: impl Fn(Answered) + 'static,
) {
    let title = gettext_f("Download {volume}", &[("volume", &key.name)]);
    let name = key.name.clone();
    choose(parent, &title, &gettext("Download"), Some(&name), move |file| {
        answered(Answered::Volumes(vec![key.clone()], VolumeChange::Download { file, torn }));
    });
}

/// The desktop's own dialog for files; with a name it is one to be written.
fn choose(
    parent: &gtk::Window,
    title: &str,
    action: &str,
    name: Option<&str>,
    chosen: impl Fn(PathBuf) + 'static,
) {
    let way = match name {
        Some(_) => gtk::FileChooserAction::Save,
        None => gtk::FileChooserAction::Open,
    };
    let dialog = gtk::FileChooserNative::new(Some(title), Some(parent), way, Some(action), None);
    dialog.set_modal(true);
    if let Some(name) = name {
        dialog.set_current_name(name);
    }
    // The dialog is no window of GTK's: nothing else keeps it.
    let kept = std::cell::RefCell::new(Some(dialog.clone()));
    dialog.connect_response(move |dialog, response| {
        if response == gtk::ResponseType::Accept
            && let Some(path) = dialog.file().and_then(|file: gio::File| file.path())
        {
            chosen(path);
        }
        kept.take();
    });
    dialog.show();
}
