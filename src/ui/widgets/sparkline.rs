//! A small graph of the last samples.

use relm4::gtk::{self, cairo, gdk, prelude::*};

/// Draws shares from 0 to 1, oldest first, the newest at the right edge; `capacity` samples fill the width.
pub fn draw(
    area: &gtk::DrawingArea,
    context: &cairo::Context,
    size: (f64, f64),
    values: impl ExactSizeIterator<Item = f32>,
    capacity: usize,
) {
    let (width, height) = size;
    let count = values.len();
    if count < 2 || capacity < 2 {
        return;
    }
    let step = width / (capacity - 1) as f64;
    let first = width - step * (count - 1) as f64;
    let usable = height - 2.0;
    for (index, value) in values.enumerate() {
        let y = height - 1.0 - usable * f64::from(value.clamp(0.0, 1.0));
        context.line_to(first + step * index as f64, y);
    }
    let colour = colour(area);
    let line = context.copy_path();
    set_source(context, &colour, 1.0);
    context.set_line_width(1.2);
    let drawn = line.and_then(|path| {
        context.stroke()?;
        context.append_path(&path);
        context.line_to(width, height);
        context.line_to(first, height);
        context.close_path();
        set_source(context, &colour, 0.2);
        context.fill()
    });
    if let Err(error) = drawn {
        tracing::debug!(%error, "graph not drawn");
    }
}

/// The theme's accent colour, so that graphs fit light and dark style.
#[must_use]
pub fn colour(area: &impl IsA<gtk::Widget>) -> gdk::RGBA {
    let style = area.style_context();
    style.lookup_color("accent_color").unwrap_or_else(|| style.color())
}

fn set_source(context: &cairo::Context, colour: &gdk::RGBA, alpha: f64) {
    let (red, green, blue) =
        (f64::from(colour.red()), f64::from(colour.green()), f64::from(colour.blue()));
    context.set_source_rgba(red, green, blue, alpha);
}
