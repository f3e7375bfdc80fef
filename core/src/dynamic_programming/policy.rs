//! What a policy is worth, which one is better, and the two in turn until nothing is: policy iteration.

use super::{Convergence, Planning, assert_length, expected_update};
use crate::envs::finite::FiniteModel;

/// Actions whose values differ by less are equally good. Rounding alone makes differences far below it.
const TIE: f64 = 1e-9;

/// Iterative policy evaluation (section 4.1): sweeps in place over all states, from the `values` handed over. `policy`
/// says how likely an action is taken in a state.
///
/// # Panics
/// If `values` has not one number a state.
pub fn evaluate_policy<M: FiniteModel>(
    model: &M,
    policy: impl Fn(u32, u32) -> f64,
    planning: &Planning,
    values: &mut [f64],
) -> Convergence {
    assert_length("values", values.len(), model.state_count());
    planning.converge(|| {
        let mut largest_change = 0.0f64;
        for state in 0..model.state_count() {
            let mut value = 0.0;
            for action in 0..model.action_count() {
                let probability = policy(state, action);
                if probability > 0.0 && model.is_possible(state, action) {
                    let update = expected_update(model, planning.discount, values, state, action);
                    value += probability * update;
                }
            }
            largest_change = largest_change.max((value - values[state as usize]).abs());
            values[state as usize] = value;
        }
        largest_change
    })
}

/// Greedy improvement (section 4.2): writes the best action of each state, the first of equally good ones, and action
/// 0 where nothing is possible. Whether any action changed.
///
/// # Panics
/// If `values` or `policy` has not one number a state.
pub fn greedy_policy<M: FiniteModel>(
    model: &M,
    discount: f64,
    values: &[f64],
    policy: &mut [u32],
) -> bool {
    assert_length("values", values.len(), model.state_count());
    assert_length("policy", policy.len(), model.state_count());
    let mut changed = false;
    for (state, chosen) in (0u32..).zip(policy) {
        let (mut best, mut highest) = (0, f64::NEG_INFINITY);
        for action in 0..model.action_count() {
            let update = expected_update(model, discount, values, state, action);
            if update > highest + TIE {
                (best, highest) = (action, update);
            }
        }
        changed |= *chosen != best;
        *chosen = best;
    }
    changed
}

/// How policy iteration went.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PolicyIteration {
    /// How many policies were evaluated; the last one could not be improved.
    pub policies: u32,
    /// Sweeps over all states, of all evaluations together.
    pub sweeps: u32,
    /// Whether the last policy is the best and its values are within the tolerance.
    pub converged: bool,
}

/// Policy iteration (section 4.3): from the greedy policy of the `values` handed over to the best one and its values.
///
/// Ties go to the first action each time, so that equally good policies cannot take turns for ever.
///
/// # Panics
/// If `values` or `policy` has not one number a state.
pub fn policy_iteration<M: FiniteModel>(
    model: &M,
    planning: &Planning,
    values: &mut [f64],
    policy: &mut [u32],
) -> PolicyIteration {
    greedy_policy(model, planning.discount, values, policy);
    let mut iteration = PolicyIteration { policies: 0, sweeps: 0, converged: false };
    let mut evaluated = true;
    while evaluated && !iteration.converged && iteration.sweeps < planning.most_sweeps {
        let follows = |state: u32, action| f64::from(u8::from(policy[state as usize] == action));
        let convergence = evaluate_policy(model, follows, planning, values);
        iteration.policies += 1;
        iteration.sweeps += convergence.sweeps;
        evaluated = convergence.converged;
        let changed = greedy_policy(model, planning.discount, values, policy);
        iteration.converged = evaluated && !changed;
    }
    iteration
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envs::mdp::Mdp;

    /// Always staying in s1 and leaving s2: V(1) = 0, V(2) = .8 (40 + .9 V(0)) + .09 V(2) and V(0) = .7 (10 + .9 V(0))
    /// are the book's 18.9189.. and 50.1336.. .
    #[test]
    fn the_values_of_a_policy_solve_its_equations() {
        let (model, planning) = (Mdp::three_states(), Planning::with_discount(0.9));
        let (policy, mut values) = ([0, 0, 1], [0.0; 3]);
        let follows = |state: u32, action| f64::from(u8::from(policy[state as usize] == action));
        assert!(evaluate_policy(&model, follows, &planning, &mut values).converged);
        let first = 7.0 / (1.0 - 0.63);
        let third = 0.8 * (40.0 + 0.9 * first) / (1.0 - 0.09);
        for (value, expected) in values.iter().zip([first, 0.0, third]) {
            assert!((value - expected).abs() < 1e-9, "{values:?}");
        }
        let mut improved = policy;
        assert!(!greedy_policy(&model, 0.9, &values, &mut improved));
        assert_eq!(improved, policy);
    }

    #[test]
    fn too_few_sweeps_are_said_to_be_too_few() {
        let model = Mdp::three_states();
        let planning = Planning { most_sweeps: 3, ..Planning::with_discount(0.9) };
        let (mut values, mut policy) = ([0.0; 3], [0; 3]);
        let iteration = policy_iteration(&model, &planning, &mut values, &mut policy);
        assert_eq!((iteration.sweeps, iteration.converged), (3, false));
    }
}
