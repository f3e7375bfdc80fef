//! `train` and `eval` of experiments: runs them and prints what they came to.

use super::arguments::Eval;
use crate::console::{print_json, print_line};
use crate::draw::{Filmed, Screen};
use crate::experiment::{self, Experiment, ExperimentSummary, Film, Finished, VariantOutcome};
use crate::failure::{Failure, Outcome};
use crate::record::RunFolder;
use core::sync::atomic::AtomicBool;
use serde_json::json;

pub(super) fn run(
    experiment: &Experiment,
    folder: &RunFolder,
    interrupted: &AtomicBool,
    json: bool,
) -> Outcome<()> {
    let Finished { outcomes, summary } = experiment::start(experiment, folder, interrupted)?;
    if json {
        print_runs(&outcomes, &summary);
        return Ok(());
    }
    print_line(&experiment::report::text(&outcomes, experiment.floor_plan()?.as_ref()));
    let steps: u64 =
        outcomes.iter().flat_map(|outcome| &outcome.runs).map(|run| run.row.env_steps).sum();
    print_line(&format!(
        "{} runs, {steps} steps in {:.2} s; everything is in {}",
        experiment.run_count(),
        summary.wall_seconds,
        folder.path().display()
    ));
    Ok(())
}

/// Learns everything again, which comes to the same bits, and plays it as `arguments` say.
pub(super) fn eval(experiment: &Experiment, arguments: &Eval, json: bool) -> Outcome<()> {
    if arguments.environment.is_some() {
        return Err(Failure::wrong_use(
            "what an experiment learned can only be played in its own environment".to_owned(),
        ));
    }
    for screen in arguments.screens() {
        let seed = arguments.film_seed.unwrap_or(arguments.seed);
        let film = Film { screen, seed };
        let filmed = experiment::film(experiment, arguments.variant.as_deref(), film)?;
        print_film(screen, seed, &filmed, json);
    }
    let mut experiment = experiment.clone();
    for variant in &mut experiment.variants {
        variant.config.evaluation.episodes = arguments.episodes;
        variant.config.evaluation.first_seed = arguments.seed;
    }
    let outcomes = experiment::run(&experiment, &AtomicBool::new(false))?.unwrap_or_default();
    if json {
        print_runs(&outcomes, &ExperimentSummary::of(&experiment, &outcomes, 0.0));
    } else {
        print_line(&experiment::report::text(&outcomes, experiment.floor_plan()?.as_ref()));
    }
    Ok(())
}

/// Says what a film shows and where it is.
pub(super) fn print_film(screen: Screen<'_>, seed: u64, filmed: &Filmed, json: bool) {
    let (total, frames) = (filmed.total_reward, filmed.frames);
    let path = match screen {
        Screen::File(path) => path.display().to_string(),
        Screen::Terminal { .. } => "shown".to_owned(),
    };
    if json {
        print_json(
            &json!({"type": "film", "path": path, "seed": seed, "frames": frames, "return": total}),
        );
    } else {
        print_line(&format!(
            "{path}: {frames} frames of the episode with seed {seed}, return {total}"
        ));
    }
}

fn print_runs(outcomes: &[VariantOutcome], summary: &ExperimentSummary) {
    for run in outcomes.iter().flat_map(|outcome| &outcome.runs) {
        print_json(&run.row);
    }
    print_json(summary);
}
