//! The picture of the forecasts: foretold against real, on logarithmic axes.

use std::path::Path;

use plotters::prelude::*;

/// One move.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    /// What it took.
    pub real: f64,
    /// What was foretold, at least.
    pub least: f64,
    /// What was foretold.
    pub likely: f64,
    /// What was foretold, at most.
    pub most: f64,
    /// Whether the guest ran meanwhile.
    pub live: bool,
}

type Drawn = Result<(), Box<dyn std::error::Error>>;

/// Draws panels side by side: a title, the factor that is the goal, and the moves.
pub fn draw(path: &Path, panels: [(&str, f64, &[Point]); 2]) -> Drawn {
    let root = SVGBackend::new(path, (960, 480)).into_drawing_area();
    root.fill(&WHITE)?;
    for (area, (title, factor, points)) in root.split_evenly((1, 2)).iter().zip(panels) {
        panel(area, title, factor, points)?;
    }
    root.present()?;
    Ok(())
}

fn panel(
    area: &DrawingArea<SVGBackend<'_>, plotters::coord::Shift>,
    title: &str,
    factor: f64,
    points: &[Point],
) -> Drawn {
    let all = || points.iter().flat_map(|point| [point.real, point.likely]);
    let least = all().fold(f64::INFINITY, f64::min) * 0.6;
    let most = all().fold(0.0, f64::max) * 1.6;
    let axis = || (least..most).log_scale();
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 18))
        .margin(14)
        .x_label_area_size(40)
        .y_label_area_size(56)
        .build_cartesian_2d(axis(), axis())?;
    chart
        .configure_mesh()
        .x_desc("real")
        .y_desc("foretold")
        .light_line_style(WHITE)
        .label_style(("sans-serif", 13))
        .draw()?;
    for (scale, colour) in [
        (1.0, RGBColor(90, 90, 90)),
        (factor, RGBColor(190, 190, 190)),
        (1.0 / factor, RGBColor(190, 190, 190)),
    ] {
        let line = [least, most].map(|real| (real, (real * scale).clamp(least, most)));
        chart.draw_series(LineSeries::new(line, colour.stroke_width(1)))?;
    }
    for point in points {
        let colour = if point.live { RGBColor(26, 95, 180) } else { RGBColor(198, 70, 0) };
        let range = [point.least, point.most].map(|end| (point.real, end.clamp(least, most)));
        chart.draw_series(LineSeries::new(range, colour.mix(0.35).stroke_width(2)))?;
        chart.draw_series([Circle::new((point.real, point.likely), 4, colour.filled())])?;
    }
    Ok(())
}
