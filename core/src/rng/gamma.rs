//! Draws from the gamma and beta distributions: what is believed of a probability after some tries.
//!
//! These are this project's own sequences of draws, the same on every target; numpy's differ.

use super::{Rng, normal, random};
use crate::math;

/// A number of the gamma distribution with this shape and a scale of 1 (mean and variance are both `shape`).
///
/// Marsaglia and Tsang (2000), whose method needs a shape of at least 1; smaller ones are drawn one higher and
/// multiplied by `u^(1 / shape)`, as they say.
///
/// # Panics
/// If `shape` is not positive.
pub fn gamma<R: Rng + ?Sized>(rng: &mut R, shape: f64) -> f64 {
    assert!(shape > 0.0, "gamma: the shape {shape} is not positive");
    if shape < 1.0 {
        let above = gamma(rng, shape + 1.0);
        // 1 - u is in (0, 1].
        return above * math::pow(1.0 - random(rng), 1.0 / shape);
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / math::sqrt(9.0 * d);
    loop {
        let x = normal(rng);
        let root = 1.0 + c * x;
        if root <= 0.0 {
            continue;
        }
        let v = root * root * root;
        let u = 1.0 - random(rng);
        // The squeeze: most draws are accepted without a logarithm, and all of these by the logarithms too.
        if u < 1.0 - 0.0331 * (x * x) * (x * x) {
            return d * v;
        }
        if math::ln(u) < 0.5 * x * x + d - d * v + d * math::ln(v) {
            return d * v;
        }
    }
}

/// A number of the beta distribution on `[0, 1]`, with the mean `a / (a + b)`: two [`gamma`] draws, `a`'s first.
///
/// # Panics
/// If `a` or `b` is not positive.
pub fn beta<R: Rng + ?Sized>(rng: &mut R, a: f64, b: f64) -> f64 {
    let for_a = gamma(rng, a);
    let for_b = gamma(rng, b);
    for_a / (for_a + for_b)
}

#[cfg(test)]
mod tests {
    use super::super::{Generator, SeedableRng};
    use super::*;

    /// Mean and variance of 50,000 draws.
    fn moments(mut draw: impl FnMut() -> f64) -> (f64, f64) {
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..50_000 {
            let x = draw();
            sum += x;
            squares += x * x;
        }
        let mean = sum / 5e4;
        (mean, squares / 5e4 - mean * mean)
    }

    #[test]
    fn gamma_has_its_shape_as_mean_and_variance() {
        let rng = &mut Generator::seed_from_u64(6);
        for shape in [0.3, 1.0, 4.5] {
            let (mean, variance) = moments(|| gamma(rng, shape));
            assert!((mean / shape - 1.0).abs() < 0.03, "shape {shape}: mean {mean}");
            assert!((variance / shape - 1.0).abs() < 0.06, "shape {shape}: variance {variance}");
        }
    }

    /// The variance is a b / ((a + b)^2 (a + b + 1)).
    #[test]
    fn beta_has_the_moments_of_the_distribution() {
        let rng = &mut Generator::seed_from_u64(6);
        for (a, b) in [(1.0, 1.0), (2.0, 5.0), (0.5, 0.5), (30.0, 10.0)] {
            let (mean, variance) = moments(|| beta(rng, a, b));
            let sum: f64 = a + b;
            assert!((mean - a / sum).abs() < 0.008, "({a}, {b}): mean {mean}");
            let expected = a * b / (sum * sum * (sum + 1.0));
            assert!((variance / expected - 1.0).abs() < 0.04, "({a}, {b}): variance {variance}");
        }
    }

    /// Beta(2, 1) has the distribution function x^2.
    #[test]
    fn a_quarter_of_beta_two_one_lies_below_a_half() {
        let rng = &mut Generator::seed_from_u64(6);
        let below = (0..20_000).filter(|_| beta(rng, 2.0, 1.0) < 0.5).count();
        assert!((4_750..5_250).contains(&below), "{below} of 20,000");
    }
}
