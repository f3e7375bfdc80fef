//! Planning: values and policies computed from the rules of a task, without a step taken in it.
//!
//! Everything here reads a [`FiniteModel`] and writes into the caller's slices: `values` has one number a state, `q` one
//! a state and action (state by state), `policy` one action a state. Numbers are `f64`: a plan is made once, on the
//! host or at leisure, and compared with closed forms; the tables that learn (`tabular`) are `f32`.
//! The value of an impossible action is minus infinity, that of a state without any possible action is zero.
//! Nothing here draws a random number. Source: Sutton and Barto (2018), chapter 4.

mod policy;
mod value;

pub use policy::{PolicyIteration, evaluate_policy, greedy_policy, policy_iteration};
pub use value::{action_values, q_value_iteration, value_iteration};

use crate::envs::finite::FiniteModel;

/// How far ahead a plan looks and how exact it is.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Planning {
    /// Factor between the values of two steps that follow each other, in `[0, 1]`.
    pub discount: f64,
    /// Sweeps end when none of the values changes by more than this.
    pub tolerance: f64,
    /// Sweeps end after this many at the latest. With a discount of 1 values may grow for ever.
    pub most_sweeps: u32,
}

impl Planning {
    /// With a discount, to twelve decimals.
    pub const fn with_discount(discount: f64) -> Self {
        Self { discount, tolerance: 1e-12, most_sweeps: 100_000 }
    }
}

/// How sweeps over all states went.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Convergence {
    /// How many there were.
    pub sweeps: u32,
    /// The largest change of a value in the last one.
    pub change: f64,
    /// Whether that is within the tolerance. If not, the sweeps were too few.
    pub converged: bool,
}

impl Planning {
    /// Calls `sweep`, which returns the largest change it made, until that is within the tolerance.
    fn converge(&self, mut sweep: impl FnMut() -> f64) -> Convergence {
        let mut convergence = Convergence { sweeps: 0, change: f64::INFINITY, converged: false };
        while !convergence.converged && convergence.sweeps < self.most_sweeps {
            convergence.change = sweep();
            convergence.converged = convergence.change <= self.tolerance;
            convergence.sweeps += 1;
        }
        convergence
    }
}

/// The expected update of one action: `sum p * (reward + discount * values[next state])` over its outcomes, in their
/// order, where nothing follows a termination; minus infinity if the action is impossible.
///
/// # Panics
/// If there is no such state or action, or `values` has fewer numbers than there are states.
pub fn expected_update<M: FiniteModel>(
    model: &M,
    discount: f64,
    values: &[f64],
    state: u32,
    action: u32,
) -> f64 {
    let mut expected = None;
    for outcome in model.outcomes(state, action) {
        let follows =
            if outcome.terminated { 0.0 } else { discount * values[outcome.next_state as usize] };
        let before = expected.unwrap_or(0.0);
        expected = Some(before + outcome.probability * (outcome.reward + follows));
    }
    expected.unwrap_or(f64::NEG_INFINITY)
}

/// The largest of the expected updates of a state; zero if nothing is possible there.
fn best_update<M: FiniteModel>(model: &M, discount: f64, values: &[f64], state: u32) -> f64 {
    largest_or_zero(
        (0..model.action_count()).map(|a| expected_update(model, discount, values, state, a)),
    )
}

/// The largest of the values of a state's actions, the first of equals; zero if all of them are impossible.
fn largest_or_zero(values: impl Iterator<Item = f64>) -> f64 {
    // `f64::max` leaves open which of 0.0 and -0.0 is the larger one.
    let larger = |best: f64, value: f64| if value > best { value } else { best };
    let best = values.fold(f64::NEG_INFINITY, larger);
    if best == f64::NEG_INFINITY { 0.0 } else { best }
}

fn assert_length(name: &str, length: usize, expected: u32) {
    assert_eq!(length, expected as usize, "{name} has {length} numbers instead of {expected}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envs::mdp::Mdp;

    /// From s0, a0: .7 (10 + .5 * 2) + .3 (.5 * 4) = 8.3.
    #[test]
    fn an_expected_update_weighs_what_can_happen() {
        let model = Mdp::three_states();
        let update = |state, action| expected_update(&model, 0.5, &[2.0, 4.0, 6.0], state, action);
        assert!((update(0, 0) - 8.3).abs() < 1e-12);
        assert!((update(1, 2) - -47.0).abs() < 1e-12);
        assert_eq!(update(2, 0), f64::NEG_INFINITY);
        assert_eq!(best_update(&model, 0.5, &[2.0, 4.0, 6.0], 1), 2.0);
    }
}
