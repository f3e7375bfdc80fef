//! What is learned of actions with several components where each has values of its own: one branch a component.
//!
//! ```text
//! legend  K branches; a_k the choice of branch k; B transitions, w[b] a weight, 1 where none are given
//!
//! target    y = reward + discount * 1/K sum over k of q'_k[argmax of the chooser's branch k]
//! loss      L = 1/B sum over b of w[b] 1/K sum over k of loss(y[b] - q_k[a_k])
//! error     1/K sum over k of |y - q_k[a_k]|
//! ```
//!
//! So there are as many values as choices added up, where the flattened form
//! ([`preprocess::number_of`](crate::preprocess::number_of)) has one for each combination: fewer to learn, and what a choice is
//! worth cannot depend on those beside it. Source: Tavakoli, Pardo and Kormushev (2018), "Action Branching Architectures for
//! Deep Reinforcement Learning": one target for all branches, the mean of theirs, and the mean of their losses; they add the
//! errors of a priority up, where this is the mean. Which layer makes values of combinations of them is `nn/joint_values.rs`'s business.

use crate::bellman;
use crate::nn::{Branches, Loss};
use crate::policy::greedy;

/// The target of all branches. With the same values twice it is Q-learning's, with those of two networks double
/// Q-learning's.
///
/// # Panics
/// If there are not as many values as choices.
pub fn target(
    branches: &Branches,
    reward: f32,
    discount: f32,
    next_q_chooser: &[f32],
    next_q: &[f32],
) -> f32 {
    let count = branches.value_count();
    assert!(next_q_chooser.len() == count && next_q.len() == count, "one value a choice");
    let (mut start, mut sum) = (0, 0.0);
    for choices in branches.counts() {
        let best = greedy(&next_q_chooser[start..start + choices]) as usize;
        sum += next_q[start + best];
        start += choices;
    }
    bellman::one_step(reward, discount, sum / branches.count() as f32)
}

/// The value of the combination with this number.
pub fn value_of(branches: &Branches, q: &[f32], number: u32) -> f32 {
    let sum = branches.places(number as usize).fold(0.0, |sum, place| sum + q[place]);
    sum / branches.count() as f32
}

/// The loss of `q` `[batch][values]` where combinations with the numbers `actions` were taken, against `targets` `[batch]`;
/// writes its gradient to `d_q` (the same shape) and the mean size of each transition's errors to `errors` `[batch]`.
///
/// # Panics
/// If a length does not fit the others or the batch is empty.
pub fn evaluate(
    loss: Loss,
    branches: &Branches,
    q: &[f32],
    actions: &[u32],
    targets: &[f32],
    weights: Option<&[f32]>,
    d_q: &mut [f32],
    errors: &mut [f32],
) -> f32 {
    let (batch, width) = (targets.len(), branches.value_count());
    assert!(batch > 0 && q.len() == batch * width, "q is [batch][values]");
    assert_eq!(d_q.len(), q.len(), "the gradient has a number a value");
    assert!(actions.len() == batch && errors.len() == batch, "an action and an error a target");
    assert!(weights.is_none_or(|weights| weights.len() == batch), "a weight a target");
    let (count, scale) = (branches.count() as f32, 1.0 / batch as f32);

    d_q.fill(0.0);
    let mut total = 0.0;
    for (b, (q, d_q)) in q.chunks_exact(width).zip(d_q.chunks_exact_mut(width)).enumerate() {
        let weight = weights.map_or(1.0, |weights| weights[b]);
        let (mut values, mut sizes) = (0.0, 0.0);
        for place in branches.places(actions[b] as usize) {
            let error = targets[b] - q[place];
            let (value, slope) = loss.of_error(error);
            d_q[place] = weight * scale * slope / count;
            values += value;
            sizes += error.abs();
        }
        errors[b] = sizes / count;
        total += weight * (values / count);
    }
    total * scale
}

#[cfg(test)]
mod tests {
    use super::*;

    fn branches() -> Branches {
        Branches::new(&[2, 3]).expect("two branches")
    }

    #[test]
    fn the_target_is_the_mean_of_the_branches_best() {
        let (online, target_network) = ([1.0, 3.0, 0.5, 0.25, 0.0], [4.0, 2.0, 6.0, 9.0, 9.0]);
        let target = |discount, values: &[f32]| target(&branches(), 1.0, discount, &online, values);
        assert_eq!(target(0.5, &online), 1.0 + 0.5 * (3.0 + 0.5) / 2.0);
        assert_eq!(target(0.5, &target_network), 1.0 + 0.5 * 8.0 / 2.0);
        assert_eq!(target(0.0, &target_network), 1.0);
    }

    /// Of the second transition the choices 1 and 0, worth 2 and 4: errors 1/2 and -3/2.
    #[test]
    fn the_loss_and_its_gradient_are_the_ones_by_hand() {
        let q = [0.0, 9.0, 9.0, 9.0, 1.0, 9.0, 2.0, 4.0, 9.0, 9.0];
        let (targets, weights) = ([1.0, 2.5], Some(&[1.0, 2.0][..]));
        let (mut d, mut errors) = ([7.0; 10], [7.0; 2]);
        let loss = evaluate(
            Loss::SquaredError,
            &branches(),
            &q,
            &[2, 3],
            &targets,
            weights,
            &mut d,
            &mut errors,
        );
        assert_eq!(errors, [0.5, 1.0]);
        assert_eq!(loss, (0.5 + 2.0 * 1.25) / 2.0);
        assert_eq!(d, [-0.5, 0.0, 0.0, 0.0, 0.0, 0.0, -0.5, 1.5, 0.0, 0.0]);
        assert_eq!(value_of(&branches(), &q[5..], 3), 3.0);
    }

    #[test]
    fn one_branch_is_the_loss_of_actions() {
        let one = Branches::new(&[3]).expect("one branch");
        let (q, actions, targets) = ([1.0, -2.0, 0.5, 3.0, 0.0, 1.5], [1, 2], [0.25, 1.0]);
        for loss in [Loss::Huber, Loss::SquaredError] {
            let (mut d, mut errors) = ([[7.0; 6]; 2], [[7.0; 2]; 2]);
            let [d_plain, d_branch] = &mut d;
            let [plain, branch] = &mut errors;
            let values = [
                loss.evaluate(&q, &actions, &targets, None, d_plain, plain),
                evaluate(loss, &one, &q, &actions, &targets, None, d_branch, branch),
            ];
            assert_eq!((values[0], d[0]), (values[1], d[1]));
            assert_eq!(errors[0].map(f32::abs), errors[1]);
        }
    }
}
