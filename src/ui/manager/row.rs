//! One line of the tree, as an object: created once for a host or a guest, changed in place.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::OnceLock;

use relm4::gtk::gio;
use relm4::gtk::glib;
use relm4::gtk::glib::prelude::*;
use relm4::gtk::glib::subclass::{Signal, prelude::*};

use crate::model::{Guest, GuestKey, GuestSample, HostId, HostSample, remember};
use crate::ui::labels::{self, Place};

use crate::ui::views::{GuestView, HostView};

/// What a row stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RowId {
    /// A host.
    Host(HostId),
    /// A guest.
    Guest(GuestKey),
}

/// What the cells show of a row. Texts are made once a change, not once a draw.
#[derive(Clone, Debug, Default)]
pub struct Face {
    /// The name.
    pub name: Arc<str>,
    /// The state in a few words.
    pub state: String,
    /// The icon.
    pub icon: &'static str,
    /// The icon's style class.
    pub style: &'static str,
    /// The host's name, for the flat list.
    pub host: Arc<str>,
    /// Memory, as text.
    pub memory: String,
    /// Share of the progress bar, while a guest is on the move.
    pub progress: Option<f64>,
}

/// The figures of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// Processor use, 0 to 1.
    pub cpu: f32,
    /// Memory used, bytes.
    pub memory: u64,
    /// Disk bytes a second, read and written.
    pub disk: u64,
    /// Network bytes a second, received and sent.
    pub network: u64,
}

mod imp {
    use super::*;

    #[derive(Default)]
    pub struct Row {
        pub(super) id: Cell<Option<RowId>>,
        pub(super) guest: RefCell<Option<Guest>>,
        pub(super) active: Cell<bool>,
        pub(super) face: RefCell<Face>,
        pub(super) sort_key: RefCell<Option<glib::FilenameCollationKey>>,
        pub(super) figures: Cell<Figures>,
        pub(super) history: RefCell<VecDeque<f32>>,
        pub(super) children: RefCell<Option<gio::ListStore>>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for Row {
        const NAME: &'static str = "VireoRow";
        type Type = super::Row;
    }

    impl ObjectImpl for Row {
        fn signals() -> &'static [Signal] {
            static SIGNALS: OnceLock<Vec<Signal>> = OnceLock::new();
            SIGNALS.get_or_init(|| {
                vec![
                    Signal::builder(super::FACE_CHANGED).build(),
                    Signal::builder(super::FIGURES_CHANGED).build(),
                ]
            })
        }
    }
}

/// Emitted when the [`Face`] of a row is another.
pub(super) const FACE_CHANGED: &str = "face-changed";
/// Emitted when a row has new [`Figures`].
pub(super) const FIGURES_CHANGED: &str = "figures-changed";

glib::wrapper! {
    /// A host or a guest in the tree.
    pub struct Row(ObjectSubclass<imp::Row>);
}

impl Row {
    /// A row for a host.
    #[must_use]
    pub fn host(view: &HostView) -> Self {
        let row: Self = glib::Object::new();
        row.imp().id.set(Some(RowId::Host(view.id)));
        row.imp().children.replace(Some(gio::ListStore::new::<Self>()));
        row.show_host(view);
        row
    }

    /// A row for a guest.
    #[must_use]
    pub fn guest(view: &GuestView) -> Self {
        let row: Self = glib::Object::new();
        row.imp().id.set(Some(RowId::Guest(view.guest.key)));
        row.show_guest(view);
        row
    }

    /// What it stands for.
    #[must_use]
    pub fn id(&self) -> Option<RowId> {
        self.imp().id.get()
    }

    /// The host it is, or that its guest is on.
    #[must_use]
    pub fn host_id(&self) -> Option<HostId> {
        match self.id()? {
            RowId::Host(host) => Some(host),
            RowId::Guest(key) => Some(key.host),
        }
    }

    /// The rows of a host's guests.
    #[must_use]
    pub fn children(&self) -> Option<gio::ListStore> {
        self.imp().children.borrow().clone()
    }

