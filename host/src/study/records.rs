//! The tables of a study on disk: `runs.csv`, a row a run, and `summary.json`. Each run's own are in its folder.

use super::Finished;
use crate::failure::{Failure, Outcome};
use crate::record::{RunFolder, write_atomically};

const HEADER: &str = "variant,seed,eval_mean,eval_std,best_evaluation,last_evaluation,training_return,\
                      solved_at_episode,env_steps,episodes,updates,policy_step,parameters_hash,wall_seconds";

pub(super) fn write(folder: &RunFolder, finished: &Finished) -> Outcome<()> {
    let mut text = format!("{HEADER}\n");
    for run in finished.outcomes.iter().flat_map(|outcome| {
        outcome.runs.iter().map(|run| (outcome.variant.name.replace(['"', ','], " "), run))
    }) {
        let (name, run) = run;
        let summary = &run.summary;
        let number = |figure: Option<f64>| figure.map(|x| x.to_string()).unwrap_or_default();
        let solved = summary.solved_at_episode.map(|x| x.to_string()).unwrap_or_default();
        text += &format!(
            "{name},{},{},{},{},{},{},{solved},{},{},{},{},{},{}\n",
            summary.seed,
            summary.eval_mean,
            summary.eval_std,
            number(run.best()),
            number(run.last()),
            number(run.training()),
            summary.env_steps,
            summary.episodes,
            summary.updates,
            summary.policy_step,
            summary.parameters_hash,
            summary.wall_seconds,
        );
    }
    write_atomically(&folder.file("runs.csv"), text.as_bytes())?;
    let text = serde_json::to_string_pretty(&finished.summary)
        .map_err(|error| Failure::failed(format!("cannot write the summary: {error}")))?;
    write_atomically(&folder.summary(), (text + "\n").as_bytes())
}
