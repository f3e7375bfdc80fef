//! What the outputs of a policy network say about actions, without room for their probabilities.
//!
//! ```text
//! one output x       two actions; action 1 has the probability 1 / (1 + e^-x): a sigmoid, left out of the network
//! several outputs    one action each, with the probabilities of their softmax, left out likewise
//! surprise(a)      = -ln p(a)        its gradient: p - [the action is 1], or p[i] - [i is a]
//! ```
//!
//! Both are one form: a sigmoid is the softmax of `0` and `x`. Surprise is what imitation and policy gradients lower.

use super::{greedy, sample};
use crate::math;
use crate::rng::Rng;

/// How many actions a network with so many outputs chooses among.
pub const fn action_count(outputs: usize) -> u32 {
    if outputs == 1 { 2 } else { outputs as u32 }
}

/// The likeliest action, the first of equals.
///
/// # Panics
/// If there is no output.
#[inline]
pub fn greedy_of_logits(logits: &[f32]) -> u32 {
    match *logits {
        [x] => u32::from(x > 0.0),
        _ => greedy(logits),
    }
}

/// An action as likely as the outputs say; one draw.
///
/// # Panics
/// If there is no output, or they are not numbers.
#[inline]
pub fn sample_logits<R: Rng + ?Sized>(rng: &mut R, logits: &[f32]) -> u32 {
    if let [x] = *logits {
        let p = sigmoid(x);
        return sample(rng, 2, |action| if action == 1 { p } else { 1.0 - p });
    }
    let (largest, total) = normaliser(logits);
    let probability = |action: u32| math::exp_f32(logits[action as usize] - largest) / total;
    sample(rng, logits.len() as u32, probability)
}

/// The surprise at `action`; writes its gradient times `weight` to `d_logits`.
///
/// # Panics
/// If the lengths differ or there is no such action.
#[inline]
pub fn surprise(logits: &[f32], action: u32, weight: f32, d_logits: &mut [f32]) -> f32 {
    assert_eq!(logits.len(), d_logits.len(), "a gradient a logit");
    assert!(action < action_count(logits.len()), "there is no action {action}");
    if let [x] = *logits {
        let (target, signed) = if action == 1 { (1.0, x) } else { (0.0, -x) };
        d_logits[0] = weight * (sigmoid(x) - target);
        // ln(1 + e^-s) without an exponential that overflows.
        let tail = math::ln(1.0 + f64::from(math::exp_f32(-signed.abs()))) as f32;
        return tail - signed.min(0.0);
    }
    let (largest, total) = normaliser(logits);
    for (d, &x) in d_logits.iter_mut().zip(logits) {
        *d = weight * (math::exp_f32(x - largest) / total);
    }
    d_logits[action as usize] -= weight;
    math::ln(f64::from(total)) as f32 - (logits[action as usize] - largest)
}

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + math::exp_f32(-x))
}

/// The largest logit, and the sum of the exponentials of what each is above it.
fn normaliser(logits: &[f32]) -> (f32, f32) {
    let largest = logits.iter().fold(f32::NEG_INFINITY, |largest, &x| largest.max(x));
    let total = logits.iter().fold(0.0, |sum, &x| sum + math::exp_f32(x - largest));
    (largest, total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Role, stream};

    #[test]
    fn one_output_is_the_softmax_of_zero_and_itself() {
        for (x, action) in [(0.0, 0), (1.5, 1), (-1.5, 1), (2.0, 0)] {
            let (mut d_one, mut d_two) = ([0.0], [0.0; 2]);
            let one = surprise(&[x], action, 3.0, &mut d_one);
            let two = surprise(&[0.0, x], action, 3.0, &mut d_two);
            assert!((one - two).abs() < 1e-6 && (d_one[0] - d_two[1]).abs() < 1e-6, "{x} {action}");
            assert_eq!(greedy_of_logits(&[x]), greedy_of_logits(&[0.0, x]));
        }
        assert_eq!((action_count(1), action_count(4)), (2, 4));
    }

    #[test]
    fn surprise_and_its_gradient_are_the_ones_by_hand() {
        let mut d = [0.0; 2];
        assert_eq!(surprise(&[0.0, 0.0], 1, 2.0, &mut d), 2f32.ln());
        assert_eq!(d, [1.0, -1.0]);
        let mut d = [0.0];
        assert_eq!(surprise(&[-1_000.0], 1, 1.0, &mut d), 1_000.0);
        assert_eq!(d, [-1.0]);
        assert_eq!(surprise(&[1_000.0], 1, 1.0, &mut d), 0.0);
    }

    #[test]
    fn samples_come_as_often_as_the_logits_say() {
        let rng = &mut stream(1, Role::Exploration);
        let ones = (0..20_000).filter(|_| sample_logits(rng, &[1.0986123]) == 1).count();
        assert!((14_700..15_300).contains(&ones), "{ones} of 20,000 at 3 to 1");
        let twos = (0..20_000)
            .filter(|_| sample_logits(rng, &[0.0, 0.0, core::f32::consts::LN_2]) == 2)
            .count();
        assert!((9_700..10_300).contains(&twos), "{twos} of 20,000 at 2 to 1 to 1");
    }
}
