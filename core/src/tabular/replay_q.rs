//! Q-learning that remembers: after every step it learns from several steps of the past again. Lin (1992).

use super::progress::state_of;
use super::{ActionValues, Progress, TabularAgent, TabularConfig, Transition, q_learning};
use crate::agent::Agent;
use crate::env::Step;
use crate::rng::{Generator, Rng, integers};

/// A Q-learning agent with a memory of steps; with no updates from it, Q-learning bit for bit.
#[derive(Debug)]
pub struct ReplayQLearning<'a> {
    config: TabularConfig,
    updates: u32,
    /// What it has learned.
    pub values: ActionValues<'a>,
    /// How far it is.
    pub progress: Progress,
    /// Past steps: the first `progress.steps` of them, or all once that many were made. The newest one replaces the
    /// oldest.
    pub memory: &'a mut [Transition],
    /// Which steps are learned from again; its role is [`Role::Replay`](crate::rng::Role::Replay).
    pub replay: Generator,
}

impl<'a> ReplayQLearning<'a> {
    /// An agent that has seen nothing; `values` are its first opinions, `memory` is room for as many steps, and
    /// `updates` of them are learned from again after each step.
    ///
    /// # Panics
    /// If the configuration has a [complaint](TabularConfig::complaint) or there is no memory.
    pub fn new(
        config: TabularConfig,
        updates: u32,
        values: ActionValues<'a>,
        memory: &'a mut [Transition],
        replay: Generator,
    ) -> Self {
        config.assert_sound();
        assert!(!memory.is_empty(), "a memory has room for at least one step");
        Self { config, updates, values, progress: Progress::default(), memory, replay }
    }

    fn learn(&mut self, transition: Transition) {
        let step_size = self.config.step_size(&self.progress);
        q_learning::update(&mut self.values, step_size, transition);
        let capacity = self.memory.len() as u64;
        self.memory[(self.progress.steps % capacity) as usize] = transition;
        self.progress.steps += 1;
        let stored = self.progress.steps.min(capacity);
        for _ in 0..self.updates {
            let slot = integers(&mut self.replay, 0, stored as i64) as usize;
            q_learning::update(&mut self.values, step_size, self.memory[slot]);
        }
    }
}

impl Agent<u32> for ReplayQLearning<'_> {
    fn start<R: Rng + ?Sized>(&mut self, observation: &[u32], rng: &mut R) -> u32 {
        self.config.act(&mut self.progress, state_of(observation), &self.values, rng)
    }

    fn step<R: Rng + ?Sized>(
        &mut self,
        step: Step,
        next_observation: &[u32],
        rng: &mut R,
    ) -> Option<u32> {
        let next_state = state_of(next_observation);
        self.learn(self.config.transition(&self.progress, step, next_state));
        if self.progress.ends_with(step) {
            return None;
        }
        Some(self.config.act(&mut self.progress, next_state, &self.values, rng))
    }
}

impl TabularAgent for ReplayQLearning<'_> {
    fn table(&self) -> &ActionValues<'_> {
        &self.values
    }

    fn progress(&self) -> &Progress {
        &self.progress
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Role, stream};

    /// With a memory of one step and two updates from it, each step is learned from three times.
    #[test]
    fn a_step_is_learned_from_again() {
        let config = TabularConfig::constant(0.5, 0.5, 0.0);
        let (mut values, mut memory) = ([0.0; 2], [Transition::default(); 1]);
        let replay = stream(0, Role::Replay);
        let table = ActionValues::new(&mut values, 1);
        let mut agent = ReplayQLearning::new(config, 2, table, &mut memory, replay);
        let rng = &mut stream(0, Role::Exploration);
        agent.start(&[0], rng);
        agent.step(Step { reward: 8.0, ending: None }, &[1], rng);
        assert_eq!(agent.values.all(), [7.0, 0.0]);
        // Toward 2 + .5 * 7 = 5.5, and the first step is forgotten.
        agent.step(Step { reward: 2.0, ending: None }, &[0], rng);
        assert_eq!(agent.values.all(), [7.0, 4.8125]);
    }
}
