//! Double Q-learning: two tables, of which one chooses and the other one values. Their errors are independent, so the
//! largest value is no longer the luckiest one. van Hasselt (2010); Sutton and Barto (2018), section 6.7.

use super::progress::state_of;
use super::{ActionValues, Progress, TabularAgent, TabularConfig};
use crate::agent::Agent;
use crate::bellman;
use crate::env::Step;
use crate::policy::epsilon_greedy_among_possible;
use crate::rng::{Generator, Rng};

/// A double Q-learning agent.
#[derive(Debug)]
pub struct DoubleQLearning<'a> {
    config: TabularConfig,
    /// The two tables.
    pub values: [ActionValues<'a>; 2],
    /// How far it is.
    pub progress: Progress,
    /// Which table learns is tossed with this; its role is [`Role::Learning`](crate::rng::Role::Learning).
    pub coins: Generator,
}

impl<'a> DoubleQLearning<'a> {
    /// An agent that has seen nothing; `values` are its first opinions.
    ///
    /// # Panics
    /// If the configuration has a [complaint](TabularConfig::complaint) or the tables have different sizes.
    pub fn new(config: TabularConfig, values: [ActionValues<'a>; 2], coins: Generator) -> Self {
        config.assert_sound();
        let [first, second] = &values;
        assert_eq!(first.action_count(), second.action_count(), "two tables for the same actions");
        assert_eq!(first.state_count(), second.state_count(), "two tables for the same states");
        Self { config, values, progress: Progress::default(), coins }
    }

    /// Chooses epsilon-greedily by the sum of the two tables.
    fn act<R: Rng + ?Sized>(&mut self, state: u32, rng: &mut R) -> u32 {
        let (first, second) = (self.values[0].of(state), self.values[1].of(state));
        let sum = |action: u32| first[action as usize] + second[action as usize];
        let epsilon = self.config.epsilon(&self.progress);
        let action =
            epsilon_greedy_among_possible(rng, epsilon, self.config.ties, first.len() as u32, sum);
        self.progress.remember(state, action);
        action
    }
}

impl Agent<u32> for DoubleQLearning<'_> {
    fn start<R: Rng + ?Sized>(&mut self, observation: &[u32], rng: &mut R) -> u32 {
        self.act(state_of(observation), rng)
    }

    fn step<R: Rng + ?Sized>(
        &mut self,
        step: Step,
        next_observation: &[u32],
        rng: &mut R,
    ) -> Option<u32> {
        let next_state = state_of(next_observation);
        let transition = self.config.transition(&self.progress, step, next_state);
        let [first, second] = &mut self.values;
        let (learner, valuer) =
            if self.coins.next_u32() >> 31 == 0 { (first, second) } else { (second, first) };
        let target = bellman::double_q_learning(
            transition.reward,
            transition.discount,
            learner.of(next_state),
            valuer.of(next_state),
        );
        let step_size = self.config.step_size(&self.progress);
        learner.move_toward(transition.state, transition.action, step_size, target);
        self.progress.steps += 1;
        if self.progress.ends_with(step) {
            return None;
        }
        Some(self.act(next_state, rng))
    }
}

impl TabularAgent for DoubleQLearning<'_> {
    /// The first of the two.
    fn table(&self) -> &ActionValues<'_> {
        &self.values[0]
    }

    /// The mean of the two tables.
    fn value(&self, state: u32, action: u32) -> f32 {
        (self.values[0].value(state, action) + self.values[1].value(state, action)) / 2.0
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
    fn one_table_learns_the_other_s_value_of_its_own_choice() {
        let config = TabularConfig::constant(0.5, 0.5, 0.0);
        let mut learned = [0; 2];
        for seed in 0..40 {
            let (mut first, mut second) = ([1.0, 0.0, 4.0, 2.0], [1.0, 0.0, 6.0, 8.0]);
            let tables = [ActionValues::new(&mut first, 2), ActionValues::new(&mut second, 2)];
            let mut agent = DoubleQLearning::new(config, tables, stream(seed, Role::Learning));
            let rng = &mut stream(seed, Role::Exploration);
            assert_eq!(agent.start(&[0], rng), 0);
            assert_eq!(agent.step(Step { reward: 2.0, ending: None }, &[1], rng), Some(0));
            // The first chooses 0, worth 6: 1 + .5 (2 + 3 - 1) = 3. The second 1, worth 2: 1 + .5 (2 + 1 - 1) = 2.
            let values = [agent.values[0].value(0, 0), agent.values[1].value(0, 0)];
            let which = [[3.0, 1.0], [1.0, 2.0]].iter().position(|&expected| expected == values);
            learned[which.unwrap()] += 1;
        }
        assert!(learned.iter().all(|&count| count > 8), "{learned:?}");
    }
}
