//! CliffWalking: walk along a cliff from one end to the other.
//!
//! | action | meaning |
//! |---|---|
//! | 0 | up |
//! | 1 | right |
//! | 2 | down |
//! | 3 | left |
//!
//! | observation | values |
//! |---|---|
//! | 0 cell | 0..48: 4 rows of 12 columns, row by row |
//!
//! Start: the lower left corner, cell 36. Reward: -1 each step, the last one included; -100 for a step over the
//! cliff (cells 37 to 46), which leads back to the start. End: the lower right corner, cell 47, terminates. There
//! is no time limit. On a slippery cliff a step goes where it should, or to either side, with a third each.
//!
//! Source: Sutton and Barto (2018), example 6.6, as in Gymnasium 1.4, draw for draw: one at the reset and one
//! each step, even where nothing is left to chance.

use crate::env::{Ending, Env, Step};
use crate::envs::finite::{FiniteModel, Outcome, draw};
use crate::rng::{Rng, random};
use crate::space::Space;

const ROWS: u32 = 4;
const COLUMNS: u32 = 12;
const START: u32 = 36;
const GOAL: u32 = 47;

/// The place on the cliff.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct CliffWalking {
    slippery: bool,
    cell: u32,
}

impl CliffWalking {
    /// A walker at the start; an episode begins with `reset`.
    pub const fn new(slippery: bool) -> Self {
        Self { slippery, cell: START }
    }

    /// The walker's cell.
    pub const fn agent(&self) -> u32 {
        self.cell
    }
}

/// The cell one step away, or `cell` itself at the edge.
const fn neighbour(cell: u32, direction: u32) -> u32 {
    let (row, column) = (cell / COLUMNS, cell % COLUMNS);
    match direction {
        0 if row > 0 => cell - COLUMNS,
        1 if column + 1 < COLUMNS => cell + 1,
        2 if row + 1 < ROWS => cell + COLUMNS,
        3 if column > 0 => cell - 1,
        _ => cell,
    }
}

impl FiniteModel for CliffWalking {
    fn state_count(&self) -> u32 {
        ROWS * COLUMNS
    }

    fn action_count(&self) -> u32 {
        4
    }

    fn outcomes(&self, state: u32, action: u32) -> impl Iterator<Item = Outcome> {
        assert!(state < ROWS * COLUMNS, "CliffWalking has 48 cells, none is number {state}");
        assert!(action < 4, "CliffWalking has the actions 0 to 3, not {action}");
        // To the left of the intended direction, there, and to its right.
        let (turns, probability) = if self.slippery { (3..6, 1.0 / 3.0) } else { (4..5, 1.0) };
        turns.map(move |turn| {
            let cell = neighbour(state, (action + turn) % 4);
            let fell = START < cell && cell < GOAL;
            Outcome {
                probability,
                next_state: if fell { START } else { cell },
                reward: if fell { -100.0 } else { -1.0 },
                terminated: cell == GOAL,
            }
        })
    }
}

impl Env for CliffWalking {
    type Action = u32;
    type Element = u32;

    fn action_space(&self) -> Space<'_> {
        Space::Discrete { n: self.action_count() }
    }

    fn observation_space(&self) -> Space<'_> {
        Space::Discrete { n: self.state_count() }
    }

    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [u32]) {
        // Gymnasium draws the only start there is.
        random(rng);
        self.cell = START;
        observation.copy_from_slice(&[self.cell]);
    }

    fn step<R: Rng + ?Sized>(&mut self, action: u32, rng: &mut R, observation: &mut [u32]) -> Step {
        let outcome = draw(self.outcomes(self.cell, action), rng);
        self.cell = outcome.next_state;
        observation.copy_from_slice(&[self.cell]);
        Step { reward: outcome.reward, ending: outcome.terminated.then_some(Ending::Terminated) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::NumpyGenerator;

    #[test]
    fn a_step_over_the_cliff_costs_a_hundred_and_leads_back() {
        let fall = Outcome { probability: 1.0, next_state: 36, reward: -100.0, terminated: false };
        assert!(CliffWalking::new(false).outcomes(36, 1).eq([fall]));
        assert!(CliffWalking::new(false).outcomes(25, 2).eq([fall]));
        let goal = Outcome { probability: 1.0, next_state: 47, reward: -1.0, terminated: true };
        assert!(CliffWalking::new(false).outcomes(35, 2).eq([goal]));
    }

    #[test]
    fn the_shortest_way_takes_thirteen_steps() {
        let (mut env, rng) = (CliffWalking::new(false), &mut NumpyGenerator::new(0));
        let mut observation = [0];
        env.reset(rng, &mut observation);
        let way = [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2];
        let mut total = 0.0;
        for (taken, action) in way.into_iter().enumerate() {
            let step = env.step(action, rng, &mut observation);
            total += step.reward;
            assert_eq!(step.ending.is_some(), taken == 12);
        }
        assert_eq!((total, observation), (-13.0, [47]));
    }
}
