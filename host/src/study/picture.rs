//! The curves of a study: means over the seeds with their bands, by steps of the environment.

use super::StudyOutcome;
use crate::experiment::statistics::{Band, places};
use crate::failure::Outcome;
use crate::plot::{Panel, Point, Series, draw_panels};
use std::path::Path;

/// Points of a curve: one for about two columns of pixels.
const MOST_POINTS: u64 = 300;

/// Curves that one panel can hold.
const MOST_SERIES: usize = 6;

pub(super) fn draw(path: &Path, outcomes: &[StudyOutcome]) -> Outcome<()> {
    match outcomes {
        [first, others @ ..] if others.len() >= MOST_SERIES => {
            draw_panels(path, &each_beside_the_first(first, others))
        }
        _ => draw_panels(path, &all_together(outcomes)),
    }
}

fn all_together(outcomes: &[StudyOutcome]) -> [Panel; 2] {
    let panel = |title: &str, points: fn(&StudyOutcome) -> Vec<Point>| Panel {
        title: title.to_owned(),
        x_label: "step".to_owned(),
        series: outcomes
            .iter()
            .map(|outcome| Series::line(outcome.variant.name.clone(), points(outcome)))
            .collect(),
        ..Panel::default()
    };
    [
        panel("greedy return in training", evaluations),
        panel("return in training, mean of 100 episodes", episodes),
    ]
}

/// A panel a variant: its greedy returns, and those of the first one in all of them.
fn each_beside_the_first(first: &StudyOutcome, others: &[StudyOutcome]) -> Vec<Panel> {
    let panel = |other: &StudyOutcome| Panel {
        title: other.variant.name.clone(),
        x_label: "step".to_owned(),
        series: vec![
            Series::line(format!("greedy return of {}", first.variant.name), evaluations(first)),
            Series::line("of the one named above", evaluations(other)),
        ],
        ..Panel::default()
    };
    others.iter().map(panel).collect()
}

/// The evaluations that every seed has: some may have ended early.
fn evaluations(outcome: &StudyOutcome) -> Vec<Point> {
    let count = outcome.runs.iter().map(|run| run.evaluations.len()).min().unwrap_or_default();
    let at = |index: usize| {
        let step = outcome.runs[0].evaluations[index].0;
        let means: Vec<f64> = outcome.runs.iter().map(|run| run.evaluations[index].1).collect();
        point(step, &means)
    };
    (0..count).map(at).collect()
}

/// At even distances, each seed's last finished episode; from where all seeds have one to where the first has ended.
fn episodes(outcome: &StudyOutcome) -> Vec<Point> {
    let ends = outcome.runs.iter().filter_map(|run| run.episodes.last()).map(|(step, _)| *step);
    let last = ends.min().unwrap_or_default();
    let at = |&place: &u64| {
        let values: Option<Vec<f64>> = outcome
            .runs
            .iter()
            .map(|run| {
                let count = run.episodes.partition_point(|(step, _)| *step <= place);
                run.episodes[..count].last().map(|(_, mean)| *mean)
            })
            .collect();
        values.map(|values| point(place, &values))
    };
    places(last, MOST_POINTS).iter().filter_map(at).collect()
}

fn point(step: u64, values: &[f64]) -> Point {
    let Band { mean, low, high } = Band::of(values);
    Point { x: step as f64, mean, low, high }
}
