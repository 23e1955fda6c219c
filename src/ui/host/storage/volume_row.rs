//! One volume in the table, as an object: created once, changed in place.

use std::cell::RefCell;
use std::sync::OnceLock;

use relm4::gtk::glib;
use relm4::gtk::glib::prelude::*;
use relm4::gtk::glib::subclass::{Signal, prelude::*};

use crate::i18n::gettext_f;
use crate::ui::labels;
use crate::ui::views::storage::{UserView, VolumeView};

/// What the cells show. Texts are made once a change, not once a draw, and only of rows that somebody looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Face {
    pub(super) name: String,
    pub(super) capacity: String,
    pub(super) allocation: String,
    pub(super) format: String,
    pub(super) users: String,
    pub(super) backing: String,
}

mod imp {
    use super::*;

    #[derive(Default)]
    pub struct VolumeRow {
        pub(super) view: RefCell<Option<VolumeView>>,
        pub(super) face: RefCell<Option<Face>>,
        pub(super) sort_key: RefCell<Option<glib::FilenameCollationKey>>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for VolumeRow {
        const NAME: &'static str = "VireoVolumeRow";
        type Type = super::VolumeRow;
    }

    impl ObjectImpl for VolumeRow {
        fn signals() -> &'static [Signal] {
            static SIGNALS: OnceLock<Vec<Signal>> = OnceLock::new();
            SIGNALS.get_or_init(|| vec![Signal::builder(super::CHANGED).build()])
        }
    }
}

/// Emitted when the [`Face`] of a row is another.
pub(super) const CHANGED: &str = "changed";

glib::wrapper! {
    /// A volume in the table.
    pub struct VolumeRow(ObjectSubclass<imp::VolumeRow>);
}

impl VolumeRow {
    pub(super) fn new(view: VolumeView) -> Self {
        let row: Self = glib::Object::new();
        row.imp().sort_key.replace(Some((&*view.volume.name).into()));
        row.show(view);
        row
    }

    /// Shows another state of its volume; says whether it is another.
    pub(super) fn show(&self, view: VolumeView) -> bool {
        if self.imp().view.borrow().as_ref() == Some(&view) {
            return false;
        }
        self.imp().face.take();
        self.imp().view.replace(Some(view));
        self.emit_by_name::<()>(CHANGED, &[]);
        true
    }

    pub(super) fn view(&self) -> Option<VolumeView> {
        self.imp().view.borrow().clone()
    }

    /// Reads the face without copying it.
    pub(super) fn with_face<T>(&self, read: impl FnOnce(&Face) -> T) -> T {
        let made = self.imp().face.borrow().is_some();
        if !made {
            let made = self.imp().view.borrow().as_ref().map(face);
            self.imp().face.replace(made);
        }
        read(self.imp().face.borrow().as_ref().unwrap_or(&Face::default()))
    }

    /// A number of its volume; 0 while it is not read.
    pub(super) fn number(&self, of: fn(&crate::model::storage::VolumeDetails) -> u64) -> u64 {
        let view = self.imp().view.borrow();
        view.as_ref().and_then(|view| view.volume.details.as_ref()).map_or(0, |details| of(details))
    }

    /// Compares names as a file manager would: `web2` before `web10`.
    pub(super) fn compare_names(&self, other: &Self) -> std::cmp::Ordering {
        self.imp().sort_key.borrow().cmp(&other.imp().sort_key.borrow())
    }

    /// Whether its name or that of a guest that uses it contains a text in small letters.
    pub(super) fn matches(&self, needle: &str) -> bool {
        self.with_face(|face| {
            face.name.to_lowercase().contains(needle) || face.users.to_lowercase().contains(needle)
        })
    }
}

fn face(view: &VolumeView) -> Face {
    let details = view.volume.details.as_deref();
    let format = |format| labels::storage::format(format);
    let unread = || "…".to_owned();
    let encrypted = |text: String| match details.and_then(|details| details.encryption.as_ref()) {
        Some(word) => format!("{text}, {word}"),
        None => text,
    };
    Face {
        name: view.volume.name.clone(),
        capacity: details.map_or_else(unread, |details| labels::bytes(details.capacity)),
        allocation: details.map_or_else(unread, |details| labels::bytes(details.allocation)),
        format: details.map_or_else(unread, |details| {
            encrypted(details.format.as_ref().map(format).unwrap_or_default())
        }),
        users: users(&view.users),
        backing: details
            .and_then(|details| details.backing.as_ref())
            .map(|backing| backing.path.clone())
            .unwrap_or_default(),
    }
}

/// `web, db (lab-b)`.
pub(super) fn users(users: &[UserView]) -> String {
    let mut names: Vec<String> = users.iter().map(user).collect();
    names.dedup();
    names.join(", ")
}

fn user(user: &UserView) -> String {
    match (&user.host, user.unsure) {
        (None, false) => user.guest.to_string(),
        (None, true) => gettext_f("perhaps {guest}", &[("guest", &user.guest)]),
        (Some(host), false) => {
            gettext_f("{guest} ({host})", &[("guest", &user.guest), ("host", host)])
        }
        (Some(host), true) => {
            gettext_f("perhaps {guest} ({host})", &[("guest", &user.guest), ("host", host)])
        }
    }
}
