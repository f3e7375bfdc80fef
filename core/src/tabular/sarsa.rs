//! SARSA: learns the values of the policy it follows, exploration included. Rummery and Niranjan (1994); Sutton and
//! Barto (2018), section 6.4.

use super::progress::state_of;
use super::{ActionValues, Progress, TabularAgent, TabularConfig};
use crate::agent::Agent;
use crate::bellman;
use crate::env::Step;
use crate::rng::Rng;

/// A SARSA agent.
#[derive(Debug)]
pub struct Sarsa<'a> {
    config: TabularConfig,
    /// What it has learned.
    pub values: ActionValues<'a>,
    /// How far it is.
    pub progress: Progress,
}

impl<'a> Sarsa<'a> {
    /// An agent that has seen nothing; `values` are its first opinions.
    ///
    /// # Panics
    /// If the configuration has a [complaint](TabularConfig::complaint).
    pub fn new(config: TabularConfig, values: ActionValues<'a>) -> Self {
        config.assert_sound();
        Self { config, values, progress: Progress::default() }
    }
}

impl Agent<u32> for Sarsa<'_> {
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
        // Chosen before learning: it is part of what is learned. After a cut its value still counts; after a
        // termination the discount is zero and it counts for nothing.
        let next_action = self.config.act(&mut self.progress, next_state, &self.values, rng);
        let next_value = self.values.value(next_state, next_action);
        let target = bellman::one_step(transition.reward, transition.discount, next_value);
        self.values.move_toward(transition.state, transition.action, step_size, target);
        (!self.progress.ends_with(step)).then_some(next_action)
    }
}

impl TabularAgent for Sarsa<'_> {
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
    fn the_target_is_the_value_of_the_action_taken_next() {
        let config = TabularConfig::constant(0.5, 0.25, 1.0);
        let rng = &mut stream(0, Role::Exploration);
        let mut taken = [0; 2];
        for _ in 0..100 {
            let mut memory = [4.0, 4.0, 2.0, 8.0];
            let mut agent = Sarsa::new(config, ActionValues::new(&mut memory, 2));
            let action = agent.start(&[0], rng);
            let next = agent.step(Step { reward: 2.0, ending: None }, &[1], rng).unwrap();
            // 4 + .25 (2 + .5 * 2 - 4) or 4 + .25 (2 + .5 * 8 - 4).
            assert_eq!(agent.value(0, action), [3.75, 4.5][next as usize]);
            assert_eq!(agent.value(0, 1 - action), 4.0);
            taken[next as usize] += 1;
        }
        assert!(taken.iter().all(|&count| count > 20), "{taken:?}");
    }
}
