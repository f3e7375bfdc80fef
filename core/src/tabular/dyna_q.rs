//! Dyna-Q: learns a model of the task besides the values, and after every step plans a little in it. Sutton and Barto
//! (2018), section 8.2.
//!
//! The model holds what an action brought last, which is all there is to know where nothing is left to chance.
//! Difference from the book: what is planned from is any state and action seen, each as likely; there, a state seen and
//! then an action taken in it.

use super::progress::state_of;
use super::{ActionValues, Progress, TabularAgent, TabularConfig, Transition, q_learning};
use crate::agent::Agent;
use crate::env::Step;
use crate::rng::{Generator, Rng, integers};

/// What the model knows of one state and action, and one line of the list of those it knows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ModelEntry {
    /// What it brought last; of no meaning before it was tried.
    pub last: Transition,
    /// Whether it was tried.
    pub is_known: bool,
    /// Not about this state and action: if this is the n-th entry, which one was tried as the n-th.
    pub tried: u32,
}

/// A Dyna-Q agent; with no planning, Q-learning bit for bit.
#[derive(Debug)]
pub struct DynaQ<'a> {
    config: TabularConfig,
    updates: u32,
    /// What it has learned.
    pub values: ActionValues<'a>,
    /// The model, in the order of the values.
    pub model: &'a mut [ModelEntry],
    /// How many states and actions the model knows.
    pub known: u32,
    /// How far it is.
    pub progress: Progress,
    /// What is planned from; its role is [`Role::Learning`](crate::rng::Role::Learning).
    pub planning: Generator,
}

impl<'a> DynaQ<'a> {
    /// An agent that has seen nothing; `values` are its first opinions, `model` is memory of as many entries, all of
    /// them [`ModelEntry::default`]; `updates` are made from the model after each step.
    ///
    /// # Panics
    /// If the configuration has a [complaint](TabularConfig::complaint) or the two memories have different lengths.
    pub fn new(
        config: TabularConfig,
        updates: u32,
        values: ActionValues<'a>,
        model: &'a mut [ModelEntry],
        planning: Generator,
    ) -> Self {
        config.assert_sound();
        assert_eq!(model.len(), values.all().len(), "a model's entry for every value");
        Self { config, updates, values, model, known: 0, progress: Progress::default(), planning }
    }

    fn learn(&mut self, transition: Transition) {
        let step_size = self.config.step_size(&self.progress);
        q_learning::update(&mut self.values, step_size, transition);
        self.progress.steps += 1;

        let index = self.values.index(transition.state, transition.action);
        let entry = &mut self.model[index as usize];
        entry.last = transition;
        if !entry.is_known {
            entry.is_known = true;
            self.model[self.known as usize].tried = index;
            self.known += 1;
        }

        for _ in 0..self.updates {
            let nth = integers(&mut self.planning, 0, i64::from(self.known)) as usize;
            let imagined = self.model[self.model[nth].tried as usize].last;
            q_learning::update(&mut self.values, step_size, imagined);
        }
    }
}

impl Agent<u32> for DynaQ<'_> {
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

impl TabularAgent for DynaQ<'_> {
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

    /// Two states, one action each, step size 1: planning carries the second state's reward back to the first one.
    #[test]
    fn planning_spreads_what_is_known() {
        let config = TabularConfig::constant(0.5, 1.0, 0.0);
        let (mut values, mut model) = ([0.0; 3], [ModelEntry::default(); 3]);
        let table = ActionValues::new(&mut values, 1);
        let mut agent = DynaQ::new(config, 20, table, &mut model, stream(0, Role::Learning));
        let rng = &mut stream(0, Role::Exploration);
        agent.start(&[2], rng);
        agent.step(Step { reward: 0.0, ending: None }, &[0], rng);
        assert_eq!(agent.values.all(), [0.0; 3]);
        agent.step(Step { reward: 8.0, ending: None }, &[1], rng);
        assert_eq!((agent.values.all(), agent.known), (&[8.0, 0.0, 4.0][..], 2));
    }
}
