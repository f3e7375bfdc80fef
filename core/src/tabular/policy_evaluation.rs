//! Off-policy evaluation: what one policy is worth, learned while following another. Expected SARSA with a policy of
//! one's own choice; Sutton and Barto (2018), section 6.6.

use super::progress::state_of;
use super::{ActionValues, Progress, TabularAgent, TabularConfig};
use crate::agent::Agent;
use crate::bellman;
use crate::env::Step;
use crate::policy::sample;
use crate::rng::Rng;

/// An agent that follows the policy `B` and learns the values of the policy `E`. Both say how likely an action is taken
/// in a state: a function, or a closure over a table.
#[derive(Debug)]
pub struct PolicyEvaluation<'a, B, E> {
    config: TabularConfig,
    behaviour: B,
    evaluated: E,
    /// What it has learned.
    pub values: ActionValues<'a>,
    /// How far it is.
    pub progress: Progress,
}

impl<'a, B: Fn(u32, u32) -> f32, E: Fn(u32, u32) -> f32> PolicyEvaluation<'a, B, E> {
    /// An agent that has seen nothing; `values` are its first opinions. The configuration's exploration is not used:
    /// all exploration is the behaviour's.
    ///
    /// # Panics
    /// If the configuration has a [complaint](TabularConfig::complaint).
    pub fn new(
        config: TabularConfig,
        behaviour: B,
        evaluated: E,
        values: ActionValues<'a>,
    ) -> Self {
        config.assert_sound();
        Self { config, behaviour, evaluated, values, progress: Progress::default() }
    }

    fn act<R: Rng + ?Sized>(&mut self, state: u32, rng: &mut R) -> u32 {
        let probability = |action| (self.behaviour)(state, action);
        let action = sample(rng, self.values.action_count(), probability);
        self.progress.remember(state, action);
        action
    }
}

impl<B: Fn(u32, u32) -> f32, E: Fn(u32, u32) -> f32> Agent<u32> for PolicyEvaluation<'_, B, E> {
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
        let probability = |action| (self.evaluated)(next_state, action);
        let target = bellman::expected_sarsa(
            transition.reward,
            transition.discount,
            probability,
            self.values.of(next_state),
        );
        let step_size = self.config.step_size(&self.progress);
        self.values.move_toward(transition.state, transition.action, step_size, target);
        self.progress.steps += 1;
        if self.progress.ends_with(step) {
            return None;
        }
        Some(self.act(next_state, rng))
    }
}

impl<B: Fn(u32, u32) -> f32, E: Fn(u32, u32) -> f32> TabularAgent for PolicyEvaluation<'_, B, E> {
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
    fn one_policy_acts_and_the_other_one_is_valued() {
        let config = TabularConfig::constant(0.5, 0.25, 0.0);
        let mut memory = [4.0, 4.0, 2.0, 8.0];
        let behaviour = |_, action| if action == 1 { 1.0 } else { 0.0 };
        let evaluated = |state: u32, action| if action == 0 { state as f32 * 0.75 } else { 0.25 };
        let values = ActionValues::new(&mut memory, 2);
        let mut agent = PolicyEvaluation::new(config, behaviour, evaluated, values);
        let rng = &mut stream(0, Role::Exploration);
        assert_eq!(agent.start(&[0], rng), 1);
        // .75 * 2 + .25 * 8 = 3.5; 4 + .25 (2 + .5 * 3.5 - 4) = 3.9375.
        assert_eq!(agent.step(Step { reward: 2.0, ending: None }, &[1], rng), Some(1));
        assert_eq!(agent.values.all(), [4.0, 3.9375, 2.0, 8.0]);
    }
}
