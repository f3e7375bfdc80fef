//! Clipping of gradients: all together by their Euclidean norm, as `torch.nn.utils.clip_grad_norm_`, or each by its
//! value, as `clip_grad_value_`.
//!
//! ```text
//! norm     norm = sqrt(sum of g g)          g = g min(1, maximum / (norm + 1e-6))
//! value    g = max(-maximum, min(maximum, g))
//! ```
//!
//! The norm is the one sum of the networks that runs over lanes. Its order is therefore fixed at sixteen partial sums, element
//! `i` going to sum `i mod 16`, which are then added from first to last: machines with one lane do the same.

use crate::math;
use pulp::{Scalar, Simd};

/// How many partial sums there are: the lanes of the widest vectors.
const PARTIAL_SUMS: usize = 16;

/// Scales `gradients` down to the norm `maximum` if theirs is larger; returns the norm that they had.
#[inline(always)]
pub fn clip_norm<S: Simd>(simd: S, maximum: f32, gradients: &mut [f32]) -> f32 {
    let mut partial = [0.0; PARTIAL_SUMS];
    let (blocks, rest) = gradients.as_chunks::<PARTIAL_SUMS>();
    add_squares(simd, blocks, &mut partial);
    for (sum, &g) in partial.iter_mut().zip(rest) {
        *sum += g * g;
    }
    let mut total = 0.0;
    for sum in partial {
        total += sum;
    }
    let norm = math::sqrt_f32(total);
    let factor = maximum / (norm + 1e-6);
    if factor < 1.0 {
        for g in gradients {
            *g *= factor;
        }
    }
    norm
}

/// Brings each of `gradients` into `[-maximum, maximum]`. A NaN stays one.
#[inline(always)]
pub fn clip_value<S: Simd>(simd: S, maximum: f32, gradients: &mut [f32]) {
    let (heads, tail) = S::as_mut_simd_f32s(gradients);
    clip_values(simd, maximum, heads);
    clip_values(Scalar, maximum, tail);
}

#[inline(always)]
fn clip_values<S: Simd>(simd: S, maximum: f32, gradients: &mut [S::f32s]) {
    let (largest, smallest) = (simd.splat_f32s(maximum), simd.splat_f32s(-maximum));
    for g in gradients {
        let below = simd.select_f32s(simd.less_than_f32s(largest, *g), largest, *g);
        *g = simd.select_f32s(simd.less_than_f32s(below, smallest), smallest, below);
    }
}

#[inline(always)]
fn add_squares<S: Simd>(
    simd: S,
    blocks: &[[f32; PARTIAL_SUMS]],
    partial: &mut [f32; PARTIAL_SUMS],
) {
    // As many of the vectors as sixteen numbers need stay in registers.
    let mut sums = [simd.splat_f32s(0.0); PARTIAL_SUMS];
    let used = PARTIAL_SUMS / S::F32_LANES;
    for block in blocks {
        for (sum, &g) in sums[..used].iter_mut().zip(S::as_simd_f32s(block).0) {
            *sum = simd.add_f32s(*sum, simd.mul_f32s(g, g));
        }
    }
    S::as_mut_simd_f32s(partial).0.copy_from_slice(&sums[..used]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulp::Scalar256b;

    #[test]
    fn a_long_gradient_is_shortened_and_a_short_one_is_not() {
        let mut gradients = [0.0; 21];
        (gradients[2], gradients[20]) = (3.0, -4.0);
        assert_eq!(clip_norm(Scalar, 5.0, &mut gradients.clone()), 5.0);
        assert_eq!(clip_norm(Scalar256b, 1.0, &mut gradients), 5.0);
        assert!((gradients[2] - 0.6).abs() < 1e-6 && (gradients[20] + 0.8).abs() < 1e-6);
        let before = gradients;
        assert!(clip_norm(Scalar256b, 2.0, &mut gradients) < 1.001);
        assert_eq!(gradients, before);
    }

    #[test]
    fn each_value_is_brought_into_the_range_and_a_nan_is_kept() {
        let mut gradients = [0.5, -3.0, 2.0, -0.0, 1.0, -1.0, 9.0, -0.25, 7.0, -7.0, f32::NAN];
        clip_value(Scalar256b, 1.0, &mut gradients);
        assert_eq!(gradients[..10], [0.5, -1.0, 1.0, -0.0, 1.0, -1.0, 1.0, -0.25, 1.0, -1.0]);
        assert!(gradients[10].is_nan());
    }
}
