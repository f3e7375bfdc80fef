//! Losses between probabilities: value and gradient in one pass.
//!
//! ```text
//! B batch; w[b] a weight, 1 where none are given (a return, in REINFORCE)
//! binary        L = -1/B sum over b of w (y ln p + (1 - y) ln(1 - p))        p in [0, 1], the output of a sigmoid
//!               dL/dp = w/B (p - y) / (p (1 - p))
//! categorical   L = -1/B sum over b of w sum over i of t[i] ln s[i]          s the softmax of the logits x
//!               dL/dx[i] = w/B (s[i] sum of t - t[i])
//! ```
//!
//! As PyTorch's `binary_cross_entropy` (logarithms cut off at -100, p (1 - p) at 1e-12) and `cross_entropy`. Sums
//! run in the order of their index.

use super::softmax::exponentials;
use crate::math;

/// The loss of `probabilities` `[batch]` against `targets` `[batch]` in `[0, 1]`; writes its gradient to
/// `d_probabilities`.
///
/// # Panics
/// If a length differs, or the batch is empty.
pub fn binary_cross_entropy(
    probabilities: &[f32],
    targets: &[f32],
    weights: Option<&[f32]>,
    d_probabilities: &mut [f32],
) -> f32 {
    let batch = targets.len();
    assert!(batch > 0, "a loss needs a batch");
    assert_eq!(probabilities.len(), batch, "a probability a target");
    assert_eq!(d_probabilities.len(), batch, "a gradient a target");
    assert!(weights.is_none_or(|weights| weights.len() == batch), "a weight a target");
    let scale = 1.0 / batch as f32;
    let mut total = 0.0;
    for (b, (&p, &y)) in probabilities.iter().zip(targets).enumerate() {
        let weight = weights.map_or(1.0, |weights| weights[b]);
        let value = y * cut_logarithm(p) + (1.0 - y) * cut_logarithm(1.0 - p);
        let variance = (p * (1.0 - p)).max(1e-12);
        d_probabilities[b] = weight * scale * ((p - y) / variance);
        total -= weight * value;
    }
    total * scale
}

fn cut_logarithm(x: f32) -> f32 {
    (math::ln(f64::from(x)) as f32).max(-100.0)
}

/// What the softmax of a row of logits should have been.
#[derive(Clone, Copy, Debug)]
pub enum Categories<'a> {
    /// One class a row, `[batch]`.
    Classes(&'a [u32]),
    /// A distribution a row, `[batch][classes]`.
    Distributions(&'a [f32]),
}

/// The loss of `logits` `[batch][classes]` against `targets`; writes its gradient to `d_logits`.
///
/// # Panics
/// If a length does not follow from the others, the batch is empty, or a class has no logit.
pub fn categorical_cross_entropy(
    logits: &[f32],
    classes: usize,
    targets: Categories<'_>,
    weights: Option<&[f32]>,
    d_logits: &mut [f32],
) -> f32 {
    assert!(
        !logits.is_empty() && logits.len().is_multiple_of(classes),
        "logits are [batch][classes]"
    );
    assert_eq!(d_logits.len(), logits.len(), "a gradient a logit");
    let batch = logits.len() / classes;
    assert!(weights.is_none_or(|weights| weights.len() == batch), "a weight a row");
    match targets {
        Categories::Classes(of_rows) => assert_eq!(of_rows.len(), batch, "a class a row"),
        Categories::Distributions(all) => assert_eq!(all.len(), logits.len(), "a target a logit"),
    }
    let scale = 1.0 / batch as f32;
    let mut total = 0.0;
    let rows = logits.chunks_exact(classes).zip(d_logits.chunks_exact_mut(classes));
    for (b, (x, d)) in rows.enumerate() {
        let weight = weights.map_or(1.0, |weights| weights[b]);
        let factor = weight * scale;
        let loss = match targets {
            Categories::Classes(of_rows) => {
                let class = of_rows[b] as usize;
                let (sum, shift) = exponentials_and_logarithm(x, d);
                for e in d.iter_mut() {
                    *e = factor * (*e / sum);
                }
                d[class] -= factor;
                shift - x[class]
            }
            Categories::Distributions(all) => {
                cross_entropy_of_row(x, &all[b * classes..][..classes], factor, d)
            }
        };
        total += weight * loss;
    }
    total * scale
}

/// The loss of one row of logits against the distribution `targets`; writes `factor` times its gradient.
///
/// # Panics
/// If the lengths differ.
pub fn cross_entropy_of_row(
    logits: &[f32],
    targets: &[f32],
    factor: f32,
    d_logits: &mut [f32],
) -> f32 {
    assert_eq!(logits.len(), targets.len(), "a target a logit");
    let (sum, shift) = exponentials_and_logarithm(logits, d_logits);
    // A class that is out of the question on both sides adds nothing.
    let terms = targets.iter().zip(logits).filter(|(t, _)| **t != 0.0);
    let value = terms.fold(0.0, |value, (&t, &x)| value + t * (x - shift));
    let of_targets = targets.iter().fold(0.0, |sum, &t| sum + t);
    for (e, &t) in d_logits.iter_mut().zip(targets) {
        *e = factor * (*e / sum * of_targets) - factor * t;
    }
    -value
}

/// Writes `e^(x - m)`, m the largest; returns their sum and what each logit is reduced by to become the logarithm of its
/// probability, which is exact where that itself would be zero: `ln s[i] = x[i] - m - ln(sum)`.
fn exponentials_and_logarithm(logits: &[f32], exponents: &mut [f32]) -> (f32, f32) {
    exponents.copy_from_slice(logits);
    let largest = exponentials(exponents);
    let sum = exponents.iter().fold(0.0, |sum, &e| sum + e);
    (sum, largest + math::ln(f64::from(sum)) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_gradients_are_the_ones_by_hand() {
        let mut d = [0.0; 2];
        let loss = binary_cross_entropy(&[0.5, 0.25], &[1.0, 0.0], Some(&[1.0, 3.0]), &mut d);
        assert!((loss - (2f32.ln() + 3.0 * (4f32 / 3.0).ln()) / 2.0).abs() < 1e-6, "{loss}");
        assert_eq!(d, [-1.0, 2.0]);

        let mut d = [0.0; 4];
        let (logits, classes) = ([0.0, 0.0, 1_000.0, 0.0], [0, 1]);
        let loss =
            categorical_cross_entropy(&logits, 2, Categories::Classes(&classes), None, &mut d);
        assert!((loss - (2f32.ln() + 1_000.0) / 2.0).abs() < 1e-4, "{loss}");
        assert_eq!(d, [-0.25, 0.25, 0.5, -0.5]);
        let targets = Categories::Distributions(&[1.0, 0.0, 0.0, 1.0]);
        let (same, before) = (categorical_cross_entropy(&logits, 2, targets, None, &mut d), loss);
        assert_eq!((same, d), (before, [-0.25, 0.25, 0.5, -0.5]));
    }

    #[test]
    fn certain_and_wrong_is_a_large_number_and_not_infinite() {
        let mut d = [0.0];
        assert_eq!(binary_cross_entropy(&[0.0], &[1.0], None, &mut d), 100.0);
        assert!(d[0].is_finite());
    }
}
