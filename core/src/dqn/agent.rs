//! The agent: acts, remembers, and decides when the learner learns. Mnih et al. (2015), algorithm 1.
//!
//! The environment is not its business; `run.rs` turns the wheel between the two.

use super::{DqnConfig, Learner, TargetUpdate, Update};
use crate::env::Step;
use crate::policy::epsilon_greedy;
use crate::replay::{Accumulator, sample_uniform};
use crate::rng::{Generator, Role, stream};

/// What an agent remembers besides what its learner holds.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AgentState {
    /// Steps of the environment seen.
    pub steps: u64,
    /// Episodes finished.
    pub episodes: u64,
    /// Updates made.
    pub updates: u64,
    /// Draws of the behaviour policy.
    pub exploration: Generator,
    /// Draws of the replay.
    pub replay: Generator,
}

/// A DQN agent around a learner.
#[derive(Debug)]
pub struct DqnAgent<'a, L> {
    config: DqnConfig,
    accumulator: Accumulator,
    /// Slots of one batch; its length is the batch size.
    slots: &'a mut [u32],
    /// The networks and the transitions.
    pub learner: L,
    /// Counters and generators.
    pub state: AgentState,
}

impl<'a, L: Learner> DqnAgent<'a, L> {
    /// An agent that has seen nothing yet; `slots.len()` is the batch size.
    ///
    /// # Panics
    /// If the configuration has a [complaint](DqnConfig::complaint).
    pub fn new(config: DqnConfig, learner: L, slots: &'a mut [u32], seed: u64) -> Self {
        if let Some(complaint) = config.complaint() {
            panic!("{complaint}");
        }
        let state = AgentState {
            steps: 0,
            episodes: 0,
            updates: 0,
            exploration: stream(seed, Role::Exploration),
            replay: stream(seed, Role::Replay),
        };
        Self { config, accumulator: Accumulator::new(config.discount), slots, learner, state }
    }

    /// Epsilon of the next action.
    pub fn epsilon(&self) -> f64 {
        self.config.exploration.value(self.state.steps, self.state.episodes)
    }

    /// Chooses one of `actions` actions, epsilon-greedily.
    pub fn act(&mut self, observation: &[f32], actions: u32) -> u32 {
        let epsilon = self.epsilon();
        let learner = &mut self.learner;
        epsilon_greedy(&mut self.state.exploration, epsilon, actions, || {
            learner.q_values(observation)
        })
    }

    /// Remembers a step and learns if it is time to; the last update's measurements, if there was one.
    pub fn observe(
        &mut self,
        observation: &[f32],
        action: u32,
        step: Step,
        next_observation: &[f32],
    ) -> Option<Update> {
        self.learner.store(self.accumulator.transition(
            observation,
            action,
            step,
            next_observation,
        ));
        self.state.steps += 1;
        if step.ending.is_some() {
            self.state.episodes += 1;
        }

        let steps = self.state.steps;
        let due =
            steps >= self.config.learning_starts && steps.is_multiple_of(self.config.train_every);
        let update = due.then(|| self.learn());
        if let TargetUpdate::Hard { every } = self.config.target
            && steps.is_multiple_of(every)
        {
            self.learner.synchronise_target();
        }
        update
    }

    /// One round of updates.
    fn learn(&mut self) -> Update {
        let mut update = Update::default();
        let rate = self.config.learning_rate_schedule.value(self.state.steps, self.state.episodes);
        for _ in 0..self.config.updates_per_round {
            sample_uniform(&mut self.state.replay, self.learner.stored(), self.slots);
            update = self.learner.learn(self.slots, rate as f32);
        }
        self.state.updates += u64::from(self.config.updates_per_round);
        update
    }
}
