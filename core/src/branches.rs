//! Actions of several components, each with its own Q-values: one branch a component of a network's output.
//!
//! With `counts = [2, 3]` the five values are `[q_0(0), q_0(1), q_1(0), q_1(1), q_1(2)]`. Each component is chosen by
//! itself, so there are as many values as choices added up, not multiplied; the flattened form has a value for every
//! combination ([`preprocess::number_of`](crate::preprocess::number_of)). Source: Tavakoli, Pardo and Kormushev (2018),
//! "Action Branching Architectures for Deep Reinforcement Learning", whose one target for all branches this is.

use crate::bellman;
use crate::policy::greedy;

/// How many values all branches have together.
pub fn value_count(counts: &[u32]) -> usize {
    counts.iter().map(|&count| count as usize).sum()
}

/// The best choice of every branch, the first of equals.
///
/// # Panics
/// If the lengths do not go together.
pub fn greedy_action(counts: &[u32], q: &[f32], action: &mut [u32]) {
    assert_eq!(counts.len(), action.len(), "one component a branch");
    for (component, branch) in action.iter_mut().zip(branches(counts, q)) {
        *component = greedy(branch);
    }
}

/// The target of all branches: `y = reward + discount * mean_b next_q_b[argmax next_q_chooser_b]`, summed in the order
/// of the branches. With the same values twice it is Q-learning's, with those of two networks double Q-learning's.
///
/// # Panics
/// If the lengths do not go together or there is no branch.
pub fn target(
    counts: &[u32],
    reward: f32,
    discount: f32,
    next_q_chooser: &[f32],
    next_q: &[f32],
) -> f32 {
    assert!(!counts.is_empty(), "an action has at least one component");
    let pairs = branches(counts, next_q_chooser).zip(branches(counts, next_q));
    let sum = pairs.fold(0.0, |sum, (chooser, values)| sum + values[greedy(chooser) as usize]);
    bellman::one_step(reward, discount, sum / counts.len() as f32)
}

/// The values of each branch.
fn branches<'a>(counts: &'a [u32], q: &'a [f32]) -> impl Iterator<Item = &'a [f32]> {
    assert_eq!(value_count(counts), q.len(), "one value a choice");
    let mut start = 0;
    counts.iter().map(move |&count| {
        let branch = &q[start..start + count as usize];
        start += count as usize;
        branch
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNTS: [u32; 2] = [2, 3];

    #[test]
    fn each_branch_has_its_own_best() {
        let mut action = [9; 2];
        greedy_action(&COUNTS, &[1.0, 3.0, 0.5, 0.25, 0.5], &mut action);
        assert_eq!(action, [1, 0]);
        assert_eq!(value_count(&[2, 2, 2, 2]), 8);
    }

    #[test]
    fn the_target_is_the_mean_of_the_branches_best() {
        let (online, target_network) = ([1.0, 3.0, 0.5, 0.25, 0.0], [4.0, 2.0, 6.0, 9.0, 9.0]);
        assert_eq!(target(&COUNTS, 1.0, 0.5, &online, &online), 1.0 + 0.5 * (3.0 + 0.5) / 2.0);
        assert_eq!(target(&COUNTS, 1.0, 0.5, &online, &target_network), 1.0 + 0.5 * 8.0 / 2.0);
        assert_eq!(target(&COUNTS, 1.0, 0.0, &online, &target_network), 1.0);
    }
}
