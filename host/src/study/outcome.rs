//! What a study came to: the figures of its runs, and of each variant over the seeds.

use super::{Study, Variant};
use crate::experiment::statistics::Band;
use crate::failure::{Failure, Outcome};
use crate::record::{RunFolder, Summary};
use crate::table::{Cell, Table};
use serde::Serialize;
use std::path::Path;

/// Everything.
#[derive(Clone, Debug)]
pub struct Finished {
    /// Every variant, in the order of the configuration.
    pub outcomes: Vec<StudyOutcome>,
    /// Its figures.
    pub summary: StudySummary,
}

/// A variant and its runs, in the order of the seeds.
#[derive(Clone, Debug)]
pub struct StudyOutcome {
    pub(super) variant: Variant,
    pub(super) runs: Vec<RunOutcome>,
}

/// One run.
#[derive(Clone, Debug)]
pub(super) struct RunOutcome {
    pub(super) summary: Summary,
    /// Step and mean return of each greedy evaluation in training.
    pub(super) evaluations: Vec<(u64, f64)>,
    /// Step at the end of each training episode, and the mean return of the last 100.
    pub(super) episodes: Vec<(u64, f64)>,
}

impl RunOutcome {
    pub(super) fn read(folder: &RunFolder, summary: Summary) -> Outcome<Self> {
        Ok(Self {
            summary,
            evaluations: pairs(&folder.evaluations(), "mean")?,
            episodes: pairs(&folder.metrics(), "mean_return_100")?,
        })
    }

    /// The largest mean of an evaluation in training; none if there was none.
    pub(super) fn best(&self) -> Option<f64> {
        self.evaluations.iter().map(|(_, mean)| *mean).reduce(f64::max)
    }

    /// The mean of the last evaluation in training.
    pub(super) fn last(&self) -> Option<f64> {
        self.evaluations.last().map(|(_, mean)| *mean)
    }

    /// The mean return of the last hundred training episodes.
    pub(super) fn training(&self) -> Option<f64> {
        self.episodes.last().map(|(_, mean)| *mean)
    }
}

/// The column `step` of a table and another one.
fn pairs(path: &Path, name: &str) -> Outcome<Vec<(u64, f64)>> {
    let broken = || {
        Failure::failed(format!(
            "{} is damaged; remove the run's folder to train again",
            path.display()
        ))
    };
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::failed(format!("cannot read {}: {error}", path.display())))?;
    let mut lines = text.lines();
    let header = lines.next().ok_or_else(broken)?;
    let place = |name: &str| header.split(',').position(|column| column == name);
    let (step, value) = place("step").zip(place(name)).ok_or_else(broken)?;
    lines
        .map(|line| {
            let cells: Vec<_> = line.split(',').collect();
            let step = cells.get(step).and_then(|cell| cell.parse().ok());
            step.zip(cells.get(value).and_then(|cell| cell.parse().ok())).ok_or_else(broken)
        })
        .collect()
}

/// The figures of a study, as `summary.json` has them.
#[derive(Clone, Debug, Serialize)]
pub struct StudySummary {
    /// Always `summary`: tells the object from other lines of `--json`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// How many seeds each variant had.
    seeds: usize,
    /// The figures of each.
    pub variants: Vec<VariantSummary>,
    /// Seconds of wall clock of this session; runs that were finished before took none of them.
    pub wall_seconds: f64,
}

/// The figures of one variant: means over the seeds with their 95 % bands.
#[derive(Clone, Debug, Serialize)]
pub struct VariantSummary {
    /// Its name.
    pub name: String,
    /// Mean return of the exported policy, greedy, over fresh episodes.
    pub eval_mean: Band,
    /// The best evaluation in training; none if there was none.
    pub best_evaluation: Option<Band>,
    /// The last evaluation in training.
    pub last_evaluation: Option<Band>,
    /// Mean return of the last hundred training episodes.
    pub training_return: Option<Band>,
    /// How many seeds reached the environment's reward threshold in training.
    pub solved: usize,
    /// Mean training episode at which those did.
    pub solved_at_episode: Option<f64>,
    /// Mean updates.
    pub updates: f64,
    /// Mean seconds of a run; on all cores side by side, so not those of one alone.
    pub run_seconds: f64,
}

