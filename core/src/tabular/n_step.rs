//! n-step SARSA: a state's value from the next n rewards and what comes after them. Sutton and Barto (2018),
//! section 7.2.

use super::progress::state_of;
use super::{ActionValues, Progress, TabularAgent, TabularConfig, Transition};
use crate::agent::Agent;
use crate::bellman;
use crate::env::Step;
use crate::rng::Rng;

/// An n-step SARSA agent. n is the length of its memory; with one it is SARSA.
#[derive(Debug)]
pub struct NStepSarsa<'a> {
    config: TabularConfig,
    /// What it has learned.
    pub values: ActionValues<'a>,
    /// How far it is.
    pub progress: Progress,
    /// The steps not yet learned from, oldest first, and nothing of meaning after them.
    pub recent: &'a mut [Transition],
    /// How many steps that are, fewer than n.
    pub pending: u32,
}

impl<'a> NStepSarsa<'a> {
    /// An agent that has seen nothing; `values` are its first opinions, `recent` is memory of n steps.
    ///
    /// # Panics
    /// If the configuration has a [complaint](TabularConfig::complaint) or there is no memory.
    pub fn new(
        config: TabularConfig,
        values: ActionValues<'a>,
        recent: &'a mut [Transition],
    ) -> Self {
        config.assert_sound();
        assert!(!recent.is_empty(), "n is at least 1");
        Self { config, values, progress: Progress::default(), recent, pending: 0 }
    }

    /// Moves the oldest pending step's value toward its return: the rewards since, then `next_value`.
    fn learn_oldest(&mut self, first: usize, step_size: f32, next_value: f32) {
        let pending = &self.recent[first..self.pending as usize];
        let target = pending.iter().rev().fold(next_value, |value, transition| {
            bellman::one_step(transition.reward, transition.discount, value)
        });
        let Transition { state, action, .. } = self.recent[first];
        self.values.move_toward(state, action, step_size, target);
    }
}

impl Agent<u32> for NStepSarsa<'_> {
    fn start<R: Rng + ?Sized>(&mut self, observation: &[u32], rng: &mut R) -> u32 {
        self.pending = 0;
        self.config.act(&mut self.progress, state_of(observation), &self.values, rng)
    }

    fn step<R: Rng + ?Sized>(
        &mut self,
        step: Step,
        next_observation: &[u32],
        rng: &mut R,
    ) -> Option<u32> {
        let next_state = state_of(next_observation);
        self.recent[self.pending as usize] =
            self.config.transition(&self.progress, step, next_state);
        self.pending += 1;
        let step_size = self.config.step_size(&self.progress);
        self.progress.steps += 1;
        let next_action = self.config.act(&mut self.progress, next_state, &self.values, rng);
        if self.progress.ends_with(step) {
            // Nothing more will come: the last steps learn from fewer rewards each. A cut leaves the value of what was
            // about to be done, as it is now; a termination's discount of zero leaves nothing.
            let next_value = self.values.value(next_state, next_action);
            for first in 0..self.pending as usize {
                self.learn_oldest(first, step_size, next_value);
            }
            self.pending = 0;
            return None;
        }
        if self.pending as usize == self.recent.len() {
            let next_value = self.values.value(next_state, next_action);
            self.learn_oldest(0, step_size, next_value);
            self.recent.copy_within(1.., 0);
            self.pending -= 1;
        }
        Some(next_action)
    }
}

impl TabularAgent for NStepSarsa<'_> {
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
    use crate::env::Ending;
    use crate::rng::{Role, stream};

    /// One action and three states in a row, n = 2, discount 1/2, step size 1/2.
    #[test]
    fn two_steps_are_the_ones_by_hand() {
        let config = TabularConfig::constant(0.5, 0.5, 0.0);
        for (ending, last) in [(Ending::Terminated, 2.0), (Ending::Truncated, 3.0)] {
            let (mut memory, mut recent) = ([0.0, 0.0, 8.0, 4.0], [Transition::default(); 2]);
            let mut agent = NStepSarsa::new(config, ActionValues::new(&mut memory, 1), &mut recent);
            let rng = &mut stream(0, Role::Exploration);
            agent.start(&[0], rng);
            agent.step(Step { reward: 2.0, ending: None }, &[1], rng);
            assert_eq!(agent.values.all(), [0.0, 0.0, 8.0, 4.0], "one reward is not yet two");
            agent.step(Step { reward: 4.0, ending: None }, &[2], rng);
            // .5 (2 + .5 * 4 + .25 * 8) = 3.
            assert_eq!(agent.values.all(), [3.0, 0.0, 8.0, 4.0]);
            agent.step(Step { reward: -4.0, ending: Some(ending) }, &[3], rng);
            // State 1: .5 (4 + .5 * -4 [+ .25 * 4]); state 2: 8 + .5 (-4 [+ .5 * 4] - 8).
            let second = if ending == Ending::Terminated { 1.0 } else { 1.5 };
            assert_eq!(agent.values.all(), [3.0, second, last, 4.0], "{ending:?}");
        }
    }
}
