//! Noise in weights: outputs, and gradients of means and of deviations.

use crate::recorded::{cases, flat};
use embedded_rl_checks::golden_network::{numbers, single, sizes};
use embedded_rl_checks::tolerance::{GRADIENT, NETWORK_OUTPUT, Tolerance, assert_close};
use embedded_rl_core::nn::{Activation, Lanes, NetworkSpec, Simd, WithSimd, network, noisy};

struct Noisy<'a> {
    spec: NetworkSpec,
    batch: usize,
    means: &'a [f32],
    deviations: &'a [f32],
    noise: &'a [f32],
    input: &'a [f32],
}

impl WithSimd for &Noisy<'_> {
    type Output = [Vec<f32>; 3];

    /// The output, and the gradients of the sum of its squares: of the means and of the deviations.
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
        let Noisy { spec, batch, means, deviations, noise, input } = self;
        let count = spec.parameter_count();
        let (mut effective, mut d_means) = (vec![f32::NAN; count], vec![0.0; count]);
        let mut d_deviations = vec![f32::NAN; count];
        noisy::perturb(simd, spec, means, deviations, noise, &mut effective);
        let mut activations = vec![f32::NAN; spec.activation_count(*batch)];
        network::forward(simd, spec, &effective, *batch, input, &mut activations);
        let output = network::output(spec, *batch, &activations).to_vec();
        let d_output: Vec<f32> = output.iter().map(|y| 2.0 * y).collect();
        network::backward(
            simd,
            spec,
            &effective,
            *batch,
            input,
            &activations,
            &d_output,
            &mut vec![f32::NAN; spec.workspace_count(*batch)],
            &mut d_means,
        );
        noisy::deviation_gradient(simd, spec, noise, &d_means, &mut d_deviations);
        [output, d_means, d_deviations]
    }
}

#[test]
fn noisy_networks_and_their_gradients_are_jaxs_on_all_lanes() {
    for case in cases("noisy") {
        let spec = NetworkSpec::mlp(&sizes(&case["sizes"]), Activation::Relu);
        let list = |name: &str| single(&numbers(&case[name]));
        let [means, deviations, noise] = ["means", "deviations", "noise"].map(list);
        let noise: Vec<f32> = noise.iter().map(|x| x.abs().sqrt() * x.signum()).collect();
        let input = single(&flat(&case["input"]));
        let batch = input.len() / spec.inputs();
        let network = Noisy {
            spec,
            batch,
            means: &means,
            deviations: &deviations,
            noise: &noise,
            input: &input,
        };
        let [output, d_means, d_deviations] = Lanes::scalar().dispatch(&network);
        assert_close("output", &output, &flat(&case["output"]), NETWORK_OUTPUT);
        for (name, found) in [("d_means", &d_means), ("d_deviations", &d_deviations)] {
            assert_close(
                name,
                found,
                &numbers(&case[name]),
                Tolerance { absolute: 1e-5, ..GRADIENT },
            );
        }
        for lanes in Lanes::available() {
            let same =
                lanes.dispatch(&network) == [&output, &d_means, &d_deviations].map(Vec::clone);
            assert!(same, "other bits on {}", lanes.name());
        }
    }
}
