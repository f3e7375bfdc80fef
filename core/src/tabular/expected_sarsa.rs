//! Expected SARSA: SARSA without the chance of the next choice. Van Seijen et al. (2009); Sutton and Barto (2018),
//! section 6.6.

use super::progress::state_of;
use super::{ActionValues, Progress, TabularAgent, TabularConfig};
use crate::agent::Agent;
use crate::bellman;
use crate::env::Step;
use crate::policy::epsilon_greedy_probabilities;
use crate::rng::Rng;

/// An Expected SARSA agent.
#[derive(Debug)]
pub struct ExpectedSarsa<'a> {
    config: TabularConfig,
    /// What it has learned.
    pub values: ActionValues<'a>,
    /// How far it is.
    pub progress: Progress,
}

impl<'a> ExpectedSarsa<'a> {
    /// An agent that has seen nothing; `values` are its first opinions.
    ///
    /// # Panics
    /// If the configuration has a [complaint](TabularConfig::complaint).
    pub fn new(config: TabularConfig, values: ActionValues<'a>) -> Self {
        config.assert_sound();
        Self { config, values, progress: Progress::default() }
    }
}

impl Agent<u32> for ExpectedSarsa<'_> {
    #[inline]
    fn start<R: Rng + ?Sized>(&mut self, observation: &[u32], rng: &mut R) -> u32 {
        self.config.act(&mut self.progress, state_of(observation), &self.values, rng)
    }

    #[inline]
    fn step<R: Rng + ?Sized>(
        &mut self,
        step: Step,
        next_observation: &[u32],
        rng: &mut R,
    ) -> Option<u32> {
        let next_state = state_of(next_observation);
        let transition = self.config.transition(&self.progress, step, next_state);
        let step_size = self.config.step_size(&self.progress);
        self.progress.steps += 1;
        let next_q = self.values.of(next_state);
        let epsilon = self.config.epsilon(&self.progress) as f32;
        let probability = epsilon_greedy_probabilities(epsilon, next_q);
        let target =
            bellman::expected_sarsa(transition.reward, transition.discount, probability, next_q);
        self.values.move_toward(transition.state, transition.action, step_size, target);
        if self.progress.ends_with(step) {
            return None;
        }
        Some(self.config.act(&mut self.progress, next_state, &self.values, rng))
    }
}

impl TabularAgent for ExpectedSarsa<'_> {
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

    #[test]
    fn the_target_is_the_mean_under_the_policy() {
        let config = TabularConfig::constant(0.5, 0.25, 0.5);
        let mut memory = [4.0, 4.0, 2.0, 8.0];
        let mut agent = ExpectedSarsa::new(config, ActionValues::new(&mut memory, 2));
        let rng = &mut stream(0, Role::Exploration);
        let action = agent.start(&[0], rng);
        agent.step(Step { reward: 2.0, ending: None }, &[1], rng);
        // .25 * 2 + .75 * 8 = 6.5; 4 + .25 (2 + .5 * 6.5 - 4) = 4.3125.
        assert_eq!(agent.value(0, action), 4.3125);
    }
}
