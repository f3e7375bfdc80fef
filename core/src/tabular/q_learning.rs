//! Q-learning: learns the values of the best policy while following another one. Watkins (1989); Sutton and Barto
//! (2018), section 6.5.

use super::progress::state_of;
use super::{ActionValues, Progress, TabularAgent, TabularConfig, Transition};
use crate::agent::Agent;
use crate::bellman;
use crate::env::Step;
use crate::rng::Rng;

/// A Q-learning agent.
#[derive(Debug)]
pub struct QLearning<'a> {
    config: TabularConfig,
    /// What it has learned.
    pub values: ActionValues<'a>,
    /// How far it is.
    pub progress: Progress,
}

impl<'a> QLearning<'a> {
    /// An agent that has seen nothing; `values` are its first opinions.
    ///
    /// # Panics
    /// If the configuration has a [complaint](TabularConfig::complaint).
    pub fn new(config: TabularConfig, values: ActionValues<'a>) -> Self {
        config.assert_sound();
        Self { config, values, progress: Progress::default() }
    }

    /// Learns from a step that any policy made: the rule does not ask who chose the action.
    #[inline]
    pub fn learn(&mut self, transition: Transition) {
        update(&mut self.values, self.config.step_size(&self.progress), transition);
        self.progress.steps += 1;
    }
}

/// The rule: toward `reward + discount * max_a q[next state][a]`.
#[inline]
pub(super) fn update(values: &mut ActionValues<'_>, step_size: f32, transition: Transition) {
    let Transition { state, action, reward, discount, next_state } = transition;
    let target = bellman::q_learning(reward, discount, values.of(next_state));
    values.move_toward(state, action, step_size, target);
}

impl Agent<u32> for QLearning<'_> {
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
        self.learn(self.config.transition(&self.progress, step, next_state));
        if self.progress.ends_with(step) {
            return None;
        }
        // Chosen after learning, unlike SARSA's.
        Some(self.config.act(&mut self.progress, next_state, &self.values, rng))
    }
}

impl TabularAgent for QLearning<'_> {
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

    #[test]
    fn one_update_is_the_one_by_hand() {
        let config = TabularConfig::constant(0.5, 0.25, 0.0);
        let mut memory = [0.0, 4.0, 2.0, 8.0];
        let mut agent = QLearning::new(config, ActionValues::new(&mut memory, 2));
        let rng = &mut stream(0, Role::Exploration);
        assert_eq!(agent.start(&[0], rng), 1);
        // 4 + .25 (2 + .5 * 8 - 4) = 4.5.
        assert_eq!(agent.step(Step { reward: 2.0, ending: None }, &[1], rng), Some(1));
        assert_eq!(agent.values.all(), [0.0, 4.5, 2.0, 8.0]);
        // Cut off: 8 + .25 (0 + .5 * 4.5 - 8) = 6.5625; over: 6.5625 + .25 (-1 - 6.5625).
        assert_eq!(
            agent.step(Step { reward: 0.0, ending: Some(Ending::Truncated) }, &[0], rng),
            None
        );
        assert_eq!(agent.value(1, 1), 6.5625);
        agent.start(&[1], rng);
        agent.step(Step { reward: -1.0, ending: Some(Ending::Terminated) }, &[0], rng);
        assert_eq!(agent.value(1, 1), 4.671875);
        assert_eq!((agent.progress.steps, agent.progress.episodes), (3, 2));
    }
}
