//! What can be chosen about a DQN. Sizes (batch, capacity, network) are those of the buffers it is given.

use crate::nn::{Loss, Optimiser};
use crate::policy::Schedule;

/// How the target network follows the online network.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "name", rename_all = "kebab-case", deny_unknown_fields))]
pub enum TargetUpdate {
    /// Copied whole every so many steps of the environment.
    Hard {
        /// Steps between two copies.
        every: u64,
    },
    /// Moved a little after every update: `target = tau * online + (1 - tau) * target`.
    Soft {
        /// Share of the online network, in `(0, 1]`.
        tau: f32,
    },
}

/// The settings of a DQN agent.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct DqnConfig {
    /// Factor between the values of two steps that follow each other, in `[0, 1]`.
    pub discount: f32,
    /// Steps of the environment before the first update.
    pub learning_starts: u64,
    /// Steps of the environment between two rounds of updates.
    pub train_every: u64,
    /// Updates a round.
    pub updates_per_round: u32,
    /// How the target network follows.
    pub target: TargetUpdate,
    /// The online network chooses the next action and the target network values it.
    pub double: bool,
    /// What is made of the temporal-difference errors.
    pub loss: Loss,
    /// How gradients become steps.
    pub optimiser: Optimiser,
    /// The learning rate over the environment's steps, as a factor of the optimiser's own.
    pub learning_rate_schedule: Schedule,
    /// Largest norm of the whole gradient; a longer one is shortened to it. Infinite for none.
    pub clip_norm: f32,
    /// Epsilon of the behaviour policy.
    pub exploration: Schedule,
}

impl DqnConfig {
    /// What is wrong with the settings, in words; `None` if nothing is.
    pub fn complaint(&self) -> Option<&'static str> {
        let share = |x: f64| (0.0..=1.0).contains(&x);
        let (first, last) = self.exploration.range();
        let (first_rate, last_rate) = self.learning_rate_schedule.range();
        if !share(f64::from(self.discount)) {
            Some("discount must be between 0 and 1")
        } else if self.train_every == 0 {
            Some("train_every must be at least 1")
        } else if self.updates_per_round == 0 {
            Some("updates_per_round must be at least 1")
        } else if !share(first) || !share(last) {
            Some("exploration must stay between 0 and 1")
        } else if !self.exploration.is_sound() || !self.learning_rate_schedule.is_sound() {
            Some(
                "a schedule must go between numbers, and an exponential one down by a decay of at most 1",
            )
        } else if first_rate < 0.0 || last_rate < 0.0 {
            Some("learning_rate_schedule must not be negative")
        } else if self.clip_norm.is_nan() || self.clip_norm <= 0.0 {
            Some("clip_norm must be greater than 0 (inf for no clipping)")
        } else {
            match self.target {
                TargetUpdate::Hard { every: 0 } => Some("target.hard.every must be at least 1"),
                TargetUpdate::Soft { tau } if !(tau > 0.0 && tau <= 1.0) => {
                    Some("target.soft.tau must be greater than 0 and at most 1")
                }
                _ => self.optimiser.complaint(),
            }
        }
    }
}
