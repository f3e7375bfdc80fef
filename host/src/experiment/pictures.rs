//! The pictures of an experiment: curves with their bands, and a value's way beside planning's.
//!
//! | file | shows |
//! |---|---|
//! | `curve.svg` | every figure of the variants as it changes, a panel each |
//! | `map.svg` | what the first seed learned, on the map: the best value of each cell and the greedy way |
//! | `q_values.svg` | the same with all four values of each cell |
//! | `convergence.svg` | the watched value, by sweeps of planning and by steps of learning |

use super::Experiment;
use super::agent_config::AgentConfig;
use super::config::{TrialConfig, Watch};
use super::outcome::{VariantOutcome, by_step, figures_of};
use super::report::greedy_policy;
use super::statistics::{Band, Figure, places};
use crate::failure::Outcome;
use crate::floor_plan::FloorPlan;
use crate::plot::{Panel, Point, Series, ValueMap, Values, draw_maps, draw_panels};
use crate::record::RunFolder;
use crate::solve::{Method, Question, Solution, solve};

/// More lines than these cannot be told apart.
const MOST_SERIES: usize = 10;
/// Points of a curve, one for about two columns of pixels.
const MOST_POINTS: u64 = 300;

/// Draws all of them into `folder`.
pub(super) fn draw(
    folder: &RunFolder,
    experiment: &Experiment,
    outcomes: &[VariantOutcome],
) -> Outcome<()> {
    let shown = &outcomes[..outcomes.len().min(MOST_SERIES)];
    if shown.iter().any(|outcome| !outcome.places.is_empty()) {
        draw_panels(&folder.curve(), &curves(shown))?;
    }
    if let Some(plan) = experiment.floor_plan()? {
        for (file, all) in [("map.svg", false), ("q_values.svg", true)] {
            let maps: Vec<_> = shown.iter().filter_map(|o| value_map(o, &plan, all)).collect();
            if !maps.is_empty() {
                draw_maps(&folder.file(file), &maps)?;
            }
        }
    }
    let config = &experiment.variants[0].config;
    if let (Some(watch), AgentConfig::Tabular(agent)) = (config.watch, &config.agent) {
        let plan = planned(config, f64::from(agent.learning.discount), watch)?;
        draw_panels(&folder.file("convergence.svg"), &convergence(config, watch, &plan, shown))?;
    }
    Ok(())
}

/// What the first seed of a variant learned: `all` values of a cell, or the best one.
fn value_map(outcome: &VariantOutcome, plan: &FloorPlan, all: bool) -> Option<ValueMap> {
    let learned = &outcome.runs[0].learned;
    if learned.values.is_empty() {
        return None;
    }
    let values: Vec<f64> = learned.values.iter().map(|&value| f64::from(value)).collect();
    let best = |row: &[f64]| row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    Some(ValueMap {
        title: outcome.variant.name.clone(),
        plan: plan.clone(),
        values: match all {
            true => Values::Actions(values),
            false => Values::States(values.chunks(learned.actions as usize).map(best).collect()),
        },
        policy: greedy_policy(learned),
        path: learned.path.clone(),
    })
}

fn curves(outcomes: &[VariantOutcome]) -> Vec<Panel> {
    let first = &outcomes[0].variant;
    let window = first.config.window;
    let is_bandit = matches!(first.config.agent, AgentConfig::Bandit(_));
    let (x_label, unit) = match (is_bandit, by_step(first)) {
        (true, _) => ("choice", "choices"),
        (false, true) => ("step", "episodes"),
        (false, false) => ("episode", "episodes"),
    };
    let panel = |(number, figure): (usize, &Figure)| {
        let mean_of = |what: &str| format!("{what}, mean of {window} {unit}");
        let title = match figure {
            Figure::Return if is_bandit => mean_of("reward"),
            Figure::Return => mean_of("return"),
            Figure::Length => mean_of("steps an episode"),
            Figure::TotalRegret => "total regret".to_owned(),
            Figure::BestArm => mean_of("share of the best arm"),
        };
        let series = outcomes.iter().filter(|outcome| number < outcome.curves.len());
        let series = series.map(|outcome| {
            let point = |(&place, band): (&u64, &Band)| Point {
                x: place as f64,
                mean: band.mean,
                low: band.low,
                high: band.high,
            };
            let points = outcome.places.iter().zip(&outcome.curves[number]).map(point).collect();
            Series::line(outcome.variant.name.clone(), points)
        });
        Panel {
            title,
            x_label: x_label.to_owned(),
            // Regret that grows like the logarithm of time is a straight line there.
            log_x: by_step(first) || *figure == Figure::TotalRegret,
            series: series.collect(),
            ..Panel::default()
        }
    };
    figures_of(first).iter().enumerate().map(panel).collect()
}

/// The watched value after each sweep of planning.
fn planned(config: &TrialConfig, discount: f64, watch: Watch) -> Outcome<Vec<f64>> {
    let options = serde_json::to_value(&config.options).unwrap_or_default();
    let question = Question { discount, method: Method::QValueIteration, episodes: 0 };
    let Solution { history, actions, .. } = solve(&config.environment, &options, &question)?;
    let index = watch.state as usize * actions + watch.action as usize;
    Ok(history.iter().filter_map(|q| q.get(index)).copied().collect())
}

/// The watched value after each sweep of planning, and after each step of learning in the mean over the seeds.
fn convergence(
    config: &TrialConfig,
    watch: Watch,
    plan: &[f64],
    outcomes: &[VariantOutcome],
) -> Vec<Panel> {
    let Watch { state, action } = watch;
    let value = format!("Q(s{state}, a{action})");
    let planned = plan.last().map(|&last| ("planned".to_owned(), last));
    let panel = |title: &str, x_label: &str, series| Panel {
        title: format!("{value} by {title}"),
        x_label: x_label.to_owned(),
        series,
        lines: planned.clone().into_iter().collect(),
        ..Panel::default()
    };
    let sweeps = (1u32..).zip(plan).map(|(sweep, &value)| Point::exact(f64::from(sweep), value));
    let learned = outcomes.iter().map(|outcome| {
        let places = places(config.steps.unwrap_or_default(), MOST_POINTS);
        let points = places.iter().filter_map(|&place| {
            let watched = outcome.runs.iter().map(|run| &run.learned.watched);
            let values: Option<Vec<f64>> = watched
                .map(|values| values.get(place as usize - 1).map(|&value| f64::from(value)))
                .collect();
            let Band { mean, low, high } = Band::of(&values?);
            Some(Point { x: place as f64, mean, low, high })
        });
        Series::line(outcome.variant.name.clone(), points.collect())
    });
    vec![
        panel("planning", "sweep", vec![Series::line("Q-value iteration", sweeps.collect())]),
        panel("learning", "step", learned.collect()),
    ]
}
