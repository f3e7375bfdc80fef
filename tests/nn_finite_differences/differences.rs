//! Central differences, and the gradient that they are compared with.
//!
//! A parameter whose two one-sided differences disagree stands at a kink (relu at 0, Huber at an error of 1) and is
//! skipped; nine of ten have to be smooth.

use crate::naive_forward::naive_forward;
use embedded_rl_checks::tolerance::{FINITE_DIFFERENCE, assert_close};
use embedded_rl_core::nn::{Lanes, NetworkSpec, Simd, WithSimd, network};
use embedded_rl_core::rng::{Generator, SeedableRng, normal};

const STEP: f64 = 1e-6;

pub(crate) const BATCHES: [usize; 3] = [1, 7, 64];

pub(crate) fn random(rng: &mut Generator, count: usize) -> Vec<f32> {
    (0..count).map(|_| normal(rng) as f32 * 0.7).collect()
}

pub(crate) fn double(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&value| f64::from(value)).collect()
}

/// Central differences of `of` at `at`; `None` at a kink.
pub(crate) fn differences(at: &[f64], of: impl Fn(&[f64]) -> f64) -> Vec<Option<f64>> {
    let here = of(at);
    let mut moved = at.to_vec();
    (0..at.len())
        .map(|index| {
            moved[index] = at[index] + STEP;
            let right = (of(&moved) - here) / STEP;
            moved[index] = at[index] - STEP;
            let left = (here - of(&moved)) / STEP;
            moved[index] = at[index];
            let smooth = (right - left).abs() <= 1e-4 * (1.0 + right.abs());
            smooth.then_some((right + left) / 2.0)
        })
        .collect()
}

/// Compares where there is a derivative, in units of the largest one.
pub(crate) fn assert_gradient(what: &str, got: &[f32], want: &[Option<f64>]) {
    let smooth = want.iter().flatten().count();
    assert!(10 * smooth >= 9 * want.len(), "{what}: {smooth} of {} are smooth", want.len());
    let largest = want.iter().flatten().fold(1e-3, |largest: f64, value| largest.max(value.abs()));
    let (got, want): (Vec<f32>, Vec<f64>) = got
        .iter()
        .zip(want)
        .filter_map(|(&got, &want)| Some(((f64::from(got) / largest) as f32, want? / largest)))
        .unzip();
    assert_close(what, &got, &want, FINITE_DIFFERENCE);
}

pub(crate) fn weighted_sum(values: &[f64], weights: &[f32]) -> f64 {
    values.iter().zip(weights).map(|(value, &weight)| value * f64::from(weight)).sum()
}

/// One forward and backward of a network by core: the gradient of all its parameters.
pub(crate) struct Gradient<'a> {
    pub(crate) spec: &'a NetworkSpec,
    pub(crate) batch: usize,
    pub(crate) parameters: &'a [f32],
    pub(crate) input: &'a [f32],
    pub(crate) d_output: &'a [f32],
}

impl WithSimd for Gradient<'_> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Vec<f32> {
        let Self { spec, batch, parameters, input, d_output } = self;
        let mut activations = vec![0.0; spec.activation_count(batch)];
        let mut workspace = vec![0.0; spec.workspace_count(batch)];
        let mut gradient = vec![0.0; parameters.len()];
        network::forward(simd, spec, parameters, batch, input, &mut activations);
        network::backward(
            simd,
            spec,
            parameters,
            batch,
            input,
            &activations,
            d_output,
            &mut workspace,
            &mut gradient,
        );
        gradient
    }
}

/// Compares the gradient of all parameters of `spec`, each with its own random numbers.
pub(crate) fn check_parameters(what: &str, spec: &NetworkSpec, batch: usize) {
    let rng = &mut Generator::seed_from_u64(9);
    let parameters = &random(rng, spec.parameter_count())[..];
    let input = &random(rng, batch * spec.inputs())[..];
    let d_output = &random(rng, batch * spec.outputs())[..];
    let wide_input = double(input);
    let want = differences(&double(parameters), |parameters| {
        weighted_sum(&naive_forward(spec, parameters, batch, &wide_input), d_output)
    });
    let gradient = Gradient { spec, batch, parameters, input, d_output };
    let got = Lanes::best().dispatch(gradient);
    assert_gradient(&format!("{what}, batch {batch}"), &got, &want);
}
