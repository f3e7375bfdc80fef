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
