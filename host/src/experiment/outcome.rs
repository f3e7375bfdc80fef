//! The figures of an experiment: of every run, and of every variant over its seeds. Draws nothing.

use super::agent_config::AgentConfig;
use super::config::{Experiment, Variant};
use super::statistics::{Band, Figure, curve, places, rising_places};
use super::trial::Learned;
use serde::Serialize;

/// One run, as a line of `--json` and a row of `runs.csv`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunRow {
    /// Always `run`: tells the object from other lines of `--json`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The variant's name.
    pub variant: String,
    /// Its seed.
    pub seed: u64,
    /// Steps of the environment.
    pub env_steps: u64,
    /// Finished episodes.
    pub episodes: u64,
    /// Everything that is averaged over seeds.
    #[serde(flatten)]
    pub figures: Figures<f64>,
    /// FNV-1a of the bits of all that was learned, 16 hexadecimal digits.
    pub parameters_hash: String,
}

/// Figures of one run, or their bands over seeds.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Figures<T> {
    /// Mean return of all training episodes; for a bandit, mean reward.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_all: Option<T>,
    /// The same of the last ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_last: Option<T>,
    /// Mean length of the last ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length_last: Option<T>,
    /// Mean return of playing greedily what was learned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eval_mean: Option<T>,
    /// Mean length of those episodes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eval_length: Option<T>,
    /// What was lost against the best arm, in expectation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_regret: Option<T>,
    /// Share of the best arm among the last choices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub best_arm_last: Option<T>,
    /// The largest return of a training episode; for agents without values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_largest: Option<T>,
    /// 1 if a search reached its goal and 0 if not, so the mean is the share of seeds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reached_goal: Option<T>,
    /// Episodes that it needed; of those that did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub episodes_to_goal: Option<T>,
}

impl<T> Figures<T> {
    /// Their names, as in JSON, in the order of [`Figures::each`].
    pub const NAMES: [&'static str; 10] = [
        "return_all",
        "return_last",
        "length_last",
        "eval_mean",
        "eval_length",
        "total_regret",
        "best_arm_last",
        "return_largest",
        "reached_goal",
        "episodes_to_goal",
    ];

    /// How many of them stand in tables on disk also where no run has them.
    pub const ALWAYS: usize = 7;

    /// All of them.
    pub fn each(&self) -> [Option<&T>; 10] {
        [
            self.return_all.as_ref(),
            self.return_last.as_ref(),
            self.length_last.as_ref(),
            self.eval_mean.as_ref(),
            self.eval_length.as_ref(),
            self.total_regret.as_ref(),
            self.best_arm_last.as_ref(),
            self.return_largest.as_ref(),
            self.reached_goal.as_ref(),
            self.episodes_to_goal.as_ref(),
        ]
    }
}

/// One run, reduced to what is kept when many are made.
#[derive(Clone, Debug)]
pub struct RunOutcome {
    /// Its figures.
    pub row: RunRow,
    /// Where its curves have values.
    pub places: Vec<u64>,
    /// `[figure][place]`
    pub curves: Vec<Vec<f64>>,
    /// What it learned and, for a run alone, every episode.
    pub learned: Learned,
}

/// A variant over all its seeds.
#[derive(Clone, Debug)]
pub struct VariantOutcome {
    /// Which variant.
    pub variant: Variant,
    /// Its runs, in the order of the seeds.
    pub runs: Vec<RunOutcome>,
    /// Its figures over the seeds.
    pub figures: Figures<Band>,
    /// Where its curves have values: the number of an episode or choice, or of a step.
    pub places: Vec<u64>,
    /// `[figure][place]`
    pub curves: Vec<Vec<Band>>,
    /// `[states][actions]`, over the seeds; empty where there is no table of numbered states.
    pub values: Vec<Band>,
}

/// An experiment's figures, as `summary.json` and as the last line of `--json`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExperimentSummary {
    /// Always `summary`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Id of the environment.
    pub environment: String,
    /// The seeds, as they are written.
    pub seeds: String,
    /// Every variant.
    pub variants: Vec<VariantSummary>,
    /// Seconds of training.
    pub wall_seconds: f64,
}

/// A variant's part of the summary.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VariantSummary {
    /// Its name.
    pub variant: String,
    /// How many runs.
    pub runs: usize,
    /// Means and bands over the seeds.
    #[serde(flatten)]
    pub figures: Figures<Band>,
}

/// Points of a curve in a picture and in `curves.csv`.
const MOST_PLACES: u64 = 300;

/// What the curves of a variant show.
pub(super) fn figures_of(variant: &Variant) -> &'static [Figure] {
    match variant.config.agent {
        AgentConfig::Bandit(_) => &[Figure::TotalRegret, Figure::BestArm, Figure::Return],
        _ => &[Figure::Return, Figure::Length],
    }
}

/// Whether a variant's curves go over steps and not over episodes.
pub(super) fn by_step(variant: &Variant) -> bool {
    variant.config.steps.is_some()
}

/// Where the curves of a run have values.
fn places_of(variant: &Variant, learned: &Learned) -> Vec<u64> {
    if learned.points.is_empty() {
        return Vec::new();
    }
    let last = match (variant.config.steps, &variant.config.agent) {
        (Some(steps), _) => steps,
        // A bandit's points are its choices, of which an episode may have several.
        (None, AgentConfig::Bandit(_)) => learned.points.len() as u64,
        (None, _) => variant.config.episodes.unwrap_or_default(),
    };
    // Where steps are counted, most happens early, and the axis is logarithmic.
    if by_step(variant) { rising_places(last, MOST_PLACES) } else { places(last, MOST_PLACES) }
}

