//! The curve of a run: the return of every training episode, the mean of the last 100, and the greedy evaluations.

use crate::failure::{Failure, Outcome};
use crate::record::{RunFolder, write_atomically};
use plotters::prelude::*;
use std::path::Path;

const SIZE: (u32, u32) = (900, 480);
const EPISODES: RGBColor = RGBColor(158, 188, 218);
const MEAN: RGBColor = RGBColor(31, 90, 150);
const GREEDY: RGBColor = RGBColor(214, 96, 77);
const THRESHOLD: RGBColor = RGBColor(110, 110, 110);

/// Draws `curve.svg` from the run's tables.
pub fn draw_curve(folder: &RunFolder, threshold: f64) -> Outcome<()> {
    let metrics = read_columns(&folder.metrics(), ["step", "return", "mean_return_100"])?;
    let evaluations = read_columns(&folder.evaluations(), ["step", "mean", "std"])?;
    let svg = svg_of(&metrics, &evaluations, threshold).map_err(|error| {
        Failure::failed(format!("cannot draw {}: {error}", folder.curve().display()))
    })?;
    write_atomically(&folder.curve(), svg.as_bytes())
}

fn svg_of(
    metrics: &[[f64; 3]],
    evaluations: &[[f64; 3]],
    threshold: f64,
) -> Result<String, Box<dyn core::error::Error>> {
    let all = || metrics.iter().chain(evaluations);
    let last_step = all().map(|row| row[0]).fold(1.0, f64::max);
    let lowest = all().map(|row| row[1]).fold(threshold.min(0.0), f64::min);
    let highest = all().map(|row| row[1]).fold(threshold, f64::max);
    let margin = 0.05 * (highest - lowest).max(1.0);

    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        area.fill(&WHITE)?;
        let mut chart = ChartBuilder::on(&area)
            .margin(12)
            .margin_right(28)
            .x_label_area_size(44)
            .y_label_area_size(64)
            .build_cartesian_2d(0.0..last_step, lowest - margin..highest + margin)?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(BLACK.mix(0.08))
            .x_desc("environment steps")
            .y_desc("return")
            .x_label_formatter(&|step| thousands(*step))
            .y_label_formatter(&|value| format!("{value:.0}"))
            .label_style(("sans-serif", 14))
            .draw()?;
        chart
            .draw_series(LineSeries::new(
                [(0.0, threshold), (last_step, threshold)],
                THRESHOLD.mix(0.6),
            ))?
            .label(format!("solved at {threshold}"))
            .legend(|(x, y)| PathElement::new([(x, y), (x + 18, y)], THRESHOLD.mix(0.6)));
        chart
            .draw_series(
                metrics.iter().map(|row| Circle::new((row[0], row[1]), 2, EPISODES.filled())),
            )?
            .label("training episode")
            .legend(|(x, y)| Circle::new((x + 9, y), 2, EPISODES.filled()));
        chart
            .draw_series(LineSeries::new(
                metrics.iter().map(|row| (row[0], row[2])),
                MEAN.stroke_width(2),
            ))?
            .label("mean of 100 episodes")
            .legend(|(x, y)| PathElement::new([(x, y), (x + 18, y)], MEAN.stroke_width(2)));
        chart
            .draw_series(LineSeries::new(
                evaluations.iter().map(|row| (row[0], row[1])),
                GREEDY.stroke_width(2),
            ))?
            .label("greedy evaluation")
            .legend(|(x, y)| PathElement::new([(x, y), (x + 18, y)], GREEDY.stroke_width(2)));
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::LowerRight)
            .background_style(WHITE.mix(0.85))
            .border_style(BLACK.mix(0.15))
            .label_font(("sans-serif", 14))
            .draw()?;
        area.present()?;
    }
    Ok(svg)
}

fn thousands(step: f64) -> String {
    if step >= 10_000.0 { format!("{:.0}k", step / 1e3) } else { format!("{step:.0}") }
}

/// The named columns of a table, a row each.
fn read_columns<const N: usize>(path: &Path, names: [&str; N]) -> Outcome<Vec<[f64; N]>> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::failed(format!("cannot read {}: {error}", path.display())))?;
    let mut lines = text.lines();
    let header: Vec<_> = lines.next().unwrap_or_default().split(',').collect();
    let broken = || Failure::failed(format!("{} is not a table of a run", path.display()));
    let mut columns = [0; N];
    for (column, name) in columns.iter_mut().zip(names) {
        *column = header.iter().position(|found| *found == name).ok_or_else(broken)?;
    }
    lines
        .map(|line| {
            let cells: Vec<_> = line.split(',').collect();
            let mut row = [0.0; N];
            for (value, &column) in row.iter_mut().zip(&columns) {
                *value = cells.get(column).and_then(|cell| cell.parse().ok()).ok_or_else(broken)?;
            }
            Ok(row)
        })
        .collect()
}
