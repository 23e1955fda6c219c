//! The graph of a migration: memory left as an area, speed and rewriting as lines of one scale, a mark
//! where a pass began.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use relm4::gtk::{self, cairo, gdk, prelude::*};

use crate::migration::{History, Point};

/// Height in pixels at 100 %.
const HEIGHT: i32 = 72;

/// The graph of one migration.
#[derive(Clone, Debug)]
pub struct ProgressGraph {
    area: gtk::DrawingArea,
    history: Rc<RefCell<History>>,
}

impl Default for ProgressGraph {
    fn default() -> Self {
        let area = gtk::DrawingArea::builder()
            .content_height(HEIGHT)
            .hexpand(true)
            .css_classes(["progress-graph"])
            .accessible_role(gtk::AccessibleRole::Img)
            .build();
        let history: Rc<RefCell<History>> = Rc::default();
        let drawn = Rc::clone(&history);
        area.set_draw_func(move |area, context, width, height| {
            let size = (f64::from(width), f64::from(height));
            // A context that broke has nothing to show; the next frame has a new one.
            let _ = draw(&drawn.borrow(), context, size, &Colours::of(area));
        });
        Self { area, history }
    }
}

impl ProgressGraph {
    /// The widget.
    #[must_use]
    pub const fn widget(&self) -> &gtk::DrawingArea {
        &self.area
    }

    /// Draws this history; `text` says it in words.
    pub fn show(&self, history: &History, text: &str) {
        if *self.history.borrow() == *history {
            return;
        }
        self.history.replace(history.clone());
        super::accessible::set_description(&self.area, text);
        self.area.queue_draw();
    }
}

struct Colours {
    left: gdk::RGBA,
    speed: gdk::RGBA,
    rewritten: gdk::RGBA,
    mark: gdk::RGBA,
}

impl Colours {
    /// libadwaita's named colours, so that both styles and high contrast look right.
    #[allow(deprecated)] // the way of GTK 4.8; the named colours have no other
    fn of(area: &gtk::DrawingArea) -> Self {
        let style = area.style_context();
        let text = style.color();
        let named = |name: &str| style.lookup_color(name).unwrap_or(text);
        Self {
            left: named("accent_color"),
            speed: named("success_color"),
            rewritten: named("warning_color"),
            mark: text,
        }
    }
}

fn draw(
    history: &History,
    context: &cairo::Context,
    (width, height): (f64, f64),
    colours: &Colours,
) -> Result<(), cairo::Error> {
    let points = history.points();
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Ok(()) };
    let span = last.at.max(Duration::from_secs(1)).as_secs_f64();
    let x = |at: Duration| at.as_secs_f64() / span * width;
    #[allow(clippy::cast_precision_loss)] // pixels
    let left = |index: usize| points.get(index).map_or(0.0, |point| point.left.0 as f64);
    let most = (0..points.len()).map(left).fold(1.0, f64::max);
    let rates = points.iter().flat_map(|point| [point.speed, point.rewritten]);
    let fastest = rates.fold(1.0, f64::max);
    let y = |share: f64| height - share * (height - 4.0) - 1.0;

    context.move_to(x(first.at), height);
    for (index, point) in points.iter().enumerate() {
        context.line_to(x(point.at), y(left(index) / most));
    }
    context.line_to(width, height);
    context.close_path();
    paint(context, &colours.left, 0.25);
    context.fill_preserve()?;
    paint(context, &colours.left, 0.8);
    context.set_line_width(1.0);
    context.stroke()?;

    context.set_dash(&[2.0, 3.0], 0.0);
    paint(context, &colours.mark, 0.4);
    for &pass in history.passes() {
        context.move_to(x(pass).round() + 0.5, 0.0);
        context.line_to(x(pass).round() + 0.5, height);
    }
    context.stroke()?;
    context.set_dash(&[], 0.0);

    let lines: [(Rate, &gdk::RGBA); 2] =
        [(|point| point.rewritten, &colours.rewritten), (|point| point.speed, &colours.speed)];
    for (rate, colour) in lines {
        for point in points.iter().skip_while(|point| rate(point) <= 0.0) {
            context.line_to(x(point.at), y(rate(point) / fastest * 0.9));
        }
        paint(context, colour, 1.0);
        context.set_line_width(1.5);
        context.stroke()?;
    }
    Ok(())
}

/// What a line shows.
type Rate = fn(&Point) -> f64;

fn paint(context: &cairo::Context, colour: &gdk::RGBA, alpha: f64) {
    let [red, green, blue] = [colour.red(), colour.green(), colour.blue()].map(f64::from);
    context.set_source_rgba(red, green, blue, alpha);
}