    /// Reads the face without copying it.
    pub fn with_face<T>(&self, read: impl FnOnce(&Face) -> T) -> T {
        read(&self.imp().face.borrow())
    }

    /// Its figures.
    #[must_use]
    pub fn figures(&self) -> Figures {
        self.imp().figures.get()
    }

    /// Whether running its guest restores a saved state.
    #[must_use]
    pub fn restores(&self) -> bool {
        self.imp().guest.borrow().as_ref().is_some_and(|guest| guest.managed_save)
    }

    /// Reads its processor use, oldest first.
    pub fn with_history<T>(&self, read: impl FnOnce(&VecDeque<f32>) -> T) -> T {
        read(&self.imp().history.borrow())
    }

    /// Compares names as a file manager would: `web2` before `web10`.
    #[must_use]
    pub fn compare_names(&self, other: &Self) -> std::cmp::Ordering {
        self.imp().sort_key.borrow().cmp(&other.imp().sort_key.borrow())
    }

    /// Shows another state of its host.
    pub fn show_host(&self, view: &HostView) {
        let face = Face {
            name: view.name.as_str().into(),
            state: labels::host_state(view),
            icon: labels::host_icon(&view.state),
            style: if view.state.is_connected() { "host-connected" } else { "host-away" },
            host: view.name.as_str().into(),
            memory: self.with_face(|face| face.memory.clone()),
            progress: None,
        };
        self.set_face(face);
    }

    /// Shows another state of its guest.
    pub fn show_guest(&self, view: &GuestView) {
        let old_state = self.imp().guest.borrow().as_ref().map(|guest| guest.state);
        let active = view.guest.state.is_active() && !matches!(view.place, Place::Away(_));
        self.imp().active.set(active);
        if old_state.is_some() && !active {
            self.imp().figures.set(Figures::default());
            self.imp().history.borrow_mut().clear();
            self.emit_by_name::<()>(FIGURES_CHANGED, &[]);
        }
        let face = Face {
            name: Arc::clone(&view.guest.name),
            state: labels::guest_view_state(view),
            icon: labels::guest_icon(&view.guest, &view.place),
            style: labels::guest_style(&view.guest, &view.place),
            host: Arc::clone(&view.host_name),
            memory: if active { labels::bytes(view.guest.memory_max) } else { String::new() },
            progress: view.progress,
        };
        self.imp().guest.replace(Some(view.guest.clone()));
        self.set_face(face);
    }

    fn set_face(&self, face: Face) {
        if self.imp().face.borrow().name != face.name || self.imp().sort_key.borrow().is_none() {
            self.imp().sort_key.replace(Some(glib::FilenameCollationKey::from(&*face.name)));
        }
        self.imp().face.replace(face);
        self.emit_by_name::<()>(FACE_CHANGED, &[]);
    }

    /// Shows another share of the progress bar.
    pub fn set_progress(&self, progress: Option<f64>) {
        self.imp().face.borrow_mut().progress = progress;
        self.emit_by_name::<()>(FACE_CHANGED, &[]);
    }

    /// Takes a guest's figures of one tick. Those of one that went are late.
    pub fn sample_guest(&self, sample: &GuestSample) {
        if !self.imp().active.get() {
            return;
        }
        self.sampled(Figures {
            cpu: sample.cpu,
            memory: sample.memory.0,
            disk: sample.disk_read + sample.disk_write,
            network: sample.net_receive + sample.net_send,
        });
    }

    /// Takes a host's figures of one tick; `memory` is what it has in all, in bytes.
    pub fn sample_host(&self, sample: &HostSample, memory: u64) {
        self.imp().face.borrow_mut().memory = labels::bytes(crate::model::Bytes(memory));
        let used = memory.saturating_sub(sample.memory_free.0);
        self.sampled(Figures { cpu: sample.cpu, memory: used, disk: 0, network: 0 });
    }

    fn sampled(&self, figures: Figures) {
        remember(&mut self.imp().history.borrow_mut(), figures.cpu);
        self.imp().figures.set(figures);
        self.emit_by_name::<()>(FIGURES_CHANGED, &[]);
    }
}
