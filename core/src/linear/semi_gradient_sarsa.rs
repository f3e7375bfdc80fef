//! Episodic semi-gradient SARSA with tile coding: a value is the sum of its tiles' weights, and each of them moves by an
//! equal part of the error. Sutton and Barto (2018), section 10.1.

use super::TileCoder;
use crate::agent::Agent;
use crate::bellman;
use crate::env::Step;
use crate::policy::{epsilon_greedy_among_possible, greedy_by};
use crate::replay::Accumulator;
use crate::rng::Rng;
use crate::tabular::TabularConfig;

/// The caller's memory.
#[derive(Debug)]
pub struct LinearMemory<'a> {
    /// `[tiles][actions]`: what the agent has learned. Zeros for a start.
    pub weights: &'a mut [f32],
    /// `[tilings]`: the tiles of the observation that the last action was chosen for.
    pub active: &'a mut [u32],
    /// `[tilings]`: those of the next one.
    pub next_active: &'a mut [u32],
}

/// What an agent remembers besides its memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LinearState {
    /// Steps of the environment learned from.
    pub steps: u64,
    /// Episodes finished.
    pub episodes: u64,
    /// The last action chosen.
    pub action: u32,
}

/// A SARSA agent for observations of `D` real numbers.
#[derive(Debug)]
pub struct SemiGradientSarsa<'a, const D: usize> {
    config: TabularConfig,
    coder: TileCoder<D>,
    actions: u32,
    /// The caller's memory.
    pub memory: LinearMemory<'a>,
    /// Everything else.
    pub state: LinearState,
}

impl<'a, const D: usize> SemiGradientSarsa<'a, D> {
    /// An agent that has seen nothing. The configuration's step size is how far a value moves toward its target; a
    /// weight's own, the book's alpha, is that divided by the number of tilings.
    ///
    /// # Panics
    /// If the configuration has a [complaint](TabularConfig::complaint), there are no actions, or a memory has another
    /// length than it says.
    pub fn new(
        config: TabularConfig,
        coder: TileCoder<D>,
        actions: u32,
        memory: LinearMemory<'a>,
    ) -> Self {
        if let Some(complaint) = config.complaint() {
            panic!("{complaint}");
        }
        assert!(actions > 0, "there is at least one action");
        let (weights, tilings) = (coder.tile_count() * actions as usize, coder.tilings());
        assert_eq!(memory.weights.len(), weights, "a weight for every tile and action");
        assert_eq!(memory.active.len(), tilings, "an active tile for every tiling");
        assert_eq!(memory.next_active.len(), tilings, "an active tile for every tiling");
        Self { config, coder, actions, memory, state: LinearState::default() }
    }

    /// What is thought of each action where `observation` was made; `active` is memory of a number a tiling.
    ///
    /// # Panics
    /// If `observation` or `active` has another length.
    pub fn value<'s>(
        &'s self,
        observation: &[f32],
        active: &'s mut [u32],
    ) -> impl Fn(u32) -> f32 + 's {
        self.coder.encode(observation, active);
        |action| self.sum(active, action)
    }

    /// The best action where `observation` was made, the first of equals; `active` is memory of a number a tiling.
    ///
    /// # Panics
    /// If `observation` or `active` has another length.
    pub fn greedy_action(&self, observation: &[f32], active: &mut [u32]) -> u32 {
        greedy_by(self.actions, self.value(observation, active))
    }

    /// Weights are summed in the order of the tilings.
    #[inline]
    fn sum(&self, active: &[u32], action: u32) -> f32 {
        let weight = |&tile: &u32| self.memory.weights[(tile * self.actions + action) as usize];
        active.iter().map(weight).fold(0.0, |sum, weight| sum + weight)
    }

    /// Chooses by the tiles in `next_active`.
    fn choose<R: Rng + ?Sized>(&self, rng: &mut R) -> u32 {
        let epsilon = self.config.exploration.value(self.state.steps, self.state.episodes);
        let value = |action| self.sum(self.memory.next_active, action);
        epsilon_greedy_among_possible(rng, epsilon, self.config.ties, self.actions, value)
    }

    /// What was next is now.
    fn advance(&mut self, action: u32) {
        core::mem::swap(&mut self.memory.active, &mut self.memory.next_active);
        self.state.action = action;
    }
}

impl<const D: usize> Agent<f32> for SemiGradientSarsa<'_, D> {
    fn start<R: Rng + ?Sized>(&mut self, observation: &[f32], rng: &mut R) -> u32 {
        self.coder.encode(observation, self.memory.next_active);
        let action = self.choose(rng);
        self.advance(action);
        action
    }

    fn step<R: Rng + ?Sized>(
        &mut self,
        step: Step,
        next_observation: &[f32],
        rng: &mut R,
    ) -> Option<u32> {
        let discount = Accumulator::new(self.config.discount).discount_after(step);
        let step_size = self.config.step_size.value(self.state.steps, self.state.episodes) as f32;
        self.state.steps += 1;
        self.coder.encode(next_observation, self.memory.next_active);
        let next_action = self.choose(rng);
        let next_value = self.sum(self.memory.next_active, next_action);
        let target = bellman::one_step(step.reward as f32, discount, next_value);

        let error = target - self.sum(self.memory.active, self.state.action);
        let part = step_size / self.memory.active.len() as f32 * error;
        for &tile in self.memory.active.iter() {
            self.memory.weights[(tile * self.actions + self.state.action) as usize] += part;
        }

        self.advance(next_action);
        if step.ending.is_some() {
            self.state.episodes += 1;
            return None;
        }
        Some(next_action)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::Ending;
    use crate::rng::{Role, stream};

    /// Two tilings of one tile over 0..=1: 0.2 is in the tiles 0 and 2, 0.8 in 0 and 3. Two actions.
    #[test]
    fn one_update_is_the_one_by_hand() {
        let coder = TileCoder::new(2, 1, [0.0], [1.0]);
        let mut weights = [4.0, 0.0, 9.0, 9.0, 4.0, 0.0, 0.0, 8.0];
        let memory =
            LinearMemory { weights: &mut weights, active: &mut [0; 2], next_active: &mut [0; 2] };
        let config = TabularConfig::constant(0.5, 0.25, 0.0);
        let mut agent = SemiGradientSarsa::new(config, coder, 2, memory);
        let rng = &mut stream(0, Role::Exploration);
        assert_eq!(agent.start(&[0.2], rng), 0);
        assert_eq!(agent.step(Step { reward: 2.0, ending: None }, &[0.8], rng), Some(1));
        // The value was 8, its target 2 + .5 * 8 = 6, so each of the two weights moves by .25 * -2 / 2.
        assert_eq!(agent.memory.weights, [3.75, 0.0, 9.0, 9.0, 3.75, 0.0, 0.0, 8.0]);
        let step = Step { reward: 0.0, ending: Some(Ending::Terminated) };
        assert_eq!(agent.step(step, &[0.2], rng), None);
        // From 8 toward 0: by .25 * -8 / 2 each.
        assert_eq!(agent.memory.weights, [3.75, -1.0, 9.0, 9.0, 3.75, 0.0, 0.0, 7.0]);
        assert_eq!(agent.greedy_action(&[0.8], &mut [0; 2]), 1);
    }
}
