//! Agents that learn online - bandits, tables, tiles, policies without values - on one task: alone, or side by side over
//! many seeds.
//!
//! An experiment is several variants of an agent times several seeds; each pair is a trial ([`run_trial`]), a function of
//! its configuration and its seed. Trials run on all cores and give what they give one by one. They take milliseconds to
//! seconds, so there are no checkpoints here: an experiment that was stopped is made again from its `config.toml` and
//! comes to the same bits. Networks are trained in [`train`](crate::train).

mod agent;
mod agent_config;
mod config;
mod lockstep;
mod memory;
mod outcome;
mod pictures;
mod policy_agent;
mod policy_config;
mod records;
pub mod report;
mod seeds;
pub mod statistics;
mod trial;

pub use agent_config::{AgentConfig, Coding, LinearAgentConfig, TabularAgentConfig, TabularRule};
pub use config::{EvaluationConfig, Experiment, TrialConfig, Variant, Watch};
pub(crate) use config::{Parts, merge};
pub use outcome::{ExperimentSummary, Figures, RunOutcome, RunRow, VariantOutcome, VariantSummary};
pub use policy_config::{
    Head, ImitationConfig, PolicyAgentConfig, PolicyNetworkConfig, PolicyRule, WeightedSum,
};
pub use seeds::Seeds;
pub use trial::{Film, Learned, Point, run as run_trial};

use crate::draw::{Filmed, Screen};
use crate::export;
use crate::failure::{Failure, Outcome};
use crate::record::{RunFolder, write_atomically};
use core::sync::atomic::AtomicBool;
use embedded_rl_core::preprocess::Normalise;
use indicatif::ProgressBar;
use rayon::prelude::*;
use std::time::Instant;

/// What an experiment came to.
#[derive(Clone, Debug)]
pub struct Finished {
    /// Every variant, in the order of the configuration.
    pub outcomes: Vec<VariantOutcome>,
    /// Its figures.
    pub summary: ExperimentSummary,
}

/// Whether every variant's agent fits its task.
pub fn check(experiment: &Experiment) -> Outcome<()> {
    let seed = experiment.seeds.each().next().unwrap_or_default();
    for variant in &experiment.variants {
        let mut config = variant.config.clone();
        (config.steps, config.episodes, config.evaluation.episodes) = (Some(0), None, 0);
        trial::run(&config, seed, &AtomicBool::new(false), None)?;
    }
    Ok(())
}

/// Learns one variant again, with the first seed, and films a greedy episode of it; the first variant if none is named.
///
/// # Errors
/// If there is no such variant, the environment cannot be drawn, or the file cannot be written.
pub fn film(experiment: &Experiment, variant: Option<&str>, film: Film<'_>) -> Outcome<Filmed> {
    let mut variants = experiment.variants.iter();
    let found = variants.find(|candidate| variant.is_none_or(|name| candidate.name == name));
    let names = || experiment.variants.iter().map(|variant| variant.name.as_str());
    let variant = found.ok_or_else(|| {
        let names = names().collect::<Vec<_>>().join(", ");
        Failure::wrong_use(format!(
            "there is no variant '{}'; there are: {names}",
            variant.unwrap_or_default()
        ))
    })?;
    let seed = experiment.seeds.each().next().unwrap_or_default();
    let learned = trial::run(&variant.config, seed, &AtomicBool::new(false), Some(film))?;
    let filmed = learned.and_then(|learned| learned.filmed);
    filmed.ok_or_else(|| Failure::failed("no episode was filmed"))
}

/// Runs all trials and writes their records into `folder`.
pub fn start(
    experiment: &Experiment,
    folder: &RunFolder,
    interrupted: &AtomicBool,
) -> Outcome<Finished> {
    // The configuration comes first: an experiment killed right after it can still be made again.
    write_atomically(&folder.config(), experiment.text.as_bytes())?;
    let started = Instant::now();
    let outcomes = run(experiment, interrupted)?;
    let Some(outcomes) = outcomes else {
        return Err(Failure::failed(format!(
            "stopped; make it again with: embedded-rl train --resume {}",
            folder.path().display()
        )));
    };
    let seconds = started.elapsed().as_secs_f64();
    let summary = ExperimentSummary::of(experiment, &outcomes, seconds);
    let finished = Finished { outcomes, summary };
    records::write(folder, &finished)?;
    pictures::draw(folder, experiment, &finished.outcomes)?;
    if let Some((variant, run)) = outcome::best_policy(&finished.outcomes)
        && let Some((spec, parameters)) = &run.learned.policy
    {
        let environment = &variant.config.environment;
        let normalise = Normalise::IDENTITY;
        export::write_network(&folder.policy(), environment, normalise, spec, parameters)?;
    }
    if experiment.floor_plan()?.is_some() && experiment.variants[0].config.evaluation.episodes > 0 {
        let path = folder.file("episode.gif");
        film(experiment, None, Film { screen: Screen::File(&path), seed: 0 })?;
    }
    Ok(finished)
}

/// Runs all trials on all cores; `None` if they were interrupted.
pub fn run(
    experiment: &Experiment,
    interrupted: &AtomicBool,
) -> Outcome<Option<Vec<VariantOutcome>>> {
    let seeds: Vec<u64> = experiment.seeds.each().collect();
    let trials: Vec<(&Variant, u64)> = experiment
        .variants
        .iter()
        .flat_map(|variant| seeds.iter().map(move |&seed| (variant, seed)))
        .collect();
    let bar = ProgressBar::new(trials.len() as u64);
    let alone = trials.len() == 1;
    let runs: Vec<Option<RunOutcome>> = trials
        .par_iter()
        .map(|&(variant, seed)| {
            let learned = trial::run(&variant.config, seed, interrupted, None)?;
            bar.inc(1);
            Ok(learned.map(|learned| RunOutcome::of(variant, seed, learned, alone)))
        })
        .collect::<Outcome<_>>()?;
    bar.finish_and_clear();
    let Some(runs) = runs.into_iter().collect::<Option<Vec<_>>>() else {
        return Ok(None);
    };
    let mut runs = runs.into_iter();
    let outcomes = experiment.variants.iter().map(|variant| {
        let runs: Vec<_> = runs.by_ref().take(seeds.len()).collect();
        VariantOutcome::of(variant, runs)
    });
    Ok(Some(outcomes.collect()))
}
