//! Monte Carlo control: values are averages of what actually followed, to the end of the episode. On-policy, first
//! visits, epsilon-greedy. Sutton and Barto (2018), section 5.4.

use super::progress::state_of;
use super::{ActionValues, Progress, TabularAgent, TabularConfig, Transition};
use crate::agent::Agent;
use crate::bellman;
use crate::env::Step;
use crate::policy::epsilon_greedy_probabilities;
use crate::rng::Rng;

/// Not used in this episode.
const NEVER: u32 = u32::MAX;

/// What the agent writes on while an episode lasts, and its counts.
#[derive(Debug)]
pub struct MonteCarloMemory<'a> {
    /// The episode so far; as long as the longest episode that is learned from whole.
    pub steps: &'a mut [Transition],
    /// By value: the number of the step that used it first in this episode.
    pub first_visits: &'a mut [u32],
    /// By value: how many returns it is the average of. Zeros for a start.
    pub counts: &'a mut [u32],
}

/// A Monte Carlo agent.
///
/// The return of an episode that was cut goes on with the value of its last state under the policy. Where an episode
/// is longer than the memory, the steps past it are not learned from, but their rewards count for those before.
#[derive(Debug)]
pub struct MonteCarlo<'a> {
    config: TabularConfig,
    /// What it has learned.
    pub values: ActionValues<'a>,
    /// What it writes on.
    pub memory: MonteCarloMemory<'a>,
    /// How far it is.
    pub progress: Progress,
    /// Steps of this episode in the memory.
    pub recorded: u32,
    /// The sum of the rewards past the memory, discounted to its end, and what the next one is multiplied by.
    pub beyond: (f32, f32),
}

impl<'a> MonteCarlo<'a> {
    /// An agent that has seen nothing; `values` are its first opinions. The configuration's step size is not used:
    /// values are averages.
    ///
    /// # Panics
    /// If the configuration has a [complaint](TabularConfig::complaint), a memory by value is not as long as the values
    /// are, or there is none for steps.
    pub fn new(
        config: TabularConfig,
        values: ActionValues<'a>,
        memory: MonteCarloMemory<'a>,
    ) -> Self {
        config.assert_sound();
        let count = values.all().len();
        assert_eq!(memory.first_visits.len(), count, "a first visit for every value");
        assert_eq!(memory.counts.len(), count, "a count for every value");
        assert!(!memory.steps.is_empty(), "a memory has room for at least one step");
        memory.first_visits.fill(NEVER);
        let progress = Progress::default();
        Self { config, values, memory, progress, recorded: 0, beyond: (0.0, 1.0) }
    }

    fn record(&mut self, transition: Transition) {
        let Some(step) = self.memory.steps.get_mut(self.recorded as usize) else {
            let (total, factor) = self.beyond;
            self.beyond = (total + factor * transition.reward, factor * transition.discount);
            return;
        };
        *step = transition;
        let used = self.values.index(transition.state, transition.action);
        let first_visit = &mut self.memory.first_visits[used as usize];
        if *first_visit == NEVER {
            *first_visit = self.recorded;
        }
        self.recorded += 1;
    }

    /// Goes back through the episode, which leaves `last_value` behind it.
    fn learn(&mut self, last_value: f32) {
        let (total, factor) = self.beyond;
        let mut value = total + factor * last_value;
        for number in (0..self.recorded).rev() {
            let Transition { state, action, reward, discount, .. } =
                self.memory.steps[number as usize];
            value = bellman::one_step(reward, discount, value);
            let used = self.values.index(state, action) as usize;
            if self.memory.first_visits[used] == number {
                self.memory.first_visits[used] = NEVER;
                let count = &mut self.memory.counts[used];
                *count = count.saturating_add(1);
                self.values.move_toward(state, action, 1.0 / *count as f32, value);
            }
        }
        (self.recorded, self.beyond) = (0, (0.0, 1.0));
    }
}

impl Agent<u32> for MonteCarlo<'_> {
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
        self.record(self.config.transition(&self.progress, step, next_state));
        self.progress.steps += 1;
        if step.ending.is_some() {
            let next_q = self.values.of(next_state);
            let epsilon = self.config.epsilon(&self.progress) as f32;
            let probability = epsilon_greedy_probabilities(epsilon, next_q);
            self.learn(bellman::expected_sarsa(0.0, 1.0, probability, next_q));
        }
        if self.progress.ends_with(step) {
            return None;
        }
        Some(self.config.act(&mut self.progress, next_state, &self.values, rng))
    }
}

impl TabularAgent for MonteCarlo<'_> {
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

    /// One action; states 0, 1, 0 and then the end in 2, worth 16; rewards 2, 4, 8; discount 1/2.
    fn after_an_episode(ending: Ending, room: usize) -> [f32; 3] {
        let config = TabularConfig::constant(0.5, 1.0, 0.0);
        let mut values = [0.0, 0.0, 16.0];
        let (mut steps, mut first_visits) = ([Transition::default(); 4], [0; 3]);
        let memory = MonteCarloMemory {
            steps: &mut steps[..room],
            first_visits: &mut first_visits,
            counts: &mut [0; 3],
        };
        let mut agent = MonteCarlo::new(config, ActionValues::new(&mut values, 1), memory);
        let rng = &mut stream(0, Role::Exploration);
        agent.start(&[0], rng);
        agent.step(Step { reward: 2.0, ending: None }, &[1], rng);
        agent.step(Step { reward: 4.0, ending: None }, &[0], rng);
        agent.step(Step { reward: 8.0, ending: Some(ending) }, &[2], rng);
        values
    }

    #[test]
    fn values_are_the_returns_of_first_visits() {
        // From the end: 8, then 4 + .5 * 8 = 8, then 2 + .5 * 8 = 6.
        assert_eq!(after_an_episode(Ending::Terminated, 4), [6.0, 8.0, 16.0]);
        // 8 + .5 * 16 = 16, then 12, then 8.
        assert_eq!(after_an_episode(Ending::Truncated, 4), [8.0, 12.0, 16.0]);
    }

    #[test]
    fn what_goes_beyond_the_memory_still_counts_for_what_is_in_it() {
        assert_eq!(after_an_episode(Ending::Terminated, 1), [6.0, 0.0, 16.0]);
        assert_eq!(after_an_episode(Ending::Truncated, 1), [8.0, 0.0, 16.0]);
        assert_eq!(after_an_episode(Ending::Truncated, 2), [8.0, 12.0, 16.0]);
    }
}
