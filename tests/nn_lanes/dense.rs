//! Dense layers against one plain loop an index.

use crate::bits::{BATCHES, LayerBits, bits, random};
use embedded_rl_core::nn::{Lanes, Simd, WithSimd, dense};
use embedded_rl_core::rng::{Generator, SeedableRng};

const SHAPES: [(usize, usize); 7] = [(1, 1), (3, 5), (17, 1), (5, 33), (8, 64), (64, 4), (19, 39)];

struct DenseCase {
    inputs: usize,
    outputs: usize,
    batch: usize,
    parameters: Vec<f32>,
    input: Vec<f32>,
    d_output: Vec<f32>,
    d_before: Vec<f32>,
}

impl DenseCase {
    fn new(inputs: usize, outputs: usize, batch: usize) -> Self {
        let rng = &mut Generator::seed_from_u64(3);
        let count = inputs * outputs + outputs;
        let [parameters, d_before] = [random(rng, count), random(rng, count)];
        let (input, d_output) = (random(rng, batch * inputs), random(rng, batch * outputs));
        Self { inputs, outputs, batch, parameters, input, d_output, d_before }
    }

    /// The formulas of dense.rs with one plain loop an index.
    fn naive(&self) -> LayerBits {
        let Self { inputs, outputs, batch, parameters, input, d_output, d_before } = self;
        let (inputs, outputs, batch) = (*inputs, *outputs, *batch);
        let mut output = vec![0.0; batch * outputs];
        let mut d_input = vec![0.0; batch * inputs];
        let mut d_parameters = d_before.clone();
        for b in 0..batch {
            for o in 0..outputs {
                let mut sum = parameters[inputs * outputs + o];
                for i in 0..inputs {
                    sum += input[b * inputs + i] * parameters[i * outputs + o];
                }
                output[b * outputs + o] = sum;
                d_parameters[inputs * outputs + o] += d_output[b * outputs + o];
            }
            for i in 0..inputs {
                let mut sum = 0.0;
                for o in 0..outputs {
                    sum += d_output[b * outputs + o] * parameters[i * outputs + o];
                    d_parameters[i * outputs + o] +=
                        input[b * inputs + i] * d_output[b * outputs + o];
                }
                d_input[b * inputs + i] = sum;
            }
        }
        LayerBits {
            output: bits(&output),
            d_input: bits(&d_input),
            d_parameters: bits(&d_parameters),
        }
    }
}

impl WithSimd for &DenseCase {
    type Output = LayerBits;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> LayerBits {
        let DenseCase { inputs, outputs, batch, parameters, input, d_output, d_before } = self;
        let (inputs, outputs, batch) = (*inputs, *outputs, *batch);
        let mut output = vec![f32::NAN; batch * outputs];
        dense::forward(simd, inputs, outputs, batch, parameters, input, &mut output);
        let mut d_input = vec![f32::NAN; batch * inputs];
        let mut d_parameters = d_before.clone();
        let mut workspace = vec![f32::NAN; inputs * outputs];
        dense::backward(
            simd,
            inputs,
            outputs,
            batch,
            parameters,
            input,
            d_output,
            Some(&mut d_input),
            &mut d_parameters,
            &mut workspace,
        );
        LayerBits {
            output: bits(&output),
            d_input: bits(&d_input),
            d_parameters: bits(&d_parameters),
        }
    }
}

#[test]
fn dense_layers_equal_their_naive_twin_bit_for_bit() {
    for (inputs, outputs) in SHAPES {
        for batch in BATCHES {
            let case = DenseCase::new(inputs, outputs, batch);
            let expected = case.naive();
            for lanes in Lanes::available() {
                let found = lanes.dispatch(&case);
                assert_eq!(found, expected, "{inputs}x{outputs}, batch {batch}, {}", lanes.name());
            }
        }
    }
}
