//! Evaluation and improvement in one update: value iteration, on values of states or of actions.

use super::{Convergence, Planning, assert_length, best_update, expected_update, largest_or_zero};
use crate::envs::finite::FiniteModel;

/// Value iteration (section 4.4): sweeps in place over all states, from the `values` handed over.
/// [`greedy_policy`](super::greedy_policy) makes the policy of the result.
///
/// # Panics
/// If `values` has not one number a state.
pub fn value_iteration<M: FiniteModel>(
    model: &M,
    planning: &Planning,
    values: &mut [f64],
) -> Convergence {
    assert_length("values", values.len(), model.state_count());
    planning.converge(|| {
        let mut largest_change = 0.0f64;
        for state in 0..model.state_count() {
            let value = best_update(model, planning.discount, values, state);
            largest_change = largest_change.max((value - values[state as usize]).abs());
            values[state as usize] = value;
        }
        largest_change
    })
}

/// Writes the value of each action, given those of the states that follow.
///
/// # Panics
/// If `values` has not one number a state, or `q` not one a state and action.
pub fn action_values<M: FiniteModel>(model: &M, discount: f64, values: &[f64], q: &mut [f64]) {
    assert_length("values", values.len(), model.state_count());
    assert_length("q", q.len(), model.state_count() * model.action_count());
    for (state, row) in (0u32..).zip(q.chunks_exact_mut(model.action_count() as usize)) {
        for (action, q) in (0u32..).zip(row) {
            *q = expected_update(model, discount, values, state, action);
        }
    }
}

/// Value iteration on the values of actions: from zero, and minus infinity where an action is impossible, each sweep
/// computes all of `q` from all of the sweep before. After `n` sweeps `q` is worth what the best policy gets in `n`
/// steps. `record` is handed the number of each sweep, from 1, and what it computed; `values` is memory of a number a
/// state and holds each state's best value before the last sweep.
///
/// # Panics
/// If `values` has not one number a state, or `q` not one a state and action.
pub fn q_value_iteration<M: FiniteModel>(
    model: &M,
    planning: &Planning,
    values: &mut [f64],
    q: &mut [f64],
    mut record: impl FnMut(u32, &[f64]),
) -> Convergence {
    let actions = model.action_count() as usize;
    assert_length("values", values.len(), model.state_count());
    assert_length("q", q.len(), model.state_count() * model.action_count());
    for (state, row) in (0u32..).zip(q.chunks_exact_mut(actions)) {
        for (action, q) in (0u32..).zip(row) {
            *q = if model.is_possible(state, action) { 0.0 } else { f64::NEG_INFINITY };
        }
    }
    let mut sweep = 0;
    planning.converge(|| {
        for (value, row) in values.iter_mut().zip(q.chunks_exact(actions)) {
            *value = largest_or_zero(row.iter().copied());
        }
        let mut largest_change = 0.0f64;
        for (state, row) in (0u32..).zip(q.chunks_exact_mut(actions)) {
            for (action, q) in (0u32..).zip(row) {
                if *q > f64::NEG_INFINITY {
                    let update = expected_update(model, planning.discount, values, state, action);
                    largest_change = largest_change.max((update - *q).abs());
                    *q = update;
                }
            }
        }
        sweep += 1;
        record(sweep, q);
        largest_change
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envs::mdp::Mdp;

    /// One sweep gives the expected rewards: .7 * 10, 0, 0; 0, -50; .8 * 40. The second adds .9 times the best of them:
    /// 7 + .9 (.7 * 7 + .3 * 0) = 11.41 and so on.
    #[test]
    fn the_first_two_sweeps_are_the_ones_by_hand() {
        let (model, planning) = (Mdp::three_states(), Planning::with_discount(0.9));
        let (mut values, mut q) = ([0.0; 3], [0.0; 9]);
        let never = f64::NEG_INFINITY;
        let mut seen = 0;
        q_value_iteration(&model, &planning, &mut values, &mut q, |sweep, q| {
            let expected = match sweep {
                1 => [7.0, 0.0, 0.0, 0.0, never, -50.0, never, 32.0, never],
                2 => [11.41, 6.3, 5.04, 0.0, never, -21.2, never, 39.92, never],
                _ => return,
            };
            seen += 1;
            for (q, expected) in q.iter().zip(expected) {
                assert!(*q == expected || (q - expected).abs() < 1e-12, "{q} is not {expected}");
            }
        });
        assert_eq!(seen, 2);
    }
}