impl StudyOutcome {
    pub(super) fn of(variant: &Variant, runs: Vec<RunOutcome>) -> Self {
        Self { variant: variant.clone(), runs }
    }

    /// The summaries of the runs, in the order of the seeds.
    pub fn summaries(&self) -> impl Iterator<Item = (&str, &Summary)> {
        self.runs.iter().map(|run| (self.variant.name.as_str(), &run.summary))
    }

    fn figures(&self) -> VariantSummary {
        let each = |figure: fn(&RunOutcome) -> Option<f64>| {
            let figures: Option<Vec<f64>> = self.runs.iter().map(figure).collect();
            figures.map(|figures| Band::of(&figures))
        };
        let mean = |figure: fn(&Summary) -> f64| {
            self.runs.iter().map(|run| figure(&run.summary)).sum::<f64>() / self.runs.len() as f64
        };
        let solved: Vec<f64> = self
            .runs
            .iter()
            .filter_map(|run| run.summary.solved_at_episode)
            .map(|episode| episode as f64)
            .collect();
        let means: Vec<f64> = self.runs.iter().map(|run| run.summary.eval_mean).collect();
        VariantSummary {
            name: self.variant.name.clone(),
            eval_mean: Band::of(&means),
            best_evaluation: each(RunOutcome::best),
            last_evaluation: each(RunOutcome::last),
            training_return: each(RunOutcome::training),
            solved: solved.len(),
            solved_at_episode: (!solved.is_empty()).then(|| Band::of(&solved).mean),
            updates: mean(|summary| summary.updates as f64),
            run_seconds: mean(|summary| summary.wall_seconds),
        }
    }
}

impl StudySummary {
    pub(super) fn of(study: &Study, outcomes: &[StudyOutcome], seconds: f64) -> Self {
        Self {
            kind: "summary",
            seeds: study.seeds.count(),
            variants: outcomes.iter().map(StudyOutcome::figures).collect(),
            wall_seconds: (seconds * 1e3).round() / 1e3,
        }
    }

    /// The figures for people.
    pub fn table(&self) -> Table {
        let mut table = Table::new(&[
            "network",
            "greedy return",
            "best evaluation",
            "last evaluation",
            "training return",
            "solved",
            "at episode",
            "updates",
            "seconds",
        ]);
        let cell = |band: Option<Band>| match band {
            Some(Band { mean, low, high }) if low < high => {
                Cell::Band { mean, low, high, decimals: 1 }
            }
            Some(Band { mean, .. }) => Cell::Number(mean, 1),
            None => Cell::Missing,
        };
        for variant in &self.variants {
            table.push(vec![
                Cell::Text(if variant.name.is_empty() {
                    "it".to_owned()
                } else {
                    variant.name.clone()
                }),
                cell(Some(variant.eval_mean)),
                cell(variant.best_evaluation),
                cell(variant.last_evaluation),
                cell(variant.training_return),
                Cell::Text(format!("{} of {}", variant.solved, self.seeds)),
                variant.solved_at_episode.map_or(Cell::Missing, |mean| Cell::Number(mean, 0)),
                Cell::Number(variant.updates, 0),
                Cell::Number(variant.run_seconds, 1),
            ]);
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::pairs;

    #[test]
    fn columns_are_found_by_their_names() {
        let path = std::env::temp_dir().join(format!("pairs-{}.csv", std::process::id()));
        std::fs::write(&path, "episode,step,mean,wall_seconds\n1,10,2.5,0.1\n2,30,-4,0.2\n")
            .unwrap();
        assert_eq!(pairs(&path, "mean").unwrap(), [(10, 2.5), (30, -4.0)]);
        assert!(pairs(&path, "median").is_err());
        std::fs::write(&path, "step,mean\n1,x\n").unwrap();
        assert!(pairs(&path, "mean").unwrap_err().to_string().contains("is damaged"));
        std::fs::remove_file(&path).unwrap();
    }
}
