//! What can be chosen about a DQN. Sizes (batch, capacity, network) are those of the buffers it is given.

use super::{Backup, Distribution};
use crate::nn::{Loss, Optimiser};
use crate::policy::{Per, Schedule};
use crate::replay::Rewards;

/// How the target network follows the online network.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "name", rename_all = "kebab-case", deny_unknown_fields))]
pub enum TargetUpdate {
    /// There is none: the online network values what follows, as before Mnih et al. (2015).
    None,
    /// Copied whole every so many steps or episodes.
    Hard {
        /// Counts between two copies.
        every: u64,
        /// What is counted.
        #[cfg_attr(feature = "serde", serde(default))]
        per: Per,
    },
    /// Moved a little after every update: `target = tau * online + (1 - tau) * target`.
    Soft {
        /// Share of the online network, in `(0, 1]`.
        tau: f32,
    },
}

/// Which transitions are learned from.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "name", rename_all = "kebab-case", deny_unknown_fields))]
pub enum Sampling {
    /// Each one as likely.
    #[default]
    Uniform,
    /// In proportion to `(|error| + epsilon)^alpha`, each weighted by `(N P)^-beta` over the largest of its batch.
    Prioritised {
        /// How much errors count, 0 for not at all.
        alpha: f64,
        /// How much of the preference the weights take back, between 0 and 1.
        beta: Schedule,
        /// What keeps a transition without error alive.
        epsilon: f64,
    },
}

/// How actions are explored, and what the number of [`DqnConfig::exploration`] is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Behaviour {
    /// The share of actions that are drawn evenly.
    #[default]
    EpsilonGreedy,
    /// The deviation of the normal noise that is added to every action's value before the largest is taken.
    NoisyValues,
}

/// The settings of a DQN agent.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct DqnConfig {
    /// Factor between the values of two steps that follow each other, in `[0, 1]`.
    pub discount: f32,
    /// Steps whose rewards are added before the network values what follows.
    #[cfg_attr(feature = "serde", serde(default = "one"))]
    pub n_step: u32,
    /// What is made of rewards before they are remembered.
    #[cfg_attr(feature = "serde", serde(default))]
    pub rewards: Rewards,
    /// Which transitions are learned from.
    #[cfg_attr(feature = "serde", serde(default))]
    pub sampling: Sampling,
    /// What [`DqnConfig::learning_starts`] and [`DqnConfig::train_every`] count: steps, or finished episodes.
    #[cfg_attr(feature = "serde", serde(default))]
    pub train_per: Per,
    /// Counts before the first update.
    pub learning_starts: u64,
    /// Counts between two rounds of updates.
    pub train_every: u64,
    /// Batches a round.
    pub updates_per_round: u32,
    /// Updates from each batch.
    #[cfg_attr(feature = "serde", serde(default = "one"))]
    pub updates_per_batch: u32,
    /// How the target network follows.
    pub target: TargetUpdate,
    /// The online network chooses the next action and the target network values it.
    pub double: bool,
    /// What the network says of returns, so how many outputs an action it has.
    #[cfg_attr(feature = "serde", serde(default))]
    pub distribution: Distribution,
    /// What follows a step, where several actions could.
    #[cfg_attr(feature = "serde", serde(default))]
    pub backup: Backup,
    /// What is made of the temporal-difference errors. Quantiles have a Huber loss of their own; a categorical
    /// distribution has the cross-entropy and does not ask.
    pub loss: Loss,
    /// How gradients become steps.
    pub optimiser: Optimiser,
    /// The learning rate over the environment's steps, as a factor of the optimiser's own.
    pub learning_rate_schedule: Schedule,
    /// Largest norm of the whole gradient; a longer one is shortened to it. Infinite for none.
    pub clip_norm: f32,
    /// Largest magnitude of each number of the gradient; a larger one is cut to it. Infinite for none.
    #[cfg_attr(feature = "serde", serde(default = "infinite"))]
    pub clip_value: f32,
    /// Noise in the weights of dense layers, which explores by itself: this over the root of a layer's inputs is the
    /// deviation it starts with, 0.5 in Fortunato et al. (2018); 0 for none.
    #[cfg_attr(feature = "serde", serde(default))]
    pub weight_noise: f32,
    /// How actions are explored.
    #[cfg_attr(feature = "serde", serde(default))]
    pub behaviour: Behaviour,
    /// How much: epsilon, or what [`DqnConfig::behaviour`] says.
    pub exploration: Schedule,
}

#[cfg(feature = "serde")]
fn one() -> u32 {
    1
}

#[cfg(feature = "serde")]
fn infinite() -> f32 {
    f32::INFINITY
}

