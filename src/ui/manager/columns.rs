//! The columns of the table. Cells follow their row's signals while they are bound, and nothing else.

use relm4::gtk;
use relm4::gtk::glib::prelude::*;
use relm4::gtk::prelude::*;

use crate::i18n::gettext;
use crate::model::{Bytes, HISTORY};
use crate::ui::labels;
use crate::ui::widgets::cells::{Bindings, inscription, sorter};
use crate::ui::widgets::sparkline;

use super::row::{FACE_CHANGED, FIGURES_CHANGED, Figures, Row, RowId};

/// The sorters of the columns whose order changes with every tick.
pub(super) struct Columns {
    pub(super) name: gtk::ColumnViewColumn,
    pub(super) host: gtk::ColumnViewColumn,
    pub(super) by_name: gtk::CustomSorter,
    pub(super) by_figures: Vec<gtk::CustomSorter>,
}

/// Puts all columns into the table. `name` makes and shows the cell of the first one.
pub(super) fn add_to(view: &gtk::ColumnView, name: &gtk::SignalListItemFactory) -> Columns {
    let by_name = sorter(Row::compare_names);
    let name_column = gtk::ColumnViewColumn::new(Some(&gettext("Name")), Some(name.clone()));
    name_column.set_expand(true);
    name_column.set_resizable(true);
    name_column.set_sorter(Some(&by_name));
    view.append_column(&name_column);

    let host = text_column(&gettext("Host"), FACE_CHANGED, 12, |row| {
        row.with_face(|face| face.host.to_string())
    });
    host.set_visible(false);
    let by_host = sorter(|a: &Row, b: &Row| a.with_face(|a| b.with_face(|b| a.host.cmp(&b.host))));
    host.set_sorter(Some(&by_host));
    view.append_column(&host);

    let mut by_figures = Vec::new();
    let mut figure_column = |column: gtk::ColumnViewColumn, of: fn(&Figures) -> u64| {
        let sorter = sorter(move |a: &Row, b: &Row| of(&a.figures()).cmp(&of(&b.figures())));
        column.set_sorter(Some(&sorter));
        by_figures.push(sorter);
        view.append_column(&column);
    };
    figure_column(cpu_column(), |figures| (figures.cpu * 10_000.0) as u64);
    let memory = text_column(&gettext("Memory"), FIGURES_CHANGED, 18, memory_text);
    figure_column(memory, |figures| figures.memory);
    let disk = text_column(&gettext("Disk I/O"), FIGURES_CHANGED, 11, |row| {
        quiet_rate(row.figures().disk)
    });
    figure_column(disk, |figures| figures.disk);
    let network = text_column(&gettext("Network I/O"), FIGURES_CHANGED, 11, |row| {
        quiet_rate(row.figures().network)
    });
    figure_column(network, |figures| figures.network);
    Columns { name: name_column, host, by_name, by_figures }
}

/// What a guest may have; what a host has in use of all it has.
fn memory_text(row: &Row) -> String {
    let used = row.figures().memory;
    row.with_face(|face| match row.id() {
        Some(RowId::Host(_)) if used > 0 => crate::i18n::gettext_f(
            "{used} of {all}",
            &[("used", &labels::bytes(Bytes(used))), ("all", &face.memory)],
        ),
        Some(RowId::Host(_) | RowId::Guest(_)) | None => face.memory.clone(),
    })
}

/// A rate; nothing for zero, so that quiet columns stay quiet.
fn quiet_rate(bytes_per_second: u64) -> String {
    if bytes_per_second == 0 { String::new() } else { labels::rate(bytes_per_second) }
}

/// The row behind a cell.
pub(super) fn row_of(item: &gtk::ListItem) -> Option<Row> {
    item.item().and_downcast::<gtk::TreeListRow>()?.item().and_downcast()
}

fn text_column(
    title: &str,
    signal: &'static str,
    width: u32,
    text: fn(&Row) -> String,
) -> gtk::ColumnViewColumn {
    let factory = gtk::SignalListItemFactory::new();
    factory.connect_setup(move |_, item| {
        if let Some(item) = item.downcast_ref::<gtk::ListItem>() {
            let cell = inscription(width);
            cell.add_css_class("numeric");
            cell.set_valign(gtk::Align::Center);
            item.set_child(Some(&cell));
        }
    });
    let bindings = Bindings::default();
    let unbindings = bindings.clone();
    factory.connect_bind(move |_, item| {
        let Some(item) = item.downcast_ref::<gtk::ListItem>() else { return };
        let cell = item.child().and_downcast::<gtk::Inscription>();
        if let (Some(row), Some(cell)) = (row_of(item), cell) {
            let shows_face = signal != FACE_CHANGED;
            let (first, second) = (cell.clone(), cell);
            bindings.follow(item, &row, signal, move |row| first.set_text(Some(&text(row))));
            if shows_face {
                bindings.follow(item, &row, FACE_CHANGED, move |row| {
                    second.set_text(Some(&text(row)));
                });
            }
        }
    });
    factory.connect_unbind(move |_, item| {
        if let Some(item) = item.downcast_ref() {
            unbindings.end(item);
        }
    });
    let column = gtk::ColumnViewColumn::new(Some(title), Some(factory));
    column.set_resizable(true);
    column
}

/// Processor use: a graph of the last two minutes, and the figure.
fn cpu_column() -> gtk::ColumnViewColumn {
    let factory = gtk::SignalListItemFactory::new();
    factory.connect_setup(|_, item| {
        if let Some(item) = item.downcast_ref::<gtk::ListItem>() {
            let cell = gtk::Box::new(gtk::Orientation::Horizontal, 6);
            let graph = gtk::DrawingArea::builder().content_width(80).content_height(24).build();
            graph.set_valign(gtk::Align::Center);
            cell.append(&graph);
            let text = inscription(6);
            text.add_css_class("numeric");
            text.set_valign(gtk::Align::Center);
            cell.append(&text);
            item.set_child(Some(&cell));
        }
    });
    let bindings = Bindings::default();
    let unbindings = bindings.clone();
    factory.connect_bind(move |_, item| {
        let Some(item) = item.downcast_ref::<gtk::ListItem>() else { return };
        let Some(row) = row_of(item) else { return };
        let Some(cell) = item.child() else { return };
        let graph = cell.first_child().and_downcast::<gtk::DrawingArea>();
        let text = cell.last_child().and_downcast::<gtk::Inscription>();
        if let (Some(graph), Some(text)) = (graph, text) {
            draw_history(&graph, &row);
            bindings.follow(item, &row, FIGURES_CHANGED, move |row| {
                text.set_text(cpu_text(row).as_deref());
                graph.queue_draw();
            });
        }
    });
    factory.connect_unbind(move |_, item| {
        if let Some(item) = item.downcast_ref() {
            unbindings.end(item);
        }
    });
    let column = gtk::ColumnViewColumn::new(Some(&gettext("CPU")), Some(factory));
    column.set_resizable(true);
    column
}

fn cpu_text(row: &Row) -> Option<String> {
    let known = row.with_history(|history| !history.is_empty());
    known.then(|| labels::percent(row.figures().cpu))
}

fn draw_history(graph: &gtk::DrawingArea, row: &Row) {
    let row = row.downgrade();
    graph.set_draw_func(move |area, context, width, height| {
        if let Some(row) = row.upgrade() {
            row.with_history(|history| {
                let size = (f64::from(width), f64::from(height));
                sparkline::draw(area, context, size, history.iter().copied(), HISTORY);
            });
        }
    });
}
