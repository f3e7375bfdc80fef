//! What a finished run came to, as `summary.json` and as the last line of `--json`.

use serde::{Deserialize, Serialize};

/// The figures of a finished run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Always `summary`: tells the object from other lines of `--json`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Id of the environment.
    pub environment: String,
    /// Seed of the run.
    pub seed: u64,
    /// Mean return of the exported policy, greedy, over fresh episodes.
    pub eval_mean: f64,
    /// Standard deviation of those returns.
    pub eval_std: f64,
    /// How many episodes those were.
    pub eval_episodes: u64,
    /// Steps of the environment made in training.
    pub env_steps: u64,
    /// Training episodes finished.
    pub episodes: u64,
    /// Updates of the network.
    pub updates: u64,
    /// Seconds of training, evaluations included.
    pub wall_seconds: f64,
    /// The first training episode at which the mean return of the last 100 reached the environment's reward
    /// threshold.
    pub solved_at_episode: Option<u64>,
    /// The training step whose parameters were exported.
    pub policy_step: u64,
    /// FNV-1a of the exported parameters' bits, 16 hexadecimal digits.
    pub parameters_hash: String,
}
