//! The pools on the left. Rows are kept while their pool is there, so that focus and selection stay.

use std::cell::RefCell;
use std::rc::Rc;

use relm4::gtk::prelude::*;
use relm4::gtk::{self, glib, pango};

use crate::i18n::{gettext, gettext_f};
use crate::model::PoolUuid;
use crate::model::storage::{Pool, PoolKey};
use crate::ui::labels;
use crate::ui::views::storage::PoolView;
use crate::ui::widgets::accessible;

/// The list.
pub(super) struct PoolList {
    list: gtk::ListBox,
    rows: RefCell<Vec<Row>>,
    selected: Rc<glib::SignalHandlerId>,
}

#[derive(Clone)]
struct Row {
    uuid: PoolUuid,
    row: gtk::ListBoxRow,
    name: gtk::Label,
    state: gtk::Label,
    bar: gtk::ProgressBar,
    room: gtk::Label,
}

impl PoolList {
    /// A list that tells the place of the pool that is chosen.
    pub(super) fn new(chosen: impl Fn(i32) + 'static) -> Self {
        let list = gtk::ListBox::builder()
            .selection_mode(gtk::SelectionMode::Browse)
            .css_classes(["navigation-sidebar"])
            .build();
        accessible::set_name(&list, &gettext("Pools"));
        let selected = list.connect_row_selected(move |_, row| {
            if let Some(row) = row {
                chosen(row.index());
            }
        });
        Self { list, rows: RefCell::default(), selected: selected.into() }
    }

    pub(super) const fn widget(&self) -> &gtk::ListBox {
        &self.list
    }

    /// Shows these pools, in this order, and which one is chosen, without telling.
    pub(super) fn show(&self, pools: &[PoolView], chosen: Option<PoolKey>) {
        self.list.block_signal(&self.selected);
        self.keep_rows(pools);
        for (row, view) in self.rows.borrow().iter().zip(pools) {
            row.show(&view.pool);
            if chosen == Some(view.pool.key) && !row.row.is_selected() {
                self.list.select_row(Some(&row.row));
            }
        }
        if chosen.is_none() {
            self.list.unselect_all();
        }
        self.list.unblock_signal(&self.selected);
    }

    fn keep_rows(&self, pools: &[PoolView]) {
        let same = {
            let rows = self.rows.borrow();
            rows.len() == pools.len()
                && rows.iter().zip(pools).all(|(row, view)| row.uuid == view.pool.key.uuid)
        };
        if same {
            return;
        }
        let old = self.rows.take();
        for row in &old {
            self.list.remove(&row.row);
        }
        let rows = pools.iter().map(|view| {
            let uuid = view.pool.key.uuid;
            old.iter().find(|row| row.uuid == uuid).cloned().unwrap_or_else(|| Row::new(uuid))
        });
        let rows: Vec<Row> = rows.collect();
        for row in &rows {
            self.list.append(&row.row);
        }
        self.rows.replace(rows);
    }
}

impl Row {
    fn new(uuid: PoolUuid) -> Self {
        let caption = || {
            gtk::Label::builder()
                .xalign(0.0)
                .ellipsize(pango::EllipsizeMode::End)
                .css_classes(["caption", "dim-label"])
                .build()
        };
        let name = gtk::Label::builder()
            .xalign(0.0)
            .ellipsize(pango::EllipsizeMode::End)
            .css_classes(["heading"])
            .build();
        let bar = gtk::ProgressBar::new();
        bar.add_css_class("row-progress");
        let (state, room) = (caption(), caption());
        room.add_css_class("numeric");
        let content = gtk::Box::new(gtk::Orientation::Vertical, 3);
        content.set_margin_top(8);
        content.set_margin_bottom(8);
        for widget in [name.upcast_ref::<gtk::Widget>(), state.upcast_ref()] {
            content.append(widget);
        }
        content.append(&bar);
        content.append(&room);
        let row = gtk::ListBoxRow::builder().child(&content).build();
        Self { uuid, row, name, state, bar, room }
    }

    fn show(&self, pool: &Pool) {
        let active = pool.state.is_active();
        self.name.set_label(pool.name());
        self.name.set_tooltip_text(Some(pool.name()));
        let state = state(pool);
        self.state.set_label(&state);
        self.bar.set_visible(active);
        self.room.set_visible(active);
        self.bar.set_fraction(share(pool));
        let room = room(pool);
        self.room.set_label(&room);
        self.content_opacity(if active { 1.0 } else { 0.6 });
        accessible::set_name(&self.row, pool.name());
        accessible::set_description(&self.row, &format!("{state}. {room}"));
        accessible::set_name(&self.bar, &gettext_f("Use of {pool}", &[("pool", pool.name())]));
        accessible::set_value_text(&self.bar, &room);
    }

    fn content_opacity(&self, opacity: f64) {
        if let Some(content) = self.row.child() {
            content.set_opacity(opacity);
        }
    }
}

/// `Active · Directory`.
pub(super) fn state(pool: &Pool) -> String {
    let state = labels::storage::state(pool.state);
    format!("{state} · {}", labels::storage::kind(pool.kind()))
}

/// `3.1 GiB free of 9.0 GiB`.
pub(super) fn room(pool: &Pool) -> String {
    if !pool.state.is_active() {
        return String::new();
    }
    gettext_f(
        "{free} free of {all}",
        &[("free", &labels::bytes(pool.available)), ("all", &labels::bytes(pool.capacity))],
    )
}

#[allow(clippy::cast_precision_loss)] // a bar
fn share(pool: &Pool) -> f64 {
    if pool.capacity.0 == 0 { 0.0 } else { pool.allocation.0 as f64 / pool.capacity.0 as f64 }
}
