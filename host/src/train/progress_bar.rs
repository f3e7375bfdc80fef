//! What a person or a program sees of a run while it goes on. Decides nothing.

use super::Show;
use crate::record::{EpisodeRow, EvaluationRow};
use core::time::Duration;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::time::Instant;

/// The bar, and the lines of `--json`.
#[derive(Debug)]
pub(super) struct Display {
    bar: ProgressBar,
    json: bool,
    silent: bool,
    next_refresh: Instant,
}

#[derive(Serialize)]
struct Line<'a, T> {
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(flatten)]
    row: &'a T,
}

const REFRESH: Duration = Duration::from_millis(100);

impl Display {
    pub(super) fn new(show: Show, steps: u64) -> Self {
        let silent = show == Show::Nothing;
        let bar = if silent { ProgressBar::hidden() } else { ProgressBar::new(steps) };
        let style = "{wide_bar} step {human_pos}/{human_len}  {msg}  {per_sec}  eta {eta}";
        // The template is a constant of this file; should it ever be wrong, the default style serves.
        bar.set_style(
            ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        Self { bar, json: show == Show::Json, silent, next_refresh: Instant::now() }
    }

    /// Where a continued run stands.
    pub(super) fn begin_at(&self, step: u64) {
        self.bar.set_position(step);
        self.bar.reset_eta();
    }

    pub(super) fn episode(&mut self, row: &EpisodeRow) {
        self.json("episode", row);
        let now = Instant::now();
        if now >= self.next_refresh {
            self.next_refresh = now + REFRESH;
            self.bar.set_position(row.step);
            self.bar.set_message(format!(
                "episode {}  return {:.1} (mean of 100)  epsilon {:.3}  loss {:.4}",
                row.episode, row.mean_return_100, row.epsilon, row.loss
            ));
        }
    }

    pub(super) fn evaluation(&mut self, row: &EvaluationRow) {
        self.json("evaluation", row);
        let text = format!(
            "step {:>8}: greedy return {:.1} +- {:.1} over {} episodes",
            row.step, row.mean, row.std, row.episodes
        );
        if self.silent {
            return;
        }
        if self.bar.is_hidden() {
            crate::console::print_note(&text);
        } else {
            self.bar.println(text);
        }
    }

    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }

    fn json<T: Serialize>(&self, kind: &str, row: &T) {
        if self.json {
            crate::console::print_json(&Line { kind, row });
        }
    }
}
