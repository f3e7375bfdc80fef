//! Rows of numbers into rows of probabilities, in place, and the gradient from those.
//!
//! ```text
//! forward    p[i]  = e^(x[i] - m) / sum over j of e^(x[j] - m)       m the largest x: no exponential overflows
//! backward   dx[i] = p[i] (dp[i] - sum over j of dp[j] p[j])
//! ```
//!
//! Sums run in the order of the row. To train with the logarithm of a softmax, leave this layer out and use
//! [`categorical_cross_entropy`](super::categorical_cross_entropy), which keeps its digits where a probability is
//! near zero. Choosing by the probabilities is not here: `policy/softmax.rs` samples.

use crate::math;

/// Replaces each row of `width` numbers by their softmax.
///
/// # Panics
/// If `width` is zero.
#[inline(always)]
pub fn forward(width: usize, values: &mut [f32]) {
    for row in values.chunks_exact_mut(width) {
        exponentials(row);
        let total = row.iter().fold(0.0, |sum, &e| sum + e);
        for p in row {
            *p /= total;
        }
    }
}

/// Replaces a row by `e^(x - m)`, m its largest number; returns m.
pub(super) fn exponentials(row: &mut [f32]) -> f32 {
    let largest = row.iter().fold(f32::NEG_INFINITY, |largest, &x| largest.max(x));
    for x in row {
        *x = math::exp_f32(*x - largest);
    }
    largest
}

/// Replaces `d`, the gradient with respect to `probabilities`, by the one with respect to what went in.
///
/// # Panics
/// If the lengths differ or `width` is zero.
#[inline(always)]
pub fn backward(width: usize, probabilities: &[f32], d: &mut [f32]) {
    assert_eq!(probabilities.len(), d.len(), "a gradient has a number an output");
    for (p, d) in probabilities.chunks_exact(width).zip(d.chunks_exact_mut(width)) {
        let mean = p.iter().zip(&*d).fold(0.0, |sum, (&p, &d)| sum + d * p);
        for (d, &p) in d.iter_mut().zip(p) {
            *d = p * (*d - mean);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_equal_logits_share_evenly_and_a_common_gradient_is_none() {
        let mut p = [1_000.0, 1_000.0, f32::NEG_INFINITY];
        forward(3, &mut p);
        assert_eq!(p, [0.5, 0.5, 0.0]);
        let mut d = [3.0, 1.0, 7.0];
        backward(3, &p, &mut d);
        assert_eq!(d, [0.5, -0.5, 0.0]);
    }
}
