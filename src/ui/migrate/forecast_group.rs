//! The section *Forecast*: what each way to move the guest would take, and which is best.

use relm4::adw::{self, prelude::*};
use relm4::gtk::{self, glib};
use relm4::{ComponentSender, Sender};

use super::MigrateDialog;
use super::form::Form;
use super::messages::{ForecastInput, MigrateInput, MigrateOutput};
use crate::i18n::{gettext, gettext_f};
use crate::migration::{Foretold, Way};
use crate::ui::labels::{self, failure, forecast};
use crate::ui::widgets::accessible;

/// The section.
#[derive(Debug)]
pub(super) struct ForecastGroup {
    group: adw::PreferencesGroup,
    again: gtk::Button,
    table: gtk::Grid,
    rows: Vec<Row>,
    grounds: gtk::Label,
}

/// A way in the table.
#[derive(Debug)]
struct Row {
    way: Way,
    name: gtk::Label,
    ends: gtk::Label,
    time: gtk::Label,
    pause: gtk::Label,
    data: gtk::Label,
}

impl ForecastGroup {
    pub(super) fn new(sender: &Sender<MigrateInput>) -> Self {
        let again = gtk::Button::builder()
            .label(gettext("Measure Again"))
            .valign(gtk::Align::Center)
            .css_classes(["flat"])
            .build();
        let to = sender.clone();
        again.connect_clicked(move |_| to.emit(MigrateInput::Forecast(ForecastInput::Again)));
        let group = adw::PreferencesGroup::builder()
            .title(gettext("Forecast"))
            .header_suffix(&again)
            .build();
        let table = gtk::Grid::builder().column_spacing(18).row_spacing(9).build();
        accessible::set_name(&table, &gettext("Forecast"));
        let titles = [gettext("Way"), gettext("Time"), gettext("Expected pause"), gettext("Data")];
        for (column, title) in (0..).zip(titles) {
            table.attach(&cell(&title, &["caption-heading", "dim-label"]), column, 0, 1, 1);
        }
        let rows = (1..).zip(Way::ALL).map(|(line, way)| Row::new(&table, line, way)).collect();
        let grounds = cell("", &["caption", "dim-label"]);
        grounds.set_wrap(true);
        grounds.set_margin_top(9);
        group.add(&table);
        group.add(&grounds);
        Self { group, again, table, rows, grounds }
    }

    pub(super) const fn widget(&self) -> &adw::PreferencesGroup {
        &self.group
    }

    pub(super) fn show(&self, form: &Form) {
        self.group.set_visible(form.has_forecast());
        self.again.set_sensitive(!form.measuring.under_way());
        let found = form.forecast();
        let description = match (&found, form.measuring.failure()) {
            (Some(found), _) => forecast::advice(found, &form.guest.name),
            (None, Some(reason)) => {
                gettext_f("Cannot tell: {reason}", &[("reason", &failure::headline(reason))])
            }
            (None, None) => gettext("Watching what the guest rewrites…"),
        };
        self.group.set_description(Some(&glib::markup_escape_text(&description)));
        self.table.set_visible(found.is_some());
        self.grounds.set_visible(found.is_some());
        let Some(found) = found else { return };
        let chosen = Way::of(&form.options());
        for row in &self.rows {
            if let Some(foretold) = found.way(row.way) {
                row.show(foretold, chosen == Some(row.way));
            }
        }
        let watched = form.measuring.found().seconds();
        let grounds = forecast::grounds(&found, watched, form.calibration().link_moves);
        self.grounds.set_label(&grounds);
    }
}

impl MigrateDialog {
    /// Asks for a measurement, when one is wanted.
    pub(super) fn measure(&mut self, sender: &ComponentSender<Self>) {
        if let Some(seconds) = self.form.wants_measurement() {
            // The parent is gone only when the program ends.
            let _ = sender.output(MigrateOutput::Measure { seconds });
        }
    }

    pub(super) fn forecast_said(&mut self, input: ForecastInput, sender: &ComponentSender<Self>) {
        match input {
            ForecastInput::Again => self.form.measuring.again(),
            ForecastInput::Measured(found) => self.form.measuring.measured(found),
        }
        self.measure(sender);
    }
}

impl Row {
    fn new(table: &gtk::Grid, line: i32, way: Way) -> Self {
        let name = cell(&forecast::way(way), &[]);
        let ends = cell("", &["caption", "warning"]);
        let names = gtk::Box::new(gtk::Orientation::Vertical, 0);
        names.append(&name);
        names.append(&ends);
        names.set_hexpand(true);
        let [time, pause, data] = [(); 3].map(|()| cell("", &["numeric"]));
        table.attach(&names, 0, line, 1, 1);
        for (column, label) in [(1, &time), (2, &pause), (3, &data)] {
            label.set_valign(gtk::Align::Start);
            table.attach(label, column, line, 1, 1);
        }
        Self { way, name, ends, time, pause, data }
    }

    /// The way that is chosen above stands out.
    fn show(&self, foretold: &Foretold, chosen: bool) {
        if chosen {
            self.name.add_css_class("heading");
        } else {
            self.name.remove_css_class("heading");
        }
        let ends = forecast::ends(foretold.ends);
        self.ends.set_visible(ends.is_some());
        self.ends.set_label(&ends.unwrap_or_default());
        self.time.set_label(&forecast::span(&foretold.time));
        self.pause.set_label(&forecast::span(&foretold.pause));
        self.data.set_label(&labels::bytes(foretold.data));
    }
}

fn cell(text: &str, classes: &[&str]) -> gtk::Label {
    gtk::Label::builder()
        .label(text)
        .xalign(0.0)
        .wrap(true)
        .css_classes(classes.iter().map(|&class| class.to_owned()).collect::<Vec<_>>())
        .build()
}
