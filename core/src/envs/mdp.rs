//! A Markov decision process from tables: the textbook case, every state and action written out.
//!
//! | action | meaning |
//! |---|---|
//! | 0..ACTIONS | as the tables say; some may be impossible in some states |
//!
//! | observation | values |
//! |---|---|
//! | 0 state | 0..STATES |
//!
//! Reward: by state, action and next state. Start: always the same state. End: none; put a
//! [`TimeLimit`](crate::env::TimeLimit) around it. One draw a step.

use crate::env::{Env, Step};
use crate::envs::finite::{FiniteModel, Outcome, TableError, check_row, draw};
use crate::rng::Rng;
use crate::space::Space;

/// By state and action, how likely each next state is; `None` where the action is impossible.
pub type Probabilities<const STATES: usize, const ACTIONS: usize> =
    [[Option<[f64; STATES]>; ACTIONS]; STATES];

/// The reward by state, action and next state.
pub type Rewards<const STATES: usize, const ACTIONS: usize> = [[[f64; STATES]; ACTIONS]; STATES];

/// The process, and the state it is in.
#[derive(Clone, Debug, PartialEq)]
pub struct Mdp<'a, const STATES: usize, const ACTIONS: usize> {
    probabilities: &'a Probabilities<STATES, ACTIONS>,
    rewards: &'a Rewards<STATES, ACTIONS>,
    start: u32,
    state: u32,
}

impl<'a, const STATES: usize, const ACTIONS: usize> Mdp<'a, STATES, ACTIONS> {
    /// A process that starts in the state `start`.
    ///
    /// # Errors
    /// If a row of `probabilities` is none, or there is no such state.
    pub fn new(
        probabilities: &'a Probabilities<STATES, ACTIONS>,
        rewards: &'a Rewards<STATES, ACTIONS>,
        start: u32,
    ) -> Result<Self, TableError> {
        if start as usize >= STATES {
            return Err(TableError::Start { start, states: STATES as u32 });
        }
        for (state, actions) in (0u32..).zip(probabilities) {
            actions.iter().flatten().try_for_each(|row| check_row(state, row))?;
        }
        Ok(Self { probabilities, rewards, start, state: start })
    }
}

impl Mdp<'static, 3, 3> {
    /// Three states, three actions: a small reward for staying, or a walk through a loss to a larger one.
    /// Source: Geron, Hands-On Machine Learning, chapter 18.
    ///
    /// | state | action | leads to | reward |
    /// |---|---|---|---|
    /// | 0 | 0 | 0 (.7), 1 (.3) | 10 for staying |
    /// | 0 | 1 | 0 | |
    /// | 0 | 2 | 0 (.8), 1 (.2) | |
    /// | 1 | 0 | 1 | |
    /// | 1 | 2 | 2 | -50 |
    /// | 2 | 1 | 0 (.8), 1 (.1), 2 (.1) | 40 for getting to 0 |
    pub const fn three_states() -> Self {
        const STAY: [f64; 3] = [0.0; 3];
        const PROBABILITIES: Probabilities<3, 3> = [
            [Some([0.7, 0.3, 0.0]), Some([1.0, 0.0, 0.0]), Some([0.8, 0.2, 0.0])],
            [Some([0.0, 1.0, 0.0]), None, Some([0.0, 0.0, 1.0])],
            [None, Some([0.8, 0.1, 0.1]), None],
        ];
        const REWARDS: Rewards<3, 3> = [
            [[10.0, 0.0, 0.0], STAY, STAY],
            [STAY, STAY, [0.0, 0.0, -50.0]],
            [STAY, [40.0, 0.0, 0.0], STAY],
        ];
        Self { probabilities: &PROBABILITIES, rewards: &REWARDS, start: 0, state: 0 }
    }
}

