//! Tasks with finitely many states, as planners see them: every outcome of an action with its probability.
//!
//! An environment that implements [`FiniteModel`] also draws its steps from it, so that what is planned with and
//! what is played are one thing. Planning itself is not here.

use crate::rng::{Rng, random};

/// One thing that an action can bring.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// How likely it is; those of one action sum to one.
    pub probability: f64,
    /// The state that follows.
    pub next_state: u32,
    /// The reward that comes with it.
    pub reward: f64,
    /// Whether the episode is over with it.
    pub terminated: bool,
}

/// The rules of a task with numbered states and actions.
pub trait FiniteModel {
    /// States are `0..state_count`.
    fn state_count(&self) -> u32;

    /// Actions are `0..action_count`.
    fn action_count(&self) -> u32;

    /// Everything that `action` can bring in `state`, in the order in which steps draw from it. Empty where the
    /// action is impossible.
    ///
    /// # Panics
    /// If there is no such state or action.
    fn outcomes(&self, state: u32, action: u32) -> impl Iterator<Item = Outcome>;

    /// Whether `action` can be taken in `state`.
    ///
    /// # Panics
    /// If there is no such state or action.
    fn is_possible(&self, state: u32, action: u32) -> bool {
        self.outcomes(state, action).next().is_some()
    }
}

/// Why a table is not a table of probabilities.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum TableError {
    /// A row holds something that is not a probability.
    NotAProbability {
        /// The state whose row it is.
        state: u32,
        /// What stands there.
        value: f64,
    },
    /// The probabilities of a row do not sum to one.
    Sum {
        /// The state whose row it is.
        state: u32,
        /// What they sum to.
        sum: f64,
    },
    /// The state to start in is not in the table.
    Start {
        /// The state asked for.
        start: u32,
        /// How many there are.
        states: u32,
    },
}

impl core::fmt::Display for TableError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NotAProbability { state, value } => {
                write!(f, "a row of state {state} holds {value}, which is not a probability")
            }
            Self::Sum { state, sum } => {
                write!(f, "the probabilities of a row of state {state} sum to {sum} instead of 1")
            }
            Self::Start { start, states } => {
                write!(f, "state {start} cannot be the start: the states are 0 to {}", states - 1)
            }
        }
    }
}

impl core::error::Error for TableError {}

/// Checks one row of probabilities of `state`; sums may be off by what decimal fractions lose in binary.
pub(super) fn check_row(state: u32, row: &[f64]) -> Result<(), TableError> {
    if let Some(&value) = row.iter().find(|value| !(0.0..=1.0).contains(*value)) {
        return Err(TableError::NotAProbability { state, value });
    }
    let sum = row.iter().sum::<f64>();
    if (sum - 1.0).abs() < 1e-9 { Ok(()) } else { Err(TableError::Sum { state, sum }) }
}

/// The first outcome whose cumulative probability exceeds one draw; the first of all where rounding leaves none.
/// The same draw and the same sums as Gymnasium's `categorical_sample`.
///
/// # Panics
/// If there are no outcomes.
pub(super) fn draw<R: Rng + ?Sized>(
    outcomes: impl Iterator<Item = Outcome>,
    rng: &mut R,
) -> Outcome {
    let drawn = random(rng);
    let mut cumulative = 0.0;
    let mut first = None;
    for outcome in outcomes {
        cumulative += outcome.probability;
        if cumulative > drawn {
            return outcome;
        }
        first.get_or_insert(outcome);
    }
    let Some(first) = first else { panic!("an action that can be taken has outcomes") };
    first
}