impl DqnConfig {
    /// The DQN of Mnih et al. (2015) with Adam and small tasks in mind, every variant off: what a configuration in code
    /// starts from, so that it names only what it changes.
    pub const PLAIN: Self = Self {
        discount: 0.99,
        n_step: 1,
        rewards: Rewards::Unchanged,
        sampling: Sampling::Uniform,
        train_per: Per::Step,
        learning_starts: 1_000,
        train_every: 1,
        updates_per_round: 1,
        updates_per_batch: 1,
        target: TargetUpdate::Hard { every: 1_000, per: Per::Step },
        double: false,
        distribution: Distribution::Mean,
        backup: Backup::Largest,
        loss: Loss::Huber,
        optimiser: Optimiser::adam(1e-3),
        learning_rate_schedule: Schedule::Constant { value: 1.0 },
        clip_norm: f32::INFINITY,
        clip_value: f32::INFINITY,
        weight_noise: 0.0,
        behaviour: Behaviour::EpsilonGreedy,
        exploration: Schedule::Linear { from: 1.0, to: 0.05, over: 10_000, per: Per::Step },
    };

    /// Whether the networks have noise in their weights.
    pub const fn is_noisy(&self) -> bool {
        self.weight_noise > 0.0
    }

    /// What is wrong with the settings, in words; `None` if nothing is.
    pub fn complaint(&self) -> Option<&'static str> {
        let share = |x: f64| (0.0..=1.0).contains(&x);
        let (first, last) = self.exploration.range();
        let (first_rate, last_rate) = self.learning_rate_schedule.range();
        if !share(f64::from(self.discount)) {
            Some("discount must be between 0 and 1")
        } else if self.n_step == 0 || self.n_step > 1_000 {
            Some("n_step must be 1 to 1000")
        } else if self.train_every == 0 {
            Some("train_every must be at least 1")
        } else if self.updates_per_round == 0 || self.updates_per_batch == 0 {
            Some("updates_per_round and updates_per_batch must be at least 1")
        } else if !self.exploration.is_sound() || !self.learning_rate_schedule.is_sound() {
            Some(
                "a schedule must go between numbers, and an exponential one down by a decay of at most 1",
            )
        } else if self.behaviour == Behaviour::EpsilonGreedy && !(share(first) && share(last)) {
            Some("exploration must stay between 0 and 1")
        } else if first < 0.0 || last < 0.0 {
            Some("exploration must not be negative")
        } else if first_rate < 0.0 || last_rate < 0.0 {
            Some("learning_rate_schedule must not be negative")
        } else if self.clip_norm.is_nan() || self.clip_norm <= 0.0 {
            Some("clip_norm must be greater than 0 (inf for no clipping)")
        } else if self.clip_value.is_nan() || self.clip_value <= 0.0 {
            Some("clip_value must be greater than 0 (inf for no clipping)")
        } else if self.clip_norm.is_finite() && self.clip_value.is_finite() {
            Some("a gradient is clipped once: set clip_norm or clip_value to inf")
        } else if !(self.weight_noise >= 0.0 && self.weight_noise.is_finite()) {
            Some("weight_noise must be a number and not negative (0 for none)")
        } else if self.distribution.has_quantiles() && self.loss != Loss::Huber {
            Some("quantiles are learned with the Huber loss: set loss to huber")
        } else {
            self.sampling
                .complaint()
                .or(self.rewards.complaint())
                .or(self.target.complaint(self.double))
                .or(self.distribution.complaint())
                .or(self.backup.complaint(self))
                .or(self.optimiser.complaint())
        }
    }
}

impl Sampling {
    fn complaint(&self) -> Option<&'static str> {
        let Sampling::Prioritised { alpha, beta, epsilon } = self else { return None };
        let (first, last) = beta.range();
        let share = |x: f64| (0.0..=1.0).contains(&x);
        if !share(*alpha) {
            Some("sampling.alpha must be between 0 and 1")
        } else if !beta.is_sound() || !share(first) || !share(last) {
            Some("sampling.beta must be a schedule between 0 and 1")
        } else if !(*epsilon > 0.0 && epsilon.is_finite()) {
            Some("sampling.epsilon must be greater than 0")
        } else {
            None
        }
    }
}

impl TargetUpdate {
    fn complaint(&self, double: bool) -> Option<&'static str> {
        match *self {
            TargetUpdate::None if double => {
                Some("double needs a target network: with target none both networks are one")
            }
            TargetUpdate::Hard { every: 0, .. } => Some("target.hard.every must be at least 1"),
            TargetUpdate::Soft { tau } if !(tau > 0.0 && tau <= 1.0) => {
                Some("target.soft.tau must be greater than 0 and at most 1")
            }
            _ => None,
        }
    }
}
