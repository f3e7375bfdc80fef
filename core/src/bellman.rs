//! Learning targets: pure functions of numbers that tables, linear functions and networks call alike.
//!
//! Time is in the names: `reward` and `discount` belong to the step just made, `next_q` to the observation it led
//! to. `discount` is already zero where the task ended, so nothing here asks whether it did. No function here
//! knows a network or a table.

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

#[cfg(test)]
mod tests {
    use super::*;

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
