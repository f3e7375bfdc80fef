//! The curve of a run: the return of every training episode, the mean of the last 100, and the greedy evaluations.

use super::panels::{Panel, Point, Series, draw_panels};
use crate::failure::{Failure, Outcome};
use crate::record::RunFolder;
use std::path::Path;

/// Draws `curve.svg` from the run's tables.
pub fn draw_curve(folder: &RunFolder, threshold: f64) -> Outcome<()> {
    let metrics = read_columns(&folder.metrics(), ["step", "return", "mean_return_100"])?;
    let evaluations = read_columns(&folder.evaluations(), ["step", "mean"])?;
    let episodes = metrics.iter().map(|[step, value, _]| Point::exact(*step, *value)).collect();
    let means = metrics.iter().map(|[step, _, mean]| Point::exact(*step, *mean)).collect();
    let greedy = evaluations.iter().map(|[step, mean]| Point::exact(*step, *mean)).collect();
    let panel = Panel {
        x_label: "environment steps".to_owned(),
        y_label: "return".to_owned(),
        series: vec![
            Series::line("mean of 100 episodes", means),
            Series::line("greedy evaluation", greedy),
            Series::dots("training episode", episodes),
        ],
        // A task without a threshold has an infinite one, which is on no sheet.
        lines: threshold
            .is_finite()
            .then(|| (format!("solved at {threshold}"), threshold))
            .into_iter()
            .collect(),
        ..Panel::default()
    };
    draw_panels(&folder.curve(), &[panel])
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
