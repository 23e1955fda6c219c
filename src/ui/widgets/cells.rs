//! What the cells of tables have in common. They follow their row's signals while they are bound, and nothing else.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use relm4::gtk;
use relm4::gtk::glib;
use relm4::gtk::prelude::*;

/// The signal connections of bound cells, so that unbinding ends them.
pub struct Bindings<R>(Rc<RefCell<HashMap<gtk::ListItem, Handlers<R>>>>);

type Handlers<R> = Vec<(R, glib::SignalHandlerId)>;

impl<R> Default for Bindings<R> {
    fn default() -> Self {
        Self(Rc::default())
    }
}

impl<R> Clone for Bindings<R> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<R: IsA<glib::Object>> Bindings<R> {
    /// Runs `show` now and whenever the row emits the signal.
    pub fn follow(&self, item: &gtk::ListItem, row: &R, signal: &str, show: impl Fn(&R) + 'static) {
        show(row);
        let handler = row.connect_local(signal, false, move |values| {
            if let Some(row) = values.first().and_then(|value| value.get::<R>().ok()) {
                show(&row);
            }
            None
        });
        self.0.borrow_mut().entry(item.clone()).or_default().push((row.clone(), handler));
    }

    /// Ends what [`follow`](Self::follow) began.
    pub fn end(&self, item: &gtk::ListItem) {
        for (row, handler) in self.0.borrow_mut().remove(item).unwrap_or_default() {
            row.disconnect(handler);
        }
    }
}

/// A cell that shows text; `Inscription` redraws only itself, a label would lay out every row again.
#[must_use]
pub fn inscription(width: u32) -> gtk::Inscription {
    gtk::Inscription::builder()
        .min_chars(width.min(6))
        .nat_chars(width)
        .text_overflow(gtk::InscriptionOverflow::EllipsizeEnd)
        .build()
}

/// Tells something over a cell while the pointer is there. On demand: to set the text of a tooltip asks the
/// display where the pointer is (GTK 4.8), which in a table is a quarter of the time that it takes to come up.
pub fn tell_on_demand<W: IsA<gtk::Widget>>(
    cell: &W,
    text: impl Fn(&W) -> Option<String> + 'static,
) {
    cell.set_has_tooltip(true);
    cell.connect_query_tooltip(move |cell, _, _, _, tooltip| {
        let text = text(cell);
        tooltip.set_text(text.as_deref());
        text.is_some()
    });
}

/// Sorts rows by a comparison.
pub fn sorter<R: IsA<glib::Object>>(
    compare: impl Fn(&R, &R) -> std::cmp::Ordering + 'static,
) -> gtk::CustomSorter {
    gtk::CustomSorter::new(move |a, b| match (a.downcast_ref(), b.downcast_ref()) {
        (Some(a), Some(b)) => compare(a, b).into(),
        _ => gtk::Ordering::Equal,
    })
}
