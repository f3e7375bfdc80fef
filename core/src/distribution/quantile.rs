//! Values of fixed probabilities: quantile regression (Dabney, Rowland, Bellemare and Munos, 2018).
//!
//! ```text
//! v[i] the value below which a share f[i] of the returns is meant to lie, i < N; y[j] targets, j < M; u = y[j] - v[i]
//! H(u) = |u| <= 1 ? u^2 / 2 : |u| - 1/2
//! loss   L     = 1/M sum over i of sum over j of |f[i] - (u < 0 ? 1 : 0)| H(u)        (equation 10, kappa 1)
//!        dv[i] = -1/M sum over j of |f[i] - (u < 0 ? 1 : 0)| clamp(u, -1, 1)
//! ```
//!
//! Sums run in the order of their index, lanes across i. A target is `bellman::one_step` of each quantile that follows.
//! Where the fractions are drawn and a network is asked about them, that is the loss of implicit quantile networks (Dabney,
//! Ostrovski, Silver and Munos, 2018, equation 3).

pub use crate::nn::midpoint;
use crate::rng::Rng;
use pulp::{Scalar, Simd};

/// Draws fractions, each of the multiples of 2^-24 in `[0, 1)` as likely: one `u32` a draw.
pub fn draw<R: Rng + ?Sized>(rng: &mut R, fractions: &mut [f32]) {
    for fraction in fractions {
        *fraction = (rng.next_u32() >> 8) as f32 * (1.0 / 16_777_216.0);
    }
}

/// The loss of `values` `[N]` with these `fractions` `[N]` against `targets` `[M]`; writes `factor` times its gradient to
/// `d_values` `[N]` and the part of each value to `losses` `[N]`.
///
/// # Panics
/// If a slice's length does not follow from the others, or there is no target.
#[inline(always)]
pub fn huber<S: Simd>(
    simd: S,
    values: &[f32],
    fractions: &[f32],
    targets: &[f32],
    factor: f32,
    losses: &mut [f32],
    d_values: &mut [f32],
) -> f32 {
    let count = values.len();
    assert!(!targets.is_empty(), "a loss needs a target");
    assert!(
        fractions.len() == count && losses.len() == count && d_values.len() == count,
        "a fraction, a loss and a gradient a value"
    );
    let share = 1.0 / targets.len() as f32;
    let (values, values_tail) = S::as_simd_f32s(values);
    let (fractions, fractions_tail) = S::as_simd_f32s(fractions);
    let (loss_heads, losses_tail) = S::as_mut_simd_f32s(&mut *losses);
    let (d_heads, d_tail) = S::as_mut_simd_f32s(d_values);
    huber_of_vectors(simd, values, fractions, targets, share, factor, loss_heads, d_heads);
    huber_of_vectors(
        Scalar,
        values_tail,
        fractions_tail,
        targets,
        share,
        factor,
        losses_tail,
        d_tail,
    );
    losses.iter().fold(0.0, |sum, &loss| sum + loss)
}

#[inline(always)]
fn huber_of_vectors<S: Simd>(
    simd: S,
    values: &[S::f32s],
    fractions: &[S::f32s],
    targets: &[f32],
    share: f32,
    factor: f32,
    losses: &mut [S::f32s],
    d_values: &mut [S::f32s],
) {
    let [zero, half, one, minus_one] = [0.0, 0.5, 1.0, -1.0].map(|x| simd.splat_f32s(x));
    let (shares, factors) = (simd.splat_f32s(share), simd.splat_f32s(-(factor * share)));
    let rows = values.iter().zip(fractions).zip(losses).zip(d_values);
    for (((&value, &fraction), loss), d_value) in rows {
        let rest = simd.sub_f32s(one, fraction);
        let (mut sum, mut slopes) = (zero, zero);
        for &target in targets {
            let u = simd.sub_f32s(simd.splat_f32s(target), value);
            let below = simd.less_than_f32s(u, zero);
            let weight = simd.select_f32s(below, rest, fraction);
            let size = simd.abs_f32s(u);
            // Asked this way round, a NaN stays one.
            let far = simd.less_than_f32s(one, size);
            let near_value = simd.mul_f32s(half, simd.mul_f32s(u, u));
            let h = simd.select_f32s(far, simd.sub_f32s(size, half), near_value);
            let slope = simd.select_f32s(far, simd.select_f32s(below, minus_one, one), u);
            sum = simd.add_f32s(sum, simd.mul_f32s(weight, h));
            slopes = simd.add_f32s(slopes, simd.mul_f32s(weight, slope));
        }
        *loss = simd.mul_f32s(shares, sum);
        *d_value = simd.mul_f32s(factors, slopes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::SeedableRng;

    /// One value 0 with the fraction 1/4 against 0.5, 3 and -2: weights 1/4, 1/4, 3/4.
    #[test]
    fn value_and_gradient_are_the_ones_by_hand() {
        let (mut losses, mut d) = ([7.0], [7.0]);
        let loss = huber(Scalar, &[0.0], &[0.25], &[0.5, 3.0, -2.0], 6.0, &mut losses, &mut d);
        let expected = (0.25 * 0.125 + 0.25 * 2.5 + 0.75 * 1.5) / 3.0;
        assert!((loss - expected).abs() < 1e-6, "{loss}");
        // -6/3 (0.125 + 0.25 - 0.75)
        assert_eq!(d, [0.75]);
    }

    #[test]
    fn every_value_is_weighed_by_its_own_fraction() {
        let fractions = [0, 1].map(|index| midpoint(index, 2));
        assert_eq!(fractions, [0.25, 0.75]);
        let (mut losses, mut d) = ([0.0; 2], [0.0; 2]);
        let loss = huber(Scalar, &[0.0, 4.0], &fractions, &[2.0], 1.0, &mut losses, &mut d);
        assert_eq!((losses, d, loss), ([0.375, 0.375], [-0.25, 0.25], 0.75));
    }

    #[test]
    fn drawn_fractions_are_even_and_below_one() {
        let mut fractions = [7.0; 10_000];
        draw(&mut crate::rng::Generator::seed_from_u64(1), &mut fractions);
        assert!(fractions.iter().all(|fraction| (0.0..1.0).contains(fraction)));
        let mut parts = [0; 10];
        fractions.iter().for_each(|fraction| parts[(fraction * 10.0) as usize] += 1);
        assert!(parts.iter().all(|part| (900..1_100).contains(part)), "{parts:?}");
    }

    #[test]
    fn a_value_that_is_no_number_is_noticed() {
        let (mut losses, mut d) = ([0.0], [0.0]);
        let loss = huber(Scalar, &[f32::NAN], &[0.5], &[1.0], 1.0, &mut losses, &mut d);
        assert!(loss.is_nan() && d[0].is_nan());
    }
}
