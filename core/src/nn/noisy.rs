//! Noise in the weights, for exploration: factorised Gaussian noise (Fortunato et al., 2018, equations 9 to 11).
//!
//! ```text
//! e_in [I], e_out [O] standard normal for each dense layer; f(x) = sign(x) sqrt(|x|)
//! n[i][o] = f(e_in[i]) f(e_out[o]) for a weight, n[o] = f(e_out[o]) for a bias
//! forward     effective = mean + deviation * n
//! backward    dmean     = deffective
//!             ddeviation = deffective * n
//! first       deviation = scale / sqrt(I); the means as any network's
//! ```
//!
//! A noisy network is the plain one run with `effective` in place of its parameters, so layers, files and firmware know
//! nothing of noise; a policy without noise is the network of the means. Every dense layer is noisy. The parameters of
//! other layers have a deviation, too, so that there is one number for each, but it is zero and stays so.
//!
//! A layer's noise is its `I` numbers `f(e_in)`, then its `O` numbers `f(e_out)`; layers follow each other.

use super::{Layer, NetworkSpec};
use crate::math;
use crate::rng::{Rng, normal_pair};
use pulp::Simd;

/// How many numbers one draw of noise has.
pub const fn noise_count<const KINDS: u32>(spec: &NetworkSpec<KINDS>) -> usize {
    let (mut total, mut index) = (0, 0);
    while index < spec.layers().len() {
        if let Layer::Dense { inputs, outputs } = &spec.layers()[index] {
            total += *inputs + *outputs;
        }
        index += 1;
    }
    total
}

/// Draws noise for all layers.
///
/// # Panics
/// If `noise` is not [`noise_count`] long.
pub fn draw<R: Rng + ?Sized, const KINDS: u32>(
    spec: &NetworkSpec<KINDS>,
    rng: &mut R,
    noise: &mut [f32],
) {
    assert_eq!(noise.len(), noise_count(spec), "noise of another network");
    let (pairs, last) = noise.as_chunks_mut::<2>();
    for pair in pairs {
        *pair = normal_pair(rng).map(signed_root);
    }
    for last in last {
        *last = signed_root(normal_pair(rng)[0]);
    }
}

fn signed_root(x: f64) -> f32 {
    let root = math::sqrt_f32(x.abs() as f32);
    if x < 0.0 { -root } else { root }
}

/// The first deviations: `scale / sqrt(inputs)` in dense layers, zero elsewhere.
///
/// # Panics
/// If `deviations` is not as long as `spec.parameter_count()`.
pub fn initialise(spec: &NetworkSpec, scale: f32, deviations: &mut [f32]) {
    assert_eq!(deviations.len(), spec.parameter_count(), "deviations of another network");
    let mut rest = deviations;
    for layer in spec.layers() {
        let (own, next) = rest.split_at_mut(layer.parameter_count());
        rest = next;
        own.fill(match layer {
            Layer::Dense { inputs, .. } => scale / math::sqrt_f32(*inputs as f32),
            _ => 0.0,
        });
    }
}

/// Writes the parameters with noise in them.
///
/// # Panics
/// If a length does not follow from the spec.
#[inline(always)]
pub fn perturb<S: Simd, const KINDS: u32>(
    simd: S,
    spec: &NetworkSpec<KINDS>,
    means: &[f32],
    deviations: &[f32],
    noise: &[f32],
    effective: &mut [f32],
) {
    effective.copy_from_slice(means);
    for_each_row(spec, noise, effective, deviations, |from_input, noise, effective, deviations| {
        add_noise(simd, from_input, noise, deviations, effective);
    });
}

/// Writes the gradient of the deviations from `d_effective`, that of the parameters with this noise in them.
///
/// # Panics
/// If a length does not follow from the spec.
#[inline(always)]
pub fn deviation_gradient<S: Simd, const KINDS: u32>(
    simd: S,
    spec: &NetworkSpec<KINDS>,
    noise: &[f32],
    d_effective: &[f32],
    d_deviations: &mut [f32],
) {
    d_deviations.fill(0.0);
    for_each_row(spec, noise, d_deviations, d_effective, |from_input, noise, sums, gradients| {
        add_noise(simd, from_input, noise, gradients, sums);
    });
}

