//! The rows behind the table: made once, found by what they stand for, changed in place.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use relm4::gtk;
use relm4::gtk::glib::prelude::*;
use relm4::gtk::prelude::*;
use relm4::gtk::{gio, glib};

use crate::model::{GuestUuid, HostId};

use crate::ui::views::{GuestView, HostView};

use super::messages::{Figures, RowUpdate};
use super::row::{Row, RowId};

/// All rows, and the models the table shows of them.
#[derive(Debug)]
pub(super) struct Tree {
    hosts: gio::ListStore,
    rows: HashMap<RowId, Row>,
    filter: gtk::CustomFilter,
    needle: Rc<RefCell<String>>,
}

/// What an update means for the order of the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Touched {
    /// A name is another.
    pub(super) names: bool,
    /// Figures are others.
    pub(super) figures: bool,
    /// Guests are shown in another state.
    pub(super) faces: bool,
    /// Guests came or went.
    pub(super) guests: bool,
}

impl Tree {
    pub(super) fn new() -> Self {
        let needle = Rc::new(RefCell::new(String::new()));
        Self {
            hosts: gio::ListStore::new::<Row>(),
            rows: HashMap::new(),
            filter: gtk::CustomFilter::new(|_| true),
            needle,
        }
    }

    /// Guests below their hosts.
    pub(super) fn grouped(&self) -> gtk::TreeListModel {
        let filter = self.filter.clone();
        gtk::TreeListModel::new(self.hosts.clone(), false, true, move |item| {
            let children = item.downcast_ref::<Row>()?.children()?;
            Some(gtk::FilterListModel::new(Some(children), Some(filter.clone())).upcast())
        })
    }

    /// All guests in one list.
    pub(super) fn flat(&self) -> gtk::TreeListModel {
        let filter = self.filter.clone();
        let lists = gtk::MapListModel::new(Some(self.hosts.clone()), move |item| {
            let children = item.downcast_ref::<Row>().and_then(Row::children);
            gtk::FilterListModel::new(children, Some(filter.clone())).upcast::<glib::Object>()
        });
        let guests = gtk::FlattenListModel::new(Some(lists));
        gtk::TreeListModel::new(guests, false, false, |_| None)
    }

    pub(super) fn guest_count(&self) -> usize {
        self.rows.len() - self.hosts.n_items() as usize
    }

    pub(super) fn is_empty(&self) -> bool {
        self.hosts.n_items() == 0
    }

    /// Shows only guests whose names contain the text, in any case.
    pub(super) fn search(&self, text: &str) {
        self.needle.replace(text.to_lowercase());
        if text.is_empty() {
            self.filter.unset_filter_func();
            return;
        }
        let needle = Rc::clone(&self.needle);
        self.filter.set_filter_func(move |item| {
            let Some(row) = item.downcast_ref::<Row>() else { return true };
            row.with_face(|face| face.name.to_lowercase().contains(&*needle.borrow()))
        });
    }

    /// Applies updates in their order.
    pub(super) fn apply(&mut self, updates: Vec<RowUpdate>) -> Touched {
        let mut touched = Touched::default();
        for update in updates {
            match update {
                RowUpdate::HostAdded(view) => self.add_host(&view),
                RowUpdate::HostChanged(view) => touched.names |= self.change_host(&view),
                RowUpdate::HostRemoved(host) => self.remove_host(host),
                RowUpdate::GuestsAdded(host, views) => {
                    self.add_guests(host, &views);
                    touched.guests = true;
                }
                RowUpdate::GuestsChanged(views) => {
                    touched.names |= self.change_guests(&views);
                    touched.faces = true;
                }
                RowUpdate::GuestsRemoved(host, uuids) => {
                    self.remove_guests(host, &uuids);
                    touched.guests = true;
                }
                RowUpdate::Sampled(figures) => {
                    self.sample(&figures);
                    touched.figures = true;
                }
                RowUpdate::Progress(key, share) => {
                    if let Some(row) = self.rows.get(&RowId::Guest(key)) {
                        row.set_progress(share);
                    }
                }
            }
        }
        touched
    }

    fn add_host(&mut self, view: &HostView) {
        let row = Row::host(view);
        self.rows.insert(RowId::Host(view.id), row.clone());
        self.hosts.append(&row);
    }

    fn change_host(&self, view: &HostView) -> bool {
        let Some(row) = self.rows.get(&RowId::Host(view.id)) else { return false };
        let renamed = row.with_face(|face| *face.name != *view.name);
        row.show_host(view);
        renamed
    }

    fn remove_host(&mut self, host: HostId) {
        if let Some(row) = self.rows.remove(&RowId::Host(host)) {
            if let Some(position) = self.hosts.find(&row) {
                self.hosts.remove(position);
            }
            self.rows.retain(|_, row| row.host_id() != Some(host));
        }
    }

    fn children(&self, host: HostId) -> Option<gio::ListStore> {
        self.rows.get(&RowId::Host(host))?.children()
    }

    fn add_guests(&mut self, host: HostId, views: &[GuestView]) {
        let Some(children) = self.children(host) else { return };
        let rows: Vec<Row> = views.iter().map(Row::guest).collect();
        children.extend_from_slice(&rows);
        self.rows.extend(rows.into_iter().filter_map(|row| Some((row.id()?, row))));
    }

    fn change_guests(&self, views: &[GuestView]) -> bool {
        let mut renamed = false;
        for view in views {
            if let Some(row) = self.rows.get(&RowId::Guest(view.guest.key)) {
                renamed |= row.with_face(|face| face.name != view.guest.name);
                row.show_guest(view);
            }
        }
        renamed
    }

    fn remove_guests(&mut self, host: HostId, uuids: &[GuestUuid]) {
        let Some(children) = self.children(host) else { return };
        let key = |uuid: &GuestUuid| RowId::Guest(crate::model::GuestKey { host, uuid: *uuid });
        let gone: std::collections::HashSet<Row> =
            uuids.iter().filter_map(|uuid| self.rows.remove(&key(uuid))).collect();
        if gone.len() == children.n_items() as usize {
            children.remove_all();
        } else {
            children
                .retain(|item| item.downcast_ref::<Row>().is_none_or(|row| !gone.contains(row)));
        }
    }

    fn sample(&self, figures: &Figures) {
        let host = figures.host;
        if let (Some((sample, memory)), Some(row)) =
            (figures.own, self.rows.get(&RowId::Host(host)))
        {
            row.sample_host(&sample, memory);
        }
        for (uuid, sample) in &figures.guests {
            let key = crate::model::GuestKey { host, uuid: *uuid };
            if let Some(row) = self.rows.get(&RowId::Guest(key)) {
                row.sample_guest(sample);
            }
        }
    }
}
