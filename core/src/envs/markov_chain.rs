//! A Markov chain: states that follow each other by chance, with nothing to decide.
//!
//! | action | meaning |
//! |---|---|
//! | 0 | let it go on |
//!
//! | observation | values |
//! |---|---|
//! | 0 state | 0..STATES |
//!
//! Reward: 0, always. Start: always the same state. End: entering a state that nothing leaves terminates. One draw
//! a step.

use crate::env::{Ending, Env, Step};
use crate::envs::finite::{FiniteModel, Outcome, TableError, check_row, draw};
use crate::rng::Rng;
use crate::space::Space;

/// The chain, and the state it is in.
#[derive(Clone, Debug, PartialEq)]
pub struct MarkovChain<'a, const STATES: usize> {
    rows: &'a [[f64; STATES]; STATES],
    start: u32,
    state: u32,
}

impl<'a, const STATES: usize> MarkovChain<'a, STATES> {
    /// A chain that goes from state `s` to state `t` with the probability `rows[s][t]` and starts in `start`.
    ///
    /// # Errors
    /// If a row holds no probabilities, or there is no such state.
    pub fn new(rows: &'a [[f64; STATES]; STATES], start: u32) -> Result<Self, TableError> {
        if start as usize >= STATES {
            return Err(TableError::Start { start, states: STATES as u32 });
        }
        (0u32..).zip(rows).try_for_each(|(state, row)| check_row(state, row))?;
        Ok(Self { rows, start, state: start })
    }
}

impl MarkovChain<'static, 4> {
    /// Four states, of which the last ends the chain. Source: Geron, Hands-On Machine Learning, chapter 18.
    pub const fn four_states() -> Self {
        const ROWS: [[f64; 4]; 4] = [
            [0.7, 0.2, 0.0, 0.1],
            [0.0, 0.0, 0.9, 0.1],
            [0.0, 1.0, 0.0, 0.0],
            [0.0, 0.0, 0.0, 1.0],
        ];
        Self { rows: &ROWS, start: 0, state: 0 }
    }
}

impl<const STATES: usize> FiniteModel for MarkovChain<'_, STATES> {
    fn state_count(&self) -> u32 {
        STATES as u32
    }

    fn action_count(&self) -> u32 {
        1
    }

    fn outcomes(&self, state: u32, action: u32) -> impl Iterator<Item = Outcome> {
        assert!((state as usize) < STATES, "the states are 0 to {}, not {state}", STATES - 1);
        assert!(action == 0, "a Markov chain has the action 0 alone, not {action}");
        let row = (0u32..).zip(&self.rows[state as usize]);
        row.filter(|(_, probability)| **probability > 0.0).map(|(next_state, &probability)| {
            Outcome {
                probability,
                next_state,
                reward: 0.0,
                terminated: self.rows[next_state as usize][next_state as usize] == 1.0,
            }
        })
    }
}

impl<const STATES: usize> Env for MarkovChain<'_, STATES> {
    type Action = u32;
    type Element = u32;

    fn action_space(&self) -> Space<'_> {
        Space::Discrete { n: 1 }
    }

    fn observation_space(&self) -> Space<'_> {
        Space::Discrete { n: self.state_count() }
    }

    fn reset<R: Rng + ?Sized>(&mut self, _: &mut R, observation: &mut [u32]) {
        self.state = self.start;
        observation.copy_from_slice(&[self.state]);
    }

    fn step<R: Rng + ?Sized>(&mut self, action: u32, rng: &mut R, observation: &mut [u32]) -> Step {
        let outcome = draw(self.outcomes(self.state, action), rng);
        self.state = outcome.next_state;
        observation.copy_from_slice(&[self.state]);
        Step { reward: 0.0, ending: outcome.terminated.then_some(Ending::Terminated) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Generator, SeedableRng};

    /// From state 0 the mean length m0 solves m0 = 1 + .7 m0 + .2 m1, m1 = 1 + .9 m2, m2 = 1 + m1: m1 = 19 and
    /// m0 = 16.
    #[test]
    fn four_states_take_sixteen_steps_on_average() {
        let (mut chain, rng) = (MarkovChain::four_states(), &mut Generator::seed_from_u64(1));
        let (mut steps, mut state) = (0, [0]);
        for _ in 0..20_000 {
            chain.reset(rng, &mut state);
            steps += 1;
            while chain.step(0, rng, &mut state).ending.is_none() {
                steps += 1;
            }
            assert_eq!(state, [3]);
        }
        let mean = f64::from(steps) / 20_000.0;
        assert!((mean - 16.0).abs() < 0.5, "{mean}");
    }

    #[test]
    fn rows_that_are_none_are_refused() {
        let four = MarkovChain::four_states();
        assert_eq!(MarkovChain::new(four.rows, 0), Ok(four));
        assert_eq!(
            MarkovChain::new(&[[0.5, 0.4], [0.0, 1.0]], 0),
            Err(TableError::Sum { state: 0, sum: 0.9 })
        );
        assert!(MarkovChain::new(&[[f64::NAN]], 0).is_err());
    }
}