impl RunOutcome {
    /// Reduces what a trial learned. `alone` keeps every episode.
    pub fn of(variant: &Variant, seed: u64, mut learned: Learned, alone: bool) -> Self {
        let config = &variant.config;
        let places = places_of(variant, &learned);
        let curve_of =
            |figure| curve(&learned.points, figure, config.window, &places, by_step(variant));
        let curves = figures_of(variant).iter().map(|&figure| curve_of(figure)).collect();

        let count = learned.points.len() as u64;
        let last = |figure, window| {
            curve(&learned.points, figure, window, &[count], false).pop().filter(|x| !x.is_nan())
        };
        let window = config.last.unwrap_or(config.window);
        let greedy = |of: fn(&(f64, u64)) -> f64| {
            let count = learned.greedy.len();
            (count > 0).then(|| learned.greedy.iter().map(of).sum::<f64>() / count as f64)
        };
        let is_bandit = matches!(config.agent, AgentConfig::Bandit(_));
        let without_values = match &config.agent {
            AgentConfig::Policy(agent) => Some(agent),
            _ => None,
        };
        let goal = without_values.and_then(|agent| agent.goal());
        let largest = learned.points.iter().map(|point| point.total_reward).reduce(f64::max);
        let figures = Figures {
            return_all: last(Figure::Return, count),
            return_last: last(Figure::Return, window),
            length_last: last(Figure::Length, window).filter(|_| !is_bandit),
            eval_mean: greedy(|&(total_reward, _)| total_reward),
            eval_length: greedy(|&(_, length)| length as f64),
            total_regret: last(Figure::TotalRegret, count).filter(|_| is_bandit),
            best_arm_last: last(Figure::BestArm, window).filter(|_| is_bandit),
            return_largest: without_values.and(largest),
            reached_goal: goal.map(|_| f64::from(u8::from(learned.episodes_to_goal.is_some()))),
            episodes_to_goal: learned.episodes_to_goal.map(|episodes| episodes as f64),
        };
        let row = RunRow {
            kind: "run",
            variant: variant.name.clone(),
            seed,
            env_steps: learned.steps,
            episodes: learned.episodes,
            figures,
            parameters_hash: format!("{:016x}", learned.hash),
        };
        if !alone {
            learned.points = Vec::new();
        }
        Self { row, places, curves, learned }
    }
}

impl VariantOutcome {
    /// The bands over `runs`, of which there is at least one.
    pub fn of(variant: &Variant, runs: Vec<RunOutcome>) -> Self {
        let band = |of: fn(&Figures<f64>) -> Option<f64>| {
            let figures: Vec<f64> = runs.iter().filter_map(|run| of(&run.row.figures)).collect();
            (!figures.is_empty()).then(|| Band::of(&figures))
        };
        let figures = Figures {
            return_all: band(|figures| figures.return_all),
            return_last: band(|figures| figures.return_last),
            length_last: band(|figures| figures.length_last),
            eval_mean: band(|figures| figures.eval_mean),
            eval_length: band(|figures| figures.eval_length),
            total_regret: band(|figures| figures.total_regret),
            best_arm_last: band(|figures| figures.best_arm_last),
            return_largest: band(|figures| figures.return_largest),
            reached_goal: band(|figures| figures.reached_goal),
            episodes_to_goal: band(|figures| figures.episodes_to_goal),
        };
        // Bandits may make a choice more or less where episodes are counted; what all runs have is shown.
        let shortest = runs.iter().min_by_key(|run| run.places.len());
        let places = shortest.map(|run| run.places.clone()).unwrap_or_default();
        let across = |of: &dyn Fn(&RunOutcome) -> f64| {
            let figures: Vec<f64> = runs.iter().map(of).filter(|figure| !figure.is_nan()).collect();
            Band::of(&figures)
        };
        let curves = (0..figures_of(variant).len())
            .map(|figure| {
                (0..places.len()).map(|at| across(&|run| run.curves[figure][at])).collect()
            })
            .collect();
        let values = (0..runs[0].learned.values.len())
            .map(|index| across(&|run| f64::from(run.learned.values[index])))
            .collect();
        Self { variant: variant.clone(), figures, places, curves, values, runs }
    }
}

/// The run whose policy is kept as a file: the one with the largest greedy return, or training return where nothing was
/// evaluated, the first of equals. Networks that have diverged are none; `None` if no run has one.
pub(super) fn best_policy(outcomes: &[VariantOutcome]) -> Option<(&Variant, &RunOutcome)> {
    let runs = outcomes
        .iter()
        .flat_map(|outcome| outcome.runs.iter().map(move |run| (&outcome.variant, run)));
    let is_sound = |run: &RunOutcome| {
        let network = run.learned.policy.as_ref();
        network.is_some_and(|(_, parameters)| parameters.iter().all(|x| x.is_finite()))
    };
    let merit = |run: &RunOutcome| {
        let Figures { eval_mean, return_last, .. } = &run.row.figures;
        eval_mean.or(*return_last).unwrap_or(f64::NEG_INFINITY)
    };
    runs.filter(|(_, run)| is_sound(run))
        .reduce(|best, other| if merit(other.1) > merit(best.1) { other } else { best })
}

impl ExperimentSummary {
    /// The summary of all variants.
    pub fn of(experiment: &Experiment, outcomes: &[VariantOutcome], seconds: f64) -> Self {
        let variants = outcomes.iter().map(|outcome| VariantSummary {
            variant: outcome.variant.name.clone(),
            runs: outcome.runs.len(),
            figures: outcome.figures.clone(),
        });
        Self {
            kind: "summary",
            environment: experiment.variants[0].config.environment.clone(),
            seeds: experiment.seeds.to_string(),
            variants: variants.collect(),
            wall_seconds: (seconds * 1e3).round() / 1e3,
        }
    }
}
