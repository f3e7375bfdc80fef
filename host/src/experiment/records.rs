//! The tables of an experiment on disk.
//!
//! | file | a row is |
//! |---|---|
//! | `runs.csv` | a run: its figures and the hash of what it learned |
//! | `curves.csv` | a place of a variant's curve: mean and band over the seeds |
//! | `values.csv` | a state and an action: mean and band over the seeds |
//! | `metrics.csv` | an episode, or a bandit's choice, if there is one run only |

use super::outcome::{Figures, VariantOutcome, by_step, figures_of};
use super::statistics::{Band, Figure};
use super::{AgentConfig, Finished};
use crate::failure::{Failure, Outcome};
use crate::record::{RunFolder, write_atomically};

pub(super) fn write(folder: &RunFolder, finished: &Finished) -> Outcome<()> {
    let Finished { outcomes, summary } = finished;
    write_atomically(&folder.file("runs.csv"), runs(outcomes).as_bytes())?;
    write_atomically(&folder.file("curves.csv"), curves(outcomes).as_bytes())?;
    if outcomes.iter().any(|outcome| !outcome.values.is_empty()) {
        write_atomically(&folder.file("values.csv"), values(outcomes).as_bytes())?;
    }
    if let [outcome] = &outcomes[..]
        && outcome.runs.len() == 1
    {
        write_atomically(&folder.metrics(), metrics(outcome).as_bytes())?;
    }
    let text = serde_json::to_string_pretty(summary)
        .map_err(|error| Failure::failed(format!("cannot write the summary: {error}")))?;
    write_atomically(&folder.summary(), (text + "\n").as_bytes())
}

fn runs(outcomes: &[VariantOutcome]) -> String {
    let mut text = String::from("variant,seed,env_steps,episodes");
    let all = || outcomes.iter().flat_map(|outcome| &outcome.runs);
    let is_column = |number: usize| {
        number < Figures::<f64>::ALWAYS || all().any(|run| run.row.figures.each()[number].is_some())
    };
    let columns: Vec<usize> =
        (0..Figures::<f64>::NAMES.len()).filter(|&number| is_column(number)).collect();
    for &number in &columns {
        text += &format!(",{}", Figures::<f64>::NAMES[number]);
    }
    text += ",parameters_hash\n";
    for run in all() {
        let row = &run.row;
        text +=
            &format!("{},{},{},{}", quoted(&row.variant), row.seed, row.env_steps, row.episodes);
        for &number in &columns {
            let figure = row.figures.each()[number];
            text += &format!(",{}", figure.map(f64::to_string).unwrap_or_default());
        }
        text += &format!(",{}\n", row.parameters_hash);
    }
    text
}

fn curves(outcomes: &[VariantOutcome]) -> String {
    let mut text = String::from("variant,figure,unit,place,mean,low,high\n");
    for outcome in outcomes {
        let (name, variant) = (quoted(&outcome.variant.name), &outcome.variant);
        let unit = match (by_step(variant), &variant.config.agent) {
            (true, _) => "step",
            (false, AgentConfig::Bandit(_)) => "choice",
            (false, _) => "episode",
        };
        for (&figure, curve) in figures_of(variant).iter().zip(&outcome.curves) {
            let figure = match figure {
                Figure::Return => "return",
                Figure::Length => "length",
                Figure::TotalRegret => "total_regret",
                Figure::BestArm => "best_arm",
            };
            for (place, Band { mean, low, high }) in outcome.places.iter().zip(curve) {
                text += &format!("{name},{figure},{unit},{place},{mean},{low},{high}\n");
            }
        }
    }
    text
}

fn values(outcomes: &[VariantOutcome]) -> String {
    let mut text = String::from("variant,state,action,mean,low,high\n");
    for outcome in outcomes {
        let name = quoted(&outcome.variant.name);
        let actions = outcome.runs[0].learned.actions as usize;
        for (index, Band { mean, low, high }) in outcome.values.iter().enumerate() {
            let (state, action) = (index / actions, index % actions);
            text += &format!("{name},{state},{action},{mean},{low},{high}\n");
        }
    }
    text
}

fn metrics(outcome: &VariantOutcome) -> String {
    let points = &outcome.runs[0].learned.points;
    let bandit = matches!(outcome.variant.config.agent, AgentConfig::Bandit(_));
    let mut text = String::from(if bandit {
        "choice,step,reward,regret,best_arm\n"
    } else {
        "episode,step,return,length\n"
    });
    for (number, point) in (1..).zip(points) {
        let (step, total, best) = (point.step, point.total_reward, u8::from(point.best_arm));
        if bandit {
            text += &format!("{number},{step},{total},{},{best}\n", point.regret);
        } else {
            text += &format!("{number},{step},{total},{}\n", point.length);
        }
    }
    text
}

/// As RFC 4180 has it, for names with commas.
fn quoted(name: &str) -> String {
    if name.contains([',', '"', '\n']) {
        format!("\"{}\"", name.replace('"', "\"\""))
    } else {
        name.to_owned()
    }
}