/// Calls `visit(noise of the input, noise of the outputs, row of first, row of second)` for each row of each dense
/// layer's weights, then for its bias, whose input is one.
#[inline(always)]
fn for_each_row<const KINDS: u32>(
    spec: &NetworkSpec<KINDS>,
    noise: &[f32],
    first: &mut [f32],
    second: &[f32],
    visit: impl Fn(f32, &[f32], &mut [f32], &[f32]),
) {
    assert_eq!(noise.len(), noise_count(spec), "noise of another network");
    assert_eq!(first.len(), spec.parameter_count(), "parameters of another network");
    assert_eq!(second.len(), spec.parameter_count(), "parameters of another network");
    let (mut noise, mut first, mut second) = (noise, first, second);
    for layer in spec.layers() {
        let count = layer.parameter_count();
        let (own_first, later_first) = first.split_at_mut(count);
        let (own_second, later_second) = second.split_at(count);
        (first, second) = (later_first, later_second);
        let Layer::Dense { inputs, outputs } = layer else { continue };
        let (of_inputs, rest) = noise.split_at(*inputs);
        let (of_outputs, later_noise) = rest.split_at(*outputs);
        noise = later_noise;
        let rows = own_first.chunks_exact_mut(*outputs).zip(own_second.chunks_exact(*outputs));
        for ((first, second), &of_input) in rows.zip(of_inputs.iter().chain(&[1.0])) {
            visit(of_input, of_outputs, first, second);
        }
    }
}

/// `sums[o] += factors[o] * (of_input * of_outputs[o])`
#[inline(always)]
fn add_noise<S: Simd>(
    simd: S,
    of_input: f32,
    of_outputs: &[f32],
    factors: &[f32],
    sums: &mut [f32],
) {
    let of_inputs = simd.splat_f32s(of_input);
    let (noise, noise_tail) = S::as_simd_f32s(of_outputs);
    let (factors, factors_tail) = S::as_simd_f32s(factors);
    let (sums, sums_tail) = S::as_mut_simd_f32s(sums);
    for ((sum, &factor), &noise) in sums.iter_mut().zip(factors).zip(noise) {
        let noise = simd.mul_f32s(of_inputs, noise);
        *sum = simd.add_f32s(*sum, simd.mul_f32s(factor, noise));
    }
    for ((sum, &factor), &noise) in sums_tail.iter_mut().zip(factors_tail).zip(noise_tail) {
        *sum += factor * (of_input * noise);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Activation, Image};
    use super::*;
    use crate::rng::{Generator, SeedableRng};
    use pulp::Scalar;

    /// Two inputs with noise 2 and -1, two outputs with noise 3 and 0.5.
    #[test]
    fn effective_parameters_and_gradients_are_the_ones_by_hand() {
        let spec = NetworkSpec::input(2).dense(2);
        let noise = [2.0, -1.0, 3.0, 0.5];
        let means = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let deviations = [0.5, 1.0, 1.0, 2.0, 10.0, 20.0];
        let mut effective = [0.0; 6];
        perturb(Scalar, &spec, &means, &deviations, &noise, &mut effective);
        assert_eq!(effective, [4.0, 3.0, 0.0, 3.0, 35.0, 16.0]);
        let mut d = [7.0; 6];
        deviation_gradient(Scalar, &spec, &noise, &[1.0, 1.0, 1.0, 2.0, 4.0, 8.0], &mut d);
        assert_eq!(d, [6.0, 1.0, -3.0, -1.0, 12.0, 4.0]);
    }

    #[test]
    fn only_dense_layers_are_noisy_and_a_wide_one_starts_with_less() {
        const NET: NetworkSpec = NetworkSpec::image(Image::channels_last(2, 2, 1))
            .conv2d(4, [2, 2], [1, 1], [0, 0])
            .batch_norm()
            .activation(Activation::Relu)
            .dense(3);
        assert_eq!(noise_count(&NET), 4 + 3);
        let mut deviations = [7.0; NET.parameter_count()];
        initialise(&NET, 0.5, &mut deviations);
        let (others, dense) = deviations.split_at(NET.parameter_count() - 15);
        assert!(others.iter().all(|&deviation| deviation == 0.0));
        assert_eq!(dense, [0.25; 15]);

        let mut noise = [0.0; noise_count(&NET)];
        draw(&NET, &mut Generator::seed_from_u64(1), &mut noise);
        let (means, mut effective) = ([1.0; NET.parameter_count()], [0.0; NET.parameter_count()]);
        perturb(Scalar, &NET, &means, &deviations, &noise, &mut effective);
        assert!(effective[..others.len()].iter().all(|&parameter| parameter == 1.0));
        assert!(effective[others.len()..].iter().all(|&parameter| parameter != 1.0));
    }

    /// f(e)^2 = |e|, whose mean is sqrt(2 / pi); f is odd.
    #[test]
    fn noise_is_the_signed_root_of_a_normal_draw() {
        assert_eq!([4.0, -4.0, 0.0].map(signed_root), [2.0, -2.0, 0.0]);
        let spec = NetworkSpec::input(5_000).dense(5_001);
        let mut noise = [0.0; 10_001];
        draw(&spec, &mut Generator::seed_from_u64(2), &mut noise);
        let mean = noise.iter().sum::<f32>() / 1e4;
        let squares = noise.iter().map(|x| x * x).sum::<f32>() / 1e4;
        assert!(mean.abs() < 0.03, "{mean}");
        assert!((squares - (2.0 / core::f32::consts::PI).sqrt()).abs() < 0.02, "{squares}");
    }
}
