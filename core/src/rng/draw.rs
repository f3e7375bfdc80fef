//! The draws themselves, in numpy's arithmetic: given numpy's bits they return numpy's numbers.
//!
//! `random`, `uniform`, `integers` and `choice` equal the methods of `numpy.random.Generator` (numpy 2) bit for
//! bit when the generator is [`super::NumpyGenerator`]; `categorical` equals Gymnasium's `categorical_sample`.
//! `normal` is this project's own (numpy's is a ziggurat with tables).

use super::Rng;
use crate::math;

/// A number in `[0, 1)` with 53 random bits.
#[inline]
pub fn random<R: Rng + ?Sized>(rng: &mut R) -> f64 {
    (rng.next_u64() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
}

/// A number in `[low, high)`.
#[inline]
pub fn uniform<R: Rng + ?Sized>(rng: &mut R, low: f64, high: f64) -> f64 {
    low + (high - low) * random(rng)
}

/// A whole number in `low..high`, each as likely: Lemire's multiply and reject (2019, algorithm 5). A range of
/// one value draws nothing; ranges up to `2^32` values draw 32 bits a try, wider ones 64.
///
/// # Panics
/// If the range is empty.
#[inline]
pub fn integers<R: Rng + ?Sized>(rng: &mut R, low: i64, high: i64) -> i64 {
    assert!(low < high, "integers: the range {low}..{high} is empty");
    let last = high.wrapping_sub(low).wrapping_sub(1) as u64;
    let offset = match u32::try_from(last) {
        Ok(0) => 0,
        Ok(u32::MAX) => u64::from(rng.next_u32()),
        Ok(last) => u64::from(below_u32(rng, last + 1)),
        Err(_) if last == u64::MAX => rng.next_u64(),
        Err(_) => below_u64(rng, last + 1),
    };
    low.wrapping_add(offset as i64)
}

fn below_u32<R: Rng + ?Sized>(rng: &mut R, count: u32) -> u32 {
    let mut product = u64::from(rng.next_u32()) * u64::from(count);
    if (product as u32) < count {
        let threshold = count.wrapping_neg() % count;
        while (product as u32) < threshold {
            product = u64::from(rng.next_u32()) * u64::from(count);
        }
    }
    (product >> 32) as u32
}

fn below_u64<R: Rng + ?Sized>(rng: &mut R, count: u64) -> u64 {
    let mut product = u128::from(rng.next_u64()) * u128::from(count);
    if (product as u64) < count {
        let threshold = count.wrapping_neg() % count;
        while (product as u64) < threshold {
            product = u128::from(rng.next_u64()) * u128::from(count);
        }
    }
    (product >> 64) as u64
}

/// One of `values`, each as likely: one [`integers`] draw.
///
/// # Panics
/// If `values` is empty.
pub fn choice<T: Copy, R: Rng + ?Sized>(rng: &mut R, values: &[T]) -> T {
    values[integers(rng, 0, values.len() as i64) as usize]
}

/// The first index whose cumulative probability exceeds one [`random`] draw, as Gymnasium's
/// `categorical_sample`; index 0 where rounding leaves none, as there.
pub fn categorical<R: Rng + ?Sized>(rng: &mut R, probabilities: &[f64]) -> usize {
    let drawn = random(rng);
    let mut cumulative = 0.0;
    probabilities
        .iter()
        .position(|&probability| {
            cumulative += probability;
            cumulative > drawn
        })
        .unwrap_or(0)
}

/// A number of the standard normal distribution: Box and Muller (1958), the cosine half, two [`random`] draws.
pub fn normal<R: Rng + ?Sized>(rng: &mut R) -> f64 {
    // 1 - u is in (0, 1], where the logarithm is finite.
    let radius = math::sqrt(-2.0 * math::ln(1.0 - random(rng)));
    radius * math::cos(core::f64::consts::TAU * random(rng))
}

/// Two independent numbers of the standard normal distribution for the draws of one: both halves of Box and Muller's
/// transform, the cosine's first, which is what [`normal`] would have given.
pub fn normal_pair<R: Rng + ?Sized>(rng: &mut R) -> [f64; 2] {
    let radius = math::sqrt(-2.0 * math::ln(1.0 - random(rng)));
    let angle = core::f64::consts::TAU * random(rng);
    [radius * math::cos(angle), radius * math::sin(angle)]
}

#[cfg(test)]
mod tests {
    use super::super::{NumpyGenerator, SeedableRng};
    use super::*;

    /// `g = np.random.default_rng(7)`, then the calls named, numpy 2.4.
    #[test]
    fn draws_equal_numpy() {
        let g = &mut NumpyGenerator::new(7);
        assert_eq!(random(g), 0.625095466604667);
        assert_eq!(uniform(g, -3.0, 5.0), 4.177710407756604);
        for expected in [1565, 5513, 6672] {
            assert_eq!(integers(g, -9999, 9999), expected);
        }
        assert_eq!(integers(g, 5, 6), 5);
        assert_eq!(integers(g, 0, 1 << 40), 330036320526);
        assert_eq!(choice(g, &[10, 20, 30, 40]), 10);
        assert_eq!(integers(g, i64::MIN, i64::MAX), 6890844805077280563);
        assert_eq!(integers(g, 0, 1 << 32), 3919686768);
    }

    #[test]
    fn a_rejecting_range_stays_uniform() {
        // 3 * 2^30 values: a quarter of the 32-bit draws is rejected.
        let rng = &mut super::super::Generator::seed_from_u64(1);
        let count = 3i64 << 30;
        let low_half = (0..10_000).filter(|_| integers(rng, 0, count) < count / 2).count();
        assert!((4_800..5_200).contains(&low_half), "{low_half} of 10,000 in the lower half");
    }

    #[test]
    fn categorical_takes_the_first_index_past_the_draw() {
        let rng = &mut super::super::Generator::seed_from_u64(3);
        let mut counts = [0; 3];
        for _ in 0..30_000 {
            counts[categorical(rng, &[0.2, 0.0, 0.8])] += 1;
        }
        assert_eq!(counts[1], 0);
        assert!((5_700..6_300).contains(&counts[0]), "{counts:?}");
    }

    #[test]
    fn a_pair_is_normal_and_its_halves_do_not_follow_each_other() {
        let (one, two) = (
            &mut super::super::Generator::seed_from_u64(5),
            &mut super::super::Generator::seed_from_u64(5),
        );
        let (mut sum, mut squares, mut products) = (0.0, 0.0, 0.0);
        for _ in 0..100_000 {
            let [x, y] = normal_pair(one);
            assert_eq!(x, normal(two));
            sum += y;
            squares += y * y;
            products += x * y;
        }
        assert!((sum / 1e5).abs() < 0.01 && (squares / 1e5 - 1.0).abs() < 0.02);
        assert!((products / 1e5).abs() < 0.01);
    }

    #[test]
    fn normal_has_mean_zero_and_variance_one() {
        let rng = &mut super::super::Generator::seed_from_u64(5);
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..100_000 {
            let x = normal(rng);
            sum += x;
            squares += x * x;
        }
        assert!((sum / 1e5).abs() < 0.01 && (squares / 1e5 - 1.0).abs() < 0.02);
    }
}
