//! One input alone gives the bits of its row in a batch, trained on or only asked.

use crate::bits::{BATCHES, bits, random};
use crate::updates::{Updates, network_of_every_layer};
use embedded_rl_core::nn::{
    Activation, Initialisation, Lanes, NetworkSpec, Simd, WithSimd, network,
};
use embedded_rl_core::rng::{Generator, SeedableRng};

struct BatchInfer<'a>(&'a NetworkSpec, &'a [f32], usize, &'a [f32]);

impl WithSimd for BatchInfer<'_> {
    type Output = Vec<u32>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Vec<u32> {
        let Self(spec, parameters, batch, input) = self;
        let mut activations = vec![f32::NAN; spec.activation_count(batch)];
        network::infer_batch(simd, spec, parameters, batch, input, &mut activations);
        bits(network::output(spec, batch, &activations))
    }
}

#[test]
fn one_input_alone_gives_the_bits_of_its_row_in_a_batch_inferred_together() {
    let spec = network_of_every_layer();
    let parameters: Vec<f32> = Lanes::best()
        .dispatch(Updates(&spec, 9, Initialisation::Orthogonal))
        .into_iter()
        .map(f32::from_bits)
        .collect();
    let input = random(&mut Generator::seed_from_u64(9), 5 * spec.inputs());
    for lanes in Lanes::available() {
        let rows = lanes.dispatch(BatchInfer(&spec, &parameters, 5, &input));
        for (one, row) in input.chunks(spec.inputs()).zip(rows.chunks(spec.outputs())) {
            let mut scratch = vec![f32::NAN; spec.scratch_count()];
            let found = network::infer(lanes, &spec, &parameters, one, &mut scratch);
            assert_eq!(bits(found), row, "{}", lanes.name());
        }
    }
}

struct BatchForward<'a>(&'a NetworkSpec, &'a [f32], usize, &'a [f32]);

impl WithSimd for BatchForward<'_> {
    type Output = Vec<u32>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Vec<u32> {
        let Self(spec, parameters, batch, input) = self;
        let mut activations = vec![f32::NAN; spec.activation_count(batch)];
        network::forward(simd, spec, parameters, batch, input, &mut activations);
        bits(network::output(spec, batch, &activations))
    }
}

#[test]
fn one_input_alone_gives_the_bits_of_its_row_in_a_batch() {
    for function in [Activation::Relu, Activation::Elu, Activation::Tanh, Activation::Sigmoid] {
        for sizes in [&[8, 64, 64, 4][..], &[1, 1], &[3, 5, 17, 1], &[5, 33, 2], &[6, 100, 40]] {
            let rng = &mut Generator::seed_from_u64(4);
            let spec = NetworkSpec::mlp(sizes, function).activation(function);
            let mut parameters = vec![0.0; spec.parameter_count()];
            Initialisation::HeNormal.draw(&spec, rng, &mut parameters);
            for batch in BATCHES {
                let input = random(rng, batch * spec.inputs());
                for lanes in Lanes::available() {
                    let rows = lanes.dispatch(BatchForward(&spec, &parameters, batch, &input));
                    for (b, row) in rows.chunks_exact(spec.outputs()).enumerate() {
                        let one = &input[b * spec.inputs()..][..spec.inputs()];
                        let mut scratch = vec![f32::NAN; spec.scratch_count()];
                        let found = network::infer(lanes, &spec, &parameters, one, &mut scratch);
                        assert_eq!(
                            bits(found),
                            row,
                            "{sizes:?}, row {b} of {batch}, {}",
                            lanes.name()
                        );
                    }
                }
            }
        }
    }
}
