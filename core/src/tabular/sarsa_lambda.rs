//! SARSA(lambda): every step's error reaches all that led to it, the longer ago the less. Rummery and Niranjan (1994);
//! Sutton and Barto (1998), section 7.5, and (2018), section 12.7 for a table.

use super::progress::state_of;
use super::{ActionValues, Progress, TabularAgent, TabularConfig};
use crate::agent::Agent;
use crate::bellman;
use crate::env::Step;
use crate::rng::Rng;

/// A trace below this is let go: it would move nothing, and numbers near the smallest ones slow some processors down.
const FAINTEST: f32 = 1e-9;

/// What becomes of the trace of a state and action when it is visited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Trace {
    /// It grows by one.
    Accumulating,
    /// It becomes one (Singh and Sutton 1996).
    #[default]
    Replacing,
}

/// A SARSA(lambda) agent.
#[derive(Debug)]
pub struct SarsaLambda<'a> {
    config: TabularConfig,
    lambda: f32,
    trace: Trace,
    /// What it has learned.
    pub values: ActionValues<'a>,
    /// How much each of the values is to blame for what happens now; in the order of the values.
    pub traces: &'a mut [f32],
    /// How far it is.
    pub progress: Progress,
}

impl<'a> SarsaLambda<'a> {
    /// An agent that has seen nothing; `values` are its first opinions, `traces` is memory of as many numbers. A trace
    /// fades by `discount * lambda` a step: with a `lambda` of 0 this is SARSA.
    ///
    /// # Panics
    /// If the configuration has a [complaint](TabularConfig::complaint), `lambda` is not between 0 and 1 or the two
    /// memories have different lengths.
    pub fn new(
        config: TabularConfig,
        lambda: f32,
        trace: Trace,
        values: ActionValues<'a>,
        traces: &'a mut [f32],
    ) -> Self {
        config.assert_sound();
        assert!((0.0..=1.0).contains(&lambda), "lambda is between 0 and 1, not {lambda}");
        assert_eq!(traces.len(), values.all().len(), "a trace for every value");
        Self { config, lambda, trace, values, traces, progress: Progress::default() }
    }
}

impl Agent<u32> for SarsaLambda<'_> {
    fn start<R: Rng + ?Sized>(&mut self, observation: &[u32], rng: &mut R) -> u32 {
        self.traces.fill(0.0);
        self.config.act(&mut self.progress, state_of(observation), &self.values, rng)
    }

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
        let next_action = self.config.act(&mut self.progress, next_state, &self.values, rng);
        let next_value = self.values.value(next_state, next_action);
        let target = bellman::one_step(transition.reward, transition.discount, next_value);
        let error = target - self.values.value(transition.state, transition.action);

        let visited = self.values.index(transition.state, transition.action) as usize;
        match self.trace {
            Trace::Accumulating => self.traces[visited] += 1.0,
            Trace::Replacing => self.traces[visited] = 1.0,
        }
        let fade = transition.discount * self.lambda;
        for (value, trace) in self.values.all_mut().iter_mut().zip(self.traces.iter_mut()) {
            *value += step_size * error * *trace;
            *trace *= fade;
            if *trace < FAINTEST {
                *trace = 0.0;
            }
        }
        (!self.progress.ends_with(step)).then_some(next_action)
    }
}

impl TabularAgent for SarsaLambda<'_> {
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

    /// One action; state 0 twice and then state 1; discount 1, lambda 1/2, step size 1/2.
    #[test]
    fn errors_reach_back_and_the_two_traces_differ_where_a_state_returns() {
        let config = TabularConfig::constant(1.0, 0.5, 0.0);
        // First error 4: state 0 becomes 2, its trace 1/2. Second error 2 + 0 - 2 = 0, trace 1 or 3/2, then 1/2 or 3/4.
        // Third, from state 1, error 8: state 0 gets 8 / 2 times its trace, state 1 gets 4.
        for (trace, expected) in
            [(Trace::Replacing, [4.0, 4.0, 0.0]), (Trace::Accumulating, [5.0, 4.0, 0.0])]
        {
            let (mut memory, mut traces) = ([0.0; 3], [0.0; 3]);
            let values = ActionValues::new(&mut memory, 1);
            let mut agent = SarsaLambda::new(config, 0.5, trace, values, &mut traces);
            let rng = &mut stream(0, Role::Exploration);
            agent.start(&[0], rng);
            for (reward, next_state) in [(4.0, 0), (2.0, 1), (8.0, 2)] {
                agent.step(Step { reward, ending: None }, &[next_state], rng);
            }
            assert_eq!(agent.values.all(), expected, "{trace:?}");
        }
    }
}
