//! Learning targets: pure functions of numbers that tables, linear functions and networks call alike.
//!
//! Time is in the names: `reward` and `discount` belong to the step just made, `next_q` to the observation it led
//! to. `discount` is already zero where the task ended, so nothing here asks whether it did. No function here
//! knows a network or a table.

mod munchausen;

pub use munchausen::{Munchausen, SoftPolicy};

/// The backup of one step: `y = reward + discount * next_value`.
///
/// With the value of the action taken next it is SARSA's target, with the value of the next state that of TD(0),
/// with the return that followed it is the return (Sutton and Barto 2018, equations 6.7, 6.2 and 3.9).
#[inline]
pub fn one_step(reward: f32, discount: f32, next_value: f32) -> f32 {
    reward + discount * next_value
}

/// Expected SARSA: `y = reward + discount * sum_a probability(a) * next_q[a]`, summed in the order of the actions.
///
/// Van Seijen et al. (2009); Sutton and Barto (2018), equation 6.9. `probability` is the policy that is valued, which
/// need not be the one that acts. An action of probability zero may have any value, minus infinity included.
#[inline]
pub fn expected_sarsa(
    reward: f32,
    discount: f32,
    probability: impl Fn(u32) -> f32,
    next_q: &[f32],
) -> f32 {
    let mut expected = 0.0;
    for (action, &q) in (0u32..).zip(next_q) {
        let probability = probability(action);
        // Zero times an impossible action's minus infinity would be NaN.
        if probability > 0.0 {
            expected += probability * q;
        }
    }
    reward + discount * expected
}

/// Q-learning: `y = reward + discount * max_a next_q[a]`.
///
/// Watkins (1989); Sutton and Barto (2018), equation 6.8.
///
/// # Panics
/// If `next_q` is empty.
#[inline]
pub fn q_learning(reward: f32, discount: f32, next_q: &[f32]) -> f32 {
    reward + discount * next_q[crate::policy::greedy(next_q) as usize]
}

/// Double Q-learning: `y = reward + discount * next_q[argmax_a next_q_chooser[a]]`: one function chooses the
/// action, the other one values it.
///
/// van Hasselt, Guez and Silver (2016), equation 4: the chooser is the online network, the valuer the target
/// network.
///
/// # Panics
/// If the two have different lengths or are empty.
#[inline]
pub fn double_q_learning(
    reward: f32,
    discount: f32,
    next_q_chooser: &[f32],
    next_q: &[f32],
) -> f32 {
    assert_eq!(
        next_q_chooser.len(),
        next_q.len(),
        "double_q_learning: different numbers of actions"
    );
    reward + discount * next_q[crate::policy::greedy(next_q_chooser) as usize]
}

/// Moves `value` by the share `step_size` of the way to `target`: `v + step_size * (target - v)`.
///
/// Every table is learned by this line (Sutton and Barto 2018, equation 2.4).
#[inline]
pub fn move_toward(value: f32, step_size: f32, target: f32) -> f32 {
    value + step_size * (target - value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_step_adds_what_follows_at_a_discount() {
        assert_eq!(one_step(1.0, 0.5, 4.0), 3.0);
        assert_eq!(move_toward(2.0, 0.25, 6.0), 3.0);
    }

    #[test]
    fn expected_sarsa_weighs_by_the_policy_and_ignores_what_it_never_does() {
        let policy = [0.25, 0.75, 0.0];
        let next_q = [4.0, 8.0, f32::NEG_INFINITY];
        assert_eq!(expected_sarsa(1.0, 0.5, |action| policy[action as usize], &next_q), 4.5);
    }

    #[test]
    fn q_learning_takes_the_largest_next_value() {
        assert_eq!(q_learning(1.0, 0.5, &[2.0, -1.0, 4.0]), 3.0);
    }

    #[test]
    fn double_q_values_the_choosers_argmax() {
        assert_eq!(double_q_learning(1.0, 0.5, &[0.0, 9.0, 1.0], &[2.0, -6.0, 4.0]), -2.0);
    }

    #[test]
    fn a_zero_discount_leaves_the_reward() {
        assert_eq!(q_learning(-3.0, 0.0, &[1e30]), -3.0);
        assert_eq!(double_q_learning(-3.0, 0.0, &[1.0], &[1e30]), -3.0);
    }
}