impl<const STATES: usize, const ACTIONS: usize> FiniteModel for Mdp<'_, STATES, ACTIONS> {
    fn state_count(&self) -> u32 {
        STATES as u32
    }

    fn action_count(&self) -> u32 {
        ACTIONS as u32
    }

    fn outcomes(&self, state: u32, action: u32) -> impl Iterator<Item = Outcome> {
        assert!((state as usize) < STATES, "the states are 0 to {}, not {state}", STATES - 1);
        assert!((action as usize) < ACTIONS, "the actions are 0 to {}, not {action}", ACTIONS - 1);
        let rewards = &self.rewards[state as usize][action as usize];
        let row = self.probabilities[state as usize][action as usize].iter().flatten();
        (0u32..).zip(row).zip(rewards).filter(|((_, probability), _)| **probability > 0.0).map(
            |((next_state, &probability), &reward)| Outcome {
                probability,
                next_state,
                reward,
                terminated: false,
            },
        )
    }
}

impl<const STATES: usize, const ACTIONS: usize> Env for Mdp<'_, STATES, ACTIONS> {
    type Action = u32;
    type Element = u32;

    fn action_space(&self) -> Space<'_> {
        Space::Discrete { n: self.action_count() }
    }

    fn observation_space(&self) -> Space<'_> {
        Space::Discrete { n: self.state_count() }
    }

    fn reset<R: Rng + ?Sized>(&mut self, _: &mut R, observation: &mut [u32]) {
        self.state = self.start;
        observation.copy_from_slice(&[self.state]);
    }

    /// # Panics
    /// Also if `action` is impossible in this state ([`FiniteModel::is_possible`] says so beforehand).
    fn step<R: Rng + ?Sized>(&mut self, action: u32, rng: &mut R, observation: &mut [u32]) -> Step {
        let state = self.state;
        assert!(self.is_possible(state, action), "action {action} is impossible in state {state}");
        let outcome = draw(self.outcomes(state, action), rng);
        self.state = outcome.next_state;
        observation.copy_from_slice(&[self.state]);
        Step { reward: outcome.reward, ending: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Value iteration with a discount of 0.9 gives the values that the book prints.
    #[test]
    fn three_states_have_the_values_of_the_book() {
        let mdp = Mdp::three_states();
        let worth = |state, action, best: &[f64; 3]| -> f64 {
            mdp.outcomes(state, action)
                .map(|o| o.probability * (o.reward + 0.9 * best[o.next_state as usize]))
                .sum()
        };
        let mut best = [0.0; 3];
        for _ in 0..200 {
            best = core::array::from_fn(|state| {
                let state = state as u32;
                (0..3)
                    .filter(|&action| mdp.is_possible(state, action))
                    .map(|action| worth(state, action, &best))
                    .fold(f64::NEG_INFINITY, f64::max)
            });
        }
        for (state, action, expected) in [
            (0, 0, 18.91891892),
            (0, 1, 17.02702702),
            (0, 2, 13.62162162),
            (1, 0, 0.0),
            (1, 2, -4.87971488),
            (2, 1, 50.13365013),
        ] {
            let value = worth(state, action, &best);
            assert!((value - expected).abs() < 1e-4, "Q({state}, {action}) = {value}");
        }
    }

    #[test]
    fn tables_that_are_none_are_refused() {
        let Mdp { probabilities, rewards, .. } = Mdp::three_states();
        assert_eq!(Mdp::new(probabilities, rewards, 0), Ok(Mdp::three_states()));
        let refused = |change: fn(&mut Probabilities<3, 3>)| {
            let mut wrong = *probabilities;
            change(&mut wrong);
            Mdp::new(&wrong, rewards, 0).unwrap_err()
        };
        assert_eq!(
            refused(|table| table[1][0] = Some([0.5, 0.0, 0.0])),
            TableError::Sum { state: 1, sum: 0.5 }
        );
        assert_eq!(
            refused(|table| table[2][1] = Some([2.0, -1.0, 0.0])),
            TableError::NotAProbability { state: 2, value: 2.0 }
        );
        assert_eq!(
            Mdp::new(probabilities, rewards, 3),
            Err(TableError::Start { start: 3, states: 3 })
        );
    }

    #[test]
    #[should_panic(expected = "action 1 is impossible in state 1")]
    fn an_impossible_action_is_refused() {
        let mut mdp = Mdp { state: 1, ..Mdp::three_states() };
        mdp.step(1, &mut crate::rng::NumpyGenerator::new(0), &mut [0]);
    }
}
