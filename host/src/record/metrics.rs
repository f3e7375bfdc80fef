//! Tables that grow while a run goes on: comma-separated rows under a header, the wall clock in the last column.
//!
//! Equal runs write equal rows, the last column apart. A kill may leave half a row behind; continuing cuts the table
//! back to the rows that the checkpoint knows.

use crate::failure::{Failure, Outcome};
use serde::Serialize;
use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// One finished training episode.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct EpisodeRow {
    /// Which one, from 1.
    pub episode: u64,
    /// Steps of the environment so far.
    pub step: u64,
    /// Sum of the episode's rewards.
    #[serde(rename = "return")]
    pub total_reward: f64,
    /// Steps of the episode.
    pub length: u64,
    /// Mean return of the last 100 episodes, or of all if there are fewer.
    pub mean_return_100: f64,
    /// Epsilon at its end.
    pub epsilon: f64,
    /// Loss of the last update.
    pub loss: f32,
    /// Mean value of the last update's actions.
    pub mean_q: f32,
    /// Updates so far.
    pub updates: u64,
    /// Seconds of training so far.
    pub wall_seconds: f64,
}

impl EpisodeRow {
    /// The names of the columns.
    pub const HEADER: &str =
        "episode,step,return,length,mean_return_100,epsilon,loss,mean_q,updates,wall_seconds";

    /// The row as text.
    pub fn to_csv(&self) -> String {
        let Self { episode, step, total_reward, length, mean_return_100, .. } = self;
        let Self { epsilon, loss, mean_q, updates, wall_seconds, .. } = self;
        format!(
            "{episode},{step},{total_reward},{length},{mean_return_100},{epsilon},{loss},{mean_q},{updates},{wall_seconds:.3}"
        )
    }
}

/// One greedy evaluation during training.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct EvaluationRow {
    /// Steps of the environment so far.
    pub step: u64,
    /// Episodes played.
    pub episodes: u64,
    /// Mean return.
    pub mean: f64,
    /// Standard deviation of the returns.
    pub std: f64,
    /// Seconds of training so far.
    pub wall_seconds: f64,
}

impl EvaluationRow {
    /// The names of the columns.
    pub const HEADER: &str = "step,episodes,mean,std,wall_seconds";

    /// The row as text.
    pub fn to_csv(&self) -> String {
        let Self { step, episodes, mean, std, wall_seconds } = self;
        format!("{step},{episodes},{mean},{std},{wall_seconds:.3}")
    }
}

/// A table on disk, open for more rows.
#[derive(Debug)]
pub struct Table {
    path: PathBuf,
    rows: BufWriter<File>,
    count: u64,
}

impl Table {
    /// Opens the table with its first `rows` rows kept and all others cut off; with none it begins anew.
    pub fn open(path: &Path, header: &str, rows: u64) -> Outcome<Self> {
        let mut kept = format!("{header}\n");
        if rows > 0 {
            let text = fs::read_to_string(path).map_err(|error| {
                Failure::failed(format!("cannot read {}: {error}", path.display()))
            })?;
            let mut lines = text.split_inclusive('\n');
            if lines.next() != Some(kept.as_str()) {
                return Err(Failure::failed(format!(
                    "{} begins with another header",
                    path.display()
                )));
            }
            let before = kept.len();
            kept.extend(lines.by_ref().take(rows as usize));
            let complete = kept[before..].lines().count() as u64 == rows && kept.ends_with('\n');
            if !complete {
                return Err(Failure::failed(format!(
                    "{} has fewer than the {rows} rows that the checkpoint knows",
                    path.display()
                )));
            }
        }
        super::write_atomically(path, kept.as_bytes())?;
        let file =
            OpenOptions::new().append(true).open(path).map_err(|error| failure(path, &error))?;
        Ok(Self { path: path.to_owned(), rows: BufWriter::new(file), count: rows })
    }

    /// Adds a row; it is on disk after the next [`Table::flush`].
    pub fn push(&mut self, row: &str) -> Outcome<()> {
        self.count += 1;
        writeln!(self.rows, "{row}").map_err(|error| failure(&self.path, &error))
    }

    /// Hands all rows to the operating system.
    pub fn flush(&mut self) -> Outcome<()> {
        self.rows.flush().map_err(|error| failure(&self.path, &error))
    }

    /// How many rows there are.
    pub fn count(&self) -> u64 {
        self.count
    }
}

fn failure(path: &Path, error: &std::io::Error) -> Failure {
    Failure::failed(format!("cannot write {}: {error}", path.display()))
}
