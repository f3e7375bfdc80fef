//! Quantiles: their loss and its gradient, and what descent along it comes to.

use crate::recorded::{Step, cases, flat, step};
use embedded_rl_checks::golden_network::single;
use embedded_rl_checks::tolerance::{FINITE_DIFFERENCE, GRADIENT, LOSS, assert_close};
use embedded_rl_core::bellman::one_step;
use embedded_rl_core::distribution::quantile;
use embedded_rl_core::nn::{Lanes, Simd, WithSimd};
use embedded_rl_core::policy::greedy;
use embedded_rl_core::rng::{Generator, SeedableRng, normal};

pub(crate) struct Quantiles<'a> {
    pub(crate) values: &'a [f32],
    pub(crate) fractions: &'a [f32],
    pub(crate) targets: &'a [f32],
    pub(crate) factor: f32,
}

impl WithSimd for &Quantiles<'_> {
    type Output = (f32, Vec<f32>);

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
        let Quantiles { values, fractions, targets, factor } = *self;
        let (mut losses, mut d) = (vec![f32::NAN; values.len()], vec![f32::NAN; values.len()]);
        let loss = quantile::huber(simd, values, fractions, targets, factor, &mut losses, &mut d);
        (loss, d)
    }
}

fn midpoints(count: usize) -> Vec<f32> {
    (0..count).map(|index| quantile::midpoint(index, count)).collect()
}

#[test]
fn quantile_losses_and_gradients_are_rlaxs() {
    for case in cases("quantiles") {
        let Step { action, reward, discount } = step(&case);
        let rows = |name: &str| single(&flat(&case[name]));
        let (values, next_values) = (rows("values"), rows("next_values"));
        let count = values.len() / case["values"].as_array().unwrap().len();
        let means: Vec<f32> = next_values.chunks(count).map(|row| row.iter().sum()).collect();
        let follows = &next_values[greedy(&means) as usize * count..][..count];
        let targets: Vec<f32> = follows.iter().map(|&v| one_step(reward, discount, v)).collect();
        let values = &values[action * count..][..count];
        let all =
            Quantiles { values, fractions: &midpoints(count), targets: &targets, factor: 1.0 };
        let (loss, d) = Lanes::best().dispatch(&all);
        let what = format!("{count} quantiles");
        assert_close(&what, &[loss], &[case["loss"].as_f64().unwrap()], LOSS);
        let gradient = &flat(&case["grad"])[action * count..][..count];
        assert_close(&what, &d, gradient, GRADIENT);
    }
}

/// Equation 10 of the paper in plain `f64`.
fn naive_huber(values: &[f64], fractions: &[f32], targets: &[f32]) -> f64 {
    let mut total = 0.0;
    for (value, &fraction) in values.iter().zip(fractions) {
        for &target in targets {
            let u = f64::from(target) - value;
            let h = if u.abs() <= 1.0 { u * u / 2.0 } else { u.abs() - 0.5 };
            total += (f64::from(fraction) - f64::from(u < 0.0)).abs() * h / targets.len() as f64;
        }
    }
    total
}

#[test]
fn quantile_gradients_equal_finite_differences_with_the_same_bits_on_all_lanes() {
    let rng = &mut Generator::seed_from_u64(21);
    for (count, others) in [(1, 1), (3, 8), (8, 64), (32, 32), (51, 5), (17, 1)] {
        let mut random =
            |count: usize| (0..count).map(|_| 1.5 * normal(rng) as f32).collect::<Vec<_>>();
        let (values, targets, factor) = (random(count), random(others), 0.75);
        for fractions in [midpoints(count), random(count).iter().map(|x| x.sin().abs()).collect()] {
            let all =
                Quantiles { values: &values, fractions: &fractions, targets: &targets, factor };
            let (loss, d) = Lanes::scalar().dispatch(&all);
            let wide: Vec<f64> = values.iter().map(|&value| f64::from(value)).collect();
            let what = format!("{count} values, {others} targets");
            assert_close(&what, &[loss], &[naive_huber(&wide, &fractions, &targets)], LOSS);
            // Both the loss and its slope are continuous, so differences are good everywhere.
            let differences: Vec<f64> = (0..count)
                .map(|index| {
                    let at = |step: f64| {
                        let mut moved = wide.clone();
                        moved[index] += step;
                        naive_huber(&moved, &fractions, &targets)
                    };
                    f64::from(factor) * (at(1e-6) - at(-1e-6)) / 2e-6
                })
                .collect();
            assert_close(&what, &d, &differences, FINITE_DIFFERENCE);
            for lanes in Lanes::available() {
                assert_eq!(lanes.dispatch(&all), (loss, d.clone()), "{what} on {}", lanes.name());
            }
        }
    }
}

#[test]
fn the_middle_quantiles_of_a_sample_are_found_by_descent() {
    // Twenty returns 0, 1, .. 19 under a Huber loss that is nearly absolute at their scale: the values settle near the
    // quantiles 10 %, 30 %, .. of the sample.
    let targets: Vec<f32> = (0..20).map(|value| value as f32 * 10.0).collect();
    let fractions = midpoints(5);
    let mut values = vec![90.0; 5];
    for _ in 0..4_000 {
        let all =
            Quantiles { values: &values, fractions: &fractions, targets: &targets, factor: 1.0 };
        let (_, d) = Lanes::best().dispatch(&all);
        values.iter_mut().zip(d).for_each(|(value, d)| *value -= d);
    }
    for (value, expected) in values.iter().zip([15.0, 55.0, 95.0, 135.0, 175.0]) {
        assert!((value - expected).abs() <= 5.5, "{values:?}");
    }
}
